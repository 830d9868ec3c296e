import base64
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from server.settings import MASK, Settings, SettingsError, Variable, describe, misspelt, secret_key, variables


def test_defaults_need_nothing_in_the_environment() -> None:
    settings = Settings.from_environ({})
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.database_url is None
    assert settings.redis_url is None
    assert settings.data_dir.is_absolute()
    assert settings.base_url == "http://127.0.0.1:8080"


def test_values_are_typed(tmp_path: Path) -> None:
    settings = Settings.from_environ(
        {
            "YMERA_PORT": "0",
            "YMERA_DATA_DIR": str(tmp_path),
            "YMERA_CORS_ORIGINS": "https://App.example.org/, http://localhost:5173,",
            "YMERA_TRUSTED_PROXIES": "10.0.0.0/8,::1",
            "YMERA_LOG_FORMAT": "JSON",
            "YMERA_SECRET_KEY": "ab" * 32,
            "YMERA_REDIS_URL": "  ",
        }
    )
    assert settings.port == 0
    assert settings.data_dir == tmp_path
    assert settings.cors_origins == ("https://app.example.org", "http://localhost:5173")
    assert [str(each) for each in settings.trusted_proxies] == ["10.0.0.0/8", "::1/128"]
    assert settings.log_format == "json"
    assert settings.secret_key == bytes.fromhex("ab" * 32)
    assert settings.redis_url is None


@pytest.mark.parametrize(
    ("text", "key"),
    [("ab" * 32, b"\xab" * 32), ("+/" * 21 + "8=", None), ("-_" * 21 + "8=", None)],
)
def test_keys_are_read_in_hexadecimal_and_both_kinds_of_base64(text: str, key: bytes | None) -> None:
    expected = key or base64.b64decode("+/" * 21 + "8=")
    assert Settings.from_environ({"YMERA_SECRET_KEY": text}).secret_key == expected


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("YMERA_SECRET_KEY", "YQ==", "has 1 bytes instead of 32"),
        ("YMERA_DATABASE_URL", "postgresql://", "names no host"),
        ("YMERA_PUBLIC_URL", "https://ada@example.org", "is not an origin"),
        ("YMERA_CORS_ORIGINS", ",".join(["https://example.org"] * 101), "has 101 entries, more than 100"),
        ("YMERA_STORAGE_URL", "https://bucket", "is not of the form s3://bucket"),
        ("YMERA_STORAGE_URL", "s3://bucket?key=1", "has the unknown option key"),
        ("YMERA_STORAGE_URL", "s3://bucket?endpoint=here", "has an endpoint that is no URL"),
        ("YMERA_MAX_FILE_BYTES", "99999999 TiB", "is outside 1 to"),
    ],
)
def test_what_is_wrong_is_said(name: str, value: str, problem: str) -> None:
    with pytest.raises(SettingsError, match=problem):
        Settings.from_environ({name: value})


@pytest.mark.parametrize(
    ("text", "count"), [("7", 7), ("7 B", 7), ("3KiB", 3_072), ("20 GiB", 20 * 2**30), ("1 TiB", 2**40)]
)
def test_bytes_may_have_a_unit(text: str, count: int) -> None:
    assert Settings.from_environ({"YMERA_MAX_FILE_BYTES": text}).max_file_bytes == count


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({"public_url": "https://ymera.example.org"}, "https://ymera.example.org"),
        ({"host": "0.0.0.0", "port": 9000}, "http://localhost:9000"),
        ({"host": "192.0.2.7"}, "http://192.0.2.7:8080"),
        ({"host": "2001:db8::7"}, "http://[2001:db8::7]:8080"),
    ],
)
def test_the_address_that_people_type(settings: dict[str, Any], url: str) -> None:
    assert Settings(**settings).base_url == url


