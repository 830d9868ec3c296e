"""The workspace itself."""

from msgspec import UNSET

from handlers.dispatch import Context, handles
from persistence import members, workspace
from protocol.errors import stale
from protocol.roles import WorkspaceRole
from protocol.workspace import (
    Workspace,
    WorkspaceGet,
    WorkspaceUpdate,
    WorkspaceUpdated,
    WorkspaceView,
)


@handles(WorkspaceGet, WorkspaceRole.GUEST)
async def get_workspace(ctx: Context, _: WorkspaceGet) -> WorkspaceView:
    """The workspace, and who one is in it."""
    found = await workspace.current(ctx.tx)
    me = await members.get(ctx.tx, ctx.actor.id, email=True)
    assert me is not None
    return WorkspaceView(id=found.id, workspace=found, me=me)


@handles(WorkspaceUpdate, WorkspaceRole.ADMIN)
async def update_workspace(ctx: Context, command: WorkspaceUpdate) -> Workspace:
    """Change the fields that are given."""
    await ctx.lock((await workspace.current(ctx.tx)).id)
    found = await workspace.current(ctx.tx)
    if found.version != command.version:
        raise stale("workspace", found)
    name = found.name if command.name is UNSET else command.name
    description = found.description if command.description is UNSET else command.description
    if (name, description) == (found.name, found.description):
        return found
    updated = await workspace.update(ctx.tx, name, description)
    ctx.record(WorkspaceUpdated(workspace=updated), room=updated.id, entity=updated.id)
    return updated
