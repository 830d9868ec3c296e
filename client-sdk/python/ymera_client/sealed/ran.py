"""What a client is asked about the runs of sealed rooms, answered by what this device has read."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from ymera_client.errors import NotFound
from ymera_client.fold import Plain
from ymera_client.generated import LoggedEvent
from ymera_client.sealed.paging import page
from ymera_client.sealed.reading import Read
from ymera_client.sealed.rules import Contents
from ymera_client.sealed.rules.questions import asked

BRIEF = ("id", "title", "description", "priority", "labels")
"""What an offer shows of a run's task."""
OUTCOMES = {"requeued": "released", "restarted": "restarted", "waiting": "released"}
"""How an attempt has ended that left its run to another, by the cause of the event."""


class Working(Protocol):
    """A room, as far as it is asked about its runs."""

    @property
    def contents(self) -> Contents:
        """All that it holds."""

    def events_of(self, key: str) -> Sequence[LoggedEvent]:
        """What the log says of a run, oldest first."""


Answer = Callable[[Working, Mapping[str, Any]], Any]


def find(contents: Contents, run_id: str) -> Plain:
    """A run, also one that has ended. NotFound if there is none."""
    found = contents.get("runs", run_id) or contents.get("ended_runs", run_id)
    if found is None:
        raise NotFound("There is no such run in the room.", data={"noun": "run"})
    return found


def reply(contents: Contents, name: str, data: Mapping[str, Any], read: Read) -> Any:
    """The plain result of a report or an answer, once it was carried out."""
    if name == "run.claim":
        return offer(contents, find(contents, data["run_id"]))
    if name == "run.attach":
        return _shown(read.events[-1].data["artifact"])
    if name == "run.ask":
        return asked(contents, data["run_id"], data["key"])
    if name == "run.call":
        return _called(contents, find(contents, data["run_id"]))[data["key"]]
    if name == "run.hand_off":
        return next(event.data["run"] for event in read.events if event.type == "run.created")
    if "question_id" in data:
        return contents.get("closed_questions", data["question_id"])
    run = find(contents, data["run_id"])
    if name in {"run.complete", "run.fail", "run.cancel"}:
        return run
    return {name: run[name] for name in ("state", "canceling", "costs")}


def offer(contents: Contents, run: Plain) -> dict[str, Any]:
    """A run as a server would offer it for its newest attempt."""
    task = None if run["task_id"] is None else contents.get("tasks", run["task_id"])
    return {
        "run": run,
        "fence": run["attempt"],
        "input": run["input"],
        "task": None if task is None else {name: task[name] for name in BRIEF},
        "handed": run["handed"],
        "answers": [each for each in _questions(contents, run["id"]) if each["state"] == "answered"],
        "results": {each["key"]: each for each in replies(contents, run)},
    }


def replies(contents: Contents, run: Plain) -> list[dict[str, Any]]:
    """How the runs have ended that a run called for."""
    ended = [(key, child) for key, child in _called(contents, run).items() if child["ended_at"] is not None]
    told = ("state", "result", "error")
    return [
        {"run_id": child["id"], "key": key, **{name: child[name] for name in told}} for key, child in ended
    ]


def _called(contents: Contents, run: Plain) -> dict[str, Plain]:
    """The runs that a run called for, by their keys, oldest first."""
    return {each["key"]: find(contents, each["run_id"]) for each in run["calls"]}


def _get(room: Working, payload: Mapping[str, Any]) -> Any:
    contents = room.contents
    run = find(contents, str(payload["run_id"]))
    files = [
        {name: value for name, value in version.items() if name not in {"object", "thumbnail"}}
        for file in contents.all("files")
        for version in file["versions"]
        if version["run_id"] == run["id"]
    ]
    return {
        "id": run["id"],
        "run": run,
        "input": run["input"],
        "result": run["result"],
        "attempts": attempts(room.events_of(run["id"])),
        "questions": _questions(contents, run["id"]),
        "artifacts": [_shown(each) for each in _oldest_first(contents, "artifacts", run["id"])],
        "calls": list(_called(contents, run).values()),
        "files": sorted(files, key=lambda each: str(each["created_at"])),
    }


