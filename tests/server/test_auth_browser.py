"""Browsers: the session cookie, which scripts cannot read and foreign pages cannot use."""

from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio

from protocol.errors import ErrorCode
from protocol.rest import SESSION_COOKIE
from protocol.roles import WorkspaceRole
from tests.api import CSRF, PASSWORD, Answer, Api, client
from tests.nodes import NodeStarter
from tests.servers import redis_cluster, redis_sentinel, redis_server

ELSEWHERE = "https://evil.example"
FOR_EVER = -1
"""What Redis says of a key that never expires."""


async def sign_in(api: Api, **headers: str) -> Answer:
    body = {"email": "alice@example.org", "password": PASSWORD, "cookie": True}
    return await api.call("POST", "/api/auth/login", body, **headers)


async def refresh(api: Api, **headers: str) -> Answer:
    return await api.call("POST", "/api/auth/refresh", {}, **(CSRF | headers))


def cookie(api: Api) -> str | None:
    """The cookie as the browser would send it."""
    found = [morsel.value for morsel in api.session.cookie_jar if morsel.key == SESSION_COOKIE]
    return found[0] if found else None


def keep(api: Api, value: str) -> None:
    """Make the browser send this cookie."""
    morsel = SimpleCookie()
    morsel[SESSION_COOKIE] = value
    morsel[SESSION_COOKIE]["path"] = "/api/auth"
    api.session.cookie_jar.update_cookies(morsel, api.session._base_url)  # type: ignore[arg-type]


async def test_a_browser_stays_signed_in_by_its_cookie(any_api: Api) -> None:
    api = any_api
    await api.person("alice")
    answer = await sign_in(api)
    assert answer.body["refresh_token"] is None
    (sent,) = answer.headers.getall("Set-Cookie")  # type: ignore[attr-defined]
    attributes = {part.strip().split("=")[0].lower(): part.strip() for part in sent.split(";")}
    assert {"httponly", "samesite", "path", "max-age"} <= attributes.keys()
    assert "secure" not in attributes
    assert attributes["samesite"] == "SameSite=Strict"
    assert attributes["path"] == "Path=/api/auth"
    assert attributes["max-age"] == f"Max-Age={30 * 86_400}"

    for _ in range(3):
        renewed = await refresh(api)
        assert renewed.status == 200
        assert renewed.body["refresh_token"] is None
        assert (await api.me(renewed.body["access_token"])).status == 200


async def test_the_cookie_holds_nothing_readable(any_api: Api, redis_url: str) -> None:
    await any_api.person("alice")
    await sign_in(any_api)
    value = cookie(any_api) or ""
    assert len(value) > 40
    assert "ymr_" not in value
    async with redis.asyncio.Redis.from_url(redis_url) as client_of_redis:
        async for key in client_of_redis.scan_iter():
            stored = await client_of_redis.get(key) or b""
            assert b"ymr_" not in key + stored
            assert b"alice" not in key + stored
            assert await client_of_redis.ttl(key) != FOR_EVER


async def test_the_cookie_alone_is_not_enough(any_api: Api) -> None:
    api = any_api
    await api.person("alice")
    await sign_in(api)
    for path in ("/api/auth/refresh", "/api/auth/logout"):
        for headers in (
            {},
            {"X_YMERA_CSRF": "0"},
            CSRF | {"Origin": ELSEWHERE},
            CSRF | {"Origin": "null"},
            CSRF | {"Sec_Fetch_Site": "cross-site"},
            CSRF | {"Sec_Fetch_Site": "same-site"},
        ):
            answer = await api.call("POST", path, {}, **headers)
            assert (answer.status, answer.code) == (403, ErrorCode.FORBIDDEN)
    for headers in ({"Origin": api.running.url}, {"Sec_Fetch_Site": "same-origin"}):
        assert (await refresh(api, **headers)).status == 200


async def test_a_foreign_page_cannot_sign_a_browser_in(api: Api) -> None:
    owner = await api.person("owner", WorkspaceRole.OWNER)
    await api.person("alice")
    assert (await sign_in(api, Origin=ELSEWHERE)).code is ErrorCode.FORBIDDEN
    body = {"email": "new@example.org", "password": PASSWORD, "name": "New", "cookie": True}
    body["invite"] = await api.invite(owner)
    answer = await api.call("POST", "/api/auth/register", body, Origin=ELSEWHERE)
    assert answer.code is ErrorCode.FORBIDDEN
    assert cookie(api) is None
    answer = await api.call("POST", "/api/auth/register", body, Origin=api.running.url)
    assert answer.status == 201
    assert (await refresh(api)).body["me"]["name"] == "New"


