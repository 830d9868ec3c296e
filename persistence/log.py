"""The event log: each room's events, numbered without gaps in the order of their commits.

The order comes from the row lock on the room, held from before a seq is chosen until commit;
a PostgreSQL sequence would leave gaps and hand out numbers out of order.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

import asyncpg
import msgspec

from persistence.database import Connection, Pool
from protocol.fields import MAX_EVENTS
from protocol.rooms import LoggedEvent


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """An event that has its seq and waits to be appended. `data` is the event's JSON."""

    room: str
    seq: int
    type: str
    entity_id: str | None
    data: bytes


async def lock(tx: Connection, rooms: Collection[str]) -> dict[str, int]:
    """Lock these rooms' heads, in the order of their ids, and return them by room."""
    rows = await tx.fetch(
        """-- log.lock
        SELECT id, head_seq FROM rooms WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE
        """,
        list(rooms),
    )
    return {row["id"]: row["head_seq"] for row in rows}


async def append(
    tx: Connection, actor_id: str | None, at: datetime, events: Collection[Recorded]
) -> None:
    """Write events of locked rooms and move the heads. Each room's seqs follow its head."""
    heads: dict[str, int] = {}
    for event in events:
        heads[event.room] = max(event.seq, heads.get(event.room, 0))
    await tx.execute(
        """-- log.append
        WITH moved AS (
            UPDATE rooms SET head_seq = h.seq
            FROM unnest($1::uuid[], $2::bigint[]) AS h (id, seq) WHERE rooms.id = h.id
        )
        INSERT INTO events (room_id, seq, type, at, actor_id, entity_id, data)
        SELECT e.room, e.seq, e.type, $3, $4, e.entity, e.data::json
        FROM unnest($5::uuid[], $6::bigint[], $7::text[], $8::uuid[], $9::text[])
            AS e (room, seq, type, entity, data)
        """,
        list(heads),
        list(heads.values()),
        at,
        actor_id,
        [event.room for event in events],
        [event.seq for event in events],
        [event.type for event in events],
        [event.entity_id for event in events],
        [event.data.decode() for event in events],
    )


async def read(
    tx: Connection | Pool, room: str, after_seq: int, limit: int = MAX_EVENTS
) -> list[LoggedEvent]:
    """Up to `limit` events after `after_seq`, in order."""
    rows = await tx.fetch(
        """-- log.read
        SELECT room_id, seq, type, at, actor_id, data FROM events
        WHERE room_id = $1 AND seq > $2 ORDER BY seq LIMIT $3
        """,
        room,
        after_seq,
        limit,
    )
    return [logged(row) for row in rows]


async def about(
    tx: Connection, room: str, entity_id: str, before_seq: int | None, limit: int
) -> list[LoggedEvent]:
    """Up to `limit` events that concern an entity, newest first, before `before_seq`."""
    rows = await tx.fetch(
        """-- log.about
        SELECT room_id, seq, type, at, actor_id, data FROM events
        WHERE room_id = $1 AND entity_id = $2 AND ($3::bigint IS NULL OR seq < $3)
        ORDER BY seq DESC LIMIT $4
        """,
        room,
        entity_id,
        before_seq,
        limit,
    )
    return [logged(row) for row in rows]


async def heads(tx: Connection | Pool, rooms: Iterable[str]) -> dict[str, int]:
    """The newest seq of each of these rooms."""
    rows = await tx.fetch(
        "-- log.heads\nSELECT id, head_seq FROM rooms WHERE id = ANY($1::uuid[])", list(rooms)
    )
    return {row["id"]: row["head_seq"] for row in rows}


def logged(row: asyncpg.Record) -> LoggedEvent:
    return LoggedEvent(
        room=row["room_id"],
        seq=row["seq"],
        type=row["type"],
        at=row["at"],
        actor=row["actor_id"],
        data=msgspec.json.decode(row["data"]),
    )
