"""A worker whose readers do what a file does that took them over. The name of the file says what."""

import ctypes
import os
import signal
import socket
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

from protocol.files import ContentKind
from server.analysis import worker
from server.analysis.reading import Reading


def crash(path: Path, out: Path) -> object:
    return ctypes.string_at(0)


def eat_memory(path: Path, out: Path) -> object:
    return [bytearray(1 << 20) for _ in range(1 << 20)]


def burn(path: Path, out: Path) -> object:
    while True:
        pass


def sleep(path: Path, out: Path) -> object:
    while True:
        signal.pause()


def fill_disk(path: Path, out: Path) -> object:
    with (out / "flood").open("wb") as file:
        while True:
            file.write(bytes(1 << 20))


def fail(path: Path, out: Path) -> object:
    raise KeyboardInterrupt


def refused(deed: Callable[[], object]) -> bool:
    try:
        deed()
    except OSError:
        return True
    return False


def run(out: Path) -> None:
    program = out / "program"
    program.write_bytes(Path("/bin/true").read_bytes())
    program.chmod(0o700)
    subprocess.run([program], check=False)


def in_a_child(deed: Callable[[], object]) -> None:
    if child := os.fork():
        if os.waitpid(child, 0)[1]:
            raise PermissionError
        return
    os._exit(refused(deed))


def escape(path: Path, out: Path) -> object:
    deeds: dict[str, Callable[[], object]] = {
        "read another file": (path.parent / "secret").read_text,
        "list the folder of the file": lambda: next(path.parent.iterdir()),
        "change the file": partial(path.open, "r+b"),
        "write elsewhere": partial(Path("/tmp/ymera-escaped").touch),
        "see the server's environment": lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes(),
        "plant a link": lambda: (out / "thumbnail.webp").symlink_to(path.parent / "secret"),
        "open a socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
        "reach a local service": partial(socket.socket, socket.AF_UNIX),
        "run what it has written": partial(run, out),
        "kill the worker": lambda: os.kill(os.getppid(), signal.SIGKILL),
        "outlive its group": partial(in_a_child, os.setsid),
        "leave its group": partial(in_a_child, partial(os.setpgid, 0, 0)),
        "change its user": lambda: os.setuid(65_534) if os.getuid() == 0 else os.setuid(0),
    }
    return {"refused": [name for name, deed in deeds.items() if refused(deed)], "all": list(deeds)}


def tell_environment(path: Path, out: Path) -> object:
    return dict(os.environ)


def linger(path: Path, out: Path) -> object:
    (out / "started").touch()
    return sleep(path, out)


DEEDS = {
    deed.__name__: deed
    for deed in (
        crash,
        eat_memory,
        burn,
        sleep,
        fill_disk,
        fail,
        escape,
        tell_environment,
        linger,
    )
}


def read(path: Path, name: str, out: Path, progress: Callable[[Reading], None]) -> Reading:
    reading = Reading(media_type="text/plain", kind=ContentKind.TEXT)
    progress(reading)
    if name in DEEDS:
        reading.metadata["said"] = DEEDS[name](path, out)
    return reading


if __name__ == "__main__":
    worker.serve(read)
