"""Giving runs away: what nobody may have now keeps nothing else from starting, and costs nothing."""

import asyncio

from persistence.allocation import OFFERS_OUT
from tests.handlers.test_money import limit, spent
from tests.handlers.test_runs import ECHO, force
from tests.workforce import Workforce

__all__ = ["force"]


async def test_a_run_that_was_refused_does_not_hide_the_next(force: Workforce) -> None:
    picky = await force.hire("Picky", ECHO, capacity=1)
    first = await force.give("echo", priority="urgent")
    await picky.say("run.reject", await force.offered(), reason="Not this")
    second = await force.give("echo")
    assert (await force.offered()).run.id == second["id"]
    await force.hire("Easy", ECHO, capacity=1)
    assert (await force.offered()).run.id == first["id"]


async def test_a_run_for_another_task_does_not_hide_the_next(force: Workforce) -> None:
    helper = await force.hire("Helper", ECHO, capacity=1)
    await force.hire("Away", ECHO, capacity=0)
    one, two = await force.task("One"), await force.task("Two")
    await force.world.run(
        force.world.alice,
        "project.set_member",
        project_id=force.project_id,
        member_id=helper.member.id,
        task_id=two["id"],
    )
    await force.give("echo", task_id=one["id"])
    second = await force.give("echo", task_id=two["id"])
    assert (await force.offered()).run.id == second["id"]


async def test_a_run_that_is_too_dear_does_not_hide_the_next(force: Workforce) -> None:
    worker = await force.hire("Worker", ECHO, capacity=1)
    await limit(force, 50)
    await limit(force, 20, agent_id=worker.member.id)
    await force.give("echo", budget=100)
    await force.give("echo", budget=30)
    third = await force.give("echo", budget=20)
    assert (await force.offered()).run.id == third["id"]


async def test_what_is_offered_anew_is_reserved_once(force: Workforce) -> None:
    worker = await force.hire("Dear", ECHO | {"estimate": 40, "second": "restart"})
    await limit(force, 100)
    task = await force.task("Long")
    await force.give("echo", task_id=task["id"])
    offer = await force.started(worker)
    question = await worker.say("run.ask", offer, key="a", prompt="Which?")
    await worker.say("run.release", offer)
    assert await spent(force) == (0, 0)
    await force.world.run(force.world.alice, "run.answer", question_id=question["id"], answer="This")
    await force.started(worker)
    assert await spent(force) == (0, 40)
    await force.give("echo", task_id=task["id"])
    assert await spent(force) == (0, 0)
    await force.started(worker)
    assert await spent(force) == (0, 40)


async def test_nodes_that_give_away_at_once_do_not_exceed_what_there_is_room_for(force: Workforce) -> None:
    for name in ("One", "Two"):
        await force.hire(name, ECHO, capacity=4)
    await force.world.run(force.world.alice, "queue.set", project_id=force.project_id, concurrency=6)
    for _ in range(12):
        await force.give("echo")
    several = await asyncio.gather(*(force.allocate() for _ in range(5)))
    offers = [offer for each in several for offer in each]
    assert len(offers) == len({offer.run.id for offer in offers}) == 6
    for worker in force.workers:
        assert sum(offer.run.instance_id == worker.instance_id for offer in offers) <= 4


async def test_a_process_is_offered_no_more_than_it_can_accept_in_time(force: Workforce) -> None:
    worker = await force.hire("Able", ECHO | {"concurrency": 100}, capacity=100)
    for _ in range(OFFERS_OUT + 5):
        await force.give("echo")
    offers = await force.allocate()
    assert len(offers) == OFFERS_OUT
    assert await force.allocate() == []
    for offer in offers[:3]:
        await worker.say("run.accept", offer)
    assert len(await force.allocate()) == 3
