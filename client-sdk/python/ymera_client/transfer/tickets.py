"""What is kept of uploads, from before they begin until they are over, so that a later process can go on.

One upload at a time has a ticket. What cannot be read again is given one that nobody can go on with, and is
ended on the server too when it fails.
"""

import asyncio
import functools
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Generic, Protocol, TypeVar

import msgspec

from ymera_client.errors import YmeraError
from ymera_client.transfer.sources import Source
from ymera_client.transfer.uploads import Keep, Ticket, terminate
from ymera_client.wire import Wire

END_TIMEOUT = 5.0
"""Seconds that ending on the server what has failed here may take."""

T = TypeVar("T", bound=Ticket)


class Notes(Protocol):
    """Where tickets are kept."""

    async def note(self, key: str, text: str | None) -> None:
        """Keep a text by this key, in place of the one before; None forgets it."""

    async def noted(self, key: str) -> str | None:
        """The text that is kept by this key."""


class Tickets(Generic[T]):
    """The tickets of one kind of one account's uploads."""

    def __init__(self, wire: Wire, notes: Notes, shape: type[T]) -> None:
        self._wire = wire
        self._notes = notes
        self._shape = shape
        self._under_way: set[str] = set()
        self._ending: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def taken(
        self, source: Source, room: str, fits: Callable[[T], bool], new: Callable[[], Awaitable[T]]
    ) -> AsyncIterator[tuple[T, Keep]]:
        """The ticket of an upload: an earlier one's if it fits, else a new one. Kept until all is over."""
        key = await self._key(source, room)
        if key is None or key in self._under_way:
            async with self._passing(await new()) as passing:
                yield passing, _forgetful
            return
        self._under_way.add(key)
        try:
            left = await self._left(key)
            ticket = left if left is not None and fits(left) else await new()
            keep = functools.partial(self._keep, key, ticket)
            await keep()
            yield ticket, keep
            await self._notes.note(key, None)
        finally:
            self._under_way.discard(key)

    async def abort(self, source: Source, room: str) -> None:
        """End an upload that was left: what has come of it is thrown away."""
        key = await self._key(source, room)
        if key is not None and (ticket := await self._left(key)) is not None:
            await terminate(self._wire, ticket)
            await self._notes.note(key, None)

    @asynccontextmanager
    async def _passing(self, ticket: T) -> AsyncIterator[T]:
        """A ticket that nobody can go on with: what fails is ended on the server too, if it soon can be."""
        try:
            yield ticket
        except BaseException as error:
            ending = asyncio.create_task(self._end(ticket))
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)
            # Who cancels does not wait for it.
            if not isinstance(error, asyncio.CancelledError):
                await asyncio.wait({ending})
            raise

    async def _end(self, ticket: T) -> None:
        with suppress(YmeraError, TimeoutError):
            async with asyncio.timeout(END_TIMEOUT):
                await terminate(self._wire, ticket)

    async def _keep(self, key: str, ticket: T) -> None:
        await self._notes.note(key, msgspec.json.encode(ticket).decode())

    async def _left(self, key: str) -> T | None:
        """The ticket of an earlier upload that was not brought to its end."""
        noted = await self._notes.noted(key)
        # One that an other version of this package has left cannot be gone on with.
        with suppress(msgspec.MsgspecError):
            return None if noted is None else msgspec.json.decode(noted, type=self._shape)
        return None

    async def _key(self, source: Source, room: str) -> str | None:
        identity = await source.identity()
        if identity is None:
            return None
        return hashlib.sha256(
            f"{self._wire.url} {room} {identity}".encode(errors="surrogateescape")
        ).hexdigest()


async def _forgetful() -> None:
    """Keeps nothing, for what no later process can go on with."""
