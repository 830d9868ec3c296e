"""Downloads from a real server: whole and right, or not at all."""

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest

from tests.sdk.files.conftest import MIB
from tests.sdk.network import Network
from ymera_client import ChecksumMismatch, Client, Conflict, FileHold, Forbidden, NotFound, Progress, TooLarge
from ymera_client import files as files_module


@pytest.fixture
async def uploaded(client: Client, room: str, file: Path) -> str:
    return (await client.files.upload(room, file)).id


def here(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_it_goes_where_it_was_said(client: Client, uploaded: str, file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    seen: list[Progress] = []
    assert await client.files.download(uploaded, folder, on_progress=seen.append) == folder / "moon.bin"
    assert (folder / "moon.bin").read_bytes() == file.read_bytes()
    assert seen[-1].bytes == seen[-1].total == file.stat().st_size
    with pytest.raises(Conflict, match="exists already"):
        await client.files.download(uploaded, folder)
    # A name that was said is meant.
    (folder / "other").write_bytes(b"old")
    await client.files.download(uploaded, folder / "other")
    assert (folder / "other").read_bytes() == file.read_bytes()
    assert here(folder) == ["moon.bin", "other"]


async def test_it_goes_by_its_own_name_into_the_present_folder(
    client: Client, uploaded: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "present").mkdir()
    monkeypatch.chdir(tmp_path / "present")
    assert await client.files.download(uploaded) == tmp_path / "present" / "moon.bin"


async def test_old_versions_and_empty_files(client: Client, room: str, tmp_path: Path) -> None:
    first = await client.files.upload(room, b"", name="a.txt")
    await client.files.upload(room, b"new", name="a.txt", conflict="version")
    await client.files.download(first.id, tmp_path / "old", number=1)
    await client.files.download(first.id, tmp_path / "new")
    assert ((tmp_path / "old").read_bytes(), (tmp_path / "new").read_bytes()) == (b"", b"new")
    with pytest.raises(NotFound):
        await client.files.download(first.id, tmp_path / "never", number=3)
    assert not (tmp_path / "never").exists()


async def test_it_goes_on_over_broken_connections(
    client: Client, network: Network, uploaded: str, file: Path, tmp_path: Path
) -> None:
    def broken(data: bytes) -> bytes:
        network.cut()
        return data

    before = network.down
    network.at = {network.up + network.down + int(share * MIB): broken for share in (0.5, 3, 5.5)}
    seen: list[Progress] = []
    path = await client.files.download(uploaded, tmp_path / "copy", on_progress=seen.append)
    assert path.read_bytes() == file.read_bytes()
    assert not network.at
    told = [each.bytes for each in seen]
    assert told == sorted(told)
    assert network.down - before < file.stat().st_size + 16 * MIB
    network.at = {network.up + network.down + 3 * MIB: broken}
    assert b"".join([piece async for piece in client.files.stream(uploaded)]) == file.read_bytes()
    assert not network.at


async def test_what_was_broken_off_goes_on_where_it_was(
    client: Client, network: Network, uploaded: str, file: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    downloading = asyncio.create_task(client.files.download(uploaded, folder))

    def canceled(data: bytes) -> bytes:
        downloading.cancel()
        return data

    network.at = {network.up + network.down + 6 * MIB: canceled}
    with pytest.raises(asyncio.CancelledError):
        await downloading
    (left,) = folder.iterdir()
    assert left.name.startswith(".moon.bin.")
    before, kept = network.down, left.stat().st_size
    assert kept >= MIB
    assert (await client.files.download(uploaded, folder)).read_bytes() == file.read_bytes()
    assert network.down - before < file.stat().st_size - kept + 200_000
    assert here(folder) == ["moon.bin"]


async def test_bytes_that_change_on_the_way_are_noticed(
    client: Client, network: Network, uploaded: str, file: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()

    def flipped(data: bytes) -> bytes:
        middle = len(data) // 2
        return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]

    network.at = {network.up + network.down + 3 * MIB: flipped}
    (folder / "copy").write_bytes(b"old")
    with pytest.raises(ChecksumMismatch, match=r"What came is not version 1 of moon\.bin"):
        await client.files.download(uploaded, folder / "copy")
    assert here(folder) == ["copy"]
    assert (folder / "copy").read_bytes() == b"old"
    network.at = {network.up + network.down + 3 * MIB: flipped}
    with pytest.raises(ChecksumMismatch):
        await client.files.read(uploaded)
    # What was thrown away does not spoil the next time.
    await client.files.download(uploaded, folder / "copy")
    assert (folder / "copy").read_bytes() == file.read_bytes()


async def test_two_downloads_do_not_share_a_destination(
    client: Client, uploaded: str, file: Path, tmp_path: Path
) -> None:
    both = await asyncio.gather(
        *(client.files.download(uploaded, tmp_path / "copy") for _ in range(2)), return_exceptions=True
    )
    assert {type(each) for each in both} == {type(tmp_path), Conflict}
    assert (tmp_path / "copy").read_bytes() == file.read_bytes()


async def test_a_stream_can_be_left(client: Client, uploaded: str) -> None:
    async with aclosing(client.files.stream(uploaded)) as pieces:
        assert await anext(pieces)
    assert await client.files.read(uploaded)


async def test_a_held_version_is_not_given_out(client: Client, uploaded: str, tmp_path: Path) -> None:
    await client.call(FileHold(file_id=uploaded, reason="Under review."))
    with pytest.raises(Forbidden, match=r"held: Under review\.") as refused:
        await client.files.download(uploaded, tmp_path / "copy")
    assert refused.value.data["held"] == "Under review."
    with pytest.raises(Forbidden):
        await client.files.read(uploaded)
    assert not (tmp_path / "copy").exists()
    await client.call(FileHold(file_id=uploaded))
    await client.files.download(uploaded, tmp_path / "copy")


async def test_too_much_is_not_read_at_once(
    client: Client, uploaded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files_module, "MAX_READ", MIB)
    with pytest.raises(TooLarge, match="stream or download it"):
        await client.files.read(uploaded)
