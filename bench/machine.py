"""The machine that is measured on: its cores, its description, and what processes use of it."""

import os
import platform
import resource
import subprocess
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

SERVER_CORE = 0
LOAD_CORE = 1
SPARE_FILES = 300
"""Descriptors that a process needs besides its connections."""


def pinned(core: int, command: list[str]) -> list[str]:
    """A command on one core that ends when this process does."""
    core = min(core, (os.cpu_count() or 1) - 1)
    return ["taskset", "--cpu-list", str(core), "setpriv", "--pdeathsig", "TERM", *command]


def pin(process: psutil.Process, core: int) -> None:
    """Put a process that runs on one core."""
    process.cpu_affinity([min(core, (os.cpu_count() or 1) - 1)])


def allow_connections() -> int:
    """Raise the limit of open files as far as it goes; returns how many connections that allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (65_536, max(hard, 65_536)))
        return 65_536 - SPARE_FILES
    except (ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        return hard - SPARE_FILES


def cpu_seconds(process: psutil.Process) -> float:
    """Processor time that a process's threads have used, in seconds; the kernel counts nanoseconds."""
    threads = Path(f"/proc/{process.pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


def cpu_seconds_of_family(process: psutil.Process) -> float:
    """Processor time that a process and all that it has started have used, in hundredths of a second.

    Threads and processes that have ended are in it, those that end just now may be missing.
    """
    used = 0.0
    for each in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            used += sum(each.cpu_times()[:4])
    return used


def memory(process: psutil.Process) -> int:
    """Resident memory of a process, in bytes."""
    return int(process.memory_info().rss)


def peak(process: psutil.Process) -> int:
    """The most resident bytes of a process since that was noted last, or since it began."""
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024


def describe() -> dict[str, Any]:
    """What to know of the machine and of the moment."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    return {
        "processor": model,
        "cores": os.cpu_count() or 1,
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "node": _said(["node", "--version"]),
        "commit": _said(["git", "rev-parse", "--short", "HEAD"]),
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "others_before": f"{os.getloadavg()[0]:.1f} runnable processes on average in the minute before",
    }


def _said(command: list[str]) -> str:
    try:
        return subprocess.run(
            command, check=True, capture_output=True, text=True, cwd=Path(__file__).parent
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
