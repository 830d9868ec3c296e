"""Full servers for tests, in the test's own process, and clients of them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import socketio

from handlers import accounts
from persistence import tokens
from persistence.database import clock
from protocol.members import Member
from protocol.registry import Scope
from protocol.roles import WorkspaceRole
from server import app
from server.settings import Settings

PATIENCE = 30.0
"""Seconds after which something that was to happen counts as missing, also on a machine that is busy."""


class RunningNode:
    """A server that a test may stop before it ends."""

    def __init__(self, node: app.Node, lifetime: AsyncExitStack) -> None:
        self.node = node
        self.url = node.url
        self._lifetime = lifetime

    async def stop(self) -> None:
        await self._lifetime.aclose()

    async def admit(
        self, name: str, role: WorkspaceRole = WorkspaceRole.MEMBER, scope: Scope = Scope.ADMIN
    ) -> tuple[Member, str]:
        """A new member and a program's token of theirs."""
        async with self.node.pool.acquire() as tx, tx.transaction():
            now = await clock(tx)
            workspace_id = await tx.fetchval("SELECT id FROM workspace")
            member, events = await accounts.admit(
                tx, workspace_id, name=name, role=role, now=now, email=f"{name}@example.org".lower()
            )
            _, secret = await tokens.issue(
                tx, member.id, name="test", scope=scope, now=now, expires_at=now + timedelta(days=1)
            )
        await self.node.dispatcher.publish(events)
        return member, secret

    @asynccontextmanager
    async def client(self, token: str, **options: Any) -> AsyncIterator["StockClient"]:
        """A stock Socket.IO client, connected and told that it is ready."""
        client = StockClient()
        await client.connect(self.url, token, **options)
        try:
            yield client
        finally:
            await client.close()


class NodeStarter:
    """Starts nodes on one database."""

    def __init__(self, dsn: str, folder: Path) -> None:
        self._dsn = dsn
        self._folder = folder
        self._running = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._running.aclose()

    async def __call__(self, *, dsn: str | None = None, **settings: Any) -> RunningNode:
        chosen = Settings(
            data_dir=self._folder,
            host="127.0.0.1",
            port=settings.pop("port", 0),
            shutdown_grace_seconds=settings.pop("shutdown_grace_seconds", 2),
            # Files are read only where that is what a test is about.
            analysis_workers=settings.pop("analysis_workers", 0),
            **settings,
        )
        lifetime = await self._running.enter_async_context(AsyncExitStack())
        running = await lifetime.enter_async_context(app.node(chosen, dsn or self._dsn))
        return RunningNode(running, lifetime)


class StockClient:
    """python-socketio's own client, which keeps what it hears."""

    def __init__(self) -> None:
        self.socket = socketio.AsyncClient(reconnection=False)
        self.heard: list[tuple[str, Any]] = []
        self._news = asyncio.Event()
        self.socket.on("*", self._hear)

    async def connect(self, url: str, token: str, **options: Any) -> None:
        await self.socket.connect(
            url,
            auth={"token": token, "protocol": 1},
            transports=options.pop("transports", ["websocket"]),
            # The default of one second is too short for a machine that is busy.
            wait_timeout=PATIENCE,
            **options,
        )
        await self.wait_for("ready")

    async def close(self) -> None:
        await self.socket.shutdown()

    async def send(self, command: str, **payload: Any) -> dict[str, Any]:
        """A command's acknowledgement, as it comes."""
        reply: dict[str, Any] = await self.socket.call(command, payload, timeout=PATIENCE)
        return reply

    async def do(self, command: str, **payload: Any) -> Any:
        """The result of a command that must succeed."""
        reply = await self.send(command, **payload)
        assert reply["ok"], reply
        return reply["result"]

    def events(self, room: str) -> list[dict[str, Any]]:
        """The events of a room so far, in the order in which they came."""
        return [data for name, data in self.heard if name == "event" and data["room"] == room]

    async def wait_for(self, name: str, where: Callable[[Any], bool] = lambda _: True) -> Any:
        """The first message of this name, already heard or to come, for which `where` holds."""
        async with asyncio.timeout(PATIENCE):
            while True:
                self._news.clear()
                for heard, data in self.heard:
                    if heard == name and where(data):
                        return data
                await self._news.wait()

    async def _hear(self, name: str, *arguments: Any) -> None:
        self.heard.append((name, arguments[0] if arguments else None))
        self._news.set()


async def until(holds: Callable[[], bool | Awaitable[bool]], patience: float = PATIENCE) -> None:
    """Wait for something that tells nobody when it happens."""
    async with asyncio.timeout(patience):
        while True:
            held = holds()
            if held if isinstance(held, bool) else await held:
                return
            await asyncio.sleep(0.02)
