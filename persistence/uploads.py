"""Uploads under way: how far they are, and which request has its turn.

Invariants: the offset moves only by the request that holds the lock, and only over bytes that are staged
durably. A lock that is not renewed ends by itself, so a node that died holds up nobody for long. Times are
the database's.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from persistence.database import Connection, Pool, fetch_one
from protocol.uploads import ObjectTarget, UploadTarget

LOCK_SECONDS = 10
"""How long a lock lasts after it was renewed."""

COLUMNS = (
    "id, member_id, room_id, target::text, object_id, length, received, expected, partial, parts, file_id, "
    "expires_at"
)

Target = UploadTarget | ObjectTarget
"""What an upload becomes."""


class Row(Struct, frozen=True, kw_only=True):
    """An upload as its row has it."""

    id: str
    member_id: str
    room_id: str | None
    target: str | None
    object_id: str | None
    length: int | None
    received: int
    expected: int
    partial: bool
    parts: list[str] | None
    file_id: str | None
    expires_at: datetime


class Upload(Struct, frozen=True, kw_only=True):
    """An upload under way, or one that has become a file or an object."""

    id: str
    member_id: str
    target: Target | None
    """None for a part of another."""
    length: int | None
    """None while the client does not know."""
    received: int = 0
    expected: int = 0
    """While the length is not known: how far the last request was to bring it."""
    partial: bool = False
    parts: list[str] | None = None
    """Which partial uploads it joins, in order."""
    file_id: str | None = None
    """Once it has become a file, or an object."""
    expires_at: datetime

    @property
    def whole(self) -> bool:
        """Whether all bytes are here."""
        return self.received == self.length

    @property
    def reserved(self) -> int:
        """The bytes that count for it, whether they are here or not."""
        return max(self.received, self.expected) if self.length is None else self.length


def _upload(row: Row | None) -> Upload | None:
    if row is None:
        return None
    fields = msgspec.structs.asdict(row)
    room_id, object_id = fields.pop("room_id"), fields.pop("object_id")
    if object_id is not None:
        fields["target"] = ObjectTarget(room=room_id, object_id=object_id)
    elif row.target is not None:
        fields["target"] = msgspec.json.decode(row.target, type=UploadTarget)
    return Upload(**fields)


async def insert(tx: Connection, upload: Upload, lock_id: str, now: datetime) -> None:
    """A new upload, locked by the request that makes it."""
    target = upload.target
    await tx.execute(
        """-- uploads.insert
        INSERT INTO uploads (id, member_id, room_id, target, object_id, length, received, partial, parts,
            lock_id, lock_until, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, clock_timestamp() + make_interval(secs => $11),
            $12, $13)
        """,
        upload.id,
        upload.member_id,
        None if target is None else target.room,
        msgspec.json.encode(target).decode() if isinstance(target, UploadTarget) else None,
        target.object_id if isinstance(target, ObjectTarget) else None,
        upload.length,
        upload.received,
        upload.partial,
        upload.parts,
        lock_id,
        LOCK_SECONDS,
        now,
        upload.expires_at,
    )


async def get(tx: Connection | Pool, upload_id: str, member_id: str) -> tuple[Upload, bool] | None:
    """A member's upload, and whether a request holds its lock."""
    row = await tx.fetchrow(
        f"""-- uploads.get
        SELECT {COLUMNS}, coalesce(lock_until > clock_timestamp(), false) AS locked
        FROM uploads WHERE id = $1 AND member_id = $2
        """,  # noqa: S608 -- constants
        upload_id,
        member_id,
    )
    if row is None:
        return None
    upload = _upload(msgspec.convert(dict(row), Row))
    assert upload is not None
    return upload, row["locked"]


async def get_all(tx: Connection | Pool, upload_ids: Sequence[str], member_id: str) -> dict[str, Upload]:
    """Those of these uploads that the member has, by id."""
    rows = await tx.fetch(
        f"-- uploads.get_all\nSELECT {COLUMNS} FROM uploads WHERE id = ANY($1::uuid[]) AND member_id = $2",
        list(upload_ids),
        member_id,
    )
    found = [_upload(msgspec.convert(dict(row), Row)) for row in rows]
    return {upload.id: upload for upload in found if upload is not None}


