"""Projects' rows. A project's name stands in its room's row too, where memberships read it."""

from datetime import datetime

from persistence.database import Connection, Pool, fetch_one
from protocol.projects import Project, ProjectState

COLUMNS = "id, version, name, description, state, created_by, created_at, updated_at, purge_at"


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
