"""Tasks' rows, and tasks as they are read: with what they wait for, and whether that is done.

`blocked` and `depends_on` are no columns; both come from `task_dependencies` with each read.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from persistence import pages
from persistence.database import Connection, Pool, fetch_all, fetch_one
from protocol.fields import Page
from protocol.tasks import OPEN, Priority, Task, TaskList, TaskSort

FIXED = ["id", "project_id", "external_id", "created_by", "created_at"]
WRITABLE = [
    *["version", "title", "description", "status", "priority", "rank", "labels", "estimate", "due"],
    *["parent_id", "assignees", "updated_at", "completed_at"],
]
"""What `update` writes. `comment_count` is left to the messages."""

OPEN_STATUSES = ", ".join(sorted(f"'{status}'" for status in OPEN))

WAITS_FOR_OPEN = f"""
    SELECT FROM task_dependencies d JOIN tasks o ON o.id = d.depends_on
    WHERE d.task_id = t.id AND o.status IN ({OPEN_STATUSES})
"""

TASK = f"""
    SELECT {", ".join(f"t.{column}" for column in [*FIXED, *WRITABLE])}, t.comment_count,
        coalesce(w.depends_on, '{{}}') AS depends_on, coalesce(w.blocked, false) AS blocked
    FROM tasks t LEFT JOIN LATERAL (
        SELECT array_agg(d.depends_on ORDER BY d.depends_on) AS depends_on,
            bool_or((SELECT o.status IN ({OPEN_STATUSES}) FROM tasks o WHERE o.id = d.depends_on)) AS blocked
        FROM task_dependencies d WHERE d.task_id = t.id
    ) w ON true
