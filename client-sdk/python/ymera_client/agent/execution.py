"""Carries out one attempt: converts the input, runs the handler, stops it when told, says how it ended.

It knows neither connection nor lease, so that the testing harness shows the same as the real thing.
"""

import asyncio
import logging
from enum import StrEnum
from typing import Any

from ymera_client.agent.capability import Handler
from ymera_client.agent.failures import error_of
from ymera_client.agent.run import Run
from ymera_client.errors import YmeraError
from ymera_client.generated import Command, ErrorClass, RunComplete, RunFail, RunRelease

log = logging.getLogger(__name__)

STOP_SECONDS = 5.0
"""How long a handler may take to stop before it is left to itself."""
MAX_SUMMARY = 500
"""Characters of a result's summary."""


class Stop(StrEnum):
    """Why an attempt has to stop."""

    CANCELED = "canceled"
    """Somebody stopped the run: one last report."""
    RELEASED = "released"
    """This process ends: the run is handed back."""
    LOST = "lost"
    """It is not this process's any more: nothing is reported."""


class Execution:
    """One attempt by a handler. `about` names it in reports."""

    def __init__(self, handler: Handler, run: Run, about: dict[str, Any]) -> None:
        self.run = run
        self.work: asyncio.Future[Any] | None = None
        """The handler, once it has begun."""
        self._handler = handler
        self._about = about
        self._why: Stop | None = None
        self._patience: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when a handler that has to stop has had its time for that."""

    @property
    def abandoned(self) -> bool:
        """Whether the handler goes on though it was told to stop and had time to."""
        return self._patience.done() and self.work is not None and not self.work.done()

    def stop(self, why: Stop) -> None:
        """Have the handler stop. That the run is lost counts over any other reason, else the first one."""
        if self._why is None:
            self.run.stop()
            if isinstance(self.work, asyncio.Task):
                self.work.cancel()
            asyncio.get_running_loop().call_later(STOP_SECONDS, self._patience.cancel)
        if self._why is None or why is Stop.LOST:
            self._why = why

    async def last_report(self) -> Command[Any] | None:
        """Run the handler to its end and give the attempt's last report; None if there is nothing to say."""
        try:
            arguments = self._handler.signature.arguments(self.run.input)
        except YmeraError as error:
            return self._failed(error)
        if self._why is None:
            self.work = self._handler.start(self.run, arguments)
            await asyncio.wait({self.work, self._patience}, return_when=asyncio.FIRST_COMPLETED)
        if self.abandoned:
            log.error("%s did not stop within %.0f s and is left to itself.", self.run, STOP_SECONDS)
        if self._why is Stop.LOST or self.run.handed_off:
            return None
        return self._unfinished() if self.work is None or not self.work.done() else self._finished(self.work)

    def _unfinished(self) -> Command[Any]:
        if self._why is Stop.RELEASED:
            return RunRelease(**self._about, reason="The agent's process ends.")
        message = f"It did not stop within {STOP_SECONDS:.0f} s and may still be at work."
        return self._fail(ErrorClass.CANCELED, message if self.abandoned else "Stopped before it began.")

    def _finished(self, work: asyncio.Future[Any]) -> Command[Any]:
        if not work.cancelled() and work.exception() is None:
            try:
                result = self._handler.signature.result(work.result())
            except YmeraError as error:
                return self._failed(error)
            return RunComplete(**self._about, result=result, summary=self.run.summary[:MAX_SUMMARY])
        if self._why is Stop.RELEASED:
            return RunRelease(**self._about, reason="The agent's process ends.")
        failure = asyncio.CancelledError() if work.cancelled() else work.exception()
        if self._why is Stop.CANCELED and isinstance(failure, asyncio.CancelledError):
            return self._fail(ErrorClass.CANCELED, "Stopped.")
        assert failure is not None
        return self._failed(failure)

    def _failed(self, failure: BaseException) -> RunFail:
        error = error_of(failure)
        if error.cause is ErrorClass.CRASHED:
            log.error("%s crashed.", self.run, exc_info=failure)
        cause = ErrorClass.CANCELED if self._why is Stop.CANCELED else error.cause
        return self._fail(cause, error.message)

    def _fail(self, cause: ErrorClass, message: str) -> RunFail:
        return RunFail(**self._about, message=message, cause=cause)
