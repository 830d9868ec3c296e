"""A Socket.IO client with no more to it than a load needs: commands, their answers, what the server says.

Not the SDK, so that its cost is not measured with the server's.
"""

import asyncio
import itertools
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
import msgspec

from bench.generator import UnsoundError

PATH = "/socket.io/?EIO=4&transport=websocket"
PATIENCE = 60.0
"""Seconds that an answer may take before the run counts for nothing."""

UNDER_WAY = 60
"""Commands of one connection that may wait for their answers; the server takes few more."""

OnMessage = Callable[[str, Any], None]


class Client:
    """One connection. `on_message` is told of what the server says unasked: a name and plain data."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, on_message: OnMessage | None) -> None:
        self._socket = socket
        self._on_message = on_message
        self._numbers = itertools.count()
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._room = asyncio.Semaphore(UNDER_WAY)
        self._farewell: Any = None
        """What the server said before it ended the connection."""
        self._reading = asyncio.create_task(self._read())
        self._reading.add_done_callback(self._done)

    async def request(self, name: str, /, **payload: Any) -> Any:
        """The result of a command; UnsoundError if it is refused or unanswered."""
        async with self._room, asyncio.timeout(PATIENCE):
            number, answer = next(self._numbers), asyncio.get_running_loop().create_future()
            self._waiting[number] = answer
            await self._socket.send_str(f"42{number}{msgspec.json.encode([name, payload]).decode()}")
            reply = await answer
        if not reply["ok"]:
            raise UnsoundError(f"{name} was refused: {reply['error']}")
        return reply["result"]

    async def close(self) -> None:
        """Be gone."""
        self._reading.cancel()
        with suppress(asyncio.CancelledError):
            await self._reading
        await self._socket.close()

    async def _read(self) -> None:
        async for message in self._socket:
            text = message.data
            if text == "2":
                await self._socket.send_str("3")
            elif text.startswith("43"):
                start = text.index("[")
                if not (answer := self._waiting.pop(int(text[2:start]))).done():
                    answer.set_result(msgspec.json.decode(text[start:])[0])
            elif text.startswith("42"):
                name, said = msgspec.json.decode(text[2:])
                if name == "closing":
                    self._farewell = said
                if self._on_message is not None:
                    self._on_message(name, said)

    def _done(self, reading: "asyncio.Task[None]") -> None:
        if not reading.cancelled():
            # Nobody waits for the end of a connection; what else is waited for would not come.
            print(f"the connection has ended: {reading.exception() or self._farewell}", file=sys.stderr)
            os._exit(1)


@asynccontextmanager
async def connected(
    http: aiohttp.ClientSession, port: int, token: str, on_message: OnMessage | None = None
) -> AsyncIterator[Client]:
    """A connection whose token was taken, for the length of a block."""
    async with http.ws_connect(f"http://127.0.0.1:{port}{PATH}", max_msg_size=0) as socket:
        await socket.receive_str()
        await socket.send_str(f"40{msgspec.json.encode({'token': token, 'protocol': 1}).decode()}")
        if not (answer := await socket.receive_str()).startswith("40"):
            raise UnsoundError(f"the server lets nobody in: {answer}")
        client = Client(socket, on_message)
        try:
            yield client
        finally:
            await client.close()
