"""One client's session: what it is sent, over whichever transport it has now, in one order.

A session begins on HTTP long polling or on a WebSocket, and may step from the first to the second once.
What cannot be written at once waits in its outbox; `write` is set exactly while nothing waits and the
WebSocket takes bytes, so that whoever sends to many may write to each directly.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, cast

from server.engine import websocket
from server.engine.packet import CLOSE, NOOP, PROBED, SEPARATOR, Packet
from server.engine.websocket import Violation

if TYPE_CHECKING:
    from server.engine.server import Engine

MAX_UNREAD = 2_048
"""Packets that may wait for a client that goes on sending and never reads."""
HIGH_WATER, LOW_WATER = 256 * 1024, 64 * 1024
"""Bytes in a WebSocket's transport at which it stops, and starts again, to take more."""
MAX_POLL_BYTES = 1024 * 1024
"""Bytes after which no further packet goes into one answer to a poll."""
LINGER_SECONDS = 5.0
"""What the last words over a WebSocket get to go out in."""


class Session:
    """A client as Engine.IO knows it. Subclasses say what its messages mean."""

    __slots__ = (
        "__weakref__",
        "_link",
        "_poll",
        "address",
        "closed",
        "engine",
        "id",
        "opened_at",
        "outbox",
        "outbox_bytes",
        "ping_at",
        "pong_by",
        "posting",
        "probe",
        "write",
    )

    def __init__(self, engine: "Engine[Any]", session_id: str, address: str, now: float) -> None:
        self.engine = engine
        self.id = session_id
        self.address = address
        """Where the client is, seen through trusted proxies."""
        self.opened_at = now
        self.closed = False
        self.outbox: deque[Packet] = deque()
        self.outbox_bytes = 0
        self.write: Callable[[bytes], None] | None = None
        """Sends frames at once; None while they must go through the outbox."""
        self.ping_at = now
        """When the next ping is due."""
        self.pong_by: float | None = None
        """When the answer to the last ping is due, if one is."""
        self.posting = False
        """Whether a request with packets is being read."""
        self.probe: Link | None = None
        """The WebSocket that it may step to."""
        self._link: Link | None = None
        self._poll: asyncio.Future[None] | None = None

    def received(self, message: str | bytes) -> None:
        """A message came; ValueError if it is malformed. Must not block."""
        raise NotImplementedError

    def ended(self, reason: str) -> None:
        """The session is over."""
        raise NotImplementedError

    def directness_changed(self) -> None:
        """`write` was set, or is None from now on."""
        raise NotImplementedError

    @property
    def polling(self) -> bool:
        """Whether its transport is HTTP long polling."""
        return self._link is None

    def send(self, packet: Packet) -> None:
        """Send a packet, after all those before it."""
        if self.write is not None:
            self.write(packet.frame)
        else:
            self.queue((packet,))

    def send_all(self, packets: Sequence[Packet]) -> None:
        """Send packets one after another, in one write where that is possible."""
        if self.write is not None:
            self.write(b"".join([packet.frame for packet in packets]))
        else:
            self.queue(packets)

    def queue(self, packets: Iterable[Packet]) -> None:
        """Send packets by way of the outbox."""
        if self.closed:
            return
        link = self._link
        if link is not None and not link.paused and not self.outbox:
            # Only with compression, which shared bytes have not.
            link.transport.write(b"".join(packet.deflated for packet in packets))
            return
        for packet in packets:
            self.outbox.append(packet)
            self.outbox_bytes += len(packet.data)
        if len(self.outbox) > MAX_UNREAD:
            self.close("too_slow")
        elif self._poll is not None:
            self._release_poll()

    def drop_outbox(self) -> None:
        """Forget what waits for the client."""
        self.outbox.clear()
        self.outbox_bytes = 0

    def close(self, reason: str, *, code: int = websocket.NORMAL) -> None:
        """End the session; on polling, the next request still gets what waits."""
        if self.closed:
            return
        if self._link is not None:
            self._link.close(code, reason)
        else:
            self.outbox.append(CLOSE)
            self.engine.keep_farewell(self)
            self._release_poll()
        self._end(reason)

    def take_text(self, packet: bytes) -> None:
        """Take a text packet as it came over a WebSocket; ValueError if it is malformed."""
        self.take(packet.decode())

    def take(self, packet: str | bytes) -> None:
        """Take a packet from the client, over whichever transport; ValueError if it is malformed."""
        if self.closed:
            return
        if isinstance(packet, bytes):
            self.received(packet)
            return
        kind = packet[:1]
        if kind == "4":
            self.received(packet[1:])
        elif kind == "3":
            self.pong_by = None
        elif kind == "1":
            self._leave()
        elif packet != "6":
            raise ValueError("not a packet that a client sends")

    async def poll(self) -> str:
        """The body for a polling request: what waits, or comes until it is time for a ping."""
        if not self.outbox and (self.probe is None or not self.probe.answered):
            self._poll = asyncio.get_running_loop().create_future()
            try:
                await self._poll
            finally:
                self._poll = None
        return self._polled()

    @property
    def polled(self) -> bool:
        """Whether a polling request is waiting."""
        return self._poll is not None

    def attach(self, link: "Link") -> None:
        """Go on over a WebSocket: from the start, or by the step from polling."""
        self._link, self.probe = link, None
        link.session = self
        self._release_poll()
        self.flush()

    def flush(self) -> None:
        """Write what waits to the WebSocket, which takes bytes again."""
        link = self._link
        if link is None or self.closed:
            return
        if self.outbox:
            frames = [packet.deflated if link.deflates else packet.frame for packet in self.outbox]
            self.drop_outbox()
            link.transport.write(b"".join(frames))
        self.check_directness()

    def check_directness(self) -> None:
        """Set `write` as it should be, and tell whom it concerns."""
        link = self._link
        direct = link is not None and not link.paused and not link.deflates and not self.closed
        if direct != (self.write is not None):
            self.write = link.transport.write if direct and link is not None else None
            self.directness_changed()

    def lost(self, reason: str) -> None:
        """Its transport is gone."""
        if not self.closed:
            self._end(reason)

    def _leave(self) -> None:
        # A poll of a client that leaves ends with nothing in it.
        if self._link is None:
            self.outbox.appendleft(NOOP)
            self._release_poll()
        else:
            self._link.close(websocket.NORMAL, "")
        self._end("client_left")

    def _end(self, reason: str) -> None:
        self.closed = True
        self.write = None
        if self._link is not None:
            self.drop_outbox()
            self._link.close(websocket.NORMAL, reason)
        if self.probe is not None:
            self.probe.close(websocket.GOING_AWAY, reason)
        self.engine.forget(self)
        self.ended(reason)

    def _release_poll(self) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)

    def _polled(self) -> str:
        if not self.outbox:
            return NOOP.polled
        size = 0
        packets: list[str] = []
        while self.outbox and (not packets or size + len(self.outbox[0].data) <= MAX_POLL_BYTES):
            packet = self.outbox.popleft()
            size += len(packet.data)
            packets.append(packet.polled)
        self.outbox_bytes = max(0, self.outbox_bytes - size)
        return SEPARATOR.join(packets)


