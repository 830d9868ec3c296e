"""The messages of the protocol. Written by scripts/generate.py from the server's contract; do not edit.

A command is a struct that names its reply: `client.call(TaskCreate(...))` gives a `Task`. Fields left at
their default stay off the wire. The server checks bounds; here they stand in the documentation.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar, Generic, NamedTuple, TypeAlias, TypeVar

from msgspec import UNSET, Struct, UnsetType, field

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
FileName: TypeAlias = str
"""A file name of 1 to 255 characters, without slashes, backslashes and control characters."""
Folder: TypeAlias = str
"""Folders with / between them, at most 32, none of them a dot or two."""
Digest: TypeAlias = str
"""A SHA-256 as 64 hexadecimal digits in lower case."""
PreviewName: TypeAlias = str
"""A name of 1 to 20 characters: small letters, digits and -."""
Bytes: TypeAlias = int
"""A whole number from 0 to 9,007,199,254,740,991."""
Ordinal: TypeAlias = int
"""A whole number from 1 to 2,147,483,647."""
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
Json: TypeAlias = dict[str, Any]
"""An object."""
Schema: TypeAlias = dict[str, Any]
"""An object."""
Note: TypeAlias = str
"""Text of at most 500 characters, without NUL."""
Money: TypeAlias = int
"""A whole number from 0 to 1,000,000,000,000,000."""
Tokens: TypeAlias = int
"""A whole number from 0 to 1,000,000,000,000."""
Seconds: TypeAlias = float
"""A number from 0 to 1,000,000,000."""
Share: TypeAlias = float
"""A number from 0 to 1."""
CapabilityName: TypeAlias = str
"""A name of 1 to 60 characters: letters, digits, _ . and -, a letter first."""
Fence: TypeAlias = int
"""A whole number from 1 to 2,147,483,647."""
LinkBytes: TypeAlias = str
"""Bytes as base64url without padding, in 1 to 1,334 characters."""
CommitBytes: TypeAlias = str
"""Bytes as base64url without padding, in 1 to 174,763 characters."""
EnvelopeBytes: TypeAlias = str
"""Bytes as base64url without padding, in 1 to 349,926 characters."""
Box: TypeAlias = str
"""Bytes as base64url without padding, in 192 to 192 characters."""
PairingBytes: TypeAlias = str
"""Bytes as base64url without padding, in 1 to 349,526 characters."""
EntryBytes: TypeAlias = str
"""Bytes as base64url without padding, in 1 to 1,334 characters."""
EntryKey: TypeAlias = str
"""A name of 1 to 64 characters: letters, digits, _ and -."""
Epoch: TypeAlias = int
"""A whole number from 0 to 4,294,967,295."""
Fingerprint: TypeAlias = str
"""Bytes as base64url without padding, in 43 to 43 characters."""
DeviceId: TypeAlias = str
"""Bytes as base64url without padding, in 22 to 22 characters."""


MAX_LINK_BYTES = 1_000
"""Of a link of an identity's chain."""
MAX_COMMIT_BYTES = 131_072
"""Of a commit of a sealed room."""
MAX_ENVELOPE_BYTES = 262_444
"""Of an envelope: a ciphertext of 256 KiB, its header and signature."""
MAX_PAIRING_BYTES = 262_144
"""Of one step of pairing: linking hands over the secrets of epochs."""
MAX_ENTRY_BYTES = 1_000
"""Of an entry of a backup."""
BOX_BYTES = 144
"""Of an epoch's secret for one device."""
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
MAX_ATTACHED = 20
"""Files that one message shows."""
MAX_FILES = 100_000
"""Files in one room, with those in its trash."""
MAX_VERSIONS = 500
"""Versions of one file; the oldest that are not pinned go first."""
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
MAX_AGENTS = 2_000
"""Agents in the workspace that are not retired."""
MAX_CAPABILITIES = 50
"""Capabilities of one agent."""
MAX_INSTANCES = 200
"""Processes of one agent at a time."""
MAX_SCHEMA_BYTES = 16_384
"""Bytes of one JSON Schema."""
MAX_JSON_BYTES = 262_144
"""Bytes of one input, result, answer, argument or artifact."""
MAX_LIVE_RUNS = 20_000
"""Runs of one project that have not ended."""
MAX_OUTPUT_CHUNK = 32_000
"""Characters of one piece of output."""
MAX_OUTPUT = 1_000_000
"""Characters of output of one run; what is larger is an artifact."""
MAX_LOG_LINES = 5_000
"""Log lines and progress reports of one run."""
MAX_ARTIFACTS = 50
"""Artifacts of one run."""
MAX_QUESTIONS = 200
"""Questions that one run asks."""
MAX_OPEN_QUESTIONS = 500
"""Open questions of one project; its snapshot holds them all."""
MAX_DETAIL_BYTES = 16_384
"""Bytes of what a log line carries, or of the arguments that are to be approved."""
MAX_ANSWER_BYTES = 65_536
"""Bytes of one answer."""
MAX_CALL_DEPTH = 8
"""Calls under calls."""
MAX_CALLS = 500
"""Runs that descend from one run by calls."""
MAX_SAME_CALLS = 2
"""Times that a capability stands above itself in a chain of calls."""
MAX_TRIGGERS = 200
"""Triggers of one project."""
ENDED_RUNS_WINDOW = 100
"""Ended runs that a project's snapshot and folded state hold, the newest."""
OFFER_SECONDS = 10
"""How long an offered run waits for the agent's first sign."""
LEASE_SECONDS = 25
"""How long a lease lasts from the agent's last sign; one that is lost is offered anew within 30 s."""
HEARTBEAT_SECONDS = 8
"""How often an agent's process gives a sign."""
FINAL_SECONDS = 15
"""How long a run that is being canceled may take for its last report."""
DELETE_GRACE_DAYS = 30
"""How long a deleted project can be restored."""
MAX_BACKUP_ENTRIES = 100_000
"""Entries that a backup may have."""
MAX_SEALED_ROOMS = 2_000
"""Sealed rooms that one member may make."""
MAX_SEALED_INVITES = 200
"""Open invitations of a sealed room."""
MAX_WANTS = 200
"""Devices that a sealed room may wait to grant secrets to."""
PAIRING_SECONDS = 300
"""After which a step of pairing is gone."""


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
    FENCED = "fenced"
    """The report is of an attempt that is over: another one has begun, or the run has ended. Stop."""
    RUN_CANCELED = "run_canceled"
    """Somebody has stopped the run; only one last report, `run.complete` or `run.fail`, is accepted."""
    BUDGET_EXHAUSTED = "budget_exhausted"
    """A budget does not bear this; `data.budget` says which. The run has failed."""
    E2EE_ROOM = "e2ee_room"
    """The room is encrypted: it takes sealed content only, and the server cannot search in it."""
    EPOCH_STALE = "epoch_stale"
    """The room has another epoch by now, `data.epoch`; seal it again."""
    COMMIT_CONFLICT = "commit_conflict"
    """Another commit or link was faster; `data` says which comes next. Apply it and make yours anew."""
    ROTATION_REQUIRED = "rotation_required"
    """The room needs a new epoch before this."""
    CTR_CONFLICT = "ctr_conflict"
    """This is not the device's next envelope; `data.expected` is its number."""
    VERSION_CONFLICT = "version_conflict"
    """The thing has another version by now, `data.current`."""
    CLIENT_ID_CONFLICT = "client_id_conflict"
    """Other bytes were sent under the same `client_id`."""
    NOT_MEMBER = "not_member"
    """The signing device is not an active one of a member of the room."""
    ROLE = "role"
    """The member's role in the room does not allow this."""
    BAD_SIGNATURE = "bad_signature"
    """A signature is not that of whom it names."""
    BAD_TRANSCRIPT = "bad_transcript"
    """What was seen of the room is not what stands there; catch up and seal it again."""
    MALFORMED = "malformed"
    """Bytes of an encrypted room are not in their form; `data.fault` says what is wrong."""
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


class BudgetPeriod(StrEnum):
    """What a budget is for."""

    TOTAL = "total"
    MONTH = "month"
    """Each calendar month, UTC. A run counts in the month in which it was offered first."""


class ContentKind(StrEnum):
    """What a file is, by its content."""

    IMAGE = "image"
    DOCUMENT = "document"
    """PDF, word processor, presentation, e-mail, e-book."""
    TEXT = "text"
    TABLE = "table"
    """CSV and spreadsheets."""
    CODE = "code"
    ARCHIVE = "archive"
    AUDIO = "audio"
    VIDEO = "video"
    OTHER = "other"


class AnalysisState(StrEnum):
    """How far the reading of a file's content is."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"
    """It is broken or beyond the limits; `error` says what."""


class FileSort(StrEnum):
    """What a list of files can be sorted by."""

    NAME = "name"
    UPDATED = "updated_at"
    BYTES = "bytes"
    QUALITY = "quality"


class NameConflict(StrEnum):
    """What becomes of a new file whose name is taken in its folder."""

    RENAME = "rename"
    """It gets a number: `report (2).pdf`."""
    VERSION = "version"
    """It becomes a version of the other one."""
    REFUSE = "refuse"


class DiffSign(StrEnum):
    """Where a line of a comparison stands."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


class FileCause(StrEnum):
    """What changed at a file."""

    UPLOADED = "uploaded"
    """A new version."""
    RESTORED = "restored"
    RENAMED = "renamed"
    MOVED = "moved"
    ANALYZED = "analyzed"
    DELETED = "deleted"
    UNDELETED = "undeleted"
    HELD = "held"
    RELEASED = "released"
    SHOWN = "shown"
    """It is for everybody in the room again."""


class PairingPurpose(StrEnum):
    """What two devices meet for."""

    LINK = "link"
    """A new device of a member with one that is known already."""
    VERIFY = "verify"
    """Devices of two members, that compare a number."""


class NotificationKind(StrEnum):
    """Why something concerns you."""

    MENTION = "mention"
    ASSIGNED = "assigned"
    REPLY = "reply"
    COMMENT = "comment"
    QUESTION = "question"
    """A run asks you something; `question_id` says what."""
    RUN_FAILED = "run_failed"
    """A run that you gave has failed for good."""


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


class QuestionKind(StrEnum):
    """What answers a question."""

    TEXT = "text"
    CHOICE = "choice"
    FORM = "form"
    APPROVAL = "approval"


class QuestionState(StrEnum):
    """Where a question stands."""

    OPEN = "open"
    ANSWERED = "answered"
    EXPIRED = "expired"
    """Nobody answered in time."""
    WITHDRAWN = "withdrawn"
    """The run has ended, or begins anew."""


class Form(StrEnum):
    """How a sealed room is shown. What it holds is the members' affair."""

    CONVERSATION = "conversation"
    PROJECT = "project"


class ItemKind(StrEnum):
    """What stands at a seq."""

    COMMIT = "commit"
    ENVELOPE = "envelope"
    STUB = "stub"
    """An envelope whose content was erased."""


class TriggerKind(StrEnum):
    """What a trigger waits for."""

    SCHEDULE = "schedule"
    EVENT = "event"
    WEBHOOK = "webhook"


class CatchUp(StrEnum):
    """What becomes of the times that passed while the server was down."""

    SKIP = "skip"
    LATEST = "latest"
    """One run, for the last of them."""
    ALL = "all"
    """A run for each, of the last 100."""


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


class RunState(StrEnum):
    """Where a run stands. The last four are final."""

    SUBMITTED = "submitted"
    """It waits to be started, or to be started again."""
    WORKING = "working"
    INPUT_REQUIRED = "input-required"
    """It waits for an answer."""
    AUTH_REQUIRED = "auth-required"
    """It waits for an approval."""
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"
    REJECTED = "rejected"
    """The agent that it was meant for does not take it."""


class ErrorClass(StrEnum):
    """Why an attempt failed; decides whether there is another."""

    TRANSIENT = "transient"
    """The world was at fault: a network, a service. Tried again, later each time."""
    RATE_LIMITED = "rate_limited"
    """Somebody else's limit. Tried again, after longer pauses."""
    CRASHED = "crashed"
    """The program raised. Tried again."""
    LOST = "lost"
    """The agent's process gave no more signs. Offered anew at once."""
    UNRESPONSIVE = "unresponsive"
    """The agent gave no first sign. Offered anew at once."""
    INVALID = "invalid"
    """The input makes no sense to the agent. Not tried again."""
    FATAL = "fatal"
    """It cannot be done. Not tried again."""
    BUDGET_EXHAUSTED = "budget_exhausted"
    """A budget is spent. Not tried again."""
    DEADLINE_EXCEEDED = "deadline_exceeded"
    """The run's deadline has passed. Not tried again."""
    CANCELED = "canceled"
    """Somebody stopped it. Not tried again."""


class AttemptOutcome(StrEnum):
    """How an attempt ended."""

    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"
    REJECTED = "rejected"
    RELEASED = "released"
    """The process handed it back, or waited for an answer when it went."""
    RESTARTED = "restarted"
    """Another instruction took its place."""


