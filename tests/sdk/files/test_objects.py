"""Files of sealed rooms on their way: whole and what was sent, or an exact fault and nothing at all."""

import asyncio
import hashlib
import os
import stat
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from persistence import rooms
from persistence.database import clock
from persistence.ids import new_id
from protocol.roles import RoomRole
from protocol.rooms import RoomKind
from tests.nodes import PATIENCE, RunningNode, until
from tests.sdk.files.conftest import MIB
from tests.sdk.network import Network
from tests.sdk.test_restart import printed, process, served
from tests.sdk.test_storage import PACKAGES
from ymera_client import Progress, YmeraError
from ymera_client.crypto.files import CHUNK, OVERHEAD, encrypted_size
from ymera_client.crypto.wire import to_text
from ymera_client.sealed.objects import Objects, SealedBlob
from ymera_client.storage import MemoryOutbox, SqliteOutbox
from ymera_client.transfer.sources import Content, opened
from ymera_client.wire import Wire

SEALED = CHUNK + OVERHEAD
REF = bytes(range(32))

PROGRAM = """
import asyncio, resource, sys
from pathlib import Path
from ymera_client.sealed.objects import Objects
from ymera_client.storage import SqliteOutbox
from ymera_client.transfer.sources import opened
from ymera_client.wire import Wire

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

async def main(url, token, notes, room, path, copy):
    async def bearer(rest, old):
        return token
    wire, store = Wire(url, bearer), SqliteOutbox(notes)
    await store.load()
    objects, source = Objects(wire, store), await opened(path)
    before = peak()
    async with objects.putting(room, bytes(range(32)), source) as (blob, _):
        pass
    print("uploaded", blob.object_id, peak() - before, flush=True)
    await objects.save(blob, bytes(range(32)), Path(copy))
    print("downloaded", peak() - before, flush=True)
    await source.close()
    await store.close()
    await wire.close()

asyncio.run(main(*sys.argv[1:]))
"""


class Chest:
    """A sealed room on a server, and the way of a member to its objects."""

    def __init__(self, url: str, token: str, room: str) -> None:
        self.room = room
        self.notes = MemoryOutbox()

        async def bearer(_rest: object, _old: str | None) -> str:
            return token

        self.wire = Wire(url, bearer)
        self.objects = Objects(self.wire, self.notes)

    async def put(self, content: Content) -> SealedBlob:
        source = await opened(content)
        try:
            async with self.objects.putting(self.room, REF, source) as (blob, _):
                return blob
        finally:
            await source.close()

    async def read(self, blob: SealedBlob) -> bytes:
        return await self.objects.read(blob, REF)


async def sealed_room(server: RunningNode, name: str = "Ada") -> str:
    """A room that is sealed as far as the server's files are concerned, with this member in it."""
    room = new_id()
    async with server.node.pool.acquire() as tx:
        now = await clock(tx)
        member_id = await tx.fetchval("SELECT id FROM members WHERE name = $1", name)
        await rooms.insert(tx, room, RoomKind.SEALED, now=now, created_by=member_id)
        await rooms.put_member(tx, room, member_id, RoomRole.EDITOR, now)
    return room


@pytest.fixture
async def chest(server: RunningNode, network: Network, ada: str) -> AsyncIterator[Chest]:
    made = Chest(network.url, ada, await sealed_room(server))
    yield made
    await made.wire.close()


@pytest.fixture
def stored(
    server: RunningNode, tmp_path: Path
) -> Callable[[SealedBlob, Callable[[bytes], bytes]], Awaitable[None]]:
    """Has the server put something else in an object's place."""

    async def change(blob: SealedBlob, into: Callable[[bytes], bytes]) -> None:
        pool = server.node.pool
        blob_id = await pool.fetchval("SELECT blob_id FROM sealed_objects WHERE id = $1", blob.object_id)
        (path,) = (tmp_path / "files" / "rooms").rglob(f"*-{blob_id}")
        data = into(path.read_bytes())
        path.unlink()
        path.write_bytes(data)
        await pool.execute("UPDATE blobs SET bytes = $2 WHERE id = $1", blob_id, len(data))

    return change


def _noticed(there: asyncio.Event) -> Callable[[bytes], bytes]:
    def pass_on(data: bytes) -> bytes:
        there.set()
        return data

    return pass_on


