"""Projects' rows. A project's name stands in its room's row too, where memberships read it."""

from datetime import datetime
from typing import Any

import msgspec

from persistence import log, pages
from persistence.database import Connection, Pool, fetch_one
from persistence.tasks import OPEN_STATUSES
from protocol.fields import Page
from protocol.projects import Project, ProjectList, ProjectSort, ProjectState, ProjectSummary
from protocol.roles import RoomRole
from protocol.rooms import LoggedEvent, MembershipRemoved

COLUMNS = "id, version, name, description, state, created_by, created_at, updated_at, purge_at"

ORDERS: dict[ProjectSort, pages.Order[ProjectSummary]] = {
    ProjectSort.NAME: pages.Order(
        'lower(p.name) COLLATE "C"', 'lower(${}::text) COLLATE "C"', str, lambda row: row.project.name
    ),
    ProjectSort.CREATED: pages.Order(
        "p.created_at", "${}::timestamptz", datetime, lambda row: row.project.created_at
    ),
    ProjectSort.UPDATED: pages.Order(
        "p.updated_at", "${}::timestamptz", datetime, lambda row: row.project.updated_at
    ),
}


async def get(tx: Connection | Pool, project_id: str) -> Project | None:
    """One project, deleted ones included until they are purged."""
    return await fetch_one(
        tx,
        Project,
        f"-- projects.get\nSELECT {COLUMNS} FROM projects WHERE id = $1",
        project_id,
    )


async def count(tx: Connection | Pool) -> int:
    """How many projects there are, deleted ones included until they are purged."""
    number: int = await tx.fetchval("-- projects.count\nSELECT count(*) FROM projects")
    return number


async def insert(
    tx: Connection,
    project_id: str,
    *,
    name: str,
    description: str,
    state: ProjectState,
    created_by: str,
    now: datetime,
) -> Project:
    """A new project, whose room must be there already. A taken id violates `projects_pkey`."""
    made = await fetch_one(
        tx,
        Project,
        f"""-- projects.insert
        INSERT INTO projects (id, name, description, state, created_by, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $6) RETURNING {COLUMNS}
        """,  # noqa: S608 -- constants
        project_id,
        name,
        description,
        state,
        created_by,
        now,
    )
    assert made is not None
    return made


async def update(tx: Connection, project: Project, now: datetime) -> Project:
    """Write a project's name, description, state and time of purging, and raise its version."""
    updated = await fetch_one(
        tx,
        Project,
        f"""-- projects.update
        WITH room AS (UPDATE rooms SET name = $2 WHERE id = $1)
        UPDATE projects SET name = $2, description = $3, state = $4, purge_at = $5, updated_at = $6,
            version = version + 1
        WHERE id = $1 RETURNING {COLUMNS}
        """,  # noqa: S608 -- constants
        project.id,
        project.name,
        project.description,
        project.state,
        project.purge_at,
        now,
    )
    assert updated is not None
    return updated


async def page(
    tx: Connection, query: ProjectList, member_id: str, now: datetime, *, every: bool
) -> Page[ProjectSummary]:
    """The projects that a member is in, or with `every` all, as their manager; sorted, then by id.

    Deleted ones are shown to managers until they are due to be purged.
    """
    arguments: list[Any] = [member_id, every, query.deleted, now, query.state, query.query]
    order = ORDERS[query.sort]
    after, sorting = pages.keyset(
        order, "p.id", cursor=query.cursor, descending=query.descending, arguments=arguments
    )
    rows = await tx.fetch(
        f"""-- projects.page
        WITH page AS (
            SELECT p.*, CASE WHEN $2 THEN '{RoomRole.MANAGER}' ELSE m.role END AS role
            FROM projects p LEFT JOIN room_members m ON m.room_id = p.id AND m.member_id = $1
                AND (m.until IS NULL OR m.until > $4)
            WHERE ($2 OR m.role IS NOT NULL)
                AND CASE WHEN $3 THEN p.purge_at > $4 AND ($2 OR m.role = '{RoomRole.MANAGER}')
                    ELSE p.purge_at IS NULL END
                AND ($5::text IS NULL OR p.state = $5)
                AND ($6::text IS NULL OR strpos(lower(p.name), lower($6)) > 0)
                AND {after}
            {sorting} LIMIT ${len(arguments) + 1}
        )
        SELECT {COLUMNS}, role, work.open_tasks, work.done_tasks FROM page p CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE status IN ({OPEN_STATUSES})) AS open_tasks,
                count(*) FILTER (WHERE status = 'done') AS done_tasks
            FROM tasks WHERE project_id = p.id
        ) work {sorting}
        """,  # noqa: S608 -- constants
        *arguments,
        query.limit + 1,
    )
    summaries = [
        msgspec.convert({**row, "project": msgspec.convert(dict(row), Project)}, ProjectSummary)
        for row in rows
    ]
    return pages.page(summaries, query.limit, lambda row: (order.value(row), row.id))


async def purge(pool: Pool, now: datetime) -> list[LoggedEvent]:
    """Remove, for good and one at a time, the projects that were to be purged by `now`.

    Returns the events that tell their members so, for publishing.
    """
    events: list[LoggedEvent] = []
    while True:
        async with pool.acquire() as tx, tx.transaction():
            # Skips what another node purges or somebody restores in this moment.
            due = await tx.fetchval(
                """-- projects.due
                SELECT p.id FROM projects p JOIN rooms r ON r.id = p.id
                WHERE p.purge_at <= $1 LIMIT 1 FOR UPDATE SKIP LOCKED
                """,
                now,
            )
            if due is None:
                return events
            events += await _purge(tx, due, now)


async def _purge(tx: Connection, project_id: str, now: datetime) -> list[LoggedEvent]:
    rows = await tx.fetch(
        "-- projects.purge_members\nDELETE FROM room_members WHERE room_id = $1 RETURNING member_id",
        project_id,
    )
    removed = MembershipRemoved(room_id=project_id)
    events = await log.record(tx, None, now, [(row["member_id"], removed, None) for row in rows])
    await log.forget(tx, project_id)
    await tx.execute("-- projects.purge\nDELETE FROM rooms WHERE id = $1", project_id)
    return events
