"""Allocation: which runs are ready, which processes have room, and who is given what.

A run is ready while it is submitted, offered to nobody and not blocked. Everything that decides about a
start is read here; `offer` is the one statement that gives runs away."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg
import msgspec

from persistence.database import Connection, fetch_all, fetch_one
from protocol.agents import Capability
from protocol.fields import LEASE_SECONDS, OFFER_SECONDS

OFFERS_LET_PASS = 3
"""So many in a row, and a process is given no more for a while."""
OFFERS_OUT = 50
"""Runs that one process is offered and has not accepted, at most: what it and the server work off in time."""
LOCK_KEY = 0x594D5155
"""Any fixed number but the others'; every node must use the same one."""

BUSY = "r.instance_id IS NOT NULL AND r.state IN ('submitted', 'working') AND r.waiting_for IS NULL"
"""Runs that take a slot: those that are offered or at work, and wait for nobody."""
READY = "r.state = 'submitted' AND r.instance_id IS NULL AND NOT r.blocked"
DUE = """
    (r.not_before IS NULL OR r.not_before <= $1) AND NOT EXISTS (
        SELECT FROM runs e WHERE e.task_id = r.task_id AND e.ended_at IS NULL
            AND (e.created_at, e.id) < (r.created_at, r.id)
    )
"""
"""Its time has come, and no earlier run for its task goes on."""


class Slot(msgspec.Struct, kw_only=True):
    """A process that takes runs, and how many more."""

    instance_id: str
    agent_id: str
    host: str
    free: int


class Skill(msgspec.Struct, kw_only=True):
    """A capability of an agent, and how many more runs of it may start."""

    agent_id: str
    capability: str
    free: int


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """That an agent may work in a project; for one task only, where `task_id` is set."""

    project_id: str
    agent_id: str
    task_id: str | None


class Limit(msgspec.Struct, kw_only=True):
    """How many runs of a project go on, and how many may."""

    project_id: str
    running: int
    concurrency: int | None


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A run that is ready."""

    id: str
    project_id: str
    task_id: str | None
    capability: str
    wanted_agent_id: str | None
    urgency: int
    created_at: datetime
    attempt: int
    estimate: int
    budget: int | None
    spent: int
    refused: list[str]
    """Agents that have rejected it."""

    @property
    def reserve(self) -> int:
        """What must be put by for it."""
        return self.estimate if self.budget is None else max(0, self.budget - self.spent)


class Demand(NamedTuple):
    """That there are ready runs of a capability in a project, which ask for an agent or, None, for any."""

    project_id: str
    capability: str
    wanted_agent_id: str | None


class Opening(NamedTuple):
    """Something that ready runs are looked for: agents that would take runs of a capability in a project."""

    project_id: str
    capability: str
    wanted_agent_id: str | None
    """The agent that the runs ask for, None for those that ask for any."""
    task_id: str | None
    """The one task that the agents have access for, None if it is the project."""
    agent_ids: list[str]
    money: int | None
    """Most that one of them may still reserve; None where no budget bears on it."""
    room: int
    """How many runs they take, all together."""
    running: int
    """How many runs of the project go on."""


class Declaration(msgspec.Struct, frozen=True, kw_only=True):
    """A capability of an agent that has access to a project."""

    agent_id: str
    capability: Capability


class Pick(NamedTuple):
    """That a process gets a run."""

    run: Candidate
    slot: Slot


async def turn(tx: Connection) -> datetime:
    """Wait until no other node gives runs away, until commit; returns the time at which that is so.

    Until then plans are made for any arguments: to plan for arrays anew each time takes longer than the rest.
    """
    now: datetime = await tx.fetchval(
        """-- allocation.turn
        SELECT clock_timestamp() FROM pg_advisory_xact_lock($1),
            set_config('plan_cache_mode', 'force_generic_plan', true)
        """,
        LOCK_KEY,
    )
    return now


async def demand(tx: Connection) -> set[Demand]:
    """What is asked for in the projects where runs start."""
    rows = await tx.fetch(
        f"""-- allocation.demand
        SELECT ready.* FROM (
            SELECT DISTINCT r.project_id, r.capability, r.wanted_agent_id FROM runs r WHERE {READY}
        ) ready JOIN projects p ON p.id = ready.project_id
        WHERE p.purge_at IS NULL AND p.state IN ('draft', 'active')
        """  # noqa: S608 -- constants
    )
    return {Demand(*row) for row in rows}


async def slots(tx: Connection) -> list[Slot]:
    """The processes that are there, answer, and have room."""
    return await fetch_all(
        tx,
        Slot,
        f"""-- allocation.slots
        SELECT * FROM (
            SELECT i.id AS instance_id, i.agent_id, i.host, least(
                i.capacity - coalesce(b.busy, 0), {OFFERS_OUT} - coalesce(b.offered, 0)
            )::integer AS free
            FROM instances i JOIN agents a ON a.id = i.agent_id AND NOT a.retired LEFT JOIN (
                SELECT r.instance_id, count(*) AS busy,
                    count(*) FILTER (WHERE r.state = 'submitted') AS offered
                FROM runs r WHERE {BUSY} GROUP BY 1
            ) b ON b.instance_id = i.id
            WHERE i.connection IS NOT NULL AND NOT i.draining AND i.missed < {OFFERS_LET_PASS}
                AND i.seen_at > now() - make_interval(secs => {LEASE_SECONDS})
        ) s WHERE free > 0
        """,  # noqa: S608 -- constants
    )


async def process(tx: Connection, instance_id: str) -> Slot | None:
    """A process, whatever it takes; `free` is 1."""
    return await fetch_one(
        tx,
        Slot,
        """-- allocation.process
        SELECT id AS instance_id, agent_id, host, 1 AS free FROM instances WHERE id = $1
        """,
        instance_id,
    )


async def skills(tx: Connection, agent_ids: Collection[str]) -> list[Skill]:
    """The capabilities of agents of which more runs may start."""
    return await fetch_all(
        tx,
        Skill,
        f"""-- allocation.skills
        SELECT * FROM (
            SELECT c.agent_id, c.name AS capability, least(
                c.concurrency - coalesce(b.busy, 0),
                CASE WHEN c.rate IS NOT NULL THEN c.rate - (
                    SELECT count(*) FROM attempts a JOIN runs r ON r.id = a.run_id
                    WHERE a.agent_id = c.agent_id AND r.capability = c.name
                        AND a.offered_at > now() - interval '1 minute'
                ) END
            )::integer AS free
            FROM capabilities c LEFT JOIN (
                SELECT r.agent_id, r.capability, count(*) AS busy FROM runs r WHERE {BUSY} GROUP BY 1, 2
            ) b ON b.agent_id = c.agent_id AND b.capability = c.name
            WHERE c.agent_id = ANY($1::uuid[])
        ) s WHERE free > 0
        """,  # noqa: S608 -- constants
        list(agent_ids),
    )


ACCESS = """
    SELECT m.room_id AS project_id, m.member_id AS agent_id, m.task_id FROM room_members m
    WHERE m.role IN ('editor', 'manager') AND (m.until IS NULL OR m.until > now())
