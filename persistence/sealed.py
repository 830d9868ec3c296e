"""Sealed rooms and what stands in them, for good and as the bytes that came.

The log of events holds the same for as long as it is kept; who reads from here misses nothing. The room is
locked by whoever adds to it.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from persistence.database import Connection, fetch_all, fetch_one
from persistence.unit import Unit
from protocol.fields import MAX_EVENT_BYTES
from protocol.sealed import Form, ItemKind


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """Where a sealed room stands; `commit_hash` names the state that its commits have led to."""

    room_ref: bytes
    form: Form
    cseq: int
    epoch: int
    commit_hash: bytes
    transcript: bytes
    created_by: str
    created_at: datetime


class Asked(NamedTuple):
    """What an envelope's header says of its place."""

    device_id: bytes
    client_id: bytes
    seen_seq: int
    entity_id: bytes


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What one envelope is held against, beside the room's state."""

    commit_hash: bytes
    transcript: bytes
    seen: bytes | None
    """The transcript where the sender says it stands; None if nothing stands there."""
    earlier: int | None
    """The seq at which the same client_id stands already."""
    version: int
    """Of the entity; 0 if it has none."""
    epoch: int
    ctr: int
    prev: bytes
    """Where the device stands: zeros if it said nothing yet."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """What stands at a seq."""

    seq: int
    kind: ItemKind
    body: bytes
    at: datetime
    actor_id: str | None


async def insert(
    tx: Connection | Unit, room_id: str, room_ref: bytes, form: Form, commit_hash: bytes, state: bytes
) -> None:
    """A new sealed room, of which nothing but the genesis is known."""
    await tx.execute(
        """-- sealed.insert
        INSERT INTO sealed_rooms (room_id, room_ref, form, cseq, epoch, commit_hash, transcript, state)
        VALUES ($1, $2, $3, 0, 0, $4, $2, $5)
        """,
        room_id,
        room_ref,
        form,
        commit_hash,
        state,
    )


async def get(tx: Connection | Unit, room_id: str) -> Head | None:
    """Where a room stands."""
    return await fetch_one(
        tx,
        Head,
        """-- sealed.get
        SELECT s.room_ref, s.form, s.cseq, s.epoch, s.commit_hash, s.transcript,
            r.created_by::text, r.created_at
        FROM sealed_rooms s JOIN rooms r ON r.id = s.room_id WHERE s.room_id = $1
        """,
        room_id,
    )


async def state(tx: Connection | Unit, room_id: str) -> bytes:
    """What has followed from a room's commits."""
    found: bytes = await tx.fetchval(
        "-- sealed.state\nSELECT state FROM sealed_rooms WHERE room_id = $1", room_id
    )
    return found


async def count_made(tx: Connection | Unit, member_id: str) -> int:
    """How many sealed rooms a member has made."""
    number: int = await tx.fetchval(
        "-- sealed.count_made\nSELECT count(*) FROM rooms WHERE kind = 'sealed' AND created_by = $1",
        member_id,
    )
    return number


async def standings(tx: Connection | Unit, room_id: str, asked: Sequence[Asked]) -> list[Standing]:
    """What envelopes of these headers are held against, each by itself, in the order asked."""
    return await fetch_all(
        tx,
        Standing,
        # What stands at a seq or under an id is looked up, whatever the planner thinks of the table.
        """-- sealed.standings
        SELECT r.commit_hash, r.transcript,
            (SELECT i.transcript FROM sealed_items i WHERE i.room_id = $1 AND i.seq = a.seen_seq) AS seen,
            (SELECT i.seq FROM sealed_items i WHERE i.room_id = $1 AND i.client_id = a.client_id) AS earlier,
            coalesce((
                SELECT e.version FROM sealed_entities e WHERE e.room_id = $1 AND e.entity_id = a.entity_id
            ), 0) AS version,
            coalesce(c.epoch, 0) AS epoch, coalesce(c.ctr, 0) AS ctr,
            coalesce(c.prev, decode(repeat('00', 32), 'hex')) AS prev
        FROM sealed_rooms r
        CROSS JOIN unnest($2::bytea[], $3::bytea[], $4::bigint[], $5::bytea[])
            WITH ORDINALITY AS a (device_id, client_id, seen_seq, entity_id, number)
        LEFT JOIN sealed_cursors c ON c.room_id = $1 AND c.device_id = a.device_id
        WHERE r.room_id = $1 ORDER BY a.number
        """,
        room_id,
        [each.device_id for each in asked],
        [each.client_id for each in asked],
        [each.seen_seq for each in asked],
        [each.entity_id for each in asked],
    )


async def transcript(tx: Connection | Unit, room_id: str, seq: int) -> bytes | None:
    """The transcript at a seq; None if nothing stands there."""
    found: bytes | None = await tx.fetchval(
        "-- sealed.transcript\nSELECT transcript FROM sealed_items WHERE room_id = $1 AND seq = $2",
        room_id,
        seq,
    )
    return found