class RunControlKind(StrEnum):
    """What a process has to know about one of its runs."""

    CANCEL = "cancel"
    """Stop, report once more."""
    ANSWER = "answer"
    """The question is answered, expired or withdrawn."""
    REPLY = "reply"
    """The run that it called has ended."""
    LOST = "lost"
    """Stop: it is no longer this process's."""


class LogLevel(StrEnum):
    """How much a log line matters."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class RunCause(StrEnum):
    """Why a run has changed."""

    STARTED = "started"
    """An agent accepted it."""
    REQUEUED = "requeued"
    """An attempt has ended and there will be another."""
    RESTARTED = "restarted"
    """It begins anew with another input."""
    CANCELING = "canceling"
    WAITING = "waiting"
    """It waits for an answer, an approval or another run."""
    RESUMED = "resumed"
    """What it waited for has come."""
    STALE = "stale"
    CHANGED = "changed"


class AgentState(StrEnum):
    """Where an agent is in its life."""

    REGISTERED = "registered"
    """No process of it has ever connected."""
    ONLINE = "online"
    BUSY = "busy"
    """Connected and at work."""
    DRAINING = "draining"
    """All its processes finish what they have and take nothing more."""
    OFFLINE = "offline"
    RETIRED = "retired"
    """For good; its token is dead."""


class CostClass(StrEnum):
    """How dear a use of a capability is, for people who choose."""

    FREE = "free"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class SecondRun(StrEnum):
    """What happens to a second run for a task while the first one goes on."""

    REJECT = "reject"
    """It is refused."""
    ENQUEUE = "enqueue"
    """It waits until the first one has ended."""
    INTERRUPT = "interrupt"
    """The first one is canceled and may give a last report; then the second starts."""
    RESTART = "restart"
    """The first one's attempt ends at once and it begins anew with the second's input."""


class WaitReason(StrEnum):
    """Why a run waits."""

    BLOCKED = "blocked"
    """Its task waits for others."""
    BEHIND = "behind"
    """An earlier run for the same task goes on."""
    NOT_BEFORE = "not_before"
    """Its time has not come, or it pauses between two attempts."""
    PAUSED = "paused"
    """The project's queue is paused."""
    PROJECT_LIMIT = "project_limit"
    """The project has as many runs going on as it may."""
    NO_AGENT = "no_agent"
    """No agent of the project has the capability."""
    OFFLINE = "offline"
    """The agents that could do it are not connected, or draining."""
    UNRESPONSIVE = "unresponsive"
    """The agents that could do it let offers pass."""
    AT_CAPACITY = "at_capacity"
    """The agents that could do it have as many runs as they take."""
    RATE = "rate"
    """As many runs have started in the last minute as may."""
    BUDGET = "budget"
    """A budget does not bear what it would reserve."""
    OFFERED = "offered"
    """It is offered to an agent, which has yet to give a sign."""
    NEXT = "next"
    """Nothing: it is about to be offered."""


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


class Budget(Struct, frozen=True, kw_only=True):
    """What a project's runs, or an agent's, may cost, and how much of that is used."""

    project_id: Id | None
    agent_id: Id | None
    """One of the two."""
    period: BudgetPeriod
    limit: Money
    spent: Money
    reserved: Money
    """By runs that go on."""
    month: Day | None
    """Its first day."""
    updated_at: Timestamp


class Budgets(Struct, frozen=True, kw_only=True):
    """The budgets of a project or an agent."""

    items: list[Budget]


class BudgetList(Command[Budgets], frozen=True, kw_only=True):
    """The budgets of a project that you may see, or of an agent."""

    WIRE_NAME: ClassVar[str] = "budget.list"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = Budgets

    project_id: Id | None = None
    agent_id: Id | None = None


class BudgetSet(Command[Budgets], frozen=True, kw_only=True):
    """Set or lift a limit. For a project its managers, for an agent its owner and admins.

    Lower than what is spent and reserved: then nothing more starts, and what goes on may still
    spend what it has reserved.
    """

    WIRE_NAME: ClassVar[str] = "budget.set"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Budgets

    limit: Money | None
    """Null: none any more."""
    project_id: Id | None = None
    agent_id: Id | None = None
    period: BudgetPeriod = BudgetPeriod.MONTH


class FileInfo(Entity, frozen=True, kw_only=True):
    """A file, as its newest version is."""

    version: Version
    room: Id
    task_id: Id | None
    run_id: Id | None
    """The run that made the newest version."""
    folder: Folder
    name: FileName
    number: int
    """Of the newest version, from 1."""
    bytes: int
    sha256: Digest
    media_type: str
    """By content, not by name."""
    kind: ContentKind
    analysis: AnalysisState
    quality: int | None
    """0 to 100, once it is known."""
    held: str
    """Why nobody can download it; empty if one can."""
    restricted: bool
    """Only for managers, whoever made it, and those who were granted access."""
    created_by: Id
    created_at: Timestamp
    updated_by: Id
    updated_at: Timestamp
    purge_at: Timestamp | None
    """While it is in the trash: when it goes for good."""


class FileVersion(Struct, frozen=True, kw_only=True):
    """A version of a file."""

    file_id: Id
    number: int
    name: FileName
    """As it was called then."""
    bytes: int
    sha256: Digest
    media_type: str
    kind: ContentKind
    analysis: AnalysisState
    quality: int | None
    held: str
    label: str
    """What it is pinned as; empty if it may be thinned out."""
    restored_from: int | None
    run_id: Id | None
    created_by: Id
    created_at: Timestamp


class QualityPart(Struct, frozen=True, kw_only=True):
    """One thing that a quality score is made of."""

    name: str
    score: int
    """0 to 100."""
    weight: float
    """Its share of the whole; those of all parts are 1 together."""
    reason: str
    """In words, with the figures that it was reckoned from."""


class Quality(Struct, frozen=True, kw_only=True):
    """How good a file is of its kind."""

    score: int
    """0 to 100."""
    parts: list[QualityPart]


class Finding(Struct, frozen=True, kw_only=True):
    """Something in a file that somebody should know of. It never holds the thing itself."""

    kind: str
    """`secret` or `malware`."""
    rule: str
    page: int | None
    line: int | None


class Preview(Struct, frozen=True, kw_only=True):
    """A picture of a file or of one of its pages, for `file.link`."""

    name: str
    """`thumbnail`, or `page-1` and so on."""
    width: int
    height: int


class FileDescription(Struct, frozen=True, kw_only=True):
    """What was read from a file's content."""

    media_type: str
    kind: ContentKind
    language: str | None
    """ISO 639-1, where there is enough text to tell."""
    pages: int | None
    """Pages of text that can be read with `file.text`."""
    characters: int
    metadata: dict[str, Any]
    """By kind; at most 16 KiB."""
    quality: Quality | None
    findings: list[Finding]
    previews: list[Preview]
    error: str
    """What could not be read, and why; empty if all was."""


class FileGrant(Entity, frozen=True, kw_only=True):
    """Access to one file for a member, or for everybody who has this role in the room, or a higher one."""

    member_id: Id | None
    role: RoomRole | None
    access: RoomRole
    """`viewer` reads, `editor` also changes."""
    until: Timestamp | None
    created_by: Id
    created_at: Timestamp


class FileDetails(Struct, frozen=True, kw_only=True):
    """A file, or one of its versions, with what is known of it."""

    file: FileInfo
    version: FileVersion
    access: RoomRole
    """Yours."""
    description: FileDescription | None
    grants: list[FileGrant]
    """For managers and whoever made it; else empty."""


class FileList(Command[Page[FileInfo]], frozen=True, kw_only=True):
    """Files of a room that you may see. Filters are joined by «and»."""

    WIRE_NAME: ClassVar[str] = "file.list"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = Page[FileInfo]

    room: Id
    folder: Folder | None = None
    """Only those right in this folder."""
    task_id: Id | None = None
    run_id: Id | None = None
    kind: ContentKind | None = None
    query: Search | None = None
    """Part of the name."""
    trash: bool = False
    """Deleted ones in place of the others."""
    sort: FileSort = FileSort.NAME
    descending: bool = False
    cursor: Cursor | None = None
    limit: PageSize = 50


class FolderInfo(Struct, frozen=True, kw_only=True):
    """A folder: it is there as long as a file is in it."""

    path: Folder
    files: int
    """That you may see, at all depths."""
    bytes: int
    updated_at: Timestamp


class Folders(Struct, frozen=True, kw_only=True):
    """Folders, by name."""

    folders: list[FolderInfo]


class FileFolders(Command[Folders], frozen=True, kw_only=True):
    """The folders right in a folder, the first 1,000."""

    WIRE_NAME: ClassVar[str] = "file.folders"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = Folders

    room: Id
    folder: Folder = ""


class FileGet(Command[FileDetails], frozen=True, kw_only=True):
    """A file, or with `number` one of its versions, with what was read from it."""

    WIRE_NAME: ClassVar[str] = "file.get"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = FileDetails

    file_id: Id
    number: Ordinal | None = None


class FileAdopt(Command[FileInfo], frozen=True, kw_only=True):
    """Make a file, or a version of one, of content that the room has already: nothing is sent twice. Editors.

    `not_found` unless you may read a file of the room with that content; then upload it.
    """

    WIRE_NAME: ClassVar[str] = "file.adopt"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = FileInfo

    room: Id
    name: FileName
    sha256: Digest
    file_id: Id | None = None
    """Of which file it is a new version."""
    folder: Folder = ""
    task_id: Id | None = None
    run_id: Id | None = None
    conflict: NameConflict = NameConflict.RENAME


class FileRename(Command[FileInfo], frozen=True, kw_only=True):
    """Give a file another name. Editors."""

    WIRE_NAME: ClassVar[str] = "file.rename"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = FileInfo

    file_id: Id
    name: FileName
    version: Version | None = None


class FileMove(Command[FileInfo], frozen=True, kw_only=True):
    """Put a file into another folder of its room, and with `task_id` at a task, or at none. Editors."""

    WIRE_NAME: ClassVar[str] = "file.move"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = FileInfo

    file_id: Id
    folder: Folder
    task_id: Id | None = None
    version: Version | None = None


class FileVersions(Command[Page[FileVersion]], frozen=True, kw_only=True):
    """The versions of a file, newest first."""

    WIRE_NAME: ClassVar[str] = "file.versions"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = Page[FileVersion]

    file_id: Id
    cursor: Cursor | None = None
    limit: PageSize = 50


class FileRestore(Command[FileInfo], frozen=True, kw_only=True):
    """Make an old version the newest again, as a version of its own. Editors."""

    WIRE_NAME: ClassVar[str] = "file.restore"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = FileInfo

    file_id: Id
    number: Ordinal


class DiffLine(Struct, frozen=True, kw_only=True):
    """A line of a comparison."""

    sign: DiffSign
    before: int | None
    """Its number there, from 1."""
    after: int | None
    text: str


class Hunk(Struct, frozen=True, kw_only=True):
    """Lines that differ, with three lines around them."""

    lines: list[DiffLine]


class FileComparison(Struct, frozen=True, kw_only=True):
    """How two versions of a file differ."""

    before: FileVersion
    after: FileVersion
    same: bool
    """Byte by byte."""
    text: bool
    """Whether their texts were compared."""
    added: int
    """Lines."""
    removed: int
    hunks: list[Hunk]
    truncated: bool
    """There is more than is shown."""
    metadata: dict[str, list[Any]]
    """What differs of the metadata: before and after, by name."""


class FileCompare(Command[FileComparison], frozen=True, kw_only=True):
    """How two versions of a file differ, in their text where they have one."""

    WIRE_NAME: ClassVar[str] = "file.compare"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = FileComparison

    file_id: Id
    before: Ordinal
    after: Ordinal


class FilePin(Command[FileVersion], frozen=True, kw_only=True):
    """Name a version, which keeps it for good; without a label it may be thinned out again. Editors."""

    WIRE_NAME: ClassVar[str] = "file.pin"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = FileVersion

    file_id: Id
    number: Ordinal
    label: Name | None = None


class FileDelete(Command[FileInfo], frozen=True, kw_only=True):
    """Put a file into the trash, from which it goes after 30 days. Editors.

    With `forever`, for managers, at once: its versions are gone.
    """

    WIRE_NAME: ClassVar[str] = "file.delete"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = FileInfo

    file_id: Id
    forever: bool = False


class FileUndelete(Command[FileInfo], frozen=True, kw_only=True):
    """Take a file out of the trash; it gets a number if its name was taken meanwhile. Editors."""

    WIRE_NAME: ClassVar[str] = "file.undelete"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = FileInfo

    file_id: Id


class FileRestrict(Command[FileInfo], frozen=True, kw_only=True):
    """Let only managers, whoever made it and those granted access have a file; or everybody again.

    For managers and whoever made it.
    """

    WIRE_NAME: ClassVar[str] = "file.restrict"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = FileInfo

    file_id: Id
    restricted: bool


