"""Notices, from outside, when the handlers' event loop does not turn, and which task holds it up."""

import asyncio
import logging
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any

log = logging.getLogger(__name__)

LIMIT = 1.0
"""Seconds without a turn after which the loop counts as blocked."""

OnBlock = Callable[["asyncio.Task[Any] | None", str], None]
"""Told the task that holds up the loop, if it is one, and the place in the program where it is."""


class Watchdog:
    """Looks after the loop in which it is made, from another thread."""

    def __init__(self, on_block: OnBlock) -> None:
        self.blocked = False
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._on_block = on_block
        self._asked_at = 0.0
        self._turned = True
        """Whether the loop has turned since it was asked to."""

    def look(self, now: float) -> bool:
        """Whether it has become blocked, or is no longer. To be called a few times a second."""
        if self._turned:
            self._turned, self._asked_at = False, now
            # It has ended if the program ends.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._turn)
        was, self.blocked = self.blocked, now - self._asked_at > LIMIT and not self._loop.is_closed()
        if self.blocked and not was:
            self._tell()
        elif was and not self.blocked:
            log.warning("The event loop turns again.")
        return was is not self.blocked

    def _turn(self) -> None:
        self._turned = True

    def _tell(self) -> None:
        frame = sys._current_frames().get(self._thread)  # noqa: SLF001 - the documented way to see a thread
        stack = traceback.extract_stack(frame) if frame else []
        place = (
            f"{stack[-1].filename}:{stack[-1].lineno} in {stack[-1].name}" if stack else "nobody knows where"
        )
        task = asyncio.current_task(self._loop)
        log.error(
            "%s blocks the event loop at %s. Let it await, or make the handler a plain function.\n%s",
            task.get_name() if task else "A callback",
            place,
            "".join(traceback.format_list(stack)),
        )
        self._on_block(task, place)
