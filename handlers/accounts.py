"""Accounts: how members come in, by registration, invitation or the command line, and how sign-ins end.

Not commands: these run in a transaction of the caller's, whose events are to be published after commit.
"""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Any

from persistence import invitations, log, members, projects, rooms, sessions, tokens, workspace
from persistence.database import Connection, Pool
from persistence.ids import new_id, new_secret, secret_hash
from protocol.errors import ApiError, ErrorCode, limit_exceeded
from protocol.fields import MAX_MEMBERS, MAX_ROOM_MEMBERS
from protocol.invitations import Invitation
from protocol.members import Member, MemberAdded, MemberKind
from protocol.roles import RoomRole, WorkspaceRole
from protocol.rooms import LoggedEvent, MembershipUpdated, ParticipantAdded, RoomKind
from protocol.sessions import SessionRevoked

End = Callable[[Connection, str, str, datetime], Awaitable[list[LoggedEvent]]]
"""`end_session` or `end_token`."""

MAX_SESSIONS = 100
"""Sign-ins of one member at a time; one more ends the one that was used longest ago."""


async def admit(
    tx: Connection, workspace_id: str, *, now: datetime, **fields: Any
) -> tuple[Member, list[LoggedEvent]]:
    """A new member, with the fields of `create`; the events are to be published after commit."""
    member, pending = await create(tx, workspace_id, now=now, **fields)
    return member, await log.record(tx, member.id, now, pending)


async def create(
    tx: Connection,
    workspace_id: str,
    *,
    name: str,
    role: WorkspaceRole,
    now: datetime,
    kind: MemberKind = MemberKind.PERSON,
    email: str | None = None,
    password_hash: str | None = None,
) -> tuple[Member, list[log.Pending]]:
    """A new member with its inbox, and the events to record of it.

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
    (own,) = await rooms.memberships(tx, member_id)
    return member, [
        (workspace_id, MemberAdded(member=member), member_id),
        (member_id, MembershipUpdated(membership=own), None),
    ]


async def open_set_up(tx: Connection) -> str | None:
    """While there is no account: a new secret that makes the first one, in place of any before it."""
    if await members.count(tx) > 0:
        return None
    secret = new_secret("yms_")
    await workspace.set_up_with(tx, secret_hash(secret))
    return secret


async def expect(pool: Pool, secret: str | None, email: str) -> str:
    """The secret, if it may be good; ApiError `forbidden` if it lets nobody in, or not this address.

    A cheap look ahead of the costly hashing of a password; `join` decides.
    """
    if secret is None:
        raise ApiError(
            ErrorCode.FORBIDDEN, "This takes an invitation; ask an admin of the workspace for a link."
        )
    if await members.count(pool) > 0:
        _for(await invitations.usable(pool, secret_hash(secret)), email)
    return secret


async def join(
    tx: Connection, secret: str, *, name: str, email: str, password_hash: str, now: datetime
) -> tuple[Member, list[LoggedEvent]]:
    """The member made with the secret of an invitation or of the set-up link, which is used up.

    ApiError `forbidden` for a secret that lets nobody in, or not this address.
    """
    here = await workspace.current(tx)
    newcomer = partial(admit, tx, here.id, name=name, email=email, password_hash=password_hash, now=now)
    digest = secret_hash(secret)
    if await workspace.claim_set_up(tx, digest):
        return await newcomer(role=WorkspaceRole.OWNER)
    invitation = _for(await invitations.usable(tx, digest, lock=True), email)
    inviter = await members.get(tx, invitation.created_by)
    if inviter is None or not inviter.active or not may_invite(inviter.role, invitation):
        raise _uninvited()
    member, events = await newcomer(role=invitation.role)
    await invitations.use(tx, invitation.id, member.id, now)
    return member, events + await _enter_project(tx, invitation, member, now)


def may_invite(inviter: WorkspaceRole, invitation: Invitation) -> bool:
    """Whether somebody of this role can still stand by an invitation they made."""
    if inviter >= WorkspaceRole.ADMIN:
        return invitation.role <= inviter
    return invitation.role is WorkspaceRole.GUEST and invitation.project_id is not None


async def _enter_project(
    tx: Connection, invitation: Invitation, member: Member, now: datetime
) -> list[LoggedEvent]:
    """Make the newcomer part of the project that the invitation names, if that is still there."""
    project_id, role = invitation.project_id, invitation.project_role
    if project_id is None or role is None:
        return []
    await log.lock(tx, [project_id])
    project = await projects.get(tx, project_id)
    if project is None or project.purge_at is not None:
        return []
    if await rooms.count_members(tx, project_id) >= MAX_ROOM_MEMBERS:
        raise limit_exceeded("members of a room", MAX_ROOM_MEMBERS)
    participant = await rooms.put_member(tx, project_id, member.id, role, now)
    (membership,) = await rooms.memberships(tx, member.id, project_id)
    pending: list[log.Pending] = [
        (project_id, ParticipantAdded(participant=participant), None),
        (member.id, MembershipUpdated(membership=membership), None),
    ]
    return await log.record(tx, member.id, now, pending)


async def end_session(tx: Connection, member_id: str, session_id: str, now: datetime) -> list[LoggedEvent]:
    """End one of a member's sign-ins; no events if there was none to end."""
    ended = await sessions.revoke(tx, member_id, session_id)
    return await _record_end(tx, member_id, [session_id] if ended else [], now)


async def end_token(tx: Connection, member_id: str, token_id: str, now: datetime) -> list[LoggedEvent]:
    """End one of a member's programs' tokens; no events if there was none to end."""
    ended = await tokens.revoke(tx, member_id, token_id)
    return await _record_end(tx, member_id, [token_id] if ended else [], now)


async def end_surplus(tx: Connection, member_id: str, now: datetime) -> list[LoggedEvent]:
    """End the sign-ins of a member beyond `MAX_SESSIONS`."""
    ended = await sessions.revoke_surplus(tx, member_id, MAX_SESSIONS)
    return await _record_end(tx, member_id, ended, now)


async def end_all_sessions(
    tx: Connection, member_id: str, now: datetime, *, but: str | None = None
) -> list[LoggedEvent]:
    """End all sign-ins of a member, or all but one, and none of its programs' tokens."""
    return await _record_end(tx, member_id, await sessions.revoke_all(tx, member_id, but=but), now)


async def _record_end(tx: Connection, member_id: str, ids: Iterable[str], now: datetime) -> list[LoggedEvent]:
    """Every node closes the connections of what ended as soon as it reads this in the inbox."""
    ended: list[log.Pending] = [(member_id, SessionRevoked(session_id=each), None) for each in ids]
    return await log.record(tx, member_id, now, ended)


def _for(invitation: Invitation | None, email: str) -> Invitation:
    if invitation is None:
        raise _uninvited()
    if invitation.email is not None and invitation.email.casefold() != email.casefold():
        raise ApiError(ErrorCode.FORBIDDEN, "This invitation is for another email address; use that one.")
    return invitation


def _uninvited() -> ApiError:
    return ApiError(
        ErrorCode.FORBIDDEN, "This link was used, withdrawn or has expired; ask for a new invitation."
    )
