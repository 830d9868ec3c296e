"""Turns at an upload: one request at a time works on it, whichever node it came to.

Invariant: who has the turn renews it every second and ends soon after another request asks for it; who is
dead or frozen loses it. So a client that comes back waits for seconds at most, and bytes are written by one.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from persistence import uploads
from persistence.database import UNREACHABLE, Pool
from persistence.ids import new_id
from persistence.uploads import LOCK_SECONDS, Upload
from protocol.errors import not_found
from server import tus

RENEWAL_SECONDS = 1.0
PATIENCE = LOCK_SECONDS + 2.0
"""Seconds to wait for a turn: a little longer than a dead node keeps it."""
RETRY_SECONDS = 0.2


class Turn:
    """A request's turn at an upload."""

    def __init__(self, upload_id: str, lock_id: str) -> None:
        self.upload_id = upload_id
        self.lock_id = lock_id
        self.wanted = False
        """Whether another request asks for it."""
        self._good_until = time.monotonic() + LOCK_SECONDS

    @property
    def over(self) -> bool:
        """Whether the turn was lost, or may have been."""
        return time.monotonic() >= self._good_until

    async def renew(self, pool: Pool) -> None:
        """Keep the turn, and see whether another request asks for it."""
        asked_at = time.monotonic()
        wanted = await uploads.renew(pool, self.upload_id, self.lock_id)
        self.wanted = bool(wanted)
        self._good_until = 0.0 if wanted is None else asked_at + LOCK_SECONDS


@asynccontextmanager
async def take(pool: Pool, upload_id: str, member_id: str) -> AsyncIterator[tuple[Turn, Upload]]:
    """The turn at a member's upload for the length of the block, and how the upload is then.

    ApiError `not_found` if there is no such upload, TusError 423 if another request does not let go.
    """
    lock_id = new_id()
    upload = await _locked(pool, upload_id, member_id, lock_id)
    async with keep(pool, Turn(upload_id, lock_id)) as turn:
        yield turn, upload


@asynccontextmanager
async def keep(pool: Pool, turn: Turn) -> AsyncIterator[Turn]:
    """Renew a turn for the length of the block, then let it go."""
    renewing = asyncio.create_task(_renew(pool, turn), name="upload-turn")
    try:
        yield turn
    finally:
        renewing.cancel()
        with suppress(asyncio.CancelledError):
            await renewing
        with suppress(*UNREACHABLE):
            await uploads.unlock(pool, turn.upload_id, turn.lock_id)


async def _renew(pool: Pool, turn: Turn) -> None:
    while True:
        await asyncio.sleep(RENEWAL_SECONDS)
        with suppress(*UNREACHABLE, TimeoutError):
            await turn.renew(pool)


async def _locked(pool: Pool, upload_id: str, member_id: str, lock_id: str) -> Upload:
    give_up_at = time.monotonic() + PATIENCE
    while True:
        if await uploads.get(pool, upload_id, member_id) is None:
            raise not_found("upload")
        upload = await uploads.lock(pool, upload_id, lock_id)
        if upload is not None:
            return upload
        if time.monotonic() > give_up_at:
            raise tus.locked()
        await asyncio.sleep(RETRY_SECONDS)
