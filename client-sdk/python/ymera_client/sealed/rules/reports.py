"""What agents say about their runs, from the claim to the last report; the counterpart of the server's.

Each report names the attempt that it is of: one that is over, or another's, is refused with `fenced` and
changes nothing. The server lets one claim of several through, since it compares the run's version.
"""

from typing import Any

from ymera_client.fold import Plain
from ymera_client.generated import MAX_ARTIFACTS, MAX_LOG_LINES, MAX_OUTPUT
from ymera_client.sealed.rules import access, changes, endings
from ymera_client.sealed.rules.about import About, Contents, Data, Fact, Means
from ymera_client.sealed.rules.changes import Edit
from ymera_client.sealed.rules.refusals import invalid, limit_exceeded, not_found, refusal, taken
from ymera_client.sealed.rules.rule import Rule
from ymera_client.sealed.rules.runs import fresh

NOT_BEGUN = frozenset({"backlog", "todo"})
PROGRESSED = ("id", "version", "progress", "note", "costs", "stale", "progress_at", "updated_at")


def attempt(contents: Contents, about: About, data: Data, *, last: bool = False) -> Plain:
    """The run that a report is about, if its attempt is the sender's and goes on.

    `last` reports are accepted of a run that is being canceled too. Others' runs are `not_found`, an attempt
    that is over is `fenced`.
    """
    run = contents.get("runs", data["run_id"]) or contents.get("ended_runs", data["run_id"])
    if run is None or data["project_id"] != about.room or run["agent_id"] != about.sender:
        raise not_found("run")
    if run["instance_id"] is None or run["attempt"] != data["fence"]:
        state = f"is at attempt {run['attempt']}" if run["ended_at"] is None else f"has {run['state']}"
        message = f"This attempt is over: the run {state}. Stop working on it."
        raise refusal("fenced", message, fence=run["attempt"])
    if run["canceling"] and not last:
        message = "The run was stopped; report once more, with run.complete or run.fail."
        raise refusal("run_canceled", message)
    return run