def attempts(events: Sequence[LoggedEvent]) -> list[dict[str, Any]]:
    """The attempts at a run, by the events of the log."""
    made: list[dict[str, Any]] = []
    for event in events:
        run = event.data.get("run", {})
        if event.type == "run.ended" or event.data.get("cause") in {"started", *OUTCOMES}:
            _end(made, event, run)
        if event.data.get("cause") == "started":
            at = run["updated_at"]
            known = {"fence": run["attempt"], "agent_id": run["agent_id"], "instance_id": run["instance_id"]}
            more = {"host": "", "offered_at": at, "started_at": at, "ended_at": None}
            made.append({**known, **more, "outcome": None, "error": None})
    return made


def _end(made: list[dict[str, Any]], event: LoggedEvent, run: Plain) -> None:
    """The last attempt is over, if it went on and its run is no longer its process's."""
    if not made or made[-1]["ended_at"] is not None:
        return
    cause = event.data.get("cause")
    if cause == "waiting" and run["instance_id"] is not None:
        return
    error = run["error"] if event.type == "run.ended" or cause != "waiting" else None
    outcome = run["state"] if event.type == "run.ended" else OUTCOMES.get(str(cause), "failed")
    if cause == "requeued" and error is not None:
        outcome = "failed"
    made[-1] |= {"ended_at": run["updated_at"], "outcome": outcome, "error": error}


def _list(room: Working, payload: Mapping[str, Any]) -> Any:
    runs = [*room.contents.all("runs"), *room.contents.all("ended_runs")]
    wanted = {name: value for name, value in payload.items() if value not in (None, False)}
    found = [
        run
        for run in runs
        if all(check(run, wanted[name]) for name, check in FILTERS.items() if name in wanted)
    ]
    return page(sorted(found, key=_newest, reverse=True), payload)


def _history(room: Working, payload: Mapping[str, Any]) -> Any:
    events = room.events_of(find(room.contents, str(payload["run_id"]))["id"])
    part = page(events, payload)
    return {**part, "items": [msgspec.to_builtins(event) for event in part["items"]]}


def _artifact(room: Working, payload: Mapping[str, Any]) -> Any:
    found = room.contents.get("artifacts", str(payload["artifact_id"]))
    if found is None:
        raise NotFound("There is no such artifact in the room.", data={"noun": "artifact"})
    return {"artifact": _shown(found), "text": found["text"]}


def _question(room: Working, payload: Mapping[str, Any]) -> Any:
    key = str(payload["question_id"])
    found = room.contents.get("questions", key) or room.contents.get("closed_questions", key)
    if found is None:
        raise NotFound("There is no such question in the room.", data={"noun": "question"})
    return found


def _question_list(room: Working, payload: Mapping[str, Any]) -> Any:
    run_id, only_open = payload.get("run_id"), payload.get("open", True)
    names = ("questions",) if only_open else ("questions", "closed_questions")
    found = [
        question
        for name in names
        for question in room.contents.all(name)
        if run_id is None or question["run_id"] == run_id
    ]
    return page(sorted(found, key=_newest, reverse=True), payload)


def _questions(contents: Contents, run_id: str) -> list[Plain]:
    names = ("questions", "closed_questions")
    found = [each for name in names for each in _oldest_first(contents, name, run_id)]
    return sorted(found, key=_newest)


def _oldest_first(contents: Contents, collection: str, run_id: str) -> list[Plain]:
    found = [each for each in contents.all(collection) if each["run_id"] == run_id]
    return sorted(found, key=_newest)


def _newest(entity: Plain) -> tuple[str, str]:
    return str(entity["created_at"]), str(entity["id"])


def _shown(artifact: Plain) -> dict[str, Any]:
    return {name: value for name, value in artifact.items() if name != "text"}


FILTERS: dict[str, Callable[[Plain, Any], bool]] = {
    "task_id": lambda run, value: run["task_id"] == value,
    "agent_id": lambda run, value: value in {run["agent_id"], run["wanted_agent_id"]},
    "capability": lambda run, value: run["capability"] == value,
    "state": lambda run, value: run["state"] in value,
    "dead": lambda run, value: (run["state"] == "failed") == value,
}
ANSWERS: dict[str, Answer] = {
    "run.get": _get,
    "run.list": _list,
    "run.history": _history,
    "run.artifact": _artifact,
    "question.get": _question,
    "question.list": _question_list,
}
