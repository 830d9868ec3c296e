"""One client's connection: what it may still send, what waits to be sent to it, and its rooms.

Nothing here is unbounded: commands wait in a queue of 64, and while answers of 1 MiB are not read; events
that the client reads too slowly are dropped at 512 or 4 MiB, it is told that it lags, and after 30 s it is
closed.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from handlers.dispatch import Caller
from protocol.errors import ApiError, ErrorCode
from protocol.presence import PresenceStatus
from protocol.registry import EVENTS
from protocol.roles import WorkspaceRole
from protocol.rooms import LoggedEvent
from protocol.wire import encode
from server import packets
from server.packets import Packet

MAX_WAITING_COMMANDS = 64
MAX_ROOMS = 1_000
MAX_QUEUED = 512
MAX_QUEUED_BYTES = 4 * 1024 * 1024
MAX_ANSWER_BYTES = 1024 * 1024
"""Unread answers beyond which the next command waits."""
CAUGHT_UP = 16
"""Queued packets at which a lagging connection counts as reading again."""
MAX_LAG_SECONDS = 30.0
EXPIRY_GRACE_SECONDS = 60.0
"""How long after its token ran out a connection may still refresh it."""


class Bucket:
    """A token bucket: `rate` a second, up to `burst` at once."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._tokens, self._at = burst, time.monotonic()

    def take(self) -> float:
        """Take one; 0 if there was one, else the seconds until there will be."""
        now = time.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens >= 1:
            self._tokens -= 1
            return 0.0
        return (1 - self._tokens) / self._rate


@dataclass(slots=True)
class Subscription:
    """A room on a connection: the seq sent last, and while the join is being answered, what came."""

    seq: int = -1
    held: list[tuple[LoggedEvent, Packet]] | None = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A command that has not had its turn."""

    name: str
    payload: Any
    ack: int | None
    received: float


class Connection:
    """A client that has shown its credentials. `queue` is its transport's outgoing queue."""

    def __init__(
        self,
        sid: str,
        transport: Any,
        caller: Caller,
        role: WorkspaceRole,
        expires_at: float | None,
        bucket: Bucket,
        *,
        close: Callable[["Connection", str, bool], None],
        evict: Callable[["Connection", str], None],
    ) -> None:
        self.sid = sid
        self.caller = caller
        self.role = role
        self.expires_at = expires_at
        """Seconds since the epoch; None for credentials that are checked otherwise."""
        self.status = PresenceStatus.ONLINE
        self.rooms: dict[str, Subscription] = {}
        self.waiting: deque[Waiting] = deque()
        self.working = False
        self.lagging_since: float | None = None
        self._transport = transport
        self._queued_bytes = 0
        self._answer_bytes = 0
        self._bucket = bucket
        self._close = close
        self._evict = evict

    @property
    def member_id(self) -> str:
        return self.caller.member_id

    @property
    def queued(self) -> int:
        size: int = self._transport.queue.qsize()
        return size

    @property
    def full(self) -> bool:
        """Whether answers are read so slowly that no further one should be made."""
        return self.queued > 0 and self._answer_bytes > MAX_ANSWER_BYTES

    def renew(self, caller: Caller, expires_at: float | None) -> None:
        """Go on with newer credentials of the same member."""
        self.caller, self.expires_at = caller, expires_at

    def close(self, reason: str, *, reconnect: bool) -> None:
        """Say why and end the connection, soon."""
        self._close(self, reason, reconnect)

    def admit(self, waiting: Waiting) -> None:
        """Queue a command, or refuse it: too many at once, too many a second, token expired."""
        if len(self.waiting) >= MAX_WAITING_COMMANDS:
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
        if self.expired(0) and waiting.name != "session.refresh":
            raise ApiError(ErrorCode.TOKEN_EXPIRED, "The access token has expired; send session.refresh.")
        self.waiting.append(waiting)

    def expired(self, grace: float) -> bool:
        return self.expires_at is not None and time.time() > self.expires_at + grace

    def hold(self, room: str) -> None:
        """Keep a room's events back until the reply to its join has gone out."""
        if room not in self.rooms and len(self.rooms) >= MAX_ROOMS:
            raise ApiError(
                ErrorCode.LIMIT_EXCEEDED,
                f"A connection can be in at most {MAX_ROOMS} rooms.",
                limit=MAX_ROOMS,
            )
        self.rooms[room] = Subscription()

    def release(self, room: str, head: int) -> None:
        """Send what came after `head`, which the reply covers, and from now on everything."""
        subscription = self.rooms.get(room)
        if subscription is None:
            return
        held, subscription.held = subscription.held or [], None
        subscription.seq = head
        for event, packet in held:
            if self.rooms.get(room) is subscription:
                self._pass_on(subscription, event, packet)

    def on_event(self, event: LoggedEvent, packet: Packet) -> None:
        """Take a room's next event: pass it on, or keep it until the join is answered."""
        subscription = self.rooms.get(event.room)
        if subscription is None:
            return
        if subscription.held is not None:
            subscription.held.append((event, packet))
        else:
            self._pass_on(subscription, event, packet)

    def on_ephemeral(self, room: str, packet: Packet) -> None:
        subscription = self.rooms.get(room)
        if subscription is not None and subscription.held is None and self.lagging_since is None:
            self._push(packet)

    def send(self, name: str, message: Any) -> None:
        """Send a message outside the log."""
        self._push(packets.event(name, encode(message)))

    def answer(self, ack: int | None, reply: Any) -> None:
        """Send the acknowledgement of a command, if it asked for one."""
        if self.queued > MAX_QUEUED + MAX_WAITING_COMMANDS:
            self.close("too_slow", reconnect=True)
        elif ack is not None:
            packet = packets.ack(ack, reply)
            self._answer_bytes = len(packet.data) + (self._answer_bytes if self.queued else 0)
            self._transport.queue.put_nowait(packet)

    def check(self, heads: Callable[[str], int | None], now: float) -> None:
        """Every second: end the connection if it must be, or tell it that it lags."""
        if self.expired(EXPIRY_GRACE_SECONDS):
            self.close("token_expired", reconnect=True)
        elif self.lagging_since is not None:
            if self.queued <= CAUGHT_UP:
                self.lagging_since = None
                self.send("lagging", {"heads": self.heads(heads)})
            elif now - self.lagging_since > MAX_LAG_SECONDS:
                self.close("too_slow", reconnect=True)

    def heads(self, heads: Callable[[str], int | None]) -> dict[str, int]:
        """The head of each room that this connection is in."""
        known = {room: heads(room) for room, sub in self.rooms.items() if sub.held is None}
        return {room: head for room, head in known.items() if head is not None}

    def _pass_on(self, subscription: Subscription, event: LoggedEvent, packet: Packet) -> None:
        if event.seq <= subscription.seq:
            return
        subscription.seq = event.seq
        if self.lagging_since is None:
            self._push(packet)
        # A newer node may record types that this one does not know.
        spec = EVENTS.get(event.type)
        if spec is not None and spec.evicts is not None and event.data[spec.evicts] == self.member_id:
            self._evict(self, event.room)

    def _push(self, packet: Packet) -> None:
        queued, size = self.queued, len(packet.data)
        if queued == 0:
            self._queued_bytes = 0
        if queued >= MAX_QUEUED or (queued and self._queued_bytes + size > MAX_QUEUED_BYTES):
            self.lagging_since = self.lagging_since or time.monotonic()
            return
        self._queued_bytes += size
        self._transport.queue.put_nowait(packet)
