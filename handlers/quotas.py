"""How much rooms may hold and members may send."""

from handlers import access
from handlers.dispatch import Context, handles
from handlers.memberships import check_known
from persistence import quotas
from persistence.quotas import Usage
from protocol.errors import invalid
from protocol.files import FileQuota, FileQuotaGet, FileQuotaSet, Quota
from protocol.roles import RoomRole, WorkspaceRole


@handles(FileQuotaGet, RoomRole.VIEWER)
async def get_quota(ctx: Context, command: FileQuotaGet) -> FileQuota:
    """How much there is in a room, how much the actor has sent, and what the limits are."""
    await access.room(ctx, command.room, kinds=access.TALK | access.SEALED)
    return FileQuota(
        room=await _room(ctx, command.room),
        member=await _member(ctx, ctx.actor.id),
        largest=ctx.tools.limits.largest,
    )


@handles(FileQuotaSet, WorkspaceRole.ADMIN)
async def set_quota(ctx: Context, command: FileQuotaSet) -> Quota:
    """Set how much a room may take, or a member send."""
    if (command.room is None) == (command.member_id is None):
        raise invalid("room: name a room or a member, and not both.", "room")
    if command.room is not None:
        await access.room(ctx, command.room, kinds=access.TALK | access.SEALED)
        await quotas.set_limit(ctx.tx, command.room, command.limit)
        return await _room(ctx, command.room)
    assert command.member_id is not None
    await check_known(ctx, [command.member_id])
    await quotas.set_limit(ctx.tx, command.member_id, command.limit)
    return await _member(ctx, command.member_id)


async def _room(ctx: Context, room_id: str) -> Quota:
    return _quota(await quotas.room(ctx.tx, room_id), ctx.tools.limits.room)


async def _member(ctx: Context, member_id: str) -> Quota:
    return _quota(await quotas.member(ctx.tx, member_id, ctx.now), ctx.tools.limits.member)


def _quota(usage: Usage, otherwise: int) -> Quota:
    return Quota(bytes=usage.used, reserved=usage.reserved, limit=usage.bound(otherwise))
