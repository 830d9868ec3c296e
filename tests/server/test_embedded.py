"""The embedded database outlives whatever happens to the processes that use it."""

import fcntl
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import psutil
import pytest

from server import embedded
from server.embedded import EmbeddedError, Postgres

HOLDER = """
import sys, pathlib
from server import embedded
database = embedded.start(pathlib.Path(sys.argv[1]), sole=True, options=embedded.VOLATILE)
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("embedded")
    yield folder
    embedded.start(folder).stop()  # a test that failed may have left it running


def start(data_dir: Path, *, sole: bool = False) -> Postgres:
    return embedded.start(data_dir, sole=sole, options=embedded.VOLATILE)


def postmaster(data_dir: Path) -> int:
    return int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])


def kill_and_wait(process_id: int) -> None:
    process = psutil.Process(process_id)
    process.kill()
    # Nobody may be there to collect the orphan, so that it stays as a zombie.
    with suppress(psutil.NoSuchProcess):
        while process.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)


def is_running(data_dir: Path) -> bool:
    return (data_dir / "postgres" / "postmaster.pid").exists()


async def fetch(dsn: str, query: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_what_was_written_is_there_after_a_restart(data_dir: Path) -> None:
    database = start(data_dir)
    await fetch(database.dsn, "CREATE TABLE kept AS SELECT 42 AS answer")
    database.stop()
    assert not is_running(data_dir)
    database = start(data_dir)
    assert await fetch(database.dsn, "SELECT answer FROM kept") == 42
    assert await fetch(database.dsn, "SELECT lower('ÄÉ')") == "äé"
    assert await fetch(database.dsn, "SHOW server_encoding") == "UTF8"
    database.stop()


async def test_the_last_user_stops_it(data_dir: Path) -> None:
    first, second = start(data_dir, sole=True), start(data_dir)
    first.stop()
    assert await fetch(second.dsn, "SELECT 1") == 1
    second.stop()
    assert not is_running(data_dir)


def test_a_second_server_on_the_same_folder_is_refused(data_dir: Path) -> None:
    first = start(data_dir, sole=True)
    with pytest.raises(EmbeddedError, match=rf"in use by another server \(process {os.getpid()}\)"):
        start(data_dir, sole=True)
    assert is_running(data_dir)
    first.stop()
    start(data_dir, sole=True).stop()


async def test_a_killed_server_is_recovered_from(data_dir: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout
        assert holder.stdout.readline() == "ready\n"
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    assert is_running(data_dir)
    database = start(data_dir, sole=True)
    assert await fetch(database.dsn, "SELECT 1") == 1
    database.stop()
    assert not is_running(data_dir)


async def test_a_killed_database_is_recovered_from(data_dir: Path) -> None:
    lost = start(data_dir)
    kill_and_wait(postmaster(data_dir))
    database = start(data_dir)
    assert await fetch(database.dsn, "SELECT 1") == 1
    lost.stop()
    database.stop()
    assert not is_running(data_dir)


def test_a_killed_database_needs_no_stopping(data_dir: Path) -> None:
    lost = start(data_dir)
    kill_and_wait(postmaster(data_dir))
    lost.stop()
    start(data_dir).stop()
    assert not is_running(data_dir)


async def test_a_stale_process_id_that_a_stranger_has_by_now_is_no_obstacle(data_dir: Path) -> None:
    start(data_dir).stop()
    owner = (data_dir / "postgres").stat().st_uid
    with subprocess.Popen(["sleep", "60"], user=owner) as stranger:
        stale = data_dir / "postgres" / "postmaster.pid"
        stale.write_text(f"{stranger.pid}\n{data_dir / 'postgres'}\n1\n5432\n{data_dir}\n\n1 1\nready\n")
        database = start(data_dir)
        assert await fetch(database.dsn, "SELECT 1") == 1
        assert stranger.poll() is None
        database.stop()
        stranger.kill()


async def test_a_restored_copy_can_be_told_from_the_original(data_dir: Path, tmp_path: Path) -> None:
    async def copy_of(folder: Path) -> object:
        database = start(folder)
        shown = await fetch(database.dsn, f"SHOW {embedded.COPY_SETTING}")
        database.stop()
        return shown

    original = await copy_of(data_dir)
    subprocess.run(["cp", "--archive", f"{data_dir}/.", tmp_path], check=True)
    assert await copy_of(data_dir) == original
    assert await copy_of(tmp_path) != original


async def test_an_interrupted_first_start_is_begun_again(tmp_path: Path) -> None:
    unfinished = tmp_path / "postgres.unfinished"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    database = start(tmp_path)
    assert await fetch(database.dsn, "SELECT current_database()") == "ymera"
    database.stop()
    assert not unfinished.exists()


async def test_a_long_path_with_blanks_works(tmp_path: Path) -> None:
    data_dir = tmp_path / ("a folder, it's long " + "x" * 100)
    database = start(data_dir)
    assert await fetch(database.dsn, "SELECT 1") == 1
    database.stop()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("PG_VERSION", "16\n", "written by PostgreSQL 16 and this program brings 18"),
        ("notes.txt", "mine\n", "no PostgreSQL database"),
    ],
)
def test_a_folder_it_cannot_use_is_left_alone(tmp_path: Path, name: str, content: str, message: str) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / name).write_text(content)
    with pytest.raises(EmbeddedError, match=message):
        start(tmp_path)
    assert (tmp_path / "postgres" / name).read_text() == content


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedError, match="Not a directory"):
        start(tmp_path / "file" / "data")


def test_a_path_that_a_shell_would_change_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedError, match="choose another YMERA_DATA_DIR"):
        start(tmp_path / "$HOME")


def test_waiting_for_another_start_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "WAIT_SECONDS", 0.1)
    with (tmp_path / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(EmbeddedError, match="starting or stopping the database"):
            start(tmp_path)


def test_a_database_that_cannot_start_says_why(tmp_path: Path) -> None:
    start(tmp_path).stop()
    with pytest.raises(EmbeddedError, match="fear_of_the_dark"):
        embedded.start(tmp_path, options={"fear_of_the_dark": "on"})
    start(tmp_path).stop()


def test_a_socket_folder_of_somebody_else_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    data_dir = tmp_path / ("x" * 100)
    name = hashlib.sha256(str(data_dir / "postgres").encode()).hexdigest()[:16]
    planted = tmp_path / f"ymera-{name}"
    planted.mkdir()
    planted.chmod(0o777)
    with pytest.raises(EmbeddedError, match="belongs to somebody else"):
        start(data_dir)
