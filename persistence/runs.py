"""Runs' rows: what everybody sees of them (`RunInfo`), and what only the server needs."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec
from msgspec.structs import replace

from persistence import pages
from persistence.database import Connection, Pool
from persistence.unit import Unit
from protocol.fields import Page
from protocol.runs import (
    EndedRun,
    HandedOver,
    RunInfo,
    RunList,
    RunState,
)

INFO = list(RunInfo.__struct_fields__)
JSON = {"costs", "error"}
"""The columns of `INFO` that hold JSON."""
FIXED = {
    *("id", "project_id", "task_id", "title", "capability", "wanted_agent_id", "requested_by"),
    *("parent_id", "previous_id", "trigger_id", "depth", "created_at"),
}
MADE = ["root_id", "call_key", "estimate"]
KEPT = ["blocked", "spared", "stale_after", "reports", "output_end", "lease_until", "final_by"]
WRITABLE = [*(column for column in INFO if column not in FIXED), *KEPT]
"""What `save` writes."""
SAVE = ", ".join(f"{column} = ${number}" for number, column in enumerate(WRITABLE, 2))
"""Its assignments, with the values of `saved` from $2 on, after the id."""
AFTER = len(WRITABLE) + 2
"""The number of the first parameter after those."""


class StoredRun(msgspec.Struct, frozen=True, kw_only=True):
    """A run with what only the server needs of it."""

    info: RunInfo
    root_id: str
    """The run at the top of the calls that led to it."""
    call_key: str | None = None
    estimate: int = 0
    """What is reserved for it at first, unless it has a budget."""
    blocked: bool = False
    spared: int = 0
    """Attempts that do not count."""
    stale_after: int = 1_800
    reports: int = 0
    output_end: int = 0
    lease_until: datetime | None = None
    final_by: datetime | None = None
    calling: bool = False
    """A run that it called for goes on."""
    output: str | None = None
    """The schema that its result must satisfy, as JSON, where it was asked for."""

    @property
    def waits(self) -> bool:
        """Whether it waits for an answer or another run, and so takes no slot."""
        return self.info.waiting_for is not None or self.info.state in {
            RunState.INPUT_REQUIRED,
            RunState.AUTH_REQUIRED,
        }


def info(row: asyncpg.Record) -> RunInfo:
    """The run of a row with the columns `INFO`."""
    return msgspec.convert(_decoded(row), RunInfo)


def _decoded(row: asyncpg.Record) -> dict[str, Any]:
    return {
        column: msgspec.json.decode(row[column])
        if column in JSON and row[column] is not None
        else row[column]
        for column in INFO
    }


def _stored(row: asyncpg.Record) -> StoredRun:
    kept = {column: row[column] for column in (*MADE, *KEPT)}
    return StoredRun(info=info(row), calling=row["calling"], output=row.get("output"), **kept)


def columns(alias: str = "r") -> str:
    """`INFO`, as columns of a table of that alias."""
    return ", ".join(f"{alias}.{column}" for column in INFO)


_ALL = f"""{", ".join(f"r.{column}" for column in (*INFO, *MADE, *KEPT))},
    EXISTS (SELECT FROM runs c WHERE c.parent_id = r.id AND c.ended_at IS NULL) AS calling"""


def _column(column: str, value: Any) -> Any:
    return msgspec.json.encode(value).decode() if column in JSON and value is not None else value


def insert(tx: Unit, run: StoredRun, given: bytes, handed: HandedOver | None) -> None:
    """A new run. A taken id violates `runs_pkey`."""
    columns = [*INFO, *MADE, *KEPT]
    values = [_column(column, getattr(run.info, column)) for column in INFO]
    values += [getattr(run, column) for column in (*MADE, *KEPT)]
    places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    tx.defer(
        f"""-- runs.insert
        INSERT INTO runs ({", ".join(columns)}, input, handed)
        VALUES ({places}, ${len(columns) + 1}, ${len(columns) + 2})
        """,  # noqa: S608 -- constants
        *values,
        given.decode(),
        None if handed is None else msgspec.json.encode(handed).decode(),
    )


def save(tx: Unit, run: StoredRun) -> None:
    """Write what may have changed of a run that is locked."""
    tx.defer(f"-- runs.save\nUPDATE runs SET {SAVE} WHERE id = $1", *saved(tx, run))


def saved(tx: Unit, run: StoredRun) -> list[Any]:
    """The first parameters of a statement that has `SAVE` in it, which is about to be run."""
    tx.ahead.pop(run.info.id, None)
    values = [_column(column, getattr(run if column in KEPT else run.info, column)) for column in WRITABLE]
    return [run.info.id, *values]


async def project_of(tx: Connection | Unit, run_id: str) -> str | None:
    """The project that a run belongs to."""
    found: str | None = await tx.fetchval(
        "-- runs.project_of\nSELECT project_id FROM runs WHERE id = $1", run_id
    )
    return found


async def get(tx: Connection | Unit, run_id: str) -> RunInfo | None:
    """One run."""
    row = await tx.fetchrow(f"-- runs.get\nSELECT {columns()} FROM runs r WHERE r.id = $1", run_id)
    return None if row is None else info(row)


async def lock(tx: Unit, run_id: str, ahead: Collection[str] = ()) -> StoredRun | None:
    """One run, locked until commit, with the schema that its agent has for the result.

    `ahead` are those that the transaction will lock next: they are locked at the same time.
    """
    if run_id not in tx.ahead:
        several = {run_id, *ahead}
        # For one alone PostgreSQL keeps its plan; for arrays it plans anew, which takes longer than the rest.
        which = ("r.id = $1", run_id) if len(several) == 1 else ("r.id = ANY($1::uuid[])", list(several))
        rows = await tx.fetch(
            f"""-- runs.lock
            SELECT {_ALL}, c.output FROM runs r
            LEFT JOIN capabilities c ON c.agent_id = r.agent_id AND c.name = r.capability
            WHERE {which[0]} ORDER BY r.id FOR UPDATE OF r
            """,  # noqa: S608 -- constants
            which[1],
        )
        tx.ahead |= {row["id"]: _stored(row) for row in rows}
    found: StoredRun | None = tx.ahead.pop(run_id, None)
    return found


async def live_of_tasks(tx: Unit, task_ids: Collection[str]) -> list[StoredRun]:
    """The runs for tasks that have not ended, oldest first, locked until commit."""
    return await _live(tx, "r.task_id = ANY($1::uuid[])", list(task_ids))


async def live_calls(tx: Unit, run_id: str) -> list[StoredRun]:
    """The runs that a run called for and that have not ended, locked until commit."""
    return await _live(tx, "r.parent_id = $1", run_id)


async def live_of_agent(tx: Unit, project_id: str, agent_id: str) -> list[str]:
    """The runs of a project that were given to an agent or that it has, and have not ended; oldest first."""
    rows = await tx.fetch(
        """-- runs.live_of_agent
        SELECT id FROM runs WHERE project_id = $1 AND ended_at IS NULL
            AND (wanted_agent_id = $2 OR (agent_id = $2 AND instance_id IS NOT NULL))
        ORDER BY created_at, id
        """,
        project_id,
        agent_id,
    )
    return [row["id"] for row in rows]


async def at_work(tx: Unit, project_id: str) -> list[str]:
    """The runs of a project that a process has, oldest first."""
    rows = await tx.fetch(
        """-- runs.at_work
        SELECT id FROM runs WHERE project_id = $1 AND instance_id IS NOT NULL ORDER BY created_at, id
        """,
        project_id,
    )
    return [row["id"] for row in rows]


async def _live(tx: Unit, condition: str, *arguments: Any) -> list[StoredRun]:
    rows = await tx.fetch(
        f"""-- runs.live
        SELECT {_ALL} FROM runs r WHERE {condition} AND r.ended_at IS NULL
        ORDER BY r.created_at, r.id FOR UPDATE OF r
        """,  # noqa: S608 -- constants
        *arguments,
    )
    return [_stored(row) for row in rows]


async def called(tx: Unit, parent_id: str, key: str) -> RunInfo | None:
    """The run that a run called for under a key."""
    row = await tx.fetchrow(
        f"-- runs.called\nSELECT {columns()} FROM runs r WHERE r.parent_id = $1 AND r.call_key = $2",
        parent_id,
        key,
    )
    return None if row is None else info(row)


async def calls(tx: Connection | Unit, run_id: str) -> list[RunInfo]:
    """The runs that a run called for, oldest first."""
    rows = await tx.fetch(
        f"-- runs.calls\nSELECT {columns()} FROM runs r WHERE r.parent_id = $1 ORDER BY r.created_at, r.id",
        run_id,
    )
    return [info(row) for row in rows]


async def chain(tx: Unit, run_id: str) -> list[str]:
    """The capabilities of a run and of the runs above it."""
    rows = await tx.fetch(
        """-- runs.chain
        WITH RECURSIVE up (id, parent_id, capability) AS (
            SELECT id, parent_id, capability FROM runs WHERE id = $1
            UNION ALL SELECT r.id, r.parent_id, r.capability FROM runs r JOIN up ON r.id = up.parent_id
        ) SELECT capability FROM up
        """,
        run_id,
    )
    return [row["capability"] for row in rows]


async def count_live(tx: Unit, project_id: str) -> int:
    """How many runs of a project have not ended."""
    number: int = await tx.fetchval(
        "-- runs.count_live\nSELECT count(*) FROM runs WHERE project_id = $1 AND ended_at IS NULL", project_id
    )
    return number


async def count_tree(tx: Unit, root_id: str) -> int:
    """How many runs descend from a run by calls, with itself."""
    number: int = await tx.fetchval(
        "-- runs.count_tree\nSELECT count(*) FROM runs WHERE root_id = $1", root_id
    )
    return number


async def set_blocked(tx: Unit, blocked: Mapping[str, bool]) -> None:
    """Note of tasks' runs whether the tasks wait for others."""
    tx.ahead.clear()
    await tx.execute(
        """-- runs.set_blocked
        UPDATE runs SET blocked = t.blocked FROM unnest($1::uuid[], $2::boolean[]) AS t (id, blocked)
        WHERE runs.task_id = t.id AND runs.ended_at IS NULL AND runs.blocked <> t.blocked
        """,
        list(blocked),
        list(blocked.values()),
    )


