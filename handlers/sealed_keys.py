"""Boxes: fetching those for one's devices, and giving devices that came later the secrets they may have."""

from handlers.cx1 import identity as chains
from handlers.cx1 import membership
from handlers.dispatch import Context, handles
from handlers.judging import judged
from handlers.sealed_state import enter
from persistence import identities, sealed_keys
from protocol.errors import ApiError, ErrorCode, limit_exceeded
from protocol.fields import MAX_WANTS
from protocol.roles import RoomRole
from protocol.sealed import (
    DeviceBox,
    SealedBoxes,
    SealedGrant,
    SealedGranted,
    SealedWant,
    SealedWanted,
    SealedWants,
    Want,
)
from protocol.wire import from_base64, to_base64

PAGE = 1_000
"""Boxes that are answered at once."""


@handles(SealedBoxes, RoomRole.VIEWER)
async def list_boxes(ctx: Context, command: SealedBoxes) -> list[DeviceBox]:
    """The boxes for a device. They are of use to nobody else, but whose they are is nobody else's affair."""
    await enter(ctx, command.room)
    device_id = from_base64(command.device_id)
    await _own(ctx, device_id)
    found = await sealed_keys.boxes(ctx.tx, command.room, device_id, command.from_epoch, PAGE)
    return [DeviceBox(epoch=each.epoch, box=to_base64(each.box)) for each in found]


@handles(SealedGrant, RoomRole.VIEWER)
async def grant_secret(ctx: Context, command: SealedGrant) -> None:
    """Keep a box for a device of a member who may read that epoch."""
    _, room = await enter(ctx, command.room)
    fp, device_id, box = (from_base64(each) for each in (command.fp, command.device_id, command.box))
    with judged():
        membership.check_grant(room, command.epoch, fp, device_id, box)
    await sealed_keys.grant(ctx.tx, command.room, command.epoch, device_id, box)
    await sealed_keys.satisfy(ctx.tx, command.room, device_id, command.epoch)
    ctx.tell(SealedGranted(room=command.room, device_id=command.device_id, epoch=command.epoch))


@handles(SealedWant, RoomRole.VIEWER)
async def want_secret(ctx: Context, command: SealedWant) -> None:
    """Ask the others for what a device of one's own lacks."""
    _, room = await enter(ctx, command.room)
    device_id = from_base64(command.device_id)
    fp = await _own(ctx, device_id)
    if device_id not in room.active:
        raise ApiError(ErrorCode.NOT_MEMBER, "The device is not active in the room yet; pin it by a commit.")
    asked = sealed_keys.Want(fp=fp, device_id=device_id, epoch=command.epoch)
    waiting = await sealed_keys.wants(ctx.tx, command.room, ctx.now, MAX_WANTS)
    if len(waiting) >= MAX_WANTS and all(each.device_id != device_id for each in waiting):
        raise limit_exceeded("devices that wait for secrets of a room", MAX_WANTS)
    await sealed_keys.want(ctx.tx, command.room, asked, ctx.now)
    ctx.tell(SealedWanted(room=command.room, want=_shown(asked)))


@handles(SealedWants, RoomRole.VIEWER)
async def list_wants(ctx: Context, command: SealedWants) -> list[Want]:
    """Which devices lack secrets, of those that are active still."""
    _, room = await enter(ctx, command.room)
    found = await sealed_keys.wants(ctx.tx, command.room, ctx.now, MAX_WANTS)
    return [_shown(each) for each in found if each.device_id in room.active]


async def _own(ctx: Context, device_id: bytes) -> bytes:
    """The identity of the actor that has a device; ApiError if none has."""
    for row in await identities.of_members(ctx.tx, [ctx.actor.id]):
        if device_id in chains.load(row.state).devices:
            return row.fp
    raise ApiError(ErrorCode.NOT_MEMBER, "device_id: this is no device of yours.")


def _shown(want: sealed_keys.Want) -> Want:
    return Want(fp=to_base64(want.fp), device_id=to_base64(want.device_id), epoch=want.epoch)
