"""What agents are refused: counted here as it happens, and written down every few seconds.

So one that floods, lies or works on what is not its own is seen as such, and costs no statement for each try.
"""

import asyncio
from collections.abc import Iterable

import asyncpg
import structlog

from persistence import faults
from persistence.database import UNREACHABLE, Pool
from persistence.faults import Refusals
from protocol.errors import ApiError, ErrorCode
from protocol.registry import COMMANDS
from server import metrics
from server.tasks import Tasks

logger = structlog.get_logger(__name__)

FLUSH_SECONDS = 3.0
MAX_COUNTED = 10_000
"""Agents times commands times codes that wait to be written; further ones are only in the metric."""
MAX_MESSAGE = 500
OWN = frozenset({ErrorCode.INTERNAL, ErrorCode.UNAVAILABLE, ErrorCode.DEADLINE_EXCEEDED})
"""Codes that say nothing of the agent."""
AGENTS = ("agent.", "question.", "run.")
"""What begins the commands by which agents do their work; names that no command has count as `unknown`."""


class Faults:
    """The refusals of this node that are not written down yet."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._counted: dict[tuple[str, str, str], Refusals] = {}
        self._tasks = Tasks()

    def start(self) -> None:
        self._tasks.spawn(self._run(), "faults")

    async def close(self) -> None:
        """Write down what is left."""
        await self._tasks.close()
        await self.flush()

    def count(self, agent_id: str, command: str, refusal: ApiError) -> None:
        """Note that an agent was refused something."""
        name = command if command in COMMANDS else "unknown"
        if refusal.code in OWN or not name.startswith((*AGENTS, "unknown")):
            return
        metrics.agent_refusals.labels(name, refusal.code).inc()
        shown = "".join(letter if letter.isprintable() else "?" for letter in refusal.message[:MAX_MESSAGE])
        self._add([Refusals(agent_id, name, refusal.code, 1, shown)])

    async def flush(self) -> None:
        """Write down what was counted, or keep it where that fails."""
        if not self._counted:
            return
        counted, self._counted = self._counted, {}
        try:
            await faults.add(self._pool, list(counted.values()))
        except (*UNREACHABLE, asyncpg.PostgresError, TimeoutError):
            logger.warning("faults_not_written", kinds=len(counted))
            later, self._counted = self._counted, counted
            self._add(later.values())

    def _add(self, refusals: Iterable[Refusals]) -> None:
        for refusal in refusals:
            key = refusal[:3]
            before = self._counted.get(key)
            if before is not None:
                self._counted[key] = refusal._replace(times=before.times + refusal.times)
            elif len(self._counted) < MAX_COUNTED:
                self._counted[key] = refusal

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await self.flush()
