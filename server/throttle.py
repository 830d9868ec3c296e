"""How often an address, an account or a sign-in may try something.

Each subject has a balance that refills with time (GCRA: one number a subject, the time at which it is full
again). The balance is in Redis, where there is one, so that it is the same on all nodes; else, and
while Redis is away or does not answer, in this process. Attempts that turn out well are given back.
"""

import asyncio
import hashlib
import ipaddress
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from protocol.errors import ApiError, ErrorCode
from server.redis_address import FAILURES, Client

logger = structlog.get_logger(__name__)

MAX_SUBJECTS = 100_000
"""Balances that one process remembers."""
ANSWER_SECONDS = 0.5
"""How long Redis may take, since a client waits for it."""
AWAY_SECONDS = 5.0
"""How long Redis is not asked again after it has failed."""

# Takes one and returns the seconds to wait, "0" if there was one. Redis' clock is the same for all nodes.
_TAKE = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local every, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local full_at = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0')) + every
local wait = full_at - now - burst * every
if wait > 0.001 then return tostring(wait) end
redis.call('SET', KEYS[1], string.format('%.6f', full_at), 'PX', math.ceil((full_at - now) * 1000) + 1)
return '0'
"""
# Takes so many, there or not, and returns the seconds until there is one again.
_CHARGE = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local every, burst, count = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full_at = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0')) + count * every
full_at = math.min(full_at, now + 2 * burst * every)
redis.call('SET', KEYS[1], string.format('%.6f', full_at), 'PX', math.ceil((full_at - now) * 1000) + 1)
return tostring(math.max(0, full_at - now - burst * every))
"""
_GIVE_BACK = """
local full_at = redis.call('GET', KEYS[1])
if full_at then redis.call('SET', KEYS[1], string.format('%.6f', full_at - ARGV[1]), 'KEEPTTL') end
"""


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` attempts at once, and one more `every` so many seconds."""

    name: str
    burst: int
    every: float


REQUESTS = Rate("requests", burst=2_000, every=0.01)
LOGIN_ADDRESS = Rate("login-address", burst=50, every=3)
LOGIN_ACCOUNT = Rate("login-account", burst=10, every=30)
REGISTER_ADDRESS = Rate("register-address", burst=30, every=10)
REGISTER_ACCOUNT = Rate("register-account", burst=10, every=30)
REFRESH_ADDRESS = Rate("refresh-address", burst=300, every=0.2)
REFRESH_SESSION = Rate("refresh-session", burst=30, every=2)
HOOK_ADDRESS = Rate("hook-address", burst=300, every=0.2)
HOOK_TRIGGER = Rate("hook-trigger", burst=60, every=1)


class Throttle:
    """The balances. `key`, at most 64 bytes, keeps addresses and accounts from being read in Redis."""

    def __init__(self, redis: Client | None, key: bytes) -> None:
        self._redis = redis
        self._key = key
        self._away_until = 0.0
        self._full_at: dict[str, float] = {}

    async def take(self, rate: Rate, subject: str) -> None:
        """Use one attempt; ApiError `rate_limited` if there is none left."""
        wait = await self._wait(rate, self._name(rate, subject))
        if wait > 0:
            seconds = math.ceil(wait)
            raise ApiError(
                ErrorCode.RATE_LIMITED, f"Too many attempts; wait {seconds} s.", retry_after=seconds
            )

    async def charge(self, rate: Rate, subject: str, count: int) -> float:
        """Use attempts that were made already; the seconds until there is one left, 0 if there is.

        At most a whole burst is owed.
        """
        name = self._name(rate, subject)
        owed = await self._ask(_CHARGE, name, rate.every, rate.burst, count)
        if owed is not None:
            return float(owed)
        now = time.monotonic()
        full_at = max(now, self._full_at.pop(name, 0.0)) + count * rate.every
        full_at = min(full_at, now + 2 * rate.burst * rate.every)
        self._remember(name, full_at, now)
        return max(0.0, full_at - now - rate.burst * rate.every)

    async def take_all(self, attempts: Sequence[tuple[Rate, str]]) -> None:
        """Use one attempt of each rate and subject, up to the first that has none left."""
        for rate, subject in attempts:
            await self.take(rate, subject)

    async def give_back_all(self, attempts: Sequence[tuple[Rate, str]]) -> None:
        """Undo a `take_all`: the attempt was no abuse."""
        for rate, subject in attempts:
            await self._give_back(rate, subject)

    async def _give_back(self, rate: Rate, subject: str) -> None:
        name = self._name(rate, subject)
        await self._ask(_GIVE_BACK, name, rate.every)
        if name in self._full_at:
            self._full_at[name] -= rate.every

    async def _wait(self, rate: Rate, name: str) -> float:
        wait = await self._ask(_TAKE, name, rate.every, rate.burst)
        return self._wait_here(rate, name) if wait is None else float(wait)

    async def _ask(self, script: str, name: str, *arguments: float) -> Any:
        """What a script answers in Redis; None where there is none, or none that is well."""
        if self._redis is None or time.monotonic() < self._away_until:
            return None
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self._redis.eval(script, 1, name, *map(str, arguments))
        except FAILURES as error:
            self._away_until = time.monotonic() + AWAY_SECONDS
            logger.warning("throttle_without_redis", error=repr(error))
            return None

    def _wait_here(self, rate: Rate, name: str) -> float:
        now = time.monotonic()
        full_at = max(now, self._full_at.pop(name, 0.0)) + rate.every
        wait = full_at - now - rate.burst * rate.every
        if wait > 0.001:
            full_at -= rate.every
        self._remember(name, full_at, now)
        return wait if wait > 0.001 else 0.0

    def _remember(self, name: str, full_at: float, now: float) -> None:
        if len(self._full_at) >= MAX_SUBJECTS:
            self._forget(now)
        self._full_at[name] = full_at

    def _forget(self, now: float) -> None:
        """Make room: those with a full balance go, or else the one that was quiet longest."""
        self._full_at = {name: full_at for name, full_at in self._full_at.items() if full_at > now}
        if len(self._full_at) >= MAX_SUBJECTS:
            del self._full_at[next(iter(self._full_at))]

    def _name(self, rate: Rate, subject: str) -> str:
        digest = hashlib.blake2b(subject.encode(), key=self._key, digest_size=16).hexdigest()
        return f"ymera:throttle:{rate.name}:{digest}"


def subject_of(address: str) -> str:
    """What counts as one address: an IPv6 customer has a network of 2^64."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ipaddress.IPv6Network((parsed, 64), strict=False))
