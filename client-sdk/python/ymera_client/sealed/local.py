"""What a client is asked about sealed rooms, answered by what this device has read: nothing of it is sent.

The answers have the form, the order and the bounds of the server's own about open rooms. A cursor is the
number of the items before it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from ymera_client.errors import E2eeRoom, Invalid, NotFound
from ymera_client.fold import Plain
from ymera_client.generated import COMMANDS, LoggedEvent, Priority
from ymera_client.sealed import filed, ran
from ymera_client.sealed.hits import find
from ymera_client.sealed.paging import page
from ymera_client.sealed.reading import Read
from ymera_client.sealed.rules import Contents

PASSES = frozenset(
    {
        "room.join",
        "room.unsubscribe",
        "room.mark_read",
        "presence.list",
        "typing.set",
        "notification.list",
        "file.quota",
    }
)
"""What goes to the server about a sealed room as about any: it says nothing of what is in it."""
OWN = ("sealed.", "sealed_invite.", "identity.", "pairing.", "backup.")
"""Commands whose content is sealed already, or none."""
PLACES = ("room", "project_id")
"""Fields that name a room."""
THINGS = {
    "message_id": ("messages",),
    "thread_id": ("messages",),
    "task_id": ("tasks",),
    "file_id": ("files",),
    "run_id": ("runs", "ended_runs"),
    "question_id": ("questions", "closed_questions"),
    "artifact_id": ("artifacts",),
}
"""Fields that name what is in one, and where."""
ORDERS = {"run.create", "run.retry"}
"""What makes runs."""
PRIORITIES = [priority.value for priority in Priority]


class Holding(Protocol):
    """A room, as far as it is asked about here."""

    @property
    def id(self) -> str:
        """The room's id."""

    @property
    def contents(self) -> Contents:
        """All that it holds."""

    @property
    def open_role(self) -> str:
        """The own role, as open rooms call it."""

    def had(self, key: str) -> bool:
        """Whether anything of this id is in the room, or was."""

    def events_of(self, key: str) -> Sequence[LoggedEvent]:
        """What the log says of a run or a task, oldest first."""


Answer = Callable[[Holding, Mapping[str, Any]], Any]


def is_private(name: str) -> bool:
    """Whether a command must not be sent as it is, where it is about a sealed room."""
    return name not in PASSES and not name.startswith(OWN)


def place_of(payload: Mapping[str, Any]) -> str | None:
    """The room that a command names."""
    for field in PLACES:
        if isinstance(named := payload.get(field), str):
            return named
    return None


def names_things(payload: Mapping[str, Any]) -> bool:
    """Whether a command names something that is in some room."""
    return any(payload.get(field) for field in THINGS)


def holder_of(payload: Mapping[str, Any], rooms: Sequence[Holding]) -> Holding | None:
    """The room that holds what a command names, or did before it was removed."""
    things = [
        (collection, str(key))
        for field, key in payload.items()
        if field in THINGS and key
        for collection in THINGS[field]
    ]
    for room in rooms:
        if any(room.contents.get(collection, key) is not None for collection, key in things):
            return room
    return next((room for room in rooms if any(room.had(key) for _, key in things)), None)


def answer(room: Holding, name: str, payload: Mapping[str, Any]) -> Any:
    """The plain result of a query. E2eeRoom if there is no answer to it in a sealed room."""
    if name not in ANSWERS:
        raise refused(room.id, name)
    return ANSWERS[name](room, payload)


def refused(room_id: str, name: str) -> E2eeRoom:
    """What cannot be done in a sealed room."""
    return E2eeRoom(
        f"Room {room_id} is encrypted, and {name} does not work there. Nothing was sent.",
        data={"room": room_id},
    )


def named(contents: Contents, data: Mapping[str, Any]) -> Plain | None:
    """What a command names, as it is now."""
    for field in ("file_id", "message_id", "task_id"):
        if field in data:
            return contents.get(THINGS[field][0], str(data[field]))
    return None


def reply(contents: Contents, name: str, data: Mapping[str, Any], before: Plain | None, read: Read) -> Any:
    """The plain result of a command, from what came of it: the entity that it was about."""
    if COMMANDS[name].REPLY is None:
        return None
    if name.startswith("run.") and name not in ORDERS:
        return ran.reply(contents, name, data, read)
    if name == "task.import":
        return _imported(data, read)
    about = read.entity or (None if before is None else before["id"])
    for event in reversed(read.events):
        for value in event.data.values():
            if isinstance(value, Mapping) and "version" in value and about in {None, value["id"]}:
                return value
    return before


