"""Group commit: what comes to a room at once shares a transaction, and each is answered as if alone."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import msgspec
import pytest

from handlers import dispatch, groups
from handlers.dispatch import Caller, Dispatcher, overlaps
from persistence.database import connect_pool
from persistence.ids import new_id
from protocol.errors import ApiError, ErrorCode
from protocol.members import Member
from protocol.registry import COMMANDS, Scope
from protocol.rooms import LoggedEvent
from protocol.wire import command_spec
from tests.nodes import until
from tests.world import World

ALONE = [
    "BEGIN",
    "commands.start",
    "rooms.lock_for",
    "rooms.entrances",
    "messages.insert",
    "log.append",
    "COMMIT",
]
"""The statements of one message, and of many in a group."""


class Node:
    """A dispatcher with a pool of its own; `published` takes the place of the fan-out."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.errors: list[type[BaseException]] = []
        self.published: list[LoggedEvent] = []

    async def start(self, dsn: str) -> None:
        self.pool = await connect_pool(dsn, size=4, on_query=self._observe)
        self.dispatcher = Dispatcher(self.pool, self._publish)

    def send(self, member: Member, room: str, text: str, **more: Any) -> "asyncio.Task[Any]":
        """Begin to send a message; the reply is JSON."""
        caller = Caller(member.id, None, Scope.WRITE, "test")
        payload = {"room": room, "text": text, "command_id": new_id()} | more
        return asyncio.create_task(self.dispatcher.run(caller, command_spec("message.send"), payload))

    async def texts(self, room: str) -> list[str]:
        """What stands in a room, in order."""
        rows = await self.pool.fetch("SELECT text FROM messages WHERE room_id = $1 ORDER BY seq", room)
        return [row["text"] for row in rows]

    def told(self) -> list[str]:
        """The texts that were published, in order."""
        return [event.data["message"]["text"] for event in self.published if event.type == "message.sent"]

    def _observe(self, name: str, _: float, error: BaseException | None) -> None:
        self.statements.append(name)
        if error is not None:
            self.errors.append(type(error))

    async def _publish(self, events: list[LoggedEvent]) -> None:
        self.published += events


@asynccontextmanager
async def started(dsn: str) -> AsyncIterator[Node]:
    node = Node()
    await node.start(dsn)
    yield node
    await node.dispatcher.close()
    await node.pool.close()


@pytest.fixture
async def node(dsn: str) -> AsyncIterator[Node]:
    async with started(dsn) as made:
        yield made


@pytest.fixture
async def room(world: World) -> str:
    """A private channel that alice manages, and bob and the admin are in."""
    made = await world.run(
        world.alice, "room.create", name="talk", private=True, members=[world.bob.id, world.admin.id]
    )
    return str(made["id"])


@asynccontextmanager
async def held(world: World, room: str) -> AsyncIterator[None]:
    """Keep a room locked, so that what comes to it waits."""
    async with world.pool.acquire() as tx, tx.transaction():
        await tx.execute("SELECT FROM rooms WHERE id = $1 FOR UPDATE", room)
        yield