def begin_anew(tx: Unit, run_id: str, given: bytes) -> None:
    """Give a run another input, for which it calls again: the keys of its calls so far are free."""
    tx.defer(
        """-- runs.begin_anew
        WITH forgotten AS (UPDATE runs SET call_key = NULL WHERE parent_id = $1)
        UPDATE runs SET input = $2 WHERE id = $1
        """,
        run_id,
        given.decode(),
    )


def set_retried(tx: Unit, run_id: str, by: str) -> None:
    """Note that another run took a dead one's place."""
    tx.defer("-- runs.set_retried\nUPDATE runs SET retried_by = $2 WHERE id = $1", run_id, by)


async def retried_by(tx: Connection | Unit, run_id: str) -> str | None:
    """The run that took a dead one's place, if one did."""
    found: str | None = await tx.fetchval(
        "-- runs.retried_by\nSELECT retried_by FROM runs WHERE id = $1", run_id
    )
    return found


async def content(tx: Connection | Unit, run_id: str) -> tuple[dict[str, Any], Any]:
    """A run's input and result."""
    row = await tx.fetchrow("-- runs.content\nSELECT input, result FROM runs WHERE id = $1", run_id)
    return msgspec.json.decode(row["input"]), None if row["result"] is None else msgspec.json.decode(
        row["result"]
    )