class FileGrantAccess(Command[FileGrant], frozen=True, kw_only=True):
    """Give a person, an agent or a role access to one file, also if they are not in its room.

    For managers and whoever made it. A grant to the same replaces the one before.
    """

    WIRE_NAME: ClassVar[str] = "file.grant"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = FileGrant

    file_id: Id
    member_id: Id | None = None
    role: RoomRole | None = None
    """In place of a member: everybody in the room with this role, or a higher one."""
    access: RoomRole = RoomRole.VIEWER
    """`viewer` or `editor`."""
    until: Timestamp | None = None


class FileRevoke(Command[FileGrant], frozen=True, kw_only=True):
    """End a grant; links made with it stop working. For managers and whoever made the file."""

    WIRE_NAME: ClassVar[str] = "file.revoke"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = FileGrant

    file_id: Id
    grant_id: Id


class FileHold(Command[FileInfo], frozen=True, kw_only=True):
    """Keep everybody from downloading a version, the newest if none is named, and say why; without a reason
    let it go again. Managers. The check for malware does the same.
    """

    WIRE_NAME: ClassVar[str] = "file.hold"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = FileInfo

    file_id: Id
    number: Ordinal | None = None
    reason: Note = ""


class FileHit(Struct, frozen=True, kw_only=True):
    """A page of a file in which something was found."""

    file: FileInfo
    page: int
    """From 1."""
    snippet: str
    """Around what was found, which stands between U+0002 and U+0003."""


class FileHits(Struct, frozen=True, kw_only=True):
    """What was found, best first."""

    hits: list[FileHit]


class FileSearch(Command[FileHits], frozen=True, kw_only=True):
    """Search in what files say, of a room or of all that you may see: words, "phrases", or, -not.

    The best page of each file.
    """

    WIRE_NAME: ClassVar[str] = "file.search"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = FileHits

    query: Search
    room: Id | None = None
    kind: ContentKind | None = None
    limit: int = 20
    """A whole number from 1 to 50."""


class SimilarFile(Struct, frozen=True, kw_only=True):
    """A file that is nearly the same as another."""

    file: FileInfo
    likeness: float
    """1 is the same content."""


class SimilarFiles(Struct, frozen=True, kw_only=True):
    """Files like another, the most alike first."""

    files: list[SimilarFile]


class FileSimilar(Command[SimilarFiles], frozen=True, kw_only=True):
    """Files of the same room that are nearly the same as this one, by text or by look; at most 50."""

    WIRE_NAME: ClassVar[str] = "file.similar"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = SimilarFiles

    file_id: Id


class FileText(Struct, frozen=True, kw_only=True):
    """A page of what a file says."""

    page: int
    pages: int
    text: str


class FileTextGet(Command[FileText], frozen=True, kw_only=True):
    """A page of the text that was read from a file. `not_found` while there is none."""

    WIRE_NAME: ClassVar[str] = "file.text"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = FileText

    file_id: Id
    number: Ordinal | None = None
    page: Ordinal = 1


class FileLink(Struct, frozen=True, kw_only=True):
    """An address from which one can download without signing in, for a while."""

    url: str
    expires_at: Timestamp


class FileLinkGet(Command[FileLink], frozen=True, kw_only=True):
    """A link to a file's content, for a browser. It works while you may read the file, an hour at most."""

    WIRE_NAME: ClassVar[str] = "file.link"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = FileLink

    file_id: Id
    number: Ordinal | None = None
    preview: PreviewName | None = None
    """A preview in place of the file."""
    inline: bool = False
    """Whether a browser may show it, where that is safe, in place of saving it."""
    seconds: int = 300
    """A whole number from 5 to 3,600."""


class Quota(Struct, frozen=True, kw_only=True):
    """How much a room or a member has, and may have."""

    bytes: int
    """A room: that its files take, each content once. A member: that it has sent in the last 24 hours."""
    reserved: int
    """For uploads under way."""
    limit: int


class FileQuota(Struct, frozen=True, kw_only=True):
    """What may still be uploaded to a room, by you."""

    room: Quota
    member: Quota
    largest: int
    """Bytes of the largest file that this server takes."""


class FileQuotaGet(Command[FileQuota], frozen=True, kw_only=True):
    """How much is in a room and how much you have sent, and what the limits are."""

    WIRE_NAME: ClassVar[str] = "file.quota"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = FileQuota

    room: Id


class FileQuotaSet(Command[Quota], frozen=True, kw_only=True):
    """Set how many bytes a project or channel may take, or a member send in 24 hours. Admins.

    Without a limit, that of the settings holds again.
    """

    WIRE_NAME: ClassVar[str] = "file.set_quota"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Quota

    room: Id | None = None
    member_id: Id | None = None
    limit: Bytes | None = None


class FileCreated(Event, frozen=True, kw_only=True):
    """A new file."""

    TYPE: ClassVar[str] = "file.created"

    file: FileInfo


class FileUpdated(Event, frozen=True, kw_only=True):
    """A file has changed."""

    TYPE: ClassVar[str] = "file.updated"

    file: FileInfo
    cause: FileCause


class FileRemoved(Event, frozen=True, kw_only=True):
    """A file has gone for good, or is no longer for everybody."""

    TYPE: ClassVar[str] = "file.removed"

    file_id: Id


class Identity(Entity, frozen=True, kw_only=True):
    """How far somebody's chain reaches; `id` is the member's."""

    fp: Fingerprint
    """Names the identity. A member has another one only after a new beginning."""
    seq: Seq
    """Of its last link."""
    head: Fingerprint
    """The hash of its last link."""


class Chain(Struct, frozen=True, kw_only=True):
    """Successive links of an identity, from `after_seq` on; more of them if `seq` of its head is greater."""

    identity: Identity
    links: list[LinkBytes]


class IdentityPublish(Command[Identity], frozen=True, kw_only=True):
    """Add links to the own chain, or to that of an agent of one's own; the first begins with its genesis.

    `commit_conflict` with `expected`, if other links have come since; fetch them and sign anew.
    """

    WIRE_NAME: ClassVar[str] = "identity.publish"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Identity

    links: list[LinkBytes]
    """A list of 1 to 100 items."""
    member_id: Id | None = None
    """Yourself, if left out; an agent's owner may name the agent."""
    replaces: Fingerprint | None = None
    """To begin anew with a genesis: the identity that is given up. Rooms have to add the new one."""


class IdentityList(Command[list[Identity]], frozen=True, kw_only=True):
    """How far the chains of these members reach; those that have none are left out."""

    WIRE_NAME: ClassVar[str] = "identity.list"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = list[Identity]

    members: list[Id]
    """A list of 1 to 200 items."""


class IdentityChain(Command[Chain], frozen=True, kw_only=True):
    """The links of an identity, in order, up to 1,000 at once. Also of one that was given up."""

    WIRE_NAME: ClassVar[str] = "identity.chain"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = Chain

    fp: Fingerprint
    after_seq: int = -1
    """The last one that you have; -1 for all. A whole number from -1 to 2,147,483,647."""


class IdentityExtended(Struct, frozen=True, kw_only=True):
    """In each sealed room and in the own inbox: somebody's chain reaches further now."""

    room: Id
    identity: Identity


class Pairing(Struct, frozen=True, kw_only=True):
    """One step that a device has sent to another. It is gone after five minutes."""

    id: Id
    """Chosen by who begins; both sides name it."""
    purpose: PairingPurpose
    sender: Id
    """The member whose device has sent it."""
    step: int
    """A whole number from 0 to 9."""
    body: PairingBytes
    at: Timestamp


class PairingSend(Command[Pairing], frozen=True, kw_only=True):
    """Send a step to a member's devices, yourself included. Each step of a pairing can be sent once.

    To another member only if you both may know of each other. At most 20 pairings an hour.
    """

    WIRE_NAME: ClassVar[str] = "pairing.send"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = Pairing

    id: Id
    purpose: PairingPurpose
    to: Id
    step: int
    """A whole number from 0 to 9."""
    body: PairingBytes


class PairingList(Command[list[Pairing]], frozen=True, kw_only=True):
    """What was sent to you and is not yet gone, oldest first, for whoever has just connected."""

    WIRE_NAME: ClassVar[str] = "pairing.list"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = list[Pairing]


class PairingSent(Struct, frozen=True, kw_only=True):
    """In the inbox of whom it is for: a step of a pairing."""

    room: Id
    pairing: Pairing


class BackupEntry(Struct, frozen=True, kw_only=True):
    """One thing that is kept, under a name that says nothing."""

    key: EntryKey
    body: EntryBytes


class Backup(Struct, frozen=True, kw_only=True):
    """What a recovery code opens: a first part of the entries, if there are more than 500."""

    ver: Ordinal
    master: EntryBytes
    entries: list[BackupEntry]
    next: str | None
    """For `after`; null after the last."""


class BackupPut(Command[None], frozen=True, kw_only=True):
    """Add entries to the own backup, or replace those of the same key.

    A greater `ver` begins a new one and drops the one before; a lower one is refused with `version_conflict`.
    """

    WIRE_NAME: ClassVar[str] = "backup.put"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = None

    ver: Ordinal
    master: EntryBytes
    entries: list[BackupEntry]
    """A list of at most 500 items."""


class BackupGet(Command[Backup], frozen=True, kw_only=True):
    """The own backup, entries by key; `not_found` if there is none."""

    WIRE_NAME: ClassVar[str] = "backup.get"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = Backup

    after: EntryKey | None = None


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
    run_id: Id | None = None
    question_id: Id | None = None


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


class Question(Entity, frozen=True, kw_only=True):
    """Something that a run wants to know or be allowed. A project's state holds the open ones."""

    project_id: Id
    run_id: Id
    task_id: Id | None
    agent_id: Id
    key: str
    """The agent's own name for it: asked again with the same, it is the same question. Text of 1 to 200
    characters.
    """
    kind: QuestionKind
    prompt: str
    """Text of 1 to 4,000 characters."""
    choices: list[str]
    form: Schema | None
    """JSON Schema of the answer."""
    action: str | None
    """Of an approval: what is to be done. Text of at most 200 characters."""
    arguments: Json | None
    """Of an approval: with what, exactly."""
    arguments_hash: str | None
    """SHA-256 of the arguments as JSON with sorted keys and no spaces, in hex. Text of at most 64
    characters.
    """
    ceiling: Money | None
    """Of an approval: most that it may cost."""
    asked: list[Id]
    """Who was asked; nobody: everybody who may edit."""
    state: QuestionState
    answer: Any | None
    """Text, one of the choices, an object, or for an approval true or false."""
    comment: str
    """Text of at most 2,000 characters."""
    answered_by: Id | None
    created_at: Timestamp
    answered_at: Timestamp | None
    expires_at: Timestamp | None
    used_at: Timestamp | None
    """Of an approval: when it was made use of. It serves once."""


class QuestionList(Command[Page[Question]], frozen=True, kw_only=True):
    """Questions that you may answer, newest first, over all your projects or in one."""

    WIRE_NAME: ClassVar[str] = "question.list"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = Page[Question]

    project_id: Id | None = None
    run_id: Id | None = None
    open: bool = True
    """False: also those that are answered, expired or withdrawn."""
    cursor: Cursor | None = None
    limit: PageSize = 50


class QuestionGet(Command[Question], frozen=True, kw_only=True):
    """One question."""

    WIRE_NAME: ClassVar[str] = "question.get"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = Question

    question_id: Id


class RunAnswer(Command[Question], frozen=True, kw_only=True):
    """Answer a question. Those who were asked, or whoever may edit; approvals are for people alone.

    Managers may always answer.
    """

    WIRE_NAME: ClassVar[str] = "run.answer"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Question

    question_id: Id
    answer: Any
    """Text, one of the choices, an object that satisfies the form, or for an approval true or false."""
    comment: str = ""
    """Text of at most 2,000 characters."""


class QuestionAsked(Event, frozen=True, kw_only=True):
    """A run asks something."""

    TYPE: ClassVar[str] = "question.asked"

    question: Question


class QuestionClosed(Event, frozen=True, kw_only=True):
    """A question was answered, has expired or was withdrawn."""

    TYPE: ClassVar[str] = "question.closed"

    question_id: Id
    question: Question


class ApprovalUsed(Event, frozen=True, kw_only=True):
    """A run has made use of an approval."""

    TYPE: ClassVar[str] = "approval.used"

    question: Question
    cost: Money


class SealedRoom(Entity, frozen=True, kw_only=True):
    """What the server knows of a sealed room."""

    room_ref: Fingerprint
    form: Form
    cseq: Seq
    """Of the last commit."""
    epoch: Epoch
    created_by: Id
    created_at: Timestamp


class Item(Struct, frozen=True, kw_only=True):
    """What stands at a seq of a sealed room."""

    seq: Seq
    kind: ItemKind
    body: EnvelopeBytes
    at: Timestamp
    actor: Id | None