def claim(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Take a run and begin, or take it over from a process that has been silent for too long.

    A process that comes back takes its own over at once. One whose time is over ends instead.
    """
    access.open_project(contents, about, data["project_id"])
    run = contents.get("runs", data["run_id"])
    if run is None or run["wanted_agent_id"] != about.sender:
        raise not_found("run")
    held = run["instance_id"] is not None
    if held and run["instance_id"] != data["instance_id"] and not endings.is_silent(about, run):
        raise refusal("conflict", "Another process has this run.", current=run)
    if run["canceling"]:
        return endings.stop(contents, about, {**run, "instance_id": None}, "It was stopped.")
    _check_ready(contents, about, run)
    if run["deadline"] is not None and run["deadline"] < about.at:
        error = {"cause": "deadline_exceeded", "message": "Its deadline has passed."}
        return endings.conclude(contents, about, run, "failed", error=error, note=error["message"])
    lost = {"cause": "lost", "message": "The agent's process gave no more signs."} if held else None
    if lost is not None and run["attempt"] - run["spared"] >= run["attempts"]:
        return endings.conclude(contents, about, run, "failed", error=lost, note=lost["message"])
    return _begun(contents, about, {**run, "error": lost or run["error"]}, data)


def _check_ready(contents: Contents, about: About, run: Plain) -> None:
    if run["state"] in endings.ASKING:
        raise refusal("conflict", "The run waits for an answer.", current=run)
    if run["waiting_for"] is not None:
        raise refusal("conflict", "The run waits for another one.", current=run)
    if run["not_before"] is not None and about.at < run["not_before"]:
        raise refusal("conflict", f"The run is not to begin before {run['not_before']}.", current=run)
    task = None if run["task_id"] is None else contents.get("tasks", run["task_id"])
    if task is not None and task["blocked"]:
        raise refusal("conflict", "The run's task waits for others.", current=run)
    if endings.earlier(run, contents.all("runs")) is not None:
        raise refusal("conflict", "An earlier run for its task goes on.", current=run)


def _begun(contents: Contents, about: About, run: Plain, data: Data) -> list[Fact]:
    working = endings.changed(
        about,
        run,
        state="working",
        agent_id=about.sender,
        instance_id=data["instance_id"],
        attempt=run["attempt"] + 1,
        lease_seconds=data["lease_seconds"],
        started_at=run["started_at"] or about.at,
        progress=None,
        note="",
        output_end=0,
        progress_at=about.at,
        heard_at=about.at,
    )
    return [endings.updated(working, "started"), *_moved(contents, about, run, NOT_BEGUN, "in_progress")]


def progress(contents: Contents, about: About, data: Data) -> list[Fact]:
    """How far a run is, and what it used up; or, without anything, only that it goes on."""
    run = attempt(contents, about, data)
    said = {name: data[name] for name in ("progress", "note") if data[name] is not None}
    if said or data["costs"] is not None:
        run = _counted(run)
    costs = endings.summed(run["costs"], data["costs"])
    if run["budget"] is not None and costs["money"] > run["budget"]:
        error = {"cause": "budget_exhausted", "message": "The run's budget does not bear the costs."}
        spent = {**run, "costs": costs}
        return endings.conclude(contents, about, spent, "failed", error=error, note=error["message"])
    told = endings.changed(about, run, **said, costs=costs, progress_at=about.at)
    shown = {name: told[name] for name in PROGRESSED}
    return [Fact("run.progressed", {"run": {**shown, "heard_at": about.at, "reports": run["reports"]}})]


def output(contents: Contents, about: About, data: Data) -> list[Fact]:
    """More of a run's output, kept up to the limit."""
    run = attempt(contents, about, data)
    end = run["output_end"]
    if data["offset"] != end:
        raise refusal("conflict", f"The output goes on at {end}.", current=end)
    room = MAX_OUTPUT - end
    if room <= 0:
        raise limit_exceeded("characters of output; attach what is larger", MAX_OUTPUT)
    kept = data["text"][:room]
    alive = {"id": run["id"], "stale": False, "progress_at": about.at, "heard_at": about.at}
    more = {"fence": data["fence"], "offset": end, "text": kept, "truncated": len(data["text"]) >= room}
    return [
        Fact(
            "run.outputted",
            {"run_id": run["id"], "run": {**alive, "output_end": end + len(kept)}, **more},
        )
    ]


def log(contents: Contents, about: About, data: Data) -> list[Fact]:
    """A line in a run's log."""
    run = _counted(attempt(contents, about, data))
    line = {name: data[name] for name in ("fence", "level", "message", "data")}
    counted = {"id": run["id"], "reports": run["reports"]}
    return [Fact("run.logged", {"run_id": run["id"], "run": counted, **line})]


def attach(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Something that a run made, with what is in it."""
    run = attempt(contents, about, data)
    if contents.get("artifacts", data["id"]) is not None:
        raise taken()
    if sum(each["run_id"] == run["id"] for each in contents.all("artifacts")) >= MAX_ARTIFACTS:
        raise limit_exceeded("artifacts of a run", MAX_ARTIFACTS)
    given = {name: data[name] for name in ("id", "run_id", "name", "media_type", "text")}
    artifact = {**given, "bytes": len(data["text"].encode()), "created_at": about.at}
    return [Fact("run.attached", {"artifact": artifact})]


def complete(contents: Contents, about: About, data: Data) -> list[Fact]:
    """The run is done, and so is its task, unless that is to be reviewed or more is done for it."""
    run = _charged(attempt(contents, about, data, last=True), data)
    if run["canceling"]:
        error = {"cause": "canceled", "message": "It was stopped."}
        return endings.conclude(contents, about, run, "canceled", error=error, result=data["result"])
    ended = endings.conclude(
        contents, about, run, "completed", result=data["result"], summary=data["summary"]
    )
    rest = endings.After(contents, ended)
    if any(other["task_id"] == run["task_id"] for other in rest.all("runs")):
        return ended
    status = "in_review" if run["review"] else "done"
    return [*ended, *_moved(rest, about, run, NOT_BEGUN | {"in_progress"}, status)]


def fail(contents: Contents, about: About, data: Data) -> list[Fact]:
    """The attempt came to nothing; the run has another, or has failed."""
    run = _charged(attempt(contents, about, data, last=True), data)
    error = {"cause": data["cause"], "message": data["message"]}
    if run["canceling"]:
        return endings.conclude(contents, about, run, "canceled", error=error)
    return endings.requeue(contents, about, run, error=error, note=data["message"])


def release(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Hand a run back, for another process to do."""
    run = attempt(contents, about, data, last=True)
    note = data["reason"] or "Its process handed it back."
    if run["canceling"]:
        error = {"cause": "canceled", "message": note}
        return endings.conclude(contents, about, run, "canceled", note=note, error=error)
    if endings.waits(run):
        return endings.park(about, run, note)
    return endings.requeue(contents, about, run, note=note, counts=False)


def fill_claim(_contents: Contents, _about: About, data: Data, _means: Means) -> Data:
    """Which run it is; there is none for a task that nobody has ordered."""
    if data["run_id"] is None:
        raise invalid("run_id", "name a run; in an encrypted room agents do what they are given.")
    return {name: data[name] for name in ("project_id", "instance_id", "run_id", "lease_seconds")}


def _charged(run: Plain, data: Data) -> Plain:
    return {**run, "costs": endings.summed(run["costs"], data["costs"])}


def _counted(run: Plain) -> Plain:
    if run["reports"] >= MAX_LOG_LINES:
        raise limit_exceeded("log lines and progress reports of a run", MAX_LOG_LINES)
    return {**run, "reports": run["reports"] + 1}


def _moved(contents: Contents, about: About, run: Plain, before: Any, status: str) -> list[Fact]:
    """A run's task moved on, unless people have moved it already."""
    task = None if run["task_id"] is None else contents.get("tasks", run["task_id"])
    if task is None or task["status"] not in before:
        return []
    return changes.apply(contents, about, [Edit(task, {**task, "status": status})])


RULES = {
    "run.claim": Rule(claim, entity="run_id", fill=fill_claim),
    "run.progress": Rule(progress),
    "run.output": Rule(output),
    "run.log": Rule(log),
    "run.attach": Rule(attach, fill=fresh),
    "run.complete": Rule(complete, entity="run_id"),
    "run.fail": Rule(fail, entity="run_id"),
    "run.release": Rule(release, entity="run_id"),
}
