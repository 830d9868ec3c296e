"""A folder put into a room as it is: all its files, several at once, and nothing twice."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple, Protocol

import msgspec

from ymera_client.courier import Courier
from ymera_client.generated import FileInfo, FileList
from ymera_client.transfer.concurrency import all_of
from ymera_client.transfer.progress import Meter, OnProgress
from ymera_client.transfer.sources import Source, opened

AT_ONCE = 4
"""Files that are under way together."""
PAGE = 200
"""Files that are listed at once."""


class Found(NamedTuple):
    """A file in the folder."""

    path: Path
    folder: str
    """Where it is, seen from the folder that is uploaded."""
    size: int


async def sha256_of(source: Source) -> str | None:
    """What a source's content is known by in an open room."""
    return await source.digest()


class Listing(NamedTuple):
    """What a room is asked about the files that it has, and by what their contents are known."""

    ask: Courier
    digest: Callable[[Source], Awaitable[str | None]] = sha256_of


class UploadTo(Protocol):
    """Uploads one file to the room."""

    def __call__(self, content: Path, /, *, folder: str, on_progress: OnProgress) -> Awaitable[FileInfo]:
        """The file that it has become."""


class FolderUpload:
    """One folder on its way into a room."""

    def __init__(self, room: str, upload: UploadTo, listing: Listing) -> None:
        self._room = room
        self._upload = upload
        self._listing = listing
        self._listed: dict[str, asyncio.Task[dict[str, FileInfo]]] = {}
        """What the room has, by folder and name."""

    async def run(self, path: Path, folder: str, on_progress: OnProgress | None) -> list[FileInfo]:
        """Upload what is in it; the files in the order of their paths."""
        found = await asyncio.to_thread(lambda: list(walk(path)))
        meter = Meter(sum(each.size for each in found), on_progress)
        made: dict[Path, FileInfo] = {}
        rest = iter(found)

        async def work() -> None:
            for each in rest:
                made[each.path] = await self._put(each, PurePosixPath(folder, each.folder), meter)

        try:
            await all_of(work() for _ in range(AT_ONCE))
        finally:
            for listing in self._listed.values():
                listing.cancel()
        meter.finish()
        return [made[each.path] for each in found]

    async def _put(self, each: Found, folder: PurePosixPath, meter: Meter) -> FileInfo:
        where = "" if folder == PurePosixPath() else str(folder)
        there = (await self._there(where)).get(each.path.name)
        if there is not None and there.bytes == each.size and there.sha256 == await self._digest(each.path):
            meter.begin(each.path, each.size)
            return there
        return await self._upload(
            each.path, folder=where, on_progress=lambda progress: meter.reach(each.path, progress.bytes)
        )

    async def _digest(self, path: Path) -> str | None:
        source = await opened(path)
        try:
            return await self._listing.digest(source)
        finally:
            await source.close()

    async def _there(self, folder: str) -> dict[str, FileInfo]:
        if folder not in self._listed:
            self._listed[folder] = asyncio.create_task(self._list(folder))
        return await asyncio.shield(self._listed[folder])

    async def _list(self, folder: str) -> dict[str, FileInfo]:
        command, found = FileList(room=self._room, folder=folder, limit=PAGE), list[FileInfo]()
        while True:
            page = await self._listing.ask(command)
            found += page.items
            if page.next is None:
                return {file.name: file for file in found}
            command = msgspec.structs.replace(command, cursor=page.next)


def walk(path: Path) -> Iterator[Found]:
    """The files in a folder and those below, in order. OSError if a folder cannot be read."""
    folders = []
    with os.scandir(path) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_file():
                yield Found(Path(entry.path), "", entry.stat().st_size)
            elif entry.is_dir(follow_symlinks=False):
                folders.append(entry)
    for each in folders:
        for found in walk(Path(each.path)):
            yield found._replace(folder=str(PurePosixPath(each.name, found.folder)))
