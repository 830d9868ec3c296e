"""Changing tasks: the one way by which all commands write them, one or hundreds.

Here stand the rules that every change must keep, and what a change of some tasks says, of them and of those
that wait for them. As on the server; what is derived comes from the contents and the changes laid over them.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ymera_client.fold import Plain
from ymera_client.generated import MAX_DEPENDENCIES, MAX_TASKS, TASK_MOVES, TaskStatus
from ymera_client.sealed.rules import access, endings, graph
from ymera_client.sealed.rules.about import About, Contents, Fact, raised
from ymera_client.sealed.rules.refusals import invalid, limit_exceeded, refusal, taken

TRACKED = (
    *("title", "description", "status", "priority", "rank", "labels", "estimate", "due", "parent_id"),
    *("assignees", "depends_on", "blocked", "completed_at"),
)
"""The fields whose steps a task's history shows."""
OPEN = frozenset({"backlog", "todo", "in_progress", "in_review"})
"""The statuses in which work remains."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A task as it was, or None for a new one, and as it shall be."""

    before: Plain | None
    after: Plain


@dataclass(frozen=True, slots=True)
class Laid:
    """Contents with tasks laid over them."""

    under: Contents
    tasks: dict[str, Plain]

    def get(self, collection: str, key: str) -> Plain | None:
        laid = self.tasks.get(key) if collection == "tasks" else None
        return laid or self.under.get(collection, key)

    def all(self, collection: str) -> Collection[Plain]:
        found = self.under.all(collection)
        if collection != "tasks":
            return found
        return {**{entity["id"]: entity for entity in found}, **self.tasks}.values()


def new_task(about: About, key: str, rank: str, **fields: Any) -> dict[str, Any]:
    """A task that waits for nothing, to be written by `apply`; `fields` are those that its author gives."""
    return {
        "id": key,
        "version": 0,
        "project_id": about.room,
        "rank": rank,
        "depends_on": [],
        "blocked": False,
        "comment_count": 0,
        "created_by": about.sender,
        "created_at": about.at,
        "updated_at": about.at,
        "completed_at": None,
        **fields,
    }


def apply(contents: Contents, about: About, edits: Sequence[Edit]) -> list[Fact]:
    """What these edits come to. An edit that moves nothing is no edit; refused where a rule is broken."""
    moved = [edit for edit in edits if edit.before != edit.after]
    for edit in moved:
        _check(edit)
    _check_new(contents, [edit.after for edit in moved if edit.before is None])
    after = Laid(contents, {edit.after["id"]: edit.after for edit in moved})
    graph.check_waits(after, [(edit.before, edit.after) for edit in moved])
    graph.check_parents(after, [(edit.before, edit.after) for edit in moved])
    facts = [_told(edit.before, _stamped(after, about, edit)) for edit in moved]
    turned = {edit.after["id"] for edit in moved if _turned(edit)}
    ended = [key for key in turned if after.tasks[key]["status"] not in OPEN]
    return [
        *facts,
        *freed(after, waiting(contents, turned, apart_from=after.tasks.keys())),
        *endings.stop_for_tasks(contents, about, ended, "Its task has ended."),
    ]


def waiting(contents: Contents, keys: set[str], apart_from: Collection[str] = ()) -> list[Plain]:
    """The tasks that wait for any of these, by id."""
    if not keys:
        return []
    found = [
        task
        for task in contents.all("tasks")
        if task["id"] not in apart_from and not keys.isdisjoint(task["depends_on"])
    ]
    return sorted(found, key=lambda task: str(task["id"]))


def freed(after: Contents, tasks: Iterable[Plain]) -> list[Fact]:
    """What the tasks that wait for others are told, if these have freed or blocked them."""
    return [
        Fact("task.blocked", {"task": {"id": task["id"], "blocked": not task["blocked"]}})
        for task in tasks
        if task["blocked"] != is_blocked(after, after.get("tasks", task["id"]) or task)
    ]


def is_blocked(contents: Contents, task: Plain) -> bool:
    """Whether one that the task waits for is still open."""
    others = (contents.get("tasks", key) for key in task["depends_on"])
    return any(other is not None and other["status"] in OPEN for other in others)


def unassigned(contents: Contents, about: About, member_id: str) -> list[Fact]:
    """What comes of a member's going, by a commit: it is taken off all tasks, and an agent's runs end."""
    assigned = [task for task in contents.all("tasks") if member_id in task["assignees"]]
    edits = [
        Edit(task, {**task, "assignees": [other for other in task["assignees"] if other != member_id]})
        for task in sorted(assigned, key=lambda task: str(task["id"]))
    ]
    return [*apply(contents, about, edits), *endings.withdrawn(contents, about, member_id)]


def check_assignable(contents: Contents, references: dict[str, str]) -> None:
    """`invalid` names the path in `references` whose member is not in the room."""
    for path, member_id in references.items():
        if not access.admitted(contents, [member_id]):
            raise invalid(path, "this is nobody in the project; add them to it first.")


def present(contents: Contents, references: dict[str, str | None]) -> None:
    """`invalid` names the path in `references` whose task the project does not have."""
    for path, key in references.items():
        if key is not None and contents.get("tasks", key) is None:
            raise invalid(path, "the project has no task with this id.")


def changed(before: Plain, after: Plain, fields: Iterable[str]) -> list[Plain]:
    """What moved between two states of an entity, field by field."""
    return [
        {"field": field, "before": before[field], "after": after[field]}
        for field in fields
        if before[field] != after[field]
    ]


def _check(edit: Edit) -> None:
    before, after = edit.before, edit.after
    if len(after["depends_on"]) > MAX_DEPENDENCIES:
        raise limit_exceeded(f"tasks that «{after['title']}» waits for", MAX_DEPENDENCIES)
    if before is None or before["status"] == after["status"]:
        return
    moves = TASK_MOVES[TaskStatus(before["status"])]
    if after["status"] in moves:
        return
    allowed = [str(status) for status in TaskStatus if status in moves]
    raise refusal(
        "illegal_transition",
        f"«{before['title']}» is {before['status']} and cannot become {after['status']}; "
        f"it can become {', '.join(allowed)}.",
        allowed=allowed,
        current=before,
    )


def _check_new(contents: Contents, made: Sequence[Plain]) -> None:
    if not made:
        return
    if len(contents.all("tasks")) + len(made) > MAX_TASKS:
        raise limit_exceeded("tasks in a project", MAX_TASKS)
    keys = [task["id"] for task in made]
    if len(set(keys)) < len(keys) or any(contents.get("tasks", key) is not None for key in keys):
        raise taken()
    names = {task["external_id"] for task in made} - {None}
    if names and any(task["external_id"] in names for task in contents.all("tasks")):
        raise refusal("conflict", "The project already has a task with this external id.")


def _turned(edit: Edit) -> bool:
    """Whether the task ends or reopens, which those that wait for it must know."""
    return edit.before is not None and (edit.before["status"] in OPEN) != (edit.after["status"] in OPEN)


def _stamped(after: Contents, about: About, edit: Edit) -> Plain:
    completed_at = None
    if edit.after["status"] == "done":
        completed_at = (edit.before and edit.before["completed_at"]) or about.at
    return {
        **edit.after,
        "version": raised(about, edit.before or edit.after),
        "updated_at": about.at,
        "completed_at": completed_at,
        "blocked": is_blocked(after, edit.after),
    }


def _told(before: Plain | None, after: Plain) -> Fact:
    if before is None:
        return Fact("task.created", {"task": after})
    return Fact("task.updated", {"task": after, "changes": changed(before, after, TRACKED)})
