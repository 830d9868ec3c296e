"""The hold on one attempt at a run, as the connection's side has it: reports leave in order, while it lasts.

All of it lives in the loop of the connection's thread, but for what handlers add without waiting. A report
is sent again, as the same command, until it is answered; once the lease is lost, nothing more is said and
whoever waits here gets `Fenced`.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from ymera_client.agent.batch import Batch
from ymera_client.agent.execution import Stop
from ymera_client.courier import Courier
from ymera_client.errors import BudgetExhausted, Fenced, RunCanceled, YmeraError
from ymera_client.generated import (
    Command,
    ErrorClass,
    Question,
    QuestionState,
    RunAccept,
    RunAsk,
    RunCall,
    RunComplete,
    RunControl,
    RunControlKind,
    RunFail,
    RunGet,
    RunHandOff,
    RunInfo,
    RunLog,
    RunOffer,
    RunProgress,
    RunReply,
    RunStanding,
)

log = logging.getLogger(__name__)
R = TypeVar("R")
T = TypeVar("T")

INTERVAL = 0.25
"""Seconds between two times that output, progress and log lines are sent."""
MAX_EARLY = 1_000
"""Answers and replies that are kept for whoever asks for them next."""


class Lease:
    """One attempt that this process makes. `on_stop` is told when it has to stop, and why."""

    def __init__(
        self, offer: RunOffer, courier: Courier, seconds: float, on_stop: Callable[["Lease", Stop], None]
    ) -> None:
        self.offer = offer
        self.about = about(offer)
        self.accepted = False
        self.finishing = False
        """Whether its last report is under way, or was made."""
        self.stopped: Stop | None = None
        self._courier = courier
        self._seconds = seconds
        self._until = time.monotonic() + seconds
        self._on_stop = on_stop
        self._loop = asyncio.get_running_loop()
        self._lost: asyncio.Future[None] = self._loop.create_future()
        self._turn = asyncio.Lock()
        """Taken in turn, so that reports leave in the order of the calls."""
        self._batch = Batch(self.about)
        self._news = asyncio.Event()
        self._woken = False
        self._room = asyncio.Event()
        self._streaming: asyncio.Task[None] | None = None
        self._waits: set[tuple[str, asyncio.Future[Any]]] = set()
        self._early: dict[str, Any] = {}
        """What came before anybody waited for it."""

    @property
    def id(self) -> str:
        """The run's id."""
        return self.offer.run.id

    @property
    def waiting(self) -> bool:
        """Whether it waits for a person or another run, and takes no slot."""
        return bool(self._waits)

    def prolong(self, sent_at: float) -> None:
        """The server has had a sign of it that was sent then (monotonic)."""
        self._until = max(self._until, sent_at + self._seconds)

    def expire(self, now: float) -> None:
        """Give it up if so much time has passed that the server may have given it to another."""
        if now > self._until and self.stopped is not Stop.LOST:
            log.warning("The lease on run %s has run out without a sign from the server.", self.id)
            self.stop(Stop.LOST)

    def stop(self, why: Stop) -> None:
        """The attempt has to stop. Losing it counts over any other reason; else the first one does."""
        if self.stopped is Stop.LOST or (self.stopped is not None and why is not Stop.LOST):
            return
        self.stopped = why
        if why is not Stop.RELEASED:
            self._batch.clear()
        if why is Stop.LOST:
            self._lost.set_result(None)
        self._room.set()
        self._end_waits(lambda wait: wait.set_exception(_refusal(why)))
        self._on_stop(self, why)

    def control(self, control: RunControl) -> None:
        """News of it from the server."""
        if control.kind is RunControlKind.CANCEL:
            self.stop(Stop.CANCELED)
        elif control.kind is RunControlKind.LOST:
            self.lose()
        elif control.question is not None:
            self._settle(control.question.id, control.question)
        elif control.reply is not None:
            self._settle(control.reply.run_id, control.reply)

    def lose(self) -> None:
        """The server says that it is gone; while the last report is under way, its answer says more."""
        if not self.finishing:
            self.stop(Stop.LOST)

    def nudge(self) -> None:
        """Something that it waits for has come, and the news of it was lost: it asks again."""
        self._end_waits(lambda wait: wait.set_result(None))

    async def accept(self) -> None:
        """Take the run. Fenced if it is gone already."""
        await self.send(RunAccept(**self.about))
        self.accepted = True
        self._streaming = asyncio.create_task(self._stream())

    async def send(self, report: Command[R]) -> R:
        """Report something; but for mere progress, once everything before it is reported."""
        async with self._turn:
            if not isinstance(report, RunProgress) and self.stopped is not Stop.CANCELED:
                await self._flush()
            return await self._report(report)

    async def ask(self, question: RunAsk) -> Question:
        """Ask, and wait until the question is closed."""
        while True:
            asked = await self.send(question)
            closed: Question | None = asked
            if asked.state is QuestionState.OPEN:
                closed = await self._wait(asked.id)
            if closed is not None:
                return closed

    async def call(self, call: RunCall) -> RunReply:
        """Have another agent do something, and wait until it has ended."""
        while True:
            called = await self.send(call)
            if called.ended_at is not None:
                return await self._reply(call.key, called)
            reply: RunReply | None = await self._wait(called.id)
            if reply is not None:
                return reply

    def write(self, text: str) -> bool:
        """Add to the output, from any thread; False if it has to wait for `room`."""
        self._check()
        taken = self._batch.write(text)
        self._wake()
        return taken

    def show(self, share: float | None, note: str | None) -> None:
        """Say how far it is, from any thread; only the newest is sent."""
        self._check()
        self._batch.show(share, note)
        self._wake()

    def add(self, line: RunLog, *, or_drop: bool = False) -> bool:
        """Add a log line, from any thread; False if it has to wait for `room`, or was dropped."""
        if self.stopped in {Stop.LOST, Stop.CANCELED}:
            return True
        taken = self._batch.add(line, or_drop=or_drop)
        self._wake()
        return taken

    async def room(self) -> None:
        """Wait until more can be written and added."""
        while self.stopped is None and not self._batch.has_room:
            self._room.clear()
            await self._room.wait()
        self._check()

    async def finish(self, last: Command[Any]) -> None:
        """Give the last report; one that is refused for what it says is replaced by one of failure."""
        self.finishing = True
        try:
            await self._last(last)
        except (Fenced, BudgetExhausted):
            log.info("Run %s has ended without the last report of this attempt.", self.id)
        except YmeraError as error:
            if not isinstance(last, RunComplete):
                raise
            message = f"The result was refused: {error.message}"[:2_000]
            await self._last(RunFail(**self.about, message=message, cause=ErrorClass.FATAL))

    def close(self) -> None:
        """Nothing more is sent, and nobody waits any more."""
        self._end_waits(asyncio.Future.cancel)
        if self._streaming is not None:
            self._streaming.cancel()

    async def _last(self, report: Command[Any]) -> None:
        try:
            await self.send(report)
        except RunCanceled:
            # What came before it was refused; it is not.
            await self.send(report)

    async def _stream(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            self._woken = False
            try:
                async with self._turn:
                    await self._flush()
            except (Fenced, RunCanceled, BudgetExhausted):
                return
            await asyncio.sleep(INTERVAL)

    async def _flush(self) -> None:
        written = self._batch.end
        while (report := self._batch.next(written)) is not None:
            self._room.set()
            try:
                await self._report(report)
            except (Fenced, RunCanceled, BudgetExhausted):
                raise
            except YmeraError as error:
                log.warning("%s of run %s was refused: %s", report.WIRE_NAME, self.id, error)

    async def _report(self, report: Command[R]) -> R:
        self._check(report)
        sent_at = time.monotonic()
        try:
            reply = await self._unless_lost(self._courier(report))
        except RunCanceled:
            self.stop(Stop.CANCELED)
            raise
        except (Fenced, BudgetExhausted) as error:
            log.warning("Run %s is not ours any more: %s", self.id, error)
            self.stop(Stop.LOST)
            raise
        self.prolong(sent_at)
        self.finishing = self.finishing or isinstance(report, RunHandOff)
        if isinstance(reply, RunStanding) and reply.canceling:
            self.stop(Stop.CANCELED)
        return reply

    def _check(self, report: Command[Any] | None = None) -> None:
        last = isinstance(report, RunComplete | RunFail)
        if self.stopped is Stop.LOST or (self.stopped is Stop.CANCELED and not last):
            raise _refusal(self.stopped)

    async def _unless_lost(self, sending: Coroutine[Any, Any, T]) -> T:
        task = asyncio.create_task(sending)
        try:
            either: set[asyncio.Future[Any]] = {task, self._lost}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            raise _refusal(Stop.LOST)
        finally:
            task.cancel()

    def _wake(self) -> None:
        if not self._woken:
            self._woken = True
            # It has ended if the process has.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._news.set)

    async def _wait(self, awaited: str) -> Any:
        """What comes for this id; None if it has to be asked for again."""
        if awaited in self._early:
            return self._early.pop(awaited)
        self._check()
        news: asyncio.Future[Any] = self._loop.create_future()
        self._waits.add((awaited, news))
        try:
            return await news
        finally:
            self._waits.discard((awaited, news))

    def _settle(self, awaited: str, news: object) -> None:
        waiting = [wait for each, wait in self._waits if each == awaited and not wait.done()]
        for wait in waiting:
            wait.set_result(news)
        if not waiting and len(self._early) < MAX_EARLY:
            self._early[awaited] = news

    def _end_waits(self, end: Callable[[asyncio.Future[Any]], object]) -> None:
        for _, wait in self._waits:
            if not wait.done():
                end(wait)

    async def _reply(self, key: str, ended: RunInfo) -> RunReply:
        details = await self._unless_lost(self._courier(RunGet(run_id=ended.id)))
        return RunReply(run_id=ended.id, key=key, state=ended.state, result=details.result, error=ended.error)


def about(offer: RunOffer) -> dict[str, Any]:
    """What each report on an attempt begins with."""
    return {"project_id": offer.run.project_id, "run_id": offer.run.id, "fence": offer.fence}


def _refusal(why: Stop) -> YmeraError:
    if why is Stop.CANCELED:
        return RunCanceled("The run was stopped; only its last report is accepted.")
    return Fenced("This attempt is over: the run is not this process's any more.")
