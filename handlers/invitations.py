"""Invitations: links that let one person in.

Invariant: nobody gives away more than they have: admins invite up to their own role, project managers only
guests into their project. `handlers.accounts.join` checks that again when the link is used.
"""

from datetime import datetime, timedelta

from msgspec import UNSET

from handlers import access
from handlers.accounts import may_invite
from handlers.dispatch import Context, handles
from persistence import invitations, members, pages
from persistence.ids import new_id, new_secret, secret_hash
from protocol.errors import ApiError, ErrorCode, invalid, limit_exceeded, not_found, stale
from protocol.fields import MAX_INVITATIONS, Page
from protocol.invitations import (
    MAX_INVITATION_HOURS,
    Invitation,
    InvitationCreate,
    InvitationCreated,
    InvitationGet,
    InvitationList,
    InvitationRemove,
    InvitationUpdate,
)
from protocol.roles import RoomRole, WorkspaceRole


@handles(InvitationCreate, WorkspaceRole.GUEST)
async def create_invitation(ctx: Context, command: InvitationCreate) -> InvitationCreated:
    """Make an invitation and its link."""
    project_role = await _project_role(ctx, command)
    if await invitations.count_open(ctx.tx) >= MAX_INVITATIONS:
        raise limit_exceeded("open invitations", MAX_INVITATIONS)
    secret = new_secret("ymi_")
    invitation = await invitations.insert(
        ctx.tx,
        new_id(),
        secret_hash(secret),
        role=command.role,
        email=command.email,
        project_id=command.project_id,
        project_role=project_role,
        created_by=ctx.actor.id,
        now=ctx.now,
        expires_at=ctx.now + timedelta(hours=command.expires_in_hours),
    )
    _check_rank(ctx, invitation)
    await _check_new(ctx, command.email)
    link = f"{ctx.tools.public_url}/invite#{secret}"
    return InvitationCreated(invitation=invitation, secret=secret, link=link)


@handles(InvitationGet, WorkspaceRole.GUEST)
async def get_invitation(ctx: Context, command: InvitationGet) -> Invitation:
    """One invitation: any, for admins; else one's own."""
    return await _own(ctx, command.invitation_id)


@handles(InvitationList, WorkspaceRole.GUEST)
async def list_invitations(ctx: Context, command: InvitationList) -> Page[Invitation]:
    """A page of the invitations: of all, for admins; else of one's own."""
    rows = await invitations.page(
        ctx.tx,
        command.limit + 1,
        pages.read_cursor(command.cursor, datetime),
        created_by=None if ctx.actor.role >= WorkspaceRole.ADMIN else ctx.actor.id,
        is_open=command.open,
    )
    return pages.page(rows, command.limit, lambda row: (row.created_at, row.id))


@handles(InvitationUpdate, WorkspaceRole.GUEST)
async def update_invitation(ctx: Context, command: InvitationUpdate) -> Invitation:
    """Change the role or the expiry, while nobody has used it."""
    invitation = await _unused(ctx, command.invitation_id)
    if invitation.version != command.version:
        raise stale("invitation", invitation)
    role = invitation.role if command.role is UNSET else command.role
    expires_at = invitation.expires_at
    if command.expires_at is not UNSET:
        expires_at = _checked(ctx, command.expires_at)
    if (role, expires_at) == (invitation.role, invitation.expires_at):
        return invitation
    updated = await invitations.update(ctx.tx, invitation.id, role=role, expires_at=expires_at)
    _check_rank(ctx, updated)
    return updated


@handles(InvitationRemove, WorkspaceRole.GUEST)
async def remove_invitation(ctx: Context, command: InvitationRemove) -> Invitation:
    """Withdraw an invitation that nobody has used."""
    invitation = await _unused(ctx, command.invitation_id)
    await invitations.remove(ctx.tx, invitation.id, ctx.now)
    return invitation


async def _project_role(ctx: Context, command: InvitationCreate) -> RoomRole | None:
    """What the newcomer will be in the project; ApiError unless the actor manages that."""
    if command.project_id is None:
        if command.project_role is not None:
            raise invalid("project_role: name the project too, in project_id.", "project_role")
        return None
    project, role = await access.any_project(ctx, command.project_id)
    if project.purge_at is not None:
        raise not_found("project")
    if role < RoomRole.MANAGER:
        raise ApiError(ErrorCode.FORBIDDEN, "Only its managers invite people into a project.")
    return command.project_role or RoomRole.EDITOR


def _check_rank(ctx: Context, invitation: Invitation) -> None:
    if not may_invite(ctx.actor.role, invitation):
        raise ApiError(
            ErrorCode.FORBIDDEN,
            "Admins invite, up to their own role; project managers invite guests into their project.",
        )


async def _check_new(ctx: Context, email: str | None) -> None:
    """ApiError `conflict` for the address of a member, for those who may know members' addresses."""
    if email is None or ctx.actor.role < WorkspaceRole.ADMIN:
        return
    if await members.account(ctx.tx, email) is not None:
        raise ApiError(ErrorCode.CONFLICT, "There is already an account with this email address.")


def _checked(ctx: Context, expires_at: datetime) -> datetime:
    if expires_at.tzinfo is None:
        raise invalid("expires_at: say the time zone too, as in 2030-01-31T12:00:00Z.", "expires_at")
    if not ctx.now < expires_at <= ctx.now + timedelta(hours=MAX_INVITATION_HOURS):
        days = MAX_INVITATION_HOURS // 24
        raise invalid(f"expires_at: must lie in the future, at most {days} days ahead.", "expires_at")
    return expires_at


async def _own(ctx: Context, invitation_id: str, *, lock: bool = False) -> Invitation:
    invitation = await invitations.get(ctx.tx, invitation_id, lock=lock)
    if invitation is None or (invitation.created_by != ctx.actor.id and ctx.actor.role < WorkspaceRole.ADMIN):
        raise not_found("invitation")
    return invitation


async def _unused(ctx: Context, invitation_id: str) -> Invitation:
    invitation = await _own(ctx, invitation_id, lock=True)
    if invitation.used_at is not None:
        raise ApiError(ErrorCode.CONFLICT, "This invitation was used already.", current=invitation)
    return invitation
