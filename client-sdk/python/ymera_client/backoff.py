"""How long to wait before trying again: exponential, with full jitter, so that clients come one by one."""

import random

BASE = 0.5
"""Seconds; the first wait is at most this long."""
CAP = 30.0
"""Seconds; no wait is longer, unless the server asks for it."""

_random = random.SystemRandom()


def full_jitter(attempt: int, *, at_least: float = 0.0) -> float:
    """Seconds to wait before attempt number `attempt`, counted from 0.

    Evenly spread between nothing and `BASE * 2**attempt`, at most `CAP`; `at_least` is what the
    server asked for (`retry_after`), and the spread then comes on top of it.
    """
    return at_least + _random.uniform(0.0, min(CAP, BASE * 2.0 ** min(attempt, 10)))
