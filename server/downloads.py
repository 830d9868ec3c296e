"""Files' bytes on their way out.

Invariants: whoever asks is authorised anew each time, with a link as its maker. What was uploaded never runs
as a page of this server: it is saved, unless it is of a kind that cannot run and was asked for to be shown,
and even then it is in a sandbox. Memory stays flat.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from urllib.parse import quote

import structlog
from aiohttp import hdrs, web

from handlers import file_access, sealed_objects
from persistence import analyses, members, storage
from persistence.storage import STORE_FAILURES
from protocol.errors import ApiError, ErrorCode, invalid, not_found
from protocol.fields import ID_PATTERN
from server import context, sending
from server.analysis.reading import PREVIEW_SUFFIX, PREVIEW_TYPE
from server.middleware import IDENTIFIED

logger = structlog.get_logger(__name__)

REDIRECT_SECONDS = 300
"""How long the address works to which the store's own downloads are redirected."""

PDF = "application/pdf"
SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "text/plain", PDF})
"""What browsers may show: they run nothing that is in it."""
SHOWN_FAMILIES = ("audio/", "video/")
_POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; object-src 'self'"
_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,100}")
_SPAN = re.compile(r"bytes=([0-9]{0,16})-([0-9]{0,16})")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which file a request is for, and what of it."""

    member_id: str
    file_id: str
    number: int | None
    preview: str | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """What is sent."""

    key: str
    etag: str
    bytes: int
    name: str
    media_type: str
    shown: bool = False
    """Whether a browser may show it, if it is of a kind that cannot run."""
    by_link: bool = False


async def content(request: web.Request, _: None) -> web.StreamResponse:
    """A file's content."""
    return await _send(request, await _content(request, _named(request, None)))


async def preview(request: web.Request, _: None) -> web.StreamResponse:
    """A picture of a file."""
    return await _send(request, await _content(request, _named(request, request.match_info["name"])))


async def sealed(request: web.Request, _: None) -> web.StreamResponse:
    """An object of a sealed room, as it was uploaded."""
    object_id = _id(request, "object")
    async with request.app[context.POOL].acquire() as tx:
        stored = await sealed_objects.readable(tx, request[IDENTIFIED].caller.member_id, object_id)
    key = storage.content_key(stored.room_id, stored.sha256, stored.blob_id)
    found = Content(key, f'"{stored.sha256.hex()}"', stored.bytes, object_id, "application/octet-stream")
    return await _send(request, found)


async def link(request: web.Request, _: None) -> web.StreamResponse:
    """What a link leads to."""
    opened = request.app[context.FILE_LINKS].open(request.match_info["token"])
    member = None if opened is None else await members.get(request.app[context.POOL], str(opened.member_id))
    if opened is None or member is None or not member.active:
        raise ApiError(ErrorCode.FORBIDDEN, "This link is not valid or no longer; ask for a new one.")
    wanted = Wanted(str(opened.member_id), str(opened.file_id), opened.number, opened.preview)
    found = await _content(request, wanted)
    return await _send(request, replace(found, shown=found.shown or opened.inline, by_link=True))


def _named(request: web.Request, preview: str | None) -> Wanted:
    file_id, number = _id(request, "file"), request.query.get("number", "")
    if not re.fullmatch(r"[0-9]{0,9}", number):
        raise invalid("number: must be that of a version.", "number")
    return Wanted(request[IDENTIFIED].caller.member_id, file_id, int(number) if number else None, preview)


def _id(request: web.Request, noun: str) -> str:
    named = request.match_info["id"]
    if ID_PATTERN.fullmatch(named) is None:
        raise not_found(noun)
    return named


async def _send(request: web.Request, found: Content) -> web.StreamResponse:
    headers = _headers(request, found)
    if _matches(request.headers.get(hdrs.IF_NONE_MATCH, ""), found.etag):
        return web.Response(status=304, headers=headers)
    disposition = headers[hdrs.CONTENT_DISPOSITION]
    elsewhere = request.app[context.STORE].sign(
        found.key, seconds=REDIRECT_SECONDS, disposition=disposition, media_type=found.media_type
    )
    if elsewhere is not None and request.method == hdrs.METH_GET and found.bytes:
        return web.Response(status=302, headers={hdrs.LOCATION: elsewhere, hdrs.CACHE_CONTROL: "no-store"})
    span = None
    if request.headers.get(hdrs.IF_RANGE, found.etag) == found.etag:
        span = _span(request.headers.get(hdrs.RANGE, ""), found.bytes)
    if span is None:
        return await _deliver(request, found.key, 0, found.bytes, web.StreamResponse(headers=headers))
    start, length = span
    if length == 0:
        headers[hdrs.CONTENT_RANGE] = f"bytes */{found.bytes}"
        return web.Response(status=416, headers=headers)
    headers[hdrs.CONTENT_RANGE] = f"bytes {start}-{start + length - 1}/{found.bytes}"
    return await _deliver(request, found.key, start, length, web.StreamResponse(status=206, headers=headers))


