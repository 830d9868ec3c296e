"""What belongs to nothing is collected, and nothing else, whenever that is interrupted."""

import asyncio
import hashlib
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from persistence import analyses, blobs, file_texts, garbage, storage, uploads
from persistence.analyses import Outcome
from persistence.database import clock
from persistence.ids import new_id
from persistence.staging import Source
from persistence.storage import Storage
from persistence.unit import Unit
from persistence.uploads import Upload
from protocol.files import AnalysisState, ContentKind, FileDescription
from tests.world import World

DAY = timedelta(days=1)
NOTHING_SAID = FileDescription(
    media_type="text/plain",
    kind=ContentKind.TEXT,
    language=None,
    pages=None,
    characters=0,
    metadata={},
    quality=None,
    findings=[],
    previews=[],
    error="",
)


class Shop:
    """A store in a folder, and the rows of what is in it."""

    def __init__(self, world: World, folder: Path) -> None:
        self.pool = world.pool
        self.member_id = world.alice.id
        self.folder = folder
        self.store = Storage.in_folder(folder)
        self.room_id = new_id()

    async def content(self, data: bytes) -> str:
        """The key of a content that was uploaded, but that no version has."""
        digest, blob_id = hashlib.sha256(data).digest(), new_id()
        key = storage.content_key(self.room_id, digest, blob_id)
        async with self.pool.acquire() as tx:
            await blobs.claim(tx, self.room_id, digest, len(data), blob_id, await clock(tx))
        await self.store.put(key, data)
        await self.store.put(storage.preview_key(self.room_id, blob_id, "thumbnail"), b"picture")
        return key

    async def upload(self) -> str:
        """The id of an upload with some bytes."""
        async with self.pool.acquire() as tx:
            now = await clock(tx)
            upload = Upload(
                id=new_id(), member_id=self.member_id, target=None, length=9, expires_at=now + DAY
            )
            await uploads.insert(tx, upload, new_id(), now)
            await tx.execute("UPDATE uploads SET lock_id = NULL, lock_until = NULL")
        writer = await self.store.staging.open(upload.id, 0)
        await writer.write(b"some")
        await writer.settle(everything=True)
        await writer.close()
        return upload.id

    async def collect(self, later: timedelta) -> None:
        async with self.pool.acquire() as tx:
            now = await clock(tx)
        await garbage.collect(self.pool, self.store, now + later)

    def paths(self) -> set[str]:
        """What is in the folder."""
        return {str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file()}

    def age(self, days: int) -> None:
        """Make everything in the folder look older."""
        for path in self.folder.rglob("*"):
            seen = path.stat().st_mtime - days * 86_400
            os.utime(path, (seen, seen))


@pytest.fixture
def shop(world: World, tmp_path: Path) -> Shop:
    return Shop(world, tmp_path / "files")


async def test_a_content_that_nothing_has_goes_after_an_hour_with_its_previews(shop: Shop) -> None:
    await shop.content(b"released")
    await shop.collect(timedelta(minutes=59))
    assert len(shop.paths()) == 2
    await shop.collect(timedelta(minutes=61))
    assert shop.paths() == set()
    assert await shop.pool.fetchval("SELECT count(*) FROM blobs") == 0


async def test_a_content_that_a_version_has_stays(shop: Shop) -> None:
    await shop.content(b"kept")
    await shop.pool.execute("UPDATE blobs SET refs = 1, released_at = NULL")
    shop.age(400)
    await shop.collect(timedelta(days=400))
    assert len(shop.paths()) == 2


async def test_what_a_crash_left_without_a_row_goes_after_a_day(shop: Shop) -> None:
    await shop.content(b"orphan")
    await shop.pool.execute("DELETE FROM blobs")
    await shop.collect(timedelta(hours=23))
    assert len(shop.paths()) == 2
    await shop.collect(timedelta(hours=25))
    assert shop.paths() == set()


