"""From a request's body into the staging, as it comes.

Invariants: memory stays flat, for one piece is written while the next arrives. The offset moves only over
bytes that are durable, and where they have a checksum only over bytes that fit it. Whatever ends a request
early, what has arrived without a checksum stays.
"""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from aiohttp import StreamReader

from persistence import uploads
from persistence.database import Pool
from persistence.staging import Writer
from persistence.storage import Storage
from persistence.uploads import Upload
from protocol.errors import ApiError, ErrorCode
from server import tus
from server.turns import Turn

PIECE = 512 * 1024
"""Bytes that are written at once, unless they come slowly."""
TICK_SECONDS = 1.0
"""How often the offset moves while bytes come, and how soon somebody lets go whose turn is asked for."""
IDLE_SECONDS = 60.0
"""After which a client that sends nothing is dropped."""
MAX_RECEIVING = 256
"""Requests whose bytes one node takes in at once."""
MAX_REMEMBERED = 1_000
"""Uploads whose hash so far is kept between requests."""

Hash = Any
"""What hashlib makes, whose type it does not tell."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What this process has seen of an upload, without a gap from its beginning."""

    offset: int = 0
    digest: Hash = field(default_factory=hashlib.sha256)


class Receiver:
    """Takes in bytes on one node. Uploads can be resumed for `keep_for` after their last byte."""

    def __init__(self, pool: Pool, store: Storage, keep_for: timedelta) -> None:
        self.pool = pool
        self.store = store
        self.keep_for = keep_for
        self._seen: OrderedDict[str, Seen] = OrderedDict()
        self._receiving = 0

    async def receive(
        self,
        content: StreamReader,
        upload: Upload,
        turn: Turn,
        *,
        bound: int,
        checksum: tus.Checksum | None = None,
    ) -> int:
        """Stage what comes, and return the new offset, which must not pass `bound`.

        TusError 423 if another request has asked for the turn, 460 if the checksum is wrong.
        """
        if self._receiving >= MAX_RECEIVING:
            raise ApiError(ErrorCode.UNAVAILABLE, "Too many uploads at once; try again.", retry_after=1)
        self._receiving += 1
        content.set_read_chunk_size(PIECE)
        try:
            seen = self._seen.pop(upload.id, Seen())
            passage = await _Passage.open(self, upload, turn, seen)
            try:
                await passage.take(content, bound, checksum)
            finally:
                self._remember(upload.id, await passage.close())
            return passage.offset
        finally:
            self._receiving -= 1

    def digest(self, upload: Upload) -> bytes | None:
        """SHA-256 of a whole upload, if all of it was seen here."""
        seen = self._seen.get(upload.id, Seen())
        found: bytes | None = seen.digest.digest() if seen.offset == upload.length else None
        return found

    def forget(self, upload_id: str) -> None:
        """Remember no longer what was seen of an upload."""
        self._seen.pop(upload_id, None)

    def _remember(self, upload_id: str, seen: Seen | None) -> None:
        if seen is not None:
            self._seen[upload_id] = seen
        while len(self._seen) > MAX_REMEMBERED:
            self._seen.popitem(last=False)


class _Passage:
    """The bytes of one request on their way."""

    def __init__(self, receiver: Receiver, upload: Upload, turn: Turn, writer: Writer, seen: Seen) -> None:
        self.offset = upload.received
        """Up to which all is durable and counted."""
        self._receiver = receiver
        self._turn = turn
        self._writer = writer
        self._digest = seen.digest.copy() if seen.offset == upload.received else None
        self._taken = upload.received
        self._under_way: asyncio.Future[Any] | None = None
        self._settling: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, receiver: Receiver, upload: Upload, turn: Turn, seen: Seen) -> "_Passage":
        writer = await receiver.store.staging.open(upload.id, upload.received)
        return cls(receiver, upload, turn, writer, seen)

    async def take(self, content: StreamReader, bound: int, checksum: tus.Checksum | None) -> None:
        """Take all that comes."""
        if checksum is None:
            try:
                async for piece in self._pieces(content, bound):
                    await self._write(piece)
                    self._settle_in_time()
            finally:
                await self._settle_all()
        else:
            verified = checksum.begin()
            async for piece in self._pieces(content, bound):
                await self._write(piece, verified)
            await self._drain()
            if verified.digest() != checksum.digest:
                raise tus.mismatch(f"These are not the bytes of the {checksum.algorithm} that was sent")
            await self._settle_all()

    async def close(self) -> Seen | None:
        """End the passage, and say what this process has seen of the upload now, if it is without a gap."""
        with suppress(Exception):
            await self._drain()
        if self._settling is not None:
            self._settling.cancel()
        await self._writer.close()
        if self._digest is not None and self.offset == self._taken:
            return Seen(self.offset, self._digest)
        return None

    async def _pieces(self, content: StreamReader, bound: int) -> AsyncIterator[bytes]:
        self._settled_at = heard_at = time.monotonic()
        room = bound - self._taken
        while True:
            piece, ended = await _next_piece(content)
            room -= len(piece)
            if room < 0:
                raise tus.too_large(bound)
            if piece:
                heard_at = time.monotonic()
            # Also an empty one: what came before it is made durable while the client pauses.
            yield piece
            if ended:
                return
            if self._turn.wanted or self._turn.over:
                raise tus.locked()
            if time.monotonic() - heard_at > IDLE_SECONDS:
                raise tus.idle(IDLE_SECONDS)

    async def _write(self, piece: bytes, *more: Hash) -> None:
        """Begin to write a piece, once the one before is written."""
        await self._drain()
        hashes = [each for each in (self._digest, *more) if each is not None]
        self._under_way = asyncio.gather(
            self._writer.write(piece), self._receiver.store.disk.run(_feed, hashes, piece)
        )
        self._taken += len(piece)

    async def _drain(self) -> None:
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            await under_way

    def _settle_in_time(self) -> None:
        """Begin to make durable what is written, while more comes; raise what went wrong the last time."""
        if self._settling is not None and self._settling.done():
            self._settling.result()
            self._settling = None
        if self._settling is None and time.monotonic() - self._settled_at > TICK_SECONDS:
            self._settled_at = time.monotonic()
            self._settling = asyncio.create_task(self._settle(everything=False), name="upload-settling")

    async def _settle_all(self) -> None:
        settling, self._settling = self._settling, None
        if settling is not None:
            await settling
        await self._drain()
        await self._settle(everything=True)

    async def _settle(self, *, everything: bool) -> None:
        durable = await self._writer.settle(everything=everything)
        if durable == self.offset:
            return
        upload_id, lock_id = self._turn.upload_id, self._turn.lock_id
        keep_for = self._receiver.keep_for
        if not await uploads.advance(self._receiver.pool, upload_id, lock_id, durable, keep_for):
            raise tus.locked()
        self.offset = durable


async def _next_piece(content: StreamReader) -> tuple[bytes, bool]:
    """What comes within a moment, and whether the body ends with it."""
    chunks: list[bytes] = []
    size = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(TICK_SECONDS):
            while size < PIECE:
                chunk = await content.readany()
                if not chunk:
                    return b"".join(chunks), True
                chunks.append(chunk)
                size += len(chunk)
    return b"".join(chunks), False


def _feed(hashes: Sequence[Hash], piece: bytes) -> None:
    for each in hashes:
        each.update(piece)
