"""Runs the handlers, in the event loop that is theirs: one execution for each lease."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ymera_client.agent.capability import Handler
from ymera_client.agent.execution import STOP_SECONDS, Execution, Stop
from ymera_client.agent.files import Shelf
from ymera_client.agent.lease import Lease
from ymera_client.agent.loops import OtherLoop
from ymera_client.agent.run import Run
from ymera_client.agent.watchdog import Watchdog
from ymera_client.errors import YmeraError
from ymera_client.files import Files
from ymera_client.generated import Command, LogLevel, RunLog
from ymera_client.storage import MemoryOutbox
from ymera_client.wire import Wire

log = logging.getLogger(__name__)


R = TypeVar("R")


class Worker:
    """The handlers at work. `there` is the loop of the leases; `threads` limits handlers that block.

    `wire` carries the bytes of files; it is closed with the worker.
    """

    def __init__(self, handlers: Mapping[str, Handler], there: OtherLoop, threads: int, wire: Wire) -> None:
        self.here = OtherLoop(asyncio.get_running_loop())
        self.watchdog = Watchdog(self._on_block)
        self._handlers = handlers
        self.there = there
        self._wire = wire
        self._notes = MemoryOutbox()
        """What an attempt that begins anew in this process can go on with."""
        self._threads = asyncio.Semaphore(threads)
        self._executions: dict[Lease, Execution] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, lease: Lease, done: Callable[[Lease], Any], shelf: Shelf | None = None) -> None:
        """Accept the run and carry it out; `done` is called there when the lease is of no more use.

        `shelf` is where the run's files are, if not on the server in the open.
        """
        handler = self._handlers[lease.offer.run.capability]
        files = shelf or Files(self._wire, _Courier(lease, self.there), self._notes)
        run = Run(lease, self.there, files)
        execution = Execution(handler, run, lease.about)
        self._executions[lease] = execution
        task = asyncio.create_task(self._carry_out(lease, execution, handler, done))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def stop(self, lease: Lease, why: Stop) -> None:
        """Have the handler of this lease stop."""
        if (execution := self._executions.get(lease)) is not None:
            execution.stop(why)

    async def close(self) -> None:
        """Wait until those who have to stop have done so, or had their time."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP_SECONDS + 1.0)
        for task in self._tasks:
            task.cancel()
        await self._wire.close()

    async def _carry_out(
        self, lease: Lease, execution: Execution, handler: Handler, done: Callable[[Lease], Any]
    ) -> None:
        try:
            await self.there.do(lease.accept())
            if handler.blocking:
                await self._threads.acquire()
            try:
                last = await execution.last_report()
            finally:
                self._let_go(execution, handler)
            if last is not None:
                await self.there.do(lease.finish(last))
        except YmeraError as error:
            log.warning("%s is not ours to end: %s", execution.run, error)
        finally:
            del self._executions[lease]
            self.there.post(done, lease)

    def _let_go(self, execution: Execution, handler: Handler) -> None:
        """Free the thread, now or when the handler has ended."""

        def ended(work: asyncio.Future[Any] | None) -> None:
            if handler.blocking:
                self._threads.release()
            if work is not None and not work.cancelled():
                # Whatever it is, it was told already, or comes too late.
                work.exception()

        if execution.abandoned and execution.work is not None:
            execution.work.add_done_callback(ended)
        else:
            ended(execution.work)

    def _on_block(self, task: asyncio.Task[Any] | None, place: str) -> None:
        """In the leases' loop: somebody blocks this one. Those who watch the run are told."""
        at_work = list(self._executions.items())
        for lease, execution in at_work:
            if task is not None and execution.work is task:
                message = f"The handler blocks its program at {place}"[:2_000]
                lease.add(RunLog(**lease.about, message=message, level=LogLevel.WARNING), or_drop=True)
                return
        # A task that a handler has started, or something else of the program.
        log.error("At work are %s.", ", ".join(repr(each.run) for _, each in at_work) or "no runs")


class _Courier:
    """Gets commands carried out by a lease, as long as it lasts."""

    def __init__(self, lease: Lease, there: OtherLoop) -> None:
        self._lease = lease
        self._there = there

    async def __call__(self, command: Command[R]) -> R:
        return await self._there.do(self._lease.send(command))
