"""The balances of attempts, in Redis and in the process alike."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from protocol.errors import ApiError, ErrorCode
from server import throttle
from server.redis_address import RedisAddress
from server.throttle import Rate, Throttle, subject_of
from tests.servers import redis_server

KEY = b"k" * 32
SLOW = Rate("slow", burst=3, every=1_000)
QUICK = Rate("quick", burst=1, every=0.02)


@pytest.fixture(params=["process", "Redis"])
async def limits(request: pytest.FixtureRequest, redis_url: str) -> AsyncIterator[Throttle]:
    async with Redis.from_url(redis_url) as redis:
        yield Throttle(redis if request.param == "Redis" else None, KEY)


async def allowed(limits: Throttle, rate: Rate, subject: str) -> int:
    """How many attempts there are, up to ten."""
    refusals = [refusal async for refusal in attempts(limits, rate, subject, 10)]
    for refusal in refusals:
        assert refusal is None or refusal.code is ErrorCode.RATE_LIMITED
        assert refusal is None or 0 < refusal.data["retry_after"] <= rate.every
    return refusals.count(None)


async def attempts(limits: Throttle, rate: Rate, subject: str, number: int) -> AsyncIterator[ApiError | None]:
    """What becomes of so many attempts: None, or why not."""
    for _ in range(number):
        try:
            await limits.take(rate, subject)
        except ApiError as error:
            yield error
        else:
            yield None


async def test_there_are_so_many_at_once(limits: Throttle) -> None:
    assert await allowed(limits, SLOW, "alice") == 3
    assert await allowed(limits, SLOW, "alice") == 0
    assert await allowed(limits, SLOW, "bob") == 3


async def test_rates_are_counted_apart(limits: Throttle) -> None:
    assert await allowed(limits, SLOW, "alice") == 3
    assert await allowed(limits, Rate("other", 2, 1_000), "alice") == 2


async def test_what_is_given_back_can_be_used_again(limits: Throttle) -> None:
    assert await allowed(limits, SLOW, "alice") == 3
    await limits.give_back_all([(SLOW, "alice"), (SLOW, "nobody")])
    assert await allowed(limits, SLOW, "alice") == 1


async def test_a_refused_attempt_costs_nothing(limits: Throttle) -> None:
    """Or whoever keeps trying would wait forever."""
    refusals = [refusal async for refusal in attempts(limits, SLOW, "alice", 8)]
    waits = [refusal.data["retry_after"] for refusal in refusals if refusal is not None]
    assert len(waits) == 5
    assert waits[0] >= waits[-1]


async def test_time_refills(limits: Throttle) -> None:
    async with asyncio.timeout(10):
        for _ in range(3):
            while [refusal async for refusal in attempts(limits, QUICK, "alice", 1)] != [None]:
                pass


async def test_of_several_the_first_without_balance_refuses(limits: Throttle) -> None:
    await allowed(limits, SLOW, "alice")
    with pytest.raises(ApiError):
        await limits.take_all([(SLOW, "bob"), (SLOW, "alice"), (SLOW, "carol")])
    assert await allowed(limits, SLOW, "bob") == 2
    assert await allowed(limits, SLOW, "carol") == 3


async def test_nodes_share_the_balance_and_redis_knows_no_names(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as redis:
        one, other = Throttle(redis, KEY), Throttle(redis, KEY)
        await one.take(SLOW, "alice@example.org")
        assert await allowed(other, SLOW, "alice@example.org") == 2
        (key,) = [key async for key in redis.scan_iter()]
        assert b"alice" not in key
        assert 0 < await redis.pttl(key) <= 3_000_001


async def test_without_redis_the_process_counts(tmp_path: Path) -> None:
    with redis_server(tmp_path) as server:
        async with Redis.from_url(server.url) as redis:
            limits = Throttle(redis, KEY)
            await limits.take(SLOW, "alice")
            server.stop()
            assert await allowed(limits, SLOW, "alice") == 3
            await limits.give_back_all([(SLOW, "alice")])
            assert await allowed(limits, SLOW, "alice") == 1


async def test_a_redis_that_does_not_answer_is_not_waited_for(tmp_path: Path) -> None:
    with redis_server(tmp_path) as server:
        async with Redis.from_url(server.url) as redis:
            limits = Throttle(redis, KEY)
            await limits.take(SLOW, "alice")
            server.freeze()
            async with asyncio.timeout(2 * throttle.ANSWER_SECONDS):
                assert await allowed(limits, SLOW, "alice") == 3
                await limits.give_back_all([(SLOW, "alice")])
                assert await limits.charge(SLOW, "bob", 1) == 0


async def test_whoever_is_cancelled_meanwhile_ends(redis_url: str) -> None:
    """Or a node that stops would wait forever for its task that charges."""
    async with RedisAddress.parse(redis_url).client() as redis:
        limits = Throttle(redis, KEY)
        await limits.charge(SLOW, "alice", 1)
        for turns in range(30):
            task = asyncio.create_task(limits.charge(SLOW, "alice", 1))
            for _ in range(turns):
                await asyncio.sleep(0)
            asked = task.cancel()
            await asyncio.wait({task})
            assert task.cancelled() == asked


async def test_redis_counts_again_once_it_is_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "AWAY_SECONDS", 0.0)
    with redis_server(tmp_path) as server:
        async with Redis.from_url(server.url) as redis:
            limits = Throttle(redis, KEY)
            assert await allowed(limits, SLOW, "alice") == 3
            server.freeze()
            assert await allowed(limits, Rate("one", burst=1, every=1_000), "alice") == 1
            server.thaw()
            assert await allowed(limits, SLOW, "alice") == 0


async def test_a_process_remembers_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "MAX_SUBJECTS", 3)
    limits = Throttle(None, KEY)
    for number in range(10):
        await limits.take(SLOW, str(number))
    assert len(limits._full_at) == 3
    assert await allowed(limits, SLOW, "9") == 2
    assert await allowed(limits, SLOW, "0") == 3


@pytest.mark.parametrize(
    ("address", "subject"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("unknown", "unknown"),
    ],
)
def test_what_counts_as_one_address(address: str, subject: str) -> None:
    assert subject_of(address) == subject
