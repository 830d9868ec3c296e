"""Two full servers on one database and one Redis, with stock clients on both."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import redis.asyncio as redis

from persistence import partitions
from protocol.roles import WorkspaceRole
from tests.nodes import PATIENCE, RunningNode, StockClient, until
from tests.servers import redis_cluster, redis_sentinel, redis_server

Start = Callable[..., Awaitable[RunningNode]]


def created(title: str) -> Callable[[Any], bool]:
    return lambda event: event["type"] == "task.created" and event["data"]["task"]["title"] == title


@pytest.fixture
async def pair(node: Start, redis_url: str) -> tuple[RunningNode, RunningNode]:
    return await node(redis_url=redis_url), await node(redis_url=redis_url)


async def test_an_event_reaches_members_on_both_nodes(pair: tuple[RunningNode, RunningNode]) -> None:
    one, two = pair
    _, owner = await one.admit("Owner", WorkspaceRole.OWNER)
    bob, token = await one.admit("Bob")
    async with one.client(owner) as here, two.client(token) as there:
        project = (await here.do("project.create", name="Apollo"))["id"]
        await here.do("project.set_member", project_id=project, member_id=bob.id)
        joined = await there.do("room.join", room=project)
        await here.do("room.join", room=project)
        await here.do("task.create", project_id=project, title="Land")
        event = await there.wait_for("event", created("Land"))
        assert event["seq"] == joined["head"] + 1
        await there.do("task.create", project_id=project, title="Return")
        await here.wait_for("event", created("Return"))
        assert [e["seq"] for e in here.events(project)] == [e["seq"] for e in there.events(project)]


async def test_the_log_has_its_partitions_soon_after_the_start(pair: tuple[RunningNode, RunningNode]) -> None:
    pool = pair[0].node.pool

    async def moved() -> bool:
        left = await pool.fetchval("SELECT count(*) FROM events_default")
        return left == 0 and len(await partitions.spans(pool)) == 2

    await until(moved)


async def test_presence_is_one_picture_over_both_nodes(pair: tuple[RunningNode, RunningNode]) -> None:
    one, two = pair
    alice, alices = await one.admit("Alice", WorkspaceRole.OWNER)
    bob, bobs = await one.admit("Bob")
    async with one.client(alices) as here, two.client(bobs) as there:
        room = (await here.do("room.create", name="general"))["id"]
        await here.do("room.join", room=room)
        await there.do("room.join", room=room)
        await here.wait_for("presence", lambda p: bob.id in p["joined"])
        await there.wait_for("presence", lambda p: alice.id in p["joined"])
        await there.do("presence.set", status="busy")
        await here.wait_for("presence", lambda p: p["joined"].get(bob.id) == "busy")
        await there.do("typing.set", room=room)
        typing = await here.wait_for("typing")
        assert typing == {"room": room, "member_id": bob.id, "thread_id": None, "typing": True}
        await there.do("room.unsubscribe", room=room)
        await here.wait_for("presence", lambda p: bob.id in p["left"])


async def test_the_people_of_a_node_that_stops_are_gone(pair: tuple[RunningNode, RunningNode]) -> None:
    one, two = pair
    _, alices = await one.admit("Alice", WorkspaceRole.OWNER)
    bob, bobs = await one.admit("Bob")
    async with one.client(alices) as here:
        room = (await here.do("room.create", name="general"))["id"]
        await here.do("room.join", room=room)
        there = StockClient()
        await there.connect(two.url, bobs)
        await there.do("room.join", room=room)
        await here.wait_for("presence", lambda p: bob.id in p["joined"])
        await two.stop()
        await here.wait_for("presence", lambda p: bob.id in p["left"])
        await there.close()


async def test_removing_a_member_shuts_it_out_on_every_node(
    pair: tuple[RunningNode, RunningNode],
) -> None:
    one, two = pair
    _, owner = await one.admit("Owner", WorkspaceRole.OWNER)
    bob, token = await one.admit("Bob")
    async with one.client(owner) as here, two.client(token) as there:
        project = (await here.do("project.create", name="Apollo"))["id"]
        await here.do("project.set_member", project_id=project, member_id=bob.id)
        await there.do("room.join", room=project)
        await there.do("room.join", room=bob.id)
        await here.do("project.remove_member", project_id=project, member_id=bob.id)
        await here.do("task.create", project_id=project, title="Secret")
        await there.wait_for("event", lambda e: e["type"] == "membership.removed")
        # What was committed later reaches Bob's own inbox; by then the secret would have come.
        await here.do("project.set_member", project_id=project, member_id=bob.id)
        await there.wait_for(
            "event",
            lambda e: e["type"] == "membership.updated" and e["seq"] > there.events(bob.id)[0]["seq"],
        )
        types = [event["type"] for event in there.events(project)]
        assert types[-1] == "participant.removed"
        refused = await there.send("room.events", room=project, after_seq=0)
        assert refused["ok"]


@pytest.mark.parametrize("kind", [redis_cluster, redis_sentinel])
async def test_nodes_meet_on_every_kind_of_redis(kind: Any, node: Start, tmp_path: Path) -> None:
    (tmp_path / "redis").mkdir()
    with kind(tmp_path / "redis") as found:
        one, two = await node(redis_url=found.url), await node(redis_url=found.url)
        _, owner = await one.admit("Owner", WorkspaceRole.OWNER)
        async with one.client(owner) as here, two.client(owner) as there:
            for name in ("Apollo", "Gemini", "Mercury"):
                project = (await here.do("project.create", name=name))["id"]
                await there.do("room.join", room=project)
                await here.do("task.create", project_id=project, title=name)
                await there.wait_for("event", created(name))
        await becomes(one, 200)


async def test_redis_may_forget_everything(pair: tuple[RunningNode, RunningNode], redis_url: str) -> None:
    one, two = pair
    _, owner = await one.admit("Owner", WorkspaceRole.OWNER)
    async with (
        one.client(owner) as here,
        two.client(owner) as there,
        redis.Redis.from_url(redis_url) as store,
    ):
        project = (await here.do("project.create", name="Apollo"))["id"]
        await there.do("room.join", room=project)
        for number in range(50):
            await here.do("task.create", project_id=project, title=f"task {number}")
            await store.flushall()
        await there.wait_for("event", created("task 49"))
        seqs = [event["seq"] for event in there.events(project)]
        assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
        await becomes(two, 200)


async def test_redis_may_die_and_come_back(node: Start, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        server = stack.enter_context(redis_server(tmp_path))
        one, two = await node(redis_url=server.url), await node(redis_url=server.url)
        _, owner = await one.admit("Owner", WorkspaceRole.OWNER)
        here = await stack.enter_async_context(one.client(owner))
        there = await stack.enter_async_context(two.client(owner))
        project = (await here.do("project.create", name="Apollo"))["id"]
        await here.do("room.join", room=project)
        await there.do("room.join", room=project)
        await here.do("task.create", project_id=project, title="with")
        await there.wait_for("event", created("with"))

        server.stop()
        await here.do("task.create", project_id=project, title="without")
        await there.wait_for("event", created("without"))
        await becomes(two, 503)

        server.start()
        await becomes(two, 200)
        await here.do("task.create", project_id=project, title="again")
        await there.wait_for("event", created("again"))
        seqs = [event["seq"] for event in there.events(project)]
        assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))


async def readiness(server: RunningNode) -> int:
    async with aiohttp.ClientSession() as http, http.get(f"{server.url}/health/ready") as answer:
        return answer.status


async def becomes(server: RunningNode, status: int) -> None:
    async def is_so() -> bool:
        return await readiness(server) == status

    await until(is_so, 3 * PATIENCE)
