"""Budgets: limits, what is spent and reserved of them, and what each run may still spend before it asks.

Invariant: of each budget `spent + reserved` never rises above its limit, and `reserved` is the sum of what
its runs have left of theirs.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import NamedTuple

import msgspec

from persistence.database import Connection
from persistence.ids import new_id
from protocol.budgets import Budget, BudgetPeriod

ALL_TIME = date(1970, 1, 1)
"""The month of a budget that is not for a month."""


class Purse(msgspec.Struct, kw_only=True):
    """A budget as it bears on a run, and what the run has left of its reservation."""

    budget_id: str
    project_id: str | None
    agent_id: str | None
    period: str
    most: int
    month: date
    spent: int
    reserved: int
    remaining: int = 0

    @property
    def free(self) -> int:
        """What nobody has spent or reserved."""
        return self.most - self.spent - self.reserved


class Reservation(NamedTuple):
    """What a run takes of a budget before it starts."""

    run_id: str
    purse: Purse
    amount: int


_PURSES = """
    SELECT b.id AS budget_id, b.project_id, b.agent_id, b.period, b.most, m.month,
        coalesce(s.spent, 0) AS spent, coalesce(s.reserved, 0) AS reserved
    FROM budgets b CROSS JOIN LATERAL (
        SELECT CASE b.period
            WHEN 'total' THEN DATE '1970-01-01' ELSE date_trunc('month', $1::timestamptz)::date
        END AS month
    ) m LEFT JOIN spendings s ON s.budget_id = b.id AND s.month = m.month
