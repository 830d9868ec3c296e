"""How far a transfer is, and how fast it goes. What is told never goes back, whatever is sent again."""

import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

log = logging.getLogger(__name__)

INTERVAL = 0.1
"""Seconds between two times that progress is told."""
WINDOW = 5.0
"""Seconds over which the rate is measured."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a transfer is."""

    bytes: int
    """Over by now, with those of earlier attempts."""
    total: int | None
    """All bytes; None while nobody knows how many there are."""
    rate: float
    """Bytes a second, over the last few seconds."""
    seconds_left: float | None
    """At that rate; None while that cannot be said."""


OnProgress: TypeAlias = Callable[[Progress], None]
"""Told about ten times a second, and at the end. It must be quick; it cannot await."""


class Meter:
    """Adds up what the parts of a transfer have carried over, and tells it."""

    def __init__(self, total: int | None, tell: OnProgress | None) -> None:
        self._total = total
        self._tell = tell
        self._parts: dict[object, int] = {}
        self._bytes = 0
        self._told_at = 0.0
        self._seen: deque[tuple[float, int]] = deque()

    def begin(self, part: object, offset: int) -> None:
        """A part is at this offset before anything is sent, which does not count for the rate."""
        if (gained := offset - self._parts.get(part, 0)) > 0:
            self._parts[part] = offset
            self._bytes += gained
            self._seen = deque((at, done + gained) for at, done in self._seen)
            self._say()

    def reach(self, part: object, offset: int) -> None:
        """A part is at this offset; one that it had passed before changes nothing."""
        if (gained := offset - self._parts.get(part, 0)) > 0:
            self._parts[part] = offset
            self._bytes += gained
            if time.monotonic() - self._told_at >= INTERVAL:
                self._say()

    def finish(self) -> None:
        """All is over: tell it."""
        self._total = self._bytes if self._total is None else self._total
        self._bytes = self._total
        self._say()

    def _say(self) -> None:
        now = time.monotonic()
        self._told_at = now
        self._seen.append((now, self._bytes))
        while len(self._seen) > 2 and self._seen[0][0] < now - WINDOW:
            self._seen.popleft()
        if self._tell is not None:
            try:
                self._tell(self._progress())
            except Exception:
                log.exception("Who is told of progress failed: %r", self._tell)

    def _progress(self) -> Progress:
        (began, before), (now, done) = self._seen[0], self._seen[-1]
        rate = (done - before) / (now - began) if now > began else 0.0
        left = None if self._total is None or rate <= 0 else (self._total - self._bytes) / rate
        return Progress(self._bytes, self._total, rate, left)
