"""Runs: giving work to agents, their claims and reports, questions, and how runs end."""

from typing import Any

from scripts.generator.rules.playing import uid
from scripts.generator.rules.stage import (
    AGENT,
    ALICE,
    BEGUN_MS,
    BOB,
    CAROL,
    ROB,
    ROOM,
    SPARE,
    STRANGER,
    Script,
    scene,
)
from ymera_client.sealed.rules import handed_over, timestamp

ONE, TWO, THREE = (uid(number) for number in range(0x600, 0x603))
TASK, OTHER = uid(0x610), uid(0x611)
HERE, THERE = uid(0x620), uid(0x621)
"""Two processes of the agent."""
MOMENT_MS = 10_000


def staffed(s: Script) -> None:
    """Two agents are in the room."""
    for who, name in ((AGENT, "Agent"), (SPARE, "Spare")):
        agent = {"id": who, "name": name, "kind": "agent", "role": "editor", "joined_at": timestamp(BEGUN_MS)}
        s.holds("participants", {**agent, "until": None, "task_id": None})


def order(s: Script, key: str, *, who: str = ALICE, **more: Any) -> None:
    """Somebody gives the agent work."""
    given = {"project_id": ROOM, "id": key, "agent_id": AGENT, "capability": "summarise"}
    s.ask(who, "run.create", **{**given, **more})


def claim(s: Script, key: str, instance: str = HERE, *, ms: int | None = None, **more: Any) -> None:
    """A process of the agent takes a run; `ms` after the beginning, if that matters."""
    about = {} if ms is None else {"about": {"at": timestamp(BEGUN_MS + ms)}}
    given = {"project_id": ROOM, "run_id": key, "instance_id": instance}
    s.ask(AGENT, "run.claim", **{**given, **about, **more})


def report(s: Script, kind: str, run: str, fence: int = 1, /, **more: Any) -> None:
    """The agent reports on a run."""
    s.ask(more.pop("who", AGENT), f"run.{kind}", project_id=ROOM, run_id=run, fence=fence, **more)


def tasks(s: Script, *keys: str, **fields: Any) -> None:
    """Tasks with these ids."""
    for key in keys:
        s.ask(ALICE, "task.create", project_id=ROOM, id=key, **{"title": key[-3:], **fields})


@scene()
def orders(s: Script) -> None:
    """Members give work to agents of the room, for a task that is open or for none."""
    staffed(s)
    tasks(s, TASK, priority="high")
    order(s, ONE, task_id=TASK)
    more: dict[str, Any] = {"priority": "low", "attempts": 5, "budget": 10, "review": True}
    given: dict[str, Any] = {"text": "é🚀", "n": [1, 2.5, 1e300, -0.0, None, True, {"a": {}}]}
    order(s, TWO, who=CAROL, input=given, not_before="2026-01-01T01:00:00+01:00", **more)
    order(s, ONE, but="conflict")
    order(s, THREE, agent_id=BOB, but="invalid")
    order(s, THREE, agent_id=STRANGER, but="invalid")
    order(s, THREE, agent_id=None, but="invalid")
    order(s, THREE, task_id=OTHER, but="not_found")
    order(s, THREE, project_id=uid(2), but="not_found")
    order(s, THREE, deadline="soon", but="invalid")
    order(s, THREE, deadline="2026-01-01T01:00:00", but="invalid")
    order(s, THREE, who=ROB, but="forbidden")
    order(s, THREE, input={"half": "\ud800"}, but="invalid")
    order(s, THREE, input={"\udc00": 1}, but="invalid")
    s.ask(ALICE, "task.transition", task_id=TASK, status="done")
    order(s, THREE, task_id=TASK, but="conflict")


