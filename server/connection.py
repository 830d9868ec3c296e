"""One client's connection: what it may still send, what waits to be sent to it, and its rooms.

Nothing here is unbounded: commands wait in a queue of 64, and while answers of 1 MiB are not read; events
that the client reads too slowly are dropped at 512 or 4 MiB, it is told that it lags, and after 30 s it is
closed.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from handlers.dispatch import Caller
from protocol.errors import ApiError, ErrorBody, ErrorCode
from protocol.presence import PresenceStatus
from protocol.roles import WorkspaceRole
from protocol.wire import Failure, encode
from server import packets
from server.audience import Audience, Tick
from server.bucket import Bucket
from server.engine.packet import Packet
from server.sockets import Socket

MAX_WAITING_COMMANDS = 64
MAX_ROOMS = 1_000
MAX_TOGETHER = 32
"""Answers that are written together: the client may go on while more are made."""
MAX_QUEUED = 512
MAX_QUEUED_BYTES = 4 * 1024 * 1024
MAX_ANSWER_BYTES = 1024 * 1024
"""Unread answers beyond which the next command waits."""
CAUGHT_UP = 16
"""Queued packets at which a lagging connection counts as reading again."""
MAX_LAG_SECONDS = 30.0
EXPIRY_GRACE_SECONDS = 60.0
"""How long after its token ran out a connection may still refresh it."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A command that has not had its turn."""

    name: str
    payload: Any
    ack: int | None
    received: float


