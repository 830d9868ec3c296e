"""Where uploads go: into rooms as files, into sealed rooms as objects.

Invariant: what is to go into a sealed room says nothing in the clear, and whoever has no access to a room
does not learn here of which kind it is.
"""

from dataclasses import dataclass

from handlers import access, filing, sealed_objects
from handlers.dispatch import Context
from persistence import rooms
from persistence.uploads import Target
from protocol.errors import ApiError, ErrorCode, invalid
from protocol.files import FileInfo
from protocol.rooms import RoomKind
from protocol.uploads import SealedObject, UploadTarget

UNKNOWN_TYPE = "application/octet-stream"
"""Of a content that was not read yet."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What an upload shall become, as its metadata have it."""

    target: Target
    plain: str | None
    """A name among the metadata that says something in the clear, if there is one."""


async def prepare(ctx: Context, wish: Wish) -> Target:
    """What an upload becomes, once it is certain that the actor may have it; `ctx.needs` is EDITOR."""
    target = wish.target
    sealed = await rooms.kind(ctx.tx, target.room) is RoomKind.SEALED
    if isinstance(target, UploadTarget) and not sealed:
        return await filing.prepare(ctx, target)
    await access.room(ctx, target.room, kinds=access.TALK | access.SEALED)
    if not sealed:
        raise invalid("object_id: the room is not sealed; leave it out and send a filename.", "object_id")
    if isinstance(target, UploadTarget) or wish.plain is not None:
        message = (
            f"{wish.plain}: the room is sealed, and this would be in the clear. Send nothing but room and "
            "object_id, and the rest in an envelope."
        )
        raise ApiError(ErrorCode.E2EE_ROOM, message, path=wish.plain)
    return await sealed_objects.prepare(ctx, target)


async def commit(ctx: Context, target: Target, blob_id: str) -> FileInfo | SealedObject:
    """Make a content that is in the store what it is to be. May be refused as `prepare` may."""
    if isinstance(target, UploadTarget):
        return await filing.commit(ctx, target, blob_id=blob_id, media_type=UNKNOWN_TYPE)
    return await sealed_objects.commit(ctx, target, blob_id)
