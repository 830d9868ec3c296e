"""The versions of files: which there are, how they differ, which stay."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from handlers import comparing, file_access, filing
from handlers.dispatch import Context, handles
from persistence import analyses, file_texts, file_versions, pages
from protocol.errors import limit_exceeded, not_found
from protocol.fields import MAX_VERSIONS, Page
from protocol.files import (
    FileCause,
    FileCompare,
    FileComparison,
    FileInfo,
    FilePin,
    FileRestore,
    FileVersion,
    FileVersions,
)
from protocol.roles import RoomRole

HOUR, DAY, WEEK, MONTH = timedelta(hours=1), timedelta(days=1), timedelta(days=7), timedelta(days=30)
THINNING = ((HOUR, timedelta(minutes=1)), (DAY, HOUR), (MONTH, DAY))
"""Up to which age one version of each such span is kept; of older ones, one a week."""


@handles(FileVersions, RoomRole.VIEWER)
async def list_versions(ctx: Context, command: FileVersions) -> Page[FileVersion]:
    """A page of the versions of a file."""
    file = (await file_access.file(ctx, command.file_id, trash=True)).file
    start = pages.read_cursor(command.cursor, int)
    found = await file_versions.newest(ctx.tx, file.id, command.limit + 1, start[0] if start else None)
    return pages.page(found, command.limit, lambda version: (version.number, version.file_id))


@handles(FileRestore, RoomRole.EDITOR)
async def restore_version(ctx: Context, command: FileRestore) -> FileInfo:
    """Make an old version the newest again."""
    file = (await file_access.file(ctx, command.file_id)).file
    version = await file_access.version_of(ctx, file, command.number)
    if version.sha256 == file.sha256:
        return file
    blob_id = await file_versions.blob_of(ctx.tx, file.id, version.number)
    assert blob_id is not None
    return await filing.add_version(ctx, file, blob_id, FileCause.RESTORED, restored_from=version.number)


@handles(FileCompare, RoomRole.VIEWER)
async def compare_versions(ctx: Context, command: FileCompare) -> FileComparison:
    """How two versions of a file differ."""
    file = (await file_access.file(ctx, command.file_id, trash=True)).file
    before = await file_access.version_of(ctx, file, command.before)
    after = await file_access.version_of(ctx, file, command.after)
    texts, metadata = [], []
    for version in (before, after):
        file_access.refuse_held(version)
        blob_id = await file_versions.blob_of(ctx.tx, file.id, version.number)
        if blob_id is None:
            raise not_found("version")
        texts.append(await file_texts.whole(ctx.tx, blob_id, comparing.MAX_CHARACTERS + 1))
        description = await analyses.describe(ctx.tx, blob_id)
        metadata.append(description.metadata if description else {})
    return await comparing.compare(before, after, texts, metadata)


@handles(FilePin, RoomRole.EDITOR)
async def pin_version(ctx: Context, command: FilePin) -> FileVersion:
    """Name a version, which keeps it, or let it be thinned out again."""
    file = (await file_access.file(ctx, command.file_id)).file
    version = await file_access.version_of(ctx, file, command.number)
    label = command.label or ""
    if label and not version.label and await file_versions.count_pinned(ctx.tx, file.id) >= MAX_VERSIONS - 1:
        raise limit_exceeded("pinned versions of a file", MAX_VERSIONS - 1)
    await file_versions.pin(ctx.tx, file.id, version.number, label)
    return await file_access.version_of(ctx, file, command.number)


async def thin_out(ctx: Context, room_id: str, file_id: str) -> int:
    """Let versions of a file go that are closer together than their age asks for; how many."""
    if await _superfluous(ctx, file_id):
        # Most have none, and everybody in the room waits for its lock.
        await ctx.lock(room_id)
        gone = await _superfluous(ctx, file_id)
        await file_versions.remove(ctx.tx, file_id, gone)
        return len(gone)
    return 0


async def _superfluous(ctx: Context, file_id: str) -> list[int]:
    return superfluous(await file_versions.newest(ctx.tx, file_id, MAX_VERSIONS + 1), ctx.now)


def superfluous(versions: Sequence[FileVersion], now: datetime) -> list[int]:
    """The numbers of those, given newest first, that may go: of each span of time the newest stays.

    The newest of all, the first of all and pinned ones always stay.
    """
    kept: set[tuple[timedelta, int]] = set()
    gone = []
    for place, version in enumerate(versions):
        span = _span(now - version.created_at)
        slot = (span, int(version.created_at.timestamp() // span.total_seconds()))
        ends = place == 0 or version.number == 1
        if slot in kept and not ends and not version.label:
            gone.append(version.number)
        kept.add(slot)
    return gone


def _span(age: timedelta) -> timedelta:
    return next((span for upto, span in THINNING if age < upto), WEEK)
