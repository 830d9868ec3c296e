"""A client that says over HTTP and WebSocket exactly what a test wants it to say."""

import json
from types import TracebackType
from typing import Any, Self

import aiohttp

PATIENCE = 10.0
"""Seconds after which an answer that was to come counts as missing."""


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
        if message.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}:
            return socket.close_code
