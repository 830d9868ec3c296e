"""The load of the dispatch benchmark: agents that do nothing, at once, and a person who gives them work.

A process of its own, on a core of its own. It prints JSON lines: `start` and `stop` around what is measured,
then `result`. Everything is timed by one clock, at the connection of the person, who watches the project.
"""

import argparse
import asyncio
import json
import math
import os
import statistics
import subprocess
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import uvloop

from bench import build
from bench.client import Client, connected
from persistence.ids import new_id
from protocol.fields import HEARTBEAT_SECONDS

CREATORS = 20
"""Connections that give work, each one run after the other."""
LIMIT = 120.0
"""Seconds after which a run counts for nothing."""
NOTHING, HELD = "nothing", "held"
"""What the agents can do: end at once, or stay at work until they are told to end."""
OPEN_ENDED = {"concurrency": 10_000, "attempts": 1}

clock = time.perf_counter


class Worker:
    """A process of an agent: accepts whatever it is offered, and has nothing to do for it."""

    def __init__(self) -> None:
        self.held: dict[str, dict[str, Any]] = {}
        """Runs that it is at work on, by id, as reports name them."""
        self._instance_id = new_id()
        self._client: Client
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def at_work(
        self, http: aiohttp.ClientSession, port: int, token: str, capacity: int
    ) -> AsyncIterator[None]:
        """Connected for the length of a block, and giving signs."""
        async with connected(http, port, token, self._hear) as self._client:
            await self._client.request("agent.connect", instance_id=self._instance_id, capacity=capacity)
            self._spawn(self._beat())
            try:
                yield
            finally:
                for task in self._tasks:
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)

    async def complete(self, run_id: str) -> None:
        """End a run that is held."""
        await self._client.request("run.complete", **self.held.pop(run_id))

    def _hear(self, name: str, said: Any) -> None:
        if name == "run.offers":
            self._take(said["offers"])

    def _take(self, offers: Sequence[dict[str, Any]]) -> None:
        for offer in offers:
            run = offer["run"]
            if run["id"] not in self.held:
                named = {"project_id": run["project_id"], "run_id": run["id"], "fence": offer["fence"]}
                self.held[run["id"]] = named
                self._spawn(self._do(run["capability"], named))

    async def _do(self, capability: str, named: dict[str, Any]) -> None:
        await self._client.request("run.accept", **named)
        if capability == NOTHING:
            await self.complete(named["run_id"])

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            held = [{"run_id": named["run_id"], "fence": named["fence"]} for named in self.held.values()]
            beat = await self._client.request("agent.heartbeat", instance_id=self._instance_id, runs=held)
            self._take(beat["runs"])

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # A run that is lost here would be waited for in vain.
            print(f"crew: {error}", file=sys.stderr)
            os._exit(1)


