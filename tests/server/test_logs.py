"""What log lines look like, and what is never in them."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
import structlog

from server import logs
from server.settings import Settings

LogFormat = Literal["auto", "console", "json"]
SECRET = "sesame-sesame"


@pytest.fixture(autouse=True)
def configured_afresh() -> Iterator[None]:
    """Leave the session's own configuration as it was."""
    before, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    structlog.configure(**before)
    root.handlers, root.level = handlers, level


def log_everything(tmp_path: Path, log_format: LogFormat) -> None:
    logs.configure(Settings(data_dir=tmp_path, log_format=log_format, log_level="info"))
    logger = structlog.get_logger("test")
    with structlog.contextvars.bound_contextvars(correlation_id="c-1"):
        logger.info("first", token=SECRET, password=SECRET, member="m")
        logging.getLogger("some.library").warning("second %s", "thing")
    logger.debug("too quiet")
    logging.getLogger("aiohttp.access").info("too noisy")
    try:
        hidden = SECRET  # noqa: F841 -- a local that a traceback could show
        raise ValueError("third")
    except ValueError:
        logger.exception("failed")


def test_json_lines_carry_their_correlation_id_and_no_secret(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log_everything(tmp_path, "json")
    text = capsys.readouterr().err
    first, second, failed = (json.loads(line) for line in text.splitlines())
    assert (first["event"], first["level"], first["member"]) == ("first", "info", "m")
    assert first["token"] == first["password"] == "********"
    assert first["correlation_id"] == second["correlation_id"] == "c-1"
    assert (second["event"], second["logger"]) == ("second thing", "some.library")
    assert failed["exception"][0]["exc_value"] == "third"
    assert "correlation_id" not in failed
    assert SECRET not in text
    assert "locals" not in failed["exception"][0]["frames"][0]


@pytest.mark.parametrize("log_format", ["console", "auto"])
def test_lines_for_people_are_plain_where_nobody_reads_colours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, log_format: LogFormat
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: log_format == "auto")
    log_everything(tmp_path, log_format)
    text = capsys.readouterr().err
    assert "first" in text
    assert "ValueError: third" in text
    assert "token=********" in text.replace("\x1b[0m", "").replace("\x1b[35m", "").replace("\x1b[36m", "")
    assert "too" not in text
    assert ("\x1b[" in text) == (log_format == "auto")
