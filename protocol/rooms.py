"""Rooms: ordered, durable, resumable logs with members.

Six kinds: the workspace, each project, each channel, each direct conversation, each member's inbox and each
sealed room. The first two and the inbox have the id of what they belong to.
"""

from enum import StrEnum
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType, field

from protocol.fields import (
    MAX_EVENTS,
    Cursor,
    Id,
    Name,
    Page,
    PageSize,
    Search,
    Seq,
    Timestamp,
    Topic,
    Version,
)
from protocol.members import MemberKind
from protocol.messages import Message
from protocol.registry import (
    Command,
    Entity,
    Event,
    Scope,
    collection,
    command,
    drop,
    event,
    put,
    query,
    signal,
)
from protocol.roles import RoomRole


class RoomKind(StrEnum):
    """What a room belongs to."""

    WORKSPACE = "workspace"
    PROJECT = "project"
    CHANNEL = "channel"
    DIRECT = "direct"
    INBOX = "inbox"
    SEALED = "sealed"


class NewRoomKind(StrEnum):
    """The kinds that members make themselves."""

    CHANNEL = "channel"
    DIRECT = "direct"


@collection("rooms")
class Room(Entity):
    """A channel or a direct conversation (whose `name` is empty: it is known by its members)."""

    version: Version
    kind: RoomKind
    name: Annotated[str, Meta(max_length=100)]
    topic: Topic
    private: bool
    """True: only members see it. Direct conversations always are."""
    archived: bool
    created_by: Id | None
    created_at: Timestamp


@collection("participants")
class Participant(Entity):
    """A member in a room or project; `id` is the member's."""

    name: Name
    kind: MemberKind
    role: RoomRole
    joined_at: Timestamp
    until: Timestamp | None = None
    """When the membership ends by itself."""
    task_id: Id | None = None
    """It is for this task alone: nothing else in the project can be changed, and it ends with the task."""


@collection("memberships")
class Membership(Entity):
    """In your inbox: a room or project that you are in, or the inbox itself; `id` is the room's."""

    kind: RoomKind
    name: Annotated[str, Meta(max_length=100)]
    """Of the channel or project; empty for a direct conversation and the inbox."""
    role: RoomRole
    read_seq: Seq
    """You have read the room up to here; the same on all your devices."""


class LoggedEvent(Struct, frozen=True, kw_only=True):
    """An event as it stands in a room's log and arrives in `event` and `events`."""

    room: Id
    seq: Seq
    type: str
    at: Timestamp
    actor: Id | None
    """The member whose command it was; null for the server itself."""
    data: dict[str, Any]


