"""Redis that forgets, dies, freezes, or is heard by one node and not by the other."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
import redis

from tests.faults.clients import FOUND_SECONDS, Crowd, assert_whole, reached
from tests.faults.proxy import Proxy
from tests.faults.report import Report
from tests.faults.stage import Node, Stage, stage
from tests.nodes import until
from tests.servers import RedisServer, redis_server

DEAF = "this node hears nothing through Redis"
CONNECT_SECONDS = 3.0
"""In which a client gets in while Redis is away."""


@pytest.fixture
async def own_redis(tmp_path: Path) -> AsyncIterator[RedisServer]:
    with redis_server(tmp_path) as server:
        yield server


@pytest.fixture
async def cluster(dsn: str, own_redis: RedisServer, tmp_path: Path) -> AsyncIterator[Stage]:
    async with stage(dsn, own_redis.url, tmp_path) as made:
        yield made


async def ready(*nodes: Node) -> None:
    """Wait until all want new clients."""
    for node in nodes:
        await until(node.ready, 30)


async def deaf(node: Node) -> None:
    """Wait until a node says that it hears nothing."""

    async def says_so() -> bool:
        return (await node.checks())["redis"] == DEAF

    await until(says_so, 30)


async def test_redis_flushed_and_restarted_under_load(
    cluster: Stage, own_redis: RedisServer, report: Report, scale: int
) -> None:
    one, two = await cluster.pair()
    room = await cluster.channel(one)
    async with Crowd() as crowd:
        watchers = [
            *await crowd.watch(10, [one.url], cluster.tokens, room),
            *await crowd.watch(10, [two.url], cluster.tokens, room),
        ]
        writers = [
            await crowd.writer([node.url], cluster.tokens[number], room, in_flight=4)
            for number, node in enumerate((one, two))
        ]
        over = asyncio.Event()
        writing = [crowd.run(writer.write_while(lambda: not over.is_set())) for writer in writers]

        async def goes_on() -> float:
            """The seconds until all have what was acknowledged a moment ago, by whichever node."""
            started = time.monotonic()
            for writer in writers:
                said = len(writer.acknowledged)
                await until(lambda writer=writer, said=said: len(writer.acknowledged) > said)  # type: ignore[misc]
            await reached(watchers, await cluster.head(room))
            return time.monotonic() - started

        await goes_on()
        away, back = [], []
        for _ in range(2 * scale):
            with closing(redis.Redis.from_url(own_redis.url)) as client:
                client.flushall()
            await goes_on()
            own_redis.stop()
            away.append(await goes_on())
            own_redis.start()
            started = time.monotonic()
            await ready(one, two)
            await goes_on()
            back.append(time.monotonic() - started)
        over.set()
        await asyncio.gather(*writing)
        events = await cluster.assert_durable(room, *writers)
        await assert_whole(watchers, one.url, cluster.tokens[0], room)
        # Whether one lags depends on this process too; that it is told, and has all, is what counts.
        assert [each.line.losses for each in watchers] == [0] * len(watchers)
        assert all(not writer.refusals for writer in writers)
        for recovered, seconds in (
            ("clients on both nodes, while Redis was away", away),
            ("both nodes, after Redis was back", back),
        ):
            report.add(
                "Redis flushed, then killed and started, under load",
                injected=2 * len(seconds),
                recovered=recovered,
                seconds=seconds,
                clients=len(watchers) + len(writers),
                events=events,
            )


async def test_a_node_that_is_connected_and_hears_nothing(cluster: Stage, report: Report, scale: int) -> None:
    async with Proxy(cluster.redis_url, word=b"SUBSCRIBE") as way, Crowd() as crowd:
        hearing, other = await cluster.start({}, {"YMERA_REDIS_URL": way.redis_url})
        room = await cluster.channel(hearing)
        watchers = await crowd.watch(10, [other.url], cluster.tokens, room)
        writer = await crowd.writer([hearing.url], cluster.tokens[0], room)
        await writer.say()
        way.mute = True
        started = time.monotonic()
        seconds = []
        for _ in range(2 * scale):
            await writer.say()
            said = time.monotonic()
            await reached(watchers, await cluster.head(room), FOUND_SECONDS)
            seconds += [time.monotonic() - said]
        await deaf(other)
        noticed = time.monotonic() - started
        assert await hearing.ready()
        newcomers = await crowd.watch(1, [other.url], cluster.tokens, room)
        way.mute = False
        freed = time.monotonic()
        await ready(other)
        hears = time.monotonic() - freed
        await writer.write(10)
        events = await cluster.assert_durable(room, writer)
        await assert_whole([*watchers, *newcomers], other.url, cluster.tokens[0], room)
        assert way.lost > 0
        for recovered, each in (
            ("its clients, from PostgreSQL", seconds),
            ("its readiness, which said so", [noticed]),
            ("its hearing, after the network was back", [hears]),
        ):
            report.add(
                "a node that is connected to Redis and hears nothing",
                injected=1,
                recovered=recovered,
                seconds=each,
                clients=len(watchers) + 1,
                events=events,
            )


async def test_redis_that_freezes(cluster: Stage, own_redis: RedisServer, report: Report) -> None:
    one, two = await cluster.pair()
    room = await cluster.channel(one)
    async with Crowd() as crowd:
        watchers = await crowd.watch(10, [two.url], cluster.tokens, room)
        writer = await crowd.writer([one.url], cluster.tokens[0], room)
        await writer.say()
        own_redis.freeze()
        started = time.monotonic()
        newcomers = await crowd.watch(5, [one.url, two.url], cluster.tokens, room)
        connected = time.monotonic() - started
        assert connected < CONNECT_SECONDS
        await writer.write(10)
        said = time.monotonic()
        await reached([*watchers, *newcomers], await cluster.head(room))
        caught_up = time.monotonic() - said
        own_redis.thaw()
        await ready(one, two)
        events = await cluster.assert_durable(room, writer)
        await assert_whole([*watchers, *newcomers], one.url, cluster.tokens[0], room)
        for recovered, seconds in (
            ("clients that connect meanwhile", connected),
            ("clients, from PostgreSQL", caught_up),
        ):
            report.add(
                "Redis frozen with SIGSTOP",
                injected=1,
                recovered=recovered,
                seconds=[seconds],
                clients=len(watchers) + len(newcomers) + 1,
                events=events,
            )
