"""How much a room may hold and a member may send, and how much of that is used.

Invariant: what is reserved for uploads under way counts as used, and reservations are made one after the
other, so that many uploads at once do not exceed a limit together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec import Struct

from persistence.database import Connection, Pool, fetch_one
from protocol.errors import ApiError, ErrorCode, limit_exceeded

WINDOW = timedelta(hours=24)
"""For which a member's sent bytes count."""
MAX_UNDER_WAY = 100
"""Unfinished uploads of one member, parts apart that are whole."""
MAX_WHOLE_PARTS = 1_000
"""Of one member, that are yet to be joined."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes that the settings allow."""

    room: int
    """In a room."""
    member: int
    """Sent by a member within 24 hours."""
    largest: int
    """Of one file."""


class Usage(Struct, frozen=True, kw_only=True):
    """Bytes of a room or a member."""

    used: int
    reserved: int
    """For uploads under way."""
    limit: int | None
    """Its own, in place of that of the settings."""

    def exceeds(self, more: int, otherwise: int) -> bool:
        """Whether so many more bytes are too many; `otherwise` is the limit of the settings."""
        return self.used + self.reserved + more > self.bound(otherwise)

    def bound(self, otherwise: int) -> int:
        """The limit that holds."""
        return otherwise if self.limit is None else self.limit


async def room(tx: Connection | Pool, room_id: str) -> Usage:
    """What a room's contents take, each once, and what is reserved for uploads to it."""
    usage = await fetch_one(
        tx,
        Usage,
        """-- quotas.room
        SELECT (SELECT coalesce(sum(bytes), 0)::bigint FROM blobs WHERE room_id = $1 AND refs > 0) AS used,
            (SELECT coalesce(sum(coalesce(length, greatest(received, expected))), 0)::bigint FROM uploads
                WHERE room_id = $1 AND file_id IS NULL) AS reserved,
            (SELECT bytes FROM quotas WHERE subject_id = $1) AS limit
        """,
        room_id,
    )
    assert usage is not None
    return usage


async def member(tx: Connection | Pool, member_id: str, now: datetime) -> Usage:
    """What a member has sent in the 24 hours before `now`, and what is still to come of uploads under way."""
    usage = await fetch_one(
        tx,
        Usage,
        """-- quotas.member
        SELECT (SELECT coalesce(sum(bytes), 0)::bigint FROM sent_bytes
                WHERE member_id = $1 AND hour > $2) AS used,
            (SELECT coalesce(sum(coalesce(length, greatest(received, expected)) - received), 0)::bigint
                FROM uploads WHERE member_id = $1 AND file_id IS NULL) AS reserved,
            (SELECT bytes FROM quotas WHERE subject_id = $1) AS limit
        """,
        member_id,
        now - WINDOW,
    )
    assert usage is not None
    return usage


async def set_limit(tx: Connection, subject_id: str, limit: int | None) -> None:
    """Give a room or a member a limit of its own, or that of the settings again."""
    await tx.execute(
        """-- quotas.set_limit
        WITH gone AS (DELETE FROM quotas WHERE subject_id = $1 AND $2::bigint IS NULL)
        INSERT INTO quotas (subject_id, bytes) SELECT $1, $2 WHERE $2 IS NOT NULL
        ON CONFLICT (subject_id) DO UPDATE SET bytes = excluded.bytes
        """,
        subject_id,
        limit,
    )


async def reserve(
    tx: Connection,
    limits: Limits,
    *,
    room_id: str | None,
    member_id: str,
    more: int,
    coming: int,
    new: bool,
    now: datetime,
) -> None:
    """See that so many more bytes fit, before a row reserves them; until commit nobody else does so.

    They are more in the room; `coming` are those that the member is yet to send, so none of whole parts. With
    `new` also that the member may have one more upload under way. ApiError `limit_exceeded` or
    `too_large` says what is full.
    """
    if more > limits.largest:
        message = f"The file is larger than the {limits.largest:,} bytes that this server takes."
        raise ApiError(ErrorCode.TOO_LARGE, message, limit=limits.largest)
    await _lock(tx, sorted(filter(None, [room_id, member_id])))
    if new:
        await _check_number(tx, member_id)
    sending = await member(tx, member_id, now)
    if sending.exceeds(coming, limits.member):
        raise _full("you may send in 24 hours", sending.bound(limits.member))
    if room_id is not None and (holding := await room(tx, room_id)).exceeds(more, limits.room):
        raise _full("may be in this room", holding.bound(limits.room))


async def prune(tx: Connection | Pool, now: datetime) -> None:
    """Forget what was sent before it counts."""
    await tx.execute("-- quotas.prune\nDELETE FROM sent_bytes WHERE hour < $1", now - 2 * WINDOW)


async def _lock(tx: Connection, subjects: Sequence[str]) -> None:
    # In one order, so that no two wait for each other. Not a room's row: its log would have to wait.
    await tx.execute(
        """-- quotas.lock
        SELECT pg_advisory_xact_lock(hashtextextended('quota:' || subject, 0))
        FROM unnest($1::text[]) WITH ORDINALITY AS given (subject, place) ORDER BY place
        """,
        subjects,
    )


async def _check_number(tx: Connection, member_id: str) -> None:
    row = await tx.fetchrow(
        """-- quotas.under_way
        SELECT count(*) FILTER (WHERE NOT whole) AS under_way, count(*) FILTER (WHERE whole) AS parts
        FROM (
            SELECT partial AND received IS NOT DISTINCT FROM length AS whole FROM uploads
            WHERE member_id = $1 AND file_id IS NULL
        ) unfinished
        """,
        member_id,
    )
    if row["under_way"] >= MAX_UNDER_WAY:
        raise limit_exceeded("uploads of a member under way; finish or end some", MAX_UNDER_WAY)
    if row["parts"] >= MAX_WHOLE_PARTS:
        raise limit_exceeded("whole parts of a member; join or end some", MAX_WHOLE_PARTS)


def _full(what: str, limit: int) -> ApiError:
    return ApiError(
        ErrorCode.LIMIT_EXCEEDED,
        f"This would be more than the {limit:,} bytes that {what}. Delete files or ask an administrator.",
        limit=limit,
        what="bytes",
    )
