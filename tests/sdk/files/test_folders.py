"""A folder goes into a room as it is, and the second time only what has changed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sdk.files.conftest import MIB
from tests.sdk.network import Network
from ymera_client import Client, FileInfo, FileList, Invalid, Progress
from ymera_client.transfer import folders


@pytest.fixture
def album(tmp_path: Path, bytes_of: Callable[[float], bytes]) -> Path:
    album = tmp_path / "album"
    for name in ("cover.png", "2024/may/a.png", "2024/may/b.png", "2024/june/a.png", "raw/large.raw"):
        path = album / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes_of(2.5 if path.suffix == ".raw" else 0.01))
    (album / "empty").mkdir()
    (album / "loop").symlink_to(album, target_is_directory=True)
    return album


def paths(files: list[FileInfo]) -> list[str]:
    return [f"{file.folder}/{file.name}" for file in files]


async def test_all_files_arrive_with_their_folders(
    client: Client, room: str, album: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "PAGE", 1)
    seen: list[Progress] = []
    made = await client.files.upload_folder(room, album, folder="photos", on_progress=seen.append)
    assert paths(made) == [
        "photos/cover.png",
        "photos/2024/june/a.png",
        "photos/2024/may/a.png",
        "photos/2024/may/b.png",
        "photos/raw/large.raw",
    ]
    assert await client.files.read(made[-1].id) == (album / "raw" / "large.raw").read_bytes()
    told = [each.bytes for each in seen]
    assert told == sorted(told)
    assert told[-1] == seen[-1].total == sum(file.bytes for file in made)


async def test_the_second_time_only_what_has_changed_is_sent(
    client: Client, network: Network, room: str, album: Path
) -> None:
    first = await client.files.upload_folder(room, album)
    (album / "cover.png").write_bytes(b"new cover")
    (album / "2024" / "may" / "c.png").write_bytes(b"new file")
    before = network.up
    second = await client.files.upload_folder(room, album)
    assert network.up - before < 0.1 * MIB
    changed = {f"{file.folder}/{file.name}": file.number for file in second if file not in first}
    assert changed == {"/cover.png": 2, "2024/may/c.png": 1}
    assert [file.name async for file in client.page(FileList(room=room, folder=""))] == ["cover.png"]


async def test_what_cannot_be_uploaded_is_named(client: Client, room: str, album: Path) -> None:
    (album / "2024" / "a\\b").write_bytes(b"no name for everybody")
    with pytest.raises(Invalid, match="filename"):
        await client.files.upload_folder(room, album)
    with pytest.raises(NotADirectoryError):
        await client.files.upload_folder(room, album / "cover.png")
