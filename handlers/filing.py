"""How contents become files: new ones, and versions of those that are there.

Invariant: in a folder no two files have the same name, whatever is sent at the same time; the file's room is
locked when that is decided.
"""

from msgspec.structs import replace

from handlers import access, file_access
from handlers.dispatch import Context, handles
from persistence import analyses, blobs, file_versions, files, runs, tasks
from persistence.ids import new_id
from protocol.errors import ApiError, ErrorCode, invalid, limit_exceeded, not_found
from protocol.fields import MAX_FILES, MAX_VERSIONS
from protocol.files import (
    FileAdopt,
    FileCause,
    FileCreated,
    FileInfo,
    FileUpdated,
    NameConflict,
)
from protocol.registry import Event
from protocol.roles import RoomRole
from protocol.runs import ENDED
from protocol.uploads import UploadTarget

LOOKED_AT = 50
"""Files with a content of which one must be readable for it to be adopted."""


async def prepare(ctx: Context, target: UploadTarget) -> UploadTarget:
    """The target of an upload, once it is certain that the actor may have it; `ctx.needs` is EDITOR.

    Its room is locked from here on. ApiError where it may not, or where there is no such room, file, task or
    run.
    """
    target = await _placed(ctx, target)
    if target.file_id is not None:
        await _current(ctx, target)
        return target
    if target.conflict is NameConflict.REFUSE:
        await file_access.refuse_taken(ctx, target.room, target.folder, target.name)
    if await files.count(ctx.tx, target.room) >= MAX_FILES:
        raise limit_exceeded("files in a room", MAX_FILES)
    return target


async def commit(ctx: Context, target: UploadTarget, *, blob_id: str, media_type: str) -> FileInfo:
    """Make a content that is in the store a file, or a version of one. May be refused as `prepare` may."""
    return await _filed(ctx, await prepare(ctx, target), blob_id, media_type)


async def _filed(ctx: Context, target: UploadTarget, blob_id: str, media_type: str) -> FileInfo:
    """What a content becomes whose target was prepared in this transaction."""
    await analyses.expect(ctx.tx, blob_id, target.name, media_type, checked=ctx.tools.checked)
    current = await _predecessor(ctx, target, blob_id)
    if current is None:
        return await _create(ctx, target, blob_id)
    if await file_versions.blob_of(ctx.tx, current.id, current.number) == blob_id:
        return current
    return await add_version(ctx, current, blob_id, FileCause.UPLOADED, run_id=target.run_id)


async def _predecessor(ctx: Context, target: UploadTarget, blob_id: str) -> FileInfo | None:
    """The file of which a content is to be a version, or that is the very same; None for a new file."""
    if target.file_id is not None:
        return (await file_access.file(ctx, target.file_id)).file
    file_id = await files.named(ctx.tx, target.room, target.folder, target.name)
    if file_id is None:
        return None
    role = await file_access.role_for(ctx.tx, file_id, ctx.actor.id)
    if role is None:
        return None
    current = await files.get(ctx.tx, file_id)
    assert current is not None
    same = await file_versions.blob_of(ctx.tx, file_id, current.number) == blob_id
    replaces = target.conflict is NameConflict.VERSION and role >= RoomRole.EDITOR
    return current if same or replaces else None


async def add_version(
    ctx: Context,
    file: FileInfo,
    blob_id: str,
    cause: FileCause,
    *,
    run_id: str | None = None,
    restored_from: int | None = None,
) -> FileInfo:
    """Give a file a content as its newest version; beyond the most there can be the oldest goes."""
    number = file.number + 1
    await file_versions.insert(
        ctx.tx,
        file.id,
        number,
        blob_id,
        name=file.name,
        run_id=run_id,
        restored_from=restored_from,
        created_by=ctx.actor.id,
        now=ctx.now,
    )
    await _make_room(ctx, file.id)
    return await save(ctx, replace(file, number=number), cause)


async def save(ctx: Context, file: FileInfo, cause: FileCause) -> FileInfo:
    """Write a file that was changed, tell its room, and return it as it is now."""
    await files.update(ctx.tx, file, ctx.actor.id, ctx.now)
    return await told(ctx, file.id, cause)


