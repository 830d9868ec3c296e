"""Staging: where the bytes of an upload wait until they are whole.

Invariants: what `settle` has returned survives the death of any process. An object appears under its key
whole or not at all, and what was staged stays until it is discarded, so that placing it can be repeated.
Offsets are kept elsewhere; what was staged beyond them is dropped when an upload is opened again.
"""

import asyncio
import fcntl
import hashlib
import os
import shutil
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, BinaryIO, Protocol, TypeVar

import obstore
from obstore.store import S3Store

PREFIX = "uploads"
PART = 8 * 1024 * 1024
"""Bytes of a staged part, save the last of a request."""
COMPOSED = 16 * 1024 * 1024
"""Bytes that an object is composed of at once; S3 takes at most 10,000 such."""
SLICE = 64 * 1024 * 1024
"""Bytes of a file that a thread works on before it lets others in."""
BLOCK = 1024 * 1024
THREADS = 8

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Source:
    """An upload and its length, as a piece of a whole."""

    upload_id: str
    bytes: int


class Writer(Protocol):
    """Takes the bytes of one upload in order."""

    async def write(self, piece: bytes) -> None:
        """Take the next bytes."""

    async def settle(self, *, everything: bool) -> int:
        """Make what is written durable, with `everything` all of it, and return the offset up to which it is.

        More may be written meanwhile.
        """

    async def close(self) -> None:
        """Let go of what it needed; what is not settled may be lost."""


class Staging(Protocol):
    """Keeps the bytes of uploads, and makes objects of them."""

    async def open(self, upload_id: str, offset: int) -> Writer:
        """Go on writing at `offset`; what somebody left behind it is dropped."""

    async def digest(self, sources: Sequence[Source]) -> bytes:
        """SHA-256 of the whole."""

    async def place(self, sources: Sequence[Source], key: str) -> None:
        """Make an object of the whole."""

    async def discard(self, upload_id: str) -> None:
        """Remove what was staged; done also if nothing was."""


class Disk:
    """Threads that work on files, so that no event loop waits for a disk."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="files")

    async def run(self, work: Callable[..., T], *arguments: object) -> T:
        """What `work` returns, done in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    def close(self) -> None:
        """End the threads once what they do is done."""
        self._threads.shutdown(wait=False)


class FolderStaging:
    """Stages in files beside those that are the objects, so that placing one copies nothing."""

    def __init__(self, folder: Path, disk: Disk) -> None:
        self._folder = folder
        self._disk = disk

    async def open(self, upload_id: str, offset: int) -> Writer:
        path = self._path(upload_id)
        return FileWriter(await self._disk.run(_open_at, path, offset), offset, self._disk)

    async def digest(self, sources: Sequence[Source]) -> bytes:
        digest = hashlib.sha256()
        for source in sources:
            await self._each_slice(source, digest.update)
        return digest.digest()

    async def place(self, sources: Sequence[Source], key: str) -> None:
        path, target = self._path(sources[0].upload_id), self._folder / key
        if len(sources) == 1:
            await self._disk.run(_link, path, sources[0].bytes, target)
            return
        # Of its own name: several wholes may begin with the same part.
        path = path.with_name(target.name)
        try:
            with await self._disk.run(_create, path) as file:
                for source in sources:
                    await self._each_slice(source, file.write)
                await self._disk.run(_sync, file)
            await self._disk.run(_link, path, sum(source.bytes for source in sources), target)
        finally:
            await self._disk.run(partial(path.unlink, missing_ok=True))

    async def discard(self, upload_id: str) -> None:
        await self._disk.run(partial(shutil.rmtree, self._path(upload_id).parent, ignore_errors=True))

    async def _each_slice(self, source: Source, take: Callable[[bytes], object]) -> None:
        path = self._path(source.upload_id)
        for start in range(0, source.bytes, SLICE):
            await self._disk.run(_feed, path, start, min(SLICE, source.bytes - start), take)

    def _path(self, upload_id: str) -> Path:
        return self._folder / PREFIX / upload_id / "data"


class FileWriter:
    """Writes into a file."""

    def __init__(self, file: BinaryIO, offset: int, disk: Disk) -> None:
        self._file = file
        self._offset = offset
        self._disk = disk
        # A thread goes on when what waits for it is cancelled: the file must not be closed beneath it.
        self._busy = threading.Lock()

    async def write(self, piece: bytes) -> None:
        await self._disk.run(self._write, piece, self._offset)
        self._offset += len(piece)

    async def settle(self, *, everything: bool) -> int:  # noqa: ARG002 -- it costs the same
        offset = self._offset
        await self._disk.run(self._sync)
        return offset

    async def close(self) -> None:
        await self._disk.run(self._close)

    def _write(self, piece: bytes, offset: int) -> None:
        view = memoryview(piece)
        with self._busy:
            while view:
                written = os.pwrite(self._file.fileno(), view, offset)
                view, offset = view[written:], offset + written

    def _sync(self) -> None:
        with self._busy:
            descriptor = os.dup(self._file.fileno())
        # This may take long, and more can be written meanwhile.
        try:
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)

    def _close(self) -> None:
        with self._busy:
            self._file.close()