class Works:
    """A new project of a person's with an agent in it, and what happens there, as the person sees it."""

    def __init__(self, http: aiohttp.ClientSession, port: int, token: str) -> None:
        self.id = new_id()
        self.agent_token = ""
        self.workers: list[Worker] = []
        self.tasks: dict[str, str] = {}
        """Ids of tasks, by external id."""
        self.seen: dict[tuple[str, str], tuple[float, datetime]] = {}
        """When a task was `made` or `free`, a run `started` or `ended`: here, and by the server's clock."""
        self._changed = asyncio.Event()
        self._watcher: Client
        self._http, self._port, self._token = http, port, token
        self._creators: deque[Client] = deque()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Made, and watched for the length of a block."""
        async with AsyncExitStack() as stack:
            watcher = connected(self._http, self._port, self._token, self._hear)
            self._watcher = await stack.enter_async_context(watcher)
            for _ in range(CREATORS):
                creator = connected(self._http, self._port, self._token)
                self._creators.append(await stack.enter_async_context(creator))
            await self.ask("project.create", id=self.id, name="Works")
            capabilities = [{"name": name, **OPEN_ENDED} for name in (NOTHING, HELD)]
            agent = await self.ask("agent.register", name="Worker", capabilities=capabilities)
            self.agent_token = agent["token"]
            await self.ask("project.set_member", project_id=self.id, member_id=agent["agent"]["id"])
            await self._watcher.request("room.join", room=self.id)
            yield

    @asynccontextmanager
    async def staffed(self, processes: int, capacity: int) -> AsyncIterator[None]:
        """So many processes of the agent are at work for the length of a block."""
        async with AsyncExitStack() as stack:
            for _ in range(processes):
                worker = Worker()
                at_work = worker.at_work(self._http, self._port, self.agent_token, capacity)
                await stack.enter_async_context(at_work)
                self.workers.append(worker)
            yield

    async def ask(self, name: str, /, **payload: Any) -> Any:
        """The result of a command of the person's; each goes by the next one of the connections."""
        self._creators.rotate()
        return await self._creators[0].request(name, **payload)

    async def give(self, work: Sequence[dict[str, Any]]) -> list[str]:
        """Make runs, each connection one after the other; returns their ids."""
        ids = [new_id() for _ in work]
        waiting = iter(zip(ids, work, strict=True))

        async def create(client: Client) -> None:
            for run_id, fields in waiting:
                await client.request("run.create", project_id=self.id, id=run_id, **fields)

        await asyncio.gather(*map(create, self._creators))
        return ids

    async def give_at(self, rate: float, until: asyncio.Event) -> None:
        """Make runs of nothing, so many a second, until told to stop."""
        started, number = clock(), 0
        pending: set[asyncio.Task[Any]] = set()
        while not until.is_set():
            number += 1
            await _sleep_until(started + number / rate)
            create = asyncio.create_task(self.ask("run.create", project_id=self.id, capability=NOTHING))
            pending = {task for task in (*pending, create) if not task.done()}
        await asyncio.gather(*pending)

    async def wait(self, kind: str, ids: Sequence[str]) -> None:
        """Return when all of these have been seen."""
        missing = set(ids)
        async with asyncio.timeout(LIMIT):
            while missing := {each for each in missing if (kind, each) not in self.seen}:
                self._changed.clear()
                await self._changed.wait()

    def _hear(self, name: str, said: Any) -> None:
        if name != "event":
            return
        kind, data = said["type"], said["data"]
        if kind == "task.created":
            self.tasks[data["task"]["external_id"]] = data["task"]["id"]
            self._see("made", data["task"]["external_id"], said)
        elif kind == "run.ended":
            self._see("ended", data["run_id"], said)
        elif kind == "run.updated" and data["cause"] == "started":
            self._see("started", data["run"]["id"], said)
        elif kind == "task.blocked" and not data["task"]["blocked"]:
            self._see("free", data["task"]["id"], said)

    def _see(self, kind: str, entity: str, said: Any) -> None:
        self.seen[kind, entity] = clock(), datetime.fromisoformat(said["at"])
        self._changed.set()


async def drain(works: Works, options: argparse.Namespace) -> dict[str, float]:
    """Have so many runs made and done, and see how long it is from the first to the last."""
    async with AsyncExitStack() as stack:
        if options.sdk:
            stack.enter_context(_sdk(works, options))
            await works.wait("ended", await works.give([{"capability": NOTHING}]))
        else:
            await stack.enter_async_context(works.staffed(options.processes, options.capacity))
        _say("start")
        begun = clock()
        ids = await works.give([{"capability": NOTHING}] * options.count)
        given = clock()
        await works.wait("ended", ids)
        done = clock()
        _say("stop")
    return {"runs_per_second": len(ids) / (done - begun), "enqueued_per_second": len(ids) / (given - begun)}


