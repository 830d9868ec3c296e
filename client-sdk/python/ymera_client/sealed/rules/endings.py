"""How runs end, and attempts at them, with all that follows from it, as on the server.

A run has besides what an open room shows of it: its `input` and `result`, what it called for and what was
handed over to it, the process's word for how long it may be silent, and what counts its reports. Which
attempt holds it follows from the log and from what senders say of the time, so everybody knows the same.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ymera_client.fold import Plain
from ymera_client.generated import Fold
from ymera_client.sealed.rules.about import About, Contents, Fact, later, moment_ms, raised

ASKING = frozenset({"input-required", "auth-required"})
"""The states of runs that have open questions."""
AT_ONCE = frozenset({"lost", "unresponsive"})
LATER_MS = {"transient": 2_000, "crashed": 2_000, "rate_limited": 30_000}
"""Before the second attempt, by why the first one failed; doubled for each further one."""
LONGEST_PAUSE_MS = 3_600_000
MOST_DOUBLINGS = 20
UNHURRIED = 3
"""How often a run is handed back before there is a pause each time, of up to a minute."""
NOTE = 500
MOST = 2**53 - 1
"""What costs add up to, at most."""
FOLDS = {
    "run.created": (
        Fold("put", "runs", "run"),
        Fold("patch", "runs", "caller"),
        Fold("patch", "runs", "root"),
    ),
    "question.closed": (
        Fold("drop", "questions", "question_id"),
        Fold("put", "closed_questions", "question"),
    ),
    "approval.used": (Fold("put", "closed_questions", "question"),),
    "run.logged": (Fold("patch", "runs", "run"),),
    "run.attached": (Fold("put", "artifacts", "artifact"),),
}
"""What events do to what a sealed room holds besides the state of an open one."""


class After:
    """Contents after what has come of some runs."""

    def __init__(self, under: Contents, facts: Iterable[Fact] = ()) -> None:
        self._under = under
        self._runs: dict[str, Plain | None] = {}
        self.take(facts)

    def take(self, facts: Iterable[Fact]) -> None:
        """What else has come of them."""
        for fact in facts:
            if fact.type in {"run.updated", "run.ended"}:
                run = fact.data["run"]
                self._runs[run["id"]] = run if fact.type == "run.updated" else None

    def get(self, collection: str, key: str) -> Plain | None:
        if collection == "runs" and key in self._runs:
            return self._runs[key]
        return self._under.get(collection, key)

    def all(self, collection: str) -> Collection[Plain]:
        found = self._under.all(collection)
        if collection != "runs":
            return found
        changed = (run for run in self._runs.values() if run is not None)
        return [*(each for each in found if each["id"] not in self._runs), *changed]


def conclude(
    contents: Contents,
    about: About,
    run: Plain,
    state: str,
    *,
    note: str = "",
    error: Plain | None = None,
    result: Any = None,
    summary: str = "",
) -> list[Fact]:
    """End a run for good: its questions and what it called for end with it, and its caller goes on."""
    ended = changed(
        about,
        run,
        state=state,
        waiting_for=None,
        canceling=False,
        instance_id=None,
        error=error or run["error"],
        result=result,
        summary=summary,
        ended_at=about.at,
    )
    told = Fact("run.ended", {"run_id": run["id"], "run": ended, "note": note[:NOTE]})
    facts = [*withdraw_questions(contents, run), told]
    rest = After(contents, facts)
    facts += _stop_calls(rest, about, run, "The run that called for it has ended.")
    caller = rest.get("runs", run["parent_id"] or "")
    if caller is not None and caller["waiting_for"] == run["id"]:
        facts.append(resume(about, caller, f"«{run['title']}» has {state}.", answered=False))
    return facts


def requeue(
    contents: Contents,
    about: About,
    run: Plain,
    *,
    error: Plain | None = None,
    note: str = "",
    counts: bool = True,
) -> list[Fact]:
    """End an attempt and have another one, unless this was the last; then the run has failed.

    One that does not count was handed back, and is tried again whatever the limit.
    """
    spared = run["spared"] + (not counts)
    made = run["attempt"] - spared
    if counts and (made >= run["attempts"] or (error is not None and not _again(error["cause"]))):
        return conclude(contents, about, run, "failed", error=error, note=note)
    not_before = run["not_before"]
    if spared > UNHURRIED and not counts:
        not_before = later(about.at, min(60_000, 1_000 * 2 ** min(spared - UNHURRIED, MOST_DOUBLINGS)))
    if error is not None and error["cause"] in LATER_MS:
        not_before = later(about.at, _pause_ms(error["cause"], made))
    queued = changed(
        about,
        run,
        state="submitted",
        instance_id=None,
        waiting_for=None,
        not_before=not_before,
        error=error or run["error"],
        spared=spared,
    )
    return [*withdraw_questions(contents, run), updated(queued, "requeued", note)]


def park(about: About, run: Plain, note: str) -> list[Fact]:
    """Let a run that waits go on waiting without a process; what it waits for has it done anew."""
    return [updated(changed(about, run, instance_id=None, spared=run["spared"] + 1), "waiting", note)]


def stop(contents: Contents, about: About, run: Plain, reason: str) -> list[Fact]:
    """Stop a run: at once, or where a process is at work on it with time for one last report."""
    if run["instance_id"] is None or (run["canceling"] and is_silent(about, run)):
        error = {"cause": "canceled", "message": reason or "Somebody stopped it."}
        return conclude(contents, about, run, "canceled", note=reason, error=error)
    if run["canceling"]:
        return []
    stopping = changed(about, run, canceling=True, heard_at=about.at)
    facts = [updated(stopping, "canceling", reason), *withdraw_questions(contents, run)]
    return [*facts, *_stop_calls(After(contents, facts), about, stopping, reason)]


def _stop_calls(rest: After, about: About, run: Plain, reason: str) -> list[Fact]:
    """Stop what a run has called for; `rest` is what the room holds, then and after it."""
    facts: list[Fact] = []
    for called in run["calls"]:
        child = rest.get("runs", called["run_id"])
        news = [] if child is None else stop(rest, about, child, reason)
        rest.take(news)
        facts += news
    return facts


def resume(about: About, run: Plain, note: str, *, answered: bool) -> Fact:
    """Let a run go on: with its process, or to be claimed anew where that has gone.

    Its questions are `answered`, or the run that it called for has ended. It may wait for both, and then goes
    on waiting for the other.
    """
    asking = run["state"] in ASKING and not answered
    waiting_for = run["waiting_for"] if answered else None
    waits = asking or waiting_for is not None
    state = "submitted" if run["instance_id"] is None and not waits else "working"
    going = changed(
        about,
        run,
        state=run["state"] if asking else state,
        waiting_for=waiting_for,
        progress_at=run["progress_at"] if waits else about.at,
        heard_at=about.at,
    )
    return updated(going, "waiting" if waits else "resumed", note)


def stop_for_tasks(contents: Contents, about: About, task_ids: Collection[str], reason: str) -> list[Fact]:
    """Stop whatever is done for tasks."""
    return [
        fact
        for run in live(contents, lambda run: run["task_id"] in task_ids)
        for fact in stop(contents, about, run, reason)
    ]


def withdrawn(contents: Contents, about: About, member_id: str) -> list[Fact]:
    """What comes of a member's going, by a commit: if it is an agent, its runs end."""
    reason = "The agent has no access to the project any more."
    error = {"cause": "canceled", "message": reason}
    facts: list[Fact] = []
    rest = After(contents)
    for each in live(contents, lambda run: run["wanted_agent_id"] == member_id):
        # What another one of them has called for has ended with that.
        if (run := rest.get("runs", each["id"])) is not None:
            news = conclude(rest, about, run, "canceled", note=reason, error=error)
            rest.take(news)
            facts += news
    return facts


