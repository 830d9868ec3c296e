"""Notifications: what stands in members' inboxes."""

from collections.abc import Mapping

from persistence.database import Connection, Pool, fetch_all
from protocol.inbox import Notification


async def add(tx: Connection, notifications: Mapping[str, Notification]) -> None:
    """Put a notification, by member, into each inbox."""
    rows = list(notifications.values())
    await tx.execute(
        """-- notifications.add
        INSERT INTO notifications
            (member_id, id, seq, kind, room, actor_id, message_id, task_id, excerpt, created_at,
            run_id, question_id)
        SELECT n.member, n.id, n.seq, n.kind, n.room, n.actor, n.message, n.task, n.excerpt, n.at,
            n.run, n.question
        FROM unnest(
            $1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::uuid[], $6::uuid[], $7::uuid[],
            $8::uuid[], $9::text[], $10::timestamptz[], $11::uuid[], $12::uuid[]
        ) AS n (member, id, seq, kind, room, actor, message, task, excerpt, at, run, question)
        """,
        list(notifications),
        [row.id for row in rows],
        [row.seq for row in rows],
        [row.kind for row in rows],
        [row.room for row in rows],
        [row.actor_id for row in rows],
        [row.message_id for row in rows],
        [row.task_id for row in rows],
        [row.excerpt for row in rows],
        [row.created_at for row in rows],
        [row.run_id for row in rows],
        [row.question_id for row in rows],
    )


async def newest(
    tx: Connection | Pool,
    member_id: str,
    limit: int,
    *,
    before: int | None = None,
    unread: bool = False,
) -> list[Notification]:
    """Up to `limit` notifications of a member, newest first, of those with a seq under `before`.

    With `unread` only those above the inbox's read marker.
    """
    return await fetch_all(
        tx,
        Notification,
        """-- notifications.newest
        SELECT id, seq, kind, room, actor_id, message_id, task_id, excerpt, created_at, run_id, question_id
        FROM notifications
        WHERE member_id = $1 AND ($3::bigint IS NULL OR seq < $3) AND (
            NOT $4 OR seq > (
                SELECT read_seq FROM room_members WHERE room_id = $1 AND member_id = $1
            )
        )
        ORDER BY seq DESC LIMIT $2
        """,
        member_id,
        limit,
        before,
        unread,
    )
