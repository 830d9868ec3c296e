"""The files of a run's project, as its handler has them.

What a run puts there is known to be its own, and belongs to its task; that is what its quality is told by.
"""

import os
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ymera_client.generated import FileInfo, FileList, NameConflict
from ymera_client.transfer.progress import OnProgress
from ymera_client.transfer.sources import Content

if TYPE_CHECKING:
    from ymera_client.agent.run import Run


class Shelf(Protocol):
    """Where files are; `Files` has the promises."""

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
        """Put something into a room."""

    async def download(
        self,
        file_id: str,
        destination: str | os.PathLike[str] | None = None,
        *,
        number: int | None = None,
        on_progress: OnProgress | None = None,
    ) -> Path:
        """Bring a file to a path."""

    def stream(self, file_id: str, *, number: int | None = None) -> AsyncGenerator[bytes, None]:
        """A file's bytes as they come."""

    async def read(self, file_id: str, *, number: int | None = None) -> bytes:
        """A file's bytes."""


class RunFiles:
    """What a run can do with files. A handler in a thread passes what its methods give to `run.wait`."""

    def __init__(self, run: "Run", shelf: Shelf) -> None:
        self._run = run
        self._shelf = shelf

    async def upload(
        self,
        content: Content,
        *,
        name: str | None = None,
        folder: str = "",
        file_id: str | None = None,
        conflict: NameConflict | str = NameConflict.RENAME,
        on_progress: OnProgress | None = None,
    ) -> FileInfo:
        """Put what is at a path, bytes, a binary file or an iterator of bytes into the project.

        With `file_id` it is a new version of that file; `conflict` says what else a taken name means. An
        attempt that begins anew and puts the same there by the same name gets the file that is there.
        """
        info = self._run.info
        return await self._shelf.upload(
            info.project_id,
            content,
            name=name,
            folder=folder,
            task_id=info.task_id,
            run_id=info.id,
            file_id=file_id,
            conflict=conflict,
            on_progress=on_progress,
        )

    async def read(self, file_id: str, *, number: int | None = None) -> bytes:
        """The bytes of a file, or of one of its versions: at most 64 MiB; TooLarge if it has more."""
        return await self._shelf.read(file_id, number=number)

    def stream(self, file_id: str, *, number: int | None = None) -> AsyncGenerator[bytes, None]:
        """A file's bytes as they come. ChecksumMismatch at the end if they are not what they should be."""
        return self._shelf.stream(file_id, number=number)

    async def download(
        self,
        file_id: str,
        destination: str | os.PathLike[str] | None = None,
        *,
        number: int | None = None,
        on_progress: OnProgress | None = None,
    ) -> Path:
        """Bring a file to a path, or by its own name into a folder, by default here; whole or not at all."""
        return await self._shelf.download(file_id, destination, number=number, on_progress=on_progress)

    def list(self, folder: str | None = None, *, query: str | None = None) -> AsyncGenerator[FileInfo, None]:
        """The files of the project, by name: `async for file in run.files.list("reports")`.

        Those right in a folder, if one is named, and with `query` in their name.
        """
        return self._run.page(FileList(room=self._run.project_id, folder=folder, query=query))
