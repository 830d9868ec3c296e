"""Changing tasks: the one way by which all commands write them, one or hundreds.

Here stand the rules that every change must keep, and what a change of some tasks records, at
them and at those that wait for them. The project's room is locked throughout, so what is read
here stays true until commit. Rules about the whole are checked after writing; a refusal undoes it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec.structs import replace

from handlers import access, endings
from handlers.dispatch import Context
from persistence import dependencies, runs, tasks
from protocol.errors import ApiError, ErrorCode, invalid, limit_exceeded
from protocol.fields import MAX_DEPENDENCIES, MAX_SUBTASK_DEPTH, MAX_TASKS, Change
from protocol.tasks import (
    OPEN,
    TASK_MOVES,
    Task,
    TaskBlocked,
    TaskBlockedChanged,
    TaskCreated,
    TaskStatus,
    TaskUpdated,
)

TRACKED = (
    *("title", "description", "status", "priority", "rank", "labels", "estimate", "due", "parent_id"),
    *("assignees", "depends_on", "blocked", "completed_at"),
)
"""The fields whose steps a task's history shows."""

NAMED_IN_CYCLE = 100
"""Tasks that the refusal of a longer circle names."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A task as it was, or None for a new one, and as it shall be."""

    before: Task | None
    after: Task


def new_task(ctx: Context, project_id: str, rank: str, **fields: Any) -> Task:
    """A task that waits for nothing, to be written by `apply`."""
    return Task(
        version=1,
        project_id=project_id,
        rank=rank,
        depends_on=[],
        blocked=False,
        comment_count=0,
        created_by=ctx.actor.id,
        created_at=ctx.now,
        updated_at=ctx.now,
        completed_at=None,
        **fields,
    )


async def apply(ctx: Context, project_id: str, edits: Sequence[Edit]) -> dict[str, Task]:
    """Write these edits, record what moved, and return the tasks by id, as they are now.

    An edit that moves nothing is no edit. ApiError where a rule is broken; an id or external id
    that is taken violates its constraint.
    """
    moved = [edit for edit in edits if edit.before is None or edit.before != edit.after]
    for edit in moved:
        _check(edit)
    await _check_count(ctx, project_id, moved)
    waiting = await _waiting(ctx, project_id, [edit.after.id for edit in moved if _turned(edit)])
    await _write(ctx, moved)
    written = await tasks.some_of(ctx.tx, project_id, {edit.after.id for edit in edits} | waiting.keys())
    for edit in moved:
        _record(ctx, edit.before, written[edit.after.id])
    edited = {edit.after.id for edit in moved}
    for task_id, before in waiting.items():
        if task_id not in edited:
            record_blocked(ctx, before, written[task_id])
    await _tell_runs(ctx, moved, waiting, written)
    return {edit.after.id: written[edit.after.id] for edit in edits}


async def unassign(ctx: Context, project_id: str, member_id: str) -> None:
    """Take a member off all tasks of a project."""
    edits = [
        Edit(task, replace(task, assignees=[other for other in task.assignees if other != member_id]))
        for task in await tasks.assigned(ctx.tx, project_id, member_id)
    ]
    await apply(ctx, project_id, edits)


def record_blocked(ctx: Context, before: Task, after: Task) -> None:
    """Tell that others made a task free, or blocked it, if so it is."""
    if before.blocked != after.blocked:
        told = TaskBlockedChanged(task=TaskBlocked(id=after.id, blocked=after.blocked))
        ctx.record(told, room=after.project_id, entity=after.id)


async def check_assignable(ctx: Context, project_id: str, references: Mapping[str, str]) -> None:
    """ApiError `invalid` names the path in `references` whose member has no access to the project."""
    admitted = set(await access.admitted(ctx, project_id, references.values()))
    for path, member_id in references.items():
        if member_id not in admitted:
            raise invalid(f"{path}: this is nobody in the project; add them to it first.", path)


async def present(ctx: Context, project_id: str, references: Mapping[str, str | None]) -> dict[str, Task]:
    """The project's tasks that are referred to, by id; `references` gives their ids by path.

    ApiError `invalid` names the path whose task the project does not have.
    """
    found = await tasks.some_of(ctx.tx, project_id, {id_ for id_ in references.values() if id_})
    for path, task_id in references.items():
        if task_id is not None and task_id not in found:
            raise invalid(f"{path}: the project has no task with this id.", path)
    return found


def distinct(labels: Sequence[str]) -> list[str]:
    """Labels in the order given, each once; case makes no difference."""
    kept: dict[str, str] = {}
    for label in labels:
        kept.setdefault(label.casefold(), label)
    return list(kept.values())


def _check(edit: Edit) -> None:
    before, after = edit.before, edit.after
    if len(after.depends_on) > MAX_DEPENDENCIES:
        raise limit_exceeded(f"tasks that «{after.title}» waits for", MAX_DEPENDENCIES)
    if before is None or before.status is after.status or after.status in TASK_MOVES[before.status]:
        return
    allowed = [status for status in TaskStatus if status in TASK_MOVES[before.status]]
    raise ApiError(
        ErrorCode.ILLEGAL_TRANSITION,
        f"«{before.title}» is {before.status} and cannot become {after.status}; "
        f"it can become {', '.join(allowed)}.",
        allowed=allowed,
        current=before,
    )


