"""From a commit anywhere to every member's connection here, in order and without gaps.

A feed is a live room on this node. Events reach it from this node's own commands, from other
nodes over the bus, and from PostgreSQL. It delivers the next seq, drops older ones, and where
one is missing it waits a moment and then reads it from the log. Nothing but PostgreSQL is trusted to
be complete: every two seconds the heads of all live rooms are compared.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol

import msgspec
import structlog

from persistence import log
from persistence.database import DATABASE_FAILURES, Pool
from protocol.registry import EVENTS
from protocol.rooms import LoggedEvent
from protocol.wire import encode
from server import metrics, packets
from server.audience import Audience, Tick
from server.bus import Bus
from server.connection import Connection
from server.tasks import Tasks

logger = structlog.get_logger(__name__)

HEADS_SECONDS = 2.0
PATIENCE_SECONDS = 0.05
"""How long an event that overtook another waits for it before the log is read."""
PENDING_LIMIT = 1_000


class Listener(Protocol):
    """Somebody in this process who is told of a room's events, each once and in order."""

    def on_event(self, event: LoggedEvent, /) -> None: ...

    def on_gap(self, room: str, /) -> None:
        """Events of the room were missed and cannot be had any more."""


class Envelope(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What travels between nodes on a room's channel: an event, or a message outside the log."""

    event: msgspec.Raw = msgspec.Raw(b"null")
    ephemeral: str | None = None
    node: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"null")


class Feed:
    """A live room: how far it was delivered, what came too early, and who hears of it."""

    __slots__ = ("audience", "listeners", "pending", "ready", "repairing", "room", "seq")

    def __init__(self, room: str, tick: Tick) -> None:
        self.room = room
        self.audience = Audience(tick)
        self.seq = -1
        """The seq delivered last; -1 until the head was read."""
        self.listeners: dict[Listener, None] = {}
        self.pending: dict[int, tuple[LoggedEvent, bytes]] = {}
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.repairing = False

    @property
    def deserted(self) -> bool:
        """Whether nobody hears of it, and it may end."""
        return not self.listeners and not self.audience and self.ready.done()


