"""Objects are made of what was staged, whole, whatever happens to it meanwhile."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from persistence import staging
from persistence.ids import new_id
from persistence.staging import Source
from persistence.storage import Storage


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Storage]:
    made = Storage.in_folder(tmp_path)
    yield made
    made.close()


async def staged(store: Storage, data: bytes) -> Source:
    """A part with these bytes."""
    writer = await store.staging.open(upload_id := new_id(), 0)
    await writer.write(data)
    await writer.settle(everything=True)
    await writer.close()
    return Source(upload_id, len(data))


async def content(store: Storage, key: str) -> bytes:
    return b"".join([piece async for piece in store.stream(key)])


@pytest.mark.parametrize("count", [1, 2])
async def test_what_is_no_longer_there_is_not_made_up(store: Storage, count: int) -> None:
    sources = [await staged(store, b"moon"), await staged(store, b"rock")][:count]
    await store.staging.discard(sources[0].upload_id)
    with pytest.raises(FileNotFoundError):
        await store.staging.place(sources, "rooms/r/c")
    with pytest.raises(FileNotFoundError):
        await store.size("rooms/r/c")


async def test_what_is_shorter_than_it_was_is_not_filled_up(store: Storage) -> None:
    source = await staged(store, b"moon")
    with pytest.raises(FileNotFoundError):
        await store.staging.place([Source(source.upload_id, 5)], "rooms/r/c")
    with pytest.raises(FileNotFoundError):
        await store.size("rooms/r/c")


async def test_wholes_that_begin_alike_are_not_mixed_up(
    store: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "SLICE", 1)
    first, *others = [await staged(store, letter * 50) for letter in (b"a", b"b", b"c")]
    keys = [f"rooms/r/{new_id()}" for _ in others]
    await asyncio.gather(
        *(store.staging.place([first, other], key) for other, key in zip(others, keys, strict=True))
    )
    assert [await content(store, key) for key in keys] == [b"a" * 50 + b"b" * 50, b"a" * 50 + b"c" * 50]
    kept = {path.name for path in Path(store._folder or "").rglob("*") if path.is_file()}
    assert kept == {"data", *(key.rpartition("/")[2] for key in keys)}


async def test_who_has_lost_the_turn_writes_into_nothing_that_counts(store: Storage) -> None:
    stale = await store.staging.open(upload_id := new_id(), 0)
    await stale.write(b"the ")
    await stale.settle(everything=True)
    # As a process that is frozen here, and goes on once another has gone on in its place.
    writer = await store.staging.open(upload_id, 4)
    await writer.write(b"moon")
    await writer.settle(everything=True)
    await writer.close()
    await store.staging.place([Source(upload_id, 8)], "rooms/r/c")
    await stale.write(b"lie!")
    await stale.close()
    assert await content(store, "rooms/r/c") == b"the moon"
    assert await store.staging.digest([Source(upload_id, 8)]) == hashlib.sha256(b"the moon").digest()
