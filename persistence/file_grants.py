"""Who has access to a file besides those who have it by their room."""

from datetime import datetime

import msgspec

from persistence.database import Connection, Pool, fetch_all, fetch_one
from persistence.unit import Unit
from protocol.files import FileGrant
from protocol.roles import RoomRole

COLUMNS = "id, member_id, role, access, until, created_by, created_at"


class Granted(msgspec.Struct, frozen=True, kw_only=True):
    """Access to a file for a member, or for those with a role."""

    role: RoomRole | None
    access: RoomRole


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where a file is, and what a member was granted there; grants to roles are for whoever has them."""

    room_id: str
    task_id: str | None
    restricted: bool
    created_by: str
    trashed: bool
    grants: list[Granted]


async def standing(tx: Connection | Unit, file_id: str, member_id: str) -> Standing | None:
    """How a member stands to a file, but for the role in its room."""
    row = await tx.fetchrow(
        """-- file_grants.standing
        SELECT f.room_id, f.task_id, f.restricted, f.created_by, f.purge_at IS NOT NULL AS trashed,
            coalesce((
                SELECT json_agg(json_build_object('role', g.role, 'access', g.access))
                FROM file_grants g WHERE g.file_id = f.id AND (g.member_id = $2 OR g.role IS NOT NULL)
                    AND (g.until IS NULL OR g.until > clock_timestamp())
            ), '[]')::text AS grants
        FROM files f WHERE f.id = $1
        """,
        file_id,
        member_id,
    )
    if row is None:
        return None
    return msgspec.convert({**row, "grants": msgspec.json.decode(row["grants"])}, Standing)


async def of_file(tx: Connection | Unit, file_id: str) -> list[FileGrant]:
    """The grants of a file that are not over, oldest first."""
    return await fetch_all(
        tx,
        FileGrant,
        f"""-- file_grants.of_file
        SELECT {COLUMNS} FROM file_grants
        WHERE file_id = $1 AND (until IS NULL OR until > clock_timestamp()) ORDER BY created_at, id
        """,  # noqa: S608 -- constants
        file_id,
    )


async def put(tx: Unit, file_id: str, grant: FileGrant) -> FileGrant:
    """Grant access; one to the same member or role before is replaced, and keeps its id."""
    made = await fetch_one(
        tx,
        FileGrant,
        f"""-- file_grants.put
        INSERT INTO file_grants (id, file_id, member_id, role, access, until, created_by, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (file_id, member_id, role) DO UPDATE SET access = excluded.access, until = excluded.until,
            created_by = excluded.created_by, created_at = excluded.created_at
        RETURNING {COLUMNS}
        """,  # noqa: S608 -- constants
        grant.id,
        file_id,
        grant.member_id,
        grant.role,
        grant.access,
        grant.until,
        grant.created_by,
        grant.created_at,
    )
    assert made is not None
    return made


async def remove(tx: Unit, file_id: str, grant_id: str) -> FileGrant | None:
    """End a grant; None if the file has no such one."""
    return await fetch_one(
        tx,
        FileGrant,
        f"-- file_grants.remove\nDELETE FROM file_grants WHERE file_id = $1 AND id = $2 RETURNING {COLUMNS}",
        file_id,
        grant_id,
    )


async def prune(tx: Connection | Pool, now: datetime) -> None:
    """Remove grants that are over."""
    await tx.execute("-- file_grants.prune\nDELETE FROM file_grants WHERE until <= $1", now)
