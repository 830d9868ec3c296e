"""Gets writing commands carried out exactly once: kept in the outbox, sent, and sent again until settled.

The outbox decides what goes when; this module moves it between the store, the connection and whoever
awaits the result. A command that nobody awaits any more is still carried out.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from ymera_client.errors import E2eeRoom, TokenExpired, TooLarge, YmeraError
from ymera_client.outbox import Entry, Outbox
from ymera_client.storage import Store
from ymera_client.transport import Connection

log = logging.getLogger(__name__)

Renew = Callable[[], Awaitable[None]]
"""Gets the connection a new access token."""
Settled = Callable[[str, YmeraError | None], None]
"""Told each settled command's id, with the error if it was refused."""
Rejected = Callable[[Entry, YmeraError], None]
"""Told a refused command that nobody awaits."""
Withheld = Callable[[Entry], YmeraError | None]
"""Says why a command must not be sent, if it must not."""


class Delivery:
    """The commands that wait to be carried out, and those who await them."""

    def __init__(
        self,
        store: Store,
        *,
        settled: Settled,
        rejected: Rejected,
        changed: Callable[[], None],
        withheld: Withheld,
    ) -> None:
        self._store = store
        self._outbox = Outbox()
        self._awaited: dict[str, asyncio.Future[Any]] = {}
        self._backlog: set[str] = set()
        self._wake = asyncio.Event()
        self._keeping = asyncio.Lock()
        """Taken in turn, so that commands are queued in the order of the calls."""
        self._abandoned: YmeraError | None = None
        self._settled = settled
        self._rejected = rejected
        self._changed = changed
        self._withheld = withheld

    @property
    def queued(self) -> int:
        """Commands not settled yet."""
        return len(self._outbox)

    @property
    def caught_up(self) -> bool:
        """Whether all that was queued before the connection came up is settled."""
        return not self._backlog

    async def load(self) -> None:
        """Open the store and take up what an earlier client left."""
        self._outbox = Outbox(await self._store.load())

    async def claim(self, member_id: str) -> None:
        """Make sure that the queued commands are this member's. Forbidden if they are not."""
        await self._store.claim(member_id)

    async def submit(self, entry: Entry, kept: Callable[[], None]) -> Any:
        """Keep a command and wait for its result or its final refusal. Giving up waiting does not stop it.

        `kept` is called once it is sure to be sent. LimitExceeded when too many wait already. Cancelled
        before the command is kept, it is not sent.
        """
        async with self._keeping:
            self._refuse_abandoned()
            self._outbox.check(entry)
            await self._keep(entry)
            self._refuse_abandoned()
            result: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
            self._awaited[entry.command_id] = result
            self._outbox.add(entry)
        kept()
        self._wake.set()
        self._changed()
        try:
            return await result
        finally:
            self._awaited.pop(entry.command_id, None)

    async def pump(self, connection: Connection, renew: Renew) -> None:
        """Send over this connection until cancelled."""
        self._outbox.disconnect()
        self._backlog = set(self._outbox)
        self._changed()
        async with asyncio.TaskGroup() as group:
            while True:
                self._wake.clear()
                self.expire()
                now = time.monotonic()
                if (entry := self._outbox.next(now)) is not None:
                    try:
                        if (reason := self._withheld(entry)) is not None:
                            raise reason
                        acknowledgement = await connection.send(entry.name, entry.payload)
                    except (TooLarge, E2eeRoom) as error:
                        self._outbox.remove(entry.command_id)
                        self._finish(entry, None, error)
                    else:
                        group.create_task(self._settle(entry, connection, acknowledgement, renew))
                else:
                    await self._sleep(self._outbox.held_until - now)

    def expire(self) -> None:
        """Give up on commands that have waited for too long."""
        for entry, error in self._outbox.expire(time.time()):
            self._finish(entry, None, error)

    def abandon(self, error: YmeraError) -> None:
        """Stop waiting: everybody who awaits a result gets `error`. What is queued stays in the store."""
        self._abandoned = error
        for awaited in self._awaited.values():
            if not awaited.done():
                awaited.set_exception(error)

    async def close(self) -> None:
        """Let go of the store."""
        await self._store.close()

    def _refuse_abandoned(self) -> None:
        if self._abandoned is not None:
            raise self._abandoned.with_traceback(None)

    async def _keep(self, entry: Entry) -> None:
        try:
            await self._store.append(entry)
        except BaseException:
            # Nobody was told that it would be carried out, so it must not be.
            self._store.remove(entry.command_id)
            raise

    async def _settle(
        self, entry: Entry, connection: Connection, acknowledgement: asyncio.Future[Any], renew: Renew
    ) -> None:
        try:
            result = await connection.answer(acknowledgement)
        except YmeraError as error:
            final = self._outbox.fail(entry.command_id, error, time.monotonic())
            if final:
                self._finish(entry, None, error)
            elif isinstance(error, TokenExpired):
                await renew()
        else:
            self._outbox.remove(entry.command_id)
            self._finish(entry, result, None)
        self._wake.set()

    def _finish(self, entry: Entry, result: Any, error: YmeraError | None) -> None:
        self._store.remove(entry.command_id)
        self._backlog.discard(entry.command_id)
        self._settled(entry.command_id, error)
        awaited = self._awaited.get(entry.command_id)
        if awaited is not None and not awaited.done():
            if error is None:
                awaited.set_result(result)
            else:
                awaited.set_exception(error)
        elif error is not None:
            log.warning("%s was refused (%s) and nobody awaits it.", entry.name, error.code)
            self._rejected(entry, error)
        self._changed()

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds if seconds > 0 else None):
                await self._wake.wait()
        except TimeoutError:
            return
