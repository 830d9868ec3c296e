"""A way to a server that keeps every byte which goes through, both ways."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, TextMessage
from wsproto.frame_protocol import CloseReason

CHUNK = 65_536
UPGRADE = b"upgrade: websocket"
END = b"\r\n\r\n"


class Tap:
    """Passes connections on to the server at `url`: HTTP, or what PostgreSQL or Redis speak."""

    def __init__(self, url: str) -> None:
        self._target = urlsplit(url)
        self._kept: list[tuple[ConnectionType, bytearray]] = []
        self._open: set[asyncio.StreamWriter] = set()
        self._passing: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for writer in list(self._open):
            writer.transport.abort()
        await asyncio.gather(*self._passing)
        await self._server.wait_closed()

    @property
    def address(self) -> str:
        """Host and port of this end."""
        host, port = self._server.sockets[0].getsockname()
        return f"{host}:{port}"

    @property
    def url(self) -> str:
        """Where clients of a node, or of Redis, connect to."""
        scheme = self._target.scheme
        return f"{'redis' if scheme == 'unix' else scheme}://{self.address}"

    @property
    def dsn(self) -> str:
        """Where clients of PostgreSQL connect to; never encrypted."""
        login = (self._target.netloc.rpartition("@")[0] or "ymera") + "@"
        return f"postgresql://{login}{self.address}{self._target.path}?sslmode=disable"

    def said(self) -> bytes:
        """All that went through so far; what clients said over WebSockets also without its mask."""
        return b"\n".join(part for kind, kept in self._kept for part in _parts(kind, bytes(kept)))

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._target.scheme == "unix":
            return await asyncio.open_unix_connection(self._target.path)
        if not self._target.hostname:
            options = parse_qs(self._target.query)
            return await asyncio.open_unix_connection(
                f"{options['host'][0]}/.s.PGSQL.{options.get('port', ['5432'])[0]}"
            )
        return await asyncio.open_connection(self._target.hostname, self._target.port or 5432)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        passing = asyncio.create_task(self._pass_on(reader, writer))
        self._passing.add(passing)
        passing.add_done_callback(self._passing.discard)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            with suppress(OSError):
                upstream_reader, upstream = await self._connect()
                self._open.add(upstream)
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._copy(reader, upstream, ConnectionType.SERVER))
                    group.create_task(self._copy(upstream_reader, writer, ConnectionType.CLIENT))
                self._open.discard(upstream)
        finally:
            self._open.discard(writer)
            writer.transport.abort()

    async def _copy(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, hearer: ConnectionType
    ) -> None:
        kept = bytearray()
        self._kept.append((hearer, kept))
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                kept += data
                writer.write(data)
                await writer.drain()
        writer.transport.abort()


def _parts(hearer: ConnectionType, stream: bytes) -> Iterator[bytes]:
    """One direction of a connection: as it was, and what was in the WebSocket's frames, which may not be
    compressed.
    """
    yield stream
    at = stream.lower().find(UPGRADE)
    if at < 0:
        return
    frames = Connection(hearer)
    frames.receive_data(stream[stream.index(END, at) + len(END) :])
    message = b""
    for event in frames.events():
        assert not isinstance(event, CloseConnection) or event.code != CloseReason.PROTOCOL_ERROR, (
            event.reason
        )
        if isinstance(event, TextMessage | BytesMessage):
            data = event.data
            message += data.encode() if isinstance(data, str) else bytes(data)
            if event.message_finished:
                yield message
                message = b""