async def waits(world: World) -> bool:
    """Whether a transaction waits for another."""
    return bool(await world.pool.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"))


async def replies(tasks: list["asyncio.Task[Any]"]) -> list[Any]:
    """The replies as plain JSON values, with the refused ones' error codes."""
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    return [
        outcome.code if isinstance(outcome, ApiError) else msgspec.json.decode(outcome)  # type: ignore[arg-type]
        for outcome in outcomes
    ]


def test_only_commands_that_name_a_room_overlap() -> None:
    assert overlaps(command_spec("message.send"))
    assert not overlaps(command_spec("task.update"))
    assert not overlaps(command_spec("room.join"))
    assert not any(overlaps(spec) for spec in COMMANDS.values() if spec.signal)


@pytest.mark.parametrize("count", [1, 20])
async def test_a_group_takes_the_round_trips_of_one(world: World, node: Node, room: str, count: int) -> None:
    await replies([node.send(world.alice, room, "first")])  # a new connection asks for types
    await asyncio.sleep(0)
    node.statements.clear()
    node.published.clear()
    senders = [world.alice, world.bob]
    sent = await replies([node.send(senders[n % 2], room, f"{n}") for n in range(count)])
    await asyncio.sleep(0)  # asyncpg reports a statement in the loop's next round
    assert node.statements == ALONE
    assert [message["text"] for message in sent] == [str(n) for n in range(count)]
    assert [message["author_id"] for message in sent] == [senders[n % 2].id for n in range(count)]
    assert [msgspec.to_builtins(event)["data"]["message"] for event in node.published] == sent
    assert [event.actor for event in node.published] == [message["author_id"] for message in sent]
    head = await node.pool.fetchval("SELECT head_seq FROM rooms WHERE id = $1", room)
    assert [message["seq"] for message in sent] == list(range(head - count + 1, head + 1))


@pytest.mark.parametrize("fault", ["stranger", "thread", "id", "command_id"])
async def test_a_bad_command_fails_alone(world: World, node: Node, room: str, fault: str) -> None:
    (first,) = await replies([node.send(world.alice, room, "first", command_id=(used := new_id()))])
    who, more = {
        "stranger": (world.guest, {}),
        "thread": (world.bob, {"thread_id": new_id()}),
        "id": (world.bob, {"id": first["id"]}),
        "command_id": (world.alice, {"command_id": used}),
    }[fault]
    tasks = [node.send(world.alice, room, f"{n}") for n in range(7)]
    tasks.insert(3, node.send(who, room, "bad", **more))
    outcomes = await replies(tasks)
    code = ErrorCode.CONFLICT if fault.endswith("id") else ErrorCode.NOT_FOUND
    assert outcomes.pop(3) == code
    assert [message["text"] for message in outcomes] == [str(n) for n in range(7)]
    assert await node.texts(room) == node.told() == ["first", *(str(n) for n in range(7))]
    assert await node.pool.fetchval("SELECT count(*) FROM commands WHERE reply IS NULL") == 0


async def test_an_answer_finds_the_message_sent_with_it(world: World, node: Node, room: str) -> None:
    root = new_id()
    tasks = [
        node.send(world.alice, room, "question", id=root),
        node.send(world.bob, room, "answer", thread_id=root),
        node.send(world.admin, room, f"@[Bob]({world.bob.id}) another", thread_id=root),
        node.send(world.alice, room, "unrelated"),
    ]
    assert [message["text"] for message in await replies(tasks)] == await node.texts(room)
    assert [event.data["thread"] for event in node.published if event.room == room] == [
        None,
        {"id": root, "reply_count": 1},
        {"id": root, "reply_count": 2},
        None,
    ]
    told = [
        (event.room, event.data["notification"]["kind"]) for event in node.published if event.room != room
    ]
    # One is told by one reason, of each message.
    assert Counter(told) == {
        (world.alice.id, "reply"): 2,
        (world.bob.id, "mention"): 1,
    }


async def test_groups_that_tell_the_same_people_do_not_wait_for_each_other_in_a_circle(
    world: World, node: Node, room: str
) -> None:
    members = [world.bob.id, world.admin.id]
    other = (await world.run(world.alice, "room.create", name="other", members=members))["id"]
    tasks = [
        node.send(world.alice, where, f"@[X]({member})")
        for where, order in ((room, members), (other, members[::-1]))
        for _ in range(10)
        for member in order
    ]
    assert all(isinstance(reply, dict) for reply in await replies(tasks))
    assert asyncpg.DeadlockDetectedError not in node.errors
    for member in members:
        seqs = [event.seq for event in node.published if event.room == member]
        assert sorted(seqs) == list(range(min(seqs), min(seqs) + 20))


async def test_a_command_sent_twice_at_once_is_carried_out_once(world: World, node: Node, room: str) -> None:
    again = {"command_id": new_id()}
    tasks = [
        node.send(world.alice, room, "once", **again),
        node.send(world.bob, room, "between"),
        node.send(world.alice, room, "once", **again),
        node.send(world.alice, room, "other words", **again),
        node.send(world.bob, room, "mine", **again),
    ]
    first, _, second, other, bobs = await replies(tasks)
    assert first == second
    assert other == ErrorCode.CONFLICT
    assert bobs["author_id"] == world.bob.id
    assert (await replies([node.send(world.alice, room, "once", **again)])) == [first]
    assert await node.texts(room) == node.told() == ["once", "between", "mine"]


async def test_two_nodes_write_one_log(world: World, dsn: str, node: Node, room: str) -> None:
    async with started(dsn) as other:
        ids = [new_id() for _ in range(30)]
        tasks = []
        for command_id in ids:
            # Each command goes to both nodes, as it does from a client that reconnects elsewhere.
            tasks += [
                each.send(world.alice, room, command_id, command_id=command_id) for each in (node, other)
            ]
        sent = await replies(tasks)
        assert sent[::2] == sent[1::2]
        assert sorted(await node.texts(room)) == ids
        seqs = sorted(message["seq"] for message in sent[::2])
        assert seqs == list(range(seqs[0], seqs[0] + len(ids)))
        assert sorted(node.told() + other.told()) == ids
        for each in (node, other):
            assert [event.seq for event in each.published] == sorted(event.seq for event in each.published)


async def test_who_gives_up_takes_nobody_with_them(world: World, node: Node, room: str) -> None:
    async with held(world, room):
        begun = node.send(world.alice, room, "begun")
        await until(lambda: waits(world))
        waiting = [node.send(world.alice, room, text) for text in ("one", "two", "three")]
        await asyncio.sleep(0)  # so that they wait in the queue
        for given_up in (begun, waiting.pop(1)):
            given_up.cancel()
            with pytest.raises(asyncio.CancelledError):
                await given_up
    assert [message["text"] for message in await replies(waiting)] == ["one", "three"]
    # What was begun is carried out: that its sender left does not undo what others have been told of.
    assert await node.texts(room) == node.told() == ["begun", "one", "three"]


async def test_who_is_removed_says_nothing_afterwards(world: World, node: Node, room: str) -> None:
    texts = iter(range(10_000))

    async def talk(member: Member) -> list[Any]:
        outcomes = []
        for _ in range(12):
            outcomes += await replies([node.send(member, room, f"{next(texts)}") for _ in range(5)])
        return outcomes

    async def remove() -> None:
        await until(lambda: len(node.told()) > 20)
        await world.run(world.alice, "room.remove_member", room=room, member_id=world.bob.id)

    bobs, admins, _ = await asyncio.gather(talk(world.bob), talk(world.admin), remove())
    rows = await node.pool.fetch("SELECT seq, type, actor_id FROM events WHERE room_id = $1", room)
    (removal,) = [row["seq"] for row in rows if row["type"] == "participant.removed"]
    said = [row["seq"] for row in rows if row["type"] == "message.sent" and row["actor_id"] == world.bob.id]
    assert said
    assert max(said) < removal
    assert bobs[len(said) :] == [ErrorCode.NOT_FOUND] * (len(bobs) - len(said))
    assert all(isinstance(outcome, dict) for outcome in admins)


async def hold_commits(world: World, message: str) -> None:
    """Make every transaction that sends a message run `message`, a statement, as it commits."""
    await world.pool.execute(
        f"""
        CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {message}; RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER hold AFTER INSERT ON messages DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION hold();
        """
    )


async def test_nobody_hears_of_what_is_not_committed(world: World, node: Node, room: str) -> None:
    await hold_commits(world, "PERFORM pg_advisory_xact_lock(7)")
    async with world.pool.acquire() as tx:
        await tx.execute("SELECT pg_advisory_lock(7)")
        tasks = [node.send(world.alice, room, f"{n}") for n in range(3)]
        await until(lambda: waits(world))
        assert "log.append" in node.statements
        assert not any(task.done() for task in tasks)
        assert node.published == []
        await tx.execute("SELECT pg_advisory_unlock(7)")
    assert len(await replies(tasks)) == len(node.published) == len(await node.texts(room)) == 3


async def test_a_connection_lost_at_the_commit_refuses_the_whole_group(
    world: World, node: Node, room: str
) -> None:
    await hold_commits(world, "PERFORM pg_advisory_xact_lock(7)")
    async with world.pool.acquire() as tx:
        await tx.execute("SELECT pg_advisory_lock(7)")
        tasks = [node.send(world.alice, room, f"{n}", command_id=new_id()) for n in range(3)]
        await until(lambda: waits(world))
        await tx.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted")
        assert await replies(tasks) == [ErrorCode.UNAVAILABLE] * 3
        await tx.execute("SELECT pg_advisory_unlock(7)")
    assert await node.texts(room) == node.told() == []


async def test_a_refused_commit_answers_nobody(world: World, node: Node, room: str) -> None:
    await hold_commits(world, "RAISE 'no'")
    outcomes = await asyncio.gather(
        *(node.send(world.alice, room, f"{n}") for n in range(3)), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [asyncpg.RaiseError] * 3
    assert await node.texts(room) == node.told() == []


async def test_a_room_that_was_stuck_goes_on(
    world: World, node: Node, room: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "DEADLINE", 0.2)
    async with held(world, room):
        assert (
            await replies([node.send(world.alice, room, f"{n}") for n in range(3)])
            == [ErrorCode.DEADLINE_EXCEEDED] * 3
        )
    monkeypatch.undo()
    assert await replies([node.send(world.alice, room, "go on")]) != []
    assert (await node.texts(room))[-1] == "go on"


async def test_what_waits_is_bounded(
    world: World, node: Node, room: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "MAX_WAITING", 3)
    async with held(world, room):
        first = node.send(world.alice, room, "0")
        await until(lambda: waits(world))
        tasks = [node.send(world.alice, room, f"{n}") for n in range(1, 6)]
        assert await replies(tasks[3:]) == [ErrorCode.UNAVAILABLE] * 2
    assert [message["text"] for message in await replies([first, *tasks[:3]])] == ["0", "1", "2", "3"]


async def test_a_group_is_bounded(world: World, node: Node, room: str) -> None:
    texts = [str(n) for n in range(2 * groups.MAX_GROUP + 1)]
    await replies([node.send(world.alice, room, text) for text in texts])
    assert node.statements.count("COMMIT") == 3
    assert await node.texts(room) == texts


@pytest.fixture
async def rooms(world: World) -> list[str]:
    """Five private channels of alice's and bob's."""
    made = [
        await world.run(world.alice, "room.create", name=f"{n}", private=True, members=[world.bob.id])
        for n in range(5)
    ]
    return [str(each["id"]) for each in made]


async def test_rooms_share_a_transaction_and_keep_their_logs(
    world: World, node: Node, rooms: list[str]
) -> None:
    await replies([node.send(world.alice, rooms[0], "first")])
    await asyncio.sleep(0)
    node.statements.clear()
    tasks = {room: [node.send(world.alice, room, f"{n}") for n in range(3)] for room in rooms}
    tasks[rooms[0]] += [node.send(world.bob, rooms[0], "3")]
    await asyncio.gather(*(task for each in tasks.values() for task in each))
    await asyncio.sleep(0)
    assert node.statements == ALONE
    for room in rooms:
        sent = await replies(tasks[room])
        assert [(message["room"], message["text"]) for message in sent] == [
            (room, str(n)) for n in range(len(sent))
        ]
        assert (await node.texts(room))[-len(sent) :] == [message["text"] for message in sent]
        published = [event.seq for event in node.published if event.room == room]
        assert published == list(range(published[0], published[0] + len(published)))


async def test_a_busy_room_keeps_no_other_waiting(world: World, node: Node, rooms: list[str]) -> None:
    busy, *free = rooms
    async with held(world, busy):
        waiting = [node.send(world.alice, busy, "waits")]
        for _ in range(3):
            assert await replies([node.send(world.alice, room, "said") for room in free]) != []
        assert [await node.texts(room) for room in free] == [["said"] * 3] * 4
        waiting.append(node.send(world.alice, busy, "waits too"))
        await until(lambda: waits(world))
        assert not any(task.done() for task in waiting)
    assert [message["text"] for message in await replies(waiting)] == ["waits", "waits too"]


async def test_a_bad_command_fails_no_other_room(world: World, node: Node, rooms: list[str]) -> None:
    tasks = [node.send(world.alice, room, "good") for room in rooms]
    tasks += [node.send(world.guest, rooms[0], "bad"), node.send(world.alice, rooms[4], "better")]
    outcomes = await replies(tasks)
    assert outcomes.pop(5) == ErrorCode.NOT_FOUND
    assert [(outcome["room"], outcome["text"]) for outcome in outcomes] == [
        *((room, "good") for room in rooms),
        (rooms[4], "better"),
    ]
    assert await node.texts(rooms[4]) == ["good", "better"]


async def test_one_id_for_requests_in_several_rooms_is_good_for_one(
    world: World, node: Node, rooms: list[str]
) -> None:
    again = {"command_id": new_id()}
    outcomes = await replies([node.send(world.alice, room, "which", **again) for room in rooms])
    assert Counter(str(outcome) for outcome in outcomes if not isinstance(outcome, dict)) == {
        ErrorCode.CONFLICT: 4
    }
    assert len(node.told()) == 1


async def test_a_dispatcher_that_closes_leaves_nobody_waiting(world: World, node: Node, room: str) -> None:
    async with held(world, room):
        begun = node.send(world.alice, room, "begun")
        await until(lambda: waits(world))
        waiting = node.send(world.alice, room, "waiting")
        await asyncio.sleep(0)
        await node.dispatcher.close()
        outcomes = await asyncio.gather(begun, waiting, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError] * 2
    assert await node.texts(room) == []
