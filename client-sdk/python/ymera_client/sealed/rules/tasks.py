"""Tasks: making, changing, placing, assigning, discussing and deleting them, and what waits for what."""

from collections.abc import Mapping
from typing import Any

from ymera_client.fold import Plain
from ymera_client.sealed.rules import access, changes, endings, engaging, messages, ranks
from ymera_client.sealed.rules.about import About, Contents, Data, Fact, Means
from ymera_client.sealed.rules.changes import Edit, Laid
from ymera_client.sealed.rules.refusals import invalid, stale
from ymera_client.sealed.rules.rule import Rule

UPDATABLE = ("title", "description", "status", "priority", "labels", "estimate", "due", "parent_id")


def create(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Add a task at the place that its author chose, and let agents begin that it is assigned to."""
    _check_fields(contents, about, data)
    fields = {name: data[name] for name in (*UPDATABLE, "external_id")}
    fields |= {"labels": distinct(data["labels"]), "assignees": distinct(data["assignees"])}
    made = changes.new_task(about, data["id"], checked_rank(data["rank"], "rank"), **fields)
    return [
        *respaced(contents, about, data["ranks"], apart_from=made["id"]),
        *changes.apply(contents, about, [Edit(None, made)]),
        *engaging.engage(contents, about, made, [], data["runs"]),
    ]


def update(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Change the fields that are given."""
    task = _current(contents, about, data)
    fields = {name: data[name] for name in UPDATABLE if name in data}
    changes.present(contents, {"parent_id": fields.get("parent_id")})
    if "labels" in fields:
        fields["labels"] = distinct(fields["labels"])
    return _change(contents, about, task, fields)


def move(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Give a task another place, and another status if one is named."""
    task = _current(contents, about, data)
    fields = {"rank": checked_rank(data["rank"], "rank"), "status": data["status"] or task["status"]}
    return [
        *respaced(contents, about, data["ranks"], apart_from=task["id"]),
        *_change(contents, about, task, fields),
    ]


def transition(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Move a task to another status."""
    task = _current(contents, about, data)
    return _change(contents, about, task, {"status": data["status"]})


def assign(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Set who does a task: agents begin that it was given to, and stop that no longer have it."""
    task = _current(contents, about, data)
    _check_assignable(contents, data["assignees"])
    given = {**task, "assignees": distinct(data["assignees"])}
    return [
        *changes.apply(contents, about, [Edit(task, given)]),
        *engaging.engage(contents, about, given, task["assignees"], data["runs"]),
    ]


def depend(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Let a task wait for others of its project; `cycle` names the circle it would close."""
    task = access.task(contents, about, data["task_id"])
    wanted = _named(data["on"])
    changes.present(contents, wanted)
    return _change(contents, about, task, {"depends_on": sorted({*task["depends_on"], *wanted.values()})})


def undepend(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Let a task no longer wait for others."""
    task = access.task(contents, about, data["task_id"])
    rest = {*task["depends_on"]} - {*_named(data["on"]).values()}
    return _change(contents, about, task, {"depends_on": sorted(rest)})


def comment(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Say something about a task."""
    task = access.task(contents, about, data["task_id"])
    return messages.say(contents, about, data["id"], data["text"], task_id=task["id"])


def delete(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Delete a task, free those that waited for it and hand its subtasks to its parent."""
    task = _current(contents, about, data)
    waiting = changes.waiting(contents, {task["id"]})
    subtasks = [each for each in contents.all("tasks") if each["parent_id"] == task["id"]]
    touched = {each["id"]: each for each in [*waiting, *sorted(subtasks, key=lambda each: str(each["id"]))]}
    edits = [Edit(each, _without(each, task)) for each in touched.values()]
    after = Laid(contents, {edit.after["id"]: edit.after for edit in edits})
    return [
        Fact("task.deleted", {"task_id": task["id"], "title": task["title"]}),
        *changes.apply(contents, about, edits),
        *changes.freed(after, waiting),
        *endings.stop_for_tasks(contents, about, [task["id"]], "Its task was deleted."),
    ]


def respaced(contents: Contents, about: About, places: list[Plain], *, apart_from: str | None) -> list[Fact]:
    """Give the tasks around a place the ranks that its author chose for them; those that are gone, none."""
    edits: dict[str, Edit] = {}
    for index, place in enumerate(places):
        rank = checked_rank(place["rank"], f"ranks[{index}].rank")
        task = contents.get("tasks", place["id"])
        if task is not None and place["id"] != apart_from:
            edits[place["id"]] = Edit(task, {**task, "rank": rank})
    return changes.apply(contents, about, list(edits.values()))


def checked_rank(rank: str, path: str) -> str:
    """The rank; `invalid` if no other could be made beside it."""
    if not ranks.is_rank(rank):
        raise invalid(path, "must be a key of fractional indexing in base 62.")
    return rank


def distinct(values: list[str]) -> list[str]:
    """The values in the order given, each once."""
    return list(dict.fromkeys(values))


def distinct_labels(labels: list[str]) -> list[str]:
    """Labels in the order given, each once; case makes no difference.

    Only for authors: what is the same but for case depends on the version of Unicode.
    """
    kept: dict[str, str] = {}
    for label in labels:
        kept.setdefault(label.casefold(), label)
    return list(kept.values())


def _check_fields(contents: Contents, about: About, data: Data) -> None:
    """Refuse a new task that names what the project does not have."""
    access.open_project(contents, about, data["project_id"])
    _check_assignable(contents, data["assignees"])
    changes.present(contents, {"parent_id": data["parent_id"]})


def _without(task: Plain, gone: Plain) -> Plain:
    return {
        **task,
        "depends_on": [on for on in task["depends_on"] if on != gone["id"]],
        "parent_id": gone["parent_id"] if task["parent_id"] == gone["id"] else task["parent_id"],
    }


def _current(contents: Contents, about: About, data: Data) -> Plain:
    task = access.task(contents, about, data["task_id"])
    if data["version"] not in {None, task["version"]}:
        raise stale("task", task)
    return task


def _change(contents: Contents, about: About, task: Plain, fields: Mapping[str, Any]) -> list[Fact]:
    return changes.apply(contents, about, [Edit(task, {**task, **fields})])


def _check_assignable(contents: Contents, member_ids: list[str]) -> None:
    named = {f"assignees[{index}]": member_id for index, member_id in enumerate(member_ids)}
    changes.check_assignable(contents, named)


def _named(on: str | list[str]) -> dict[str, str | None]:
    """The ids in `on` by their paths."""
    if isinstance(on, str):
        return {"on": on}
    return {f"on[{index}]": key for index, key in enumerate(on)}


def fill_create(contents: Contents, about: About, data: Data, means: Means) -> Data:
    """An id, a place, labels of which no two are the same, and the runs that begin."""
    _check_fields(contents, about, data)
    filled = {**messages.with_id(contents, about, data, means), "labels": distinct_labels(data["labels"])}
    filled |= {"runs": engaging.ordered(contents, filled, [], means)}
    return _placed(filled, ranks.beside(contents, before=data["before"], after=data["after"]))


def fill_update(_contents: Contents, _about: About, data: Data, _means: Means) -> Data:
    """Labels of which no two are the same."""
    return {**data, "labels": distinct_labels(data["labels"])} if "labels" in data else data


def fill_move(contents: Contents, about: About, data: Data, _means: Means) -> Data:
    """A place."""
    task = _current(contents, about, data)
    return _placed(data, ranks.beside(contents, before=data["before"], after=data["after"], moving=task))


def fill_assign(contents: Contents, about: About, data: Data, means: Means) -> Data:
    """The runs that begin."""
    task = _current(contents, about, data)
    given = {**task, "assignees": data["assignees"]}
    return {**data, "runs": engaging.ordered(contents, given, task["assignees"], means)}


def _placed(data: Data, places: ranks.Places) -> Data:
    kept = {name: value for name, value in data.items() if name not in {"before", "after"}}
    return {**kept, "rank": places.ranks[0], "ranks": places.respaced}


RULES = {
    "task.create": Rule(create, entity="id", fill=fill_create),
    "task.update": Rule(update, entity="task_id", fill=fill_update),
    "task.move": Rule(move, entity="task_id", fill=fill_move),
    "task.transition": Rule(transition, entity="task_id"),
    "task.assign": Rule(assign, entity="task_id", fill=fill_assign),
    "task.depend": Rule(depend, entity="task_id"),
    "task.undepend": Rule(undepend, entity="task_id"),
    "task.comment": Rule(comment, entity="id", fill=messages.with_id),
    "task.delete": Rule(delete, entity="task_id"),
}