async def told(ctx: Context, file_id: str, cause: FileCause) -> FileInfo:
    """Tell a file's room what changed at it, and return it as it is now."""
    written = await files.get(ctx.tx, file_id)
    assert written is not None
    record(ctx, written, FileUpdated(file=written, cause=cause))
    return written


def record(ctx: Context, file: FileInfo, event: Event) -> None:
    """Record an event of a file, if it is for everybody in its room."""
    if not file.restricted:
        ctx.record(event, room=file.room, entity=file.id)


@handles(FileAdopt, RoomRole.EDITOR)
async def adopt_file(ctx: Context, command: FileAdopt) -> FileInfo:
    """Make a file of a content that its room has, and the actor may read, already."""
    target = UploadTarget(
        room=command.room,
        name=command.name,
        folder=command.folder,
        task_id=command.task_id,
        run_id=command.run_id,
        file_id=command.file_id,
        conflict=command.conflict,
    )
    target = await prepare(ctx, target)
    blob_id = await blobs.find(ctx.tx, target.room, bytes.fromhex(command.sha256))
    if blob_id is None or not await _may_read(ctx, blob_id):
        raise ApiError(ErrorCode.NOT_FOUND, "You may read no file of the room with this content; upload it.")
    return await _filed(ctx, target, blob_id, media_type="")


async def _may_read(ctx: Context, blob_id: str) -> bool:
    """Whether the actor may read a file with this content."""
    for file_id in await files.of_blob(ctx.tx, blob_id, LOOKED_AT):
        if await file_access.role_for(ctx.tx, file_id, ctx.actor.id) is not None:
            return True
    return False


async def _placed(ctx: Context, target: UploadTarget) -> UploadTarget:
    """The target with the task of its run, once its room may be changed by the actor."""
    task_id, own = target.task_id, False
    if target.run_id is not None:
        run = await runs.get(ctx.tx, target.run_id)
        if run is None or run.project_id != target.room or run.agent_id != ctx.actor.id:
            raise not_found("run")
        if run.state in ENDED:
            raise ApiError(ErrorCode.CONFLICT, f"The run has {run.state}; it makes no more files.")
        task_id = task_id or run.task_id
        own = task_id == run.task_id
    if target.file_id is None:
        await access.talk(ctx, target.room, about=access.OWN_RUN if own else task_id)
    if task_id is not None:
        await check_task(ctx, target.room, task_id)
    return replace(target, task_id=task_id)


async def check_task(ctx: Context, room_id: str, task_id: str) -> None:
    """ApiError `invalid` unless a room is a project with this task."""
    task = await tasks.get(ctx.tx, task_id)
    if task is None or task.project_id != room_id:
        raise invalid("task_id: the room is no project with a task of this id.", "task_id")


async def _current(ctx: Context, target: UploadTarget) -> FileInfo:
    assert target.file_id is not None
    found = (await file_access.file(ctx, target.file_id)).file
    if found.room != target.room:
        raise not_found("file")
    return found


async def _create(ctx: Context, target: UploadTarget, blob_id: str) -> FileInfo:
    file_id = new_id()
    name = await files.free_name(ctx.tx, target.room, target.folder, target.name)
    await files.insert(
        ctx.tx,
        file_id,
        target.room,
        folder=target.folder,
        name=name,
        task_id=target.task_id,
        created_by=ctx.actor.id,
        now=ctx.now,
    )
    await file_versions.insert(
        ctx.tx, file_id, 1, blob_id, name=name, run_id=target.run_id, created_by=ctx.actor.id, now=ctx.now
    )
    made = await files.get(ctx.tx, file_id)
    assert made is not None
    record(ctx, made, FileCreated(file=made))
    return made


async def _make_room(ctx: Context, file_id: str) -> None:
    """Let the oldest version go that is not pinned, where there would be too many."""
    kept = await file_versions.newest(ctx.tx, file_id, MAX_VERSIONS + 1)
    if len(kept) > MAX_VERSIONS:
        oldest = next((version for version in reversed(kept[1:]) if not version.label), None)
        if oldest is None:
            raise limit_exceeded("pinned versions of a file", MAX_VERSIONS)
        await file_versions.remove(ctx.tx, file_id, [oldest.number])
