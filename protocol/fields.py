"""The types that fields are made of, each with its bound, and the limits on counts."""

import re
from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar

from msgspec import Meta, Struct

T = TypeVar("T")

_UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$(?!\n)"
_LINE = r"^(?!\s*$)[^\x00-\x1f\x7f]*$(?!\n)"
_TEXT = r"^[^\x00]*$"
_BODY = r"^(?!\s*$)[^\x00]*$"
_EMOJI = r"^[^\s\x00-\x1f\x7f]+$(?!\n)"
_NAME = r"^[A-Za-z][A-Za-z0-9_.-]*$(?!\n)"
_FILE = r"^(?!\.{1,2}$)[^/\\\x00-\x1f\x7f]*[^/\\\x00-\x20\x7f]$(?!\n)"
_FOLDER = (
    r"^$|^(?!\.{1,2}(/|$))[^/\\\x00-\x1f\x7f]{1,255}"
    r"(/(?!\.{1,2}(/|$))[^/\\\x00-\x1f\x7f]{1,255}){0,31}$(?!\n)"
)
_SHA256 = r"^[0-9a-f]{64}$(?!\n)"
_PREVIEW = r"^[a-z0-9-]+$(?!\n)"
_BASE64URL_KEY = r"^[A-Za-z0-9_-]+$(?!\n)"
_BASE64URL = r"^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?$(?!\n)"
_EMAIL = r"^[^\s@\x00-\x1f\x7f]+@[^\s@\x00-\x1f\x7f]+$(?!\n)"

WORDING = {
    _UUID: "a UUID in lower case",
    _LINE: "one line of {length}, not blank",
    _TEXT: "text of {length}, without NUL",
    _BODY: "text of {length}, not blank and without NUL",
    _EMOJI: "an emoji or short name of {length}, without spaces",
    _NAME: "a name of {length}: letters, digits, _ . and -, a letter first",
    _FILE: "a file name of {length}, without slashes, backslashes and control characters",
    _FOLDER: "folders with / between them, at most 32, none of them a dot or two",
    _SHA256: "a SHA-256 as 64 hexadecimal digits in lower case",
    _PREVIEW: "a name of {length}: small letters, digits and -",
    _BASE64URL_KEY: "a name of {length}: letters, digits, _ and -",
    _BASE64URL: "bytes as base64url without padding, in {length}",
    _EMAIL: "an email address of {length}",
}
"""Each pattern in words, for `protocol.wording`."""

Id = Annotated[str, Meta(pattern=_UUID)]
Name = Annotated[str, Meta(min_length=1, max_length=100, pattern=_LINE)]
Title = Annotated[str, Meta(min_length=1, max_length=300, pattern=_LINE)]
Topic = Annotated[str, Meta(max_length=300, pattern=_TEXT)]
Text = Annotated[str, Meta(max_length=20_000, pattern=_TEXT, description="Markdown.")]
Body = Annotated[str, Meta(min_length=1, max_length=20_000, pattern=_BODY, description="Markdown.")]
Label = Annotated[str, Meta(min_length=1, max_length=40, pattern=_LINE)]
Emoji = Annotated[str, Meta(min_length=1, max_length=32, pattern=_EMOJI)]
Search = Annotated[str, Meta(min_length=1, max_length=200, pattern=_LINE)]
Cursor = Annotated[str, Meta(max_length=600, description="Opaque; from the page before.")]
Email = Annotated[str, Meta(min_length=3, max_length=254, pattern=_EMAIL)]
Password = Annotated[str, Meta(min_length=10, max_length=256, pattern=_TEXT)]
Secret = Annotated[str, Meta(min_length=1, max_length=4_096)]
ExternalId = Annotated[
    str, Meta(min_length=1, max_length=200, pattern=_LINE, description="A name given elsewhere.")
]
FileName = Annotated[str, Meta(min_length=1, max_length=255, pattern=_FILE)]
Folder = Annotated[
    str, Meta(max_length=1_000, pattern=_FOLDER, description="Folders with / between them; empty for none.")
]
Digest = Annotated[
    str, Meta(min_length=64, max_length=64, pattern=_SHA256, description="SHA-256 in hexadecimal digits.")
]
PreviewName = Annotated[str, Meta(min_length=1, max_length=20, pattern=_PREVIEW)]
Bytes = Annotated[int, Meta(ge=0, le=2**53 - 1, description="A number of bytes.")]
Ordinal = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Version = Annotated[int, Meta(ge=1, le=2**53 - 1)]
Seq = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Hours = Annotated[float, Meta(ge=0, le=100_000)]
Timestamp = Annotated[datetime, Meta(tz=True, description="The server answers in UTC.")]
Day = Annotated[date, Meta(description="A calendar day.")]
PageSize = Annotated[int, Meta(ge=1, le=200)]
Json = Annotated[dict[str, Any], Meta(description="A JSON object of at most 256 KiB.")]
Schema = Annotated[
    dict[str, Any],
    Meta(description="JSON Schema 2020-12 of at most 16 KiB that refers to nothing outside itself."),
]
Note = Annotated[str, Meta(max_length=500, pattern=_TEXT, description="Plain text.")]
Money = Annotated[int, Meta(ge=0, le=10**15, description="Millionths of the currency that you reckon in.")]
Tokens = Annotated[int, Meta(ge=0, le=10**12)]
Seconds = Annotated[float, Meta(ge=0, le=10**9)]
Share = Annotated[float, Meta(ge=0, le=1)]
CapabilityName = Annotated[str, Meta(min_length=1, max_length=60, pattern=_NAME)]
Fence = Annotated[
    int,
    Meta(ge=1, le=2**31 - 1, description="The number of an attempt at a run; those before it are refused."),
]


