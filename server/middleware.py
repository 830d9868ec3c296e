"""What every request passes through, and every answer on its way back.

From the outside in: a correlation id and a log line; the headers that let other origins read; errors in one
shape; a limit on how often; the browser's session; who is asking. Headers that protect browsers are added
as an answer is sent, whoever made it.
"""

import asyncio
import ipaddress
import re
import time
from typing import Any

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from handlers.dispatch import unreachable
from persistence.database import UNREACHABLE
from persistence.ids import new_id
from protocol.errors import HTTP_STATUS, ApiError, ErrorCode
from protocol.rest import CSRF_HEADER, ROUTES, Auth, Problem, Route
from protocol.uploads import FILE_HEADER, TUS_VERSION
from protocol.wire import encode
from server import context, cookies, metrics, throttle, tus
from server.credentials import Identified, authenticate
from server.file_links import PREFIX as LINKS
from server.settings import Network
from server.sockets import PATH as SOCKETS_PATH

logger = structlog.get_logger(__name__)

CORRELATION_ID = web.RequestKey("correlation_id", str)
IDENTIFIED = web.RequestKey("identified", Identified)
"""On routes that take a token."""

REQUEST_ID_HEADER = "X-Request-ID"
DEADLINE_SECONDS = 15.0
"""How long a request of the API may take."""
PREFLIGHT_SECONDS = 600
API = ("/api/", "/.well-known/")
TAKEN = (
    *(hdrs.AUTHORIZATION, hdrs.CONTENT_TYPE, CSRF_HEADER, REQUEST_ID_HEADER),
    *(hdrs.RANGE, hdrs.IF_RANGE, hdrs.IF_NONE_MATCH, *tus.ASKED),
)
"""Headers that pages of other origins may send."""
SHOWN = (
    *(REQUEST_ID_HEADER, hdrs.RETRY_AFTER, FILE_HEADER, *tus.ANSWERED),
    *(hdrs.ETAG, hdrs.CONTENT_DISPOSITION, hdrs.CONTENT_RANGE, hdrs.ACCEPT_RANGES),
)
"""Headers that pages of other origins may read."""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # The console scans the codes of devices that are brought in.
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=(), usb=()",
    # For everything that is no page of the console, which sets its own.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
}
HTTPS_ONLY = {"Strict-Transport-Security": "max-age=31536000"}

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_SPECS: dict[tuple[str, str], Route] = {(route.method, route.path): route for route in ROUTES}
_QUIET = ("/health/", "/metrics", SOCKETS_PATH, "/assets/")


def setup_chain(app: web.Application, secret: bytes) -> None:
    """Put the chain around everything that the application serves; `secret` is the settings' key."""
    app.middlewares.extend(
        [
            log_request,
            share_across_origins,
            answer_errors,
            limit_rate,
            cookies.middleware(app[context.SETTINGS], secret, app[context.REDIS]),
            identify,
        ]
    )
    app.on_response_prepare.append(protect)


def answer(value: Any, status: int = 200, **headers: str) -> web.Response:
    """A JSON answer that no cache keeps."""
    return web.Response(
        body=encode(value),
        status=status,
        content_type="application/json",
        headers={hdrs.CACHE_CONTROL: "no-store", **headers},
    )


def client_address(request: web.Request, trusted: tuple[Network, ...]) -> str:
    """The address that a request came from, seen through the proxies that are trusted, and no others."""
    address = request.remote or "unknown"
    forwarded = ",".join(request.headers.getall(hdrs.X_FORWARDED_FOR, []))
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    while hops and _within(address, trusted):
        address = hops.pop()
    return address[:64]


