"""Memberships: who comes into a channel and goes, under whose authority, and read markers."""

import asyncio

import pytest

from persistence.ids import new_id
from protocol.errors import ErrorCode
from protocol.fields import MAX_ROOM_MEMBERS
from tests.world import World


@pytest.fixture
async def channel(world: World) -> str:
    """A public channel that alice manages and bob is in."""
    made = await world.run(world.alice, "room.create", name="talk", members=[world.bob.id])
    world.published.clear()
    return str(made["id"])


@pytest.fixture
async def private(world: World) -> str:
    """A private channel that alice manages and bob is in."""
    made = await world.run(world.alice, "room.create", name="aside", private=True, members=[world.bob.id])
    world.published.clear()
    return str(made["id"])


async def roles(world: World, room: str) -> dict[str, str]:
    async with world.pool.acquire() as tx:
        rows = await tx.fetch("SELECT member_id, role FROM room_members WHERE room_id = $1", room)
    return {row["member_id"]: row["role"] for row in rows}


async def fill(world: World, room: str) -> None:
    """Bring a room to its bound with members of no account."""
    async with world.pool.acquire() as tx:
        await tx.execute(
            """
            WITH made AS (
                INSERT INTO members (id, kind, name, role, created_at)
                SELECT gen_random_uuid(), 'agent', 'Extra ' || n, 'member', now()
                FROM generate_series(1, $2 - (SELECT count(*) FROM room_members WHERE room_id = $1)) n
                RETURNING id
            )
            INSERT INTO room_members (room_id, member_id, role, joined_at)
            SELECT $1, id, 'editor', now() FROM made
            """,
            room,
            MAX_ROOM_MEMBERS,
        )


async def test_members_of_a_public_channel_bring_in_others(world: World, channel: str) -> None:
    added = await world.run(world.bob, "room.add_member", room=channel, member_id=world.guest.id)
    assert (added["id"], added["role"], added["name"]) == (world.guest.id, "editor", "Guest")
    assert world.types(channel) == ["participant.added"]
    assert world.types(world.guest.id) == ["membership.updated"]
    assert (await world.run(world.guest, "room.get", room=channel))["name"] == "talk"
    again = await world.run(world.bob, "room.add_member", room=channel, member_id=world.guest.id)
    assert again == added
    assert world.types(channel) == ["participant.added"]


async def test_who_is_no_member_joins_before_adding_others(world: World, channel: str) -> None:
    stranger = await world.run(world.admin, "room.create", name="elsewhere")
    await world.refused(
        ErrorCode.FORBIDDEN, world.bob, "room.add_member", room=stranger["id"], member_id=world.guest.id
    )
    await world.run(world.admin, "room.add_member", room=channel, member_id=world.owner.id)
    assert (await roles(world, channel))[world.owner.id] == "editor"


async def test_managers_alone_change_roles_and_make_managers(world: World, channel: str) -> None:
    for member, role in ((world.guest, "manager"), (world.alice, "editor")):
        await world.refused(
            ErrorCode.FORBIDDEN,
            world.bob,
            "room.add_member",
            room=channel,
            member_id=member.id,
            role=role,
        )
    assert world.published == []
    await world.run(world.alice, "room.add_member", room=channel, member_id=world.bob.id, role="manager")
    assert world.types(channel) == ["participant.added"]
    assert world.types(world.bob.id) == ["membership.updated"]
    assert (await roles(world, channel))[world.bob.id] == "manager"


async def test_managers_alone_add_to_a_private_channel(world: World, private: str) -> None:
    await world.refused(
        ErrorCode.FORBIDDEN, world.bob, "room.add_member", room=private, member_id=world.guest.id
    )
    await world.run(world.alice, "room.add_member", room=private, member_id=world.guest.id)
    assert world.guest.id in await roles(world, private)


async def test_guests_add_only_whom_they_know(world: World, channel: str) -> None:
    await world.run(world.alice, "room.add_member", room=channel, member_id=world.guest.id)
    await world.refused(
        ErrorCode.NOT_FOUND, world.guest, "room.add_member", room=channel, member_id=world.owner.id
    )
    await world.refused(ErrorCode.NOT_FOUND, world.alice, "room.add_member", room=channel, member_id=new_id())
    assert world.owner.id not in await roles(world, channel)


async def test_a_viewer_reads_and_neither_writes_nor_adds(world: World, channel: str) -> None:
    await world.run(world.alice, "room.add_member", room=channel, member_id=world.guest.id, role="viewer")
    said = await world.run(world.alice, "message.send", room=channel, text="hello")
    assert (await world.run(world.guest, "room.history", room=channel))["items"] == [said]
    await world.refused(ErrorCode.FORBIDDEN, world.guest, "message.send", room=channel, text="hi")
    await world.refused(ErrorCode.FORBIDDEN, world.guest, "message.react", message_id=said["id"], emoji="👍")
    await world.refused(
        ErrorCode.FORBIDDEN, world.guest, "room.add_member", room=channel, member_id=world.bob.id
    )
    await world.run(world.guest, "room.leave", room=channel)
    assert world.guest.id not in await roles(world, channel)


async def test_a_manager_takes_a_member_out(world: World, private: str) -> None:
    await world.refused(
        ErrorCode.FORBIDDEN, world.bob, "room.remove_member", room=private, member_id=world.alice.id
    )
    gone = await world.run(world.alice, "room.remove_member", room=private, member_id=world.bob.id)
    assert gone["id"] == world.bob.id
    assert world.types(private) == ["participant.removed"]
    assert world.types(world.bob.id) == ["membership.removed"]
    await world.refused(ErrorCode.NOT_FOUND, world.bob, "room.join", room=private)
    await world.refused(
        ErrorCode.NOT_FOUND, world.alice, "room.remove_member", room=private, member_id=world.bob.id
    )


