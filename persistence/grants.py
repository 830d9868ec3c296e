"""Memberships of projects that are for a time or for one task, and are over."""

from persistence.unit import Unit
from protocol.tasks import OPEN

_OPEN = ", ".join(sorted(f"'{status}'" for status in OPEN))


async def over(tx: Unit, limit: int, project_ids: list[str] | None = None) -> list[tuple[str, str]]:
    """Up to `limit` memberships whose time or task is over, each as its project and its member.

    Those of all projects, or of these.
    """
    rows = await tx.fetch(
        f"""-- grants.over
        SELECT room_id, member_id FROM room_members
        WHERE until <= clock_timestamp() AND ($2::uuid[] IS NULL OR room_id = ANY($2))
        UNION
        SELECT rm.room_id, rm.member_id FROM room_members rm
        WHERE rm.task_id IS NOT NULL AND ($2::uuid[] IS NULL OR rm.room_id = ANY($2)) AND NOT EXISTS (
            SELECT FROM tasks t WHERE t.id = rm.task_id AND t.status IN ({_OPEN})
        )
        ORDER BY 1, 2 LIMIT $1
        """,  # noqa: S608 -- constants
        limit,
        project_ids,
    )
    return [(row["room_id"], row["member_id"]) for row in rows]
