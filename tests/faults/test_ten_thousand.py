"""Ten thousand events in one room, said by two writers through two nodes, and who heard them or did not.

All happens once, in the fixture; each test is about some of the clients that were there.
"""

import asyncio
import json
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from server.connection import MAX_LAG_SECONDS, MAX_QUEUED_BYTES
from server.engine.session import HIGH_WATER
from tests.faults.clients import Crowd, Watcher, Writer, assert_whole, reached
from tests.faults.report import Report
from tests.faults.stage import Node, Stage, stage
from tests.faults.wire import Wire
from tests.fold import State, fold
from tests.nodes import until
from tests.sdk.network import Network, reaches
from tests.servers import RedisServer, database
from ymera_client import Client, LiveRoom, Phase, RoomEvents, backoff

pytestmark = pytest.mark.asyncio(loop_scope="module")

EVENTS = 10_000
LENGTH = 3_000
"""Of a message: the second half of them is far more than a kernel and a node keep for a client."""
SILENT = 10
CLOSED = 'ymera_connections_closed_total{reason="too_slow"}'
FOLLOW = Path(__file__).with_name("follow.mjs")
PATIENCE = 60
GHOST_SECONDS = 30
"""How long somebody may be shown who is not there."""


@dataclass
class Room:
    """The room, the clients that were there from the beginning, and what was seen of them."""

    cluster: Stage
    crowd: Crowd
    one: Node
    two: Node
    id: str
    writers: list[Writer]
    watchers: list[Watcher]
    silent: list[Watcher]
    """On the second node; they read nothing from the first event on."""
    pausing: list[Watcher]
    """Beside them; they read nothing of the second half, and then read on."""
    network: Network
    offline: LiveRoom
    """Of the Python SDK, behind `network`, which was cut before the first event."""
    frozen: asyncio.subprocess.Process
    """A program on the JavaScript SDK, stopped before the first event."""
    gone: asyncio.Future[float]
    """The seconds for which somebody was still shown whose node was killed before the first event."""
    first: int = 0
    """The head before."""
    head: int = 0
    grown: float = 0.0
    """Bytes of memory that the second node took meanwhile for each of those who read nothing."""
    seconds: float = 0.0
    """What it took to say all."""
    lag: list[float] = field(default_factory=list)
    """For each watcher, when it had the last event, after that was acknowledged."""
    caught_up: list[float] = field(default_factory=list)
    """For each of those who paused, when it had everything, after it read on."""
    state: State = field(default_factory=dict)
    """What a newcomer is told."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def room(
    postgres: str,
    migrated: str,
    shared_redis: RedisServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Room]:
    async with AsyncExitStack() as stack:
        stack.enter_context(pytest.MonkeyPatch.context()).setattr(backoff, "CAP", 0.5)
        dsn = await stack.enter_async_context(database(postgres, template=migrated))
        folder = tmp_path_factory.mktemp("nodes")
        cluster = await stack.enter_async_context(stage(dsn, shared_redis.url, folder))
        found = await gathered(stack, cluster, await stack.enter_async_context(Crowd()))
        await all_is_said(found)
        yield found


async def gathered(stack: AsyncExitStack, cluster: Stage, crowd: Crowd) -> Room:
    """The room with everybody in it; some hear nothing already."""
    one, two = await cluster.pair()
    key, people = await cluster.channel(one), cluster.tokens
    watchers = [*await crowd.watch(4, [one.url], people, key), *await crowd.watch(4, [two.url], people, key)]
    writers = [
        await crowd.writer([node.url], people[number], key, in_flight=32, padding=LENGTH)
        for number, node in enumerate((one, two))
    ]
    silent = await crowd.watch(SILENT // 2, [two.url], people, key)
    pausing = await crowd.watch(SILENT // 2, [two.url], people, key)
    network = await stack.enter_async_context(Network(one.url))
    client = await stack.enter_async_context(Client(network.url, token=people[0]))
    offline = await stack.enter_async_context(client.room(key))
    frozen = await followed(stack, one.url, people[0], key)
    gone = await ghost(stack, cluster, crowd, key)
    network.block()
    await reaches(client, Phase.OFFLINE)
    frozen.send_signal(signal.SIGSTOP)
    return Room(
        cluster, crowd, one, two, key, writers, watchers, silent, pausing, network, offline, frozen, gone
    )


async def all_is_said(room: Room) -> None:
    """Have the events happen, and see what is seen of them at once."""
    room.first = await room.cluster.head(room.id)
    room.head = room.first + EVENTS
    before, started = room.two.memory(), time.monotonic()
    for listeners in (room.silent, room.pausing):
        for each in listeners:
            each.stop_reading()
        await asyncio.gather(*(writer.write(EVENTS // 4) for writer in room.writers))
    ended = time.monotonic()
    room.seconds = ended - started
    await reached(room.watchers, room.head, PATIENCE)
    room.lag = [max(0.0, watcher.heard_at(room.head) - ended) for watcher in room.watchers]
    room.grown = (room.two.memory() - before) / SILENT
    resumed = time.monotonic()
    for each in room.pausing:
        each.read_on()
    await reached(room.pausing, room.head, PATIENCE)
    room.caught_up = [each.joined_at - resumed for each in room.pausing]
    (newcomer,) = await room.crowd.watch(1, [room.one.url], room.cluster.tokens, room.id)
    room.state = newcomer.state()


async def ghost(stack: AsyncExitStack, cluster: Stage, crowd: Crowd, room: str) -> asyncio.Future[float]:
    """Kill a node that somebody is on; the seconds until they are not shown on another any more."""
    (third,) = await cluster.start({})
    here = await Wire.open(cluster.nodes[0].url, cluster.tokens[0], lambda *_: None)
    stack.callback(here.close)
    there = await Wire.open(third.url, cluster.tokens[-1], lambda *_: None)
    for wire in (here, there):
        await wire.call("room.join", {"room": room})
    gone: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    async def shown() -> bool:
        reply = await here.call("presence.list", {"room": room})
        return cluster.members[-1] in reply["result"]["joined"]

    async def vanishes() -> None:
        await until(hidden, PATIENCE)
        gone.set_result(time.monotonic() - killed)

    async def hidden() -> bool:
        return not await shown()

    await until(shown)
    third.kill()
    killed = time.monotonic()
    crowd.run(vanishes())
    return gone


async def followed(stack: AsyncExitStack, url: str, token: str, room: str) -> asyncio.subprocess.Process:
    """A program on the JavaScript SDK that is in a room."""
    process = await asyncio.create_subprocess_exec(
        "node",
        FOLLOW,
        url,
        token,
        room,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 24,
    )

    async def end() -> None:
        process.kill()
        await process.communicate()

    stack.push_async_callback(end)
    await line_of(process)
    return process


async def line_of(process: asyncio.subprocess.Process) -> Any:
    """The next thing that a program says."""
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        return json.loads(await process.stdout.readline())


def shown(state: Any) -> State:
    """A room's state in an SDK, without what is empty."""
    return {name: dict(entities) for name, entities in state.items() if entities}


