"""The floor in Python: what one process can do at all with a transport and ready bytes.

A WebSocket server that sends each message of a connection that opened /publish to every connection that
opened /room, unread, and returns what comes on /echo. `frames` makes one write for each frame and recipient;
`joined` writes what one turn of the loop gathered with one call for each recipient.
"""

import asyncio
import base64
import hashlib
import json
import sys
from typing import cast

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Rooms:
    """Everyone in the one room, and what this turn of the loop gathered for them."""

    def __init__(self, *, joined: bool) -> None:
        self.members: dict[asyncio.Transport, None] = {}
        self._joined = joined
        self._gathered: list[bytes] = []

    def broadcast(self, frame: bytes) -> None:
        """Send a frame to everybody, now or at the end of this turn."""
        if not self._joined:
            for member in self.members:
                member.write(frame)
            return
        if not self._gathered:
            asyncio.get_running_loop().call_soon(self._flush)
        self._gathered.append(frame)

    def _flush(self) -> None:
        batch = b"".join(self._gathered)
        self._gathered.clear()
        for member in self.members:
            member.write(batch)


class Peer(asyncio.Protocol):
    """One connection: its handshake, then its frames."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._data = bytearray()
        self._path = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports behave like asyncio.Transport but do not descend from it.
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, _: Exception | None) -> None:
        self._rooms.members.pop(self._transport, None)

    def data_received(self, data: bytes) -> None:
        self._data += data
        if not self._path:
            self._shake_hands()
        while (size := self._frame()) > 0:
            del self._data[:size]

    def _shake_hands(self) -> None:
        head, end, rest = self._data.partition(b"\r\n\r\n")
        if not end:
            return
        self._path = bytes(head.split(b" ", 2)[1])
        key = next(
            line[19:] for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key:")
        )
        digest = hashlib.sha1(bytes(key) + GUID, usedforsecurity=False).digest()
        self._transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + base64.b64encode(digest) + b"\r\n\r\n"
        )
        self._data = rest
        if self._path == b"/room":
            self._rooms.members[self._transport] = None

    def _frame(self) -> int:
        """Handle the first frame, if it is whole, and return its size, else 0."""
        data = self._data
        if not self._path or len(data) < 6:
            return 0
        length, head = data[1] & 0x7F, 6
        if length == 126:
            length, head = int.from_bytes(data[2:4], "big"), 8
        if len(data) < head + length:
            return 0
        if data[0] & 15 == 1:
            frame = _unmasked(data[head - 4 : head], data[head : head + length])
            if self._path == b"/echo":
                self._transport.write(frame)
            else:
                self._rooms.broadcast(frame)
        return head + length


def _unmasked(key: bytearray, payload: bytearray) -> bytes:
    """A server's frame with the payload of a client's frame."""
    length = len(payload)
    whole = (key * (length // 4 + 1))[:length]
    text = (int.from_bytes(payload, "big") ^ int.from_bytes(whole, "big")).to_bytes(length, "big")
    size = bytes([length]) if length < 126 else b"\x7e" + length.to_bytes(2, "big")
    return b"\x81" + size + text


async def _serve(*, joined: bool) -> None:
    rooms = Rooms(joined=joined)
    server = await asyncio.get_running_loop().create_server(lambda: Peer(rooms), "127.0.0.1", 0, backlog=4096)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    import uvloop

    uvloop.run(_serve(joined=sys.argv[1:] == ["joined"]))
