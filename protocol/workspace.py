"""The workspace: the one organisation that a server hosts."""

from msgspec import UNSET, UnsetType

from protocol.fields import Name, Text, Timestamp, Version
from protocol.members import Member
from protocol.registry import Command, Entity, Event, Scope, collection, command, event, put, query


@collection("workspaces")
class Workspace(Entity):
    """The organisation. Its room has its id and carries members and public channels."""

    version: Version
    name: Name
    description: Text
    created_at: Timestamp


class WorkspaceView(Entity):
    """The workspace together with who you are in it."""

    workspace: Workspace
    me: Member


@query("workspace.get")
class WorkspaceGet(Command[WorkspaceView]):
    """The workspace, and your own member entity."""


@command("workspace.update", scope=Scope.ADMIN)
class WorkspaceUpdate(Command[Workspace]):
    """Rename or describe the workspace. Admins."""

    version: Version
    name: Name | UnsetType = UNSET
    description: Text | UnsetType = UNSET


@event("workspace.updated", put("workspaces", "workspace"))
class WorkspaceUpdated(Event):
    """The workspace has another name or description."""

    workspace: Workspace
