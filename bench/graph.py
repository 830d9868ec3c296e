"""A graph: ten thousand tasks that wait for each other, and a thousand agents on two nodes that do them all.

The tasks are project networks of scheduling research (PSPLIB and RanGen), each as often as it takes, in one
project. Every task has a run from the beginning; agents with room for one take whatever is offered. What
counts goes from the first agent that connects to the end of the last run, and counts only if no run started
before all that its task waits for had ended: by the clock of the database, and by the order of the log.
"""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
import asyncpg
import msgspec
import uvloop

from bench import build, machine
from bench.client import Client, connected
from bench.cluster import pair
from bench.crew import NOTHING, Worker
from bench.generator import Sample, UnsoundError
from bench.rounds import Plan, Results
from bench.servers import YMERA, Server
from persistence.ids import new_id
from protocol.fields import MAX_IMPORT
from server.networks import read_patterson, read_psplib
from tests.nodes import until
from tests.servers import redis_server

DATA = build.ROOT.parent / "shared" / "data" / "psplib"
READERS = {".sm": read_psplib, ".rcp": read_patterson}
CREATORS = 20
"""Connections by which all is made, each one thing after the other."""
LIMIT = 1_800.0
"""Seconds after which it counts for nothing."""

EARLY = """
    SELECT count(*) FROM task_dependencies d JOIN runs r ON r.task_id = d.task_id
    JOIN runs b ON b.task_id = d.depends_on
    WHERE r.started_at IS NULL OR b.ended_at IS NULL OR r.started_at < b.ended_at
"""
EARLY_IN_LOG = """
    WITH begun AS (
        SELECT (data->'run'->>'task_id')::uuid AS task, min(seq) AS seq FROM events
        WHERE type = 'run.updated' AND data->>'cause' = 'started' GROUP BY 1
    ), ended AS (
        SELECT (data->'run'->>'task_id')::uuid AS task, min(seq) AS seq FROM events
        WHERE type = 'run.ended' GROUP BY 1
    )
    SELECT count(*) FROM task_dependencies d LEFT JOIN begun ON begun.task = d.task_id
    LEFT JOIN ended ON ended.task = d.depends_on
    WHERE begun.seq IS NULL OR ended.seq IS NULL OR begun.seq < ended.seq
"""


class Hand(Worker):
    """An agent's process that puts up with refusals: under load, an offer may be taken too late."""

    refused = 0

    async def _do(self, _: str, named: dict[str, Any]) -> None:
        try:
            await self._client.request("run.accept", **named)
            await self._client.request("run.complete", **named)
        except (UnsoundError, TimeoutError):
            Hand.refused += 1
        finally:
            self.held.pop(named["run_id"], None)


@dataclass(frozen=True, slots=True)
class Place:
    """Where it happens: the ports of the nodes, their database, and the token of a member."""

    ports: Sequence[int]
    dsn: str
    token: str


def networks() -> Iterator[list[dict[str, Any]]]:
    """The networks, again and again, each copy with its own names; jobs come after those they wait for."""
    files = sorted(path for path in DATA.glob("*/*") if path.suffix in READERS)
    for copy in itertools.count():
        for path in files:
            rows = msgspec.to_builtins([row.task for row in READERS[path.suffix](path).rows])
            for row in rows:
                row["external_id"] = f"{copy}/{row['external_id']}"
                row["depends_on"] = [f"{copy}/{each}" for each in row.get("depends_on", ())]
            yield rows