@scene()
def a_run_from_its_claim_to_its_end(s: Script) -> None:
    """It is one attempt's; its task is begun with it, and done."""
    staffed(s)
    tasks(s, TASK, OTHER)
    s.ask(ALICE, "task.depend", task_id=OTHER, on=TASK)
    order(s, ONE, task_id=TASK)
    s.ask(SPARE, "run.claim", project_id=ROOM, run_id=ONE, instance_id=HERE, but="not_found")
    s.ask(ALICE, "run.claim", project_id=ROOM, run_id=ONE, instance_id=HERE, but="not_found")
    claim(s, ONE, project_id=uid(2), but="not_found")
    claim(s, ONE, lease_seconds=0, but="invalid")
    claim(s, ONE)
    claim(s, ONE, THERE, ms=4 * 60_000 + 60_000, but="conflict")
    report(s, "progress", ONE, progress=0.5, note="half")
    report(s, "progress", ONE)
    report(s, "progress", ONE, costs={"tokens": 3, "seconds": 0.1})
    report(s, "progress", ONE, costs={"seconds": 0.2})
    report(s, "output", ONE, text="a🚀", offset=0)
    report(s, "output", ONE, text="b", offset=3, but="conflict")
    report(s, "output", ONE, text="b", offset=2)
    report(s, "log", ONE, message="well", level="warning", data={"k": [1]})
    report(s, "attach", ONE, name="n.md", text="é", media_type="text/markdown")
    report(s, "progress", ONE, 2, but="fenced")
    report(s, "progress", ONE, who=SPARE, but="not_found")
    report(s, "progress", TWO, but="not_found")
    report(s, "complete", ONE, result={"n": 1}, summary="one", costs={"money": 5})
    report(s, "progress", ONE, but="fenced")
    report(s, "complete", ONE, but="fenced")
    report(s, "attach", ONE, name="n.md", text="x", but="fenced")
    report(s, "log", ONE, message="x", but="fenced")


@scene()
def tasks_of_runs(s: Script) -> None:
    """One run of a task goes on at a time, none while it waits; what people have moved is left."""
    staffed(s)
    tasks(s, TASK, OTHER)
    s.ask(ALICE, "task.depend", task_id=TASK, on=OTHER)
    order(s, ONE, task_id=TASK)
    order(s, TWO, task_id=TASK, review=True)
    claim(s, ONE, but="conflict")
    s.ask(ALICE, "task.transition", task_id=OTHER, status="done")
    claim(s, TWO, but="conflict")
    claim(s, ONE)
    report(s, "complete", ONE)
    claim(s, TWO)
    s.ask(ALICE, "task.transition", task_id=TASK, status="backlog")
    report(s, "complete", TWO)
    order(s, THREE, task_id=TASK)
    claim(s, THREE)
    s.ask(ALICE, "task.transition", task_id=TASK, status="canceled")
    report(s, "progress", THREE, but="run_canceled")
    report(s, "complete", THREE, result=1)


@scene()
def tasks_that_go_stop_their_runs(s: Script) -> None:
    """Whether one is at work or not."""
    staffed(s)
    tasks(s, TASK)
    order(s, ONE, task_id=TASK)
    order(s, TWO, task_id=TASK)
    claim(s, ONE)
    s.ask(ALICE, "task.delete", task_id=TASK)
    report(s, "fail", ONE, message="stopped")


@scene()
def failing(s: Script) -> None:
    """What may pass is tried again, later each time; what may not is not, nor more often than allowed."""
    staffed(s)
    order(s, ONE, attempts=3)
    claim(s, ONE)
    report(s, "fail", ONE, message="x" * 600, cause="transient")
    claim(s, ONE, ms=5 * 60_000 + 1_999, but="conflict")
    claim(s, ONE, ms=5 * 60_000 + 2_000)
    report(s, "fail", ONE, 1, message="late", but="fenced")
    report(s, "fail", ONE, 2, message="again", cause="rate_limited")
    claim(s, ONE)
    report(s, "fail", ONE, 3, message="again")
    claim(s, ONE, but="not_found")
    s.ask(BOB, "run.retry", run_id=ONE)
    order(s, TWO)
    claim(s, TWO)
    report(s, "fail", TWO, message="no", cause="fatal")
    s.ask(BOB, "run.retry", run_id=TWO, input={"more": 1})
    s.ask(BOB, "run.retry", run_id=uid(0x699), but="not_found")
    s.ask(ROB, "run.retry", run_id=TWO, but="forbidden")
    order(s, THREE)
    s.ask(BOB, "run.retry", run_id=THREE, but="illegal_transition")
    claim(s, THREE)
    report(s, "complete", THREE)
    s.ask(BOB, "run.retry", run_id=THREE, but="illegal_transition")


