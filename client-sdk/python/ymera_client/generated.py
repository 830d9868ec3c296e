"""The messages of the protocol. Written by scripts/generate.py from the server's contract; do not edit.

A command is a struct that names its reply: `client.call(TaskCreate(...))` gives a `Task`. Fields left at
their default stay off the wire. The server checks bounds; here they stand in the documentation.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar, Generic, NamedTuple, TypeAlias, TypeVar

from msgspec import UNSET, Struct, UnsetType

PROTOCOL_VERSION = 1
"""The version to name in `auth.protocol` when connecting."""

T = TypeVar("T")
R = TypeVar("R")


Id: TypeAlias = str
"""A UUID in lower case."""
Name: TypeAlias = str
"""One line of 1 to 100 characters, not blank."""
Title: TypeAlias = str
"""One line of 1 to 300 characters, not blank."""
Topic: TypeAlias = str
"""Text of at most 300 characters, without NUL."""
Text: TypeAlias = str
"""Text of at most 20,000 characters, without NUL."""
Body: TypeAlias = str
"""Text of 1 to 20,000 characters, not blank and without NUL."""
Label: TypeAlias = str
"""One line of 1 to 40 characters, not blank."""
Emoji: TypeAlias = str
"""An emoji or short name of 1 to 32 characters, without spaces."""
Search: TypeAlias = str
"""One line of 1 to 200 characters, not blank."""
Cursor: TypeAlias = str
"""Text of at most 600 characters."""
Email: TypeAlias = str
"""An email address of 3 to 254 characters."""
Password: TypeAlias = str
"""Text of 10 to 256 characters, without NUL."""
Secret: TypeAlias = str
"""Text of 1 to 4,096 characters."""
ExternalId: TypeAlias = str
"""One line of 1 to 200 characters, not blank."""
Version: TypeAlias = int
"""A whole number from 1 to 9,007,199,254,740,991."""
Seq: TypeAlias = int
"""A whole number from 0 to 9,007,199,254,740,991."""
Hours: TypeAlias = float
"""A number from 0 to 100,000."""
Timestamp: TypeAlias = datetime
"""A time with its offset such as 2026-03-01T09:30:00Z."""
Day: TypeAlias = date
"""A date such as 2026-03-01."""
PageSize: TypeAlias = int
"""A whole number from 1 to 200."""


MAX_MEMBERS = 10_000
"""Accounts in the workspace."""
MAX_INVITATIONS = 1_000
"""Invitations that can still be used."""
MAX_PROJECTS = 10_000
"""Projects in the workspace, with those that can still be restored."""
MAX_TASKS = 20_000
"""Tasks in one project; a snapshot of a project's room holds them all."""
MAX_IMPORT = 500
"""Tasks in one import."""
MAX_DEPENDENCIES = 100
"""Tasks that one task can wait for."""
MAX_ASSIGNEES = 20
"""Members who do one task."""
MAX_LABELS = 20
"""Labels on one task."""
MAX_DIRECT_MEMBERS = 9
"""Members of a direct conversation, with who started it."""
MAX_ROOM_MEMBERS = 5_000
"""Members of one project, channel or conversation."""
MAX_REACTIONS = 20
"""Different emoji on one message."""
MAX_REACTORS = 1_000
"""Reactions on one message, of all emoji together."""
MAX_CHANNELS = 10_000
"""Channels in the workspace."""
MAX_DIRECTS = 2_000
"""Direct conversations that one member can start."""
MAX_MENTIONS = 50
"""Members named in one message."""
MAX_SUBTASK_DEPTH = 8
"""Levels of tasks under tasks."""
MAX_EVENTS = 1_000
"""Events one answer holds; a client further behind than this gets a snapshot."""
MAX_EVENT_BYTES = 4_194_304
"""Bytes of events one answer holds, unless a single one is larger."""
MESSAGE_WINDOW = 100
"""Newest messages that a room's snapshot, and so a client's folded state, holds."""
NOTIFICATION_WINDOW = 100
"""Newest notifications that an inbox's snapshot and folded state hold."""
DELETE_GRACE_DAYS = 30
"""How long a deleted project can be restored."""


class ErrorCode(StrEnum):
    """What went wrong, in a form that programs branch on."""

    INVALID = "invalid"
    """The request does not fit its declared shape; `data.path` names the field."""
    UNKNOWN_COMMAND = "unknown_command"
    """This server has no command of that name."""
    UNSUPPORTED_PROTOCOL = "unsupported_protocol"
    """This server does not speak the version in `auth.protocol`; `data.supported` lists those it does."""
    UNAUTHENTICATED = "unauthenticated"
    """No credentials, or credentials that are wrong, revoked or malformed."""
    TOKEN_EXPIRED = "token_expired"
    """The access token ran out; refresh it (`session.refresh`) and send again."""
    FORBIDDEN = "forbidden"
    """You can see the thing, but your role does not allow this."""
    NOT_FOUND = "not_found"
    """It does not exist, or you may not know that it does."""
    CONFLICT = "conflict"
    """Somebody was faster, or the name is taken; `data` holds the current state."""
    ILLEGAL_TRANSITION = "illegal_transition"
    """The state machine has no such move; `data.allowed` lists the legal ones."""
    CYCLE = "cycle"
    """The dependency or parent would close a circle; `data.cycle` names its tasks in order."""
    LIMIT_EXCEEDED = "limit_exceeded"
    """A count is at its bound; `data.limit` is that bound."""
    TOO_LARGE = "too_large"
    """The message or body has more bytes than this server takes; `ready` says how many."""
    RATE_LIMITED = "rate_limited"
    """Too many requests; wait `data.retry_after` seconds."""
    DEADLINE_EXCEEDED = "deadline_exceeded"
    """The server gave up waiting; the same `command_id` may be sent again."""
    UNAVAILABLE = "unavailable"
    """The server is starting, draining or has lost its database; try again."""
    INTERNAL = "internal"
    """A fault of the server; quote the `correlation_id` to its operator."""


class WorkspaceRole(StrEnum):
    """What an account is in the workspace."""

    GUEST = "guest"
    """Sees only the projects and rooms it was added to."""
    MEMBER = "member"
    ADMIN = "admin"
    OWNER = "owner"


class RoomRole(StrEnum):
    """What a member is in a project or a room."""

    VIEWER = "viewer"
    EDITOR = "editor"
    MANAGER = "manager"


