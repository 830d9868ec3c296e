"""A token bucket: what a rate is, where asking must cost nothing."""

import time


class Bucket:
    """A token bucket: `rate` a second, up to `burst` at once."""

    __slots__ = ("_at", "_burst", "_rate", "_tokens")

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._tokens, self._at = burst, time.monotonic()

    def take(self) -> float:
        """Take one; 0 if there was one, else the seconds until there will be."""
        now = time.monotonic()
        tokens = self._tokens + (now - self._at) * self._rate
        tokens = min(tokens, self._burst)
        self._at = now
        if tokens >= 1:
            self._tokens = tokens - 1
            return 0.0
        self._tokens = tokens
        return (1 - tokens) / self._rate