async def _content(request: web.Request, wanted: Wanted) -> Content:
    """What the member may have; ApiError `not_found`, or `forbidden` for what is held."""
    async with request.app[context.POOL].acquire() as tx:
        found = await file_access.readable(tx, wanted.member_id, wanted.file_id, wanted.number)
        names = await analyses.previews(tx, found.blob_id) if wanted.preview is not None else []
    version, room_id, blob_id = found.version, found.room_id, found.blob_id
    if wanted.preview is None:
        key = storage.content_key(room_id, bytes.fromhex(version.sha256), blob_id)
        media_type = version.media_type if _TYPE.fullmatch(version.media_type) else "application/octet-stream"
        return Content(key, f'"{version.sha256}"', version.bytes, version.name, media_type)
    if wanted.preview not in names:
        raise not_found("preview")
    key = storage.preview_key(room_id, blob_id, wanted.preview)
    etag = f'"{version.sha256}-{wanted.preview}"'
    with _said_of(key):
        length = await request.app[context.STORE].size(key)
    return Content(key, etag, length, f"{wanted.preview}{PREVIEW_SUFFIX}", PREVIEW_TYPE, shown=True)


def _headers(request: web.Request, found: Content) -> dict[str, str]:
    shown = found.shown and showable(found.media_type)
    # Browsers' own viewers of PDF do not work in a sandbox, and run nothing of the page's origin.
    sandbox = "" if shown and found.media_type == PDF else "sandbox; "
    media_type = (
        f"{found.media_type}; charset=utf-8" if found.media_type == "text/plain" else found.media_type
    )
    return {
        hdrs.CONTENT_TYPE: media_type,
        hdrs.CONTENT_DISPOSITION: disposition(found.name, shown=shown),
        hdrs.ETAG: found.etag,
        hdrs.ACCEPT_RANGES: "bytes",
        hdrs.CACHE_CONTROL: "no-store" if found.by_link else "private, no-cache",
        "Content-Security-Policy": (
            f"{sandbox}{_POLICY}; frame-ancestors 'self' {request.app[context.SETTINGS].base_url}"
        ),
        "X-Frame-Options": "SAMEORIGIN",
        # Whoever has a link may show it, as a page of the console on another origin does.
        "Cross-Origin-Resource-Policy": "cross-origin" if found.by_link else "same-origin",
    }


def showable(media_type: str) -> bool:
    """Whether browsers may show such content in place of saving it."""
    return media_type in SHOWN or media_type.startswith(SHOWN_FAMILIES)


def disposition(name: str, *, shown: bool) -> str:
    """A Content-Disposition for any name, as RFC 6266 and RFC 8187 have it."""
    plain = re.sub(r'[^ -~]|["\\%]', "_", name)
    kind = "inline" if shown else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _matches(known: str, etag: str) -> bool:
    tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
    return etag in tags or "*" in tags


def _span(asked: str, size: int) -> tuple[int, int] | None:
    """The start and length of a range; a length of 0 if it lies beyond, None for what is no single range."""
    match = _SPAN.fullmatch(asked.replace(" ", ""))
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        length = min(int(match[2]), size)
        return size - length, length
    first = int(match[1])
    last = min(int(match[2]), size - 1) if match[2] else size - 1
    if match[2] and int(match[2]) < first:
        return None
    return first, max(0, last - first + 1)


async def _deliver(
    request: web.Request, key: str, start: int, length: int, response: web.StreamResponse
) -> web.StreamResponse:
    response.content_length = length
    if request.method == hdrs.METH_HEAD or length == 0:
        await response.prepare(request)
        await response.write_eof()
        return response
    # Before the headers are gone, so that a fault of the store can still be said.
    with _said_of(key):
        content = await sending.opened(request.app[context.STORE], key, start, length)
    try:
        await content.send(request, response)
    except (*STORE_FAILURES, TimeoutError) as error:
        # What was promised cannot be kept, and nothing else may be said in its place.
        logger.info("download_broke_off", error=repr(error))
        if request.transport is not None:
            request.transport.abort()
    finally:
        await content.close()
    return response


@contextmanager
def _said_of(key: str) -> Iterator[None]:
    """ApiError `unavailable` for what keeps the store from giving an object."""
    try:
        yield
    except STORE_FAILURES:
        logger.warning("content_unreadable", key=key, exc_info=True)
        raise ApiError(ErrorCode.UNAVAILABLE, "The file cannot be read now; try again.") from None