"""


async def access(tx: Connection, project_ids: Collection[str], agent_ids: Collection[str]) -> list[Access]:
    """Which of the agents may work in which of the projects."""
    return await fetch_all(
        tx,
        Access,
        f"""-- allocation.access
        {ACCESS} AND m.room_id = ANY($1::uuid[]) AND m.member_id = ANY($2::uuid[])
        """,
        list(project_ids),
        list(agent_ids),
    )


async def limits(tx: Connection, project_ids: Collection[str]) -> list[Limit]:
    """The limits of projects whose queues are not paused."""
    return await fetch_all(
        tx,
        Limit,
        f"""-- allocation.limits
        SELECT p.id AS project_id, q.concurrency, coalesce(b.busy, 0) AS running
        FROM unnest($1::uuid[]) AS p (id) LEFT JOIN queues q ON q.id = p.id
        LEFT JOIN (SELECT r.project_id, count(*) AS busy FROM runs r WHERE {BUSY} GROUP BY 1) b
            ON b.project_id = p.id
        WHERE NOT coalesce(q.paused, false)
        """,  # noqa: S608 -- constants
        list(project_ids),
    )


ANYBODY = "00000000-0000-0000-0000-000000000000"
"""Stands for no agent in particular, since an index knows nothing of what is not distinct from null."""
WANTED = f"coalesce(r.wanted_agent_id, '{ANYBODY}')"
FITS = """
    (o.task IS NULL OR r.task_id = o.task)
    AND (o.money IS NULL OR greatest(1, CASE
        WHEN r.budget IS NULL THEN r.estimate ELSE r.budget - (r.costs->>'money')::bigint
    END) <= o.money)
    AND (r.attempt = 0 OR NOT o.agents::uuid[] <@ ARRAY(
        SELECT a.agent_id FROM attempts a WHERE a.run_id = r.id AND a.outcome = 'rejected'
    ))
