"""Objects of sealed rooms: files' bytes, encrypted before they go up and decrypted once they are here.

An object's key and header are kept, encrypted, before the first byte goes out, so that a later process goes
on with the same object. What the server has is ciphertext; nothing that it says of it is believed.
"""

import asyncio
import hashlib
import tempfile
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from pathlib import Path

from msgspec import Struct
from nacl.utils import random

from ymera_client.crypto.errors import Cx1Error
from ymera_client.crypto.files import STREAM_HEADER, FileKey, Sums, encrypted_size
from ymera_client.crypto.primitives import HASH, KEY
from ymera_client.crypto.wire import from_text, to_text
from ymera_client.errors import Internal
from ymera_client.outbox import new_id
from ymera_client.sealed.faults import raised
from ymera_client.sealed.opening import Opening, SealedLanding, opened
from ymera_client.sealed.sealing import Sealing
from ymera_client.transfer.downloads import Body
from ymera_client.transfer.progress import Meter, OnProgress
from ymera_client.transfer.sources import BLOCK, Source
from ymera_client.transfer.tickets import Notes, Tickets
from ymera_client.transfer.uploads import Gone, Ticket, Upload
from ymera_client.wire import Wire

MAX_BEGINNINGS = 3
"""Times that an upload is begun anew because the server has lost it."""


class SealedBlob(Struct, frozen=True, kw_only=True):
    """What a member needs to get an object and read it. Bytes are base64url; `size` is that in the clear."""

    object_id: str
    key: str
    header: str
    size: int
    ct_hash: str
    pt_hash: str

    def sums(self) -> Sums:
        """What it must be."""
        return Sums(self.size, from_text(self.ct_hash), from_text(self.pt_hash))


class ObjectTicket(Ticket):
    """The ticket of an object. It holds a key, so it is kept encrypted."""

    file_id: str
    """Of the file that is to be made of it."""
    key: str
    header: str
    sha256: str | None
    """Of what was to be uploaded: the key must never meet anything else."""