def here(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 16 * CHUNK, 3 * MIB + 5])
async def test_what_goes_up_comes_down(
    chest: Chest, server: RunningNode, tmp_path: Path, bytes_of: Callable[[float], bytes], size: int
) -> None:
    data = bytes_of(size / MIB)[:size]

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, size, 50_001):
            yield data[start : start + 50_001]

    (tmp_path / "source").write_bytes(data)
    for content in (tmp_path / "source", data, pieces()):
        blob = await chest.put(content)
        assert blob.size == size
        assert await server.node.pool.fetchval("SELECT max(bytes) FROM blobs") == encrypted_size(size)
        assert await chest.read(blob) == data
        assert b"".join([piece async for piece in chest.objects.stream(blob, REF)]) == data
        (tmp_path / "to").mkdir(exist_ok=True)
        await chest.objects.save(blob, REF, tmp_path / "to" / "copy")
        assert (tmp_path / "to" / "copy").read_bytes() == data
        assert here(tmp_path / "to") == ["copy"]


async def test_the_server_has_ciphertext_alone(
    chest: Chest, tmp_path: Path, file: Path, bytes_of: Callable[[float], bytes]
) -> None:
    secret = b"the moon is made of green cheese"
    file.write_bytes(secret * 100_000)
    await chest.put(file)
    for path in (tmp_path / "files").rglob("*"):
        assert path.is_dir() or secret not in path.read_bytes()
    # Another object of the same content has nothing in common with it.
    first, second = await chest.put(secret), await chest.put(secret)
    assert {first.key, first.header, first.ct_hash}.isdisjoint({second.key, second.header, second.ct_hash})
    assert first.pt_hash == second.pt_hash


async def test_progress_counts_what_is_sent_and_what_comes(chest: Chest, file: Path, tmp_path: Path) -> None:
    seen: list[Progress] = []
    source = await opened(file)
    async with chest.objects.putting(chest.room, REF, source, seen.append) as (blob, _):
        await source.close()
    total = encrypted_size(file.stat().st_size)
    assert (seen[-1].bytes, seen[-1].total) == (total, total)
    await chest.objects.save(blob, REF, tmp_path / "copy", seen.append)
    assert (seen[-1].bytes, seen[-1].total) == (total, total)


def swapped(data: bytes) -> bytes:
    return data[SEALED : 2 * SEALED] + data[:SEALED] + data[2 * SEALED :]


def flipped(data: bytes) -> bytes:
    return data[:100_000] + bytes([data[100_000] ^ 1]) + data[100_001:]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (swapped, "file_chunk"),
        (flipped, "file_chunk"),
        (lambda data: data[SEALED:], "file_chunk"),
        (lambda data: data[:SEALED] + data[2 * SEALED :], "file_chunk"),
        (lambda data: data[: 2 * SEALED], "file_truncated"),
        (lambda data: data[:-1], "file_chunk"),
        (lambda data: data + data[-SEALED:], "file_chunk"),
        (lambda data: data + bytes(SEALED), "file_trailing"),
    ],
)
async def test_what_the_server_changes_is_refused_and_nothing_is_released(
    chest: Chest,
    stored: Callable[[SealedBlob, Callable[[bytes], bytes]], Awaitable[None]],
    tmp_path: Path,
    bytes_of: Callable[[float], bytes],
    change: Callable[[bytes], bytes],
    fault: str,
) -> None:
    # The last chunk is a full one where bytes follow it, so that it is read as such.
    size = 4 * CHUNK if fault == "file_trailing" else 4 * CHUNK - 99
    blob = await chest.put(bytes_of(size / MIB)[:size])
    await stored(blob, change)
    (tmp_path / "to").mkdir()
    released: list[bytes] = []

    async def stream() -> None:
        released.extend([piece async for piece in chest.objects.stream(blob, REF)])

    for work in (chest.read(blob), stream(), chest.objects.save(blob, REF, tmp_path / "to" / "copy")):
        with pytest.raises(YmeraError) as refused:
            await work
        assert (refused.value.code, refused.value.data) == ("invalid", {"fault": fault})
    assert (here(tmp_path / "to"), released) == ([], [])


async def test_a_chunk_of_another_file_is_refused(
    chest: Chest,
    stored: Callable[[SealedBlob, Callable[[bytes], bytes]], Awaitable[None]],
    bytes_of: Callable[[float], bytes],
) -> None:
    data = bytes_of(0.2)
    one, other = await chest.put(data), await chest.put(data)
    async with chest.wire.request("GET", f"/api/files/objects/{other.object_id}/content") as answer:
        taken = b"".join([piece async for piece in answer.pieces()])
    await stored(one, lambda sealed: sealed[:SEALED] + taken[SEALED : 2 * SEALED] + sealed[2 * SEALED :])
    with pytest.raises(YmeraError) as refused:
        await chest.read(one)
    assert refused.value.data == {"fault": "file_chunk"}
    # Nor does the whole of another file pass, under its own key, for this one.
    with pytest.raises(YmeraError) as refused:
        await chest.read(msgspec.structs.replace(other, object_id=one.object_id))
    assert refused.value.data == {"fault": "file_chunk"}


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"size": 200_001}, "file_size"),
        ({"ct_hash": to_text(bytes(32))}, "file_ciphertext"),
        # Two keys that open the same ciphertext open it as two texts, of which the message has named one.
        ({"pt_hash": to_text(bytes(32))}, "file_plaintext"),
        ({"key": to_text(bytes(32))}, "file_chunk"),
        ({"header": to_text(bytes(24))}, "file_chunk"),
    ],
)
async def test_what_is_not_what_the_message_said_is_refused(
    chest: Chest, tmp_path: Path, bytes_of: Callable[[float], bytes], said: dict[str, object], fault: str
) -> None:
    blob = msgspec.structs.replace(await chest.put(bytes_of(0.2)[:200_000]), **said)
    (tmp_path / "to").mkdir()
    for work in (chest.read(blob), chest.objects.save(blob, REF, tmp_path / "to" / "copy")):
        with pytest.raises(YmeraError) as refused:
            await work
        assert refused.value.data == {"fault": fault}
    assert here(tmp_path / "to") == []