@scene()
def silent_processes(s: Script) -> None:
    """Another takes over after the time that they said; each time counts. Who comes back goes on at once."""
    staffed(s)
    order(s, ONE, attempts=2)
    claim(s, ONE, ms=MOMENT_MS, lease_seconds=20)
    report(s, "progress", ONE, about={"at": timestamp(BEGUN_MS + 2 * MOMENT_MS)})
    claim(s, ONE, THERE, ms=4 * MOMENT_MS, but="conflict")
    claim(s, ONE, THERE, ms=4 * MOMENT_MS + 1)
    report(s, "progress", ONE, but="fenced")
    claim(s, ONE, THERE)
    order(s, TWO)
    claim(s, TWO)
    claim(s, TWO)
    report(s, "output", TWO, 2, text="anew", offset=0)
    late = timestamp(BEGUN_MS + 60 * 60_000)
    order(s, THREE, deadline=late)
    claim(s, THREE, ms=60 * 60_000 + 1)


@scene()
def handing_back(s: Script) -> None:
    """Not held against anybody, but slower when it is done often."""
    staffed(s)
    order(s, ONE, attempts=1)
    for fence in range(1, 6):
        claim(s, ONE)
        report(s, "release", ONE, fence, reason="" if fence > 1 else "night")
    report(s, "release", ONE, 5, but="fenced")
    claim(s, ONE)
    report(s, "complete", ONE, 6)


@scene()
def canceling(s: Script) -> None:
    """What is at work may say one last thing; what is not ends at once."""
    staffed(s)
    order(s, ONE)
    s.ask(CAROL, "run.cancel", run_id=ONE)
    s.ask(CAROL, "run.cancel", run_id=ONE, but="illegal_transition")
    s.ask(CAROL, "run.cancel", run_id=TWO, but="not_found")
    order(s, TWO)
    claim(s, TWO)
    s.ask(ROB, "run.cancel", run_id=TWO, but="forbidden")
    s.ask(CAROL, "run.cancel", run_id=TWO, reason="enough")
    s.ask(CAROL, "run.cancel", run_id=TWO, about={"at": timestamp(BEGUN_MS)})
    small: dict[str, dict[str, Any]] = {
        "progress": {},
        "output": {"text": "x", "offset": 0},
        "log": {"message": "x"},
    }
    for kind, more in small.items():
        report(s, kind, TWO, **more, but="run_canceled")
    report(s, "complete", TWO, result="so far")
    order(s, THREE)
    claim(s, THREE)
    s.ask(CAROL, "run.cancel", run_id=THREE)
    claim(s, THREE, THERE, ms=0, but="conflict")
    claim(s, THREE, THERE)
    order(s, uid(0x603))
    claim(s, uid(0x603))
    s.ask(CAROL, "run.cancel", run_id=uid(0x603))
    s.ask(CAROL, "run.cancel", run_id=uid(0x603))
    order(s, uid(0x604))
    claim(s, uid(0x604))
    s.ask(CAROL, "run.cancel", run_id=uid(0x604))
    report(s, "release", uid(0x604))


@scene()
def budgets(s: Script) -> None:
    """A run that costs more than it may has failed."""
    staffed(s)
    order(s, ONE, budget=10)
    claim(s, ONE)
    report(s, "progress", ONE, costs={"money": 10})
    report(s, "progress", ONE, costs={"money": 1})
    report(s, "progress", ONE, costs={"money": 1}, but="fenced")


@scene()
def agents_that_go(s: Script) -> None:
    """Their runs end; those of others go on."""
    staffed(s)
    order(s, ONE)
    order(s, TWO, agent_id=SPARE)
    claim(s, ONE)
    order(s, THREE)
    s.part(ALICE, AGENT)


def asks(s: Script, run: str, name: str, fence: int = 1, /, **more: Any) -> str:
    """The agent asks something; the question's id."""
    report(s, "ask", run, fence, key=name, **{"prompt": f"{name}?", **more})
    open_ones = [each for each in s.player.whole.all("questions") if each["key"] == name]
    return str(open_ones[0]["id"]) if open_ones else ""