class Graph:
    """A project with the graph in it, and the agents that will do it."""

    def __init__(self, place: Place, clients: Sequence[Client]) -> None:
        self._place = place
        self._clients = clients
        self._project = new_id()
        self._tokens: list[str] = []

    @classmethod
    @asynccontextmanager
    async def open(cls, place: Place, http: aiohttp.ClientSession) -> AsyncIterator["Graph"]:
        """With connections to make it by, for the length of a block."""
        async with AsyncExitStack() as stack:
            ports = itertools.islice(itertools.cycle(place.ports), CREATORS)
            yield cls(
                place,
                [await stack.enter_async_context(connected(http, port, place.token)) for port in ports],
            )

    async def make(self, agents: int, tasks: int) -> None:
        """So many agents, tasks, and a run for each."""
        await self._clients[0].request("project.create", id=self._project, name="Graph")
        await self._each(range(agents), self._hire)
        rows = list(itertools.islice(itertools.chain.from_iterable(networks()), tasks))
        for at in range(0, tasks, MAX_IMPORT):
            await self._clients[0].request(
                "task.import", project_id=self._project, tasks=rows[at : at + MAX_IMPORT]
            )
        async with database(self._place) as found:
            ids = [row["id"] for row in await found.fetch("SELECT id::text FROM tasks")]
        await self._each(ids, self._give)

    @asynccontextmanager
    async def staffed(self, http: aiohttp.ClientSession) -> AsyncIterator[None]:
        """All agents are at work, spread over the nodes, for the length of a block."""
        async with AsyncExitStack() as stack:
            hands = [(Hand(), token) for token in self._tokens]

            async def begin(numbered: tuple[int, tuple[Hand, str]]) -> None:
                number, (hand, token) = numbered
                port = self._place.ports[number % len(self._place.ports)]
                await stack.enter_async_context(hand.at_work(http, port, token, 1))

            await self._each(list(enumerate(hands)), lambda _, each: begin(each))
            yield

    async def _hire(self, client: Client, number: int) -> None:
        made = await client.request(
            "agent.register", name=f"Agent {number}", capabilities=[{"name": NOTHING, "attempts": 20}]
        )
        self._tokens.append(made["token"])
        await client.request("project.set_member", project_id=self._project, member_id=made["agent"]["id"])

    async def _give(self, client: Client, task_id: str) -> None:
        await client.request("run.create", project_id=self._project, task_id=task_id, capability=NOTHING)

    async def _each(self, several: Sequence[Any], do: Any) -> None:
        waiting = iter(several)

        async def work(client: Client) -> None:
            for each in waiting:
                await do(client, each)

        async with asyncio.TaskGroup() as group:
            for client in self._clients:
                group.create_task(work(client))


async def carry_out(place: Place, agents: int, tasks: int) -> Sample:
    """Have the graph done; UnsoundError unless all of it was, in an order that respects every edge."""
    Hand.refused = 0
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as http, Graph.open(place, http) as graph:
        await graph.make(agents, tasks)
        began = time.monotonic()
        async with database(place) as found, graph.staffed(http):
            there = time.monotonic() - began

            async def all_ended() -> bool:
                return bool(await found.fetchval("SELECT bool_and(ended_at IS NOT NULL) FROM runs"))

            await until(all_ended, LIMIT)
            seconds = time.monotonic() - began
    return await checked(place, tasks) | {
        "seconds": seconds,
        "tasks_per_second": tasks / seconds,
        "all_connected_after_seconds": there,
        "refused": Hand.refused,
    }


async def checked(place: Place, tasks: int) -> Sample:
    """What was done; UnsoundError if something is missing or was done too early."""
    async with database(place) as found:
        done = await found.fetchval("SELECT count(*) FROM tasks WHERE status = 'done'")
        completed = await found.fetchval("SELECT count(*) FROM runs WHERE state = 'completed'")
        ends = await found.fetchval("SELECT count(*) FROM events WHERE type = 'run.ended'")
        if not done == completed == ends == tasks:
            raise UnsoundError(
                f"of {tasks} tasks {done} are done, by {completed} runs that ended {ends} times"
            )
        early, early_in_log = await found.fetchval(EARLY), await found.fetchval(EARLY_IN_LOG)
        if early or early_in_log:
            raise UnsoundError(f"{early} edges were not respected, {early_in_log} by the log")
        edges = await found.fetchval("SELECT count(*) FROM task_dependencies")
        attempts = await found.fetchval("SELECT count(*) FROM attempts")
        return {"tasks": tasks, "edges": edges, "attempts": attempts}


@asynccontextmanager
async def database(place: Place) -> AsyncIterator[asyncpg.Connection]:
    """The nodes' database, for the length of a block."""
    found = await asyncpg.connect(place.dsn)
    try:
        yield found
    finally:
        await found.close()


def measure(plan: Plan, agents: int = 1_000, tasks: int = 10_000) -> Results:
    """The graph, once: each time takes minutes, and nodes and a database of its own."""
    if not DATA.is_dir():
        raise build.MissingError(f"the networks are missing: {DATA}")
    if plan.quick:
        agents, tasks = min(agents, 100), min(tasks, 1_000)
    machine.allow_connections()
    results = Results("graph", plan)
    with ExitStack() as stack:
        redis = stack.enter_context(
            redis_server(Path(stack.enter_context(TemporaryDirectory(prefix="ymera-bench-redis-"))))
        )
        server: Server = stack.enter_context(pair(YMERA, redis))
        assert server.tokens is not None
        token = server.tokens.read_text().splitlines()[0]
        place = Place(server.ports, server.said[0]["database"], token)
        before = server.cpu_seconds()
        sample = uvloop.run(carry_out(place, agents, tasks))
        sample["nodes_cpu_ms_per_task"] = (server.cpu_seconds() - before) / tasks * 1e3
        results.add(f"{tasks:,} tasks, {agents:,} agents, two nodes", YMERA.name, [sample])
    results.write()
    return results