class Items(Struct, frozen=True, kw_only=True):
    """A stretch of a sealed room's timeline, in order; more of it if `head` is greater."""

    room: Id
    head: Seq
    transcript: Fingerprint
    """Of the room before the first of them."""
    items: list[Item]


class DeviceBox(Struct, frozen=True, kw_only=True):
    """The secret of an epoch, for one device."""

    epoch: Epoch
    box: Box


class Posted(Struct, frozen=True, kw_only=True):
    """Where something stands in the timeline."""

    room: Id
    seq: Seq


class SealedCreate(Command[SealedRoom], frozen=True, kw_only=True):
    """Make a sealed room: its genesis, which stands at seq 1, and the commit that makes epoch 1, at 2."""

    WIRE_NAME: ClassVar[str] = "sealed.create"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = SealedRoom

    id: Id
    form: Form
    genesis: CommitBytes
    commit: CommitBytes
    boxes: list[Box]
    """A list of at most 1,000 items."""


class SealedGet(Command[SealedRoom], frozen=True, kw_only=True):
    """What the server knows of a sealed room that you are in."""

    WIRE_NAME: ClassVar[str] = "sealed.get"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = SealedRoom

    room: Id


class SealedCommit(Command[Posted], frozen=True, kw_only=True):
    """Change who belongs to a room, or make a new epoch.

    `commit_conflict` if another commit was faster: apply it and make yours anew.
    """

    WIRE_NAME: ClassVar[str] = "sealed.commit"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Posted

    room: Id
    commit: CommitBytes
    boxes: list[Box] = []
    """For the recipients of a new epoch, in their order; none without one. A list of at most 1,000 items."""


class SealedPost(Command[Posted], frozen=True, kw_only=True):
    """Say something. Sent again with the same bytes it has the same answer.

    `ctr_conflict`, `epoch_stale`, `rotation_required`, `version_conflict`, `bad_transcript`, `not_member`,
    `role`: catch up with the room, and seal anew.
    """

    WIRE_NAME: ClassVar[str] = "sealed.post"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = Posted

    room: Id
    envelope: EnvelopeBytes
    erases: list[Seq] = []
    """Envelopes of which only the stub is to be kept: own ones; an admin may erase anybody's. A list of at
    most 100 items.
    """


class SealedItems(Command[Items], frozen=True, kw_only=True):
    """What stands after `after_seq`, up to `limit` and 4 MiB. Nothing is ever too old."""

    WIRE_NAME: ClassVar[str] = "sealed.items"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = Items

    room: Id
    after_seq: Seq = 0
    limit: int = 1000
    """A whole number from 1 to 1,000."""


class SealedBoxes(Command[list[DeviceBox]], frozen=True, kw_only=True):
    """The boxes that are for a device of yours, from epochs and from grants, by epoch; up to 1,000."""

    WIRE_NAME: ClassVar[str] = "sealed.boxes"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = list[DeviceBox]

    room: Id
    device_id: DeviceId
    from_epoch: Epoch = 1


class SealedGrant(Command[None], frozen=True, kw_only=True):
    """Give the secret of an epoch to a device that was added since."""

    WIRE_NAME: ClassVar[str] = "sealed.grant"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = None

    room: Id
    epoch: Ordinal
    fp: Fingerprint
    device_id: DeviceId
    box: Box


class Want(Struct, frozen=True, kw_only=True):
    """A device that lacks the secrets of epochs from one on; whoever has them may grant them."""

    fp: Fingerprint
    device_id: DeviceId
    epoch: Ordinal


class SealedWant(Command[None], frozen=True, kw_only=True):
    """Ask the others for the secret of an epoch that a device of yours lacks. It is asked for a week."""

    WIRE_NAME: ClassVar[str] = "sealed.want"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = None

    room: Id
    device_id: DeviceId
    epoch: Ordinal


class SealedWants(Command[list[Want]], frozen=True, kw_only=True):
    """Which devices lack secrets in this room; up to 200."""

    WIRE_NAME: ClassVar[str] = "sealed.wants"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = list[Want]

    room: Id


class SealedWhisper(Command[None], frozen=True, kw_only=True):
    """Say something that nobody keeps, in an ephemeral envelope: who types, that an agent still works."""

    WIRE_NAME: ClassVar[str] = "sealed.whisper"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = None

    room: Id
    envelope: EnvelopeBytes


class SealedDiscard(Command[None], frozen=True, kw_only=True):
    """Remove an object for good: a file's bytes. Who has uploaded it, and the room's admins."""

    WIRE_NAME: ClassVar[str] = "sealed.discard"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = None

    room: Id
    object_id: Id


class CommitPosted(Event, frozen=True, kw_only=True):
    """A commit stands here."""

    TYPE: ClassVar[str] = "commit.posted"

    commit: CommitBytes
    removed: list[Id]
    """Whom the server shuts out by it. Clients go by the commit."""


class EnvelopePosted(Event, frozen=True, kw_only=True):
    """An envelope stands here; or, once it was erased, its stub."""

    TYPE: ClassVar[str] = "envelope.posted"

    envelope: EnvelopeBytes
    erases: list[Seq] = []


class SealedWhispered(Struct, frozen=True, kw_only=True):
    """In a sealed room: an ephemeral envelope."""

    room: Id
    envelope: EnvelopeBytes


class SealedGranted(Struct, frozen=True, kw_only=True):
    """In a sealed room: a box for a device has come; fetch it with `sealed.boxes`."""

    room: Id
    device_id: DeviceId
    epoch: Ordinal


class SealedWanted(Struct, frozen=True, kw_only=True):
    """In a sealed room: a device asks for a secret; grant it if you have it and it may."""

    room: Id
    want: Want


class SealedInvite(Entity, frozen=True, kw_only=True):
    """An invitation to a sealed room. Its secret is only in the link that was made from it."""

    room: Id
    room_ref: Fingerprint
    form: Form
    created_by: Id
    created_at: Timestamp
    expires_at: Timestamp
    uses: int
    """How often it can still be answered. A whole number from 0 to 1,000."""


class JoinRequest(Entity, frozen=True, kw_only=True):
    """Somebody has answered an invitation, and waits for a member to check the proof and add them."""

    invite_id: Id
    member_id: Id
    fp: Fingerprint
    proof: Fingerprint
    at: Timestamp


class SealedInviteCreate(Command[SealedInvite], frozen=True, kw_only=True):
    """Let somebody be added by a link. Who may add members of the room; at most 200 open ones a room."""

    WIRE_NAME: ClassVar[str] = "sealed_invite.create"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = SealedInvite

    id: Id
    room: Id
    hours: int = 72
    """A whole number from 1 to 720."""
    uses: int = 1
    """A whole number from 1 to 1,000."""


class SealedInviteGet(Command[SealedInvite], frozen=True, kw_only=True):
    """An invitation whose link you have; `not_found` once it is over."""

    WIRE_NAME: ClassVar[str] = "sealed_invite.get"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = SealedInvite

    id: Id


class SealedInviteAnswer(Command[JoinRequest], frozen=True, kw_only=True):
    """Ask to be added, with the proof that you have the link's secret."""

    WIRE_NAME: ClassVar[str] = "sealed_invite.answer"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = JoinRequest

    invite_id: Id
    fp: Fingerprint
    proof: Fingerprint


class SealedInviteRequests(Command[list[JoinRequest]], frozen=True, kw_only=True):
    """Who waits to be added to a room, oldest first; up to 200."""

    WIRE_NAME: ClassVar[str] = "sealed_invite.requests"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = list[JoinRequest]

    room: Id


class SealedInviteClose(Command[None], frozen=True, kw_only=True):
    """Withdraw an invitation and what was answered to it. Its maker, and the room's admins."""

    WIRE_NAME: ClassVar[str] = "sealed_invite.close"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = None

    id: Id


class SealedInviteDismiss(Command[None], frozen=True, kw_only=True):
    """Take a request off the list: the proof is wrong, or the one it names was added."""

    WIRE_NAME: ClassVar[str] = "sealed_invite.dismiss"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = None

    id: Id


class SealedInviteAnswered(Struct, frozen=True, kw_only=True):
    """In a sealed room: somebody waits to be added."""

    room: Id
    request: JoinRequest


class EventFilter(Struct, frozen=True, kw_only=True):
    """Which events of the project's room a trigger waits for."""

    type: str
    """Such as `task.created`; not one of `run.…`, `question.…`, `approval.…` or `trigger.…`. Text of 1 to
    60 characters.
    """
    where: dict[str, Any] = {}
    """Values by path, such as `task.status`: all must be equal; of a list, one of them. An object of at
    most 20 keys.
    """


class Trigger(Entity, frozen=True, kw_only=True):
    """Something that starts runs by itself."""

    version: Version
    project_id: Id
    name: Name
    kind: TriggerKind
    cron: str | None
    """Five fields, as crontab has them. Text of 1 to 200 characters."""
    zone: str
    """The time zone of `cron`, such as `Europe/Berlin`. Text of 1 to 64 characters."""
    catch_up: CatchUp
    filter: EventFilter | None
    capability: CapabilityName
    agent_id: Id | None
    input: Json
    """The runs' input. Texts in it that are `{{path}}` stand for a value of the event, or of the
    webhook's body.
    """
    enabled: bool
    next_at: Timestamp | None
    """Of a schedule."""
    fired_at: Timestamp | None
    fired: int
    """How often."""
    error: Note
    """Why the last firing made no run; empty if it made one."""
    created_by: Id
    created_at: Timestamp
    updated_at: Timestamp


class TriggerMade(Struct, frozen=True, kw_only=True):
    """A trigger; for a webhook with the address to post to and the secret to sign with, shown this once."""

    trigger: Trigger
    url: str | None
    secret: str | None


class TriggerCreate(Command[TriggerMade], frozen=True, kw_only=True):
    """Have runs start by themselves. Managers."""

    WIRE_NAME: ClassVar[str] = "trigger.create"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = TriggerMade

    project_id: Id
    name: Name
    kind: TriggerKind
    capability: CapabilityName
    id: Id | None = None
    agent_id: Id | None = None
    input: Json = {}
    cron: str | None = None
    """Text of 1 to 200 characters."""
    zone: str = "UTC"
    """Text of 1 to 64 characters."""
    catch_up: CatchUp = CatchUp.LATEST
    filter: EventFilter | None = None


class TriggerUpdate(Command[Trigger], frozen=True, kw_only=True):
    """Change a trigger, stop it or let it go on. Managers."""

    WIRE_NAME: ClassVar[str] = "trigger.update"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Trigger

    trigger_id: Id
    version: Version
    name: Name | UnsetType = UNSET
    capability: CapabilityName | UnsetType = UNSET
    agent_id: Id | UnsetType | None = UNSET
    input: Json | UnsetType = UNSET
    cron: str | UnsetType = UNSET
    """Text of 1 to 200 characters."""
    zone: str | UnsetType = UNSET
    """Text of 1 to 64 characters."""
    catch_up: CatchUp | UnsetType = UNSET
    filter: EventFilter | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET


class TriggerDelete(Command[Trigger], frozen=True, kw_only=True):
    """Delete a trigger. Managers."""

    WIRE_NAME: ClassVar[str] = "trigger.delete"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Trigger

    trigger_id: Id


class TriggerRotateSecret(Command[TriggerMade], frozen=True, kw_only=True):
    """Give a webhook another secret. Managers."""

    WIRE_NAME: ClassVar[str] = "trigger.rotate_secret"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = TriggerMade

    trigger_id: Id


class TriggerList(Command[Page[Trigger]], frozen=True, kw_only=True):
    """The triggers of a project, by name."""

    WIRE_NAME: ClassVar[str] = "trigger.list"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = Page[Trigger]

    project_id: Id
    cursor: Cursor | None = None
    limit: PageSize = 50


class TriggerCreated(Event, frozen=True, kw_only=True):
    """A new trigger."""

    TYPE: ClassVar[str] = "trigger.created"

    trigger: Trigger


class TriggerUpdated(Event, frozen=True, kw_only=True):
    """A trigger was changed, or has fired."""

    TYPE: ClassVar[str] = "trigger.updated"

    trigger: Trigger


class TriggerDeleted(Event, frozen=True, kw_only=True):
    """A trigger is gone."""

    TYPE: ClassVar[str] = "trigger.deleted"

    trigger_id: Id


class MessageFile(Struct, frozen=True, kw_only=True):
    """A file of the room that a message shows, as it was called then."""

    id: Id
    name: str
    bytes: int
    media_type: str
    kind: ContentKind


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
    files: list[MessageFile] = []


class ThreadSummary(Entity, frozen=True, kw_only=True):
    """What an answer changes at the message that opened its thread."""

    reply_count: int


class CommentSummary(Entity, frozen=True, kw_only=True):
    """What a comment changes at its task."""

    comment_count: int


