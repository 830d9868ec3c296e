"""The processes of agents: which are there, on which connection, and what they have.

A process is there while its connection is open and its last sign is younger than a lease.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

import msgspec

from persistence.allocation import OFFERS_LET_PASS
from persistence.database import Connection, Pool, fetch_all, fetch_one
from persistence.unit import Unit
from protocol.agents import Instance
from protocol.fields import LEASE_SECONDS

MISSED_SECONDS = 60
"""A sign that comes so long after the last offer that a process let pass makes up for it."""
KEPT_SECONDS = 600
"""How long a process that is gone is still shown."""

THERE = f"i.connection IS NOT NULL AND i.seen_at > now() - make_interval(secs => {LEASE_SECONDS})"


PROCESS = f"""
    SELECT i.agent_id, i.id, i.host, i.software, i.capacity, i.draining, i.blocked, i.connected_at, i.seen_at,
        {THERE} AS connected, i.missed >= {OFFERS_LET_PASS} AS unresponsive, (
            SELECT count(*) FROM runs r
            WHERE r.instance_id = i.id AND r.state = 'working' AND r.waiting_for IS NULL
        ) AS running
    FROM instances i
"""  # noqa: S608 -- constants
"""Processes as they are shown; conditions on `i` follow."""


class Process(Instance):
    """An instance, and whose it is."""

    agent_id: str

    def shown(self) -> Instance:
        """The instance alone."""
        return Instance(**{field: getattr(self, field) for field in Instance.__struct_fields__})


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """How many runs an agent is at work on, and how many of it wait for somebody."""

    agent_id: str
    running: int
    waiting: int


async def get(tx: Unit, instance_id: str) -> Process | None:
    """One process."""
    return await fetch_one(tx, Process, f"-- instances.get\n{PROCESS} WHERE i.id = $1", instance_id)


async def of_agents(tx: Unit, agent_ids: Collection[str]) -> list[Process]:
    """The processes of agents, those that connected last first."""
    return await fetch_all(
        tx,
        Process,
        f"""-- instances.of_agents
        {PROCESS} WHERE i.agent_id = ANY($1::uuid[]) ORDER BY i.connected_at DESC, i.id
        """,
        list(agent_ids),
    )


async def work_of(tx: Unit, agent_ids: Collection[str]) -> dict[str, Work]:
    """What agents are at work on, by agent; without those that have nothing."""
    found = await fetch_all(
        tx,
        Work,
        """-- instances.work_of
        SELECT r.agent_id,
            count(*) FILTER (WHERE r.state = 'working' AND r.waiting_for IS NULL) AS running,
            count(*) FILTER (WHERE r.state IN ('input-required', 'auth-required')
                OR r.waiting_for IS NOT NULL) AS waiting
        FROM runs r WHERE r.agent_id = ANY($1::uuid[]) AND r.ended_at IS NULL GROUP BY r.agent_id
        """,
        list(agent_ids),
    )
    return {each.agent_id: each for each in found}


async def connect(
    tx: Unit,
    instance_id: str,
    agent_id: str,
    *,
    host: str,
    software: str,
    capacity: int,
    most: int,
    now: datetime,
) -> bool:
    """A process that is there, again or for the first time; False if it is another agent's.

    A new one beyond `most` that are there is left out too.
    """
    made: bool | None = await tx.fetchval(
        f"""-- instances.connect
        INSERT INTO instances (id, agent_id, host, software, capacity, connected_at, seen_at)
        SELECT $1, $2, $3, $4, $5, $6, $6
        WHERE EXISTS (SELECT FROM instances i WHERE i.id = $1)
            OR (SELECT count(*) FROM instances i WHERE i.agent_id = $2 AND {THERE}) < $7
        ON CONFLICT (id) DO UPDATE SET host = $3, software = $4, capacity = $5, connected_at = $6,
            seen_at = $6, blocked = false
        WHERE instances.agent_id = $2 RETURNING true
        """,  # noqa: S608 -- constants
        instance_id,
        agent_id,
        host,
        software,
        capacity,
        now,
        most,
    )
    return made is not None


async def forget_gone(tx: Unit, agent_id: str) -> None:
    """Forget the processes of an agent that have been gone for long."""
    await tx.execute(
        """-- instances.forget_gone
        DELETE FROM instances WHERE agent_id = $1 AND seen_at < now() - make_interval(secs => $2)
        """,
        agent_id,
        KEPT_SECONDS,
    )


async def beat(tx: Unit, instance_id: str, agent_id: str, *, blocked: bool, now: datetime) -> bool:
    """Note a sign of a process; False if the agent has no such process."""
    known: bool | None = await tx.fetchval(
        """-- instances.beat
        UPDATE instances SET seen_at = $3, blocked = $4,
            missed = CASE WHEN missed_at <= $3::timestamptz - make_interval(secs => $5) THEN 0 ELSE missed END
        WHERE id = $1 AND agent_id = $2 RETURNING true
        """,
        instance_id,
        agent_id,
        now,
        blocked,
        MISSED_SECONDS,
    )
    return known is not None


async def drain(tx: Unit, instance_id: str, agent_id: str) -> bool:
    """Give a process no more runs; False if the agent has no such process."""
    known: bool | None = await tx.fetchval(
        """-- instances.drain
        UPDATE instances SET draining = true WHERE id = $1 AND agent_id = $2 RETURNING true
        """,
        instance_id,
        agent_id,
    )
    return known is not None


async def forget(tx: Unit, instance_id: str) -> None:
    """Forget a process."""
    await tx.execute("-- instances.forget\nDELETE FROM instances WHERE id = $1", instance_id)


async def forget_all(tx: Unit, agent_id: str) -> None:
    """Forget all processes of an agent."""
    await tx.execute("-- instances.forget_all\nDELETE FROM instances WHERE agent_id = $1", agent_id)


async def attach(pool: Pool | Connection, instance_id: str, connection: str) -> None:
    """Say by which connection a process came."""
    await pool.execute(
        "-- instances.attach\nUPDATE instances SET connection = $2 WHERE id = $1", instance_id, connection
    )


async def detach(pool: Pool | Connection, closed: Mapping[str, str]) -> None:
    """Say that connections have closed, by which processes had come; by connection, the process.

    Nothing changes for those that have come by another since.
    """
    await pool.execute(
        """-- instances.detach
        UPDATE instances i SET connection = NULL
        FROM unnest($1::text[], $2::uuid[]) AS c (connection, instance)
        WHERE i.id = c.instance AND i.connection = c.connection
        """,
        list(closed),
        list(closed.values()),
    )
