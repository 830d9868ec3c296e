"""Projects: making, changing, deleting and restoring them, and who is in them.

Invariant: a project has a manager among its members.
"""

from datetime import timedelta
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from handlers import access, changes, endings, grants
from handlers.dispatch import Context, handles
from handlers.memberships import check_known, check_space, enrol, tell_name
from persistence import pages, projects, rooms, runs
from persistence.ids import new_id
from protocol.errors import ApiError, ErrorCode, limit_exceeded, not_found, stale
from protocol.fields import DELETE_GRACE_DAYS, MAX_PROJECTS, Page
from protocol.projects import (
    PROJECT_MOVES,
    Project,
    ProjectCreate,
    ProjectCreated,
    ProjectDelete,
    ProjectGet,
    ProjectList,
    ProjectMembers,
    ProjectRemoveMember,
    ProjectRestore,
    ProjectSetMember,
    ProjectState,
    ProjectSummary,
    ProjectTransition,
    ProjectUpdate,
    ProjectUpdated,
)
from protocol.roles import RoomRole, WorkspaceRole
from protocol.rooms import Participant, RoomKind

TRACKED = ("name", "description", "state", "purge_at")
"""The fields whose steps a project's history shows."""


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
    ctx.record(ProjectCreated(project=project), room=project_id, entity=project_id)
    await enrol(ctx, project_id, ctx.actor.id, RoomRole.MANAGER)
    return project


@handles(ProjectGet, RoomRole.VIEWER)
async def get_project(ctx: Context, command: ProjectGet) -> Project:
    """One project."""
    return await access.project(ctx, command.project_id)


@handles(ProjectList, WorkspaceRole.GUEST)
async def list_projects(ctx: Context, command: ProjectList) -> Page[ProjectSummary]:
    """A page of the projects that one is in; of all, for workspace admins."""
    every = ctx.actor.role >= WorkspaceRole.ADMIN
    return await projects.page(ctx.tx, command, ctx.actor.id, ctx.now, every=every)


@handles(ProjectUpdate, RoomRole.MANAGER)
async def update_project(ctx: Context, command: ProjectUpdate) -> Project:
    """Change the fields that are given."""
    project = _current(await access.open_project(ctx, command.project_id), command.version)
    given = {"name": command.name, "description": command.description}
    return await _change(ctx, project, **{field: new for field, new in given.items() if new is not UNSET})


@handles(ProjectTransition, RoomRole.MANAGER)
async def transition_project(ctx: Context, command: ProjectTransition) -> Project:
    """Move a project to another state."""
    project = _current(await access.project(ctx, command.project_id), command.version)
    moves = PROJECT_MOVES[project.state]
    if command.state is not project.state and command.state not in moves:
        allowed = [state for state in ProjectState if state in moves]
        raise ApiError(
            ErrorCode.ILLEGAL_TRANSITION,
            f"The project is {project.state} and cannot become {command.state}; "
            f"it can become {', '.join(allowed)}.",
            allowed=allowed,
            current=project,
        )
    return await _change(ctx, project, state=command.state)


@handles(ProjectDelete, RoomRole.MANAGER)
async def delete_project(ctx: Context, command: ProjectDelete) -> Project:
    """Hide a project from all but its managers' list of deleted ones, and set when it goes for good."""
    project = _current(await access.project(ctx, command.project_id), command.version)
    # What waits stays, for the case that the project is restored; nothing of it starts.
    async for run in endings.going_on(ctx, await runs.at_work(ctx.tx, project.id)):
        await endings.stop(ctx, run, "The project was deleted.")
    return await _change(ctx, project, purge_at=ctx.now + timedelta(days=DELETE_GRACE_DAYS))


@handles(ProjectRestore, RoomRole.MANAGER)
async def restore_project(ctx: Context, command: ProjectRestore) -> Project:
    """Bring a deleted project back as it was."""
    project, _ = await access.any_project(ctx, command.project_id)
    if project.purge_at is not None and project.purge_at <= ctx.now:
        raise not_found("project")
    return await _change(ctx, project, purge_at=None)


@handles(ProjectMembers, RoomRole.VIEWER)
async def list_project_members(ctx: Context, command: ProjectMembers) -> Page[Participant]:
    """Who is in a project, by name."""
    await access.project(ctx, command.project_id)
    after = pages.read_cursor(command.cursor, str)
    rows = await rooms.participants(ctx.tx, command.project_id, command.limit + 1, after)
    return pages.page(rows, command.limit, lambda row: (row.name, row.id))


@handles(ProjectSetMember, RoomRole.MANAGER)
async def set_project_member(ctx: Context, command: ProjectSetMember) -> Participant:
    """Add a member of the workspace to a project, or change its role there and what that is limited to."""
    project = await access.project(ctx, command.project_id)
    await check_known(ctx, [command.member_id])
    present = await rooms.get_participant(ctx.tx, project.id, command.member_id)
    wanted = (command.role, command.until, command.task_id)
    if present is not None and wanted == (present.role, present.until, present.task_id):
        return present
    await grants.check(ctx, command)
    if present is None:
        await check_space(ctx, project.id)
    elif command.role is not RoomRole.MANAGER or command.until is not None:
        await _check_manager_remains(ctx, project.id, present)
    set_so = await enrol(
        ctx,
        project.id,
        command.member_id,
        command.role,
        until=command.until,
        task_id=command.task_id,
    )
    if present is not None:
        await grants.narrow(ctx, project.id, present, set_so)
    return set_so


@handles(ProjectRemoveMember, RoomRole.VIEWER)
async def remove_project_member(ctx: Context, command: ProjectRemoveMember) -> Participant:
    """Take a member out of a project and off its tasks. Others than oneself take a manager."""
    project, role = await access.any_project(ctx, command.project_id)
    if project.purge_at is not None:
        raise not_found("project")
    if command.member_id != ctx.actor.id and role < RoomRole.MANAGER:
        raise ApiError(ErrorCode.FORBIDDEN, "Only its managers take others out of a project.")
    present = await rooms.get_participant(ctx.tx, project.id, command.member_id)
    if present is None:
        raise not_found("member of the project")
    await _check_manager_remains(ctx, project.id, present)
    await grants.end(ctx, project.id, present.id)
    return present


def _current(project: Project, version: int | None) -> Project:
    if version is not None and version != project.version:
        raise stale("project", project)
    return project


async def _change(ctx: Context, before: Project, **fields: Any) -> Project:
    if replace(before, **fields) == before:
        return before
    after = await projects.update(ctx.tx, replace(before, **fields), ctx.now)
    steps = changes.changed(before, after, TRACKED)
    ctx.record(ProjectUpdated(project=after, changes=steps), room=after.id, entity=after.id)
    if after.name != before.name:
        await tell_name(ctx, after.id)
    return after


async def _check_manager_remains(ctx: Context, project_id: str, leaving: Participant) -> None:
    _, managers = await rooms.others(ctx.tx, project_id, leaving.id)
    if leaving.role is RoomRole.MANAGER and leaving.until is None and not managers:
        raise ApiError(
            ErrorCode.CONFLICT,
            "This is the project's last manager. Make another member manager first, "
            "with project.set_member, role «manager» and no end.",
        )
