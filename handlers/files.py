"""Files: lists of them, and changing what they are called, where they are and who has them."""

from datetime import timedelta

from msgspec.structs import replace

from handlers import access, file_access, filing
from handlers.dispatch import Context, handles
from persistence import analyses, file_grants, file_versions, files
from protocol.errors import ApiError, ErrorCode, not_found, stale
from protocol.fields import Page
from protocol.files import (
    TRASH_DAYS,
    FileCause,
    FileDelete,
    FileDetails,
    FileFolders,
    FileGet,
    FileInfo,
    FileLink,
    FileLinkGet,
    FileList,
    FileMove,
    FileRemoved,
    FileRename,
    FileUndelete,
    FileVersion,
    Folders,
)
from protocol.roles import RoomRole

MAX_FOLDERS = 1_000
"""Folders that one answer holds."""


@handles(FileList, RoomRole.VIEWER)
async def list_files(ctx: Context, command: FileList) -> Page[FileInfo]:
    """A page of a room's files, of those that the actor may see."""
    return await files.page(ctx.tx, command, await file_access.viewer(ctx, command.room))


@handles(FileFolders, RoomRole.VIEWER)
async def list_folders(ctx: Context, command: FileFolders) -> Folders:
    """The folders right in a folder."""
    viewer = await file_access.viewer(ctx, command.room)
    return Folders(folders=await files.folders(ctx.tx, command.room, command.folder, viewer, MAX_FOLDERS))


@handles(FileGet, RoomRole.VIEWER)
async def get_file(ctx: Context, command: FileGet) -> FileDetails:
    """A file, or a version of it, with what was read from it."""
    found = await file_access.file(ctx, command.file_id, trash=True)
    number = command.number or found.file.number
    version = await file_access.version_of(ctx, found.file, number)
    blob_id = await file_versions.blob_of(ctx.tx, found.file.id, number)
    manages = found.role is RoomRole.MANAGER
    return FileDetails(
        file=found.file,
        version=version,
        access=found.role,
        description=None if blob_id is None else await analyses.describe(ctx.tx, blob_id),
        grants=await file_grants.of_file(ctx.tx, found.file.id) if manages else [],
    )


@handles(FileRename, RoomRole.EDITOR)
async def rename_file(ctx: Context, command: FileRename) -> FileInfo:
    """Give a file another name."""
    file = _current((await file_access.file(ctx, command.file_id)).file, command.version)
    if command.name == file.name:
        return file
    await file_access.refuse_taken(ctx, file.room, file.folder, command.name, file.id)
    return await filing.save(ctx, replace(file, name=command.name), FileCause.RENAMED)


@handles(FileMove, RoomRole.EDITOR)
async def move_file(ctx: Context, command: FileMove) -> FileInfo:
    """Put a file into another folder, or at another task."""
    file = _current((await file_access.file(ctx, command.file_id)).file, command.version)
    if (command.folder, command.task_id) == (file.folder, file.task_id):
        return file
    if command.task_id != file.task_id:
        # Whose access is for one task alone, or for the file alone, puts it at no other.
        await access.talk(ctx, file.room, about=command.task_id)
        if command.task_id is not None:
            await filing.check_task(ctx, file.room, command.task_id)
    if command.folder != file.folder:
        await file_access.refuse_taken(ctx, file.room, command.folder, file.name, file.id)
    moved = replace(file, folder=command.folder, task_id=command.task_id)
    return await filing.save(ctx, moved, FileCause.MOVED)


@handles(FileDelete, RoomRole.EDITOR)
async def delete_file(ctx: Context, command: FileDelete) -> FileInfo:
    """Put a file into the trash, or remove it for good."""
    found = await file_access.file(ctx, command.file_id, trash=True)
    if command.forever:
        if found.role is not RoomRole.MANAGER:
            raise ApiError(ErrorCode.FORBIDDEN, "Only managers and whoever made a file remove it for good.")
        await remove(ctx, found.file)
        return found.file
    if found.file.purge_at is not None:
        return found.file
    deleted = replace(found.file, purge_at=ctx.now + timedelta(days=TRASH_DAYS))
    return await filing.save(ctx, deleted, FileCause.DELETED)


@handles(FileUndelete, RoomRole.EDITOR)
async def undelete_file(ctx: Context, command: FileUndelete) -> FileInfo:
    """Take a file out of the trash."""
    file = (await file_access.file(ctx, command.file_id, trash=True)).file
    if file.purge_at is None:
        return file
    name = await files.free_name(ctx.tx, file.room, file.folder, file.name)
    return await filing.save(ctx, replace(file, purge_at=None, name=name), FileCause.UNDELETED)


async def remove(ctx: Context, file: FileInfo) -> None:
    """Remove a file for good; its contents are collected once nothing else has them."""
    await files.delete(ctx.tx, file.id)
    filing.record(ctx, file, FileRemoved(file_id=file.id))


async def purge(ctx: Context, room_id: str, file_ids: list[str]) -> None:
    """Remove files of a room whose time in the trash is over."""
    await ctx.lock(room_id)
    for file in (await files.some(ctx.tx, file_ids)).values():
        if file.purge_at is not None and file.purge_at <= ctx.now:
            await remove(ctx, file)


@handles(FileLinkGet, RoomRole.VIEWER)
async def link_file(ctx: Context, command: FileLinkGet) -> FileLink:
    """A link with which a browser can download a version."""
    found = await file_access.file(ctx, command.file_id)
    version = await file_access.version_of(ctx, found.file, command.number or found.file.number)
    file_access.refuse_held(version)
    await _check_preview(ctx, version, command.preview)
    if ctx.tools.link is None:
        raise ApiError(ErrorCode.UNAVAILABLE, "This server serves no files.")
    expires_at = ctx.now + timedelta(seconds=command.seconds)
    url = ctx.tools.link(
        member_id=ctx.actor.id,
        file_id=version.file_id,
        number=version.number,
        preview=command.preview,
        inline=command.inline,
        expires_at=expires_at,
    )
    return FileLink(url=url, expires_at=expires_at)


async def _check_preview(ctx: Context, version: FileVersion, name: str | None) -> None:
    if name is None:
        return
    blob_id = await file_versions.blob_of(ctx.tx, version.file_id, version.number)
    if blob_id is None or name not in await analyses.previews(ctx.tx, blob_id):
        raise not_found("preview")


def _current(file: FileInfo, version: int | None) -> FileInfo:
    if version is not None and version != file.version:
        raise stale("file", file)
    return file
