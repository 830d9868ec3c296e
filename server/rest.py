"""The routes of `protocol.rest.ROUTES` that concern accounts, and the documents about the protocol.

A handler takes the request and its decoded body and returns what the route declares; status, authentication
and errors come from the table and from `server.middleware`.
"""

import functools
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from importlib.metadata import version
from typing import Any

import msgspec
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from handlers import accounts
from handlers.dispatch import publish_committed
from persistence import members, sessions, tokens, workspace
from persistence.database import clock
from persistence.seal import Seal
from protocol import asyncapi, openapi
from protocol.accounts import (
    Credentials,
    Login,
    Me,
    PasswordChange,
    Refresh,
    Register,
    SessionsInfo,
    SetupInfo,
    TokenCreate,
    TokenCreated,
    TokensInfo,
)
from protocol.errors import ApiError, ErrorCode, invalid, limit_exceeded, not_found
from protocol.fields import ID_PATTERN
from protocol.rest import ROUTES, Route
from protocol.wire import decode_json
from server import context, cookies, downloads, throttle, uploads, webhooks
from server.file_links import FileLinks
from server.keys import Keyring, derive
from server.middleware import API, IDENTIFIED, answer, client_address, setup_chain
from server.settings import secret_key
from server.signin import Origin, SignedIn, SignIn
from server.throttle import Throttle

MAX_TOKENS = 100
"""Programs' tokens of one member."""

Work = Callable[[web.Request, Any], Awaitable[Any]]


def setup(app: web.Application, workspace_id: str) -> None:
    """Serve the routes, with everything that requests pass through.

    Needs `SETTINGS`, `POOL`, `PUBLISH`, `REDIS` and `STORE` of `context`, and makes the rest but `DISPATCHER`
    and `INTAKE`.
    """
    settings, pool = app[context.SETTINGS], app[context.POOL]
    secret = secret_key(settings)
    keyring = Keyring(pool, secret, workspace_id, settings.access_token_seconds)
    limits = Throttle(app[context.REDIS], derive(secret, b"throttle"))
    sign_in = SignIn(pool, app[context.PUBLISH], keyring, limits, settings)
    app[context.KEYRING], app[context.LIMITS], app[context.SIGN_IN] = keyring, limits, sign_in
    app[context.SEAL] = Seal(derive(secret, b"webhooks"))
    links_url = settings.files_url or settings.public_url or ""
    app[context.FILE_LINKS] = FileLinks(derive(secret, b"files"), links_url)
    app.on_cleanup.append(_close)
    setup_chain(app, secret)
    for route in ROUTES:
        if (work := _WORK.get((route.method, route.path))) is not None:
            app.router.add_route(route.method, route.path, _serve(route, work))
    for prefix in API:
        app.router.add_route("*", f"{prefix}{{path:.*}}", _nothing_here)


async def _close(app: web.Application) -> None:
    app[context.SIGN_IN].close()


def _serve(route: Route, work: Work) -> Handler:
    async def serve(request: web.Request) -> web.StreamResponse:
        if route.raw:
            raw: web.StreamResponse = await work(request, None)
            return raw
        body = None if route.body is None or route.signed else await _body(request, route.body)
        result = await work(request, body)
        if route.answer is None:
            return web.Response(status=route.status, headers={hdrs.CACHE_CONTROL: "no-store"})
        return answer(result, route.status)

    return serve


async def _body(request: web.Request, shape: type[Any]) -> Any:
    content = await request.read()
    if content and request.content_type != "application/json":
        raise invalid("Send JSON, with the header «Content-Type: application/json».", "")
    return decode_json(content or b"{}", shape)


async def _nothing_here(request: web.Request) -> web.StreamResponse:
    methods = [route.method for route in ROUTES if _pattern(route.path).fullmatch(request.path)]
    if methods:
        raise web.HTTPMethodNotAllowed(request.method, methods)
    raise ApiError(ErrorCode.NOT_FOUND, f"There is nothing at {request.path[:200]}.")


