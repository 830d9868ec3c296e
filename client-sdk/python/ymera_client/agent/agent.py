"""An agent: what it can do, and its life as a program."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any, TypeVar

from ymera_client.agent import program
from ymera_client.agent.capability import Handler
from ymera_client.agent.process import Process
from ymera_client.agent.sealed import LEASE_SECONDS, SealedWork
from ymera_client.agent.worker import Worker
from ymera_client.client import Client
from ymera_client.errors import Unavailable
from ymera_client.generated import AgentConnect, CostClass, SecondRun
from ymera_client.outbox import new_id
from ymera_client.sealed.store import KeyStore
from ymera_client.session import ProgramToken
from ymera_client.transport import address
from ymera_client.wire import Wire

F = TypeVar("F", bound=Callable[..., Any])

MAX_CAPACITY = 10_000
"""Runs that one process does at once, at most."""
MAX_LEASE_SECONDS = 3_600


class Agent:
    """A program that does tasks in a YMERA workspace, as a member with its own token.

    `url` and `token` are by default those in YMERA_URL and YMERA_TOKEN, read when it starts. `capacity` is
    how many runs this process does at once, by default as many as its capabilities together; `version` is
    that of the program, for people to see. At most `threads` handlers that are no coroutine functions run at
    once. `keys` keeps this process's keys, without which it does nothing in encrypted rooms; no two processes
    share them. There another one takes a run over when this one was silent for `lease_seconds`.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        token: str | None = None,
        capacity: int | None = None,
        version: str = "",
        threads: int = 64,
        keys: KeyStore | None = None,
        lease_seconds: int = LEASE_SECONDS,
    ) -> None:
        if not 1 <= lease_seconds <= MAX_LEASE_SECONDS:
            raise ValueError(f"lease_seconds goes from 1 to {MAX_LEASE_SECONDS}, not to {lease_seconds}")
        self._url = url
        self._token = token
        self._capacity = capacity
        self._version = version
        self._threads = threads
        self._keys = keys
        self._lease_seconds = lease_seconds
        self._handlers: dict[str, Handler] = {}
        self._process: Process | None = None

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """What it can do, by name."""
        return MappingProxyType(self._handlers)

    def capability(
        self,
        name: str | None = None,
        *,
        concurrency: int = 1,
        cost: CostClass | str = CostClass.FREE,
        second: SecondRun | str = SecondRun.ENQUEUE,
        estimate: int = 0,
        rate: int | None = None,
        attempts: int = 3,
        stale_after: int = 1_800,
    ) -> Callable[[F], F]:
        """Make a function something that the agent can do; its signature says what it takes and gives.

        `name` is by default the function's. `concurrency` counts over all processes of the agent; `cost` is
        free, low, medium or high; `second` says what becomes of a second run for the same task (reject,
        enqueue, interrupt or restart); `estimate` is what a run may be expected to cost, in millionths;
        `rate` limits starts a minute, `attempts` how often a run is tried; after `stale_after` seconds
        without progress a run is shown as stale. TypeError or ValueError says what cannot be.
        """
        if callable(name):
            raise TypeError("Write @agent.capability() with parentheses.")

        def register(function: F) -> F:
            handler = Handler(
                function,
                name=name,
                concurrency=concurrency,
                cost=CostClass(cost),
                second=SecondRun(second),
                estimate=estimate,
                rate=rate,
                attempts=attempts,
                stale_after=stale_after,
            )
            if self._handlers.setdefault(handler.capability.name, handler) is not handler:
                raise ValueError(f"There are two capabilities {handler.capability.name!r}.")
            return function

        return register

    def run(self, *, grace: float = 30.0, connect_timeout: float = 30.0) -> None:
        """Be the program: work until SIGTERM or SIGINT, then drain and return.

        Draining finishes what is at work for at most `grace` seconds and hands back the rest; a second
        signal ends the process at once. SystemExit with a message on standard error and a status of
        sysexits.h: 78 if address or token are missing or malformed, 77 if the token is refused, 69 if no
        server is reached within `connect_timeout` seconds, 70 if a handler would not stop.
        """
        program.run(self, grace=grace, connect_timeout=connect_timeout)

    async def serve(self, *, grace: float = 30.0, connect_timeout: float = 30.0) -> None:
        """Work in this event loop until `stop`, then drain. Cancelled, it hands everything back at once.

        Unauthenticated or Forbidden if the server does not want it, Unavailable if none is reached in time.
        """
        async with self.running(grace=grace, connect_timeout=connect_timeout) as process:
            await asyncio.shield(asyncio.wrap_future(process.ended))

    @asynccontextmanager
    async def running(self, *, grace: float = 30.0, connect_timeout: float = 30.0) -> AsyncIterator[Process]:
        """At work in this event loop for the length of a block, at whose end it drains; else as `serve`."""
        if self._process is not None:
            raise RuntimeError("This agent is running already.")
        session = ProgramToken(self._secret())
        hello = self._hello()
        process = Process(self._address(), session, hello, self._sealed(hello))
        worker = Worker(self._handlers, process.loop, self._threads, Wire(self._address(), session.bearer))
        self._process = process
        process.start(worker)
        try:
            await self._reached(process, connect_timeout)
            yield process
        except BaseException:
            grace = 0.0
            raise
        finally:
            process.leave(grace)
            await asyncio.wait([asyncio.wrap_future(process.ended)])
            await worker.close()
            self._process = None

    def stop(self, grace: float = 30.0) -> None:
        """Begin to drain. From any thread, or a signal handler; nothing happens if it does not run."""
        if self._process is not None:
            self._process.leave(grace)

    def _sealed(self, hello: AgentConnect) -> Callable[[Worker], SealedWork] | None:
        """What makes the work in encrypted rooms; None without keys."""
        if self._keys is None:
            return None
        client = Client(self._address(), token=self._secret(), keys=self._keys, connect_timeout=0)
        return lambda worker: SealedWork(client, worker, hello, self._lease_seconds)

    async def _reached(self, process: Process, patience: float) -> None:
        first, ended = asyncio.wrap_future(process.first), asyncio.wrap_future(process.ended)
        await asyncio.wait([first, ended], timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            ended.result()
        if not first.done():
            reason = process.last_error or f"{self._address()} does not answer."
            raise Unavailable(f"Not connected within {patience:g} s: {reason}")

    def _hello(self) -> AgentConnect:
        if not self._handlers:
            raise ValueError("The agent has no capability: put @agent.capability() above a function.")
        capabilities = [handler.capability for handler in self._handlers.values()]
        together = sum(capability.concurrency for capability in capabilities)
        return AgentConnect(
            instance_id=new_id(),
            host=socket.gethostname()[:200],
            software=self._version[:100],
            capacity=min(together, MAX_CAPACITY) if self._capacity is None else self._capacity,
            capabilities=capabilities,
        )

    def _address(self) -> str:
        return address(self._url or program.setting("YMERA_URL", "the server's address"))

    def _secret(self) -> str:
        return self._token or program.setting(
            "YMERA_TOKEN", "the agent's token, which agent.register has given"
        )
