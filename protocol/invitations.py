"""Invitations: links that let one person make an account here."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from protocol.fields import Cursor, Email, Id, Page, PageSize, Timestamp, Version
from protocol.registry import Command, Entity, Scope, command, query
from protocol.roles import RoomRole, WorkspaceRole


class Invitation(Entity):
    """A single-use, expiring invitation. Its secret is shown once, when it is made."""

    version: Version
    role: WorkspaceRole
    email: Email | None
    """If set, only an account with this address can use it."""
    project_id: Id | None
    """If set, the newcomer also becomes `project_role` in this project."""
    project_role: RoomRole | None
    created_by: Id
    created_at: Timestamp
    expires_at: Timestamp
    used_at: Timestamp | None
    used_by: Id | None


class InvitationCreated(Struct, frozen=True, kw_only=True):
    """The invitation and the link to send. The link holds the secret; it cannot be shown again."""

    invitation: Invitation
    secret: str
    link: str


MAX_INVITATION_HOURS = 24 * 30

Hours = Annotated[int, Meta(ge=1, le=MAX_INVITATION_HOURS)]


@command("invitation.create", scope=Scope.ADMIN, secret=True)
class InvitationCreate(Command[InvitationCreated]):
    """Make an invitation. Admins, for roles up to their own; project managers, for guests."""

    role: WorkspaceRole = WorkspaceRole.MEMBER
    email: Email | None = None
    project_id: Id | None = None
    project_role: RoomRole | None = None
    expires_in_hours: Hours = 72


@query("invitation.get", scope=Scope.ADMIN)
class InvitationGet(Command[Invitation]):
    """One invitation. Admins, and whoever made it."""

    invitation_id: Id


@query("invitation.list", scope=Scope.ADMIN)
class InvitationList(Command[Page[Invitation]]):
    """Invitations, newest first. Admins see all, others their own."""

    open: bool | None = None
    """True: those that can still be used; false: the rest; null: both."""
    cursor: Cursor | None = None
    limit: PageSize = 50


@command("invitation.update", scope=Scope.ADMIN)
class InvitationUpdate(Command[Invitation]):
    """Change the role or the expiry of an unused invitation."""

    invitation_id: Id
    version: Version
    role: WorkspaceRole | UnsetType = UNSET
    expires_at: Timestamp | UnsetType = UNSET


@command("invitation.remove", scope=Scope.ADMIN)
class InvitationRemove(Command[Invitation]):
    """Withdraw an invitation: its link stops working."""

    invitation_id: Id
