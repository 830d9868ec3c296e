"""Where aiohttp's interfaces end: a connection leaves its HTTP server once it speaks WebSocket.

What is private of aiohttp and relied on stands here alone, and tests/server/engine/test_takeover.py fails
when a new version moves it: the protocol object behind a request, its `transport`, the bytes it kept
(`_message_tail`), and that it lets go when it is told that the connection is lost. In return a connection
costs no request, no response, no task and no queue.
"""

import asyncio
from collections.abc import Mapping

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

_HEAD = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"


class Departed(web.StreamResponse):
    """What aiohttp gets back from the handler: there is nothing left to send."""

    def __init__(self) -> None:
        super().__init__(status=101)

    @property
    def prepared(self) -> bool:
        return True

    async def prepare(self, _: web.BaseRequest) -> AbstractStreamWriter | None:
        return None

    async def write_eof(self, _: bytes = b"") -> None:
        return None


def take_over(
    request: web.Request, protocol: asyncio.Protocol, headers: Mapping[str, str]
) -> web.StreamResponse:
    """Answer an upgrade with 101 and `headers`, and hand its connection to `protocol`.

    Its `connection_made` is called, then `data_received` with what came behind the request. Raises
    ConnectionResetError if the client has left.
    """
    server = request.protocol
    transport = request.transport
    if transport is None or transport.is_closing():
        raise ConnectionResetError("the client left before its connection was upgraded")
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    transport.write(f"{_HEAD}{lines}\r\n".encode())
    early = server._message_tail  # noqa: SLF001 -- the one place for it
    transport.set_protocol(protocol)
    # Without its transport it closes nothing when it lets go.
    server.transport = None
    server.connection_lost(None)
    transport.resume_reading()
    protocol.connection_made(transport)
    if early:
        protocol.data_received(early)
    return Departed()
