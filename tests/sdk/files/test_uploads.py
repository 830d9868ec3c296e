"""Uploads to a real server: all kinds of content arrive, over broken connections too, and nothing twice."""

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.nodes import RunningNode
from tests.sdk.conftest import PASSWORD
from tests.sdk.files.conftest import MIB
from tests.sdk.network import Network
from ymera_client import (
    ChecksumMismatch,
    Client,
    Conflict,
    FileInfo,
    FileList,
    Forbidden,
    LimitExceeded,
    NotFound,
    Progress,
    ProjectCreate,
    ProjectSetMember,
    RoomRole,
    TooLarge,
    Unauthenticated,
)
from ymera_client.transfer.sources import FileSource


async def pieces(content: bytes, size: int = 300_000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def listed(client: Client, room: str) -> list[str]:
    return [f"{file.folder}/{file.name}" async for file in client.page(FileList(room=room))]


def same(file: FileInfo, content: bytes) -> None:
    assert (file.bytes, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize("size", [0, 0.01, 1, 1.5, 3])
async def test_all_kinds_of_content_come_back_as_they_were(
    client: Client, room: str, tmp_path: Path, bytes_of: Callable[[float], bytes], size: float
) -> None:
    content = bytes_of(size)
    path = tmp_path / "path.bin"
    path.write_bytes(content)
    seen: list[Progress] = []
    made = [
        await client.files.upload(room, path, folder="a/b", on_progress=seen.append),
        await client.files.upload(room, content, name="bytes.bin"),
        await client.files.upload(room, io.BytesIO(content), name="file.bin"),
        await client.files.upload(room, pieces(content), name="stream.bin"),
    ]
    assert [(file.folder, file.name) for file in made] == [
        ("a/b", "path.bin"),
        ("", "bytes.bin"),
        ("", "file.bin"),
        ("", "stream.bin"),
    ]
    for file in made:
        same(file, content)
        assert await client.files.read(file.id) == content
    assert (seen[-1].bytes, seen[-1].total) == (len(content), len(content))


async def test_what_the_room_has_is_not_sent_again(
    client: Client, network: Network, room: str, file: Path
) -> None:
    first = await client.files.upload(room, file)
    before = network.up
    second = await client.files.upload(room, file, name="again.bin")
    assert network.up - before < 10_000
    assert (second.sha256, second.name) == (first.sha256, "again.bin")
    assert second.id != first.id


async def test_a_new_version_and_taken_names(client: Client, room: str) -> None:
    first = await client.files.upload(room, b"one", name="a.txt")
    assert (await client.files.upload(room, b"two", name="a.txt")).name == "a (2).txt"
    assert (await client.files.upload(room, b"three", file_id=first.id, name="a.txt")).number == 2
    assert (await client.files.upload(room, b"four", name="a.txt", conflict="version")).number == 3
    with pytest.raises(Conflict, match="already a file"):
        await client.files.upload(room, b"five", name="a.txt", conflict="refuse")
    assert await client.files.read(first.id, number=1) == b"one"
    with pytest.raises(ValueError, match="name: bytes and streams have none"):
        await client.files.upload(room, b"six")


@pytest.mark.parametrize("kind", ["path", "stream", "parallel"])
async def test_it_goes_on_over_broken_connections(
    client: Client, network: Network, room: str, file: Path, kind: str
) -> None:
    def broken(data: bytes) -> bytes:
        network.cut()
        return data

    network.at = {network.up + int(share * MIB): broken for share in (0.3, 1.1, 2.7, 2.8, 5, 7.9)}
    content = file.read_bytes()
    seen: list[Progress] = []
    made = await client.files.upload(
        room,
        pieces(content) if kind == "stream" else file,
        name="moon.bin",
        parallel=4 if kind == "parallel" else 1,
        on_progress=seen.append,
    )
    assert not network.at
    same(made, content)
    told = [each.bytes for each in seen]
    assert told == sorted(told)
    assert told[-1] == seen[-1].total == len(content)
    assert await listed(client, room) == ["/moon.bin"]
    # Of each connection that broke, at most the chunk that was under way was sent again.
    assert network.up < len(content) + 20 * MIB


async def test_bytes_that_change_on_the_way_are_sent_again(
    client: Client, network: Network, room: str, file: Path
) -> None:
    def flipped(data: bytes) -> bytes:
        middle = len(data) // 2
        return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]

    network.at = {network.up + network.down + int(2.5 * MIB): flipped}
    same(await client.files.upload(room, file), file.read_bytes())
    assert not network.at


async def test_what_is_not_what_it_was_said_to_be_is_refused_and_leaves_nothing(
    client: Client, room: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def wrong(self: FileSource) -> str:
        return "0" * 64

    monkeypatch.setattr(FileSource, "digest", wrong)
    with pytest.raises(ChecksumMismatch, match="does not have the sha256"):
        await client.files.upload(room, file)
    assert await listed(client, room) == []


async def test_a_canceled_upload_goes_on_later(
    client: Client, network: Network, room: str, file: Path
) -> None:
    await canceled_at(client, network, room, file, 4 * MIB)
    before = network.up
    seen: list[Progress] = []
    same(await client.files.upload(room, file, on_progress=seen.append), file.read_bytes())
    assert network.up - before < 6 * MIB
    assert seen[0].bytes >= 3 * MIB


async def test_an_aborted_upload_begins_anew(client: Client, network: Network, room: str, file: Path) -> None:
    await canceled_at(client, network, room, file, 4 * MIB)
    await client.files.abort(room, file)
    before = network.up
    same(await client.files.upload(room, file), file.read_bytes())
    assert network.up - before > 8 * MIB
    # There is nothing to abort any more.
    await client.files.abort(room, file)


async def canceled_at(client: Client, network: Network, room: str, file: Path, count: int) -> None:
    uploading = asyncio.create_task(client.files.upload(room, file))

    def canceled(data: bytes) -> bytes:
        uploading.cancel()
        return data

    network.at = {network.up + network.down + count: canceled}
    with pytest.raises(asyncio.CancelledError):
        await uploading


async def test_an_upload_that_the_server_has_lost_begins_anew(
    client: Client, server: RunningNode, network: Network, room: str, file: Path
) -> None:
    await canceled_at(client, network, room, file, 4 * MIB)
    await server.node.pool.execute("DELETE FROM uploads")
    same(await client.files.upload(room, file), file.read_bytes())


async def test_the_same_at_the_same_time_is_one_file(client: Client, room: str, file: Path) -> None:
    one, other = await asyncio.gather(client.files.upload(room, file), client.files.upload(room, file))
    assert one.id == other.id
    assert await listed(client, room) == ["/moon.bin"]


async def test_a_stream_that_breaks_leaves_nothing_behind(
    client: Client, server: RunningNode, room: str, bytes_of: Callable[[float], bytes]
) -> None:
    async def torn() -> AsyncIterator[bytes]:
        yield bytes_of(2.5)
        raise EOFError("The tape is torn.")

    with pytest.raises(EOFError, match="torn"):
        await client.files.upload(room, torn(), name="tape")
    assert await listed(client, room) == []
    assert await server.node.pool.fetchval("SELECT count(*) FROM uploads") == 0


async def test_a_cancelled_upload_is_cancelled_although_its_stream_breaks_meanwhile(
    client: Client, room: str, bytes_of: Callable[[float], bytes]
) -> None:
    waiting = asyncio.Event()

    async def torn() -> AsyncIterator[bytes]:
        yield bytes_of(2.5)
        waiting.set()
        try:
            await asyncio.Event().wait()
        finally:
            raise NotFound("The tape is torn.")

    uploading = asyncio.create_task(client.files.upload(room, torn(), name="tape"))
    await waiting.wait()
    uploading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await uploading


async def test_a_closed_client_ends_its_uploads(network: Network, ada: str, file: Path) -> None:
    async with Client(network.url, token=ada) as client:
        room = (await client.call(ProjectCreate(name="Apollo"))).id
        uploading = asyncio.create_task(client.files.upload(room, file))
        stopped = asyncio.Event()

        def stop(data: bytes) -> bytes:
            stopped.set()
            network.block()
            return data

        network.at = {network.up + network.down + 2 * MIB: stop}
        await stopped.wait()
    with pytest.raises(Exception, match=r"closed|lost"):
        await uploading


async def test_refusals_are_typed(
    node: Callable[..., Awaitable[RunningNode]], bytes_of: Callable[[float], bytes]
) -> None:
    server = await node(max_file_bytes=6 * MIB, project_bytes=9 * MIB)
    _, ada = await server.admit("Ada")
    bo_member, bo = await server.admit("Bo")
    async with Client(server.url, token=ada) as client, Client(server.url, token=bo) as stranger:
        room = (await client.call(ProjectCreate(name="Apollo"))).id
        with pytest.raises(TooLarge):
            await client.files.upload(room, bytes_of(7), name="large")
        with pytest.raises(TooLarge):
            await client.files.upload(room, pieces(bytes_of(7)), name="large")
        file = await client.files.upload(room, bytes_of(5), name="half")
        with pytest.raises(LimitExceeded, match="in this room"):
            await client.files.upload(room, bytes_of(5), name="other half")
        for content in (b"small", bytes_of(2)):
            with pytest.raises(NotFound):
                await stranger.files.upload(room, content, name="x")
        with pytest.raises(NotFound):
            await stranger.files.read(file.id)
        await client.call(ProjectSetMember(project_id=room, member_id=bo_member.id, role=RoomRole.VIEWER))
        for content in (b"small", bytes_of(2)):
            with pytest.raises(Forbidden):
                await stranger.files.upload(room, content, name="x")


async def test_a_token_that_has_run_out_is_renewed(network: Network, owner: str, file: Path) -> None:
    async with Client(network.url, email=owner, password=PASSWORD) as client:
        room = (await client.call(ProjectCreate(name="Apollo"))).id
        live = client._link.connection
        assert live is not None
        live.token = "run out"
        made = await client.files.upload(room, file)
        assert live.token != "run out"
        same(made, file.read_bytes())


async def test_a_refused_token_ends_the_upload(client: Client, server: RunningNode, room: str) -> None:
    await server.node.pool.execute("UPDATE tokens SET expires_at = now() - interval '1 day'")
    with pytest.raises(Unauthenticated):
        await client.files.upload(room, b"small", name="small")
