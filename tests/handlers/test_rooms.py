"""Rooms: making, finding and changing them, and bringing a client up to date in one."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import convert

from persistence import log, rooms, workspace
from persistence.database import clock
from persistence.ids import new_id
from protocol.errors import ErrorCode
from protocol.fields import MAX_CHANNELS, MAX_DIRECTS, MAX_EVENT_BYTES, MAX_EVENTS, MESSAGE_WINDOW
from protocol.registry import Scope
from protocol.roles import RoomRole
from protocol.rooms import LoggedEvent, ParticipantRemoved, RoomKind
from tests.fold import fold, unfolded
from tests.world import World


async def test_a_public_channel_is_announced_to_the_workspace_and_its_members(world: World) -> None:
    made = await world.run(
        world.alice, "room.create", name="general", topic="All of us", members=[world.bob.id]
    )
    assert made["kind"] == "channel"
    assert made["private"] is False
    assert world.types(made["id"]) == ["room.created", "participant.added", "participant.added"]
    assert world.types(world.workspace_id) == ["room.created"]
    (told,) = [event.data["membership"] for event in world.published if event.room == world.bob.id]
    assert told == {
        "id": made["id"],
        "kind": "channel",
        "name": "general",
        "role": "editor",
        "read_seq": 0,
    }
    roles = {
        item["id"]: item["role"]
        for item in (await world.run(world.bob, "room.members", room=made["id"]))["items"]
    }
    assert roles == {world.alice.id: "manager", world.bob.id: "editor"}


async def test_only_its_members_know_a_private_channel(world: World) -> None:
    made = await world.run(world.alice, "room.create", name="secret", private=True)
    assert world.types(world.workspace_id) == []
    for stranger in (world.bob, world.admin, world.owner, world.guest):
        for command in ("room.get", "room.join", "room.members", "room.history", "room.leave"):
            await world.refused(ErrorCode.NOT_FOUND, stranger, command, room=made["id"])
        await world.refused(ErrorCode.NOT_FOUND, stranger, "room.events", room=made["id"], after_seq=0)
        await world.refused(ErrorCode.NOT_FOUND, stranger, "room.mark_read", room=made["id"], seq=1)
        await world.refused(
            ErrorCode.NOT_FOUND, stranger, "room.update", room=made["id"], version=1, name="mine"
        )
        await world.refused(
            ErrorCode.NOT_FOUND, stranger, "room.add_member", room=made["id"], member_id=stranger.id
        )
        assert (await world.run(stranger, "room.list"))["items"] == []
    assert len(world.types(made["id"])) == 2


async def test_what_a_stranger_is_told_of_a_room_is_what_it_is_told_of_none(
    world: World, fresh_id: str
) -> None:
    made = await world.run(world.alice, "room.create", name="secret", private=True)
    hidden = await world.refused(ErrorCode.NOT_FOUND, world.bob, "room.get", room=made["id"])
    absent = await world.refused(ErrorCode.NOT_FOUND, world.bob, "room.get", room=fresh_id)
    assert (hidden.message, hidden.data) == (absent.message, absent.data)


async def test_a_channel_needs_a_name_and_someone_who_is_no_guest(world: World) -> None:
    unnamed = await world.refused(ErrorCode.INVALID, world.alice, "room.create")
    assert unnamed.data["path"] == "name"
    await world.refused(ErrorCode.FORBIDDEN, world.guest, "room.create", name="guests")
    await world.refused(ErrorCode.NOT_FOUND, world.alice, "room.create", name="x", members=[new_id()])
    assert world.published == []


async def test_the_names_of_open_public_channels_are_unique(world: World) -> None:
    first = await world.run(world.alice, "room.create", name="General")
    await world.refused(ErrorCode.CONFLICT, world.bob, "room.create", name="general")
    await world.run(world.bob, "room.create", name="general", private=True)
    await world.run(world.alice, "room.update", room=first["id"], version=1, archived=True)
    second = await world.run(world.bob, "room.create", name="general")
    await world.refused(
        ErrorCode.CONFLICT, world.alice, "room.update", room=first["id"], version=2, archived=False
    )
    renamed = await world.run(world.bob, "room.update", room=second["id"], version=1, name="talk")
    assert renamed["name"] == "talk"
    await world.run(world.alice, "room.update", room=first["id"], version=2, archived=False)


async def test_channels_made_at_once_with_one_name_give_one_channel(world: World) -> None:
    results = await asyncio.gather(
        *(world.run(who, "room.create", name="race") for who in (world.alice, world.bob, world.admin)),
        return_exceptions=True,
    )
    assert sum(isinstance(result, dict) for result in results) == 1
    assert world.types(world.workspace_id) == ["room.created"]


async def test_a_room_can_have_an_id_of_the_clients_choice_once(world: World, fresh_id: str) -> None:
    made = await world.run(world.alice, "room.create", name="mine", id=fresh_id)
    assert made["id"] == fresh_id
    await world.refused(ErrorCode.CONFLICT, world.bob, "room.create", name="other", id=fresh_id)
    await world.refused(ErrorCode.CONFLICT, world.alice, "room.create", name="third", id=world.bob.id)


async def test_making_a_room_twice_with_one_command_id_makes_one(world: World, fresh_id: str) -> None:
    once = await world.run(world.alice, "room.create", name="mine", command_id=fresh_id)
    again = await world.run(world.alice, "room.create", name="mine", command_id=fresh_id)
    assert again == once
    assert world.types(world.workspace_id) == ["room.created"]


async def test_both_sides_at_once_get_one_direct_conversation(world: World) -> None:
    made = await asyncio.gather(
        *(world.run(world.alice, "room.create", kind="direct", members=[world.bob.id]) for _ in range(3)),
        *(world.run(world.bob, "room.create", kind="direct", members=[world.alice.id]) for _ in range(3)),
    )
    assert len({room["id"] for room in made}) == 1
    assert world.types(made[0]["id"]) == ["room.created", "participant.added", "participant.added"]
    assert world.types(world.alice.id) == world.types(world.bob.id) == ["membership.updated"]
    again = await world.run(
        world.bob, "room.create", kind="direct", members=[world.alice.id, world.bob.id, world.alice.id]
    )
    assert again == made[0]
    trio = await world.run(world.bob, "room.create", kind="direct", members=[world.alice.id, world.admin.id])
    assert trio["id"] != made[0]["id"]
    await world.refused(ErrorCode.NOT_FOUND, world.owner, "room.get", room=trio["id"])


async def test_whoever_comes_second_waits_for_the_first_and_gets_its_conversation(world: World) -> None:
    key = ",".join(sorted([world.alice.id, world.bob.id]))
    first = new_id()
    async with world.pool.acquire() as tx, asyncio.timeout(10):
        async with tx.transaction():
            await rooms.insert(
                tx,
                first,
                RoomKind.DIRECT,
                now=await clock(tx),
                created_by=world.alice.id,
                direct_key=key,
            )
            second = asyncio.create_task(
                world.run(world.bob, "room.create", kind="direct", members=[world.alice.id])
            )
            while not await world.pool.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"):
                assert not second.done()
        assert (await second)["id"] == first
    assert world.published == []


async def test_channels_are_bounded(world: World) -> None:
    async with world.pool.acquire() as tx:
        await tx.execute(
            """
            INSERT INTO rooms (id, kind, created_by, created_at)
            SELECT gen_random_uuid(), 'channel', $1, now() FROM generate_series(1, $2)
            """,
            world.alice.id,
            MAX_CHANNELS,
        )
    refusal = await world.refused(ErrorCode.LIMIT_EXCEEDED, world.alice, "room.create", name="more")
    assert refusal.data["limit"] == MAX_CHANNELS


async def test_a_direct_conversation_has_members_but_no_name(world: World) -> None:
    for wrong, path in (
        ({"members": [world.alice.id]}, "members"),
        ({"members": []}, "members"),
        ({"members": [world.bob.id], "name": "us"}, "name"),
        ({"members": [world.bob.id], "topic": "us"}, "topic"),
    ):
        refusal = await world.refused(ErrorCode.INVALID, world.alice, "room.create", kind="direct", **wrong)
        assert refusal.data["path"] == path
    await world.refused(ErrorCode.NOT_FOUND, world.alice, "room.create", kind="direct", members=[new_id()])


async def test_guests_write_to_those_they_share_a_room_with(world: World) -> None:
    await world.refused(
        ErrorCode.NOT_FOUND, world.guest, "room.create", kind="direct", members=[world.bob.id]
    )
    await world.run(world.bob, "room.create", name="shared", members=[world.guest.id])
    made = await world.run(world.guest, "room.create", kind="direct", members=[world.bob.id])
    assert made["created_by"] == world.guest.id


async def test_the_conversations_that_one_member_starts_are_bounded(world: World) -> None:
    async with world.pool.acquire() as tx:
        await tx.execute(
            """
            WITH made AS (
                INSERT INTO rooms (id, kind, direct_key, created_by, created_at)
                SELECT gen_random_uuid(), 'direct', 'key ' || n, $1, now()
                FROM generate_series(1, $2) n RETURNING id
            )
            INSERT INTO room_members (room_id, member_id, role, joined_at)
            SELECT id, $1, 'editor', now() FROM made
            """,
            world.alice.id,
            MAX_DIRECTS,
        )
    refusal = await world.refused(
        ErrorCode.LIMIT_EXCEEDED, world.alice, "room.create", kind="direct", members=[world.bob.id]
    )
    assert refusal.data["limit"] == MAX_DIRECTS
    await world.run(world.bob, "room.create", kind="direct", members=[world.alice.id])


async def test_rooms_are_listed_by_name_in_pages_to_those_who_may_enter(world: World) -> None:
    for name in ("delta", "alpha", "charlie", "bravo"):
        await world.run(world.alice, "room.create", name=name)
    hidden = await world.run(world.alice, "room.create", name="aside", private=True)
    direct = await world.run(world.alice, "room.create", kind="direct", members=[world.guest.id])
    await world.run(world.bob, "room.create", name="echo", members=[world.guest.id])

    async def names(who: str, **filters: Any) -> list[str]:
        page = await world.run(getattr(world, who), "room.list", **filters)
        return [item["name"] for item in page["items"]]

    assert await names("bob") == ["alpha", "bravo", "charlie", "delta", "echo"]
    assert await names("bob", joined=True) == ["echo"]
    assert await names("bob", joined=False) == ["alpha", "bravo", "charlie", "delta"]
    assert await names("bob", query="AL") == ["alpha"]
    assert await names("bob", query="%") == []
    assert await names("alice", kind="direct") == [""]
    assert await names("alice", joined=True, kind="channel") == [
        "alpha",
        "aside",
        "bravo",
        "charlie",
        "delta",
    ]
    assert await names("guest") == ["", "echo"]
    assert await names("bob", archived=True) == []
    assert hidden["id"] != direct["id"]

    first = await world.run(world.bob, "room.list", limit=2)
    second = await world.run(world.bob, "room.list", limit=2, cursor=first["next"])
    third = await world.run(world.bob, "room.list", limit=2, cursor=second["next"])
    assert [item["name"] for part in (first, second, third) for item in part["items"]] == [
        "alpha",
        "bravo",
        "charlie",
        "delta",
        "echo",
    ]
    assert third["next"] is None


async def test_managers_change_a_channel_and_its_members_hear_of_a_new_name(world: World) -> None:
    made = await world.run(world.alice, "room.create", name="old", members=[world.bob.id])
    room = made["id"]
    world.published.clear()
    await world.refused(ErrorCode.FORBIDDEN, world.bob, "room.update", room=room, version=1, name="x")
    await world.refused(ErrorCode.NOT_FOUND, world.guest, "room.update", room=room, version=1, name="x")
    changed = await world.run(world.alice, "room.update", room=room, version=1, name="new", topic="t")
    assert (changed["name"], changed["topic"], changed["version"]) == ("new", "t", 2)
    assert world.types(room) == world.types(world.workspace_id) == ["room.updated"]
    assert world.types(world.alice.id) == world.types(world.bob.id) == ["membership.updated"]

    refusal = await world.refused(
        ErrorCode.CONFLICT, world.alice, "room.update", room=room, version=1, topic="stale"
    )
    assert refusal.data["current"].topic == "t"
    same = await world.run(world.alice, "room.update", room=room, version=2, topic="t")
    assert same == changed
    await world.run(world.admin, "room.update", room=room, version=2, topic="by an admin")
    assert world.types(room) == ["room.updated", "room.updated"]
    assert world.types(world.bob.id) == ["membership.updated"]


async def test_of_two_changes_of_one_version_one_wins(world: World) -> None:
    made = await world.run(world.alice, "room.create", name="old")
    results = await asyncio.gather(
        *(
            world.run(world.alice, "room.update", room=made["id"], version=1, topic=str(number))
            for number in range(4)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(result, dict) for result in results) == 1
    assert world.types(made["id"]).count("room.updated") == 1


async def test_a_direct_conversation_is_not_changed_or_left(world: World) -> None:
    made = await world.run(world.alice, "room.create", kind="direct", members=[world.bob.id])
    room = made["id"]
    await world.refused(ErrorCode.NOT_FOUND, world.alice, "room.update", room=room, version=1, name="x")
    await world.refused(ErrorCode.NOT_FOUND, world.alice, "room.leave", room=room)
    await world.refused(
        ErrorCode.NOT_FOUND, world.alice, "room.add_member", room=room, member_id=world.admin.id
    )


async def test_an_archived_channel_is_read_and_not_written(world: World) -> None:
    made = await world.run(world.alice, "room.create", name="done", members=[world.bob.id])
    room = made["id"]
    sent = await world.run(world.bob, "message.send", room=room, text="last words")
    await world.run(world.alice, "room.update", room=room, version=1, archived=True)
    await world.refused(ErrorCode.CONFLICT, world.bob, "message.send", room=room, text="one more")
    await world.refused(ErrorCode.CONFLICT, world.bob, "message.edit", message_id=sent["id"], text="x")
    await world.refused(ErrorCode.CONFLICT, world.bob, "room.add_member", room=room, member_id=world.admin.id)
    history = await world.run(world.bob, "room.history", room=room)
    assert [item["text"] for item in history["items"]] == ["last words"]
    joined = await world.run(world.owner, "room.join", room=room)
    assert [item["id"] for item in joined["reset"]["rooms"]] == [room]
    assert world.owner.id not in {item["id"] for item in joined["reset"]["participants"]}
    assert world.types(world.owner.id) == []


async def test_joining_a_public_channel_makes_a_member_after_the_head_of_the_reply(
    world: World,
) -> None:
    made = await world.run(world.alice, "room.create", name="open")
    room = made["id"]
    joined = await world.run(world.bob, "room.join", room=room)
    assert (joined["head"], joined["kind"], joined["role"]) == (2, "channel", "editor")
    assert [item["id"] for item in joined["reset"]["participants"]] == [world.alice.id]
    assert world.types(room)[-1] == "participant.added"
    assert world.types(world.bob.id) == ["membership.updated"]
    again = await world.run(world.bob, "room.join", room=room, after_seq=joined["head"])
    assert [event["type"] for event in again["events"]] == ["participant.added"]
    assert "reset" not in again
    assert len(world.types(room)) == 3
    await world.refused(ErrorCode.NOT_FOUND, world.guest, "room.join", room=room)
    assert (await world.run(world.admin, "room.join", room=room))["role"] == "manager"


async def test_a_token_that_only_reads_watches_a_public_channel(world: World) -> None:
    made = await world.run(world.alice, "room.create", name="open")
    joined = await world.run(world.bob, "room.join", room=made["id"], scope=Scope.READ)
    assert joined["head"] == 2
    assert len(world.types(made["id"])) == 2
    assert world.types(world.bob.id) == []


async def test_members_join_the_workspace_and_only_their_own_inbox(world: World) -> None:
    joined = await world.run(world.bob, "room.join", room=world.workspace_id)
    assert (joined["kind"], joined["role"]) == ("workspace", "viewer")
    assert len(joined["reset"]["members"]) == 5
    assert {item["email"] for item in joined["reset"]["members"]} == {None}
    assert [item["id"] for item in joined["reset"]["workspaces"]] == [world.workspace_id]
    await world.refused(ErrorCode.NOT_FOUND, world.guest, "room.join", room=world.workspace_id)

    inbox = await world.run(world.bob, "room.join", room=world.bob.id)
    assert [item["id"] for item in inbox["reset"]["memberships"]] == [world.bob.id]
    for other in (world.alice, world.admin, world.owner):
        await world.refused(ErrorCode.NOT_FOUND, other, "room.join", room=world.bob.id)


async def test_a_join_resumes_where_it_can_and_resets_where_it_cannot(world: World, fresh_id: str) -> None:
    made = await world.run(world.alice, "room.create", name="log")
    room = made["id"]
    await world.run(world.alice, "message.send", room=room, text="hello")
    first = await world.run(world.alice, "room.join", room=room)
    assert first["head"] == 3
    assert "events" not in first
    state = unfolded(first["reset"])
    everything = (await world.run(world.alice, "room.events", room=room, after_seq=0))["events"]
    assert fold({}, everything) == state
    for after in range(4):
        resumed = await world.run(
            world.alice, "room.join", room=room, after_seq=after, generation=first["generation"]
        )
        assert [event["seq"] for event in resumed["events"]] == list(range(after + 1, 4))
        assert fold(fold({}, everything[:after]), resumed["events"]) == state
    for wrong in ({"after_seq": 4}, {"after_seq": 3, "generation": fresh_id}, {"after_seq": None}):
        reset = await world.run(world.alice, "room.join", room=room, **wrong)
        assert "events" not in reset
        assert unfolded(reset["reset"]) == state


async def test_a_new_generation_resets_clients_of_the_old_one(world: World) -> None:
    before = await world.run(world.alice, "room.join", room=world.workspace_id)
    async with world.pool.acquire() as tx:
        await workspace.new_generation(tx)
    after = await world.run(
        world.alice,
        "room.join",
        room=world.workspace_id,
        after_seq=before["head"],
        generation=before["generation"],
    )
    assert after["generation"] != before["generation"]
    assert "reset" in after


async def test_a_client_too_far_behind_gets_the_newest_window(world: World) -> None:
    made = await world.run(world.alice, "room.create", name="busy")
    room = made["id"]
    async with world.pool.acquire() as tx:
        await tx.execute(
            """
            WITH moved AS (UPDATE rooms SET head_seq = head_seq + $2 WHERE id = $1),
            said AS (
                INSERT INTO messages (id, room_id, seq, author_id, text, created_at)
                SELECT gen_random_uuid(), $1, n + 2, $3, 'message ' || n, now()
                FROM generate_series(1, $2) n RETURNING seq
            )
            INSERT INTO events (room_id, seq, type, at, data)
            SELECT $1, seq, 'later.type', now(), '{}' FROM said
            """,
            room,
            MAX_EVENTS,
            world.alice.id,
        )
    behind = await world.run(world.alice, "room.join", room=room, after_seq=1)
    texts = {item["text"] for item in behind["reset"]["messages"]}
    assert texts == {f"message {n}" for n in range(MAX_EVENTS - MESSAGE_WINDOW + 1, MAX_EVENTS + 1)}
    just = await world.run(world.alice, "room.join", room=room, after_seq=2)
    assert len(just["events"]) == MAX_EVENTS


async def test_answers_are_bounded_in_bytes_and_given_in_parts_where_they_may_be(world: World) -> None:
    room = (await world.run(world.alice, "room.create", name="heavy"))["id"]
    size = 2 * MAX_EVENT_BYTES // 5
    heavy = {3: size, 4: size, 5: size, 6: 3 * MAX_EVENT_BYTES, 7: 1}
    await world.pool.executemany(
        "INSERT INTO events (room_id, seq, type, at, data) VALUES ($1, $2, 'new', now(), to_json($3::text))",
        [(room, seq, "x" * length) for seq, length in heavy.items()],
    )
    await world.pool.execute("UPDATE rooms SET head_seq = 7 WHERE id = $1", room)

    async def part(after_seq: int) -> list[int]:
        answer = await world.run(world.alice, "room.events", room=room, after_seq=after_seq)
        assert answer["head"] == 7
        return [event["seq"] for event in answer["events"]]

    assert [await part(after) for after in (0, 4, 5, 6, 7)] == [[1, 2, 3, 4], [5], [6], [7], []]
    assert "reset" in await world.run(world.alice, "room.join", room=room, after_seq=2)
    assert "reset" in await world.run(world.alice, "room.join", room=room, after_seq=4)
    last = await world.run(world.alice, "room.join", room=room, after_seq=6)
    assert [event["seq"] for event in last["events"]] == [7]


async def test_missed_events_are_told_as_they_were_published(world: World) -> None:
    room = (await world.run(world.alice, "room.create", name="exact"))["id"]
    await world.run(world.bob, "message.send", room=room, text='"quoted", \\ and Ünïcödé 🚀\n\t')
    await world.run(world.alice, "room.update", room=room, version=1, topic="told by nobody")
    async with world.pool.acquire() as tx, tx.transaction():
        at = datetime(2030, 12, 31, 23, 59, 59, tzinfo=UTC)
        world.published += await log.record(tx, None, at, [(room, ParticipantRemoved(member_id=room), None)])
    told = [event for event in world.published if event.room == room]
    joined = await world.run(world.alice, "room.join", room=room, after_seq=0)
    part = await world.run(world.alice, "room.events", room=room, after_seq=0)
    assert convert(joined["events"], list[LoggedEvent]) == convert(part["events"], list[LoggedEvent]) == told


async def test_a_repeated_join_is_answered_anew_and_authorised_anew(world: World, fresh_id: str) -> None:
    made = await world.run(world.alice, "room.create", name="secret", private=True, members=[world.bob.id])
    room = made["id"]
    await world.run(world.bob, "room.join", room=room, command_id=fresh_id)
    await world.run(world.alice, "message.send", room=room, text="new")
    again = await world.run(world.bob, "room.join", room=room, command_id=fresh_id)
    assert [item["text"] for item in again["reset"]["messages"]] == ["new"]
    await world.run(world.alice, "room.remove_member", room=room, member_id=world.bob.id)
    await world.refused(ErrorCode.NOT_FOUND, world.bob, "room.join", room=room, command_id=fresh_id)


async def test_a_range_is_bounded_and_names_the_head(world: World) -> None:
    made = await world.run(world.alice, "room.create", name="log")
    part = await world.run(world.alice, "room.events", room=made["id"], after_seq=0, limit=1)
    assert [event["seq"] for event in part["events"]] == [1]
    assert part["head"] == 2
    beyond = await world.run(world.alice, "room.events", room=made["id"], after_seq=9)
    assert (beyond["events"], beyond["head"]) == ([], 2)
    await world.refused(
        ErrorCode.INVALID, world.alice, "room.events", room=made["id"], after_seq=0, limit=MAX_EVENTS + 1
    )


async def test_many_join_a_busy_channel_at_once_and_none_is_refused(world: World) -> None:
    made = await world.run(world.alice, "room.create", name="busy")
    room = made["id"]
    others = (world.bob, world.admin, world.owner)
    await asyncio.gather(
        *(world.run(world.alice, "message.send", room=room, text=str(number)) for number in range(10)),
        *(world.run(who, "room.join", room=room) for who in others),
    )
    seqs = sorted(event.seq for event in world.published if event.room == room)
    assert seqs == list(range(1, 2 + 10 + len(others) + 1))


@pytest.mark.parametrize("role", [RoomRole.VIEWER, RoomRole.EDITOR])
async def test_no_rooms_role_lets_in_who_was_removed_from_the_workspace(world: World, role: RoomRole) -> None:
    made = await world.run(world.alice, "room.create", name="secret", private=True)
    async with world.pool.acquire() as tx:
        await rooms.put_member(tx, made["id"], world.bob.id, role, await clock(tx))
        await tx.execute("UPDATE members SET active = false WHERE id = $1", world.bob.id)
    await world.refused(ErrorCode.UNAUTHENTICATED, world.bob, "room.join", room=made["id"])