@scene()
def questions(s: Script) -> None:
    """The run waits, without a claim, until each was answered by who may; the same key is asked once."""
    staffed(s)
    order(s, ONE, who=CAROL)
    claim(s, ONE)
    words = asks(s, ONE, "words")
    asks(s, ONE, "words")
    choice = asks(s, ONE, "choice", kind="choice", choices=["a", "b"], to=[BOB, ALICE, BOB])
    form = asks(s, ONE, "form", kind="form", form={"type": "object"})
    asks(s, ONE, "none", kind="choice", but="invalid")
    asks(s, ONE, "none", choices=["a"], but="invalid")
    asks(s, ONE, "none", kind="form", but="invalid")
    asks(s, ONE, "none", kind="approval", action="go", but="invalid")
    asks(s, ONE, "none", ceiling=1, but="invalid")
    asks(s, ONE, "none", to=[BOB, STRANGER], but="invalid")
    asks(s, ONE, "none", expires_at="2026-01-01T00:00:00.000Z", but="invalid")
    claim(s, ONE, THERE, ms=600 * 60_000, but="conflict")
    s.ask(AGENT, "run.answer", question_id=words, answer="me", but="forbidden")
    s.ask(BOB, "run.answer", question_id=words, answer=1, but="invalid")
    s.ask(CAROL, "run.answer", question_id=choice, answer="a", but="forbidden")
    s.ask(ROB, "run.answer", question_id=words, answer="x", but="forbidden")
    s.ask(BOB, "run.answer", question_id=choice, answer="c", but="invalid")
    s.ask(BOB, "run.answer", question_id=choice, answer="b", comment="why not")
    s.ask(BOB, "run.answer", question_id=choice, answer="a", but="conflict")
    s.ask(BOB, "run.answer", question_id=uid(0x698), answer="a", but="not_found")
    s.ask(CAROL, "run.answer", question_id=form, answer=[], but="invalid")
    s.ask(CAROL, "run.answer", question_id=form, answer={"street": "Elm"})
    report(s, "release", ONE)
    s.ask(CAROL, "run.answer", question_id=words, answer="done")
    claim(s, ONE)
    asks(s, ONE, "choice", 2, kind="choice", choices=["a", "b"])
    report(s, "complete", ONE, 2)
    order(s, TWO)
    claim(s, TWO)
    asks(s, TWO, "words")
    s.ask(ALICE, "run.cancel", run_id=TWO)
    report(s, "ask", TWO, key="more", prompt="?", but="run_canceled")


@scene()
def approvals(s: Script) -> None:
    """By people alone, for exactly this, once."""
    staffed(s)
    order(s, ONE, who=SPARE)
    claim(s, ONE)
    deed: dict[str, Any] = {"action": "pay", "arguments": {"to": "Ann", "n": [1, True]}}
    allowed = asks(s, ONE, "pay", kind="approval", ceiling=100, **deed)
    s.ask(SPARE, "run.answer", question_id=allowed, answer=True, but="forbidden")
    s.ask(ALICE, "run.answer", question_id=allowed, answer="yes", but="invalid")
    report(s, "use_approval", ONE, question_id=allowed, **deed, but="forbidden")
    s.ask(ALICE, "run.answer", question_id=allowed, answer=True)
    others: list[dict[str, Any]] = [
        {"action": "play"},
        {"cost": 101},
        {"arguments": {"to": "Ann", "n": [True, 1]}},
    ]
    for wrong in others:
        report(s, "use_approval", ONE, question_id=allowed, **{**deed, **wrong}, but="forbidden")
    report(s, "use_approval", ONE, question_id=uid(0x697), **deed, but="not_found")
    report(s, "use_approval", ONE, question_id=allowed, **deed, cost=100)
    report(s, "use_approval", ONE, question_id=allowed, **deed, but="forbidden")
    denied = asks(s, ONE, "again", kind="approval", **deed)
    s.ask(ALICE, "run.answer", question_id=denied, answer=False)
    report(s, "use_approval", ONE, question_id=denied, **deed, but="forbidden")


