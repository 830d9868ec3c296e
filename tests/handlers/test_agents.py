"""Agents: who registers, changes and ends them, what is shown of them, and how they have done."""

import asyncio
from typing import Any

import pytest

from persistence import faults, tokens
from persistence.faults import Refusals
from persistence.ids import new_id, secret_hash
from protocol.errors import ApiError, ErrorCode
from protocol.fields import MAX_AGENTS, MAX_SCHEMA_BYTES
from protocol.members import Member
from protocol.registry import Scope
from tests import filing
from tests.handlers.test_members import folds_to_snapshots, of, state
from tests.workforce import Workforce, staffed
from tests.world import World

SHOUT: dict[str, Any] = {
    "name": "shout",
    "description": "Says it louder.",
    "input": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
    "output": {"type": "string"},
    "concurrency": 10,
}


@pytest.fixture
async def force(world: World) -> Workforce:
    return await staffed(world)


async def register(world: World, who: Member | None = None, **fields: Any) -> Any:
    return await world.run(who or world.alice, "agent.register", **{"name": "Shouter"} | fields)


async def details(world: World, agent_id: str, who: Member | None = None) -> Any:
    return await world.run(who or world.alice, "agent.get", agent_id=agent_id)


async def names(world: World, who: Member, **wanted: Any) -> list[str]:
    return [each["member"]["name"] for each in (await world.run(who, "agent.list", **wanted))["items"]]


async def test_an_agent_is_a_member_with_an_owner_and_a_token_of_its_own(world: World) -> None:
    before = {world.workspace_id: await state(world, world.workspace_id)}
    made = await register(world, description="Shouts.", picture="📣", capabilities=[SHOUT])
    agent_id = made["agent"]["id"]
    assert (made["agent"]["owner_id"], made["agent"]["version"]) == (world.alice.id, 1)
    assert [each["name"] for each in made["agent"]["capabilities"]] == ["shout"]
    assert [made["member"][field] for field in ("id", "kind", "role")] == [agent_id, "agent", "guest"]
    assert world.types(world.workspace_id) == ["member.added", "agent.registered"]
    await folds_to_snapshots(world, before)
    token = await tokens.present(world.pool, secret_hash(made["token"]))
    assert token is not None
    assert (token.member_id, token.scope) == (agent_id, Scope.WRITE)
    assert not any(made["token"] in str(event.data) for event in world.published)
    shown = await details(world, agent_id)
    assert shown["capabilities"][0]["input"] == SHOUT["input"]
    assert shown["status"] == {"state": "registered", "running": 0, "waiting": 0, "instances": []}
    assert shown["grants"] == []


async def test_the_token_is_shown_once(world: World) -> None:
    command: dict[str, Any] = {"command_id": new_id(), "name": "Shouter"}
    await world.run(world.alice, "agent.register", **command)
    await world.refused(ErrorCode.CONFLICT, world.alice, "agent.register", **command)
    assert await names(world, world.alice) == ["Shouter"]


async def test_who_may_register_agents_and_who_answers_for_them(world: World) -> None:
    await world.refused(ErrorCode.FORBIDDEN, world.guest, "agent.register", name="X")
    named: dict[str, Any] = {"name": "X", "owner_id": world.bob.id}
    await world.refused(ErrorCode.FORBIDDEN, world.alice, "agent.register", **named)
    assert (await world.run(world.admin, "agent.register", **named))["agent"]["owner_id"] == world.bob.id
    machine = (await register(world))["member"]["id"]
    for nobody in (new_id(), world.guest.id, machine):
        error = await world.refused(
            ErrorCode.INVALID, world.admin, "agent.register", name="X", owner_id=nobody
        )
        assert error.data["path"] == "owner_id"


@pytest.mark.parametrize(
    ("capability", "path"),
    [
        ({"name": "a", "input": {"type": "array"}}, "capabilities[1].input"),
        ({"name": "a", "input": {"type": "objekt"}}, "capabilities[1].input"),
        ({"name": "a", "output": {"$ref": "https://example.org/schema"}}, "capabilities[1].output"),
        ({"name": "a", "output": {"const": "x" * MAX_SCHEMA_BYTES}}, "capabilities[1].output"),
        ({"name": "shout"}, "capabilities[1].name"),
        ({"name": "a b"}, "capabilities[1].name"),
        ({"name": "a", "attempts": 0}, "capabilities[1].attempts"),
    ],
)
async def test_a_capability_that_makes_no_sense_is_refused_with_its_path(
    world: World, capability: dict[str, Any], path: str
) -> None:
    error = await world.refused(
        ErrorCode.INVALID, world.alice, "agent.register", name="X", capabilities=[SHOUT, capability]
    )
    assert error.data["path"] == path
    assert await names(world, world.alice) == []


