"""The versions of files."""

from collections.abc import Collection
from datetime import datetime

from persistence.database import Connection, Pool, fetch_all, fetch_one
from persistence.files import Viewer, visible
from persistence.unit import Unit
from protocol.files import FileVersion

_SELECT = """
    SELECT v.file_id, v.number, v.name, b.bytes, encode(b.sha256, 'hex') AS sha256, a.media_type, a.kind,
        a.state AS analysis, a.score AS quality, a.held, v.label, v.restored_from, v.run_id, v.created_by,
        v.created_at
    FROM file_versions v JOIN blobs b ON b.id = v.blob_id JOIN analyses a ON a.blob_id = b.id
"""


async def get(tx: Connection | Unit, file_id: str, number: int) -> FileVersion | None:
    """One version."""
    return await fetch_one(
        tx,
        FileVersion,
        f"-- file_versions.get\n{_SELECT} WHERE v.file_id = $1 AND v.number = $2",
        file_id,
        number,
    )


async def newest(
    tx: Connection | Unit, file_id: str, limit: int, before: int | None = None
) -> list[FileVersion]:
    """Versions of a file, newest first, of those before a number."""
    return await fetch_all(
        tx,
        FileVersion,
        f"""-- file_versions.newest
        {_SELECT} WHERE v.file_id = $1 AND ($3::integer IS NULL OR v.number < $3)
        ORDER BY v.number DESC LIMIT $2
        """,
        file_id,
        limit,
        before,
    )


async def of_run(tx: Connection | Unit, run_id: str, viewer: Viewer) -> list[FileVersion]:
    """What a run made and a viewer may see, oldest first: the first 200."""
    return await fetch_all(
        tx,
        FileVersion,
        f"""-- file_versions.of_run
        {_SELECT} JOIN files f ON f.id = v.file_id
        WHERE v.run_id = $1 AND {visible("$2::uuid", "$3::text")}
        ORDER BY v.created_at, v.file_id, v.number LIMIT 200
        """,
        run_id,
        viewer.member_id,
        viewer.role,
    )


async def blob_of(tx: Connection | Unit, file_id: str, number: int) -> str | None:
    """The content of a version."""
    found: str | None = await tx.fetchval(
        "-- file_versions.blob_of\nSELECT blob_id FROM file_versions WHERE file_id = $1 AND number = $2",
        file_id,
        number,
    )
    return found


async def insert(
    tx: Unit,
    file_id: str,
    number: int,
    blob_id: str,
    *,
    name: str,
    created_by: str,
    now: datetime,
    run_id: str | None = None,
    restored_from: int | None = None,
) -> None:
    """A new version, of a content that is there."""
    await tx.execute(
        """-- file_versions.insert
        INSERT INTO file_versions
            (file_id, number, blob_id, name, restored_from, run_id, created_by, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        file_id,
        number,
        blob_id,
        name,
        restored_from,
        run_id,
        created_by,
        now,
    )


async def pin(tx: Unit, file_id: str, number: int, label: str) -> None:
    """Pin a version as something; with an empty label no longer."""
    await tx.execute(
        "-- file_versions.pin\nUPDATE file_versions SET label = $3 WHERE file_id = $1 AND number = $2",
        file_id,
        number,
        label,
    )


async def count_pinned(tx: Connection | Unit, file_id: str) -> int:
    """Pinned versions of a file."""
    number: int = await tx.fetchval(
        """-- file_versions.count_pinned
        SELECT count(*) FROM file_versions WHERE file_id = $1 AND label <> ''
        """,
        file_id,
    )
    return number


async def remove(tx: Connection | Unit, file_id: str, numbers: Collection[int]) -> None:
    """Let versions go; their contents are collected later."""
    await tx.execute(
        """-- file_versions.remove
        DELETE FROM file_versions WHERE file_id = $1 AND number = ANY($2::integer[])
        """,
        file_id,
        list(numbers),
    )


async def crowded(
    tx: Connection | Pool, since: datetime, most: int, after: str | None
) -> list[tuple[str, str]]:
    """Files with versions that might be thinned out, and a newest since then: rooms and files, by file."""
    rows = await tx.fetch(
        """-- file_versions.crowded
        SELECT f.room_id, f.id FROM files f
        WHERE f.number > 2 AND ($3::uuid IS NULL OR f.id > $3) AND EXISTS (
            SELECT FROM file_versions v WHERE v.file_id = f.id AND v.created_at > $1
        )
        ORDER BY f.id LIMIT $2
        """,
        since,
        most,
        after,
    )
    return [(row["room_id"], row["id"]) for row in rows]