class Scope(StrEnum):
    """What a program's token may be limited to; each scope includes the ones before it."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


class NotificationKind(StrEnum):
    """Why something concerns you."""

    MENTION = "mention"
    ASSIGNED = "assigned"
    REPLY = "reply"
    COMMENT = "comment"


class MemberKind(StrEnum):
    """Whether a member is a human or a program."""

    PERSON = "person"
    AGENT = "agent"


class MemberSort(StrEnum):
    """What a list of members can be sorted by."""

    NAME = "name"
    JOINED = "created_at"


class PresenceStatus(StrEnum):
    """How reachable a member is."""

    ONLINE = "online"
    AWAY = "away"
    BUSY = "busy"


class RoomKind(StrEnum):
    """What a room belongs to."""

    WORKSPACE = "workspace"
    PROJECT = "project"
    CHANNEL = "channel"
    DIRECT = "direct"
    INBOX = "inbox"


class NewRoomKind(StrEnum):
    """The kinds that members make themselves."""

    CHANNEL = "channel"
    DIRECT = "direct"


class ProjectState(StrEnum):
    """Where a project is in its life."""

    DRAFT = "draft"
    ACTIVE = "active"
    ON_HOLD = "on_hold"
    COMPLETED = "completed"
    ARCHIVED = "archived"


class ProjectSort(StrEnum):
    """What a list of projects can be sorted by."""

    NAME = "name"
    CREATED = "created_at"
    UPDATED = "updated_at"


class TaskStatus(StrEnum):
    """Where a task stands; the columns of a board."""

    BACKLOG = "backlog"
    TODO = "todo"
    IN_PROGRESS = "in_progress"
    IN_REVIEW = "in_review"
    DONE = "done"
    CANCELED = "canceled"


class Priority(StrEnum):
    """How pressing a task is, from least to most."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"


class TaskSort(StrEnum):
    """What a list of tasks can be sorted by."""

    RANK = "rank"
    CREATED = "created_at"
    UPDATED = "updated_at"
    DUE = "due"
    PRIORITY = "priority"
    TITLE = "title"


class Command(Struct, Generic[R], frozen=True, kw_only=True, omit_defaults=True):
    """A request that is answered with an `R`."""

    WIRE_NAME: ClassVar[str]
    WRITES: ClassVar[bool]
    """Whether it changes something: it then carries a `command_id` and is kept until answered."""
    REPLY: ClassVar[Any]
    """The type `R`, for decoding."""

    command_id: Id | None = None
    """Chosen by the sender: the same id again changes nothing and is answered alike."""


class Entity(Struct, frozen=True, kw_only=True):
    """A thing with an id."""

    id: Id


class Event(Struct, frozen=True, kw_only=True):
    """The `data` of an event in a room's log."""

    TYPE: ClassVar[str]


class Page(Struct, Generic[T], frozen=True, kw_only=True):
    """Part of a list. `next` is the cursor of the following part, null at the end."""

    items: list[T]
    next: Cursor | None


class Change(Struct, frozen=True, kw_only=True):
    """One field's step in an entity's history, as JSON values."""

    field: str
    before: str | int | float | bool | list[str] | None
    after: str | int | float | bool | list[str] | None


class ErrorBody(Struct, frozen=True, kw_only=True):
    """An error on the wire: in a REST answer under `error`, in an ack beside `ok: false`."""

    code: ErrorCode
    message: str
    """One English sentence: what is wrong and how to mend it."""
    retryable: bool
    data: dict[str, Any]
    """What a program needs to react, by code; possibly empty."""
    correlation_id: str
    """Stands in every log line of this request."""


class Notification(Entity, frozen=True, kw_only=True):
    """Something to look at. Unread while its seq is above the inbox membership's `read_seq`."""

    seq: Seq
    """Its place in the inbox."""
    kind: NotificationKind
    room: Id
    """The room or project where it happened."""
    actor_id: Id
    message_id: Id | None
    task_id: Id | None
    excerpt: str
    """Text of at most 200 characters."""
    created_at: Timestamp


class NotificationList(Command[Page[Notification]], frozen=True, kw_only=True):
    """Your notifications, newest first."""

    WIRE_NAME: ClassVar[str] = "notification.list"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = Page[Notification]

    unread: bool = False
    """True: only those you have not read."""
    cursor: Cursor | None = None
    limit: PageSize = 50


class NotificationAdded(Event, frozen=True, kw_only=True):
    """In a member's inbox: there is something to look at."""

    TYPE: ClassVar[str] = "notification.added"

    notification: Notification


class Invitation(Entity, frozen=True, kw_only=True):
    """A single-use, expiring invitation. Its secret is shown once, when it is made."""

    version: Version
    role: WorkspaceRole
    email: Email | None
    """If set, only an account with this address can use it."""
    project_id: Id | None
    """If set, the newcomer also becomes `project_role` in this project."""
    project_role: RoomRole | None
    created_by: Id
    created_at: Timestamp
    expires_at: Timestamp
    used_at: Timestamp | None
    used_by: Id | None


class InvitationCreated(Struct, frozen=True, kw_only=True):
    """The invitation and the link to send. The link holds the secret; it cannot be shown again."""

    invitation: Invitation
    secret: str
    link: str


class InvitationCreate(Command[InvitationCreated], frozen=True, kw_only=True):
    """Make an invitation. Admins, for roles up to their own; project managers, for guests."""

    WIRE_NAME: ClassVar[str] = "invitation.create"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = InvitationCreated

    role: WorkspaceRole = WorkspaceRole.MEMBER
    email: Email | None = None
    project_id: Id | None = None
    project_role: RoomRole | None = None
    expires_in_hours: int = 72
    """A whole number from 1 to 720."""


class InvitationGet(Command[Invitation], frozen=True, kw_only=True):
    """One invitation. Admins, and whoever made it."""

    WIRE_NAME: ClassVar[str] = "invitation.get"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = Invitation

    invitation_id: Id


class InvitationList(Command[Page[Invitation]], frozen=True, kw_only=True):
    """Invitations, newest first. Admins see all, others their own."""

    WIRE_NAME: ClassVar[str] = "invitation.list"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = Page[Invitation]

    open: bool | None = None
    """True: those that can still be used; false: the rest; null: both."""
    cursor: Cursor | None = None
    limit: PageSize = 50


class InvitationUpdate(Command[Invitation], frozen=True, kw_only=True):
    """Change the role or the expiry of an unused invitation."""

    WIRE_NAME: ClassVar[str] = "invitation.update"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Invitation

    invitation_id: Id
    version: Version
    role: WorkspaceRole | UnsetType = UNSET
    expires_at: Timestamp | UnsetType = UNSET


class InvitationRemove(Command[Invitation], frozen=True, kw_only=True):
    """Withdraw an invitation: its link stops working."""

    WIRE_NAME: ClassVar[str] = "invitation.remove"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Invitation

    invitation_id: Id


class Member(Entity, frozen=True, kw_only=True):
    """A person or an agent. `email` is null for everyone but admins and oneself."""

    version: Version
    name: Name
    kind: MemberKind
    role: WorkspaceRole
    email: Email | None
    active: bool
    """False once removed; the name stays for what the member wrote."""
    created_at: Timestamp


class MemberGet(Command[Member], frozen=True, kw_only=True):
    """One member. Guests see themselves and those they share a room with."""

    WIRE_NAME: ClassVar[str] = "member.get"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = Member

    member_id: Id


class MemberList(Command[Page[Member]], frozen=True, kw_only=True):
    """Members by name or by time of joining."""

    WIRE_NAME: ClassVar[str] = "member.list"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = Page[Member]

    query: Search | None = None
    """Part of a name."""
    role: WorkspaceRole | None = None
    kind: MemberKind | None = None
    sort: MemberSort = MemberSort.NAME
    descending: bool = False
    cursor: Cursor | None = None
    limit: PageSize = 50


