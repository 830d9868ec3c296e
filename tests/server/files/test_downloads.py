"""Downloads: ranges, what browsers are told, links, and that nothing uploaded runs."""

import base64
import logging
import os
import re
from collections.abc import AsyncIterator, Callable, Iterator, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import aiohttp
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from persistence import storage
from persistence.ids import new_id
from persistence.storage import Storage
from protocol.errors import ErrorCode
from server import downloads, sending
from server.file_links import PREFIX, FileLinks
from tests.api import Answer, Api
from tests.nodes import until
from tests.server.files.conftest import Site, bucket
from tests.server.files.tus import Tus

DATA = bytes(range(256)) * 12_000
LONG = DATA * 12
"""More than a connection holds that nobody reads from."""


async def content(tus: Tus, file_id: str, method: str = "GET", **headers: Any) -> Answer:
    return await tus.ask(method, f"/api/files/{file_id}/content", **headers)


async def link(site: Site, tus: Tus, file_id: str, actor: str | None = None, **more: Any) -> str:
    """The path of a link to a file."""
    made = await site.do(actor or site.ada.id, "file.link", file_id=file_id, **more)
    return str(made["url"]).removeprefix(tus.api.running.node.settings.base_url)


async def open_link(tus: Tus, path: str, method: str = "GET", **headers: str) -> Answer:
    """What somebody gets who has nothing but a link."""
    return await tus.api.call(method, path, **headers)


async def test_a_content_comes_whole_with_its_digest(anywhere: Tus) -> None:
    file_id = await anywhere.upload(DATA[:900_000], "moon.bin")
    answer = await content(anywhere, file_id)
    assert (answer.status, answer.body) == (200, DATA[:900_000])
    assert answer.headers["Content-Length"] == "900000"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert re.fullmatch('"[0-9a-f]{64}"', answer.headers["ETag"])
    head = await content(anywhere, file_id, "HEAD")
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", "900000")
    known = await content(anywhere, file_id, If_None_Match=f'"other", W/{answer.headers["ETag"]}')
    assert (known.status, known.body) == (304, b"")


@pytest.mark.parametrize(
    ("asked", "status", "start", "end"),
    [
        ("bytes=0-0", 206, 0, 1),
        ("bytes=10-19", 206, 10, 20),
        ("bytes=99990-", 206, 99_990, 100_000),
        ("bytes=99990-999999", 206, 99_990, 100_000),
        ("bytes=-10", 206, 99_990, 100_000),
        ("bytes=-999999", 206, 0, 100_000),
        ("bytes=100000-", 416, 0, 0),
        ("bytes=-0", 416, 0, 0),
        ("bytes=5-4", 200, 0, 100_000),
        ("bytes=0-1,5-6", 200, 0, 100_000),
        ("lines=0-1", 200, 0, 100_000),
        ("bytes=-", 200, 0, 100_000),
        ("bytes=a-b", 200, 0, 100_000),
    ],
)
def test_ranges_are_read_as_http_has_them(asked: str, status: int, start: int, end: int) -> None:
    span = downloads._span(asked, 100_000)
    if status == 200:
        assert span is None
    else:
        assert span is not None
        assert span[1] == end - start
        assert status == 416 or span[0] == start


@given(first=st.integers(0, 3_000), last=st.integers(0, 3_000), size=st.integers(0, 2_000))
def test_a_range_is_what_a_slice_is(first: int, last: int, size: int) -> None:
    data = bytes(index % 251 for index in range(size))
    for asked, expected in (
        (f"bytes={first}-{last}", data[first : last + 1]),
        (f"bytes={first}-", data[first:]),
        (f"bytes=-{last}", data[-last:] if last else b""),
    ):
        span = downloads._span(asked, size)
        if span is None:
            assert last < first
        else:
            start, length = span
            assert data[start : start + length] == expected
            assert len(expected) == length


async def test_ranges_are_sent(anywhere: Tus) -> None:
    file_id = await anywhere.upload(DATA[:900_000])
    etag = (await content(anywhere, file_id, "HEAD")).headers["ETag"]
    part = await content(anywhere, file_id, Range="bytes=100-700000")
    assert (part.status, part.body) == (206, DATA[100:700_001])
    assert part.headers["Content-Range"] == "bytes 100-700000/900000"
    part = await content(anywhere, file_id, Range="bytes=-5", If_Range=etag)
    assert (part.status, part.body) == (206, DATA[899_995:900_000])
    assert (await content(anywhere, file_id, Range="bytes=-5", If_Range='"other"')).status == 200
    beyond = await content(anywhere, file_id, Range="bytes=900000-")
    assert (beyond.status, beyond.headers["Content-Range"]) == (416, "bytes */900000")


