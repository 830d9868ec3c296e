"""What all handles on one room share: its state, its subscribers, and the work of keeping it in step.

A feed outlives connections. It applies what arrives, asks for what is missing while a connection is up,
and tells whoever watches.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Protocol

from ymera_client.backoff import full_jitter
from ymera_client.delivery import Renew
from ymera_client.errors import EventsMissed, Evicted, Forbidden, NotFound, TokenExpired, YmeraError
from ymera_client.fold import Snapshot, State
from ymera_client.generated import LoggedEvent, Presence, PresenceStatus, RoomJoin, RoomKind, Typing
from ymera_client.listeners import Listeners, Stop
from ymera_client.outbox import retry_after
from ymera_client.overlay import Optimistic, Overlays
from ymera_client.sync import Progress, Request, RoomSync
from ymera_client.transport import Connection

TYPING_SECONDS = 6.0
"""How long somebody who says nothing more counts as typing."""
OVERLAY_SECONDS = 2.0
"""How long an optimistic change is shown after its command was carried out, if its event does not come."""


class Source(Protocol):
    """What makes a state of a log whose events mean nothing as they stand: a sealed room."""

    @property
    def state(self) -> State:
        """What the log amounts to."""

    @property
    def known(self) -> bool:
        """Whether the state means something."""

    @property
    def caught_up(self) -> bool:
        """Whether all that the server is known to have is in the state."""

    def receive(self, events: Iterable[LoggedEvent]) -> None:
        """Events of the log came in."""

    def fall_behind(self) -> None:
        """The log was joined: there may be more of it."""


Sealed = Callable[[str], Source]
"""Gives the source of a sealed room; raises why there is none."""


class EventStream(AsyncIterator[LoggedEvent]):
    """The events of a room from now on, in order and without a hole.

    It outlives lost connections. It ends when the room's handle is closed; it raises EventsMissed after
    the last event before a hole, Evicted when you are removed from the room.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._events: deque[LoggedEvent] = deque()
        self._arrived = asyncio.Event()
        self._end: BaseException | None = None

    async def __anext__(self) -> LoggedEvent:
        while not self._events:
            if self._end is not None:
                raise self._end.with_traceback(None)
            self._arrived.clear()
            await self._arrived.wait()
        return self._events.popleft()

    @property
    def ended(self) -> bool:
        """Whether nothing more will come than what is already here."""
        return self._end is not None

    def push(self, events: Sequence[LoggedEvent]) -> None:
        """Add events; a reader that is too far behind loses them and is told."""
        if self.ended:
            return
        room_left = self._limit - len(self._events)
        self._events.extend(events[:room_left])
        self._arrived.set()
        if len(events) > room_left:
            self.end(
                EventsMissed(
                    f"{self._limit} events wait to be read. Read faster; now read the room's state "
                    "and take a new stream."
                )
            )

    def end(self, reason: BaseException) -> None:
        """Let the reader have what is here, then raise `reason`."""
        if not self.ended:
            self._end = reason
            self._arrived.set()


