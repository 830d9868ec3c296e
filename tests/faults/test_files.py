"""A large file whose uploader and whose servers die again and again: it arrives, once.

`YMERA_FAULTS_SCALE=32 pytest tests/faults/test_files.py` does so with 10 GiB.
"""

import asyncio
import hashlib
import os
import random
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import aiohttp

from persistence import garbage, storage
from persistence.database import Pool, clock, connect_pool
from persistence.storage import Storage
from tests.faults.report import Report
from tests.faults.stage import Node, Stage, peak
from tests.nodes import until
from tests.sdk.network import Network

ROOT = Path(__file__).resolve().parents[2]
MIB = 1024 * 1024
SIZE = 320 * MIB
"""Bytes of the file, which is sparse."""
KILLS = 3
"""Of the client or of a server, before all bytes are there."""
PATIENCE = 180.0
BEYOND = 16 * MIB
"""More bytes than connections hold of somebody who is dead."""
SERVER_GROWTH = 96 * MIB
"""By how much a server may grow beyond what it has when it begins."""
CLIENT_PEAK = 160 * MIB
"""What a client may have: two chunks of 8 MiB beside the program itself."""
LATER = timedelta(days=9)
"""When nothing is kept any more of an upload that somebody might have gone on with."""


class Uploader:
    """`ymera-client upload`, which goes on where it was whenever it is started again."""

    def __init__(self, folder: Path, path: Path, room: str, url: str, token: str) -> None:
        self._folder = folder
        self._command = [sys.executable, "-m", "ymera_client", "upload", str(path), "--room", room]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("YMERA_")}
        self._environ = inherited | {
            "YMERA_URL": url,
            "YMERA_TOKEN": token,
            "XDG_STATE_HOME": str(folder / "state"),
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "client-sdk" / "python")]),
        }
        self._process: subprocess.Popen[bytes] | None = None
        self.peak = 0
        """The most resident bytes that it had before a death."""

    def start(self) -> None:
        """Upload, or go on with it."""
        with (self._folder / "node-client.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env=self._environ,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
            )

    def kill(self) -> None:
        """Kill it, as the kernel does when memory runs out."""
        assert self._process is not None
        assert not self.over()
        self._process.kill()
        self._process.communicate()

    @property
    def status(self) -> int | None:
        """What it has ended with."""
        assert self._process is not None
        return self._process.returncode

    def over(self) -> bool:
        """Whether it has ended by itself."""
        assert self._process is not None
        over = self._process.poll() is not None
        self.peak = self.peak if over else max(self.peak, peak(self._process.pid))
        return over

    async def ended(self) -> str:
        """The id of the file, once it is there."""
        assert self._process is not None
        await until(self.over, PATIENCE)
        said, _ = self._process.communicate()
        assert self.status == 0
        return said.decode().split()[0]


class Pair:
    """Two servers of which clients see one, until that dies."""

    def __init__(self, nodes: tuple[Node, Node], network: Network) -> None:
        self.nodes = nodes
        self._network = network
        self.peak = 0
        """The most resident bytes that one had."""
        self._serving, self._other = nodes
        self._starting: asyncio.Task[None] | None = None

    @property
    def both(self) -> bool:
        """Whether the other one could serve."""
        return self._starting is None or self._starting.done()

    async def kill(self) -> None:
        """Kill the one that serves, once the other can; it comes back while that serves."""
        await self.whole()
        self._serving.kill()
        self._serving, self._other = self._other, self._serving
        self._network.target = self._serving.url
        self._starting = asyncio.create_task(self._other.start())

    async def whole(self) -> None:
        """Wait until both are there."""
        if self._starting is not None:
            await self._starting
        self.peak = max(self.peak, *(node.peak() for node in self.nodes))


