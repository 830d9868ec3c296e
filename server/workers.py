"""`ymera serve` with several processes: nodes of one workspace on one port, and what they stand on.

This process serves nobody. It starts the embedded database and, where no Redis is given, the embedded one,
migrates once, keeps the workers running, and says once where they are. All of them end with it.
"""

import asyncio
import json
import signal
import socket
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from handlers import accounts
from persistence import migrations
from persistence.database import connect_pool
from server import embedded, embedded_redis, greeting, logs
from server.children import Children, let_go, spawn
from server.embedded import EmbeddedError
from server.settings import Settings, port_in_use

READY_SECONDS = 60.0
REDIS_SECONDS = 5.0
SPARE_SECONDS = 5.0
"""What a worker gets to end, beyond the time that running commands get."""


def run(settings: Settings) -> None:
    """Serve with several processes until SIGINT or SIGTERM; EmbeddedError when some keep ending."""
    logs.configure(settings)
    with (
        _port(settings) as port,
        embedded.database(settings, sole=True) as dsn,
        # Only this user can open it, and its path is short enough for sockets.
        tempfile.TemporaryDirectory(prefix="ymera-") as folder,
    ):
        asyncio.run(migrations.upgrade(dsn))
        asyncio.run(_supervise(replace(settings, port=port), dsn, Path(folder)))


async def _supervise(settings: Settings, dsn: str, folder: Path) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with (
        Children(REDIS_SECONDS) as below,
        Children(settings.shutdown_grace_seconds + SPARE_SECONDS) as workers,
    ):
        redis_url = settings.redis_url
        if redis_url is None:
            await below.add("the embedded Redis", partial(embedded_redis.launch, folder))
            redis_url = embedded_redis.url(folder)
        assignment = {"dsn": dsn, "redis_url": redis_url, "port": settings.port, "folder": str(folder)}
        await asyncio.gather(
            *(
                workers.add(f"worker {number}", partial(_launch, assignment | {"number": number}))
                for number in range(settings.workers)
            )
        )
        await _greet(settings, dsn)
        stopped = asyncio.create_task(stop.wait(), name="stop")
        ends: list[asyncio.Future[Any]] = [stopped, below.failed, workers.failed]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        for failed in (below.failed, workers.failed):
            if failed.done():
                raise EmbeddedError(f"{failed.result()}; its log lines say why")


async def _launch(assignment: dict[str, object]) -> Process:
    """Start a worker and return once it serves."""
    # Without the current folder among those that modules come from.
    child = await spawn([sys.executable, "-P", "-m", "server.worker"], stdout=PIPE)
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        child.stdin.write(json.dumps(assignment).encode() + b"\n")
        async with asyncio.timeout(READY_SECONDS):
            said = await child.stdout.readline()
    except BaseException as error:
        await let_go(child, SPARE_SECONDS)
        if isinstance(error, TimeoutError):
            raise EmbeddedError(f"a worker did not serve within {READY_SECONDS:.0f} seconds") from None
        raise
    if not said:
        raise EmbeddedError(f"a worker ended with status {await child.wait()} before it served")
    return child


async def _greet(settings: Settings, dsn: str) -> None:
    async with await connect_pool(dsn, size=2) as pool, pool.acquire() as tx, tx.transaction():
        secret = await accounts.open_set_up(tx)
    greeting.greet(settings, secret)


@contextmanager
def _port(settings: Settings) -> Iterator[int]:
    """Keep the port that the workers share: that nobody else has it is known only here."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    with socket.socket(family, kind, protocol) as alone, socket.socket(family, kind, protocol) as shared:
        alone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        try:
            alone.bind(address)
            alone.close()
            shared.bind(address)
        except OSError as error:
            raise port_in_use(settings, error) from error
        # Bound but not listening: it gets no connections.
        yield shared.getsockname()[1]
