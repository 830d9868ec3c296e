"""Granting access to files, and keeping them from everybody."""

from msgspec.structs import replace

from handlers import file_access, filing
from handlers.dispatch import Context, handles
from handlers.memberships import check_known
from persistence import analyses, file_grants, file_versions
from persistence.ids import new_id
from protocol.errors import ApiError, ErrorCode, invalid, limit_exceeded, not_found
from protocol.files import (
    MAX_GRANTS,
    FileCause,
    FileGrant,
    FileGrantAccess,
    FileHold,
    FileInfo,
    FileRemoved,
    FileRestrict,
    FileRevoke,
)
from protocol.roles import RoomRole


@handles(FileRestrict, RoomRole.MANAGER)
async def restrict_file(ctx: Context, command: FileRestrict) -> FileInfo:
    """Let only some have a file, or everybody in its room again."""
    file = (await file_access.file(ctx, command.file_id)).file
    if file.restricted == command.restricted:
        return file
    if command.restricted:
        ctx.record(FileRemoved(file_id=file.id), room=file.room, entity=file.id)
    return await filing.save(ctx, replace(file, restricted=command.restricted), FileCause.SHOWN)


@handles(FileGrantAccess, RoomRole.MANAGER)
async def grant_access(ctx: Context, command: FileGrantAccess) -> FileGrant:
    """Give a member or a role access to a file."""
    file = (await file_access.file(ctx, command.file_id)).file
    if (command.member_id is None) == (command.role is None):
        raise invalid("member_id: name a member or a role, and not both.", "member_id")
    if command.access is RoomRole.MANAGER:
        raise invalid("access: can be viewer or editor; managers are those of the room.", "access")
    if command.until is not None and command.until <= ctx.now:
        raise invalid("until: must be in the future; to end access, use file.revoke.", "until")
    if command.member_id is not None:
        await check_known(ctx, [command.member_id])
    grants = await file_grants.of_file(ctx.tx, file.id)
    same = [each for each in grants if (each.member_id, each.role) == (command.member_id, command.role)]
    if not same and len(grants) >= MAX_GRANTS:
        raise limit_exceeded("grants of a file", MAX_GRANTS)
    grant = FileGrant(
        id=new_id(),
        member_id=command.member_id,
        role=command.role,
        access=command.access,
        until=command.until,
        created_by=ctx.actor.id,
        created_at=ctx.now,
    )
    return await file_grants.put(ctx.tx, file.id, grant)


@handles(FileRevoke, RoomRole.MANAGER)
async def revoke_access(ctx: Context, command: FileRevoke) -> FileGrant:
    """End a grant."""
    file = (await file_access.file(ctx, command.file_id)).file
    ended = await file_grants.remove(ctx.tx, file.id, command.grant_id)
    if ended is None:
        raise not_found("grant")
    return ended


@handles(FileHold, RoomRole.VIEWER)
async def hold_file(ctx: Context, command: FileHold) -> FileInfo:
    """Keep a version from being downloaded, or let it go again."""
    found = await file_access.file(ctx, command.file_id)
    if found.in_room is not RoomRole.MANAGER:
        raise ApiError(ErrorCode.FORBIDDEN, "Only managers of the room hold files, and let them go.")
    file = found.file
    version = await file_access.version_of(ctx, file, command.number or file.number)
    if version.held == command.reason:
        return file
    blob_id = await file_versions.blob_of(ctx.tx, file.id, version.number)
    assert blob_id is not None
    await analyses.hold(ctx.tx, blob_id, command.reason)
    return await filing.save(ctx, file, FileCause.HELD if command.reason else FileCause.RELEASED)
