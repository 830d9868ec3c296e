"""Files in sealed rooms: their bytes go as objects, and what there is to say of them in an envelope.

Invariant: a file is said once. Its object and its id are kept with what is left of an upload until the
envelope was read again, so that whoever uploads the same after a crash gets the same file.
"""

import asyncio
import dataclasses
from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from ymera_client.errors import Conflict, YmeraError
from ymera_client.extraction import Extraction, extract, wanted
from ymera_client.fold import Plain
from ymera_client.generated import Command, FileInfo, NameConflict, SealedDiscard, UploadTarget
from ymera_client.sealed.cabinet import Cabinet, Transaction
from ymera_client.sealed.filed import info, version_of
from ymera_client.sealed.local import answer
from ymera_client.sealed.objects import Objects, SealedBlob
from ymera_client.sealed.room import SealedRoom
from ymera_client.sealed.rooms import SealedRooms
from ymera_client.sealed.rules.files import named, objects_of
from ymera_client.transfer.progress import OnProgress
from ymera_client.transfer.sources import BLOCK, Source
from ymera_client.transport import reply_of
from ymera_client.wire import Wire

R = TypeVar("R")

SPACE = "upload"
UNREAD = "application/octet-stream"
"""The type of what passes by once, and is not read."""
MAX_TICKETS = 1_000
"""Uploads that can be taken up again."""


class SealedFiles:
    """The files of a client's sealed rooms, of which an agent's worker has none."""

    def __init__(
        self, rooms: SealedRooms | None = None, wire: Wire | None = None, cabinet: Cabinet | None = None
    ) -> None:
        self._rooms = rooms
        self._objects = None if cabinet is None or wire is None else Objects(wire, _Tickets(cabinet))

    def room(self, room_id: str) -> SealedRoom | None:
        """A sealed room; None if it is open. E2eeRoom if this device cannot read it."""
        return None if self._rooms is None else self._rooms.room_for("file.list", {"room": room_id})

    def holder(self, file_id: str) -> SealedRoom | None:
        """The sealed room that has a file; None if none of those read here has."""
        return None if self._rooms is None else self._rooms.room_for("file.get", {"file_id": file_id})

    async def ask(self, room: SealedRoom, query: Command[R]) -> R:
        """The answer to a query, by what was read of the room."""
        await room.ready()
        return reply_of(query, answer(room, query.WIRE_NAME, msgspec.to_builtins(query)))

    async def upload(
        self, room: SealedRoom, source: Source, target: UploadTarget, on_progress: OnProgress | None
    ) -> FileInfo:
        """Bring a source into a room, and say what it is. As `Files.upload` promises."""
        await room.ready()
        _refuse_taken(room, target)
        passing = await source.identity() is None
        extraction = Extraction(UNREAD) if passing else await _read(source, target.name)
        async with self._bytes.putting(room.id, _ref(room), source, on_progress) as (blob, file_id):
            try:
                file = _with(room, blob) or await self._say(room, target, blob, file_id, extraction)
            except YmeraError as error:
                if passing and not error.retryable:
                    # Nobody can go on with it.
                    await _discard(room, {blob.object_id})
                raise
            await _describe(room, file, blob, extraction)
        return msgspec.convert(info(room.contents.get("files", file["id"]) or file), FileInfo)

    async def abort(self, room: SealedRoom, source: Source) -> None:
        """End an upload that was left."""
        await self._bytes.abort(room.id, source)

    async def save(
        self, room: SealedRoom, version: Plain, destination: Path, on_progress: OnProgress | None
    ) -> None:
        """Bring a version to a path, which has it whole and verified or is left as it was."""
        await self._bytes.save(_blob(version), _ref(room), destination, on_progress)

    async def read(self, room: SealedRoom, version: Plain) -> bytes:
        """A version's bytes, verified; they have to fit in memory."""
        return await self._bytes.read(_blob(version), _ref(room))

    def stream(self, room: SealedRoom, version: Plain) -> AsyncGenerator[bytes, None]:
        """A version's bytes, once all of them were verified."""
        return self._bytes.stream(_blob(version), _ref(room))

    async def version(self, room: SealedRoom, file_id: str, number: int | None) -> Plain:
        """A version of a file, with where its bytes are."""
        await room.ready()
        file = room.contents.get("files", file_id)
        assert file is not None
        return version_of(file, number)

    @property
    def _bytes(self) -> Objects:
        # Without keys `room` and `holder` have refused before.
        assert self._objects is not None
        return self._objects

    async def _say(
        self, room: SealedRoom, target: UploadTarget, blob: SealedBlob, file_id: str, extraction: Extraction
    ) -> Plain:
        said: dict[str, Any] = {
            "object": msgspec.to_builtins(blob),
            "media_type": extraction.media_type,
            "run_id": target.run_id,
        }
        old = target.file_id or _replaced(room, target)
        before = None if old is None else room.contents.get("files", old)
        if old is not None:
            await room.say("file.revise", {"file_id": old, **said})
        else:
            place = msgspec.to_builtins(target)
            kept = {name: place[name] for name in ("room", "name", "folder", "task_id", "conflict")}
            await room.say("file.add", {"id": file_id, **kept, **said})
        file = room.contents.get("files", old or file_id)
        if file is None:
            raise Conflict("The file was removed as soon as it was there.")
        await sweep(room, before)
        if blob.object_id not in objects_of(file):
            # It had this content already.
            await _discard(room, {blob.object_id})
        return file


