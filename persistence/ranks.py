"""Ranks: the places of a project's tasks, as text that sorts bytewise. No two are the same."""

from collections.abc import Collection

from persistence.database import Connection


async def last(tx: Connection, project_id: str, apart_from: str | None) -> str | None:
    """The highest rank of the project's tasks, apart from one's."""
    rank: str | None = await tx.fetchval(
        """-- ranks.last
        SELECT rank FROM tasks WHERE project_id = $1 AND id IS DISTINCT FROM $2
        ORDER BY rank DESC LIMIT 1
        """,
        project_id,
        apart_from,
    )
    return rank


async def preceding(tx: Connection, project_id: str, rank: str, apart_from: str | None) -> str | None:
    """The rank just below, apart from one task's."""
    found: str | None = await tx.fetchval(
        """-- ranks.preceding
        SELECT rank FROM tasks WHERE project_id = $1 AND rank < $2 AND id IS DISTINCT FROM $3
        ORDER BY rank DESC LIMIT 1
        """,
        project_id,
        rank,
        apart_from,
    )
    return found


async def following(tx: Connection, project_id: str, rank: str, apart_from: str | None) -> str | None:
    """The rank just above, apart from one task's."""
    found: str | None = await tx.fetchval(
        """-- ranks.following
        SELECT rank FROM tasks WHERE project_id = $1 AND rank > $2 AND id IS DISTINCT FROM $3
        ORDER BY rank LIMIT 1
        """,
        project_id,
        rank,
        apart_from,
    )
    return found


async def all_of(tx: Connection, project_id: str) -> list[tuple[str, str]]:
    """Rank and id of every task of a project, in order."""
    rows = await tx.fetch(
        "-- ranks.all_of\nSELECT rank, id FROM tasks WHERE project_id = $1 ORDER BY rank", project_id
    )
    return [(row["rank"], row["id"]) for row in rows]


async def vacate(tx: Connection, task_ids: Collection[str]) -> None:
    """Set these tasks aside, so that their ranks can be given anew in any order."""
    await tx.execute(
        "-- ranks.vacate\nUPDATE tasks SET rank = '~' || id WHERE id = ANY($1::uuid[])", list(task_ids)
    )
