"""What `ymera-client upload` and `ymera-client download` do: settings, the line of progress, exit statuses.

Results go to standard output, all else to standard error. An upload under way is noted in a file of its own
for each command line, so that different ones can run at the same time.
"""

import argparse
import asyncio
import hashlib
import os
import shutil
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from ymera_client.agent.program import setting, status_of
from ymera_client.client import Client
from ymera_client.errors import (
    ChecksumMismatch,
    Conflict,
    Invalid,
    LimitExceeded,
    NotFound,
    TooLarge,
    YmeraError,
)
from ymera_client.generated import FileInfo
from ymera_client.storage import MemoryOutbox, SqliteOutbox, Store
from ymera_client.transfer.progress import Progress
from ymera_client.transport import address

STANDARD_INPUT = "-"


def upload(chosen: argparse.Namespace) -> None:
    """Upload what a command line names. SystemExit with a status of sysexits.h, as `status` says."""
    if len(chosen.paths) > 1 and (chosen.name or STANDARD_INPUT in chosen.paths):
        sys.exit("ymera-client upload: --name and - are for a single file")
    notes = _notes(chosen)
    _run("upload", lambda: _upload(chosen, SqliteOutbox(notes)))
    # Nothing is left to go on with.
    shutil.rmtree(notes.parent)


def download(chosen: argparse.Namespace) -> None:
    """Download the file that a command line names; else as `upload`."""
    _run("download", lambda: _download(chosen))


def status(error: BaseException) -> int:
    """The exit status of a command that ends with this error.

    64: what was asked makes no sense, 65: what came is something else, 66: there is no such file, 73: it
    cannot be put there, 74: it cannot be read or written here; and those of `ymera-client run`.
    """
    match error:
        case Invalid():
            return os.EX_USAGE
        case ChecksumMismatch():
            return os.EX_DATAERR
        case NotFound() | FileNotFoundError():
            return os.EX_NOINPUT
        case Conflict() | LimitExceeded() | TooLarge():
            return os.EX_CANTCREAT
        case OSError():
            return os.EX_IOERR
        case _:
            return status_of(error)


class Line:
    """The line that says how far a transfer is, if anybody sees it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._shown = sys.stderr.isatty()

    def show(self, progress: Progress) -> None:
        """Say it in place of what was said before."""
        if self._shown:
            print(f"\r\033[K{self._name}  {said(progress)}", end="", file=sys.stderr, flush=True)  # noqa: T201

    def clear(self) -> None:
        """Leave an empty line."""
        if self._shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)  # noqa: T201 - it is a program


def said(progress: Progress) -> str:
    """Progress in words: `45 %  12.3 MB of 27.3 MB  4.1 MB/s  0:04 left`."""
    words = [_size(progress.bytes)]
    if progress.total is not None:
        share = 100 * progress.bytes // progress.total if progress.total else 100
        words = [f"{share} %", f"{words[0]} of {_size(progress.total)}"]
    words.append(f"{_size(progress.rate)}/s")
    if progress.seconds_left is not None:
        minutes, seconds = divmod(round(progress.seconds_left), 60)
        words.append(f"{minutes}:{seconds:02} left")
    return "  ".join(words)


async def _upload(chosen: argparse.Namespace, store: Store) -> None:
    async with _client(store) as client:
        for path in chosen.paths:
            line = Line(path)
            for file in await _put(client, chosen, path, line):
                line.clear()
                print(file.id, PurePosixPath(file.folder, file.name))  # noqa: T201 - a command's output


async def _put(client: Client, chosen: argparse.Namespace, path: str, line: Line) -> list[FileInfo]:
    if (name := await asyncio.to_thread(_folder, path)) is not None:
        return await client.files.upload_folder(
            chosen.room,
            path,
            folder=str(PurePosixPath(chosen.folder, chosen.name or name)),
            conflict=chosen.conflict,
            on_progress=line.show,
        )
    content: str | BinaryIO = sys.stdin.buffer if path == STANDARD_INPUT else path
    file = await client.files.upload(
        chosen.room,
        content,
        name=chosen.name,
        folder=chosen.folder,
        conflict=chosen.conflict,
        parallel=chosen.parallel,
        on_progress=line.show,
    )
    return [file]


def _folder(path: str) -> str | None:
    """What a folder is called; None if it is none."""
    return Path(path).resolve().name if Path(path).is_dir() else None


async def _download(chosen: argparse.Namespace) -> None:
    line = Line(chosen.file_id)
    async with _client(MemoryOutbox()) as client:
        path = await client.files.download(
            chosen.file_id, chosen.output, number=chosen.number, on_progress=line.show
        )
    line.clear()
    print(path)  # noqa: T201 - a command's output


def _run(name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    try:
        asyncio.run(work())
    except (ValueError, OSError, YmeraError) as error:
        Line("").clear()
        print(f"ymera-client {name}: {error}", file=sys.stderr)  # noqa: T201 - it is a program
        sys.exit(status(error))
    except KeyboardInterrupt:
        print("Broken off. The same command goes on where it was.", file=sys.stderr)  # noqa: T201
        sys.exit(128 + signal.SIGINT)


def _client(store: Store) -> Client:
    return Client(
        address(setting("YMERA_URL", "the server's address")),
        token=setting("YMERA_TOKEN", "a program's or an agent's token"),
        outbox=store,
    )


def _notes(chosen: argparse.Namespace) -> Path:
    """The file in which an upload by this command line is noted."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    what = [os.environ.get("YMERA_URL", ""), chosen.room, chosen.folder, *map(os.path.abspath, chosen.paths)]
    known_by = hashlib.sha256("\0".join(what).encode(errors="surrogateescape")).hexdigest()[:32]
    return Path(state, "ymera-client", known_by, "upload.db")


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