"""
"""Some agent of the opening may have it. Else what none may have could hide all that comes after it."""


async def candidates(
    tx: Connection, now: datetime, openings: Sequence[Opening], most: int
) -> list[Candidate]:
    """Ready runs for openings, of each the most urgent: the `most` that would be given away first."""
    return await fetch_all(
        tx,
        Candidate,
        f"""-- allocation.candidates
        SELECT r.id, r.project_id, r.task_id, r.capability, r.wanted_agent_id, r.urgency, r.created_at,
            r.attempt, r.estimate, r.budget, (r.costs->>'money')::bigint AS spent, ARRAY(
                SELECT a.agent_id FROM attempts a WHERE a.run_id = r.id AND a.outcome = 'rejected'
            ) AS refused
        FROM runs r WHERE r.id = ANY(ARRAY(
            SELECT c.id FROM unnest(
                $2::uuid[], $3::text[], $4::uuid[], $5::uuid[], $6::text[], $7::bigint[], $8::integer[],
                $9::integer[]
            ) AS o (project, capability, wanted, task, agents, money, room, running)
            CROSS JOIN LATERAL (
                SELECT r.id, r.urgency, r.created_at FROM runs r
                WHERE {READY} AND r.project_id = o.project AND r.capability = o.capability
                    AND {WANTED} = coalesce(o.wanted, '{ANYBODY}') AND {DUE} AND {FITS}
                ORDER BY r.urgency, r.created_at LIMIT o.room
            ) c
            ORDER BY o.running + row_number() OVER (
                PARTITION BY o.project ORDER BY c.urgency, c.created_at, c.id
            ) LIMIT $10
        ))
        """,  # noqa: S608 -- constants
        now,
        [each.project_id for each in openings],
        [each.capability for each in openings],
        [each.wanted_agent_id for each in openings],
        [each.task_id for each in openings],
        ["{" + ",".join(each.agent_ids) + "}" for each in openings],
        [each.money for each in openings],
        [each.room for each in openings],
        [each.running for each in openings],
        most,
    )


async def offer(tx: Connection, now: datetime, picks: Sequence[Pick]) -> set[str]:
    """Give runs to processes: each gets the next fence and a short lease, in which a first sign must come.

    The ids of those that were given; what is locked elsewhere, or not ready any more, is left out.
    """
    rows = await tx.fetch(
        f"""-- allocation.offer
        WITH given AS (
            SELECT g.* FROM unnest($2::uuid[], $3::integer[], $4::uuid[], $5::uuid[], $6::text[])
                AS g (run, fence, agent, instance, host)
            JOIN runs r ON r.id = g.run AND r.attempt = g.fence - 1
            WHERE {READY} FOR UPDATE OF r SKIP LOCKED
        ), noted AS (
            INSERT INTO attempts (run_id, fence, agent_id, instance_id, host, offered_at)
            SELECT run, fence, agent, instance, host, $1 FROM given
        )
        UPDATE runs SET agent_id = agent, instance_id = instance, attempt = fence, offered_at = $1,
            lease_until = $1 + make_interval(secs => $7), output_end = 0
        FROM given WHERE runs.id = given.run RETURNING runs.id
        """,  # noqa: S608 -- constants
        now,
        [pick.run.id for pick in picks],
        [pick.run.attempt + 1 for pick in picks],
        [pick.slot.agent_id for pick in picks],
        [pick.slot.instance_id for pick in picks],
        [pick.slot.host for pick in picks],
        OFFER_SECONDS,
    )
    return {row["id"] for row in rows}


async def declarations(
    tx: Connection,
    project_id: str,
    task_id: str | None,
    *,
    capability: str | None = None,
    agent_id: str | None = None,
) -> list[Declaration]:
    """The capabilities of the agents that may work in a project for a task, or for none; of one agent, or of
    one name.
    """
    rows = await tx.fetch(
        f"""-- allocation.declarations
        SELECT c.* FROM ({ACCESS} AND m.room_id = $1) p
        JOIN agents a ON a.id = p.agent_id AND NOT a.retired JOIN capabilities c ON c.agent_id = a.id
        WHERE ($2::text IS NULL OR c.name = $2) AND ($3::uuid IS NULL OR c.agent_id = $3)
            AND (p.task_id IS NULL OR p.task_id = $4)
        ORDER BY c.agent_id, c.place
        """,  # noqa: S608 -- constants
        project_id,
        capability,
        agent_id,
        task_id,
    )
    return [Declaration(agent_id=row["agent_id"], capability=_capability(row)) for row in rows]


def _capability(row: asyncpg.Record) -> Capability:
    fields = {field: row[field] for field in Capability.__struct_fields__}
    fields |= {side: msgspec.json.decode(fields[side]) for side in ("input", "output")}
    return msgspec.convert(fields, Capability)


async def missed(tx: Connection, instance_id: str, at: datetime) -> None:
    """Note that a process let an offer pass."""
    await tx.execute(
        "-- allocation.missed\nUPDATE instances SET missed = missed + 1, missed_at = $2 WHERE id = $1",
        instance_id,
        at,
    )