async def test_the_last_manager_appoints_another_before_leaving(world: World, private: str) -> None:
    leave = ("room.leave", {"room": private})
    removal = ("room.remove_member", {"room": private, "member_id": world.alice.id})
    demotion = (
        "room.add_member",
        {"room": private, "member_id": world.alice.id, "role": "viewer"},
    )
    for command, payload in (leave, removal, demotion):
        await world.refused(ErrorCode.CONFLICT, world.alice, command, **payload)
    assert world.published == []
    await world.run(world.alice, "room.add_member", room=private, member_id=world.bob.id, role="manager")
    await world.run(world.alice, "room.leave", room=private)
    assert await roles(world, private) == {world.bob.id: "manager"}


async def test_of_the_last_two_managers_leaving_at_once_one_stays(world: World, private: str) -> None:
    await world.run(world.alice, "room.add_member", room=private, member_id=world.bob.id, role="manager")
    await world.run(world.alice, "room.add_member", room=private, member_id=world.admin.id)
    results = await asyncio.gather(
        *(world.run(who, "room.leave", room=private) for who in (world.alice, world.bob)),
        return_exceptions=True,
    )
    assert results.count(None) == 1
    assert "manager" in (await roles(world, private)).values()


async def test_the_last_member_may_go(world: World, private: str) -> None:
    await world.run(world.bob, "room.leave", room=private)
    await world.run(world.alice, "room.leave", room=private)
    assert await roles(world, private) == {}
    await world.refused(ErrorCode.NOT_FOUND, world.alice, "room.get", room=private)


async def test_leaving_again_is_refused_and_records_nothing(
    world: World, channel: str, fresh_id: str
) -> None:
    await world.run(world.bob, "room.leave", room=channel, command_id=fresh_id)
    await world.run(world.bob, "room.leave", room=channel, command_id=fresh_id)
    await world.refused(ErrorCode.NOT_FOUND, world.bob, "room.leave", room=channel)
    assert world.types(channel) == ["participant.removed"]
    assert (await world.run(world.bob, "room.get", room=channel))["name"] == "talk"


async def test_a_full_channel_takes_nobody_more(world: World, channel: str) -> None:
    await fill(world, channel)
    for who, command, payload in (
        (world.alice, "room.add_member", {"member_id": world.guest.id}),
        (world.owner, "room.join", {}),
    ):
        refusal = await world.refused(ErrorCode.LIMIT_EXCEEDED, who, command, room=channel, **payload)
        assert refusal.data["limit"] == MAX_ROOM_MEMBERS
    assert world.published == []


async def test_members_are_listed_by_name_in_pages(world: World, channel: str) -> None:
    await world.run(world.bob, "room.add_member", room=channel, member_id=world.guest.id)
    first = await world.run(world.bob, "room.members", room=channel, limit=2)
    second = await world.run(world.bob, "room.members", room=channel, limit=2, cursor=first["next"])
    assert [item["name"] for item in first["items"] + second["items"]] == ["Alice", "Bob", "Guest"]
    assert second["next"] is None


async def test_a_read_marker_goes_forward_and_no_further_than_the_head(world: World, channel: str) -> None:
    said = [
        await world.run(world.alice, "message.send", room=channel, text=str(number)) for number in range(3)
    ]
    head = said[-1]["seq"]
    world.published.clear()
    marked = await world.run(world.bob, "room.mark_read", room=channel, seq=said[1]["seq"])
    assert (marked["id"], marked["read_seq"]) == (channel, said[1]["seq"])
    back = await world.run(world.bob, "room.mark_read", room=channel, seq=1)
    assert back["read_seq"] == said[1]["seq"]
    beyond = await world.run(world.bob, "room.mark_read", room=channel, seq=head + 100)
    assert beyond["read_seq"] == head
    assert world.types(world.bob.id) == ["membership.updated", "membership.updated"]
    assert world.types(channel) == []


async def test_markers_set_at_once_end_at_the_furthest(world: World, channel: str) -> None:
    for number in range(5):
        await world.run(world.alice, "message.send", room=channel, text=str(number))
    head = (await world.run(world.bob, "room.events", room=channel, after_seq=0))["head"]
    await asyncio.gather(
        *(world.run(world.bob, "room.mark_read", room=channel, seq=seq) for seq in range(head - 3, head + 1))
    )
    inbox = await world.run(world.bob, "room.join", room=world.bob.id)
    markers = {item["id"]: item["read_seq"] for item in inbox["reset"]["memberships"]}
    assert markers[channel] == head


async def test_what_was_said_before_one_came_counts_as_read(world: World, channel: str) -> None:
    said = await world.run(world.alice, "message.send", room=channel, text="long ago")
    await world.run(world.admin, "room.join", room=channel)
    inbox = await world.run(world.admin, "room.join", room=world.admin.id)
    markers = {item["id"]: item["read_seq"] for item in inbox["reset"]["memberships"]}
    assert markers[channel] == said["seq"]


async def test_who_only_visits_has_no_marker(world: World, channel: str) -> None:
    await world.refused(ErrorCode.NOT_FOUND, world.admin, "room.mark_read", room=channel, seq=1)
    await world.refused(ErrorCode.NOT_FOUND, world.guest, "room.mark_read", room=channel, seq=1)