def _imported(data: Mapping[str, Any], read: Read) -> dict[str, list[str]]:
    """What an import did, by external id."""
    told = {
        kind: {event.data["task"]["external_id"] for event in read.events if event.type == kind}
        for kind in ("task.created", "task.updated")
    }
    names = [str(item["external_id"]) for item in data["tasks"]]
    created = [name for name in names if name in told["task.created"]]
    updated = [name for name in names if name in told["task.updated"] and name not in created]
    unchanged = [name for name in names if name not in created and name not in updated]
    return {"created": created, "updated": updated, "unchanged": unchanged}


def search(contents: Contents, text: str) -> list[tuple[str, Plain]]:
    """Messages, tasks and files with all of these words in them, newest first.

    Files have their `page` and `snippet` with them.
    """
    words = text.casefold().split()
    if not words:
        raise Invalid("text: say at least one word to look for.", data={"path": "text"})
    found = [
        (collection, entity)
        for collection, fields in (("messages", ("text",)), ("tasks", ("title", "description")))
        for entity in contents.all(collection)
        if all(word in _folded(entity, fields) for word in words)
    ]
    for file, page_number, snippet in find(contents.all("files"), text):
        found.append(("files", {**filed.info(file), "page": page_number, "snippet": snippet}))
    return sorted(found, key=lambda each: (str(each[1]["created_at"]), str(each[1]["id"])), reverse=True)


def _folded(entity: Plain, fields: Sequence[str]) -> str:
    return "\n".join(str(entity[field]) for field in fields).casefold()


def _history(room: Holding, payload: Mapping[str, Any]) -> Any:
    thread_id, task_id = payload.get("thread_id"), payload.get("task_id")
    messages = [
        message
        for message in room.contents.all("messages")
        if (task_id is None or message["task_id"] == task_id)
        and (thread_id is None or thread_id in {message["id"], message["thread_id"]})
    ]
    return page(sorted(messages, key=lambda each: int(each["seq"]), reverse=True), payload)


def _members(room: Holding, payload: Mapping[str, Any]) -> Any:
    people = room.contents.all("participants")
    return page(sorted(people, key=lambda each: (str(each["name"]).casefold(), str(each["id"]))), payload)


def _get(collection: str, field: str, noun: str) -> Answer:
    def get(room: Holding, payload: Mapping[str, Any]) -> Any:
        found = room.contents.get(collection, payload[field])
        if found is None:
            raise NotFound(f"There is no such {noun} in the room.", data={"noun": noun})
        return found

    return get


def _tasks(room: Holding, payload: Mapping[str, Any]) -> Any:
    tasks = [task for task in room.contents.all("tasks") if _matches(task, payload)]
    key = _sorting(str(payload.get("sort") or "rank"))
    tasks.sort(key=key, reverse=bool(payload.get("descending")))
    return page(tasks, payload)


def _told(room: Holding, payload: Mapping[str, Any]) -> Any:
    task = _get("tasks", "task_id", "task")(room, payload)
    return page([msgspec.to_builtins(event) for event in reversed(room.events_of(task["id"]))], payload)


def _sorting(field: str) -> Callable[[Plain], Any]:
    def key(task: Plain) -> Any:
        if field == "priority":
            return PRIORITIES.index(task["priority"]), task["id"]
        value = task[field]
        if field == "title":
            value = value.casefold()
        return value is None, value or "", task["id"]

    return key


def _matches(task: Plain, payload: Mapping[str, Any]) -> bool:
    wanted = {name: value for name, value in payload.items() if value is not None}
    return all(
        check(task, wanted[name]) for name, check in FILTERS.items() if name in wanted and wanted[name] != []
    )


FILTERS: dict[str, Callable[[Plain, Any], bool]] = {
    "status": lambda task, value: task["status"] in value,
    "priority": lambda task, value: task["priority"] in value,
    "label": lambda task, value: value in task["labels"],
    "assignee": lambda task, value: value in task["assignees"],
    "parent_id": lambda task, value: task["parent_id"] == value,
    "blocked": lambda task, value: bool(task["blocked"]) == value,
    "query": lambda task, value: value.casefold() in task["title"].casefold(),
    "external_id": lambda task, value: task["external_id"] == value,
}
ANSWERS: dict[str, Answer] = {
    "room.history": _history,
    "room.members": _members,
    "project.members": _members,
    "room.get": _get("rooms", "room", "channel"),
    "project.get": _get("projects", "project_id", "project"),
    "task.get": _get("tasks", "task_id", "task"),
    "task.history": _told,
    "task.list": _tasks,
    **filed.ANSWERS,
    **ran.ANSWERS,
}
