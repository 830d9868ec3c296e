"""Questions and approvals: asked once, answered by whom they are for, good for exactly what was approved."""

from typing import Any

import pytest

from protocol.errors import ErrorCode
from protocol.runs import RunOffer
from tests.handlers.test_runs import ECHO, force, refused
from tests.workforce import Worker, Workforce

__all__ = ["force"]


async def working(force: Workforce) -> tuple[Worker, RunOffer]:
    worker = await force.hire("Asker", ECHO, capacity=1)
    await force.give("echo")
    return worker, await force.started(worker)


async def test_a_run_waits_for_its_answer_and_takes_no_slot(force: Workforce) -> None:
    worker, offer = await working(force)
    question = await worker.say(
        "run.ask", offer, key="colour", prompt="Which?", kind="choice", choices=["red", "blue"]
    )
    assert (question["state"], question["asked"]) == ("open", [force.world.alice.id])
    assert (await force.run(offer.run.id))["state"] == "input-required"
    (notified,) = (await force.world.run(force.world.alice, "notification.list"))["items"]
    assert (notified["kind"], notified["question_id"]) == ("question", question["id"])
    await force.give("echo")
    other = await force.started(worker)
    answering = {"question_id": question["id"], "answer": "green"}
    await refused(ErrorCode.INVALID, force.world.run(force.world.alice, "run.answer", **answering))
    await refused(ErrorCode.NOT_FOUND, force.world.run(force.world.bob, "run.answer", **answering))
    answered = await force.world.run(
        force.world.alice, "run.answer", question_id=question["id"], answer="blue"
    )
    assert (answered["state"], answered["answered_by"]) == ("answered", force.world.alice.id)
    assert (await force.run(offer.run.id))["state"] == "working"
    assert (await worker.beat(offer, other))["answered"] == [offer.run.id]
    again = await worker.say(
        "run.ask", offer, key="colour", prompt="Which?", kind="choice", choices=["red", "blue"]
    )
    assert (again["id"], again["answer"]) == (question["id"], "blue")
    await refused(
        ErrorCode.CONFLICT,
        force.world.run(force.world.alice, "run.answer", question_id=question["id"], answer="red"),
    )


async def test_a_question_outlives_the_process_that_asked(force: Workforce) -> None:
    worker, offer = await working(force)
    question = await worker.say("run.ask", offer, key="name", prompt="Your name?")
    await force.later(3 * 24 * 3_600)
    await force.keep_up()
    parked = await force.run(offer.run.id)
    assert (parked["state"], parked["instance_id"]) == ("input-required", None)
    assert await force.allocate() == []
    await force.world.run(force.world.alice, "run.answer", question_id=question["id"], answer="Ada")
    anew = await force.started(worker)
    assert (anew.run.id, anew.fence) == (offer.run.id, 2)
    assert [(each.key, each.answer) for each in anew.answers] == [("name", "Ada")]
    assert (await worker.say("run.complete", anew))["state"] == "completed"


async def test_a_question_expires_and_is_withdrawn(force: Workforce) -> None:
    worker, offer = await working(force)
    await worker.say("run.ask", offer, key="a", prompt="Soon?", expires_at="2999-01-01T00:00:00Z")
    await force.world.pool.execute("UPDATE questions SET expires_at = now() - interval '1 second'")
    await force.expire_questions()
    assert (await force.run(offer.run.id))["state"] == "working"
    second = await worker.say("run.ask", offer, key="b", prompt="Or then?")
    await force.world.run(force.world.alice, "run.cancel", run_id=offer.run.id)
    shown = await force.world.run(force.world.alice, "question.get", question_id=second["id"])
    assert shown["state"] == "withdrawn"
    open_ones = await force.world.run(force.world.alice, "question.list")
    assert open_ones["items"] == []


async def test_an_approval_is_good_for_what_was_approved_once(force: Workforce) -> None:
    worker, offer = await working(force)
    approving: dict[str, Any] = {
        "action": "delete",
        "arguments": {"path": "/tmp/x", "force": True},
        "ceiling": 100,
    }
    question = await worker.say("run.ask", offer, key="rm", prompt="Delete it?", kind="approval", **approving)
    assert (await force.run(offer.run.id))["state"] == "auth-required"
    using = {
        "question_id": question["id"],
        "action": "delete",
        "arguments": {"force": True, "path": "/tmp/x"},
    }
    await refused(ErrorCode.FORBIDDEN, worker.say("run.use_approval", offer, **using))
    await refused(
        ErrorCode.FORBIDDEN,
        force.world.run(worker.member, "run.answer", question_id=question["id"], answer=True),
    )
    await force.world.run(force.world.alice, "run.answer", question_id=question["id"], answer=True)
    for wrong in (
        {"arguments": {"path": "/tmp/y", "force": True}},
        {"action": "move"},
        {"cost": 101},
    ):
        await refused(ErrorCode.FORBIDDEN, worker.say("run.use_approval", offer, **using | wrong))
    used = await worker.say("run.use_approval", offer, **using, cost=100)
    assert used["used_at"] is not None
    await refused(ErrorCode.FORBIDDEN, worker.say("run.use_approval", offer, **using))
    denied = await worker.say("run.ask", offer, key="rm 2", prompt="And this?", kind="approval", **approving)
    await force.world.run(force.world.alice, "run.answer", question_id=denied["id"], answer=False)
    await refused(
        ErrorCode.FORBIDDEN, worker.say("run.use_approval", offer, **using | {"question_id": denied["id"]})
    )


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"kind": "choice"}, "choices"),
        ({"kind": "form"}, "form"),
        ({"kind": "approval", "action": "x"}, "arguments"),
        ({"ceiling": 1}, "ceiling"),
        ({"expires_at": "2001-01-01T00:00:00Z"}, "expires_at"),
        ({"to": ["019ca869-5000-7002-8002-000000000001"]}, "to[0]"),
    ],
)
async def test_what_makes_no_sense_is_not_asked(force: Workforce, fields: dict[str, Any], path: str) -> None:
    worker, offer = await working(force)
    error = await refused(ErrorCode.INVALID, worker.say("run.ask", offer, key="k", prompt="Well?", **fields))
    assert error.data["path"] == path


async def test_a_form_is_answered_by_its_schema(force: Workforce) -> None:
    worker, offer = await working(force)
    form = {"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}
    question = await worker.say("run.ask", offer, key="f", prompt="Fill in", kind="form", form=form)
    answering = {"question_id": question["id"]}
    await refused(
        ErrorCode.INVALID, force.world.run(force.world.alice, "run.answer", **answering, answer={"age": "x"})
    )
    answered = await force.world.run(force.world.alice, "run.answer", **answering, answer={"age": 3})
    assert answered["answer"] == {"age": 3}