class Objects:
    """The objects of one account's sealed rooms. `notes` keeps what it is given encrypted."""

    def __init__(self, wire: Wire, notes: Notes) -> None:
        self._wire = wire
        self._tickets = Tickets(wire, notes, ObjectTicket)

    @asynccontextmanager
    async def putting(
        self, room: str, room_ref: bytes, source: Source, on_progress: OnProgress | None = None
    ) -> AsyncIterator[tuple[SealedBlob, str]]:
        """Encrypt a source and bring it into a sealed room, for a block in which it is said.

        With the object comes the id of the file that it is to become. Until the block is over a later process
        goes on with both. LimitExceeded beyond a quota, TooLarge beyond what the server takes.
        """
        sha256 = await source.digest()

        async def new() -> ObjectTicket:
            return _new_ticket(room, sha256)

        def fits(left: ObjectTicket) -> bool:
            return left.sha256 == sha256

        async with self._tickets.taken(source, room, fits, new) as (ticket, keep):
            object_id = ticket.metadata["object_id"]
            key = FileKey(
                from_text(ticket.key), from_text(ticket.header), room_ref, uuid.UUID(object_id).bytes
            )
            sealing = Sealing(source, key)
            meter = Meter(sealing.size, on_progress)
            await _sent(Upload(self._wire, sealing, ticket, keep, meter), ticket, sealing)
            sums = await sealing.sums()
            meter.finish()
            blob = SealedBlob(
                object_id=object_id,
                key=ticket.key,
                header=ticket.header,
                size=sums.size,
                ct_hash=to_text(sums.ct_hash),
                pt_hash=to_text(sums.pt_hash),
            )
            yield blob, ticket.file_id

    async def abort(self, room: str, source: Source) -> None:
        """End an upload to this room that was left: what has come of it is thrown away."""
        await self._tickets.abort(source, room)

    async def save(
        self, blob: SealedBlob, room_ref: bytes, destination: Path, on_progress: OnProgress | None = None
    ) -> None:
        """Bring an object to its destination, which has it whole and verified or is left as it was.

        What broke off goes on where it was. Invalid, with `data["fault"]`, if it is not what was sent.
        """
        meter = Meter(encrypted_size(blob.size), on_progress)
        landing = SealedLanding(destination, _key(blob, room_ref), blob.sums())
        landing.open()
        try:
            offset = await asyncio.to_thread(landing.replay)
            meter.begin(blob.object_id, offset)
            if offset:
                with suppress(Cx1Error, Internal):
                    await self._landed(blob, landing, offset, meter)
                    return
                # What was left is not what it was: nothing can be said yet about what the server has.
                landing.restart()
            await self._landed(blob, landing, 0, meter)
        except Cx1Error as error:
            landing.discard()
            raise raised(error) from error
        finally:
            landing.close()

    async def read(self, blob: SealedBlob, room_ref: bytes) -> bytes:
        """An object's bytes, which have to fit in memory. Invalid if it is not what was sent."""
        opening, plain = _opening(blob, room_ref), bytearray()
        try:
            async with aclosing(self._pieces(blob)) as coming:
                async for piece in coming:
                    plain += opening.pull(piece)
            plain += opening.finish()
        except Cx1Error as error:
            raise raised(error) from error
        return bytes(plain)

    async def stream(self, blob: SealedBlob, room_ref: bytes) -> AsyncGenerator[bytes, None]:
        """An object's bytes, once all of them were verified; until then they wait in a private file."""
        with tempfile.TemporaryFile() as file:
            try:
                async with aclosing(self._pieces(blob)) as coming:
                    await opened(coming, _opening(blob, room_ref), file)
            except Cx1Error as error:
                raise raised(error) from error
            file.seek(0)
            while block := file.read(BLOCK):
                yield block

    async def _landed(self, blob: SealedBlob, landing: SealedLanding, offset: int, meter: Meter) -> None:
        async with aclosing(self._metered(blob, offset, meter)) as coming:
            await opened(coming, landing.opening, landing.file)
        landing.finish()
        meter.finish()

    async def _metered(self, blob: SealedBlob, offset: int, meter: Meter) -> AsyncGenerator[bytes, None]:
        async with aclosing(self._pieces(blob, offset)) as coming:
            async for piece in coming:
                offset += len(piece)
                meter.reach(blob.object_id, offset)
                yield piece

    def _pieces(self, blob: SealedBlob, offset: int = 0) -> AsyncGenerator[bytes, None]:
        return Body(self._wire, f"/api/files/objects/{blob.object_id}/content").pieces(offset)


async def digest_of(source: Source) -> str | None:
    """What a source's content is known by in a sealed room; None of a stream."""
    if source.size is None:
        return None
    # The hash that `pt_hash` is.
    hashed = hashlib.blake2b(b"cx1/filept\0", digest_size=HASH)
    for offset in range(0, source.size, BLOCK):
        hashed.update(await source.read(offset, BLOCK))
    return hashed.hexdigest()


async def _sent(upload: Upload, ticket: ObjectTicket, sealing: Sealing) -> None:
    """Send an object; from the beginning if the server has lost what was sent before."""
    for beginning in range(1, MAX_BEGINNINGS + 1):
        try:
            await upload.run(parallel=1)
            return
        except Gone:
            ticket.parts, ticket.joined = [], None
            if beginning == MAX_BEGINNINGS or await sealing.identity() is None:
                raise


def _new_ticket(room: str, sha256: str | None) -> ObjectTicket:
    return ObjectTicket(
        metadata={"room": room, "object_id": new_id()},
        file_id=new_id(),
        key=to_text(random(KEY)),
        header=to_text(random(STREAM_HEADER)),
        sha256=sha256,
    )


def _key(blob: SealedBlob, room_ref: bytes) -> FileKey:
    return FileKey(from_text(blob.key), from_text(blob.header), room_ref, uuid.UUID(blob.object_id).bytes)


def _opening(blob: SealedBlob, room_ref: bytes) -> Opening:
    return Opening(_key(blob, room_ref), blob.sums())
