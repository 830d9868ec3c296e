"""Access for a time or for one task: what it allows, what may not be given, and that it ends by itself."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from handlers import grants
from handlers.dispatch import Dispatcher
from persistence import grants as grant_rows
from persistence.ids import new_id
from protocol.errors import ApiError, ErrorCode
from protocol.members import Member
from tests.handlers.test_members import folds_to_snapshots, state
from tests.workforce import Workforce, staffed
from tests.world import World

ECHO: dict[str, Any] = {"name": "echo", "concurrency": 10}
LATER = "2100-01-01T00:00:00Z"


@pytest.fixture
async def force(world: World) -> Workforce:
    return await staffed(world)


async def grant(force: Workforce, member: Member, **fields: Any) -> Any:
    """Alice gives a member access to the project."""
    return await force.world.run(
        force.world.alice,
        "project.set_member",
        **{"project_id": force.project_id, "member_id": member.id} | fields,
    )


async def refused(force: Workforce, path: str, **fields: Any) -> None:
    named = {"project_id": force.project_id, "member_id": force.world.bob.id}
    error = await force.world.refused(
        ErrorCode.INVALID, force.world.alice, "project.set_member", **named | fields
    )
    assert error.data["path"] == path


async def expire(world: World) -> None:
    """What the server does about grants at its next look."""
    for project_id in await grant_rows.projects_over(world.pool):
        work = partial(grants.expire, project_id=project_id)
        await Dispatcher(world.pool, world.publish).attend(work)


async def run_out(world: World, member: Member) -> None:
    """The time of a member's grants is over."""
    await world.pool.execute(
        "UPDATE room_members SET until = now() - interval '1 second' WHERE member_id = $1 AND room_id <> $1",
        member.id,
    )


async def participants(force: Workforce) -> dict[str, Any]:
    page = await force.world.run(force.world.alice, "project.members", project_id=force.project_id)
    return {each["id"]: each for each in page["items"]}


async def test_a_grant_is_shown_with_what_limits_it(world: World, force: Workforce) -> None:
    task = await force.task("Paint")
    before = {force.project_id: await state(world, force.project_id)}
    world.published.clear()
    given = await grant(force, world.bob, until=LATER, task_id=task["id"])
    assert (given["role"], given["until"], given["task_id"]) == ("editor", LATER, task["id"])
    assert (await participants(force))[world.bob.id] == given
    await folds_to_snapshots(world, before)
    world.published.clear()
    assert await grant(force, world.bob, until=LATER, task_id=task["id"]) == given
    assert world.published == []
    unlimited = await grant(force, world.bob)
    assert (unlimited["until"], unlimited["task_id"]) == (None, None)
    await folds_to_snapshots(world, before)


async def test_a_grant_that_makes_no_sense_is_refused(world: World, force: Workforce) -> None:
    elsewhere = await world.run(world.alice, "project.create", name="Other")
    foreign = await world.run(world.alice, "task.create", project_id=elsewhere["id"], title="x")
    task = await force.task("Paint")
    done = await force.task("Done", status="done")
    past = (datetime.now(UTC) - timedelta(seconds=5)).isoformat()
    await refused(force, "until", until=past)
    for task_id in (new_id(), foreign["id"], done["id"]):
        await refused(force, "task_id", task_id=task_id)
    await refused(force, "role", task_id=task["id"], role="manager")
    assert world.bob.id not in await participants(force)


async def test_a_project_keeps_a_manager_whose_time_does_not_end(world: World, force: Workforce) -> None:
    own: dict[str, Any] = {"project_id": force.project_id, "member_id": world.alice.id, "role": "manager"}
    await world.refused(ErrorCode.CONFLICT, world.alice, "project.set_member", **own, until=LATER)
    await grant(force, world.bob, role="manager", until=LATER)
    for change in ({"until": LATER}, {"role": "editor"}):
        await world.refused(ErrorCode.CONFLICT, world.alice, "project.set_member", **own | change)
    await world.refused(
        ErrorCode.CONFLICT,
        world.alice,
        "project.remove_member",
        project_id=force.project_id,
        member_id=world.alice.id,
    )
    await grant(force, world.bob, role="manager")
    assert (await world.run(world.alice, "project.set_member", **own, until=LATER))["until"] == LATER


async def test_access_ends_with_its_time(world: World, force: Workforce) -> None:
    task = await force.task("Paint")
    await grant(force, world.bob, until=LATER)
    await world.run(world.bob, "task.update", task_id=task["id"], version=1, title="Paint it")
    assert len((await world.run(world.bob, "project.list"))["items"]) == 1
    await run_out(world, world.bob)
    for command, target in (
        ("project.get", {"project_id": force.project_id}),
        ("room.join", {"room": force.project_id}),
        ("task.update", {"task_id": task["id"], "version": 2, "title": "x"}),
        ("task.get", {"task_id": task["id"]}),
    ):
        await world.refused(ErrorCode.NOT_FOUND, world.bob, command, **target)
    assert (await world.run(world.bob, "project.list"))["items"] == []
    assignment = {"task_id": task["id"], "assignees": [world.bob.id]}
    await world.refused(ErrorCode.INVALID, world.alice, "task.assign", **assignment)


