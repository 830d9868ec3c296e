"""Sign-ins. Each is one family of refresh tokens, of which only the newest is known, by its hash."""

from datetime import datetime

import msgspec

from persistence.database import Connection, Pool, fetch_all, fetch_one
from protocol.accounts import SessionInfo

SHOWN_AS_USED_SECONDS = 60
"""`last_used_at` is written at most this often."""


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in as its refresh token meets it."""

    id: str
    member_id: str
    refresh_hash: bytes
    rotated_at: datetime
    confirmed: bool
    """The newest access token was used, so whoever holds it has the newest refresh token too."""


async def insert(
    tx: Connection,
    session_id: str,
    member_id: str,
    refresh_hash: bytes,
    *,
    address: str,
    user_agent: str,
    now: datetime,
    expires_at: datetime,
) -> None:
    """A new sign-in."""
    await tx.execute(
        """-- sessions.insert
        INSERT INTO sessions (
            id, member_id, refresh_hash, rotated_at, address, user_agent, created_at, last_used_at, expires_at
        )
        VALUES ($1, $2, $3, $6, $4, $5, $6, $6, $7)
        """,
        session_id,
        member_id,
        refresh_hash,
        address,
        user_agent,
        now,
        expires_at,
    )


async def lock(tx: Connection, session_id: str) -> Session | None:
    """A sign-in that still lasts, of a member who is still here; locked until commit."""
    return await fetch_one(
        tx,
        Session,
        """-- sessions.lock
        SELECT s.id, s.member_id, s.refresh_hash, s.rotated_at, s.confirmed
        FROM sessions s JOIN members m ON m.id = s.member_id
        WHERE s.id = $1 AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp() AND m.active
        FOR NO KEY UPDATE OF s
        """,
        session_id,
    )


async def rotate(
    tx: Connection,
    session_id: str,
    refresh_hash: bytes,
    *,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Replace the refresh token of a locked sign-in."""
    await tx.execute(
        """-- sessions.rotate
        UPDATE sessions SET refresh_hash = $2, confirmed = false, rotated_at = $3, last_used_at = $3,
            expires_at = $4
        WHERE id = $1
        """,
        session_id,
        refresh_hash,
        now,
        expires_at,
    )


async def holder(pool: Pool, session_id: str, rotation: bytes) -> tuple[str, int] | None:
    """The member whose unended sign-in this is, and the head of its inbox; notes that the token was used.

    `rotation` is the hash of the refresh token that came with the access token.
    """
    row = await pool.fetchrow(
        """-- sessions.holder
        SELECT member_id, NOT confirmed AND refresh_hash = $2 AS confirms,
            last_used_at < clock_timestamp() - make_interval(secs => $3) AS unseen,
            rooms.head_seq AS inbox_head
        FROM sessions JOIN rooms ON rooms.id = member_id
        WHERE sessions.id = $1 AND revoked_at IS NULL AND expires_at > clock_timestamp()
        """,
        session_id,
        rotation,
        SHOWN_AS_USED_SECONDS,
    )
    if row is None:
        return None
    if row["confirms"] or row["unseen"]:
        await pool.execute(
            """-- sessions.used
            UPDATE sessions SET confirmed = confirmed OR refresh_hash = $2, last_used_at = clock_timestamp()
            WHERE id = $1
            """,
            session_id,
            rotation,
        )
    return row["member_id"], row["inbox_head"]


async def of_member(tx: Connection | Pool, member_id: str, current: str | None) -> list[SessionInfo]:
    """The sign-ins of a member that still last, most recently used first; `current` is the one asking."""
    return await fetch_all(
        tx,
        SessionInfo,
        """-- sessions.of_member
        SELECT id, created_at, last_used_at, expires_at, address, user_agent,
            id IS NOT DISTINCT FROM $2 AS current
        FROM sessions
        WHERE member_id = $1 AND revoked_at IS NULL AND expires_at > clock_timestamp()
        ORDER BY last_used_at DESC, id DESC
        """,
        member_id,
        current,
    )


async def revoke(tx: Connection, member_id: str, session_id: str) -> bool:
    """End one of a member's sign-ins; false if there was none to end."""
    ended: bool | None = await tx.fetchval(
        """-- sessions.revoke
        UPDATE sessions SET revoked_at = clock_timestamp()
        WHERE id = $2 AND member_id = $1 AND revoked_at IS NULL AND expires_at > clock_timestamp()
        RETURNING true
        """,
        member_id,
        session_id,
    )
    return bool(ended)


async def revoke_surplus(tx: Connection, member_id: str, most: int) -> list[str]:
    """End all but the `most` lately used sign-ins of a member and return the ids of the ended ones."""
    rows = await tx.fetch(
        """-- sessions.revoke_surplus
        UPDATE sessions SET revoked_at = clock_timestamp() WHERE id IN (
            SELECT id FROM sessions
            WHERE member_id = $1 AND revoked_at IS NULL AND expires_at > clock_timestamp()
            ORDER BY last_used_at DESC, id DESC OFFSET $2
        ) RETURNING id
        """,
        member_id,
        most,
    )
    return [row["id"] for row in rows]


async def revoke_all(tx: Connection, member_id: str, *, but: str | None = None) -> list[str]:
    """End all sign-ins of a member, except one if it is named, and return their ids."""
    rows = await tx.fetch(
        """-- sessions.revoke_all
        UPDATE sessions SET revoked_at = clock_timestamp()
        WHERE member_id = $1 AND id IS DISTINCT FROM $2
            AND revoked_at IS NULL AND expires_at > clock_timestamp()
        RETURNING id
        """,
        member_id,
        but,
    )
    return [row["id"] for row in rows]


async def prune(pool: Pool) -> int:
    """Forget sign-ins that ended; how many there were."""
    return len(
        await pool.fetch(
            """-- sessions.prune
            DELETE FROM sessions WHERE expires_at < clock_timestamp() OR revoked_at IS NOT NULL RETURNING 1
            """
        )
    )
