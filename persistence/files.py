"""Files, as their newest versions are.

A file's row names its newest version, the version its content, and what was read from the content stands
with that; so the one query here is how a file is seen everywhere.
"""

import re
from collections.abc import Collection
from datetime import datetime
from typing import Any

import msgspec

from persistence import pages
from persistence.database import Connection, Pool, fetch_all, fetch_one
from persistence.unit import Unit
from protocol.fields import Page
from protocol.files import FileInfo, FileList, FileSort, FolderInfo
from protocol.roles import RoomRole

COLUMNS = """
    f.id, f.version, f.room_id AS room, f.task_id, v.run_id, f.folder, f.name, f.number, b.bytes,
    encode(b.sha256, 'hex') AS sha256, a.media_type, a.kind, a.state AS analysis, a.score AS quality, a.held,
    f.restricted, f.created_by, f.created_at, f.updated_by, f.updated_at, f.purge_at
"""
SOURCE = """
    files f JOIN file_versions v ON v.file_id = f.id AND v.number = f.number
    JOIN blobs b ON b.id = v.blob_id JOIN analyses a ON a.blob_id = b.id
"""

ORDERS: dict[FileSort, pages.Order[FileInfo]] = {
    FileSort.NAME: pages.Order(
        'lower(left(f.name, 100)) COLLATE "C"',
        'lower(${}::text) COLLATE "C"',
        str,
        lambda row: row.name[:100],
    ),
    FileSort.UPDATED: pages.Order("f.updated_at", "${}::timestamptz", datetime, lambda row: row.updated_at),
    FileSort.BYTES: pages.Order("b.bytes", "${}::bigint", int, lambda row: row.bytes),
    FileSort.QUALITY: pages.Order(
        "coalesce(a.score, -1)",
        "${}::bigint",
        int,
        lambda row: -1 if row.quality is None else row.quality,
    ),
}


class Viewer(msgspec.Struct, frozen=True):
    """Who looks at a room's files, with the role there; None for nobody of the room."""

    member_id: str
    role: RoomRole | None


_RANKS = "ARRAY['viewer', 'editor', 'manager']"


def visible(member: str, role: str) -> str:
    """SQL for the files that somebody may see; both are SQL, `role` for theirs in the file's room or null."""
    return f"""(
        {role} = '{RoomRole.MANAGER}'
        OR ({role} IS NOT NULL AND (NOT f.restricted OR f.created_by = {member}))
        OR EXISTS (
            SELECT FROM file_grants g WHERE g.file_id = f.id
                AND (g.until IS NULL OR g.until > clock_timestamp()) AND (
                    g.member_id = {member}
                    OR array_position({_RANKS}, g.role) <= array_position({_RANKS}, {role})
                )
        )
    )"""


async def get(tx: Connection | Unit, file_id: str) -> FileInfo | None:
    """One file, also of the trash."""
    return await fetch_one(
        tx,
        FileInfo,
        f"-- files.get\nSELECT {COLUMNS} FROM {SOURCE} WHERE f.id = $1",
        file_id,
    )


async def some(tx: Connection | Unit, file_ids: Collection[str]) -> dict[str, FileInfo]:
    """These files, by id; without those that are not there."""
    found = await fetch_all(
        tx,
        FileInfo,
        f"-- files.some\nSELECT {COLUMNS} FROM {SOURCE} WHERE f.id = ANY($1::uuid[])",
        list(file_ids),
    )
    return {file.id: file for file in found}


async def count(tx: Connection | Unit, room_id: str) -> int:
    """Files of a room, with those in its trash."""
    number: int = await tx.fetchval("-- files.count\nSELECT count(*) FROM files WHERE room_id = $1", room_id)
    return number


async def page(tx: Connection | Unit, query: FileList, viewer: Viewer) -> Page[FileInfo]:
    """Those that a viewer may see, sorted, then by id."""
    arguments: list[Any] = [
        *(query.room, viewer.member_id, viewer.role, query.trash, query.folder, query.task_id),
        *(query.run_id, query.kind, query.query),
    ]
    order = ORDERS[query.sort]
    after, sorting = pages.keyset(
        order, "f.id", cursor=query.cursor, descending=query.descending, arguments=arguments
    )
    found = await fetch_all(
        tx,
        FileInfo,
        f"""-- files.page
        SELECT {COLUMNS} FROM {SOURCE}
        WHERE f.room_id = $1 AND {visible("$2::uuid", "$3::text")} AND (f.purge_at IS NOT NULL) = $4
            AND ($5::text IS NULL OR f.folder = $5) AND ($6::uuid IS NULL OR f.task_id = $6)
            AND ($7::uuid IS NULL OR EXISTS (
                SELECT FROM file_versions made WHERE made.file_id = f.id AND made.run_id = $7
            ))
            AND ($8::text IS NULL OR a.kind = $8)
            AND ($9::text IS NULL OR strpos(lower(f.name), lower($9)) > 0)
            AND {after}
        {sorting} LIMIT ${len(arguments) + 1}
        """,  # noqa: S608 -- constants
        *arguments,
        query.limit + 1,
    )
    return pages.page(found, query.limit, lambda row: (order.value(row), row.id))


