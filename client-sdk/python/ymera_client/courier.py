"""Gets commands carried out once each, over as many connections as it takes, while somebody awaits them.

Unlike a client's outbox it keeps nothing: what an agent says counts only while it holds the lease, and who
gives up waiting takes the command back.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol, TypeVar

import msgspec

from ymera_client.backoff import full_jitter
from ymera_client.errors import Internal, YmeraError
from ymera_client.generated import Command
from ymera_client.link import Link
from ymera_client.outbox import MAX_FAULTS, WINDOW, new_id, retry_after
from ymera_client.transport import reply_of

R = TypeVar("R")


class Courier(Protocol):
    """Gets commands carried out once, over as many connections as it takes."""

    def __call__(self, command: Command[R], /) -> Coroutine[Any, Any, R]:
        """The command's reply, or the typed error of its refusal."""


class LinkCourier:
    """Sends over a link, and again with the same id until there is an answer that settles it."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._window = asyncio.Semaphore(WINDOW)
        """Few commands at once, so that a heartbeat never waits behind many."""

    async def __call__(self, command: Command[R]) -> R:
        """The command's reply, or the typed error of its refusal."""
        payload = msgspec.to_builtins(command)
        if command.WRITES:
            payload.setdefault("command_id", new_id())
        failures = faults = 0
        while True:
            try:
                return reply_of(command, await self._send(command.WIRE_NAME, payload))
            except YmeraError as error:
                faults += isinstance(error, Internal)
                if not error.retryable or faults >= MAX_FAULTS:
                    raise
                await asyncio.sleep(full_jitter(failures, at_least=retry_after(error)))
                failures += 1

    async def _send(self, name: str, payload: dict[str, Any]) -> Any:
        async with self._window:
            connection = await self._link.live(wait=True)
            return await connection.answer(await connection.send(name, payload))