class MessageSend(Command[Message], frozen=True, kw_only=True):
    """Say something in a room. `@[name](id)` mentions a member, into whose inbox it goes.

    `files` are some of the same room that are for everybody in it; with them the text may be blank.
    """

    WIRE_NAME: ClassVar[str] = "message.send"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Message

    room: Id
    text: Text
    id: Id | None = None
    thread_id: Id | None = None
    files: list[Id] = []
    """A list of at most 20 items."""


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


class UploadTarget(Struct, frozen=True, kw_only=True):
    """What an upload becomes. On the wire `name` is called `filename`, as tus clients do."""

    room: Id
    name: FileName
    folder: Folder = ""
    task_id: Id | None = None
    run_id: Id | None = None
    """As an agent: the run, at work with it, that made the file."""
    file_id: Id | None = None
    """Of which file it is a new version."""
    conflict: NameConflict = NameConflict.RENAME
    sha256: Digest | None = None
    """What the whole must be; else it is thrown away."""


class ObjectTarget(Struct, frozen=True, kw_only=True):
    """What an upload into a sealed room becomes. Whatever else there is to it stands in an envelope."""

    room: Id
    object_id: Id
    """New, and chosen at random by the client."""


class SealedObject(Entity, frozen=True, kw_only=True):
    """All that the server knows of a file in a sealed room: that there are so many bytes, and whose."""

    room: Id
    bytes: int
    created_by: Id
    created_at: Timestamp


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
    until: Timestamp | None = None
    """When the membership ends by itself."""
    task_id: Id | None = None
    """It is for this task alone: nothing else in the project can be changed, and it ends with the task."""


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
    """Add a member of the workspace to the project, or change its role. Managers.

    With `until` or `task_id` for a time or for one task; what was set before is replaced.
    """

    WIRE_NAME: ClassVar[str] = "project.set_member"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Participant

    project_id: Id
    member_id: Id
    role: RoomRole = RoomRole.EDITOR
    until: Timestamp | None = None
    task_id: Id | None = None


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


class Fired(Struct, frozen=True, kw_only=True):
    """What came of a webhook."""

    run_id: Id | None
    """The run that it started, now or when it came first."""
    error: str
    """Why it started none now; empty if it did, or has come before."""
    repeated: bool
    """It has come before, and nothing was done again."""


class RunError(Struct, frozen=True, kw_only=True):
    """Why a run, or an attempt at it, failed."""

    cause: ErrorClass
    message: str
    """Text of at most 2,000 characters."""


class Costs(Struct, frozen=True, kw_only=True):
    """What was used up."""

    tokens: Tokens = 0
    money: Money = 0
    seconds: Seconds = 0.0


class RunInfo(Entity, frozen=True, kw_only=True):
    """Work given to an agent. Its input, result, output and questions are had with `run.get`."""

    version: Version
    project_id: Id
    task_id: Id | None
    """The task that it is done for; null for calls and runs of triggers."""
    title: str
    """The task's at the time, or the capability. Text of at most 300 characters."""
    capability: CapabilityName
    wanted_agent_id: Id | None
    """The agent that it was given to; null: whichever has the capability."""
    agent_id: Id | None
    """The agent that works on it, or did last."""
    instance_id: Id | None
    """The process that has its lease, or is offered it."""
    requested_by: Id
    parent_id: Id | None
    """The run that called for it."""
    previous_id: Id | None
    """The run that handed over to it."""
    trigger_id: Id | None
    depth: int
    """Calls above it."""
    state: RunState
    waiting_for: Id | None
    """A run that it called and waits for; meanwhile it takes no slot."""
    canceling: bool
    """Somebody has stopped it, and its agent may give one last report."""
    stale: bool
    """It has shown no progress for too long."""
    attempt: int
    """How many attempts there have been; the number of the present one is its fence."""
    attempts: int
    """How many there may be."""
    priority: Priority
    not_before: Timestamp | None
    deadline: Timestamp | None
    review: bool
    """True: its task goes into review when it completes, not to done."""
    budget: Money | None
    """Most that it may cost."""
    costs: Costs
    progress: Share | None
    note: Note
    """What it is at, in the agent's words."""
    error: RunError | None
    """Of the last attempt that failed."""
    summary: Note
    """Of its result, in the agent's words."""
    created_at: Timestamp
    started_at: Timestamp | None
    """When the first attempt was accepted."""
    progress_at: Timestamp | None
    ended_at: Timestamp | None
    updated_at: Timestamp


class EndedRun(Entity, frozen=True, kw_only=True):
    """A run that has ended."""

    version: Version
    project_id: Id
    task_id: Id | None
    """The task that it is done for; null for calls and runs of triggers."""
    title: str
    """The task's at the time, or the capability. Text of at most 300 characters."""
    capability: CapabilityName
    wanted_agent_id: Id | None
    """The agent that it was given to; null: whichever has the capability."""
    agent_id: Id | None
    """The agent that works on it, or did last."""
    instance_id: Id | None
    """The process that has its lease, or is offered it."""
    requested_by: Id
    parent_id: Id | None
    """The run that called for it."""
    previous_id: Id | None
    """The run that handed over to it."""
    trigger_id: Id | None
    depth: int
    """Calls above it."""
    state: RunState
    waiting_for: Id | None
    """A run that it called and waits for; meanwhile it takes no slot."""
    canceling: bool
    """Somebody has stopped it, and its agent may give one last report."""
    stale: bool
    """It has shown no progress for too long."""
    attempt: int
    """How many attempts there have been; the number of the present one is its fence."""
    attempts: int
    """How many there may be."""
    priority: Priority
    not_before: Timestamp | None
    deadline: Timestamp | None
    review: bool
    """True: its task goes into review when it completes, not to done."""
    budget: Money | None
    """Most that it may cost."""
    costs: Costs
    progress: Share | None
    note: Note
    """What it is at, in the agent's words."""
    error: RunError | None
    """Of the last attempt that failed."""
    summary: Note
    """Of its result, in the agent's words."""
    created_at: Timestamp
    started_at: Timestamp | None
    """When the first attempt was accepted."""
    progress_at: Timestamp | None
    ended_at: Timestamp
    updated_at: Timestamp


class RunProgressed(Entity, frozen=True, kw_only=True):
    """What a report of progress changes at a run."""

    version: Version
    progress: Share | None
    note: Note
    costs: Costs
    stale: bool
    progress_at: Timestamp | None
    updated_at: Timestamp


class RunAlive(Entity, frozen=True, kw_only=True):
    """What output changes at a run: it makes progress."""

    stale: bool
    progress_at: Timestamp | None


class Artifact(Entity, frozen=True, kw_only=True):
    """Something that a run made, besides its result."""

    run_id: Id
    name: Name
    media_type: str
    """Text of 1 to 100 characters."""
    bytes: int
    created_at: Timestamp


class Attempt(Struct, frozen=True, kw_only=True):
    """One attempt at a run."""

    fence: Fence
    agent_id: Id
    instance_id: Id
    host: str
    offered_at: Timestamp
    started_at: Timestamp | None
    ended_at: Timestamp | None
    outcome: AttemptOutcome | None
    error: RunError | None


class RunDetails(Entity, frozen=True, kw_only=True):
    """All about a run but its output and log lines, which `run.history` has."""

    run: RunInfo
    input: Json
    result: Any | None
    attempts: list[Attempt]
    questions: list[Question]
    artifacts: list[Artifact]
    calls: list[RunInfo]
    """The runs that it called for, oldest first."""
    files: list[FileVersion]
    """Versions of files that it made and that you may see, oldest first."""


class HandedOver(Struct, frozen=True, kw_only=True):
    """What a run that handed over leaves to the next."""

    run_id: Id
    agent_id: Id
    note: str
    """Text of at most 20,000 characters."""
    result: Any | None


class TaskBrief(Struct, frozen=True, kw_only=True):
    """The task that a run is done for, as it is now."""

    id: Id
    title: str
    description: str
    priority: Priority
    labels: list[str]


class RunOffer(Struct, frozen=True, kw_only=True):
    """A run for an agent's process: to accept or reject, or, where it is at work on it, to go on with."""

    run: RunInfo
    fence: Fence
    input: Json
    task: TaskBrief | None
    handed: HandedOver | None
    answers: list[Question]
    """Answered questions and approvals of earlier attempts, so that none is asked again."""
    results: dict[str, Any]
    """Replies of runs that earlier attempts called for, by their `key`."""


class RunOffers(Struct, frozen=True, kw_only=True):
    """To one process of an agent: runs for it. Also in the reply to its next heartbeat."""

    instance_id: Id
    offers: list[RunOffer]


class RunReply(Struct, frozen=True, kw_only=True):
    """How a run that was called for ended."""

    run_id: Id
    key: str
    state: RunState
    result: Any | None
    error: RunError | None


class RunControl(Struct, frozen=True, kw_only=True):
    """To one process of an agent: news of a run of it. Also in the reply to its next heartbeat."""

    instance_id: Id
    run_id: Id
    fence: Fence
    kind: RunControlKind
    question: Question | None = None
    reply: RunReply | None = None


class RunCreate(Command[RunInfo], frozen=True, kw_only=True):
    """Give work to an agent, or to whichever agent of the project has the capability. Editors.

    With `task_id` it is done for that task: it starts once nothing blocks the task, which is then in
    progress, and done when the run completes. Null in `capability`: the first one of `agent_id` whose
    input the task's own title and description satisfy.
    """

    WIRE_NAME: ClassVar[str] = "run.create"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = RunInfo

    project_id: Id
    id: Id | None = None
    task_id: Id | None = None
    agent_id: Id | None = None
    capability: CapabilityName | None = None
    input: Json = {}
    """Must satisfy the capability's schema. What it lacks of the task's title, description, labels, priority
    and due is filled in where the schema has such a property.
    """
    priority: Priority | None = None
    """Null: the task's."""
    not_before: Timestamp | None = None
    deadline: Timestamp | None = None
    attempts: int | None = None
    """A whole number from 1 to 20."""
    budget: Money | None = None
    review: bool = False


class RunGet(Command[RunDetails], frozen=True, kw_only=True):
    """One run."""

    WIRE_NAME: ClassVar[str] = "run.get"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = RunDetails

    run_id: Id


class RunList(Command[Page[RunInfo]], frozen=True, kw_only=True):
    """Runs of a project, newest first. Filters are joined by «and», the values of one by «or»."""

    WIRE_NAME: ClassVar[str] = "run.list"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = Page[RunInfo]

    project_id: Id
    task_id: Id | None = None
    agent_id: Id | None = None
    capability: CapabilityName | None = None
    state: list[RunState] | None = None
    """A list of at most 8 items."""
    dead: bool = False
    """True: only the dead letters: those that failed and were not run again."""
    cursor: Cursor | None = None
    limit: PageSize = 50


class RunHistory(Command[Page[LoggedEvent]], frozen=True, kw_only=True):
    """The events of the log that concern a run: its states, progress, output and log lines.

    Oldest first: what a replay shows.
    """

    WIRE_NAME: ClassVar[str] = "run.history"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = Page[LoggedEvent]

    run_id: Id
    cursor: Cursor | None = None
    limit: PageSize = 100


class ArtifactContent(Struct, frozen=True, kw_only=True):
    """An artifact with what is in it."""

    artifact: Artifact
    text: str


class RunArtifactGet(Command[ArtifactContent], frozen=True, kw_only=True):
    """What is in an artifact."""

    WIRE_NAME: ClassVar[str] = "run.artifact"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = ArtifactContent

    artifact_id: Id


class RunCancel(Command[RunInfo], frozen=True, kw_only=True):
    """Stop a run. One that is at work may give one last report; nothing else of it is accepted. Editors.

    The runs that it called for are stopped with it.
    """

    WIRE_NAME: ClassVar[str] = "run.cancel"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = RunInfo

    run_id: Id
    reason: Note = ""


class RunRetry(Command[RunInfo], frozen=True, kw_only=True):
    """Run again what has failed or was canceled, as a new run with the same input. Editors."""

    WIRE_NAME: ClassVar[str] = "run.retry"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = RunInfo

    run_id: Id
    input: Json | None = None
    """Null: the same."""


class RunStanding(Struct, frozen=True, kw_only=True):
    """How an agent's attempt stands after a report."""

    state: RunState
    canceling: bool
    """Somebody has stopped it: the next report must be the last."""
    costs: Costs


class RunAccept(Command[RunStanding], frozen=True, kw_only=True):
    """As the agent: take an offered run and begin."""

    WIRE_NAME: ClassVar[str] = "run.accept"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = RunStanding

    project_id: Id
    run_id: Id
    fence: Fence


class RunReject(Command[RunStanding], frozen=True, kw_only=True):
    """As the agent: don't take an offered run.

    It is offered to another; one that was given to this agent alone ends as rejected.
    """

    WIRE_NAME: ClassVar[str] = "run.reject"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = RunStanding

    project_id: Id
    run_id: Id
    fence: Fence
    reason: Note


