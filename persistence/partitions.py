"""The event log's partitions: spans of time, made before they begin and dropped when their retention is over.

Invariant: an event can always be recorded, since the default partition takes what no other does; and an
event about an entity is in the log or in `history`. Every step can be repeated, so a node that dies in the
middle of one leaves nothing that the next does not mend.
"""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import asyncpg
import msgspec

from persistence.database import Connection, Pool, clock, fetch_all

LOCK_KEY = 0x594D4C4F47
"""Any fixed number but the migrations'; every node must use the same one."""
ATTEMPTS = 30
PAUSE_SECONDS = 2.0
COPY_SECONDS = 600.0
SHARE = 3
"""Partitions in a retention: few enough to read all at once, so many that little is kept for too long."""
NARROWEST = timedelta(hours=2)
"""Twice the time between two looks, so that the next partition is always there in time."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Span(msgspec.Struct, frozen=True):
    """A partition's name and the times it holds: from `start` to before `end`."""

    name: str
    start: datetime
    end: datetime


async def tend(pool: Pool, retention: timedelta) -> None:
    """Make the partitions that events will soon need, and drop those that are older than the retention.

    Does nothing while another node is at it. LockNotAvailableError if the log was in use at every try, for
    about a minute.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            async with pool.acquire() as tx:
                await _tend(tx, retention)
            return
        # Somebody works with the log for long, or a project was purged while its events were copied.
        except (asyncpg.LockNotAvailableError, asyncpg.ForeignKeyViolationError):
            if attempt == ATTEMPTS:
                raise
            await asyncio.sleep(PAUSE_SECONDS)


async def _tend(tx: Connection, retention: timedelta) -> None:
    if not await tx.fetchval("-- partitions.claim\nSELECT pg_try_advisory_lock($1)", LOCK_KEY):
        return
    try:
        now = await clock(tx)
        for span in missing(await spans(tx), now, width(retention)):
            await _make(tx, span)
        await _expire(tx, now - retention)
    finally:
        await tx.execute("-- partitions.release\nSELECT pg_advisory_unlock($1)", LOCK_KEY)


def width(retention: timedelta) -> timedelta:
    """How long a partition lasts, in whole hours."""
    hours = -(-retention // timedelta(hours=SHARE))
    return max(NARROWEST, timedelta(hours=hours))


def missing(known: Sequence[Span], now: datetime, width: timedelta) -> Iterator[Span]:
    """The partitions to be made, for now and one width ahead: aligned where others leave room for that."""
    at = now - (now - EPOCH) % width
    while at <= now + width:
        around = next((span for span in known if span.start <= at < span.end), None)
        if around is not None:
            at = around.end
            continue
        end = at - (at - EPOCH) % width + width
        end = min([end, *(span.start for span in known if span.start > at)])
        yield Span(f"events_{at:%Y%m%d_%H}", at, end)
        at = end


async def spans(tx: Connection | Pool) -> list[Span]:
    """The partitions there are, the default one aside, by time."""
    return await fetch_all(
        tx,
        Span,
        """-- partitions.spans
        SELECT name, coalesce(bounds[1]::timestamptz, '0001-01-01Z') AS start, bounds[2]::timestamptz AS "end"
        FROM (
            SELECT c.relname::text AS name, regexp_match(
                pg_get_expr(c.relpartbound, c.oid), $$FROM \\((?:'(.*)'|MINVALUE)\\) TO \\('(.*)'\\)$$
            ) AS bounds
            FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'events'::regclass
        ) AS partitions
        WHERE bounds IS NOT NULL ORDER BY "end"
        """,
    )


async def _make(tx: Connection, span: Span) -> None:
    """A new partition, with what the default one holds of its time."""
    async with tx.transaction():
        await _lock(tx)
        await tx.execute(f"-- partitions.make\nCREATE TABLE {span.name} (LIKE events INCLUDING ALL)")
        await tx.execute(
            f"""-- partitions.fill
            WITH moved AS (DELETE FROM events_default WHERE at >= $1 AND at < $2 RETURNING *)
            INSERT INTO {span.name} SELECT * FROM moved
            """,  # noqa: S608 -- a name made here
            span.start,
            span.end,
            timeout=COPY_SECONDS,
        )
        await tx.execute(
            f"""-- partitions.attach
            ALTER TABLE events ATTACH PARTITION {span.name}
            FOR VALUES FROM ('{span.start.isoformat()}') TO ('{span.end.isoformat()}')
            """
        )


async def _expire(tx: Connection, until: datetime) -> None:
    """Drop the partitions that end by then, and what the default one holds from before."""
    for span in await spans(tx):
        if span.end <= until:
            # First the copy, which may take long, then the lock, which must not.
            await _remember(tx, span.name, until)
            async with tx.transaction():
                await _lock(tx)
                await tx.execute(f"-- partitions.drop\nDROP TABLE {span.name}")
    async with tx.transaction():
        await _remember(tx, "events_default", until)
        await tx.execute("-- partitions.clear\nDELETE FROM events_default WHERE at < $1", until)


async def _lock(tx: Connection) -> None:
    """Keep everybody from the log until commit; LockNotAvailableError if that takes more than a moment.

    While this waits, so does everybody who comes after it.
    """
    await tx.execute("-- partitions.patience\nSET LOCAL lock_timeout = '200ms'")
    await tx.execute("-- partitions.lock\nLOCK TABLE events IN ACCESS EXCLUSIVE MODE")


async def _remember(tx: Connection, partition: str, until: datetime) -> None:
    """Copy the events about entities from before then to `history`, but for rooms that are gone."""
    await tx.execute(
        f"""-- partitions.remember
        INSERT INTO history (room_id, entity_id, seq, type, at, actor_id, data)
        SELECT e.room_id, e.entity_id, e.seq, e.type, e.at, e.actor_id, e.data
        FROM {partition} e JOIN rooms r ON r.id = e.room_id
        WHERE e.entity_id IS NOT NULL AND e.at < $1
        ON CONFLICT DO NOTHING
        """,  # noqa: S608 -- a name from the catalogue
        until,
        timeout=COPY_SECONDS,
    )
