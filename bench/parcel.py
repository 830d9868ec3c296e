"""A large file that the Python SDK puts into a plain room or an encrypted one, and gets back."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import build, files, machine, servers
from bench.generator import Sample, UnsoundError
from bench.servers import YMERA, Server


@dataclass(frozen=True, slots=True)
class Shelf:
    """A room on a node, and a member whose program fetches and brings."""

    name: str
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
            machine.pinned(machine.LOAD_CORE, [sys.executable, "-m", "bench.peers.sealed_files", *given]),
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
    """A plain room and an encrypted one on the same node, for the length of a block."""
    temporary = TemporaryDirectory(prefix="ymera-bench-")
    with temporary as folder, servers.serving(YMERA, "--members", "2") as server:
        assert server.tokens is not None
        assert server.rooms is not None
        room = server.rooms.read_text().split()[0]
        rooms = {"plain room": room, "encrypted room": "sealed"}
        made = []
        for (name, where), token in zip(rooms.items(), server.tokens.read_text().split(), strict=True):
            kept = Path(folder) / name
            kept.mkdir()
            made.append(Shelf(name, server, token, kept, where))
        yield made
