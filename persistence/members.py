"""Members' rows. E-mail addresses are read only where the caller may see them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from persistence.database import Connection, Pool, fetch_all, fetch_one
from protocol.members import Member, MemberList, MemberSort
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


async def some_of(tx: Connection, ids: Collection[str]) -> dict[str, Member]:
    """These members by id, removed ones included."""
    found = await fetch_all(
        tx,
        Member,
        f"-- members.some_of\nSELECT {COLUMNS} FROM members WHERE id = ANY($1::uuid[])",
        list(ids),
    )
    return {member.id: member for member in found}


async def acting(tx: Connection | Pool, member_id: str) -> tuple[datetime, Member | None]:
    """The database's time now and one member, removed ones included."""
    row = await tx.fetchrow(
        f"""-- members.acting
        SELECT now, {COLUMNS} FROM statement_timestamp() AS now LEFT JOIN members ON id = $1
        """,  # noqa: S608 -- constants
        member_id,
    )
    return row["now"], msgspec.convert(dict(row), Member) if row["id"] else None


async def all_of(tx: Connection) -> list[Member]:
    """Everyone, removed ones included."""
    return await fetch_all(tx, Member, f"-- members.all_of\nSELECT {COLUMNS} FROM members ORDER BY id")


async def known(tx: Connection, viewer: Member, ids: Collection[str]) -> set[str]:
    """Those of these members who are active and whom the viewer may know of.

    Guests know themselves and those they share a room with; agents also who answers for them.
    """
    rows = await tx.fetch(
        """-- members.known
        SELECT id FROM members m WHERE id = ANY($1::uuid[]) AND active AND (
            NOT $2 OR id = $3 OR EXISTS (
                SELECT FROM room_members a JOIN room_members b USING (room_id)
                WHERE a.member_id = $3 AND b.member_id = m.id
            ) OR EXISTS (SELECT FROM agents WHERE id = $3 AND owner_id = m.id)
        )
        """,
        list(ids),
        viewer.role is WorkspaceRole.GUEST,
        viewer.id,
    )
    return {row["id"] for row in rows}


class Account(NamedTuple):
    """What signing in takes."""

    member_id: str
    password_hash: str | None


async def account(tx: Connection | Pool, email: str) -> Account | None:
    """The account of an active member by its address, in any case."""
    row = await tx.fetchrow(
        """-- members.account
        SELECT id, password_hash FROM members WHERE lower(email) = lower($1) AND active
        """,
        email,
    )
    return None if row is None else Account(*row)


async def password_hash(tx: Connection | Pool, member_id: str) -> str | None:
    """What is stored of an active member's password."""
    stored: str | None = await tx.fetchval(
        "-- members.password_hash\nSELECT password_hash FROM members WHERE id = $1 AND active",
        member_id,
    )
    return stored


async def with_emails(tx: Connection, emails: Collection[str]) -> dict[str, str]:
    """The active members with these addresses, in any case: ids by address in lower case."""
    rows = await tx.fetch(
        """-- members.with_emails
        SELECT lower(m.email) AS email, m.id FROM members m JOIN unnest($1::text[]) AS given (email)
            ON lower(m.email) = lower(given.email)
        WHERE m.active
        """,
        list(emails),
    )
    return {row["email"]: row["id"] for row in rows}


async def first_owner(tx: Connection) -> str | None:
    """The active owner who has been here longest."""
    owner: str | None = await tx.fetchval(
        """-- members.first_owner
        SELECT id FROM members WHERE role = 'owner' AND active ORDER BY created_at, id LIMIT 1
        """
    )
    return owner


async def lock(tx: Connection, member_id: str) -> Member | None:
    """A member that is active, locked until commit, so that nobody adds it to a room meanwhile."""
    locked = await tx.fetchval(
        "-- members.lock\nSELECT true FROM members WHERE id = $1 AND active FOR UPDATE", member_id
    )
    return await get(tx, member_id) if locked else None


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


async def count_owners(tx: Connection) -> int:
    """How many active owners there are."""
    number: int = await tx.fetchval(
        "-- members.count_owners\nSELECT count(*) FROM members WHERE active AND role = 'owner'"
    )
    return number


async def page(
    tx: Connection,
    wanted: MemberList,
    after: tuple[Any, str] | None,
    *,
    sharing_with: str | None,
    email: bool,
) -> list[Member]:
    """Up to one more active member than `wanted.limit`, after a sort value and id.

    `sharing_with` leaves out all who share no room with that member.
    """
    column = "created_at" if wanted.sort is MemberSort.JOINED else "name"
    kind = "timestamptz" if wanted.sort is MemberSort.JOINED else "text"
    comparison, order = ("<", "DESC") if wanted.descending else (">", "ASC")
    return await fetch_all(
        tx,
        Member,
        f"""-- members.page
        SELECT {WITH_EMAIL if email else COLUMNS} FROM members
        WHERE active
            AND ($1::text IS NULL OR position(lower($1) IN lower(name)) > 0)
            AND ($2::text IS NULL OR role = $2)
            AND ($3::text IS NULL OR kind = $3)
            AND ($4::uuid IS NULL OR id IN (
                SELECT other.member_id
                FROM room_members mine JOIN room_members other USING (room_id) WHERE mine.member_id = $4
            ))
            AND ($5::{kind} IS NULL OR ({column}, id) {comparison} ($5, $6::uuid))
        ORDER BY {column} {order}, id {order} LIMIT $7
        """,  # noqa: S608 -- constants
        wanted.query,
        wanted.role,
        wanted.kind,
        sharing_with,
        None if after is None else after[0],
        None if after is None else after[1],
        wanted.limit + 1,
    )


async def update(tx: Connection, member_id: str, *, name: str, role: WorkspaceRole) -> Member:
    """Write both fields and raise the version."""
    await tx.execute(
        "-- members.update\nUPDATE members SET name = $2, role = $3, version = version + 1 WHERE id = $1",
        member_id,
        name,
        role,
    )
    return await _there(tx, member_id)


async def deactivate(tx: Connection, member_id: str) -> Member:
    """Make a member a former one: its name stays, its address is free again, its password is gone."""
    await tx.execute(
        """-- members.deactivate
        UPDATE members SET active = false, password_hash = NULL, version = version + 1 WHERE id = $1
        """,
        member_id,
    )
    return await _there(tx, member_id)


async def set_password(tx: Connection, member_id: str, password_hash: str) -> None:
    """Give a member another password."""
    await tx.execute(
        "-- members.set_password\nUPDATE members SET password_hash = $2 WHERE id = $1",
        member_id,
        password_hash,
    )


async def _there(tx: Connection, member_id: str) -> Member:
    member = await get(tx, member_id)
    assert member is not None
    return member