async def _tell_runs(
    ctx: Context, moved: Sequence[Edit], waiting: Mapping[str, Task], written: Mapping[str, Task]
) -> None:
    """Let what is done for tasks follow them: it starts once nothing blocks them, and ends with them."""
    before = dict(waiting) | {edit.before.id: edit.before for edit in moved if edit.before is not None}
    blocked = {
        task_id: written[task_id].blocked
        for task_id, task in before.items()
        if task.blocked != written[task_id].blocked
    }
    if blocked:
        await runs.set_blocked(ctx.tx, blocked)
    ended = [edit.after.id for edit in moved if _turned(edit) and edit.after.status not in OPEN]
    if ended:
        await endings.stop_for_tasks(ctx, ended, "Its task has ended.")


async def _check_count(ctx: Context, project_id: str, moved: Sequence[Edit]) -> None:
    made = sum(1 for edit in moved if edit.before is None)
    if made and await tasks.count(ctx.tx, project_id) + made > MAX_TASKS:
        raise limit_exceeded("tasks in a project", MAX_TASKS)


def _turned(edit: Edit) -> bool:
    """Whether the task ends or reopens, which those that wait for it must know."""
    return edit.before is not None and (edit.before.status in OPEN) != (edit.after.status in OPEN)


async def _waiting(ctx: Context, project_id: str, task_ids: Sequence[str]) -> dict[str, Task]:
    """The tasks that wait for any of these."""
    if not task_ids:
        return {}
    return await tasks.some_of(ctx.tx, project_id, await dependencies.waiting(ctx.tx, task_ids))


async def _write(ctx: Context, moved: Sequence[Edit]) -> None:
    stamped = [_stamped(ctx, edit) for edit in moved]
    made = [task for edit, task in zip(moved, stamped, strict=True) if edit.before is None]
    kept = [task for edit, task in zip(moved, stamped, strict=True) if edit.before is not None]
    if made:
        await tasks.insert(ctx.tx, made)
    if kept:
        await tasks.update(ctx.tx, kept)
    await _write_dependencies(ctx, moved)
    await _check_parents(ctx, moved)


def _stamped(ctx: Context, edit: Edit) -> Task:
    before, after = edit.before, edit.after
    completed_at = None
    if after.status is TaskStatus.DONE:
        completed_at = (before and before.completed_at) or ctx.now
    version = 1 if before is None else before.version + 1
    return replace(after, version=version, updated_at=ctx.now, completed_at=completed_at)


async def _write_dependencies(ctx: Context, moved: Sequence[Edit]) -> None:
    added, removed = [], []
    for edit in moved:
        old = set(edit.before.depends_on) if edit.before else set()
        new = set(edit.after.depends_on)
        added += [(edit.after.id, on) for on in sorted(new - old)]
        removed += [(edit.after.id, on) for on in sorted(old - new)]
    if removed:
        await dependencies.remove(ctx.tx, removed)
    if not added:
        return
    for task_id, on in added:
        if task_id == on:
            raise await _cycle(ctx, [task_id], "A task cannot wait for itself")
    await dependencies.add(ctx.tx, added)
    if circle := await dependencies.cycle(ctx.tx, added):
        raise await _cycle(ctx, circle, "These tasks would wait for each other")


async def _check_parents(ctx: Context, moved: Sequence[Edit]) -> None:
    placed = [
        edit.after.id
        for edit in moved
        if edit.after.parent_id and (edit.before is None or edit.before.parent_id != edit.after.parent_id)
    ]
    if not placed:
        return
    ways = await tasks.ancestors(ctx.tx, placed, 2 * MAX_SUBTASK_DEPTH)
    for task_id, way in ways.items():
        if task_id in way:
            circle = [task_id, *way[: way.index(task_id)]]
            raise await _cycle(ctx, circle, "These tasks would be subtasks of each other")
    if any(len(way) > MAX_SUBTASK_DEPTH for way in ways.values()):
        raise limit_exceeded("levels of subtasks", MAX_SUBTASK_DEPTH)


async def _cycle(ctx: Context, circle: list[str], problem: str) -> ApiError:
    titles = await tasks.titles(ctx.tx, circle[:NAMED_IN_CYCLE])
    named = [{"id": task_id, "title": titles[task_id]} for task_id in circle[:NAMED_IN_CYCLE]]
    shown = [f"«{task['title']}»" for task in named[:5]]
    way = " → ".join([*shown, *(["…"] if len(circle) > len(shown) else []), shown[0]])
    return ApiError(ErrorCode.CYCLE, f"{problem}: {way}.", cycle=named, length=len(circle))


def _record(ctx: Context, before: Task | None, after: Task) -> None:
    event: TaskCreated | TaskUpdated
    if before is None:
        event = TaskCreated(task=after)
    else:
        event = TaskUpdated(task=after, changes=changed(before, after, TRACKED))
    ctx.record(event, room=after.project_id, entity=after.id)


def changed(before: Any, after: Any, fields: Sequence[str]) -> list[Change]:
    """What moved between two states of an entity, field by field."""
    steps = [(field, getattr(before, field), getattr(after, field)) for field in fields]
    return [
        Change(field=field, before=msgspec.to_builtins(old), after=msgspec.to_builtins(new))
        for field, old, new in steps
        if old != new
    ]
