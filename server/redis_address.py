"""Which Redis to use: one server, the master that Sentinels name, or a Cluster.

    redis://[user:password@]host[:port][/db], rediss:// with TLS, unix://[user:password@]/path/to/socket
    redis+sentinel://[user:password@]sentinel[:port],…/service[/db]
    redis+cluster://[user:password@]host[:port],…

`rediss+sentinel://` and `rediss+cluster://` use TLS. Options of redis-py may follow behind a question mark;
`sentinel_username` and `sentinel_password` are for the Sentinels themselves.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from redis.asyncio import Connection, ConnectionPool, Redis, RedisCluster, Sentinel
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.connection import AbstractConnection, SSLConnection, parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisClusterException, RedisError

Client: TypeAlias = Redis | RedisCluster

FAILURES = (RedisError, RedisClusterException, OSError)
"""What a Redis that cannot be used raises."""
SCHEMES = ("redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster")
SLOTS = 16_384
CONNECT_SECONDS = 3
HOSTS_LIMIT = 50
_URL = re.compile(
    r"(?P<scheme>[a-z+]+)://(?:(?P<login>[^/?]*)@)?(?P<hosts>[^/?]*)(?P<path>/[^?]*)?(?P<query>\?.*)?"
)
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::([0-9]{1,5}))?")


@dataclass(frozen=True, slots=True)
class Master:
    """A server that takes messages, and the slots of a Cluster that it serves; None are all."""

    host: str | None
    port: int | None
    slots: tuple[tuple[int, int], ...] | None = None


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """A parsed URL. `hosts` are the Sentinels or some of the Cluster; `options` are redis-py's."""

    kind: str
    options: dict[str, Any] = field(repr=False)
    hosts: tuple[tuple[str, int], ...] = ()
    service: str = ""
    sentinel_options: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def parse(cls, text: str) -> "RedisAddress":
        """Read a URL; ValueError says what is wrong without repeating it."""
        address = cls._parse(text)
        try:
            address.connection(Master("localhost", 0))
        except (TypeError, RedisError):
            raise ValueError("has an option behind the question mark that redis-py does not know") from None
        return address

    @classmethod
    def _parse(cls, text: str) -> "RedisAddress":
        if "#" in text:
            raise ValueError("has a # in it; in a password that is %23")
        found = _URL.fullmatch(text)
        if found is None or found["scheme"] not in SCHEMES:
            raise ValueError(f"does not start with {', '.join(SCHEMES[:-1])} or {SCHEMES[-1]}, then ://")
        scheme, _, kind = found["scheme"].partition("+")
        login, path, query = found["login"] or "", found["path"] or "", found["query"] or ""
        if not (path.strip("/") if scheme == "unix" else found["hosts"]):
            raise ValueError("names no socket" if scheme == "unix" else "names no host")
        hosts = _read_hosts(found["hosts"], 26_379 if kind == "sentinel" else 6_379)
        if scheme == "unix":
            return cls("server", _read_options(text))
        service = ""
        if kind == "sentinel":
            service, _, path = path.lstrip("/").partition("/")
            if not service:
                raise ValueError("names no service; it follows the Sentinels, behind a slash")
        _check_database(path, kind)
        if kind not in ("sentinel", "cluster"):
            if len(hosts) > 1:
                raise ValueError("names several hosts, which redis+sentinel:// or redis+cluster:// may")
            return cls("server", _read_options(text))
        options = _read_options(f"{scheme}://{login}{'@' if login else ''}host/{path.strip('/')}{query}")
        del options["host"]
        apart = {name: options.pop(name) for name in [*options] if name.startswith("sentinel_")}
        own = {name.removeprefix("sentinel_"): value for name, value in apart.items()}
        return cls(kind, options, hosts, service, own)

    def connection(self, master: Master, **options: Any) -> AbstractConnection:
        """A connection to one of the masters, not yet made."""
        whole: dict[str, Any] = {"socket_connect_timeout": CONNECT_SECONDS} | self.options | options
        if master.host is not None and "path" not in whole:
            whole |= {"host": master.host, "port": master.port}
        whole.pop("max_connections", None)
        kind: type[AbstractConnection] = whole.pop("connection_class", Connection)
        return kind(**whole)

    async def masters(self) -> tuple[Master, ...]:
        """The servers that take messages now; raises one of `FAILURES` when nobody knows."""
        if self.kind == "sentinel":
            async with self._sentinel() as sentinel:
                host, port = await sentinel.discover_master(self.service)
                return (Master(host, port),)
        if self.kind == "cluster":
            return await self._cluster_masters()
        return (Master(None, None),)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Client]:
        """A client for ordinary commands, which finds a new master by itself.

        Whoever uses it limits how long: redis-py's own limit may swallow that a task was cancelled.
        """
        limits = {"socket_connect_timeout": CONNECT_SECONDS, "socket_timeout": None}
        whole: dict[str, Any] = limits | self.options
        if self.kind == "server":
            async with Redis.from_pool(ConnectionPool(**whole)) as client:
                yield client
            return
        whole["ssl"] = whole.pop("connection_class", None) is SSLConnection
        if self.kind == "sentinel":
            async with self._sentinel() as sentinel, sentinel.master_for(self.service, **whole) as client:
                yield client
            return
        nodes = [ClusterNode(host, port) for host, port in self.hosts]
        # Not entered as a block, which would need the Cluster to be there already.
        cluster = RedisCluster(startup_nodes=nodes, **whole)
        try:
            yield cluster
        finally:
            await cluster.aclose()

    @asynccontextmanager
    async def _sentinel(self) -> AsyncIterator[Sentinel]:
        tls = {name: value for name, value in self.options.items() if name.startswith("ssl_")}
        sentinel = Sentinel(  # type: ignore[no-untyped-call]
            self.hosts,
            sentinel_kwargs={
                "ssl": self.options.get("connection_class") is SSLConnection,
                "socket_timeout": CONNECT_SECONDS,
                "socket_connect_timeout": CONNECT_SECONDS,
                "retry": Retry(NoBackoff(), 0),
                **tls,
                **self.sentinel_options,
            },
        )
        try:
            yield sentinel
        finally:
            for each in sentinel.sentinels:
                await each.aclose()

    async def _cluster_masters(self) -> tuple[Master, ...]:
        problems = []
        for host, port in self.hosts:
            connection = self.connection(Master(host, port), socket_timeout=CONNECT_SECONDS, protocol=2)
            try:
                await connection.connect()  # type: ignore[no-untyped-call]
                await connection.send_command("CLUSTER", "SLOTS")
                return _masters_in(await connection.read_response(), host)
            except FAILURES as error:
                problems.append(f"{host}:{port}: {error}")
            finally:
                await connection.disconnect(nowait=True)
        raise RedisConnectionError(f"no host of the Cluster helps: {'; '.join(problems)}")


