"""Files for pages of other origins: those that are listed read them, and no token of a link is logged."""

import io
import logging
from collections.abc import Iterator

import pytest
import structlog

from server import logs
from server.settings import Settings
from tests.server.files.conftest import Site
from tests.server.files.tus import Tus

FOREIGN = "https://app.example.org"
EVIL = "https://evil.example"


@pytest.fixture
async def tus(site: Site) -> Tus:
    return await site.start(cors_origins=(FOREIGN,))


async def test_listed_origins_may_read_what_comes_in_pieces_too(site: Site, tus: Tus) -> None:
    file_id = await tus.upload(b"hello")
    link = (await site.do(site.ada.id, "file.link", file_id=file_id))["url"]
    for path in (f"/api/files/{file_id}/content", "/api/files/links/" + link.rpartition("/")[2]):
        for method in ("GET", "HEAD"):
            for span, status in (("", 200), ("bytes=1-2", 206), ("bytes=9-", 416)):
                answer = await tus.ask(method, path, Origin=FOREIGN, Range=span)
                assert answer.status == status
                assert answer.headers["Access-Control-Allow-Origin"] == FOREIGN
                assert "etag" in answer.headers["Access-Control-Expose-Headers"].lower()
                assert answer.headers["Vary"] == "Origin"
                assert len(answer.headers["X-Request-ID"]) >= 8
                answer = await tus.ask(method, path, Origin=EVIL, Range=span)
                assert "Access-Control-Allow-Origin" not in answer.headers
                assert answer.headers["Vary"] == "Origin"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the program logs, at its most talkative."""
    written = io.StringIO()
    root = logging.getLogger()
    handlers, level, before = root.handlers, root.level, structlog.get_config()
    logs.configure(Settings(log_level="debug", log_format="json"))
    (handler,) = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(written)
    yield written
    root.handlers = handlers
    root.setLevel(level)
    structlog.configure(**before)


async def test_a_links_token_is_not_logged_whatever_is_asked_of_it(
    site: Site, tus: Tus, log: io.StringIO
) -> None:
    file_id = await tus.upload(b"hello")
    token = (await site.do(site.ada.id, "file.link", file_id=file_id))["url"].rpartition("/")[2]
    path = f"/api/files/links/{token}"
    preflight = await tus.ask("OPTIONS", path, Origin=FOREIGN, Access_Control_Request_Method="GET")
    assert preflight.status == 204
    for method, asked in (("GET", path), ("POST", path), ("GET", path + "/"), ("GET", path + "x")):
        await tus.ask(method, asked)
    assert log.getvalue().count('"request"') >= 6
    assert token[8:40] not in log.getvalue()