async def lock(tx: Connection | Pool, upload_id: str, lock_id: str) -> Upload | None:
    """Take the lock of an upload; None if another request holds it, which is then asked to let go."""
    taken = await fetch_one(
        tx,
        Row,
        f"""-- uploads.lock
        UPDATE uploads
        SET lock_id = $2, lock_until = clock_timestamp() + make_interval(secs => $3), wanted = false
        WHERE id = $1 AND (lock_until IS NULL OR lock_until <= clock_timestamp()) RETURNING {COLUMNS}
        """,  # noqa: S608 -- constants
        upload_id,
        lock_id,
        LOCK_SECONDS,
    )
    if taken is None:
        await tx.execute(
            "-- uploads.want\nUPDATE uploads SET wanted = true WHERE id = $1 AND NOT wanted", upload_id
        )
    return _upload(taken)


async def renew(tx: Connection | Pool, upload_id: str, lock_id: str) -> bool | None:
    """Keep the lock; whether another request wants it, or None if it is lost."""
    wanted: bool | None = await tx.fetchval(
        """-- uploads.renew
        UPDATE uploads SET lock_until = clock_timestamp() + make_interval(secs => $3)
        WHERE id = $1 AND lock_id = $2 RETURNING wanted
        """,
        upload_id,
        lock_id,
        LOCK_SECONDS,
    )
    return wanted


async def unlock(tx: Connection | Pool, upload_id: str, lock_id: str) -> None:
    """Let the lock go, if it is still held."""
    await tx.execute(
        """-- uploads.unlock
        UPDATE uploads SET lock_id = NULL, lock_until = NULL, wanted = false WHERE id = $1 AND lock_id = $2
        """,
        upload_id,
        lock_id,
    )


async def advance(
    tx: Connection | Pool, upload_id: str, lock_id: str, received: int, keep_for: timedelta
) -> bool:
    """Move the offset; False if the lock is lost. What has come counts as sent by the member.

    The upload can be resumed for `keep_for` from now.
    """
    moved: int = await tx.fetchval(
        """-- uploads.advance
        WITH before AS (
            SELECT id, received FROM uploads WHERE id = $1 AND lock_id = $2 FOR UPDATE
        ), moved AS (
            UPDATE uploads u SET received = $3, expires_at = clock_timestamp() + $4::interval
            FROM before b WHERE u.id = b.id
            RETURNING u.member_id, $3::bigint - b.received AS more
        ), counted AS (
            INSERT INTO sent_bytes (member_id, hour, bytes)
            SELECT member_id, date_trunc('hour', clock_timestamp()), more FROM moved WHERE more > 0
            ON CONFLICT (member_id, hour) DO UPDATE SET bytes = sent_bytes.bytes + excluded.bytes
        )
        SELECT count(*) FROM moved
        """,
        upload_id,
        lock_id,
        received,
        keep_for,
    )
    return moved == 1


async def declare(tx: Connection, upload: Upload) -> None:
    """Keep how long an upload will be whose length was not known, or how far it will be brought next."""
    await tx.execute(
        "-- uploads.declare\nUPDATE uploads SET length = $2, expected = $3 WHERE id = $1",
        upload.id,
        upload.length,
        upload.expected,
    )


async def finish(tx: Connection, upload_id: str, lock_id: str, file_id: str) -> bool:
    """Say which file or object an upload has become; False if the lock is lost."""
    finished: str | None = await tx.fetchval(
        """-- uploads.finish
        UPDATE uploads SET file_id = $3 WHERE id = $1 AND lock_id = $2 AND file_id IS NULL RETURNING id
        """,
        upload_id,
        lock_id,
        file_id,
    )
    return finished is not None


async def delete(tx: Connection | Pool, upload_ids: Sequence[str]) -> None:
    """Forget uploads; what they have staged is then to go."""
    await tx.execute("-- uploads.delete\nDELETE FROM uploads WHERE id = ANY($1::uuid[])", list(upload_ids))


async def remove_expired(tx: Connection | Pool, now: datetime, limit: int) -> list[str]:
    """Remove the rows of uploads that had expired by `now`; what they have staged is then to go."""
    rows = await tx.fetch(
        """-- uploads.remove_expired
        DELETE FROM uploads WHERE id IN (
            SELECT id FROM uploads
            WHERE expires_at < $1 AND (lock_until IS NULL OR lock_until <= clock_timestamp())
            ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED
        ) RETURNING id
        """,
        now,
        limit,
    )
    return [row["id"] for row in rows]


async def known(tx: Connection | Pool, upload_ids: list[str]) -> set[str]:
    """Those of these uploads that there are."""
    rows = await tx.fetch("-- uploads.known\nSELECT id FROM uploads WHERE id = ANY($1::uuid[])", upload_ids)
    return {row["id"] for row in rows}
