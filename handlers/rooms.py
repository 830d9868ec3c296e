"""Channels and direct conversations, and every room's log: joining, ranges and history."""

from msgspec import UNSET, structs

from handlers import access
from handlers.dispatch import Context, handles
from handlers.memberships import CHANNEL, CONVERSATION, check_known, check_space, enrol, tell_name
from handlers.snapshots import snapshot
from persistence import log, messages, pages, rooms, workspace
from persistence.ids import new_id
from persistence.rooms import Entrance
from protocol.errors import ApiError, ErrorCode, invalid, limit_exceeded, stale
from protocol.fields import MAX_CHANNELS, MAX_DIRECT_MEMBERS, MAX_DIRECTS, MAX_EVENTS, Page
from protocol.messages import Message
from protocol.registry import Event, Scope
from protocol.roles import RoomRole, WorkspaceRole
from protocol.rooms import (
    EventRange,
    Joined,
    NewRoomKind,
    Room,
    RoomCreate,
    RoomCreated,
    RoomEvents,
    RoomGet,
    RoomHistory,
    RoomJoin,
    RoomKind,
    RoomList,
    RoomUpdate,
    RoomUpdated,
)


@handles(RoomCreate, WorkspaceRole.GUEST)
async def create_room(ctx: Context, command: RoomCreate) -> Room:
    """Make a channel, which guests may not, or the direct conversation of exactly these members."""
    others = [member for member in dict.fromkeys(command.members) if member != ctx.actor.id]
    await check_known(ctx, others)
    if command.kind is NewRoomKind.DIRECT:
        return await _create_direct(ctx, command, others)
    return await _create_channel(ctx, command, others)


async def _create_channel(ctx: Context, command: RoomCreate, others: list[str]) -> Room:
    if ctx.actor.role < WorkspaceRole.MEMBER:
        raise ApiError(ErrorCode.FORBIDDEN, "Guests cannot make channels.")
    if command.name is None:
        raise invalid("name: a channel needs one.", "name")
    if await rooms.count_channels(ctx.tx) >= MAX_CHANNELS:
        raise limit_exceeded("channels", MAX_CHANNELS)
    room_id = command.id or new_id()
    await rooms.insert(
        ctx.tx,
        room_id,
        RoomKind.CHANNEL,
        now=ctx.now,
        created_by=ctx.actor.id,
        name=command.name,
        topic=command.topic,
        private=command.private,
    )
    room = await _created(ctx, room_id)
    await enrol(ctx, room_id, ctx.actor.id, RoomRole.MANAGER)
    for member_id in others:
        await enrol(ctx, room_id, member_id, RoomRole.EDITOR)
    return room


async def _create_direct(ctx: Context, command: RoomCreate, others: list[str]) -> Room:
    for field in ("name", "topic"):
        if getattr(command, field):
            raise invalid(f"{field}: a direct conversation has none.", field)
    if not 1 <= len(others) < MAX_DIRECT_MEMBERS:
        raise invalid(f"members: name one to {MAX_DIRECT_MEMBERS - 1} others.", "members")
    everyone = sorted([ctx.actor.id, *others])
    key = ",".join(everyone)
    if (found := await rooms.get_direct(ctx.tx, key)) is not None:
        return found
    if await rooms.count_directs(ctx.tx, ctx.actor.id) >= MAX_DIRECTS:
        raise limit_exceeded("direct conversations started by one member", MAX_DIRECTS)
    room_id = command.id or new_id()
    made = await rooms.insert(
        ctx.tx, room_id, RoomKind.DIRECT, now=ctx.now, created_by=ctx.actor.id, direct_key=key
    )
    if not made:
        # Another member of it was faster, and has committed: `insert` waited for that.
        found = await rooms.get_direct(ctx.tx, key)
        assert found is not None
        return found
    room = await _created(ctx, room_id)
    for member_id in everyone:
        await enrol(ctx, room_id, member_id, RoomRole.EDITOR)
    return room


async def _created(ctx: Context, room_id: str) -> Room:
    room = await _existing(ctx, room_id)
    await _record(ctx, room, RoomCreated(room=room))
    return room


async def _existing(ctx: Context, room_id: str) -> Room:
    room = await rooms.get(ctx.tx, room_id)
    assert room is not None
    return room


async def _record(ctx: Context, room: Room, event: Event) -> None:
    """Record an event about a room there and, if everyone may see the room, in the workspace."""
    ctx.record(event, room=room.id)
    if not room.private:
        ctx.record(event, room=(await workspace.current(ctx.tx)).id)


@handles(RoomGet, RoomRole.VIEWER)
async def get_room(ctx: Context, command: RoomGet) -> Room:
    """One channel or direct conversation."""
    await access.room(ctx, command.room, kinds=CONVERSATION)
    return await _existing(ctx, command.room)


