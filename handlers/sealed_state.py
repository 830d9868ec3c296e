"""The state that a sealed room's commits have led to, which each node keeps for the rooms that it works with.

A state is named by the hash of the last commit, so one that is kept can never be of another room or moment.
"""

from collections import OrderedDict

from handlers import access
from handlers.cx1 import membership
from handlers.cx1.membership import Room
from handlers.dispatch import Context
from persistence import identities, sealed
from persistence.sealed import Head
from protocol.errors import not_found

KEPT = 500
"""Rooms whose states are kept in memory."""

_kept: OrderedDict[bytes, Room] = OrderedDict()


async def enter(ctx: Context, room_id: str) -> tuple[Head, Room]:
    """A sealed room that one is in, with its state."""
    await access.room(ctx, room_id, kinds=access.SEALED)
    head = await sealed.get(ctx.tx, room_id)
    if head is None:
        raise not_found("room")
    return head, await at(ctx, room_id, head.commit_hash)


async def at(ctx: Context, room_id: str, commit_hash: bytes) -> Room:
    """The state of a room whose last commit has this hash."""
    found = _kept.get(commit_hash)
    if found is None:
        found = membership.load(await sealed.state(ctx.tx, room_id))
    return keep(found)


def keep(room: Room) -> Room:
    """Keep a state in memory, for as long as others are not asked for more often."""
    _kept[room.head] = room
    _kept.move_to_end(room.head)
    if len(_kept) > KEPT:
        _kept.popitem(last=False)
    return room


async def role_of(ctx: Context, room: Room) -> int | None:
    """The role that the actor has by the room's commits; None if it is in it by no identity."""
    found = await identities.by_fp(ctx.tx, room.members)
    roles = [room.members[fp].role for fp, row in found.items() if row.member_id == ctx.actor.id]
    return max(roles, default=None)
