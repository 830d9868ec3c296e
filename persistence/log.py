"""The event log: each room's events, numbered without gaps in the order of their commits.

The order comes from the row lock on the room, held from before a seq is chosen until commit;
a PostgreSQL sequence would leave gaps and hand out numbers out of order.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import asyncpg
import msgspec

from persistence.database import Connection, Pool
from protocol.fields import MAX_EVENT_BYTES, MAX_EVENTS
from protocol.registry import Event, event_name
from protocol.rooms import LoggedEvent

Pending = tuple[str, Event, str | None]
"""An event to record: its room, itself, and the id of the entity whose history it belongs to."""


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """Successive events of a room as a JSON array, and the generation of the log that they are from."""

    count: int
    events: msgspec.Raw
    generation: str


async def lock(tx: Connection, rooms: Collection[str]) -> dict[str, int]:
    """Lock these rooms' heads, in the order of their ids, and return them by room."""
    rows = await tx.fetch(
        """-- log.lock
        SELECT id, head_seq FROM rooms WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE
        """,
        list(rooms),
    )
    return {row["id"]: row["head_seq"] for row in rows}


async def record(
    tx: Connection, actor_id: str | None, at: datetime, pending: Sequence[Pending]
) -> list[LoggedEvent]:
    """Lock the rooms, number the events in the order given, append them and return them."""
    if not pending:
        return []
    heads = await lock(tx, {room for room, _, _ in pending})
    events: list[LoggedEvent] = []
    for room, event, _ in pending:
        heads[room] += 1
        events.append(
            LoggedEvent(
                room=room,
                seq=heads[room],
                type=event_name(type(event)),
                at=at,
                actor=actor_id,
                data=msgspec.to_builtins(event),
            )
        )
    await _append(tx, heads, events, [entity for _, _, entity in pending])
    return events


async def _append(
    tx: Connection,
    heads: dict[str, int],
    events: Sequence[LoggedEvent],
    entities: Sequence[str | None],
) -> None:
    await tx.execute(
        """-- log.record
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
        events[0].at,
        events[0].actor,
        [event.room for event in events],
        [event.seq for event in events],
        [event.type for event in events],
        list(entities),
        [msgspec.json.encode(event.data).decode() for event in events],
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


async def stretch(tx: Connection | Pool, room: str, after_seq: int, limit: int) -> Stretch:
    """The events right after `after_seq`, as many as there are without a hole: `limit` and 4 MiB at most.

    One is given however large it is; none where the log no longer has the first. PostgreSQL writes the
    JSON, so that what many ask for at once is neither decoded nor encoded here.
    """
    row = await tx.fetchrow(
        """-- log.stretch
        SELECT count(*) AS count, coalesce(string_agg(event, ',' ORDER BY seq), '') AS events,
            (SELECT generation FROM workspace) AS generation
        FROM (
            SELECT seq, event, row_number() OVER before AS n, sum(octet_length(event)) OVER before AS bytes
            FROM (
                SELECT seq, concat(
                    '{"room":"', room_id, '","seq":', seq, ',"type":"', type,
                    '","at":"', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                    '","actor":', coalesce('"' || actor_id || '"', 'null'), ',"data":', data, '}'
                ) AS event
                FROM events WHERE room_id = $1 AND seq > $2 ORDER BY seq LIMIT $3
            ) AS following
            WINDOW before AS (ORDER BY seq ROWS UNBOUNDED PRECEDING)
        ) AS counted
        WHERE seq = $2 + n AND (bytes <= $4 OR n = 1)
        """,
        room,
        after_seq,
        limit,
        MAX_EVENT_BYTES,
    )
    return Stretch(
        count=row["count"],
        events=msgspec.Raw(f"[{row['events']}]".encode()),
        generation=row["generation"],
    )


async def about(
    tx: Connection, room: str, entity_id: str, before_seq: int | None, limit: int
) -> list[LoggedEvent]:
    """Up to `limit` events that concern an entity, newest first, before `before_seq`.

    Also those that the log no longer has. One that is being moved to `history` is in both for a while.
    """
    rows = await tx.fetch(
        """-- log.about
        SELECT DISTINCT ON (seq) room_id, seq, type, at, actor_id, data FROM (
            (
                SELECT room_id, seq, type, at, actor_id, data FROM events
                WHERE room_id = $1 AND entity_id = $2 AND ($3::bigint IS NULL OR seq < $3)
                ORDER BY seq DESC LIMIT $4
            ) UNION ALL (
                SELECT room_id, seq, type, at, actor_id, data FROM history
                WHERE room_id = $1 AND entity_id = $2 AND ($3::bigint IS NULL OR seq < $3)
                ORDER BY seq DESC LIMIT $4
            )
        ) AS kept
        ORDER BY seq DESC LIMIT $4
        """,
        room,
        entity_id,
        before_seq,
        limit,
    )
    return [logged(row) for row in rows]


async def forget(tx: Connection, room: str) -> None:
    """Remove a room's log and its entities' history, before the room itself."""
    await tx.execute("-- log.forget\nDELETE FROM events WHERE room_id = $1", room)
    await tx.execute("-- log.forget_history\nDELETE FROM history WHERE room_id = $1", room)


async def heads(tx: Connection | Pool, rooms: Iterable[str]) -> dict[str, int]:
    """The newest seq of each of these rooms."""
    rows = await tx.fetch(
        "-- log.heads\nSELECT id, head_seq FROM rooms WHERE id = ANY($1::uuid[])", list(rooms)
    )
    return {row["id"]: row["head_seq"] for row in rows}


def logged(row: asyncpg.Record) -> LoggedEvent:
    """The event of a row with the columns of `read`."""
    return LoggedEvent(
        room=row["room_id"],
        seq=row["seq"],
        type=row["type"],
        at=row["at"],
        actor=row["actor_id"],
        data=msgspec.json.decode(row["data"]),
    )
