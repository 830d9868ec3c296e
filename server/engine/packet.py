"""What sessions exchange: Engine.IO packets, framed once however many receive them, and polling bodies."""

import base64
import binascii

from server.engine import websocket

SEPARATOR = "\x1e"
MAX_POLLED = 4_096
"""Packets in the body of one request."""


class Packet:
    """A packet to a client: text that begins with its type's digit, or a binary message."""

    __slots__ = ("_deflated", "binary", "data", "frame", "passing")

    def __init__(self, data: bytes, *, binary: bool = False, passing: bool = False) -> None:
        self.data = data
        self.binary = binary
        self.passing = passing
        """Whether nothing is lost if a client that reads slowly never gets it."""
        self.frame = websocket.frame(data, websocket.BINARY if binary else websocket.TEXT)
        """As it goes over a WebSocket."""
        self._deflated: bytes | None = None

    @property
    def deflated(self) -> bytes:
        """As it goes over a WebSocket with compression."""
        if self._deflated is None:
            opcode = websocket.BINARY if self.binary else websocket.TEXT
            self._deflated = websocket.deflated_frame(self.data, opcode)
        return self._deflated

    @property
    def polled(self) -> str:
        """As it goes into the body of a polling request."""
        return f"b{base64.b64encode(self.data).decode()}" if self.binary else self.data.decode()


CLOSE = Packet(b"1")
PING = Packet(b"2")
NOOP = Packet(b"6")
PROBED = Packet(b"3probe")


def parse_body(body: bytes) -> list[str | bytes]:
    """The packets in a request's body: text with its type's digit, or binary messages.

    Raises ValueError where it holds none, too many, or what is none.
    """
    packets = body.decode().split(SEPARATOR)
    if len(packets) > MAX_POLLED:
        raise ValueError(f"at most {MAX_POLLED} packets fit into a request")
    return [_binary(packet) if packet[:1] == "b" else packet for packet in packets]


def _binary(packet: str) -> bytes:
    try:
        return base64.b64decode(packet[1:], validate=True)
    except binascii.Error as error:
        raise ValueError("a binary packet that is not base64") from error
