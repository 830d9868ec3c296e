"""PostgreSQL that dies and comes back under load: a command is carried out whole and once, or not at all."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from persistence import migrations
from tests.faults.clients import Crowd, Writer, assert_whole, reached
from tests.faults.report import Report
from tests.faults.stage import Node, Stage, stage
from tests.nodes import until
from tests.servers import PostgresServer

PATIENCE = 60
LOAD = 50
"""What each writer says before the next fault."""


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    """A database of the test's own, as durable as in production."""
    with tempfile.TemporaryDirectory(prefix="ymera-test-") as folder:
        server = PostgresServer(Path(folder))
        yield server
        server.stop()


@pytest.fixture
async def cluster(postgres: PostgresServer, redis_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    await migrations.upgrade(postgres.dsn)
    async with stage(postgres.dsn, redis_url, tmp_path) as made:
        yield made


async def say_so(node: Node) -> None:
    """Wait until a node says that its database is away."""

    async def says_so() -> bool:
        return (await node.checks())["database"] == "does not answer"

    await until(says_so, PATIENCE)


async def progress(writers: list[Writer], count: int = 1) -> None:
    """Wait until each has said so much more."""
    aims = [len(writer.acknowledged) + count for writer in writers]
    await until(
        lambda: all(len(writer.acknowledged) >= aim for writer, aim in zip(writers, aims, strict=True)),
        PATIENCE,
    )


async def test_postgresql_killed_and_stopped_under_load(
    cluster: Stage, postgres: PostgresServer, report: Report, scale: int
) -> None:
    one, two = await cluster.pair()
    room = await cluster.channel(one)
    async with Crowd() as crowd:
        watchers = [
            *await crowd.watch(10, [one.url], cluster.tokens, room),
            *await crowd.watch(10, [two.url], cluster.tokens, room),
        ]
        writers = [
            await crowd.writer([node.url], cluster.tokens[number], room)
            for number, node in enumerate((one, two, one, two))
        ]
        over = asyncio.Event()
        writing = [crowd.run(writer.write_while(lambda: not over.is_set())) for writer in writers]
        seconds = []
        for fail in [postgres.kill, postgres.stop] * scale:
            await progress(writers, LOAD)
            await asyncio.to_thread(fail)
            await asyncio.gather(say_so(one), say_so(two))
            await asyncio.to_thread(postgres.start)
            started = time.monotonic()
            await asyncio.gather(until(one.ready, PATIENCE), until(two.ready, PATIENCE), progress(writers))
            await reached(watchers, await cluster.head(room))
            seconds.append(time.monotonic() - started)
        over.set()
        await asyncio.gather(*writing)
        events = await cluster.assert_durable(room, *writers)
        await assert_whole(watchers, one.url, cluster.tokens[0], room)
        lines = [*(watcher.line for watcher in watchers), *(writer.line for writer in writers)]
        assert all(line.losses == 0 for line in lines)
        assert {code for writer in writers for code in writer.refusals} == {"unavailable"}
        report.add(
            "PostgreSQL killed or stopped, and started, under load",
            injected=len(seconds),
            recovered="writers and clients on both nodes, after it answered again",
            seconds=seconds,
            clients=len(watchers) + len(writers),
            events=events,
        )
