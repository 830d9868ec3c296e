"""What agents are refused: counted at the edge, written down, and shown to who looks at the agent."""

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from persistence.database import Pool
from persistence.ids import new_id
from protocol.errors import ApiError, ErrorCode
from server import faults
from server.faults import Faults
from tests.nodes import RunningNode, until
from tests.world import World, populated

Start = Callable[..., Awaitable[RunningNode]]


async def test_refusals_of_agents_are_shown_with_the_agent(
    node: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faults, "FLUSH_SECONDS", 0.05)
    server = await node(command_burst=20, command_rate=1)
    _, token = await server.admit("Alice")
    async with server.client(token) as alice:
        made = await alice.do("agent.register", name="Bad")
        agent_id = made["agent"]["id"]
        foreign = {"project_id": new_id(), "run_id": new_id(), "fence": 1}
        async with server.client(made["token"]) as bad:
            for _ in range(3):
                await bad.send("run.complete", **foreign)
            await bad.send("run.progress", **foreign, progress=7)
            await bad.send("run.steal")
            await bad.send("task.get", task_id=new_id())
            while (await bad.send("agent.heartbeat", instance_id=new_id()))["error"][
                "code"
            ] != "rate_limited":
                pass
        await alice.send("run.complete", **foreign)
        shown: dict[tuple[str, str], Any] = {}

        async def written() -> bool:
            found = await server.node.pool.fetch("SELECT * FROM faults")
            shown.update({(row["command"], row["code"]): row for row in found})
            return ("agent.heartbeat", "rate_limited") in shown

        await until(written)
        assert {(row["agent_id"]) for row in shown.values()} == {agent_id}
        assert shown.keys() == {
            ("run.complete", "not_found"),
            ("run.progress", "invalid"),
            ("unknown", "unknown_command"),
            ("agent.heartbeat", "not_found"),
            ("agent.heartbeat", "rate_limited"),
        }
        listed = {
            (each["command"], each["code"]): each
            for each in (await alice.do("agent.get", agent_id=agent_id))["faults"]
        }
        assert listed["run.complete", "not_found"]["count"] == 3
        assert listed["run.progress", "invalid"]["message"].startswith("progress: ")
    async with aiohttp.ClientSession() as http, http.get(f"{server.url}/metrics") as answer:
        counted = 'ymera_agent_refusals_total{code="not_found",command="run.complete"}'
        assert counted in await answer.text()


async def agent_of(world: World) -> str:
    made = await world.run(world.alice, "agent.register", name="Bad")
    return str(made["agent"]["id"])


async def test_what_a_node_has_counted_is_written_down_when_it_stops(dsn: str) -> None:
    async with populated(dsn) as world:
        agent_id = await agent_of(world)
        counted = Faults(world.pool)
        counted.start()
        counted.count(agent_id, "run.complete", ApiError(ErrorCode.FENCED, "over\x00\n" + "x" * 9_999))
        await counted.close()
        (row,) = await world.pool.fetch("SELECT count, message FROM faults")
        assert row["count"] == 1
        assert row["message"].startswith("over??xxx")
        assert len(row["message"]) == faults.MAX_MESSAGE


async def test_what_cannot_be_written_is_kept(dsn: str) -> None:
    async with populated(dsn) as world:
        agent_id = await agent_of(world)
        counted = Faults(world.pool)
        fenced = ApiError(ErrorCode.FENCED, "over")
        counted.count(agent_id, "run.complete", fenced)
        await world.pool.execute("ALTER TABLE faults RENAME TO elsewhere")
        await counted.flush()
        counted.count(agent_id, "run.complete", fenced)
        await world.pool.execute("ALTER TABLE elsewhere RENAME TO faults")
        await counted.flush()
        assert await _total(world.pool) == 2


async def test_what_waits_to_be_written_is_bounded(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "MAX_COUNTED", 2)
    async with populated(dsn) as world:
        counted = Faults(world.pool)
        for _ in range(3):
            for agent_id in [await agent_of(world) for _ in range(2)]:
                counted.count(agent_id, "run.complete", ApiError(ErrorCode.FENCED, "over"))
        await counted.flush()
        assert await _total(world.pool) == 2


@pytest.mark.parametrize("code", sorted(faults.OWN))
async def test_faults_of_the_server_are_not_the_agents(dsn: str, code: ErrorCode) -> None:
    async with populated(dsn) as world:
        counted = Faults(world.pool)
        counted.count(await agent_of(world), "run.complete", ApiError(code, "ours"))
        await counted.flush()
        assert await _total(world.pool) == 0


async def _total(pool: Pool) -> int:
    total: int = await pool.fetchval("SELECT coalesce(sum(count), 0)::integer FROM faults")
    return total