async def test_there_are_so_many_agents(world: World) -> None:
    await register(world)
    await world.pool.execute(
        """
        WITH made AS (
            INSERT INTO members (id, kind, name, role, created_at)
            SELECT gen_random_uuid(), 'agent', 'Extra', 'guest', now() FROM generate_series(1, $1)
            RETURNING id
        )
        INSERT INTO agents (id, owner_id, created_at, updated_at) SELECT id, $2, now(), now() FROM made
        """,
        MAX_AGENTS - 1,
        world.alice.id,
    )
    error = await world.refused(ErrorCode.LIMIT_EXCEEDED, world.alice, "agent.register", name="X")
    assert error.data["limit"] == MAX_AGENTS


async def test_its_owner_and_admins_change_an_agent(world: World, force: Workforce) -> None:
    worker = await force.hire("Shouter", SHOUT)
    rooms = (world.workspace_id, force.project_id)
    before = {room: await state(world, room) for room in rooms}
    world.published.clear()
    changing: dict[str, Any] = {"agent_id": worker.member.id, "version": 1}
    await world.refused(ErrorCode.FORBIDDEN, world.bob, "agent.update", **changing, name="X")
    await world.refused(ErrorCode.NOT_FOUND, world.guest, "agent.update", **changing, name="X")
    changed = await world.run(
        world.alice, "agent.update", **changing, name="Louder", description="!", picture="📢"
    )
    assert [changed[field] for field in ("version", "description", "picture")] == [2, "!", "📢"]
    assert world.types(world.workspace_id) == ["member.updated", "agent.updated"]
    assert world.types(force.project_id) == ["participant.added"]
    await world.refused(ErrorCode.CONFLICT, world.alice, "agent.update", **changing, name="Loudest")
    given = await world.run(
        world.admin, "agent.update", agent_id=worker.member.id, version=2, owner_id=world.bob.id
    )
    assert (given["owner_id"], given["version"]) == (world.bob.id, 3)
    await folds_to_snapshots(world, before)
    again: dict[str, Any] = {"agent_id": worker.member.id, "version": 3, "name": "Louder"}
    await world.refused(ErrorCode.FORBIDDEN, world.alice, "agent.update", **again)
    assert (await world.run(world.bob, "agent.update", **again))["version"] == 3


async def test_another_token_ends_the_one_before(world: World) -> None:
    made = await register(world)
    agent_id = made["agent"]["id"]
    await world.refused(ErrorCode.FORBIDDEN, world.bob, "agent.rotate_token", agent_id=agent_id)
    world.published.clear()
    rotated = await world.run(world.alice, "agent.rotate_token", agent_id=agent_id)
    assert await tokens.present(world.pool, secret_hash(made["token"])) is None
    token = await tokens.present(world.pool, secret_hash(rotated["token"]))
    assert token is not None
    assert token.member_id == agent_id
    assert world.types(agent_id) == ["session.revoked"]


@pytest.mark.parametrize("command", ["agent.retire", "member.remove"])
async def test_an_agent_that_ends_is_out_of_everything(world: World, force: Workforce, command: str) -> None:
    worker = await force.hire("Shouter", {"name": "echo"}, SHOUT)
    agent_id = worker.member.id
    task = await force.task("Shout", assignees=[agent_id])
    at_work = await force.started(worker)
    assert at_work.run.task_id == task["id"]
    free = await force.give("shout", input={"text": "a"})
    taken = await force.started(worker)
    rooms = (world.workspace_id, force.project_id, agent_id)
    before = {room: await state(world, room) for room in rooms}
    world.published.clear()

    target: dict[str, Any] = {"agent_id": agent_id} if command == "agent.retire" else {"member_id": agent_id}
    await world.run(world.alice if command == "agent.retire" else world.admin, command, **target)

    await folds_to_snapshots(world, before)
    assert await tokens.present(world.pool, secret_hash(worker.token)) is None
    assert {event.data["room_id"] for event in of(world, "membership.removed")} == {force.project_id}
    shown = await details(world, agent_id)
    assert (shown["status"]["state"], shown["status"]["instances"], shown["grants"]) == ("retired", [], [])
    assert (shown["agent"]["retired"], shown["member"]["active"]) == (True, False)
    assert (await world.run(world.alice, "task.get", task_id=task["id"]))["assignees"] == []
    assert (await force.run(at_work.run.id))["state"] == "canceled"
    assert (await force.run(free["id"]))["state"] == "submitted"
    await world.refused(ErrorCode.UNAUTHENTICATED, worker.member, "agent.heartbeat", instance_id=new_id())
    await world.refused(ErrorCode.CONFLICT, world.alice, "agent.rotate_token", agent_id=agent_id)
    assert await force.allocate() == []
    assert taken.run.id == free["id"]
    assert await names(world, world.alice) == []
    assert await names(world, world.alice, retired=True) == ["Shouter"]


