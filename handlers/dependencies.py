"""What waits for what: letting tasks wait for others, and no longer."""

from msgspec.structs import replace

from handlers import access, changes
from handlers.changes import Edit
from handlers.dispatch import Context, handles
from protocol.roles import RoomRole
from protocol.tasks import Task, TaskDepend, TaskUndepend


@handles(TaskDepend, RoomRole.EDITOR)
async def depend(ctx: Context, command: TaskDepend) -> Task:
    """Let a task wait for others of its project; ApiError `cycle` names the circle it would close."""
    task = await access.task(ctx, command.task_id)
    wanted = _named(command)
    await changes.present(ctx, task.project_id, wanted)
    return await _wait_for(ctx, task, {*task.depends_on, *wanted.values()})


@handles(TaskUndepend, RoomRole.EDITOR)
async def undepend(ctx: Context, command: TaskUndepend) -> Task:
    """Let a task no longer wait for others."""
    task = await access.task(ctx, command.task_id)
    return await _wait_for(ctx, task, {*task.depends_on} - {*_named(command).values()})


def _named(command: TaskDepend | TaskUndepend) -> dict[str, str]:
    """The ids in `on` by their paths."""
    if isinstance(command.on, str):
        return {"on": command.on}
    return {f"on[{index}]": task_id for index, task_id in enumerate(command.on)}


async def _wait_for(ctx: Context, task: Task, others: set[str]) -> Task:
    edit = Edit(task, replace(task, depends_on=sorted(others)))
    return (await changes.apply(ctx, task.project_id, [edit]))[task.id]
