"""The pieces of a source that go out one after the other, each with its checksum.

At most two are in memory: the one that is sent, kept until the server has it, and the next, which is read
and hashed meanwhile.
"""

import asyncio
import hashlib
from typing import NamedTuple

from ymera_client.transfer.sources import Source

CHUNK = 8 * 1024 * 1024
"""Bytes of one request."""


class Chunk(NamedTuple):
    """Bytes from `start` on."""

    start: int
    content: memoryview
    sha256: bytes

    @property
    def end(self) -> int:
        return self.start + len(self.content)


class Chunks:
    """The chunks of a source from `start` to `end`, or to its own end."""

    def __init__(self, source: Source, start: int, end: int | None) -> None:
        self._source = source
        self._start = start
        self._end = end
        self._held: Chunk | None = None
        self._ahead: asyncio.Task[Chunk] | None = None
        self._ahead_from = -1

    async def at(self, offset: int) -> Chunk:
        """What comes at this offset, counted from `start`; empty at the end."""
        position, held = self._start + offset, self._held
        if held is not None and held.start < position < held.end:
            rest = held.content[position - held.start :]
            held = Chunk(position, rest, await asyncio.to_thread(_sha256, rest))
        elif held is None or held.start != position:
            held = await self._next(position)
        self._held = held
        if self._ahead is None and len(held.content):
            self._ahead_from = held.end
            self._ahead = asyncio.create_task(self._read(held.end))
        return held

    async def close(self) -> None:
        """Read nothing more."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            ahead.cancel()
            await asyncio.wait({ahead})
            if not ahead.cancelled():
                # Nobody wants it any more, whether it is there or has failed.
                ahead.exception()

    async def _next(self, position: int) -> Chunk:
        if self._ahead is not None and self._ahead_from == position:
            ahead, self._ahead = self._ahead, None
            return await ahead
        await self.close()
        return await self._read(position)

    async def _read(self, position: int) -> Chunk:
        count = CHUNK if self._end is None else min(CHUNK, self._end - position)
        found = memoryview(await self._source.read(position, count))
        return Chunk(position, found, await asyncio.to_thread(_sha256, found))


def _sha256(content: memoryview) -> bytes:
    return hashlib.sha256(content).digest()