async def test_retiring_twice_is_retiring_once(world: World) -> None:
    agent_id = (await register(world))["agent"]["id"]
    both = await asyncio.gather(
        *(world.run(world.alice, "agent.retire", agent_id=agent_id) for _ in range(2)), return_exceptions=True
    )
    assert all(
        isinstance(each, dict) or (isinstance(each, ApiError) and each.code == "not_found") for each in both
    )
    assert (await world.run(world.alice, "agent.retire", agent_id=agent_id))["retired"]
    assert world.types(world.workspace_id).count("agent.updated") == 1


async def test_agents_of_the_removed_go_on_with_whoever_removes_them(world: World) -> None:
    agent_id = (await register(world, world.bob))["agent"]["id"]
    before = {world.workspace_id: await state(world, world.workspace_id)}
    world.published.clear()
    await world.run(world.admin, "member.remove", member_id=world.bob.id)
    await folds_to_snapshots(world, before)
    assert (await details(world, agent_id))["agent"]["owner_id"] == world.admin.id
    await world.run(world.admin, "member.remove", member_id=world.admin.id)
    assert (await details(world, agent_id))["agent"]["owner_id"] == world.owner.id


async def test_guests_know_the_agents_they_share_a_project_with(world: World, force: Workforce) -> None:
    worker = await force.hire("Shouter", SHOUT)
    other = (await register(world, name="Stranger"))["agent"]["id"]
    assert await names(world, world.guest) == []
    await world.refused(ErrorCode.NOT_FOUND, world.guest, "agent.get", agent_id=worker.member.id)
    await world.run(
        world.alice,
        "project.set_member",
        project_id=force.project_id,
        member_id=world.guest.id,
        role="viewer",
    )
    assert await names(world, world.guest) == ["Shouter"]
    assert (await details(world, worker.member.id, world.guest))["member"]["name"] == "Shouter"
    assert (await details(world, worker.member.id, worker.member))["agent"]["owner_id"] == world.alice.id
    for command in ("agent.get", "agent.insight"):
        await world.refused(ErrorCode.NOT_FOUND, world.guest, command, agent_id=other)
        await world.refused(ErrorCode.NOT_FOUND, world.alice, command, agent_id=world.bob.id)


async def test_the_list_is_by_name_and_filtered(world: World, force: Workforce) -> None:
    await force.hire("Shouter", SHOUT)
    await force.hire("Echo", {"name": "echo"})
    await register(world, name="Idle", capabilities=[SHOUT])
    assert await names(world, world.bob) == ["Echo", "Idle", "Shouter"]
    assert await names(world, world.bob, capability="shout") == ["Idle", "Shouter"]
    assert await names(world, world.alice, project_id=force.project_id) == ["Echo", "Shouter"]
    await world.refused(ErrorCode.NOT_FOUND, world.bob, "agent.list", project_id=force.project_id)


async def test_grants_are_shown_to_those_who_may_see_the_project(world: World, force: Workforce) -> None:
    worker = await force.hire("Shouter", SHOUT)
    (grant,) = (await details(world, worker.member.id))["grants"]
    assert grant == {
        "project_id": force.project_id,
        "project_name": "Works",
        "role": "editor",
        "until": None,
        "task_id": None,
    }
    assert (await details(world, worker.member.id, world.bob))["grants"] == []
    for who in (world.admin, worker.member):
        assert len((await details(world, worker.member.id, who))["grants"]) == 1


