"""The console's files: what browsers keep, what they ask for again, and where the page is not."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from aiohttp.typedefs import Handler

from protocol.errors import HTTP_STATUS, ApiError
from server.pages import NONCE, NOT_BUILT, WORKERS, Pages, policy


@web.middleware
async def as_status(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refusals as their status, as the program's own middleware has it."""
    try:
        return await handler(request)
    except ApiError as error:
        return web.Response(status=HTTP_STATUS[error.code])


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of a server with a built console."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "app-1a2b.js").write_text("1")
    (tmp_path / "favicon.svg").write_text("<svg/>")
    (tmp_path / "index.html").write_text(f"<style nonce={NONCE}></style>")
    app = web.Application(middlewares=[as_status])
    Pages(tmp_path).add_routes(app)
    async with TestServer(app) as server, aiohttp.ClientSession(server.make_url("/")) as session:
        yield session


@pytest.mark.parametrize("path", ["/", "/projects/1", "/setup", "/apiary"])
async def test_the_page_is_everywhere_with_a_nonce_of_its_own(http: aiohttp.ClientSession, path: str) -> None:
    pages = []
    for _ in range(2):
        async with http.get(path) as answer:
            page = await answer.text()
            nonce = page.removeprefix("<style nonce=").removesuffix("></style>")
            assert answer.headers["Content-Security-Policy"] == policy(nonce)
            assert answer.headers["Cache-Control"] == "no-cache"
            pages.append(page)
    assert pages[0] != pages[1]


@pytest.mark.parametrize(
    "path", ["/api/nothing", "/assets/gone.js", "/health/x", "/.well-known/x", "/socket.io/x"]
)
async def test_the_page_is_no_answer_where_programs_ask(http: aiohttp.ClientSession, path: str) -> None:
    async with http.get(path) as answer:
        assert answer.status == 404
        assert "immutable" not in answer.headers.get("Cache-Control", "")


async def test_built_files_are_kept_for_good_and_others_are_not(http: aiohttp.ClientSession) -> None:
    async with http.get("/assets/app-1a2b.js") as answer:
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Content-Security-Policy"] == WORKERS
        tag = answer.headers["ETag"]
    async with http.get("/assets/app-1a2b.js", headers={"If-None-Match": tag}) as answer:
        assert (answer.status, "immutable" in answer.headers["Cache-Control"]) == (304, True)
    async with http.get("/favicon.svg") as answer:
        assert (answer.content_type, "Cache-Control" in answer.headers) == ("image/svg+xml", False)


async def test_a_page_that_was_built_anew_is_read_again(http: aiohttp.ClientSession, tmp_path: Path) -> None:
    async with http.get("/") as answer:
        assert "<style" in await answer.text()
    (tmp_path / "index.html").write_text("newer")
    os.utime(tmp_path / "index.html", (1, 1))
    async with http.get("/") as answer:
        assert await answer.text() == "newer"


async def test_without_a_built_console_it_says_what_to_do(tmp_path: Path) -> None:
    app = web.Application()
    Pages(tmp_path).add_routes(app)
    async with TestServer(app) as server, aiohttp.ClientSession(server.make_url("/")) as session:
        async with session.get("/") as answer:
            assert await answer.text() == NOT_BUILT
        async with session.get("/favicon.svg") as answer:
            assert await answer.text() == NOT_BUILT
