"""How an object gets into a connection: a file of this machine by the kernel, anything else in pieces.

Invariants: memory stays flat, and no event loop waits for a disk. What the kernel sends goes out behind all
that was written before, and nobody writes to the connection meanwhile. Clients that take nothing are dropped.
"""

import asyncio
import os
import socket
import threading
from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Protocol

from aiohttp import web

from persistence.staging import Disk
from persistence.storage import Storage

STALLED_SECONDS = 60.0
"""After which a client that takes nothing is dropped."""
COPIED = 128 * 1024
"""Bytes up to which it costs less to read a file than to have the kernel send it."""
SLICE = 8 * 1024 * 1024
"""Bytes that a thread has the kernel send before it lets others in."""


class Sending(Protocol):
    """Bytes that are there and go out once."""

    async def send(self, request: web.Request, response: web.StreamResponse) -> None:
        """Send the headers of a response and all bytes. TimeoutError if nothing is taken for too long."""

    async def close(self) -> None:
        """Let go of what it needed."""


async def opened(store: Storage, key: str, start: int, length: int) -> Sending:
    """`length` bytes of an object from `start`; one of `STORE_FAILURES` if they are not there."""
    path = store.path(key)
    if path is None:
        pieces = store.stream(key, start, length)
        return Pieces(await anext(pieces, b""), pieces)
    if length <= COPIED:
        return Pieces(await store.disk.run(_read, path, start, length))
    return Handover(await store.disk.run(_open, path, start + length), start, length, store.disk)


class Pieces:
    """Sends pieces one after the other."""

    def __init__(self, first: bytes, rest: AsyncGenerator[bytes] | None = None) -> None:
        self._first = first
        self._rest = rest

    async def send(self, request: web.Request, response: web.StreamResponse) -> None:
        await response.prepare(request)
        await _write(response, self._first)
        if self._rest is not None:
            async for piece in self._rest:
                await _write(response, piece)
        await response.write_eof()

    async def close(self) -> None:
        if self._rest is not None:
            await self._rest.aclose()


class Handover:
    """Has the kernel send a file."""

    def __init__(self, file: BinaryIO, start: int, length: int, disk: Disk) -> None:
        self._file = file
        self._next, self._left = start, length
        self._disk = disk
        self._connection: socket.socket | None = None
        # A thread goes on when what waits for it is cancelled: nothing must be closed beneath it.
        self._busy = threading.Lock()

    async def send(self, request: web.Request, response: web.StreamResponse) -> None:
        writer, transport = await response.prepare(request), request.transport
        if writer is None or transport is None:
            raise ConnectionResetError("The connection was lost before the file was sent.")
        # So that draining waits until all that was written is gone.
        transport.set_write_buffer_limits(0)
        async with asyncio.timeout(STALLED_SECONDS):
            await writer.drain()
        descriptor = os.dup(transport.get_extra_info("socket").fileno())
        self._connection = socket.socket(fileno=descriptor)
        while await self._disk.run(self._send):
            async with asyncio.timeout(STALLED_SECONDS):
                await _writable(descriptor)
        transport.set_write_buffer_limits()
        await response.write_eof()

    async def close(self) -> None:
        await self._disk.run(self._close)

    def _send(self) -> bool:
        """Send what the connection takes at once; whether something is left."""
        slice_left = SLICE
        with self._busy, suppress(BlockingIOError):
            assert self._connection is not None
            while self._left and slice_left > 0:
                count = min(self._left, slice_left)
                sent = os.sendfile(self._connection.fileno(), self._file.fileno(), self._next, count)
                if sent == 0:
                    raise OSError(f"the file ends {self._left} bytes early")
                self._next, self._left, slice_left = self._next + sent, self._left - sent, slice_left - sent
        return self._left > 0

    def _close(self) -> None:
        with self._busy:
            self._file.close()
            if self._connection is not None:
                self._connection.close()


async def _write(response: web.StreamResponse, piece: bytes) -> None:
    async with asyncio.timeout(STALLED_SECONDS):
        await response.write(piece)


async def _writable(descriptor: int) -> None:
    """Wait until a connection takes something, or is lost."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    # Another descriptor than the transport's, which the loop would not let others wait for.
    loop.add_writer(descriptor, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_writer(descriptor)


def _open(path: Path, end: int) -> BinaryIO:
    """A file that has bytes up to `end`."""
    file = path.open("rb", buffering=0)
    size = os.fstat(file.fileno()).st_size
    if size < end:
        file.close()
        raise OSError(f"{path} has {size} bytes in place of {end}")
    return file


def _read(path: Path, start: int, length: int) -> bytes:
    with _open(path, start + length) as file:
        return os.pread(file.fileno(), length, start)
