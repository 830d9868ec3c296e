"""Rooms and who is in them."""

from collections.abc import Collection
from datetime import datetime

import msgspec

from persistence.database import Connection, Pool, fetch_all, fetch_one
from protocol.members import Member
from protocol.roles import RoomRole, WorkspaceRole
from protocol.rooms import Membership, Participant, Room, RoomKind


class Entrance(msgspec.Struct, frozen=True, kw_only=True):
    """A room as one member stands to it."""

    id: str
    kind: RoomKind
    head_seq: int
    private: bool
    archived: bool
    role: RoomRole | None
    """From a membership; null without one."""
    read_seq: int | None
    workspace_role: WorkspaceRole
    active: bool
    member_id: str


async def lock_for(tx: Connection, room_id: str, member: Member) -> int | None:
    """Lock a room until commit and return its head; None for those who cannot have access.

    The condition is coarse and only spares strangers the lock; `entrance`, read after it, decides.
    """
    head: int | None = await tx.fetchval(
        """-- rooms.lock_for
        SELECT head_seq FROM rooms r
        WHERE id = $1 AND (
            kind = 'workspace' OR id = $2
            OR (kind = 'project' AND $3) OR (kind = 'channel' AND NOT private)
            OR EXISTS (SELECT FROM room_members m WHERE m.room_id = r.id AND m.member_id = $2)
        )
        FOR NO KEY UPDATE OF r
        """,
        room_id,
        member.id,
        member.role >= WorkspaceRole.ADMIN,
    )
    return head


async def entrances(tx: Connection, room_id: str, member_ids: Collection[str]) -> dict[str, Entrance]:
    """How members stand to a room, by member; empty if there is no such room."""
    found = await fetch_all(
        tx,
        Entrance,
        """-- rooms.entrances
        SELECT r.id, r.kind, r.head_seq, r.private, r.archived, rm.role, rm.read_seq,
            m.role AS workspace_role, m.active, m.id AS member_id
        FROM rooms r JOIN members m ON m.id = ANY($2::uuid[])
        LEFT JOIN room_members rm ON rm.room_id = r.id AND rm.member_id = m.id
        WHERE r.id = $1
        """,
        room_id,
        list(member_ids),
    )
    return {entrance.member_id: entrance for entrance in found}


async def insert(
    tx: Connection,
    room_id: str,
    kind: RoomKind,
    *,
    now: datetime,
    created_by: str | None,
    name: str = "",
    topic: str = "",
    private: bool = True,
    direct_key: str | None = None,
) -> None:
    """A new room with an empty log. A taken id violates `rooms_pkey`."""
    await tx.execute(
        """-- rooms.insert
        INSERT INTO rooms (id, kind, name, topic, private, direct_key, created_by, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        room_id,
        kind,
        name,
        topic,
        private,
        direct_key,
        created_by,
        now,
    )


async def get(tx: Connection | Pool, room_id: str) -> Room | None:
    return await fetch_one(
        tx,
        Room,
        """-- rooms.get
        SELECT id, version, kind, name, topic, private, archived, created_by, created_at
        FROM rooms WHERE id = $1
        """,
        room_id,
    )


async def put_member(
    tx: Connection, room_id: str, member_id: str, role: RoomRole, now: datetime
) -> Participant:
    """Add a member to a room, or give it another role there."""
    await tx.execute(
        """-- rooms.put_member
        INSERT INTO room_members (room_id, member_id, role, joined_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (room_id, member_id) DO UPDATE SET role = excluded.role
        """,
        room_id,
        member_id,
        role,
        now,
    )
    participant = await get_participant(tx, room_id, member_id)
    assert participant is not None
    return participant


async def remove_member(tx: Connection, room_id: str, member_id: str) -> None:
    await tx.execute(
        "-- rooms.remove_member\nDELETE FROM room_members WHERE room_id = $1 AND member_id = $2",
        room_id,
        member_id,
    )


async def get_participant(tx: Connection, room_id: str, member_id: str) -> Participant | None:
    return await fetch_one(
        tx,
        Participant,
        """-- rooms.get_participant
        SELECT m.id, m.name, m.kind, rm.role, rm.joined_at
        FROM room_members rm JOIN members m ON m.id = rm.member_id
        WHERE rm.room_id = $1 AND rm.member_id = $2
        """,
        room_id,
        member_id,
    )


async def participants(tx: Connection, room_id: str) -> list[Participant]:
    """Everyone in a room."""
    return await fetch_all(
        tx,
        Participant,
        """-- rooms.participants
        SELECT m.id, m.name, m.kind, rm.role, rm.joined_at
        FROM room_members rm JOIN members m ON m.id = rm.member_id WHERE rm.room_id = $1
        ORDER BY m.id
        """,
        room_id,
    )


async def memberships(tx: Connection, member_id: str, room_id: str | None = None) -> list[Membership]:
    """The rooms that a member is in, as its inbox shows them; or only the one asked for."""
    return await fetch_all(
        tx,
        Membership,
        """-- rooms.memberships
        SELECT r.id, r.kind, r.name, rm.role, rm.read_seq
        FROM room_members rm JOIN rooms r ON r.id = rm.room_id
        WHERE rm.member_id = $1 AND ($2::uuid IS NULL OR r.id = $2)
        ORDER BY r.id
        """,
        member_id,
        room_id,
    )