class Fanout:
    """This node's live rooms."""

    def __init__(self, pool: Pool, node_id: str) -> None:
        self._pool = pool
        self._node_id = node_id
        self._feeds: dict[str, Feed] = {}
        self._tasks = Tasks()
        self._bus: Bus | None = None
        self.tick = Tick()
        self.on_evicted: Callable[[str, str], None] | None = None
        """Told of a room and of whom the event that was delivered there last has shut out."""
        self.on_peer: Callable[[str, str, str, bytes], None] | None = None
        """Gets other nodes' messages outside the log: name, room, node, data."""
        self.delivered = 0
        self.repaired = 0

    def start(self, bus: Bus | None) -> None:
        self._bus = bus
        self._tasks.spawn(self._watch_heads(), "fanout heads")

    async def close(self) -> None:
        await self._tasks.close()

    @property
    def rooms(self) -> int:
        return len(self._feeds)

    def audience(self, room: str) -> Iterable[Connection]:
        """The connections in a room on this node."""
        feed = self._feeds.get(room)
        return feed.audience.members() if feed is not None else []

    def head(self, room: str) -> int | None:
        """The seq delivered last in a live room."""
        feed = self._feeds.get(room)
        return None if feed is None or feed.seq < 0 else feed.seq

    async def listen(self, room: str, listener: Listener) -> None:
        """Tell a listener of every event of a room that commits after this returns."""
        feed = self._feed(room)
        feed.listeners[listener] = None
        await asyncio.shield(feed.ready)

    def unlisten(self, room: str, listener: Listener) -> None:
        """Tell a listener no more."""
        if (feed := self._feeds.get(room)) is not None:
            feed.listeners.pop(listener, None)
            self._end_if_deserted(feed)

    async def hold(self, room: str, connection: Connection) -> None:
        """Keep for a connection every event of a room that commits after this returns."""
        feed = self._feed(room)
        connection.enter(room, feed.audience)
        feed.audience.hold(connection)
        await asyncio.shield(feed.ready)

    def release(self, room: str, connection: Connection, head: int) -> None:
        """Send a connection what was kept after `head`, and from now on everything."""
        feed = self._feeds.get(room)
        if feed is not None and not feed.audience.release(connection, head, feed.seq):
            self.leave(room, connection)

    def leave(self, room: str, connection: Connection) -> None:
        """Send a connection nothing more of a room; one that nobody is in is no longer live here."""
        connection.rooms.pop(room, None)
        if (feed := self._feeds.get(room)) is not None:
            feed.audience.remove(connection)
            self._end_if_deserted(feed)

    def _feed(self, room: str) -> Feed:
        feed = self._feeds.get(room)
        if feed is None:
            feed = self._feeds[room] = Feed(room, self.tick)
            # A task of its own: whoever asked first may be gone before the others have what they wait for.
            self._tasks.spawn(self._open(feed), "fanout open")
        return feed

    def _end_if_deserted(self, feed: Feed) -> None:
        if feed.deserted:
            self._drop(feed)

    async def _open(self, feed: Feed) -> None:
        try:
            if self._bus is not None:
                await self._bus.subscribe(feed.room)
            heads = await log.heads(self._pool, [feed.room])
        except asyncio.CancelledError:
            feed.ready.cancel()
            raise
        except Exception as error:  # noqa: BLE001 -- raised in those who wait
            self._drop(feed)
            feed.ready.set_exception(error)
            # Also where nobody waits any more.
            feed.ready.exception()
            return
        # Whatever arrived meanwhile waits in `pending`; what the head covers is dropped.
        feed.seq = heads.get(feed.room, 0)
        feed.ready.set_result(None)
        self._drain(feed)
        self._end_if_deserted(feed)

    def _drop(self, feed: Feed) -> None:
        # An eviction while events are drained may have come first.
        if self._feeds.get(feed.room) is feed:
            del self._feeds[feed.room]
            if self._bus is not None:
                self._tasks.spawn(self._unsubscribe(self._bus, feed.room), "bus unsubscribe")

    async def _unsubscribe(self, bus: Bus, room: str) -> None:
        # The room may have come back to life before this task ran.
        if room not in self._feeds:
            await bus.unsubscribe(room)

    def publish(self, events: list[LoggedEvent]) -> None:
        """Deliver committed events here and send them to the other nodes."""
        for event in events:
            raw = encode(event)
            self.receive(event, raw)
            if self._bus is not None:
                self._bus.publish(event.room, msgspec.json.encode(Envelope(event=msgspec.Raw(raw))))

    def tell(self, name: str, room: str, data: bytes, *, here: bool = True, elsewhere: bool = True) -> None:
        """Send a message outside the log to those in a room, on this node and on the others."""
        if here and (feed := self._feeds.get(room)) is not None:
            feed.audience.tell(packets.event(name, data, passing=True))
        if elsewhere and self._bus is not None:
            envelope = Envelope(ephemeral=name, node=self._node_id, data=msgspec.Raw(data))
            self._bus.publish(room, msgspec.json.encode(envelope))

    def on_message(self, room: str, payload: bytes) -> None:
        """A message from the bus."""
        try:
            envelope = msgspec.json.decode(payload, type=Envelope)
            if envelope.ephemeral is None:
                raw = bytes(envelope.event)
                self.receive(msgspec.json.decode(raw, type=LoggedEvent), raw)
                return
        except msgspec.MsgspecError as error:
            logger.warning("bus_message_malformed", room=room, error=str(error))
            return
        if envelope.node != self._node_id and self.on_peer is not None:
            self.on_peer(envelope.ephemeral, room, envelope.node or "", bytes(envelope.data))

    def receive(self, event: LoggedEvent, raw: bytes) -> None:
        """Take an event from anywhere: deliver it if it is next, keep it if it is early."""
        feed = self._feeds.get(event.room)
        if feed is None or (feed.seq >= 0 and event.seq <= feed.seq):
            return
        if feed.seq >= 0 and event.seq == feed.seq + 1:
            feed.seq = event.seq
            self._deliver(feed, event, raw)
        elif len(feed.pending) < PENDING_LIMIT:
            feed.pending[event.seq] = (event, raw)
        if feed.seq >= 0 and feed.pending:
            self._drain(feed)
            if feed.pending:
                self._repair_soon(feed)

    def repair_all(self) -> None:
        """Look for missed events in every live room, at once."""
        self._tasks.spawn(self._compare_heads(), "fanout heads")

    def _drain(self, feed: Feed) -> None:
        while (early := feed.pending.pop(feed.seq + 1, None)) is not None:
            feed.seq += 1
            self._deliver(feed, *early)
        for seq in [seq for seq in feed.pending if seq <= feed.seq]:
            del feed.pending[seq]

    def _deliver(self, feed: Feed, event: LoggedEvent, raw: bytes) -> None:
        feed.audience.deliver(event.seq, packets.event("event", raw))
        self.delivered += 1
        for listener in list(feed.listeners):
            try:
                listener.on_event(event)
            except Exception:
                # A fault of ours, and the others must not miss the event for it.
                metrics.errors.labels("fanout").inc()
                logger.exception("listener_failed", type=event.type)
        # A newer node may record types that this one does not know.
        spec = EVENTS.get(event.type)
        if spec is not None and spec.evicts is not None and self.on_evicted is not None:
            named = event.data[spec.evicts]
            for member_id in named if isinstance(named, list) else [named]:
                self.on_evicted(event.room, member_id)

    def _repair_soon(self, feed: Feed) -> None:
        if not feed.repairing:
            feed.repairing = True
            self._tasks.spawn(self._repair(feed), "fanout repair")

    async def _repair(self, feed: Feed) -> None:
        """Read what is missing from the log. If that fails, the next look at the heads tries again."""
        try:
            await asyncio.sleep(PATIENCE_SECONDS)
            # The head is asked for first, so that what the log lacks after that is gone from it.
            while (head := (await log.heads(self._pool, [feed.room])).get(feed.room, 0)) > feed.seq:
                before = feed.seq
                for event in await log.read(self._pool, feed.room, before):
                    if event.seq == feed.seq + 1:
                        feed.pending.setdefault(event.seq, (event, msgspec.json.encode(event)))
                        self._drain(feed)
                        self.repaired += 1
                if feed.seq == before:
                    self._skip(feed, head)
        except DATABASE_FAILURES as error:
            logger.warning("repair_failed", room=feed.room, error=repr(error))
        finally:
            feed.repairing = False

    def _skip(self, feed: Feed, head: int) -> None:
        """Go on at the head: what lies before it has been forgotten, so everybody here starts afresh."""
        logger.warning("log_forgot_what_was_missed", room=feed.room, after=feed.seq, head=head)
        feed.seq = head
        for listener in list(feed.listeners):
            listener.on_gap(feed.room)
        for connection in feed.audience.members():
            connection.close("behind", reconnect=True)
        self._drain(feed)

    async def _watch_heads(self) -> None:
        while True:
            await asyncio.sleep(HEADS_SECONDS)
            await self._compare_heads()

    async def _compare_heads(self) -> None:
        live = {room: feed.seq for room, feed in self._feeds.items() if feed.seq >= 0}
        if not live:
            return
        try:
            ahead = await log.ahead(self._pool, live)
        except DATABASE_FAILURES as error:
            logger.warning("heads_unread", error=repr(error))
            return
        for room in ahead:
            feed = self._feeds.get(room)
            # What has come meanwhile is no news.
            if feed is not None and feed.seq == live[room]:
                self._repair_soon(feed)
