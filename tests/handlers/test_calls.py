"""Agents that work with each other: calls, hand-overs and claims."""

import asyncio
from typing import Any

from handlers import allocation
from protocol.errors import ErrorCode
from tests.handlers.test_runs import ECHO, force, refused, task_of
from tests.workforce import Worker, Workforce

__all__ = ["force"]


async def test_a_call_costs_no_slot_and_wakes_on_its_answer(force: Workforce) -> None:
    caller = await force.hire("Caller", {"name": "ask"}, capacity=1)
    helper = await force.hire("Helper", ECHO)
    made = await force.give("ask")
    offer = await force.started(caller)
    child = await caller.say("run.call", offer, key="1", capability="echo", input={"n": 1})
    assert (child["parent_id"], child["depth"]) == (made["id"], 1)
    assert (await force.run(made["id"]))["waiting_for"] == child["id"]
    again = await caller.say("run.call", offer, key="1", capability="echo", input={"n": 1})
    assert again["id"] == child["id"]
    called = await force.started(helper)
    await force.give("ask")
    second = await force.started(caller)
    await helper.say("run.complete", called, result={"said": 1})
    assert (await force.run(made["id"]))["waiting_for"] is None
    assert (await caller.beat(offer, second))["answered"] == [made["id"]]
    await caller.say("run.complete", offer)


async def test_a_caller_that_went_gets_the_replies_when_it_begins_anew(force: Workforce) -> None:
    caller = await force.hire("Caller", {"name": "ask"})
    helper = await force.hire("Helper", ECHO)
    made = await force.give("ask")
    offer = await force.started(caller)
    await caller.say("run.call", offer, key="1", capability="echo")
    called = await force.started(helper)
    await force.later(26)
    await helper.beat(called)
    await force.world.pool.execute(
        "UPDATE runs SET lease_until = now() + interval '9 s' WHERE id = $1", called.run.id
    )
    await force.keep_up()
    assert (await force.run(made["id"]))["instance_id"] is None
    await helper.say("run.complete", called, result="yes")
    anew = await force.started(caller)
    assert (anew.run.id, anew.fence) == (made["id"], 2)
    assert anew.results["1"]["result"] == "yes"


async def test_circles_and_depths_of_calls_end(force: Workforce) -> None:
    worker = await force.hire("Self", {"name": "loop", "concurrency": 20}, capacity=20)
    await force.give("loop")
    offer = await force.started(worker)
    for _ in range(1):
        await worker.say("run.call", offer, key="1", capability="loop")
        offer = await force.started(worker)
    await refused(ErrorCode.LIMIT_EXCEEDED, worker.say("run.call", offer, key="1", capability="loop"))


async def test_stopping_a_run_stops_what_it_called_for(force: Workforce) -> None:
    caller = await force.hire("Caller", {"name": "ask"})
    helper = await force.hire("Helper", ECHO)
    made = await force.give("ask")
    offer = await force.started(caller)
    child = await caller.say("run.call", offer, key="1", capability="echo")
    await force.started(helper)
    await force.world.run(force.world.alice, "run.cancel", run_id=made["id"])
    assert (await force.run(child["id"]))["canceling"] is True


async def test_a_task_is_handed_over_with_its_context(force: Workforce) -> None:
    first = await force.hire("First", {"name": "research"})
    second = await force.hire("Second", {"name": "write"})
    task = await force.task("An article")
    made = await force.give("research", task_id=task["id"])
    offer = await force.started(first)
    following = await first.say(
        "run.hand_off", offer, capability="write", note="All is found", result={"facts": 3}
    )
    assert (await force.run(made["id"]))["state"] == "completed"
    assert (following["previous_id"], following["task_id"]) == (made["id"], task["id"])
    next_offer = await force.started(second)
    assert next_offer.handed is not None
    assert (next_offer.handed.note, next_offer.handed.result) == ("All is found", {"facts": 3})
    await second.say("run.complete", next_offer)
    assert (await task_of(force, task["id"]))["status"] == "done"


