"""A version of a file, brought over whole or not at all: taken up where it broke off, and checked at the end.

Its digest is known before anything comes, so what a broken download has left is good for the next one.
"""

import asyncio
import hashlib
import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from pathlib import Path
from typing import BinaryIO

from ymera_client.errors import ChecksumMismatch, Conflict, Internal, Unavailable, YmeraError
from ymera_client.generated import FileVersion
from ymera_client.transfer.patience import Patience
from ymera_client.transfer.progress import Meter
from ymera_client.transfer.sources import BLOCK
from ymera_client.wire import Answer, Wire


class Body:
    """Bytes that the server has, over as many connections as it takes. Nothing is checked."""

    def __init__(
        self, wire: Wire, path: str, params: Mapping[str, str] | None = None, size: int | None = None
    ) -> None:
        self.size = size
        """None until the server has said it, if nobody knew before."""
        self._wire = wire
        self._path = path
        self._params = params

    async def pieces(self, start: int = 0) -> AsyncGenerator[bytes, None]:
        """The bytes from `start` on. ChecksumMismatch if there are more than there should be."""
        offset, patience = start, Patience(self._wire)
        while self.size is None or offset < self.size:
            try:
                async with aclosing(self._from(offset)) as coming:
                    async for piece in coming:
                        offset += len(piece)
                        patience.moved()
                        yield piece
                if self.size is None or offset < self.size:
                    raise Unavailable("The server sent less than there is.")
            except YmeraError as error:
                await patience.bear(error)
        if offset > self.size:
            raise ChecksumMismatch("More came than there should be. Try again.")

    async def _from(self, offset: int) -> AsyncGenerator[bytes, None]:
        async with self._wire.request(
            "GET", self._path, params=self._params, headers={"Range": f"bytes={offset}-"}
        ) as answer:
            # Who does not know of ranges begins at the beginning.
            surplus = 0 if answer.status == 206 else offset
            if self.size is None:
                self.size = _whole(answer)
            async with aclosing(answer.pieces()) as coming:
                async for piece in coming:
                    if fresh := piece[surplus:]:
                        yield fresh
                    surplus = max(0, surplus - len(piece))


def _whole(answer: Answer) -> int:
    """How many bytes there are altogether."""
    said = answer.headers.get("Content-Length" if answer.status == 200 else "Content-Range", "")
    whole = said.rpartition("/")[2]
    if not whole.isdecimal():
        raise Internal("The server did not say how much there is.", retryable=False)
    return int(whole)


def _body(wire: Wire, version: FileVersion) -> Body:
    path = f"/api/files/{version.file_id}/content"
    return Body(wire, path, {"number": str(version.number)}, version.bytes)


class Landing:
    """The file beside its destination into which a version comes, until it is whole."""

    def __init__(self, destination: Path, version: FileVersion) -> None:
        self._destination = destination
        self._version = version
        self._path = destination.with_name(f".{destination.name[:150]}.{version.sha256[:16]}.part")
        self._hashed = hashlib.sha256()
        self._file: BinaryIO

    def open(self) -> None:
        """Take it, whatever is in it."""
        self._file = self._path.open("a+b")

    def replay(self) -> int:
        """Read what is there, and say how many bytes that are."""
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
        """Let go of it; what is there stays for the next time, if it is anything."""
        self._file.close()
        remove_empty(self._path)


def remove_empty(path: Path) -> None:
    """Remove a file beside a destination into which nothing has come."""
    with suppress(FileNotFoundError):
        if not path.stat().st_size:
            path.unlink()


async def save(wire: Wire, version: FileVersion, destination: Path, meter: Meter) -> None:
    """Bring a version to its destination, which has it whole or is left as it was."""
    landing = Landing(destination, version)
    landing.open()
    try:
        offset = await asyncio.to_thread(landing.replay)
        meter.begin(version.file_id, min(offset, version.bytes))
        async with aclosing(_body(wire, version).pieces(offset)) as coming:
            async for piece in coming:
                await asyncio.to_thread(landing.write, piece)
                offset += len(piece)
                meter.reach(version.file_id, offset)
        await asyncio.to_thread(landing.finish)
    finally:
        landing.close()


async def checked(wire: Wire, version: FileVersion) -> AsyncGenerator[bytes, None]:
    """The bytes of a version; ChecksumMismatch at the end if they were not what they should be."""
    hashed = hashlib.sha256()
    async with aclosing(_body(wire, version).pieces()) as coming:
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
