"""Runs from the queue to their end: one accepted report, whatever else is said or lost."""

from typing import Any

import pytest

from persistence.ids import new_id
from protocol.errors import ApiError, ErrorCode
from tests.workforce import Workforce, staffed
from tests.world import World

ECHO: dict[str, Any] = {"name": "echo", "concurrency": 10}
STRICT: dict[str, Any] = {
    "name": "count",
    "input": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
    "output": {"type": "object", "properties": {"words": {"type": "integer"}}, "required": ["words"]},
}


@pytest.fixture
async def force(world: World) -> Workforce:
    return await staffed(world)


async def refused(code: ErrorCode, attempt: Any) -> ApiError:
    with pytest.raises(ApiError) as refusal:
        await attempt
    assert refusal.value.code == code, refusal.value.message
    return refusal.value


async def test_a_run_goes_from_the_queue_to_its_result(force: Workforce) -> None:
    worker = await force.hire("Echo", ECHO)
    made = await force.give("echo", input={"text": "hello"})
    assert (made["state"], made["attempt"], made["agent_id"]) == ("submitted", 0, None)
    offer = await force.offered()
    assert (offer.fence, offer.input, offer.run.instance_id) == (1, {"text": "hello"}, worker.instance_id)
    assert await force.allocate() == []
    standing = await worker.say("run.accept", offer)
    assert (standing["state"], standing["canceling"]) == ("working", False)
    await worker.say("run.progress", offer, progress=0.5, note="half", costs={"tokens": 7, "seconds": 1.5})
    await worker.say("run.output", offer, text="hel", offset=0)
    await worker.say("run.output", offer, text="lo", offset=3)
    await worker.say("run.log", offer, message="nearly", level="warning", data={"left": 1})
    await worker.say("run.attach", offer, name="note.md", text="# hello", media_type="text/markdown")
    done = await worker.say("run.complete", offer, result={"text": "hello"}, summary="Said hello")
    assert (done["state"], done["instance_id"], done["agent_id"]) == ("completed", None, worker.member.id)
    details = await force.world.run(force.world.alice, "run.get", run_id=made["id"])
    assert (details["result"], details["run"]["costs"]["tokens"]) == ({"text": "hello"}, 7)
    (attempt,) = details["attempts"]
    assert (attempt["outcome"], attempt["fence"]) == ("completed", 1)
    (artifact,) = details["artifacts"]
    content = await force.world.run(force.world.alice, "run.artifact", artifact_id=artifact["id"])
    assert (content["text"], content["artifact"]["bytes"]) == ("# hello", 7)
    history = await force.world.run(force.world.alice, "run.history", run_id=made["id"])
    assert [event["type"] for event in history["items"]] == [
        *("run.created", "run.updated", "run.progressed", "run.outputted", "run.outputted", "run.logged"),
        *("run.attached", "run.ended"),
    ]


async def test_a_task_follows_its_run(force: Workforce) -> None:
    worker = await force.hire("Echo", ECHO)
    first = await force.task("First")
    second = await force.task("Second")
    await force.world.run(force.world.alice, "task.depend", task_id=second["id"], on=first["id"])
    later = await force.give("echo", task_id=second["id"])
    sooner = await force.give("echo", task_id=first["id"], review=False)
    offer = await force.started(worker)
    assert offer.run.id == sooner["id"]
    assert (await task_of(force, first["id"]))["status"] == "in_progress"
    await worker.say("run.complete", offer)
    assert (await task_of(force, first["id"]))["status"] == "done"
    following = await force.started(worker)
    assert following.run.id == later["id"]
    await worker.say("run.complete", following)
    assert (await task_of(force, second["id"]))["status"] == "done"


async def task_of(force: Workforce, task_id: str) -> Any:
    return await force.world.run(force.world.alice, "task.get", task_id=task_id)


async def test_assigning_an_agent_lets_it_begin(force: Workforce) -> None:
    able = {"name": "plan", "input": {"type": "object", "properties": {"title": {"type": "string"}}}}
    worker = await force.hire("Planner", STRICT, able)
    task = await force.task("Build a boat", description="of wood")
    await force.world.run(force.world.alice, "task.assign", task_id=task["id"], assignees=[worker.member.id])
    offer = await force.offered()
    assert (offer.run.capability, offer.input) == ("plan", {"title": "Build a boat"})
    assert offer.task is not None
    assert offer.task.description == "of wood"
    await worker.say("run.accept", offer)
    await force.world.run(force.world.alice, "task.assign", task_id=task["id"], assignees=[])
    assert (await force.run(offer.run.id))["canceling"] is True