BAD = {
    "YMERA_HOST": "local host",
    "YMERA_PORT": "http",
    "YMERA_DATABASE_URL": "mysql://root:hunter2@db/ymera",
    "YMERA_REDIS_URL": "redis://cache:port",
    "YMERA_WORKERS": "0",
    "YMERA_PUBLIC_URL": "https://example.org/app",
    "YMERA_CORS_ORIGINS": "*",
    "YMERA_SECRET_KEY": "hunter2hunter2",
    "YMERA_LOG_FORMAT": "xml",
    "YMERA_LOG_LEVEL": "loud",
    "YMERA_DATABASE_POOL_SIZE": "0",
    "YMERA_SLOW_QUERY_MS": "-1",
    "YMERA_LOG_RETENTION_HOURS": "0",
    "YMERA_COMMAND_RATE": "200/s",
    "YMERA_COMMAND_BURST": "9" * 50,
    "YMERA_MEMBER_COMMAND_RATE": "0",
    "YMERA_MEMBER_CONNECT_BURST": "many",
    "YMERA_CONNECT_RATE": "0",
    "YMERA_MAX_CONNECTIONS": "-5",
    "YMERA_MAX_MESSAGE_BYTES": "1",
    "YMERA_COMPRESSION": "perhaps",
    "YMERA_TRUSTED_PROXIES": "10.0.0.1/8",
    "YMERA_SHUTDOWN_GRACE_SECONDS": "ten",
    "YMERA_ACCESS_TOKEN_SECONDS": "1",
    "YMERA_REFRESH_TOKEN_DAYS": "0",
    "YMERA_STORAGE_URL": "s3://key:hunter2@bucket",
    "YMERA_STORAGE_KEY_ID": "two words",
    "YMERA_STORAGE_SECRET": "hunter2 hunter2",
    "YMERA_STORAGE_REDIRECT": "perhaps",
    "YMERA_FILES_URL": "files.example.org",
    "YMERA_MAX_FILE_BYTES": "20 gigabytes",
    "YMERA_PROJECT_BYTES": "0",
    "YMERA_MEMBER_DAILY_BYTES": "-1",
    "YMERA_UPLOAD_DAYS": "0",
    "YMERA_ANALYSIS_WORKERS": "many",
    "YMERA_CLAMAV": "/run/clamd.ctl",
}


def test_every_bad_value_is_reported_at_once_and_secrets_are_not_repeated(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(SettingsError) as caught:
        Settings.from_environ(BAD | {"YMERA_DATA_DIR": str(file)})
    problems = caught.value.problems
    assert sorted(line.split(":")[0] for line in problems) == sorted(each.name for each in variables())
    assert all("; for example " in line for line in problems)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("variable", variables(), ids=lambda variable: variable.name)
def test_every_example_is_itself_acceptable(variable: Variable) -> None:
    if variable.name != "YMERA_SECRET_KEY":  # its example is a command that makes one
        variable.parse(variable.example)


def test_the_table_masks_secrets() -> None:
    settings = Settings.from_environ(
        {
            "YMERA_DATABASE_URL": "postgresql://ymera:hunter2@db:5432/ymera?password=hunter2&sslmode=require",
            "YMERA_REDIS_URL": "rediss://:hunter2@cache/0",
            "YMERA_SECRET_KEY": "0123456789abcdef" * 4,
            "YMERA_STORAGE_SECRET": "hunter2",
        }
    )
    rows = {row["name"]: row["value"] for row in describe(settings)}
    assert (
        rows["YMERA_DATABASE_URL"]
        == f"postgresql://ymera:{MASK}@db:5432/ymera?password={MASK}&sslmode=require"
    )
    assert rows["YMERA_REDIS_URL"] == f"rediss://:{MASK}@cache/0"
    assert rows["YMERA_SECRET_KEY"] == MASK
    assert rows["YMERA_STORAGE_SECRET"] == MASK
    for text in (repr(settings), json.dumps(describe(settings))):
        assert "hunter2" not in text
        assert "0123456789abcdef" not in text


def test_misspelt_names_are_pointed_out() -> None:
    environ = {"YMERA_DATABSE_URL": "x", "YMERA_TEST_DATABASE_URL": "x", "YMERA_PORT": "1", "HOME": "/"}
    assert misspelt(environ)["YMERA_DATABSE_URL"] == "YMERA_DATABASE_URL"
    assert "YMERA_PORT" not in misspelt(environ)
    assert "YMERA_TEST_DATABASE_URL" not in misspelt(environ)


def test_the_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "new")
    first = secret_key(settings)
    assert len(first) == 32
    assert secret_key(settings) == first
    assert [path.name for path in settings.data_dir.iterdir()] == ["secret.key"]
    assert stat.S_IMODE((settings.data_dir / "secret.key").stat().st_mode) == 0o600


def test_a_damaged_key_is_reported_and_kept(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("short")
    with pytest.raises(SettingsError, match="restore it from a backup"):
        secret_key(Settings(data_dir=tmp_path))
    assert (tmp_path / "secret.key").read_text() == "short"