async def test_an_agent_claims_what_nobody_works_on(force: Workforce) -> None:
    worker = await force.hire("Helpful", {"name": "assist", "concurrency": 2}, capacity=0)
    task, blocked, taken = [await force.task(title) for title in ("Free", "Blocked", "Taken")]
    await force.world.run(force.world.alice, "task.depend", task_id=blocked["id"], on=task["id"])
    await force.world.run(
        force.world.alice, "task.assign", task_id=taken["id"], assignees=[force.world.alice.id]
    )

    async def claim(**what: Any) -> Any:
        return await force.world.run(
            worker.member,
            "run.claim",
            project_id=force.project_id,
            instance_id=worker.instance_id,
            **what,
        )

    offer = await claim(task_id=task["id"])
    assert (offer["run"]["state"], offer["fence"], offer["task"]["title"]) == ("working", 1, "Free")
    for other in (task, blocked, taken):
        await refused(ErrorCode.CONFLICT, claim(task_id=other["id"]))
    waiting = await force.give("assist")
    assert await force.allocate() == []
    assert (await claim(run_id=waiting["id"]))["run"]["state"] == "working"
    await refused(ErrorCode.CONFLICT, claim(run_id=waiting["id"]))
    await refused(ErrorCode.INVALID, claim())


async def test_what_an_agent_calls_of_itself_ends_with_its_access(force: Workforce) -> None:
    worker = await force.hire("Both", {"name": "ask"}, ECHO)
    made = await force.give("ask", agent_id=worker.member.id)
    offer = await force.started(worker)
    child = await worker.say("run.call", offer, key="1", capability="echo")
    await force.started(worker)
    await force.world.run(
        force.world.alice,
        "project.remove_member",
        project_id=force.project_id,
        member_id=worker.member.id,
    )
    for run_id in (made["id"], child["id"]):
        assert (await force.run(run_id))["state"] == "canceled"


async def test_a_deleted_project_ends_what_was_offered_for_a_call_once(force: Workforce) -> None:
    caller = await force.hire("Caller", {"name": "ask"})
    await force.hire("Helper", ECHO)
    await force.give("ask")
    offer = await force.started(caller)
    child = await caller.say("run.call", offer, key="1", capability="echo")
    await force.offered()
    await force.world.run(force.world.alice, "project.delete", project_id=force.project_id)
    ends = [event for event in force.world.published if event.type == "run.ended"]
    assert [event.data["run_id"] for event in ends] == [child["id"]]


async def test_an_attempt_after_one_that_waited_takes_a_slot(force: Workforce) -> None:
    caller = await force.hire("Caller", {"name": "ask"}, capacity=1)
    await force.hire("Helper", ECHO)
    made = await force.give("ask")
    offer = await force.started(caller)
    await caller.say("run.call", offer, key="1", capability="echo")
    await force.offered()
    await caller.say("run.fail", offer, cause="lost", message="It stopped waiting")
    assert (await force.run(made["id"]))["waiting_for"] is None
    await force.started(caller)
    await force.give("ask")
    assert await force.allocate() == []


async def test_a_call_that_is_repeated_is_told_once(force: Workforce) -> None:
    caller = await force.hire("Caller", {"name": "ask"})
    await force.hire("Helper", ECHO)
    await force.give("ask")
    offer = await force.started(caller)
    for _ in range(3):
        await caller.say("run.call", offer, key="1", capability="echo")
    causes = [event.data["cause"] for event in force.world.published if event.type == "run.updated"]
    assert causes.count("waiting") == 1