async def test_late_and_foreign_reports_are_refused(force: Workforce) -> None:
    worker = await force.hire("Echo", ECHO)
    other = await force.hire("Other", {"name": "other"})
    made = await force.give("echo", attempts=5)
    offer = await force.started(worker)
    await refused(ErrorCode.NOT_FOUND, other.say("run.progress", offer, progress=0.1))
    await force.later(30)
    await force.keep_up()
    queued = await force.run(made["id"])
    assert (queued["state"], queued["error"]["cause"]) == ("submitted", "lost")
    await refused(ErrorCode.FENCED, worker.say("run.complete", offer, result=1))
    again = await force.started(worker)
    assert again.fence == 2
    await refused(ErrorCode.FENCED, worker.say("run.complete", offer, result=1))
    await worker.say("run.complete", again, result=2)
    await refused(ErrorCode.FENCED, worker.say("run.complete", again, result=3))
    details = await force.world.run(force.world.alice, "run.get", run_id=made["id"])
    assert details["result"] == 2
    assert [attempt["outcome"] for attempt in details["attempts"]] == ["failed", "completed"]


async def test_a_late_report_is_fenced_off_when_another_agent_has_the_run(force: Workforce) -> None:
    late = await force.hire("Late", ECHO)
    made = await force.give("echo", attempts=5)
    offer = await force.started(late)
    await force.later(30)
    await force.keep_up()
    await force.world.run(late.member, "agent.drain", instance_id=late.instance_id)
    other = await force.hire("Other", ECHO)
    again = await force.started(other)
    await refused(ErrorCode.FENCED, late.say("run.complete", offer, result=1))
    await refused(ErrorCode.NOT_FOUND, late.say("run.complete", again, result=1))
    await other.say("run.complete", again, result=2)
    await refused(ErrorCode.FENCED, late.say("run.complete", offer, result=1))
    assert (await force.run(made["id"]))["agent_id"] == other.member.id


async def test_an_offer_that_nobody_takes_goes_to_the_next(force: Workforce) -> None:
    silent = await force.hire("Silent", ECHO, capacity=1)
    made = await force.give("echo", attempts=10)
    for _ in range(3):
        offer = await force.offered()
        assert offer.run.instance_id == silent.instance_id
        await force.later(11)
        await force.keep_up()
    assert await force.allocate() == []
    waiting = await force.world.run(force.world.alice, "queue.get", project_id=force.project_id)
    (shown,) = waiting["waiting"]["items"]
    assert (shown["reason"], shown["run"]["error"]["cause"]) == ("unresponsive", "unresponsive")
    lively = await force.hire("Lively", ECHO)
    offer = await force.started(lively)
    assert offer.run.id == made["id"]


@pytest.mark.parametrize(
    ("cause", "state"), [("crashed", "submitted"), ("transient", "submitted"), ("fatal", "failed")]
)
async def test_what_failed_is_tried_again_by_its_cause(force: Workforce, cause: str, state: str) -> None:
    worker = await force.hire("Echo", ECHO)
    made = await force.give("echo", attempts=2)
    offer = await force.started(worker)
    failed = await worker.say("run.fail", offer, cause=cause, message="No")
    assert failed["state"] == state
    if state == "failed":
        return
    assert await force.allocate() == []
    await force.later(60)
    again = await force.started(worker)
    assert (await worker.say("run.fail", again, cause=cause, message="No"))["state"] == "failed"
    (dead,) = (await force.world.run(force.world.alice, "run.list", project_id=force.project_id, dead=True))[
        "items"
    ]
    assert dead["id"] == made["id"]
    retried = await force.world.run(force.world.alice, "run.retry", run_id=made["id"])
    assert (await force.started(worker)).run.id == retried["id"]
    assert (await force.world.run(force.world.alice, "run.list", project_id=force.project_id, dead=True))[
        "items"
    ] == []


