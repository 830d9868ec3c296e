"""What each op of a commit does to a room's members and policy, and who may do it.

Ops are performed in their order, each under the roles that those before it have left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ymera_client.crypto.commits import (
    Access,
    Add,
    Adders,
    DevUp,
    Leave,
    Op,
    Policy,
    Remove,
    Retention,
    Role,
    Rotate,
    SetRole,
)
from ymera_client.crypto.errors import Cx1Error, Fault, require
from ymera_client.crypto.identity import Chain, History
from ymera_client.crypto.links import Pin

Directory = Mapping[bytes, History]
"""Verified chains by fp; there must be one for everybody whom a log names."""


@dataclass(frozen=True, slots=True)
class Member:
    """A member: its role, the pinned place in its chain, and the first epoch that was made for it too."""

    role: Role
    pin: Pin
    since: int


@dataclass(slots=True)
class Draft:
    """A room's members and policy while the ops of one commit are performed."""

    author_fp: bytes
    directory: Directory
    epoch: int
    """That the commit makes, if it makes one."""
    policy: Policy
    members: dict[bytes, Member]
    former: dict[bytes, Pin]
    done: set[type[Op]] = field(default_factory=set)
    revoked: bool = False
    """Whether a device that could read no longer may."""
    enlarged: bool = False
    """Whether a member has a further device."""

    @property
    def must_rotate(self) -> bool:
        """Whether the ops need a new epoch. A device cannot be granted one whose secret all have deleted."""
        ephemeral = self.policy.retention is Retention.EPHEMERAL
        return (
            bool(self.done & {Policy, Add, Remove, Rotate}) or self.revoked or (ephemeral and self.enlarged)
        )

    @property
    def shared(self) -> bool:
        """What `share` says in the epoch that the commit makes."""
        return self.policy.history is Access.SHARED or Add not in self.done

    @property
    def wraps(self) -> bool:
        """Whether the new epoch's secret opens the one before."""
        keeps = self.policy.retention is Retention.KEEP
        return self.shared and keeps and Policy not in self.done and self.epoch > 1


def chain_of(directory: Directory, fp: bytes) -> History:
    """A member's chain; refuses where it is not known."""
    history = directory.get(fp)
    if history is None:
        raise Cx1Error(Fault.CHAIN_MISSING, "the chain of a member is not known", fp=fp.hex())
    return history


def chain_at(directory: Directory, fp: bytes, pin: Pin) -> Chain:
    """A member's chain at a pin; refuses where the chain is not known that far, or is another."""
    return chain_of(directory, fp).at(pin)


def perform(draft: Draft, ops: Sequence[Op]) -> None:
    """Perform the ops of a commit by `draft.author_fp`, a member, or refuse them."""
    require(ops, Fault.OPS_EMPTY, "a commit has at least one op")
    require(
        len(ops) == 1 or not any(isinstance(op, Leave) for op in ops),
        Fault.LEAVE_ALONE,
        "leaving is a commit of its own",
    )
    for op in ops:
        _perform(draft, op)
        draft.done.add(type(op))
    require(
        any(member.role is Role.OWNER for member in draft.members.values()),
        Fault.LAST_OWNER,
        "a room keeps at least one owner",
    )


def _perform(draft: Draft, op: Op) -> None:
    match op:
        case Policy():
            _require_role(draft, Role.ADMIN)
            draft.policy = op
        case Add():
            _add(draft, op)
        case Remove():
            _remove(draft, op)
        case SetRole():
            _require_role(draft, Role.OWNER)
            draft.members[op.fp] = replace(_member(draft, op.fp), role=op.role)
        case Leave():
            draft.former[draft.author_fp] = draft.members.pop(draft.author_fp).pin
        case DevUp():
            _repin(draft, op)
        case Rotate():
            pass  # Any member may, and nothing but the epoch changes.


def _require_role(draft: Draft, least: Role) -> Role:
    role = draft.members[draft.author_fp].role
    require(role >= least, Fault.OP_ROLE, f"only a member of role {least.name.lower()} or above may do this")
    return role


def _member(draft: Draft, fp: bytes) -> Member:
    member = draft.members.get(fp)
    if member is None:
        raise Cx1Error(Fault.OP_TARGET, "the op is about nobody in this room")
    return member


def _add(draft: Draft, op: Add) -> None:
    anybody = draft.policy.who_add is Adders.MEMBERS
    role = _require_role(draft, Role.MEMBER if anybody else Role.ADMIN)
    require(
        role is Role.OWNER or op.role <= Role.MEMBER,
        Fault.OP_RANK,
        "only an owner adds admins and owners",
    )
    require(op.fp not in draft.members, Fault.MEMBER_ALREADY, "they are a member already")
    before = draft.former.pop(op.fp, None)
    require(
        before is None or op.pin.seq >= before.seq,
        Fault.PIN_ROLLBACK,
        "the chain of a former member was pinned further on",
    )
    chain_at(draft.directory, op.fp, op.pin)
    draft.members[op.fp] = Member(op.role, op.pin, draft.epoch)


def _remove(draft: Draft, op: Remove) -> None:
    role = _require_role(draft, Role.ADMIN)
    require(
        op.fp != draft.author_fp, Fault.REMOVES_SELF, "who goes cannot make the next epoch; leave instead"
    )
    target = _member(draft, op.fp)
    require(
        role is Role.OWNER or target.role < role, Fault.OP_RANK, "an admin removes only those of a lower role"
    )
    draft.former[op.fp] = draft.members.pop(op.fp).pin


def _repin(draft: Draft, op: DevUp) -> None:
    member = _member(draft, op.fp)
    require(op.pin.seq > member.pin.seq, Fault.PIN_ROLLBACK, "the chain is pinned this far already")
    old, new = (chain_at(draft.directory, op.fp, pin).active_ids() for pin in (member.pin, op.pin))
    draft.revoked |= not old <= new
    draft.enlarged |= not new <= old
    draft.members[op.fp] = replace(member, pin=op.pin)
