"""Runs, as those who give work to agents see them: making, stopping and repeating them.

Each names the agent that is to do it: no server gives work out, so an agent takes what is its own. There are
no schemas of capabilities here either; its process checks the input.
"""

from datetime import datetime
from typing import Any

from ymera_client.fold import Plain
from ymera_client.generated import MAX_LIVE_RUNS
from ymera_client.sealed.rules import access, changes, endings
from ymera_client.sealed.rules.about import (
    About,
    Contents,
    Data,
    Fact,
    Means,
    moment_ms,
    raised,
    timestamp,
)
from ymera_client.sealed.rules.messages import with_id
from ymera_client.sealed.rules.refusals import invalid, limit_exceeded, not_found, refusal, taken
from ymera_client.sealed.rules.rule import Rule

ENDED = frozenset({"completed", "failed", "canceled", "rejected"})
"""The states in which a run has ended."""
ATTEMPTS = 3
"""How often a run is tried, where nobody says."""
NO_COSTS = {"tokens": 0, "money": 0, "seconds": 0}


def create(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Give work to an agent of the room."""
    access.open_project(contents, about, data["project_id"])
    if not works(contents, data["agent_id"]):
        raise invalid("agent_id", "this is no agent that may work in the project.")
    task = None if data["task_id"] is None else access.task(contents, about, data["task_id"])
    if task is not None and task["status"] not in changes.OPEN:
        raise refusal("conflict", f"The task is {task['status']}; reopen it first.", current=task)
    return [begun(contents, about, data, task)]


def cancel(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Stop a run."""
    run = found(contents, about, data["run_id"])
    if run["state"] in ENDED:
        message = f"The run has {run['state']} already."
        raise refusal("illegal_transition", message, allowed=[], current=run)
    return endings.stop(contents, about, run, data["reason"] or "Somebody stopped it.")


def retry(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Run again what came to nothing, as a new run."""
    run = found(contents, about, data["run_id"])
    if run["state"] not in ENDED or run["state"] == "completed":
        raise refusal(
            "illegal_transition",
            f"The run is {run['state']}; only what failed, was canceled or rejected is run again.",
            allowed=[],
            current=run,
        )
    kept = ("project_id", "task_id", "capability", "priority", "attempts", "budget", "review")
    order = {name: run[name] for name in kept} | {
        "id": data["id"],
        "agent_id": run["wanted_agent_id"],
        "input": run["input"] if data["input"] is None else data["input"],
        "not_before": None,
        "deadline": None,
    }
    return create(contents, about, order)


def found(contents: Contents, about: About, key: str) -> Plain:
    """A run of the room, also one that has ended."""
    run = contents.get("runs", key) or contents.get("ended_runs", key)
    if run is None or about.form != "project":
        raise not_found("run")
    return run


def works(contents: Contents, member_id: str) -> bool:
    """Whether this is an agent that may work in the project."""
    member = contents.get("participants", member_id)
    return member is not None and member["kind"] == "agent" and member["role"] != "viewer"


def begun(
    contents: Contents, about: About, order: Data, task: Plain | None, *, beside: int = 0, **ties: Any
) -> Fact:
    """A new run, with its `ties` to others; `beside` are those that begin with the same command."""
    run = {**_new(about, order, task), **ties}
    if contents.get("runs", run["id"]) is not None or contents.get("ended_runs", run["id"]) is not None:
        raise taken()
    if len(contents.all("runs")) + beside >= MAX_LIVE_RUNS:
        raise limit_exceeded("runs that have not ended", MAX_LIVE_RUNS)
    return Fact("run.created", {"run": {**run, "version": raised(about, run)}})


def _new(about: About, data: Data, task: Plain | None) -> Plain:
    priority = data["priority"] or ("none" if task is None else task["priority"])
    nothing = dict.fromkeys(
        (
            *("agent_id", "instance_id", "parent_id", "previous_id", "trigger_id", "waiting_for", "progress"),
            *("error", "result", "started_at", "progress_at", "heard_at", "ended_at", "handed", "root_id"),
        )
    )
    return {
        **nothing,
        "id": data["id"],
        "version": 0,
        "project_id": about.room,
        "task_id": data["task_id"],
        "title": data["capability"] if task is None else task["title"],
        "capability": data["capability"],
        "wanted_agent_id": data["agent_id"],
        "requested_by": about.sender,
        "depth": 0,
        "state": "submitted",
        "canceling": False,
        "stale": False,
        "attempt": 0,
        "attempts": data["attempts"] or ATTEMPTS,
        "priority": priority,
        "not_before": data["not_before"],
        "deadline": data["deadline"],
        "review": data["review"],
        "budget": data["budget"],
        "costs": NO_COSTS,
        "note": "",
        "summary": "",
        "created_at": about.at,
        "updated_at": about.at,
        "input": data["input"],
        "lease_seconds": 0,
        "output_end": 0,
        "reports": 0,
        "spared": 0,
        "calls": [],
        "tree": 0,
    }


def fill_create(contents: Contents, about: About, data: Data, means: Means) -> Data:
    """An id, an agent, and times in the one form that they have here."""
    filled = with_id(contents, about, chosen(contents, about, data, means), means)
    return {**filled, **moments(data, "not_before", "deadline")}


def chosen(contents: Contents, about: About, data: Data, means: Means) -> Data:
    """Who is to do it, where nobody was named: an agent of the room that can, the sender last."""
    if data["agent_id"] is not None:
        return data
    for member_id in sorted(agents(contents), key=lambda each: (each == about.sender, each)):
        if any(each["name"] == data["capability"] for each in means.able(member_id)):
            return {**data, "agent_id": member_id}
    raise invalid("capability", f"no agent of the project has '{data['capability']}'.")


def agents(contents: Contents) -> list[str]:
    """The agents that may work in the project, by id."""
    return sorted(each["id"] for each in contents.all("participants") if works(contents, each["id"]))


def moments(data: Data, *names: str) -> dict[str, str]:
    """Times that were given, in the one form that they have here."""
    return {name: _moment(name, data[name]) for name in names if data[name] is not None}


def fresh(_contents: Contents, _about: About, data: Data, means: Means) -> Data:
    """What is made gets an id, which nobody asks for."""
    return {**data, "id": means.new_id()}


def _moment(name: str, given: str) -> str:
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise invalid(name, "must be a time with its offset such as 2026-03-01T09:30:00Z.")
    return timestamp(moment_ms(given))


RULES = {
    "run.create": Rule(create, entity="id", fill=fill_create),
    "run.cancel": Rule(cancel, entity="run_id"),
    "run.retry": Rule(retry, entity="id", fill=fresh),
}
