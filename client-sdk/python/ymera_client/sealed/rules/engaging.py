"""What an assignment begins and ends: runs of the agents that a task was given to, or taken from.

The author's client asks the server what they can do and names the runs; whether each begins, all decide alike
by what the room then holds. An agent begins whose capability needs nothing but what the task itself says;
another one waits to be told more, with `run.create`. Only the top of its schema is looked at, and its process
has the last word on what it takes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ymera_client.fold import Plain
from ymera_client.generated import MAX_ASSIGNEES
from ymera_client.sealed.rules import changes, endings, runs
from ymera_client.sealed.rules.about import About, Contents, Fact, Means
from ymera_client.sealed.rules.refusals import taken

FROM_TASK = ("title", "description", "priority", "labels", "due")
"""What a run can take from its task, where its capability's schema has such a property."""
CHOOSING = frozenset({"run.create", "run.call", "run.hand_off"})
"""What names an agent, or leaves it to be found by the capability."""
NO_ORDER: dict[str, Any] = {
    **dict.fromkeys(("priority", "not_before", "deadline", "attempts", "budget")),
    "review": False,
}
"""What nobody has said about a run that begins by itself."""


def engage(
    contents: Contents, about: About, task: Plain, before: Sequence[str], orders: Sequence[Plain]
) -> list[Fact]:
    """Stop the runs of those that a task was taken from, and begin `orders` for those it was given to.

    One that has a run for the task already begins no second one.
    """
    gone = [member for member in before if member not in task["assignees"]]
    own = endings.live(contents, lambda run: run["task_id"] == task["id"])
    stopped = [
        fact
        for run in own
        if run["wanted_agent_id"] in gone
        for fact in endings.stop(contents, about, run, "The task was given to others.")
    ]
    engaged = {run["wanted_agent_id"] for run in own} | {*before}
    made: dict[str, Fact] = {}
    for order in orders if task["status"] in changes.OPEN else ():
        agent_id = order["agent_id"]
        if agent_id in engaged or agent_id not in task["assignees"] or not runs.works(contents, agent_id):
            continue
        engaged.add(agent_id)
        if order["id"] in made:
            raise taken()
        given = {name: task[name] for name in FROM_TASK if name in order["takes"] and task[name] is not None}
        whole = {**NO_ORDER, **order, "task_id": task["id"], "input": given}
        made[order["id"]] = runs.begun(contents, about, whole, task, beside=len(made))
    return [*stopped, *made.values()]


def looks(command: Mapping[str, Any]) -> bool:
    """Whether a command looks for an agent that can do it."""
    return command["type"] in CHOOSING and command["data"].get("agent_id") is None


def workers(contents: Contents, command: Mapping[str, Any]) -> list[str]:
    """The agents that a command gives a task to: what they can do has a say in it."""
    named = command["data"].get("assignees") if command["type"] in {"task.create", "task.assign"} else ()
    members = named if isinstance(named, Sequence) else ()
    texts = dict.fromkeys(each for each in members if isinstance(each, str))
    return [each for each in texts if runs.works(contents, each)][:MAX_ASSIGNEES]


def ordered(contents: Contents, task: Plain, before: Sequence[str], means: Means) -> list[Plain]:
    """The runs that an author names with an assignment."""
    added = [member for member in dict.fromkeys(task["assignees"]) if member not in before]
    return [
        {"id": means.new_id(), "agent_id": agent_id, "capability": capability["name"], "takes": takes}
        for agent_id in added
        if runs.works(contents, agent_id)
        for capability, takes in _first_satisfied(means.able(agent_id), task)
    ]


def _first_satisfied(
    capabilities: Sequence[Mapping[str, Any]], task: Plain
) -> list[tuple[Mapping[str, Any], list[str]]]:
    for capability in capabilities:
        schema = capability.get("input") or {}
        takes, required = list(lent(schema, task)), schema.get("required")
        # As the server says, which may say anything.
        if all(name in takes for name in (required if isinstance(required, list) else ())):
            return [(capability, takes)]
    return []


def lent(schema: Mapping[str, Any], task: Plain) -> dict[str, Any]:
    """What a task lends the input of its run, where the input's schema has such a property."""
    properties = schema.get("properties")
    known = properties if isinstance(properties, Mapping) else {}
    return {name: task[name] for name in FROM_TASK if name in known and task[name] is not None}
