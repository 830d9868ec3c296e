"""Tasks: making, changing, placing, assigning, discussing and deleting them, and their lists."""

from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from handlers import access, changes, endings, messages, notifications, orders, ranks
from handlers.changes import Edit
from handlers.dispatch import Context, handles
from persistence import dependencies, log, pages, tasks
from persistence.ids import new_id
from protocol.errors import stale
from protocol.fields import Page
from protocol.inbox import NotificationKind
from protocol.messages import Message
from protocol.roles import RoomRole
from protocol.rooms import LoggedEvent
from protocol.tasks import (
    Task,
    TaskAssign,
    TaskComment,
    TaskCreate,
    TaskDelete,
    TaskDeleted,
    TaskGet,
    TaskHistory,
    TaskList,
    TaskMove,
    TaskTransition,
    TaskUpdate,
)

UPDATABLE = ("title", "description", "status", "priority", "labels", "estimate", "due", "parent_id")


@handles(TaskCreate, RoomRole.EDITOR)
async def create_task(ctx: Context, command: TaskCreate) -> Task:
    """Add a task; those assigned are told."""
    project = await access.open_project(ctx, command.project_id)
    assignees = await _assignable(ctx, project.id, command.assignees)
    await changes.present(ctx, project.id, {"parent_id": command.parent_id})
    rank = await ranks.place(ctx, project.id, before=command.before, after=command.after)
    fields = {field: getattr(command, field) for field in UPDATABLE}
    fields["labels"] = changes.distinct(command.labels)
    made = changes.new_task(
        ctx,
        project.id,
        rank,
        id=command.id or new_id(),
        assignees=assignees,
        external_id=command.external_id,
        **fields,
    )
    written = (await changes.apply(ctx, project.id, [Edit(None, made)]))[made.id]
    await _tell_assigned(ctx, [], written)
    await orders.engage(ctx, written, [])
    return written


@handles(TaskGet, RoomRole.VIEWER)
async def get_task(ctx: Context, command: TaskGet) -> Task:
    """One task."""
    return await access.task(ctx, command.task_id)


@handles(TaskList, RoomRole.VIEWER)
async def list_tasks(ctx: Context, command: TaskList) -> Page[Task]:
    """A page of a project's tasks."""
    await access.project(ctx, command.project_id)
    return await tasks.page(ctx.tx, command)


@handles(TaskUpdate, RoomRole.EDITOR)
async def update_task(ctx: Context, command: TaskUpdate) -> Task:
    """Change the fields that are given."""
    task = await _current(ctx, command.task_id, command.version)
    given = {field: getattr(command, field) for field in UPDATABLE}
    fields = {field: value for field, value in given.items() if value is not UNSET}
    await changes.present(ctx, task.project_id, {"parent_id": fields.get("parent_id")})
    if "labels" in fields:
        fields["labels"] = changes.distinct(fields["labels"])
    return await _change(ctx, task, **fields)


@handles(TaskMove, RoomRole.EDITOR)
async def move_task(ctx: Context, command: TaskMove) -> Task:
    """Give a task another place, and another status if one is named."""
    task = await _current(ctx, command.task_id, command.version)
    rank = await ranks.place(ctx, task.project_id, before=command.before, after=command.after, moving=task)
    return await _change(ctx, task, rank=rank, status=command.status or task.status)


@handles(TaskTransition, RoomRole.EDITOR)
async def transition_task(ctx: Context, command: TaskTransition) -> Task:
    """Move a task to another status."""
    task = await _current(ctx, command.task_id, command.version)
    return await _change(ctx, task, status=command.status)


@handles(TaskAssign, RoomRole.EDITOR)
async def assign_task(ctx: Context, command: TaskAssign) -> Task:
    """Set who does a task; those newly assigned are told."""
    task = await _current(ctx, command.task_id, command.version)
    assignees = await _assignable(ctx, task.project_id, command.assignees)
    assigned = await _change(ctx, task, assignees=assignees)
    await _tell_assigned(ctx, task.assignees, assigned)
    await orders.engage(ctx, assigned, task.assignees)
    return assigned


@handles(TaskComment, RoomRole.EDITOR)
async def comment_on_task(ctx: Context, command: TaskComment) -> Message:
    """Say something about a task, in its project's room."""
    task = await access.task(ctx, command.task_id)
    return await messages.send(ctx, task.project_id, command.text, message_id=command.id, task_id=task.id)


@handles(TaskDelete, RoomRole.EDITOR)
async def delete_task(ctx: Context, command: TaskDelete) -> Task:
    """Delete a task, free those that waited for it and hand its subtasks to its parent."""
    task = await _current(ctx, command.task_id, command.version)
    waiting = await tasks.some_of(ctx.tx, task.project_id, await dependencies.waiting(ctx.tx, [task.id]))
    subtasks = {subtask.id: subtask for subtask in await tasks.subtasks(ctx.tx, task.id)}
    edits = [
        Edit(
            before,
            replace(
                before,
                depends_on=[on for on in before.depends_on if on != task.id],
                parent_id=task.parent_id if before.parent_id == task.id else before.parent_id,
            ),
        )
        for before in (waiting | subtasks).values()
    ]
    ctx.record(TaskDeleted(task_id=task.id, title=task.title), room=task.project_id, entity=task.id)
    written = await changes.apply(ctx, task.project_id, edits)
    for before in waiting.values():
        changes.record_blocked(ctx, before, written[before.id])
    await endings.stop_for_tasks(ctx, [task.id], "Its task was deleted.")
    await tasks.delete(ctx.tx, task.id)
    return task


@handles(TaskHistory, RoomRole.VIEWER)
async def show_history(ctx: Context, command: TaskHistory) -> Page[LoggedEvent]:
    """What the log holds about a task, newest first."""
    task = await access.task(ctx, command.task_id)
    start = pages.read_cursor(command.cursor, int)
    events = await log.about(ctx.tx, task.project_id, task.id, start and start[0], command.limit + 1)
    return pages.page(events, command.limit, lambda event: (event.seq, event.room))


async def _current(ctx: Context, task_id: str, version: int | None) -> Task:
    task = await access.task(ctx, task_id)
    if version is not None and version != task.version:
        raise stale("task", task)
    return task


async def _change(ctx: Context, task: Task, **fields: Any) -> Task:
    written = await changes.apply(ctx, task.project_id, [Edit(task, replace(task, **fields))])
    return written[task.id]


async def _assignable(ctx: Context, project_id: str, member_ids: list[str]) -> list[str]:
    """These members, each once; ApiError `invalid` if one is not in the project."""
    named = {f"assignees[{index}]": member_id for index, member_id in enumerate(member_ids)}
    await changes.check_assignable(ctx, project_id, named)
    return list(dict.fromkeys(member_ids))


async def _tell_assigned(ctx: Context, before: list[str], task: Task) -> None:
    """The actor is not told of what it does itself."""
    added = [member for member in task.assignees if member not in before]
    await notifications.notify(
        ctx,
        added,
        NotificationKind.ASSIGNED,
        task.project_id,
        task_id=task.id,
        excerpt=task.title,
    )
