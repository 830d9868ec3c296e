"""Keeps one client connected: signs in, connects, renews the access token, and comes back after a loss.

Everything that needs the connection runs in a task group that lives as long as the connection does, so
nothing of it survives a loss by accident.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Any

import aiohttp
import msgspec

from ymera_client.backoff import full_jitter
from ymera_client.errors import (
    Forbidden,
    TokenExpired,
    Unauthenticated,
    Unavailable,
    UnsupportedProtocol,
    YmeraError,
)
from ymera_client.generated import SessionRefresh
from ymera_client.outbox import retry_after
from ymera_client.rest import Rest
from ymera_client.session import Session
from ymera_client.transport import Connection, Receive, connected

STABLE = 10.0
"""Seconds after which a connection counts as good, so that the waits begin small again."""
RENEW_AT = 0.8
"""The part of an access token's life after which it is renewed."""

Work = Callable[[Connection], Coroutine[Any, Any, None]]


class Dismissed(Unauthenticated):
    """The server ended the connection and does not want this client back."""


class Link:
    """A connection that is there again after it was lost.

    `on_ready` is told of each new one, and gives the work to do while it lasts; `on_message` gets what the
    server sends by itself; `on_lost` is told when a connection or an attempt at one has failed.
    """

    def __init__(
        self,
        url: str,
        session: Session,
        *,
        on_ready: Callable[[Connection], Awaitable[list[Work]]],
        on_message: Receive,
        on_lost: Callable[[YmeraError], None],
    ) -> None:
        self.connection: Connection | None = None
        self._url = url
        self._session = session
        self._rest: Rest
        self._on_ready = on_ready
        self._on_message = on_message
        self._on_lost = on_lost
        self._group: asyncio.TaskGroup | None = None
        self._up = asyncio.Event()
        self.ended: YmeraError | None = None
        """Why there will be no connection any more."""
        self._refused: str | None = None
        """The token that was turned down just now."""

    async def run(self) -> None:
        """Stay connected until ended and cancelled, or until there is no point: then the reason is raised."""
        async with aiohttp.ClientSession() as http:
            self._rest = Rest(self._url, http)
            try:
                await self._stay_connected()
            finally:
                await self._session.end(self._rest)

    def spawn(self, work: Work) -> None:
        """Do this while the present connection lasts. Nothing happens while there is none."""
        if self.connection is not None and self._group is not None:
            self._group.create_task(self._do(work, self.connection))

    def end(self, error: YmeraError) -> None:
        """There will be no connection any more: whoever waits for one gets `error`."""
        self.ended = error
        self._up.set()

    async def live(self, *, wait: bool) -> Connection:
        """The connection. Unavailable if there is none; with `wait`, the next one is waited for."""
        while True:
            if self.ended is not None:
                raise self.ended.with_traceback(None)
            if self.connection is not None and not self.connection.dropped.done():
                return self.connection
            if not wait:
                raise Unavailable("There is no connection to the server at the moment.")
            self._up.clear()
            await self._up.wait()

    async def renew(self, connection: Connection) -> None:
        """Get the connection a new access token. Unauthenticated if there is none to be had."""

        async def in_band(command: SessionRefresh) -> Any:
            plain = msgspec.to_builtins(command)
            return await connection.answer(await connection.send(command.WIRE_NAME, plain))

        connection.token = await self._session.renew(connection.token, self._rest, in_band)

    async def bearer(self, rest: Rest, stale: str | None = None) -> str:
        """An access token for requests beside the connection; a newer one than `stale`, if that is given.

        While there is a connection, it is renewed together with it. Unauthenticated if none is to be had.
        """
        if self.connection is None or self.connection.dropped.done():
            return await (self._session.token(rest) if stale is None else self._session.renew(stale, rest))
        if stale is not None and stale == self.connection.token:
            await self.renew(self.connection)
        return self.connection.token

    async def _stay_connected(self) -> None:
        attempt = 0
        # A task group that fails while it is cancelled reports the failure alone, so a cancellation may not
        # arrive here; that the link has ended does.
        while self.ended is None:
            started, token = time.monotonic(), None
            try:
                token = await self._token()
                await self._once(token)
            except YmeraError as error:
                if self._final(error, token):
                    raise
                self._refused = token if isinstance(error, TokenExpired | Unauthenticated) else None
                self._on_lost(error)
                attempt = 0 if time.monotonic() - started > STABLE else attempt
                await asyncio.sleep(full_jitter(attempt, at_least=retry_after(error)))
                attempt += 1

    async def _token(self) -> str:
        if self._refused is None:
            return await self._session.token(self._rest)
        return await self._session.renew(self._refused, self._rest)

    def _final(self, error: YmeraError, token: str | None) -> bool:
        """Whether trying again is pointless. A refused token is worth one renewal, if it can be renewed."""
        if token is None:
            return not error.retryable
        if isinstance(error, TokenExpired | Unauthenticated):
            again = self._session.renewable and self._refused is None
            return isinstance(error, Dismissed) or not again
        return isinstance(error, UnsupportedProtocol | Forbidden)

    async def _once(self, token: str) -> None:
        """Connect and do the work until the connection is lost. Always raises why it was."""
        async with connected(self._url, token, self._rest.http, self._on_message) as connection:
            self._refused = None
            work = await self._on_ready(connection)
            self.connection = connection
            self._up.set()
            try:
                async with asyncio.TaskGroup() as group:
                    self._group = group
                    for each in (_watch, self._keep_fresh, *work):
                        group.create_task(self._do(each, connection))
            except BaseExceptionGroup as failures:
                raise _cause(failures) from None
            finally:
                self.connection = self._group = None

    async def _do(self, work: Work, connection: Connection) -> None:
        try:
            await work(connection)
        except BaseException:
            # The whole group ends now, and takes nothing more.
            self._group = None
            raise

    async def _keep_fresh(self, connection: Connection) -> None:
        """Renew the access token in good time, for as long as it has an end."""
        failures = 0
        while (seconds := self._session.seconds_left) is not None:
            await asyncio.sleep(max(seconds, 1.0) * RENEW_AT)
            try:
                await self.renew(connection)
                failures = 0
            except YmeraError as error:
                if not error.retryable:
                    raise
                await asyncio.sleep(full_jitter(failures, at_least=retry_after(error)))
                failures += 1


async def _watch(connection: Connection) -> None:
    """Wait until the connection is gone, then raise what that means."""
    await asyncio.wait({connection.dropped})
    connection.dropped.result()
    farewell = connection.farewell
    if farewell is not None and not farewell.reconnect:
        raise Dismissed(f"The server ended the connection for good: {farewell.reason}.")
    if farewell is not None and farewell.reason == "token_expired":
        raise TokenExpired("The server ended the connection, since its access token ran out.")
    raise Unavailable("The connection to the server was lost.")


def _cause(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error that ended the work: the first that forbids going on, else the first; faults stay a group."""
    _, faults = failures.split(YmeraError)
    if faults is not None:
        return failures
    errors = list(_leaves(failures))
    return next((error for error in errors if not getattr(error, "retryable", False)), errors[0])


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error
