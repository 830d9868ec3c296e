"""Files that are reached through the loop of the connection, for handlers in theirs."""

import os
from collections.abc import AsyncGenerator, AsyncIterable
from pathlib import Path
from typing import Any

from ymera_client.agent.loops import OtherLoop
from ymera_client.errors import E2eeRoom
from ymera_client.files import Files
from ymera_client.generated import FileInfo
from ymera_client.transfer.progress import OnProgress, Progress
from ymera_client.transfer.sources import Content


class DistantFiles:
    """A client's files, where the client runs in another loop than whoever asks."""

    def __init__(self, files: Files, here: OtherLoop, there: OtherLoop) -> None:
        self._files = files
        self._here = here
        self._there = there

    async def upload(
        self, room: str, content: Content, *, on_progress: OnProgress | None = None, **options: Any
    ) -> FileInfo:
        """As `Files.upload`, of what is at a path, bytes or a binary file. E2eeRoom of anything else."""
        if isinstance(content, AsyncIterable):
            raise E2eeRoom("For an encrypted room give a path, bytes or a binary file to be uploaded.")
        tell = self._told_here(on_progress)
        return await self._there.do(self._files.upload(room, content, on_progress=tell, **options))

    async def download(
        self,
        file_id: str,
        destination: str | os.PathLike[str] | None = None,
        *,
        number: int | None = None,
        on_progress: OnProgress | None = None,
    ) -> Path:
        """As `Files.download`."""
        tell = self._told_here(on_progress)
        return await self._there.do(
            self._files.download(file_id, destination, number=number, on_progress=tell)
        )

    async def stream(self, file_id: str, *, number: int | None = None) -> AsyncGenerator[bytes, None]:
        """As `Files.stream`."""
        pieces = self._files.stream(file_id, number=number)
        try:
            while (piece := await self._there.do(_next(pieces))) is not None:
                yield piece
        finally:
            await self._there.do(_close(pieces))

    async def read(self, file_id: str, *, number: int | None = None) -> bytes:
        """As `Files.read`."""
        return await self._there.do(self._files.read(file_id, number=number))

    def _told_here(self, on_progress: OnProgress | None) -> OnProgress | None:
        if on_progress is None:
            return None

        def tell(progress: Progress) -> None:
            self._here.post(on_progress, progress)

        return tell


async def _next(pieces: AsyncGenerator[bytes, None]) -> bytes | None:
    return await anext(pieces, None)


async def _close(pieces: AsyncGenerator[bytes, None]) -> None:
    await pieces.aclose()
