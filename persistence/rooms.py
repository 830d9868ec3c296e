"""Rooms and who is in them."""

from collections.abc import Collection
from datetime import datetime

import msgspec

from persistence.database import Connection, Pool, fetch_all, fetch_one
from protocol.errors import not_found
from protocol.members import Member
from protocol.roles import RoomRole, WorkspaceRole
from protocol.rooms import Membership, Participant, Room, RoomKind

COLUMNS = "r.id, r.version, r.kind, r.name, r.topic, r.private, r.archived, r.created_by, r.created_at"


class Entrance(msgspec.Struct, frozen=True, kw_only=True):
    """A room as one member stands to it."""

    id: str
    kind: RoomKind
    head_seq: int
    private: bool
    archived: bool
    """The channel or project is: it can be read, not changed."""
    deleted: bool
    """The project is, and can still be restored."""
    member_id: str
    active: bool
    workspace_role: WorkspaceRole
    role: RoomRole | None
    """From a membership that lasts; null without one."""
    task_id: str | None = None
    """The task that the membership is for alone."""


async def lock_for(tx: Connection, visits: Collection[tuple[str, Member]]) -> dict[str, int]:
    """Lock rooms until commit, in the order of their ids, and return the heads of those that are locked.

    Left out are rooms to which none of their visitors can have access. The condition is coarse and only
    spares strangers the lock; `entrances`, read after it, decides.
    """
    rows = await tx.fetch(
        """-- rooms.lock_for
        SELECT r.id, r.head_seq FROM rooms r
        WHERE r.id = ANY($1::uuid[]) AND EXISTS (
            SELECT FROM unnest($1::uuid[], $2::uuid[], $3::boolean[]) AS v (room, member, admin)
            WHERE v.room = r.id AND (
                r.kind = 'workspace' OR r.id = v.member
                OR (r.kind = 'project' AND v.admin) OR (r.kind = 'channel' AND NOT r.private)
                OR EXISTS (SELECT FROM room_members m WHERE m.room_id = r.id AND m.member_id = v.member)
            )
        )
        ORDER BY r.id FOR NO KEY UPDATE OF r
        """,
        [room_id for room_id, _ in visits],
        [member.id for _, member in visits],
        [member.role >= WorkspaceRole.ADMIN for _, member in visits],
    )
    return {row["id"]: row["head_seq"] for row in rows}