async def test_an_old_version_can_be_had(tus: Tus) -> None:
    file_id = await tus.upload(b"first")
    await tus.upload(b"second", file_id=file_id)
    assert await tus.download(file_id) == b"second"
    assert (await tus.ask("GET", f"/api/files/{file_id}/content?number=1")).body == b"first"
    assert (await tus.ask("GET", f"/api/files/{file_id}/content?number=3")).status == 404
    assert (await tus.ask("GET", f"/api/files/{file_id}/content?number=x")).status == 400


async def test_strangers_find_no_file(site: Site, tus: Tus) -> None:
    file_id = await tus.upload(b"secret")
    eve = await site.somebody(tus, "Eve")
    for asked in (file_id, new_id(), "nonsense"):
        answer = await content(eve, asked)
        assert (answer.status, answer.code) == (404, ErrorCode.NOT_FOUND)
    assert (await tus.api.call("GET", f"/api/files/{file_id}/content")).status == 401


async def test_what_is_held_says_why(site: Site, tus: Tus) -> None:
    file_id = await tus.upload(b"virus")
    path = await link(site, tus, file_id)
    await site.do(site.ada.id, "file.hold", file_id=file_id, reason="It is a virus.")
    for answer in (await content(tus, file_id), await open_link(tus, path)):
        assert (answer.status, answer.code) == (403, ErrorCode.FORBIDDEN)
        assert "It is a virus." in answer.body["error"]["message"]


@pytest.mark.parametrize(
    "name",
    [
        "moon.txt",
        "Übermut.pdf",
        'a"b;c=d.txt',
        "a'b%41.txt",
        "x" * 255,
        "月 🌙.txt",
        "-",
        "a\u2028\u202eb.exe",
    ],
)
@pytest.mark.parametrize("shown", [True, False])
def test_any_name_can_be_in_a_disposition(name: str, shown: bool) -> None:
    said = downloads.disposition(name, shown=shown)
    match = re.fullmatch(
        r"(inline|attachment); filename=\"([ !#-$&-\[\]-~]*)\"; filename\*=UTF-8''([A-Za-z0-9%._~-]+)", said
    )
    assert match is not None
    assert match[1] == ("inline" if shown else "attachment")
    assert unquote(match[3]) == name


TYPES = {
    "image/png": True,
    "text/plain": True,
    "application/pdf": True,
    "video/mp4": True,
    "text/html": False,
    "image/svg+xml": False,
    "application/xhtml+xml": False,
    "text/xml": False,
    "application/javascript": False,
    "application/octet-stream": False,
}
"""What browsers may be shown, and what they may not."""


async def test_only_what_cannot_run_is_shown(site: Site, tus: Tus) -> None:
    file_id = await tus.upload(b"<script>alert(1)</script>", "page.html")
    for media_type, shown in TYPES.items():
        await site.value("UPDATE analyses SET media_type = $1", media_type)
        headers = (await open_link(tus, await link(site, tus, file_id, inline=True))).headers
        assert headers["Content-Disposition"].startswith("inline" if shown else "attachment"), media_type
        assert headers["Content-Type"].split(";")[0] == media_type
        assert headers["X-Content-Type-Options"] == "nosniff"
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert ("sandbox" in policy) is (media_type != "application/pdf")
        plain = (await open_link(tus, await link(site, tus, file_id))).headers
        assert plain["Content-Disposition"].startswith("attachment")
        assert "sandbox" in plain["Content-Security-Policy"]
        assert (await content(tus, file_id)).headers["Content-Disposition"].startswith("attachment")


async def test_caches_keep_nothing_that_is_not_asked_for_again(site: Site, tus: Tus) -> None:
    file_id = await tus.upload(b"hello")
    assert (await content(tus, file_id)).headers["Cache-Control"] == "private, no-cache"
    assert (await open_link(tus, await link(site, tus, file_id))).headers["Cache-Control"] == "no-store"


async def test_a_link_needs_no_token_and_takes_ranges(site: Site, tus: Tus) -> None:
    file_id = await tus.upload(b"0123456789", "digits.txt")
    path = await link(site, tus, file_id)
    assert (await open_link(tus, path)).body == b"0123456789"
    assert (await open_link(tus, path, Range="bytes=2-3")).body == b"23"
    assert (await open_link(tus, path, "HEAD")).headers["Content-Length"] == "10"
    await tus.upload(b"new", file_id=file_id)
    assert (await open_link(tus, path)).body == b"0123456789"