async def test_an_upload_goes_when_its_time_is_over(shop: Shop) -> None:
    await shop.upload()
    await shop.collect(timedelta(hours=23))
    assert len(shop.paths()) == 1
    await shop.collect(timedelta(hours=25))
    assert shop.paths() == set()
    assert await shop.pool.fetchval("SELECT count(*) FROM uploads") == 0


async def test_an_upload_at_which_somebody_is_stays(shop: Shop) -> None:
    upload_id = await shop.upload()
    assert await uploads.lock(shop.pool, upload_id, new_id()) is not None
    await shop.collect(timedelta(hours=25))
    assert len(shop.paths()) == 1


async def test_what_was_staged_of_an_upload_without_a_row_goes_after_a_day(shop: Shop) -> None:
    await shop.upload()
    await shop.pool.execute("DELETE FROM uploads")
    await shop.collect(timedelta(hours=23))
    assert len(shop.paths()) == 1
    await shop.collect(timedelta(hours=25))
    assert shop.paths() == set()


async def test_what_this_program_has_not_made_is_left_alone(shop: Shop) -> None:
    for name in ("rooms/README", "uploads/README", "elsewhere/file"):
        await shop.store.put(name, b"mine")
    await shop.collect(timedelta(days=400))
    assert len(shop.paths()) == 3


async def test_a_content_that_is_placed_after_a_long_pause_counts_as_new(shop: Shop) -> None:
    upload_id = await shop.upload()
    shop.age(30)
    key = storage.content_key(shop.room_id, hashlib.sha256(b"some").digest(), new_id())
    await shop.store.staging.place([Source(upload_id, 4)], key)
    await shop.collect(timedelta(0))
    assert key in shop.paths()


@pytest.mark.parametrize("dies_at", [0, 1, 2])
async def test_a_crash_at_any_step_loses_nothing_and_leaves_nothing_for_long(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, dies_at: int
) -> None:
    kept = await shop.content(b"kept")
    await shop.pool.execute("UPDATE blobs SET refs = 1, released_at = NULL")
    await shop.content(b"released")
    await shop.pool.execute("UPDATE blobs SET refs = 0, released_at = now() WHERE refs = 0")
    deaths: list[Callable[[], bool]] = [lambda: len(calls) > dies_at]
    calls: list[object] = []
    delete = Storage.delete

    async def dying(self: Storage, keys: list[str]) -> None:
        calls.append(keys)
        if deaths and deaths[0]():
            deaths.clear()
            raise OSError("the node died")
        await delete(self, keys)

    monkeypatch.setattr(Storage, "delete", dying)
    with pytest.raises(OSError, match="died"):
        await shop.collect(timedelta(hours=2))
    await shop.collect(timedelta(days=2))
    assert {path for path in shop.paths() if "previews" not in path} == {kept}
    assert len(shop.paths()) == 2


async def test_a_content_of_which_the_reading_is_being_kept_waits(shop: Shop) -> None:
    await shop.content(b"released")
    blob_id = await shop.pool.fetchval("SELECT id FROM blobs")
    outcome = Outcome(state=AnalysisState.DONE, description=NOTHING_SAID)
    async with shop.pool.acquire() as connection, connection.transaction():
        tx = Unit(connection)
        await analyses.expect(tx, blob_id, "a", "text/plain", checked=False)
    async with shop.pool.acquire() as connection, connection.transaction():
        tx = Unit(connection)
        assert await analyses.finish(tx, blob_id, outcome)
        # Whoever waited for it here would in turn be waited for.
        async with asyncio.timeout(5):
            await shop.collect(timedelta(hours=2))
        await file_texts.put(tx, blob_id, ["said"], "en")
        await tx.flush()
    await shop.collect(timedelta(hours=2))
    assert await shop.pool.fetchval("SELECT count(*) FROM blobs") == 0
    assert await shop.pool.fetchval("SELECT count(*) FROM file_texts") == 0