async def test_what_has_run_out_is_removed_like_a_member(world: World, force: Workforce) -> None:
    worker = await force.hire("Echo", ECHO)
    task = await force.task("Paint", assignees=[worker.member.id, world.alice.id])
    offer = await force.started(worker)
    await grant(force, worker.member, until=LATER)
    await expire(world)
    rooms = (force.project_id, worker.member.id)
    before = {room: await state(world, room) for room in rooms}
    world.published.clear()
    await run_out(world, worker.member)
    await expire(world)
    await folds_to_snapshots(world, before)
    assert world.types(worker.member.id) == ["membership.removed"]
    assert "participant.removed" in world.types(force.project_id)
    assert all(event.actor is None for event in world.published)
    assert worker.member.id not in await participants(force)
    assert (await world.run(world.alice, "task.get", task_id=task["id"]))["assignees"] == [world.alice.id]
    assert (await force.run(offer.run.id))["instance_id"] is None
    world.published.clear()
    await expire(world)
    assert world.published == []


async def test_access_to_one_task_is_to_look_at_the_rest(world: World, force: Workforce) -> None:
    mine, other = await force.task("Mine"), await force.task("Other")
    await grant(force, world.guest, task_id=mine["id"])
    assert (await world.run(world.guest, "task.get", task_id=other["id"]))["title"] == "Other"
    changed = await world.run(world.guest, "task.update", task_id=mine["id"], version=1, title="Mine!")
    assert changed["title"] == "Mine!"
    comment = await world.run(world.guest, "task.comment", task_id=mine["id"], text="Begun.")
    await world.run(world.guest, "message.edit", message_id=comment["id"], text="Begun!")
    theirs = await world.run(world.alice, "task.comment", task_id=other["id"], text="Mine alone.")
    for command, target in (
        ("task.update", {"task_id": other["id"], "version": 1, "title": "x"}),
        ("task.comment", {"task_id": other["id"], "text": "x"}),
        ("task.create", {"project_id": force.project_id, "title": "x"}),
        ("message.send", {"room": force.project_id, "text": "x"}),
        ("message.react", {"message_id": theirs["id"], "emoji": "👍"}),
        ("task.import", {"project_id": force.project_id, "tasks": [{"external_id": "1", "title": "x"}]}),
    ):
        error = await world.refused(ErrorCode.FORBIDDEN, world.guest, command, **target)
        assert error.data["task_id"] == mine["id"]
    await world.refused(
        ErrorCode.FORBIDDEN,
        world.guest,
        "project.set_member",
        project_id=force.project_id,
        member_id=world.guest.id,
    )


async def test_an_agent_for_one_task_does_that_and_reports_on_it(world: World, force: Workforce) -> None:
    worker = await force.hire("Echo", ECHO)
    mine, other = await force.task("Mine"), await force.task("Other")
    await grant(force, worker.member, task_id=mine["id"])
    await force.give("echo", task_id=mine["id"])
    offer = await force.started(worker)
    assert offer.run.task_id == mine["id"]
    await worker.say("run.progress", offer, progress=0.5)
    process: dict[str, Any] = {"project_id": force.project_id, "instance_id": worker.instance_id}
    await world.refused(ErrorCode.FORBIDDEN, worker.member, "run.claim", **process, task_id=other["id"])
    await worker.say("run.complete", offer, result={})
    assert (await world.run(world.alice, "task.get", task_id=mine["id"]))["status"] == "done"


@pytest.mark.parametrize("end", ["done", "canceled", "deleted"])
async def test_access_to_a_task_ends_with_it(world: World, force: Workforce, end: str) -> None:
    task = await force.task("Paint")
    await grant(force, world.bob, task_id=task["id"])
    await expire(world)
    assert world.bob.id in await participants(force)
    if end == "deleted":
        await world.run(world.alice, "task.delete", task_id=task["id"])
    else:
        await world.run(world.alice, "task.transition", task_id=task["id"], status=end)
    await expire(world)
    assert world.bob.id not in await participants(force)
    await world.refused(ErrorCode.NOT_FOUND, world.bob, "project.get", project_id=force.project_id)


@pytest.mark.parametrize("narrower", [{"role": "viewer"}, {"task_id": True}])
async def test_an_agent_that_may_do_less_gives_up_its_runs(
    world: World, force: Workforce, narrower: dict[str, Any]
) -> None:
    worker = await force.hire("Echo", ECHO)
    made = await force.give("echo")
    await force.started(worker)
    if "task_id" in narrower:
        narrower = {"task_id": (await force.task("Only this"))["id"]}
    await grant(force, worker.member, **narrower)
    run = await force.run(made["id"])
    assert (run["state"], run["instance_id"]) == ("submitted", None)
    assert await force.allocate() == []


async def test_an_agent_that_is_taken_out_gives_up_its_runs(world: World, force: Workforce) -> None:
    worker = await force.hire("Echo", ECHO)
    made = await force.give("echo")
    offer = await force.started(worker)
    await world.run(
        world.alice, "project.remove_member", project_id=force.project_id, member_id=worker.member.id
    )
    assert (await force.run(made["id"]))["instance_id"] is None
    with pytest.raises(ApiError, match="no such run"):
        await worker.say("run.complete", offer)
