"""Messages: sending, editing, deleting, reacting, and whom they are brought to the notice of."""

import pytest

import handlers.messages  # noqa: F401 -- registers its handlers
from persistence import rooms
from persistence.database import clock
from persistence.ids import new_id
from protocol.roles import RoomRole
from protocol.rooms import RoomKind
from tests.handlers.conftest import World


@pytest.fixture
async def channel(world: World) -> str:
    """A public channel that alice manages and bob is in."""
    room_id = new_id()
    async with world.pool.acquire() as tx:
        now = await clock(tx)
        await rooms.insert(
            tx, room_id, RoomKind.CHANNEL, now=now, created_by=world.alice.id, name="talk", private=False
        )
        await rooms.put_member(tx, room_id, world.alice.id, RoomRole.MANAGER, now)
        await rooms.put_member(tx, room_id, world.bob.id, RoomRole.EDITOR, now)
    return room_id


async def test_a_message_reaches_the_room_and_those_it_names(world: World, channel: str) -> None:
    text = f"Hello @[Bob]({world.bob.id}) and @[Guest]({world.guest.id})"
    sent = await world.run(world.alice, "message.send", room=channel, text=text)
    assert sent["mentions"] == [world.bob.id]
    assert world.types(channel) == ["message.sent"]
    assert world.types(world.bob.id) == ["notification.added"]
    assert world.types(world.guest.id) == []
    listed = await world.run(world.bob, "notification.list", unread=True)
    assert [item["excerpt"] for item in listed["items"]] == ["Hello @Bob and @Guest"]
    on = await world.run(world.bob, "message.react", message_id=sent["id"], emoji="🎉")
    assert on["reactions"] == {"🎉": [world.bob.id]}
    off = await world.run(world.bob, "message.react", message_id=sent["id"], emoji="🎉", on=False)
    assert off["reactions"] == {}
    edited = await world.run(world.alice, "message.edit", message_id=sent["id"], text="x", version=1)
    assert edited["version"] == 2
    gone = await world.run(world.alice, "message.delete", message_id=sent["id"])
    assert gone["text"] == ""