class PartStaging:
    """Stages in objects that are parts, since S3 cannot append to one."""

    def __init__(self, store: S3Store, disk: Disk) -> None:
        self._store = store
        self._disk = disk

    async def open(self, upload_id: str, offset: int) -> Writer:
        left = [key for key, start, _ in await self._parts(upload_id) if start >= offset]
        if left:
            await obstore.delete_async(self._store, left)
        return PartWriter(self._store, upload_id, offset)

    async def digest(self, sources: Sequence[Source]) -> bytes:
        digest = hashlib.sha256()
        async for piece in self._read(sources):
            await self._disk.run(digest.update, piece)
        return digest.digest()

    async def place(self, sources: Sequence[Source], key: str) -> None:
        if sum(source.bytes for source in sources) <= COMPOSED:
            whole = b"".join([piece async for piece in self._read(sources)])
            await obstore.put_async(self._store, key, whole, use_multipart=False)
        else:
            await obstore.put_async(
                self._store, key, self._read(sources), chunk_size=COMPOSED, max_concurrency=2
            )

    async def discard(self, upload_id: str) -> None:
        keys = [key for key, _, _ in await self._parts(upload_id)]
        if keys:
            await obstore.delete_async(self._store, keys)

    async def _read(self, sources: Sequence[Source]) -> AsyncIterator[bytes]:
        """The whole, in pieces. RuntimeError if a part is missing."""
        for source in sources:
            position = 0
            for key, start, end in await self._parts(source.upload_id):
                # What begins elsewhere was left by a request that had lost its turn.
                if start != position or end > source.bytes:
                    continue
                stored = await obstore.get_async(self._store, key)
                async for piece in stored.stream(min_chunk_size=BLOCK):
                    yield bytes(piece)
                position = end
            if position != source.bytes:
                raise RuntimeError(f"upload {source.upload_id} has no part at {position}")

    async def _parts(self, upload_id: str) -> list[tuple[str, int, int]]:
        """Keys, beginnings and ends, in order."""
        parts = []
        async for batch in obstore.list(self._store, f"{PREFIX}/{upload_id}", chunk_size=1000):
            for found in batch:
                start, _, end = found["path"].rpartition("/")[2].partition("-")
                parts.append((found["path"], int(start), int(end)))
        return sorted(parts, key=lambda part: (part[1], part[2]))


class PartWriter:
    """Writes parts of an even size, and what is left as a smaller one."""

    def __init__(self, store: S3Store, upload_id: str, offset: int) -> None:
        self._store = store
        self._upload_id = upload_id
        self._durable = offset
        self._waiting = bytearray()

    async def write(self, piece: bytes) -> None:
        self._waiting += piece
        if len(self._waiting) >= PART:
            await self._put()

    async def settle(self, *, everything: bool) -> int:
        if everything and self._waiting:
            await self._put()
        return self._durable

    async def close(self) -> None:
        self._waiting.clear()

    async def _put(self) -> None:
        end = self._durable + len(self._waiting)
        key = f"{PREFIX}/{self._upload_id}/{self._durable:016d}-{end:016d}"
        await obstore.put_async(self._store, key, bytes(self._waiting), use_multipart=False)
        self._durable = end
        self._waiting.clear()


def _open_at(path: Path, offset: int) -> BinaryIO:
    new = not path.exists()
    if new:
        path.parent.mkdir(parents=True, exist_ok=True)
    file = _claimed(path)
    if file is None:
        # Whoever is still at it has lost the turn without knowing: what is written there must not count.
        _copy(path, offset)
        file = _claimed(path)
    if file is None:
        raise BlockingIOError(f"{path} is being written to by several at once")
    if new:
        _sync_folder(path.parent)
        _sync_folder(path.parent.parent)
    size = os.fstat(file.fileno()).st_size
    if size < offset:
        file.close()
        raise FileNotFoundError(f"{path} has {size} bytes in place of {offset}")
    if size > offset:
        os.ftruncate(file.fileno(), offset)
    return file


def _claimed(path: Path) -> BinaryIO | None:
    """A file that nobody else writes to until it is closed; None if somebody does."""
    file = open(path, "wb", buffering=0, opener=_as_it_is)  # noqa: SIM115 -- the writer closes it
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _copy(path: Path, length: int) -> None:
    """Put a copy of a file's beginning in its place; whoever has it open keeps the file that it was."""
    copy = path.with_name("copy")
    with _create(copy) as file:
        _feed(path, 0, length, file.write)
        _sync(file)
    copy.replace(path)
    _sync_folder(path.parent)


def _as_it_is(path: str, _: int) -> int:
    """Open a file to write anywhere in it, without emptying it."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _feed(path: Path, start: int, count: int, take: Callable[[bytes], object]) -> None:
    with path.open("rb", buffering=0) as file:
        file.seek(start)
        while count:
            piece = file.read(min(BLOCK, count))
            if not piece:
                raise FileNotFoundError(f"{path} ends {count} bytes early")
            take(piece)
            count -= len(piece)


def _create(path: Path) -> IO[bytes]:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    return path.open("wb")


def _sync(file: IO[bytes]) -> None:
    file.flush()
    os.fdatasync(file.fileno())


def _link(path: Path, length: int, target: Path) -> None:
    """Give a file a second name. What was staged keeps its own, should this have to be done again.

    FileNotFoundError if it is shorter, as when it was discarded meanwhile: nothing is made up in its place.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if not length and not path.exists():
        _create(path).close()
    if (size := path.stat().st_size) < length:
        raise FileNotFoundError(f"{path} has {size} bytes in place of {length}")
    os.truncate(path, length)
    # What is old and belongs to nothing is collected; this is about to belong to something.
    os.utime(path)
    with suppress(FileExistsError):
        os.link(path, target)
    _sync_folder(target.parent)


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