async def handed(tx: Connection | Unit, run_id: str) -> HandedOver | None:
    """What was handed over to a run."""
    found = await tx.fetchval("-- runs.handed\nSELECT handed FROM runs WHERE id = $1", run_id)
    return None if found is None else msgspec.json.decode(found, type=HandedOver)


async def live(tx: Connection, project_id: str) -> list[RunInfo]:
    """All runs of a project that have not ended, as their events tell of them: offers are no events."""
    rows = await tx.fetch(
        f"""-- runs.live_all
        SELECT {columns()}, a.agent_id AS agent_before
        FROM runs r LEFT JOIN attempts a ON a.run_id = r.id AND a.fence = r.attempt - 1
        WHERE r.project_id = $1 AND r.ended_at IS NULL
        """,  # noqa: S608 -- constants
        project_id,
    )
    return [_told(info(row), row["agent_before"]) for row in rows]


def _told(run: RunInfo, agent_before: str | None) -> RunInfo:
    """A run without the offer that is out for it."""
    if run.state is not RunState.SUBMITTED or run.instance_id is None:
        return run
    return replace(run, attempt=run.attempt - 1, agent_id=agent_before, instance_id=None)


async def newest_ended(tx: Connection, project_id: str, limit: int) -> list[EndedRun]:
    """The runs of a project that ended last."""
    rows = await tx.fetch(
        f"""-- runs.newest_ended
        SELECT {columns()} FROM runs r WHERE r.project_id = $1 AND r.ended_at IS NOT NULL
        ORDER BY r.ended_at DESC, r.id DESC LIMIT $2
        """,  # noqa: S608 -- constants
        project_id,
        limit,
    )
    return [msgspec.convert(_decoded(row), EndedRun) for row in rows]


