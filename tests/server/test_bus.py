"""Messages through a real Redis: what is heard, what a loss costs, and that none of it lasts."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from server import bus as buses
from server.bus import Bus
from server.links import Links
from tests.nodes import until
from tests.servers import RedisServer, redis_server


class Site:
    """A node's bus and what it was told."""

    def __init__(self, url: str, name: str = "one") -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.recoveries = 0
        self.bus = Bus(url, "test", name, lambda *message: self.heard.append(message), self._recovered)

    def _recovered(self) -> None:
        self.recoveries += 1

    async def hears(self, channel: str, payload: bytes) -> None:
        await until(lambda: (channel, payload) in self.heard)


@asynccontextmanager
async def site(url: str, name: str = "one") -> AsyncIterator[Site]:
    made = Site(url, name)
    made.bus.start()
    try:
        yield made
    finally:
        await made.bus.close()


async def confirmed(one: Site, channel: str) -> None:
    """Redis has said that the channel is subscribed."""
    await until(one.bus._channels[channel].done)


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server(tmp_path) as server:
        yield server


async def test_subscribed_channels_are_heard_on_every_node_and_others_are_not(redis_url: str) -> None:
    async with site(redis_url, "one") as one, site(redis_url, "two") as two:
        await until(lambda: one.recoveries == two.recoveries == 1)
        await one.bus.subscribe("room")
        await two.bus.subscribe("room")
        await one.bus.subscribe("room")
        two.bus.publish("elsewhere", b"0")
        two.bus.publish("room", b"1")
        await one.hears("room", b"1")
        await two.hears("room", b"1")
        await one.bus.unsubscribe("room")
        await one.bus.subscribe("other")
        two.bus.publish("room", b"2")
        two.bus.publish("other", b"3")
        await one.hears("other", b"3")
        assert one.heard == [("room", b"1"), ("other", b"3")]


async def test_what_is_subscribed_while_it_connects_is_heard(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe = Links.subscribe
    joining: list[asyncio.Task[None]] = []

    async with site(redis_url) as one:

        async def meanwhile(links: Links, channels: Iterable[bytes]) -> None:
            if not joining:
                joining.append(asyncio.create_task(one.bus.subscribe("room")))
                await asyncio.sleep(0)
            await subscribe(links, channels)

        monkeypatch.setattr(Links, "subscribe", meanwhile)
        await until(lambda: one.recoveries == 1)
        await joining[0]
        await confirmed(one, "room")
        one.bus.publish("room", b"1")
        await one.hears("room", b"1")


async def test_while_redis_is_away_nobody_waits_for_it(tmp_path: Path) -> None:
    async with site(f"unix://{tmp_path}/nothing.sock") as one, asyncio.timeout(buses.CONFIRM_SECONDS):
        for number in range(1_000):
            await one.bus.subscribe(f"room {number}")
            await one.bus.unsubscribe(f"room {number}")
        await one.bus.subscribe("room")


async def test_channels_outlive_redis(own_redis: RedisServer) -> None:
    async with site(own_redis.url) as one:
        await until(lambda: one.recoveries == 1)
        await one.bus.subscribe("before")
        own_redis.stop()
        await until(lambda: one.bus._links is None)
        await one.bus.subscribe("meanwhile")
        own_redis.start()
        await until(lambda: one.recoveries == 2)
        for channel in ("before", "meanwhile"):
            await confirmed(one, channel)
            one.bus.publish(channel, b"found")
            await one.hears(channel, b"found")


async def test_a_subscription_that_breaks_is_made_again(own_redis: RedisServer) -> None:
    async with site(own_redis.url) as one:
        await until(lambda: one.recoveries == 1)
        own_redis.stop()
        # Not noticed yet: these run into the broken connection.
        await one.bus.subscribe("room")
        await one.bus.unsubscribe("other")
        own_redis.start()
        await until(lambda: one.recoveries == 2)
        await confirmed(one, "room")
        one.bus.publish("room", b"1")
        await one.hears("room", b"1")


async def test_a_node_that_does_not_hear_itself_connects_again(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buses, "DEAF_SECONDS", 0.2)
    monkeypatch.setattr(buses, "PING_SECONDS", 0.05)
    async with site(redis_url) as one:
        await until(lambda: one.recoveries == 1)
        assert not one.bus.deaf
        monkeypatch.setattr(one.bus, "publish", lambda *_: None)
        await until(lambda: one.bus.deaf)
        await until(lambda: one.recoveries > 1)
        assert one.bus.deaf
        monkeypatch.undo()
        await until(lambda: not one.bus.deaf)


async def test_what_redis_does_not_take_is_dropped_oldest_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buses, "OUTGOING_LIMIT", 3)
    one = Site(f"unix://{tmp_path}/nothing.sock")
    for number in range(5):
        one.bus.publish("room", b"%d" % number)
    assert (one.bus.backlog, one.bus.dropped) == (3, 2)
    assert [payload for _, payload in one.bus._outgoing] == [b"2", b"3", b"4"]
    await one.bus.close()


async def test_closing_sends_what_is_left(redis_url: str) -> None:
    async with site(redis_url, "two") as two:
        await until(lambda: two.recoveries == 1)
        await two.bus.subscribe("room")
        one = Site(redis_url)
        one.bus.start()
        await until(lambda: one.recoveries == 1)
        one.bus.publish("room", b"last words")
        await one.bus.close()
        await two.hears("room", b"last words")
