"""Files' bytes, up and down. All else that there is to files goes by `call`, as in `call(FileList(…))`.

An upload is noted in the client's store before it begins and until it is over, so that whoever uploads the
same again goes on where it was left, and gets the one file that it has become, not a second one.
"""

import functools
import os
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager, suppress
from pathlib import Path

import msgspec

from ymera_client.courier import Courier
from ymera_client.errors import ChecksumMismatch, Conflict, NotFound, TooLarge
from ymera_client.generated import (
    FileAdopt,
    FileGet,
    FileInfo,
    FileVersion,
    FileVersions,
    NameConflict,
    UploadTarget,
)
from ymera_client.outbox import new_id
from ymera_client.sealed.files import SealedFiles
from ymera_client.sealed.objects import digest_of
from ymera_client.storage import Store
from ymera_client.transfer import downloads, tus
from ymera_client.transfer.folders import FolderUpload, Listing
from ymera_client.transfer.progress import Meter, OnProgress
from ymera_client.transfer.sources import Content, Source, opened
from ymera_client.transfer.tickets import Tickets
from ymera_client.transfer.uploads import Gone, Ticket, Upload, post
from ymera_client.wire import Wire

SMALL = 1024 * 1024
"""Bytes that are sent in one request; of more the room is asked first whether it has them."""
MAX_BEGINNINGS = 3
"""Times that an upload is begun anew because the server has lost it."""
MAX_READ = 64 * 1024 * 1024
"""Bytes that `read` gives at once."""


class FileTicket(Ticket):
    """The ticket of a file that is uploaded to a plain room."""

    adoption: str
    """The id of the command by which the content was adopted, if it was."""


