"""`ymera-client upload` and `ymera-client download`, as programs of their own."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.nodes import PATIENCE, RunningNode
from tests.sdk.files.conftest import MIB
from tests.sdk.network import Network
from tests.sdk.test_storage import PACKAGES
from ymera_client import Client, FileList, ProjectCreate
from ymera_client.cli import main


@dataclass
class Shell:
    """Where the commands are run."""

    url: str
    token: str
    folder: Path

    async def start(self, *arguments: object, **environ: str) -> asyncio.subprocess.Process:
        own = {
            "PYTHONPATH": str(PACKAGES),
            "YMERA_URL": self.url,
            "YMERA_TOKEN": self.token,
            "XDG_STATE_HOME": str(self.folder / "state"),
        }
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("YMERA_")}
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-Werror", "-m", "ymera_client", *map(str, arguments)),
            env=inherited | own | environ,
            cwd=self.folder,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def run(
        self, *arguments: object, given: bytes = b"", **environ: str
    ) -> tuple[int | None, str, str]:
        """The exit status, and what was said on standard output and standard error."""
        running = await self.start(*arguments, **environ)
        async with asyncio.timeout(PATIENCE):
            said, complained = await running.communicate(given)
        return running.returncode, said.decode(), complained.decode()


@pytest.fixture
async def shell(network: Network, ada: str, tmp_path: Path) -> Shell:
    folder = tmp_path / "shell"
    folder.mkdir()
    return Shell(network.url, ada, folder)


@pytest.fixture
async def room(server: RunningNode, ada: str) -> AsyncIterator[str]:
    async with Client(server.url, token=ada) as client:
        yield (await client.call(ProjectCreate(name="Apollo"))).id


async def test_files_and_folders_go_up_and_come_down(shell: Shell, room: str, file: Path) -> None:
    album = shell.folder / "album" / "may"
    album.mkdir(parents=True)
    (album / "a.txt").write_text("May")
    status, said, complained = await shell.run("upload", file, "album", "--room", room, "--folder", "in")
    assert (status, complained) == (0, "")
    lines = [line.split(" ", 1) for line in said.splitlines()]
    assert [path for _, path in lines] == ["in/moon.bin", "in/album/may/a.txt"]
    status, said, complained = await shell.run("download", lines[0][0])
    assert (status, said, complained) == (0, f"{shell.folder / 'moon.bin'}\n", "")
    assert (shell.folder / "moon.bin").read_bytes() == file.read_bytes()
    status, said, _ = await shell.run("download", lines[1][0], "-o", "copy", "--number", 1)
    assert (status, (shell.folder / "copy").read_text()) == (0, "May")
    assert list((shell.folder / "state" / "ymera-client").iterdir()) == []


async def test_standard_input_goes_up(shell: Shell, room: str) -> None:
    status, said, _ = await shell.run("upload", "-", "--name", "log.txt", "--room", room, given=b"a line\n")
    assert status == 0
    file_id, path = said.split()
    assert path == "log.txt"
    await shell.run("download", file_id, "-o", "log")
    assert (shell.folder / "log").read_bytes() == b"a line\n"


async def test_an_interrupted_command_goes_on(
    shell: Shell, server: RunningNode, network: Network, room: str, tmp_path: Path
) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(60 * MIB)
    there = asyncio.Event()

    def stop(data: bytes) -> bytes:
        network.block()
        there.set()
        return data

    network.at = {network.up + network.down + 40 * MIB: stop}
    running = await shell.start("upload", path, "--room", room)
    await there.wait()
    running.send_signal(signal.SIGINT)
    _, complained = await running.communicate()
    assert running.returncode == 128 + signal.SIGINT
    assert complained.decode() == "Broken off. The same command goes on where it was.\n"
    network.unblock()
    before = network.up
    status, said, _ = await shell.run("upload", path, "--room", room)
    assert status == 0
    assert network.up - before < 30 * MIB
    async with Client(server.url, token=shell.token) as client:
        assert [file.id async for file in client.page(FileList(room=room))] == [said.split()[0]]


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["upload", "nothing", "--room", "{room}"], os.EX_NOINPUT, "No such file or directory: '.*nothing'"),
        (["download", "01a215ab-57eb-775e-a176-c808c7946841"], os.EX_NOINPUT, "no such file"),
        (["upload", "/etc/hostname", "--room", "x"], os.EX_USAGE, "room"),
        (["upload", "a", "b", "--room", "x", "--name", "c"], 1, "--name and - are for a single file"),
    ],
)
async def test_what_cannot_be_done_is_said(
    shell: Shell, room: str, arguments: list[str], status: int, message: str
) -> None:
    ended, said, complained = await shell.run(*(each.format(room=room) for each in arguments))
    assert said == ""
    assert re.search(message, complained), complained
    assert ended == status


async def test_a_refused_token_is_said(shell: Shell, room: str) -> None:
    status, _, complained = await shell.run("download", room, YMERA_TOKEN="ymt_wrong")
    assert status == os.EX_NOPERM
    assert complained.startswith("ymera-client download: ")


def test_missing_settings_are_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("YMERA_URL", raising=False)
    with pytest.raises(SystemExit) as ended:
        main(["download", "x"])
    assert ended.value.code == os.EX_CONFIG
    assert capsys.readouterr().err == "ymera-client download: YMERA_URL is not set: the server's address.\n"