async def test_stop_means_stop(force: Workforce) -> None:
    worker = await force.hire("Echo", ECHO)
    waiting = await force.give("echo", not_before="2999-01-01T00:00:00Z")
    stopped = await force.world.run(force.world.alice, "run.cancel", run_id=waiting["id"])
    assert stopped["state"] == "canceled"
    made = await force.give("echo")
    offer = await force.started(worker)
    canceling = await force.world.run(force.world.alice, "run.cancel", run_id=made["id"], reason="Enough")
    assert (canceling["state"], canceling["canceling"]) == ("working", True)
    reports: dict[str, dict[str, Any]] = {
        "run.progress": {"progress": 0.9},
        "run.output": {"text": "x", "offset": 0},
        "run.ask": {"key": "k", "prompt": "May I?"},
        "run.call": {"key": "k", "capability": "echo"},
        "run.attach": {"name": "a", "text": "b"},
    }
    for command, fields in reports.items():
        await refused(ErrorCode.RUN_CANCELED, worker.say(command, offer, **fields))
    assert (await worker.beat(offer))["canceling"] == [made["id"]]
    last = await worker.say("run.complete", offer, result="half of it")
    assert last["state"] == "canceled"
    await refused(ErrorCode.FENCED, worker.say("run.fail", offer, message="again"))
    await refused(
        ErrorCode.ILLEGAL_TRANSITION, force.world.run(force.world.alice, "run.cancel", run_id=made["id"])
    )


async def test_a_stopped_run_without_a_last_report_ends_all_the_same(force: Workforce) -> None:
    worker = await force.hire("Echo", ECHO)
    made = await force.give("echo")
    offer = await force.started(worker)
    await force.world.run(force.world.alice, "run.cancel", run_id=made["id"])
    await force.later(16)
    await force.keep_up()
    assert (await force.run(made["id"]))["state"] == "canceled"
    assert (await worker.beat(offer))["lost"] == [made["id"]]


async def test_results_must_satisfy_the_schema(force: Workforce) -> None:
    worker = await force.hire("Counter", STRICT)
    await refused(ErrorCode.INVALID, force.give("count", input={"text": 1}))
    await refused(ErrorCode.INVALID, force.give("cuont"))
    await force.give("count", input={"text": "one two"})
    offer = await force.started(worker)
    error = await refused(ErrorCode.INVALID, worker.say("run.complete", offer, result={"words": "two"}))
    assert error.data["path"] == "result.words"
    assert (await worker.say("run.complete", offer, result={"words": 2}))["state"] == "completed"


async def test_output_has_an_end_that_is_seen(force: Workforce) -> None:
    worker = await force.hire("Chatter", ECHO)
    made = await force.give("echo")
    offer = await force.started(worker)
    chunk, offset = "x" * 32_000, 0
    while offset + len(chunk) <= 1_000_000:
        await worker.say("run.output", offer, text=chunk, offset=offset)
        offset += len(chunk)
    await refused(ErrorCode.CONFLICT, worker.say("run.output", offer, text="y", offset=0))
    await worker.say("run.output", offer, text=chunk, offset=offset)
    await refused(ErrorCode.LIMIT_EXCEEDED, worker.say("run.output", offer, text="x", offset=1_000_000))
    history = await force.world.run(force.world.alice, "run.history", run_id=made["id"])
    last = history["items"][-1]["data"]
    assert (last["truncated"], last["offset"] + len(last["text"])) == (True, 1_000_000)


async def test_a_process_that_goes_hands_its_runs_back(force: Workforce) -> None:
    worker = await force.hire("Echo", ECHO)
    await force.give("echo", attempts=1)
    offer = await force.started(worker)
    await force.world.run(worker.member, "agent.drain", instance_id=worker.instance_id, leave=True)
    assert await force.allocate() == []
    other = await force.hire("Second", ECHO)
    again = await force.started(other)
    assert (again.run.id, again.fence) == (offer.run.id, 2)
    assert (await other.say("run.complete", again))["state"] == "completed"


async def test_a_process_that_comes_back_in_time_keeps_its_runs(force: Workforce) -> None:
    worker = await force.hire("Echo", ECHO)
    await force.give("echo")
    offer = await force.started(worker)
    held = [{"run_id": offer.run.id, "fence": offer.fence}, {"run_id": new_id(), "fence": 1}]
    reply = await worker.connect(runs=held)
    assert reply["lost"] == [held[1]["run_id"]]
    assert reply["runs"] == []
    anew = await worker.connect()
    assert [each["run"]["id"] for each in anew["runs"]] == [offer.run.id]
    await worker.say("run.complete", offer)


