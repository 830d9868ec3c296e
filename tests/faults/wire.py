"""A Socket.IO connection over a bare WebSocket, so cheap that a test can hold hundreds of them.

It checks nothing that it does not need and never answers late. What many connections receive alike is decoded
once, and the same objects are given to all of them; nobody may change those.
"""

import asyncio
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import orjson

UPGRADE = (
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\n"
    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
TEXT, CLOSE = 1, 8
CONNECT_SECONDS = 15.0
ANSWER_SECONDS = 15.0

OnMessage = Callable[[str, Any], None]
OnReply = Callable[[dict[str, Any]], None]

_ACK = re.compile(rb"43(\d+)\[")


class Refused(Exception):  # noqa: N818 -- it is what the server answered
    """The server did not let the client in; `data` is its reason."""

    def __init__(self, data: Any) -> None:
        super().__init__(str(data))
        self.data = data


class Wire(asyncio.Protocol):
    """One connection. `on_message(name, data)` gets what the server says by itself."""

    def __init__(self, host: str, token: str, on_message: OnMessage) -> None:
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._host = host
        self._token = token
        self._on_message = on_message
        self._replies: dict[int, OnReply] = {}
        self._calls: set[asyncio.Future[dict[str, Any]]] = set()
        self._asked = 0
        self._received = bytearray()
        self._upgraded = False
        self._transport: asyncio.Transport

    @classmethod
    async def open(cls, url: str, token: str, on_message: OnMessage) -> "Wire":
        """Connect and be let in; OSError or `Refused` otherwise."""
        parts = urlsplit(url)
        assert parts.hostname
        assert parts.port
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(CONNECT_SECONDS):
            _, wire = await loop.create_connection(
                lambda: cls(parts.netloc, token, on_message), parts.hostname, parts.port
            )
            try:
                await wire.ready
            except BaseException:
                wire.close()
                raise
        return wire

    def send(self, command: str, payload: dict[str, Any], on_reply: OnReply) -> None:
        """Send a command; `on_reply` gets its acknowledgement before anything that comes after it."""
        self._asked += 1
        self._replies[self._asked] = on_reply
        self._write(b"42%d%b" % (self._asked, orjson.dumps([command, payload])))

    async def call(self, command: str, payload: dict[str, Any]) -> dict[str, Any]:
        """A command's acknowledgement; ConnectionError if the connection is lost before."""
        reply: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._calls.add(reply)
        self.send(command, payload, lambda answer: None if reply.done() else reply.set_result(answer))
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await reply
        finally:
            self._calls.discard(reply)

    def stop_reading(self) -> None:
        """Take nothing more out of the socket."""
        self._transport.pause_reading()

    def read_on(self) -> None:
        """Take everything out of the socket again."""
        self._transport.resume_reading()

    def close(self) -> None:
        """Break the connection without a farewell."""
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(UPGRADE.format(host=self._host).encode())

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._upgraded:
            head, found, rest = self._received.partition(b"\r\n\r\n")
            if not found:
                return
            if b" 101 " not in head.split(b"\r\n", 1)[0]:
                self._transport.abort()
                return
            self._upgraded, self._received = True, rest
        for opcode, payload in self._frames():
            if opcode == TEXT:
                self._take(payload)
            elif opcode == CLOSE:
                self._transport.abort()
                return

    def connection_lost(self, _: Exception | None) -> None:
        if not self.ready.done():
            self.ready.set_exception(ConnectionResetError("lost before the server let the client in"))
        for call in self._calls:
            if not call.done():
                call.set_exception(ConnectionResetError("lost before the answer came"))
        self.lost.set_result(None)

    def _frames(self) -> list[tuple[int, bytes]]:
        frames, buffer, at = [], self._received, 0
        while len(buffer) >= at + 2:
            length, start = buffer[at + 1], at + 2
            if length >= 126:
                size = 2 if length == 126 else 8
                length, start = int.from_bytes(buffer[start : start + size]), start + size
            if len(buffer) < start + length:
                break
            frames.append((buffer[at] & 15, bytes(buffer[start : start + length])))
            at = start + length
        del buffer[:at]
        return frames

    def _take(self, packet: bytes) -> None:
        if packet.startswith(b"42"):
            name, data = _event(packet)
            if name == "ready" and not self.ready.done():
                self.ready.set_result(None)
            self._on_message(name, data)
        elif packet == b"2":
            self._write(b"3")
        elif (ack := _ACK.match(packet)) is not None:
            (reply,) = orjson.loads(packet[ack.end() - 1 :])
            self._replies.pop(int(ack[1]))(reply)
        elif packet.startswith(b"0"):
            self._write(b"40" + orjson.dumps({"token": self._token, "protocol": 1}))
        elif packet.startswith(b"44") and not self.ready.done():
            self.ready.set_exception(Refused(orjson.loads(packet[2:])))

    def _write(self, payload: bytes) -> None:
        size = len(payload)
        head = bytes([0x80 | TEXT])
        if size < 126:
            head += bytes([0x80 | size])
        elif size < 65_536:
            head += bytes([0x80 | 126]) + size.to_bytes(2)
        else:
            head += bytes([0x80 | 127]) + size.to_bytes(8)
        # A mask of zeros leaves the payload as it is.
        self._transport.write(head + bytes(4) + payload)


@lru_cache(maxsize=512)
def _event(packet: bytes) -> tuple[str, Any]:
    name, data = orjson.loads(packet[2:])
    return name, data
