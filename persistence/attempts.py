"""Attempts at runs, and the leases on them: which process has which run."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from persistence.database import Connection, Pool
from persistence.runs import StoredRun
from persistence.unit import Unit
from protocol.runs import Attempt


async def of_run(tx: Connection | Unit, run_id: str) -> list[Attempt]:
    """The attempts at a run, in order."""
    rows = await tx.fetch(
        """-- attempts.of_run
        SELECT fence, agent_id, instance_id, host, offered_at, started_at, ended_at, outcome, error
        FROM attempts WHERE run_id = $1 ORDER BY fence
        """,
        run_id,
    )
    return [
        msgspec.convert(dict(row) | {"error": row["error"] and msgspec.json.decode(row["error"])}, Attempt)
        for row in rows
    ]


def start(tx: Unit, run: StoredRun, at: datetime) -> None:
    """Note that the present attempt was accepted; the process that did has let no offer pass since."""
    tx.defer(
        """-- attempts.start
        WITH answered AS (UPDATE instances SET missed = 0 WHERE id = $4 AND missed > 0)
        UPDATE attempts SET started_at = $3 WHERE run_id = $1 AND fence = $2
        """,
        run.info.id,
        run.info.attempt,
        at,
        run.info.instance_id,
    )


def end(tx: Unit, run: StoredRun, outcome: str, error: Any, at: datetime) -> None:
    """Note how the present attempt ended; nothing if it has ended already, or there is none."""
    tx.defer(
        """-- attempts.end
        UPDATE attempts SET ended_at = $5, outcome = $3, error = $4
        WHERE run_id = $1 AND fence = $2 AND ended_at IS NULL
        """,
        run.info.id,
        run.info.attempt,
        outcome,
        None if error is None else msgspec.json.encode(error).decode(),
        at,
    )


class Holder(msgspec.Struct, frozen=True):
    """Which process has a run."""

    agent_id: str
    instance_id: str
    fence: int


async def holder(tx: Connection | Pool, run_id: str) -> Holder | None:
    """The process that has a run, if one does."""
    row = await tx.fetchrow(
        """-- attempts.holder
        SELECT agent_id, instance_id, attempt FROM runs WHERE id = $1 AND instance_id IS NOT NULL
        """,
        run_id,
    )
    return None if row is None else Holder(*row)


class Kept(msgspec.Struct, frozen=True):
    """A run that a process has, or is offered."""

    id: str
    canceling: bool
    answered: bool
    """It goes on, and something that it asked or called for has been answered."""


async def renew(
    tx: Connection, agent_id: str, instance_id: str, held: Sequence[tuple[str, int]], until: datetime
) -> list[Kept]:
    """The runs that a process has or is offered, with longer leases on those that it names and has accepted.

    One that it names with another fence is not among them.
    """
    rows = await tx.fetch(
        """-- attempts.renew
        WITH named AS (SELECT * FROM unnest($3::uuid[], $4::integer[]) AS h (id, fence)), mine AS (
            SELECT r.id, r.attempt, r.state, r.canceling, r.waiting_for, n.id IS NOT NULL AS named
            FROM runs r LEFT JOIN named n ON n.id = r.id
            WHERE r.instance_id = $2 AND r.agent_id = $1 AND (n.id IS NULL OR n.fence = r.attempt)
        ), renewed AS (
            UPDATE runs SET lease_until = $5 FROM mine
            WHERE mine.named AND runs.id = mine.id AND runs.instance_id = $2
                AND runs.attempt = mine.attempt AND runs.state <> 'submitted'
        )
        SELECT id, canceling, state = 'working' AND waiting_for IS NULL AND (
            EXISTS (SELECT FROM questions q WHERE q.run_id = mine.id AND q.state <> 'open')
            OR EXISTS (SELECT FROM runs c WHERE c.parent_id = mine.id AND c.ended_at IS NOT NULL)
        ) AS answered FROM mine
        """,
        agent_id,
        instance_id,
        [run_id for run_id, _ in held],
        [fence for _, fence in held],
        until,
    )
    return [Kept(*row) for row in rows]


async def held_by(tx: Connection, instance_id: str) -> dict[str, list[str]]:
    """The runs that a process has or is offered, by project."""
    rows = await tx.fetch(
        """-- attempts.held_by
        SELECT project_id, array_agg(id) AS ids FROM runs WHERE instance_id = $1
        GROUP BY project_id ORDER BY project_id
        """,
        instance_id,
    )
    return {row["project_id"]: row["ids"] for row in rows}


async def last_holder(tx: Connection | Pool, run_id: str) -> Holder | None:
    """The process that made the last attempt at a run."""
    row = await tx.fetchrow(
        """-- attempts.last_holder
        SELECT agent_id, instance_id, fence FROM attempts WHERE run_id = $1 ORDER BY fence DESC LIMIT 1
        """,
        run_id,
    )
    return None if row is None else Holder(*row)