CREATED = pages.Order[RunInfo]("r.created_at", "${}::timestamptz", datetime, lambda run: run.created_at)


async def page(tx: Connection | Unit, query: RunList) -> Page[RunInfo]:
    """Runs of a project that all filters let through, newest first."""
    filters: list[tuple[str, Any]] = [
        ("r.project_id = ${}", query.project_id),
        ("r.task_id = ${}", query.task_id),
        ("r.agent_id = ${}", query.agent_id),
        ("r.capability = ${}", query.capability),
        ("r.state = ANY(${}::text[])", query.state),
        ("(r.state = 'failed' AND r.retried_by IS NULL) = ${}", True if query.dead else None),
    ]
    used = [(condition, value) for condition, value in filters if value is not None]
    conditions = [condition.format(number) for number, (condition, _) in enumerate(used, 1)]
    arguments = [value for _, value in used]
    after, sorting = pages.keyset(CREATED, "r.id", cursor=query.cursor, descending=True, arguments=arguments)
    rows = await tx.fetch(
        f"""-- runs.page
        SELECT {columns()} FROM runs r WHERE {" AND ".join([*conditions, after])} {sorting}
        LIMIT ${len(arguments) + 1}
        """,  # noqa: S608 -- constants
        *arguments,
        query.limit + 1,
    )
    found = [info(row) for row in rows]
    return pages.page(found, query.limit, lambda run: (run.created_at, run.id))


async def overdue(tx: Connection | Pool, limit: int) -> dict[str, list[str]]:
    """Runs whose lease, deadline, time for a last report or patience for progress is over, by project."""
    rows: Sequence[asyncpg.Record] = await tx.fetch(
        """-- runs.overdue
        SELECT project_id, array_agg(id) AS ids FROM (
            SELECT project_id, id FROM runs WHERE lease_until < now()
            UNION SELECT project_id, id FROM runs WHERE deadline < now() AND ended_at IS NULL
            UNION SELECT project_id, id FROM runs WHERE final_by < now()
            UNION SELECT project_id, id FROM runs
                WHERE instance_id IS NOT NULL AND state = 'working' AND NOT stale AND waiting_for IS NULL
                    AND coalesce(progress_at, started_at) < now() - make_interval(secs => stale_after)
            LIMIT $1
        ) due GROUP BY project_id
        """,
        limit,
    )
    return {row["project_id"]: row["ids"] for row in rows}