@scene()
def newcomers(s: Script) -> None:
    """They are given the runs that go on, and what these have asked."""
    before = Script("", "", s.form)
    staffed(before)
    order(before, ONE)
    claim(before, ONE)
    asks(before, ONE, "first")
    before.ask(ALICE, "run.answer", question_id=_open(before), answer="yes")
    asks(before, ONE, "second")
    order(before, TWO)
    before.ask(ALICE, "run.cancel", run_id=TWO)
    staffed(s)
    for command in handed_over(before.player.whole):
        s.tell(ALICE, dict(command), about={"newcomer": True})
        s.tell(ALICE, dict(command), about={"newcomer": True})
    asks(s, ONE, "first")
    s.ask(ALICE, "run.answer", question_id=_open(s), answer="no")
    report(s, "complete", ONE)


def _open(s: Script) -> str:
    """The question that is open."""
    [question] = s.player.whole.all("questions")
    return str(question["id"])


@scene("conversation")
def no_runs_in_conversations(s: Script) -> None:
    """They have no tasks either."""
    staffed(s)
    order(s, ONE, but="not_found")
    claim(s, ONE, but="not_found")


SUMMARISE = {
    "name": "summarise",
    "input": {"type": "object", "properties": {"title": {}, "due": {}, "labels": {}}, "required": ["title"]},
}
ODD = {"name": "anything", "input": {"required": 7, "properties": ["title"]}}
"""What no honest server would let an agent declare."""
DICTATED = {"name": "dictate", "input": {"properties": {"text": {}}, "required": ["text"]}}


@scene()
def assignments(s: Script) -> None:
    """Who is given a task begins, if it needs nothing but what the task says; who loses it is stopped."""
    staffed(s)
    able: dict[str, Any] = {AGENT: [DICTATED, SUMMARISE], SPARE: [ODD]}
    tasks(s, TASK, priority="high", due="2026-03-01")
    s.ask(ALICE, "task.assign", task_id=TASK, assignees=[AGENT, BOB], able=able)
    s.ask(ALICE, "task.assign", task_id=TASK, assignees=[BOB, AGENT, SPARE], able=able)
    (first,) = [each for each in s.player.whole.all("runs") if each["wanted_agent_id"] == AGENT]
    claim(s, first["id"])
    s.ask(BOB, "task.assign", task_id=TASK, assignees=[], able=able)
    s.ask(BOB, "task.assign", task_id=TASK, assignees=[AGENT], able=able)
    report(s, "fail", first["id"], cause="canceled", message="stopped")
    s.ask(BOB, "task.assign", task_id=TASK, assignees=[AGENT, BOB], able=able)
    s.ask(BOB, "task.assign", task_id=TASK, assignees=[SPARE], able={SPARE: [DICTATED]})
    s.ask(BOB, "task.assign", task_id=TASK, assignees=[AGENT])
    more: dict[str, Any] = {"project_id": ROOM, "title": "with it", "assignees": [AGENT], "able": able}
    s.ask(CAROL, "task.create", id=OTHER, labels=["x", "X"], **more)
    s.ask(CAROL, "task.create", id=uid(0x612), status="done", **more)
    s.ask(ROB, "task.assign", task_id=TASK, assignees=[], able=able, but="forbidden")


@scene()
def what_an_assignment_names(s: Script) -> None:
    """Whatever its author has named, only those begin that the task is given to and that are at work here."""
    staffed(s)
    tasks(s, TASK, OTHER)
    given: dict[str, Any] = {"task_id": TASK, "assignees": [AGENT, SPARE, BOB]}

    def run(key: str, agent: str, *takes: str, **more: Any) -> dict[str, Any]:
        return {"id": key, "agent_id": agent, "capability": "summarise", "takes": [*takes], **more}

    def assign(*runs: Any, but: str | None = None, **more: Any) -> None:
        s.say(ALICE, "task.assign", but=but, **{**given, "runs": [*runs], **more})

    assign(run(ONE, AGENT, "text"), but="invalid")
    assign(run(ONE, AGENT, *["title"] * 6), but="invalid")
    assign(run(ONE, AGENT, input={}), but="invalid")
    assign({"id": ONE, "agent_id": AGENT}, but="invalid")
    assign(*[run(uid(0x700 + n), AGENT) for n in range(21)], but="invalid")
    assign(run(ONE, AGENT), run(ONE, SPARE), but="conflict")
    assign(run(ONE, BOB), run(TWO, STRANGER), run(THREE, AGENT, "due", "title", "title"), run(ONE, AGENT))
    assign(run(THREE, SPARE), but="conflict", assignees=[AGENT, SPARE], task_id=OTHER)
    assign(run(ONE, SPARE), assignees=[AGENT, SPARE], version=9, but="conflict")
    assign(run(ONE, SPARE), assignees=[AGENT, SPARE])
    assign(run(ONE, SPARE), task_id=OTHER, assignees=[AGENT])