class MemberUpdate(Command[Member], frozen=True, kw_only=True):
    """Rename yourself; admins rename anyone."""

    WIRE_NAME: ClassVar[str] = "member.update"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Member

    member_id: Id
    version: Version
    name: Name | UnsetType = UNSET


class MemberSetRole(Command[Member], frozen=True, kw_only=True):
    """Give a member a workspace role. Admins, up to their own role; the last owner stays owner."""

    WIRE_NAME: ClassVar[str] = "member.set_role"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Member

    member_id: Id
    role: WorkspaceRole


class MemberRemove(Command[Member], frozen=True, kw_only=True):
    """Remove a member: its sessions and tokens end at once and its connections close."""

    WIRE_NAME: ClassVar[str] = "member.remove"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Member

    member_id: Id


class MemberAdded(Event, frozen=True, kw_only=True):
    """In the workspace's room: somebody joined."""

    TYPE: ClassVar[str] = "member.added"

    member: Member


class MemberUpdated(Event, frozen=True, kw_only=True):
    """A member has another name or role."""

    TYPE: ClassVar[str] = "member.updated"

    member: Member


class MemberRemoved(Event, frozen=True, kw_only=True):
    """Somebody is no longer in the workspace; `member` is the entity with `active` false."""

    TYPE: ClassVar[str] = "member.removed"

    member_id: Id
    member: Member


class Message(Entity, frozen=True, kw_only=True):
    """A message. A deleted one keeps its place, with an empty text."""

    version: Version
    room: Id
    seq: Seq
    """The seq of the event that brought it: its place in the room."""
    author_id: Id
    text: Text
    thread_id: Id | None
    """The message that opened the thread, if this is an answer in one."""
    task_id: Id | None
    """The task that this comments on."""
    mentions: list[Id]
    """Members named as `@[name](id)` in the text who can see the room."""
    reactions: dict[str, list[Id]]
    """Members by emoji."""
    reply_count: int
    created_at: Timestamp
    edited_at: Timestamp | None
    deleted: bool


class ThreadSummary(Entity, frozen=True, kw_only=True):
    """What an answer changes at the message that opened its thread."""

    reply_count: int


class CommentSummary(Entity, frozen=True, kw_only=True):
    """What a comment changes at its task."""

    comment_count: int


class MessageSend(Command[Message], frozen=True, kw_only=True):
    """Say something in a room. `@[name](id)` mentions a member, into whose inbox it goes."""

    WIRE_NAME: ClassVar[str] = "message.send"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Message

    room: Id
    text: Body
    id: Id | None = None
    thread_id: Id | None = None


class MessageEdit(Command[Message], frozen=True, kw_only=True):
    """Change the text of your own message."""

    WIRE_NAME: ClassVar[str] = "message.edit"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Message

    message_id: Id
    text: Body
    version: Version | None = None


class MessageDelete(Command[Message], frozen=True, kw_only=True):
    """Empty a message. Your own, or anyone's as the room's manager."""

    WIRE_NAME: ClassVar[str] = "message.delete"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Message

    message_id: Id


class MessageReact(Command[Message], frozen=True, kw_only=True):
    """Add your reaction to a message, or with `on` false take it back."""

    WIRE_NAME: ClassVar[str] = "message.react"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Message

    message_id: Id
    emoji: Emoji
    on: bool = True


class MessageSent(Event, frozen=True, kw_only=True):
    """A message, an answer in a thread (which counts at `thread`) or a comment (at `task`)."""

    TYPE: ClassVar[str] = "message.sent"

    message: Message
    thread: ThreadSummary | None
    task: CommentSummary | None


class MessageUpdated(Event, frozen=True, kw_only=True):
    """Edited, deleted or reacted to."""

    TYPE: ClassVar[str] = "message.updated"

    message: Message


class Presence(Struct, frozen=True, kw_only=True):
    """Who came into view in a room, or changed, and who left. After a join: everyone there.

    Of a crowd, 500 are shown.
    """

    room: Id
    joined: dict[str, PresenceStatus]
    """By member id; a member with several connections shows its most reachable one."""
    left: list[Id]


class Typing(Struct, frozen=True, kw_only=True):
    """A member is typing, or stopped. A client forgets it after six seconds."""

    room: Id
    member_id: Id
    thread_id: Id | None
    typing: bool


class Heads(Struct, frozen=True, kw_only=True):
    """Every 15 s, the head of each room this connection is in: shows a lost tail."""

    heads: dict[str, Seq]


class Lagging(Struct, frozen=True, kw_only=True):
    """You read too slowly and events were dropped. Pull each room's range up to its head."""

    heads: dict[str, Seq]


class Closing(Struct, frozen=True, kw_only=True):
    """The server is about to close this connection."""

    reason: str
    """`draining`, `token_expired`, `revoked`, `role_changed`, `too_slow`, `behind`."""
    reconnect: bool
    """Whether a client should come back by itself."""


class PresenceSet(Command[None], frozen=True, kw_only=True):
    """How you are shown on this connection, in all its rooms."""

    WIRE_NAME: ClassVar[str] = "presence.set"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = None

    status: PresenceStatus


class PresenceList(Command[Presence], frozen=True, kw_only=True):
    """Who is in a room now."""

    WIRE_NAME: ClassVar[str] = "presence.list"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = Presence

    room: Id


class TypingSet(Command[None], frozen=True, kw_only=True):
    """Show or stop showing that you type. Repeat it every three seconds while it lasts."""

    WIRE_NAME: ClassVar[str] = "typing.set"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = None

    room: Id
    thread_id: Id | None = None
    typing: bool = True


class Workspace(Entity, frozen=True, kw_only=True):
    """The organisation. Its room has its id and carries members and public channels."""

    version: Version
    name: Name
    description: Text
    created_at: Timestamp


class WorkspaceView(Entity, frozen=True, kw_only=True):
    """The workspace together with who you are in it."""

    workspace: Workspace
    me: Member


class WorkspaceGet(Command[WorkspaceView], frozen=True, kw_only=True):
    """The workspace, and your own member entity."""

    WIRE_NAME: ClassVar[str] = "workspace.get"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = WorkspaceView


class WorkspaceUpdate(Command[Workspace], frozen=True, kw_only=True):
    """Rename or describe the workspace. Admins."""

    WIRE_NAME: ClassVar[str] = "workspace.update"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Workspace

    version: Version
    name: Name | UnsetType = UNSET
    description: Text | UnsetType = UNSET


class WorkspaceUpdated(Event, frozen=True, kw_only=True):
    """The workspace has another name or description."""

    TYPE: ClassVar[str] = "workspace.updated"

    workspace: Workspace


class Room(Entity, frozen=True, kw_only=True):
    """A channel or a direct conversation (whose `name` is empty: it is known by its members)."""

    version: Version
    kind: RoomKind
    name: str
    """Text of at most 100 characters."""
    topic: Topic
    private: bool
    """True: only members see it. Direct conversations always are."""
    archived: bool
    created_by: Id | None
    created_at: Timestamp


