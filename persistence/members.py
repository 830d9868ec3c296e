"""Members' rows. E-mail addresses are read only where the caller may see them."""

from collections.abc import Collection
from datetime import datetime

from persistence.database import Connection, Pool, fetch_all, fetch_one
from protocol.members import Member
from protocol.roles import WorkspaceRole

COLUMNS = "id, version, name, kind, role, NULL::text AS email, active, created_at"
WITH_EMAIL = "id, version, name, kind, role, email, active, created_at"


async def get(tx: Connection | Pool, member_id: str, *, email: bool = False) -> Member | None:
    """One member, removed ones included."""
    columns = WITH_EMAIL if email else COLUMNS
    return await fetch_one(
        tx,
        Member,
        f"-- members.get\nSELECT {columns} FROM members WHERE id = $1",
        member_id,
    )


async def all_of(tx: Connection) -> list[Member]:
    """Everyone, removed ones included."""
    return await fetch_all(tx, Member, f"-- members.all_of\nSELECT {COLUMNS} FROM members ORDER BY id")


async def known(tx: Connection, viewer: Member, ids: Collection[str]) -> set[str]:
    """Those of these members who are active and whom the viewer may know of.

    Guests know themselves and those they share a room with.
    """
    rows = await tx.fetch(
        """-- members.known
        SELECT id FROM members m WHERE id = ANY($1::uuid[]) AND active AND (
            NOT $2 OR id = $3 OR EXISTS (
                SELECT FROM room_members a JOIN room_members b USING (room_id)
                WHERE a.member_id = $3 AND b.member_id = m.id
            )
        )
        """,
        list(ids),
        viewer.role is WorkspaceRole.GUEST,
        viewer.id,
    )
    return {row["id"] for row in rows}


async def share_room(tx: Connection, one: str, other: str) -> bool:
    """Whether two members are in a room together."""
    shared: bool = await tx.fetchval(
        """-- members.share_room
        SELECT EXISTS (
            SELECT FROM room_members a JOIN room_members b USING (room_id)
            WHERE a.member_id = $1 AND b.member_id = $2
        )
        """,
        one,
        other,
    )
    return shared


async def insert(
    tx: Connection,
    member_id: str,
    *,
    kind: str,
    name: str,
    role: str,
    email: str | None,
    password_hash: str | None,
    now: datetime,
) -> Member:
    """A new member, without its inbox. A taken address violates `members_email_key`."""
    await tx.execute(
        """-- members.insert
        INSERT INTO members (id, kind, name, role, email, password_hash, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """,
        member_id,
        kind,
        name,
        role,
        email,
        password_hash,
        now,
    )
    member = await get(tx, member_id)
    assert member is not None
    return member


async def count(tx: Connection | Pool) -> int:
    """How many active members there are."""
    number: int = await tx.fetchval("-- members.count\nSELECT count(*) FROM members WHERE active")
    return number
