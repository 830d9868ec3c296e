"""Socket.IO packets, encoded once however many receive them, and the JSON they are made of."""

import json
import re
from typing import Any, TypeAlias

import msgspec
import orjson
from engineio import packet as engine

Packet: TypeAlias = engine.Packet


_LONE_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class Json:
    """JSON for python-socketio: strict on the way in, and able to send replies that are JSON
    already (`msgspec.Raw`).

    JavaScript strings may hold half of a character, which arrives as an escape that no UTF-8 can
    say. As browsers do wherever they encode text, it is read as U+FFFD.
    """

    @staticmethod
    def loads(text: str, **_: Any) -> Any:
        """The value; ValueError for what is not JSON, NaN and infinities included."""
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            if _LONE_SURROGATE.search(text) is None:
                raise
            # Only well-formed text comes back, so orjson reads the rest as strictly as ever.
            value = json.loads(text, parse_constant=_refuse)
            halves = json.dumps(value, ensure_ascii=False).encode("utf-16-le", "surrogatepass")
            return orjson.loads(halves.decode("utf-16-le", "replace"))

    @staticmethod
    def dumps(value: Any, **_: Any) -> str:
        return msgspec.json.encode(value).decode()


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def event(name: str, data: bytes) -> Packet:
    """A Socket.IO event with one argument, given as JSON."""
    return engine.Packet(engine.MESSAGE, f'2["{name}",{data.decode()}]')


def ack(ack_id: int, reply: Any) -> Packet:
    """The acknowledgement of a client's event."""
    return engine.Packet(engine.MESSAGE, f"3{ack_id}[{msgspec.json.encode(reply).decode()}]")
