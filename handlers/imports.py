"""Importing: many tasks made or changed in one go, by the rules that hold for one."""

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from handlers import access, changes, ranks
from handlers.changes import Edit
from handlers.dispatch import Context, handles
from persistence import tasks
from persistence.ids import new_id
from protocol.errors import invalid
from protocol.roles import RoomRole
from protocol.tasks import ImportedTask, ImportReport, Priority, Task, TaskImport, TaskStatus

PLAIN = ("title", "description", "status", "priority", "estimate", "due")
"""Fields that a task takes over as they are."""


@handles(TaskImport, RoomRole.EDITOR)
async def import_tasks(ctx: Context, command: TaskImport) -> ImportReport:
    """Make the tasks that the project does not have, and change those that differ."""
    project = await access.open_project(ctx, command.project_id)
    _check_distinct(command.tasks)
    known = await tasks.imported(ctx.tx, project.id, _named(command.tasks))
    await _check_assignees(ctx, project.id, command.tasks, known)
    before = [known.get(item.external_id) for item in command.tasks]
    places = iter(await ranks.at_end(ctx, project.id, before.count(None)))
    started = [
        task or _started(ctx, project.id, next(places), item)
        for task, item in zip(before, command.tasks, strict=True)
    ]
    ids = {name: task.id for name, task in known.items()}
    ids |= {item.external_id: task.id for item, task in zip(command.tasks, started, strict=True)}
    edits = [
        Edit(old, _filled(task, item, ids, f"tasks[{index}]"))
        for index, (old, task, item) in enumerate(zip(before, started, command.tasks, strict=True))
    ]
    await changes.apply(ctx, project.id, edits)
    return _report(edits)


def _check_distinct(items: Sequence[ImportedTask]) -> None:
    seen: dict[str, int] = {}
    for index, item in enumerate(items):
        first = seen.setdefault(item.external_id, index)
        if first != index:
            path = f"tasks[{index}].external_id"
            raise invalid(f"{path}: tasks[{first}] has the same; name each task once.", path)


def _named(items: Sequence[ImportedTask]) -> set[str]:
    """The external ids of these tasks and of those that they refer to."""
    names = {item.external_id for item in items}
    for item in items:
        if item.depends_on is not UNSET:
            names.update(item.depends_on)
        if isinstance(item.parent, str):
            names.add(item.parent)
    return names


async def _check_assignees(
    ctx: Context, project_id: str, items: Sequence[ImportedTask], known: dict[str, Task]
) -> None:
    added = {}
    for index, item in enumerate(items):
        task = known.get(item.external_id)
        for place, member_id in enumerate([] if item.assignees is UNSET else item.assignees):
            if task is None or member_id not in task.assignees:
                added[f"tasks[{index}].assignees[{place}]"] = member_id
    await changes.check_assignable(ctx, project_id, added)


def _started(ctx: Context, project_id: str, rank: str, item: ImportedTask) -> Task:
    """A new task, before its fields are filled in."""
    return changes.new_task(
        ctx,
        project_id,
        rank,
        id=new_id(),
        external_id=item.external_id,
        title="",
        description="",
        status=TaskStatus.TODO,
        priority=Priority.NONE,
        labels=[],
        estimate=None,
        due=None,
        parent_id=None,
        assignees=[],
    )


def _filled(task: Task, item: ImportedTask, ids: dict[str, str], path: str) -> Task:
    """The task with the fields that are given; `ids` are those of tasks by external id."""
    fields: dict[str, Any] = {name: getattr(item, name) for name in PLAIN}
    if item.labels is not UNSET:
        fields["labels"] = changes.distinct(item.labels)
    if item.assignees is not UNSET:
        fields["assignees"] = list(dict.fromkeys(item.assignees))
    if item.parent is not UNSET:
        fields["parent_id"] = item.parent and _id_of(ids, item.parent, f"{path}.parent")
    if item.depends_on is not UNSET:
        named = enumerate(item.depends_on)
        waits_for = {_id_of(ids, name, f"{path}.depends_on[{place}]") for place, name in named}
        fields["depends_on"] = sorted(waits_for)
    filled = replace(task, **{name: value for name, value in fields.items() if value is not UNSET})
    if not filled.title:
        raise invalid(f"{path}.title: a new task needs one.", f"{path}.title")
    return filled


def _id_of(ids: dict[str, str], external_id: str, path: str) -> str:
    if external_id not in ids:
        raise invalid(f"{path}: neither the project nor this import has a task «{external_id}».", path)
    return ids[external_id]


def _report(edits: Sequence[Edit]) -> ImportReport:
    names = [(edit, edit.after.external_id or "") for edit in edits]
    return ImportReport(
        created=[name for edit, name in names if edit.before is None],
        updated=[name for edit, name in names if edit.before is not None and edit.before != edit.after],
        unchanged=[name for edit, name in names if edit.before == edit.after],
    )
