"""One worker process: a node like any other, that lives as long as its standard input stays open.

`server.workers` starts it and hands it an assignment, a line of JSON on that input; the settings are in the
environment. It prints a line once it serves.
"""

import asyncio
import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog
import uvloop

from server import app, logs
from server.settings import Settings, SettingsError
from server.siblings import Siblings

MISUSED = 2


def main() -> int:
    """Serve until told to stop, and return the exit status."""
    assignment = json.loads(sys.stdin.readline())
    settings = replace(Settings.from_environ(os.environ), port=assignment["port"])
    logs.configure(settings)
    structlog.contextvars.bind_contextvars(worker=assignment["number"])
    try:
        uvloop.run(_serve(settings, assignment))
    except SettingsError as error:
        for problem in error.problems:
            print(f"ymera: {problem}", file=sys.stderr)  # noqa: T201 -- for people
        return MISUSED
    return 0


async def _serve(settings: Settings, assignment: dict[str, Any]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def lifeline_ended() -> None:
        loop.remove_reader(sys.stdin)
        stop.set()

    loop.add_reader(sys.stdin, lifeline_ended)
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    siblings = Siblings(assignment["number"], Path(assignment["folder"]))
    async with app.node(settings, assignment["dsn"], redis_url=assignment["redis_url"], siblings=siblings):
        print("serving", flush=True)  # noqa: T201 -- for the keeper
        await stop.wait()


if __name__ == "__main__":
    sys.exit(main())