def call(s: Script, run: str, key: str, capability: str = "read", /, **more: Any) -> None:
    """A run of the agent's calls for another one."""
    s.ask(
        more.pop("who", AGENT),
        "run.call",
        project_id=ROOM,
        run_id=run,
        fence=more.pop("fence", 1),
        key=key,
        capability=capability,
        **{"agent_id": SPARE, **more},
    )


def called(s: Script, run: str) -> list[str]:
    """The runs that a run has called for."""
    return [each["run_id"] for each in s.see("runs", run)["calls"]]


def serve(s: Script, run: str, **more: Any) -> None:
    """A process of the other agent takes a run."""
    s.ask(SPARE, "run.claim", project_id=ROOM, run_id=run, instance_id=THERE, **more)


@scene()
def calls(s: Script) -> None:
    """A run waits for what it called for, the same for the same key, and goes on when that has ended."""
    staffed(s)
    able: dict[str, Any] = {AGENT: [{"name": "read"}], SPARE: [{"name": "sum"}, {"name": "read"}]}
    order(
        s, ONE, priority="high", deadline="2026-01-02T00:00:00Z", able=able, agent_id=None, capability="sum"
    )
    order(s, TWO, agent_id=None, capability="fly", able=able, but="invalid")
    s.ask(SPARE, "run.release", project_id=ROOM, run_id=ONE, fence=1, but="not_found")
    order(s, TWO, priority="low", deadline="2026-01-02T00:00:00Z")
    call(s, TWO, "a", but="not_found")
    claim(s, TWO)
    call(s, TWO, "a", agent_id=BOB, but="invalid")
    call(s, TWO, "a", "fly", agent_id=None, able=able, but="invalid")
    call(s, TWO, "a", agent_id=None, able=able, input={"n": 1}, budget=5, deadline="2026-01-03T00:00:00Z")
    call(s, TWO, "a", able=able)
    call(s, TWO, "b", wait=False, deadline="2026-01-01T09:00:00Z")
    call(s, TWO, "a", wait=False)
    claim(s, TWO, THERE, ms=90 * 60_000, but="conflict")
    first, second = called(s, TWO)
    serve(s, first)
    s.ask(SPARE, "run.complete", project_id=ROOM, run_id=first, fence=1, result=[1])
    call(s, TWO, "a")
    serve(s, second)
    s.ask(SPARE, "run.fail", project_id=ROOM, run_id=second, fence=1, cause="fatal", message="no")
    report(s, "complete", TWO)
    call(s, TWO, "c", but="fenced")


@scene()
def what_ends_with_a_caller(s: Script) -> None:
    """Who is stopped, or has ended, stops what it called for, and who has waited for that goes on."""
    staffed(s)
    for number, (key, end) in enumerate([(ONE, "cancel"), (TWO, "complete"), (THREE, "fail")]):
        order(s, key)
        claim(s, key, ms=(number + 1) * 3_600_000)
        call(s, key, "a")
        call(s, key, "b", wait=False)
        taken, left = called(s, key)
        serve(s, taken)
        s.ask(
            SPARE,
            "run.call",
            project_id=ROOM,
            run_id=taken,
            fence=1,
            key="c",
            capability="sum",
            agent_id=SPARE,
        )
        if end == "cancel":
            s.ask(ALICE, "run.cancel", run_id=key)
            report(s, "fail", key, message="stopped")
        else:
            report(s, end, key, **({"message": "x", "cause": "fatal"} if end == "fail" else {}))
        s.ask(SPARE, "run.fail", project_id=ROOM, run_id=taken, fence=1, message="stopped", cause="fatal")
        s.ask(ALICE, "run.cancel", run_id=left, but="illegal_transition")


