"""Sealed rooms as programs see them: values that never change, without keys; ask again for newer ones."""

from dataclasses import dataclass
from typing import Any, Literal

from ymera_client.generated import Form

State = Literal["off", "starting", "none", "elsewhere", "ready"]
"""How this device stands: no keys; not opened yet; no identity; an identity that it is not in; in it."""
Trust = Literal["verified", "unverified", "changed"]
RoleName = Literal["reader", "member", "admin", "owner"]
History = Literal["shared", "from_join"]
WhoAdds = Literal["admins", "members"]
Retained = Literal["keep", "ephemeral"]
MarkKind = Literal["unreadable", "waiting", "before", "void", "erased"]
ChangeKind = Literal["made", "added", "role", "removed", "left", "rules", "devices", "keys"]


@dataclass(frozen=True, slots=True)
class Me:
    """The own identity and this device in it, as base64url."""

    fp: str
    device_id: str


@dataclass(frozen=True, slots=True)
class Status:
    """How this device stands."""

    state: State
    me: Me | None
    code_kept: bool | None
    """Whether the person has shown that they have the recovery code; `unkept_code` gives it until then.

    None where only another device can know, as on one that was linked.
    """
    backed_up: bool
    """Whether the secrets of rooms are kept for the recovery code."""
    revoked: bool
    """This device was in the identity, and was put out."""


@dataclass(frozen=True, slots=True)
class Whisper:
    """Something that was said in passing in a sealed room, and that nobody keeps."""

    room: str
    member_id: str
    fp: str
    """Whose device has signed it."""
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PolicyView:
    """A room's rules."""

    history: History
    who_add: WhoAdds
    retention: Retained
    rotate_msgs: int
    rotate_secs: int


@dataclass(frozen=True, slots=True)
class DeviceView:
    """A device of an identity, as its signed chain has it."""

    id: str
    active: bool
    own: bool
    """Whether it is this one."""


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member of a sealed room; `member_id` is the server's word for who has the identity `fp`.

    Of two identities in a room that the server gives to one member, the later is a stranger with an id of
    its own.
    """

    fp: str
    member_id: str
    role: RoleName
    trust: Trust
    agent: bool
    owner: str | None
    """Of an agent: the member of whom both sides say that it is theirs."""
    devices: tuple[DeviceView, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """Something in a room that is not shown like the rest, with the reason and the way out for people.

    `unreadable`: its sender has made it so; `waiting`: its key has not come yet; `before`: it was said before
    this device could read here, and its key does not come; `void`: the room's rules refuse it, so that it
    changes nothing; `erased`: what was said was deleted.
    """

    seq: int
    kind: MarkKind
    fp: str
    member_id: str
    at: int
    """Milliseconds since 1970, as its sender says."""
    reason: str
    message: str
    way_out: str


@dataclass(frozen=True, slots=True)
class Target:
    """An identity that something was done to, and whose it was then."""

    fp: str
    member_id: str


@dataclass(frozen=True, slots=True)
class RoomChange:
    """What a commit changed.

    `made`: the room, with its author as the owner; `added`, `role`: the targets are in it with `role`, or
    have it from then on; `removed`, `left`: the targets are out, and who has left is the author; `rules`:
    the room's policy; `devices`: which devices of the targets take part; `keys`: nothing but the epoch.
    """

    seq: int
    kind: ChangeKind
    fp: str
    """Whose device has signed it."""
    member_id: str
    at: int
    """Milliseconds since 1970, as its author says."""
    targets: tuple[Target, ...] = ()
    role: RoleName | None = None
    """Of `added` and `role`."""


@dataclass(frozen=True, slots=True)
class Halt:
    """Why a room stands still: an honest server would not have shown this."""

    seq: int
    fault: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Seqs applied, of those that there are."""

    applied: int
    head: int


@dataclass(frozen=True, slots=True)
class RoomView:
    """How a sealed room stands."""

    id: str
    form: Form
    room_ref: str
    policy: PolicyView
    role: RoleName | None
    """One's own; None when one is out."""
    members: tuple[MemberView, ...]
    epoch: int
    leave_pending: bool
    """Somebody has left; who writes next makes a new epoch first."""
    marks: tuple[Mark, ...]
    """The last 500, oldest first."""
    changes: tuple[RoomChange, ...]
    """What commits have changed; the last 200, oldest first."""
    halted: Halt | None
    progress: Progress