"""  # noqa: S608 -- constants
"""Tasks as entities; conditions on `t` follow."""


async def get(tx: Connection | Pool, task_id: str) -> Task | None:
    """One task."""
    return await fetch_one(tx, Task, f"-- tasks.get\n{TASK} WHERE t.id = $1", task_id)


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


async def some_of(tx: Connection, project_id: str, task_ids: Collection[str]) -> dict[str, Task]:
    """Those of these tasks that the project has, by id."""
    found = await fetch_all(
        tx,
        Task,
        f"-- tasks.some_of\n{TASK} WHERE t.project_id = $1 AND t.id = ANY($2::uuid[])",
        project_id,
        list(task_ids),
    )
    return {task.id: task for task in found}


async def imported(tx: Connection, project_id: str, external_ids: Collection[str]) -> dict[str, Task]:
    """Those of these tasks that the project has, by external id."""
    found = await fetch_all(
        tx,
        Task,
        f"-- tasks.imported\n{TASK} WHERE t.project_id = $1 AND t.external_id = ANY($2::text[])",
        project_id,
        list(external_ids),
    )
    return {task.external_id: task for task in found if task.external_id is not None}


async def assigned(tx: Connection, project_id: str, member_id: str) -> list[Task]:
    """The tasks of a project that a member is assigned to."""
    return await fetch_all(
        tx,
        Task,
        f"-- tasks.assigned\n{TASK} WHERE t.project_id = $1 AND $2::uuid = ANY(t.assignees) ORDER BY t.id",
        project_id,
        member_id,
    )


async def assigned_in(tx: Connection, member_id: str) -> list[str]:
    """The projects in which a member is assigned to tasks."""
    rows = await tx.fetch(
        "-- tasks.assigned_in\nSELECT DISTINCT project_id FROM tasks WHERE $1::uuid = ANY(assignees)",
        member_id,
    )
    return [row["project_id"] for row in rows]


async def subtasks(tx: Connection, task_id: str) -> list[Task]:
    """The tasks right below a task."""
    return await fetch_all(
        tx, Task, f"-- tasks.subtasks\n{TASK} WHERE t.parent_id = $1 ORDER BY t.id", task_id
    )


async def titles(tx: Connection, task_ids: Collection[str]) -> dict[str, str]:
    """The titles of tasks by id."""
    rows = await tx.fetch(
        "-- tasks.titles\nSELECT id, title FROM tasks WHERE id = ANY($1::uuid[])", list(task_ids)
    )
    return {row["id"]: row["title"] for row in rows}


async def count(tx: Connection | Pool, project_id: str) -> int:
    """How many tasks a project has."""
    number: int = await tx.fetchval(
        "-- tasks.count\nSELECT count(*) FROM tasks WHERE project_id = $1", project_id
    )
    return number


async def insert(tx: Connection, tasks: Sequence[Task]) -> None:
    """New rows, without dependencies.

    A taken id or external id violates `tasks_pkey` or `tasks_external_id_key`.
    """
    columns = ", ".join([*FIXED, *WRITABLE])
    await tx.execute(
        f"""-- tasks.insert
        INSERT INTO tasks ({columns})
        SELECT {columns} FROM json_populate_recordset(NULL::tasks, $1::text::json)
        """,  # noqa: S608 -- constants
        msgspec.json.encode(tasks).decode(),
    )


async def update(tx: Connection, tasks: Sequence[Task]) -> None:
    """Write rows as they are in these tasks, dependencies apart."""
    written = ", ".join(f"{column} = n.{column}" for column in WRITABLE)
    await tx.execute(
        f"""-- tasks.update
        UPDATE tasks SET {written} FROM json_populate_recordset(NULL::tasks, $1::text::json) n
        WHERE tasks.id = n.id
        """,  # noqa: S608 -- constants
        msgspec.json.encode(tasks).decode(),
    )


async def delete(tx: Connection, task_id: str) -> None:
    """Remove a task that no other has for its parent, and its dependencies both ways."""
    await tx.execute("-- tasks.delete\nDELETE FROM tasks WHERE id = $1", task_id)


async def ancestors(tx: Connection, task_ids: Collection[str], depth: int) -> dict[str, list[str]]:
    """For these tasks and all below them: the way up, nearest first, at most `depth` steps of it."""
    rows = await tx.fetch(
        """-- tasks.ancestors
        WITH RECURSIVE down (id) AS (
            SELECT unnest($1::uuid[])
            UNION
            SELECT t.id FROM down JOIN tasks t ON t.parent_id = down.id
        ), up (origin, ancestor, step) AS (
            SELECT t.id, t.parent_id, 1 FROM down JOIN tasks t ON t.id = down.id
            WHERE t.parent_id IS NOT NULL
            UNION ALL
            SELECT up.origin, t.parent_id, up.step + 1 FROM up JOIN tasks t ON t.id = up.ancestor
            WHERE t.parent_id IS NOT NULL AND up.step < $2
        )
        SELECT origin, array_agg(ancestor ORDER BY step) AS way FROM up GROUP BY origin
        """,
        list(task_ids),
        depth,
    )
    return {row["origin"]: row["way"] for row in rows}


PRIORITIES = list(Priority)
TITLE = 100
"""Characters of a title that sorting looks at, so that it fits into a cursor."""

ORDERS: dict[TaskSort, pages.Order[Task]] = {
    TaskSort.RANK: pages.Order("t.rank", "${}::text", str, lambda task: task.rank),
    TaskSort.CREATED: pages.Order("t.created_at", "${}::timestamptz", datetime, lambda task: task.created_at),
    TaskSort.UPDATED: pages.Order("t.updated_at", "${}::timestamptz", datetime, lambda task: task.updated_at),
    TaskSort.PRIORITY: pages.Order(
        f"array_position(ARRAY[{', '.join(repr(str(p)) for p in PRIORITIES)}], t.priority)",
        "${}::bigint",
        int,
        lambda task: PRIORITIES.index(task.priority) + 1,
    ),
    TaskSort.TITLE: pages.Order(
        f'lower(left(t.title, {TITLE})) COLLATE "C"',
        'lower(${}::text) COLLATE "C"',
        str,
        lambda task: task.title[:TITLE],
    ),
}
DAY_ZERO, NO_DAY = date(2000, 1, 1), 10_000_000


def _by_due(undated: int) -> pages.Order[Task]:
    """By days since `DAY_ZERO`; `undated` is the place of tasks that are not due."""
    return pages.Order(
        f"coalesce(t.due - DATE '{DAY_ZERO}', {undated})",
        "${}::bigint",
        int,
        lambda task: undated if task.due is None else (task.due - DAY_ZERO).days,
    )


EARLIEST_DUE, LATEST_DUE = _by_due(NO_DAY), _by_due(-NO_DAY)
"""Tasks without a due date come last either way."""


async def page(tx: Connection, query: TaskList) -> Page[Task]:
    """Tasks of a project: those that all filters let through, in the order asked for, then by id."""
    due = LATEST_DUE if query.descending else EARLIEST_DUE
    order = due if query.sort is TaskSort.DUE else ORDERS[query.sort]
    conditions, arguments = _filters(query)
    after, sorting = pages.keyset(
        order, "t.id", cursor=query.cursor, descending=query.descending, arguments=arguments
    )
    rows = await fetch_all(
        tx,
        Task,
        f"""-- tasks.page
        {TASK} WHERE t.id IN (
            SELECT t.id FROM tasks t WHERE {" AND ".join([*conditions, after])} {sorting}
            LIMIT ${len(arguments) + 1}
        ) {sorting}
        """,  # noqa: S608 -- constants
        *arguments,
        query.limit + 1,
    )
    return pages.page(rows, query.limit, lambda task: (order.value(task), task.id))


def _filters(query: TaskList) -> tuple[list[str], list[Any]]:
    """The conditions that a query's filters set, and the arguments to them."""
    filters = [
        ("t.project_id = ${}", query.project_id),
        ("t.status = ANY(${}::text[])", query.status),
        ("t.priority = ANY(${}::text[])", query.priority),
        ("EXISTS (SELECT FROM unnest(t.labels) AS label WHERE lower(label) = lower(${}))", query.label),
        ("${}::uuid = ANY(t.assignees)", query.assignee),
        ("t.parent_id = ${}", query.parent_id),
        (f"EXISTS ({WAITS_FOR_OPEN}) = ${{}}", query.blocked),
        ("strpos(lower(t.title), lower(${})) > 0", query.query),
        ("t.external_id = ${}", query.external_id),
    ]
    used = [(condition, value) for condition, value in filters if value is not None]
    conditions = [condition.format(number) for number, (condition, _) in enumerate(used, 1)]
    return conditions, [value for _, value in used]