@functools.cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile("[^/]+".join(map(re.escape, re.split(r"\{\w+\}", path))))


async def _register(request: web.Request, body: Register) -> Credentials:
    if body.cookie:
        cookies.check_own_page(request, request.app[context.SETTINGS])
    signed_in = await request.app[context.SIGN_IN].register(body, _origin(request))
    return await _begin(request, signed_in, cookie=body.cookie)


async def _login(request: web.Request, body: Login) -> Credentials:
    if body.cookie:
        cookies.check_own_page(request, request.app[context.SETTINGS])
    signed_in = await request.app[context.SIGN_IN].login(body, _origin(request))
    return await _begin(request, signed_in, cookie=body.cookie)


async def _begin(request: web.Request, signed_in: SignedIn, *, cookie: bool) -> Credentials:
    credentials = signed_in.credentials
    if not cookie or credentials.refresh_token is None:
        return credentials
    await cookies.begin(request, credentials.refresh_token)
    return msgspec.structs.replace(credentials, refresh_token=None)


async def _refresh(request: web.Request, body: Refresh) -> Credentials:
    sign_in = request.app[context.SIGN_IN]
    address = throttle.subject_of(_origin(request).address)
    await request.app[context.LIMITS].take(throttle.REFRESH_ADDRESS, address)
    if body.refresh_token is not None:
        return (await sign_in.refresh(body.refresh_token)).credentials
    token = await _kept(request)
    if token is None:
        raise ApiError(
            ErrorCode.UNAUTHENTICATED, "Send refresh_token, or the session cookie; or sign in again."
        )
    credentials = (await sign_in.refresh(token, cookie=True)).credentials
    assert credentials.refresh_token is not None
    await cookies.replace(request, credentials.refresh_token)
    return msgspec.structs.replace(credentials, refresh_token=None)


async def _logout(request: web.Request, body: Refresh) -> None:
    token = body.refresh_token
    if token is None:
        token = await _kept(request)
        await cookies.end(request)
    if token is not None:
        await request.app[context.SIGN_IN].logout(token)


async def _kept(request: web.Request) -> str | None:
    token = await cookies.kept(request)
    if token is not None:
        cookies.check_forgery(request, request.app[context.SETTINGS])
    return token


async def _password(request: web.Request, body: PasswordChange) -> None:
    caller = request[IDENTIFIED].caller
    await request.app[context.SIGN_IN].change_password(caller.member_id, caller.session_id, body)


async def _me(request: web.Request, _: None) -> Me:
    return Me(me=request[IDENTIFIED].me, workspace=await workspace.current(request.app[context.POOL]))


async def _sessions(request: web.Request, _: None) -> SessionsInfo:
    caller = request[IDENTIFIED].caller
    pool = request.app[context.POOL]
    return SessionsInfo(sessions=await sessions.of_member(pool, caller.member_id, caller.session_id))


async def _end_session(request: web.Request, _: None) -> None:
    await _end(request, accounts.end_session, "session")


async def _tokens(request: web.Request, _: None) -> TokensInfo:
    caller = request[IDENTIFIED].caller
    return TokensInfo(tokens=await tokens.of_member(request.app[context.POOL], caller.member_id))


async def _make_token(request: web.Request, body: TokenCreate) -> TokenCreated:
    member_id = request[IDENTIFIED].caller.member_id
    async with request.app[context.POOL].acquire() as tx, tx.transaction():
        # Locked, so that several at once cannot exceed the limit.
        await members.lock(tx, member_id)
        if len(await tokens.of_member(tx, member_id)) >= MAX_TOKENS:
            raise limit_exceeded("tokens of a member; revoke those no longer needed", MAX_TOKENS)
        now = await clock(tx)
        token, secret = await tokens.issue(
            tx,
            member_id,
            name=body.name,
            scope=body.scope,
            now=now,
            expires_at=now + timedelta(days=body.expires_in_days),
        )
    return TokenCreated(token=token, secret=secret)