class Participant(Entity, frozen=True, kw_only=True):
    """A member in a room or project; `id` is the member's."""

    name: Name
    kind: MemberKind
    role: RoomRole
    joined_at: Timestamp


class Membership(Entity, frozen=True, kw_only=True):
    """In your inbox: a room or project that you are in, or the inbox itself; `id` is the room's."""

    kind: RoomKind
    name: str
    """Of the channel or project; empty for a direct conversation and the inbox. Text of at most 100
    characters.
    """
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


class Joined(Struct, frozen=True, kw_only=True):
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


class RoomCreate(Command[Room], frozen=True, kw_only=True):
    """Make a channel, which guests may not, or a direct conversation.

    The same direct members get the same room.
    """

    WIRE_NAME: ClassVar[str] = "room.create"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Room

    kind: NewRoomKind = NewRoomKind.CHANNEL
    id: Id | None = None
    name: Name | None = None
    """Required for a channel, and unique among public ones; refused for a direct room."""
    topic: Topic = ""
    private: bool = False
    members: list[Id] = []
    """Others to add. A direct conversation needs one to eight. A list of at most 200 items."""


class RoomGet(Command[Room], frozen=True, kw_only=True):
    """One channel or direct conversation."""

    WIRE_NAME: ClassVar[str] = "room.get"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = Room

    room: Id


class RoomList(Command[Page[Room]], frozen=True, kw_only=True):
    """Channels and conversations that you may enter, by name."""

    WIRE_NAME: ClassVar[str] = "room.list"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = Page[Room]

    query: Search | None = None
    kind: NewRoomKind | None = None
    joined: bool | None = None
    """True: those you are in; false: public channels you are not in; null: both."""
    archived: bool = False
    cursor: Cursor | None = None
    limit: PageSize = 50


class RoomUpdate(Command[Room], frozen=True, kw_only=True):
    """Rename, describe, archive or reopen a channel. Its managers."""

    WIRE_NAME: ClassVar[str] = "room.update"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Room

    room: Id
    version: Version
    name: Name | UnsetType = UNSET
    topic: Topic | UnsetType = UNSET
    archived: bool | UnsetType = UNSET


class RoomJoin(Command[Joined], frozen=True, kw_only=True):
    """Receive a room's events on this connection, after what was missed since `after_seq`.

    Joining a public channel makes you a member of it, unless it is archived or your token only reads.
    A client further than 1,000 events or 4 MiB behind, with a seq that the log does not have (any more)
    or of another `generation`, gets `reset`.
    """

    WIRE_NAME: ClassVar[str] = "room.join"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = Joined

    room: Id
    after_seq: Seq | None = None
    """The last seq that the client has applied; null for the whole state."""
    generation: str | None = None
    """Text of at most 64 characters."""


class RoomUnsubscribe(Command[None], frozen=True, kw_only=True):
    """Stop receiving a room's events on this connection."""

    WIRE_NAME: ClassVar[str] = "room.unsubscribe"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = None

    room: Id


class RoomEvents(Command[EventRange], frozen=True, kw_only=True):
    """The events after `after_seq`, to close a gap: a first part of them where they exceed 4 MiB.

    None, though `head` is greater, means that the log no longer has them: join again.
    """

    WIRE_NAME: ClassVar[str] = "room.events"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = EventRange

    room: Id
    after_seq: Seq
    limit: int = 1000
    """A whole number from 1 to 1,000."""


class RoomHistory(Command[Page[Message]], frozen=True, kw_only=True):
    """Messages of a room, newest first: all; a thread, its opening message last; a task's comments."""

    WIRE_NAME: ClassVar[str] = "room.history"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = Page[Message]

    room: Id
    thread_id: Id | None = None
    task_id: Id | None = None
    cursor: Cursor | None = None
    limit: PageSize = 50


class RoomMembers(Command[Page[Participant]], frozen=True, kw_only=True):
    """Who is in a channel or conversation, by name."""

    WIRE_NAME: ClassVar[str] = "room.members"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = Page[Participant]

    room: Id
    cursor: Cursor | None = None
    limit: PageSize = 50


class RoomAddMember(Command[Participant], frozen=True, kw_only=True):
    """Bring a member into a channel. Its members; for a private channel, and to set roles, its managers."""

    WIRE_NAME: ClassVar[str] = "room.add_member"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Participant

    room: Id
    member_id: Id
    role: RoomRole = RoomRole.EDITOR


class RoomRemoveMember(Command[Participant], frozen=True, kw_only=True):
    """Take a member out of a channel. Its managers."""

    WIRE_NAME: ClassVar[str] = "room.remove_member"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Participant

    room: Id
    member_id: Id


class RoomLeave(Command[None], frozen=True, kw_only=True):
    """Give up your membership of a channel. The last manager makes another member manager first."""

    WIRE_NAME: ClassVar[str] = "room.leave"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = None

    room: Id


class RoomMarkRead(Command[Membership], frozen=True, kw_only=True):
    """Say that you have read a room up to `seq`, at most its head. It never goes back."""

    WIRE_NAME: ClassVar[str] = "room.mark_read"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Membership

    room: Id
    seq: Seq


class RoomCreated(Event, frozen=True, kw_only=True):
    """A new room, told in the room itself and, for a public channel, in the workspace's room."""

    TYPE: ClassVar[str] = "room.created"

    room: Room


class RoomUpdated(Event, frozen=True, kw_only=True):
    """A channel has another name or topic, or was archived or reopened."""

    TYPE: ClassVar[str] = "room.updated"

    room: Room


class ParticipantAdded(Event, frozen=True, kw_only=True):
    """A member was added to the room or project, or has another role there or another name."""

    TYPE: ClassVar[str] = "participant.added"

    participant: Participant


class ParticipantRemoved(Event, frozen=True, kw_only=True):
    """A member left or was taken out; its connections stop receiving the room."""

    TYPE: ClassVar[str] = "participant.removed"

    member_id: Id


class MembershipUpdated(Event, frozen=True, kw_only=True):
    """In a member's inbox: a room is new to it, has another name, gives it another role or was read."""

    TYPE: ClassVar[str] = "membership.updated"

    membership: Membership


class MembershipRemoved(Event, frozen=True, kw_only=True):
    """In a member's inbox: it is no longer in that room, and forgets what it holds of it."""

    TYPE: ClassVar[str] = "membership.removed"

    room_id: Id


class Register(Struct, frozen=True, kw_only=True):
    """`POST /api/auth/register`. On a fresh server `invite` is the secret of the set-up link."""

    email: Email
    password: Password
    name: Name
    invite: Secret | None = None
    cookie: bool = False
    """True: keep the refresh token in an HttpOnly cookie and leave it out of the answer."""


class Login(Struct, frozen=True, kw_only=True):
    """`POST /api/auth/login`."""

    email: Email
    password: str
    """Text of 1 to 256 characters."""
    cookie: bool = False


class PasswordChange(Struct, frozen=True, kw_only=True):
    """`POST /api/auth/password`. Your other sign-ins end; programs' tokens stay."""

    current: str
    """Text of 1 to 256 characters."""
    new: Password


