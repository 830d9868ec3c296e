"""A way to a server that tests can cut, block and make one-way."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import aiohttp

from tests.nodes import PATIENCE
from ymera_client import Client, Phase, Status

CHUNK = 65_536


class Network:
    """Passes TCP connections on to a server, whose `target` address may change between connections."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.blocked = False
        """Nobody gets through any more; what is connected stays so."""
        self.mute = False
        """What the server says is lost; what it hears is not."""
        self.up = self.down = 0
        """Bytes that went to the server, and that came from it."""
        self.at: dict[int, Callable[[bytes], bytes]] = {}
        """What makes of the bytes that come then what arrives, once so many have gone through both ways."""
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self.cut()
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        """Where clients connect to."""
        host, port = self._server.sockets[0].getsockname()
        return f"http://{host}:{port}"

    def cut(self) -> None:
        """Break all connections without a farewell."""
        for writer in list(self._open):
            writer.transport.abort()

    def block(self) -> None:
        """Break all connections and let nobody through."""
        self.blocked = True
        self.cut()

    def unblock(self) -> None:
        """Let everybody through again, both ways."""
        self.blocked = self.mute = False

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = urlsplit(self.target)
        self._open.add(writer)
        try:
            if self.blocked:
                return
            upstream_reader, upstream = await asyncio.open_connection(target.hostname, target.port)
            self._open.add(upstream)
            try:
                # It may have been blocked while the server was called.
                if not self.blocked:
                    await self._connect(reader, writer, upstream_reader, upstream)
            finally:
                self._open.discard(upstream)
                upstream.transport.abort()
        except OSError:
            pass
        finally:
            self._open.discard(writer)
            writer.transport.abort()

    async def _connect(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        upstream_reader: asyncio.StreamReader,
        upstream: asyncio.StreamWriter,
    ) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._copy(reader, upstream, from_server=False))
            group.create_task(self._copy(upstream_reader, writer, from_server=True))

    def _count(self, data: bytes, *, from_server: bool) -> bytes:
        self.down += len(data) * from_server
        self.up += len(data) * (not from_server)
        for count in [count for count in self.at if count <= self.up + self.down]:
            data = self.at.pop(count)(data)
        return data

    async def _copy(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, from_server: bool
    ) -> None:
        try:
            while data := await reader.read(CHUNK):
                data = self._count(data, from_server=from_server)
                if not (self.mute and from_server):
                    writer.write(data)
                    await writer.drain()
        except OSError:
            pass
        finally:
            writer.transport.abort()


async def post(url: str, path: str, **body: object) -> dict[str, object]:
    """A REST request that must succeed."""
    async with aiohttp.ClientSession() as http, http.post(url + path, json=body) as response:
        assert response.ok, await response.text()
        answer: dict[str, object] = await response.json()
        return answer


async def reaches(client: Client, phase: Phase) -> Status:
    """The client's status in this phase, now or as soon as it gets there."""
    there: asyncio.Future[Status] = asyncio.get_running_loop().create_future()

    def look(status: Status) -> None:
        if status.phase is phase and not there.done():
            there.set_result(status)

    stop = client.on("status", look)
    look(client.status)
    try:
        return await asyncio.wait_for(there, PATIENCE)
    finally:
        stop()