@scene()
def a_caller_that_also_asks(s: Script) -> None:
    """It goes on when it has both; one that is handed back meanwhile is claimed anew then."""
    staffed(s)
    order(s, ONE)
    claim(s, ONE)
    call(s, ONE, "a")
    asked: dict[str, Any] = {"project_id": ROOM, "run_id": ONE, "prompt": "Which?"}
    first = s.ask(AGENT, "run.ask", fence=1, key="k", **asked)["command"]["data"]["id"]
    (child,) = called(s, ONE)
    report(s, "release", ONE)
    s.ask(ALICE, "run.answer", question_id=first, answer="that")
    claim(s, ONE, but="conflict")
    serve(s, child)
    s.ask(SPARE, "run.complete", project_id=ROOM, run_id=child, fence=1)
    claim(s, ONE, THERE)
    second = s.ask(AGENT, "run.ask", fence=2, key="l", **asked)["command"]["data"]["id"]
    call(s, ONE, "b", fence=2)
    serve(s, called(s, ONE)[1])
    s.ask(SPARE, "run.complete", project_id=ROOM, run_id=called(s, ONE)[1], fence=1)
    s.ask(ALICE, "run.answer", question_id=second, answer="this")
    s.part(ALICE, AGENT)


@scene()
def circles_of_calls(s: Script) -> None:
    """Nobody calls without end."""
    staffed(s)
    order(s, ONE)
    run = ONE
    for depth in range(9):
        s.ask(AGENT, "run.claim", project_id=ROOM, run_id=run, instance_id=HERE)
        names = ["summarise", "read"] if depth == 2 else []
        for name in names:
            call(s, run, "again", name, agent_id=AGENT, but=None if name == "read" else "limit_exceeded")
        if depth == 8:
            call(s, run, "deeper", f"n{depth}", agent_id=AGENT, but="limit_exceeded")
            return
        call(s, run, "deeper", "summarise" if depth == 0 else f"n{depth}", agent_id=AGENT)
        run = called(s, run)[-1]


@scene()
def an_agent_that_goes_with_its_calls(s: Script) -> None:
    """All its runs end once, whoever called whom."""
    staffed(s)
    order(s, ONE)
    claim(s, ONE)
    call(s, ONE, "a", agent_id=AGENT)
    call(s, ONE, "b")
    claim(s, called(s, ONE)[0], THERE)
    order(s, TWO, agent_id=SPARE)
    serve(s, TWO)
    s.ask(SPARE, "run.call", project_id=ROOM, run_id=TWO, fence=1, key="k", capability="read", agent_id=AGENT)
    s.part(ALICE, AGENT)
    s.part(ALICE, SPARE)


@scene()
def handovers(s: Script) -> None:
    """A run ends as completed, and another agent goes on with its task, its note and its result."""
    staffed(s)
    able: dict[str, Any] = {AGENT: [{"name": "write"}], SPARE: [{"name": "write"}]}
    tasks(s, TASK, priority="high")
    order(s, ONE, task_id=TASK, review=True, deadline="2026-01-02T00:00:00Z", who=CAROL)
    claim(s, ONE)
    report(s, "hand_off", ONE, capability="write", agent_id=BOB, but="invalid")
    report(s, "hand_off", ONE, capability="fly", able=able, but="invalid")
    report(s, "hand_off", ONE, 2, capability="write", able=able, but="fenced")
    report(s, "hand_off", ONE, capability="write", able=able, input={"n": 1}, note="Look.", result={"m": [2]})
    report(s, "hand_off", ONE, capability="write", able=able, but="fenced")
    (second,) = [each["id"] for each in s.player.whole.all("runs")]
    serve(s, second)
    s.ask(SPARE, "run.complete", project_id=ROOM, run_id=second, fence=1)
    order(s, TWO)
    claim(s, TWO)
    call(s, TWO, "a")
    report(s, "hand_off", TWO, capability="write", agent_id=AGENT)
