"""Nodes that are killed."""

import asyncio
import time
from contextlib import AsyncExitStack

from tests.faults.clients import FOUND_SECONDS, Crowd, assert_whole, reached
from tests.faults.proxy import Proxy
from tests.faults.report import Report
from tests.faults.stage import Stage, whole_after
from tests.nodes import until

KILLS = 3
CLIENTS = 500
BYSTANDERS = 20


async def test_a_node_killed_between_commit_and_publication(
    cluster: Stage, report: Report, scale: int
) -> None:
    """PostgreSQL carries out a COMMIT whose answer never reaches the node, which is then killed."""
    async with AsyncExitStack() as stack:
        crowd = await stack.enter_async_context(Crowd())
        ways = [await stack.enter_async_context(Proxy(cluster.dsn, mute=True)) for _ in range(KILLS * scale)]
        survivor, *victims = await cluster.start({}, *({"YMERA_DATABASE_URL": way.dsn} for way in ways))
        room = await cluster.channel(survivor)
        watchers = await crowd.watch(10, [survivor.url], cluster.tokens, room)
        seconds, writers = [], []
        for victim, way in zip(victims, ways, strict=True):
            writer = await crowd.writer([victim.url, survivor.url], cluster.tokens[0], room)
            writers.append(writer)
            await writer.say()
            before = await cluster.head(room)
            way.word = b"COMMIT;"
            saying = crowd.run(writer.write(1))
            await until(lambda way=way: way.lost > 0)  # type: ignore[misc]

            async def committed(before: int = before) -> bool:
                return await cluster.head(room) > before

            await until(committed)
            assert not saying.done()
            victim.kill()
            killed = time.monotonic()
            await reached(watchers, before + 1, FOUND_SECONDS)
            seconds += [watcher.heard_at(before + 1) - killed for watcher in watchers]
            await saying
            assert await cluster.head(room) == before + 1
        events = await cluster.assert_durable(room, *writers)
        await assert_whole(watchers, survivor.url, cluster.tokens[0], room)
        report.add(
            "a node killed with SIGKILL between commit and publication",
            injected=len(victims),
            recovered="the event, on the other node",
            seconds=seconds,
            clients=len(watchers),
            events=events,
        )


async def test_a_node_killed_with_many_clients(cluster: Stage, report: Report, scale: int) -> None:
    one, two = await cluster.pair()
    room = await cluster.channel(one)
    async with Crowd() as crowd:
        refugees = await crowd.watch(CLIENTS * scale, [one.url, two.url], cluster.tokens, room)
        others = await crowd.watch(BYSTANDERS, [two.url], cluster.tokens, room)
        away = await crowd.writer([one.url, two.url], cluster.tokens[0], room, in_flight=2)
        here = await crowd.writer([two.url], cluster.tokens[1], room, in_flight=2)
        whole = asyncio.Event()
        writing = [crowd.run(each.write_while(lambda: not whole.is_set())) for each in (away, here)]
        await until(lambda: len(here.acknowledged) >= 20 and len(away.acknowledged) >= 20)
        one.kill()
        killed = time.monotonic()
        await until(lambda: all(each.line.losses > 0 and each.live for each in refugees), 60)
        whole.set()
        await asyncio.gather(*writing)
        events = await cluster.assert_durable(room, away, here)
        await assert_whole([*refugees, *others], two.url, cluster.tokens[0], room)
        assert all(each.resets == 0 for each in [*refugees, *others])
        report.add(
            "a node killed with SIGKILL, all its clients to the other",
            injected=1,
            recovered="each client, connected and caught up",
            seconds=whole_after(refugees, killed),
            clients=len(refugees) + len(others),
            events=events,
        )