async def test_what_begins_anew_calls_anew(force: Workforce) -> None:
    caller = await force.hire("Caller", {"name": "ask", "second": "restart"})
    helper = await force.hire("Helper", ECHO)
    task = await force.task("Twice")
    await force.give("ask", task_id=task["id"], input={"n": 1})
    offer = await force.started(caller)
    first = await caller.say("run.call", offer, key="1", capability="echo", input={"n": 1})
    called = await force.started(helper)
    await helper.say("run.complete", called, result=1)
    await force.give("ask", task_id=task["id"], input={"n": 2})
    anew = await force.started(caller)
    assert anew.results == {}
    second = await caller.say("run.call", anew, key="1", capability="echo", input={"n": 2})
    assert second["id"] != first["id"]
    called = await force.started(helper)
    assert called.input == {"n": 2}


async def test_a_claim_overtakes_nothing(force: Workforce) -> None:
    worker = await force.hire("Helpful", ECHO, capacity=0)
    other = await force.hire("Other", {"name": "other"})
    task = await force.task("One at a time")
    await force.give("other", task_id=task["id"])
    await force.started(other)
    behind, free = await force.give("echo", task_id=task["id"]), await force.give("echo")

    async def claim(run_id: str) -> Any:
        return await force.world.run(
            worker.member,
            "run.claim",
            project_id=force.project_id,
            instance_id=worker.instance_id,
            run_id=run_id,
        )

    await refused(ErrorCode.CONFLICT, claim(behind["id"]))
    project: dict[str, Any] = {"project_id": force.project_id}
    for state in ("active", "on_hold"):
        await force.world.run(force.world.alice, "project.transition", state=state, **project)
    await refused(ErrorCode.CONFLICT, claim(free["id"]))
    await force.world.run(force.world.alice, "project.transition", state="active", **project)
    await claim(free["id"])


async def test_a_claim_waits_while_runs_are_given_away(force: Workforce) -> None:
    worker = await force.hire("Both", ECHO | {"concurrency": 1}, capacity=1)
    first, second = await force.give("echo"), await force.give("echo")
    async with force.world.pool.acquire() as tx, tx.transaction():
        (offer,) = await allocation.allocate(tx)
        (claimed,) = {first["id"], second["id"]} - {offer.run.id}
        trying = asyncio.create_task(
            force.world.run(
                worker.member,
                "run.claim",
                project_id=force.project_id,
                instance_id=worker.instance_id,
                run_id=claimed,
            )
        )
        done, _ = await asyncio.wait({trying}, timeout=0.5)
        assert not done
    await refused(ErrorCode.CONFLICT, trying)


async def test_a_run_that_waits_for_two_things_goes_on_with_both(force: Workforce) -> None:
    caller = await force.hire("Caller", {"name": "ask"})
    helper = await force.hire("Helper", ECHO)
    for answered_first in (True, False):
        made = await force.give("ask")
        offer = await force.started(caller)
        child = await caller.say("run.call", offer, key="1", capability="echo")
        called = await force.started(helper)
        question = await caller.say("run.ask", offer, key="1", prompt="Which?")
        await caller.say("run.release", offer)
        for answers in (answered_first, not answered_first):
            assert await force.allocate() == []
            if answers:
                await force.world.run(
                    force.world.alice, "run.answer", question_id=question["id"], answer="This"
                )
            else:
                await helper.say("run.complete", called)
        anew = await force.started(caller)
        assert (anew.run.id, len(anew.answers), list(anew.results)) == (made["id"], 1, ["1"])
        assert child["parent_id"] == made["id"]
        await caller.say("run.complete", anew)


async def test_a_claim_that_is_handed_back_is_for_others_too(force: Workforce) -> None:
    first = await force.hire("First", {"name": "assist"}, capacity=0)
    second = await force.hire("Second", {"name": "assist"}, capacity=0)
    task = await force.task("Free")

    async def claim(worker: Worker) -> Any:
        return await force.world.run(
            worker.member,
            "run.claim",
            project_id=force.project_id,
            instance_id=worker.instance_id,
            task_id=task["id"],
        )

    run = (await claim(first))["run"]
    await force.world.run(first.member, "run.release", project_id=force.project_id, run_id=run["id"], fence=1)
    again = await claim(second)
    assert (again["run"]["id"], again["fence"]) == (run["id"], 2)
