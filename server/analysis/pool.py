"""Files are read by a few processes beside the server's, and whatever becomes of those, the server goes on.

A worker has one job at a time. One that ends is replaced when it is next needed; a file with which two have
ended counts as unreadable.
"""

import asyncio
import os
import re
import shutil
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
import structlog

from protocol.files import ContentKind, Preview
from server.analysis.job import READY, RESULT, Job, Limits
from server.analysis.reading import PREVIEW_SUFFIX, Reading
from server.analysis.signatures import OCTETS
from server.children import let_go, spawn

logger = structlog.get_logger(__name__)

COMMAND = (sys.executable, "-P", "-m", "server.analysis.worker")
MAX_WAITING = 100
"""Files that wait for a worker; more are refused."""
ATTEMPTS = 2
START_SECONDS = 60.0
SPARE_SECONDS = 15.0
"""What a worker gets to answer beyond the time that a file may take."""
END_SECONDS = 5.0
MAX_RESULT = 64 * 1024 * 1024
"""Bytes of what was read from one file."""

_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "PYTHONPATH", "LD_LIBRARY_PATH")
"""What workers get to know of the environment: nothing that is secret."""
_FRUGAL = {
    "MALLOC_ARENA_MAX": "2",
    "OMP_NUM_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
    "TOKIO_WORKER_THREADS": "1",
}
"""Keeps libraries from taking address space for every processor of the machine."""
_PREVIEW_NAME = re.compile("[a-z0-9-]{1,20}")


class PoolError(Exception):
    """No file can be read now, which is not the file's fault; the message says why."""


class Pool:
    """Reads files, at most `workers` at a time, in processes that start when they are first needed."""

    def __init__(
        self, workers: int, *, limits: Limits | None = None, command: Sequence[str] = COMMAND
    ) -> None:
        self._limits = limits or Limits()
        self._command = list(command)
        self._places = asyncio.Semaphore(workers)
        self._waiting = 0
        self._idle: list[Process] = []
        self._working: set[Process] = set()
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End all workers; what is being read then ends with PoolError."""
        self._closed = True
        await asyncio.gather(*(let_go(worker, END_SECONDS) for worker in (*self._idle, *self._working)))
        self._idle.clear()

    @asynccontextmanager
    async def read(self, path: Path, name: str) -> AsyncIterator[tuple[Reading, Path]]:
        """What was read from a file that is called `name`, and the folder in which its previews lie.

        The folder goes at the end of the block. A file that could not be read, or not to its end, has an
        `error`. PoolError if no worker can be had.
        """
        folder = Path(tempfile.mkdtemp(prefix="ymera-reading-"))
        try:
            yield await self._read(Job(str(path), name, str(folder), self._limits)), folder
        finally:
            await asyncio.shield(asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))

    async def _read(self, job: Job) -> Reading:
        if self._waiting >= MAX_WAITING:
            raise PoolError(f"{MAX_WAITING} files wait to be read; try again later")
        self._waiting += 1
        try:
            await self._places.acquire()
        finally:
            self._waiting -= 1
        try:
            ending = await self._try(job)
        finally:
            self._places.release()
        return await asyncio.to_thread(_result, Path(job.folder), ending)

    async def _try(self, job: Job) -> str:
        for _ in range(ATTEMPTS):
            if self._closed:
                raise PoolError("the server stops")
            worker = self._idle.pop() if self._idle else await self._start()
            self._working.add(worker)
            answer = None
            try:
                answer = await self._ask(worker, job)
            finally:
                self._working.discard(worker)
                if answer is None:
                    await let_go(worker, END_SECONDS)
                else:
                    self._idle.append(worker)
            if answer is not None:
                return answer
            logger.warning("analysis_worker_ended", process=worker.pid)
        return "Reading it ended the processes that were to read it."

    async def _ask(self, worker: Process, job: Job) -> str | None:
        """How the reading ended; None if the worker did."""
        assert worker.stdin is not None
        try:
            async with asyncio.timeout(job.limits.wall_seconds + SPARE_SECONDS):
                worker.stdin.write(msgspec.json.encode(job) + b"\n")
                await worker.stdin.drain()
                return await _said(worker)
        except (TimeoutError, ConnectionError):
            return None

    async def _start(self) -> Process:
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ} | _FRUGAL
        worker = await spawn(self._command, stdout=PIPE, environment=environment)
        said = None
        try:
            async with asyncio.timeout(START_SECONDS):
                said = await _said(worker)
        except TimeoutError:
            pass
        finally:
            if said != READY:
                await let_go(worker, END_SECONDS)
        if said != READY:
            raise PoolError(f"a process that reads files does not start: it ended with {worker.returncode}")
        return worker


async def _said(worker: Process) -> str | None:
    """The next line of a worker; None if it has ended."""
    assert worker.stdout is not None
    line = await worker.stdout.readline()
    return msgspec.json.decode(line, type=str) if line.endswith(b"\n") else None


def _result(folder: Path, ending: str) -> Reading:
    """What a child has put down, whoever it was that did it in the end."""
    reading = Reading(media_type=OCTETS, kind=ContentKind.OTHER)
    file = folder / RESULT
    if _plain(file) and file.stat().st_size <= MAX_RESULT:
        try:
            reading = msgspec.msgpack.decode(file.read_bytes(), type=Reading)
        except msgspec.MsgspecError:
            ending = ending or "What was read of it makes no sense."
    elif not ending:
        ending = "Nothing was read of it."
    reading.error = ending or reading.error
    reading.previews = [preview for preview in reading.previews if _drawn(folder, preview)]
    return reading


def _drawn(folder: Path, preview: Preview) -> bool:
    file = folder / f"{preview.name}{PREVIEW_SUFFIX}"
    return _PREVIEW_NAME.fullmatch(preview.name) is not None and _plain(file)


def _plain(file: Path) -> bool:
    """Whether it is there, and not a link to what the child itself may not read."""
    return file.is_file() and not file.is_symlink()
