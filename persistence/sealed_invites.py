"""Invitations to sealed rooms, and who has answered them. Their secrets never come here."""

from datetime import datetime

import msgspec

from persistence.database import Connection, fetch_all, fetch_one
from persistence.unit import Unit
from protocol.sealed import Form

COLUMNS = (
    "i.id::text, i.room_id::text, s.room_ref, s.form, i.created_by::text, i.created_at, i.expires_at, i.uses"
)


class Invite(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation that is neither over nor used up."""

    id: str
    room_id: str
    room_ref: bytes
    form: Form
    created_by: str
    created_at: datetime
    expires_at: datetime
    uses: int


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's answer to one."""

    id: str
    invite_id: str
    member_id: str
    fp: bytes
    proof: bytes
    at: datetime


async def insert(tx: Connection | Unit, invite: Invite) -> None:
    """A new invitation. A taken id violates `sealed_invites_pkey`."""
    await tx.execute(
        """-- sealed_invites.insert
        INSERT INTO sealed_invites (id, room_id, created_by, created_at, expires_at, uses)
        VALUES ($1, $2, $3, $4, $5, $6)
        """,
        invite.id,
        invite.room_id,
        invite.created_by,
        invite.created_at,
        invite.expires_at,
        invite.uses,
    )


async def get(tx: Connection | Unit, invite_id: str, *, ended: bool = False) -> Invite | None:
    """An invitation that still counts; with `ended` also one that is over or used up."""
    return await fetch_one(
        tx,
        Invite,
        f"""-- sealed_invites.get
        SELECT {COLUMNS} FROM sealed_invites i JOIN sealed_rooms s USING (room_id)
        WHERE i.id = $1 AND ($2 OR (i.uses > 0 AND i.expires_at > clock_timestamp()))
        """,  # noqa: S608 -- constants
        invite_id,
        ended,
    )


async def count(tx: Connection | Unit, room_id: str) -> int:
    """How many invitations of a room still count."""
    number: int = await tx.fetchval(
        """-- sealed_invites.count
        SELECT count(*) FROM sealed_invites
        WHERE room_id = $1 AND uses > 0 AND expires_at > clock_timestamp()
        """,
        room_id,
    )
    return number


async def answer(tx: Connection | Unit, request: Request) -> Request | None:
    """Keep an answer, which uses the invitation up by one; the same member's second one replaces its first.

    None if the invitation is over or used up.
    """
    return await fetch_one(
        tx,
        Request,
        """-- sealed_invites.answer
        WITH earlier AS (
            SELECT id FROM join_requests WHERE invite_id = $2 AND member_id = $3
        ), used AS (
            UPDATE sealed_invites SET uses = uses - CASE WHEN EXISTS (SELECT FROM earlier) THEN 0 ELSE 1 END
            WHERE id = $2 AND expires_at > clock_timestamp() AND (uses > 0 OR EXISTS (SELECT FROM earlier))
            RETURNING id
        )
        INSERT INTO join_requests AS kept (id, invite_id, member_id, fp, proof, at)
        SELECT $1, id, $3, $4, $5, $6 FROM used
        ON CONFLICT (invite_id, member_id) DO UPDATE SET fp = $4, proof = $5, at = $6
        RETURNING kept.id::text, kept.invite_id::text, kept.member_id::text, kept.fp, kept.proof, kept.at
        """,
        request.id,
        request.invite_id,
        request.member_id,
        request.fp,
        request.proof,
        request.at,
    )


async def requests(tx: Connection | Unit, room_id: str, limit: int) -> list[Request]:
    """Who waits to be added to a room, the longest waiting first."""
    return await fetch_all(
        tx,
        Request,
        """-- sealed_invites.requests
        SELECT q.id::text, q.invite_id::text, q.member_id::text, q.fp, q.proof, q.at
        FROM join_requests q JOIN sealed_invites i ON i.id = q.invite_id
        WHERE i.room_id = $1 ORDER BY q.at, q.id LIMIT $2
        """,
        room_id,
        limit,
    )


async def room_of(tx: Connection | Unit, request_id: str) -> str | None:
    """The room that a request is about."""
    found: str | None = await tx.fetchval(
        """-- sealed_invites.room_of
        SELECT i.room_id FROM join_requests q JOIN sealed_invites i ON i.id = q.invite_id WHERE q.id = $1
        """,
        request_id,
    )
    return found


async def dismiss(tx: Connection | Unit, request_id: str) -> None:
    """Forget a request."""
    await tx.execute("-- sealed_invites.dismiss\nDELETE FROM join_requests WHERE id = $1", request_id)


async def close(tx: Connection | Unit, invite_id: str) -> None:
    """Forget an invitation with all that answered it."""
    await tx.execute("-- sealed_invites.close\nDELETE FROM sealed_invites WHERE id = $1", invite_id)