async def test_concurrency_of_process_agent_project_and_rate(force: Workforce) -> None:
    await force.hire("Two", {"name": "two", "concurrency": 2}, capacity=5)
    for _ in range(4):
        await force.give("two")
    assert len(await force.allocate()) == 2
    await force.hire("Slow", {"name": "slow", "concurrency": 9, "rate": 1})
    await force.give("slow")
    await force.give("slow")
    assert len(await force.allocate()) == 1
    await force.hire("Wide", {"name": "wide", "concurrency": 9}, capacity=9)
    for _ in range(5):
        await force.give("wide")
    await force.world.run(force.world.alice, "queue.set", project_id=force.project_id, concurrency=5)
    assert len(await force.allocate()) == 2
    await force.world.run(force.world.alice, "queue.set", project_id=force.project_id, paused=True)
    shown = await force.world.run(force.world.alice, "queue.get", project_id=force.project_id)
    assert {each["reason"] for each in shown["waiting"]["items"]} == {"paused", "offered"}
    await force.world.run(
        force.world.alice, "queue.set", project_id=force.project_id, paused=False, concurrency=None
    )
    assert len(await force.allocate()) == 3
    shown = await force.world.run(force.world.alice, "queue.get", project_id=force.project_id)
    reasons = {each["run"]["capability"]: each["reason"] for each in shown["waiting"]["items"]}
    assert (reasons["two"], reasons["slow"]) == ("at_capacity", "rate")


async def test_urgent_runs_come_first_and_projects_take_turns(force: Workforce) -> None:
    worker = await force.hire("One", ECHO, capacity=2)
    other = await force.world.run(force.world.alice, "project.create", name="Other")
    await force.world.run(
        force.world.alice, "project.set_member", project_id=other["id"], member_id=worker.member.id
    )
    low = await force.give("echo", priority="low")
    urgent = await force.give("echo", priority="urgent")
    theirs = await force.world.run(force.world.alice, "run.create", project_id=other["id"], capability="echo")
    first = {offer.run.id for offer in await force.allocate()}
    assert first == {urgent["id"], theirs["id"]}
    assert low["id"] not in first


@pytest.mark.parametrize(
    ("second", "outcome"),
    [("reject", "refused"), ("enqueue", "behind"), ("interrupt", "canceling"), ("restart", "restarted")],
)
async def test_a_second_instruction(force: Workforce, second: str, outcome: str) -> None:
    worker = await force.hire("Echo", ECHO | {"second": second})
    task = await force.task("Twice")
    made = await force.give("echo", task_id=task["id"], input={"n": 1})
    offer = await force.started(worker)
    if outcome == "refused":
        await refused(ErrorCode.CONFLICT, force.give("echo", task_id=task["id"], input={"n": 2}))
        return
    again = await force.give("echo", task_id=task["id"], input={"n": 2})
    if outcome == "restarted":
        assert again["id"] == made["id"]
        await refused(ErrorCode.FENCED, worker.say("run.progress", offer, progress=0.5))
        anew = await force.started(worker)
        assert (anew.run.id, anew.fence, anew.input) == (made["id"], 2, {"n": 2})
        return
    assert await force.allocate() == []
    assert (await force.run(made["id"]))["canceling"] is (outcome == "canceling")
    await worker.say("run.complete", offer)
    following = await force.started(worker)
    assert following.run.id == again["id"]
    assert (await task_of(force, task["id"]))["status"] == "in_progress"


async def test_what_is_done_for_a_task_ends_with_it(force: Workforce) -> None:
    worker = await force.hire("Echo", ECHO)
    task = await force.task("Soon gone")
    made = await force.give("echo", task_id=task["id"])
    await force.world.run(force.world.alice, "task.transition", task_id=task["id"], status="canceled")
    assert (await force.run(made["id"]))["state"] == "canceled"
    other = await force.task("Deleted")
    made = await force.give("echo", task_id=other["id"])
    offer = await force.started(worker)
    await force.world.run(force.world.alice, "task.delete", task_id=other["id"])
    assert (await force.run(made["id"]))["canceling"] is True
    assert (await worker.say("run.fail", offer, cause="canceled", message="ok"))["state"] == "canceled"


async def test_a_deadline_and_a_lack_of_progress_are_seen(force: Workforce) -> None:
    worker = await force.hire("Echo", ECHO | {"stale_after": 60})
    made = await force.give("echo", deadline="2999-01-01T00:00:00Z")
    offer = await force.started(worker)
    await force.later(20)
    await worker.beat(offer)
    await force.later(50)
    await worker.beat(offer)
    await force.keep_up()
    assert (await force.run(made["id"]))["stale"] is True
    await worker.say("run.progress", offer, note="at it")
    assert (await force.run(made["id"]))["stale"] is False
    await force.world.pool.execute("UPDATE runs SET deadline = now() - interval '1 second'")
    await force.keep_up()
    ended = await force.run(made["id"])
    assert (ended["state"], ended["error"]["cause"]) == ("failed", "deadline_exceeded")
    await refused(ErrorCode.FENCED, worker.say("run.complete", offer))