async def test_what_an_agent_was_refused_is_shown_and_added_up(world: World) -> None:
    agent_id = (await register(world))["agent"]["id"]
    for times, message in ((3, "first"), (4, "last")):
        rows = [
            Refusals(agent_id, "run.complete", "fenced", times, message),
            Refusals(world.alice.id, "run.complete", "fenced", 1, "not an agent"),
        ]
        await faults.add(world.pool, rows)
    (fault,) = (await details(world, agent_id))["faults"]
    assert [fault[field] for field in ("command", "code", "count", "message")] == [
        "run.complete",
        "fenced",
        7,
        "last",
    ]


async def test_insight_is_by_day_and_capability_of_projects_that_one_sees(
    world: World, force: Workforce
) -> None:
    worker = await force.hire("Shouter", SHOUT, {"name": "echo", "attempts": 1})
    for _ in range(3):
        await force.give("shout", input={"text": "a"})
    await force.give("echo")
    for offer in await force.allocate():
        await worker.say("run.accept", offer)
        if offer.run.capability == "echo":
            await worker.say("run.fail", offer, message="no", cause="fatal")
        else:
            await worker.say("run.complete", offer, result="A", costs={"tokens": 5, "money": 7})
    shown = await world.run(world.alice, "agent.insight", agent_id=worker.member.id)
    echo, shout = shown["days"]
    assert [echo[field] for field in ("capability", "runs", "failed")] == ["echo", 1, 1]
    assert [shout[field] for field in ("runs", "completed", "failed", "retries")] == [3, 3, 0, 0]
    assert [shout[field] for field in ("tokens", "money", "questions")] == [15, 21, 0]
    assert 0 <= shout["seconds_mean"] <= shout["seconds_p95"] + 1e-9
    assert shown["collaborations"] == []
    strangers = await world.run(world.bob, "agent.insight", agent_id=worker.member.id)
    assert strangers == {"days": [], "collaborations": []}
    await world.pool.execute(
        "UPDATE runs SET ended_at = ended_at - interval '3 days', started_at = started_at - interval '3 days'"
    )
    for days, count in ((1, 0), (3, 0), (4, 2)):
        shown = await world.run(world.admin, "agent.insight", agent_id=worker.member.id, days=days)
        assert len(shown["days"]) == count


async def test_insight_says_how_good_the_files_are_that_were_made(world: World, force: Workforce) -> None:
    worker = await force.hire("Shouter", SHOUT, {"name": "echo"})
    for capability, scores in (("shout", (90, 60, None)), ("echo", (None,))):
        await force.give(capability, input={"text": "a"})
        offer = await force.started(worker)
        for number, score in enumerate(scores):
            name = f"{capability} {number}.md"
            made = await filing.put(world, worker.member, force.project_id, name, name, run_id=offer.run.id)
            await filing.read(world, made, score=score)
        await worker.say("run.complete", offer, result="A")
    await force.give("shout", input={"text": "a"})
    offer = await force.started(worker)
    await worker.say("run.complete", offer, result="A")
    unread = await filing.put(world, world.alice, force.project_id, "not by a run.md", "x")
    await filing.read(world, unread, score=1)
    shown = await world.run(world.alice, "agent.insight", agent_id=worker.member.id)
    echo, shout = shown["days"]
    assert [echo[field] for field in ("runs", "files", "scored", "quality_mean")] == [1, 1, 0, None]
    assert [shout[field] for field in ("runs", "files", "scored", "quality_mean")] == [2, 3, 2, 75.0]


async def test_insight_says_who_worked_with_whom(world: World, force: Workforce) -> None:
    asker = await force.hire("Asker", {"name": "ask"})
    worker = await force.hire("Shouter", SHOUT)
    await force.give("ask")
    offer = await force.started(asker)
    await asker.say("run.call", offer, key="1", capability="shout", input={"text": "a"}, wait=False)
    called = await force.started(worker)
    await worker.say("run.complete", called, result="A")
    await asker.say("run.hand_off", offer, capability="shout", input={"text": "b"})
    await force.started(worker)
    expected = {("call", 1, 1), ("hand_off", 1, 0)}
    for agent_id in (asker.member.id, worker.member.id):
        shown = (await world.run(world.alice, "agent.insight", agent_id=agent_id))["collaborations"]
        assert {(each["kind"], each["count"], each["completed"]) for each in shown} == expected
        assert {(each["from_agent"], each["to_agent"]) for each in shown} == {
            (asker.member.id, worker.member.id)
        }
