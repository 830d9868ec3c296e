"""Socket.IO packets, encoded once however many receive them, and the JSON they are made of."""

from typing import Any, TypeAlias

import msgspec
import orjson
from engineio import packet as engine

Packet: TypeAlias = engine.Packet


class Json:
    """JSON for python-socketio: strict on the way in (no NaN, no lone surrogates), and able to
    send replies that are JSON already (`msgspec.Raw`)."""

    @staticmethod
    def loads(text: str | bytes, **_: Any) -> Any:
        return orjson.loads(text)

    @staticmethod
    def dumps(value: Any, **_: Any) -> str:
        return msgspec.json.encode(value).decode()


def event(name: str, data: bytes) -> Packet:
    """A Socket.IO event with one argument, given as JSON."""
    return engine.Packet(engine.MESSAGE, f'2["{name}",{data.decode()}]')


def ack(ack_id: int, reply: Any) -> Packet:
    """The acknowledgement of a client's event."""
    return engine.Packet(engine.MESSAGE, f"3{ack_id}[{msgspec.json.encode(reply).decode()}]")
