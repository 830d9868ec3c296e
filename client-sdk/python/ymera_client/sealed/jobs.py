"""What is to be done in a room in turn, and who waits for it."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from ymera_client.crypto.errors import Cx1Error
from ymera_client.errors import LimitExceeded, YmeraError
from ymera_client.sealed.faults import raised

Work = Callable[[], Awaitable[Any]]
MAX_JOBS = 1000
"""Things that wait for the room's turn."""


class Jobs:
    """The work that waits, in order."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Work, asyncio.Future[Any]]] = deque()

    def add(self, work: Work) -> asyncio.Future[Any]:
        """Queue something; what comes of it. LimitExceeded if too much waits."""
        if len(self._waiting) >= MAX_JOBS:
            raise LimitExceeded(f"{MAX_JOBS} changes of this room wait for their turn.")
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, done))
        return done

    async def carry_out(self) -> None:
        """Do all, one after another."""
        while self._waiting:
            work, done = self._waiting.popleft()
            if done.cancelled():
                # Whoever wanted it has given up before its turn.
                continue
            try:
                result = await work()
            except (YmeraError, Cx1Error) as error:
                _settle(done, raised(error) if isinstance(error, Cx1Error) else error)
            except BaseException:
                done.cancel()
                raise
            else:
                if not done.done():
                    done.set_result(result)

    def fail(self, error: YmeraError) -> None:
        """None of it will be done."""
        while self._waiting:
            _settle(self._waiting.popleft()[1], error)


def _settle(done: asyncio.Future[Any], error: YmeraError) -> None:
    if not done.done():
        done.set_exception(error)
