"""The promise of the whole: whatever happens, everybody ends up with the same, complete picture.

Several clients (the Python SDK) work on two projects and a channel at once, through one node or through
two with Redis, while messages between nodes are lost, repeated and reordered, Redis restarts, nodes stop
in the middle of commands, connections break and the log's retention ends. Afterwards every client's folded
state equals a fresh snapshot, and every room's log counts without gaps.

YMERA_PROPERTY_EXAMPLES sets how many histories are tried (`make soak` tries many).
"""

import asyncio
import os
import random
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from persistence import log, partitions
from protocol.roles import WorkspaceRole
from tests.nodes import NodeStarter, RunningNode
from tests.servers import RedisServer, database
from ymera_client import Client, Internal, LiveRoom, YmeraError, backoff

EXAMPLES = int(os.environ.get("YMERA_PROPERTY_EXAMPLES", "6"))
STEPS = 12
SETTLE_SECONDS = 60.0
LONGEST_WAIT = 0.5
"""Seconds before clients try again: that they wait longer for a node that stays away shows nothing here."""
STATUSES = ["backlog", "todo", "in_progress", "in_review", "done", "canceled"]

person = st.integers(0, 2)
seeds = st.integers(0, 2**32)


class Weather:
    """What becomes of messages between nodes."""

    def __init__(self) -> None:
        self.loss, self.repeat, self.delay = 0.2, 0.2, 0.3
        self.chance = random.Random(0)
        self._late: list[tuple[Callable[[str, bytes], None], str, bytes]] = []

    def through(self, deliver: Callable[[str, bytes], None]) -> Callable[[str, bytes], None]:
        def receive(room: str, payload: bytes) -> None:
            if self.chance.random() < self.loss:
                return
            if self.chance.random() < self.delay:
                self._late.append((deliver, room, payload))
            else:
                deliver(room, payload)
            if self.chance.random() < self.repeat:
                deliver(room, payload)
            self._release()

        return receive

    def _release(self) -> None:
        self.chance.shuffle(self._late)
        while self._late and self.chance.random() < 0.5:
            late, room, payload = self._late.pop()
            late(room, payload)


