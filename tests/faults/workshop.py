"""A project with agents in processes of their own, seen from its database."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from persistence.database import Pool, connect_pool
from persistence.ids import new_id
from tests.faults.stage import Node, Stage
from tests.faults.wire import Wire
from tests.nodes import until
from tests.sdk.network import Network

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(__file__).with_name("agent.py")
PATIENCE = 90.0
PIPELINED = 16
"""Commands that are under way on a connection at once."""


class AgentProcess:
    """A process of an agent of its own, behind a network that can be cut."""

    def __init__(self, agent_id: str, network: Network, process: "subprocess.Popen[bytes]") -> None:
        self.agent_id = agent_id
        self.network = network
        self._process = process

    def kill(self) -> None:
        """Kill it, as the kernel does when memory runs out."""
        self._process.kill()
        self._process.wait()

    def freeze(self) -> None:
        """Let it do nothing, with all its connections open."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._process.send_signal(signal.SIGCONT)


class Workshop:
    """The project, its agents and the runs that they are given, each for a task."""

    def __init__(self, cluster: Stage, node: Node, folder: Path) -> None:
        self.agents: list[AgentProcess] = []
        self.runs: dict[str, int] = {}
        """Each with the number that it is to give back."""
        self._cluster = cluster
        self._node = node
        self._notes = folder / "notes"
        self._folder = folder
        self._wire: Wire
        self._pool: Pool
        self._project = ""

    async def __aenter__(self) -> Self:
        self._pool = await connect_pool(self._cluster.dsn, size=2)
        self._wire = await Wire.open(self._node.url, self._cluster.tokens[0], lambda *_: None)
        self._project = (await self.do("project.create", name="Workshop"))["id"]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in self.agents:
            each.kill()
            await each.network.__aexit__(kind, error, trace)
        self._wire.close()
        await self._pool.close()

    async def do(self, command: str, **payload: Any) -> Any:
        """The result of a command of the owner's, which must succeed."""
        reply = await self._wire.call(command, payload)
        assert reply["ok"], reply
        return reply["result"]

    async def hire(self, nodes: Sequence[Node]) -> None:
        """Start an agent for each of the nodes, by which it is connected; return when all are."""
        for node in nodes:
            made = await self.do("agent.register", name=f"Agent {len(self.agents)}")
            await self.do("project.set_member", project_id=self._project, member_id=made["agent"]["id"])
            network = await Network(node.url).__aenter__()
            process = self._start(network.url, made["token"])
            self.agents.append(AgentProcess(made["agent"]["id"], network, process))

        async def all_there() -> bool:
            there = await self.fetchval("SELECT count(*) FROM instances WHERE connection IS NOT NULL")
            return bool(there == len(self.agents))

        await until(all_there, PATIENCE)

    def _start(self, url: str, token: str) -> "subprocess.Popen[bytes]":
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("YMERA_")}
        paths = os.pathsep.join([str(ROOT), str(ROOT / "client-sdk" / "python")])
        own = {"YMERA_URL": url, "YMERA_TOKEN": token, "PYTHONPATH": paths}
        with (self._folder / f"node-agent-{len(self.agents)}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, PROGRAM, self._notes],
                env=inherited | own,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def give(self, count: int, seconds: float) -> None:
        """Make tasks and a run for each, which takes so long."""
        turns = asyncio.Semaphore(PIPELINED)

        async def make(number: int) -> None:
            async with turns:
                task = await self.do("task.create", project_id=self._project, title=f"Task {number}")
                run = await self.do(
                    "run.create",
                    id=new_id(),
                    project_id=self._project,
                    task_id=task["id"],
                    capability="work",
                    input={"number": number, "seconds": seconds},
                )
            self.runs[run["id"]] = number

        async with asyncio.TaskGroup() as group:
            for number in range(count):
                group.create_task(make(number))

    async def fetchval(self, sql: str, *arguments: Any) -> Any:
        """The first value of a statement's answer."""
        return await self._pool.fetchval(sql, *arguments)

    async def now(self) -> datetime:
        """The database's time."""
        moment: datetime = await self.fetchval("SELECT clock_timestamp()")
        return moment

    async def ended(self) -> int:
        """How many runs have ended."""
        count: int = await self.fetchval("SELECT count(*) FROM runs WHERE ended_at IS NOT NULL")
        return count

    async def reach(self, count: int) -> None:
        """Wait until so many runs have ended."""

        async def reached() -> bool:
            return await self.ended() >= count

        await until(reached, PATIENCE)

    async def held(self, agent: AgentProcess) -> int:
        """How many runs an agent is at work on."""
        count: int = await self.fetchval(
            "SELECT count(*) FROM runs WHERE agent_id = $1 AND instance_id IS NOT NULL AND state = 'working'",
            agent.agent_id,
        )
        return count

    async def lost(self, agent: AgentProcess, since: datetime) -> list[float]:
        """The seconds after a moment in which each attempt that was at work then was given up as lost."""
        rows = await self._pool.fetch(
            """
            SELECT extract(epoch FROM ended_at - $2)::float AS seconds FROM attempts
            WHERE agent_id = $1 AND started_at < $2 AND ended_at > $2
                AND error->>'cause' = 'lost' ORDER BY ended_at
            """,
            agent.agent_id,
            since,
        )
        return [row["seconds"] for row in rows]

    async def back(self, agent: AgentProcess, since: datetime) -> float:
        """The seconds after a moment in which an agent was connected again."""
        seconds: float = await self.fetchval(
            "SELECT extract(epoch FROM max(connected_at) - $2)::float FROM instances WHERE agent_id = $1",
            agent.agent_id,
            since,
        )
        return seconds

    async def assert_done_once(self) -> int:
        """Each run has ended by one accepted report, as its task has, and every execution is an attempt.

        How many attempts there were.
        """
        ends = await self._pool.fetch("SELECT data->>'run_id' AS run FROM events WHERE type = 'run.ended'")
        assert sorted(row["run"] for row in ends) == sorted(self.runs)
        runs = await self._pool.fetch("SELECT id, state, result FROM runs")
        assert {row["id"]: row["result"] for row in runs} == {
            run: str(number) for run, number in self.runs.items()
        }
        assert {row["state"] for row in runs} == {"completed"}
        assert await self.fetchval("SELECT count(*) FROM tasks WHERE status <> 'done'") == 0
        attempts = await self._pool.fetch("SELECT run_id, fence, started_at, outcome FROM attempts")
        done = [row["run_id"] for row in attempts if row["outcome"] == "completed"]
        assert sorted(done) == sorted(self.runs)
        begun = [tuple(line.split()) for line in self._notes.read_text().splitlines()]
        visible = {(row["run_id"], str(row["fence"])) for row in attempts if row["started_at"] is not None}
        assert len(begun) == len(set(begun))
        assert set(begun) <= visible
        return len(attempts)
