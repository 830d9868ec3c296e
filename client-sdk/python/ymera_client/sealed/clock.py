"""The device's clock: what stands in what it signs, and by which it renews and forgets keys."""

import time


def now_ms() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000