def live(contents: Contents, where: Any) -> list[Plain]:
    """The runs that go on for which this holds, by id."""
    found = [run for run in contents.all("runs") if where(run)]
    return sorted(found, key=lambda run: str(run["id"]))


def withdraw_questions(contents: Contents, run: Plain) -> list[Fact]:
    """Close what a run has asked and nobody has answered."""
    return [closed(question, state="withdrawn") for question in open_questions(contents, run["id"])]


def open_questions(contents: Contents, run_id: str) -> list[Plain]:
    """What a run has asked and nobody has answered, by id."""
    found = (each for each in contents.all("questions") if each["run_id"] == run_id)
    return sorted(found, key=lambda each: str(each["id"]))


def closed(question: Plain, **fields: Any) -> Fact:
    """A question that is settled."""
    return Fact("question.closed", {"question_id": question["id"], "question": {**question, **fields}})


def updated(run: Plain, cause: str, note: str = "") -> Fact:
    """A run that goes on, and stands elsewhere."""
    return Fact("run.updated", {"run": run, "cause": cause, "note": note[:NOTE]})


def changed(about: About, run: Plain, **fields: Any) -> dict[str, Any]:
    """A run with other fields, and as a new version of it."""
    return {**run, "version": raised(about, run), "updated_at": about.at, **fields}


def waits(run: Plain) -> bool:
    """Whether it waits for people or another run: nobody takes it over then, and it need not report."""
    return run["state"] in ASKING or run["waiting_for"] is not None


def is_silent(about: About, run: Plain) -> bool:
    """Whether the process that has a run has been silent for longer than it said it would be."""
    return moment_ms(about.at) > moment_ms(run["heard_at"]) + 1_000 * int(run["lease_seconds"])


def summed(costs: Plain, more: Mapping[str, Any] | None) -> Plain:
    """Costs with more of them."""
    return costs if more is None else {name: min(MOST, costs[name] + more[name]) for name in costs}


def earlier(run: Plain, others: Iterable[Plain]) -> Plain | None:
    """One of these for the same task that was ordered before the run."""
    if run["task_id"] is None:
        return None
    own = (run["created_at"], run["id"])
    for other in others:
        if other["task_id"] == run["task_id"] and (other["created_at"], other["id"]) < own:
            return other
    return None


def _again(cause: str) -> bool:
    return cause in AT_ONCE or cause in LATER_MS


def _pause_ms(cause: str, made: int) -> int:
    doublings = min(max(0, made - 1), MOST_DOUBLINGS)
    return int(min(LONGEST_PAUSE_MS, LATER_MS[cause] * 2**doublings))
