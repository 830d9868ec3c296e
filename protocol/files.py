"""Files: what people and agents put into projects, tasks and conversations. Every version is kept.

A file belongs to a room. Its bytes go over REST (`/api/files`), since they may be many; everything else about
it goes over the socket. Rooms' folded state holds no files, for they too may be many: `file.list` reads them,
and events say what changed. Nothing is logged of a file that is not for everybody in its room.
"""

from enum import StrEnum
from typing import Annotated, Any

from msgspec import Meta, Struct

from protocol.fields import (
    Bytes,
    Cursor,
    Digest,
    FileName,
    Folder,
    Id,
    Name,
    Note,
    Ordinal,
    Page,
    PageSize,
    PreviewName,
    Search,
    Timestamp,
    Version,
)
from protocol.registry import Command, Entity, Event, Scope, command, event, query
from protocol.roles import RoomRole

MAX_GRANTS = 200
"""Grants of one file."""
MAX_SMALL_FILE = 64 * 1024 * 1024
"""Bytes of a file that is sent in one POST."""
MAX_PARTS = 90
"""Uploads that one upload joins: their addresses stand in one header, which has 8 KiB."""
MAX_TEXT_PAGE = 20_000
"""Characters of one page of extracted text; longer ones are divided."""
TRASH_DAYS = 30
"""How long a deleted file can be brought back."""
LINK_SECONDS = 300
"""How long a link works unless it says otherwise."""


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


class FileInfo(Entity):
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


class FileGrant(Entity):
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


@query("file.list")
class FileList(Command[Page[FileInfo]]):
    """Files of a room that you may see. Filters are joined by «and»."""

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


@query("file.folders")
class FileFolders(Command[Folders]):
    """The folders right in a folder, the first 1,000."""

    room: Id
    folder: Folder = ""


@query("file.get")
class FileGet(Command[FileDetails]):
    """A file, or with `number` one of its versions, with what was read from it."""

    file_id: Id
    number: Ordinal | None = None


@command("file.adopt")
class FileAdopt(Command[FileInfo]):
    """Make a file, or a version of one, of content that the room has already: nothing is sent twice. Editors.

    `not_found` unless you may read a file of the room with that content; then upload it.
    """

    room: Id
    name: FileName
    sha256: Digest
    file_id: Id | None = None
    """Of which file it is a new version."""
    folder: Folder = ""
    task_id: Id | None = None
    run_id: Id | None = None
    conflict: NameConflict = NameConflict.RENAME


@command("file.rename")
class FileRename(Command[FileInfo]):
    """Give a file another name. Editors."""

    file_id: Id
    name: FileName
    version: Version | None = None


@command("file.move")
class FileMove(Command[FileInfo]):
    """Put a file into another folder of its room, and with `task_id` at a task, or at none. Editors."""

    file_id: Id
    folder: Folder
    task_id: Id | None = None
    version: Version | None = None


@query("file.versions")
class FileVersions(Command[Page[FileVersion]]):
    """The versions of a file, newest first."""

    file_id: Id
    cursor: Cursor | None = None
    limit: PageSize = 50


@command("file.restore")
class FileRestore(Command[FileInfo]):
    """Make an old version the newest again, as a version of its own. Editors."""

    file_id: Id
    number: Ordinal


