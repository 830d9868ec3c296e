"""Backups of devices' secrets, which only a recovery code opens."""

from collections.abc import Sequence

import msgspec

from persistence.database import Connection, fetch_all, fetch_one
from persistence.unit import Unit


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """A backup's version and its master key, sealed."""

    ver: int
    master: bytes


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that it keeps."""

    key: str
    body: bytes


async def get(tx: Connection | Unit, member_id: str) -> Backup | None:
    """A member's backup."""
    return await fetch_one(
        tx, Backup, "-- backups.get\nSELECT ver, master FROM backups WHERE member_id = $1", member_id
    )


async def put(tx: Connection | Unit, member_id: str, backup: Backup) -> int:
    """Begin a backup, or raise its version; the one that it has then, if that is greater already."""
    current: int = await tx.fetchval(
        """-- backups.put
        INSERT INTO backups AS kept (member_id, ver, master) VALUES ($1, $2, $3)
        ON CONFLICT (member_id) DO UPDATE SET ver = greatest(kept.ver, $2),
            master = CASE WHEN $2 >= kept.ver THEN $3 ELSE kept.master END
        RETURNING ver
        """,
        member_id,
        backup.ver,
        backup.master,
    )
    return current


async def drop_entries(tx: Connection | Unit, member_id: str) -> None:
    """Forget what a backup keeps."""
    await tx.execute("-- backups.drop_entries\nDELETE FROM backup_entries WHERE member_id = $1", member_id)


async def put_entries(tx: Connection | Unit, member_id: str, entries: Sequence[Entry]) -> int:
    """Add entries or replace those of the same key; how many there are then."""
    await tx.execute(
        """-- backups.put_entries
        INSERT INTO backup_entries (member_id, key, body)
        SELECT $1, key, body FROM unnest($2::text[], $3::bytea[]) AS t (key, body)
        ON CONFLICT (member_id, key) DO UPDATE SET body = excluded.body
        """,
        member_id,
        [entry.key for entry in entries],
        [entry.body for entry in entries],
    )
    number: int = await tx.fetchval(
        "-- backups.count_entries\nSELECT count(*) FROM backup_entries WHERE member_id = $1", member_id
    )
    return number


async def entries(tx: Connection | Unit, member_id: str, after: str | None, limit: int) -> list[Entry]:
    """Up to `limit` entries by key, after one."""
    return await fetch_all(
        tx,
        Entry,
        """-- backups.entries
        SELECT key, body FROM backup_entries WHERE member_id = $1 AND ($2::text IS NULL OR key > $2)
        ORDER BY key LIMIT $3
        """,
        member_id,
        after,
        limit,
    )