class Feed:
    """One room, shared by all its handles. `progressed` is told after everything that arrived for it.

    Of a sealed room the events as they stand go to a `source`, which shows what they amount to.
    """

    def __init__(
        self, room: str, progressed: Callable[["Feed", Progress], None], sealed: Sealed, source: Source | None
    ) -> None:
        self.room = room
        self.sync = RoomSync(room)
        self._sealed = sealed
        self._source = source
        self.failure: YmeraError | None = None
        """Why the room cannot be followed any more."""
        self.holders = 0
        self._begun = False
        self._over = False
        self.presence: dict[str, PresenceStatus] = {}
        self._typing: dict[tuple[str, str | None], float] = {}
        self._me: str | None = None
        self._overlays = Overlays()
        self._overlay_timers: dict[str, asyncio.TimerHandle] = {}
        self._shown: Snapshot | None = None
        self._streams: list[EventStream] = []
        self._listeners = Listeners()
        self._wake = asyncio.Event()
        self._progressed = progressed

    @property
    def state(self) -> State:
        """What the room's log amounts to, without the changes of pending commands."""
        return self.sync.state if self._source is None else self._source.state

    @property
    def known(self) -> bool:
        """Whether the state means something."""
        return self.sync.known if self._source is None else self._source.known

    @property
    def caught_up(self) -> bool:
        """Whether nothing is known to be missing, now or ever again."""
        followed = self.sync.caught_up and (self._source is None or self._source.caught_up)
        return self.failure is not None or followed

    @property
    def shown(self) -> Snapshot:
        """The confirmed state with the changes of pending commands over it."""
        if self._shown is None:
            self._shown = self._overlays.over(self.state.snapshot())
        return self._shown

    @property
    def typing(self) -> frozenset[tuple[str, str | None]]:
        """Who types, as (member id, id of the thread or None)."""
        now = time.monotonic()
        return frozenset(who for who, until in self._typing.items() if until > now)

    async def follow(self, connection: Connection, lane: asyncio.Semaphore, renew: Renew) -> None:
        """Keep the room in step over this connection until cancelled, or until the room is lost."""
        self._me = connection.ready.me.id
        while not self._over:
            if (request := self.sync.wanted()) is None:
                self._wake.clear()
                await self._wake.wait()
                continue
            asked = 0.0
            try:
                async with lane:
                    await self._ask(connection, request)
            except TokenExpired:
                self.sync.failed()
                await renew()
            except YmeraError as error:
                asked = retry_after(error)
                self.sync.failed()
                if not error.retryable:
                    self.fail(self._loss(error))
            if self.sync.stalls and not self._over:
                await asyncio.sleep(full_jitter(self.sync.stalls - 1, at_least=asked))

    def receive(self, events: Iterable[LoggedEvent]) -> None:
        """Events came in."""
        self._absorb(self.sync.receive(events))
        self._wake.set()

    def hear(self, head: int) -> None:
        """The server says how far the log goes."""
        self.sync.hear(head)
        self._wake.set()

    def see(self, presence: Presence) -> None:
        """Somebody came, left or changed."""
        self.presence = {who: s for who, s in self.presence.items() if who not in presence.left}
        self.presence.update(presence.joined)
        self.notify()

    def see_typing(self, typing: Typing) -> None:
        """Somebody types, or stopped."""
        now = time.monotonic()
        self._typing = {who: until for who, until in self._typing.items() if until > now}
        self._typing.pop((typing.member_id, typing.thread_id), None)
        if typing.typing:
            self._typing[typing.member_id, typing.thread_id] = now + TYPING_SECONDS
        self.notify()

    def detach(self) -> None:
        """The connection is gone: who is there is not known any more."""
        self.sync.detach()
        self.presence = {}
        self._typing = {}
        self.notify()

    def lay_over(self, command_id: str, changes: Iterable[Optimistic]) -> None:
        """Show a command's changes from now on."""
        self._overlays.add(command_id, changes, self.state.cursor)
        self.notify()

    def settle(self, command_id: str, error: YmeraError | None) -> None:
        """A command was refused: take its changes back; or carried out: until its event is here."""
        if command_id not in self._overlays:
            return
        if error is None and self._overlays.acknowledge(command_id):
            loop = asyncio.get_running_loop()
            timer = loop.call_later(OVERLAY_SECONDS, self._uncover, command_id)
            self._overlay_timers[command_id] = timer
        else:
            self._uncover(command_id)

    def fail(self, error: YmeraError) -> None:
        """The room is lost, or the client: everybody who waits for something here gets `error`."""
        if self.failure is None:
            self.failure = error
            self._finish(error)

    def close(self) -> None:
        """The last handle is gone: follow no longer."""
        self._finish(StopAsyncIteration())

    def stream(self, limit: int) -> EventStream:
        """A new stream of events from here on."""
        stream = EventStream(limit)
        if self.failure is not None:
            stream.end(self.failure)
        self._streams = [other for other in self._streams if not other.ended] + [stream]
        return stream

    def listen(self, listener: Callable[[], None]) -> Stop:
        """Call `listener` on every change, until what is returned is called."""
        return self._listeners.add(listener)

    def notify(self) -> None:
        """Something that can be seen has changed."""
        self._shown = None
        self._listeners.tell()

    async def _ask(self, connection: Connection, request: Request) -> None:
        if isinstance(request, RoomJoin):
            answer = await connection.request(request)
            if answer.kind is RoomKind.SEALED and self._source is None:
                self._source = self._sealed(self.room)
            progress = self.sync.joined(answer)
            if self._source is not None:
                self._source.fall_behind()
        else:
            progress = self.sync.pulled(await connection.request(request))
        self._absorb(progress)

    def show(self, events: Sequence[LoggedEvent]) -> None:
        """The source has made these events of what arrived, or its state has changed otherwise."""
        self._tell(Progress(list(events)))

    def _absorb(self, progress: Progress) -> None:
        if self._source is not None:
            self._source.receive(progress.events)
            self._progressed(self, Progress())
        else:
            self._tell(progress)

    def _tell(self, progress: Progress) -> None:
        if progress.reset:
            self._overlays.arrive(self.state.cursor)
            first, self._begun = not self._begun, True
            if not first:
                self._end_streams(
                    EventsMissed(
                        "The room's state was replaced as a whole, since too much had happened. "
                        "Read the state again and take a new stream."
                    )
                )
        for event in progress.events:
            if event.actor == self._me:
                self._overlays.arrive(event.seq)
        for stream in self._streams:
            stream.push(progress.events)
        self.notify()
        self._progressed(self, progress)

    def _uncover(self, command_id: str) -> None:
        if (timer := self._overlay_timers.pop(command_id, None)) is not None:
            timer.cancel()
        self._overlays.remove(command_id)
        self.notify()

    def _loss(self, error: YmeraError) -> YmeraError:
        if self.known and isinstance(error, NotFound | Forbidden):
            return Evicted(f"You have no access to room {self.room} any more.", data={"room": self.room})
        return error

    def _end_streams(self, reason: BaseException) -> None:
        streams, self._streams = self._streams, []
        for stream in streams:
            stream.end(reason)

    def _finish(self, reason: BaseException) -> None:
        self._over = True
        self._end_streams(reason)
        for timer in self._overlay_timers.values():
            timer.cancel()
        self._overlay_timers.clear()
        self._wake.set()
        self.notify()
