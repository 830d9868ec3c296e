"""A real network of tasks, done by agents on one node, each task after all that it waits for."""

from collections.abc import Awaitable, Callable

import pytest

from bench.generator import UnsoundError
from bench.graph import DATA, Place, carry_out, checked, database
from tests.nodes import RunningNode

AGENTS, TASKS = 50, 300


@pytest.mark.skipif(not DATA.is_dir(), reason=f"optional input absent: {DATA}")
async def test_agents_do_a_network_in_its_order(
    node: Callable[..., Awaitable[RunningNode]], dsn: str
) -> None:
    server = await node(command_rate=100_000, command_burst=100_000, member_command_rate=100_000)
    _, token = await server.admit("Planner")
    place = Place([server.node.port], dsn, token)
    sample = await carry_out(place, AGENTS, TASKS)
    assert sample["tasks"] == TASKS
    assert sample["edges"] > TASKS
    async with database(place) as found:
        await found.execute(
            """
            UPDATE runs SET started_at = '2026-01-01'
            WHERE task_id = (SELECT task_id FROM task_dependencies LIMIT 1)
            """
        )
    with pytest.raises(UnsoundError, match="edges were not respected, 0 by the log"):
        await checked(place, TASKS)