async def test_only_json_is_read(api: Api) -> None:
    """Anything else could be sent by a foreign page without asking first."""
    async with api.session.post("/api/auth/login", data=b'{"email": "a@b.c", "password": "x"}') as response:
        assert response.status == 400
        error = (await response.json())["error"]
    assert "Content-Type: application/json" in error["message"]


async def test_without_cookie_or_token_there_is_nothing_to_refresh(any_api: Api) -> None:
    answer = await refresh(any_api)
    assert (answer.status, answer.code) == (401, ErrorCode.UNAUTHENTICATED)


async def test_a_cookie_of_another_server_is_nothing(any_api: Api) -> None:
    for value in ("nonsense", "é", "A" * 200):
        keep(any_api, value)
        assert (await refresh(any_api)).code is ErrorCode.UNAUTHENTICATED


async def test_logging_out_deletes_the_cookie(any_api: Api) -> None:
    api = any_api
    await api.person("alice")
    signed_in = await sign_in(api)
    before = cookie(api) or ""
    answer = await api.call("POST", "/api/auth/logout", {}, **CSRF)
    assert answer.status == 204
    assert not cookie(api)
    assert (await api.me(signed_in.body["access_token"])).code is ErrorCode.UNAUTHENTICATED
    keep(api, before)
    assert (await refresh(api)).code is ErrorCode.UNAUTHENTICATED
    assert (await api.call("POST", "/api/auth/logout", {}, **CSRF)).status == 204


async def test_tabs_that_renew_together_all_succeed(api: Api) -> None:
    """The cookie is shared, so a tab may come with one that another tab has just replaced."""
    await api.person("alice")
    await sign_in(api)
    before = cookie(api) or ""
    first = (await refresh(api)).body
    newest = cookie(api) or ""
    keep(api, before)
    assert (await refresh(api)).status == 200
    assert (await api.me(first["access_token"])).status == 200
    keep(api, before)
    overtaken = await refresh(api)
    assert (overtaken.status, overtaken.code) == (503, ErrorCode.UNAVAILABLE)
    assert overtaken.body["error"]["retryable"]
    keep(api, newest)
    assert (await refresh(api)).status == 200


async def test_a_copied_cookie_is_noticed(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    await api.person("alice")
    await sign_in(api)
    copied = cookie(api) or ""
    for _ in range(2):
        assert (await refresh(api)).status == 200
    newest = cookie(api) or ""
    keep(api, copied)
    assert (await refresh(api)).code is ErrorCode.UNAUTHENTICATED
    keep(api, newest)
    assert (await refresh(api)).code is ErrorCode.UNAUTHENTICATED


async def test_with_https_the_cookie_never_goes_without(node: NodeStarter) -> None:
    running = await node(public_url="https://ymera.example.org")
    async with client(running) as api:
        await api.person("alice")
        answer = await sign_in(api, Origin="https://ymera.example.org")
        assert "; Secure" in answer.headers["Set-Cookie"]
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize("kind", [redis_server, redis_cluster, redis_sentinel])
async def test_any_node_knows_the_cookie(kind: Any, node: NodeStarter, tmp_path: Path) -> None:
    (tmp_path / "redis").mkdir()
    with kind(tmp_path / "redis") as found:
        one, other = await node(redis_url=found.url), await node(redis_url=found.url)
        async with client(one) as here, client(other) as there:
            await here.person("alice")
            await sign_in(here)
            keep(there, cookie(here) or "")
            renewed = await refresh(there)
            assert renewed.status == 200
            assert (await here.me(renewed.body["access_token"])).status == 200


async def test_who_signs_in_gets_a_session_of_their_own(any_api: Api) -> None:
    """A cookie that somebody else planted must not become theirs too."""
    api = any_api
    await api.person("alice")
    await sign_in(api)
    planted = cookie(api)
    await sign_in(api)
    assert cookie(api) != planted
