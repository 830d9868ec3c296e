"""Budgets hold, whatever is reported, and what they hold back is seen."""

from typing import Any

from protocol.errors import ErrorCode
from tests.handlers.test_runs import ECHO, force, refused
from tests.workforce import Workforce

__all__ = ["force"]


async def limit(force: Workforce, most: int | None, **whose: str) -> None:
    target: dict[str, Any] = dict(whose) or {"project_id": force.project_id}
    await force.world.run(force.world.alice, "budget.set", limit=most, **target)


async def spent(force: Workforce) -> tuple[int, int]:
    (budget,) = (await force.world.run(force.world.alice, "budget.list", project_id=force.project_id))[
        "items"
    ]
    return budget["spent"], budget["reserved"]


async def test_what_is_reserved_is_given_back(force: Workforce) -> None:
    worker = await force.hire("Dear", ECHO | {"estimate": 40})
    await limit(force, 100)
    for _ in range(3):
        await force.give("echo")
    offers = await force.allocate()
    assert len(offers) == 2
    assert await spent(force) == (0, 80)
    shown = await force.world.run(force.world.alice, "queue.get", project_id=force.project_id)
    assert [each["reason"] for each in shown["waiting"]["items"]].count("budget") == 1
    for offer in offers:
        await worker.say("run.accept", offer)
    await worker.say("run.progress", offers[0], costs={"money": 50})
    assert await spent(force) == (50, 40)
    await worker.say("run.complete", offers[0])
    assert await spent(force) == (50, 40)
    await worker.say("run.complete", offers[1], costs={"money": 10})
    assert await spent(force) == (60, 0)
    assert len(await force.allocate()) == 1


async def test_a_spent_budget_ends_the_run_that_asks_for_more(force: Workforce) -> None:
    worker = await force.hire("Liar", ECHO)
    await limit(force, 100)
    made = await force.give("echo")
    offer = await force.started(worker)
    await worker.say("run.progress", offer, costs={"money": 90})
    error = await refused(ErrorCode.BUDGET_EXHAUSTED, worker.say("run.progress", offer, costs={"money": 11}))
    assert error.data["left"] == 10
    ended = await force.run(made["id"])
    assert (ended["state"], ended["error"]["cause"]) == ("failed", "budget_exhausted")
    await refused(ErrorCode.FENCED, worker.say("run.complete", offer))
    assert await spent(force) == (90, 0)
    await limit(force, 90)
    await force.give("echo")
    assert await force.allocate() == []
    await limit(force, None)
    assert len(await force.allocate()) == 1


async def test_a_runs_own_budget_is_reserved_and_holds(force: Workforce) -> None:
    worker = await force.hire("Own", ECHO)
    await limit(force, 100, agent_id=worker.member.id)
    made = await force.give("echo", budget=60)
    await force.give("echo", budget=60)
    (offer,) = await force.allocate()
    await worker.say("run.accept", offer)
    await refused(ErrorCode.BUDGET_EXHAUSTED, worker.say("run.progress", offer, costs={"money": 61}))
    assert (await force.run(made["id"]))["state"] == "failed"
    assert len(await force.allocate()) == 1


async def test_what_is_reserved_may_be_spent_also_when_the_limit_is_lowered(force: Workforce) -> None:
    worker = await force.hire("Dear", ECHO | {"estimate": 40})
    await limit(force, 100)
    await force.give("echo")
    offer = await force.started(worker)
    await limit(force, 10)
    await worker.say("run.progress", offer, costs={"money": 40})
    assert await spent(force) == (40, 0)
    await refused(ErrorCode.BUDGET_EXHAUSTED, worker.say("run.progress", offer, costs={"money": 1}))
    await force.give("echo")
    assert await force.allocate() == []


async def test_nonsense_costs_are_refused(force: Workforce) -> None:
    worker = await force.hire("Odd", ECHO)
    await force.give("echo")
    offer = await force.started(worker)
    for costs in ({"money": -5}, {"tokens": -1}, {"seconds": -0.1}, {"money": 10**16}, {"coins": 1}):
        await refused(ErrorCode.INVALID, worker.say("run.progress", offer, costs=costs))
    assert (await force.run(offer.run.id))["costs"]["money"] == 0


async def test_who_may_set_budgets(force: Workforce) -> None:
    worker = await force.hire("Mine", ECHO)
    await refused(
        ErrorCode.FORBIDDEN,
        force.world.run(force.world.bob, "budget.set", limit=1, agent_id=worker.member.id),
    )
    await refused(
        ErrorCode.NOT_FOUND,
        force.world.run(force.world.bob, "budget.set", limit=1, project_id=force.project_id),
    )
    await refused(ErrorCode.INVALID, force.world.run(force.world.alice, "budget.set", limit=1))


async def test_costs_beyond_counting_are_refused_and_hide_nothing(force: Workforce) -> None:
    worker = await force.hire("Liar", ECHO)
    made = await force.give("echo")
    offer = await force.started(worker)
    most = {"tokens": 10**12, "money": 10**15, "seconds": 1e9}
    await worker.say("run.progress", offer, costs=most)
    for field, least in {"tokens": 1, "money": 1, "seconds": 1.0}.items():
        error = await refused(ErrorCode.INVALID, worker.say("run.progress", offer, costs={field: least}))
        assert error.data["path"] == "costs"
    assert (await force.run(made["id"]))["costs"] == most
    await force.world.run(force.world.alice, "room.join", room=force.project_id)
    await worker.say("run.complete", offer)
