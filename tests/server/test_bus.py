"""Messages through a real Redis: what is heard, what a loss costs, and that none of it lasts."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio as redis
from redis.crc import key_slot

from server import bus as buses
from server import links
from server.bus import Bus
from server.links import Links
from tests.nodes import until
from tests.servers import (
    NEW_REDIS,
    OLD_REDIS,
    RedisCluster,
    RedisServer,
    redis_cluster,
    redis_sentinel,
    redis_server,
)


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


KINDS: dict[str, Callable[[Path], AbstractContextManager[Any]]] = {
    "old server": partial(redis_server, binary=OLD_REDIS),
    "new server": partial(redis_server, binary=NEW_REDIS),
    "old Cluster": partial(redis_cluster, binary=OLD_REDIS),
    "new Cluster": partial(redis_cluster, binary=NEW_REDIS),
    "Sentinel": redis_sentinel,
}


@pytest.fixture(params=KINDS)
def any_redis(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RedisServer | RedisCluster]:
    """Each kind of Redis in turn; servers know sharded channels from version 7 on."""
    with KINDS[request.param](tmp_path) as found:
        yield found


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server(tmp_path) as server:
        yield server


async def test_subscribed_channels_are_heard_on_every_node_and_others_are_not(
    any_redis: RedisServer | RedisCluster,
) -> None:
    async with site(any_redis.url, "one") as one, site(any_redis.url, "two") as two:
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


@pytest.mark.parametrize("binary", [OLD_REDIS, NEW_REDIS], ids=["plain", "sharded"])
async def test_a_cluster_spreads_channels_over_its_masters(tmp_path: Path, binary: Path) -> None:
    sharded = binary == NEW_REDIS
    rooms = [f"room {number}" for number in range(30)]
    with redis_cluster(tmp_path, binary) as cluster:
        async with site(cluster.url, "one") as one, site(cluster.url, "two") as two:
            await until(lambda: one.recoveries == two.recoveries == 1)
            for room in rooms:
                await one.bus.subscribe(room)
            command = "SHARDCHANNELS" if sharded else "CHANNELS"
            shares = [len(master.do("PUBSUB", command, "*room*")) for master in cluster.masters]
            assert sum(shares) == 30
            assert min(shares) > 0
            for room in rooms:
                two.bus.publish(room, b"1")
            await until(lambda: sorted(one.heard) == sorted((room, b"1") for room in rooms))


async def test_what_one_turn_publishes_is_one_message_a_channel(redis_url: str) -> None:
    async with site(redis_url, "one") as one, site(redis_url, "two") as two:
        await until(lambda: one.recoveries == two.recoveries == 1)
        for room in ("a", "b"):
            await one.bus.subscribe(room)
        async with redis.Redis.from_url(redis_url) as watcher, watcher.pubsub() as pubsub:
            await pubsub.ssubscribe("ymera:test:a")
            for number in range(3):
                two.bus.publish("a", b"%d" % number)
                two.bus.publish("b", b"%d" % number)
            await one.hears("b", b"2")
            await one.hears("a", b"2")
            told = [await pubsub.get_message(timeout=5) for _ in range(2)]
            assert [message["data"] for message in told if message["type"] == "smessage"] == [b"0\n1\n2"]
        assert [payload for channel, payload in one.heard if channel == "a"] == [b"0", b"1", b"2"]


async def test_a_message_is_at_most_a_mebibyte_of_payloads(redis_url: str) -> None:
    async with site(redis_url, "one") as one, site(redis_url, "two") as two:
        await until(lambda: one.recoveries == two.recoveries == 1)
        await one.bus.subscribe("room")
        payloads = [bytes([65 + number]) * 400_000 for number in range(6)] + [b"Z" * 3_000_000]
        for payload in payloads:
            two.bus.publish("room", payload)
        assert len(two.bus._take_batch()["room"]) <= buses.BATCH_BYTES
        await one.hears("room", payloads[-1])
        assert [payload for _, payload in one.heard] == payloads[2:]


def test_payloads_have_no_newlines(tmp_path: Path) -> None:
    async def publish() -> None:
        Site(f"unix://{tmp_path}/nothing.sock").bus.publish("room", b"one\ntwo")

    with pytest.raises(ValueError, match="newline"):
        asyncio.run(publish())


async def test_a_message_that_cannot_be_read_costs_no_other(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with site(redis_url) as one:
        await until(lambda: one.recoveries == 1)
        await one.bus.subscribe("room")
        hear = one.bus._on_message

        def read(channel: str, payload: bytes) -> None:
            assert payload != b"bad"
            hear(channel, payload)

        monkeypatch.setattr(one.bus, "_on_message", read)
        one.bus.publish("room", b"bad")
        one.bus.publish("room", b"good")
        await one.hears("room", b"good")
        assert one.recoveries == 1


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
        await until(lambda: one.recoveries > 0 and not one.bus.deaf)
        monkeypatch.setattr(one.bus, "publish", lambda *_: None)
        await until(lambda: one.bus.deaf)
        before = one.recoveries
        await until(lambda: one.recoveries > before and one.bus.deaf)
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


async def test_a_channel_whose_slot_moves_is_heard_where_it_went(tmp_path: Path) -> None:
    with redis_cluster(tmp_path) as cluster:
        async with site(cluster.url, "one") as one, site(cluster.url, "two") as two:
            await until(lambda: one.recoveries == two.recoveries == 1)
            await one.bus.subscribe("room")
            await asyncio.to_thread(cluster.move, key_slot(b"ymera:test:room"))
            await until(lambda: one.recoveries > 1)
            await confirmed(one, "room")

            async def found() -> bool:
                two.bus.publish("room", b"1")
                return ("room", b"1") in one.heard

            await until(found)
            assert not one.bus.deaf


async def test_a_cluster_may_lose_a_master_and_get_it_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buses, "DEAF_SECONDS", 0.5)
    monkeypatch.setattr(buses, "PING_SECONDS", 0.1)
    with redis_cluster(tmp_path) as cluster:
        async with site(cluster.url) as one:
            await until(lambda: one.recoveries == 1 and not one.bus.deaf)
            cluster.masters[1].stop()
            await until(lambda: one.bus.deaf)
            await asyncio.to_thread(cluster.masters[1].start)
            await until(lambda: one.recoveries > 1 and not one.bus.deaf)


async def test_the_master_that_sentinels_name_next_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buses, "RETRY_CAP_SECONDS", 0.5)
    with redis_sentinel(tmp_path) as redises:
        async with site(redises.url, "one") as one, site(redises.url, "two") as two:
            await until(lambda: one.recoveries == two.recoveries == 1)
            await one.bus.subscribe("room")
            redises.master.stop()
            await until(lambda: one.recoveries > 1 and two.recoveries > 1, 30)
            await confirmed(one, "room")
            two.bus.publish("room", b"1")
            await one.hears("room", b"1")
            assert redises.replica.do("ROLE")[0] == b"master"


async def test_a_redis_that_no_longer_answers_is_noticed(
    own_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buses, "DEAF_SECONDS", 0.5)
    monkeypatch.setattr(buses, "PING_SECONDS", 0.1)
    monkeypatch.setattr(links, "ANSWER_SECONDS", 0.5)
    async with site(own_redis.url) as one:
        await until(lambda: one.recoveries == 1)
        await one.bus.subscribe("room")
        own_redis.freeze()
        try:
            await until(lambda: one.bus.deaf and one.bus._links is None)
        finally:
            own_redis.thaw()
        await until(lambda: one.recoveries > 1 and not one.bus.deaf)
        await confirmed(one, "room")
        one.bus.publish("room", b"1")
        await one.hears("room", b"1")


async def test_it_closes_also_while_redis_is_lost(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hear = links.Link.hear

    async def lose(link: links.Link) -> tuple[bytes, bytes | None]:
        try:
            return await hear(link)
        except asyncio.CancelledError:
            raise ConnectionError("lost in this very moment") from None

    monkeypatch.setattr(links.Link, "hear", lose)
    one = Site(redis_url)
    one.bus.start()
    await until(lambda: one.recoveries == 1)
    async with asyncio.timeout(10):
        await one.bus.close()
