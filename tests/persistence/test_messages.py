"""Messages' rows: their order and windows, their reactions and counts."""

import asyncpg
import pytest

from persistence import messages, rooms
from persistence.database import Connection, clock
from persistence.ids import new_id
from persistence.unit import Unit
from protocol.messages import Message
from protocol.rooms import RoomKind
from tests.world import World


@pytest.fixture
async def room(world: World) -> str:
    room_id = new_id()
    async with world.pool.acquire() as tx:
        await rooms.insert(
            tx, room_id, RoomKind.CHANNEL, now=await clock(tx), created_by=world.alice.id, name="talk"
        )
    return room_id


async def say(
    tx: Connection,
    world: World,
    room: str,
    seq: int,
    *,
    thread_id: str | None = None,
    task_id: str | None = None,
    author: str | None = None,
) -> Message:
    message = Message(
        id=new_id(),
        version=1,
        room=room,
        seq=seq,
        author_id=author or world.alice.id,
        text=f"message {seq}",
        thread_id=thread_id,
        task_id=task_id,
        mentions=[world.bob.id],
        reactions={},
        reply_count=0,
        created_at=await clock(tx),
        edited_at=None,
        deleted=False,
    )
    unit = Unit(tx)
    messages.insert(unit, message)
    await unit.flush()
    return message


async def test_messages_are_read_newest_first_and_before_a_place(world: World, room: str) -> None:
    async with world.pool.acquire() as tx:
        said = [await say(tx, world, room, seq) for seq in range(1, 6)]
        assert await messages.newest(tx, room, 2) == [said[4], said[3]]
        assert await messages.newest(tx, room, 2, before=4) == [said[2], said[1]]
        assert await messages.newest(tx, new_id(), 2) == []
        assert await messages.place_of(tx, said[0].id) == (room, None)
        assert await messages.place_of(tx, new_id()) is None
        assert await messages.get(tx, new_id()) is None
        assert said[0].mentions == [world.bob.id]


async def test_a_thread_is_read_with_its_opening_and_a_tasks_comments_alone(world: World, room: str) -> None:
    task = new_id()
    async with world.pool.acquire() as tx:
        root = await say(tx, world, room, 1)
        await say(tx, world, room, 2)
        answer = await say(tx, world, room, 3, thread_id=root.id)
        comment = await say(tx, world, room, 4, task_id=task)
        assert await messages.newest(tx, room, 9, thread_id=root.id) == [answer, root]
        assert await messages.newest(tx, room, 9, task_id=task) == [comment]


async def test_those_who_spoke_last_come_first(world: World, room: str) -> None:
    async with world.pool.acquire() as tx:
        root = await say(tx, world, room, 1)
        for seq, author in enumerate([world.bob, world.admin, world.bob], 2):
            await say(tx, world, room, seq, thread_id=root.id, author=author.id)
        assert await messages.speakers(tx, root.id, 9) == [world.bob.id, world.admin.id, world.alice.id]
        assert await messages.speakers(tx, root.id, 1) == [world.bob.id]


async def test_reactions_stand_in_the_order_in_which_they_came(world: World, room: str) -> None:
    async with world.pool.acquire() as tx:
        said = await say(tx, world, room, 1)
        for emoji, member in (("🎉", world.bob), ("👍", world.alice), ("🎉", world.alice)):
            await messages.react(tx, said.id, emoji, member.id, await clock(tx))
        again = await messages.react(tx, said.id, "🎉", world.alice.id, await clock(tx))
        assert list(again.reactions.items()) == [
            ("🎉", [world.bob.id, world.alice.id]),
            ("👍", [world.alice.id]),
        ]
        left = await messages.unreact(tx, said.id, "👍", world.alice.id)
        assert left.reactions == {"🎉": [world.bob.id, world.alice.id]}
        assert await messages.newest(tx, room, 1) == [left]


async def test_counts_and_texts_are_kept_apart(world: World, room: str) -> None:
    async with world.pool.acquire() as tx:
        said = await say(tx, world, room, 1)
        assert [await messages.count_reply(tx, said.id) for _ in range(2)] == [1, 2]
        edited = await messages.edit(tx, said.id, "new", [], await clock(tx))
        assert (edited.text, edited.mentions, edited.version, edited.reply_count) == ("new", [], 2, 2)
        gone = await messages.delete(tx, said.id)
        assert (gone.text, gone.deleted, gone.version, gone.reply_count) == ("", True, 3, 2)


async def test_a_place_is_taken_once(world: World, room: str) -> None:
    async with world.pool.acquire() as tx:
        await say(tx, world, room, 1)
        with pytest.raises(asyncpg.UniqueViolationError):
            await say(tx, world, room, 1)