class RunRelease(Command[RunStanding], frozen=True, kw_only=True):
    """As the agent: hand a run back, for another process to do. Not counted as a failure."""

    WIRE_NAME: ClassVar[str] = "run.release"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = RunStanding

    project_id: Id
    run_id: Id
    fence: Fence
    reason: Note = ""


class RunProgress(Command[RunStanding], frozen=True, kw_only=True):
    """As the agent: say how far it is, what it is at and what it used up since the last time.

    `budget_exhausted` if a budget does not bear the costs; the run has then failed.
    """

    WIRE_NAME: ClassVar[str] = "run.progress"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = RunStanding

    project_id: Id
    run_id: Id
    fence: Fence
    progress: Share | None = None
    note: Note | None = None
    costs: Costs | None = None


class RunOutput(Command[RunStanding], frozen=True, kw_only=True):
    """As the agent: add to the run's output. Watchers see it as it comes; whoever comes later sees all."""

    WIRE_NAME: ClassVar[str] = "run.output"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = RunStanding

    project_id: Id
    run_id: Id
    fence: Fence
    text: str
    """Text of 1 to 32,000 characters."""
    offset: int
    """Where it begins, in characters, so that none is lost or repeated unseen. A whole number from 0 to
    9,007,199,254,740,992.
    """


class RunLog(Command[RunStanding], frozen=True, kw_only=True):
    """As the agent: note something in the run's log."""

    WIRE_NAME: ClassVar[str] = "run.log"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = RunStanding

    project_id: Id
    run_id: Id
    fence: Fence
    message: str
    """Text of 1 to 2,000 characters."""
    level: LogLevel = LogLevel.INFO
    data: Json | None = None


class RunAttach(Command[Artifact], frozen=True, kw_only=True):
    """As the agent: add an artifact, a text of at most 256 KiB."""

    WIRE_NAME: ClassVar[str] = "run.attach"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Artifact

    project_id: Id
    run_id: Id
    fence: Fence
    name: Name
    text: str
    """Text of at most 262,144 characters."""
    media_type: str = "text/plain"
    """Text of 1 to 100 characters."""


class RunComplete(Command[RunInfo], frozen=True, kw_only=True):
    """As the agent: the run is done. The result must satisfy the capability's schema. Final.

    On a run that is being canceled, the last report: it ends as canceled, with this result.
    """

    WIRE_NAME: ClassVar[str] = "run.complete"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = RunInfo

    project_id: Id
    run_id: Id
    fence: Fence
    result: Any = None
    summary: Note = ""
    costs: Costs | None = None


class RunFail(Command[RunInfo], frozen=True, kw_only=True):
    """As the agent: the attempt failed. `cause` decides whether there is another.

    On a run that is being canceled, the last report: it ends as canceled.
    """

    WIRE_NAME: ClassVar[str] = "run.fail"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = RunInfo

    project_id: Id
    run_id: Id
    fence: Fence
    message: str
    """Text of 1 to 2,000 characters."""
    cause: ErrorClass = ErrorClass.CRASHED
    costs: Costs | None = None


class RunHandOff(Command[RunInfo], frozen=True, kw_only=True):
    """As the agent: end this run as completed and have another agent go on with its task.

    The reply is the new run. It gets the note, the result and a way back to this run.
    """

    WIRE_NAME: ClassVar[str] = "run.hand_off"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = RunInfo

    project_id: Id
    run_id: Id
    fence: Fence
    capability: CapabilityName
    agent_id: Id | None = None
    input: Json = {}
    note: str = ""
    """Text of at most 20,000 characters."""
    result: Any = None


class RunCall(Command[RunInfo], frozen=True, kw_only=True):
    """As the agent: have another agent do something. The reply is the run that does it.

    With `wait`, this run takes no slot until that one has ended. The same `key` gives the same run, so an
    attempt that begins anew asks nothing twice.
    """

    WIRE_NAME: ClassVar[str] = "run.call"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = RunInfo

    project_id: Id
    run_id: Id
    fence: Fence
    key: str
    """Text of 1 to 200 characters."""
    capability: CapabilityName
    agent_id: Id | None = None
    input: Json = {}
    deadline: Timestamp | None = None
    budget: Money | None = None
    wait: bool = True


class RunClaim(Command[RunOffer], frozen=True, kw_only=True):
    """As an agent: take a task that nobody works on and begin, without waiting for an offer.

    The task must be assigned to nobody, or to this agent. `run_id` instead of `task_id`: a run that waits.
    """

    WIRE_NAME: ClassVar[str] = "run.claim"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = RunOffer

    project_id: Id
    instance_id: Id
    task_id: Id | None = None
    run_id: Id | None = None
    capability: CapabilityName | None = None
    """Null: the first that the agent has."""


class RunCreated(Event, frozen=True, kw_only=True):
    """New work for an agent."""

    TYPE: ClassVar[str] = "run.created"

    run: RunInfo


class RunUpdated(Event, frozen=True, kw_only=True):
    """A run stands elsewhere; `cause` says why, `note` says it in words."""

    TYPE: ClassVar[str] = "run.updated"

    run: RunInfo
    cause: RunCause
    note: Note


class RunProgressReported(Event, frozen=True, kw_only=True):
    """An agent said how far it is, or what it has cost."""

    TYPE: ClassVar[str] = "run.progressed"

    run: RunProgressed


class RunEnded(Event, frozen=True, kw_only=True):
    """A run has ended, for good."""

    TYPE: ClassVar[str] = "run.ended"

    run_id: Id
    run: EndedRun
    note: Note


class RunOutputted(Event, frozen=True, kw_only=True):
    """A piece of a run's output, from `offset` on, by the attempt `fence`."""

    TYPE: ClassVar[str] = "run.outputted"

    run_id: Id
    run: RunAlive
    fence: Fence
    offset: int
    text: str
    truncated: bool
    """The run has reached the limit: this is all that is kept."""


class RunLogged(Event, frozen=True, kw_only=True):
    """A line in a run's log."""

    TYPE: ClassVar[str] = "run.logged"

    run_id: Id
    fence: Fence
    level: LogLevel
    message: str
    data: Json | None


class RunAttached(Event, frozen=True, kw_only=True):
    """A run has made an artifact."""

    TYPE: ClassVar[str] = "run.attached"

    artifact: Artifact


class CapabilitySummary(Struct, frozen=True, kw_only=True):
    """Something that an agent can do, without its schemas."""

    name: CapabilityName
    description: Note = ""
    concurrency: int = 1
    """Runs of it that the agent does at once, over all its processes. A whole number from 1 to 10,000."""
    cost: CostClass = CostClass.FREE
    second: SecondRun = SecondRun.ENQUEUE


class Capability(Struct, frozen=True, kw_only=True):
    """Something that an agent can do."""

    name: CapabilityName
    description: Note = ""
    concurrency: int = 1
    """Runs of it that the agent does at once, over all its processes. A whole number from 1 to 10,000."""
    cost: CostClass = CostClass.FREE
    second: SecondRun = SecondRun.ENQUEUE
    input: Schema = field(default_factory=lambda: {"type": "object"})
    """What a run's input must satisfy."""
    output: Schema = {}
    """What a run's result must satisfy."""
    estimate: Money = 0
    """What a run is expected to cost: that much is reserved of the budgets before it starts."""
    rate: int | None = None
    """Most runs a minute that start. A whole number from 1 to 100,000."""
    attempts: int = 3
    """Attempts at a run before it is given up, unless the run says otherwise. A whole number from 1 to 20."""
    stale_after: int = 1800
    """Seconds without progress after which a run is shown as stale. A whole number from 10 to 86,400."""


class AgentInfo(Entity, frozen=True, kw_only=True):
    """What an agent is, beside its member entity, which has its name; `id` is the member's."""

    version: Version
    owner_id: Id
    """The person who answers for it."""
    description: Text
    picture: Emoji | None
    capabilities: list[CapabilitySummary]
    software: str
    """The version of its program, as its newest process said. Text of at most 100 characters."""
    retired: bool
    created_at: Timestamp
    updated_at: Timestamp


class Instance(Entity, frozen=True, kw_only=True):
    """A process of an agent."""

    host: str
    """Text of at most 200 characters."""
    software: str
    """Text of at most 100 characters."""
    capacity: int
    """Runs that it takes at once; 0: it is given none and claims what it does. A whole number from 0 to
    10,000.
    """
    running: int
    connected: bool
    draining: bool
    blocked: bool
    """It says of itself that something holds up its event loop."""
    unresponsive: bool
    """It has let three offers in a row pass; it gets none until it has given a sign for a minute."""
    connected_at: Timestamp
    seen_at: Timestamp


class AgentStatus(Struct, frozen=True, kw_only=True):
    """What an agent is doing."""

    state: AgentState
    running: int
    """Runs that it is at work on."""
    waiting: int
    """Runs of it that wait for a person or for another agent."""
    instances: list[Instance]


class AgentView(Entity, frozen=True, kw_only=True):
    """An agent with its name and what it is doing."""

    agent: AgentInfo
    member: Member
    status: AgentStatus


class Fault(Struct, frozen=True, kw_only=True):
    """What an agent was refused, and how often."""

    command: str
    code: str
    count: int
    message: str
    """Of the last time."""
    last_at: Timestamp


class Grant(Struct, frozen=True, kw_only=True):
    """A project that an agent has access to and that you may see."""

    project_id: Id
    project_name: Name
    role: str
    until: Timestamp | None
    task_id: Id | None


class AgentDetails(Entity, frozen=True, kw_only=True):
    """All about an agent."""

    agent: AgentInfo
    member: Member
    status: AgentStatus
    capabilities: list[Capability]
    grants: list[Grant]
    faults: list[Fault]


class Agents(Struct, frozen=True, kw_only=True):
    """Agents by name."""

    items: list[AgentView]


class AgentCreated(Struct, frozen=True, kw_only=True):
    """The new agent. `token` is shown this once and belongs to it alone."""

    agent: AgentInfo
    member: Member
    token: str


class AgentToken(Struct, frozen=True, kw_only=True):
    """An agent's new token, shown this once; the one before is dead."""

    token: str


class AgentRegister(Command[AgentCreated], frozen=True, kw_only=True):
    """Make an agent, owned by you or, as an admin says, by another person. Not for guests.

    It has access to nothing until a project's manager adds it with `project.set_member`.
    """

    WIRE_NAME: ClassVar[str] = "agent.register"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = AgentCreated

    name: Name
    description: Text = ""
    picture: Emoji | None = None
    owner_id: Id | None = None
    capabilities: list[Capability] = []
    """What it can do; its processes may say it themselves when they connect. A list of at most 50 items."""


class AgentUpdate(Command[AgentInfo], frozen=True, kw_only=True):
    """Rename or describe an agent, or give it to another owner. Its owner; admins."""

    WIRE_NAME: ClassVar[str] = "agent.update"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = AgentInfo

    agent_id: Id
    version: Version
    name: Name | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    picture: Emoji | UnsetType | None = UNSET
    owner_id: Id | UnsetType = UNSET


class AgentRotateToken(Command[AgentToken], frozen=True, kw_only=True):
    """Give an agent another token and end the one it has, with its connections. Its owner; admins."""

    WIRE_NAME: ClassVar[str] = "agent.rotate_token"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = AgentToken

    agent_id: Id


class AgentRetire(Command[AgentInfo], frozen=True, kw_only=True):
    """End an agent for good: its token, its access and its runs. What it did stays. Its owner; admins."""

    WIRE_NAME: ClassVar[str] = "agent.retire"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = AgentInfo

    agent_id: Id


class AgentGet(Command[AgentDetails], frozen=True, kw_only=True):
    """One agent. Guests see those they share a project with."""

    WIRE_NAME: ClassVar[str] = "agent.get"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = AgentDetails

    agent_id: Id


class AgentList(Command[Agents], frozen=True, kw_only=True):
    """All agents by name; for guests, those they share a project with."""

    WIRE_NAME: ClassVar[str] = "agent.list"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = Agents

    project_id: Id | None = None
    """Only those with access to it."""
    capability: CapabilityName | None = None
    retired: bool = False
    """True: only those that are retired."""


class HeldRun(Struct, frozen=True, kw_only=True):
    """A run that a process has."""

    run_id: Id
    fence: Fence


class AgentConnected(Struct, frozen=True, kw_only=True):
    """A process is known. `runs` are those that it has a lease on, or is offered."""

    instance: Instance
    runs: list[RunOffer]
    lost: list[Id]
    """Of the runs that it named, those it no longer has."""
    heartbeat_seconds: int
    lease_seconds: int


class AgentBeat(Struct, frozen=True, kw_only=True):
    """What a process should know that it may have missed."""

    lost: list[Id]
    """Runs that it named and no longer has: it stops them."""
    canceling: list[Id]
    """Runs that it has to stop and report on one last time."""
    answered: list[Id]
    """Runs that waited and go on: what they waited for has come."""
    runs: list[RunOffer]
    """Runs that it is offered, or has, and did not name."""


