"""Firing: exactly one run for each time, event or request, whoever and how many see to it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from handlers import firing
from handlers.dispatch import Context
from persistence import triggers
from persistence.database import clock
from persistence.ids import new_id
from protocol.errors import ErrorCode
from tests.workforce import Worker, Workforce, staffed
from tests.world import World

REPORT: dict[str, Any] = {"name": "report", "concurrency": 10}
STRICT: dict[str, Any] = {
    "name": "strict",
    "input": {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]},
}
NEXT = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(hours=12)
DAILY = {"kind": "schedule", "cron": f"{NEXT:%M %H} * * *"}
"""Due at a time that no test comes near."""


@pytest.fixture
async def force(world: World) -> Workforce:
    return await staffed(world)


@pytest.fixture
async def worker(force: Workforce) -> Worker:
    return await force.hire("Reporter", REPORT, STRICT)


async def make(force: Workforce, **fields: Any) -> Any:
    given = {"project_id": force.project_id, "name": "Report", "capability": "report", **fields}
    return (await force.world.run(force.world.alice, "trigger.create", **given))["trigger"]


async def watch(force: Workforce, type_: str = "task.created", **fields: Any) -> Any:
    """A new event trigger."""
    where = fields.pop("where", {})
    return await make(force, kind="event", filter={"type": type_, "where": where}, **fields)


async def current(force: Workforce, trigger: Any) -> Any:
    listed = await force.world.run(force.world.alice, "trigger.list", project_id=force.project_id)
    return next(each for each in listed["items"] if each["id"] == trigger["id"])


async def runs(force: Workforce) -> list[Any]:
    """The runs of the project, oldest first."""
    listing: dict[str, Any] = {"project_id": force.project_id, "limit": 200}
    return list(reversed((await force.world.run(force.world.alice, "run.list", **listing))["items"]))


async def inputs(force: Workforce) -> list[Any]:
    found = [
        await force.world.run(force.world.alice, "run.get", run_id=run["id"]) for run in await runs(force)
    ]
    return [details["input"] for details in found]


async def attend(force: Workforce, work: Callable[[Context], Awaitable[Any]]) -> Any:
    return await force.world.dispatcher.attend(work)


async def keep_time(force: Workforce) -> int:
    """What a node does about schedules at its next look; how many times were fired for."""
    found = await triggers.projects_with_due(force.world.pool)
    return sum([await attend(force, partial(firing.due, project_id=project_id)) for project_id in found])


async def look(force: Workforce) -> int:
    """What a node does about events at its next look; at how many it looked."""
    found = await triggers.projects_with_event_triggers(force.world.pool)
    return sum([await attend(force, partial(firing.events, project_id=project_id)) for project_id in found])


async def deliver(force: Workforce, trigger: Any, key: str, **body: Any) -> Any:
    work = partial(firing.deliver, trigger_id=trigger["id"], key=key, body=body)
    return await attend(force, work)


async def owe(force: Workforce, trigger: Any, times: int) -> datetime:
    """Let so many of a daily trigger's times have passed while nobody saw to them; the last of them."""
    last = NEXT - timedelta(days=1)
    await force.world.pool.execute(
        "UPDATE triggers SET next_at = $2 WHERE id = $1", trigger["id"], last - timedelta(days=times - 1)
    )
    return last


async def test_a_schedule_makes_a_run_when_it_is_due(force: Workforce, worker: Worker) -> None:
    trigger = await make(force, **DAILY, input={"about": "all"}, agent_id=worker.member.id)
    assert await keep_time(force) == 0
    await owe(force, trigger, 1)
    assert await keep_time(force) == 1
    (run,) = await runs(force)
    assert (run["trigger_id"], run["capability"], run["task_id"]) == (trigger["id"], "report", None)
    assert (run["requested_by"], run["wanted_agent_id"]) == (force.world.alice.id, worker.member.id)
    assert await inputs(force) == [{"about": "all"}]
    after = await current(force, trigger)
    assert (after["fired"], after["error"], after["version"]) == (1, "", 1)
    assert datetime.fromisoformat(after["next_at"]) > datetime.now(UTC)
    assert force.world.types(force.project_id)[-2:] == ["run.created", "trigger.updated"]
    assert await keep_time(force) == 0