"""


async def bearing(
    tx: Connection, now: datetime, project_ids: Collection[str], agent_ids: Collection[str]
) -> list[Purse]:
    """The budgets that bear on runs of these projects or agents, as of this month, locked until commit."""
    rows = await tx.fetch(
        """-- budgets.lock
        SELECT id FROM budgets WHERE project_id = ANY($1::uuid[]) OR agent_id = ANY($2::uuid[])
        ORDER BY id FOR UPDATE
        """,
        list(project_ids),
        list(agent_ids),
    )
    if not rows:
        return []
    found = await tx.fetch(
        f"-- budgets.bearing\n{_PURSES} WHERE b.id = ANY($2::uuid[]) ORDER BY b.id",
        now,
        [row["id"] for row in rows],
    )
    return [msgspec.convert(dict(row), Purse) for row in found]


async def of_run(tx: Connection, now: datetime, run_id: str, project_id: str, agent_id: str) -> list[Purse]:
    """The budgets that bear on a run, with what it has left of its reservations, locked until commit.

    One that it has reserved of counts in the month in which it did.
    """
    purses = {purse.budget_id: purse for purse in await bearing(tx, now, [project_id], [agent_id])}
    if not purses:
        return []
    rows = await tx.fetch(
        """-- budgets.reserved
        SELECT r.budget_id, r.month, r.remaining, coalesce(s.spent, 0) AS spent,
            coalesce(s.reserved, 0) AS reserved
        FROM reservations r LEFT JOIN spendings s ON s.budget_id = r.budget_id AND s.month = r.month
        WHERE r.run_id = $1
        """,
        run_id,
    )
    for row in rows:
        if (purse := purses.get(row["budget_id"])) is not None:
            purse.month, purse.remaining = row["month"], row["remaining"]
            purse.spent, purse.reserved = row["spent"], row["reserved"]
    return list(purses.values())


async def reserve(tx: Connection, reservations: Sequence[Reservation]) -> None:
    """Put amounts by for runs; their purses are locked and have them free."""
    await tx.execute(
        """-- budgets.reserve
        WITH given AS (
            SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::date[], $4::bigint[])
                AS g (run, budget, month, amount)
        ), kept AS (
            INSERT INTO reservations (run_id, budget_id, month, remaining)
            SELECT run, budget, month, amount FROM given
            ON CONFLICT (run_id, budget_id)
                DO UPDATE SET month = excluded.month, remaining = excluded.remaining
        )
        INSERT INTO spendings (budget_id, month, reserved)
        SELECT budget, month, sum(amount) FROM given GROUP BY budget, month ORDER BY budget, month
        ON CONFLICT (budget_id, month) DO UPDATE SET reserved = spendings.reserved + excluded.reserved
        """,
        [each.run_id for each in reservations],
        [each.purse.budget_id for each in reservations],
        [each.purse.month for each in reservations],
        [each.amount for each in reservations],
    )


async def spend(tx: Connection, run_id: str, purses: Sequence[Purse], money: int) -> None:
    """Take money of each budget, what is reserved first; they are locked and bear it."""
    from_reserved = [min(purse.remaining, money) for purse in purses]
    await tx.execute(
        """-- budgets.spend
        WITH given AS (
            SELECT * FROM unnest($2::uuid[], $3::date[], $4::bigint[]) AS g (budget, month, kept)
        ), used AS (
            UPDATE reservations SET remaining = remaining - given.kept
            FROM given WHERE reservations.run_id = $1 AND reservations.budget_id = given.budget
        )
        INSERT INTO spendings (budget_id, month, spent, reserved) SELECT budget, month, $5, 0 FROM given
        ON CONFLICT (budget_id, month) DO UPDATE SET spent = spendings.spent + excluded.spent,
            reserved = spendings.reserved - (
                SELECT kept FROM given
                WHERE given.budget = spendings.budget_id AND given.month = spendings.month
            )
        """,
        run_id,
        [purse.budget_id for purse in purses],
        [purse.month for purse in purses],
        from_reserved,
        money,
    )


async def listed(
    tx: Connection, now: datetime, *, project_id: str | None = None, agent_id: str | None = None
) -> list[Budget]:
    """The budgets of a project or an agent."""
    rows = await tx.fetch(
        f"""-- budgets.listed
        SELECT p.*, (SELECT updated_at FROM budgets WHERE id = p.budget_id) AS updated_at
        FROM ({_PURSES}) p WHERE p.project_id = $2 OR p.agent_id = $3 ORDER BY p.period
        """,  # noqa: S608 -- constants
        now,
        project_id,
        agent_id,
    )
    return [
        Budget(
            project_id=row["project_id"],
            agent_id=row["agent_id"],
            period=BudgetPeriod(row["period"]),
            limit=row["most"],
            spent=row["spent"],
            reserved=row["reserved"],
            month=None if row["month"] == ALL_TIME else row["month"],
            updated_at=row["updated_at"],
        )
        for row in rows
    ]


async def put(
    tx: Connection,
    *,
    project_id: str | None,
    agent_id: str | None,
    period: str,
    most: int | None,
    now: datetime,
) -> None:
    """Set a limit, in place of the one before; None removes it, and what was counted for it."""
    if most is None:
        await tx.execute(
            """-- budgets.lift
            DELETE FROM budgets
            WHERE project_id IS NOT DISTINCT FROM $1 AND agent_id IS NOT DISTINCT FROM $2 AND period = $3
            """,
            project_id,
            agent_id,
            period,
        )
        return
    await tx.execute(
        """-- budgets.put
        INSERT INTO budgets (id, project_id, agent_id, period, most, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (project_id, agent_id, period) DO UPDATE SET most = $5, updated_at = $6
        """,
        new_id(),
        project_id,
        agent_id,
        period,
        most,
        now,
    )


async def shown(tx: Connection, now: datetime, project_id: str, agent_ids: Collection[str]) -> list[Purse]:
    """The budgets that bear on runs of a project by these agents, to look at."""
    rows = await tx.fetch(
        f"-- budgets.shown\n{_PURSES} WHERE b.project_id = $2 OR b.agent_id = ANY($3::uuid[])",
        now,
        project_id,
        list(agent_ids),
    )
    return [msgspec.convert(dict(row), Purse) for row in rows]
