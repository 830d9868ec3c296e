"""A large file that each SDK puts into a plain room or an encrypted one, and gets back."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import build, files, machine, servers
from bench.generator import Sample, UnsoundError
from bench.servers import YMERA, Server

ROOMS = ("plain room", "encrypted room")


@dataclass(frozen=True, slots=True)
class Shelf:
    """A room on a node, and a member whose program fetches and brings."""

    name: str
    program: Callable[[], list[str]]
    """The command that begins it, once it was made."""
    server: Server
    token: str
    folder: Path
    """What the program keeps, from round to round."""
    room: str

    def carry(self, mib: int) -> Sample:
        """One round with a file of so many MiB, which is removed from the server afterwards."""
        url = f"http://127.0.0.1:{self.server.ports[0]}"
        given = [url, self.token, str(self.folder), self.room, str(mib)]
        done = subprocess.run(
            machine.pinned(machine.LOAD_CORE, [*self.program(), *given]),
            check=False,
            cwd=build.ROOT,
            env=build.sdk_environment(),
            capture_output=True,
            text=True,
        )
        files.remove(self.server.folder / "files")
        if done.returncode:
            raise UnsoundError(f"the program failed: {done.stderr[-500:]}")
        sample: Sample = json.loads(done.stdout)
        return sample


@contextmanager
def shelves() -> Iterator[list[Shelf]]:
    """For each SDK a plain room and an encrypted one, all on the same node, for the length of a block."""
    temporary = TemporaryDirectory(prefix="ymera-bench-")
    members = str(len(PROGRAMS) * len(ROOMS))
    with temporary as folder, servers.serving(YMERA, "--members", members) as server:
        assert server.tokens is not None
        assert server.rooms is not None
        tokens = iter(server.tokens.read_text().split())
        plain = server.rooms.read_text().split()[0]
        made = []
        for sdk, program in PROGRAMS.items():
            for name, room in zip(ROOMS, (plain, "sealed"), strict=True):
                kept = Path(folder) / sdk / name
                kept.mkdir(parents=True)
                made.append(Shelf(f"{sdk}, {name}", program, server, next(tokens), kept, room))
        yield made


def _python() -> list[str]:
    return [sys.executable, "-m", "bench.peers.sealed_files"]


def _node() -> list[str]:
    return ["node", os.fspath(build.sdk_program("sealed_files.mjs"))]


PROGRAMS: dict[str, Callable[[], list[str]]] = {"Python": _python, "TypeScript on Node": _node}
