"""Connections without a network: what is written to them is kept, and they can stop reading."""

from collections import deque
from collections.abc import Callable
from typing import Any, cast

from handlers.dispatch import Caller
from protocol.registry import Scope
from protocol.roles import WorkspaceRole
from server.audience import Tick
from server.bucket import Bucket
from server.connection import Connection
from server.engine.packet import Packet
from server.sockets import Socket


class Reader:
    """Stands in for a session: the frames written to it, and what waits while it does not read."""

    def __init__(self) -> None:
        self.id = "sid"
        self.client = self
        self.written: list[bytes] = []
        self.outbox: deque[Packet] = deque()
        self.outbox_bytes = 0
        self.write: Callable[[bytes], None] | None = self.written.append
        self.connection: Connection

    def send_all(self, several: list[Packet]) -> None:
        if self.write is not None:
            self.write(b"".join([packet.frame for packet in several]))
        else:
            self.queue(several)

    def queue(self, several: list[Packet]) -> None:
        for packet in several:
            self.outbox.append(packet)
            self.outbox_bytes += len(packet.data)

    def stop(self) -> None:
        """Read nothing more."""
        self.write = None
        self.connection.directness_changed()

    def fill(self) -> None:
        """Take one more write, and be full with it."""
        self.write = self._fill
        self.connection.directness_changed()

    def _fill(self, data: bytes) -> None:
        self.written.append(data)
        self.stop()

    def go_on(self) -> None:
        """Read what waits, and everything that follows."""
        self.written += [packet.frame for packet in self.outbox]
        self.outbox.clear()
        self.outbox_bytes = 0
        self.write = self.written.append
        self.connection.directness_changed()

    @property
    def read(self) -> bytes:
        """All that has been written to it."""
        return b"".join(self.written)


def connection(
    closed: list[str] | None = None, *, expires_at: float | None = None, tick: Tick | None = None
) -> tuple[Connection, Reader]:
    """A connection of the member «member», and its client; `closed` gets the reasons for its end."""
    reader = Reader()
    reasons: list[str] = [] if closed is None else closed
    reader.connection = Connection(
        cast("Socket", cast("Any", reader)),
        Caller("member", None, Scope.WRITE, "test"),
        WorkspaceRole.MEMBER,
        expires_at,
        Bucket(1, 1),
        tick or Tick(),
        close=lambda _, reason, __: reasons.append(reason),
    )
    return reader.connection, reader
