"""Two event loops in two threads: one for the handlers, one for the connection.

A handler that blocks its loop must not hold up heartbeats, so nothing of the connection shares a loop with
handlers; what one side wants of the other goes through here.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Protocol, TypeVar, TypeVarTuple

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")


class Loop(Protocol):
    """Where something is done."""

    async def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Do it there and give its result. Cancelled, it is done all the same, and nobody waits for it."""


class OtherLoop:
    """An event loop that runs in another thread; from any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    async def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Do it there and give its result. Cancelled, it is done all the same, and nobody waits for it."""
        try:
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
        except RuntimeError:
            work.close()
            raise asyncio.CancelledError from None
        return await asyncio.shield(asyncio.wrap_future(future))

    def post(self, function: Callable[[*Arguments], object], *arguments: *Arguments) -> None:
        """Call a function there, after all that was posted before; not if the loop has ended."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, *arguments)
