"""Rooms' rows: what locks them, who is in them, and what is unique."""

import asyncpg
import pytest

from persistence import rooms
from persistence.database import clock
from persistence.ids import new_id
from protocol.roles import RoomRole
from protocol.rooms import RoomKind
from tests.world import World


async def channel(world: World, **fields: bool | str) -> str:
    room_id = new_id()
    async with world.pool.acquire() as tx:
        await rooms.insert(
            tx,
            room_id,
            RoomKind.CHANNEL,
            now=await clock(tx),
            created_by=world.alice.id,
            name=str(fields.get("name", "talk")),
            private=bool(fields.get("private", False)),
        )
    return room_id


async def test_strangers_do_not_lock_what_they_may_not_enter(world: World) -> None:
    private = await channel(world, private=True)
    public = await channel(world)
    async with world.pool.acquire() as tx:
        await rooms.put_member(tx, private, world.alice.id, RoomRole.EDITOR, await clock(tx))
        assert await rooms.lock_for(tx, [(private, world.alice)]) == {private: 0}
        assert await rooms.lock_for(tx, [(private, world.owner)]) == {}
        assert await rooms.lock_for(tx, [(public, world.bob)]) == {public: 0}
        assert world.bob.id in await rooms.lock_for(tx, [(world.bob.id, world.bob)])
        assert await rooms.lock_for(tx, [(world.bob.id, world.owner)]) == {}
        assert await rooms.lock_for(tx, [(new_id(), world.owner)]) == {}
        visits = [(private, world.bob), (public, world.bob), (private, world.alice), (private, world.owner)]
        assert await rooms.lock_for(tx, visits) == {private: 0, public: 0}
        assert await rooms.lock_for(tx, visits[:2]) == {public: 0}


async def test_a_locked_room_is_locked_until_commit(world: World) -> None:
    room = await channel(world)
    async with world.pool.acquire() as one, world.pool.acquire() as other:
        await other.execute("SET lock_timeout = '20ms'")
        async with one.transaction():
            await rooms.lock_for(one, [(room, world.alice)])
            with pytest.raises(asyncpg.LockNotAvailableError):
                await rooms.lock_for(other, [(room, world.bob)])
        assert await rooms.lock_for(other, [(room, world.bob)]) == {room: 0}


async def test_a_second_conversation_of_the_same_members_is_not_made(world: World) -> None:
    key = ",".join(sorted([world.alice.id, world.bob.id]))
    async with world.pool.acquire() as tx:
        now = await clock(tx)
        made = [
            await rooms.insert(
                tx, new_id(), RoomKind.DIRECT, now=now, created_by=world.alice.id, direct_key=key
            )
            for _ in range(2)
        ]
        assert made == [True, False]
        found = await rooms.get_direct(tx, key)
        assert found is not None
        assert found.private


async def test_names_of_public_channels_are_unique_whatever_their_case(world: World) -> None:
    await channel(world, name="Talk")
    await channel(world, name="talk", private=True)
    with pytest.raises(asyncpg.UniqueViolationError, match="rooms_channel_name_key"):
        await channel(world, name="tALK")


async def test_how_members_stand_to_a_room(world: World) -> None:
    room = await channel(world)
    async with world.pool.acquire() as tx:
        await rooms.put_member(tx, room, world.bob.id, RoomRole.VIEWER, await clock(tx))
        visits = [(room, world.bob.id), (room, world.guest.id), (world.bob.id, world.bob.id)]
        found = await rooms.entrances(tx, [*visits, (room, new_id()), (new_id(), world.bob.id)])
    assert {visit: entrance.role for visit, entrance in found.items()} == dict(
        zip(visits, [RoomRole.VIEWER, None, RoomRole.MANAGER], strict=True)
    )
    assert found[room, world.guest.id].workspace_role is world.guest.role


async def test_the_others_are_counted_without_removed_members(world: World) -> None:
    room = await channel(world)
    async with world.pool.acquire() as tx:
        now = await clock(tx)
        for member, role in (
            (world.alice, RoomRole.MANAGER),
            (world.bob, RoomRole.MANAGER),
            (world.guest, RoomRole.EDITOR),
        ):
            await rooms.put_member(tx, room, member.id, role, now)
        assert await rooms.others(tx, room, world.alice.id) == (2, 1)
        await tx.execute("UPDATE members SET active = false WHERE id = $1", world.bob.id)
        assert await rooms.others(tx, room, world.alice.id) == (1, 0)


async def test_another_role_leaves_the_marker_and_the_day_of_joining(world: World) -> None:
    room = await channel(world)
    async with world.pool.acquire() as tx:
        before = await rooms.put_member(tx, room, world.bob.id, RoomRole.VIEWER, await clock(tx))
        await tx.execute("UPDATE rooms SET head_seq = 7 WHERE id = $1", room)
        assert await rooms.mark_read(tx, room, world.bob.id, 5)
        assert not await rooms.mark_read(tx, room, world.bob.id, 4)
        after = await rooms.put_member(tx, room, world.bob.id, RoomRole.EDITOR, await clock(tx))
        (membership,) = await rooms.memberships(tx, world.bob.id, room)
        late = await rooms.put_member(tx, room, world.guest.id, RoomRole.EDITOR, await clock(tx))
        everyone = await rooms.memberships_in(tx, room)
    assert after.joined_at == before.joined_at
    assert (membership.role, membership.read_seq) == (RoomRole.EDITOR, 5)
    assert everyone[world.bob.id] == membership
    assert everyone[late.id].read_seq == 7
