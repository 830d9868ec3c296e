"""A program written with the Python SDK that puts one large file into a room, and gets it back.

It prints one JSON line: what either took of the clock, of the processor, and of memory at most.
"""

import asyncio
import filecmp
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from ymera_client import Client, FileInfo, Form, KeyStore

MIB = 1024 * 1024


async def measured(name: str, mib: int, work: Callable[[], Awaitable[Any]]) -> tuple[Any, dict[str, float]]:
    """What comes of it, and what it took; names of figures begin with `name`."""
    _forget_peak()
    begun, used = time.perf_counter(), time.process_time()
    found = await work()
    seconds, used = time.perf_counter() - begun, time.process_time() - used
    took = {"mib_per_second": mib / seconds, "cpu_ms_per_mib": used / mib * 1e3, "peak_mib": _peak_mib()}
    return found, {f"{name}_{key}": value for key, value in took.items()}


def _forget_peak() -> None:
    """Have the kernel note anew how much memory there is at most."""
    Path("/proc/self/clear_refs").write_text("5")


def _peak_mib() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


async def up_and_down(client: Client, room: str, folder: Path, mib: int) -> dict[str, float]:
    """Put a file of so many MiB into a room, and get it back."""
    source, copy = folder / "source", folder / "copy"
    source.write_bytes(os.urandom(MIB) * mib)
    file, up = await measured("up", mib, lambda: client.files.upload(room, source))
    assert isinstance(file, FileInfo)
    _, down = await measured("down", mib, lambda: client.files.download(file.id, copy))
    assert filecmp.cmp(source, copy, shallow=False)
    source.unlink()
    copy.unlink()
    return up | down


async def main(url: str, token: str, folder: Path, room: str, mib: int) -> None:
    """Do it in the plain room, or with `sealed` in an encrypted one that is made for it."""
    client = Client(url, token=token, keys=KeyStore(folder / "keys.db", key_file=folder / "key"))
    await client.connect()
    try:
        if room == "sealed":
            await client.sealed.wait_for(lambda sealed: sealed.status.state in {"none", "ready"}, 60)
            if client.sealed.status.state == "none":
                await client.sealed.begin()
            room = await client.sealed.create_room(form=Form.CONVERSATION, name="Files")
        print(json.dumps(await up_and_down(client, room, folder, mib)))
    finally:
        await client.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4], int(sys.argv[5])))
