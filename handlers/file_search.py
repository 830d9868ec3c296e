"""Finding files by what they say, and those that are like another."""

from handlers import access, file_access
from handlers.dispatch import Context, handles
from persistence import analyses, file_texts, file_versions, files
from persistence.files import Viewer
from protocol.errors import not_found
from protocol.files import (
    FileHit,
    FileHits,
    FileSearch,
    FileSimilar,
    FileText,
    FileTextGet,
    SimilarFile,
    SimilarFiles,
)
from protocol.roles import RoomRole, WorkspaceRole

MAX_SIMILAR = 50


@handles(FileSearch, WorkspaceRole.GUEST)
async def search_files(ctx: Context, command: FileSearch) -> FileHits:
    """Where files say something, of those that the actor may see."""
    if command.room is not None:
        await access.room(ctx, command.room, kinds=access.TALK)
    hits = await file_texts.search(
        ctx.tx,
        command.query,
        member_id=ctx.actor.id,
        workspace_role=ctx.actor.role,
        room_id=command.room,
        kind=command.kind,
        limit=command.limit,
    )
    found = await files.some(ctx.tx, [hit.file_id for hit in hits])
    return FileHits(
        hits=[
            FileHit(file=found[hit.file_id], page=hit.page, snippet=hit.snippet)
            for hit in hits
            if hit.file_id in found
        ]
    )


@handles(FileSimilar, RoomRole.VIEWER)
async def find_similar(ctx: Context, command: FileSimilar) -> SimilarFiles:
    """Files of the same room that are nearly the same, of those that the actor may see."""
    access_to = await file_access.file(ctx, command.file_id)
    viewer = Viewer(ctx.actor.id, access_to.elsewhere)
    alike = await analyses.similar(ctx.tx, access_to.file, viewer, MAX_SIMILAR)
    found = await files.some(ctx.tx, [each.file_id for each in alike])
    return SimilarFiles(
        files=[
            SimilarFile(file=found[each.file_id], likeness=each.likeness)
            for each in alike
            if each.file_id in found
        ]
    )


@handles(FileTextGet, RoomRole.VIEWER)
async def get_text(ctx: Context, command: FileTextGet) -> FileText:
    """A page of what a version says."""
    file = (await file_access.file(ctx, command.file_id, trash=True)).file
    version = await file_access.version_of(ctx, file, command.number or file.number)
    file_access.refuse_held(version)
    blob_id = await file_versions.blob_of(ctx.tx, file.id, version.number)
    page = None if blob_id is None else await file_texts.page(ctx.tx, blob_id, command.page)
    if page is None:
        raise not_found("page")
    return FileText(page=command.page, pages=page[1], text=page[0])
