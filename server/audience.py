"""The connections that are in a room on this node, and how what happens there reaches them.

What one turn of the event loop produces for a room is joined once and the same bytes are written to every
connection that can take them; no task, queue or encoding is spent on a recipient. Connections that cannot
(on polling, compressed, slow, lagging) take the packets one by one, in the same order. Invariant: a
connection gets each event after the head that its join was answered with, once and in order, or is told that
it lags.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog

from server.engine.packet import Packet

if TYPE_CHECKING:
    from server.connection import Connection

logger = structlog.get_logger(__name__)

MAX_HELD = 512
"""Events that are kept for a connection while its join is being answered."""


class Tick:
    """What this turn of the event loop has to write, at its end: to rooms, then to single connections.

    So a command's events reach its sender before the acknowledgement does.
    """

    def __init__(self) -> None:
        self._audiences: dict[Audience, None] = {}
        self._connections: dict[Connection, None] = {}
        self._scheduled = False

    def audience(self, audience: "Audience") -> None:
        """A room has something to write."""
        self._audiences[audience] = None
        self._schedule()

    def connection(self, connection: "Connection") -> None:
        """A connection has something to write that is for it alone."""
        self._connections[connection] = None
        self._schedule()

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._end)

    def _end(self) -> None:
        self._scheduled = False
        self.run()

    def run(self) -> None:
        """Write what there is now."""
        audiences, self._audiences = self._audiences, {}
        for audience in audiences:
            audience.flush()
        connections, self._connections = self._connections, {}
        for connection in connections:
            try:
                connection.flush()
            except Exception:
                # A transport that fails says so to its session; the others' answers must go out.
                logger.exception("write_failed")


class Held:
    """What came for a connection while its join was answered, and the head that the answer covers."""

    __slots__ = ("head", "missed", "packets", "shut_out")

    def __init__(self) -> None:
        self.shut_out: list[int] = []
        """Seqs of the events that did; those that the answer covers count no longer."""
        self.head: int | None = None
        """None until the join was answered."""
        self.packets: list[tuple[int, Packet]] = []
        self.missed = False
        """Whether more came than is kept."""


class Audience:
    """The connections in one room on this node."""

    __slots__ = ("_covered", "_direct", "_held", "_indirect", "_pending", "_seq", "_tick")

    def __init__(self, tick: Tick) -> None:
        self._tick = tick
        self._direct: dict[Connection, Callable[[bytes], None]] = {}
        """Those whose transport takes bytes now."""
        self._indirect: dict[Connection, None] = {}
        self._held: dict[Connection, Held] = {}
        self._covered: dict[Connection, None] = {}
        """Those for whom the event that was delivered last was the last of their join's answer."""
        self._seq = 0
        """Of the event that was delivered last."""
        self._pending: list[Packet] = []

    def __len__(self) -> int:
        return len(self._direct) + len(self._indirect) + len(self._held)

    def __contains__(self, connection: "Connection") -> bool:
        return connection in self._direct or connection in self._indirect

    def members(self) -> list["Connection"]:
        """All of them."""
        return [*self._direct, *self._indirect, *self._held]

    def tell(self, packet: Packet) -> None:
        """Send something outside the log to those who have joined."""
        if self._direct or self._indirect:
            self._append(packet)

    def deliver(self, seq: int, packet: Packet) -> None:
        """Send the room's next event."""
        self._seq = seq
        if self._covered:
            self._covered.clear()
        if self._direct or self._indirect:
            self._append(packet)
        if self._held:
            self._keep(seq, packet)

    def hold(self, connection: "Connection") -> None:
        """Keep the room's events back for a connection until `release`."""
        self._held[connection] = Held()

    def release(self, connection: "Connection", head: int, seq: int) -> bool:
        """The join was answered as of `head`, and this node has delivered up to `seq`.

        What came after `head` follows now; where the answer is ahead of this node, its events are skipped.
        False if one of what came after `head` shut the connection out, which is then the last that it gets.
        """
        held = self._held.get(connection)
        if held is None:
            return False
        # What waits for the others was either kept for this one or is covered by the answer.
        self.flush()
        held.head = head
        if seq < head:
            return True
        del self._held[connection]
        self._sort(connection)
        last = next((number for number in held.shut_out if number > head), 0)
        if held.missed:
            connection.lag()
            return not last
        connection.take([packet for number, packet in held.packets if head < number <= (last or seq)])
        return not last

    def shut_out(self, connection: "Connection") -> bool:
        """Whether a connection is out with the event that was delivered last, which names its member.

        It is not while its join is being answered: `release` will say. Nor where the answer covers the event,
        after which it was let in.
        """
        held = self._held.get(connection)
        if held is None:
            return connection not in self._covered
        if held.head is None:
            held.shut_out.append(self._seq)
        return False

    def remove(self, connection: "Connection") -> None:
        """Take a connection out; it still gets what happened until now."""
        if connection in self:
            self.flush()
        for group in (self._direct, self._indirect, self._held, self._covered):
            group.pop(connection, None)

    def directness_changed(self, connection: "Connection") -> None:
        """A connection's transport takes bytes from now on, or does not."""
        if connection in self:
            self._sort(connection)

    def flush(self) -> None:
        """Write what waits."""
        packets, self._pending = self._pending, []
        if not packets:
            return
        batch = packets[0].frame if len(packets) == 1 else b"".join([packet.frame for packet in packets])
        # A transport that becomes full says so at once, which moves its connection: it has had this already.
        direct, indirect = list(self._direct.values()), list(self._indirect)
        for write in direct:
            try:
                write(batch)
            except Exception:
                # Others must not miss it; this one's loss is noticed by its transport.
                logger.exception("write_failed")
        for connection in indirect:
            connection.take(packets)

    def _append(self, packet: Packet) -> None:
        if not self._pending:
            self._tick.audience(self)
        self._pending.append(packet)

    def _sort(self, connection: "Connection") -> None:
        write = connection.write
        if write is None:
            self._direct.pop(connection, None)
            self._indirect[connection] = None
        else:
            self._indirect.pop(connection, None)
            self._direct[connection] = write

    def _keep(self, seq: int, packet: Packet) -> None:
        for connection, held in list(self._held.items()):
            if held.head is None:
                if len(held.packets) < MAX_HELD:
                    held.packets.append((seq, packet))
                else:
                    held.missed = True
            elif seq >= held.head:
                # This event is the last that the answer covers.
                del self._held[connection]
                self._covered[connection] = None
                self.flush()
                self._sort(connection)
