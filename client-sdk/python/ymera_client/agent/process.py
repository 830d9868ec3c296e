"""One process of an agent, as the server knows it: connected, giving signs, holding leases.

All of it runs in a thread of its own, so that a handler that blocks the program costs neither the
connection nor a lease. It comes back by itself after a loss and names what it holds; what it has lost
meanwhile is stopped.
"""

import asyncio
import concurrent.futures
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec

from ymera_client.agent.execution import STOP_SECONDS, Stop
from ymera_client.agent.leases import Leases
from ymera_client.agent.loops import OtherLoop
from ymera_client.agent.sealed import SealedWork
from ymera_client.agent.worker import Worker
from ymera_client.courier import LinkCourier
from ymera_client.errors import Forbidden, Unavailable, YmeraError
from ymera_client.generated import (
    HEARTBEAT_SECONDS,
    AgentConnect,
    AgentDrain,
    AgentHeartbeat,
    RunControl,
    RunOffers,
)
from ymera_client.link import Link, Work
from ymera_client.session import ProgramToken
from ymera_client.transport import Connection

log = logging.getLogger(__name__)

TICK = 0.25
"""Seconds between two looks at the leases and at the handlers' loop."""
FAREWELL_SECONDS = 5.0
"""How long the end may wait for the server to take leave."""