async def test_everybody_hears_two_writers_on_two_nodes_once_and_in_order(room: Room, report: Report) -> None:
    events = await room.cluster.assert_durable(room.id, *room.writers)
    assert events == EVENTS
    assert await assert_whole(room.watchers, room.one.url, room.cluster.tokens[0], room.id) == room.head
    # Whoever reads too slowly is told, by a healthy server too: how often depends on this process alone.
    assert [each.line.losses for each in room.watchers] == [0] * len(room.watchers)
    lagged = sum(each.lagged for each in room.watchers)
    report.add(
        f"none: two writers on two nodes, {events / room.seconds:,.0f} events a second",
        injected=0,
        recovered=f"the last event with everybody, after its acknowledgement ({lagged} times one lagged)",
        seconds=room.lag,
        clients=len(room.watchers) + SILENT + len(room.writers) + 2,
        events=events,
    )


async def test_the_python_client_catches_up_by_a_reset(room: Room, report: Report) -> None:
    assert room.offline.cursor == room.first
    started = time.monotonic()
    room.network.unblock()
    await room.offline.wait_for(lambda it: it.cursor == room.head, PATIENCE)
    seconds = time.monotonic() - started
    assert shown(room.offline.state) == room.state
    added(report, "the Python SDK cut off for 10,000 events", "it, by the room's whole state", seconds)


