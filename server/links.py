"""Connections for messages: two to each Redis that takes some, one to speak on and one to hear on.

They stand on redis-py's connections rather than on its `PubSub`, which connects again in silence, so that
nobody would know that messages were missed. Here anything odd is an error, and whoever holds the links
makes new ones: a connection that ends, a channel that Redis takes away because its slot moved, and other
masters than those that Sentinels or the Cluster name now.

Channels are sharded where every server can do that (Redis 7, Valkey), and plain elsewhere. In a Cluster a
channel is spoken and heard at the server that has its slot.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count

import structlog
from redis.asyncio.connection import AbstractConnection
from redis.crc import key_slot
from redis.exceptions import ConnectionError as RedisConnectionError

from server.redis_address import FAILURES, SLOTS, Master, RedisAddress

logger = structlog.get_logger(__name__)

ANSWER_SECONDS = 5
"""How long Redis may take to answer."""
CHECK_SECONDS = 5.0
"""How often Sentinels or the Cluster are asked for the masters."""


class StaleLinksError(RedisConnectionError):
    """Channels have to be spoken and heard elsewhere from now on."""


@dataclass(frozen=True, slots=True)
class Verbs:
    """The commands of sharded or of plain channels."""

    publish: str
    subscribe: str
    unsubscribe: str
    message: bytes
    subscribed: bytes


SHARDED = Verbs("SPUBLISH", "SSUBSCRIBE", "SUNSUBSCRIBE", b"smessage", b"ssubscribe")
PLAIN = Verbs("PUBLISH", "SUBSCRIBE", "UNSUBSCRIBE", b"message", b"subscribe")


class Link:
    """The connections to one server."""

    def __init__(self, mouth: AbstractConnection, ear: AbstractConnection, verbs: Verbs) -> None:
        self._mouth = mouth
        self._ear = ear
        self._verbs = verbs
        self._leaving: dict[bytes, int] = {}

    async def publish(self, messages: Iterable[tuple[bytes, bytes]]) -> None:
        """Send messages in one write, and wait until Redis has taken all of them."""
        commands = [(self._verbs.publish, channel, message) for channel, message in messages]
        _check(self._mouth)
        async with asyncio.timeout(ANSWER_SECONDS):
            await self._mouth.send_packed_command(self._mouth.pack_commands(commands))
            for _ in commands:
                await self._mouth.read_response()

    async def subscribe(self, channels: Iterable[bytes]) -> None:
        """Ask to hear channels; `hear` gives None with the channel once Redis confirms."""
        # One command each: in a Cluster one command is for one slot.
        commands = [(self._verbs.subscribe, channel) for channel in channels]
        _check(self._ear)
        await self._ear.send_packed_command(self._ear.pack_commands(commands))

    async def unsubscribe(self, channel: bytes) -> None:
        """Ask to hear a channel no more."""
        _check(self._ear)
        self._leaving[channel] = self._leaving.get(channel, 0) + 1
        await self._ear.send_command(self._verbs.unsubscribe, channel)

    async def hear(self) -> tuple[bytes, bytes | None]:
        """The next message with its channel; None in place of it says that the channel is subscribed."""
        while True:
            kind, channel, content = await self._ear.read_response(timeout=math.inf)
            if kind == self._verbs.message:
                return channel, content
            leaving = self._leaving.get(channel, 0)
            if kind == self._verbs.subscribed:
                if not leaving:
                    return channel, None
            elif leaving == 0:
                raise StaleLinksError("Redis took a channel away")
            elif leaving == 1:
                del self._leaving[channel]
            else:
                self._leaving[channel] = leaving - 1


class Links:
    """The links to all masters; never empty."""

    def __init__(self, address: RedisAddress, links: dict[Master, Link]) -> None:
        self._address = address
        self._links = links
        owners = {
            slot: link
            for master, link in links.items()
            for first, last in master.slots or ()
            for slot in range(first, last + 1)
        }
        self._by_slot = [owners[slot] for slot in range(SLOTS)] if owners else []

    def __iter__(self) -> Iterator[Link]:
        return iter(self._links.values())

    def of(self, channel: bytes) -> Link:
        """Where a channel is spoken and heard."""
        return self._by_slot[key_slot(channel)] if self._by_slot else next(iter(self))

    def one_channel_each(self, prefix: bytes) -> set[bytes]:
        """Names that begin with `prefix`, so that each link has one of them."""
        found: dict[Link, bytes] = {}
        for number in count():
            name = b"%b:%d" % (prefix, number)
            found.setdefault(self.of(name), name)
            if len(found) == len(self._links):
                break
        return set(found.values())

    async def publish(self, messages: Iterable[tuple[bytes, bytes]]) -> None:
        """Send messages, and wait until Redis has taken all of them."""
        batches: dict[Link, list[tuple[bytes, bytes]]] = {}
        for channel, message in messages:
            batches.setdefault(self.of(channel), []).append((channel, message))
        if len(batches) == 1:
            [(link, batch)] = batches.items()
            await link.publish(batch)
        else:
            await asyncio.gather(*(link.publish(batch) for link, batch in batches.items()))

    async def subscribe(self, channels: Iterable[bytes]) -> None:
        """Ask to hear channels."""
        batches: dict[Link, list[bytes]] = {}
        for channel in channels:
            batches.setdefault(self.of(channel), []).append(channel)
        for link, batch in batches.items():
            await link.subscribe(batch)

    async def watch(self) -> None:
        """Raise `StaleLinksError` when there are other masters than these; never returns."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            if self._address.kind == "server":
                continue
            try:
                masters = await self._address.masters()
            except FAILURES as error:
                # These links may well live on without those who name them.
                logger.warning("redis_masters_unknown", error=repr(error))
                continue
            if set(masters) != self._links.keys():
                raise StaleLinksError("other servers are masters now")


@asynccontextmanager
async def connected(address: RedisAddress) -> AsyncIterator[Links]:
    """Links that live for the length of the block; raises one of `redis_address.FAILURES`."""
    async with AsyncExitStack() as stack:
        masters = await address.masters()
        mouths = [await _connect(stack, address, master) for master in masters]
        ears = [await _connect(stack, address, master) for master in masters]
        verbs = SHARDED if all([await _can_shard(mouth) for mouth in mouths]) else PLAIN
        yield Links(
            address,
            {
                master: Link(mouth, ear, verbs)
                for master, mouth, ear in zip(masters, mouths, ears, strict=True)
            },
        )


async def _connect(stack: AsyncExitStack, address: RedisAddress, master: Master) -> AbstractConnection:
    # In the older protocol a subscriber's messages are plain answers, to be read like any other. Limits of
    # time are set here: redis-py's may swallow that a task was cancelled.
    connection = address.connection(master, protocol=2, socket_timeout=None)
    stack.push_async_callback(connection.disconnect, nowait=True)
    async with asyncio.timeout(ANSWER_SECONDS):
        await connection.connect()  # type: ignore[no-untyped-call]
    return connection


def _check(connection: AbstractConnection) -> None:
    """Keep redis-py from connecting again where the connection was lost."""
    if not connection.is_connected:
        raise RedisConnectionError("the connection was lost")


async def _can_shard(connection: AbstractConnection) -> bool:
    async with asyncio.timeout(ANSWER_SECONDS):
        await connection.send_command("COMMAND", "INFO", SHARDED.publish)
        (known,) = await connection.read_response()
    return known is not None
