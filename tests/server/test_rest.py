"""Every answer of the REST surface: its routes, errors, headers and logs."""

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import asyncpg
import orjson
import pytest
import structlog

from persistence.ids import new_id
from protocol import asyncapi, openapi
from protocol.errors import ErrorCode
from protocol.rest import ROUTES
from protocol.roles import WorkspaceRole
from server import logs, middleware, rest, throttle
from server.settings import Settings, network
from tests.api import CSRF, PASSWORD, Api, client
from tests.nodes import NodeStarter

FOREIGN = "https://app.example.org"


async def test_it_serves_exactly_the_declared_routes(api: Api) -> None:
    for route in ROUTES:
        answer = await api.call(route.method, re.sub(r"\{\w+\}", new_id(), route.path))
        assert answer.status not in {404, 405, 500}, route
    declared = {(route.method, route.path) for route in ROUTES if route.path.startswith(middleware.API)}
    assert rest._WORK.keys() == declared


async def test_the_documents_are_those_of_the_protocol(api: Api) -> None:
    assert (await api.call("GET", "/api/openapi.json")).body == plain(openapi.document("0.1.0"))
    assert (await api.call("GET", "/api/asyncapi.json")).body == plain(asyncapi.document("0.1.0"))


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/nothing", 404, ErrorCode.NOT_FOUND),
        ("POST", "/api/auth/nothing", 404, ErrorCode.NOT_FOUND),
        ("GET", "/.well-known/nothing", 404, ErrorCode.NOT_FOUND),
        ("GET", "/api/auth/login", 405, ErrorCode.INVALID),
        ("PUT", "/api/tokens/1", 405, ErrorCode.INVALID),
        ("POST", "/health/live", 405, ErrorCode.INVALID),
    ],
)
async def test_what_is_not_there_is_said_in_json(
    api: Api, method: str, path: str, status: int, code: ErrorCode
) -> None:
    answer = await api.call(method, path)
    assert (answer.status, answer.code) == (status, code)
    assert answer.body["error"]["correlation_id"] == answer.headers["X-Request-ID"]
    if status == 405:
        assert answer.headers["Allow"].split(",")[0] in {"POST", "DELETE", "GET"}


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b'{"email": "\\ud800"}', b"7", b"[" * 2_000])
async def test_broken_bodies_are_invalid(api: Api, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    async with api.session.post("/api/auth/login", data=body, headers=headers) as response:
        assert response.status == 400
        assert (await response.json())["error"]["code"] == "invalid"


async def test_a_body_that_is_not_packed_as_it_says_is_refused(api: Api) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "deflate"}
    async with api.session.post("/api/auth/login", data=b"\xffgarbage", headers=headers) as response:
        assert response.status == 400
        assert (await response.json())["error"]["code"] == "invalid"


async def test_a_body_that_is_too_large_is_refused(api: Api) -> None:
    body = io.BytesIO(b'{"email": "' + b"x" * 1_100_000 + b'"}')
    headers = {"Content-Type": "application/json"}
    async with api.session.post("/api/auth/login", data=body, headers=headers) as response:
        assert response.status == 413
        assert (await response.json())["error"]["code"] == "too_large"


async def test_a_fault_of_ours_tells_only_its_id(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: Any) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr("persistence.workspace.current", fail)
    with structlog.testing.capture_logs() as logged:
        answer = await api.call("GET", "/api/setup")
    assert (answer.status, answer.code) == (500, ErrorCode.INTERNAL)
    assert "secret" not in json.dumps(answer.body)
    (line,) = [line for line in logged if line["event"] == "request_failed"]
    assert line["exc_info"]


async def test_without_its_database_it_is_unavailable(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: Any) -> None:
        raise asyncpg.CannotConnectNowError("the database system is starting up")

    monkeypatch.setattr("persistence.workspace.current", fail)
    answer = await api.call("GET", "/api/setup")
    assert (answer.status, answer.code) == (503, ErrorCode.UNAVAILABLE)


async def test_a_request_that_takes_too_long_is_given_up(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "DEADLINE_SECONDS", 0)
    answer = await api.call("GET", "/api/setup")
    assert (answer.status, answer.code) == (504, ErrorCode.DEADLINE_EXCEEDED)


