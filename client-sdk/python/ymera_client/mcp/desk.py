"""The process of an agent at which an assistant works: connected, giving signs, and asking in its name.

Heartbeats keep the leases for as long as the process runs, whatever the assistant does meanwhile. Nothing
here waits for ever: a request that is not answered in time ends as Unavailable.
"""

import asyncio
import logging
import socket
from collections.abc import AsyncGenerator
from contextlib import suppress
from types import TracebackType
from typing import Any, Self, TypeVar

import msgspec

from ymera_client.courier import LinkCourier
from ymera_client.errors import BudgetExhausted, Fenced, Forbidden, RunCanceled, Unavailable, YmeraError
from ymera_client.generated import (
    HEARTBEAT_SECONDS,
    AgentConnect,
    AgentDrain,
    AgentHeartbeat,
    Capability,
    Command,
    Member,
    Page,
    Participant,
    ProjectMembers,
    RunClaim,
    RunControl,
)
from ymera_client.link import Link, Work
from ymera_client.mcp import fate
from ymera_client.mcp.holdings import Holding, Holdings
from ymera_client.outbox import new_id
from ymera_client.session import ProgramToken
from ymera_client.transport import Connection

log = logging.getLogger(__name__)
R = TypeVar("R")
T = TypeVar("T")

PATIENCE = 25.0
"""Seconds that a request may take, over as many connections as it needs."""
CONNECT_SECONDS = 30.0
"""Seconds for the first connection."""
FAREWELL_SECONDS = 1.5
"""Seconds that leaving may take; MCP clients give a server about two to end."""
MAX_MEMBERS = 1_000
"""Members of a project whose names are looked up."""


