"""Rooms as programs see them: state that follows the log by itself, events, who is there."""

import asyncio
from collections.abc import Callable, Mapping
from types import MappingProxyType, TracebackType
from typing import Protocol, Self, TypeVar

import msgspec

from ymera_client.errors import Forbidden, NotFound
from ymera_client.feed import EventStream, Feed
from ymera_client.fold import Snapshot
from ymera_client.generated import COLLECTIONS, Entity, PresenceStatus
from ymera_client.listeners import Stop

T = TypeVar("T")
E = TypeVar("E", bound=Entity)

MAX_UNREAD = 2_500
"""Events that a stream keeps for its reader: what one catching-up can bring, and then some."""
_NAMES = {rule.entity: name for name, rule in COLLECTIONS.items()}


class Holder(Protocol):
    """Where handles give their feed back."""

    async def release(self, feed: Feed) -> None:
        """A handle is done with the feed."""


class LiveRoom:
    """A handle on a room that stays up to date by itself, from `client.room(id)`.

    As `async with`, it is ready inside the block: the state is there. Otherwise await `ready()` first
    and `close()` at the end.
    """

    def __init__(self, feed: Feed, holder: Holder) -> None:
        self._feed = feed
        self._holder = holder
        self.open = True
        """Whether `close` has not been called yet."""
        self._streams: list[EventStream] = []
        self._stops: list[Stop] = []
        feed.holders += 1

    async def __aenter__(self) -> Self:
        try:
            await self.ready()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def id(self) -> str:
        """The room's id; a project's room has the project's."""
        return self._feed.room

    @property
    def state(self) -> Snapshot:
        """What the room holds now: entities as plain JSON values, by id, by collection.

        The changes of commands still on their way are included. A snapshot never changes; read the
        property again for a newer one. Evicted once you have been removed from the room.
        """
        if isinstance(self._feed.failure, NotFound | Forbidden):
            raise self._feed.failure.with_traceback(None)
        return self._feed.shown

    @property
    def known(self) -> bool:
        """Whether there has been a first state."""
        return self._feed.known

    @property
    def cursor(self) -> int:
        """The seq of the last event that the state includes."""
        return self._feed.state.cursor

    @property
    def presence(self) -> Mapping[str, PresenceStatus]:
        """Who is in the room now, by member id. Empty while there is no connection."""
        return MappingProxyType(self._feed.presence)

    @property
    def typing(self) -> frozenset[tuple[str, str | None]]:
        """Who types now, as (member id, id of the thread or None)."""
        return self._feed.typing

    def get(self, kind: type[E], key: str) -> E | None:
        """The entity of this type and id, None if the room has none: `room.get(Task, task_id)`."""
        plain = self.state[_collection(kind)].get(key)
        return None if plain is None else msgspec.convert(plain, kind)

    def all(self, kind: type[E]) -> list[E]:
        """All entities of this type, in no particular order: `room.all(Task)`."""
        return [msgspec.convert(plain, kind) for plain in self.state[_collection(kind)].values()]

    def events(self, limit: int = MAX_UNREAD) -> EventStream:
        """The events from this call on; at most `limit` are kept for a reader that lags."""
        self._check_open()
        self._streams = [stream for stream in self._streams if not stream.ended]
        self._streams.append(self._feed.stream(limit))
        return self._streams[-1]

    def subscribe(self, listener: Callable[[], None]) -> Stop:
        """Call `listener` after each change of state, presence or typing, until the result is called."""
        stop = self._feed.listen(listener)
        self._stops.append(stop)
        return stop

    async def ready(self) -> None:
        """Wait for the first state. NotFound if there is no such room for you."""
        await self._until(lambda: self._feed.known, None)

    async def wait_for(self, predicate: Callable[["LiveRoom"], T], timeout: float | None = None) -> T:  # noqa: ASYNC109 - part of the promise
        """The first true result of `predicate`, which is tried now and after every change.

        TimeoutError after `timeout` seconds; Evicted when you are removed from the room.
        """
        return await self._until(lambda: predicate(self), timeout)

    async def close(self) -> None:
        """End the handle's streams and subscriptions. After its last handle the room is not followed."""
        if self.open:
            self.open = False
            for stream in self._streams:
                stream.end(StopAsyncIteration())
            for stop in self._stops:
                stop()
            # Those who wait for something here find that it is closed.
            self._feed.notify()
            await self._holder.release(self._feed)

    def _check_open(self) -> None:
        if not self.open:
            raise RuntimeError(f"This handle on room {self.id} is closed. Take another one: client.room(id).")

    async def _until(self, check: Callable[[], T], seconds: float | None) -> T:
        changed = asyncio.Event()
        stop = self._feed.listen(changed.set)
        try:
            async with asyncio.timeout(seconds):
                while True:
                    changed.clear()
                    self._check_open()
                    if self._feed.failure is not None:
                        raise self._feed.failure.with_traceback(None)
                    if result := check():
                        return result
                    await changed.wait()
        finally:
            stop()


def _collection(kind: type[Entity]) -> str:
    if (name := _NAMES.get(kind)) is None:
        raise TypeError(f"Rooms hold no {kind.__name__}; they hold {', '.join(k.__name__ for k in _NAMES)}.")
    return name