def sparse(path: Path, size: int) -> str:
    """Make a file of which most is a hole; its SHA-256."""
    chance = random.Random(size)
    with path.open("wb") as file:
        file.truncate(size)
        for _ in range(20):
            file.seek(chance.randrange(size - MIB))
            file.write(chance.randbytes(MIB))
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Deaths:
    """Kills either at random moments; `seconds` are those after which bytes went on."""

    def __init__(self, uploader: Uploader, pair: Pair, network: Network) -> None:
        self.seconds: dict[str, list[float]] = {"uploader": [], "server": []}
        self._uploader = uploader
        self._pair = pair
        self._network = network

    async def happen(self, size: int, count: int) -> None:
        """Kill so often before that many bytes can have gone up."""
        chance = random.Random(size)
        for number, point in enumerate(sorted(chance.uniform(0, 0.8) * size for _ in range(count))):
            await self._passed(int(point))
            # Each at least once; and nobody could go on while neither server is there.
            server = number != 1 and self._pair.both and (number == 0 or chance.random() < 0.5)
            killed = time.monotonic()
            if server:
                await self._pair.kill()
            else:
                self._uploader.kill()
                self._uploader.start()
            await self._passed(self._network.up + BEYOND)
            self.seconds["server" if server else "uploader"].append(time.monotonic() - killed)

    async def _passed(self, point: int) -> None:
        """Wait until so many bytes have gone up."""
        await until(lambda: self._network.up >= point or self._uploader.over(), PATIENCE)
        assert not self._uploader.over(), f"the uploader ended with {self._uploader.status}"


async def test_a_file_outlives_its_uploader_and_its_servers(
    cluster: Stage, report: Report, scale: int, tmp_path: Path
) -> None:
    """They die at random, a server also when all bytes are there and are about to become a file."""
    size = SIZE * scale
    path = tmp_path / "moon.bin"
    sha256 = await asyncio.to_thread(sparse, path, size)
    one, two = await cluster.pair()
    idle = max(one.peak(), two.peak())
    room = await cluster.channel(one)
    pool = await connect_pool(cluster.dsn, size=1)
    async with Network(one.url) as network:
        uploader = Uploader(tmp_path, path, room, network.url, cluster.tokens[0])
        pair = Pair((one, two), network)
        begun = time.monotonic()
        uploader.start()
        deaths = Deaths(uploader, pair, network)
        await deaths.happen(size, KILLS + scale - 1)
        await pair.whole()

        async def all_there() -> bool:
            return bool(await pool.fetchval("SELECT count(*) > 0 FROM uploads WHERE received = length"))

        await until(all_there, PATIENCE)
        await pair.kill()
        file_id = await uploader.ended()
        took = time.monotonic() - begun
    await pair.whole()
    assert pair.peak < idle + SERVER_GROWTH
    assert uploader.peak < CLIENT_PEAK
    for node in pair.nodes:
        assert await digest(node, cluster.tokens[1], file_id) == sha256
    await assert_nothing_else(pool, tmp_path / "files", room, sha256)
    await pool.close()
    for who, seconds in deaths.seconds.items():
        report.add(
            f"the {who} of a file of {size // MIB:,} MiB killed with SIGKILL",
            injected=len(seconds),
            recovered=f"the upload, by 16 MiB ({took:.0f} s in all; memory of a server at most "
            f"{pair.peak // MIB} MiB, of the uploader {uploader.peak // MIB} MiB)",
            seconds=seconds,
            clients=1,
            events=1,
        )


async def digest(node: Node, token: str, file_id: str) -> str:
    """The SHA-256 of what a node gives."""
    found = hashlib.sha256()
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        aiohttp.ClientSession(node.url, headers=headers) as http,
        http.get(f"/api/files/{file_id}/content", timeout=aiohttp.ClientTimeout(total=None)) as answer,
    ):
        assert answer.status == 200
        async for piece in answer.content.iter_any():
            found.update(piece)
    return found.hexdigest()


async def assert_nothing_else(pool: Pool, folder: Path, room: str, sha256: str) -> None:
    """There is one file, and of all that was staged nothing else is left once its time is over."""
    assert await pool.fetchval("SELECT count(*) FROM files") == 1
    blob_id = await pool.fetchval("SELECT id::text FROM blobs")
    store = Storage.in_folder(folder)
    await garbage.collect(pool, store, await clock(pool) + LATER)
    store.close()
    kept = [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]
    assert kept == [storage.content_key(room, bytes.fromhex(sha256), blob_id)]
    assert await pool.fetchval("SELECT count(*) FROM uploads") == 0
    # It may be larger than what the machine has to spare for tests that are over.
    (folder / kept[0]).unlink()
