"""Socket.IO 5 packets as text, encoded once however many receive them, and the JSON they are made of."""

import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import orjson

from server.engine.packet import Packet

CONNECT, DISCONNECT, EVENT, ACK, REFUSED, BINARY_EVENT, BINARY_ACK = range(7)
MAX_ACK_DIGITS = 15

_HEAD = re.compile(
    r"(?P<type>[0-6])(?:(?P<attachments>[0-9]{1,2})-)?(?:(?P<namespace>/[^,]{0,99}),?)?(?P<ack>[0-9]*)"
)
_HEADS: dict[str, bytes] = {}
"""How an event begins, by its name: there are few, and all are the server's own."""
_LONE_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class Decoded(NamedTuple):
    """A client's packet; `data` as JSON says it, with placeholders where attachments follow."""

    type: int
    namespace: str
    ack: int | None
    data: Any
    attachments: int


def decode(text: str) -> Decoded:
    """The packet in a message; ValueError if there is none."""
    head = _HEAD.match(text)
    if head is None or len(head["ack"]) > MAX_ACK_DIGITS:
        raise ValueError("not a Socket.IO packet")
    kind, attachments, body = int(head["type"]), int(head["attachments"] or 0), text[head.end() :]
    if (head["attachments"] is not None) != (kind in {BINARY_EVENT, BINARY_ACK}):
        raise ValueError("attachments where there can be none")
    ack = int(head["ack"]) if head["ack"] else None
    return Decoded(kind, head["namespace"] or "/", ack, loads(body) if body else None, attachments)


def restore(value: Any, attachments: Sequence[bytes]) -> Any:
    """A packet's data with its attachments in their places; ValueError if there is one too few."""
    if isinstance(value, list):
        return [restore(item, attachments) for item in value]
    if isinstance(value, dict):
        if value.get("_placeholder") is not True:
            return {key: restore(item, attachments) for key, item in value.items()}
        number = value.get("num")
        if not isinstance(number, int) or not 0 <= number < len(attachments):
            raise ValueError("a placeholder without its attachment")
        return attachments[number]
    return value


def event(name: str, data: bytes, *, passing: bool = False) -> Packet:
    """An event in the main namespace with one argument, given as JSON."""
    head = _HEADS.get(name)
    if head is None:
        head = _HEADS[name] = f'42["{name}",'.encode()
    return Packet(head + data + b"]", passing=passing)


def success(ack_id: int, result: bytes) -> Packet:
    """The acknowledgement of a command that was carried out (`wire.Success`), with its result as JSON."""
    return Packet(b'43%d[{"ok":true,"result":%b}]' % (ack_id, result))


def ack(ack_id: int, reply: bytes) -> Packet:
    """The acknowledgement of a client's event in the main namespace, given as JSON."""
    return Packet(b"43%d[%b]" % (ack_id, reply))


def packets(kind: int, namespace: str, ack_id: int | None, data: Any) -> list[Packet]:
    """A packet of any type, followed by the attachments that the bytes in its data become."""
    attachments: list[bytes] = []
    data = _extract(data, attachments)
    if attachments and kind in {EVENT, ACK}:
        kind += BINARY_EVENT - EVENT
    head = f"4{kind}" + (f"{len(attachments)}-" if attachments else "")
    head += "" if namespace == "/" else f"{namespace},"
    head += "" if ack_id is None else str(ack_id)
    body = b"" if data is None else msgspec.json.encode(data)
    return [Packet(head.encode() + body), *(Packet(each, binary=True) for each in attachments)]


def _extract(value: Any, attachments: list[bytes]) -> Any:
    """A value with a placeholder for each of its bytes, which are appended to `attachments`."""
    if isinstance(value, bytes):
        attachments.append(value)
        return {"_placeholder": True, "num": len(attachments) - 1}
    if isinstance(value, list):
        return [_extract(item, attachments) for item in value]
    if isinstance(value, dict):
        return {key: _extract(item, attachments) for key, item in value.items()}
    return value


def loads(text: str) -> Any:
    """JSON, read strictly; ValueError for what is none, NaN and infinities included.

    JavaScript strings may hold half of a character, which arrives as an escape that no UTF-8 can
    say. As browsers do wherever they encode text, it is read as U+FFFD.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        if _LONE_SURROGATE.search(text) is None:
            raise
        # Only well-formed text comes back, so orjson reads the rest as strictly as ever.
        try:
            value = json.loads(text, parse_constant=_refuse)
            halves = json.dumps(value, ensure_ascii=False).encode("utf-16-le", "surrogatepass")
        except RecursionError:
            raise ValueError("nested too deeply") from None
        return orjson.loads(halves.decode("utf-16-le", "replace"))


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
