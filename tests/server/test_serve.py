"""`ymera serve` as a process: it says where it is, stops when told, and comes back after being killed."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from server import embedded
from server.settings import Settings

COMMAND = Path(sys.executable).with_name("ymera")


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "data"
    yield folder
    embedded.start(folder).stop()  # a killed server leaves its database running


@contextmanager
def server(data_dir: Path, *, port: str = "0") -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run a server and give it and its address."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("YMERA_")}
    environ |= {"YMERA_DATA_DIR": str(data_dir), "YMERA_PORT": port, "YMERA_LOG_FORMAT": "json"}
    with subprocess.Popen(
        [COMMAND, "serve"], env=environ, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            assert process.stdout
            printed: list[str] = []
            for line in process.stdout:
                printed.append(line)
                found = re.search(r"serves (http://\S+)", line)
                if found:
                    yield process, found[1]
                    return
            pytest.fail(f"the server ended without saying where it is: {''.join(printed)}")
        finally:
            process.kill()


def get(url: str) -> int:
    with urllib.request.urlopen(url, timeout=10) as response:
        status: int = response.status
        return status


def stop(process: subprocess.Popen[str], number: int) -> int:
    process.send_signal(number)
    assert process.stdout
    process.stdout.read()
    return process.wait(20)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_told_to_stop(data_dir: Path, number: int) -> None:
    with server(data_dir) as (process, url):
        assert get(f"{url}/health/live") == 200
        assert get(f"{url}/health/ready") == 200
        assert stop(process, number) == 0
    assert not (data_dir / "postgres" / "postmaster.pid").exists()


def test_ctrl_c_reaches_everything_in_the_foreground_and_still_ends_well(data_dir: Path) -> None:
    with server(data_dir) as (process, _):
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(20) == 0
    assert not (data_dir / "postgres" / "postmaster.pid").exists()


def test_it_comes_back_after_being_killed(data_dir: Path) -> None:
    with server(data_dir) as (process, _):
        assert stop(process, signal.SIGKILL) == -signal.SIGKILL
    with server(data_dir) as (process, url):
        assert get(f"{url}/health/ready") == 200
        assert stop(process, signal.SIGTERM) == 0


async def test_a_restored_copy_starts_a_new_generation_of_the_log(data_dir: Path, tmp_path: Path) -> None:
    async def generation(folder: Path) -> object:
        with server(folder) as (process, _):
            stop(process, signal.SIGTERM)
        with embedded.database(Settings(data_dir=folder)) as dsn:
            connection = await asyncpg.connect(dsn)
            found = await connection.fetchval("SELECT generation FROM workspace")
            await connection.close()
            return found

    original = await generation(data_dir)
    assert await generation(data_dir) == original
    subprocess.run(["cp", "--archive", data_dir, tmp_path / "restored"], check=True)
    assert await generation(tmp_path / "restored") != original


def test_a_second_server_on_the_same_folder_says_why_it_does_not_start(data_dir: Path) -> None:
    with server(data_dir) as (process, url):
        environ = os.environ | {"YMERA_DATA_DIR": str(data_dir), "YMERA_PORT": "0"}
        second = subprocess.run([COMMAND, "serve"], env=environ, check=False, capture_output=True, text=True)
        assert second.returncode == 1
        assert f"in use by another server (process {process.pid})" in second.stderr
        assert "Traceback" not in second.stderr
        assert get(f"{url}/health/ready") == 200


def test_a_port_in_use_is_reported(data_dir: Path, tmp_path: Path) -> None:
    with server(data_dir) as (_, url):
        port = url.rpartition(":")[2]
        environ = os.environ | {"YMERA_DATA_DIR": str(tmp_path / "other"), "YMERA_PORT": port}
        second = subprocess.run([COMMAND, "serve"], env=environ, check=False, capture_output=True, text=True)
        assert second.returncode == 2
        assert "YMERA_PORT: cannot listen" in second.stderr
        assert "Traceback" not in second.stderr
    assert not (tmp_path / "other" / "postgres" / "postmaster.pid").exists()
