"""An agent as a program of its own: signals, exit statuses, and messages for whoever starts it."""

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from ymera_client.errors import Forbidden, Unauthenticated, Unavailable, UnsupportedProtocol, YmeraError

if TYPE_CHECKING:
    from ymera_client.agent.agent import Agent

log = logging.getLogger(__name__)

SIGNALS = (signal.SIGTERM, signal.SIGINT)
OVERTIME = 15.0
"""Seconds beyond the grace period after which the program is ended even if a handler blocks it."""
CLOSE_SECONDS = 2.0
"""How long handlers that were told to stop and would not may hold up the end of the event loop."""


def run(agent: "Agent", *, grace: float, connect_timeout: float) -> None:
    """Run it until a signal ends it. SystemExit as `Agent.run` says."""
    if not logging.root.handlers:
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        with _signals(agent, grace), _runner() as runner:
            runner.run(agent.serve(grace=grace, connect_timeout=connect_timeout))
    except (ValueError, YmeraError) as error:
        print(f"{sys.argv[0]}: {error}", file=sys.stderr)  # noqa: T201 - it is a program
        sys.exit(status_of(error))


def setting(name: str, what: str) -> str:
    """A variable of the environment. ValueError says what it should hold."""
    if value := os.environ.get(name):
        return value
    raise ValueError(f"{name} is not set: {what}.")


def status_of(error: BaseException) -> int:
    """The exit status, of sysexits.h, of a program that ends with this error."""
    match error:
        case Unauthenticated() | Forbidden() | UnsupportedProtocol():
            return os.EX_NOPERM
        case Unavailable():
            return os.EX_UNAVAILABLE
        case ValueError():
            return os.EX_CONFIG
        case _:
            return os.EX_SOFTWARE


@contextmanager
def _signals(agent: "Agent", grace: float) -> Iterator[None]:
    """Drain at the first signal, end at the second: also while a handler blocks the event loop."""
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("Agent.run needs the main thread, for its signals; use Agent.serve elsewhere.")
    deadlines: list[threading.Timer] = []

    def on_signal(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signature of handlers
        if deadlines:
            os.write(2, b"Ended at once by a second signal.\n")
            os._exit(128 + number)
        deadlines.append(_end_within(grace + OVERTIME))
        agent.stop(grace)

    before = {number: signal.signal(number, on_signal) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for deadline in deadlines:
            deadline.cancel()


@contextmanager
def _runner() -> Iterator[asyncio.Runner]:
    """An event loop whose end handlers cannot hold up for ever."""
    runner = asyncio.Runner()
    try:
        yield runner
    finally:
        deadline = _end_within(CLOSE_SECONDS)
        try:
            runner.close()
        finally:
            deadline.cancel()


def _end_within(seconds: float) -> threading.Timer:
    """End the process by force after this time, unless cancelled before."""

    def end() -> None:
        log.error("A handler would not stop; the program ends without it.")
        logging.shutdown()
        os._exit(os.EX_SOFTWARE)

    deadline = threading.Timer(seconds, end)
    deadline.daemon = True
    deadline.start()
    return deadline
