"""How often a transfer may fail before it is given up: as long as what went wrong may pass by itself."""

import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from ymera_client.backoff import full_jitter
from ymera_client.errors import ChecksumMismatch, DeadlineExceeded, Internal, YmeraError
from ymera_client.outbox import MAX_FAULTS, retry_after
from ymera_client.wire import Wire

T = TypeVar("T")

MAX_STANDSTILL = 24 * 3600.0
"""Seconds for which a transfer may stand still."""
MAX_MISMATCHES = 3
"""Times in a row that the same bytes may arrive as others."""


class Patience:
    """Waits between one transfer's attempts, longer each time, until something has moved again."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.moved()

    def moved(self) -> None:
        """Something has come over: all is forgiven."""
        self._since = time.monotonic()
        self._failures = self._faults = self._mismatches = 0

    async def bear(self, error: YmeraError) -> None:
        """Wait until the next attempt, or raise the error if there is no point in one."""
        self._failures += 1
        self._faults += isinstance(error, Internal)
        self._mismatches += isinstance(error, ChecksumMismatch)
        passes = error.retryable or isinstance(error, ChecksumMismatch)
        if not passes or self._faults >= MAX_FAULTS or self._mismatches >= MAX_MISMATCHES:
            raise error
        if time.monotonic() - self._since > MAX_STANDSTILL:
            raise DeadlineExceeded("Nothing has moved for a day.", retryable=False) from error
        await self._wire.pause(full_jitter(self._failures - 1, at_least=retry_after(error)))


async def patiently(wire: Wire, request: Callable[[], Awaitable[T]]) -> T:
    """Make a request until it has an answer that settles it."""
    patience = Patience(wire)
    while True:
        try:
            return await request()
        except YmeraError as error:
            await patience.bear(error)
