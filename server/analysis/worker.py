"""A process that has files read, each in a child of its own, and says how that ended.

It runs a single thread and has loaded what readers need, so that a child is a fork and starts at once. A job
is a line of JSON on its standard input, which is also its lifeline: when that ends, so does the child, and
then the worker. The answer is a line too: empty, or why the file could not be read to its end. What was read
until then lies in the job's folder.
"""

import gc
import os
import resource
import select
import shutil
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NoReturn

import msgspec
from PIL import Image

from server.analysis import reader
from server.analysis.job import READY, RESULT, Job, Limits
from server.analysis.quality.spelling import dictionary
from server.analysis.reading import Reading
from server.analysis.sandbox import confine

_OUT_OF_MEMORY = 70
"""A child's exit status."""

Read = Callable[[Path, str, Path, Callable[[Reading], None]], Reading]


def serve(read: Read = reader.read) -> None:
    """Have files read until standard input ends."""
    Image.preinit()
    # What is here now is never collected, so that children go on sharing its memory.
    gc.freeze()
    _answer(READY)
    while line := sys.stdin.buffer.readline():
        _answer(_run(msgspec.json.decode(line, type=Job), read))


def _answer(said: str) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(said) + b"\n")
    sys.stdout.buffer.flush()


def _run(job: Job, read: Read) -> str:
    """Have one file read; say why that ended too early, if it did."""
    alive, held = os.pipe()
    child = os.fork()
    if not child:
        os.close(alive)
        _read(job, read)
    # Also done by the child: whoever comes first, nobody sees it in another group.
    os.setpgid(child, child)
    os.close(held)
    poll = select.poll()
    # Its other end is open as long as the child is there.
    poll.register(alive, select.POLLIN)
    poll.register(sys.stdin.fileno(), select.POLLIN)
    ready = [file for file, _ in poll.poll(job.limits.wall_seconds * 1000)]
    os.killpg(child, signal.SIGKILL)
    _, status, usage = os.wait4(child, 0)
    os.close(alive)
    if sys.stdin.fileno() in ready:
        shutil.rmtree(job.folder, ignore_errors=True)
        sys.exit()
    if not ready:
        return f"Reading it takes longer than {job.limits.wall_seconds:g} s."
    return _ending(status, usage, job.limits)


def _ending(status: int, usage: resource.struct_rusage, limits: Limits) -> str:
    code = os.waitstatus_to_exitcode(status)
    if code == 0:
        return ""
    if code == -signal.SIGXCPU:
        return f"Reading it takes more than {limits.cpu_seconds} s of processor time."
    # What is not written in Python crashes where it gets no memory.
    if code == _OUT_OF_MEMORY or (code < 0 and usage.ru_maxrss * 1024 > limits.memory // 2):
        return f"Reading it takes more than {limits.memory >> 20:,} MiB of memory."
    if code == -signal.SIGKILL:
        return "Reading it took more memory than the machine had left."
    if code < 0:
        return f"Reading it crashed ({signal.Signals(-code).name}): it is broken, or made to do that."
    return "Reading it failed in a way that was not foreseen."


def _read(job: Job, read: Read) -> NoReturn:
    """Read a file as the child, and end."""
    status = 1
    try:
        os.setpgid(0, 0)
        _close_standard_files()
        folder = Path(job.folder)
        confine(job.limits, read=Path(job.path), write=folder)
        _write(folder, read(Path(job.path), job.name, folder, partial(_write, folder)))
        status = 0
    except MemoryError:
        status = _OUT_OF_MEMORY
    finally:
        # Whatever it was: the worker's own code is not for the child.
        os._exit(status)


def _close_standard_files() -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nowhere, standard)
    os.close(nowhere)


def _write(folder: Path, reading: Reading) -> None:
    """Put down what was read so far. It is always whole, whenever the process ends."""
    unfinished = folder / f"{RESULT}.unfinished"
    unfinished.write_bytes(msgspec.msgpack.encode(reading))
    unfinished.replace(folder / RESULT)


if __name__ == "__main__":
    dictionary("en")
    serve()