def base64_length(size: int) -> int:
    """How many characters of base64url without padding so many bytes take."""
    return (size * 4 + 2) // 3


MAX_LINK_BYTES = 1_000
"""Of a link of an identity's chain."""
MAX_COMMIT_BYTES = 128 * 1024
"""Of a commit of a sealed room."""
MAX_ENVELOPE_BYTES = 256 * 1024 + 300
"""Of an envelope: a ciphertext of 256 KiB, its header and signature."""
MAX_PAIRING_BYTES = 256 * 1024
"""Of one step of pairing: linking hands over the secrets of epochs."""
MAX_ENTRY_BYTES = 1_000
"""Of an entry of a backup."""
BOX_BYTES = 144
"""Of an epoch's secret for one device."""


def _encoded(most: int, description: str, least: int | None = None) -> Meta:
    """Of at most `most` bytes as base64url; of at least one character, or of `least` bytes."""
    shortest = 1 if least is None else base64_length(least)
    return Meta(
        min_length=shortest, max_length=base64_length(most), pattern=_BASE64URL, description=description
    )


LinkBytes = Annotated[str, _encoded(MAX_LINK_BYTES, "A link of an identity's chain.")]
CommitBytes = Annotated[str, _encoded(MAX_COMMIT_BYTES, "A commit of a sealed room.")]
EnvelopeBytes = Annotated[str, _encoded(MAX_ENVELOPE_BYTES, "An envelope of a sealed room.")]
Box = Annotated[str, _encoded(BOX_BYTES, "The secret of an epoch, sealed to one device.", BOX_BYTES)]
PairingBytes = Annotated[str, _encoded(MAX_PAIRING_BYTES, "What one step of pairing says.")]
EntryBytes = Annotated[str, _encoded(MAX_ENTRY_BYTES, "What a backup keeps, encrypted.")]
EntryKey = Annotated[str, Meta(min_length=1, max_length=64, pattern=_BASE64URL_KEY)]
Epoch = Annotated[int, Meta(ge=0, le=2**32 - 1)]
Fingerprint = Annotated[str, _encoded(32, "A hash of 32 bytes.", 32)]
DeviceId = Annotated[str, _encoded(16, "16 bytes that name a device.", 16)]

ID_PATTERN = re.compile(_UUID)

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
MAX_EVENT_BYTES = 4 * 1024 * 1024
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
MAX_SCHEMA_BYTES = 16 * 1024
"""Bytes of one JSON Schema."""
MAX_JSON_BYTES = 256 * 1024
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
MAX_DETAIL_BYTES = 16 * 1024
"""Bytes of what a log line carries, or of the arguments that are to be approved."""
MAX_ANSWER_BYTES = 64 * 1024
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


class Page(Struct, Generic[T], frozen=True, kw_only=True):
    """Part of a list. `next` is the cursor of the following part, null at the end."""

    items: list[T]
    next: Cursor | None


class Change(Struct, frozen=True, kw_only=True):
    """One field's step in an entity's history, as JSON values."""

    field: str
    before: str | int | float | bool | list[str] | None
    after: str | int | float | bool | list[str] | None


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
