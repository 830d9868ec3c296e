"""How runs end, and attempts at them, with all that follows from it, as on the server.

A run has besides what an open room shows of it: its `input` and `result`, the process's word for how long it
may be silent, and what counts its reports. Which attempt holds it follows from the log and from what senders
say of the time, so everybody knows the same of it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
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
    "question.closed": (
        Fold("drop", "questions", "question_id"),
        Fold("put", "closed_questions", "question"),
    ),
    "approval.used": (Fold("put", "closed_questions", "question"),),
    "run.logged": (Fold("patch", "runs", "run"),),
    "run.attached": (Fold("put", "artifacts", "artifact"),),
}
"""What events do to what a sealed room holds besides the state of an open one."""


@dataclass(frozen=True, slots=True)
class Without:
    """Contents in which a run has ended."""

    under: Contents
    run_id: str

    def get(self, collection: str, key: str) -> Plain | None:
        return None if (collection, key) == ("runs", self.run_id) else self.under.get(collection, key)

    def all(self, collection: str) -> Collection[Plain]:
        found = self.under.all(collection)
        return found if collection != "runs" else [each for each in found if each["id"] != self.run_id]


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
    """End a run for good: its questions end with it."""
    ended = changed(
        about,
        run,
        state=state,
        canceling=False,
        instance_id=None,
        error=error or run["error"],
        result=result,
        summary=summary,
        ended_at=about.at,
    )
    told = Fact("run.ended", {"run_id": run["id"], "run": ended, "note": note[:NOTE]})
    return [*withdraw_questions(contents, run), told]


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
    return [updated(stopping, "canceling", reason), *withdraw_questions(contents, run)]


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
    return [
        fact
        for run in live(contents, lambda run: run["wanted_agent_id"] == member_id)
        for fact in conclude(contents, about, run, "canceled", note=reason, error=error)
    ]


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