class Connection:
    """A client that has shown its credentials."""

    __slots__ = (
        "__weakref__",
        "_bucket",
        "_close",
        "_waiting",
        "agent",
        "caller",
        "client",
        "expires_at",
        "instance_id",
        "lagging_since",
        "replies",
        "role",
        "rooms",
        "sid",
        "status",
        "tick",
        "working",
    )

    def __init__(
        self,
        socket: Socket,
        caller: Caller,
        role: WorkspaceRole,
        expires_at: float | None,
        bucket: Bucket,
        tick: Tick,
        *,
        agent: bool = False,
        close: Callable[["Connection", str, bool], None],
    ) -> None:
        self.sid = socket.id
        self.client = socket.client
        self.caller = caller
        self.role = role
        self.expires_at = expires_at
        """Seconds since the epoch; None for credentials that are checked otherwise."""
        self.agent = agent
        """Whether its member is an agent."""
        self.instance_id: str | None = None
        """The agent's process that this is the connection of, once it has said so."""
        self.status = PresenceStatus.ONLINE
        self.rooms: dict[str, Audience] = {}
        """Where it has joined, or is about to."""
        self.working = False
        self.lagging_since: float | None = None
        self.replies: list[Packet] = []
        """What it alone is sent at the end of this turn of the event loop."""
        self.tick = tick
        self._waiting: deque[Waiting] | None = None
        self._bucket = bucket
        self._close = close

    @property
    def member_id(self) -> str:
        return self.caller.member_id

    @property
    def write(self) -> Callable[[bytes], None] | None:
        """Sends frames at once, if its transport takes them and it does not lag."""
        return self.client.write if self.lagging_since is None else None

    @property
    def queued(self) -> int:
        """Packets that the client has yet to take."""
        return len(self.client.outbox) + len(self.replies)

    @property
    def full(self) -> bool:
        """Whether answers are read so slowly that no further one should be made."""
        return self.client.outbox_bytes > MAX_ANSWER_BYTES

    @property
    def waiting(self) -> deque[Waiting]:
        """Commands that have not had their turn."""
        if self._waiting is None:
            self._waiting = deque()
        return self._waiting

    def renew(self, caller: Caller, expires_at: float | None) -> None:
        """Go on with newer credentials of the same member."""
        self.caller, self.expires_at = caller, expires_at

    def close(self, reason: str, *, reconnect: bool) -> None:
        """Say why and end the connection, soon."""
        self._close(self, reason, reconnect)

    def admit(self, name: str) -> None:
        """Refuse a command: too many at once, too many a second, token expired."""
        if self._waiting is not None and len(self._waiting) >= MAX_WAITING_COMMANDS:
            raise ApiError(
                ErrorCode.RATE_LIMITED,
                f"At most {MAX_WAITING_COMMANDS} commands of a connection can wait; "
                "await replies before sending more.",
                retry_after=0.1,
            )
        if (wait := self._bucket.take()) > 0:
            raise ApiError(
                ErrorCode.RATE_LIMITED,
                f"Too many commands; wait {wait:.2f} s.",
                retry_after=round(wait, 3),
            )
        if self.expired(0) and name != "session.refresh":
            raise ApiError(ErrorCode.TOKEN_EXPIRED, "The access token has expired; send session.refresh.")

    def expired(self, grace: float) -> bool:
        return self.expires_at is not None and time.time() > self.expires_at + grace

    def enter(self, room: str, audience: Audience) -> None:
        """Be in a room; ApiError `limit_exceeded` if it is in too many."""
        if room not in self.rooms and len(self.rooms) >= MAX_ROOMS:
            raise ApiError(
                ErrorCode.LIMIT_EXCEEDED,
                f"A connection can be in at most {MAX_ROOMS} rooms.",
                limit=MAX_ROOMS,
            )
        self.rooms[room] = audience

    def send(self, name: str, message: Any) -> None:
        """Send a message outside the log."""
        self.reply(packets.event(name, encode(message)))

    def answer(self, ack: int | None, result: bytes) -> None:
        """Acknowledge a command that was carried out, if it asks for that; `result` is JSON."""
        if ack is not None:
            self._answer(packets.success(ack, result))

    def refuse(self, ack: int | None, error: ErrorBody) -> None:
        """Acknowledge a command that changed nothing, if it asks for that."""
        if ack is not None:
            self._answer(packets.ack(ack, encode(Failure(error=error))))

    def _answer(self, packet: Packet) -> None:
        if len(self.client.outbox) > MAX_QUEUED + MAX_WAITING_COMMANDS:
            self.close("too_slow", reconnect=True)
        else:
            self.reply(packet)

    def flush(self) -> None:
        """Send what is for this connection alone."""
        replies, self.replies = self.replies, []
        if replies:
            self.client.send_all(replies)

    def take(self, several: list[Packet]) -> None:
        """Send packets of a room, unless the client reads too slowly for them."""
        if self.lagging_since is not None:
            return
        client = self.client
        fits = len(client.outbox) + len(several) <= MAX_QUEUED and client.outbox_bytes <= MAX_QUEUED_BYTES
        if client.write is not None or fits:
            client.send_all(several)
        elif not all(packet.passing for packet in several):
            self.lag()

    def lag(self) -> None:
        """The client has missed events; it is told once it reads again."""
        if self.lagging_since is None:
            self.lagging_since = time.monotonic()
            self.directness_changed()

    def directness_changed(self) -> None:
        """`write` is another than before."""
        for audience in self.rooms.values():
            audience.directness_changed(self)

    def check(self, heads: Callable[[str], int | None], now: float) -> None:
        """Every second: end the connection if it must be, or tell it that it lags."""
        if self.expired(EXPIRY_GRACE_SECONDS):
            self.close("token_expired", reconnect=True)
        elif self.lagging_since is not None:
            if len(self.client.outbox) <= CAUGHT_UP:
                # What its rooms have yet to write is among what it missed, and what follows comes after.
                for audience in self.rooms.values():
                    audience.flush()
                self.lagging_since = None
                self.send("lagging", {"heads": self.heads(heads)})
                self.flush()
                self.directness_changed()
            elif now - self.lagging_since > MAX_LAG_SECONDS:
                self.close("too_slow", reconnect=True)

    def heads(self, heads: Callable[[str], int | None]) -> dict[str, int]:
        """The head of each room that this connection has joined."""
        known = {room: heads(room) for room, audience in self.rooms.items() if self in audience}
        return {room: head for room, head in known.items() if head is not None}

    def reply(self, packet: Packet) -> None:
        """Send a packet that is for this connection alone, at the end of this turn of the event loop."""
        if not self.replies:
            self.tick.connection(self)
        self.replies.append(packet)
        if len(self.replies) >= MAX_TOGETHER:
            self.tick.run()