class AgentConnect(Command[AgentConnected], frozen=True, kw_only=True):
    """As an agent: say that this process is there and what it can do, on this connection.

    After a reconnect the same `instance_id` keeps its leases. Offers arrive as `run.offers`, news of
    its runs as `run.control`.
    """

    WIRE_NAME: ClassVar[str] = "agent.connect"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = AgentConnected

    instance_id: Id
    host: str = ""
    """Text of at most 200 characters."""
    software: str = ""
    """Text of at most 100 characters."""
    capacity: int = 1
    """A whole number from 0 to 10,000."""
    capabilities: list[Capability] | None = None
    """All that the agent can do, replacing what it said before; null: as before. A list of at most 50
    items.
    """
    runs: list[HeldRun] = []
    """Those that it works on. A list of at most 20,000 items."""


class AgentHeartbeat(Command[AgentBeat], frozen=True, kw_only=True):
    """As an agent's process: give a sign, and keep the leases on these runs."""

    WIRE_NAME: ClassVar[str] = "agent.heartbeat"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = AgentBeat

    instance_id: Id
    runs: list[HeldRun] = []
    """A list of at most 20,000 items."""
    blocked: bool = False
    """Something holds up the process's event loop; a run may be at fault."""


class AgentDrain(Command[None], frozen=True, kw_only=True):
    """As an agent's process: take no more runs; with `leave`, be gone. What it still has is offered anew."""

    WIRE_NAME: ClassVar[str] = "agent.drain"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = None

    instance_id: Id
    leave: bool = False


class Insight(Struct, frozen=True, kw_only=True):
    """What became of an agent's runs with one capability that ended on one day, UTC."""

    day: Day
    capability: CapabilityName
    runs: int
    completed: int
    failed: int
    canceled: int
    retries: int
    questions: int
    seconds_mean: Seconds
    """From start to end."""
    seconds_p95: Seconds
    tokens: Tokens
    money: Money
    files: int
    """Versions of files that they made."""
    scored: int
    """Those of them that have a quality score."""
    quality_mean: float | None
    """The mean of these scores, 0 to 100."""


class Collaboration(Struct, frozen=True, kw_only=True):
    """That one agent asked another for something."""

    from_agent: Id
    to_agent: Id
    kind: str
    """`call` or `hand_off`."""
    count: int
    completed: int
    last_at: Timestamp


class AgentInsight(Struct, frozen=True, kw_only=True):
    """How an agent has done."""

    days: list[Insight]
    collaborations: list[Collaboration]


class AgentInsightGet(Command[AgentInsight], frozen=True, kw_only=True):
    """How an agent's runs went, by day and capability, and whom it worked with.

    Only runs of projects that you may see are counted.
    """

    WIRE_NAME: ClassVar[str] = "agent.insight"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = AgentInsight

    agent_id: Id
    days: int = 30
    """A whole number from 1 to 366."""


class AgentRegistered(Event, frozen=True, kw_only=True):
    """In the workspace's room: a new agent."""

    TYPE: ClassVar[str] = "agent.registered"

    agent: AgentInfo


class AgentUpdated(Event, frozen=True, kw_only=True):
    """An agent has another description, owner or program, or was retired."""

    TYPE: ClassVar[str] = "agent.updated"

    agent: AgentInfo


class RunAsk(Command[Question], frozen=True, kw_only=True):
    """As the agent: ask a person. The run waits for the answer and takes no slot meanwhile.

    The same `key` gives the same question, with its answer if there is one.
    """

    WIRE_NAME: ClassVar[str] = "run.ask"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Question

    project_id: Id
    run_id: Id
    fence: Fence
    key: str
    """Text of 1 to 200 characters."""
    prompt: str
    """Text of 1 to 4,000 characters."""
    kind: QuestionKind = QuestionKind.TEXT
    choices: list[str] = []
    """A list of at most 50 items."""
    form: Schema | None = None
    action: str | None = None
    """Text of 1 to 200 characters."""
    arguments: Json | None = None
    ceiling: Money | None = None
    to: list[Id] = []
    """Whom to ask; nobody: who gave the run, if that is a person, else everybody who may edit. A list of
    at most 50 items.
    """
    expires_at: Timestamp | None = None


class RunUseApproval(Command[Question], frozen=True, kw_only=True):
    """As the agent: make use of an approval, right before the action. It serves once.

    `forbidden` unless it was given, has not expired, is of exactly this action with these arguments, and
    bears the cost.
    """

    WIRE_NAME: ClassVar[str] = "run.use_approval"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = Question

    project_id: Id
    run_id: Id
    fence: Fence
    question_id: Id
    action: str
    """Text of 1 to 200 characters."""
    arguments: Json
    cost: Money = 0


class WaitingRun(Struct, frozen=True, kw_only=True):
    """A run that waits, and why."""

    run: RunInfo
    reason: WaitReason
    note: Note
    """The reason in words, with names."""
    until: Timestamp | None
    """When it ends by itself, if that is known."""


class ProjectQueue(Entity, frozen=True, kw_only=True):
    """How a project's runs are started; `id` is the project's."""

    paused: bool
    concurrency: int | None
    """Runs that go on at once; null: as many as the agents take. A whole number from 1 to 10,000."""
    updated_at: Timestamp


class QueueView(Struct, frozen=True, kw_only=True):
    """A project's queue."""

    queue: ProjectQueue
    running: int
    waiting: Page[WaitingRun]
    """In the order in which they would start."""


class QueueGet(Command[QueueView], frozen=True, kw_only=True):
    """Which runs of a project wait, and why."""

    WIRE_NAME: ClassVar[str] = "queue.get"
    WRITES: ClassVar[bool] = False
    REPLY: ClassVar[Any] = QueueView

    project_id: Id
    cursor: Cursor | None = None
    limit: PageSize = 50


class QueueSet(Command[ProjectQueue], frozen=True, kw_only=True):
    """Pause a project's queue, let it go on, or limit how many runs go on at once. Managers."""

    WIRE_NAME: ClassVar[str] = "queue.set"
    WRITES: ClassVar[bool] = True
    REPLY: ClassVar[Any] = ProjectQueue

    project_id: Id
    paused: bool | UnsetType = UNSET
    concurrency: int | UnsetType | None = UNSET
    """A whole number from 1 to 10,000."""


class QueueUpdated(Event, frozen=True, kw_only=True):
    """A project's queue was paused, goes on, or has another limit."""

    TYPE: ClassVar[str] = "queue.updated"

    queue: ProjectQueue


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
    "file.list": FileList,
    "file.folders": FileFolders,
    "file.get": FileGet,
    "file.adopt": FileAdopt,
    "file.rename": FileRename,
    "file.move": FileMove,
    "file.versions": FileVersions,
    "file.restore": FileRestore,
    "file.compare": FileCompare,
    "file.pin": FilePin,
    "file.delete": FileDelete,
    "file.undelete": FileUndelete,
    "file.restrict": FileRestrict,
    "file.grant": FileGrantAccess,
    "file.revoke": FileRevoke,
    "file.hold": FileHold,
    "file.search": FileSearch,
    "file.similar": FileSimilar,
    "file.text": FileTextGet,
    "file.link": FileLinkGet,
    "file.quota": FileQuotaGet,
    "file.set_quota": FileQuotaSet,
    "question.list": QuestionList,
    "question.get": QuestionGet,
    "run.answer": RunAnswer,
    "message.send": MessageSend,
    "message.edit": MessageEdit,
    "message.delete": MessageDelete,
    "message.react": MessageReact,
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
    "run.create": RunCreate,
    "run.get": RunGet,
    "run.list": RunList,
    "run.history": RunHistory,
    "run.artifact": RunArtifactGet,
    "run.cancel": RunCancel,
    "run.retry": RunRetry,
    "run.accept": RunAccept,
    "run.reject": RunReject,
    "run.release": RunRelease,
    "run.progress": RunProgress,
    "run.output": RunOutput,
    "run.log": RunLog,
    "run.attach": RunAttach,
    "run.complete": RunComplete,
    "run.fail": RunFail,
    "run.hand_off": RunHandOff,
    "run.call": RunCall,
    "run.claim": RunClaim,
    "agent.register": AgentRegister,
    "agent.update": AgentUpdate,
    "agent.rotate_token": AgentRotateToken,
    "agent.retire": AgentRetire,
    "agent.get": AgentGet,
    "agent.list": AgentList,
    "agent.connect": AgentConnect,
    "agent.heartbeat": AgentHeartbeat,
    "agent.drain": AgentDrain,
    "agent.insight": AgentInsightGet,
    "run.ask": RunAsk,
    "run.use_approval": RunUseApproval,
    "budget.list": BudgetList,
    "budget.set": BudgetSet,
    "identity.publish": IdentityPublish,
    "identity.list": IdentityList,
    "identity.chain": IdentityChain,
    "pairing.send": PairingSend,
    "pairing.list": PairingList,
    "backup.put": BackupPut,
    "backup.get": BackupGet,
    "notification.list": NotificationList,
    "invitation.create": InvitationCreate,
    "invitation.get": InvitationGet,
    "invitation.list": InvitationList,
    "invitation.update": InvitationUpdate,
    "invitation.remove": InvitationRemove,
    "presence.set": PresenceSet,
    "presence.list": PresenceList,
    "typing.set": TypingSet,
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
    "queue.get": QueueGet,
    "queue.set": QueueSet,
    "sealed.create": SealedCreate,
    "sealed.get": SealedGet,
    "sealed.commit": SealedCommit,
    "sealed.post": SealedPost,
    "sealed.items": SealedItems,
    "sealed.boxes": SealedBoxes,
    "sealed.grant": SealedGrant,
    "sealed.want": SealedWant,
    "sealed.wants": SealedWants,
    "sealed.whisper": SealedWhisper,
    "sealed.discard": SealedDiscard,
    "sealed_invite.create": SealedInviteCreate,
    "sealed_invite.get": SealedInviteGet,
    "sealed_invite.answer": SealedInviteAnswer,
    "sealed_invite.requests": SealedInviteRequests,
    "sealed_invite.close": SealedInviteClose,
    "sealed_invite.dismiss": SealedInviteDismiss,
    "session.refresh": SessionRefresh,
    "trigger.create": TriggerCreate,
    "trigger.update": TriggerUpdate,
    "trigger.delete": TriggerDelete,
    "trigger.rotate_secret": TriggerRotateSecret,
    "trigger.list": TriggerList,
}


EVENTS: dict[str, type[Event]] = {
    "member.added": MemberAdded,
    "member.updated": MemberUpdated,
    "member.removed": MemberRemoved,
    "workspace.updated": WorkspaceUpdated,
    "file.created": FileCreated,
    "file.updated": FileUpdated,
    "file.removed": FileRemoved,
    "question.asked": QuestionAsked,
    "question.closed": QuestionClosed,
    "approval.used": ApprovalUsed,
    "message.sent": MessageSent,
    "message.updated": MessageUpdated,
    "room.created": RoomCreated,
    "room.updated": RoomUpdated,
    "participant.added": ParticipantAdded,
    "participant.removed": ParticipantRemoved,
    "membership.updated": MembershipUpdated,
    "membership.removed": MembershipRemoved,
    "task.created": TaskCreated,
    "task.updated": TaskUpdated,
    "task.blocked": TaskBlockedChanged,
    "task.deleted": TaskDeleted,
    "run.created": RunCreated,
    "run.updated": RunUpdated,
    "run.progressed": RunProgressReported,
    "run.ended": RunEnded,
    "run.outputted": RunOutputted,
    "run.logged": RunLogged,
    "run.attached": RunAttached,
    "agent.registered": AgentRegistered,
    "agent.updated": AgentUpdated,
    "notification.added": NotificationAdded,
    "project.created": ProjectCreated,
    "project.updated": ProjectUpdated,
    "queue.updated": QueueUpdated,
    "commit.posted": CommitPosted,
    "envelope.posted": EnvelopePosted,
    "session.revoked": SessionRevoked,
    "trigger.created": TriggerCreated,
    "trigger.updated": TriggerUpdated,
    "trigger.deleted": TriggerDeleted,
}


EPHEMERA: dict[str, type[Struct]] = {
    "run.offers": RunOffers,
    "run.control": RunControl,
    "identity.extended": IdentityExtended,
    "pairing.sent": PairingSent,
    "presence": Presence,
    "typing": Typing,
    "heads": Heads,
    "lagging": Lagging,
    "closing": Closing,
    "sealed.whispered": SealedWhispered,
    "sealed.granted": SealedGranted,
    "sealed.wanted": SealedWanted,
    "sealed_invite.answered": SealedInviteAnswered,
    "ready": Ready,
}