class Refresh(Struct, frozen=True, kw_only=True):
    """`POST /api/auth/refresh`. Browsers send an empty object and their cookie."""

    refresh_token: Secret | None = None


class Credentials(Struct, frozen=True, kw_only=True):
    """Signed in. `refresh_token` is null where it went into the cookie."""

    access_token: str
    expires_in: int
    """Seconds."""
    refresh_token: str | None
    me: Member


class Me(Struct, frozen=True, kw_only=True):
    """`GET /api/auth/me`."""

    me: Member
    workspace: Workspace


class SessionInfo(Struct, frozen=True, kw_only=True):
    """One sign-in of yours."""

    id: Id
    created_at: Timestamp
    last_used_at: Timestamp
    expires_at: Timestamp
    address: str
    user_agent: str
    current: bool


class SessionsInfo(Struct, frozen=True, kw_only=True):
    """`GET /api/auth/sessions`."""

    sessions: list[SessionInfo]


class TokenCreate(Struct, frozen=True, kw_only=True):
    """`POST /api/tokens`. A token acts as you, within `scope`, until it expires or is revoked."""

    name: Name
    scope: Scope = Scope.WRITE
    expires_in_days: int = 90
    """A whole number from 1 to 366."""


class TokenInfo(Struct, frozen=True, kw_only=True):
    """A program's token, without its secret."""

    id: Id
    name: Name
    scope: Scope
    hint: str
    """The secret's first characters, to recognise it by."""
    created_at: Timestamp
    expires_at: Timestamp
    last_used_at: Timestamp | None


class TokenCreated(Struct, frozen=True, kw_only=True):
    """The new token. `secret` is shown this once."""

    token: TokenInfo
    secret: str


class TokensInfo(Struct, frozen=True, kw_only=True):
    """`GET /api/tokens`."""

    tokens: list[TokenInfo]


class SetupInfo(Struct, frozen=True, kw_only=True):
    """`GET /api/setup`: whether this server still waits for its first account."""

    needs_setup: bool
    workspace: str


class Limits(Struct, frozen=True, kw_only=True):
    """What this server takes from one connection."""

    max_message_bytes: int
    command_rate: int
    """Commands a second, for long."""
    command_burst: int
    """Commands at once, before the rate applies."""


class Ready(Struct, frozen=True, kw_only=True):
    """The first message on a connection: commands may be sent now."""

    me: Member
    workspace: Workspace
    inbox: Id
    """The room of what concerns you; its id is your own."""
    session_expires_in: int | None
    """Seconds until the access token runs out; null for a program's token."""
    limits: Limits
    generation: str
    """The identity of the server's log, as in `room.join`."""


class Refreshed(Struct, frozen=True, kw_only=True):
    """Fresh credentials; `refresh_token` is null where the client keeps none (browsers)."""

    access_token: str
    expires_in: int
    """Seconds."""
    refresh_token: str | None
    me: Member


class SessionRefresh(Command[Refreshed], frozen=True, kw_only=True):
    """Renew this connection's access, with one of: a refresh token, or an access token got by REST."""

    WIRE_NAME: ClassVar[str] = "session.refresh"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = Refreshed

    refresh_token: Secret | None = None
    access_token: Secret | None = None


class SessionRevoked(Event, frozen=True, kw_only=True):
    """In a member's inbox: a sign-in or token of theirs ended; its connections are closed."""

    TYPE: ClassVar[str] = "session.revoked"

    session_id: Id


class Project(Entity, frozen=True, kw_only=True):
    """A project. Its room has its id."""

    version: Version
    name: Name
    description: Text
    state: ProjectState
    created_by: Id
    created_at: Timestamp
    updated_at: Timestamp
    purge_at: Timestamp | None
    """Set while deleted: when it goes for good. Until then `project.restore` brings it back."""


class ProjectSummary(Entity, frozen=True, kw_only=True):
    """A project in a list: the project, your role in it, and how far its work is."""

    project: Project
    role: RoomRole
    open_tasks: int
    done_tasks: int


class ProjectCreate(Command[Project], frozen=True, kw_only=True):
    """Make a project; you become its manager. The client may choose the id. Not for guests."""

    WIRE_NAME: ClassVar[str] = "project.create"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Project

    name: Name
    id: Id | None = None
    description: Text = ""
    state: ProjectState = ProjectState.ACTIVE


class ProjectGet(Command[Project], frozen=True, kw_only=True):
    """One project."""

    WIRE_NAME: ClassVar[str] = "project.get"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = Project

    project_id: Id


class ProjectList(Command[Page[ProjectSummary]], frozen=True, kw_only=True):
    """The projects that you are in; workspace admins see all."""

    WIRE_NAME: ClassVar[str] = "project.list"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = Page[ProjectSummary]

    query: Search | None = None
    """Part of a name."""
    state: ProjectState | None = None
    deleted: bool = False
    """True: the deleted ones that can still be restored. For their managers."""
    sort: ProjectSort = ProjectSort.UPDATED
    descending: bool = True
    cursor: Cursor | None = None
    limit: PageSize = 50


class ProjectUpdate(Command[Project], frozen=True, kw_only=True):
    """Rename or describe a project. Managers."""

    WIRE_NAME: ClassVar[str] = "project.update"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Project

    project_id: Id
    version: Version
    name: Name | UnsetType = UNSET
    description: Text | UnsetType = UNSET


class ProjectTransition(Command[Project], frozen=True, kw_only=True):
    """Move a project to another state; only the legal moves. Managers."""

    WIRE_NAME: ClassVar[str] = "project.transition"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Project

    project_id: Id
    state: ProjectState
    version: Version | None = None


class ProjectDelete(Command[Project], frozen=True, kw_only=True):
    """Delete a project. It can be restored for 30 days, then it is purged. Managers."""

    WIRE_NAME: ClassVar[str] = "project.delete"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Project

    project_id: Id
    version: Version | None = None


class ProjectRestore(Command[Project], frozen=True, kw_only=True):
    """Bring a deleted project back. Managers."""

    WIRE_NAME: ClassVar[str] = "project.restore"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Project

    project_id: Id


class ProjectMembers(Command[Page[Participant]], frozen=True, kw_only=True):
    """Who is in the project, by name."""

    WIRE_NAME: ClassVar[str] = "project.members"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = Page[Participant]

    project_id: Id
    cursor: Cursor | None = None
    limit: PageSize = 50


class ProjectSetMember(Command[Participant], frozen=True, kw_only=True):
    """Add a member of the workspace to the project, or change its role. Managers."""

    WIRE_NAME: ClassVar[str] = "project.set_member"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Participant

    project_id: Id
    member_id: Id
    role: RoomRole = RoomRole.EDITOR


class ProjectRemoveMember(Command[Participant], frozen=True, kw_only=True):
    """Take a member out of the project. Managers; anyone may leave. The last manager stays."""

    WIRE_NAME: ClassVar[str] = "project.remove_member"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Participant

    project_id: Id
    member_id: Id


class ProjectCreated(Event, frozen=True, kw_only=True):
    """The first event of a project's room."""

    TYPE: ClassVar[str] = "project.created"

    project: Project


