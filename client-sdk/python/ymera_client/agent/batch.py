"""What a run tells that need not be told one by one: its output, its progress and its log lines.

No I/O happens here. Output is joined, of progress only the newest counts, log lines wait in order, and all
of it is bounded; `next` gives what to send. Handlers add from their threads, without waiting for the
connection's.
"""

import threading
from collections import deque
from typing import Any

from ymera_client.generated import (
    MAX_OUTPUT,
    MAX_OUTPUT_CHUNK,
    Command,
    LogLevel,
    RunLog,
    RunOutput,
    RunProgress,
    RunStanding,
)

MAX_TEXT = 2 * MAX_OUTPUT_CHUNK
"""Characters of output that wait to be sent; whoever writes more has to wait."""
MAX_LINES = 500
"""Log lines that wait to be sent; more are dropped, and counted."""


class Batch:
    """What one attempt has yet to tell. `about` is what names it in each report."""

    def __init__(self, about: dict[str, Any]) -> None:
        self._about = about
        self._lock = threading.Lock()
        self._text: deque[str] = deque()
        self._length = 0
        self._offset = 0
        self._progress: RunProgress | None = None
        self._lines: deque[RunLog] = deque()
        self._dropped = 0

    @property
    def has_room(self) -> bool:
        """Whether more output and more lines may be added."""
        return self._length < MAX_TEXT and len(self._lines) < MAX_LINES

    def write(self, text: str) -> bool:
        """Add a piece of output; False if it has to wait.

        Once a run has as much as the server keeps, nothing more is added.
        """
        with self._lock:
            if self._length >= MAX_TEXT:
                return False
            if text and self._offset + self._length <= MAX_OUTPUT:
                self._text.append(text.replace("\0", "\ufffd"))
                self._length += len(text)
            return True

    def show(self, share: float | None, note: str | None) -> None:
        """Set how far the run is, or what it is at, or both."""
        with self._lock:
            waiting = self._progress
            if waiting is not None:
                share = waiting.progress if share is None else share
                note = waiting.note if note is None else note
            self._progress = RunProgress(**self._about, progress=share, note=note)

    def add(self, line: RunLog, *, or_drop: bool = False) -> bool:
        """Add a log line; False if it has to wait, or was dropped."""
        with self._lock:
            room = len(self._lines) < MAX_LINES
            if room:
                self._lines.append(line)
            elif or_drop:
                self._dropped += 1
            return room

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._text.clear()
            self._length = 0
            self._progress = None
            self._lines.clear()

    @property
    def end(self) -> int:
        """How many characters of output were written so far."""
        with self._lock:
            return self._offset + self._length

    def next(self, until: int) -> Command[RunStanding] | None:
        """The next report, which counts as sent; None if there is nothing to tell.

        Of output that was written after the first `until` characters only full pieces are told: a flood
        would else be as many reports as it is writes.
        """
        with self._lock:
            if self._length >= MAX_OUTPUT_CHUNK or (self._length and self._offset < until):
                text = self._piece()
                self._offset += len(text)
                return RunOutput(**self._about, text=text, offset=self._offset - len(text))
            if self._progress is not None:
                progress, self._progress = self._progress, None
                return progress
            if self._lines:
                return self._lines.popleft()
            if self._dropped:
                message = f"{self._dropped} more lines came faster than they could be sent and were dropped."
                self._dropped = 0
                return RunLog(**self._about, message=message, level=LogLevel.WARNING)
            return None

    def _piece(self) -> str:
        joined = "".join(self._text)
        self._text.clear()
        piece, rest = joined[:MAX_OUTPUT_CHUNK], joined[MAX_OUTPUT_CHUNK:]
        if rest:
            self._text.append(rest)
        self._length = len(rest)
        return piece
