"""One upload: begun, or taken up where it was left, and brought to its end over however many connections.

What a later process needs to go on is in its ticket, which is kept before anything depends on it. Until the
server says that it has some bytes they stay in memory, so a stream loses none either.
"""

import functools
import hashlib
from collections.abc import Awaitable, Callable
from contextlib import suppress

import msgspec
from msgspec import Struct

from ymera_client.errors import Conflict, Internal, Invalid, NotFound, Unavailable, YmeraError
from ymera_client.generated import FileInfo, UploadTarget
from ymera_client.transfer import tus
from ymera_client.transfer.chunks import Chunks
from ymera_client.transfer.concurrency import all_of
from ymera_client.transfer.patience import Patience, patiently
from ymera_client.transfer.progress import Meter
from ymera_client.transfer.sources import Source
from ymera_client.transfer.tus import Metadata, Standing
from ymera_client.wire import Moved, Wire

MAX_PARALLEL = 16
PARALLEL_FROM = 64 * 1024 * 1024
"""Bytes from which on it pays to send several parts at once."""


class Gone(NotFound):
    """The server does not have the upload any more."""


class Part(Struct, kw_only=True):
    """A stretch of the source with an upload of its own."""

    start: int
    length: int | None
    location: str | None = None


class Ticket(Struct, kw_only=True):
    """What a later process needs to go on."""

    metadata: Metadata
    parts: list[Part] = msgspec.field(default_factory=list)
    joined: str | None = None
    """Where the upload is that joins the parts, if there are several."""


Keep = Callable[[], Awaitable[None]]
"""Keeps the ticket as it is now for a later process."""


class Upload:
    """Sends a source to where its ticket says."""

    def __init__(self, wire: Wire, source: Source, ticket: Ticket, keep: Keep, meter: Meter) -> None:
        self._wire = wire
        self._source = source
        self._ticket = ticket
        self._keep = keep
        self._meter = meter

    async def run(self, parallel: int) -> str:
        """The id of the file, or of the object, that it has become.

        Gone if it has to begin anew, else the typed error of a refusal. Cancelled, it can be taken up again.
        """
        if not self._ticket.parts:
            self._ticket.parts = self._divided(parallel)
        parts = self._ticket.parts
        file_id, *_ = await all_of(self._carry(part, partial=len(parts) > 1) for part in parts)
        return file_id if file_id is not None else await self._join()

    def _divided(self, parallel: int) -> list[Part]:
        size = self._source.size
        if size is None or size < PARALLEL_FROM or parallel <= 1:
            return [Part(start=0, length=size)]
        length = -(-size // min(parallel, MAX_PARALLEL))
        return [Part(start=start, length=min(length, size - start)) for start in range(0, size, length)]

    async def _carry(self, part: Part, *, partial: bool) -> str | None:
        """Bring a part to its end; the id of the file, unless it is one of several."""
        standing = await self._begun(part, partial=partial)
        end = None if part.length is None else part.start + part.length
        chunks = Chunks(self._source, part.start, end)
        patience = Patience(self._wire)
        try:
            while standing.file_id is None and not (partial and standing.offset == part.length):
                standing = await self._next(part, standing, chunks, patience)
            return standing.file_id
        finally:
            await chunks.close()

    async def _begun(self, part: Part, *, partial: bool) -> Standing:
        if part.location is not None:
            standing = await self._standing(part.location)
        else:
            metadata = None if partial else self._ticket.metadata
            standing = await patiently(self._wire, lambda: tus.create(self._wire, metadata, part.length))
            part.location = standing.location
            await self._keep()
        self._meter.begin(part.start, standing.offset)
        return standing

    async def _next(self, part: Part, before: Standing, chunks: Chunks, patience: Patience) -> Standing:
        """Send the next chunk, and say how far the upload is then, however that went."""
        chunk = await chunks.at(before.offset)
        sent_to = before.offset + len(chunk.content)
        length = self._source.size if part.length is None else None
        try:
            standing = await tus.append(
                self._wire,
                before.location,
                before.offset,
                chunk.content,
                sha256=chunk.sha256,
                length=length,
                moved=lambda count: self._meter.reach(part.start, before.offset + count),
            )
        except YmeraError as error:
            standing = await self._after(error, before, patience)
        if standing.offset > before.offset:
            patience.moved()
        elif standing.file_id is None and standing.offset == sent_to:
            # All is there, and the server has yet to make a file of it.
            await patience.bear(Unavailable("The server has not made a file of it yet."))
        self._meter.reach(part.start, standing.offset)
        return standing

    async def _after(self, error: YmeraError, before: Standing, patience: Patience) -> Standing:
        """Where an upload stands after a request that failed; the error if that is final."""
        if not isinstance(error, Conflict | NotFound):
            await patience.bear(error)
        try:
            now = await self._standing(before.location)
        except Gone:
            # The server throws away a whole that it refuses.
            if error.retryable or isinstance(error, NotFound):
                raise
            raise error from None
        if isinstance(error, Conflict | NotFound) and now.offset == before.offset and now.file_id is None:
            raise error
        return now

    async def _join(self) -> str:
        """Make one of all parts."""
        locations = [part.location for part in self._ticket.parts if part.location is not None]
        if self._ticket.joined is None:
            metadata = self._ticket.metadata
            try:
                standing = await patiently(self._wire, lambda: tus.join(self._wire, metadata, locations))
            except Invalid:
                # If they are gone, they were joined, and the answer was lost.
                await self._standing(locations[0])
                raise
            self._ticket.joined = standing.location
            await self._keep()
        else:
            standing = await self._standing(self._ticket.joined)
        if standing.file_id is None:
            raise Unavailable("The server has not made a file of the parts.")
        return standing.file_id

    async def _standing(self, location: str) -> Standing:
        try:
            return await patiently(self._wire, lambda: tus.standing(self._wire, location))
        except NotFound as error:
            raise Gone("The server has lost the upload.") from error


async def terminate(wire: Wire, ticket: Ticket) -> None:
    """End an upload on the server, as far as there is anything of it."""
    locations = [ticket.joined, *(part.location for part in ticket.parts)]
    for location in filter(None, locations):
        with suppress(NotFound):
            await patiently(wire, functools.partial(tus.terminate, wire, location))


async def post(wire: Wire, source: Source, target: UploadTarget, meter: Meter) -> FileInfo:
    """Send a small source in one request, again as long as there is no answer.

    A name with the content that it has already is the same file to the server, so nothing comes of it twice.
    """
    assert source.size is not None
    content = await source.read(0, source.size)
    target = msgspec.structs.replace(target, sha256=hashlib.sha256(content).hexdigest())
    return await patiently(wire, lambda: _post(wire, content, target, lambda count: meter.reach(0, count)))


async def _post(wire: Wire, content: bytes, target: UploadTarget, moved: Moved) -> FileInfo:
    said = tus.metadata(target)
    async with wire.request(
        "POST", "/api/files", params=said, body=memoryview(content), moved=moved
    ) as answer:
        made = b"".join([piece async for piece in answer.pieces()])
    try:
        return msgspec.json.decode(made, type=FileInfo)
    except msgspec.MsgspecError as error:
        raise Internal(f"The server's answer cannot be read: {error}.", retryable=False) from error
