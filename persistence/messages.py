"""Messages and their reactions.

What a message carries is read back after each change with the one query here, so that an event
and a later snapshot show the same. A new one is written as it is, since nothing is left to the database.
"""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
import msgspec

from persistence.database import Connection, Pool
from persistence.unit import Unit
from protocol.messages import Message

_SELECT = """
    SELECT m.id, m.version, m.room_id AS room, m.seq, m.author_id, m.text, m.thread_id, m.task_id,
        m.mentions, m.reply_count, m.created_at, m.edited_at, m.deleted, m.files,
        (
            SELECT coalesce(json_object_agg(r.emoji, r.members), '{}')::text FROM (
                SELECT emoji, json_agg(member_id ORDER BY at, member_id) AS members
                FROM reactions WHERE message_id = m.id GROUP BY emoji ORDER BY min(at), emoji
            ) r
        ) AS reactions
    FROM messages m
"""


async def place_of(tx: Connection | Pool, message_id: str) -> tuple[str, str | None] | None:
    """The room that a message is in, and the task that it is a comment on."""
    row = await tx.fetchrow(
        "-- messages.place_of\nSELECT room_id, task_id FROM messages WHERE id = $1", message_id
    )
    return None if row is None else (row["room_id"], row["task_id"])


async def get(tx: Connection | Pool, message_id: str) -> Message | None:
    """One message, a deleted one included."""
    row = await tx.fetchrow(
        f"-- messages.get\n{_SELECT} WHERE m.id = $1",
        message_id,
    )
    return None if row is None else _message(row)


async def newest(
    tx: Connection | Pool,
    room_id: str,
    limit: int,
    *,
    before: int | None = None,
    thread_id: str | None = None,
    task_id: str | None = None,
) -> list[Message]:
    """Up to `limit` messages of a room, newest first, of those with a seq under `before`.

    With `thread_id` only that thread, its opening message included; with `task_id` only the
    comments on that task.
    """
    rows = await tx.fetch(
        f"""-- messages.newest
        {_SELECT}
        WHERE m.room_id = $1 AND ($3::bigint IS NULL OR m.seq < $3)
            AND ($4::uuid IS NULL OR m.thread_id = $4 OR m.id = $4)
            AND ($5::uuid IS NULL OR m.task_id = $5)
        ORDER BY m.seq DESC LIMIT $2
        """,
        room_id,
        limit,
        before,
        thread_id,
        task_id,
    )
    return [_message(row) for row in rows]


def insert(tx: Unit, message: Message) -> None:
    """A new message at its place in the room. A taken id violates `messages_pkey`, once it is written."""
    tx.defer(
        """-- messages.insert
        INSERT INTO messages
            (id, room_id, seq, author_id, text, mentions, thread_id, task_id, created_at, files)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """,
        message.id,
        message.room,
        message.seq,
        message.author_id,
        message.text,
        message.mentions,
        message.thread_id,
        message.task_id,
        message.created_at,
        msgspec.json.encode(message.files).decode(),
    )


async def count_reply(tx: Connection, thread_id: str) -> int:
    """Count one more answer in a thread; how many there are now."""
    count: int = await tx.fetchval(
        """-- messages.count_reply
        UPDATE messages SET reply_count = reply_count + 1 WHERE id = $1 RETURNING reply_count
        """,
        thread_id,
    )
    return count


async def count_comment(tx: Connection, task_id: str) -> int:
    """Count one more comment on a task; how many there are now."""
    count: int = await tx.fetchval(
        """-- messages.count_comment
        UPDATE tasks SET comment_count = comment_count + 1 WHERE id = $1 RETURNING comment_count
        """,
        task_id,
    )
    return count


async def speakers(tx: Connection, thread_id: str, limit: int) -> list[str]:
    """Who wrote in a thread: up to `limit` members, those who wrote last first."""
    rows = await tx.fetch(
        """-- messages.speakers
        SELECT author_id FROM messages WHERE id = $1 OR thread_id = $1
        GROUP BY author_id ORDER BY max(seq) DESC LIMIT $2
        """,
        thread_id,
        limit,
    )
    return [row["author_id"] for row in rows]


async def edit(tx: Connection, message_id: str, text: str, mentions: Sequence[str], now: datetime) -> Message:
    """Replace the text and raise the version."""
    await tx.execute(
        """-- messages.edit
        UPDATE messages SET text = $2, mentions = $3, edited_at = $4, version = version + 1
        WHERE id = $1
        """,
        message_id,
        text,
        mentions,
        now,
    )
    return await _present(tx, message_id)


async def delete(tx: Connection, message_id: str) -> Message:
    """Empty a message, which keeps its place, and raise the version."""
    await tx.execute("-- messages.delete_reactions\nDELETE FROM reactions WHERE message_id = $1", message_id)
    await tx.execute(
        """-- messages.delete
        UPDATE messages SET text = '', mentions = '{}', files = '[]', deleted = true, version = version + 1
        WHERE id = $1
        """,
        message_id,
    )
    return await _present(tx, message_id)


async def react(tx: Connection, message_id: str, emoji: str, member_id: str, now: datetime) -> Message:
    """Add a member's reaction, if it is not there."""
    await tx.execute(
        """-- messages.react
        INSERT INTO reactions (message_id, emoji, member_id, at) VALUES ($1, $2, $3, $4)
        ON CONFLICT DO NOTHING
        """,
        message_id,
        emoji,
        member_id,
        now,
    )
    return await _present(tx, message_id)


async def unreact(tx: Connection, message_id: str, emoji: str, member_id: str) -> Message:
    """Take a member's reaction back, if it is there."""
    await tx.execute(
        """-- messages.unreact
        DELETE FROM reactions WHERE message_id = $1 AND emoji = $2 AND member_id = $3
        """,
        message_id,
        emoji,
        member_id,
    )
    return await _present(tx, message_id)


async def _present(tx: Connection, message_id: str) -> Message:
    found = await get(tx, message_id)
    assert found is not None
    return found


def _message(row: asyncpg.Record) -> Message:
    read = {name: msgspec.json.decode(row[name]) for name in ("reactions", "files")}
    return msgspec.convert({**row, **read}, Message)