async def _read(source: Source, name: str) -> Extraction:
    """What is in something that can be read again."""
    size = source.size or 0
    head = await source.read(0, min(size, BLOCK))
    rest = await source.read(len(head), max(0, wanted(head, size) - len(head)))
    return await asyncio.to_thread(extract, head + rest, name, size)


async def _describe(room: SealedRoom, file: Plain, blob: SealedBlob, extraction: Extraction) -> None:
    """Tell the room's members what is in a version, which they have without that too."""
    numbers = [each["number"] for each in file["versions"] if each["object"]["object_id"] == blob.object_id]
    if not numbers or not (extraction.texts or extraction.error):
        return
    told = {**dataclasses.asdict(extraction), "texts": list(extraction.texts)}
    del told["media_type"]
    with suppress(YmeraError):
        await room.say("file.describe", {"file_id": file["id"], "number": numbers[0], **told})


async def sweep(room: SealedRoom, before: Plain | None) -> None:
    """Discard the objects that a file needs no more, as far as one may."""
    if before is not None and "versions" in before:
        await _discard(room, objects_of(before) - objects_of(room.contents.get("files", before["id"])))


async def _discard(room: SealedRoom, object_ids: set[str]) -> None:
    for object_id in sorted(object_ids):
        with suppress(YmeraError):
            await room.ground.courier(SealedDiscard(room=room.id, object_id=object_id))


class _Tickets:
    """Keeps tickets of uploads encrypted: they hold keys."""

    def __init__(self, cabinet: Cabinet) -> None:
        self._cabinet = cabinet

    async def note(self, key: str, text: str | None) -> None:
        """Keep a text, or forget it."""

        def write(transaction: Transaction) -> None:
            if text is None:
                transaction.drop(SPACE, key.encode())
                return
            transaction.put(SPACE, text.encode(), key.encode())
            kept = [each for each, _ in transaction.each(SPACE)]
            for surplus in [each for each in kept if each != key.encode()][: len(kept) - MAX_TICKETS]:
                transaction.drop(SPACE, surplus)

        await self._cabinet.transact(write)

    async def noted(self, key: str) -> str | None:
        """The text that is kept by this key."""
        found = await self._cabinet.transact(lambda transaction: transaction.get(SPACE, key.encode()))
        return None if found is None else found.decode()


def _ref(room: SealedRoom) -> bytes:
    return room.settled.timeline.room.ref


def _blob(version: Plain) -> SealedBlob:
    return msgspec.convert(version["object"], SealedBlob)


def _with(room: SealedRoom, blob: SealedBlob) -> Plain | None:
    """The file that has this object already, as when an earlier process was ended before it knew."""
    files = room.contents.all("files")
    return next((file for file in files if blob.object_id in objects_of(file)), None)


def _replaced(room: SealedRoom, target: UploadTarget) -> str | None:
    """The file of which this is to be a version, by its name."""
    if target.conflict is not NameConflict.VERSION:
        return None
    found = named(room.contents, target.folder, target.name)
    return None if found is None else str(found["id"])


def _refuse_taken(room: SealedRoom, target: UploadTarget) -> None:
    """Refuse before anything is sent what the rules would refuse after it."""
    found = named(room.contents, target.folder, target.name)
    if target.file_id is None and target.conflict is NameConflict.REFUSE and found is not None:
        message = f"There is already a file «{target.name}» in that folder."
        raise Conflict(message, data={"file_id": found["id"]})