class Joined(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What brings a client to `head`: the events it missed, or `reset` with the whole state."""

    room: Id
    kind: RoomKind
    head: Seq
    generation: str
    """The log's identity. It changes when the database is restored from a backup."""
    role: RoomRole
    events: list[LoggedEvent] | UnsetType = UNSET
    reset: dict[str, list[dict[str, Any]]] | UnsetType = UNSET
    """By collection, every entity of the room's state at `head`."""


class EventRange(Struct, frozen=True, kw_only=True):
    """A stretch of a room's log in order; `head` is the newest seq there is."""

    room: Id
    head: Seq
    events: list[LoggedEvent]


@command("room.create")
class RoomCreate(Command[Room]):
    """Make a channel, which guests may not, or a direct conversation.

    The same direct members get the same room.
    """

    kind: NewRoomKind = NewRoomKind.CHANNEL
    id: Id | None = None
    name: Name | None = None
    """Required for a channel, and unique among public ones; refused for a direct room."""
    topic: Topic = ""
    private: bool = False
    members: Annotated[list[Id], Meta(max_length=200)] = field(default_factory=list)
    """Others to add. A direct conversation needs one to eight."""


@query("room.get")
class RoomGet(Command[Room]):
    """One channel or direct conversation."""

    room: Id


@query("room.list")
class RoomList(Command[Page[Room]]):
    """Channels and conversations that you may enter, by name."""

    query: Search | None = None
    kind: NewRoomKind | None = None
    joined: bool | None = None
    """True: those you are in; false: public channels you are not in; null: both."""
    archived: bool = False
    cursor: Cursor | None = None
    limit: PageSize = 50


@command("room.update")
class RoomUpdate(Command[Room]):
    """Rename, describe, archive or reopen a channel. Its managers."""

    room: Id
    version: Version
    name: Name | UnsetType = UNSET
    topic: Topic | UnsetType = UNSET
    archived: bool | UnsetType = UNSET


@command("room.join", scope=Scope.READ, idempotent=True)
class RoomJoin(Command[Joined]):
    """Receive a room's events on this connection, after what was missed since `after_seq`.

    Joining a public channel makes you a member of it, unless it is archived or your token only reads.
    A client further than 1,000 events or 4 MiB behind, with a seq that the log does not have (any more)
    or of another `generation`, gets `reset`.
    """

    room: Id
    after_seq: Seq | None = None
    """The last seq that the client has applied; null for the whole state."""
    generation: Annotated[str, Meta(max_length=64)] | None = None


@signal("room.unsubscribe")
class RoomUnsubscribe(Command[None]):
    """Stop receiving a room's events on this connection."""

    room: Id


@query("room.events")
class RoomEvents(Command[EventRange]):
    """The events after `after_seq`, to close a gap: a first part of them where they exceed 4 MiB.

    None, though `head` is greater, means that the log no longer has them: join again.
    """

    room: Id
    after_seq: Seq
    limit: Annotated[int, Meta(ge=1, le=MAX_EVENTS)] = MAX_EVENTS


@query("room.history")
class RoomHistory(Command[Page[Message]]):
    """Messages of a room, newest first: all; a thread, its opening message last; a task's comments."""

    room: Id
    thread_id: Id | None = None
    task_id: Id | None = None
    cursor: Cursor | None = None
    limit: PageSize = 50


@query("room.members")
class RoomMembers(Command[Page[Participant]]):
    """Who is in a channel or conversation, by name."""

    room: Id
    cursor: Cursor | None = None
    limit: PageSize = 50


@command("room.add_member")
class RoomAddMember(Command[Participant]):
    """Bring a member into a channel. Its members; for a private channel, and to set roles, its managers."""

    room: Id
    member_id: Id
    role: RoomRole = RoomRole.EDITOR


@command("room.remove_member")
class RoomRemoveMember(Command[Participant]):
    """Take a member out of a channel. Its managers."""

    room: Id
    member_id: Id


@command("room.leave")
class RoomLeave(Command[None]):
    """Give up your membership of a channel. The last manager makes another member manager first."""

    room: Id


@command("room.mark_read")
class RoomMarkRead(Command[Membership]):
    """Say that you have read a room up to `seq`, at most its head. It never goes back."""

    room: Id
    seq: Seq


@event("room.created", put("rooms", "room"))
class RoomCreated(Event):
    """A new room, told in the room itself and, for a public channel, in the workspace's room."""

    room: Room


@event("room.updated", put("rooms", "room"))
class RoomUpdated(Event):
    """A channel has another name or topic, or was archived or reopened."""

    room: Room


@event("participant.added", put("participants", "participant"))
class ParticipantAdded(Event):
    """A member was added to the room or project, or has another role there or another name."""

    participant: Participant


@event("participant.removed", drop("participants", "member_id"), evicts="member_id")
class ParticipantRemoved(Event):
    """A member left or was taken out; its connections stop receiving the room."""

    member_id: Id


@event("membership.updated", put("memberships", "membership"))
class MembershipUpdated(Event):
    """In a member's inbox: a room is new to it, has another name, gives it another role or was read."""

    membership: Membership


@event("membership.removed", drop("memberships", "room_id"))
class MembershipRemoved(Event):
    """In a member's inbox: it is no longer in that room, and forgets what it holds of it."""

    room_id: Id