class ProjectUpdated(Event, frozen=True, kw_only=True):
    """The project changed, also by transition, deletion or restoration; `changes` says in what."""

    TYPE: ClassVar[str] = "project.updated"

    project: Project
    changes: list[Change]


class Task(Entity, frozen=True, kw_only=True):
    """A piece of work."""

    version: Version
    project_id: Id
    title: Title
    description: Text
    status: TaskStatus
    priority: Priority
    rank: str
    """Its place: tasks sort by rank, bytewise, then id."""
    labels: list[Label]
    estimate: Hours | None
    """Hours of work."""
    due: Day | None
    parent_id: Id | None
    assignees: list[Id]
    depends_on: list[Id]
    """Tasks of the same project that must end before this one can start."""
    blocked: bool
    """Derived: one of `depends_on` is still open."""
    comment_count: int
    external_id: ExternalId | None
    """Its name in the system it was imported from; unique in the project."""
    created_by: Id
    created_at: Timestamp
    updated_at: Timestamp
    completed_at: Timestamp | None


class TaskBlocked(Entity, frozen=True, kw_only=True):
    """What the end or the reopening of a task changes at one that waits for it."""

    blocked: bool


class TaskCreate(Command[Task], frozen=True, kw_only=True):
    """Add a task, at the end unless `before` or `after` says where. Editors."""

    WIRE_NAME: ClassVar[str] = "task.create"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Task

    project_id: Id
    title: Title
    id: Id | None = None
    description: Text = ""
    status: TaskStatus = TaskStatus.TODO
    priority: Priority = Priority.NONE
    labels: list[Label] = []
    """A list of at most 20 items."""
    estimate: Hours | None = None
    due: Day | None = None
    parent_id: Id | None = None
    assignees: list[Id] = []
    """A list of at most 20 items."""
    external_id: ExternalId | None = None
    before: Id | None = None
    after: Id | None = None


class ImportedTask(Struct, frozen=True, kw_only=True):
    """A task as another system has it. Fields left out stay, or get a new task's defaults."""

    external_id: ExternalId
    title: Title | UnsetType = UNSET
    """Required for a task that the project does not have yet."""
    description: Text | UnsetType = UNSET
    status: TaskStatus | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    labels: list[Label] | UnsetType = UNSET
    """A list of at most 20 items."""
    estimate: Hours | UnsetType | None = UNSET
    due: Day | UnsetType | None = UNSET
    assignees: list[Id] | UnsetType = UNSET
    """A list of at most 20 items."""
    parent: ExternalId | UnsetType | None = UNSET
    """A task of the project or of the same import."""
    depends_on: list[ExternalId] | UnsetType = UNSET
    """All that it waits for; tasks of the project or of the same import. A list of at most 100 items."""


class ImportReport(Struct, frozen=True, kw_only=True):
    """What an import did, by external id."""

    created: list[ExternalId]
    updated: list[ExternalId]
    unchanged: list[ExternalId]


class TaskImport(Command[ImportReport], frozen=True, kw_only=True):
    """Make or change many tasks, found by their external ids; all of them, or none. Editors.

    New ones go to the end, in the order given. Nobody is told that it was assigned.
    """

    WIRE_NAME: ClassVar[str] = "task.import"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = ImportReport

    project_id: Id
    tasks: list[ImportedTask]
    """A list of 1 to 500 items."""


class TaskGet(Command[Task], frozen=True, kw_only=True):
    """One task."""

    WIRE_NAME: ClassVar[str] = "task.get"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = Task

    task_id: Id


class TaskList(Command[Page[Task]], frozen=True, kw_only=True):
    """Tasks of a project. Filters are joined by «and», the values of one by «or»."""

    WIRE_NAME: ClassVar[str] = "task.list"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = Page[Task]

    project_id: Id
    status: list[TaskStatus] | None = None
    """A list of at most 6 items."""
    priority: list[Priority] | None = None
    """A list of at most 5 items."""
    label: Label | None = None
    assignee: Id | None = None
    parent_id: Id | None = None
    blocked: bool | None = None
    query: Search | None = None
    """Part of the title."""
    external_id: ExternalId | None = None
    sort: TaskSort = TaskSort.RANK
    descending: bool = False
    cursor: Cursor | None = None
    limit: PageSize = 50


class TaskUpdate(Command[Task], frozen=True, kw_only=True):
    """Change fields of a task; those left out stay. Editors."""

    WIRE_NAME: ClassVar[str] = "task.update"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Task

    task_id: Id
    version: Version
    title: Title | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    status: TaskStatus | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    labels: list[Label] | UnsetType = UNSET
    """A list of at most 20 items."""
    estimate: Hours | UnsetType | None = UNSET
    due: Day | UnsetType | None = UNSET
    parent_id: Id | UnsetType | None = UNSET


class TaskMove(Command[Task], frozen=True, kw_only=True):
    """Give a task another place, and with `status` another column too. Editors.

    `before` and `after` name neighbours: put it before that one, or after that one. With
    neither it goes to the end.
    """

    WIRE_NAME: ClassVar[str] = "task.move"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Task

    task_id: Id
    before: Id | None = None
    after: Id | None = None
    status: TaskStatus | None = None
    version: Version | None = None


class TaskTransition(Command[Task], frozen=True, kw_only=True):
    """Move a task to another status; only the legal moves. Editors."""

    WIRE_NAME: ClassVar[str] = "task.transition"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Task

    task_id: Id
    status: TaskStatus
    version: Version | None = None


class TaskAssign(Command[Task], frozen=True, kw_only=True):
    """Set who does a task: people or agents of the project, replacing those before. Editors."""

    WIRE_NAME: ClassVar[str] = "task.assign"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Task

    task_id: Id
    assignees: list[Id]
    """A list of at most 20 items."""
    version: Version | None = None


class TaskDepend(Command[Task], frozen=True, kw_only=True):
    """Let a task wait for another, or several, of its project. Refused if that closes a cycle."""

    WIRE_NAME: ClassVar[str] = "task.depend"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Task

    task_id: Id
    on: Id | list[Id]
    """A list of 1 to 100 items."""


class TaskUndepend(Command[Task], frozen=True, kw_only=True):
    """Let a task no longer wait for another, or several."""

    WIRE_NAME: ClassVar[str] = "task.undepend"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Task

    task_id: Id
    on: Id | list[Id]
    """A list of 1 to 100 items."""


class TaskComment(Command[Message], frozen=True, kw_only=True):
    """Comment on a task: a message in the project's room that hangs on it. Editors."""

    WIRE_NAME: ClassVar[str] = "task.comment"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Message

    task_id: Id
    text: Body
    id: Id | None = None


class TaskDelete(Command[Task], frozen=True, kw_only=True):
    """Delete a task. Those that waited for it no longer do; its subtasks move up. Editors."""

    WIRE_NAME: ClassVar[str] = "task.delete"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Task

    task_id: Id
    version: Version | None = None


class TaskHistory(Command[Page[LoggedEvent]], frozen=True, kw_only=True):
    """The events of the log that concern a task, newest first."""

    WIRE_NAME: ClassVar[str] = "task.history"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = Page[LoggedEvent]

    task_id: Id
    cursor: Cursor | None = None
    limit: PageSize = 50


