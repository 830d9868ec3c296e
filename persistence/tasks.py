"""Tasks' rows, and tasks as they are read: with what they wait for, and whether that is done.

`blocked` and `depends_on` are no columns; both come from `task_dependencies` with each read.
"""

from collections.abc import Collection, Sequence

import msgspec

from persistence.database import Connection, Pool, fetch_all, fetch_one
from protocol.tasks import OPEN, Task

STORED = """version, title, description, status, priority, rank, labels, estimate, due, parent_id,
    assignees, updated_at, completed_at"""
"""The columns that writing a task writes. `comment_count` belongs to the messages."""

OPEN_STATUSES = ", ".join(sorted(f"'{status}'" for status in OPEN))

TASK = f"""SELECT t.id, t.version, t.project_id, t.title, t.description, t.status, t.priority, t.rank,
    t.labels, t.estimate, t.due, t.parent_id, t.assignees, t.comment_count, t.external_id,
    t.created_by, t.created_at, t.updated_at, t.completed_at,
    coalesce(w.depends_on, '{{}}') AS depends_on, coalesce(w.blocked, false) AS blocked
FROM tasks t LEFT JOIN LATERAL (
    SELECT array_agg(d.depends_on ORDER BY d.depends_on) AS depends_on,
        bool_or(o.status IN ({OPEN_STATUSES})) AS blocked
    FROM task_dependencies d JOIN tasks o ON o.id = d.depends_on WHERE d.task_id = t.id
) w ON true"""  # noqa: S608 -- constants
"""Tasks as entities; a WHERE clause over `t` follows."""


async def get(tx: Connection | Pool, task_id: str) -> Task | None:
    return await fetch_one(
        tx,
        Task,
        f"-- tasks.get\n{TASK} WHERE t.id = $1",
        task_id,
    )


async def project_of(tx: Connection | Pool, task_id: str) -> str | None:
    """The project that a task belongs to, for as long as it lives."""
    found: str | None = await tx.fetchval(
        "-- tasks.project_of\nSELECT project_id FROM tasks WHERE id = $1", task_id
    )
    return found


async def all_of(tx: Connection, project_id: str) -> list[Task]:
    """Every task of a project, in order."""
    return await fetch_all(
        tx,
        Task,
        f"-- tasks.all_of\n{TASK} WHERE t.project_id = $1 ORDER BY t.rank, t.id",
        project_id,
    )


async def some_of(tx: Connection, project_id: str, ids: Collection[str]) -> dict[str, Task]:
    """Those of these tasks that the project has, by id."""
    found = await fetch_all(
        tx,
        Task,
        f"-- tasks.some_of\n{TASK} WHERE t.project_id = $1 AND t.id = ANY($2::uuid[])",
        project_id,
        list(ids),
    )
    return {task.id: task for task in found}


async def count(tx: Connection | Pool, project_id: str) -> int:
    number: int = await tx.fetchval(
        "-- tasks.count\nSELECT count(*) FROM tasks WHERE project_id = $1", project_id
    )
    return number


async def insert(tx: Connection, tasks: Sequence[Task]) -> None:
    """New rows, without dependencies.

    A taken id or external id violates `tasks_pkey` or `tasks_external_id_key`.
    """
    await tx.execute(
        f"""-- tasks.insert
        INSERT INTO tasks (id, project_id, external_id, created_by, created_at, {STORED})
        SELECT id, project_id, external_id, created_by, created_at, {STORED}
        FROM json_populate_recordset(NULL::tasks, $1::text::json)
        """,  # noqa: S608 -- constants
        msgspec.json.encode(tasks).decode(),
    )