FOLDS: dict[str, tuple[Fold, ...]] = {
    "member.added": (Fold("put", "members", "member"),),
    "member.updated": (Fold("put", "members", "member"),),
    "member.removed": (Fold("put", "members", "member"),),
    "workspace.updated": (Fold("put", "workspaces", "workspace"),),
    "file.created": (),
    "file.updated": (),
    "file.removed": (),
    "question.asked": (Fold("put", "questions", "question"),),
    "question.closed": (Fold("drop", "questions", "question_id"),),
    "approval.used": (),
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
    "task.created": (Fold("put", "tasks", "task"),),
    "task.updated": (Fold("put", "tasks", "task"),),
    "task.blocked": (Fold("patch", "tasks", "task"),),
    "task.deleted": (Fold("drop", "tasks", "task_id"),),
    "run.created": (Fold("put", "runs", "run"),),
    "run.updated": (Fold("put", "runs", "run"),),
    "run.progressed": (Fold("patch", "runs", "run"),),
    "run.ended": (
        Fold("drop", "runs", "run_id"),
        Fold("put", "ended_runs", "run"),
    ),
    "run.outputted": (Fold("patch", "runs", "run"),),
    "run.logged": (),
    "run.attached": (),
    "agent.registered": (Fold("put", "agents", "agent"),),
    "agent.updated": (Fold("put", "agents", "agent"),),
    "notification.added": (Fold("put", "notifications", "notification"),),
    "project.created": (Fold("put", "projects", "project"),),
    "project.updated": (Fold("put", "projects", "project"),),
    "queue.updated": (Fold("put", "queues", "queue"),),
    "commit.posted": (),
    "envelope.posted": (),
    "session.revoked": (),
    "trigger.created": (Fold("put", "triggers", "trigger"),),
    "trigger.updated": (Fold("put", "triggers", "trigger"),),
    "trigger.deleted": (Fold("drop", "triggers", "trigger_id"),),
}


COLLECTIONS: dict[str, Collection] = {
    "members": Collection(Member, None, None),
    "workspaces": Collection(Workspace, None, None),
    "questions": Collection(Question, None, None),
    "messages": Collection(Message, 100, "seq"),
    "rooms": Collection(Room, None, None),
    "participants": Collection(Participant, None, None),
    "memberships": Collection(Membership, None, None),
    "tasks": Collection(Task, None, None),
    "runs": Collection(RunInfo, None, None),
    "ended_runs": Collection(EndedRun, 100, "ended_at"),
    "agents": Collection(AgentInfo, None, None),
    "notifications": Collection(Notification, 100, "seq"),
    "projects": Collection(Project, None, None),
    "queues": Collection(ProjectQueue, None, None),
    "triggers": Collection(Trigger, None, None),
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
    "BOX_BYTES",
    "COLLECTIONS",
    "COMMANDS",
    "DELETE_GRACE_DAYS",
    "ENDED_RUNS_WINDOW",
    "EPHEMERA",
    "EVENTS",
    "FINAL_SECONDS",
    "FOLDS",
    "HEARTBEAT_SECONDS",
    "LEASE_SECONDS",
    "MAX_AGENTS",
    "MAX_ANSWER_BYTES",
    "MAX_ARTIFACTS",
    "MAX_ASSIGNEES",
    "MAX_ATTACHED",
    "MAX_BACKUP_ENTRIES",
    "MAX_CALLS",
    "MAX_CALL_DEPTH",
    "MAX_CAPABILITIES",
    "MAX_CHANNELS",
    "MAX_COMMIT_BYTES",
    "MAX_DEPENDENCIES",
    "MAX_DETAIL_BYTES",
    "MAX_DIRECTS",
    "MAX_DIRECT_MEMBERS",
    "MAX_ENTRY_BYTES",
    "MAX_ENVELOPE_BYTES",
    "MAX_EVENTS",
    "MAX_EVENT_BYTES",
    "MAX_FILES",
    "MAX_IMPORT",
    "MAX_INSTANCES",
    "MAX_INVITATIONS",
    "MAX_JSON_BYTES",
    "MAX_LABELS",
    "MAX_LINK_BYTES",
    "MAX_LIVE_RUNS",
    "MAX_LOG_LINES",
    "MAX_MEMBERS",
    "MAX_MENTIONS",
    "MAX_OPEN_QUESTIONS",
    "MAX_OUTPUT",
    "MAX_OUTPUT_CHUNK",
    "MAX_PAIRING_BYTES",
    "MAX_PROJECTS",
    "MAX_QUESTIONS",
    "MAX_REACTIONS",
    "MAX_REACTORS",
    "MAX_ROOM_MEMBERS",
    "MAX_SAME_CALLS",
    "MAX_SCHEMA_BYTES",
    "MAX_SEALED_INVITES",
    "MAX_SEALED_ROOMS",
    "MAX_SUBTASK_DEPTH",
    "MAX_TASKS",
    "MAX_TRIGGERS",
    "MAX_VERSIONS",
    "MAX_WANTS",
    "MESSAGE_WINDOW",
    "NOTIFICATION_WINDOW",
    "OFFER_SECONDS",
    "PAIRING_SECONDS",
    "PROJECT_MOVES",
    "PROTOCOL_VERSION",
    "RETRYABLE",
    "TASK_MOVES",
    "AgentBeat",
    "AgentConnect",
    "AgentConnected",
    "AgentCreated",
    "AgentDetails",
    "AgentDrain",
    "AgentGet",
    "AgentHeartbeat",
    "AgentInfo",
    "AgentInsight",
    "AgentInsightGet",
    "AgentList",
    "AgentRegister",
    "AgentRegistered",
    "AgentRetire",
    "AgentRotateToken",
    "AgentState",
    "AgentStatus",
    "AgentToken",
    "AgentUpdate",
    "AgentUpdated",
    "AgentView",
    "Agents",
    "AnalysisState",
    "ApprovalUsed",
    "Artifact",
    "ArtifactContent",
    "Attempt",
    "AttemptOutcome",
    "Backup",
    "BackupEntry",
    "BackupGet",
    "BackupPut",
    "Body",
    "Box",
    "Budget",
    "BudgetList",
    "BudgetPeriod",
    "BudgetSet",
    "Budgets",
    "Bytes",
    "Capability",
    "CapabilityName",
    "CapabilitySummary",
    "CatchUp",
    "Chain",
    "Change",
    "Closing",
    "Collaboration",
    "Collection",
    "Command",
    "CommentSummary",
    "CommitBytes",
    "CommitPosted",
    "ContentKind",
    "CostClass",
    "Costs",
    "Credentials",
    "Cursor",
    "Day",
    "DeviceBox",
    "DeviceId",
    "DiffLine",
    "DiffSign",
    "Digest",
    "Email",
    "Emoji",
    "EndedRun",
    "Entity",
    "EntryBytes",
    "EntryKey",
    "EnvelopeBytes",
    "EnvelopePosted",
    "Epoch",
    "ErrorBody",
    "ErrorClass",
    "ErrorCode",
    "Event",
    "EventFilter",
    "EventRange",
    "ExternalId",
    "Fault",
    "Fence",
    "FileAdopt",
    "FileCause",
    "FileCompare",
    "FileComparison",
    "FileCreated",
    "FileDelete",
    "FileDescription",
    "FileDetails",
    "FileFolders",
    "FileGet",
    "FileGrant",
    "FileGrantAccess",
    "FileHit",
    "FileHits",
    "FileHold",
    "FileInfo",
    "FileLink",
    "FileLinkGet",
    "FileList",
    "FileMove",
    "FileName",
    "FilePin",
    "FileQuota",
    "FileQuotaGet",
    "FileQuotaSet",
    "FileRemoved",
    "FileRename",
    "FileRestore",
    "FileRestrict",
    "FileRevoke",
    "FileSearch",
    "FileSimilar",
    "FileSort",
    "FileText",
    "FileTextGet",
    "FileUndelete",
    "FileUpdated",
    "FileVersion",
    "FileVersions",
    "Finding",
    "Fingerprint",
    "Fired",
    "Fold",
    "Folder",
    "FolderInfo",
    "Folders",
    "Form",
    "Grant",
    "HandedOver",
    "Heads",
    "Health",
    "HeldRun",
    "Hours",
    "Hunk",
    "Id",
    "Identity",
    "IdentityChain",
    "IdentityExtended",
    "IdentityList",
    "IdentityPublish",
    "ImportReport",
    "ImportedTask",
    "Insight",
    "Instance",
    "Invitation",
    "InvitationCreate",
    "InvitationCreated",
    "InvitationGet",
    "InvitationList",
    "InvitationRemove",
    "InvitationUpdate",
    "Item",
    "ItemKind",
    "Items",
    "JoinRequest",
    "Joined",
    "Json",
    "Label",
    "Lagging",
    "Limits",
    "LinkBytes",
    "LogLevel",
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
    "MessageFile",
    "MessageReact",
    "MessageSend",
    "MessageSent",
    "MessageUpdated",
    "Money",
    "Name",
    "NameConflict",
    "NewRoomKind",
    "Note",
    "Notification",
    "NotificationAdded",
    "NotificationKind",
    "NotificationList",
    "ObjectTarget",
    "Ordinal",
    "Page",
    "PageSize",
    "Pairing",
    "PairingBytes",
    "PairingList",
    "PairingPurpose",
    "PairingSend",
    "PairingSent",
    "Participant",
    "ParticipantAdded",
    "ParticipantRemoved",
    "Password",
    "PasswordChange",
    "Posted",
    "Presence",
    "PresenceList",
    "PresenceSet",
    "PresenceStatus",
    "Preview",
    "PreviewName",
    "Priority",
    "Project",
    "ProjectCreate",
    "ProjectCreated",
    "ProjectDelete",
    "ProjectGet",
    "ProjectList",
    "ProjectMembers",
    "ProjectQueue",
    "ProjectRemoveMember",
    "ProjectRestore",
    "ProjectSetMember",
    "ProjectSort",
    "ProjectState",
    "ProjectSummary",
    "ProjectTransition",
    "ProjectUpdate",
    "ProjectUpdated",
    "Quality",
    "QualityPart",
    "Question",
    "QuestionAsked",
    "QuestionClosed",
    "QuestionGet",
    "QuestionKind",
    "QuestionList",
    "QuestionState",
    "QueueGet",
    "QueueSet",
    "QueueUpdated",
    "QueueView",
    "Quota",
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
    "RunAccept",
    "RunAlive",
    "RunAnswer",
    "RunArtifactGet",
    "RunAsk",
    "RunAttach",
    "RunAttached",
    "RunCall",
    "RunCancel",
    "RunCause",
    "RunClaim",
    "RunComplete",
    "RunControl",
    "RunControlKind",
    "RunCreate",
    "RunCreated",
    "RunDetails",
    "RunEnded",
    "RunError",
    "RunFail",
    "RunGet",
    "RunHandOff",
    "RunHistory",
    "RunInfo",
    "RunList",
    "RunLog",
    "RunLogged",
    "RunOffer",
    "RunOffers",
    "RunOutput",
    "RunOutputted",
    "RunProgress",
    "RunProgressReported",
    "RunProgressed",
    "RunReject",
    "RunRelease",
    "RunReply",
    "RunRetry",
    "RunStanding",
    "RunState",
    "RunUpdated",
    "RunUseApproval",
    "Schema",
    "Scope",
    "SealedBoxes",
    "SealedCommit",
    "SealedCreate",
    "SealedDiscard",
    "SealedGet",
    "SealedGrant",
    "SealedGranted",
    "SealedInvite",
    "SealedInviteAnswer",
    "SealedInviteAnswered",
    "SealedInviteClose",
    "SealedInviteCreate",
    "SealedInviteDismiss",
    "SealedInviteGet",
    "SealedInviteRequests",
    "SealedItems",
    "SealedObject",
    "SealedPost",
    "SealedRoom",
    "SealedWant",
    "SealedWanted",
    "SealedWants",
    "SealedWhisper",
    "SealedWhispered",
    "Search",
    "SecondRun",
    "Seconds",
    "Secret",
    "Seq",
    "SessionInfo",
    "SessionRefresh",
    "SessionRevoked",
    "SessionsInfo",
    "SetupInfo",
    "Share",
    "SimilarFile",
    "SimilarFiles",
    "Task",
    "TaskAssign",
    "TaskBlocked",
    "TaskBlockedChanged",
    "TaskBrief",
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
    "Tokens",
    "TokensInfo",
    "Topic",
    "Trigger",
    "TriggerCreate",
    "TriggerCreated",
    "TriggerDelete",
    "TriggerDeleted",
    "TriggerKind",
    "TriggerList",
    "TriggerMade",
    "TriggerRotateSecret",
    "TriggerUpdate",
    "TriggerUpdated",
    "Typing",
    "TypingSet",
    "UploadTarget",
    "Version",
    "WaitReason",
    "WaitingRun",
    "Want",
    "Workspace",
    "WorkspaceGet",
    "WorkspaceRole",
    "WorkspaceUpdate",
    "WorkspaceUpdated",
    "WorkspaceView",
]
