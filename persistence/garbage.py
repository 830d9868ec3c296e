"""Collecting what belongs to nothing: expired uploads, contents without a version, objects without a row.

Invariant: what somebody has is never removed, whenever this is interrupted. Rows go first, under their lock,
and objects after them; what a crash leaves in between is an object without a row, found the next time.
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from persistence import blobs, quotas, staging, storage, uploads
from persistence.database import Pool
from persistence.storage import Storage, Stored

RELEASED_FOR = timedelta(hours=1)
"""How long a content is kept that no version has: a file of the same content may come."""
ORPHANED_FOR = timedelta(days=1)
"""How old an object is without a row before it goes; a younger one's row may not be committed yet."""
BATCH = 200

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_CONTENT = re.compile(rf"{storage.ROOMS}/{_UUID}/(?:[0-9a-f]{{64}}-|previews/)(?P<id>{_UUID})(?:/[^/]+)?")
_STAGED = re.compile(rf"{staging.PREFIX}/(?P<id>{_UUID})/[^/]+")


async def collect(pool: Pool, store: Storage, now: datetime) -> None:
    """Remove what belongs to nothing as of `now`; safe on several nodes at once, and beside uploads."""
    await quotas.prune(pool, now)
    while expired := await uploads.remove_expired(pool, now, BATCH):
        for upload_id in expired:
            await store.staging.discard(upload_id)
    while released := await blobs.remove_released(pool, now - RELEASED_FOR, BATCH):
        for blob in released:
            await store.delete([storage.content_key(blob.room_id, blob.sha256, blob.id)])
            await _delete_below(store, storage.previews_prefix(blob.room_id, blob.id))
    await _collect_orphans(pool, store, now - ORPHANED_FOR)


async def _collect_orphans(pool: Pool, store: Storage, before: datetime) -> None:
    async for listed in store.list(storage.ROOMS):
        old = _ids(_CONTENT, listed, before)
        kept = await blobs.known(pool, list(set(old.values()))) if old else set()
        await store.delete([key for key, blob_id in old.items() if blob_id not in kept])
    gone: set[str] = set()
    async for listed in store.list(staging.PREFIX):
        old = _ids(_STAGED, listed, before)
        ids = set(old.values())
        gone |= ids - await uploads.known(pool, list(ids)) if ids else set()
    for upload_id in gone:
        await store.staging.discard(upload_id)


async def _delete_below(store: Storage, prefix: str) -> None:
    async for listed in store.list(prefix):
        await store.delete([stored.key for stored in listed])


def _ids(pattern: re.Pattern[str], listed: Iterable[Stored], before: datetime) -> dict[str, str]:
    """The ids that the keys of old objects name, by key. What this program has not made is left alone."""
    matches = {stored.key: pattern.fullmatch(stored.key) for stored in listed if stored.modified < before}
    return {key: match["id"] for key, match in matches.items() if match is not None}