@pytest.mark.parametrize(("catch_up", "count"), [("latest", 1), ("all", 5)])
async def test_times_that_passed_are_caught_up_on(
    force: Workforce, worker: Worker, catch_up: str, count: int
) -> None:
    trigger = await make(force, **DAILY, catch_up=catch_up)
    last = await owe(force, trigger, 5)
    assert await keep_time(force) == count
    keys = await force.world.pool.fetch("SELECT key FROM firings ORDER BY key")
    expected = [last - timedelta(days=days) for days in reversed(range(count))]
    assert [datetime.fromisoformat(row["key"]) for row in keys] == expected
    assert len(await runs(force)) == count
    assert (await current(force, trigger))["fired"] == count


async def test_times_that_passed_are_let_go(force: Workforce, worker: Worker) -> None:
    trigger = await make(force, **DAILY, catch_up="skip")
    await owe(force, trigger, 5)
    assert await keep_time(force) == 0
    assert await runs(force) == []
    after = await current(force, trigger)
    assert (after["fired"], after["next_at"]) == (0, trigger["next_at"])


async def test_a_time_that_is_due_now_is_no_matter_of_catching_up(force: Workforce, worker: Worker) -> None:
    trigger = await make(force, kind="schedule", cron="* * * * *", catch_up="skip")
    await owe(force, trigger, 3)
    assert await keep_time(force) == 1
    assert len(await runs(force)) == 1


async def test_at_most_a_hundred_times_are_caught_up_on(force: Workforce, worker: Worker) -> None:
    trigger = await make(force, **DAILY, catch_up="all")
    await owe(force, trigger, 400)
    assert await keep_time(force) == firing.MAX_RUNS
    assert len(await runs(force)) == firing.MAX_RUNS
    assert await keep_time(force) == 0


async def test_however_many_nodes_see_to_it_there_is_one_run_for_each_time(
    force: Workforce, worker: Worker
) -> None:
    made = [await make(force, **DAILY, name=f"{n}", catch_up="all") for n in range(3)]
    for trigger in made:
        await owe(force, trigger, 4)
    fired = await asyncio.gather(*(keep_time(force) for _ in range(3)))
    assert sum(fired) == len(await runs(force)) == 12
    assert [(await current(force, trigger))["fired"] for trigger in made] == [4, 4, 4]


async def test_a_zone_that_is_no_more_stops_its_schedule(force: Workforce, worker: Worker) -> None:
    trigger = await make(force, **DAILY)
    await owe(force, trigger, 1)
    await force.world.pool.execute("UPDATE triggers SET zone = 'Europe/Atlantis'")
    await keep_time(force)
    after = await current(force, trigger)
    assert (after["enabled"], after["next_at"], "no such time zone" in after["error"]) == (False, None, True)


async def test_an_event_makes_a_run_with_its_values(force: Workforce, worker: Worker) -> None:
    await force.task("Before")
    given = {
        "title": "{{task.title}}",
        "labels": "{{task.labels}}",
        "text": "See to {{task.title}}{{nothing}}",
    }
    trigger = await watch(force, where={"task.labels": "moon"}, input=given)
    await force.task("Not this", labels=["mars"])
    await force.task("Land", labels=["nasa", "moon"])
    assert await look(force) > 0
    assert await inputs(force) == [{"title": "Land", "labels": ["nasa", "moon"], "text": "See to Land"}]
    assert (await current(force, trigger))["fired"] == 1
    # The events that this has made are looked at once, and start nothing.
    assert await look(force) > 0
    assert await look(force) == 0
    assert len(await runs(force)) == 1


@pytest.mark.parametrize(
    ("where", "fires"),
    [
        ({}, True),
        ({"task.title": "Land"}, True),
        ({"task.title": ["Fly", "Land"]}, True),
        ({"task.title": "Fly"}, False),
        ({"task.title": "Land", "task.priority": "high"}, False),
        ({"task.labels": ["moon", "mars"]}, True),
        ({"task.labels": "sun"}, False),
        ({"task.labels.0": "moon"}, True),
        ({"task.estimate": 1}, True),
        ({"task.estimate": True}, False),
        ({"task.due": None}, True),
        ({"task.nothing": None}, True),
        ({"task.blocked": False}, True),
        ({"task.blocked": 0}, False),
    ],
)
async def test_a_filter_compares_values(
    force: Workforce, worker: Worker, where: dict[str, Any], fires: bool
) -> None:
    await watch(force, where=where)
    await force.task("Land", labels=["moon"], estimate=1)
    await look(force)
    assert len(await runs(force)) == fires


async def test_however_many_nodes_look_there_is_one_run_for_each_event(
    force: Workforce, worker: Worker
) -> None:
    first, second = await watch(force), await watch(force, name="Another")
    for n in range(4):
        await force.task(f"{n}")
    await asyncio.gather(*(look(force) for _ in range(3)))
    assert len(await runs(force)) == 8
    assert [(await current(force, each))["fired"] for each in (first, second)] == [4, 4]


