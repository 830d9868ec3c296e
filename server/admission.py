"""Who may connect now, and how much a member may send over all connections and nodes.

A node lets in so many sessions a second and at once; the rest are told when to come back, before anything
is spent on them. What a member sends is counted here and settled with the other nodes a few times a second,
so that a command waits for nobody; a member that has sent too much is refused on all of them.
"""

import asyncio
import math
import random
import time
from collections.abc import Callable

from protocol.errors import ApiError, ErrorCode
from server.bucket import Bucket
from server.settings import Settings
from server.tasks import Tasks
from server.throttle import Rate, Throttle

SETTLE_SECONDS = 0.25
CONNECTS_AT_ONCE = 10
"""How many seconds' worth of sessions may come in one burst."""
MEMBER_CONNECT_SECONDS = 0.1
"""After which a member who has connected very often may do so once more."""
BACK_OFF_SECONDS = 5
CLOSED_SECONDS = 1
"""After which clients of a node that shuts down should come back, to another."""


class Admission:
    """The limits of this node and, through `throttle`, of all of them. `sessions()` is how many are open."""

    def __init__(self, settings: Settings, throttle: Throttle, sessions: Callable[[], int]) -> None:
        self._throttle = throttle
        self._sessions = sessions
        self._max_sessions = settings.max_connections
        rate = settings.connect_rate
        self._opened = Bucket(rate, rate * CONNECTS_AT_ONCE)
        self._connects = Rate("connect-member", settings.member_connect_burst, every=MEMBER_CONNECT_SECONDS)
        self._commands = Rate(
            "commands-member", settings.member_command_rate * 2, every=1 / settings.member_command_rate
        )
        self._sent: dict[str, int] = {}
        """Commands of each member that are not settled yet."""
        self._blocked: dict[str, float] = {}
        """Members that have sent too much, and until when."""
        self._tasks = Tasks()
        self.open = True
        """Whether anybody is let in at all."""

    def start(self) -> None:
        self._tasks.spawn(self._settle(), "admission settle")

    async def close(self) -> None:
        self.open = False
        await self._tasks.close()

    def session(self) -> int:
        """Seconds after which one more client may open a session; 0 lets it in."""
        if not self.open:
            return CLOSED_SECONDS
        wait = self._opened.take()
        if wait == 0 and self._sessions() < self._max_sessions:
            return 0
        # Not all at the same time again.
        return math.ceil(wait) + random.randint(1, BACK_OFF_SECONDS)  # noqa: S311 -- jitter

    async def connection(self, member_id: str) -> None:
        """Let a member connect; ApiError `rate_limited` if it does so too often, over all nodes."""
        await self._throttle.take(self._connects, member_id)

    def command(self, member_id: str) -> None:
        """Count a command; ApiError `rate_limited` if the member has sent too many, over all nodes."""
        if self._blocked and (until := self._blocked.get(member_id)) is not None:
            wait = until - time.monotonic()
            if wait > 0:
                raise ApiError(
                    ErrorCode.RATE_LIMITED,
                    f"Your connections together send too many commands; wait {wait:.2f} s.",
                    retry_after=round(wait, 3),
                )
            del self._blocked[member_id]
        self._sent[member_id] = self._sent.get(member_id, 0) + 1

    async def _settle(self) -> None:
        # Not only until cancelled, which redis-py may swallow while it asks a Sentinel.
        while self.open:
            await asyncio.sleep(SETTLE_SECONDS)
            sent, self._sent = self._sent, {}
            for member_id, count in sent.items():
                wait = await self._throttle.charge(self._commands, member_id, count)
                if wait > 0:
                    self._blocked[member_id] = time.monotonic() + wait
            now = time.monotonic()
            self._blocked = {member: until for member, until in self._blocked.items() if until > now}
