"""A version of a file, brought over whole or not at all: taken up where it broke off, and checked at the end.

Its digest is known before anything comes, so what a broken download has left is good for the next one.
"""

import asyncio
import hashlib
import os
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import BinaryIO

from ymera_client.errors import ChecksumMismatch, Conflict, Unavailable, YmeraError
from ymera_client.generated import FileVersion
from ymera_client.transfer.patience import Patience
from ymera_client.transfer.progress import Meter
from ymera_client.transfer.sources import BLOCK
from ymera_client.wire import Wire


async def pieces(wire: Wire, version: FileVersion, start: int = 0) -> AsyncGenerator[bytes, None]:
    """The bytes of a version from `start` on, over as many connections as it takes. Nothing is checked."""
    offset, patience = start, Patience(wire)
    while offset < version.bytes:
        try:
            async with aclosing(_from(wire, version, offset)) as coming:
                async for piece in coming:
                    offset += len(piece)
                    patience.moved()
                    yield piece
            if offset < version.bytes:
                raise Unavailable("The server sent less than there is.")
        except YmeraError as error:
            await patience.bear(error)
    if offset > version.bytes:
        raise mismatch(version)


async def _from(wire: Wire, version: FileVersion, offset: int) -> AsyncGenerator[bytes, None]:
    async with wire.request(
        "GET",
        f"/api/files/{version.file_id}/content",
        params={"number": str(version.number)},
        headers={"Range": f"bytes={offset}-"},
    ) as answer:
        # Who does not know of ranges begins at the beginning.
        surplus = 0 if answer.status == 206 else offset
        async with aclosing(answer.pieces()) as coming:
            async for piece in coming:
                if fresh := piece[surplus:]:
                    yield fresh
                surplus = max(0, surplus - len(piece))


class Landing:
    """The file beside its destination into which a version comes, until it is whole."""

    def __init__(self, destination: Path, version: FileVersion) -> None:
        self._destination = destination
        self._version = version
        self._path = destination.with_name(f".{destination.name[:150]}.{version.sha256[:16]}.part")
        self._hashed = hashlib.sha256()
        self._file: BinaryIO

    def open(self) -> int:
        """Begin, or go on; how many bytes are there already."""
        self._file = self._path.open("a+b")
        self._file.seek(0)
        offset = 0
        while block := self._file.read(BLOCK):
            self._hashed.update(block)
            offset += len(block)
        return offset

    def write(self, block: bytes) -> None:
        """Add to it."""
        self._hashed.update(block)
        self._file.write(block)

    def finish(self) -> None:
        """Put it where it belongs. ChecksumMismatch if it is not what it should be: it is thrown away."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        if self._hashed.hexdigest() != self._version.sha256:
            self._path.unlink()
            raise mismatch(self._version)
        self._path.replace(self._destination)

    def close(self) -> None:
        """Let go of it; what is there stays for the next time."""
        self._file.close()


async def save(wire: Wire, version: FileVersion, destination: Path, meter: Meter) -> None:
    """Bring a version to its destination, which has it whole or is left as it was."""
    landing = Landing(destination, version)
    offset = await asyncio.to_thread(landing.open)
    try:
        meter.begin(version.file_id, min(offset, version.bytes))
        async with aclosing(pieces(wire, version, offset)) as coming:
            async for piece in coming:
                await asyncio.to_thread(landing.write, piece)
                offset += len(piece)
                meter.reach(version.file_id, offset)
        await asyncio.to_thread(landing.finish)
    finally:
        await asyncio.to_thread(landing.close)


async def checked(wire: Wire, version: FileVersion) -> AsyncGenerator[bytes, None]:
    """The bytes of a version; ChecksumMismatch at the end if they were not what they should be."""
    hashed = hashlib.sha256()
    async with aclosing(pieces(wire, version)) as coming:
        async for piece in coming:
            hashed.update(piece)
            yield piece
    if hashed.hexdigest() != version.sha256:
        raise mismatch(version)


def place(destination: str | os.PathLike[str] | None, name: str) -> Path:
    """Where a file of this name goes: what was said, else in the folder that was said, else right here.

    Conflict if a name that nobody here has chosen is taken.
    """
    path = Path() if destination is None else Path(destination)
    if not path.is_dir():
        return path.absolute()
    found = (path / name).absolute()
    if name in {"", ".", ".."} or Path(name).name != name or found.exists():
        raise Conflict(f"{found} exists already, or is no good name here. Say where the file is to go.")
    return found


def mismatch(version: FileVersion) -> ChecksumMismatch:
    """The error for bytes that are not a version's."""
    return ChecksumMismatch(f"What came is not version {version.number} of {version.name}. Try again.")
