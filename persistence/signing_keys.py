"""The keys that access tokens are signed with: public halves in the clear, private halves sealed."""

from datetime import datetime

import msgspec

from persistence.database import Connection, Pool, fetch_all


class SigningKey(msgspec.Struct, frozen=True, kw_only=True):
    """An Ed25519 key: signs until `retires_at`, verifies until `expires_at`."""

    kid: str
    public_key: bytes
    sealed_private_key: bytes
    retires_at: datetime
    expires_at: datetime


async def lock(tx: Connection) -> None:
    """Keep other nodes from adding a key until commit; they may go on reading."""
    await tx.execute("-- signing_keys.lock\nLOCK TABLE signing_keys IN SHARE ROW EXCLUSIVE MODE")


async def unexpired(tx: Connection | Pool) -> list[SigningKey]:
    """The keys that still verify, newest first."""
    return await fetch_all(
        tx,
        SigningKey,
        """-- signing_keys.unexpired
        SELECT kid, public_key, sealed_private_key, retires_at, expires_at FROM signing_keys
        WHERE expires_at > clock_timestamp() ORDER BY created_at DESC, kid DESC
        """,
    )


async def insert(tx: Connection, key: SigningKey, now: datetime) -> None:
    """Add a key, and forget those that no longer verify."""
    await tx.execute("-- signing_keys.prune\nDELETE FROM signing_keys WHERE expires_at <= clock_timestamp()")
    await tx.execute(
        """-- signing_keys.insert
        INSERT INTO signing_keys (
            kid, public_key, sealed_private_key, created_at, retires_at, expires_at
        )
        VALUES ($1, $2, $3, $4, $5, $6)
        """,
        key.kid,
        key.public_key,
        key.sealed_private_key,
        now,
        key.retires_at,
        key.expires_at,
    )