class Desk:
    """An agent's process, for the length of an `async with` block, at whose end it hands back what it holds.

    Unauthenticated or Forbidden from the beginning of the block if the server does not want the agent,
    Unavailable if none is reached. `ended` is done when the connection is gone for good.
    """

    def __init__(self, url: str, token: str, capability: Capability, *, software: str = "") -> None:
        self.capability = capability.name
        self.holdings = Holdings()
        self.ended: asyncio.Task[None]
        self.me: Member
        self._url = url
        self._hello = AgentConnect(
            instance_id=new_id(),
            host=socket.gethostname()[:200],
            software=software,
            capacity=0,
            capabilities=[capability],
        )
        self._link = Link(
            url,
            ProgramToken(token),
            on_ready=self._on_ready,
            on_message=self._on_message,
            on_lost=self._on_lost,
        )
        self._courier = LinkCourier(self._link)
        self._heartbeat_seconds: float = HEARTBEAT_SECONDS
        self._trouble: YmeraError | None = None

    async def __aenter__(self) -> Self:
        self.ended = asyncio.create_task(self._link.run(), name="ymera-mcp")
        self.ended.add_done_callback(self._on_end)
        first = asyncio.create_task(self._link.live(wait=True))
        await asyncio.wait({self.ended, first}, timeout=CONNECT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if first.done() and first.exception() is None:
            return self
        first.cancel()
        refused = self.ended.done()
        await self._close()
        if refused:
            self.ended.result()
        raise Unavailable(f"Not connected within {CONNECT_SECONDS:g} s: {self._trouble or 'nothing answers'}")

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            async with asyncio.timeout(FAREWELL_SECONDS):
                connection = await self._link.live(wait=False)
                await connection.request(AgentDrain(instance_id=self._hello.instance_id, leave=True))
        except (TimeoutError, YmeraError) as failure:
            log.warning("The server could not be told that this process ends: %s", failure)
        await self._close()

    async def request(self, command: Command[R]) -> R:
        """Have a command carried out. The typed error of a refusal; Unavailable without an answer in time."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._courier(command)
        except TimeoutError:
            raise Unavailable(
                f"The server has not answered within {PATIENCE:g} s ({self._trouble or 'no reason known'}). "
                "Whether it was done is not known: look before you repeat it."
            ) from None

    async def pages(self, command: Command[Page[T]], most: int) -> AsyncGenerator[T, None]:
        """The items of a list, page by page, at most so many."""
        seen = 0
        while True:
            part = await self.request(command)
            for item in part.items[: most - seen]:
                yield item
            seen += len(part.items)
            if part.next is None or seen >= most:
                return
            command = msgspec.structs.replace(command, cursor=part.next)

    async def members(self, project_id: str) -> dict[str, Participant]:
        """Who is in a project, by id."""
        listing = self.pages(ProjectMembers(project_id=project_id, limit=200), MAX_MEMBERS)
        return {each.id: each async for each in listing}

    async def claim(self, project_id: str, task_id: str | None, run_id: str | None) -> Holding:
        """Take a task or a waiting run and hold it."""
        offer = await self.request(
            RunClaim(
                project_id=project_id,
                instance_id=self._hello.instance_id,
                task_id=task_id,
                run_id=run_id,
                capability=None if task_id is None else self.capability,
            )
        )
        self.holdings.take([offer])
        held = self.holdings.get(offer.run.id)
        assert held is not None
        return held

    async def at_work(self, run_id: str | None, *, last: bool = False) -> Holding:
        """The run to report on: the one named, or the only one.

        RunCanceled if somebody stopped it, which ends it unless this is for its `last` report; Fenced if it
        is over otherwise; Invalid if it is not clear which one is meant.
        """
        if run_id is None and (lost := self.holdings.untold()) is not None:
            raise await fate.of(self, lost)
        held = self.holdings.only() if run_id is None else self.holdings.get(run_id)
        if held is None:
            self.holdings.drop(str(run_id))
            raise await fate.of(self, str(run_id))
        if held.canceling and not last:
            raise await fate.stopped(self, held)
        return held

    async def report(self, held: Holding, kind: type[Command[R]], /, **fields: Any) -> R:
        """Report on a run. Errors as `at_work`, BudgetExhausted, or the typed error of a refusal."""
        try:
            return await self.request(kind(**held.about, **fields))
        except RunCanceled:
            raise await fate.stopped(self, held) from None
        except Fenced:
            self.holdings.drop(held.id)
            raise await fate.of(self, held.id) from None
        except BudgetExhausted:
            self.holdings.drop(held.id)
            raise

    async def _on_ready(self, connection: Connection) -> list[Work]:
        """The link is up: say who is here and what it holds, before anything else goes out."""
        try:
            connected = await connection.request(
                msgspec.structs.replace(self._hello, runs=self.holdings.named())
            )
        except YmeraError as error:
            if error.retryable:
                raise
            # It would be refused again and again.
            raise Forbidden(f"The server does not take this agent: {error.message}") from error
        self.me = connection.ready.me
        self._heartbeat_seconds = connected.heartbeat_seconds
        self.holdings.lose(connected.lost)
        self.holdings.take(connected.runs)
        self._trouble = None
        log.info("At work at %s as %s.", self._url, self.me.name)
        return [self._beat]

    async def _beat(self, connection: Connection) -> None:
        """Give a sign every few seconds, the first at once."""
        while True:
            sign = AgentHeartbeat(instance_id=self._hello.instance_id, runs=self.holdings.named())
            try:
                async with asyncio.timeout(self._heartbeat_seconds):
                    self.holdings.hear(await connection.request(sign))
            except TimeoutError:
                raise Unavailable("The server has not answered a heartbeat in time.") from None
            except YmeraError as error:
                # It is said again on the next connection, with who we are.
                raise Unavailable(f"The server has refused a heartbeat: {error.message}") from error
            await asyncio.sleep(self._heartbeat_seconds)

    def _on_message(self, name: str, data: Any) -> None:
        if name != "run.control":
            return
        try:
            control = msgspec.convert(data, RunControl)
        except msgspec.ValidationError as error:
            log.warning("A message %r of the server cannot be read: %s", name, error)
            return
        if control.instance_id == self._hello.instance_id:
            self.holdings.control(control)

    def _on_lost(self, error: YmeraError) -> None:
        log.warning("No connection to %s: %s", self._url, error)
        self._trouble = error

    def _on_end(self, ended: "asyncio.Task[None]") -> None:
        fault = None if ended.cancelled() else ended.exception()
        reason = fault if isinstance(fault, YmeraError) else Unavailable("The process has left its agent.")
        self._link.end(reason)

    async def _close(self) -> None:
        self._link.end(Unavailable("The process has left its agent.", retryable=False))
        while not self.ended.done():
            # Again and again, since a cancellation can be swallowed in the libraries.
            self.ended.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.wait({self.ended}, timeout=1.0)
