"""The browser's session: a cookie that keeps the refresh token where no script can read it.

Its content is encrypted: in Redis under a random name where one is configured, else in the cookie itself. So
it is in a Cluster, which the storage cannot use, and with the embedded Redis, which forgets all at each stop.
Only requests to /api/auth/ carry it, and those that rely on it must show that no foreign page made them.
"""

import json
import secrets
from typing import Any

import aiohttp_session
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from aiohttp_session.nacl_storage import NaClCookieStorage
from aiohttp_session.redis_storage import RedisStorage
from nacl.encoding import URLSafeBase64Encoder
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox
from redis.asyncio import Redis

from protocol.errors import ApiError, ErrorCode
from protocol.rest import CSRF_HEADER, SESSION_COOKIE
from server.keys import derive
from server.redis_address import Client
from server.settings import Settings

PATH = "/api/auth"
_FIELD = "refresh_token"


def middleware(settings: Settings, secret_key: bytes, redis: Client | None) -> Middleware:
    """Gives the requests below `PATH` their session."""
    key = derive(secret_key, b"cookies")
    common: dict[str, Any] = {
        "cookie_name": SESSION_COOKIE,
        "max_age": settings.refresh_token_days * 86_400,
        "path": PATH,
        "secure": settings.base_url.startswith("https:"),
        "httponly": True,
        "samesite": "Strict",
    }
    storage = (
        RedisStorage(
            redis,
            key_factory=lambda: secrets.token_urlsafe(32),
            encoder=_sealer(key),
            decoder=_opener(key),
            **common,
        )
        if isinstance(redis, Redis) and settings.redis_url is not None
        else NaClCookieStorage(key, **common)
    )
    with_session = aiohttp_session.session_middleware(storage)

    @web.middleware
    async def below_path(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(f"{PATH}/"):
            return await with_session(request, handler)
        return await handler(request)

    return below_path


async def begin(request: web.Request, refresh_token: str) -> None:
    """Keep the token of a new sign-in, in a session of its own."""
    (await aiohttp_session.new_session(request))[_FIELD] = refresh_token


async def replace(request: web.Request, refresh_token: str) -> None:
    """Keep the token that replaces the one kept."""
    (await aiohttp_session.get_session(request))[_FIELD] = refresh_token


async def kept(request: web.Request) -> str | None:
    """The token that the browser's cookie stands for."""
    token = (await aiohttp_session.get_session(request)).get(_FIELD)
    return token if isinstance(token, str) else None


async def end(request: web.Request) -> None:
    """Delete the cookie and what it stands for."""
    (await aiohttp_session.get_session(request)).invalidate()


def check_own_page(request: web.Request, settings: Settings) -> None:
    """ApiError `forbidden` for a request that a browser made on behalf of a foreign page."""
    origin = request.headers.get("Origin")
    if origin is None:
        own = request.headers.get("Sec-Fetch-Site", "none") in {"none", "same-origin"}
    else:
        own = settings.welcomes(origin, request.host)
    if not own:
        raise ApiError(
            ErrorCode.FORBIDDEN,
            "A page of another origin may not do this; YMERA_CORS_ORIGINS lists those that may.",
        )


def check_forgery(request: web.Request, settings: Settings) -> None:
    """ApiError `forbidden` unless a request that relies on the cookie was made by an own page."""
    if request.headers.get(CSRF_HEADER) != "1":
        raise ApiError(ErrorCode.FORBIDDEN, f"With the session cookie send the header «{CSRF_HEADER}: 1».")
    check_own_page(request, settings)


def _sealer(key: bytes) -> Any:
    box = SecretBox(key)

    def seal(data: object) -> str:
        return box.encrypt(json.dumps(data).encode(), encoder=URLSafeBase64Encoder).decode()

    return seal


def _opener(key: bytes) -> Any:
    box = SecretBox(key)

    def unseal(text: str) -> Any:
        try:
            return json.loads(box.decrypt(text.encode(), encoder=URLSafeBase64Encoder))
        except CryptoError:
            # To the storage, this is an entry that it cannot read: no session.
            raise ValueError("sealed with another key") from None

    return unseal
