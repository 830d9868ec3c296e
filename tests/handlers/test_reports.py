import asyncio
from collections import Counter
from typing import Any

import msgspec
import pytest

from handlers import orders
from handlers.dispatch import Caller, Dispatcher
from persistence.ids import new_id
from protocol.errors import ApiError
from protocol.registry import Scope
from protocol.runs import RunOffer
from protocol.wire import command_spec
from tests.workforce import Worker, staffed
from tests.world import World

WORK = {"name": "work", "concurrency": 100}


class Together:
    """Reports that come at once, and so are carried out in one transaction."""

    def __init__(self, world: World) -> None:
        self.dispatcher = Dispatcher(world.pool, world.publish)

    async def say(self, worker: Worker, *reports: tuple[str, RunOffer, dict[str, Any]]) -> list[Any]:
        """The replies, or the errors, in order."""
        caller = Caller(worker.member.id, None, Scope.WRITE, "test")
        replies = await asyncio.gather(
            *(
                self.dispatcher.run(caller, command_spec(name), self._about(offer) | more)
                for name, offer, more in reports
            ),
            return_exceptions=True,
        )
        return [
            reply if isinstance(reply, BaseException) else msgspec.json.decode(reply) for reply in replies
        ]

    def _about(self, offer: RunOffer) -> dict[str, Any]:
        return {"project_id": offer.run.project_id, "run_id": offer.run.id, "fence": offer.fence}


async def test_reports_that_come_at_once_are_each_carried_out(world: World) -> None:
    crew = await staffed(world)
    worker = await crew.hire("Ada", WORK, capacity=100)
    for _ in range(30):
        await crew.give("work")
    offers = await crew.allocate()
    together = Together(world)

    accepted = await together.say(worker, *(("run.accept", offer, {}) for offer in offers))
    completed = await together.say(
        worker, *(("run.complete", offer, {"result": n}) for n, offer in enumerate(offers))
    )

    assert [reply["state"] for reply in accepted] == ["working"] * 30
    assert [reply["state"] for reply in completed] == ["completed"] * 30
    kept = [await world.run(world.alice, "run.get", run_id=offer.run.id) for offer in offers]
    assert [each["result"] for each in kept] == list(range(30))
    assert {each["attempts"][0]["outcome"] for each in kept} == {"completed"}
    assert all(each["attempts"][0]["started_at"] for each in kept)


async def test_reports_on_one_run_that_come_at_once_build_on_each_other(world: World) -> None:
    crew = await staffed(world)
    worker = await crew.hire("Ada", WORK)
    await crew.give("work")
    offer = await crew.started(worker)
    step = ("run.progress", offer, {"costs": {"tokens": 1}})

    replies = await Together(world).say(worker, step, step, step, ("run.complete", offer, {}), step)

    assert [reply["costs"]["tokens"] for reply in replies[:4]] == [1, 2, 3, 3]
    assert isinstance(replies[4], ApiError)
    assert replies[4].code == "fenced"
    versions = [event.data["run"]["version"] for event in world.published if event.type.startswith("run.")]
    assert versions == sorted(set(versions))


async def test_caller_that_is_woken_and_ends_at_once_ends_as_it_is_then(world: World) -> None:
    crew = await staffed(world)
    ada = await crew.hire("Ada", WORK)
    await crew.give("work")
    caller = await crew.started(ada)
    await ada.say("run.call", caller, key="help", capability="work")
    called = await crew.started(ada)

    # The first ends what the second waits for, which was locked with it before.
    replies = await Together(world).say(
        ada, ("run.complete", called, {}), ("run.complete", caller, {"result": "done"})
    )

    assert [reply["state"] for reply in replies] == ["completed", "completed"]
    told = [event.data["run"] for event in world.published if event.type in {"run.updated", "run.ended"}]
    versions = Counter((run["id"], run["version"]) for run in told)
    assert max(versions.values()) == 1
    assert (await crew.run(caller.run.id))["waiting_for"] is None


async def test_run_that_is_stopped_by_a_report_takes_no_other_that_comes_with_it(world: World) -> None:
    crew = await staffed(world)
    ada = await crew.hire("Ada", WORK)
    await crew.give("work")
    caller = await crew.started(ada)
    await ada.say("run.call", caller, key="help", capability="work", wait=False)
    called = await crew.started(ada)

    ended, refused = await Together(world).say(
        ada, ("run.complete", caller, {}), ("run.progress", called, {"note": "On it."})
    )

    assert ended["state"] == "completed"
    assert isinstance(refused, ApiError)
    assert refused.code == "run_canceled"


async def test_runs_that_are_made_at_once_are_each_made_and_counted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "MAX_LIVE_RUNS", 10)
    crew = await staffed(world)
    await crew.hire("Ada", WORK)
    dispatcher = Dispatcher(world.pool, world.publish)
    caller = Caller(world.alice.id, None, Scope.WRITE, "test")
    order = {"project_id": crew.project_id, "capability": "work"}

    made = await asyncio.gather(
        *(dispatcher.run(caller, command_spec("run.create"), order) for _ in range(12)),
        return_exceptions=True,
    )

    refused = [each for each in made if isinstance(each, BaseException)]
    assert [getattr(each, "code", each) for each in refused] == ["limit_exceeded"] * 2
    listed = await world.run(world.alice, "run.list", project_id=crew.project_id)
    assert len(listed["items"]) == 10


async def test_run_whose_id_is_taken_keeps_none_that_is_made_with_it_from_being_made(world: World) -> None:
    crew = await staffed(world)
    await crew.hire("Ada", WORK)
    taken = (await crew.give("work"))["id"]
    dispatcher = Dispatcher(world.pool, world.publish)
    caller = Caller(world.alice.id, None, Scope.WRITE, "test")
    order = {"project_id": crew.project_id, "capability": "work"}

    made = await asyncio.gather(
        *(
            dispatcher.run(caller, command_spec("run.create"), order | {"id": run_id})
            for run_id in (new_id(), taken, new_id())
        ),
        return_exceptions=True,
    )

    assert [getattr(each, "code", "made") for each in made] == ["made", "conflict", "made"]