async def test_a_link_ends_with_its_time_and_cannot_be_changed(
    site: Site, tus: Tus, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await link(site, tus, await tus.upload(b"hello"), seconds=60)
    token = path.removeprefix(PREFIX)
    signed = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    for position in (0, 10, len(signed) // 2, len(signed) - 1):
        changed = signed.copy()
        changed[position] ^= 1
        forged = base64.urlsafe_b64encode(changed).rstrip(b"=").decode()
        assert (await open_link(tus, PREFIX + forged)).status == 403
    for nonsense in ("x", "A" * 43, "%00", "..", "x" * 5_000):
        assert (await open_link(tus, PREFIX + nonsense)).status in {403, 404}
    assert (await open_link(tus, path)).status == 200
    later = datetime.now(UTC) + timedelta(seconds=61)
    monkeypatch.setattr("server.file_links.time.time", later.timestamp)
    answer = await open_link(tus, path)
    assert (answer.status, answer.code) == (403, ErrorCode.FORBIDDEN)


async def test_a_link_gives_what_its_maker_may_have_when_it_is_used(site: Site, tus: Tus) -> None:
    bob, _ = await tus.api.running.admit("Bob")
    file_id = await tus.upload(b"hello")
    await site.do(site.ada.id, "project.set_member", project_id=site.room, member_id=bob.id, role="viewer")
    path = await link(site, tus, file_id, bob.id)
    assert (await open_link(tus, path)).status == 200
    await site.do(site.ada.id, "project.remove_member", project_id=site.room, member_id=bob.id)
    assert (await open_link(tus, path)).status == 404
    granted = await site.do(site.ada.id, "file.grant", file_id=file_id, member_id=bob.id)
    path = await link(site, tus, file_id, bob.id)
    assert (await open_link(tus, path)).status == 200
    await site.do(site.ada.id, "file.revoke", file_id=file_id, grant_id=granted["id"])
    assert (await open_link(tus, path)).status == 404


@given(st.binary(max_size=400) | st.text(max_size=400))
def test_whatever_is_no_link_opens_nothing(junk: bytes | str) -> None:
    links = FileLinks(b"k" * 32, "")
    token = junk if isinstance(junk, str) else base64.urlsafe_b64encode(junk).decode()
    assert links.open(token) is None


def test_links_of_another_key_open_nothing() -> None:
    made = FileLinks(b"a" * 32, "https://files.example.org").make(
        member_id=new_id(),
        file_id=new_id(),
        number=1,
        preview=None,
        inline=False,
        expires_at=datetime.now(UTC) + timedelta(minutes=1),
    )
    assert made.startswith(f"https://files.example.org{PREFIX}")
    assert FileLinks(b"b" * 32, "").open(made.split(PREFIX)[1]) is None
    assert FileLinks(b"a" * 32, "").open(made.split(PREFIX)[1]) is not None


async def test_links_may_lead_to_another_origin(site: Site) -> None:
    tus = await site.start(files_url="https://files.example.org")
    made = await site.do(site.ada.id, "file.link", file_id=await tus.upload(b"hello"))
    assert made["url"].startswith("https://files.example.org/api/files/links/")


async def test_previews_are_for_those_who_may_have_the_file(site: Site, tus: Tus, tmp_path: Path) -> None:
    file_id = await tus.upload(b"hello")
    await site.value("UPDATE analyses SET state = 'done', previews = $1", '[{"name": "page-1"}]')
    key = storage.preview_key(tus.room, await site.value("SELECT id FROM blobs"), "page-1")
    await Storage.in_folder(tmp_path / "files").put(key, b"picture")
    answer = await tus.ask("GET", f"/api/files/{file_id}/previews/page-1")
    assert (answer.status, answer.body) == (200, b"picture")
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["Content-Disposition"].startswith("inline")
    for name in ("page-2", "..", "page-1%2F..%2Fpage-1", "%2e%2e%2f%2e%2e%2fsecret.key"):
        assert (await tus.ask("GET", f"/api/files/{file_id}/previews/{name}")).status in {400, 404}
    eve = await site.somebody(tus, "Eve")
    assert (await eve.ask("GET", f"/api/files/{file_id}/previews/page-1")).status == 404


async def test_the_store_sends_itself_where_it_may(site: Site, s3: str) -> None:
    tus = await site.start(**await bucket(s3), storage_redirect=True)
    file_id = await tus.upload(DATA[:500_000], "Übermut.bin")
    headers = {"Authorization": f"Bearer {tus.token}"}
    path = f"/api/files/{file_id}/content"
    async with tus.api.session.get(path, headers=headers, allow_redirects=False) as answer:
        assert answer.status == 302
        assert answer.headers["Location"].startswith(s3)
        assert answer.headers["Cache-Control"] == "no-store"
    async with tus.api.session.get(answer.headers["Location"], headers={"Range": "bytes=5-9"}) as direct:
        assert direct.status == 206
        assert await direct.read() == DATA[5:10]
        assert direct.headers["Content-Disposition"] == downloads.disposition("Übermut.bin", shown=False)
        assert direct.headers["Content-Type"] == "application/octet-stream"
    assert (await content(tus, file_id, "HEAD")).status == 200


async def test_a_bucket_that_breaks_off_ends_the_connection(
    site: Site, s3: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> AsyncIterator[bytes]:
        yield b"hel"
        raise OSError("the network is gone")

    tus = await site.start(**await bucket(s3))
    file_id = await tus.upload(b"hello")
    monkeypatch.setattr("persistence.storage.Storage.stream", broken)
    with pytest.raises(aiohttp.ClientPayloadError):
        await content(tus, file_id)


async def test_a_file_that_breaks_off_ends_the_connection(
    tus: Tus, files: Callable[[], set[str]], tmp_path: Path
) -> None:
    file_id = await uploaded(tus, LONG)
    (path,) = (tmp_path / "files" / name for name in files())
    async with begun(tus, file_id) as answer:
        os.truncate(path, 1_000)
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.read()
    for span in ("bytes=0-", "bytes=1000-2000"):
        cut = await content(tus, file_id, Range=span)
        assert (cut.status, cut.code) == (503, ErrorCode.UNAVAILABLE)


async def test_a_client_that_takes_nothing_is_dropped(
    tus: Tus, monkeypatch: pytest.MonkeyPatch, logged: list[MutableMapping[str, Any]]
) -> None:
    monkeypatch.setattr(sending, "STALLED_SECONDS", 0.2)
    file_id = await uploaded(tus, LONG)
    async with begun(tus, file_id) as answer:
        await until(lambda: any(line["event"] == "download_broke_off" for line in logged))
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.read()


async def test_a_client_that_leaves_is_forgotten(tus: Tus) -> None:
    file_id = await uploaded(tus, LONG)
    before = descriptors()
    async with begun(tus, file_id) as answer:
        assert descriptors() > before
        answer.close()
        await until(lambda: descriptors() <= before)


async def test_a_connection_goes_on_after_each_download(tus: Tus) -> None:
    long, short = await uploaded(tus, LONG), await tus.upload(b"hello")
    tracing = aiohttp.TraceConfig()
    made: list[object] = []

    async def note(*what: object) -> None:
        made.append(what)

    tracing.on_connection_create_end.append(note)
    async with aiohttp.ClientSession(tus.api.running.url, trace_configs=[tracing]) as session:
        alone = replace(tus, api=Api(tus.api.running, session))
        assert await alone.download(long) == LONG
        assert await alone.download(short) == b"hello"
        assert await alone.download(long, Range="bytes=5000000-") == LONG[5_000_000:]
        assert await alone.download(short, Range="bytes=1-3") == b"ell"
    assert len(made) == 1


async def uploaded(tus: Tus, data: bytes) -> str:
    """The id of a large file."""

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(data), len(DATA)):
            yield data[start : start + len(DATA)]

    answer = await tus.patch(await tus.begin(len(data)), 0, pieces())
    return answer.headers["YMERA-File"]


@asynccontextmanager
async def begun(tus: Tus, file_id: str) -> AsyncIterator[aiohttp.ClientResponse]:
    """A download of which nothing is taken but the headers."""
    headers = {"Authorization": f"Bearer {tus.token}"}
    async with tus.api.session.get(f"/api/files/{file_id}/content", headers=headers) as answer:
        yield answer


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_a_content_that_is_missing_is_said(
    anywhere: Tus, files: Callable[[], set[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def missing(*_: object) -> AsyncIterator[bytes]:
        yield Path("/nowhere/at/all").read_bytes()

    file_id = await anywhere.upload(b"hello")
    monkeypatch.setattr("persistence.storage.Storage.stream", missing)
    for name in files():
        (tmp_path / "files" / name).unlink()
    answer = await content(anywhere, file_id)
    assert (answer.status, answer.code) == (503, ErrorCode.UNAVAILABLE)


async def test_a_preview_that_is_missing_is_said(site: Site, anywhere: Tus) -> None:
    file_id = await anywhere.upload(b"hello")
    await site.value("UPDATE analyses SET state = 'done', previews = $1", '[{"name": "page-1"}]')
    answer = await anywhere.ask("GET", f"/api/files/{file_id}/previews/page-1")
    assert (answer.status, answer.code) == (503, ErrorCode.UNAVAILABLE)
    assert "file cannot be read" in answer.body["error"]["message"]


async def test_a_links_token_is_not_logged(
    site: Site, tus: Tus, logged: list[MutableMapping[str, Any]]
) -> None:
    path = await link(site, tus, await tus.upload(b"hello"))
    assert (await open_link(tus, path)).status == 200

    def opened() -> list[str]:
        return [each["path"] for each in logged if each["event"] == "request" and "links" in each["path"]]

    # What was sent is logged a moment later.
    await until(lambda: len(opened()) > 0)
    assert opened() == ["/api/files/links/{token}"]
    assert path.removeprefix(PREFIX)[:40] not in repr(logged)


@pytest.fixture
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """What is logged."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    with structlog.testing.capture_logs() as lines:
        yield lines
    structlog.configure(**before)
