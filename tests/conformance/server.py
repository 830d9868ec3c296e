"""A server that does what the official test suites of Engine.IO 4 and Socket.IO 5 expect of one.

    .venv/bin/python -m tests.conformance.server

serves at http://localhost:3000, where the suites look for it, until it is interrupted. They are parts of
other repositories, so run them from a clone outside this one, with Node:

    git clone https://github.com/socketio/engine.io-protocol
    cd engine.io-protocol/test-suite && npm install && npm test

and likewise for socket.io-protocol. All 24 and all 32 cases pass. `test_protocol.py` tries the same on every
run of the tests, so that a regression is noticed without the clones.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import uvloop
from aiohttp import web
from aiohttp.typedefs import Middleware

from server.engine.packet import Packet
from server.engine.server import Engine
from server.engine.session import Session
from server.sockets import Namespace, Socket, SocketServer

SUITES: Mapping[str, Any] = {"ping_seconds": 0.3, "pong_seconds": 0.2, "connect_seconds": 1.0}
"""The times that the suites expect."""
MAX_BYTES = 1_000_000
PORT = 3000
APART_SECONDS = 0.01


class Echo(Session):
    """Says again what it is told."""

    __slots__ = ("_ends",)

    def __init__(self, ends: dict[str, str], *session: Any) -> None:
        super().__init__(*session)
        self._ends = ends

    def received(self, message: str | bytes) -> None:
        binary = isinstance(message, bytes)
        self.send(Packet(message if isinstance(message, bytes) else b"4" + message.encode(), binary=binary))

    def ended(self, reason: str) -> None:
        self._ends[self.id] = reason

    def directness_changed(self) -> None:
        """Nobody but this session writes."""


class EchoNamespace:
    """Shows a client what it connected with, and says again what it is told."""

    def __init__(self) -> None:
        self._credentials: dict[str, Any] = {}

    async def connecting(self, socket: Socket, auth: Any) -> None:
        self._credentials[socket.id] = auth or {}

    def connected(self, socket: Socket) -> None:
        # The suites listen for one message at a time and would miss this one in the same segment.
        credentials = self._credentials[socket.id]
        asyncio.get_running_loop().call_later(APART_SECONDS, socket.emit, "auth", credentials)

    def received(self, socket: Socket, name: str, arguments: list[Any], ack: int | None) -> None:
        if name == "message":
            socket.emit("message-back", *arguments)
        elif name == "message-with-ack" and ack is not None:
            socket.acknowledge(ack, *arguments)

    def disconnected(self, socket: Socket) -> None:
        del self._credentials[socket.id]

    def directness_changed(self, socket: Socket) -> None:
        """Nobody but the socket writes."""


@dataclass(frozen=True)
class Running:
    """Both servers; `ends` has the reason for the end of each Engine.IO session, by id."""

    url: str
    engine: Engine[Echo]
    sockets: SocketServer
    runner: web.AppRunner
    ends: dict[str, str] = field(default_factory=dict)

    @property
    def engine_url(self) -> str:
        """Where messages come back as they are."""
        return f"{self.url}/engine.io/?EIO=4"

    @property
    def sockets_url(self) -> str:
        """Where the namespaces are."""
        return f"{self.url}/socket.io/?EIO=4"


@asynccontextmanager
async def serve(
    port: int = 0,
    *,
    namespaces: dict[str, Namespace] | None = None,
    attachments: int = 2,
    connect_seconds: float = 10.0,
    max_bytes: int = MAX_BYTES,
    middlewares: Sequence[Middleware] = (),
    **options: Any,
) -> AsyncIterator[Running]:
    """Both servers on a port of this machine, for the length of a block; `options` are those of Engine."""
    options = {"welcomes": lambda *_: True, "address": lambda request: request.remote} | options
    ends: dict[str, str] = {}
    engine: Engine[Echo] = Engine(partial(Echo, ends), max_message_bytes=max_bytes, **options)
    sockets = SocketServer(
        namespaces or {"/": EchoNamespace(), "/custom": EchoNamespace()},
        attachments=attachments,
        connect_seconds=connect_seconds,
        max_message_bytes=max_bytes,
        **options,
    )
    app = web.Application(client_max_size=max_bytes, middlewares=middlewares)
    app.router.add_route("*", "/engine.io/", engine.handle)
    sockets.add_routes(app)
    engine.start()
    sockets.start()
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "localhost", port).start()
        yield Running(f"http://localhost:{runner.addresses[0][1]}", engine, sockets, runner, ends)
    finally:
        await engine.close()
        await sockets.close()
        await runner.cleanup()


async def main() -> None:
    """Serve until interrupted."""
    async with serve(PORT, **SUITES):
        await asyncio.Event().wait()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        uvloop.run(main())