class Process:
    """A process of the agent whose session it is.

    `hello` is what it says of itself when it connects. `start` begins; `first` is done when the server knows
    it, `ended` when it has come to its end, with the reason if there is one.
    """

    def __init__(
        self,
        url: str,
        session: ProgramToken,
        hello: AgentConnect,
        sealed: Callable[[Worker], SealedWork] | None = None,
    ) -> None:
        self._loop = asyncio.new_event_loop()
        self.loop = OtherLoop(self._loop)
        self.first: concurrent.futures.Future[None] = concurrent.futures.Future()
        self.ended: concurrent.futures.Future[None] = concurrent.futures.Future()
        self.last_error: YmeraError | None = None
        """Why there is no connection."""
        self._url = url
        self._hello = hello
        self._names = {each.name for each in hello.capabilities or ()}
        self._link = Link(
            url,
            session,
            on_ready=self._on_ready,
            on_message=self._on_message,
            on_lost=self._on_lost,
        )
        self._make_sealed = sealed
        self._sealed: SealedWork | None = None
        self._worker: Worker
        self._leases: Leases
        self._all: tuple[Leases, ...] = ()
        """Those that the server gives, and those of encrypted rooms."""
        self._heartbeat_seconds: float = HEARTBEAT_SECONDS
        self._news = asyncio.Event()
        """Something that a heartbeat should tell at once."""
        self._leaving = asyncio.Event()
        self._leave_by = float("inf")

    def start(self, worker: Worker) -> None:
        """Connect, and have the worker do what comes."""
        self._worker = worker
        self._leases = Leases(worker, LinkCourier(self._link), self._names)
        self._all = (self._leases,)
        if self._make_sealed is not None:
            self._sealed = self._make_sealed(worker)
            self._all = (self._leases, self._sealed.leases)
        threading.Thread(target=self._run, name="ymera-agent", daemon=True).start()

    @property
    def settled(self) -> concurrent.futures.Future[None]:
        """Done once this process can be in encrypted rooms; for a process with keys."""
        assert self._sealed is not None
        return self._sealed.settled

    def leave(self, grace: float) -> None:
        """Take nothing more, and end when all is done or after `grace` seconds. From any thread."""
        self.loop.post(self._leave, grace)

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._live())
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits for the end
            self.ended.set_exception(error)
        else:
            self.ended.set_result(None)

    async def _live(self) -> None:
        work = [self._link.run(), self._look_after(), self._depart()]
        if self._sealed is not None:
            work.append(self._sealed.run())
        tasks = [asyncio.create_task(each) for each in work]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self._release(Stop.LOST)
            await self._end(tasks)

    async def _end(self, tasks: list["asyncio.Task[None]"]) -> None:
        self._link.end(Unavailable("The agent's process has ended.", retryable=False))
        while running := {task for task in tasks if not task.done()}:
            # Again and again, since a cancellation can be swallowed in the libraries.
            for task in running:
                task.cancel()
            await asyncio.wait(running, timeout=1.0)

    async def _on_ready(self, connection: Connection) -> list[Work]:
        """The link is up: say who is here and what it has, before anything else goes out."""
        held, sent_at = self._leases.held(), time.monotonic()
        try:
            connected = await connection.request(msgspec.structs.replace(self._hello, runs=held))
        except YmeraError as error:
            if error.retryable:
                raise
            # It would be refused again and again.
            raise Forbidden(f"The server does not take this agent: {error.message}") from error
        self._heartbeat_seconds = connected.heartbeat_seconds
        self._leases.seconds = connected.lease_seconds
        self._leases.prolong(held, sent_at)
        self._leases.lose(connected.lost)
        self._leases.offer(connected.runs)
        log.info("At work at %s with %s.", self._url, ", ".join(sorted(self._names)))
        if not self.first.done():
            self.first.set_result(None)
        self._news.set()
        return [self._beat]

    def _on_message(self, name: str, data: Any) -> None:
        try:
            if name == "run.offers":
                offers = msgspec.convert(data, RunOffers)
                if offers.instance_id == self._hello.instance_id:
                    self._leases.offer(offers.offers)
            elif name == "run.control":
                control = msgspec.convert(data, RunControl)
                if control.instance_id == self._hello.instance_id:
                    self._leases.control(control)
        except msgspec.ValidationError as error:
            log.warning("A message %r of the server cannot be read: %s", name[:40], error)

    def _on_lost(self, error: YmeraError) -> None:
        log.warning("No connection to %s: %s", self._url, error)
        self.last_error = error

    async def _beat(self, connection: Connection) -> None:
        """Give a sign every few seconds, and at once when there is news."""
        while True:
            try:
                async with asyncio.timeout(self._heartbeat_seconds):
                    await self._news.wait()
            except TimeoutError:
                pass
            self._news.clear()
            await self._heartbeat(connection)

    async def _heartbeat(self, connection: Connection) -> None:
        held, sent_at = self._leases.held(), time.monotonic()
        sign = AgentHeartbeat(
            instance_id=self._hello.instance_id, runs=held, blocked=self._worker.watchdog.blocked
        )
        try:
            async with asyncio.timeout(self._heartbeat_seconds):
                beat = await connection.request(sign)
        except TimeoutError:
            raise Unavailable("The server has not answered a heartbeat in time.") from None
        except YmeraError as error:
            # It is said again on the next connection, with who we are.
            raise Unavailable(f"The server has refused a heartbeat: {error.message}") from error
        self._leases.prolong((each for each in held if each.run_id not in beat.lost), sent_at)
        self._leases.hear(beat)

    async def _look_after(self) -> None:
        while True:
            now = time.monotonic()
            for leases in self._all:
                leases.expire(now)
            if self._worker.watchdog.look(now):
                self._news.set()
            await asyncio.sleep(TICK)

    def _leave(self, grace: float) -> None:
        self._leave_by = min(self._leave_by, time.monotonic() + grace)
        self._leaving.set()

    async def _depart(self) -> None:
        """Once told: drain, finish or hand back what there is, and take leave."""
        await self._leaving.wait()
        for leases in self._all:
            leases.closed = True
        log.info("Draining: %d runs are at work or wait.", sum(map(len, self._all)))
        await self._say(AgentDrain(instance_id=self._hello.instance_id))
        await self._while(lambda: any(each.busy for each in self._all) and time.monotonic() < self._leave_by)
        if self._sealed is not None:
            await self._sealed.park()
        self._release(Stop.RELEASED)
        patience = time.monotonic() + STOP_SECONDS + FAREWELL_SECONDS
        await self._while(lambda: any(map(len, self._all)) and time.monotonic() < patience)
        await self._say(AgentDrain(instance_id=self._hello.instance_id, leave=True))

    def _release(self, why: Stop) -> None:
        for leases in self._all:
            leases.release(why)

    async def _while(self, holds: Callable[[], bool]) -> None:
        while holds():  # noqa: ASYNC110 - time counts too, and there is no hurry
            await asyncio.sleep(TICK)

    async def _say(self, drain: AgentDrain) -> None:
        try:
            async with asyncio.timeout(FAREWELL_SECONDS):
                connection = await self._link.live(wait=False)
                await connection.request(drain)
        except (TimeoutError, YmeraError) as error:
            log.warning("The server could not be told that this process ends: %s", error)