class TaskCreated(Event, frozen=True, kw_only=True):
    """A new task."""

    TYPE: ClassVar[str] = "task.created"

    task: Task


class TaskUpdated(Event, frozen=True, kw_only=True):
    """Any change of the task itself; `changes` says which fields, from what to what."""

    TYPE: ClassVar[str] = "task.updated"

    task: Task
    changes: list[Change]


class TaskBlockedChanged(Event, frozen=True, kw_only=True):
    """Another task's end, reopening or deletion made this one free, or blocked it again."""

    TYPE: ClassVar[str] = "task.blocked"

    task: TaskBlocked


class TaskDeleted(Event, frozen=True, kw_only=True):
    """A task is gone; its `title` stays in the history."""

    TYPE: ClassVar[str] = "task.deleted"

    task_id: Id
    title: Title


class Health(Struct, frozen=True, kw_only=True):
    """How a node is."""

    status: str
    """`live`, `ready` or `not ready`."""
    checks: dict[str, str] = {}
    """What readiness stands on, each with `ok` or what is wrong."""


class Fold(NamedTuple):
    """One step of an event's fold into the state of its room. A null or absent field is a no-op."""

    step: str
    """`put` an entity under its id, `patch` the entity with that id, or `drop` the one of that id."""
    collection: str
    field: str
    """The field of the event's data that holds the entity, the changes or the id."""


class Collection(NamedTuple):
    """How a room keeps a collection: all of it, or the newest `window` by (`order`, `id`)."""

    entity: type[Entity]
    window: int | None
    order: str | None


COMMANDS: dict[str, type[Command[Any]]] = {
    "member.get": MemberGet,
    "member.list": MemberList,
    "member.update": MemberUpdate,
    "member.set_role": MemberSetRole,
    "member.remove": MemberRemove,
    "workspace.get": WorkspaceGet,
    "workspace.update": WorkspaceUpdate,
    "notification.list": NotificationList,
    "invitation.create": InvitationCreate,
    "invitation.get": InvitationGet,
    "invitation.list": InvitationList,
    "invitation.update": InvitationUpdate,
    "invitation.remove": InvitationRemove,
    "message.send": MessageSend,
    "message.edit": MessageEdit,
    "message.delete": MessageDelete,
    "message.react": MessageReact,
    "presence.set": PresenceSet,
    "presence.list": PresenceList,
    "typing.set": TypingSet,
    "room.create": RoomCreate,
    "room.get": RoomGet,
    "room.list": RoomList,
    "room.update": RoomUpdate,
    "room.join": RoomJoin,
    "room.unsubscribe": RoomUnsubscribe,
    "room.events": RoomEvents,
    "room.history": RoomHistory,
    "room.members": RoomMembers,
    "room.add_member": RoomAddMember,
    "room.remove_member": RoomRemoveMember,
    "room.leave": RoomLeave,
    "room.mark_read": RoomMarkRead,
    "project.create": ProjectCreate,
    "project.get": ProjectGet,
    "project.list": ProjectList,
    "project.update": ProjectUpdate,
    "project.transition": ProjectTransition,
    "project.delete": ProjectDelete,
    "project.restore": ProjectRestore,
    "project.members": ProjectMembers,
    "project.set_member": ProjectSetMember,
    "project.remove_member": ProjectRemoveMember,
    "session.refresh": SessionRefresh,
    "task.create": TaskCreate,
    "task.import": TaskImport,
    "task.get": TaskGet,
    "task.list": TaskList,
    "task.update": TaskUpdate,
    "task.move": TaskMove,
    "task.transition": TaskTransition,
    "task.assign": TaskAssign,
    "task.depend": TaskDepend,
    "task.undepend": TaskUndepend,
    "task.comment": TaskComment,
    "task.delete": TaskDelete,
    "task.history": TaskHistory,
}


EVENTS: dict[str, type[Event]] = {
    "member.added": MemberAdded,
    "member.updated": MemberUpdated,
    "member.removed": MemberRemoved,
    "workspace.updated": WorkspaceUpdated,
    "notification.added": NotificationAdded,
    "message.sent": MessageSent,
    "message.updated": MessageUpdated,
    "room.created": RoomCreated,
    "room.updated": RoomUpdated,
    "participant.added": ParticipantAdded,
    "participant.removed": ParticipantRemoved,
    "membership.updated": MembershipUpdated,
    "membership.removed": MembershipRemoved,
    "project.created": ProjectCreated,
    "project.updated": ProjectUpdated,
    "session.revoked": SessionRevoked,
    "task.created": TaskCreated,
    "task.updated": TaskUpdated,
    "task.blocked": TaskBlockedChanged,
    "task.deleted": TaskDeleted,
}


EPHEMERA: dict[str, type[Struct]] = {
    "presence": Presence,
    "typing": Typing,
    "heads": Heads,
    "lagging": Lagging,
    "closing": Closing,
    "ready": Ready,
}


FOLDS: dict[str, tuple[Fold, ...]] = {
    "member.added": (Fold("put", "members", "member"),),
    "member.updated": (Fold("put", "members", "member"),),
    "member.removed": (Fold("put", "members", "member"),),
    "workspace.updated": (Fold("put", "workspaces", "workspace"),),
    "notification.added": (Fold("put", "notifications", "notification"),),
    "message.sent": (
        Fold("put", "messages", "message"),
        Fold("patch", "messages", "thread"),
        Fold("patch", "tasks", "task"),
    ),
    "message.updated": (Fold("put", "messages", "message"),),
    "room.created": (Fold("put", "rooms", "room"),),
    "room.updated": (Fold("put", "rooms", "room"),),
    "participant.added": (Fold("put", "participants", "participant"),),
    "participant.removed": (Fold("drop", "participants", "member_id"),),
    "membership.updated": (Fold("put", "memberships", "membership"),),
    "membership.removed": (Fold("drop", "memberships", "room_id"),),
    "project.created": (Fold("put", "projects", "project"),),
    "project.updated": (Fold("put", "projects", "project"),),
    "session.revoked": (),
    "task.created": (Fold("put", "tasks", "task"),),
    "task.updated": (Fold("put", "tasks", "task"),),
    "task.blocked": (Fold("patch", "tasks", "task"),),
    "task.deleted": (Fold("drop", "tasks", "task_id"),),
}


COLLECTIONS: dict[str, Collection] = {
    "members": Collection(Member, None, None),
    "workspaces": Collection(Workspace, None, None),
    "notifications": Collection(Notification, 100, "seq"),
    "messages": Collection(Message, 100, "seq"),
    "rooms": Collection(Room, None, None),
    "participants": Collection(Participant, None, None),
    "memberships": Collection(Membership, None, None),
    "projects": Collection(Project, None, None),
    "tasks": Collection(Task, None, None),
}


RETRYABLE = frozenset(
    {
        ErrorCode.TOKEN_EXPIRED,
        ErrorCode.RATE_LIMITED,
        ErrorCode.DEADLINE_EXCEEDED,
        ErrorCode.UNAVAILABLE,
        ErrorCode.INTERNAL,
    }
)
"""Codes after which the same request, unchanged, may succeed later."""


