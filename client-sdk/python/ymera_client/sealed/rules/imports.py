"""Importing: many tasks made or changed in one go, by the rules that hold for one."""

from collections.abc import Mapping, Sequence
from typing import Any

from ymera_client.fold import Plain
from ymera_client.sealed.rules import access, changes, ranks
from ymera_client.sealed.rules.about import About, Contents, Data, Fact, Means
from ymera_client.sealed.rules.changes import Edit, Laid
from ymera_client.sealed.rules.refusals import invalid
from ymera_client.sealed.rules.rule import Rule
from ymera_client.sealed.rules.tasks import checked_rank, distinct, distinct_labels, respaced

PLAIN = ("title", "description", "status", "priority", "estimate", "due")
"""Fields that a task takes over as they are."""


def import_tasks(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Make the tasks that the project does not have, and change those that differ."""
    access.open_project(contents, about, data["project_id"])
    items: list[Plain] = data["tasks"]
    _check_distinct(items)
    shifted = respaced(contents, about, data["ranks"], apart_from=None)
    after = Laid(contents, {fact.data["task"]["id"]: fact.data["task"] for fact in shifted})
    known = _imported(after)
    _check_assignees(after, items, known)
    ids = {name: task["id"] for name, task in known.items()}
    ids |= {item["external_id"]: item["id"] for item in items if item["external_id"] not in known}
    edits = []
    for index, item in enumerate(items):
        path, old = f"tasks[{index}]", known.get(item["external_id"])
        started = old or _started(about, item, checked_rank(item["rank"], f"{path}.rank"))
        edits.append(Edit(old, _filled(started, item, ids, path)))
    return [*shifted, *changes.apply(after, about, edits)]


def _check_distinct(items: Sequence[Plain]) -> None:
    seen: dict[str, int] = {}
    for index, item in enumerate(items):
        first = seen.setdefault(item["external_id"], index)
        if first != index:
            raise invalid(f"tasks[{index}].external_id", f"tasks[{first}] has the same; name each task once.")


def _imported(contents: Contents) -> dict[str, Plain]:
    """The tasks of the project that have an external id, by that."""
    return {task["external_id"]: task for task in contents.all("tasks") if task["external_id"] is not None}


def _check_assignees(contents: Contents, items: Sequence[Plain], known: Mapping[str, Plain]) -> None:
    added = {}
    for index, item in enumerate(items):
        task = known.get(item["external_id"])
        for place, member_id in enumerate(item.get("assignees", [])):
            if task is None or member_id not in task["assignees"]:
                added[f"tasks[{index}].assignees[{place}]"] = member_id
    changes.check_assignable(contents, added)


def _started(about: About, item: Plain, rank: str) -> Plain:
    """A new task, before its fields are filled in."""
    return changes.new_task(
        about,
        item["id"],
        rank,
        external_id=item["external_id"],
        title="",
        description="",
        status="todo",
        priority="none",
        labels=[],
        estimate=None,
        due=None,
        parent_id=None,
        assignees=[],
    )


def _filled(task: Plain, item: Plain, ids: Mapping[str, str], path: str) -> Plain:
    """The task with the fields that are given; `ids` are those of tasks by external id."""
    fields: dict[str, Any] = {name: item[name] for name in PLAIN if name in item}
    fields |= {name: distinct(item[name]) for name in ("labels", "assignees") if name in item}
    if "parent" in item:
        parent = item["parent"]
        fields["parent_id"] = None if parent is None else _id_of(ids, parent, f"{path}.parent")
    if "depends_on" in item:
        named = enumerate(item["depends_on"])
        fields["depends_on"] = sorted(
            {_id_of(ids, name, f"{path}.depends_on[{place}]") for place, name in named}
        )
    filled = {**task, **fields}
    if not filled["title"]:
        raise invalid(f"{path}.title", "a new task needs one.")
    return filled


def _id_of(ids: Mapping[str, str], external_id: str, path: str) -> str:
    if external_id not in ids:
        raise invalid(path, f"neither the project nor this import has a task «{external_id}».")
    return ids[external_id]


def fill(contents: Contents, about: About, data: Data, means: Means) -> Data:
    """An id and a rank for each, in case that the project does not have it by then; labels each once."""
    access.open_project(contents, about, data["project_id"])
    known = _imported(contents)
    places = ranks.at_end(contents, len(data["tasks"]))
    new = [item["external_id"] for item in data["tasks"] if item["external_id"] not in known]
    # Those that are new now come first.
    order = dict.fromkeys([*new, *(item["external_id"] for item in data["tasks"])])
    given = dict(zip(order, places.ranks, strict=False))
    tasks = []
    for item in data["tasks"]:
        labels = {"labels": distinct_labels(item["labels"])} if "labels" in item else {}
        tasks.append({**item, **labels, "id": means.new_id(), "rank": given[item["external_id"]]})
    return {**data, "tasks": tasks, "ranks": places.respaced}


RULES = {"task.import": Rule(import_tasks, fill=fill)}
