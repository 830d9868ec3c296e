"""Each check of the doctor passes where it should and, broken on purpose, says how to mend it."""

from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from persistence import migrations
from server import cli, doctor, embedded_redis, pages
from server.doctor import Finding, Verdict
from server.settings import Settings, secret_key
from tests.servers import database


@pytest.fixture
def settings(dsn: str, redis_url: str, tmp_path: Path) -> Settings:
    return Settings(database_url=dsn, redis_url=redis_url, data_dir=tmp_path, secret_key=bytes(32))


async def finding(subject: str, settings: Settings, environ: dict[str, str] | None = None) -> Finding:
    findings = {each.subject: each for each in await doctor.examine(settings, environ or {})}
    return findings[subject]


async def test_a_healthy_node_is_fine(settings: Settings) -> None:
    findings = await doctor.examine(settings, {})
    assert {each.subject: each.verdict for each in findings if each.subject != "console"} == dict.fromkeys(
        ["settings", "data folder", "secret key", "database", "migrations", "clock", "redis"], Verdict.FINE
    )


async def test_a_misspelt_setting_is_pointed_out(settings: Settings) -> None:
    found = await finding("settings", settings, {"YMERA_REDIS_URI": "redis://cache"})
    assert (found.verdict, found.mend) == (
        Verdict.DOUBTFUL,
        "set YMERA_REDIS_URL in place of YMERA_REDIS_URI",
    )


async def test_a_folder_that_cannot_be_written_is_broken(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = await finding("data folder", replace(settings, data_dir=tmp_path / "file" / "data"))
    assert found.verdict is Verdict.BROKEN
    assert "YMERA_DATA_DIR" in found.mend


async def test_a_full_disk_is_broken(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "NO_DISK_BYTES", 1 << 62)
    monkeypatch.setattr(doctor, "LITTLE_DISK_BYTES", 1 << 62)
    assert (await finding("data folder", settings)).verdict is Verdict.BROKEN
    monkeypatch.setattr(doctor, "NO_DISK_BYTES", 0)
    assert (await finding("data folder", settings)).verdict is Verdict.DOUBTFUL


async def test_the_stored_key_must_be_private(settings: Settings, tmp_path: Path) -> None:
    single = replace(settings, secret_key=None, redis_url=None)
    assert (await finding("secret key", single)).found == "will be made at the first start"
    secret_key(single)
    assert (await finding("secret key", single)).verdict is Verdict.FINE
    (tmp_path / "secret.key").chmod(0o644)
    found = await finding("secret key", single)
    assert (found.verdict, found.mend) == (Verdict.BROKEN, f"chmod 600 {tmp_path / 'secret.key'}")


async def test_nodes_with_a_key_each_are_doubtful(settings: Settings) -> None:
    found = await finding("secret key", replace(settings, secret_key=None))
    assert found.verdict is Verdict.DOUBTFUL


async def test_a_database_that_is_away_is_broken(settings: Settings, tmp_path: Path) -> None:
    away = replace(settings, database_url=f"postgresql://ymera:hunter2@/ymera?host={tmp_path}")
    found = await finding("database", away)
    assert found.verdict is Verdict.BROKEN
    assert "YMERA_DATABASE_URL" in found.mend
    assert "hunter2" not in str(found)


async def test_an_embedded_database_that_cannot_start_is_broken(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("9\n")
    found = await finding("database", replace(settings, database_url=None))
    assert found.verdict is Verdict.BROKEN


async def test_too_old_servers_are_broken(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "MINIMUM_POSTGRES", 99)
    monkeypatch.setattr(doctor, "MINIMUM_REDIS", (99, 0))
    assert (await finding("database", settings)).mend == "use PostgreSQL 99 or newer"
    assert (await finding("redis", settings)).verdict is Verdict.BROKEN


@pytest.mark.parametrize(
    ("step", "found", "mend"),
    [
        ("9999", "newer than", "run the version of ymera that migrated it"),
        ("0001", "behind", "ymera migrate"),
    ],
)
async def test_another_shape_is_broken(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, step: str, found: str, mend: str
) -> None:
    assert settings.database_url
    connection = await asyncpg.connect(settings.database_url)
    await connection.execute("UPDATE alembic_version SET version_num = $1", step)
    await connection.close()
    monkeypatch.setattr(migrations, "head", lambda: "0002")
    shape = await finding("migrations", settings)
    assert shape.verdict is Verdict.BROKEN
    assert found in shape.found
    assert shape.mend == mend


async def test_an_empty_database_is_to_be_migrated(settings: Settings, postgres: str) -> None:
    async with database(postgres) as empty:
        found = await finding("migrations", replace(settings, database_url=empty))
    assert (found.verdict, found.mend) == (Verdict.DOUBTFUL, "ymera migrate, or ymera serve")


async def test_clocks_apart_are_broken(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "SKEW_SECONDS", -1.0)
    assert (await finding("clock", settings)).verdict is Verdict.BROKEN


async def test_a_redis_that_is_away_is_broken(settings: Settings, tmp_path: Path) -> None:
    found = await finding("redis", replace(settings, redis_url=f"unix://{tmp_path}/redis.sock"))
    assert found.verdict is Verdict.BROKEN
    assert "YMERA_REDIS_URL" in found.mend


@pytest.mark.parametrize("built", [True, False])
async def test_a_console_that_is_not_built_is_doubtful(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, built: bool
) -> None:
    if built:
        (tmp_path / "index.html").touch()
    monkeypatch.setattr(pages, "FOLDER", tmp_path)
    assert (await finding("console", settings)).verdict is (Verdict.FINE if built else Verdict.DOUBTFUL)


def test_the_command_exits_with_1_when_something_is_broken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("YMERA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("YMERA_DATABASE_URL", f"postgresql:///ymera?host={tmp_path}")
    assert cli.main(["doctor"]) == 1
    printed = capsys.readouterr().out
    assert "ok    data folder: " in printed
    assert "FAIL  database: " in printed
    assert "\n      → check YMERA_DATABASE_URL" in printed


async def test_workers_bring_a_redis_along(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    several = replace(settings, redis_url=None, workers=4)
    found = await finding("redis", several)
    assert (found.verdict, found.found) == (Verdict.FINE, "embedded, for 4 workers")
    monkeypatch.setattr(embedded_redis, "BINARY", Path("/nowhere/valkey-server"))
    assert (await finding("redis", several)).verdict is Verdict.BROKEN