def _within(address: str, networks: tuple[Network, ...]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    # A socket that takes both families shows IPv4 peers so.
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return any(parsed in network for network in networks)


@web.middleware
async def log_request(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give a request its correlation id, which every log line carries, and log how it ended."""
    given = request.headers.get(REQUEST_ID_HEADER, "")
    request[CORRELATION_ID] = correlation_id = given if _REQUEST_ID.fullmatch(given) else new_id()
    started = time.perf_counter()
    with structlog.contextvars.bound_contextvars(correlation_id=correlation_id):
        response = await handler(request)
        seconds = time.perf_counter() - started
        if request.path != SOCKETS_PATH:
            # A poll waits for as long as there is nothing to say.
            metrics.requests.observe((_route_name(request), request.method, str(response.status)), seconds)
        log = logger.debug if request.path.startswith(_QUIET) else logger.info
        log(
            "request",
            method=request.method,
            path=_loggable(request.path),
            status=response.status,
            seconds=round(seconds, 4),
            address=client_address(request, request.app[context.SETTINGS].trusted_proxies),
        )
    return response


def _loggable(path: str) -> str:
    """A path without the token of a link, whatever is asked of it."""
    return f"{LINKS}{{token}}" if path.startswith(LINKS) else path


def _spec(request: web.Request) -> Route | None:
    return _SPECS.get((request.method, _route_name(request)))


def _route_name(request: web.Request) -> str:
    """The route's path with its names for variables: few values, whatever is asked for."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "none"


@web.middleware
async def share_across_origins(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer the preflight requests of pages of other origins; `protect` says which may read answers."""
    preflight = request.method == hdrs.METH_OPTIONS and hdrs.ACCESS_CONTROL_REQUEST_METHOD in request.headers
    if not preflight or not request.path.startswith(API):
        return await handler(request)
    response = web.Response(status=204)
    if _allowed(request) is not None:
        response.headers[hdrs.ACCESS_CONTROL_ALLOW_METHODS] = "GET, HEAD, POST, PATCH, DELETE"
        response.headers[hdrs.ACCESS_CONTROL_ALLOW_HEADERS] = ", ".join(TAKEN)
        response.headers[hdrs.ACCESS_CONTROL_MAX_AGE] = str(PREFLIGHT_SECONDS)
    return response


def _allowed(request: web.Request) -> str | None:
    """The origin of the page that asks, if it is one of those listed."""
    origin = request.headers.get(hdrs.ORIGIN)
    return origin if origin in request.app[context.SETTINGS].cors_origins else None


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever goes wrong into the one shape of errors; of a fault of ours say only the id."""
    try:
        if not request.path.startswith(API):
            return await handler(request)
        spec = _spec(request)
        async with asyncio.timeout(None if spec is not None and spec.raw else DEADLINE_SECONDS):
            return await handler(request)
    except ApiError as error:
        return problem(request, error)
    except web.RequestPayloadError:
        message = "The body is not packed as its Content-Encoding says."
        return problem(request, ApiError(ErrorCode.INVALID, message))
    except web.HTTPException as error:
        if error.status < 400:
            raise
        response = problem(request, _from_http(error), error.status)
        if hdrs.ALLOW in error.headers:
            response.headers[hdrs.ALLOW] = error.headers[hdrs.ALLOW]
        return response
    except TimeoutError:
        message = f"This took over {DEADLINE_SECONDS:.0f} s; try again."
        return problem(request, ApiError(ErrorCode.DEADLINE_EXCEEDED, message))
    except UNREACHABLE as error:
        return problem(request, unreachable(error))
    except Exception:
        metrics.errors.labels("rest").inc()
        logger.exception("request_failed")
        return problem(request, ApiError(ErrorCode.INTERNAL, "The server failed; nothing was changed."))


def problem(request: web.Request, error: ApiError, status: int | None = None) -> web.Response:
    """The answer that says what went wrong."""
    body = Problem(error=error.body(request[CORRELATION_ID]))
    retry_after = error.data.get("retry_after")
    headers = {} if retry_after is None else {hdrs.RETRY_AFTER: str(retry_after)}
    if error.code in {ErrorCode.UNAUTHENTICATED, ErrorCode.TOKEN_EXPIRED}:
        headers[hdrs.WWW_AUTHENTICATE] = "Bearer"
    return answer(body, status or HTTP_STATUS[error.code], **headers)


def _from_http(error: web.HTTPException) -> ApiError:
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        return ApiError(ErrorCode.TOO_LARGE, "The body is larger than this server accepts.")
    if isinstance(error, web.HTTPNotFound):
        return ApiError(ErrorCode.NOT_FOUND, "There is nothing at this address.")
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = sorted(error.allowed_methods)
        return ApiError(ErrorCode.INVALID, f"Here one can {' or '.join(allowed)}.", allowed=allowed)
    return ApiError(ErrorCode.INVALID, error.reason)


@web.middleware
async def limit_rate(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Keep one address from taking up the API."""
    if request.path.startswith(API):
        address = client_address(request, request.app[context.SETTINGS].trusted_proxies)
        await request.app[context.LIMITS].take(throttle.REQUESTS, throttle.subject_of(address))
    return await handler(request)


@web.middleware
async def identify(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find out who is asking, on routes that want to know."""
    spec = _spec(request)
    if spec is not None and spec.auth in {Auth.BEARER, Auth.PERSON}:
        scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise ApiError(ErrorCode.UNAUTHENTICATED, "Send «Authorization: Bearer» and a token.")
        pool, keyring = request.app[context.POOL], request.app[context.KEYRING]
        identified = await authenticate(pool, keyring, token.strip(), request[CORRELATION_ID])
        if spec.auth is Auth.PERSON and identified.program:
            raise ApiError(ErrorCode.FORBIDDEN, "This takes a person's sign-in; yours is a program's token.")
        request[IDENTIFIED] = identified
    return await handler(request)


async def protect(request: web.Request, response: web.StreamResponse) -> None:
    """Add the headers that protect browsers, and what tus wants everywhere, unless the answer has its own.

    Done when the headers are about to go, so that it holds for what is sent in pieces too.
    """
    if CORRELATION_ID in request:
        response.headers[REQUEST_ID_HEADER] = request[CORRELATION_ID]
    if request.path.startswith(API):
        response.headers.add(hdrs.VARY, hdrs.ORIGIN)
        if (origin := _allowed(request)) is not None:
            response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = origin
            response.headers[hdrs.ACCESS_CONTROL_ALLOW_CREDENTIALS] = "true"
            response.headers[hdrs.ACCESS_CONTROL_EXPOSE_HEADERS] = ", ".join(SHOWN)
    if request.path.startswith(tus.UPLOADS):
        response.headers.setdefault(tus.RESUMABLE, TUS_VERSION)
    https = request.app[context.SETTINGS].base_url.startswith("https:")
    for name, value in {**HEADERS, **(HTTPS_ONLY if https else {})}.items():
        response.headers.setdefault(name, value)
    response.headers.popall(hdrs.SERVER, None)