async def test_the_python_client_catches_up_by_ranges(room: Room, report: Report) -> None:
    async with Client(room.two.url, token=room.cluster.tokens[0]) as client:
        cursor, state = room.first, room.watchers[0].start
        started = time.monotonic()
        while cursor < room.head:
            answer = await client.call(RoomEvents(room=room.id, after_seq=cursor))
            assert answer.head == room.head
            assert [event.seq for event in answer.events] == [
                cursor + n for n in range(1, len(answer.events) + 1)
            ]
            state = fold(state, [{"type": event.type, "data": event.data} for event in answer.events])
            cursor = answer.events[-1].seq
        seconds = time.monotonic() - started
    assert state == room.state
    added(report, "a client 10,000 events behind", "it, by ranges of the log", seconds)


async def test_the_javascript_client_catches_up_after_it_was_frozen(room: Room, report: Report) -> None:
    started = time.monotonic()
    room.frozen.send_signal(signal.SIGCONT)
    assert room.frozen.stdin is not None
    room.frozen.stdin.write(b"%d\n" % room.head)
    reply = await line_of(room.frozen)
    seconds = time.monotonic() - started
    assert reply["cursor"] == room.head
    assert shown(reply["state"]) == room.state
    added(report, "the JavaScript SDK frozen with SIGSTOP for 10,000 events", "it, once it went on", seconds)


async def test_clients_that_read_nothing_for_a_while_are_told_and_catch_up(
    room: Room, report: Report
) -> None:
    assert room.grown < MAX_QUEUED_BYTES + 2 * HIGH_WATER
    assert all(each.lagged >= 1 and each.line.losses == 0 for each in room.pausing)
    await assert_whole(room.pausing, room.two.url, room.cluster.tokens[0], room.id)
    report.add(
        "clients that read nothing in a busy room, then read on",
        injected=len(room.pausing),
        recovered=f"they, told that they lag; the node kept {room.grown / 1e6:.1f} MB for each",
        seconds=room.caught_up,
        clients=len(room.pausing),
        events=EVENTS // 2,
    )


async def test_clients_that_read_nothing_at_all_are_closed(room: Room, report: Report) -> None:
    async def hung_up() -> bool:
        return await room.two.metric(CLOSED) == len(room.silent)

    await until(hung_up, 2 * MAX_LAG_SECONDS)
    closed = time.monotonic()
    for each in room.silent:
        each.read_on()
    await reached(room.silent, room.head)
    assert all(each.line.losses == 1 for each in room.silent)
    await assert_whole(room.silent, room.two.url, room.cluster.tokens[0], room.id)
    report.add(
        f"clients that read nothing for {MAX_LAG_SECONDS:.0f} s, and are closed",
        injected=len(room.silent),
        recovered="they, once they read again",
        seconds=[each.joined_at - closed for each in room.silent],
        clients=len(room.silent),
        events=EVENTS,
    )


async def test_nobody_is_shown_whose_node_has_died(room: Room, report: Report) -> None:
    async with asyncio.timeout(PATIENCE):
        seconds = await room.gone
    assert seconds < GHOST_SECONDS
    added(
        report,
        "the only node that somebody is on killed with SIGKILL",
        "the picture of who is there, on another node",
        seconds,
    )


def added(report: Report, fault: str, recovered: str, seconds: float) -> None:
    report.add(fault, injected=1, recovered=recovered, seconds=[seconds], clients=1, events=EVENTS)