class World:
    """The servers, the people and what they work on."""

    def __init__(self, stack: AsyncExitStack, start: NodeStarter, redis: RedisServer | None) -> None:
        self.stack, self.start, self.redis = stack, start, redis
        self.weather = Weather()
        self.nodes: list[RunningNode] = []
        self.clients: list[Client] = []
        self.members: list[str] = []
        self.rooms: list[str] = []
        self.tasks: list[tuple[str, str]] = []
        self.messages: list[str] = []
        self.handles: dict[tuple[int, str], LiveRoom] = {}

    async def begin(self, count: int) -> None:
        for _ in range(count):
            self.nodes.append(await self.open_node())
        for number, name in enumerate(("Owner", "Alice", "Bob")):
            role = WorkspaceRole.OWNER if number == 0 else WorkspaceRole.MEMBER
            member, token = await self.nodes[0].admit(name, role)
            url = self.nodes[number % count].url
            self.clients.append(await self.stack.enter_async_context(Client(url, token=token)))
            self.members.append(member.id)
        owner = self.clients[0]
        for name in ("Apollo", "Gemini"):
            project = await owner.call_raw("project.create", {"name": name})
            self.rooms.append(project["id"])
            for other in self.members[1:]:
                await owner.call_raw("project.set_member", {"project_id": project["id"], "member_id": other})
        channel = await owner.call_raw("room.create", {"name": "general"})
        self.rooms.append(channel["id"])
        for number, client in enumerate(self.clients):
            for room in self.rooms:
                self.handles[number, room] = await self.stack.enter_async_context(client.room(room))

    async def open_node(self, port: int = 0) -> RunningNode:
        redis_url = None if self.redis is None else self.redis.url
        node = await self.start(redis_url=redis_url, port=port, shutdown_grace_seconds=0)
        bus = node.node.fanout._bus
        if bus is not None:
            bus._on_message = self.weather.through(bus._on_message)
        return node

    async def reopen(self, number: int) -> None:
        """Stop a node in the middle of whatever it does, and start it again."""
        port = self.nodes[number].node.port
        await self.nodes[number].stop()
        self.nodes[number] = await self.open_node(port)

    async def act(self, number: int, chance: random.Random) -> None:
        """One random thing that a member does; being refused is part of the game."""
        client, project = self.clients[number], chance.choice(self.rooms[:2])
        try:
            await self._act(client, project, chance)
        except Internal:
            raise
        except YmeraError:
            return

    async def _act(self, client: Client, project: str, chance: random.Random) -> None:
        task, version = self._task(chance)
        match chance.randrange(12 if task else 3):
            case 0:
                made = await client.call_raw(
                    "task.create", {"project_id": project, "title": f"T{chance.randrange(99)}"}
                )
                self.tasks.append((made["id"], project))
            case 1:
                sent = await client.call_raw(
                    "message.send", {"room": chance.choice(self.rooms), "text": "hello"}
                )
                self.messages.append(sent["id"])
            case 2:
                await self._touch_message(client, chance)
            case 3 | 4:
                await client.call_raw(
                    "task.update",
                    {"task_id": task, "version": version, "title": f"U{chance.randrange(99)}"},
                )
            case 5 | 6:
                await client.call_raw("task.transition", {"task_id": task, "status": chance.choice(STATUSES)})
            case 7:
                await client.call_raw(
                    "task.move",
                    {"task_id": task, "after": self._task(chance)[0], "status": chance.choice(STATUSES)},
                )
            case 8 | 9:
                await client.call_raw(
                    chance.choice(["task.depend", "task.depend", "task.undepend"]),
                    {"task_id": task, "on": self._task(chance)[0]},
                )
            case 10:
                await client.call_raw("task.comment", {"task_id": task, "text": "seen"})
            case 11:
                await client.call_raw("task.delete", {"task_id": task})

    async def _touch_message(self, client: Client, chance: random.Random) -> None:
        if not self.messages:
            return
        message = chance.choice(self.messages)
        match chance.randrange(3):
            case 0:
                await client.call_raw("message.react", {"message_id": message, "emoji": "👍"})
            case 1:
                await client.call_raw("message.edit", {"message_id": message, "text": "edited"})
            case 2:
                await client.call_raw("message.delete", {"message_id": message})

    async def _reaches(self, handle: LiveRoom, head: int) -> None:
        await handle.wait_for(lambda room: room.cursor >= head)

    def _task(self, chance: random.Random) -> tuple[str | None, int]:
        """Some task and a version of it that may be old."""
        if not self.tasks:
            return None, 1
        task, project = chance.choice(self.tasks)
        known = self.handles[0, project].state["tasks"].get(task)
        return task, 1 if known is None else known["version"]

    async def forget(self) -> None:
        """Let the retention of all end that every node has delivered. Clients may not have it yet."""
        pool = self.nodes[0].node.pool
        for room in self.rooms:
            delivered = min(node.node.fanout.head(room) or 0 for node in self.nodes)
            await pool.execute(
                "UPDATE events SET at = '2020-01-01' WHERE room_id = $1 AND seq <= $2", room, delivered
            )
        await partitions.tend(pool, timedelta(hours=72))

    async def settled(self) -> None:
        """Everybody has caught up, and sees what somebody who comes anew would see."""
        pool = self.nodes[0].node.pool
        async with asyncio.timeout(SETTLE_SECONDS):
            for (number, room), handle in self.handles.items():
                head = (await log.heads(pool, [room]))[room]
                await self._reaches(handle, head)
                fresh = await self.clients[number].call_raw("room.join", {"room": room}, wait=True)
                assert fresh["head"] == handle.cursor == head
                assert plain(handle.state) == by_id(fresh["reset"]), (number, room)
        gaps = await pool.fetch(
            """
            SELECT r.id FROM rooms r JOIN events e ON e.room_id = r.id
            GROUP BY r.id HAVING count(*) <> max(e.seq) - min(e.seq) + 1 OR max(e.seq) <> r.head_seq
            """
        )
        assert not gaps


def plain(state: Any) -> dict[str, dict[str, Any]]:
    """A state without its empty collections."""
    return {name: dict(entities) for name, entities in state.items() if entities}


