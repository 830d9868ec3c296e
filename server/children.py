"""Processes that are kept running, and that never outlive the one that keeps them.

A child's standard input is its lifeline: it ends when that does, whether it was closed or the keeper was
killed. A child that ends by itself is started again, at once the first time and later each time; one that
keeps ending is a failure of the whole.
"""

import asyncio
import contextlib
import signal
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

import structlog

from server.embedded import EmbeddedError

logger = structlog.get_logger(__name__)

STEADY_SECONDS = 10.0
"""A child that lived this long was all right."""
ATTEMPTS = 5
"""How often in a row a child may end sooner."""
FIRST_DELAY_SECONDS = 0.5

Launch = Callable[[], Awaitable[Process]]
"""Starts a child and returns when it works; EmbeddedError if it does not come to that."""


async def spawn(command: list[str], *, stdout: int, environment: dict[str, str] | None = None) -> Process:
    """Start a child with a lifeline, out of the reach of the terminal's Ctrl-C.

    It inherits the environment unless it is given one.
    """
    return await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=stdout, env=environment, start_new_session=True
    )


async def let_go(child: Process, seconds: float) -> None:
    """End a child through its lifeline, or by force after `seconds`."""
    assert child.stdin is not None
    child.stdin.close()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await child.wait()
            return
    logger.warning("child_killed", process=child.pid, seconds=seconds)
    with contextlib.suppress(ProcessLookupError):
        child.kill()
    await child.wait()


class Children:
    """Some processes of a kind, all ended at the end of the block, which may take `seconds`."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._running: dict[str, Process] = {}
        self._keepers: list[asyncio.Task[None]] = []
        self.failed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Says what keeps ending, once something does."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        await asyncio.gather(*(let_go(child, self._seconds) for child in self._running.values()))

    async def add(self, name: str, launch: Launch) -> None:
        """Start a child and keep it running; returns when it works for the first time."""
        self._running[name] = await launch()
        self._keepers.append(asyncio.create_task(self._keep(name, launch), name=f"keep {name}"))

    async def _keep(self, name: str, launch: Launch) -> None:
        failures = 0
        while True:
            since = time.monotonic()
            status = await self._running[name].wait()
            failures = 1 if time.monotonic() - since >= STEADY_SECONDS else failures + 1
            logger.error("child_ended", child=name, status=_shown(status))
            while failures <= ATTEMPTS:
                await asyncio.sleep(0 if failures == 1 else FIRST_DELAY_SECONDS * 2 ** (failures - 2))
                try:
                    self._running[name] = await launch()
                    break
                except EmbeddedError as error:
                    failures += 1
                    logger.error("child_start_failed", child=name, error=str(error))  # noqa: TRY400 -- said it all
            else:
                if not self.failed.done():
                    self.failed.set_result(f"{name} keeps ending")
                return


def _shown(status: int) -> str:
    return signal.Signals(-status).name if status < 0 else str(status)
