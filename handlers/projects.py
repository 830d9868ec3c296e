"""Projects: making, changing, deleting and restoring them."""

from handlers.dispatch import Context, handles
from persistence import projects, rooms
from persistence.ids import new_id
from protocol.errors import limit_exceeded
from protocol.fields import MAX_PROJECTS
from protocol.projects import Project, ProjectCreate, ProjectCreated
from protocol.roles import RoomRole, WorkspaceRole
from protocol.rooms import MembershipUpdated, ParticipantAdded, RoomKind


@handles(ProjectCreate, WorkspaceRole.MEMBER)
async def create_project(ctx: Context, command: ProjectCreate) -> Project:
    """Make a project and its room, with the actor as manager."""
    if await projects.count(ctx.tx) >= MAX_PROJECTS:
        raise limit_exceeded("projects", MAX_PROJECTS)
    project_id = command.id or new_id()
    await rooms.insert(
        ctx.tx, project_id, RoomKind.PROJECT, now=ctx.now, created_by=ctx.actor.id, name=command.name
    )
    project = await projects.insert(
        ctx.tx,
        project_id,
        name=command.name,
        description=command.description,
        state=command.state,
        created_by=ctx.actor.id,
        now=ctx.now,
    )
    manager = await rooms.put_member(ctx.tx, project_id, ctx.actor.id, RoomRole.MANAGER, ctx.now)
    ctx.record(ProjectCreated(project=project), room=project_id, entity=project_id)
    ctx.record(ParticipantAdded(participant=manager), room=project_id)
    [membership] = await rooms.memberships(ctx.tx, ctx.actor.id, project_id)
    ctx.record(MembershipUpdated(membership=membership), room=ctx.actor.id)
    return project
