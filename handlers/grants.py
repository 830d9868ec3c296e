"""Access to projects that is for a time or for one task: what may be given, and how all access ends.

Invariant: whoever is out of a project is off its tasks and has no run in it.
"""

from handlers import changes, endings
from handlers.dispatch import Context
from persistence import agents, grants, rooms, tasks
from protocol.errors import invalid
from protocol.projects import ProjectSetMember
from protocol.roles import RoomRole
from protocol.rooms import MembershipRemoved, Participant, ParticipantRemoved
from protocol.tasks import OPEN

MOST = 100
"""Memberships that end between two looks."""


async def check(ctx: Context, grant: ProjectSetMember) -> None:
    """ApiError `invalid` for a grant that would be over at once, or is for what the project does not have."""
    if grant.until is not None and grant.until <= ctx.now:
        raise invalid("until: must be in the future; to end access, use project.remove_member.", "until")
    if grant.task_id is None:
        return
    if grant.role is RoomRole.MANAGER:
        raise invalid("role: who manages the project is not limited to one task of it.", "role")
    task = await tasks.get(ctx.tx, grant.task_id)
    if task is None or task.project_id != grant.project_id:
        raise invalid("task_id: the project has no task with this id.", "task_id")
    if task.status not in OPEN:
        raise invalid(f"task_id: this task is {task.status}; reopen it, or name another.", "task_id")


async def narrow(ctx: Context, project_id: str, before: Participant, after: Participant) -> None:
    """Take its runs from an agent that may do less than before."""
    if after.role < before.role or (after.task_id is not None and after.task_id != before.task_id):
        await _withdraw(ctx, project_id, after.id)


async def end(ctx: Context, project_id: str, member_id: str) -> None:
    """Take a member out of a project, off its tasks and, if it is an agent, from its runs."""
    await rooms.remove_member(ctx.tx, project_id, member_id)
    ctx.record(ParticipantRemoved(member_id=member_id), room=project_id)
    ctx.record(MembershipRemoved(room_id=project_id), room=member_id)
    await changes.unassign(ctx, project_id, member_id)
    await _withdraw(ctx, project_id, member_id)


async def expire(ctx: Context, project_id: str) -> None:
    """End memberships of a project whose time or task is over."""
    await ctx.lock(project_id)
    for member_id in await grants.over(ctx.tx, project_id, MOST):
        await end(ctx, project_id, member_id)


async def _withdraw(ctx: Context, project_id: str, member_id: str) -> None:
    if await agents.get(ctx.tx, member_id) is not None:
        await endings.withdraw(ctx, project_id, member_id)
