"""A way to PostgreSQL or Redis on which a server's answers can be lost while everything stays connected."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

CHUNK = 65_536


class Proxy:
    """Passes connections on to the server at `url`.

    While `mute`, nothing comes back on those connections on which a client has said `word`.
    """

    def __init__(self, url: str, *, word: bytes | None = None, mute: bool = False) -> None:
        self.word = word
        self.mute = mute
        self.lost = 0
        """How many bytes of the server's never came back."""
        self._target = urlsplit(url)
        self._open: set[asyncio.StreamWriter] = set()
        self._clients: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for writer in list(self._open):
            writer.transport.abort()
        await self._server.wait_closed()

    def tell(self, data: bytes) -> None:
        """Have all clients hear this from the server, which has not said it."""
        for writer in self._clients:
            writer.write(data)

    @property
    def redis_url(self) -> str:
        """The URL of a Redis, by way of here."""
        return f"redis://127.0.0.1:{self._port}"

    @property
    def dsn(self) -> str:
        """The DSN of a database, by way of here; never encrypted, so that words can be seen."""
        login = (self._target.netloc.rpartition("@")[0] or "ymera") + "@"
        return f"postgresql://{login}127.0.0.1:{self._port}{self._target.path}?sslmode=disable"

    @property
    def _port(self) -> int:
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._target.scheme == "unix":
            return await asyncio.open_unix_connection(self._target.path)
        if not self._target.hostname:
            options = parse_qs(self._target.query)
            return await asyncio.open_unix_connection(
                f"{options['host'][0]}/.s.PGSQL.{options.get('port', ['5432'])[0]}"
            )
        return await asyncio.open_connection(self._target.hostname, self._target.port or 5432)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        self._clients.add(writer)
        said = asyncio.Event()
        try:
            with suppress(OSError):
                upstream_reader, upstream = await self._connect()
                self._open.add(upstream)
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._ask(reader, upstream, said))
                    group.create_task(self._answer(upstream_reader, writer, said))
                self._open.discard(upstream)
        finally:
            self._open.discard(writer)
            self._clients.discard(writer)
            writer.transport.abort()

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, said: asyncio.Event
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                if self.word is not None and self.word in data:
                    said.set()
                writer.write(data)
                await writer.drain()
        writer.transport.abort()

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, said: asyncio.Event
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                if self.mute and said.is_set():
                    self.lost += len(data)
                    continue
                writer.write(data)
                await writer.drain()
        writer.transport.abort()