def _read_options(url: str) -> dict[str, Any]:
    try:
        return dict(parse_url(url))
    except ValueError as error:
        # redis-py names the option, never its value.
        raise ValueError(f"cannot be read: {error}") from None


def _check_database(path: str, kind: str) -> None:
    database = path.strip("/")
    if database and not database.isdecimal():
        raise ValueError("names a database that is no number")
    if kind == "cluster" and int(database or 0) != 0:
        raise ValueError("names a database; a Cluster has none but 0")


def _read_hosts(text: str, default_port: int) -> tuple[tuple[str, int], ...]:
    hosts = []
    for entry in text.split(",") if text else []:
        found = _HOST.fullmatch(entry.strip())
        if found is None or int(found[2] or default_port) not in range(1, 65_536):
            raise ValueError("has a host that is none, or a port that is not a number up to 65535")
        hosts.append((found[1].strip("[]"), int(found[2] or default_port)))
    if len(hosts) > HOSTS_LIMIT:
        raise ValueError(f"names {len(hosts)} hosts, more than {HOSTS_LIMIT}")
    return tuple(hosts)


def _masters_in(slots: list[Any], asked: str) -> tuple[Master, ...]:
    """The masters in an answer to CLUSTER SLOTS; a host without a name is the one that was asked."""
    ranges: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for first, last, master, *_ in slots:
        host = master[0].decode() if master[0] else asked
        ranges.setdefault((host, master[1]), []).append((first, last))
    covered = sum(last - first + 1 for owned in ranges.values() for first, last in owned)
    if covered != SLOTS:
        raise RedisConnectionError(f"the Cluster serves only {covered} of {SLOTS} slots")
    return tuple(Master(*host, tuple(sorted(owned))) for host, owned in sorted(ranges.items()))
