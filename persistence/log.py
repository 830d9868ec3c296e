"""The event log: each room's events, numbered without gaps in the order of their commits.

The order comes from the row lock on the room, held from before a seq is chosen until commit;
a PostgreSQL sequence would leave gaps and hand out numbers out of order.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg
import msgspec

from persistence.commands import Claim
from persistence.database import Connection, Pool
from persistence.unit import Unit
from protocol.fields import MAX_EVENT_BYTES, MAX_EVENTS
from protocol.registry import Event, event_name
from protocol.rooms import LoggedEvent

Pending = tuple[str, Event, str | None]
"""An event to record: its room, itself, and the id of the entity whose history it belongs to."""


class Entry(NamedTuple):
    """An event to append: who caused it (nobody: the server itself), and what `Pending` holds."""

    actor: str | None
    room: str
    event: Event
    entity: str | None


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """Successive events of a room as a JSON array, and the generation of the log that they are from."""

    count: int
    events: msgspec.Raw
    generation: str


async def lock(tx: Connection, rooms: Collection[str], *, wait: bool = True) -> dict[str, int]:
    """Lock these rooms' heads, in the order of their ids, and return them by room.

    Unless it may wait, LockNotAvailableError where somebody else holds one.
    """
    rows = await tx.fetch(
        f"""-- log.lock
        SELECT id, head_seq FROM rooms WHERE id = ANY($1::uuid[]) ORDER BY id
        FOR NO KEY UPDATE {"" if wait else "NOWAIT"}
        """,  # noqa: S608 -- constants
        list(rooms),
    )
    return {row["id"]: row["head_seq"] for row in rows}


async def record(
    tx: Connection, actor_id: str | None, at: datetime, pending: Sequence[Pending]
) -> list[LoggedEvent]:
    """Lock the rooms, number one actor's events in the order given, append them and return them."""
    heads = await lock(tx, {room for room, _, _ in pending}) if pending else {}
    return await append(tx, at, [Entry(actor_id, *each) for each in pending], heads)


async def append(
    tx: Connection,
    at: datetime,
    entries: Sequence[Entry],
    heads: Mapping[str, int],
    replies: Sequence[tuple[Claim, bytes]] = (),
) -> list[LoggedEvent]:
    """Number events in the order given, append them and return them; keep replies to their commands.

    `heads` are those of the rooms, which are locked.
    """
    if not entries and not replies:
        return []
    seqs = {entry.room: heads[entry.room] for entry in entries}
    events: list[LoggedEvent] = []
    for actor, room, event, _ in entries:
        seqs[room] += 1
        kind, data = event_name(type(event)), msgspec.to_builtins(event)
        events.append(LoggedEvent(room=room, seq=seqs[room], type=kind, at=at, actor=actor, data=data))
    await _write(tx, at, entries, seqs, events, replies)
    return events


async def _write(
    tx: Connection,
    at: datetime,
    entries: Sequence[Entry],
    seqs: Mapping[str, int],
    events: Sequence[LoggedEvent],
    replies: Sequence[tuple[Claim, bytes]],
) -> None:
    await tx.execute(
        """-- log.append
        WITH moved AS (
            UPDATE rooms SET head_seq = h.seq
            FROM unnest($2::uuid[], $3::bigint[]) AS h (id, seq) WHERE rooms.id = h.id
        ), answered AS (
            UPDATE commands SET reply = r.reply::json
            FROM unnest($4::uuid[], $5::uuid[], $6::text[]) AS r (actor, id, reply)
            WHERE commands.actor_id = r.actor AND commands.command_id = r.id
        )
        INSERT INTO events (room_id, seq, type, at, actor_id, entity_id, data)
        SELECT e.room, e.seq, e.type, $1, e.actor, e.entity, e.data::json
        FROM unnest($7::uuid[], $8::bigint[], $9::text[], $10::uuid[], $11::uuid[], $12::text[])
            AS e (room, seq, type, actor, entity, data)
        """,
        at,
        list(seqs),
        list(seqs.values()),
        [claim.actor_id for claim, _ in replies],
        [claim.command_id for claim, _ in replies],
        [reply.decode() for _, reply in replies],
        [event.room for event in events],
        [event.seq for event in events],
        [event.type for event in events],
        [event.actor for event in events],
        [entry.entity for entry in entries],
        [msgspec.json.encode(entry.event).decode() for entry in entries],
    )


async def read(
    tx: Connection | Pool, room: str, after_seq: int, limit: int = MAX_EVENTS
) -> list[LoggedEvent]:
    """Those of the `limit` events after `after_seq` that the log has, in order."""
    rows = await tx.fetch(
        """-- log.read
        SELECT room_id, seq, type, at, actor_id, data FROM events
        WHERE room_id = $1 AND seq > $2 AND seq <= $2 + $3::integer ORDER BY seq
        """,
        room,
        after_seq,
        limit,
    )
    return [logged(row) for row in rows]


async def stretch(tx: Connection | Pool, room: str, after_seq: int, limit: int) -> Stretch:
    """The events right after `after_seq`, as many as there are without a hole: `limit` and 4 MiB at most.

    One is given however large it is; none where the log no longer has the first. PostgreSQL writes the
    JSON, so that what many ask for at once is neither decoded nor encoded here; LIMIT has it do so once
    for each event.
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
                FROM events WHERE room_id = $1 AND seq > $2 AND seq <= $2 + $3::integer LIMIT $3
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


async def rewrite(tx: Connection | Unit, room: str, seq: int, event: Event) -> None:
    """Put another event of the same type in the place of one, where its content must not be kept."""
    data = msgspec.json.encode(event).decode()
    await tx.execute(
        "-- log.rewrite\nUPDATE events SET data = $3::json WHERE room_id = $1 AND seq = $2", room, seq, data
    )


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


async def ahead(pool: Pool, seqs: Mapping[str, int]) -> list[str]:
    """Those of the rooms whose newest seq is beyond the one given."""
    # The ids as text, which is encoded in C: there may be tens of thousands, every two seconds.
    rows = await pool.fetch(
        """-- log.ahead
        SELECT rooms.id FROM unnest($1::text[], $2::bigint[]) AS known (id, seq)
        JOIN rooms ON rooms.id = known.id::uuid WHERE rooms.head_seq > known.seq
        """,
        list(seqs),
        list(seqs.values()),
    )
    return [row["id"] for row in rows]


async def since(
    tx: Connection | Pool, room: str, entity: str, after_seq: int, limit: int
) -> list[LoggedEvent]:
    """Events about an entity, oldest first, from the log and from what it kept of its past."""
    rows = await tx.fetch(
        """-- log.since
        SELECT DISTINCT ON (seq) room_id, seq, type, at, actor_id, data FROM (
            (
                SELECT room_id, seq, type, at, actor_id, data FROM events
                WHERE room_id = $1 AND entity_id = $2 AND seq > $3 ORDER BY seq LIMIT $4
            ) UNION ALL (
                SELECT room_id, seq, type, at, actor_id, data FROM history
                WHERE room_id = $1 AND entity_id = $2 AND seq > $3 ORDER BY seq LIMIT $4
            )
        ) AS kept
        ORDER BY seq LIMIT $4
        """,
        room,
        entity,
        after_seq,
        limit,
    )
    return [logged(row) for row in rows]


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
