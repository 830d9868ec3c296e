"""Attempts at runs, and the leases on them: which process has which run."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from persistence import runs
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


async def made(tx: Unit, run_id: str, fence: int, agent_id: str) -> bool:
    """Whether an attempt was an agent's."""
    found: bool = await tx.fetchval(
        """-- attempts.made
        SELECT EXISTS (SELECT FROM attempts WHERE run_id = $1 AND fence = $2 AND agent_id = $3)
        """,
        run_id,
        fence,
        agent_id,
    )
    return found


def start(tx: Unit, run: StoredRun, at: datetime) -> None:
    """Write a run whose present attempt was accepted; the process that did has let no offer pass since."""
    tx.defer(
        f"-- attempts.start\n{_START}",
        *runs.saved(tx, run),
        run.info.attempt,
        run.info.instance_id,
        at,
    )


def end(
    tx: Unit, run: StoredRun, outcome: str, error: Any, at: datetime, result: bytes | None = None
) -> None:
    """Write a run whose present attempt has ended, if there is one; what was reserved for it is given back.

    `result` is what it resulted in, as JSON; None: as before.
    """
    tx.defer(
        f"-- attempts.end\n{_END}",
        *runs.saved(tx, run),
        run.info.attempt,
        outcome,
        None if error is None else msgspec.json.encode(error).decode(),
        at,
        None if result is None else result.decode(),
    )


_START = f"""
    WITH noted AS (
        UPDATE attempts SET started_at = ${runs.AFTER + 2} WHERE run_id = $1 AND fence = ${runs.AFTER}
    ), answered AS (
        UPDATE instances SET missed = 0 WHERE id = ${runs.AFTER + 1} AND missed > 0
    )
    UPDATE runs SET {runs.SAVE} WHERE id = $1
"""  # noqa: S608 -- constants
_END = f"""
    WITH noted AS (
        UPDATE attempts
        SET outcome = ${runs.AFTER + 1}, error = ${runs.AFTER + 2}, ended_at = ${runs.AFTER + 3}
        WHERE run_id = $1 AND fence = ${runs.AFTER} AND ended_at IS NULL
    ), given AS (
        DELETE FROM reservations WHERE run_id = $1 RETURNING budget_id, month, remaining
    ), held AS (
        -- In the order in which everybody locks them, lest two runs wait for each other.
        SELECT s.budget_id, s.month, given.remaining FROM given JOIN spendings s USING (budget_id, month)
        ORDER BY s.budget_id, s.month FOR UPDATE OF s
    ), released AS (
        UPDATE spendings SET reserved = reserved - held.remaining
        FROM held WHERE spendings.budget_id = held.budget_id AND spendings.month = held.month
    )
    UPDATE runs SET {runs.SAVE}, result = coalesce(${runs.AFTER + 4}, result) WHERE id = $1
"""  # noqa: S608 -- constants


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
