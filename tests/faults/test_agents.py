"""Agents, networks and nodes that die with runs under way: each task is done, and none twice unseen."""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from persistence import migrations
from tests.faults.report import Report
from tests.faults.stage import Stage, stage
from tests.faults.workshop import PATIENCE, AgentProcess, Workshop
from tests.nodes import until
from tests.servers import PostgresServer

RUNS = 200
SECONDS = 0.7
"""What a run takes."""
REQUEUE_SECONDS = 30.0
"""Within which what was lost must be offered anew."""


async def test_processes_networks_and_a_node_die_at_once(
    cluster: Stage, report: Report, tmp_path: Path
) -> None:
    """All at one moment, so that leases need to run out only once."""
    one, two = await cluster.pair()
    async with Workshop(cluster, two, tmp_path) as shop:
        await shop.hire([two, two, two, one, one, two])
        killed, frozen, cut, *moved, _ = shop.agents
        await shop.give(RUNS, SECONDS)
        await shop.reach(RUNS // 4)

        async def all_at_work() -> bool:
            return all([await shop.held(each) for each in shop.agents])

        await until(all_at_work)
        moment = await shop.now()
        killed.kill()
        frozen.freeze()
        cut.network.block()
        one.kill()
        for each in moved:
            each.network.target = two.url
        await all_given_up(shop, [killed, frozen, cut])
        frozen.thaw()
        cut.network.unblock()
        await shop.reach(RUNS)
        attempts = await shop.assert_done_once()
        for agent, fault in (
            (killed, "an agent's process killed with SIGKILL"),
            (frozen, "an agent's process stopped with SIGSTOP"),
            (cut, "an agent's network cut"),
        ):
            seconds = await shop.lost(agent, moment)
            assert seconds
            assert max(seconds) <= REQUEUE_SECONDS
            report.add(
                fault,
                injected=1,
                recovered=f"each run that it had, offered anew ({attempts} attempts at {RUNS} runs)",
                seconds=seconds,
                clients=len(shop.agents),
                events=RUNS,
            )
        back = [await shop.back(each, moment) for each in moved]
        assert all([await shop.lost(each, moment) == [] for each in moved])
        report.add(
            "agents' node killed with SIGKILL",
            injected=1,
            recovered="each agent, on the other node with all its runs",
            seconds=back,
            clients=len(moved),
            events=RUNS,
        )


async def all_given_up(shop: Workshop, agents: list[AgentProcess]) -> None:
    """Wait until nothing is left with those that are gone."""

    async def given_up() -> bool:
        return not any([await shop.held(each) for each in agents])

    await until(given_up, PATIENCE)


@pytest.fixture
def postgres_of_its_own() -> Iterator[PostgresServer]:
    """As durable as in production."""
    with tempfile.TemporaryDirectory(prefix="ymera-test-") as folder:
        server = PostgresServer(Path(folder))
        yield server
        server.stop()


async def test_postgresql_killed_with_runs_under_way(
    postgres_of_its_own: PostgresServer, redis_url: str, report: Report, tmp_path: Path
) -> None:
    postgres = postgres_of_its_own
    await migrations.upgrade(postgres.dsn)
    async with stage(postgres.dsn, redis_url, tmp_path) as cluster:
        one, two = await cluster.pair()
        async with Workshop(cluster, two, tmp_path) as shop:
            await shop.hire([one, two])
            await shop.give(RUNS // 4, SECONDS)
            await shop.reach(RUNS // 20)
            await asyncio.to_thread(postgres.kill)
            await asyncio.to_thread(postgres.start)
            begun = asyncio.get_running_loop().time()
            before = await shop.ended()
            await shop.reach(before + 1)
            seconds = asyncio.get_running_loop().time() - begun
            await shop.reach(RUNS // 4)
            attempts = await shop.assert_done_once()
            report.add(
                "PostgreSQL killed and started with agents at work",
                injected=1,
                recovered=f"the next run's end ({attempts} attempts at {RUNS // 4} runs)",
                seconds=[seconds],
                clients=len(shop.agents),
                events=RUNS // 4,
            )