def by_id(reset: dict[str, list[dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    return {name: {e["id"]: e for e in entities} for name, entities in reset.items() if entities}


class Convergence(RuleBasedStateMachine):
    """Random histories of one workspace."""

    count = 1

    def __init__(self, postgres: str, template: str) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.postgres, self.template = postgres, template

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    @initialize()
    def begin(self) -> None:
        self.folder = TemporaryDirectory()
        self.stack = AsyncExitStack()
        self.run(self._begin())

    async def _begin(self) -> None:
        dsn = await self.stack.enter_async_context(database(self.postgres, template=self.template))
        redis: RedisServer | None = None
        if self.count > 1:
            redis = RedisServer(Path(self.folder.name))
            redis.start()
            self.stack.callback(redis.stop)
        start = await self.stack.enter_async_context(NodeStarter(dsn, Path(self.folder.name)))
        self.world = World(self.stack, start, redis)
        await self.world.begin(self.count)

    @rule(seed=seeds, size=st.integers(1, 25))
    def everybody_works(self, seed: int, size: int) -> None:
        self.run(self._work(random.Random(seed), size))

    @rule(seed=seeds)
    def a_node_stops_while_everybody_works(self, seed: int) -> None:
        chance = random.Random(seed)

        async def both() -> None:
            work = asyncio.create_task(self._work(chance, 15))
            await asyncio.sleep(chance.random() * 0.05)
            await self.world.reopen(chance.randrange(self.count))
            await work

        self.run(both())

    @rule(who=person, seed=seeds)
    def a_connection_breaks(self, who: int, seed: int) -> None:
        async def both() -> None:
            work = asyncio.create_task(self._work(random.Random(seed), 10))
            for node in self.world.nodes:
                for connection in node.node.hub.all():
                    if connection.member_id == self.world.members[who]:
                        connection.close("too_slow", reconnect=True)
            await work

        self.run(both())

    @rule(loss=st.floats(0, 0.6), repeat=st.floats(0, 0.5), delay=st.floats(0, 0.6), seed=seeds)
    def the_weather_changes(self, loss: float, repeat: float, delay: float, seed: int) -> None:
        weather = self.world.weather
        weather.loss, weather.repeat, weather.delay = loss, repeat, delay
        weather.chance = random.Random(seed)

    @rule(who=st.integers(1, 2), where=st.integers(0, 1))
    def somebody_is_removed_and_comes_back(self, who: int, where: int) -> None:
        self.run(self._remove_and_return(who, self.world.rooms[where]))

    @rule()
    def redis_restarts(self) -> None:
        if self.world.redis is not None:
            self.world.redis.stop()
            self.run(self._work(random.Random(1), 5))
            self.world.redis.start()

    @rule(seed=seeds)
    def the_log_forgets_while_everybody_works(self, seed: int) -> None:
        async def both() -> None:
            work = asyncio.create_task(self._work(random.Random(seed), 15))
            await self.world.forget()
            await work

        self.run(both())

    @rule()
    def everybody_agrees(self) -> None:
        self.run(self.world.settled())

    def teardown(self) -> None:
        try:
            if hasattr(self, "world"):
                self.run(self.world.settled())
        finally:
            if hasattr(self, "stack"):
                self.run(self.stack.aclose())
                self.folder.cleanup()
            self.runner.close()

    async def _work(self, chance: random.Random, size: int) -> None:
        acts = [self.world.act(chance.randrange(3), random.Random(chance.random())) for _ in range(size)]
        await asyncio.gather(*acts)

    async def _remove_and_return(self, who: int, project: str) -> None:
        world = self.world
        payload = {"project_id": project, "member_id": world.members[who]}
        await world.handles[who, project].close()
        await world.clients[0].call_raw("project.remove_member", payload)
        await world.clients[0].call_raw("project.set_member", payload)
        handle = world.clients[who].room(project)
        await handle.ready()
        world.handles[who, project] = handle
        world.stack.push_async_callback(handle.close)


class ConvergenceOfTwo(Convergence):
    """The same through two nodes with Redis between them."""

    count = 2


@pytest.mark.parametrize("machine", [Convergence, ConvergenceOfTwo])
def test_everybody_ends_up_with_the_same_picture(
    machine: type[Convergence], postgres: str, migrated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backoff, "CAP", LONGEST_WAIT)

    class OnThisDatabase(machine):  # type: ignore[misc, valid-type]
        def __init__(self) -> None:
            super().__init__(postgres, migrated)

    run_state_machine_as_test(
        OnThisDatabase,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