class Link(asyncio.Protocol):
    """A session's WebSocket, or one that a session on polling is about to step to."""

    __slots__ = ("_reader", "answered", "deflates", "paused", "session", "stepping", "transport")

    transport: asyncio.Transport

    def __init__(self, session: Session, max_bytes: int, *, deflates: bool, stepping: bool) -> None:
        self.session = session
        self.deflates = deflates
        """Whether messages are compressed, each by itself."""
        self.stepping = stepping
        """Whether the session is still on polling."""
        self.answered = False
        """Whether it was probed, so that the client waits for its last poll to end."""
        self.paused = False
        self._reader = websocket.Reader(max_bytes, deflate=deflates)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport = cast("asyncio.Transport", transport)
        transport.set_write_buffer_limits(HIGH_WATER, LOW_WATER)
        if self.stepping:
            self.session.probe = self
        else:
            self.session.attach(self)

    def data_received(self, data: bytes) -> None:
        try:
            for opcode, payload in self._reader.feed(data):
                if opcode == websocket.TEXT and not self.stepping:
                    self.session.take_text(payload)
                else:
                    self._take(opcode, payload)
                if self.transport.is_closing():
                    return
        except Violation as violation:
            self._hang_up(violation.code, str(violation))
        except UnicodeDecodeError:
            self._hang_up(websocket.NOT_UTF8, "text that is not UTF-8")
        except ValueError as error:
            self.session.engine.report_malformed(self.session, error)
            self._hang_up(websocket.PROTOCOL_ERROR, "malformed packet")

    def pause_writing(self) -> None:
        self.paused = True
        if not self.stepping:
            self.session.check_directness()

    def resume_writing(self) -> None:
        self.paused = False
        if not self.stepping:
            self.session.flush()

    def eof_received(self) -> None:
        """The client sends no more; so nothing is sent to it either."""

    def connection_lost(self, _: Exception | None) -> None:
        if not self.stepping:
            self.session.lost("connection_lost")
        elif self.session.probe is self:
            self.session.probe = None

    def close(self, code: int, reason: str) -> None:
        """Say why and close, once what was written has gone out; at once if the client reads nothing."""
        if self.transport.is_closing():
            return
        if self.paused:
            self.transport.abort()
        else:
            self.transport.write(websocket.close_frame(code, reason))
            self.transport.close()
            asyncio.get_running_loop().call_later(LINGER_SECONDS, self.transport.abort)

    def _take(self, opcode: int, payload: bytes) -> None:
        """Take a message that is no text to a session which is here."""
        if opcode == websocket.TEXT:
            self._step(payload.decode())
        elif opcode == websocket.BINARY and not self.stepping:
            self.session.take(payload)
        elif opcode == websocket.PING:
            self.transport.write(websocket.frame(payload, websocket.PONG))
        elif opcode != websocket.PONG:
            self._hang_up(websocket.NORMAL, "client_left")

    def _step(self, packet: str) -> None:
        """What a client says on a WebSocket that its session has not stepped to yet."""
        if packet == "2probe":
            self.transport.write(PROBED.frame)
            self.answered = True
            if self.session.polled:
                self.session.queue((NOOP,))
        elif packet == "5":
            self.stepping = False
            self.session.attach(self)
        else:
            raise ValueError("not a packet of an upgrade")

    def _hang_up(self, code: int, reason: str) -> None:
        self.close(code, reason)
        self.connection_lost(None)
