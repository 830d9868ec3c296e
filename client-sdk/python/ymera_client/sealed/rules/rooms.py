"""The name and state of a sealed room itself, which its first command gives it."""

from collections.abc import Mapping
from typing import Any

from ymera_client.fold import Plain
from ymera_client.generated import PROJECT_MOVES, ProjectState
from ymera_client.sealed.rules import access
from ymera_client.sealed.rules.about import About, Contents, Data, Fact, raised
from ymera_client.sealed.rules.changes import changed
from ymera_client.sealed.rules.refusals import refusal, stale
from ymera_client.sealed.rules.rule import Rule

TRACKED = ("name", "description", "state", "purge_at")
"""The fields whose steps a project's history shows."""


def _new_room(about: About) -> dict[str, Any]:
    return {
        "id": about.room,
        "version": 0,
        "kind": "sealed",
        "name": "",
        "topic": "",
        "private": True,
        "archived": False,
        "created_by": about.sender,
        "created_at": about.at,
    }


def _new_project(about: About) -> dict[str, Any]:
    return {
        "id": about.room,
        "version": 0,
        "name": "",
        "description": "",
        "state": "active",
        "created_by": about.sender,
        "created_at": about.at,
        "updated_at": about.at,
        "purge_at": None,
    }


def update_room(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Rename, describe, archive or reopen a conversation."""
    room = access.conversation(contents, about, data["room"])
    _check_version("channel", room, data["version"])
    before = room or _new_room(about)
    after = {**before, **_given(data, "name", "topic", "archived")}
    if room is not None and after == before:
        return []
    kind = "room.updated" if room else "room.created"
    return [Fact(kind, {"room": {**after, "version": raised(about, before)}})]


def update_project(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Rename or describe a project."""
    access.open_project(contents, about, data["project_id"])
    project = contents.get("projects", about.room)
    _check_version("project", project, data["version"])
    return _changed(about, project, _given(data, "name", "description"))


def transition_project(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Move a project to another state."""
    project = access.project(contents, about, data["project_id"])
    _check_version("project", project, data["version"])
    current = project or _new_project(about)
    state, wanted = ProjectState(current["state"]), ProjectState(data["state"])
    if wanted is not state and wanted not in PROJECT_MOVES[state]:
        allowed = [str(each) for each in ProjectState if each in PROJECT_MOVES[state]]
        raise refusal(
            "illegal_transition",
            f"The project is {state} and cannot become {wanted}; it can become {', '.join(allowed)}.",
            allowed=allowed,
            current=current,
        )
    return _changed(about, project, {"state": data["state"]})


def _given(data: Data, *names: str) -> Data:
    return {name: data[name] for name in names if name in data}


def _check_version(noun: str, entity: Plain | None, version: int | None) -> None:
    if version is not None and (entity is None or entity["version"] != version):
        raise stale(noun, entity)


def _changed(about: About, project: Plain | None, given: Mapping[str, Any]) -> list[Fact]:
    before = project or _new_project(about)
    if project is not None and {**before, **given} == before:
        return []
    after = {**before, **given, "version": raised(about, before), "updated_at": about.at}
    if project is None:
        return [Fact("project.created", {"project": after})]
    return [Fact("project.updated", {"project": after, "changes": changed(before, after, TRACKED)})]


RULES = {
    "room.update": Rule(update_room, needs="admin"),
    "project.update": Rule(update_project, needs="admin"),
    "project.transition": Rule(transition_project, needs="admin"),
}