class DiffSign(StrEnum):
    """Where a line of a comparison stands."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


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


@query("file.compare")
class FileCompare(Command[FileComparison]):
    """How two versions of a file differ, in their text where they have one."""

    file_id: Id
    before: Ordinal
    after: Ordinal


@command("file.pin")
class FilePin(Command[FileVersion]):
    """Name a version, which keeps it for good; without a label it may be thinned out again. Editors."""

    file_id: Id
    number: Ordinal
    label: Name | None = None


@command("file.delete")
class FileDelete(Command[FileInfo]):
    """Put a file into the trash, from which it goes after 30 days. Editors.

    With `forever`, for managers, at once: its versions are gone.
    """

    file_id: Id
    forever: bool = False


@command("file.undelete")
class FileUndelete(Command[FileInfo]):
    """Take a file out of the trash; it gets a number if its name was taken meanwhile. Editors."""

    file_id: Id


@command("file.restrict")
class FileRestrict(Command[FileInfo]):
    """Let only managers, whoever made it and those granted access have a file; or everybody again.

    For managers and whoever made it.
    """

    file_id: Id
    restricted: bool


@command("file.grant")
class FileGrantAccess(Command[FileGrant]):
    """Give a person, an agent or a role access to one file, also if they are not in its room.

    For managers and whoever made it. A grant to the same replaces the one before.
    """

    file_id: Id
    member_id: Id | None = None
    role: RoomRole | None = None
    """In place of a member: everybody in the room with this role, or a higher one."""
    access: RoomRole = RoomRole.VIEWER
    """`viewer` or `editor`."""
    until: Timestamp | None = None


@command("file.revoke")
class FileRevoke(Command[FileGrant]):
    """End a grant; links made with it stop working. For managers and whoever made the file."""

    file_id: Id
    grant_id: Id


@command("file.hold")
class FileHold(Command[FileInfo]):
    """Keep everybody from downloading a version, the newest if none is named, and say why; without a reason
    let it go again. Managers. The check for malware does the same.
    """

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


@query("file.search")
class FileSearch(Command[FileHits]):
    """Search in what files say, of a room or of all that you may see: words, "phrases", or, -not.

    The best page of each file.
    """

    query: Search
    room: Id | None = None
    kind: ContentKind | None = None
    limit: Annotated[int, Meta(ge=1, le=50)] = 20


class SimilarFile(Struct, frozen=True, kw_only=True):
    """A file that is nearly the same as another."""

    file: FileInfo
    likeness: float
    """1 is the same content."""


class SimilarFiles(Struct, frozen=True, kw_only=True):
    """Files like another, the most alike first."""

    files: list[SimilarFile]


@query("file.similar")
class FileSimilar(Command[SimilarFiles]):
    """Files of the same room that are nearly the same as this one, by text or by look; at most 50."""

    file_id: Id


class FileText(Struct, frozen=True, kw_only=True):
    """A page of what a file says."""

    page: int
    pages: int
    text: str


@query("file.text")
class FileTextGet(Command[FileText]):
    """A page of the text that was read from a file. `not_found` while there is none."""

    file_id: Id
    number: Ordinal | None = None
    page: Ordinal = 1


class FileLink(Struct, frozen=True, kw_only=True):
    """An address from which one can download without signing in, for a while."""

    url: str
    expires_at: Timestamp


@query("file.link")
class FileLinkGet(Command[FileLink]):
    """A link to a file's content, for a browser. It works while you may read the file, an hour at most."""

    file_id: Id
    number: Ordinal | None = None
    preview: PreviewName | None = None
    """A preview in place of the file."""
    inline: bool = False
    """Whether a browser may show it, where that is safe, in place of saving it."""
    seconds: Annotated[int, Meta(ge=5, le=3600)] = LINK_SECONDS


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


@query("file.quota")
class FileQuotaGet(Command[FileQuota]):
    """How much is in a room and how much you have sent, and what the limits are."""

    room: Id


@command("file.set_quota", scope=Scope.ADMIN)
class FileQuotaSet(Command[Quota]):
    """Set how many bytes a project or channel may take, or a member send in 24 hours. Admins.

    Without a limit, that of the settings holds again.
    """

    room: Id | None = None
    member_id: Id | None = None
    limit: Bytes | None = None


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


@event("file.created")
class FileCreated(Event):
    """A new file."""

    file: FileInfo


@event("file.updated")
class FileUpdated(Event):
    """A file has changed."""

    file: FileInfo
    cause: FileCause


@event("file.removed")
class FileRemoved(Event):
    """A file has gone for good, or is no longer for everybody."""

    file_id: Id
