"""Processes of agents: they come, give signs and go, and what agents are doing follows from that."""

import asyncio
from typing import Any

import pytest

from persistence import allocation, instances
from persistence.ids import new_id
from protocol.errors import ErrorCode
from protocol.fields import HEARTBEAT_SECONDS, LEASE_SECONDS, MAX_INSTANCES
from tests.handlers.test_members import folds_to_snapshots, state
from tests.workforce import Worker, Workforce, staffed
from tests.world import World

ECHO: dict[str, Any] = {"name": "echo", "concurrency": 10}
COUNT: dict[str, Any] = {"name": "count", "cost": "high", "output": {"type": "integer"}}


@pytest.fixture
async def force(world: World) -> Workforce:
    return await staffed(world)


@pytest.fixture
async def worker(force: Workforce) -> Worker:
    return await force.hire("Echo", ECHO)


async def status(force: Workforce, worker: Worker) -> Any:
    return (await force.world.run(force.world.alice, "agent.get", agent_id=worker.member.id))["status"]


async def test_a_process_that_comes_is_known(force: Workforce, worker: Worker) -> None:
    instance_id = new_id()
    reply = await force.world.run(
        worker.member, "agent.connect", instance_id=instance_id, host="lab", software="2.1", capacity=3
    )
    shown = reply["instance"]
    assert [shown[field] for field in ("id", "host", "software", "capacity")] == [
        instance_id,
        "lab",
        "2.1",
        3,
    ]
    assert (shown["connected"], shown["draining"], shown["blocked"]) == (True, False, False)
    assert (reply["heartbeat_seconds"], reply["lease_seconds"]) == (HEARTBEAT_SECONDS, LEASE_SECONDS)
    assert (reply["runs"], reply["lost"]) == ([], [])


async def test_what_lasts_is_told_once_however_often_it_is_said(force: Workforce, worker: Worker) -> None:
    world = force.world
    before = {world.workspace_id: await state(world, world.workspace_id)}
    world.published.clear()
    said: dict[str, Any] = {"software": "2.1", "capabilities": [COUNT, ECHO]}
    await asyncio.gather(
        *(world.run(worker.member, "agent.connect", instance_id=new_id(), **said) for _ in range(5))
    )
    assert world.types(world.workspace_id) == ["agent.updated"]
    (told,) = [event.data["agent"] for event in world.published]
    assert [each["name"] for each in told["capabilities"]] == ["count", "echo"]
    assert (told["software"], told["version"]) == ("2.1", 2)
    await folds_to_snapshots(world, before)
    world.published.clear()
    for again in (said, {}):
        await world.run(worker.member, "agent.connect", instance_id=new_id(), **again)
    assert world.published == []
    error = await world.refused(
        ErrorCode.INVALID,
        worker.member,
        "agent.connect",
        instance_id=new_id(),
        capabilities=[{"name": "x", "input": {}}],
    )
    assert error.data["path"] == "capabilities[0].input"
    shown = await world.run(world.alice, "agent.get", agent_id=worker.member.id)
    assert [each["name"] for each in shown["capabilities"]] == ["count", "echo"]


async def test_only_agents_come_as_processes(force: Workforce, worker: Worker) -> None:
    other = await force.hire("Other", ECHO)
    await force.world.refused(ErrorCode.FORBIDDEN, force.world.alice, "agent.connect", instance_id=new_id())
    await force.world.refused(
        ErrorCode.CONFLICT, other.member, "agent.connect", instance_id=worker.instance_id
    )
    for command in ("agent.heartbeat", "agent.drain"):
        await force.world.refused(ErrorCode.NOT_FOUND, other.member, command, instance_id=worker.instance_id)


async def test_there_are_so_many_processes_at_a_time(force: Workforce, worker: Worker) -> None:
    pool = force.world.pool
    await pool.execute(
        """
        INSERT INTO instances (id, agent_id, host, software, capacity, connection, connected_at, seen_at)
        SELECT gen_random_uuid(), $1, '', '', 1, 'there', now(), now() FROM generate_series(1, $2)
        """,
        worker.member.id,
        MAX_INSTANCES - 1,
    )
    error = await force.world.refused(
        ErrorCode.LIMIT_EXCEEDED, worker.member, "agent.connect", instance_id=new_id()
    )
    assert error.data["limit"] == MAX_INSTANCES
    await worker.connect()
    await pool.execute(
        "UPDATE instances SET seen_at = seen_at - interval '1 hour' WHERE connection = 'there'"
    )
    await force.world.run(worker.member, "agent.connect", instance_id=new_id())
    assert len((await status(force, worker))["instances"]) == 2


async def test_a_process_keeps_its_leases_when_it_comes_again(force: Workforce, worker: Worker) -> None:
    await force.give("echo")
    offer = await force.started(worker)
    held = [{"run_id": offer.run.id, "fence": 1}, {"run_id": new_id(), "fence": 1}]
    reply = await worker.connect(runs=held)
    assert (reply["lost"], reply["runs"]) == ([held[1]["run_id"]], [])
    reply = await worker.connect()
    assert [each["run"]["id"] for each in reply["runs"]] == [offer.run.id]