@handles(RoomList, WorkspaceRole.GUEST)
async def list_rooms(ctx: Context, command: RoomList) -> Page[Room]:
    """Channels and conversations that one may enter, by name."""
    rows = await rooms.listed(
        ctx.tx,
        ctx.actor,
        command.limit + 1,
        query=command.query,
        kinds=[command.kind] if command.kind else list(NewRoomKind),
        joined=command.joined,
        archived=command.archived,
        after=pages.read_cursor(command.cursor, str),
    )
    return pages.page(rows, command.limit, lambda row: (row.name, row.id))


@handles(RoomUpdate, RoomRole.MANAGER)
async def update_room(ctx: Context, command: RoomUpdate) -> Room:
    """Rename, describe, archive or reopen a channel; its members' inboxes follow the name."""
    await access.room(ctx, command.room, kinds=CHANNEL, noun="channel")
    room = await _existing(ctx, command.room)
    if command.version != room.version:
        raise stale("channel", room)
    given = {name: getattr(command, name) for name in ("name", "topic", "archived")}
    wanted = structs.replace(room, **{name: value for name, value in given.items() if value is not UNSET})
    if wanted == room:
        return room
    updated = await rooms.update(ctx.tx, wanted)
    await _record(ctx, updated, RoomUpdated(room=updated))
    if updated.name != room.name:
        await tell_name(ctx, room.id)
    return updated


async def resume_room(ctx: Context, command: RoomJoin) -> Joined | None:
    """The events that a member missed, if the log has them all and joining writes nothing."""
    after = command.after_seq
    if after is None:
        return None
    entrance, role = await access.room(ctx, command.room)
    missed = entrance.head_seq - after
    if _is_newcomer(ctx, entrance) or not 0 <= missed <= MAX_EVENTS:
        return None
    # Read after the head was, so all that the head covers can be seen, or was dropped as too old.
    stretch = await log.stretch(ctx.tx, command.room, after, missed)
    if stretch.count < missed or command.generation not in {None, stretch.generation}:
        return None
    joined = Joined(
        room=command.room,
        kind=entrance.kind,
        head=entrance.head_seq,
        generation=stretch.generation,
        role=role,
    )
    return structs.replace(joined, events=stretch.events)


@handles(RoomJoin, RoomRole.VIEWER, isolation="repeatable_read", lookup=resume_room)
async def join_room(ctx: Context, command: RoomJoin) -> Joined:
    """The whole state, for a client that cannot resume; its `after_seq` then says nothing more.

    Joining a public channel makes one a member, unless it is archived or the token only reads. That
    event comes after the head of the reply and reaches the client like any later one.
    """
    entrance, role = await access.room(ctx, command.room)
    newcomer = _is_newcomer(ctx, entrance)
    if newcomer:
        # Before the snapshot is read, which may take long: whoever changes the room between the
        # start of a REPEATABLE READ transaction and its lock makes it start again.
        await ctx.lock(command.room)
        await check_space(ctx, command.room)
    joined = Joined(
        room=command.room,
        kind=entrance.kind,
        head=entrance.head_seq,
        generation=await workspace.generation(ctx.tx),
        role=role,
        reset=await snapshot(ctx.tx, command.room, entrance.kind),
    )
    if newcomer:
        await enrol(ctx, command.room, ctx.actor.id, RoomRole.EDITOR)
    return joined


def _is_newcomer(ctx: Context, entrance: Entrance) -> bool:
    return (
        ctx.caller.scope is not Scope.READ
        and entrance.kind is RoomKind.CHANNEL
        and entrance.role is None
        and not entrance.private
        and not entrance.archived
    )


@handles(RoomEvents, RoomRole.VIEWER)
async def room_events(ctx: Context, command: RoomEvents) -> EventRange:
    """The events after `after_seq`, as far as they are without a hole."""
    entrance, _ = await access.room(ctx, command.room)
    stretch = await log.stretch(ctx.tx, command.room, command.after_seq, command.limit)
    # Events may have come since the head was read.
    head = max(entrance.head_seq, command.after_seq + stretch.count if stretch.count else 0)
    return structs.replace(EventRange(room=command.room, head=head, events=[]), events=stretch.events)


@handles(RoomHistory, RoomRole.VIEWER)
async def room_history(ctx: Context, command: RoomHistory) -> Page[Message]:
    """Messages, newest first: all; a thread's, its opening message last; or comments on a task."""
    await access.talk(ctx, command.room)
    start = pages.read_cursor(command.cursor, int)
    rows = await messages.newest(
        ctx.tx,
        command.room,
        command.limit + 1,
        before=start and start[0],
        thread_id=command.thread_id,
        task_id=command.task_id,
    )
    return pages.page(rows, command.limit, lambda row: (row.seq, row.id))