PROJECT_MOVES: dict[ProjectState, frozenset[ProjectState]] = {
    ProjectState.DRAFT: frozenset({ProjectState.ACTIVE, ProjectState.ARCHIVED}),
    ProjectState.ACTIVE: frozenset({ProjectState.ON_HOLD, ProjectState.COMPLETED, ProjectState.ARCHIVED}),
    ProjectState.ON_HOLD: frozenset({ProjectState.ACTIVE, ProjectState.ARCHIVED}),
    ProjectState.COMPLETED: frozenset({ProjectState.ACTIVE, ProjectState.ARCHIVED}),
    ProjectState.ARCHIVED: frozenset({ProjectState.ACTIVE}),
}
"""The legal moves of a `ProjectState`."""


TASK_MOVES: dict[TaskStatus, frozenset[TaskStatus]] = {
    TaskStatus.BACKLOG: frozenset(
        {TaskStatus.TODO, TaskStatus.IN_PROGRESS, TaskStatus.IN_REVIEW, TaskStatus.DONE, TaskStatus.CANCELED}
    ),
    TaskStatus.TODO: frozenset(
        {
            TaskStatus.BACKLOG,
            TaskStatus.IN_PROGRESS,
            TaskStatus.IN_REVIEW,
            TaskStatus.DONE,
            TaskStatus.CANCELED,
        }
    ),
    TaskStatus.IN_PROGRESS: frozenset(
        {TaskStatus.BACKLOG, TaskStatus.TODO, TaskStatus.IN_REVIEW, TaskStatus.DONE, TaskStatus.CANCELED}
    ),
    TaskStatus.IN_REVIEW: frozenset(
        {TaskStatus.BACKLOG, TaskStatus.TODO, TaskStatus.IN_PROGRESS, TaskStatus.DONE, TaskStatus.CANCELED}
    ),
    TaskStatus.DONE: frozenset({TaskStatus.BACKLOG, TaskStatus.TODO, TaskStatus.IN_PROGRESS}),
    TaskStatus.CANCELED: frozenset({TaskStatus.BACKLOG, TaskStatus.TODO}),
}
"""The legal moves of a `TaskStatus`."""


__all__ = [
    "COLLECTIONS",
    "COMMANDS",
    "DELETE_GRACE_DAYS",
    "EPHEMERA",
    "EVENTS",
    "FOLDS",
    "MAX_ASSIGNEES",
    "MAX_CHANNELS",
    "MAX_DEPENDENCIES",
    "MAX_DIRECTS",
    "MAX_DIRECT_MEMBERS",
    "MAX_EVENTS",
    "MAX_EVENT_BYTES",
    "MAX_IMPORT",
    "MAX_INVITATIONS",
    "MAX_LABELS",
    "MAX_MEMBERS",
    "MAX_MENTIONS",
    "MAX_PROJECTS",
    "MAX_REACTIONS",
    "MAX_REACTORS",
    "MAX_ROOM_MEMBERS",
    "MAX_SUBTASK_DEPTH",
    "MAX_TASKS",
    "MESSAGE_WINDOW",
    "NOTIFICATION_WINDOW",
    "PROJECT_MOVES",
    "PROTOCOL_VERSION",
    "RETRYABLE",
    "TASK_MOVES",
    "Body",
    "Change",
    "Closing",
    "Collection",
    "Command",
    "CommentSummary",
    "Credentials",
    "Cursor",
    "Day",
    "Email",
    "Emoji",
    "Entity",
    "ErrorBody",
    "ErrorCode",
    "Event",
    "EventRange",
    "ExternalId",
    "Fold",
    "Heads",
    "Health",
    "Hours",
    "Id",
    "ImportReport",
    "ImportedTask",
    "Invitation",
    "InvitationCreate",
    "InvitationCreated",
    "InvitationGet",
    "InvitationList",
    "InvitationRemove",
    "InvitationUpdate",
    "Joined",
    "Label",
    "Lagging",
    "Limits",
    "LoggedEvent",
    "Login",
    "Me",
    "Member",
    "MemberAdded",
    "MemberGet",
    "MemberKind",
    "MemberList",
    "MemberRemove",
    "MemberRemoved",
    "MemberSetRole",
    "MemberSort",
    "MemberUpdate",
    "MemberUpdated",
    "Membership",
    "MembershipRemoved",
    "MembershipUpdated",
    "Message",
    "MessageDelete",
    "MessageEdit",
    "MessageReact",
    "MessageSend",
    "MessageSent",
    "MessageUpdated",
    "Name",
    "NewRoomKind",
    "Notification",
    "NotificationAdded",
    "NotificationKind",
    "NotificationList",
    "Page",
    "PageSize",
    "Participant",
    "ParticipantAdded",
    "ParticipantRemoved",
    "Password",
    "PasswordChange",
    "Presence",
    "PresenceList",
    "PresenceSet",
    "PresenceStatus",
    "Priority",
    "Project",
    "ProjectCreate",
    "ProjectCreated",
    "ProjectDelete",
    "ProjectGet",
    "ProjectList",
    "ProjectMembers",
    "ProjectRemoveMember",
    "ProjectRestore",
    "ProjectSetMember",
    "ProjectSort",
    "ProjectState",
    "ProjectSummary",
    "ProjectTransition",
    "ProjectUpdate",
    "ProjectUpdated",
    "Ready",
    "Refresh",
    "Refreshed",
    "Register",
    "Room",
    "RoomAddMember",
    "RoomCreate",
    "RoomCreated",
    "RoomEvents",
    "RoomGet",
    "RoomHistory",
    "RoomJoin",
    "RoomKind",
    "RoomLeave",
    "RoomList",
    "RoomMarkRead",
    "RoomMembers",
    "RoomRemoveMember",
    "RoomRole",
    "RoomUnsubscribe",
    "RoomUpdate",
    "RoomUpdated",
    "Scope",
    "Search",
    "Secret",
    "Seq",
    "SessionInfo",
    "SessionRefresh",
    "SessionRevoked",
    "SessionsInfo",
    "SetupInfo",
    "Task",
    "TaskAssign",
    "TaskBlocked",
    "TaskBlockedChanged",
    "TaskComment",
    "TaskCreate",
    "TaskCreated",
    "TaskDelete",
    "TaskDeleted",
    "TaskDepend",
    "TaskGet",
    "TaskHistory",
    "TaskImport",
    "TaskList",
    "TaskMove",
    "TaskSort",
    "TaskStatus",
    "TaskTransition",
    "TaskUndepend",
    "TaskUpdate",
    "TaskUpdated",
    "Text",
    "ThreadSummary",
    "Timestamp",
    "Title",
    "TokenCreate",
    "TokenCreated",
    "TokenInfo",
    "TokensInfo",
    "Topic",
    "Typing",
    "TypingSet",
    "Version",
    "Workspace",
    "WorkspaceGet",
    "WorkspaceRole",
    "WorkspaceUpdate",
    "WorkspaceUpdated",
    "WorkspaceView",
]
