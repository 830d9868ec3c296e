"""Killed in the middle: the next process of a client, and the next server, go on where the last one was."""

import asyncio
import hashlib
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.nodes import PATIENCE, RunningNode
from tests.sdk.files.conftest import MIB
from tests.sdk.network import Network
from tests.sdk.test_restart import printed, process, served
from tests.sdk.test_storage import PACKAGES
from ymera_client import Client, FileList, ProjectCreate, SqliteOutbox

PROGRAM = """
import asyncio, resource, sys
from ymera_client import Client, SqliteOutbox

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

async def zeros(count):
    for _ in range(count):
        yield bytes(1024 * 1024)

async def main(url, token, outbox, room, what, parallel="1"):
    async with Client(url, token=token, outbox=SqliteOutbox(outbox)) as client:
        before = peak()
        content = zeros(int(what)) if what.isdecimal() else what
        file = await client.files.upload(room, content, name="moon.bin", parallel=int(parallel))
        print("uploaded", file.id, peak() - before, flush=True)
        count = 0
        async for piece in client.files.stream(file.id):
            count += len(piece)
        print("downloaded", count, peak() - before, flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


@asynccontextmanager
async def program(*arguments: object) -> AsyncIterator[asyncio.subprocess.Process]:
    """The program at work."""
    command = (sys.executable, "-Werror", "-c", PROGRAM, *map(str, arguments))
    async with process(*command, PYTHONPATH=str(PACKAGES)) as running:
        yield running


@asynccontextmanager
async def reached(network: Network, count: int) -> AsyncIterator[asyncio.Event]:
    """An event that is set, and the way blocked, when so many more bytes have gone through."""
    there = asyncio.Event()

    def stop(data: bytes) -> bytes:
        network.block()
        there.set()
        return data

    network.at = {network.up + network.down + count: stop}
    yield there
    assert there.is_set()


@pytest.mark.parametrize("parallel", [1, 3])
async def test_the_next_process_goes_on_with_the_upload_of_a_killed_one(
    server: RunningNode, network: Network, ada: str, tmp_path: Path, parallel: int
) -> None:
    path, outbox = tmp_path / "moon.bin", tmp_path / "outbox.db"
    path.write_bytes(b"something at the beginning")
    os.truncate(path, 100 * MIB)
    async with Client(server.url, token=ada) as witness:
        room = (await witness.call(ProjectCreate(name="Apollo"))).id
        async with (
            reached(network, 60 * MIB) as there,
            program(network.url, ada, outbox, room, path, parallel) as killed,
        ):
            async with asyncio.timeout(PATIENCE):
                await there.wait()
            killed.kill()
            await killed.wait()
        network.unblock()
        before = network.up
        async with Client(network.url, token=ada, outbox=SqliteOutbox(outbox)) as successor:
            made = await successor.files.upload(room, path, name="moon.bin", parallel=parallel)
        # What was on the way when it was killed had not arrived: a chunk of 8 MiB for each part.
        assert network.up - before < (100 - 60 + (8 + 1) * parallel + 1) * MIB
        assert made.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert [file.id async for file in witness.page(FileList(room=room))] == [made.id]


async def test_a_process_that_was_killed_after_the_last_byte_made_one_file(
    server: RunningNode, network: Network, ada: str, tmp_path: Path, file: Path
) -> None:
    outbox = tmp_path / "outbox.db"
    async with Client(server.url, token=ada) as witness:
        room = (await witness.call(ProjectCreate(name="Apollo"))).id

        def mute(data: bytes) -> bytes:
            network.mute = True
            return data

        # In the second and last chunk: the server hears all of it, and its answer is lost.
        network.at = {network.up + network.down + 8 * MIB + 60_000: mute}
        async with witness.room(room) as followed:
            events = followed.events()
            async with program(network.url, ada, outbox, room, file) as killed, asyncio.timeout(PATIENCE):
                while (await anext(events)).type != "file.created":
                    pass
                killed.kill()
                await killed.wait()
        network.cut()
        network.unblock()
        before = network.up
        async with Client(network.url, token=ada, outbox=SqliteOutbox(outbox)) as successor:
            made = await successor.files.upload(room, file)
        assert network.up - before < 100_000
        assert [each.id async for each in witness.page(FileList(room=room))] == [made.id]


async def test_a_killed_server_comes_back_and_the_transfers_go_on(
    server: RunningNode, dsn: str, tmp_path: Path, ada: str, file: Path, bytes_of: Callable[[float], bytes]
) -> None:
    await server.stop()
    async with (
        served(dsn, tmp_path) as (first, url),
        Network(url) as network,
        Client(network.url, token=ada) as client,
    ):
        room = (await client.call(ProjectCreate(name="Apollo"))).id
        there = asyncio.Event()

        def kill(data: bytes) -> bytes:
            first.kill()
            there.set()
            return data

        network.at = {network.up + network.down + 4 * MIB: kill}
        stream = bytes_of(8.5)
        uploads = asyncio.gather(
            client.files.upload(room, file),
            client.files.upload(room, pieces(stream), name="stream.bin"),
        )
        await there.wait()
        await first.wait()
        async with served(dsn, tmp_path) as (second, again):
            network.target = again
            made = await uploads
            assert [each.sha256 for each in made] == [
                hashlib.sha256(content).hexdigest() for content in (file.read_bytes(), stream)
            ]
            there.clear()

            def kill_again(data: bytes) -> bytes:
                second.kill()
                there.set()
                return data

            network.at = {network.up + network.down + 4 * MIB: kill_again}
            downloading = asyncio.create_task(client.files.download(made[0].id, tmp_path / "copy"))
            await there.wait()
            await second.wait()
            async with served(dsn, tmp_path) as (_, third):
                network.target = third
                assert (await downloading).read_bytes() == file.read_bytes()


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 500_000):
        yield content[start : start + 500_000]


@pytest.mark.parametrize("what", ["path", "stream"])
async def test_memory_stays_flat(server: RunningNode, ada: str, tmp_path: Path, what: str) -> None:
    size = 300
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(size * MIB)
    async with Client(server.url, token=ada) as witness:
        room = (await witness.call(ProjectCreate(name="Apollo"))).id
    content = path if what == "path" else size
    async with program(server.url, ada, tmp_path / "outbox.db", room, content) as running:
        uploaded = await printed(running, r"uploaded \S+ (\d+)")
        downloaded = await printed(running, rf"downloaded {size * MIB} (\d+)")
    # Two chunks of 8 MiB, and what the allocator keeps of those before.
    assert int(uploaded[1]) < 80 * MIB
    assert int(downloaded[1]) < 80 * MIB
