"""Uploads over HTTP: tus 1.0, and small files in one POST.

Invariants: somebody else's upload is `not_found`, like one that never was. Every refusal is in the one shape
of errors, with the status that tus clients act upon: they try again after 409 and 423 and give up after
others, so a refusal that trying again does not mend is none of these.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import structlog
from aiohttp import hdrs, web
from msgspec.structs import replace

from handlers.dispatch import Caller
from persistence import uploads
from persistence.storage import STORE_FAILURES
from persistence.uploads import Upload
from protocol.errors import HTTP_STATUS, ApiError, ErrorCode, invalid, not_found
from protocol.fields import ID_PATTERN
from protocol.files import MAX_SMALL_FILE
from protocol.registry import Scope
from protocol.uploads import FILE_HEADER, ObjectTarget
from server import context, turns, tus
from server.intake import Intake, Plan
from server.middleware import IDENTIFIED, answer, problem
from server.turns import Turn

logger = structlog.get_logger(__name__)

REFUSED = 422
"""In place of 409 where trying again does not help."""

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def options(request: web.Request, _: None) -> web.StreamResponse:
    """What this server can do."""
    return web.Response(status=204, headers=tus.abilities(_intake(request).limits.largest))


async def create(request: web.Request, _: None) -> web.StreamResponse:
    """Begin an upload, with its first bytes if there are some, or join parts to one."""
    return await _refusing(request, _create)


async def head(request: web.Request, _: None) -> web.StreamResponse:
    """Say how far an upload is, and finish what was interrupted when all bytes were there."""
    return await _refusing(request, _head)


async def append(request: web.Request, _: None) -> web.StreamResponse:
    """Take further bytes."""
    return await _refusing(request, _append)


async def terminate(request: web.Request, _: None) -> web.StreamResponse:
    """End an upload and remove what has come. A file that it has become stays."""
    return await _refusing(request, _terminate)


async def override(request: web.Request, _: None) -> web.StreamResponse:
    """Do what the header says, for clients that can only POST."""
    method = request.headers.get(tus.OVERRIDE, "").upper()
    work = {"PATCH": _append, "DELETE": _terminate, "HEAD": _head}.get(method)
    if work is None:
        raise web.HTTPMethodNotAllowed(request.method, ["HEAD", "PATCH", "DELETE"])
    return await _refusing(request, work)


async def send(request: web.Request, _: None) -> web.StreamResponse:
    """Make a file of the body."""
    return await _refusing(request, _send)


async def _refusing(request: web.Request, work: Answer) -> web.StreamResponse:
    try:
        return await work(request)
    except tus.TusError as error:
        refusal = problem(request, error, error.status)
        refusal.headers.update(tus.abilities(_intake(request).limits.largest) if error.status == 412 else {})
        return refusal
    except ApiError as error:
        return problem(request, error, REFUSED if HTTP_STATUS[error.code] == 409 else None)
    except ConnectionResetError:
        return problem(request, ApiError(ErrorCode.UNAVAILABLE, "The connection ended before the body did."))
    except STORE_FAILURES:
        logger.warning("store_failed", exc_info=True)
        return problem(request, ApiError(ErrorCode.UNAVAILABLE, "Files cannot be stored now; try again."))


async def _create(request: web.Request) -> web.StreamResponse:
    headers = request.headers
    tus.check_version(headers)
    joins = tus.parts(headers)
    if joins is not None and tus.LENGTH in headers:
        raise invalid(f"{tus.LENGTH}: leave it out; it follows from the parts.", tus.LENGTH)
    length = None if joins is not None else tus.length(headers)
    partial = headers.get(tus.CONCAT) == "partial"
    wish = None if partial else tus.wish(tus.metadata(headers.get(tus.METADATA, "")))
    upload, turn = await _intake(request).begin(_sender(request), Plan(wish=wish, length=length, parts=joins))
    async with turns.keep(request.app[context.POOL], turn):
        if request.content_type == tus.BYTES and joins is None:
            upload = await _receive(request, upload, turn)
        made = await _progress(request, upload, turn)
    made[hdrs.LOCATION] = f"{tus.UPLOADS}/{upload.id}"
    return web.Response(status=201, headers=made)


async def _head(request: web.Request) -> web.StreamResponse:
    tus.check_version(request.headers)
    pool, upload_id, caller = request.app[context.POOL], _id(request), request[IDENTIFIED].caller
    found = await uploads.get(pool, upload_id, caller.member_id)
    if found is None:
        raise not_found("upload")
    upload, locked = found
    interrupted = upload.whole and not upload.partial
    if upload.file_id is None and (locked or interrupted) and caller.scope is not Scope.READ:
        async with _turn(request) as (turn, upload):
            return web.Response(headers=_described(upload) | await _progress(request, upload, turn))
    _check_time(upload)
    return web.Response(headers=_described(upload) | _state(upload))


async def _append(request: web.Request) -> web.StreamResponse:
    headers = request.headers
    tus.check_version(headers)
    if request.content_type != tus.BYTES:
        raise tus.TusError(415, ErrorCode.INVALID, f"Send the bytes with «Content-Type: {tus.BYTES}».")
    offset = tus.count(headers, tus.OFFSET)
    if offset is None:
        raise invalid(f"{tus.OFFSET}: is missing; it must be how many bytes are here.", tus.OFFSET)
    async with _turn(request) as (turn, upload):
        if upload.parts is not None:
            message = "This joins other uploads; nothing can be added to it."
            raise tus.TusError(403, ErrorCode.FORBIDDEN, message)
        if offset != upload.received:
            message = f"{tus.OFFSET}: is {offset}, but {upload.received} bytes are here. Go on from there."
            raise tus.TusError(409, ErrorCode.CONFLICT, message, offset=upload.received)
        # Of a whole one that was interrupted there is nothing more to come.
        further = upload if upload.file_id is not None else await _receive(request, upload, turn)
        return web.Response(status=204, headers=await _progress(request, further, turn))


async def _terminate(request: web.Request) -> web.StreamResponse:
    tus.check_version(request.headers)
    async with _turn(request) as (_, upload):
        await _intake(request).discard([upload.id])
    return web.Response(status=204)


async def _send(request: web.Request) -> web.StreamResponse:
    length = request.content_length
    if (length or 0) > MAX_SMALL_FILE:
        raise tus.too_large(MAX_SMALL_FILE)
    intake, caller, wish = _intake(request), _sender(request), tus.wish(request.query)
    if isinstance(wish.target, ObjectTarget):
        raise invalid(
            f"object_id: objects of sealed rooms come by tus; send it to {tus.UPLOADS}.", "object_id"
        )
    upload, turn = await intake.begin(caller, Plan(wish=wish, length=length))
    async with turns.keep(request.app[context.POOL], turn):
        try:
            received = await intake.receiver.receive(
                request.content, upload, turn, bound=length or MAX_SMALL_FILE
            )
            upload = replace(upload, received=received)
            if length is None:
                upload = await intake.declare(caller, upload, received, 0)
            made = await intake.complete(caller, upload, turn)
        except BaseException:
            # Nobody knows its id, so nobody can go on with it.
            await intake.discard([upload.id])
            raise
    return answer(made, 201, **{FILE_HEADER: made.id})


@asynccontextmanager
async def _turn(request: web.Request) -> AsyncIterator[tuple[Turn, Upload]]:
    """The turn at the upload that the path names; TusError 410 if its time is over."""
    member_id, pool = _sender(request).member_id, request.app[context.POOL]
    async with turns.take(pool, _id(request), member_id) as (turn, upload):
        _check_time(upload)
        yield turn, upload


def _sender(request: web.Request) -> Caller:
    """Who asks; ApiError where the token is for reading alone."""
    caller = request[IDENTIFIED].caller
    if caller.scope is Scope.READ:
        raise ApiError(ErrorCode.FORBIDDEN, "This token is limited to «read»; uploading takes «write».")
    return caller


def _check_time(upload: Upload) -> None:
    if upload.expires_at <= datetime.now(UTC):
        raise tus.TusError(410, ErrorCode.NOT_FOUND, "The upload has expired; begin a new one.")


def _id(request: web.Request) -> str:
    upload_id = request.match_info["id"]
    if ID_PATTERN.fullmatch(upload_id) is None:
        raise not_found("upload")
    return upload_id


def _intake(request: web.Request) -> Intake:
    return request.app[context.INTAKE]


async def _receive(request: web.Request, upload: Upload, turn: Turn) -> Upload:
    """The upload with the bytes of a request."""
    intake, checksum = _intake(request), tus.checksum(request.headers)
    sent = request.content_length
    if upload.length is None:
        declared = tus.count(request.headers, tus.LENGTH)
        # What comes in chunks does not say how much it is.
        more = min(MAX_SMALL_FILE, intake.limits.largest - upload.received) if sent is None else sent
        upload = await intake.declare(request[IDENTIFIED].caller, upload, declared, more)
    bound = upload.reserved
    if upload.received + (sent or 0) > bound:
        raise tus.too_large(bound)
    received = await intake.receiver.receive(request.content, upload, turn, bound=bound, checksum=checksum)
    expires_at = datetime.now(UTC) + intake.receiver.keep_for
    return replace(upload, received=received, expires_at=expires_at)


async def _progress(request: web.Request, upload: Upload, turn: Turn) -> dict[str, str]:
    """How far an upload is, as headers; a whole one has become what it was to be then."""
    if upload.whole and not upload.partial and upload.file_id is None:
        made = await _intake(request).complete(request[IDENTIFIED].caller, upload, turn)
        upload = replace(upload, file_id=made.id)
    return _state(upload)


def _state(upload: Upload) -> dict[str, str]:
    state: dict[str, Any] = {
        hdrs.CACHE_CONTROL: "no-store",
        tus.OFFSET: upload.received,
        tus.EXPIRES: tus.http_date(upload.expires_at),
        FILE_HEADER: upload.file_id,
    }
    return {name: str(value) for name, value in state.items() if value is not None}


def _described(upload: Upload) -> dict[str, str]:
    """What an upload was begun as, as headers."""
    said = {tus.DEFER: "1"} if upload.length is None else {tus.LENGTH: str(upload.length)}
    if upload.target is not None:
        said[tus.METADATA] = tus.described(upload.target)
    if upload.partial:
        said[tus.CONCAT] = "partial"
    elif upload.parts is not None:
        said[tus.CONCAT] = "final;" + " ".join(f"{tus.UPLOADS}/{part}" for part in upload.parts)
    return said