async def test_an_agent_that_refuses_a_run_is_not_asked_again(force: Workforce) -> None:
    picky = await force.hire("Picky", ECHO)
    made = await force.give("echo")
    offer = await force.offered()
    await picky.say("run.reject", offer, reason="Not today")
    assert await force.allocate() == []
    shown = await force.world.run(force.world.alice, "queue.get", project_id=force.project_id)
    assert shown["waiting"]["items"][0]["reason"] == "no_agent"
    easy = await force.hire("Easy", ECHO)
    assert (await force.started(easy)).run.id == made["id"]
    own = await force.give("echo", agent_id=picky.member.id)
    offer = await force.offered()
    await picky.say("run.reject", offer, reason="Not this either")
    assert (await force.run(own["id"]))["state"] == "rejected"


async def test_an_agent_without_access_loses_its_runs(force: Workforce) -> None:
    worker = await force.hire("Echo", ECHO)
    shared = await force.give("echo")
    offer = await force.started(worker)
    await force.world.run(
        force.world.alice,
        "project.remove_member",
        project_id=force.project_id,
        member_id=worker.member.id,
    )
    await refused(ErrorCode.NOT_FOUND, worker.say("run.complete", offer))
    assert (await force.run(shared["id"]))["state"] == "submitted"
    assert (await worker.beat(offer))["lost"] == [shared["id"]]


async def test_an_offer_is_no_news_in_the_room(force: Workforce) -> None:
    worker = await force.hire("Echo", ECHO)
    made = await force.give("echo", attempts=3)

    async def shown() -> Any:
        joined = await force.world.run(force.world.alice, "room.join", room=force.project_id)
        (run,) = joined["reset"]["runs"]
        return run

    assert await shown() == made
    offer = await force.offered()
    assert await shown() == made
    await worker.say("run.accept", offer)
    await worker.say("run.progress", offer, progress=0.5, note="half")
    await worker.say("run.fail", offer, message="No")
    await force.later(60)
    queued = await shown()
    assert (queued["attempt"], queued["agent_id"], queued["note"]) == (1, worker.member.id, "half")
    again = await force.offered()
    assert await shown() == queued
    await worker.say("run.accept", again)
    assert (await shown())["note"] == ""


async def test_an_agent_with_one_task_is_no_help_for_others(force: Workforce) -> None:
    worker = await force.hire("Narrow", ECHO)
    own, other = await force.task("Own"), await force.task("Other")
    waiting = await force.give("echo", task_id=other["id"])
    await force.world.run(
        force.world.alice,
        "project.set_member",
        project_id=force.project_id,
        member_id=worker.member.id,
        role="editor",
        task_id=own["id"],
    )
    assert await force.allocate() == []
    shown = await force.world.run(force.world.alice, "queue.get", project_id=force.project_id)
    (item,) = shown["waiting"]["items"]
    assert (item["run"]["id"], item["reason"]) == (waiting["id"], "no_agent")
    await refused(ErrorCode.INVALID, force.give("echo", task_id=other["id"]))
    await refused(ErrorCode.INVALID, force.give("echo"))
    made = await force.give("echo", task_id=own["id"])
    assert (await force.started(worker)).run.id == made["id"]


async def test_nothing_is_run_again_in_an_archive(force: Workforce) -> None:
    worker = await force.hire("Echo", ECHO)
    made = await force.give("echo")
    await worker.say("run.fail", await force.started(worker), cause="fatal", message="No")
    await force.world.run(
        force.world.alice, "project.transition", project_id=force.project_id, state="archived"
    )
    await refused(ErrorCode.CONFLICT, force.world.run(force.world.alice, "run.retry", run_id=made["id"]))


async def test_a_text_that_cannot_be_kept_is_refused_but_for_the_last_report(force: Workforce) -> None:
    worker = await force.hire("Binary", ECHO)
    made = await force.give("echo")
    offer = await force.started(worker)
    reports: dict[str, dict[str, Any]] = {
        "run.ask": {"key": "k", "prompt": "Is it \0?"},
        "run.attach": {"name": "a", "text": "\0"},
        "run.call": {"key": "\0", "capability": "echo"},
    }
    for command, fields in reports.items():
        await refused(ErrorCode.INVALID, worker.say(command, offer, **fields))
    await worker.say("run.log", offer, message="\0")
    await worker.say("run.fail", offer, cause="fatal", message="embedded null byte: \0")
    assert (await force.run(made["id"]))["error"]["message"] == "embedded null byte: \0"
