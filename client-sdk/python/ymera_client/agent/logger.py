"""The log of a run, which people see beside its output."""

import asyncio
from typing import Any, Protocol

import msgspec

from ymera_client.agent.loops import Loop
from ymera_client.generated import LogLevel, RunLog

MAX_LINE = 2_000
"""Characters of a log line."""


class Lines(Protocol):
    """Where log lines go."""

    @property
    def about(self) -> dict[str, Any]:
        """What each report begins with."""

    def add(self, line: RunLog, *, or_drop: bool = False) -> bool:
        """Add a log line, from any thread; False if it has to wait for `room`, or was dropped."""

    async def room(self) -> None:
        """Wait until more can be added."""


class RunLogger:
    """The run's log, which people see. `await run.log("…")` waits for room, `run.log.info("…")` does not.

    The latter may be called from any thread; what cannot be sent soon enough is dropped and counted.
    """

    def __init__(self, lines: Lines, there: Loop) -> None:
        self._lines = lines
        self._there = there

    async def __call__(self, message: str, *, level: str = "info", **data: Any) -> None:
        """Add a line with data."""
        line = self._line(LogLevel(level), message, data)
        while not self._lines.add(line):
            await self._there.do(self._lines.room())
        await asyncio.sleep(0)

    def debug(self, message: str, **data: Any) -> None:
        """Add a line of level debug."""
        self._add(LogLevel.DEBUG, message, data)

    def info(self, message: str, **data: Any) -> None:
        """Add a line of level info."""
        self._add(LogLevel.INFO, message, data)

    def warning(self, message: str, **data: Any) -> None:
        """Add a line of level warning."""
        self._add(LogLevel.WARNING, message, data)

    def error(self, message: str, **data: Any) -> None:
        """Add a line of level error."""
        self._add(LogLevel.ERROR, message, data)

    def _add(self, level: LogLevel, message: str, data: dict[str, Any]) -> None:
        self._lines.add(self._line(level, message, data), or_drop=True)

    def _line(self, level: LogLevel, message: str, data: dict[str, Any]) -> RunLog:
        plain = msgspec.to_builtins(data, str_keys=True, enc_hook=str) or None
        return RunLog(**self._lines.about, message=message[:MAX_LINE] or "(empty)", level=level, data=plain)