async def test_an_address_can_ask_so_often(any_api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "REQUESTS", throttle.Rate("requests", 2, 60))
    statuses = [(await any_api.call("GET", "/api/setup")).status for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert (await any_api.call("GET", "/health/live")).status == 200


async def test_a_correlation_id_comes_back(api: Api) -> None:
    for given, kept in (
        ("0123-abcd_EF.99", True),
        ("short", False),
        ("white space", False),
        ("x" * 65, False),
    ):
        answer = await api.call("GET", "/api/setup", X_Request_ID=given)
        assert (answer.headers["X-Request-ID"] == given) is kept


@pytest.mark.parametrize(
    "path", ["/", "/projects/1", "/api/setup", "/api/nothing", "/health/live", "/metrics"]
)
async def test_every_answer_protects_the_browser(api: Api, path: str) -> None:
    headers = (await api.call("GET", path)).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    # WebAssembly may be compiled, which the cryptography is; scripts may be neither inline nor made of text.
    assert "unsafe" not in headers["Content-Security-Policy"].replace("'wasm-unsafe-eval'", "")
    assert "Strict-Transport-Security" not in headers
    assert "Server" not in headers
    if path.startswith("/api/"):
        assert headers["Cache-Control"] == "no-store"


async def test_only_listed_origins_may_read(node: NodeStarter) -> None:
    async with client(await node(cors_origins=(FOREIGN,))) as api:
        asked = {"Access_Control_Request_Method": "POST"}
        preflight = await api.call("OPTIONS", "/api/auth/login", Origin=FOREIGN, **asked)
        assert preflight.status == 204
        assert preflight.headers["Access-Control-Allow-Origin"] == FOREIGN
        assert preflight.headers["Access-Control-Allow-Credentials"] == "true"
        assert "X-YMERA-CSRF" in preflight.headers["Access-Control-Allow-Headers"]
        refused = await api.call("GET", "/api/auth/me", Origin=FOREIGN)
        assert refused.headers["Access-Control-Allow-Origin"] == FOREIGN
        assert refused.status == 401

        for origin in ("https://evil.example", "null", FOREIGN + ".evil.example"):
            for method, more in (("OPTIONS", asked), ("GET", {})):
                answer = await api.call(method, "/api/setup", Origin=origin, **more)
                assert "Access-Control-Allow-Origin" not in answer.headers
                assert answer.headers["Vary"] == "Origin"

        await api.person("alice")
        body = {"email": "alice@example.org", "password": PASSWORD, "cookie": True}
        assert (await api.call("POST", "/api/auth/login", body, Origin=FOREIGN)).status == 200
        renewed = await api.call("POST", "/api/auth/refresh", {}, Origin=FOREIGN, **CSRF)
        assert renewed.status == 200


@pytest.mark.parametrize(
    ("trusted", "forwarded", "seen"),
    [
        ((), "203.0.113.7", "127.0.0.1"),
        (("127.0.0.1",), "203.0.113.7", "203.0.113.7"),
        (("127.0.0.1", "10.0.0.0/8"), "198.51.100.1, 203.0.113.7, 10.1.2.3", "203.0.113.7"),
        (("127.0.0.1", "10.0.0.0/8"), "10.1.2.3", "10.1.2.3"),
        (("127.0.0.1",), "", "127.0.0.1"),
        (("10.0.0.0/8",), "203.0.113.7", "127.0.0.1"),
        (("127.0.0.1", "10.0.0.0/8"), "203.0.113.7, ::ffff:10.1.2.3", "203.0.113.7"),
        (("127.0.0.1",), "nonsense", "nonsense"),
    ],
)
async def test_proxies_are_believed_only_where_trusted(
    node: NodeStarter, trusted: tuple[str, ...], forwarded: str, seen: str
) -> None:
    async with client(await node(trusted_proxies=tuple(map(network, trusted)))) as api:
        await api.person("alice")
        body = {"email": "alice@example.org", "password": PASSWORD}
        signed_in = await api.call("POST", "/api/auth/login", body, X_Forwarded_For=forwarded)
        token = signed_in.body["access_token"]
        (listed,) = (await api.call("GET", "/api/auth/sessions", token=token)).body["sessions"]
        assert listed["address"] == seen


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


async def test_no_secret_is_ever_logged(log: io.StringIO, any_api: Api) -> None:
    api = any_api
    owner = await api.person("owner", WorkspaceRole.OWNER)
    invite = await api.invite(owner)
    new = {"email": "new@example.org", "password": "a secret password", "name": "New"}
    made = (await api.call("POST", "/api/auth/register", new | {"invite": invite})).body
    renewed = (await api.refresh(made["refresh_token"])).body
    token = renewed["access_token"]
    program = (await api.call("POST", "/api/tokens", {"name": "script"}, token=token)).body["secret"]
    await api.me(program)
    async with api.running.client(token) as stock:
        last = await stock.do("session.refresh", refresh_token=renewed["refresh_token"])
        await stock.send("invitation.create", role="nonsense", password="wrong password")
    await api.login("new@example.org", "wrong password")
    await api.login("new@example.org", "a secret password", cookie=True)
    cookies = [morsel.value for morsel in api.session.cookie_jar]
    await api.call("POST", "/api/auth/refresh", {}, **CSRF)
    await api.call("GET", f"/api/auth/me?token={token}")
    await api.refresh(made["refresh_token"])
    await api.me(token + "x")

    text = log.getvalue()
    assert "refresh_token_reused" in text
    secrets = [invite, program, *cookies, "a secret password", "wrong password"]
    secrets += [each[name] for each in (made, renewed, last) for name in ("access_token", "refresh_token")]
    for secret in secrets:
        assert secret not in text
        assert secret[8:40] not in text
    lines = [json.loads(line) for line in text.splitlines()]
    assert all(line["correlation_id"] for line in lines if line["event"] == "request")


def plain(document: Any) -> Any:
    return orjson.loads(orjson.dumps(document))
