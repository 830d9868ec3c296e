"""Programs' tokens. The secret is stored as a hash only."""

from datetime import datetime

import msgspec

from persistence.database import Connection, Pool, fetch_all, fetch_one
from persistence.ids import new_id, new_secret, secret_hash
from persistence.sessions import SHOWN_AS_USED_SECONDS
from protocol.accounts import TokenInfo
from protocol.registry import Scope

PREFIX = "ymt_"
"""How a program's token is told from an access token."""
HINT_LENGTH = len(PREFIX) + 6


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """What a presented token stands for."""

    id: str
    member_id: str
    scope: Scope
    expires_at: datetime
    expired: bool
    inbox_head: int
    """The newest seq of its member's inbox."""


async def insert(
    tx: Connection,
    token_id: str,
    member_id: str,
    *,
    name: str,
    scope: Scope,
    digest: bytes,
    hint: str,
    now: datetime,
    expires_at: datetime,
) -> TokenInfo:
    """A new token; `hint` is the beginning of its secret."""
    token = await fetch_one(
        tx,
        TokenInfo,
        """-- tokens.insert
        INSERT INTO tokens (id, member_id, name, scope, hash, hint, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        RETURNING id, name, scope, hint, created_at, expires_at, last_used_at
        """,
        token_id,
        member_id,
        name,
        scope,
        digest,
        hint,
        now,
        expires_at,
    )
    assert token is not None
    return token


async def issue(
    tx: Connection, member_id: str, *, name: str, scope: Scope, now: datetime, expires_at: datetime
) -> tuple[TokenInfo, str]:
    """A new token of a member, and its secret, which is not to be had again."""
    secret = new_secret(PREFIX)
    token = await insert(
        tx,
        new_id(),
        member_id,
        name=name,
        scope=scope,
        digest=secret_hash(secret),
        hint=secret[:HINT_LENGTH],
        now=now,
        expires_at=expires_at,
    )
    return token, secret


async def present(pool: Pool, digest: bytes) -> Token | None:
    """The unrevoked token with this hash; notes that it was used."""
    row = await pool.fetchrow(
        """-- tokens.present
        SELECT tokens.id, member_id, scope, expires_at, expires_at <= clock_timestamp() AS expired,
            coalesce(last_used_at < clock_timestamp() - make_interval(secs => $2), true) AS unseen,
            rooms.head_seq AS inbox_head
        FROM tokens JOIN rooms ON rooms.id = member_id WHERE hash = $1 AND revoked_at IS NULL
        """,
        digest,
        SHOWN_AS_USED_SECONDS,
    )
    if row is None:
        return None
    token = msgspec.convert(dict(row), Token)
    if row["unseen"] and not token.expired:
        await pool.execute(
            "-- tokens.used\nUPDATE tokens SET last_used_at = clock_timestamp() WHERE id = $1", token.id
        )
    return token


async def of_member(tx: Connection | Pool, member_id: str) -> list[TokenInfo]:
    """A member's unrevoked tokens, expired ones included, newest first."""
    return await fetch_all(
        tx,
        TokenInfo,
        """-- tokens.of_member
        SELECT id, name, scope, hint, created_at, expires_at, last_used_at FROM tokens
        WHERE member_id = $1 AND revoked_at IS NULL ORDER BY id DESC
        """,
        member_id,
    )


async def revoke(tx: Connection, member_id: str, token_id: str) -> bool:
    """End one of a member's tokens; false if there was none to end."""
    ended: bool | None = await tx.fetchval(
        """-- tokens.revoke
        UPDATE tokens SET revoked_at = clock_timestamp()
        WHERE id = $2 AND member_id = $1 AND revoked_at IS NULL RETURNING true
        """,
        member_id,
        token_id,
    )
    return bool(ended)


async def revoke_all(tx: Connection, member_id: str) -> list[str]:
    """End all tokens of a member and return their ids."""
    rows = await tx.fetch(
        """-- tokens.revoke_all
        UPDATE tokens SET revoked_at = clock_timestamp()
        WHERE member_id = $1 AND revoked_at IS NULL RETURNING id
        """,
        member_id,
    )
    return [row["id"] for row in rows]


async def prune(pool: Pool) -> int:
    """Forget tokens that were revoked, or expired a month ago; how many there were."""
    return len(
        await pool.fetch(
            """-- tokens.prune
            DELETE FROM tokens
            WHERE revoked_at IS NOT NULL OR expires_at < clock_timestamp() - interval '1 month' RETURNING 1
            """
        )
    )
