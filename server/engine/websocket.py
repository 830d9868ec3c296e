"""WebSocket frames (RFC 6455) and their compression (RFC 7692), without a socket.

A server's frames carry no mask, so that one frame serves every recipient. Nothing of a connection is kept
between messages but an unfinished one: with compression each message is compressed by itself.
"""

import base64
import hashlib
import re
import zlib
from collections.abc import Iterator

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA

NORMAL, GOING_AWAY, PROTOCOL_ERROR, NOT_UTF8, TOO_BIG = 1000, 1001, 1002, 1007, 1009

MAX_FRAGMENTS = 1_024
"""Frames of one message."""
MIN_DEFLATED = 1_024
"""Bytes below which a message is sent as it is: compressing it would cost more than it saves."""

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_KEY = re.compile(r"[A-Za-z0-9+/]{22}==")
_TAIL = b"\x00\x00\xff\xff"
"""The end of a compressed message that is not sent."""
_DEFLATE = "permessage-deflate"
_PARAMETER = re.compile(
    r"(?:server|client)_(?:no_context_takeover|max_window_bits(?:=\"?(?:[89]|1[0-5])\"?)?)"
)


class Violation(ValueError):  # noqa: N818 -- it is the client's
    """A client broke the protocol; `code` is what to close its connection with."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def accept(key: str) -> str | None:
    """The answer to a client's Sec-WebSocket-Key, or None if that is no such key."""
    if _KEY.fullmatch(key) is None:
        return None
    return base64.b64encode(hashlib.sha1(key.encode() + _GUID).digest()).decode()  # noqa: S324 -- the protocol's


def negotiate(offered: str) -> str | None:
    """The extension to accept of those that a client offers, or None: compression without memory."""
    for offer in offered.split(","):
        name, *parameters = (part.strip().lower() for part in offer.split(";"))
        wanted = {parameter.replace(" ", "") for parameter in parameters}
        narrow = any(each.startswith("server_max_window_bits") and "15" not in each for each in wanted)
        if name == _DEFLATE and not narrow and all(_PARAMETER.fullmatch(each) for each in wanted):
            return f"{_DEFLATE}; server_no_context_takeover; client_no_context_takeover"
    return None


def frame(payload: bytes, opcode: int = TEXT, *, deflated: bool = False) -> bytes:
    """A whole message as one frame from a server."""
    first = 0x80 | (0x40 if deflated else 0) | opcode
    size = len(payload)
    if size < 126:
        return b"%c%c%b" % (first, size, payload)
    if size < 65_536:
        return b"%c\x7e%b%b" % (first, size.to_bytes(2, "big"), payload)
    return b"%c\x7f%b%b" % (first, size.to_bytes(8, "big"), payload)


def deflated_frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """A message compressed, for connections that negotiated it; a small one as it is."""
    if len(payload) < MIN_DEFLATED:
        return frame(payload, opcode)
    deflate = zlib.compressobj(zlib.Z_BEST_SPEED, zlib.DEFLATED, -zlib.MAX_WBITS)
    squeezed = deflate.compress(payload) + deflate.flush(zlib.Z_SYNC_FLUSH)
    return frame(squeezed.removesuffix(_TAIL), opcode, deflated=True)


def close_frame(code: int, reason: str) -> bytes:
    """A frame that ends a connection and says why."""
    return frame(code.to_bytes(2, "big") + reason.encode()[:120], CLOSE)


class Reader:
    """Takes a client's bytes as they come and gives its whole messages.

    At most `max_bytes` of one message are kept; `deflate` is whether compression was negotiated.
    """

    __slots__ = ("_buffer", "_deflate", "_max", "_need", "_opcode", "_packed", "_parts", "_size")

    def __init__(self, max_bytes: int, *, deflate: bool = False) -> None:
        self._max = max_bytes
        self._deflate = deflate
        self._buffer: bytes | bytearray = b""
        self._need = 0
        self._opcode = 0
        """Of the message that goes on in further frames; 0 between messages."""
        self._packed = False
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:  # noqa: C901, PLR0912 -- one pass over every byte
        """Each message that `data` completes, with its opcode; control frames come as they are.

        Raises Violation at the first byte that no client may send.
        """
        if self._buffer:
            # A large message arrives in many pieces: each is appended, none is copied twice.
            if not isinstance(self._buffer, bytearray):
                self._buffer = bytearray(self._buffer)
            self._buffer += data
            if len(self._buffer) < self._need:
                return
            data = bytes(self._buffer)
            self._buffer, self._need = b"", 0
        position, end = 0, len(data)
        while end - position >= 2:
            first, second = data[position], data[position + 1]
            if second < 0x80:
                raise Violation(PROTOCOL_ERROR, "a client's frames must be masked")
            size, start = second & 0x7F, position + 6
            if size > 125:
                extended = 2 if size == 126 else 8
                start += extended
                if end < position + 2 + extended:
                    break
                size = int.from_bytes(data[position + 2 : position + 2 + extended], "big")
            if first != 0x81 or self._opcode or size > self._max:
                self._check(first, size)
            if end < start + size:
                self._need = start + size - position
                break
            position = start + size
            payload = data[start:position]
            if size:
                # As one large number: there is no faster way without another language.
                mask = (data[start - 4 : start] * (size // 4 + 1))[:size]
                unmasked = int.from_bytes(payload, "little") ^ int.from_bytes(mask, "little")
                payload = unmasked.to_bytes(size, "little")
            if first in {0x81, 0x82}:
                yield first & 0xF, payload
            else:
                yield from self._whole(first, payload)
        if position < end:
            self._buffer = data[position:]

    def _check(self, first: int, size: int) -> None:
        """Refuse a frame by its head, before any of its bytes are kept."""
        opcode = first & 0xF
        if first & 0x30 or (first & 0x40 and not (self._deflate and opcode in {TEXT, BINARY})):
            raise Violation(PROTOCOL_ERROR, "reserved bits are set")
        if opcode >= CLOSE:
            if opcode > PONG or not first & 0x80 or size > 125:
                raise Violation(PROTOCOL_ERROR, "no such control frame")
            return
        if opcode > BINARY or (opcode == CONTINUATION) != bool(self._opcode):
            raise Violation(PROTOCOL_ERROR, "no such frame here")
        if self._size + size > self._max:
            raise Violation(TOO_BIG, f"a message may have {self._max} bytes")

    def _whole(self, first: int, payload: bytes) -> Iterator[tuple[int, bytes]]:
        """The messages that a frame completes which is not one by itself."""
        opcode = first & 0xF
        if opcode >= CLOSE:
            yield opcode, payload
            return
        if opcode:
            self._opcode, self._packed = opcode, bool(first & 0x40)
        self._parts.append(payload)
        self._size += len(payload)
        if len(self._parts) > MAX_FRAGMENTS:
            raise Violation(TOO_BIG, f"a message may have {MAX_FRAGMENTS} frames")
        if first & 0x80:
            whole = b"".join(self._parts)
            message = self._opcode, self._inflate(whole) if self._packed else whole
            self._opcode, self._parts, self._size = 0, [], 0
            yield message

    def _inflate(self, packed: bytes) -> bytes:
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            message = inflate.decompress(packed + _TAIL, self._max + 1)
        except zlib.error as error:
            raise Violation(PROTOCOL_ERROR, "not compressed as agreed") from error
        if len(message) > self._max:
            raise Violation(TOO_BIG, f"a message may have {self._max} bytes")
        return message
