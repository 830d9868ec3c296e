"""The queue of a project, as it is shown and set: which runs wait, and who could do them."""

import asyncpg
import msgspec

from persistence import runs
from persistence.allocation import ACCESS, BUSY, OFFERS_LET_PASS
from persistence.database import Connection, fetch_all, fetch_one
from protocol.fields import LEASE_SECONDS
from protocol.queue import ProjectQueue


async def get(tx: Connection, project_id: str) -> ProjectQueue | None:
    """How a project's runs are started, if anybody has said so."""
    return await fetch_one(
        tx,
        ProjectQueue,
        "-- queue.get\nSELECT id, paused, concurrency, updated_at FROM queues WHERE id = $1",
        project_id,
    )


async def put(tx: Connection, queue: ProjectQueue) -> None:
    """Say how a project's runs are started."""
    await tx.execute(
        """-- queue.put
        INSERT INTO queues (id, paused, concurrency, updated_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (id) DO UPDATE SET paused = $2, concurrency = $3, updated_at = $4
        """,
        queue.id,
        queue.paused,
        queue.concurrency,
        queue.updated_at,
    )


async def waiting(
    tx: Connection, project_id: str, after: tuple[int, str] | None, limit: int
) -> list[asyncpg.Record]:
    """Runs of a project that are submitted, in the order in which they would start, with what holds them."""
    rows: list[asyncpg.Record] = await tx.fetch(
        f"""-- queue.waiting
        SELECT {runs.columns()}, r.urgency, r.blocked, r.estimate, r.lease_until,
            ARRAY(
                SELECT o.title FROM task_dependencies d JOIN tasks o ON o.id = d.depends_on
                WHERE d.task_id = r.task_id AND o.status NOT IN ('done', 'canceled') ORDER BY o.title LIMIT 4
            ) AS blockers,
            EXISTS (
                SELECT FROM runs e WHERE e.task_id = r.task_id AND e.ended_at IS NULL
                    AND (e.created_at, e.id) < (r.created_at, r.id)
            ) AS behind,
            ARRAY(
                SELECT a.agent_id FROM attempts a WHERE a.run_id = r.id AND a.outcome = 'rejected'
            ) AS refused
        FROM runs r WHERE r.project_id = $1 AND r.state = 'submitted' AND r.ended_at IS NULL
            AND ($2::integer IS NULL OR (r.urgency, r.id) > ($2, $3::uuid))
        ORDER BY r.urgency, r.id LIMIT $4
        """,  # noqa: S608 -- constants
        project_id,
        None if after is None else after[0],
        None if after is None else after[1],
        limit,
    )
    return rows


class Helper(msgspec.Struct, frozen=True, kw_only=True):
    """An agent of a project with a capability, and what keeps it from a run, if anything."""

    agent_id: str
    task_id: str | None
    """The one task that it has access for, None if it is the project."""
    name: str
    capability: str
    connected: bool
    answers: bool
    has_room: bool
    """Processes and capability have."""
    in_rate: bool


async def helpers(tx: Connection, project_id: str) -> list[Helper]:
    """Who could do the runs of a project."""
    return await fetch_all(
        tx,
        Helper,
        f"""-- queue.helpers
        WITH there AS (
            SELECT i.agent_id, i.missed < {OFFERS_LET_PASS} AS answers, i.capacity - (
                SELECT count(*) FROM runs r WHERE r.instance_id = i.id AND {BUSY}
            ) AS free
            FROM instances i WHERE i.connection IS NOT NULL AND NOT i.draining
                AND i.seen_at > now() - make_interval(secs => {LEASE_SECONDS})
        )
        SELECT c.agent_id, p.task_id, n.name, c.name AS capability,
            EXISTS (SELECT FROM there t WHERE t.agent_id = c.agent_id) AS connected,
            EXISTS (SELECT FROM there t WHERE t.agent_id = c.agent_id AND t.answers) AS answers,
            EXISTS (SELECT FROM there t WHERE t.agent_id = c.agent_id AND t.answers AND t.free > 0)
                AND c.concurrency > (
                    SELECT count(*) FROM runs r
                    WHERE r.agent_id = c.agent_id AND r.capability = c.name AND {BUSY}
                ) AS has_room,
            c.rate IS NULL OR c.rate > (
                SELECT count(*) FROM attempts a JOIN runs r ON r.id = a.run_id
                WHERE a.agent_id = c.agent_id AND r.capability = c.name
                    AND a.offered_at > now() - interval '1 minute'
            ) AS in_rate
        FROM ({ACCESS} AND m.room_id = $1) p JOIN agents a ON a.id = p.agent_id AND NOT a.retired
        JOIN members n ON n.id = a.id JOIN capabilities c ON c.agent_id = a.id
        """,  # noqa: S608 -- constants
        project_id,
    )


async def running(tx: Connection, project_id: str) -> int:
    """How many runs of a project go on."""
    number: int = await tx.fetchval(
        f"-- queue.running\nSELECT count(*) FROM runs r WHERE r.project_id = $1 AND {BUSY}",
        project_id,
    )
    return number
