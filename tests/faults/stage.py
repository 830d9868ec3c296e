"""Nodes as processes that can be killed, on one database and one Redis, and people who connect to them."""

import asyncio
import os
import re
import secrets
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import psutil

from handlers import accounts
from persistence import tokens, workspace
from persistence.database import clock, connect_pool
from protocol.registry import Scope
from protocol.roles import WorkspaceRole
from tests.faults.clients import Watcher, Writer
from tests.faults.wire import Wire
from tests.nodes import until

SERVE = Path(sys.executable).with_name("ymera")
START_SECONDS = 60.0
PEOPLE = 10
"""Members; each has as many connections as a test needs."""
RATES = {
    "YMERA_COMMAND_RATE": "100000",
    "YMERA_COMMAND_BURST": "100000",
    "YMERA_MEMBER_COMMAND_RATE": "100000",
}
"""The clients here write and connect more than as many people do."""


class Node:
    """`ymera serve` in a process of its own. Started again, it has the same address."""

    def __init__(self, log: Path, environ: dict[str, str]) -> None:
        self.log = log
        self.url = ""
        self._environ = environ
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Return when it serves."""
        port = self.url.rpartition(":")[2] or "0"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("YMERA_")}
        begin = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [SERVE, "serve"],
                env=inherited | self._environ | {"YMERA_PORT": port},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

        def serves() -> bool:
            said = self.log.read_bytes()[begin:].decode()
            assert self._process is not None
            assert self._process.poll() is None, said
            found = re.search(r"serves (http://\S+)\n", said)
            self.url = found[1] if found else self.url
            return found is not None

        await until(serves, START_SECONDS)

    def kill(self) -> None:
        """Kill it, as the kernel does when memory runs out."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def memory(self) -> int:
        """Its resident bytes."""
        assert self._process is not None
        resident: int = psutil.Process(self._process.pid).memory_info().rss
        return resident

    def peak(self) -> int:
        """The most resident bytes that it has had."""
        assert self._process is not None
        return peak(self._process.pid)

    async def checks(self) -> dict[str, str]:
        """What its readiness stands on, each `ok` or what is wrong."""
        async with aiohttp.ClientSession() as http, http.get(f"{self.url}/health/ready") as answer:
            body = await answer.json()
        assert (answer.status == 200) == all(said == "ok" for said in body["checks"].values())
        checks: dict[str, str] = body["checks"]
        return checks

    async def ready(self) -> bool:
        """Whether it wants new clients."""
        return set((await self.checks()).values()) == {"ok"}

    async def metric(self, name: str) -> float:
        """A number from its metrics, 0 where it has none by this name yet."""
        async with aiohttp.ClientSession() as http, http.get(f"{self.url}/metrics") as answer:
            text = await answer.text()
        return sum(float(line.split()[-1]) for line in text.splitlines() if line.split(" ")[0] == name)


class Stage:
    """What a test's nodes share. `tokens` are of different members, the owner's first."""

    def __init__(self, dsn: str, redis_url: str, folder: Path) -> None:
        self.dsn = dsn
        self.redis_url = redis_url
        self.nodes: list[Node] = []
        self.tokens: list[str] = []
        self.members: list[str] = []
        self._folder = folder
        self._secret = secrets.token_hex(32)

    async def admit(self, count: int = PEOPLE) -> None:
        """Make members with programs' tokens, before there are nodes."""
        pool = await connect_pool(self.dsn, size=1)
        async with pool.acquire() as tx, tx.transaction():
            now = await clock(tx)
            home = await workspace.ensure(tx, workspace.DEFAULT_NAME, now)
            for number in range(count):
                role = WorkspaceRole.MEMBER if number else WorkspaceRole.OWNER
                member, _ = await accounts.admit(
                    tx, home.id, name=f"Member {number}", role=role, now=now, email=f"{number}@example.org"
                )
                _, secret = await tokens.issue(
                    tx, member.id, name="test", scope=Scope.ADMIN, now=now, expires_at=now + timedelta(days=1)
                )
                self.members.append(member.id)
                self.tokens.append(secret)
        await pool.close()

    async def start(self, *several: dict[str, str]) -> list[Node]:
        """Start nodes, all at once; each is given by what differs in its environment."""
        made: list[Node] = []
        for environ in several:
            whole = RATES | {
                "YMERA_DATA_DIR": str(self._folder),
                "YMERA_DATABASE_URL": self.dsn,
                "YMERA_REDIS_URL": self.redis_url,
                "YMERA_SECRET_KEY": self._secret,
                **environ,
            }
            made.append(Node(self._folder / f"node-{len(self.nodes) + len(made)}.log", whole))
        self.nodes += made
        await asyncio.gather(*(node.start() for node in made))
        return made

    async def pair(self) -> tuple[Node, Node]:
        """Start two nodes."""
        one, two = await self.start({}, {})
        return one, two

    async def channel(self, node: Node, **options: Any) -> str:
        """Make a channel with everybody in it; its id."""
        wire = await Wire.open(node.url, self.tokens[0], lambda *_: None)
        reply = await wire.call("room.create", {"name": "general", "members": self.members[1:], **options})
        wire.close()
        room: str = reply["result"]["id"]
        return room

    async def head(self, room: str) -> int:
        """The newest seq of a room, from the database itself."""
        return int(await self.fetchval("SELECT head_seq FROM rooms WHERE id = $1::text::uuid", room))

    async def fetchval(self, sql: str, *arguments: Any) -> Any:
        """The first value of a statement's answer."""
        pool = await connect_pool(self.dsn, size=1)
        try:
            return await pool.fetchval(sql, *arguments)
        finally:
            await pool.close()

    async def assert_durable(self, room: str, *writers: Writer) -> int:
        """Everything acknowledged was said once, and nothing besides; how much that is."""
        said = {key: text for writer in writers for key, text in writer.acknowledged.items()}
        pool = await connect_pool(self.dsn, size=1)
        try:
            rows = await pool.fetch("SELECT id, text FROM messages WHERE room_id = $1::text::uuid", room)
            sent = await pool.fetchval(
                "SELECT count(*) FROM events WHERE room_id = $1::text::uuid AND type = 'message.sent'", room
            )
        finally:
            await pool.close()
        assert {row["id"]: row["text"] for row in rows} == said
        assert sent == len(said)
        return len(said)

    def close(self) -> None:
        """Kill what still runs."""
        for node in self.nodes:
            node.kill()


@asynccontextmanager
async def stage(dsn: str, redis_url: str, folder: Path) -> AsyncIterator[Stage]:
    """A stage with people, for the length of a block."""
    made = Stage(dsn, redis_url, folder)
    await made.admit()
    try:
        yield made
    finally:
        made.close()


def peak(pid: int) -> int:
    """The most resident bytes that a process has had; 0 once it has ended."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) * 1024 if found else 0


def whole_after(watchers: list[Watcher], moment: float) -> list[float]:
    """For each, the seconds from a moment until it had joined again."""
    return sorted(watcher.joined_at - moment for watcher in watchers)
