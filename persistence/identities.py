"""Identities' chains: what follows from each, and its links for whoever verifies them too."""

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec

from persistence.database import Connection, fetch_all, fetch_one
from persistence.unit import Unit

COLUMNS = "fp, member_id::text, in_force, seq, head, state"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """An identity as it is kept."""

    fp: bytes
    member_id: str
    in_force: bool
    seq: int
    head: bytes
    state: bytes


async def of_members(tx: Connection | Unit, member_ids: Collection[str]) -> list[Row]:
    """The identities in force of these members."""
    return await fetch_all(
        tx,
        Row,
        f"""-- identities.of_members
        SELECT {COLUMNS} FROM identities WHERE member_id = ANY($1::uuid[]) AND in_force ORDER BY member_id
        """,  # noqa: S608 -- constants
        list(member_ids),
    )


async def by_fp(tx: Connection | Unit, fps: Collection[bytes]) -> dict[bytes, Row]:
    """These identities, whether in force or given up."""
    found = await fetch_all(
        tx,
        Row,
        f"-- identities.by_fp\nSELECT {COLUMNS} FROM identities WHERE fp = ANY($1::bytea[])",
        list(fps),
    )
    return {row.fp: row for row in found}


async def locked(tx: Connection | Unit, member_id: str) -> Row | None:
    """The identity in force of a member, locked until commit; so is the member, for who has none yet."""
    await tx.execute(
        "-- identities.lock_member\nSELECT FROM members WHERE id = $1 FOR NO KEY UPDATE", member_id
    )
    return await fetch_one(
        tx,
        Row,
        f"""-- identities.locked
        SELECT {COLUMNS} FROM identities WHERE member_id = $1 AND in_force FOR UPDATE
        """,  # noqa: S608 -- constants
        member_id,
    )


async def insert(tx: Connection | Unit, row: Row, now: datetime) -> None:
    """A new identity. One that anybody has violates `identities_pkey`."""
    await tx.execute(
        """-- identities.insert
        INSERT INTO identities (fp, member_id, seq, head, state, created_at) VALUES ($1, $2, $3, $4, $5, $6)
        """,
        row.fp,
        row.member_id,
        row.seq,
        row.head,
        row.state,
        now,
    )


async def update(tx: Connection | Unit, row: Row) -> None:
    """Keep what follows from an identity's further links."""
    await tx.execute(
        "-- identities.update\nUPDATE identities SET seq = $2, head = $3, state = $4 WHERE fp = $1",
        row.fp,
        row.seq,
        row.head,
        row.state,
    )


async def add_links(tx: Connection | Unit, row: Row, links: Sequence[bytes], now: datetime) -> None:
    """Keep the last links of a chain, which end at the identity's `seq`."""
    await tx.execute(
        """-- identities.add_links
        INSERT INTO identity_links (fp, seq, link, at)
        SELECT $1, $2 + n - 1, link, $3 FROM unnest($4::bytea[]) WITH ORDINALITY AS t (link, n)
        """,
        row.fp,
        row.seq - len(links) + 1,
        now,
        list(links),
    )


async def give_up(tx: Connection | Unit, fp: bytes) -> None:
    """Let an identity no longer be its member's."""
    await tx.execute("-- identities.give_up\nUPDATE identities SET in_force = false WHERE fp = $1", fp)


async def links(tx: Connection | Unit, fp: bytes, after_seq: int, limit: int) -> list[bytes]:
    """Up to `limit` links after one of them, in order."""
    rows = await tx.fetch(
        """-- identities.links
        SELECT link FROM identity_links WHERE fp = $1 AND seq > $2 ORDER BY seq LIMIT $3
        """,
        fp,
        after_seq,
        limit,
    )
    return [row["link"] for row in rows]


async def sealed_rooms(tx: Connection | Unit, member_id: str) -> list[str]:
    """The sealed rooms that a member is in."""
    rows = await tx.fetch(
        """-- identities.sealed_rooms
        SELECT r.id FROM room_members m JOIN rooms r ON r.id = m.room_id
        WHERE m.member_id = $1 AND r.kind = 'sealed'
        """,
        member_id,
    )
    return [row["id"] for row in rows]
