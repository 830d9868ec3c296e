"""What is uploaded: a file by its path, bytes, a file object, or an iterator of bytes.

A source that can be read again has a size, and a digest before anything is sent; a stream has neither, and
is read once, in order. At most what one `read` asks for is held in memory.
"""

import asyncio
import hashlib
import io
import os
import threading
from collections.abc import AsyncIterable, AsyncIterator
from pathlib import Path
from typing import BinaryIO, Protocol, TypeAlias

from ymera_client.errors import Conflict, NotFound

Content: TypeAlias = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO | AsyncIterable[bytes]
"""What can be uploaded. A `str` is a path."""

BLOCK = 1024 * 1024
"""Bytes that are read from a file at once."""


class Source(Protocol):
    """What an upload reads from."""

    name: str | None
    """What the file may be called if nobody says so."""

    @property
    def size(self) -> int | None:
        """Bytes; None while nobody knows."""

    async def digest(self) -> str | None:
        """The SHA-256 of it all, in hexadecimal digits; of a stream only once it has been read."""

    async def identity(self) -> str | None:
        """What it is known by, also to another process; None if it cannot be read again."""

    async def read(self, offset: int, count: int) -> bytes:
        """So many bytes from there, fewer only at the end. NotFound if a stream cannot give them again."""

    async def close(self) -> None:
        """Let go of it."""


class FileSource:
    """A file that can be read anywhere. One that is opened by its path must stay as it is meanwhile."""

    def __init__(self, file: BinaryIO, path: Path | None = None, name: str | None = None) -> None:
        self.name = path.name if path is not None else name
        self._file = file
        self._path = path
        self._lock = threading.Lock()
        self._start = file.tell()
        self.size = file.seek(0, os.SEEK_END) - self._start
        self._modified = 0 if path is None else os.fstat(file.fileno()).st_mtime_ns
        self._digest: str | None = None

    async def digest(self) -> str:
        if self._digest is None:
            self._digest = await asyncio.to_thread(self._hash)
        return self._digest

    async def identity(self) -> str:
        if self._path is None:
            return f"sha256:{await self.digest()}"
        return f"{self._path}:{self.size}:{self._modified}"

    async def read(self, offset: int, count: int) -> bytes:
        return await asyncio.to_thread(self._read, offset, min(count, self.size - offset))

    async def close(self) -> None:
        if self._path is not None:
            self._file.close()

    def _read(self, offset: int, count: int) -> bytes:
        with self._lock:
            self._file.seek(self._start + offset)
            found = self._file.read(count)
        if len(found) != count or (self._path is not None and self._moved_on()):
            raise Conflict(f"{self._path or 'The file'} has changed while it was uploaded. Upload it again.")
        return found

    def _moved_on(self) -> bool:
        now = os.fstat(self._file.fileno())
        return (now.st_size, now.st_mtime_ns) != (self.size, self._modified)

    def _hash(self) -> str:
        hashed = hashlib.sha256()
        for offset in range(0, self.size, BLOCK):
            hashed.update(self._read(offset, min(BLOCK, self.size - offset)))
        return hashed.hexdigest()


class StreamSource:
    """Bytes that come once, in order, nobody knows how many."""

    def __init__(
        self, pieces: AsyncIterator[bytes], name: str | None = None, file: BinaryIO | None = None
    ) -> None:
        self.name = name
        self._file = file
        self.size: int | None = None
        self._pieces = pieces
        self._left = b""
        self._position = 0
        self._hashed = hashlib.sha256()

    async def digest(self) -> str | None:
        return None if self.size is None else self._hashed.hexdigest()

    async def identity(self) -> None:
        return None

    async def read(self, offset: int, count: int) -> bytes:
        if offset != self._position:
            raise NotFound("The server has lost what a stream cannot give again.")
        found = bytearray(self._left)
        while len(found) < count and (piece := await anext(self._pieces, None)) is not None:
            found += piece
        self._left = bytes(found[count:])
        taken = bytes(found[:count])
        await asyncio.to_thread(self._hashed.update, taken)
        self._position += len(taken)
        if len(taken) < count:
            self.size = self._position
        return taken

    async def close(self) -> None:
        if self._file is not None:
            self._file.close()


async def opened(content: Content) -> Source:
    """The source for what was given. OSError if a path cannot be read, TypeError if it is nothing of that."""
    match content:
        case str() | os.PathLike():
            return await asyncio.to_thread(_at, Path(content))
        case bytes() | bytearray() | memoryview():
            return FileSource(io.BytesIO(content))
        case AsyncIterable():
            return StreamSource(aiter(content))
    if not callable(getattr(content, "read", None)):
        raise TypeError(
            f"{type(content).__name__} cannot be uploaded: give a path, bytes, a file or an iterator"
        )
    name = getattr(content, "name", None)
    name = Path(name).name if isinstance(name, str) else None
    return FileSource(content, name=name) if content.seekable() else StreamSource(_pieces(content), name)


def _at(path: Path) -> Source:
    path = path.absolute()
    file = path.open("rb")
    return FileSource(file, path) if file.seekable() else StreamSource(_pieces(file), path.name, file)


async def _pieces(file: BinaryIO) -> AsyncIterator[bytes]:
    while piece := await asyncio.to_thread(file.read, BLOCK):
        yield piece
