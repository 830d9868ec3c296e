"""Carried-out commands, so that one sent twice is carried out once."""

import hashlib
from datetime import datetime
from typing import Any

import msgspec

from persistence.database import Connection, Pool
from protocol.errors import ApiError, ErrorCode
from protocol.registry import Command

RETENTION_DAYS = 14
"""Twice as long as a client's outbox keeps a command."""


def request_hash(name: str, command: Command[Any]) -> bytes:
    """The request's identity: the same for the same command with the same fields."""
    body = msgspec.json.encode((name, command), order="deterministic")
    return hashlib.blake2b(body, digest_size=32).digest()


async def claim(tx: Connection, actor_id: str, command_id: str, digest: bytes, now: datetime) -> bytes | None:
    """Claim a command, or wait for whoever did and return the JSON of its reply.

    None means that it is ours to carry out. ApiError `conflict` if the id was used for another
    request.
    """
    claimed = await tx.fetchval(
        """-- commands.claim
        INSERT INTO commands (actor_id, command_id, request_hash, at) VALUES ($1, $2, $3, $4)
        ON CONFLICT DO NOTHING RETURNING true
        """,
        actor_id,
        command_id,
        digest,
        now,
    )
    if claimed:
        return None
    row = await tx.fetchrow(
        """-- commands.reply
        SELECT request_hash, reply FROM commands WHERE actor_id = $1 AND command_id = $2
        """,
        actor_id,
        command_id,
    )
    if row is None or row["request_hash"] != digest:
        raise ApiError(
            ErrorCode.CONFLICT,
            "This command_id was used for a different request; give each request its own.",
        )
    if row["reply"] is None:
        raise ApiError(
            ErrorCode.CONFLICT,
            "This command was carried out; its reply held a secret that is shown only once.",
        )
    return str(row["reply"]).encode()


async def answer(tx: Connection, actor_id: str, command_id: str, reply: bytes) -> None:
    """Keep the reply of a claimed command."""
    await tx.execute(
        "-- commands.answer\n"
        "UPDATE commands SET reply = $3::text::json WHERE actor_id = $1 AND command_id = $2",
        actor_id,
        command_id,
        reply.decode(),
    )


async def prune(pool: Pool) -> int:
    """Forget commands older than `RETENTION_DAYS`; how many there were."""
    return len(
        await pool.fetch(
            """-- commands.prune
            DELETE FROM commands WHERE at < now() - make_interval(days => $1) RETURNING 1
            """,
            RETENTION_DAYS,
        )
    )
