"""Memberships of projects that are for a time or for one task, and are over."""

from persistence.database import Connection, Pool
from protocol.tasks import OPEN

_OPEN = ", ".join(sorted(f"'{status}'" for status in OPEN))


_OVER = f"""
    rm.until <= clock_timestamp() OR (rm.task_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM tasks t WHERE t.id = rm.task_id AND t.status IN ({_OPEN})
    ))
"""


async def projects_over(tx: Connection | Pool) -> list[str]:
    """The projects that have memberships whose time or task is over."""
    rows = await tx.fetch(
        f"""-- grants.projects_over
        SELECT DISTINCT rm.room_id FROM room_members rm
        WHERE (rm.until IS NOT NULL OR rm.task_id IS NOT NULL) AND ({_OVER})
        """  # noqa: S608 -- constants
    )
    return [row["room_id"] for row in rows]


async def over(tx: Connection, project_id: str, limit: int) -> list[str]:
    """Up to `limit` members of a project whose time or task is over."""
    rows = await tx.fetch(
        f"""-- grants.over
        SELECT rm.member_id FROM room_members rm WHERE rm.room_id = $1 AND ({_OVER})
        ORDER BY rm.member_id LIMIT $2
        """,  # noqa: S608 -- constants
        project_id,
        limit,
    )
    return [row["member_id"] for row in rows]
