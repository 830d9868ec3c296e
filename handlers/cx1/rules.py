"""What each op of a commit may do, and does: ops are judged one after another on a draft of the room."""

from collections import defaultdict
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from handlers.cx1.commits import (
    ADMIN,
    EPHEMERAL,
    MEMBER,
    MEMBERS_ADD,
    OWNER,
    Add,
    Commit,
    DevUp,
    Leave,
    Op,
    Pin,
    Policy,
    Remove,
    Rotate,
    SetRole,
)
from handlers.cx1.errors import Refused, require
from handlers.cx1.identity import Device, Identity

Identities = Mapping[bytes, Identity]
"""Chains by fp."""


class Member(Struct, frozen=True, array_like=True):
    """Somebody in a room."""

    role: int
    pin: Pin
    since: int
    """The epoch that was made when they came."""
    first: int
    """The first epoch that they can walk back to from there."""


class Active(Struct, frozen=True, array_like=True):
    """A device that receives the room's epochs and may sign for its user."""

    fp: bytes
    ed_pk: bytes


def pinned(identities: Identities, fp: bytes, pin: Pin) -> dict[bytes, Device]:
    """Somebody's active devices at a pin."""
    identity = identities.get(fp)
    if identity is None:
        raise Refused("chain_missing", "The server has no chain of somebody that this pins.")
    return identity.active_at(pin.seq, pin.head)


class Draft:
    """A room while the ops of one commit are judged.

    `needs_epoch`, `has_add` and `has_policy` are what its rules about epochs will ask for.
    """

    def __init__(
        self,
        policy: Policy,
        members: Mapping[bytes, Member],
        former: Mapping[bytes, int],
        active: Mapping[bytes, Active],
    ) -> None:
        self.policy = policy
        self.members = dict(members)
        self.former = dict(former)
        self.has_add = self.has_policy = self.needs_epoch = self.has_leave = False
        self._devices: dict[bytes, dict[bytes, Active]] = defaultdict(dict)
        for device_id, device in active.items():
            self._devices[device.fp][device_id] = device

    @property
    def active(self) -> dict[bytes, Active]:
        """All active devices of all members, by id."""
        return {key: device for devices in self._devices.values() for key, device in devices.items()}

    def judge(self, op: Op, commit: Commit, identities: Identities, first: int) -> None:
        """Do what an op says, or refuse it. Who comes now can walk back to the epoch `first`."""
        author = commit.author_fp
        match op:
            case Policy():
                self._set_policy(op, author)
            case Add():
                self._add(op, author, identities, Member(op.role, op.pin, since=commit.epoch, first=first))
            case Remove():
                self._remove(op, author)
            case SetRole():
                self._set_role(op, author)
            case Leave():
                self._drop(author)
                self.has_leave = True
            case DevUp():
                self._devup(op, identities)
            case Rotate():
                self.needs_epoch = True

    def enter(self, fp: bytes, member: Member, devices: Mapping[bytes, Device]) -> None:
        """Have somebody among the members, with these devices."""
        self.members[fp] = member
        self._devices[fp] = {key: Active(fp, device.ed_pk) for key, device in devices.items()}

    def _drop(self, fp: bytes) -> None:
        self.former[fp] = self.members.pop(fp).pin.seq
        self._devices.pop(fp, None)

    def _target(self, fp: bytes) -> Member:
        member = self.members.get(fp)
        if member is None:
            raise Refused("op_target", "Whom this is about is not in the room.")
        return member

    def _set_policy(self, op: Policy, author: bytes) -> None:
        may = self.members[author].role >= ADMIN
        require(may, "op_role", "Only admins and owners change the policy.")
        self.policy = op
        self.has_policy = self.needs_epoch = True

    def _add(self, op: Add, author: bytes, identities: Identities, member: Member) -> None:
        role = self.members[author].role
        least = MEMBER if self.policy.who_add == MEMBERS_ADD else ADMIN
        require(role >= least, "op_role", "The policy of the room does not let you add anybody.")
        require(role == OWNER or op.role <= MEMBER, "op_rank", "Only owners add admins and owners.")
        require(op.fp not in self.members, "member_already", "Who is added is in the room already.")
        newer = op.pin.seq >= self.former.pop(op.fp, 0)
        require(newer, "pin_rollback", "The room knew the chain of who is added further on already.")
        self.enter(op.fp, member, pinned(identities, op.fp, op.pin))
        self.has_add = self.needs_epoch = True

    def _remove(self, op: Remove, author: bytes) -> None:
        role = self.members[author].role
        require(role >= ADMIN, "op_role", "Only admins and owners remove others.")
        require(op.fp != author, "removes_self", "Nobody removes themselves: leave instead.")
        target = self._target(op.fp)
        require(role == OWNER or target.role < role, "op_rank", "Admins remove only those of a lower role.")
        self._drop(op.fp)
        self.needs_epoch = True

    def _set_role(self, op: SetRole, author: bytes) -> None:
        may = self.members[author].role == OWNER
        require(may, "op_role", "Only owners give roles.")
        self.members[op.fp] = replace(self._target(op.fp), role=op.role)

    def _devup(self, op: DevUp, identities: Identities) -> None:
        member = self._target(op.fp)
        require(op.pin.seq > member.pin.seq, "pin_rollback", "The room knows this chain so far already.")
        devices = pinned(identities, op.fp, op.pin)
        before = self._devices[op.fp].keys()
        changed = before != devices.keys() if self.policy.retention == EPHEMERAL else before - devices.keys()
        if changed:
            self.needs_epoch = True
        self.enter(op.fp, replace(member, pin=op.pin), devices)
