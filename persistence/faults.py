"""What agents were refused, and how often."""

from collections.abc import Sequence
from typing import NamedTuple

from persistence.database import Connection, Pool, fetch_all
from persistence.unit import Unit
from protocol.agents import Fault

SHOWN = 100
"""Kinds of refusals of an agent that are shown, those of last."""


class Refusals(NamedTuple):
    """That an agent was refused something, some times."""

    agent_id: str
    command: str
    code: str
    times: int
    message: str
    """Of the last time."""


async def add(pool: Pool | Connection, refusals: Sequence[Refusals]) -> None:
    """Add to what is known; what is not of agents is left out. Each agent, command and code once."""
    await pool.execute(
        """-- faults.add
        INSERT INTO faults (agent_id, command, code, count, message, last_at)
        SELECT f.agent_id, f.command, f.code, f.times, f.message, statement_timestamp()
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::text[])
            AS f (agent_id, command, code, times, message)
        JOIN agents a ON a.id = f.agent_id
        ORDER BY f.agent_id, f.command, f.code
        ON CONFLICT (agent_id, command, code) DO UPDATE SET count = faults.count + excluded.count,
            message = excluded.message, last_at = excluded.last_at
        """,
        *(list(column) for column in zip(*refusals, strict=True)),
    )


async def of_agent(tx: Unit, agent_id: str) -> list[Fault]:
    """What an agent was refused, the last first."""
    return await fetch_all(
        tx,
        Fault,
        """-- faults.of_agent
        SELECT command, code, count, message, last_at FROM faults WHERE agent_id = $1
        ORDER BY last_at DESC, command, code LIMIT $2
        """,
        agent_id,
        SHOWN,
    )
