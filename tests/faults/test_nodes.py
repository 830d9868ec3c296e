"""Nodes that are killed, and two that are written to at once."""

import asyncio
import time

from tests.faults.clients import Crowd, assert_whole, reached
from tests.faults.proxy import Proxy
from tests.faults.report import Report
from tests.faults.stage import Stage, whole_after
from tests.nodes import until

KILLS = 3
CLIENTS = 500
BYSTANDERS = 20
EVENTS = 10_000


async def test_a_node_killed_between_commit_and_publication(
    cluster: Stage, report: Report, scale: int
) -> None:
    """PostgreSQL carries out a COMMIT whose answer never reaches the node, which is then killed."""
    kills = KILLS * scale
    async with Proxy(cluster.dsn, mute=True) as way, Crowd() as crowd:
        survivor, *victims = await cluster.start({}, *[{"YMERA_DATABASE_URL": way.dsn}] * kills)
        room = await cluster.channel(survivor)
        watchers = await crowd.watch(10, [survivor.url], cluster.tokens, room)
        seconds, writers = [], []
        for victim in victims:
            writer = await crowd.writer([victim.url, survivor.url], cluster.tokens[0], room)
            writers.append(writer)
            await writer.say()
            before = await cluster.head(room)
            way.word = b"COMMIT;"
            saying = crowd.run(writer.write(1))
            await until(lambda: way.lost > 0)

            async def committed(before: int = before) -> bool:
                return await cluster.head(room) > before

            await until(committed)
            assert not saying.done()
            victim.kill()
            killed, way.word, way.lost = time.monotonic(), None, 0
            await reached(watchers, before + 1)
            seconds += [watcher.heard_at(before + 1) - killed for watcher in watchers]
            await saying
            assert await cluster.head(room) == before + 1
        events = await cluster.assert_durable(room, *writers)
        await assert_whole(watchers, survivor.url, cluster.tokens[0], room)
        report.add(
            "a node killed with SIGKILL between commit and publication",
            injected=kills,
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
        await until(lambda: all(each.line.losses == 1 and each.live for each in refugees), 60)
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


async def test_two_writers_in_one_room_through_two_nodes(cluster: Stage, report: Report, scale: int) -> None:
    one, two = await cluster.pair()
    room = await cluster.channel(one)
    async with Crowd() as crowd:
        watchers = [
            *await crowd.watch(4, [one.url], cluster.tokens, room),
            *await crowd.watch(4, [two.url], cluster.tokens, room),
        ]
        writers = [
            await crowd.writer([node.url], cluster.tokens[number], room, in_flight=32)
            for number, node in enumerate((one, two))
        ]
        first = await cluster.head(room)
        started = time.monotonic()
        await asyncio.gather(*(writer.write(EVENTS * scale // 2) for writer in writers))
        written = time.monotonic() - started
        last = first + EVENTS * scale
        await reached(watchers, last)
        lag = [watcher.heard_at(last) - started - written for watcher in watchers]
        assert await assert_whole(watchers, one.url, cluster.tokens[0], room) == last
        assert all((each.lagged, each.resets, each.line.losses) == (0, 0, 0) for each in watchers)
        await cluster.assert_durable(room, *writers)
        report.add(
            f"none; two writers through two nodes at {EVENTS * scale / written:,.0f} events a second",
            injected=0,
            recovered="the last event, after its acknowledgement",
            seconds=[max(0.0, each) for each in lag],
            clients=len(watchers) + len(writers),
            events=EVENTS * scale,
        )