async def unblock(works: Works, options: argparse.Namespace) -> dict[str, float]:
    """Have tasks end for which others wait, so many a second, and see when the runs of those others start."""
    pairs = range(options.count)
    imported: list[dict[str, Any]] = [{"external_id": f"first-{pair}", "title": "First"} for pair in pairs]
    imported += [
        {"external_id": f"second-{pair}", "title": "Second", "depends_on": [f"first-{pair}"]}
        for pair in pairs
    ]
    for at in range(0, len(imported), 500):
        await works.ask("task.import", project_id=works.id, tasks=imported[at : at + 500])
    await works.wait("made", [task["external_id"] for task in imported])
    firsts = [works.tasks[f"first-{pair}"] for pair in pairs]
    seconds = [works.tasks[f"second-{pair}"] for pair in pairs]
    async with works.staffed(options.processes, options.capacity):
        ending = [_transition(works, task) for task in firsts]
        if options.by == "complete":
            held = await works.give([{"capability": HELD, "task_id": task} for task in firsts])
            await works.wait("started", held)
            ending = [_completion(works, run) for run in held]
        waiting = await works.give([{"capability": NOTHING, "task_id": task} for task in seconds])
        over = asyncio.Event()
        background = asyncio.create_task(works.give_at(options.load, over)) if options.load else None
        _say("start")
        sent = await _paced(ending, options.rate)
        await works.wait("started", waiting)
        _say("stop")
        over.set()
        if background is not None:
            await background
        await works.wait("ended", waiting)
    free = [works.seen["free", task] for task in seconds]
    started = [works.seen["started", run] for run in waiting]
    client = [here - at for (here, _), at in zip(started, sent, strict=True)]
    server = [(then - at).total_seconds() for (_, then), (_, at) in zip(started, free, strict=True)]
    return _quantiles("", client) | _quantiles("event_", server)


Ending = Callable[[], Coroutine[Any, Any, Any]]


def _transition(works: Works, task_id: str) -> Ending:
    return lambda: works.ask("task.transition", task_id=task_id, status="done")


def _completion(works: Works, run_id: str) -> Ending:
    worker = next(worker for worker in works.workers if run_id in worker.held)
    return lambda: worker.complete(run_id)


async def _paced(works: Sequence[Ending], rate: float) -> list[float]:
    """Begin each at its time, whether or not those before have ended; returns when each began."""
    started, sent, tasks = clock(), [], []
    for number, work in enumerate(works):
        await _sleep_until(started + number / rate)
        sent.append(clock())
        tasks.append(asyncio.create_task(work()))
    await asyncio.gather(*tasks)
    return sent


async def _sleep_until(at: float) -> None:
    if (seconds := at - clock()) > 0:
        await asyncio.sleep(seconds)


def _quantiles(prefix: str, seconds: Sequence[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    return {
        f"{prefix}p50_ms": statistics.median(ordered) * 1e3,
        f"{prefix}p99_ms": ordered[math.ceil(0.99 * len(ordered)) - 1] * 1e3,
        f"{prefix}max_ms": ordered[-1] * 1e3,
    }


@contextmanager
def _sdk(works: Works, options: argparse.Namespace) -> Iterator[None]:
    """A program written with the Python SDK does the work for the length of a block."""
    environ = {
        **os.environ,
        "PYTHONPATH": str(build.ROOT / "client-sdk" / "python"),
        "YMERA_URL": f"http://127.0.0.1:{options.port}",
        "YMERA_TOKEN": works.agent_token,
    }
    command = [sys.executable, str(build.PEERS / "sdk_agent.py"), str(options.capacity)]
    with subprocess.Popen(command, env=environ) as process:
        try:
            yield
        finally:
            process.terminate()


def _say(line: str, **more: Any) -> None:
    print(json.dumps({"line": line, **more}), flush=True)


async def _run(options: argparse.Namespace) -> None:
    token = options.tokens.read_text().splitlines()[0]
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        works = Works(http, options.port, token)
        async with works.open():
            sample = await {"drain": drain, "unblock": unblock}[options.what](works, options)
    _say("result", sample=sample)


def main() -> None:
    """Be the load once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["drain", "unblock"])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--tokens", type=Path, required=True, help="a file with tokens, one a line")
    parser.add_argument("--processes", type=int, default=1, help="connections of the agent's")
    parser.add_argument("--capacity", type=int, default=1, help="runs that each of them does at once")
    parser.add_argument("--count", type=int, default=100, help="runs, or tasks that unblock others")
    parser.add_argument("--sdk", action="store_true", help="with one process of the Python SDK instead")
    parser.add_argument("--rate", type=float, default=10, help="tasks that end in a second")
    parser.add_argument("--by", choices=["transition", "complete"], default="transition")
    parser.add_argument("--load", type=float, default=0, help="runs of nothing a second, beside")
    uvloop.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