def add_envelope(
    tx: Unit,
    room_id: str,
    seq: int,
    body: bytes,
    *,
    transcript: bytes,
    actor_id: str,
    now: datetime,
    client_id: bytes,
    device_id: bytes,
    cursor: tuple[int, int, bytes],
    entity: tuple[bytes, int] | None,
    document_id: bytes | None,
    snapshot: bool,
) -> None:
    """Let an envelope stand at `seq`, with all that follows from it, before the next statement.

    `cursor` is the device's after it: its epoch, next ctr and last event; `entity` what it is about, with its
    new version.
    """
    tx.defer(
        """-- sealed.add_envelope
        WITH moved AS (
            UPDATE sealed_rooms SET transcript = $4 WHERE room_id = $1
        ), stands AS (
            INSERT INTO sealed_cursors (room_id, device_id, epoch, ctr, prev) VALUES ($1, $8, $9, $10, $11)
            ON CONFLICT (room_id, device_id) DO UPDATE SET epoch = $9, ctr = $10, prev = $11
        ), versioned AS (
            INSERT INTO sealed_entities (room_id, entity_id, version)
            SELECT $1, $12, $13 WHERE $12::bytea IS NOT NULL
            ON CONFLICT (room_id, entity_id) DO UPDATE SET version = $13
        )
        INSERT INTO sealed_items (
            room_id, seq, kind, body, transcript, actor_id, client_id, at, document_id, snapshot
        )
        VALUES ($1, $2, 'envelope', $3, $4, $5, $6, $7, $14, $15)
        """,
        room_id,
        seq,
        body,
        transcript,
        actor_id,
        client_id,
        now,
        device_id,
        *cursor,
        *(entity or (None, None)),
        document_id,
        snapshot,
    )


async def add_commit(
    tx: Connection | Unit,
    room_id: str,
    seq: int,
    body: bytes,
    *,
    transcript: bytes,
    actor_id: str,
    now: datetime,
    cseq: int,
    epoch: int,
    commit_hash: bytes,
    state: bytes,
) -> None:
    """Let a commit stand at `seq`, and the room be as it is after it."""
    await tx.execute(
        """-- sealed.add_commit
        WITH moved AS (
            UPDATE sealed_rooms SET cseq = $7, epoch = $8, commit_hash = $9, transcript = $4, state = $10
            WHERE room_id = $1
        )
        INSERT INTO sealed_items (room_id, seq, kind, body, transcript, actor_id, at)
        VALUES ($1, $2, 'commit', $3, $4, $5, $6)
        """,
        room_id,
        seq,
        body,
        transcript,
        actor_id,
        now,
        cseq,
        epoch,
        commit_hash,
        state,
    )


async def item(tx: Connection | Unit, room_id: str, seq: int) -> Item | None:
    """What stands at a seq."""
    found = await items(tx, room_id, seq - 1, 1)
    return found[0] if found else None


async def items(tx: Connection | Unit, room_id: str, after_seq: int, limit: int) -> list[Item]:
    """What stands after a seq, in order: `limit` and 4 MiB at most, but one however large it is."""
    return await fetch_all(
        tx,
        Item,
        """-- sealed.items
        SELECT seq, kind, body, at, actor_id::text FROM (
            SELECT *, sum(octet_length(body)) OVER (ORDER BY seq) AS bytes FROM (
                SELECT seq, kind, body, at, actor_id FROM sealed_items
                WHERE room_id = $1 AND seq > $2 ORDER BY seq LIMIT $3
            ) AS following
        ) AS counted
        WHERE bytes <= $4 OR seq = $2 + 1 ORDER BY seq
        """,
        room_id,
        after_seq,
        limit,
        MAX_EVENT_BYTES,
    )


async def envelopes(tx: Connection | Unit, room_id: str, seqs: Collection[int]) -> list[Item]:
    """Those of these seqs at which a whole envelope stands."""
    return await fetch_all(
        tx,
        Item,
        """-- sealed.envelopes
        SELECT seq, kind, body, at, actor_id::text FROM sealed_items
        WHERE room_id = $1 AND seq = ANY($2::bigint[]) AND kind = 'envelope' ORDER BY seq
        """,
        room_id,
        list(seqs),
    )


async def superseded(tx: Connection | Unit, room_id: str, document_id: bytes) -> list[Item]:
    """What stands of a document before its last snapshot but one, oldest first, up to 1,000."""
    return await fetch_all(
        tx,
        Item,
        """-- sealed.superseded
        SELECT seq, kind, body, at, actor_id::text FROM sealed_items
        WHERE room_id = $1 AND document_id = $2 AND kind = 'envelope' AND seq < (
            SELECT seq FROM sealed_items
            WHERE room_id = $1 AND document_id = $2 AND kind = 'envelope' AND snapshot
            ORDER BY seq DESC OFFSET 1 LIMIT 1
        )
        ORDER BY seq LIMIT 1000
        """,
        room_id,
        document_id,
    )


async def erase(tx: Connection | Unit, room_id: str, seq: int, stub: bytes) -> None:
    """Keep only the stub of an envelope."""
    await tx.execute(
        """-- sealed.erase
        UPDATE sealed_items SET kind = 'stub', body = $3 WHERE room_id = $1 AND seq = $2
        """,
        room_id,
        seq,
        stub,
    )