async def folders(
    tx: Connection | Unit, room_id: str, folder: str, viewer: Viewer, limit: int
) -> list[FolderInfo]:
    """The folders right in a folder, with what a viewer may see in them."""
    return await fetch_all(
        tx,
        FolderInfo,
        f"""-- files.folders
        SELECT $4 || split_part(substr(f.folder, length($4) + 1), '/', 1) AS path, count(*) AS files,
            sum(b.bytes)::bigint AS bytes, max(f.updated_at) AS updated_at
        FROM {SOURCE}
        WHERE f.room_id = $1 AND {visible("$2::uuid", "$3::text")} AND f.purge_at IS NULL
            AND starts_with(f.folder, $4) AND length(f.folder) > length($4)
        GROUP BY 1 ORDER BY lower($4 || split_part(substr(min(f.folder), length($4) + 1), '/', 1)), 1 LIMIT $5
        """,  # noqa: S608 -- constants
        room_id,
        viewer.member_id,
        viewer.role,
        f"{folder}/" if folder else "",
        limit,
    )


async def named(tx: Connection | Unit, room_id: str, folder: str, name: str) -> str | None:
    """The file that has this name in a folder; case makes no difference."""
    found: str | None = await tx.fetchval(
        """-- files.named
        SELECT id FROM files
        WHERE room_id = $1 AND folder = $2 AND lower(name) = lower($3) AND purge_at IS NULL
        """,
        room_id,
        folder,
        name,
    )
    return found


async def free_name(tx: Connection | Unit, room_id: str, folder: str, name: str) -> str:
    """The name, with a number if it is taken in the folder, as in `report (2).pdf`."""
    # Which names are the same is for the database to say, whose index decides.
    found: str = await tx.fetchval(
        """-- files.free_name
        WITH RECURSIVE tried (number, name) AS (
            SELECT 1, $3::text
            UNION ALL
            SELECT number + 1, left($4, 255 - length(format(' (%s)', number + 1) || $5))
                || format(' (%s)', number + 1) || $5
            FROM tried WHERE EXISTS (
                SELECT FROM files f WHERE f.room_id = $1 AND f.folder = $2
                    AND lower(f.name) = lower(tried.name) AND f.purge_at IS NULL
            )
        )
        SELECT name FROM tried ORDER BY number DESC LIMIT 1
        """,
        room_id,
        folder,
        name,
        *_stem(name),
    )
    return found


def _stem(name: str) -> tuple[str, str]:
    """A name without its number, and its ending."""
    found = re.fullmatch(r"(.+?)((?:\.[A-Za-z0-9]{1,10}){0,2})", name)
    assert found is not None
    stem, ending = found.groups()
    return re.sub(r" \(\d{1,6}\)$", "", stem) or stem, ending


async def insert(
    tx: Unit,
    file_id: str,
    room_id: str,
    *,
    folder: str,
    name: str,
    task_id: str | None,
    created_by: str,
    now: datetime,
) -> None:
    """A new file, whose first version follows. A taken name violates `files_name_key`."""
    await tx.execute(
        """-- files.insert
        INSERT INTO files (id, room_id, folder, name, task_id, number, created_by, created_at, updated_by,
            updated_at)
        VALUES ($1, $2, $3, $4, $5, 1, $6, $7, $6, $7)
        """,
        file_id,
        room_id,
        folder,
        name,
        task_id,
        created_by,
        now,
    )


async def update(tx: Unit, file: FileInfo, by: str, now: datetime) -> None:
    """Write where a file is, its name, newest version and state, and raise its version."""
    await tx.execute(
        """-- files.update
        UPDATE files SET version = version + 1, task_id = $2, folder = $3, name = $4, number = $5,
            restricted = $6, purge_at = $7, updated_by = $8, updated_at = $9
        WHERE id = $1
        """,
        file.id,
        file.task_id,
        file.folder,
        file.name,
        file.number,
        file.restricted,
        file.purge_at,
        by,
        now,
    )


async def delete(tx: Unit, file_id: str) -> None:
    """Remove a file with all its versions and grants."""
    await tx.execute("-- files.delete\nDELETE FROM files WHERE id = $1", file_id)


async def of_blob(tx: Connection | Unit, blob_id: str, limit: int) -> list[str]:
    """Files of which some version has a content, the newest first."""
    rows = await tx.fetch(
        """-- files.of_blob
        SELECT f.id FROM files f WHERE EXISTS (
            SELECT FROM file_versions v WHERE v.file_id = f.id AND v.blob_id = $1
        ) ORDER BY f.id DESC LIMIT $2
        """,
        blob_id,
        limit,
    )
    return [row["id"] for row in rows]


async def expired(
    tx: Connection | Pool, now: datetime, limit: int, after: str | None
) -> list[tuple[str, str]]:
    """Files whose time in the trash is over: rooms and files, by file."""
    rows = await tx.fetch(
        """-- files.expired
        SELECT room_id, id FROM files WHERE purge_at <= $1 AND ($3::uuid IS NULL OR id > $3)
        ORDER BY id LIMIT $2
        """,
        now,
        limit,
        after,
    )
    return [(row["room_id"], row["id"]) for row in rows]


async def forsake(tx: Connection | Pool, now: datetime, limit: int) -> bool:
    """Remove some files of projects whose time to be restored is over; whether there were any."""
    gone: int = await tx.fetchval(
        """-- files.forsake
        WITH gone AS (
            DELETE FROM files WHERE id IN (
                SELECT f.id FROM projects p JOIN files f ON f.room_id = p.id WHERE p.purge_at <= $1 LIMIT $2
            ) RETURNING id
        )
        SELECT count(*) FROM gone
        """,
        now,
        limit,
    )
    return gone > 0