async def test_many_events_are_looked_at_by_and_by(
    force: Workforce, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(firing, "MAX_EVENTS", 3)
    monkeypatch.setattr(firing, "MAX_RUNS", 2)
    await watch(force, input={"title": "{{task.title}}"})
    await watch(force, name="Another", input={"title": "{{task.title}}"})
    for n in range(5):
        await force.task(f"{n}")
    while await look(force):
        pass
    assert sorted(each["title"] for each in await inputs(force)) == [
        f"{n}" for n in range(5) for _ in range(2)
    ]


async def test_what_the_log_no_longer_has_stops_nothing(force: Workforce, worker: Worker) -> None:
    await watch(force, input={"title": "{{task.title}}"})
    for title in ("Lost", "Lost too"):
        await force.task(title)
    await force.world.pool.execute("DELETE FROM events WHERE room_id = $1", force.project_id)
    assert await look(force) == 0
    assert await triggers.projects_with_event_triggers(force.world.pool) == []
    await force.task("Kept")
    await look(force)
    assert await inputs(force) == [{"title": "Kept"}]


async def test_events_fire_a_trigger_only_so_often(
    force: Workforce, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(firing, "PER_MINUTE", 3)
    trigger = await watch(force)
    for n in range(5):
        await force.task(f"{n}")
    await look(force)
    after = await current(force, trigger)
    assert (after["fired"], len(await runs(force)), after["enabled"]) == (3, 3, True)
    assert after["error"].startswith("2 events were skipped")
    await force.world.pool.execute("UPDATE firings SET at = at - interval '1 minute'")
    await force.task("Later")
    await look(force)
    assert (await current(force, trigger))["error"] == ""
    assert len(await runs(force)) == 4


async def test_a_trigger_that_goes_on_does_not_look_back(force: Workforce, worker: Worker) -> None:
    trigger = await watch(force)
    world, which = force.world, {"trigger_id": trigger["id"]}
    await world.run(world.alice, "trigger.update", **which, version=1, enabled=False)
    await force.task("Meanwhile")
    assert await look(force) == 0
    await world.run(world.alice, "trigger.update", **which, version=2, enabled=True)
    await look(force)
    assert await runs(force) == []


async def test_a_webhook_is_carried_out_once_for_each_id(force: Workforce, worker: Worker) -> None:
    trigger = await make(force, kind="webhook", input={"ref": "{{ref}}"})
    first = await deliver(force, trigger, "a", ref="main")
    again = await deliver(force, trigger, "a", ref="main")
    other = await deliver(force, trigger, "b", ref="next")
    assert (first.repeated, again.repeated, other.repeated) == (False, True, False)
    assert (first.run_id, first.error) == (again.run_id, again.error)
    assert [run["id"] for run in await runs(force)] == [first.run_id, other.run_id]
    assert await inputs(force) == [{"ref": "main"}, {"ref": "next"}]


async def test_requests_with_one_id_that_come_at_once_make_one_run(force: Workforce, worker: Worker) -> None:
    trigger = await make(force, kind="webhook")
    found = await asyncio.gather(*(deliver(force, trigger, "a") for _ in range(3)))
    assert sorted(fired.repeated for fired in found) == [False, True, True]
    assert len({fired.run_id for fired in found}) == len(await runs(force)) == 1


async def test_what_is_no_webhook_or_stopped_is_not_delivered(force: Workforce, worker: Worker) -> None:
    schedule, webhook = await make(force, **DAILY), await make(force, kind="webhook")
    await force.world.run(
        force.world.alice, "trigger.update", trigger_id=webhook["id"], version=1, enabled=False
    )
    assert await deliver(force, schedule, "a") is None
    assert await deliver(force, webhook, "a") is None
    assert await deliver(force, {"id": new_id()}, "a") is None
    assert await runs(force) == []


async def test_why_there_is_no_run_is_said_and_not_tried_again(force: Workforce, worker: Worker) -> None:
    trigger = await make(force, kind="webhook", capability="strict", input={"n": "{{n}}"})
    fired = await deliver(force, trigger, "a", n="three")
    assert (fired.run_id, fired.repeated) == (None, False)
    assert "input.n" in fired.error
    assert (await current(force, trigger))["error"] == fired.error
    again = await deliver(force, trigger, "a", n=3)
    assert (again.run_id, again.repeated, await runs(force)) == (None, True, [])
    fine = await deliver(force, trigger, "b", n=3)
    assert fine.run_id is not None
    after = await current(force, trigger)
    assert (after["error"], after["fired"], after["enabled"]) == ("", 2, True)


async def test_a_trigger_that_always_fails_is_stopped(
    force: Workforce, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(firing, "MAX_FAILED", 3)
    trigger = await make(force, kind="webhook", capability="nobody_has_it")
    for n in range(3):
        await deliver(force, trigger, f"{n}")
    stopped = await current(force, trigger)
    assert (stopped["enabled"], stopped["version"], stopped["fired"]) == (False, 2, 3)
    assert stopped["error"].startswith("Stopped after 3 firings in a row")
    assert "nobody_has_it" in stopped["error"]
    going = await force.world.run(
        force.world.alice, "trigger.update", trigger_id=trigger["id"], version=2, enabled=True
    )
    assert (going["enabled"], going["error"]) == (True, "")
    await deliver(force, trigger, "again")
    assert (await current(force, trigger))["enabled"] is True


async def test_an_input_that_became_too_large_makes_no_run(force: Workforce, worker: Worker) -> None:
    trigger = await make(force, kind="webhook", input={"a": ["{{text}}"] * 50})
    fired = await deliver(force, trigger, "a", text="x" * 10_000)
    assert fired.run_id is None
    assert fired.error != ""


async def test_nobody_answers_for_a_trigger_once_its_maker_is_no_manager(
    force: Workforce, worker: Worker
) -> None:
    world = force.world
    member: dict[str, Any] = {"project_id": force.project_id, "member_id": world.bob.id}
    await world.run(world.alice, "project.set_member", **member, role="manager")
    given: dict[str, Any] = {
        "project_id": force.project_id,
        "name": "Bob's",
        "capability": "report",
        "kind": "webhook",
    }
    trigger = (await world.run(world.bob, "trigger.create", **given))["trigger"]
    await world.run(world.alice, "project.set_member", **member, role="editor")
    assert await deliver(force, trigger, "a") is None
    stopped = await current(force, trigger)
    assert (stopped["enabled"], "no manager" in stopped["error"]) == (False, True)
    going = await world.run(
        world.alice, "trigger.update", trigger_id=trigger["id"], version=stopped["version"], enabled=True
    )
    assert going["created_by"] == world.alice.id
    assert (await deliver(force, trigger, "b")).run_id is not None
    (run,) = await runs(force)
    assert run["requested_by"] == world.alice.id


async def test_nothing_fires_in_a_project_that_is_archived(force: Workforce, worker: Worker) -> None:
    schedule, webhook = await make(force, **DAILY), await make(force, kind="webhook")
    await watch(force)
    await force.task("Land")
    await owe(force, schedule, 1)
    await force.world.pool.execute("UPDATE projects SET state = 'archived'")
    assert (await keep_time(force), await look(force), await deliver(force, webhook, "a")) == (0, 0, None)
    await force.world.pool.execute("UPDATE projects SET state = 'active'")
    assert (await keep_time(force), await look(force) > 0) == (1, True)
    assert len(await runs(force)) == 2


async def test_firings_are_forgotten_after_a_time(force: Workforce, worker: Worker) -> None:
    trigger = await make(force, kind="webhook")
    await deliver(force, trigger, "old")
    await deliver(force, trigger, "new")
    now = await clock(force.world.pool)
    old = now - timedelta(days=triggers.RETENTION_DAYS, seconds=1)
    await force.world.pool.execute("UPDATE firings SET at = $1 WHERE key = 'old'", old)
    await triggers.prune(force.world.pool, now)
    assert [row["key"] for row in await force.world.pool.fetch("SELECT key FROM firings")] == ["new"]
    assert len(await runs(force)) == 2


async def test_what_came_of_firings_is_counted(force: Workforce, worker: Worker) -> None:
    before = firing.FIRINGS.copy()
    trigger = await make(force, kind="webhook", capability="strict", input={"n": "{{n}}"})
    for key, n in (("a", 1), ("a", 1), ("b", "one")):
        await deliver(force, trigger, key, n=n)
    assert dict(firing.FIRINGS - before) == {
        ("webhook", "run"): 1,
        ("webhook", "repeated"): 1,
        ("webhook", "refused"): 1,
    }


async def test_a_project_that_is_gone_fires_nothing(force: Workforce) -> None:
    gone = new_id()
    assert await attend(force, partial(firing.due, project_id=gone)) == 0
    assert await attend(force, partial(firing.events, project_id=gone)) == 0
    await force.world.refused(ErrorCode.NOT_FOUND, force.world.alice, "trigger.list", project_id=gone)
