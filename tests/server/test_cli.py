"""The command line, as an operator sees it: what it prints and how it exits."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from persistence import migrations
from server import cli
from server.settings import variables
from tests.servers import database


@pytest.fixture(autouse=True)
def environ(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    for name in [name for name in os.environ if name.startswith("YMERA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("YMERA_DATA_DIR", str(tmp_path / "data"))
    return monkeypatch


def test_it_is_installed_as_a_command() -> None:
    command = Path(sys.executable).with_name("ymera")
    done = subprocess.run([command, "--help"], check=True, capture_output=True, text=True)
    for name in ("serve", "migrate", "config", "doctor"):
        assert name in done.stdout


@pytest.mark.parametrize("arguments", [[], ["fly"], ["config", "--xml"]])
def test_wrong_arguments_exit_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        cli.main(arguments)
    assert exited.value.code == 2
    assert "usage: ymera" in capsys.readouterr().err


def test_wrong_settings_exit_with_2_and_name_each(
    environ: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environ.setenv("YMERA_PORT", "99999")
    environ.setenv("YMERA_REDIS_URL", "localhost")
    assert cli.main(["config"]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err == (
        "ymera: YMERA_PORT: '99999' is outside 0 to 65535; for example 8080\n"
        "ymera: YMERA_REDIS_URL: its value does not start with redis, rediss, unix, redis+sentinel, "
        "rediss+sentinel, redis+cluster or rediss+cluster, then ://; for example redis://:password@redis.example.org:6379/0\n"
    )


def test_config_lists_every_setting_with_secrets_masked(
    environ: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environ.setenv("YMERA_DATABASE_URL", "postgresql://ymera:hunter2@db/ymera")
    assert cli.main(["config", "--json"]) == 0
    listed = capsys.readouterr().out
    assert [row["name"] for row in json.loads(listed)] == [each.name for each in variables()]
    assert cli.main(["config"]) == 0
    printed = capsys.readouterr().out
    assert "YMERA_DATABASE_URL=postgresql://ymera:********@db/ymera\n" in printed
    assert "hunter2" not in listed + printed


async def test_migrate_says_what_it_did(
    postgres: str, environ: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with database(postgres) as dsn:
        environ.setenv("YMERA_DATABASE_URL", dsn)
        assert await asyncio.to_thread(cli.main, ["migrate"]) == 0
        assert capsys.readouterr().out == f"migrated from nothing to {migrations.head()}\n"
        assert await asyncio.to_thread(cli.main, ["migrate"]) == 0
        assert capsys.readouterr().out == f"already at step {migrations.head()}\n"


def test_a_database_that_cannot_be_reached_exits_with_1(
    environ: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    environ.setenv("YMERA_DATABASE_URL", f"postgresql://ymera:hunter2@/ymera?host={tmp_path}")
    assert cli.main(["migrate"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("ymera: cannot connect to PostgreSQL: ")
    assert "hunter2" not in error


def test_an_embedded_database_is_migrated_and_stopped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["migrate"]) == 0
    assert (tmp_path / "data" / "postgres" / "PG_VERSION").exists()
    assert not (tmp_path / "data" / "postgres" / "postmaster.pid").exists()
