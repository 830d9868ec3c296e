"""What a run tells that need not be told one by one: its output, its progress and its log lines.

No I/O happens here. Output is joined, of progress only the newest counts, log lines wait in order, and all
of it is bounded; `next` gives what to send.
"""

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
        self._text: deque[str] = deque()
        self._length = 0
        self._offset = 0
        self._progress: RunProgress | None = None
        self._lines: deque[RunLog] = deque()
        self._dropped = 0

    @property
    def full(self) -> bool:
        """Whether more output has to wait."""
        return self._length >= MAX_TEXT

    @property
    def lines_full(self) -> bool:
        """Whether more log lines are dropped, or have to wait."""
        return len(self._lines) >= MAX_LINES

    @property
    def output_ended(self) -> bool:
        """Whether as much output was written as the server keeps of a run; no more is sent."""
        return self._offset + self._length > MAX_OUTPUT

    def write(self, text: str) -> None:
        """Add a piece of output, if the run may have more."""
        if text and not self.output_ended:
            self._text.append(text.replace("\0", "\ufffd"))
            self._length += len(text)

    def show(self, share: float | None, note: str | None) -> None:
        """Set how far the run is, or what it is at, or both."""
        waiting = self._progress
        if waiting is not None:
            share = waiting.progress if share is None else share
            note = waiting.note if note is None else note
        self._progress = RunProgress(**self._about, progress=share, note=note)

    def add(self, line: RunLog) -> None:
        """Add a log line, if there is room."""
        if self.lines_full:
            self._dropped += 1
        else:
            self._lines.append(line)

    def clear(self) -> None:
        """Forget everything."""
        self._text.clear()
        self._length = 0
        self._progress = None
        self._lines.clear()

    def next(self) -> Command[RunStanding] | None:
        """The next report, which counts as sent; None if there is nothing to tell."""
        if self._length:
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
