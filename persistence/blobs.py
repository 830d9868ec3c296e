"""Contents: each once in a room, whatever the files are called that have it.

Invariant: a content that a version has is not removed. Versions are counted by a trigger; a content that
none has is removed under its row's lock, which `claim` takes too.
"""

from datetime import datetime

from msgspec import Struct

from persistence.database import Connection, Pool, fetch_all


class Blob(Struct, frozen=True, kw_only=True):
    """A content, by which its objects can be found."""

    id: str
    room_id: str
    sha256: bytes


async def find(tx: Connection | Pool, room_id: str, sha256: bytes) -> str | None:
    """The id of a content that the room has."""
    found: str | None = await tx.fetchval(
        "-- blobs.find\nSELECT id FROM blobs WHERE room_id = $1 AND sha256 = $2", room_id, sha256
    )
    return found


async def claim(
    tx: Connection, room_id: str, sha256: bytes, length: int, new_id: str, now: datetime
) -> tuple[str, bool]:
    """The content's id in a room, and whether it is new there, with `new_id`. It stays until commit."""
    row = await tx.fetchrow(
        """-- blobs.claim
        INSERT INTO blobs AS b (id, room_id, sha256, bytes, created_at, released_at)
        VALUES ($1, $2, $3, $4, $5, $5)
        ON CONFLICT (room_id, sha256) DO UPDATE SET released_at = b.released_at
        RETURNING id, id = $1 AS new
        """,
        new_id,
        room_id,
        sha256,
        length,
        now,
    )
    return row["id"], row["new"]


async def remove_released(tx: Connection | Pool, before: datetime, limit: int) -> list[Blob]:
    """Remove the rows of contents that no version has since `before`; whose objects are then to go."""
    return await fetch_all(
        tx,
        Blob,
        """-- blobs.remove_released
        DELETE FROM blobs WHERE refs = 0 AND id IN (
            SELECT id FROM blobs WHERE refs = 0 AND released_at < $1
            ORDER BY released_at LIMIT $2 FOR UPDATE SKIP LOCKED
        ) RETURNING id, room_id, sha256
        """,
        before,
        limit,
    )


async def known(tx: Connection | Pool, blob_ids: list[str]) -> set[str]:
    """Those of these contents that there are."""
    rows = await tx.fetch("-- blobs.known\nSELECT id FROM blobs WHERE id = ANY($1::uuid[])", blob_ids)
    return {row["id"] for row in rows}
