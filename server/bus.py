"""Messages between nodes, over Redis channels. They are hints: any of them may be lost.

Each room has a channel, subscribed only while this node has somebody in it. Every node also
sends itself a message through Redis every two seconds; one that stops hearing itself is deaf,
says so in its readiness, and lives on what it finds in PostgreSQL until it has reconnected.
"""

import asyncio
import contextlib
import random
import time
from collections import deque
from collections.abc import Callable

import redis.asyncio as redis
import structlog
from redis.exceptions import RedisError

from server.tasks import Tasks

logger = structlog.get_logger(__name__)

PING_SECONDS = 2.0
DEAF_SECONDS = 6.0
CONFIRM_SECONDS = 1.0
"""How long a subscription's confirmation is waited for."""
OUTGOING_LIMIT = 10_000
BATCH = 500
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
        self._redis = redis.Redis.from_url(
            url, socket_timeout=10, socket_connect_timeout=3, health_check_interval=0
        )
        self._prefix = f"ymera:{prefix}:"
        self._own = f"node:{node_id}"
        self._on_message = on_message
        self._on_recovered = on_recovered
        self._channels: dict[str, asyncio.Future[None]] = {}
        self._outgoing: deque[tuple[str, bytes]] = deque()
        self._filled = asyncio.Event()
        self._pubsub: redis.client.PubSub | None = None
        self._heard = time.monotonic()
        self._tasks = Tasks()
        self.dropped = 0
        """Outgoing messages given up because Redis took none for too long."""

    def start(self) -> None:
        self._channels[self._own] = asyncio.get_running_loop().create_future()
        self._tasks.spawn(self._listen(), "bus listen")
        self._tasks.spawn(self._send(), "bus send")
        self._tasks.spawn(self._ping(), "bus ping")

    async def close(self) -> None:
        """Send what is left, for at most a second, and stop."""
        with contextlib.suppress(RedisError, OSError, TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                while self._outgoing:
                    await self._send_batch()
        await self._tasks.close()
        await self._redis.aclose()

    @property
    def deaf(self) -> bool:
        """Whether this node has not heard itself for six seconds."""
        return time.monotonic() - self._heard > DEAF_SECONDS

    @property
    def backlog(self) -> int:
        return len(self._outgoing)

    def publish(self, channel: str, payload: bytes) -> None:
        """Send a message to every subscribed node, soon; never waits."""
        if len(self._outgoing) >= OUTGOING_LIMIT:
            self._outgoing.popleft()
            self.dropped += 1
        self._outgoing.append((channel, payload))
        self._filled.set()

    async def subscribe(self, channel: str) -> None:
        """Hear a channel from now on; returns once Redis confirms, or after a second without.

        While Redis is away at once: there is nothing to be heard, and `on_recovered` follows.
        """
        confirmed = self._channels.get(channel)
        if confirmed is None:
            confirmed = self._channels[channel] = asyncio.get_running_loop().create_future()
            if self._pubsub is not None:
                try:
                    await self._pubsub.subscribe(self._prefix + channel)
                except (RedisError, OSError):
                    return
        if self._pubsub is not None:
            await asyncio.wait([confirmed], timeout=CONFIRM_SECONDS)

    async def unsubscribe(self, channel: str) -> None:
        self._channels.pop(channel, None)
        if self._pubsub is not None:
            try:
                await self._pubsub.unsubscribe(self._prefix + channel)
            except (RedisError, OSError):
                return

    async def _listen(self) -> None:
        failures = 0
        while True:
            try:
                async with self._redis.pubsub() as pubsub:
                    await self._subscribe_all(pubsub)
                    self._pubsub = pubsub
                    failures = 0
                    self._on_recovered()
                    await self._read(pubsub)
            except (RedisError, OSError) as error:
                logger.warning("redis_lost", error=repr(error))
            finally:
                self._pubsub = None
                self._forget_confirmations()
            failures += 1
            await asyncio.sleep(random.uniform(0, min(RETRY_CAP_SECONDS, 0.1 * 2**failures)))  # noqa: S311 -- jitter

    async def _subscribe_all(self, pubsub: redis.client.PubSub) -> None:
        """To every channel, also to those that are added while this waits."""
        subscribed: set[str] = set()
        while added := self._channels.keys() - subscribed:
            await pubsub.subscribe(*[self._prefix + channel for channel in added])
            subscribed |= added

    async def _read(self, pubsub: redis.client.PubSub) -> None:
        while True:
            message = await pubsub.get_message(timeout=DEAF_SECONDS)
            if message is None:
                if self.deaf:
                    raise ConnectionError("nothing heard, not even from itself")
                continue
            channel = message["channel"].decode().removeprefix(self._prefix)
            if message["type"] == "message":
                if channel == self._own:
                    self._heard = time.monotonic()
                else:
                    self._on_message(channel, message["data"])
            elif message["type"] == "subscribe":
                confirmed = self._channels.get(channel)
                if confirmed is not None and not confirmed.done():
                    confirmed.set_result(None)

    def _forget_confirmations(self) -> None:
        loop = asyncio.get_running_loop()
        for channel, confirmed in self._channels.items():
            if confirmed.done():
                self._channels[channel] = loop.create_future()

    async def _send(self) -> None:
        failures = 0
        while True:
            await self._filled.wait()
            try:
                await self._send_batch()
                failures = 0
            except (RedisError, OSError) as error:
                failures += 1
                logger.warning("redis_publish_failed", error=repr(error))
                await asyncio.sleep(random.uniform(0, min(1.0, 0.05 * 2**failures)))  # noqa: S311 -- jitter

    async def _send_batch(self) -> None:
        batch = [self._outgoing.popleft() for _ in range(min(BATCH, len(self._outgoing)))]
        if not self._outgoing:
            self._filled.clear()
        self.dropped += len(batch)
        async with self._redis.pipeline(transaction=False) as pipeline:
            for channel, payload in batch:
                pipeline.publish(self._prefix + channel, payload)
            await pipeline.execute()
        self.dropped -= len(batch)

    async def _ping(self) -> None:
        while True:
            self.publish(self._own, b"")
            await asyncio.sleep(PING_SECONDS)