async def _end_token(request: web.Request, _: None) -> None:
    await _end(request, accounts.end_token, "token")


async def _end(request: web.Request, end: accounts.End, noun: str) -> None:
    """End the sign-in or token that the path names, and tell every node."""
    wanted = request.match_info["id"]
    if ID_PATTERN.fullmatch(wanted) is None:
        raise invalid("id: must be a UUID in lower case.", "id")
    member_id = request[IDENTIFIED].caller.member_id
    async with request.app[context.POOL].acquire() as tx, tx.transaction():
        events = await end(tx, member_id, wanted, await clock(tx))
    if not events:
        raise not_found(noun)
    await publish_committed(request.app[context.PUBLISH], events)


async def _setup(request: web.Request, _: None) -> SetupInfo:
    pool = request.app[context.POOL]
    here = await workspace.current(pool)
    return SetupInfo(needs_setup=await members.count(pool) == 0, workspace=here.name)


async def _jwks(request: web.Request, _: None) -> dict[str, Any]:
    return await request.app[context.KEYRING].jwks()


async def _openapi(_: web.Request, __: None) -> msgspec.Raw:
    return _document(openapi.document)


async def _asyncapi(_: web.Request, __: None) -> msgspec.Raw:
    return _document(asyncapi.document)


@functools.cache
def _document(make: Callable[[str], dict[str, Any]]) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(make(version("ymera"))))


def _origin(request: web.Request) -> Origin:
    trusted = request.app[context.SETTINGS].trusted_proxies
    # Bytes that are no UTF-8 arrive as surrogates, which PostgreSQL does not take.
    user_agent = request.headers.get(hdrs.USER_AGENT, "").encode(errors="replace").decode()
    return Origin(client_address(request, trusted), user_agent)


_WORK: dict[tuple[str, str], Work] = {
    ("POST", "/api/auth/register"): _register,
    ("POST", "/api/auth/login"): _login,
    ("POST", "/api/auth/refresh"): _refresh,
    ("POST", "/api/auth/logout"): _logout,
    ("POST", "/api/auth/password"): _password,
    ("GET", "/api/auth/me"): _me,
    ("GET", "/api/auth/sessions"): _sessions,
    ("DELETE", "/api/auth/sessions/{id}"): _end_session,
    ("GET", "/api/tokens"): _tokens,
    ("POST", "/api/tokens"): _make_token,
    ("DELETE", "/api/tokens/{id}"): _end_token,
    ("POST", "/api/hooks/{id}"): webhooks.receive,
    ("POST", "/api/files"): uploads.send,
    ("OPTIONS", "/api/files/uploads"): uploads.options,
    ("POST", "/api/files/uploads"): uploads.create,
    ("POST", "/api/files/uploads/{id}"): uploads.override,
    ("HEAD", "/api/files/uploads/{id}"): uploads.head,
    ("PATCH", "/api/files/uploads/{id}"): uploads.append,
    ("DELETE", "/api/files/uploads/{id}"): uploads.terminate,
    ("GET", "/api/files/{id}/content"): downloads.content,
    ("HEAD", "/api/files/{id}/content"): downloads.content,
    ("GET", "/api/files/objects/{id}/content"): downloads.sealed,
    ("HEAD", "/api/files/objects/{id}/content"): downloads.sealed,
    ("GET", "/api/files/{id}/previews/{name}"): downloads.preview,
    ("HEAD", "/api/files/{id}/previews/{name}"): downloads.preview,
    ("GET", "/api/files/links/{token}"): downloads.link,
    ("HEAD", "/api/files/links/{token}"): downloads.link,
    ("GET", "/api/setup"): _setup,
    ("GET", "/.well-known/jwks.json"): _jwks,
    ("GET", "/api/openapi.json"): _openapi,
    ("GET", "/api/asyncapi.json"): _asyncapi,
}
