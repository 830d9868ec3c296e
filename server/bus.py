"""Messages between nodes, over Redis channels. They are hints: any of them may be lost.

Each room has a channel, subscribed only while this node has somebody in it. What one turn of the event
loop publishes goes out in one write, and what it publishes on one channel as one message, with newlines
between; while a write is on its way, the next one gathers.

Every node also sends itself a message through every Redis server it uses, each two seconds; one that stops
hearing itself is deaf, says so in its readiness, and lives on what it finds in PostgreSQL until it has
connected again.
"""

import asyncio
import contextlib
import random
import time
from collections import deque
from collections.abc import Callable

import structlog

from server import links
from server.links import Link, Links
from server.redis_address import FAILURES, RedisAddress
from server.tasks import Tasks

logger = structlog.get_logger(__name__)

PING_SECONDS = 2.0
DEAF_SECONDS = 6.0
CONFIRM_SECONDS = 1.0
"""How long a subscription's confirmation is waited for."""
OUTGOING_LIMIT = 10_000
OUTGOING_BYTES = 64 << 20
BATCH_BYTES = 1 << 20
RETRY_CAP_SECONDS = 5.0
CLOSE_SECONDS = 1.0

OnMessage = Callable[[str, bytes], None]


class Bus:
    """This node's ear and mouth. `on_message(channel, payload)` gets what others, and it, sent.

    `on_recovered()` is called after each reconnection: messages were missed meanwhile.
    """

    def __init__(
        self, url: str, prefix: str, node_id: str, on_message: OnMessage, on_recovered: Callable[[], None]
    ) -> None:
        self._address = RedisAddress.parse(url)
        self._prefix = f"ymera:{prefix}:"
        self._node_id = node_id
        self._on_message = on_message
        self._on_recovered = on_recovered
        self._channels: dict[str, asyncio.Future[None]] = {}
        self._outgoing: deque[tuple[str, bytes]] = deque()
        self._outgoing_bytes = 0
        self._filled = asyncio.Event()
        self._emptied = asyncio.Event()
        self._links: Links | None = None
        self._heard = {"": time.monotonic()}
        """When this node last heard itself, by its own channels."""
        self._tasks = Tasks()
        self._closing = False
        self.dropped = 0
        """Outgoing messages given up because Redis took none for too long."""

    def start(self) -> None:
        self._tasks.spawn(self._run(), "bus")

    async def close(self) -> None:
        """Send what is left, for at most a second, and stop."""
        if self._links is not None and self._outgoing:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await self._emptied.wait()
        self._closing = True
        await self._tasks.close()

    @property
    def deaf(self) -> bool:
        """Whether this node has not heard itself for six seconds."""
        return time.monotonic() - min(self._heard.values()) > DEAF_SECONDS

    @property
    def backlog(self) -> int:
        return len(self._outgoing)

    def publish(self, channel: str, payload: bytes) -> None:
        """Send a message to every subscribed node at the end of this turn of the loop; never waits.

        A payload has no newline in it, as compact JSON has none; ValueError otherwise.
        """
        if b"\n" in payload:
            raise ValueError("a payload may not contain a newline")
        self._outgoing.append((channel, payload))
        self._outgoing_bytes += len(payload)
        while len(self._outgoing) > OUTGOING_LIMIT or self._outgoing_bytes > OUTGOING_BYTES:
            self._take_first()
            self.dropped += 1
        self._emptied.clear()
        self._filled.set()

    async def subscribe(self, channel: str) -> None:
        """Hear a channel from now on; returns once Redis confirms, or after a second without.

        While Redis is away at once: there is nothing to be heard, and `on_recovered` follows.
        """
        confirmed = self._channels.get(channel)
        asked = confirmed is not None
        if confirmed is None:
            confirmed = self._channels[channel] = asyncio.get_running_loop().create_future()
        if self._links is None:
            return
        with contextlib.suppress(*FAILURES):
            async with asyncio.timeout(CONFIRM_SECONDS):
                if not asked:
                    await self._links.subscribe([self._name(channel)])
                await asyncio.wait([confirmed])

    async def unsubscribe(self, channel: str) -> None:
        self._channels.pop(channel, None)
        if self._links is not None:
            name = self._name(channel)
            with contextlib.suppress(*FAILURES):
                await self._links.of(name).unsubscribe(name)

    def _name(self, channel: str) -> bytes:
        return (self._prefix + channel).encode()

    def _channel(self, name: bytes) -> str:
        return name.decode()[len(self._prefix) :]

    async def _run(self) -> None:
        failures = 0
        # Not only by being cancelled, which a group of tasks forgets, before Python 3.13, while one fails.
        while not self._closing:
            try:
                async with links.connected(self._address) as made:
                    await self._join(made)
                    failures = 0
                    await self._converse(made)
            except* FAILURES as group:
                logger.warning("redis_lost", errors=[str(error) for error in group.exceptions])
            except* Exception:
                logger.exception("bus_failed")
            finally:
                self._links = None
                self._forget_confirmations()
            failures += 1
            await asyncio.sleep(random.uniform(0, min(RETRY_CAP_SECONDS, 0.1 * 2**failures)))  # noqa: S311 -- jitter

    async def _join(self, made: Links) -> None:
        """Subscribe to every channel, also to those that are added while this waits."""
        own = made.one_channel_each(self._name(f"node:{self._node_id}"))
        # Deaf until it hears itself on all of them, if it was deaf before.
        since = min(self._heard.values())
        self._heard = {self._channel(name): since for name in own}
        await made.subscribe(own)
        subscribed: set[str] = set()
        while added := self._channels.keys() - subscribed:
            await made.subscribe(self._name(channel) for channel in added)
            subscribed |= added
        self._links = made
        self._on_recovered()

    async def _converse(self, made: Links) -> None:
        async with asyncio.TaskGroup() as group:
            for link in made:
                group.create_task(self._hear(link))
            group.create_task(self._speak(made))
            group.create_task(self._ping())
            group.create_task(made.watch())

    async def _hear(self, link: Link) -> None:
        while True:
            name, content = await link.hear()
            channel = self._channel(name)
            if content is None:
                confirmed = self._channels.get(channel)
                if confirmed is not None and not confirmed.done():
                    confirmed.set_result(None)
            elif channel in self._heard:
                self._heard[channel] = time.monotonic()
            else:
                for payload in content.split(b"\n"):
                    self._tell(channel, payload)

    def _tell(self, channel: str, payload: bytes) -> None:
        try:
            self._on_message(channel, payload)
        except Exception:
            # One message that cannot be read must not cost the others.
            logger.exception("bus_message_failed", channel=channel)

    def _forget_confirmations(self) -> None:
        loop = asyncio.get_running_loop()
        for channel, confirmed in self._channels.items():
            if confirmed.done():
                self._channels[channel] = loop.create_future()

    async def _speak(self, made: Links) -> None:
        while True:
            await self._filled.wait()
            count = len(self._outgoing)
            batch = self._take_batch()
            count -= len(self._outgoing)
            try:
                await made.publish((self._name(channel), message) for channel, message in batch.items())
            except BaseException:
                # Not sent again: nobody knows which of them got through.
                self.dropped += count
                raise
            if not self._outgoing:
                self._emptied.set()

    def _take_batch(self) -> dict[str, bytes]:
        """The oldest messages, a mebibyte of them and at least one, joined by channel."""
        gathered: dict[str, list[bytes]] = {}
        size = 0
        while self._outgoing and (not size or size + len(self._outgoing[0][1]) <= BATCH_BYTES):
            channel, payload = self._take_first()
            gathered.setdefault(channel, []).append(payload)
            size += len(payload) + 1
        if not self._outgoing:
            self._filled.clear()
        return {channel: b"\n".join(payloads) for channel, payloads in gathered.items()}

    def _take_first(self) -> tuple[str, bytes]:
        channel, payload = self._outgoing.popleft()
        self._outgoing_bytes -= len(payload)
        return channel, payload

    async def _ping(self) -> None:
        started = time.monotonic()
        while True:
            for channel in self._heard:
                self.publish(channel, b"")
            await asyncio.sleep(PING_SECONDS)
            if self.deaf and time.monotonic() - started > DEAF_SECONDS:
                raise ConnectionError("nothing heard, not even from itself")
