"""A client that says over HTTP and WebSocket exactly what a test wants it to say."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self

import aiohttp
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Event, TextMessage
from yarl import URL

from tests.nodes import PATIENCE


class Visitor:
    """Speaks to an Engine.IO server whose address, with its version, is `url`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.sid = ""
        self.http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.close()

    async def open(self) -> dict[str, Any]:
        """Open a session on polling; what the server says about it."""
        status, body = await self.poll()
        assert (status, body[0]) == (200, "0")
        opening: dict[str, Any] = json.loads(body[1:])
        self.sid = opening["sid"]
        return opening

    async def poll(self, **options: Any) -> tuple[int, str]:
        """Status and body of a polling request."""
        async with self.http.get(self._address("polling"), **options) as answer:
            return answer.status, await answer.text()

    async def post(self, body: Any, **options: Any) -> tuple[int, str]:
        """Status and body of the answer to a request with packets."""
        async with self.http.post(self._address("polling"), data=body, **options) as answer:
            return answer.status, await answer.text()

    def websocket(self, **options: Any) -> Any:
        """A WebSocket: of this visitor's session if one is open, else of a new one."""
        return self.http.ws_connect(self._address("websocket"), autoping=False, **options)

    def _address(self, transport: str) -> str:
        return f"{self.url}&transport={transport}" + (f"&sid={self.sid}" if self.sid else "")


MASK = b"\x01\x80\xff\x3c"

Head = dict[str, str | None]

HEAD = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
"""What a handshake for a WebSocket says."""


class Wire:
    """A WebSocket of which each byte is a test's own."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.peer = Connection(ConnectionType.CLIENT)

    async def events(self) -> AsyncIterator[Event]:
        """What comes, until the server hangs up."""
        while True:
            for event in self.peer.events():
                yield event
            async with asyncio.timeout(PATIENCE):
                data = await self.reader.read(65_536)
            if not data:
                return
            self.peer.receive_data(data)

    async def messages(self, count: int) -> list[str | bytes]:
        """So many whole messages, as soon as they are there."""
        whole: list[str | bytes] = []
        part: Any = None
        async for event in self.events():
            if isinstance(event, TextMessage | BytesMessage):
                part = event.data if part is None else part + event.data
                if event.message_finished:
                    whole.append(part if isinstance(part, str) else bytes(part))
                    part = None
                    if len(whole) == count:
                        break
        return whole

    async def end(self) -> int | None:
        """The code that the server closes with, after whatever it still sends; None without one."""
        code = None
        try:
            async for event in self.events():
                if isinstance(event, CloseConnection):
                    code = event.code
        except ConnectionResetError:
            # What it has not read when it closes makes the system say so.
            pass
        return code


def masked(first: int, payload: bytes = b"", *, mask: bytes = MASK, size: int | None = None) -> bytes:
    """A client's frame, however wrong; `size` is what its head says, where that is not the truth."""
    said = len(payload) if size is None else size
    if said < 126:
        head = bytes([first, 0x80 | said])
    elif said < 65_536:
        head = bytes([first, 0xFE]) + said.to_bytes(2, "big")
    else:
        head = bytes([first, 0xFF]) + said.to_bytes(8, "big")
    return head + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


def frames(*texts: str) -> bytes:
    """A client's frames for these messages."""
    peer = Connection(ConnectionType.CLIENT)
    return b"".join(peer.send(TextMessage(text)) for text in texts)


def request(method: str, url: str, head: Head | None = None) -> bytes:
    """A handshake for a WebSocket; `head` replaces or, with None, leaves out headers."""
    lines = {**HEAD, **(head or {})}
    headers = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value is not None)
    return f"{method} {URL(url).raw_path_qs} HTTP/1.1\r\nHost: x\r\n{headers}\r\n".encode()


@asynccontextmanager
async def wire(
    url: str, behind: bytes = b"", *, method: str = "GET", status: int = 101, head: Head | None = None
) -> AsyncIterator[Wire]:
    """A WebSocket whose handshake is sent in one segment with the bytes `behind` it, and answered so."""
    address = URL(url)
    reader, writer = await asyncio.open_connection(address.host, address.port)
    writer.write(request(method, url, head) + behind)
    try:
        async with asyncio.timeout(PATIENCE):
            answer = await reader.readuntil(b"\r\n\r\n")
        assert int(answer.split()[1]) == status, answer
        yield Wire(reader, writer)
    finally:
        writer.transport.abort()
        # The transport is only gone a turn of the loop later.
        await asyncio.sleep(0)


async def text(socket: aiohttp.ClientWebSocketResponse) -> str:
    """The next message on a WebSocket, which must be text."""
    return await socket.receive_str(timeout=PATIENCE)


async def opened(socket: aiohttp.ClientWebSocketResponse) -> dict[str, Any]:
    """What a server says about a session that begins on a WebSocket."""
    first = await text(socket)
    assert first[0] == "0"
    opening: dict[str, Any] = json.loads(first[1:])
    return opening


async def ended(socket: aiohttp.ClientWebSocketResponse) -> int | None:
    """The code that a server closes a WebSocket with, after whatever it still sends; None without one."""
    while True:
        message = await socket.receive(timeout=PATIENCE)
        if message.type is aiohttp.WSMsgType.CLOSE:
            return message.data  # type: ignore[no-any-return]
        if message.type in {aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}:
            return None
