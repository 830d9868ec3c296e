"""What is done every hour without anybody's command: removing what its time is over for, making room.

Each node does it; what one has done the next finds done.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from handlers import file_versions as versions
from handlers import files
from handlers.dispatch import Dispatcher, publish_committed
from persistence import (
    commands,
    file_grants,
    file_versions,
    garbage,
    pairings,
    partitions,
    projects,
    sessions,
    tokens,
    triggers,
)
from persistence import files as file_rows
from persistence.database import DATABASE_FAILURES, Pool, clock
from persistence.storage import STORE_FAILURES, Storage
from protocol.errors import ApiError
from server import metrics

logger = structlog.get_logger(__name__)

EVERY_SECONDS = 3_600.0
AT_ONCE = 200
"""Files that are looked at together."""
REMOVED_AT_ONCE = 20
"""Files that are removed together, each with up to 500 versions: for a second at most the room waits."""
THINNED_FOR = timedelta(days=40)
"""How long after its newest version a file's are thinned out; older ones have come to rest."""
FAILURES = (ApiError, *DATABASE_FAILURES, *STORE_FAILURES)


class Housekeeping:
    """The rounds of one node."""

    def __init__(self, pool: Pool, dispatcher: Dispatcher, store: Storage, retention: timedelta) -> None:
        self._pool = pool
        self._dispatcher = dispatcher
        self._store = store
        self._retention = retention

    async def run(self) -> None:
        """Make a round every hour."""
        while True:
            await _safely(self.round)
            await asyncio.sleep(EVERY_SECONDS)

    async def round(self) -> None:
        """Do all there is to do; what fails keeps nothing else from being done."""
        async with self._pool.acquire() as tx:
            now = await clock(tx)
        for work in (
            partial(commands.prune, self._pool),
            partial(sessions.prune, self._pool),
            partial(tokens.prune, self._pool),
            partial(triggers.prune, self._pool, now),
            partial(self._purge_projects, now),
            partial(partitions.tend, self._pool, self._retention),
            partial(file_grants.prune, self._pool, now),
            partial(pairings.prune, self._pool),
            partial(self._empty_trash, now),
            partial(self._thin_out, now),
            partial(garbage.collect, self._pool, self._store, now),
        ):
            await _safely(work)

    async def _purge_projects(self, now: datetime) -> None:
        # What files there are goes before, in steps: all at once would take longer than a statement may.
        while await file_rows.forsake(self._pool, now, REMOVED_AT_ONCE):
            pass
        await publish_committed(self._dispatcher.publish, await projects.purge(self._pool, now))

    async def _empty_trash(self, now: datetime) -> None:
        after = None
        while expired := await file_rows.expired(self._pool, now, REMOVED_AT_ONCE, after):
            for room_id in {room_id for room_id, _ in expired}:
                file_ids = [file_id for room, file_id in expired if room == room_id]
                purge = partial(files.purge, room_id=room_id, file_ids=file_ids)
                await _safely(partial(self._dispatcher.attend, purge))
            after = expired[-1][1]

    async def _thin_out(self, now: datetime) -> None:
        after = None
        while found := await file_versions.crowded(self._pool, now - THINNED_FOR, AT_ONCE, after):
            for room_id, file_id in found:
                thin_out = partial(versions.thin_out, room_id=room_id, file_id=file_id)
                await _safely(partial(self._dispatcher.attend, thin_out))
            after = found[-1][1]


async def _safely(work: Callable[[], Awaitable[Any]]) -> None:
    try:
        await work()
    except FAILURES:
        logger.warning("housekeeping_failed", exc_info=True)
    except Exception:
        # A fault of ours must not be the end of all rounds.
        metrics.errors.labels("housekeeping").inc()
        logger.exception("housekeeping_failed")