async def test_a_file_of_another_room_is_refused(chest: Chest) -> None:
    blob = await chest.put(b"words")
    with pytest.raises(YmeraError) as refused:
        await chest.objects.read(blob, bytes(32))
    assert refused.value.data == {"fault": "file_chunk"}


async def test_a_download_goes_on_over_broken_connections(
    chest: Chest, network: Network, file: Path, tmp_path: Path
) -> None:
    def broken(data: bytes) -> bytes:
        network.cut()
        return data

    blob, before = await chest.put(file), network.down
    network.at = {network.up + network.down + int(share * MIB): broken for share in (0.5, 3, 5.5)}
    await chest.objects.save(blob, REF, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == file.read_bytes()
    assert network.down - before < 8.1 * MIB + 3 * 2.5 * MIB


@asynccontextmanager
async def broken_off(chest: Chest, network: Network, blob: SealedBlob, to: Path) -> AsyncIterator[Path]:
    """What a download leaves that was ended in the middle."""
    there = asyncio.Event()

    def parts() -> list[Path]:
        return [path for path in to.parent.iterdir() if path.suffix == ".part"]

    network.at = {network.up + network.down + 5 * MIB: _noticed(there)}
    work = asyncio.create_task(chest.objects.save(blob, REF, to))
    await there.wait()
    # What has gone through the network may not have been read yet.
    await until(lambda: work.done() or any(part.stat().st_size >= MIB for part in parts()))
    work.cancel()
    await asyncio.wait({work})
    assert not to.exists()
    (part,) = parts()
    yield part
    assert not part.exists()


async def test_a_download_that_was_ended_goes_on_where_it_was(
    chest: Chest, network: Network, file: Path, tmp_path: Path
) -> None:
    blob, to = await chest.put(file), tmp_path / "copy"
    async with broken_off(chest, network, blob, to) as part:
        assert stat.S_IMODE(part.stat().st_mode) == 0o600
        left, before = part.stat().st_size, network.down
        assert left >= MIB
        await chest.objects.save(blob, REF, to)
        assert network.down - before < 8.1 * MIB + MIB - left
        assert to.read_bytes() == file.read_bytes()


async def test_what_was_left_is_believed_in_nothing(
    chest: Chest, network: Network, file: Path, tmp_path: Path
) -> None:
    blob, to = await chest.put(file), tmp_path / "copy"
    async with broken_off(chest, network, blob, to) as part:
        part.write_bytes(bytes(part.stat().st_size))
        await chest.objects.save(blob, REF, to)
        assert to.read_bytes() == file.read_bytes()


async def silenced(network: Network, work: asyncio.Task[Any], count: int) -> None:
    """Cancel a transfer when nothing comes any more since so many bytes went through; it ends at once."""
    there = asyncio.Event()

    def fall_silent(data: bytes) -> bytes:
        network.mute = True
        there.set()
        return data

    network.at = {network.up + network.down + count: fall_silent}
    async with asyncio.timeout(PATIENCE):
        await there.wait()
    work.cancel()
    # Far less than anything that waits for the server.
    await asyncio.wait({work}, timeout=3)
    assert work.cancelled()
    network.cut()
    network.unblock()


@pytest.mark.parametrize("count", [1, 100_000, 3 * MIB, 6 * MIB])
async def test_a_download_from_a_silent_server_ends_as_soon_as_it_is_cancelled(
    chest: Chest, network: Network, file: Path, tmp_path: Path, count: int
) -> None:
    blob, folder = await chest.put(file), tmp_path / "to"
    folder.mkdir()
    await silenced(network, asyncio.create_task(chest.objects.save(blob, REF, folder / "copy")), count)
    # What is left is for the next time, and is something.
    assert all(path.suffix == ".part" and path.stat().st_size for path in folder.iterdir())
    await silenced(network, asyncio.create_task(chest.read(blob)), count)
    await chest.objects.save(blob, REF, folder / "copy")
    assert here(folder) == ["copy"]
    assert (folder / "copy").read_bytes() == file.read_bytes()


@pytest.mark.parametrize("count", [1, 3 * MIB])
async def test_an_upload_to_a_silent_server_ends_as_soon_as_it_is_cancelled(
    chest: Chest, network: Network, file: Path, count: int
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield file.read_bytes()

    await silenced(network, asyncio.create_task(chest.put(pieces())), count)
    await silenced(network, asyncio.create_task(chest.put(file)), count)
    assert await chest.read(await chest.put(file)) == file.read_bytes()


@asynccontextmanager
async def program(*arguments: object) -> AsyncIterator[asyncio.subprocess.Process]:
    """The program at work."""
    command = (sys.executable, "-Werror", "-c", PROGRAM, *map(str, arguments))
    async with process(*command, PYTHONPATH=str(PACKAGES)) as running:
        yield running


async def test_the_next_process_goes_on_with_the_upload_of_a_killed_one(
    server: RunningNode,
    chest: Chest,
    network: Network,
    ada: str,
    tmp_path: Path,
    bytes_of: Callable[[float], bytes],
) -> None:
    path, notes, there = tmp_path / "moon.bin", tmp_path / "notes.db", asyncio.Event()
    path.write_bytes(bytes_of(40))

    def stop(data: bytes) -> bytes:
        network.block()
        there.set()
        return data

    network.at = {network.up + network.down + 25 * MIB: stop}
    async with program(network.url, ada, notes, chest.room, path, tmp_path / "x") as killed:
        async with asyncio.timeout(PATIENCE):
            await there.wait()
        killed.kill()
        await killed.wait()
    network.unblock()
    before = network.up
    store = SqliteOutbox(notes)
    await store.load()
    chest.objects = Objects(chest.wire, store)
    blob = await chest.put(path)
    await store.close()
    # What was on the way when it was killed had not arrived: a chunk of 8 MiB.
    assert network.up - before < (40 - 25 + 8 + 2) * MIB
    assert hashlib.sha256(await chest.read(blob)).digest() == hashlib.sha256(path.read_bytes()).digest()
    assert await server.node.pool.fetchval("SELECT count(*) FROM sealed_objects") == 1


async def test_another_content_never_meets_the_key_of_an_upload_that_was_left(
    chest: Chest, network: Network, tmp_path: Path, bytes_of: Callable[[float], bytes]
) -> None:
    path = tmp_path / "moon.bin"
    path.write_bytes(bytes_of(4))
    stamp = path.stat()
    there = asyncio.Event()
    network.at = {network.up + network.down + 2 * MIB: _noticed(there)}
    work = asyncio.create_task(chest.put(path))
    await there.wait()
    work.cancel()
    await asyncio.wait({work})
    ((_, left),) = chest.notes._notes.items()
    # As large, and of the same time.
    path.write_bytes(bytes_of(4))
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    blob = await chest.put(path)
    assert blob.key not in left
    assert await chest.read(blob) == path.read_bytes()


async def test_a_killed_server_comes_back_and_the_transfers_go_on(
    server: RunningNode, dsn: str, ada: str, tmp_path: Path, file: Path, bytes_of: Callable[[float], bytes]
) -> None:
    room = await sealed_room(server)
    await server.stop()
    stream = bytes_of(8.5)

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(stream), 500_000):
            yield stream[start : start + 500_000]

    async with served(dsn, tmp_path) as (first, url), Network(url) as network:
        chest, there = Chest(network.url, ada, room), asyncio.Event()

        def kill(data: bytes) -> bytes:
            first.kill()
            there.set()
            return data

        network.at = {network.up + network.down + 4 * MIB: kill}
        uploads = asyncio.gather(chest.put(file), chest.put(pieces()))
        await there.wait()
        await first.wait()
        async with served(dsn, tmp_path) as (_, again):
            network.target = again
            made = await uploads
            assert [await chest.read(blob) for blob in made] == [file.read_bytes(), stream]
        await chest.wire.close()


async def test_memory_stays_flat(chest: Chest, server: RunningNode, ada: str, tmp_path: Path) -> None:
    size = 200
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(size * MIB)
    async with program(
        server.url, ada, tmp_path / "notes.db", chest.room, path, tmp_path / "copy"
    ) as running:
        uploaded = await printed(running, r"uploaded \S+ (\d+)")
        downloaded = await printed(running, r"downloaded (\d+)")
    assert (tmp_path / "copy").stat().st_size == size * MIB
    assert int(uploaded[1]) < 80 * MIB
    assert int(downloaded[1]) < 80 * MIB
