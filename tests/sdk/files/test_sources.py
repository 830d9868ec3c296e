"""What uploads read from: all kinds give the same bytes, digest and size, and say when they cannot."""

import asyncio
import hashlib
import io
import os
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ymera_client.errors import Conflict, NotFound
from ymera_client.transfer import chunks
from ymera_client.transfer.chunks import Chunks
from ymera_client.transfer.sources import Content, Source, opened

BYTES = random.Random(1).randbytes(100_000)


async def pieces(content: bytes, size: int = 7_001) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def whole(source: Source, count: int = 30_000) -> bytes:
    found = b""
    while part := await source.read(len(found), count):
        found += part
    return found


async def test_what_can_be_read_again_has_a_size_a_digest_and_an_identity(tmp_path: Path) -> None:
    path = tmp_path / "bytes.bin"
    path.write_bytes(BYTES)
    file = io.BytesIO(b"before" + BYTES)
    file.seek(len(b"before"))
    contents: list[Content] = [str(path), path, BYTES, bytearray(BYTES), memoryview(BYTES), file]
    for content in contents:
        source = await opened(content)
        assert (source.size, await source.digest()) == (len(BYTES), hashlib.sha256(BYTES).hexdigest())
        assert await source.identity()
        assert await source.read(99_000, 5_000) == BYTES[99_000:]
        assert await whole(source) == BYTES
        await source.close()
    with path.open("rb") as opened_by_others:
        source = await opened(opened_by_others)
        assert source.name == "bytes.bin"
        await source.close()
        assert not opened_by_others.closed


async def test_a_stream_is_read_once_and_has_its_digest_at_the_end() -> None:
    source = await opened(pieces(BYTES))
    assert (source.size, await source.digest(), await source.identity()) == (None, None, None)
    assert await whole(source) == BYTES
    assert (source.size, await source.digest()) == (len(BYTES), hashlib.sha256(BYTES).hexdigest())
    with pytest.raises(NotFound, match="cannot give again"):
        await source.read(0, 10)


async def test_a_pipe_is_a_stream() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as file:
        os.write(writing, BYTES[:5_000])
        os.close(writing)
        source = await opened(file)
        assert source.size is None
        assert await whole(source) == BYTES[:5_000]


async def test_a_path_may_be_of_a_pipe(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writing = asyncio.create_task(asyncio.to_thread(path.write_bytes, BYTES))
    source = await opened(path)
    assert (source.name, source.size) == ("pipe", None)
    assert await whole(source) == BYTES
    await source.close()
    await writing


async def test_the_identity_of_a_path_changes_with_its_content(tmp_path: Path) -> None:
    path = tmp_path / "a"
    identities = set()
    for content, modified in ((b"one", 1), (b"two", 2), (b"three", 2)):
        path.write_bytes(content)
        os.utime(path, (modified, modified))
        source = await opened(path)
        identities.add(await source.identity())
        await source.close()
    assert len(identities) == 3


@pytest.mark.parametrize("change", [BYTES[:50_000], BYTES[::-1]], ids=["shorter", "another"])
async def test_a_file_that_changes_meanwhile_is_not_uploaded_half_and_half(
    tmp_path: Path, change: bytes
) -> None:
    path = tmp_path / "log"
    path.write_bytes(BYTES)
    os.utime(path, (1, 1))
    source = await opened(path)
    assert await source.read(0, 10) == BYTES[:10]
    path.write_bytes(change)
    with pytest.raises(Conflict, match=r"log has changed while it was uploaded"):
        await source.read(90_000, 10_000)
    await source.close()


async def test_what_cannot_be_uploaded_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await opened(tmp_path / "nothing")
    with pytest.raises(IsADirectoryError):
        await opened(tmp_path)
    with pytest.raises(TypeError, match="int cannot be uploaded"):
        await opened(1)  # type: ignore[arg-type]


@pytest.mark.parametrize("stream", [False, True])
async def test_chunks_are_kept_until_they_are_let_go_of(
    monkeypatch: pytest.MonkeyPatch, stream: bool
) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 30_000)
    source = await opened(pieces(BYTES) if stream else BYTES)
    going = Chunks(source, 0, None if stream else len(BYTES))
    sent = b""
    # The server has got none, then some of the first chunk, then the rest of it, and so on.
    for offset in (0, 0, 10_000, 29_999, 30_000, 30_000, 60_000, 90_000, 95_000):
        chunk = await going.at(offset)
        assert chunk.sha256 == hashlib.sha256(chunk.content).digest()
        assert len(chunk.content) <= 30_000
        sent = sent[:offset] + bytes(chunk.content)
    assert sent == BYTES
    assert len((await going.at(len(BYTES))).content) == 0
    await going.close()


async def test_a_stretch_of_a_file_is_chunked_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 30_000)
    going = Chunks(await opened(BYTES), 50_000, 90_000)
    assert bytes((await going.at(0)).content) == BYTES[50_000:80_000]
    assert bytes((await going.at(30_000)).content) == BYTES[80_000:90_000]
    # It is asked for again from the beginning, since the server has lost it.
    assert bytes((await going.at(0)).content) == BYTES[50_000:80_000]
    await going.close()


async def test_a_stream_that_fails_says_so_where_its_bytes_are_wanted() -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"begin"
        raise OSError("The tape is torn.")

    going = Chunks(await opened(broken()), 0, None)
    with pytest.raises(OSError, match="torn"):
        await going.at(0)
    await asyncio.sleep(0)
    await going.close()