async def test_the_state_of_an_agent_follows_its_processes(force: Workforce, worker: Worker) -> None:
    shown = await status(force, worker)
    assert (shown["state"], shown["running"]) == ("online", 0)
    await force.give("echo")
    offer = await force.started(worker)
    shown = await status(force, worker)
    assert (shown["state"], shown["running"], shown["instances"][0]["running"]) == ("busy", 1, 1)
    await worker.say("run.ask", offer, key="q", prompt="May I?")
    shown = await status(force, worker)
    assert (shown["state"], shown["running"], shown["waiting"]) == ("online", 0, 1)
    assert shown["instances"][0]["running"] == 0
    await force.world.run(worker.member, "agent.drain", instance_id=worker.instance_id)
    assert (await status(force, worker))["state"] == "draining"
    await worker.connect()
    assert (await status(force, worker))["state"] == "draining"
    await force.world.pool.execute("UPDATE instances SET connection = NULL")
    shown = await status(force, worker)
    assert (shown["state"], shown["instances"][0]["connected"]) == ("offline", False)


async def test_a_process_without_signs_is_not_there(force: Workforce, worker: Worker) -> None:
    pool = force.world.pool
    await pool.execute("UPDATE instances SET seen_at = seen_at - $1 * interval '1 second'", LEASE_SECONDS + 1)
    assert (await status(force, worker))["state"] == "offline"
    await force.give("echo")
    assert await force.allocate() == []
    await worker.beat()
    assert (await status(force, worker))["state"] == "online"
    assert len(await force.allocate()) == 1


async def test_a_process_that_leaves_hands_back_what_it_has(force: Workforce, worker: Worker) -> None:
    made = await force.give("echo")
    offer = await force.started(worker)
    await force.world.run(worker.member, "agent.drain", instance_id=worker.instance_id, leave=True)
    run = await force.run(made["id"])
    assert (run["state"], run["instance_id"]) == ("submitted", None)
    await force.world.refused(
        ErrorCode.FENCED,
        worker.member,
        "run.complete",
        project_id=force.project_id,
        run_id=offer.run.id,
        fence=1,
    )
    assert (await status(force, worker))["instances"] == []
    await force.world.refused(
        ErrorCode.NOT_FOUND, worker.member, "agent.heartbeat", instance_id=worker.instance_id
    )


async def test_signs_say_what_is_wrong_and_record_nothing(force: Workforce, worker: Worker) -> None:
    world = force.world
    world.published.clear()
    await world.run(worker.member, "agent.heartbeat", instance_id=worker.instance_id, blocked=True)
    assert (await status(force, worker))["instances"][0]["blocked"]
    await worker.beat()
    assert not (await status(force, worker))["instances"][0]["blocked"]
    assert world.published == []


async def test_whoever_lets_offers_pass_gets_none_until_it_has_given_signs_for_a_minute(
    force: Workforce, worker: Worker
) -> None:
    pool = force.world.pool
    for _ in range(allocation.OFFERS_LET_PASS):
        async with pool.acquire() as tx:
            now = await tx.fetchval("SELECT now()")
            await allocation.missed(tx, worker.instance_id, now)
    assert (await status(force, worker))["instances"][0]["unresponsive"]
    await worker.beat()
    assert (await status(force, worker))["instances"][0]["unresponsive"]
    await force.later(instances.MISSED_SECONDS)
    await worker.beat()
    assert not (await status(force, worker))["instances"][0]["unresponsive"]


async def test_a_connection_that_closes_late_leaves_a_newer_one_be(force: Workforce, worker: Worker) -> None:
    pool = force.world.pool
    await instances.attach(pool, worker.instance_id, "new")
    await instances.detach(pool, {"old": worker.instance_id})
    assert (await status(force, worker))["state"] == "online"
    await instances.detach(pool, {"new": worker.instance_id})
    assert (await status(force, worker))["state"] == "offline"


@pytest.mark.parametrize(
    ("command", "fields"),
    [("agent.heartbeat", {}), ("agent.connect", {}), ("agent.drain", {"leave": True})],
)
async def test_runs_are_locked_before_their_processes(
    force: Workforce, worker: Worker, command: str, fields: dict[str, Any]
) -> None:
    await force.give("echo")
    offer = await force.started(worker)
    if command != "agent.drain":
        fields = {"runs": [{"run_id": offer.run.id, "fence": offer.fence}]}
    async with force.world.pool.acquire() as tx, tx.transaction():
        await tx.execute("SELECT FROM runs WHERE id = $1 FOR UPDATE", offer.run.id)
        said = asyncio.create_task(
            force.world.run(worker.member, command, instance_id=worker.instance_id, **fields)
        )
        waiting = """
            SELECT EXISTS (SELECT FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock')
        """
        while not await force.world.pool.fetchval(waiting):
            assert not said.done()
        await tx.execute("SET LOCAL lock_timeout = '300ms'")
        await tx.execute("UPDATE instances SET missed = missed + 1 WHERE id = $1", worker.instance_id)
    await said
