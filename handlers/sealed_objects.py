"""Objects of sealed rooms: bytes that only the members can read, under ids that they choose.

Invariant: whoever is not in the room learns of none of its objects. Nothing is logged of them: what there is
to say about one stands in an envelope.
"""

from handlers import access
from handlers.dispatch import Context, handles
from persistence import sealed_objects
from persistence.database import Connection
from persistence.rooms import entrances
from persistence.sealed_objects import Stored
from protocol.errors import ApiError, ErrorCode, limit_exceeded, not_found
from protocol.roles import RoomRole
from protocol.sealed import SealedDiscard
from protocol.uploads import MAX_OBJECTS, ObjectTarget, SealedObject


async def prepare(ctx: Context, target: ObjectTarget) -> ObjectTarget:
    """The target of an upload, once it is certain that the actor may have it; `ctx.needs` is EDITOR.

    Its room is locked from here on. ApiError where it may not, or where the id is taken.
    """
    await access.room(ctx, target.room, kinds=access.SEALED)
    found = await sealed_objects.get(ctx.tx, target.object_id)
    if found is None and await sealed_objects.count(ctx.tx, target.room) >= MAX_OBJECTS:
        raise limit_exceeded("objects in a room", MAX_OBJECTS)
    if found is not None and (found.room, found.created_by) != (target.room, ctx.actor.id):
        raise _taken(target)
    return target


async def commit(ctx: Context, target: ObjectTarget, blob_id: str) -> SealedObject:
    """Make a content that is in the store an object; the one that there is if it came before."""
    await prepare(ctx, target)
    await sealed_objects.insert(
        ctx.tx, target.object_id, target.room, blob_id, created_by=ctx.actor.id, now=ctx.now
    )
    stored = await sealed_objects.stored(ctx.tx, target.object_id)
    made = await sealed_objects.get(ctx.tx, target.object_id)
    if made is None or stored is None or stored.blob_id != blob_id:
        raise _taken(target)
    return made


async def readable(tx: Connection, member_id: str, object_id: str) -> Stored:
    """Where the bytes of an object are that a member may download; ApiError `not_found`."""
    found = await sealed_objects.stored(tx, object_id)
    if found is None:
        raise not_found("object")
    visit = (found.room_id, member_id)
    entrance = (await entrances(tx, [visit])).get(visit)
    if entrance is None or access.role_in(entrance) is None:
        raise not_found("object")
    return found


@handles(SealedDiscard, RoomRole.EDITOR)
async def discard(ctx: Context, command: SealedDiscard) -> None:
    """Remove an object; its content is collected once nothing else has it."""
    _, role = await access.room(ctx, command.room, kinds=access.SEALED)
    found = await sealed_objects.get(ctx.tx, command.object_id)
    if found is None or found.room != command.room:
        raise not_found("object")
    if role is not RoomRole.MANAGER and found.created_by != ctx.actor.id:
        message = "Only who has uploaded an object and the room's admins remove it."
        raise ApiError(ErrorCode.FORBIDDEN, message)
    await sealed_objects.delete(ctx.tx, command.object_id)


def _taken(target: ObjectTarget) -> ApiError:
    message = f"There is another object {target.object_id} already; choose another id, at random."
    return ApiError(ErrorCode.CONFLICT, message)