class Files:
    """Uploads and downloads of one account."""

    def __init__(self, wire: Wire, courier: Courier, store: Store, sealed: SealedFiles | None = None) -> None:
        self._wire = wire
        self._courier = courier
        self._sealed = sealed or SealedFiles()
        self._tickets = Tickets(wire, store, FileTicket)
        self._landing: set[str] = set()
        """Destinations of downloads that are under way."""

    async def upload(
        self,
        room: str,
        content: Content,
        *,
        name: str | None = None,
        folder: str = "",
        task_id: str | None = None,
        run_id: str | None = None,
        file_id: str | None = None,
        conflict: NameConflict | str = NameConflict.RENAME,
        parallel: int = 1,
        on_progress: OnProgress | None = None,
    ) -> FileInfo:
        """Put something into a room: what is at a path, bytes, a binary file, or an iterator of bytes.

        It goes on over lost connections, and where a path, bytes or a file that can be read again was left,
        also if that was another process with the same outbox. What the room has already is not sent. With
        `file_id` it is a new version of that file; `conflict` says what else a taken name means.
        `parallel` parts go at once of what has 64 MiB or more. Cancelled, it can be taken up later; `abort`
        ends it. LimitExceeded beyond a quota, TooLarge beyond what the server takes, ChecksumMismatch if
        what arrived is something else.
        """
        source = await opened(content)
        try:
            target = UploadTarget(
                room=room,
                name=_named(name or source.name),
                folder=folder,
                task_id=task_id,
                run_id=run_id,
                file_id=file_id,
                conflict=NameConflict(conflict),
            )
            if (sealed := self._sealed.room(room)) is not None:
                return await self._sealed.upload(sealed, source, target, on_progress)
            meter = Meter(source.size, on_progress)
            if source.size is not None and source.size <= SMALL:
                file = await post(self._wire, source, target, meter)
                meter.finish()
                return file
            fits = functools.partial(_fits, target)
            new = functools.partial(_new_ticket, source, target)
            async with self._tickets.taken(source, room, fits, new) as (ticket, keep):
                upload = Upload(self._wire, source, ticket, keep, meter)
                file = await self._settled(upload, ticket, source, target, parallel)
                meter.finish()
                return file
        finally:
            await source.close()

    async def upload_folder(
        self,
        room: str,
        path: str | os.PathLike[str],
        *,
        folder: str = "",
        conflict: NameConflict | str = NameConflict.VERSION,
        on_progress: OnProgress | None = None,
    ) -> list[FileInfo]:
        """Put all files in a folder into a room, below `folder`, with their folders; several at once.

        What the room has at the same place with the same content is left as it is. Links to folders are not
        followed. NotADirectoryError if it is no folder; else the first error of `upload`, after which it can
        be done again.
        """
        upload = functools.partial(self.upload, room, conflict=conflict)
        there = Listing(self._courier)
        if (sealed := self._sealed.room(room)) is not None:
            there = Listing(functools.partial(self._sealed.ask, sealed), digest_of)
        return await FolderUpload(room, upload, there).run(Path(path), folder, on_progress)

    async def abort(self, room: str, content: Content) -> None:
        """End an upload to this room that was left: what has come of it is thrown away."""
        source = await opened(content)
        try:
            if (sealed := self._sealed.room(room)) is not None:
                await self._sealed.abort(sealed, source)
            else:
                await self._tickets.abort(source, room)
        finally:
            await source.close()

    async def download(
        self,
        file_id: str,
        destination: str | os.PathLike[str] | None = None,
        *,
        number: int | None = None,
        on_progress: OnProgress | None = None,
    ) -> Path:
        """Bring a file, or one of its versions, to a path, or by its own name into a folder, by default here.

        The path has all of it, checked, or is left as it was; what broke off goes on where it was. Conflict
        if the file's own name is taken there, Forbidden if the version is held, ChecksumMismatch if it is
        not what it should be.
        """
        if (sealed := self._sealed.holder(file_id)) is not None:
            found = await self._sealed.version(sealed, file_id, number)
            path = downloads.place(destination, found["name"])
            with self._alone(path):
                await self._sealed.save(sealed, found, path, on_progress)
            return path
        version = await self._version(file_id, number)
        path = downloads.place(destination, version.name)
        meter = Meter(version.bytes, on_progress)
        with self._alone(path):
            await downloads.save(self._wire, version, path, meter)
        meter.finish()
        return path

    async def stream(self, file_id: str, *, number: int | None = None) -> AsyncGenerator[bytes, None]:
        """A file's bytes as they come, those of a sealed room once all have come and were verified.

        ChecksumMismatch at the end if they are not what they should be.
        """
        if (sealed := self._sealed.holder(file_id)) is not None:
            coming = self._sealed.stream(sealed, await self._sealed.version(sealed, file_id, number))
        else:
            coming = downloads.checked(self._wire, await self._version(file_id, number))
        async with aclosing(coming) as pieces:
            async for piece in pieces:
                yield piece

    async def read(self, file_id: str, *, number: int | None = None) -> bytes:
        """A file's bytes, at most 64 MiB; TooLarge if it has more."""
        if (sealed := self._sealed.holder(file_id)) is not None:
            found = await self._sealed.version(sealed, file_id, number)
            _check_small(found["name"], found["bytes"])
            return await self._sealed.read(sealed, found)
        version = await self._version(file_id, number)
        _check_small(version.name, version.bytes)
        async with aclosing(downloads.checked(self._wire, version)) as pieces:
            return b"".join([piece async for piece in pieces])

    @contextmanager
    def _alone(self, path: Path) -> Iterator[None]:
        if str(path) in self._landing:
            raise Conflict(f"Another download to {path} is under way.")
        self._landing.add(str(path))
        try:
            yield
        finally:
            self._landing.discard(str(path))

    async def _version(self, file_id: str, number: int | None) -> FileVersion:
        return (await self._courier(FileGet(file_id=file_id, number=number))).version

    async def _settled(
        self, upload: Upload, ticket: FileTicket, source: Source, target: UploadTarget, parallel: int
    ) -> FileInfo:
        """The file, adopted or sent; from the beginning if the server has lost what was sent before."""
        for beginning in range(1, MAX_BEGINNINGS + 1):
            if (file := await self._adopted(ticket, source, target)) is not None:
                return file
            try:
                return await self._sent(upload, source, parallel)
            except Gone:
                ticket.parts, ticket.joined, ticket.adoption = [], None, new_id()
                if beginning == MAX_BEGINNINGS or await source.identity() is None:
                    raise
        raise AssertionError

    async def _adopted(self, ticket: FileTicket, source: Source, target: UploadTarget) -> FileInfo | None:
        """The file made of content that the room has; None if it has to be sent."""
        sha256 = ticket.metadata.get("sha256")
        if sha256 is None or source.size is None or ticket.parts:
            return None
        with suppress(NotFound):
            return await self._courier(
                FileAdopt(
                    command_id=ticket.adoption,
                    room=target.room,
                    name=target.name,
                    sha256=sha256,
                    file_id=target.file_id,
                    folder=target.folder,
                    task_id=target.task_id,
                    run_id=target.run_id,
                    conflict=target.conflict,
                )
            )
        return None

    async def _sent(self, upload: Upload, source: Source, parallel: int) -> FileInfo:
        file_id = await upload.run(parallel)
        file = (await self._courier(FileGet(file_id=file_id))).file
        if await source.identity() is None and file.sha256 != (digest := await source.digest()):
            # Somebody may have been quick to add a version.
            versions = (await self._courier(FileVersions(file_id=file_id))).items
            if all(version.sha256 != digest for version in versions):
                raise ChecksumMismatch(
                    f"What has become of {file.name} is not what was sent. Upload it again."
                )
        return file


def _check_small(name: str, count: int) -> None:
    if count > MAX_READ:
        raise TooLarge(f"{name} has {count} bytes: stream or download it.")


def _fits(target: UploadTarget, ticket: FileTicket) -> bool:
    """Whether a ticket is for this target, of which the digest may not be known yet."""
    return {**ticket.metadata, "sha256": ""} == {**tus.metadata(target), "sha256": ""}


async def _new_ticket(source: Source, target: UploadTarget) -> FileTicket:
    known = msgspec.structs.replace(target, sha256=await source.digest())
    return FileTicket(metadata=tus.metadata(known), adoption=new_id())


def _named(name: str | None) -> str:
    if name:
        return name
    raise ValueError("name: bytes and streams have none of their own; say what the file is to be called")
