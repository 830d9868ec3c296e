"""Files without a server, for tests of handlers: the newest version of each, in memory."""

import hashlib
import mimetypes
import os
from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from msgspec.structs import replace

from ymera_client.errors import Conflict, NotFound
from ymera_client.generated import AnalysisState, ContentKind, FileInfo, FileList, NameConflict, Page
from ymera_client.outbox import new_id
from ymera_client.transfer.downloads import place
from ymera_client.transfer.progress import Meter, OnProgress
from ymera_client.transfer.sources import BLOCK, Content, opened


class MemoryFiles:
    """Files of one room. Those that are `given` have their paths for ids."""

    def __init__(self, room: str, given: Mapping[str, bytes]) -> None:
        self._contents: dict[str, tuple[FileInfo, bytes]] = {}
        for path, content in given.items():
            where = PurePosixPath(path)
            self._keep(_file(path, room, _folder(where), where.name), content)

    def contents(self, run_id: str) -> dict[str, bytes]:
        """What a run has put there, by path."""
        made = [(file, content) for file, content in self._contents.values() if file.run_id == run_id]
        return {str(PurePosixPath(file.folder, file.name)): content for file, content in made}

    def list(self, command: FileList) -> Page[FileInfo]:
        """The files that a command asks for, by name; all on one page."""
        asked = [
            file
            for file, _ in self._contents.values()
            if command.folder in {None, file.folder}
            and command.run_id in {None, file.run_id}
            and (command.query or "").lower() in file.name.lower()
        ]
        return Page(items=sorted(asked, key=lambda file: file.name), next=None)

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
        parallel: int = 1,  # noqa: ARG002 - there is nothing to wait for
        on_progress: OnProgress | None = None,
    ) -> FileInfo:
        """Keep it."""
        source = await opened(content)
        try:
            parts, meter = list[bytes](), Meter(source.size, on_progress)
            while part := await source.read(sum(map(len, parts)), BLOCK):
                parts.append(part)
        finally:
            await source.close()
        whole, called = b"".join(parts), name or source.name or ""
        meter.finish()
        if file_id is None:
            file = self._placed(room, folder, called, whole, NameConflict(conflict))
        else:
            file = self._found(file_id)[0]
        return self._keep(replace(file, task_id=task_id, run_id=run_id), whole)

    async def download(
        self,
        file_id: str,
        destination: str | os.PathLike[str] | None = None,
        *,
        number: int | None = None,
        on_progress: OnProgress | None = None,
    ) -> Path:
        """Write it to a path."""
        file, content = self._found(file_id, number)
        path = place(destination, file.name)
        path.write_bytes(content)
        Meter(len(content), on_progress).finish()
        return path

    async def stream(self, file_id: str, *, number: int | None = None) -> AsyncGenerator[bytes, None]:
        """Its bytes."""
        _, content = self._found(file_id, number)
        for start in range(0, len(content), BLOCK):
            yield content[start : start + BLOCK]

    async def read(self, file_id: str, *, number: int | None = None) -> bytes:
        """Its bytes."""
        return self._found(file_id, number)[1]

    def _found(self, file_id: str, number: int | None = None) -> tuple[FileInfo, bytes]:
        file, content = self._contents.get(file_id, (None, b""))
        if file is None or number not in {None, file.number}:
            raise NotFound(f"There is no file {file_id!r} here; there are {list(self._contents)}.")
        return file, content

    def _placed(self, room: str, folder: str, name: str, content: bytes, conflict: NameConflict) -> FileInfo:
        """The file that a content becomes or is a version of, as the server decides it."""
        there = {file.name.lower(): file for file, _ in self._contents.values() if file.folder == folder}
        taken = there.get(name.lower())
        if taken is None:
            return _file(new_id(), room, folder, name)
        if conflict is NameConflict.REFUSE:
            raise Conflict(f"There is already a file «{name}» in this folder.", data={"file_id": taken.id})
        if conflict is NameConflict.VERSION or taken.sha256 == hashlib.sha256(content).hexdigest():
            return taken
        path = PurePosixPath(name)
        numbered = (f"{path.stem} ({number}){path.suffix}" for number in range(2, len(there) + 3))
        return _file(new_id(), room, folder, next(each for each in numbered if each.lower() not in there))

    def _keep(self, file: FileInfo, content: bytes) -> FileInfo:
        digest = hashlib.sha256(content).hexdigest()
        number = file.number + (file.sha256 != digest)
        kept = replace(file, number=number, version=number, bytes=len(content), sha256=digest)
        self._contents[file.id] = kept, content
        return kept


def _file(file_id: str, room: str, folder: str, name: str) -> FileInfo:
    """A file that has no version yet."""
    now, nobody = datetime.now(UTC), new_id()
    return FileInfo(
        id=file_id,
        version=0,
        room=room,
        task_id=None,
        run_id=None,
        folder=folder,
        name=name,
        number=0,
        bytes=0,
        sha256="",
        media_type=mimetypes.guess_type(name)[0] or "application/octet-stream",
        kind=ContentKind.OTHER,
        analysis=AnalysisState.PENDING,
        quality=None,
        held="",
        restricted=False,
        created_by=nobody,
        created_at=now,
        updated_by=nobody,
        updated_at=now,
        purge_at=None,
    )


def _folder(path: PurePosixPath) -> str:
    return "" if path.parent == PurePosixPath() else str(path.parent)
