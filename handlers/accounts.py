"""Making members: the one way in for registration, the command line and invitations."""

from datetime import datetime

from persistence import log, members, rooms
from persistence.database import Connection
from persistence.ids import new_id
from protocol.errors import limit_exceeded
from protocol.fields import MAX_MEMBERS
from protocol.members import Member, MemberAdded, MemberKind
from protocol.roles import RoomRole, WorkspaceRole
from protocol.rooms import LoggedEvent, RoomKind


async def admit(
    tx: Connection,
    workspace_id: str,
    *,
    name: str,
    role: WorkspaceRole,
    now: datetime,
    kind: MemberKind = MemberKind.PERSON,
    email: str | None = None,
    password_hash: str | None = None,
) -> tuple[Member, list[LoggedEvent]]:
    """A new member with its inbox; the events are to be published after commit.

    A taken address violates `members_email_key`.
    """
    if await members.count(tx) >= MAX_MEMBERS:
        raise limit_exceeded("members", MAX_MEMBERS)
    member_id = new_id()
    member = await members.insert(
        tx,
        member_id,
        kind=kind,
        name=name,
        role=role,
        email=email,
        password_hash=password_hash,
        now=now,
    )
    await rooms.insert(tx, member_id, RoomKind.INBOX, now=now, created_by=member_id)
    await rooms.put_member(tx, member_id, member_id, RoomRole.MANAGER, now)
    added = MemberAdded(member=member)
    return member, await log.record(tx, member_id, now, [(workspace_id, added, member_id)])
