"""Who is in channels and conversations, and how far each has read.

Invariants: whoever comes or goes is told in the own inbox as well as the room; a channel with
members keeps a manager among them, so that somebody can let others in and out.
"""

from collections.abc import Iterable
from datetime import datetime

from handlers import access
from handlers.dispatch import Context, handles
from persistence import members, pages, rooms
from persistence.rooms import Entrance
from protocol.errors import ApiError, ErrorCode, limit_exceeded, not_found
from protocol.fields import MAX_ROOM_MEMBERS, Page
from protocol.roles import RoomRole
from protocol.rooms import (
    Membership,
    MembershipRemoved,
    MembershipUpdated,
    Participant,
    ParticipantAdded,
    ParticipantRemoved,
    RoomAddMember,
    RoomKind,
    RoomLeave,
    RoomMarkRead,
    RoomMembers,
    RoomRemoveMember,
)

CHANNEL = frozenset({RoomKind.CHANNEL})
CONVERSATION = frozenset({RoomKind.CHANNEL, RoomKind.DIRECT})


async def enrol(
    ctx: Context,
    room_id: str,
    member_id: str,
    role: RoomRole,
    *,
    until: datetime | None = None,
    task_id: str | None = None,
) -> Participant:
    """Make somebody a member of a room, or give it another role there, and record that.

    `until` and `task_id` say for how long, and for which task alone.
    """
    participant = await rooms.put_member(
        ctx.tx, room_id, member_id, role, ctx.now, until=until, task_id=task_id
    )
    ctx.record(ParticipantAdded(participant=participant), room=room_id)
    for membership in await rooms.memberships(ctx.tx, member_id, room_id):
        ctx.record(MembershipUpdated(membership=membership), room=member_id)
    return participant


async def tell_name(ctx: Context, room_id: str) -> None:
    """Show a room's new name in the inbox of each of its members."""
    members_of = await rooms.memberships_in(ctx.tx, room_id)
    # Read again under the locks: who marks the room read meanwhile records an event of its own.
    await ctx.lock(*members_of)
    for member_id, membership in (await rooms.memberships_in(ctx.tx, room_id)).items():
        ctx.record(MembershipUpdated(membership=membership), room=member_id)


async def check_known(ctx: Context, member_ids: Iterable[str]) -> None:
    """ApiError `not_found` unless all are active members whom the actor may know of."""
    wanted = set(member_ids)
    if wanted - await members.known(ctx.tx, ctx.actor, wanted):
        raise not_found("member")


async def check_space(ctx: Context, room_id: str) -> None:
    """ApiError `limit_exceeded` if no more members fit into the room."""
    if await rooms.count_members(ctx.tx, room_id) >= MAX_ROOM_MEMBERS:
        raise limit_exceeded("members of a room", MAX_ROOM_MEMBERS)


@handles(RoomMembers, RoomRole.VIEWER)
async def list_room_members(ctx: Context, command: RoomMembers) -> Page[Participant]:
    """Who is in a channel or conversation, by name."""
    await access.room(ctx, command.room, kinds=CONVERSATION)
    after = pages.read_cursor(command.cursor, str)
    rows = await rooms.participants(ctx.tx, command.room, command.limit + 1, after)
    return pages.page(rows, command.limit, lambda row: (row.name, row.id))


@handles(RoomAddMember, RoomRole.EDITOR)
async def add_room_member(ctx: Context, command: RoomAddMember) -> Participant:
    """Bring a member in, or as a manager give it another role.

    A channel's members may add to a public one, without making managers; its managers to any.
    """
    entrance, role = await access.room(ctx, command.room, kinds=CHANNEL, noun="channel")
    if entrance.archived:
        raise ApiError(ErrorCode.CONFLICT, "The channel is archived; reopen it to add members.")
    await check_known(ctx, [command.member_id])
    present = await rooms.get_participant(ctx.tx, command.room, command.member_id)
    if present is not None and present.role is command.role:
        return present
    if role < RoomRole.MANAGER:
        _check_may_add(entrance, present, command.role)
    if present is None:
        await check_space(ctx, command.room)
    elif present.role is RoomRole.MANAGER:
        await _check_manager_remains(ctx, command.room, command.member_id)
    return await enrol(ctx, command.room, command.member_id, command.role)


def _check_may_add(entrance: Entrance, present: Participant | None, role: RoomRole) -> None:
    """ApiError `forbidden` if this takes a manager."""
    if entrance.private:
        raise ApiError(ErrorCode.FORBIDDEN, "Only its managers add members to a private channel.")
    if entrance.role is None:
        raise ApiError(ErrorCode.FORBIDDEN, "Join the channel before you add others to it.")
    if present is not None or role is RoomRole.MANAGER:
        raise ApiError(ErrorCode.FORBIDDEN, "Only its managers make managers or change roles.")


@handles(RoomRemoveMember, RoomRole.MANAGER)
async def remove_room_member(ctx: Context, command: RoomRemoveMember) -> Participant:
    """Take a member out of a channel; its connections stop receiving the room."""
    await access.room(ctx, command.room, kinds=CHANNEL, noun="channel")
    return await _remove(ctx, command.room, command.member_id)


@handles(RoomLeave, RoomRole.VIEWER)
async def leave_room(ctx: Context, command: RoomLeave) -> None:
    """Give up one's membership of a channel.

    The last manager must appoint another first, rather than have one chosen at random; the last
    member may go.
    """
    await access.room(ctx, command.room, kinds=CHANNEL, noun="channel")
    await _remove(ctx, command.room, ctx.actor.id)


async def _remove(ctx: Context, room_id: str, member_id: str) -> Participant:
    participant = await rooms.get_participant(ctx.tx, room_id, member_id)
    if participant is None:
        raise not_found("member of the channel")
    if participant.role is RoomRole.MANAGER:
        await _check_manager_remains(ctx, room_id, member_id)
    await rooms.remove_member(ctx.tx, room_id, member_id)
    ctx.record(ParticipantRemoved(member_id=member_id), room=room_id)
    ctx.record(MembershipRemoved(room_id=room_id), room=member_id)
    return participant


async def _check_manager_remains(ctx: Context, room_id: str, member_id: str) -> None:
    remaining, managers = await rooms.others(ctx.tx, room_id, member_id)
    if remaining and not managers:
        raise ApiError(
            ErrorCode.CONFLICT,
            "This is the channel's last manager. Make another member manager first, "
            "with room.add_member and role «manager».",
        )


@handles(RoomMarkRead, RoomRole.VIEWER, isolation="repeatable_read")
async def mark_room_read(ctx: Context, command: RoomMarkRead) -> Membership:
    """Move one's read marker forward, at most to the head. On the inbox it marks notifications.

    The room itself is not locked, as REPEATABLE READ makes a lost update impossible: all who read a
    new message mark it at the same moment.
    """
    entrance, _ = await access.room(ctx, command.room)
    seq = min(command.seq, entrance.head_seq)
    moved = await rooms.mark_read(ctx.tx, command.room, ctx.actor.id, seq)
    found = await rooms.memberships(ctx.tx, ctx.actor.id, command.room)
    if not found:
        raise not_found("membership")
    if moved:
        ctx.record(MembershipUpdated(membership=found[0]), room=ctx.actor.id)
    return found[0]