async def entrances(tx: Connection, visits: Collection[tuple[str, str]]) -> dict[tuple[str, str], Entrance]:
    """How members stand to rooms, by both; without those of which there is no room or no member."""
    found = await fetch_all(
        tx,
        Entrance,
        """-- rooms.entrances
        SELECT r.id, r.kind, r.head_seq, r.private,
            r.archived OR coalesce(p.state = 'archived', false) AS archived,
            p.purge_at IS NOT NULL AS deleted,
            m.id AS member_id, m.active, m.role AS workspace_role, rm.role, rm.task_id
        FROM unnest($1::uuid[], $2::uuid[]) AS v (room, member)
        JOIN rooms r ON r.id = v.room LEFT JOIN projects p ON p.id = r.id
        JOIN members m ON m.id = v.member
        LEFT JOIN room_members rm ON rm.room_id = r.id AND rm.member_id = m.id
            AND (rm.until IS NULL OR rm.until > clock_timestamp())
        """,
        [room_id for room_id, _ in visits],
        [member_id for _, member_id in visits],
    )
    return {(entrance.id, entrance.member_id): entrance for entrance in found}


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
) -> bool:
    """A new room with an empty log; False if there is one with this `direct_key` already.

    A taken id violates `rooms_pkey`, a public channel's taken name `rooms_channel_name_key`.
    """
    made: bool | None = await tx.fetchval(
        """-- rooms.insert
        INSERT INTO rooms (id, kind, name, topic, private, direct_key, created_by, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (direct_key) WHERE direct_key IS NOT NULL DO NOTHING RETURNING true
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
    return made is not None


async def get(tx: Connection | Pool, room_id: str) -> Room | None:
    """One room of any kind."""
    return await fetch_one(tx, Room, f"-- rooms.get\nSELECT {COLUMNS} FROM rooms r WHERE id = $1", room_id)


async def kind(tx: Connection | Pool, room_id: str) -> RoomKind | None:
    """Of which kind a room is; None if there is none."""
    found: str | None = await tx.fetchval("-- rooms.kind\nSELECT kind FROM rooms WHERE id = $1", room_id)
    return None if found is None else RoomKind(found)


async def get_direct(tx: Connection, direct_key: str) -> Room | None:
    """The conversation of exactly these members."""
    return await fetch_one(
        tx, Room, f"-- rooms.get_direct\nSELECT {COLUMNS} FROM rooms r WHERE direct_key = $1", direct_key
    )


async def public_channels(tx: Connection) -> list[Room]:
    """All public channels, archived ones included."""
    return await fetch_all(
        tx,
        Room,
        f"""-- rooms.public_channels
        SELECT {COLUMNS} FROM rooms r WHERE kind = 'channel' AND NOT private ORDER BY id
        """,  # noqa: S608 -- a constant
    )


async def listed(
    tx: Connection,
    member: Member,
    limit: int,
    *,
    query: str | None,
    kinds: Collection[str],
    joined: bool | None,
    archived: bool,
    after: tuple[str, str] | None,
) -> list[Room]:
    """Up to `limit` channels and conversations that a member may enter, by name, then id.

    Guests may enter those they are in. `after` is the name and id that the page before ended with.
    """
    name, room_id = after or (None, None)
    return await fetch_all(
        tx,
        Room,
        f"""-- rooms.listed
        SELECT {COLUMNS} FROM rooms r
        LEFT JOIN room_members rm ON rm.room_id = r.id AND rm.member_id = $1
        WHERE r.kind = ANY($2::text[]) AND r.archived = $3
            AND (rm.member_id IS NOT NULL OR (r.kind = 'channel' AND NOT r.private AND $4))
            AND ($5::boolean IS NULL OR (rm.member_id IS NOT NULL) = $5)
            AND ($6::text IS NULL OR strpos(lower(r.name), lower($6)) > 0)
            AND ($7::text IS NULL OR (r.name, r.id) > ($7, $8::uuid))
        ORDER BY r.name, r.id LIMIT $9
        """,  # noqa: S608 -- a constant
        member.id,
        list(kinds),
        archived,
        member.role >= WorkspaceRole.MEMBER,
        joined,
        query,
        name,
        room_id,
        limit,
    )


async def update(tx: Connection, room: Room) -> Room:
    """Write a channel's name, topic and `archived`, and raise its version.

    A taken name violates `rooms_channel_name_key`.
    """
    updated = await fetch_one(
        tx,
        Room,
        f"""-- rooms.update
        UPDATE rooms r SET name = $2, topic = $3, archived = $4, version = version + 1
        WHERE id = $1 RETURNING {COLUMNS}
        """,  # noqa: S608 -- a constant
        room.id,
        room.name,
        room.topic,
        room.archived,
    )
    assert updated is not None
    return updated


async def count_channels(tx: Connection) -> int:
    """How many channels there are, of any sort."""
    number: int = await tx.fetchval(
        "-- rooms.count_channels\nSELECT count(*) FROM rooms WHERE kind = 'channel'"
    )
    return number


async def count_directs(tx: Connection, member_id: str) -> int:
    """How many direct conversations a member has started."""
    number: int = await tx.fetchval(
        """-- rooms.count_directs
        SELECT count(*) FROM room_members rm JOIN rooms r ON r.id = rm.room_id
        WHERE rm.member_id = $1 AND r.kind = 'direct' AND r.created_by = $1
        """,
        member_id,
    )
    return number


async def put_member(
    tx: Connection,
    room_id: str,
    member_id: str,
    role: RoomRole,
    now: datetime,
    *,
    until: datetime | None = None,
    task_id: str | None = None,
) -> Participant:
    """Add a member to a room, or give it another role there; for a time or for one task, where that is given.

    What was said before a member came counts as read. ApiError `not_found` for a removed member.
    """
    # The lock waits for whoever is renaming or removing the member, and then sees what they did.
    participant = await fetch_one(
        tx,
        Participant,
        """-- rooms.put_member
        WITH put AS (
            INSERT INTO room_members (room_id, member_id, role, read_seq, joined_at, until, task_id)
            SELECT id, $2, $3, head_seq, $4, $5, $6 FROM rooms WHERE id = $1
            ON CONFLICT (room_id, member_id)
                DO UPDATE SET role = excluded.role, until = excluded.until, task_id = excluded.task_id
            RETURNING member_id, role, joined_at, until, task_id
        )
        SELECT m.id, m.name, m.kind, put.role, put.joined_at, put.until, put.task_id
        FROM put JOIN members m ON m.id = put.member_id AND m.active FOR KEY SHARE OF m
        """,
        room_id,
        member_id,
        role,
        now,
        until,
        task_id,
    )
    if participant is None:
        raise not_found("member")
    return participant


async def remove_member(tx: Connection, room_id: str, member_id: str) -> None:
    """End a membership."""
    await tx.execute(
        "-- rooms.remove_member\nDELETE FROM room_members WHERE room_id = $1 AND member_id = $2",
        room_id,
        member_id,
    )


async def get_participant(tx: Connection, room_id: str, member_id: str) -> Participant | None:
    """One member in a room."""
    return await fetch_one(
        tx,
        Participant,
        """-- rooms.get_participant
        SELECT m.id, m.name, m.kind, rm.role, rm.joined_at, rm.until, rm.task_id
        FROM room_members rm JOIN members m ON m.id = rm.member_id
        WHERE rm.room_id = $1 AND rm.member_id = $2
        """,
        room_id,
        member_id,
    )


async def participants(
    tx: Connection, room_id: str, limit: int | None = None, after: tuple[str, str] | None = None
) -> list[Participant]:
    """Those in a room by name, then id: all, or up to `limit` after a name and id."""
    name, member_id = after or (None, None)
    return await fetch_all(
        tx,
        Participant,
        """-- rooms.participants
        SELECT m.id, m.name, m.kind, rm.role, rm.joined_at, rm.until, rm.task_id
        FROM room_members rm JOIN members m ON m.id = rm.member_id
        WHERE rm.room_id = $1 AND ($2::text IS NULL OR (m.name, m.id) > ($2, $3::uuid))
        ORDER BY m.name, m.id LIMIT $4
        """,
        room_id,
        name,
        member_id,
        limit,
    )


async def entered(tx: Connection, member_id: str) -> list[str]:
    """The rooms that a member is in, but for its inbox, and for sealed rooms, where commits say who is in."""
    rows = await tx.fetch(
        """-- rooms.entered
        SELECT rm.room_id FROM room_members rm JOIN rooms r ON r.id = rm.room_id
        WHERE rm.member_id = $1 AND r.kind NOT IN ('inbox', 'sealed')
        """,
        member_id,
    )
    return [row["room_id"] for row in rows]


async def heir(tx: Connection, room_id: str) -> str | None:
    """Of a channel whose members have no manager, the one who has been there longest."""
    found: str | None = await tx.fetchval(
        """-- rooms.heir
        SELECT rm.member_id
        FROM rooms r JOIN room_members rm ON rm.room_id = r.id JOIN members m ON m.id = rm.member_id
        WHERE r.id = $1 AND r.kind = 'channel' AND m.active AND NOT EXISTS (
            SELECT FROM room_members other WHERE other.room_id = r.id AND other.role = 'manager'
        )
        ORDER BY rm.joined_at, rm.member_id LIMIT 1
        """,
        room_id,
    )
    return found


async def count_members(tx: Connection, room_id: str) -> int:
    """How many members a room has."""
    number: int = await tx.fetchval(
        "-- rooms.count_members\nSELECT count(*) FROM room_members WHERE room_id = $1", room_id
    )
    return number


async def others(tx: Connection, room_id: str, member_id: str) -> tuple[int, int]:
    """How many active members a room has besides this one, and how many of them manage it for good."""
    row = await tx.fetchrow(
        """-- rooms.others
        SELECT count(*) AS members,
            count(*) FILTER (WHERE rm.role = 'manager' AND rm.until IS NULL) AS managers
        FROM room_members rm JOIN members m ON m.id = rm.member_id
        WHERE rm.room_id = $1 AND rm.member_id <> $2 AND m.active
        """,
        room_id,
        member_id,
    )
    return row["members"], row["managers"]


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


async def memberships_in(tx: Connection, room_id: str) -> dict[str, Membership]:
    """The memberships of everyone in a room, by member, as their inboxes show them."""
    rows = await tx.fetch(
        """-- rooms.memberships_in
        SELECT rm.member_id, r.id, r.kind, r.name, rm.role, rm.read_seq
        FROM room_members rm JOIN rooms r ON r.id = rm.room_id WHERE r.id = $1
        """,
        room_id,
    )
    return {row["member_id"]: msgspec.convert(dict(row), Membership) for row in rows}


async def mark_read(tx: Connection, room_id: str, member_id: str, seq: int) -> bool:
    """Move a member's read marker forward to `seq`; False if it is there or further already."""
    moved: bool | None = await tx.fetchval(
        """-- rooms.mark_read
        UPDATE room_members SET read_seq = $3
        WHERE room_id = $1 AND member_id = $2 AND read_seq < $3 RETURNING true
        """,
        room_id,
        member_id,
        seq,
    )
    return moved is not None
