"""Agents' processes on real nodes: each is known by its connection, for as long as that is open."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from persistence.ids import new_id
from tests.nodes import RunningNode, StockClient, until

Start = Callable[..., Awaitable[RunningNode]]


@dataclass
class Stage:
    """A node with Alice on it, and an agent of hers."""

    server: RunningNode
    alice: StockClient
    agent_id: str
    token: str

    async def process(self, clients: AsyncExitStack, instance_id: str) -> StockClient:
        """A process that has connected."""
        client = await clients.enter_async_context(self.server.client(self.token))
        reply = await client.do("agent.connect", instance_id=instance_id)
        assert reply["instance"]["connected"]
        return client

    async def connection(self, instance_id: str) -> str | None:
        """By which connection a process has come, as others see it."""
        found: str | None = await self.server.node.pool.fetchval(
            "SELECT connection FROM instances WHERE id = $1", instance_id
        )
        return found

    async def state(self) -> str:
        """What Alice sees of the agent."""
        state: str = (await self.alice.do("agent.get", agent_id=self.agent_id))["status"]["state"]
        return state


@pytest.fixture
async def stage(node: Start) -> AsyncIterator[Stage]:
    server = await node()
    _, token = await server.admit("Alice")
    async with server.client(token) as alice:
        made = await alice.do("agent.register", name="Echo", capabilities=[{"name": "echo"}])
        yield Stage(server, alice, made["agent"]["id"], made["token"])


async def test_a_process_is_there_while_its_connection_is_open(stage: Stage) -> None:
    instance_id = new_id()
    async with AsyncExitStack() as clients:
        client = await stage.process(clients, instance_id)
        assert await stage.connection(instance_id) == client.socket.get_sid()
        assert await stage.state() == "online"
    await until(lambda: _is(stage, instance_id, None))
    assert await stage.state() == "offline"


async def test_an_old_connection_that_closes_late_takes_nothing_with_it(stage: Stage) -> None:
    instance_id = new_id()
    async with AsyncExitStack() as newer:
        async with AsyncExitStack() as older:
            await stage.process(older, instance_id)
            client = await stage.process(newer, instance_id)
        # Its end is written down before that of one that closes after it.
        async with AsyncExitStack() as last:
            other = new_id()
            await stage.process(last, other)
        await until(lambda: _is(stage, other, None))
        assert await stage.connection(instance_id) == client.socket.get_sid()


async def test_a_connection_is_one_process(stage: Stage) -> None:
    first, second = new_id(), new_id()
    async with AsyncExitStack() as clients:
        client = await stage.process(clients, first)
        await client.do("agent.connect", instance_id=second)
        await until(lambda: _is(stage, first, None))
        assert await stage.connection(second) == client.socket.get_sid()


async def test_another_token_closes_the_connections_of_the_one_before(stage: Stage) -> None:
    instance_id = new_id()
    async with AsyncExitStack() as clients:
        client = await stage.process(clients, instance_id)
        await stage.alice.do("agent.rotate_token", agent_id=stage.agent_id)
        assert (await client.wait_for("closing"))["reason"] == "revoked"
        await until(lambda: _is(stage, instance_id, None))


async def test_a_retired_agent_is_shut_out_at_once(stage: Stage) -> None:
    async with AsyncExitStack() as clients:
        client = await stage.process(clients, new_id())
        await stage.alice.do("agent.retire", agent_id=stage.agent_id)
        assert (await client.wait_for("closing"))["reconnect"] is False
        assert await stage.state() == "retired"


async def test_a_node_that_stops_has_no_processes(stage: Stage, node: Start) -> None:
    other = await node()
    ids = [new_id() for _ in range(3)]
    async with AsyncExitStack() as clients:
        for instance_id in ids:
            client = await clients.enter_async_context(other.client(stage.token))
            await client.do("agent.connect", instance_id=instance_id)
        await other.stop()
        assert [await stage.connection(instance_id) for instance_id in ids] == [None, None, None]


async def test_runs_are_pushed_to_the_process_that_gets_them(stage: Stage) -> None:
    project = (await stage.alice.do("project.create", name="Works"))["id"]
    await stage.alice.do("project.set_member", project_id=project, member_id=stage.agent_id)
    instance_id = new_id()
    async with AsyncExitStack() as clients:
        client = await stage.process(clients, instance_id)
        run = await stage.alice.do("run.create", project_id=project, capability="echo")
        pushed: Any = await client.wait_for("run.offers")
        assert pushed["instance_id"] == instance_id
        assert [offer["run"]["id"] for offer in pushed["offers"]] == [run["id"]]


async def test_access_that_has_run_out_ends_by_itself_everywhere(stage: Stage) -> None:
    project = (await stage.alice.do("project.create", name="Works"))["id"]
    await stage.alice.do(
        "project.set_member", project_id=project, member_id=stage.agent_id, until="2100-01-01T00:00:00Z"
    )
    async with AsyncExitStack() as clients:
        client = await stage.process(clients, new_id())
        await client.do("room.join", room=project)
        await stage.server.node.pool.execute("UPDATE room_members SET until = now() WHERE until IS NOT NULL")
        await client.wait_for("event", lambda event: event["type"] == "participant.removed")
        await stage.alice.do("message.send", room=project, text="Among us.")
        refusal = await client.send("room.join", room=project)
        assert refusal["error"]["code"] == "not_found"
        assert "message.sent" not in [event["type"] for event in client.events(project)]


async def _is(stage: Stage, instance_id: str, connection: str | None) -> bool:
    return await stage.connection(instance_id) == connection


async def test_reports_of_all_kinds_are_carried_out_in_the_order_in_which_they_are_sent(stage: Stage) -> None:
    project = await stage.alice.do("project.create", name="Works")
    await stage.alice.do("project.set_member", project_id=project["id"], member_id=stage.agent_id)
    async with AsyncExitStack() as clients:
        client = await stage.process(clients, new_id())
        run = await stage.alice.do("run.create", project_id=project["id"], capability="echo")
        offers = await client.wait_for("run.offers")
        named = {
            "project_id": project["id"],
            "run_id": run["id"],
            "fence": offers["offers"][0]["fence"],
        }

        answers = await asyncio.gather(
            client.send("run.accept", **named),
            client.send("run.output", text="One, ", offset=0, **named),
            client.send("run.log", message="Half", **named),
            client.send("run.output", text="two.", offset=5, **named),
            client.send("run.complete", **named),
            client.send("run.log", message="Late", **named),
        )

    assert [answer["ok"] for answer in answers] == [True] * 5 + [False]
    assert answers[-1]["error"]["code"] == "fenced"
    history = (await stage.alice.do("run.history", run_id=run["id"]))["items"]
    assert [event["type"] for event in history] == [
        *("run.created", "run.updated", "run.outputted", "run.logged", "run.outputted", "run.ended")
    ]
