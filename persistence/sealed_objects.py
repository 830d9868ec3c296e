"""Objects of sealed rooms: contents that only the members can read, by the ids that they chose.

Invariant: a content stays as long as an object has it. A trigger counts that, as with files' versions.
"""

from datetime import datetime

from msgspec import Struct

from persistence.database import Connection, Pool, fetch_one
from protocol.uploads import SealedObject

COLUMNS = "o.id, o.room_id AS room, b.bytes, o.created_by, o.created_at"


class Stored(Struct, frozen=True, kw_only=True):
    """Where the bytes of an object are."""

    room_id: str
    blob_id: str
    sha256: bytes
    """Of the ciphertext."""
    bytes: int


async def get(tx: Connection | Pool, object_id: str) -> SealedObject | None:
    """An object."""
    return await fetch_one(
        tx,
        SealedObject,
        f"""-- sealed_objects.get
        SELECT {COLUMNS} FROM sealed_objects o JOIN blobs b ON b.id = o.blob_id WHERE o.id = $1
        """,  # noqa: S608 -- a constant
        object_id,
    )


async def stored(tx: Connection | Pool, object_id: str) -> Stored | None:
    """Where an object's bytes are."""
    return await fetch_one(
        tx,
        Stored,
        """-- sealed_objects.stored
        SELECT o.room_id, o.blob_id, b.sha256, b.bytes
        FROM sealed_objects o JOIN blobs b ON b.id = o.blob_id WHERE o.id = $1
        """,
        object_id,
    )


async def count(tx: Connection | Pool, room_id: str) -> int:
    """How many a room has."""
    number: int = await tx.fetchval(
        "-- sealed_objects.count\nSELECT count(*) FROM sealed_objects WHERE room_id = $1", room_id
    )
    return number


async def insert(
    tx: Connection, object_id: str, room_id: str, blob_id: str, *, created_by: str, now: datetime
) -> bool:
    """A new object; False if there is one of this id."""
    made: str | None = await tx.fetchval(
        """-- sealed_objects.insert
        INSERT INTO sealed_objects (id, room_id, blob_id, created_by, created_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (id) DO NOTHING RETURNING id
        """,
        object_id,
        room_id,
        blob_id,
        created_by,
        now,
    )
    return made is not None


async def delete(tx: Connection, object_id: str) -> None:
    """Remove an object; its content is collected once nothing else has it."""
    await tx.execute("-- sealed_objects.delete\nDELETE FROM sealed_objects WHERE id = $1", object_id)
