"""Calls and handovers: an agent's run that has another agent do something, or go on in its place.

What a run has called for is known by its key, so an attempt that begins anew asks nothing twice.
"""

from collections.abc import Iterator

from ymera_client.fold import Plain
from ymera_client.generated import MAX_CALL_DEPTH, MAX_CALLS, MAX_SAME_CALLS
from ymera_client.sealed.rules import endings, runs
from ymera_client.sealed.rules.about import About, Contents, Data, Fact, Means
from ymera_client.sealed.rules.refusals import invalid, limit_exceeded, refusal
from ymera_client.sealed.rules.reports import attempt
from ymera_client.sealed.rules.rule import Rule

NO_ORDER = {"not_before": None, "attempts": None, "review": False}
"""What nobody says about a run that is called for, or handed over to."""


def call(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Have another agent do something, and wait for it; the same key is the same run."""
    caller = attempt(contents, about, data)
    known = [each["run_id"] for each in caller["calls"] if each["key"] == data["key"]]
    if known:
        child = contents.get("runs", known[0])
        return [] if child is None else _waiting(about, caller, child, data)
    _check_agent(contents, data)
    root = caller if caller["root_id"] is None else contents.get("runs", caller["root_id"]) or caller
    _check_depth(contents, caller, root, data["capability"])
    calls = [*caller["calls"], {"key": data["key"], "run_id": data["id"]}]
    tree = {"id": root["id"], "tree": root["tree"] + 1}
    order = {**NO_ORDER, **data, "task_id": None, "priority": caller["priority"]}
    order["deadline"] = min(filter(None, (data["deadline"], caller["deadline"])), default=None)
    made = runs.begun(
        contents,
        about,
        order,
        None,
        parent_id=caller["id"],
        root_id=root["id"],
        depth=caller["depth"] + 1,
    )
    counted = Fact(made.type, {**made.data, "caller": {"id": caller["id"], "calls": calls}, "root": tree})
    calling = {**caller, "calls": calls, **(tree if root["id"] == caller["id"] else {})}
    return [counted, *_waiting(about, calling, made.data["run"], data)]


def _waiting(about: About, caller: Plain, child: Plain, data: Data) -> list[Fact]:
    """The caller waits for a run that goes on, if that is wanted and not so already."""
    if not data["wait"] or caller["waiting_for"] == child["id"]:
        return []
    waiting = endings.changed(about, caller, waiting_for=child["id"], heard_at=about.at)
    return [endings.updated(waiting, "waiting", f"It waits for «{child['title']}».")]


def hand_off(contents: Contents, about: About, data: Data) -> list[Fact]:
    """End a run as completed and have another agent go on with its task."""
    run = attempt(contents, about, data)
    _check_agent(contents, data)
    task = None if run["task_id"] is None else contents.get("tasks", run["task_id"])
    note = f"Handed over to {data['capability']}."
    ended = endings.conclude(contents, about, run, "completed", result=data["result"], note=note)
    kept = {name: run[name] for name in ("priority", "deadline", "review")}
    order = {**NO_ORDER, "budget": None, **data, **kept, "task_id": None if task is None else task["id"]}
    left = {"run_id": run["id"], "agent_id": about.sender, "note": data["note"], "result": data["result"]}
    rest = endings.After(contents, ended)
    ties = {"requested_by": run["requested_by"], "previous_id": run["id"], "handed": left}
    return [*ended, runs.begun(rest, about, order, task, **ties)]


def _check_agent(contents: Contents, data: Data) -> None:
    if not runs.works(contents, data["agent_id"]):
        raise invalid("agent_id", "this is no agent that may work in the project.")


def _check_depth(contents: Contents, caller: Plain, root: Plain, capability: str) -> None:
    if caller["depth"] + 1 > MAX_CALL_DEPTH:
        raise limit_exceeded("calls under calls", MAX_CALL_DEPTH)
    if sum(run["capability"] == capability for run in _upwards(contents, caller)) >= MAX_SAME_CALLS:
        raise refusal(
            "limit_exceeded",
            f"'{capability}' stands {MAX_SAME_CALLS} times above this call already: agents call each other "
            "in a circle.",
            limit=MAX_SAME_CALLS,
            what="times that a capability stands above itself",
        )
    if root["tree"] >= MAX_CALLS:
        raise limit_exceeded("calls under one run", MAX_CALLS)


def _upwards(contents: Contents, run: Plain | None) -> Iterator[Plain]:
    """A run, and those above it: whoever calls goes on, and so do they."""
    for _ in range(MAX_CALL_DEPTH + 1):
        if run is None:
            return
        yield run
        run = contents.get("runs", run["parent_id"] or "")


def fill_call(contents: Contents, about: About, data: Data, means: Means) -> Data:
    """An id, an agent, and the time in the one form that it has here."""
    return {**fill_hand_off(contents, about, data, means), **runs.moments(data, "deadline")}


def fill_hand_off(contents: Contents, about: About, data: Data, means: Means) -> Data:
    """An id and an agent."""
    return {**runs.chosen(contents, about, data, means), "id": means.new_id()}


RULES = {
    "run.call": Rule(call, entity="id", fill=fill_call),
    "run.hand_off": Rule(hand_off, entity="run_id", fill=fill_hand_off),
}
