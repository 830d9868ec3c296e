"""Tokens that are presented: forged, expired and revoked ones are refused, by REST and Socket.IO alike."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
import socketio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from persistence import workspace
from protocol.errors import ErrorCode
from protocol.registry import Scope
from protocol.roles import WorkspaceRole
from server.keys import Keyring
from server.settings import secret_key
from tests.api import Answer, Api
from tests.nodes import PATIENCE

Forge = Callable[[str], str]


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def claims(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


def resigned(token: str, **header: str) -> str:
    key = Ed25519PrivateKey.generate()
    return jwt.encode(claims(token), key, "EdDSA", jwt.get_unverified_header(token) | header)


def unsigned(token: str) -> str:
    header = {"alg": "none", "typ": "JWT", "kid": jwt.get_unverified_header(token)["kid"]}
    return f"{part(header)}.{token.split('.')[1]}."


def tampered(token: str) -> str:
    header, _, signature = token.split(".")
    return f"{header}.{part(claims(token) | {'sub': '0198c2d4-7a10-7c3e-9b1f-2f6f0c9a4e11'})}.{signature}"


FORGERIES: dict[str, Forge] = {
    "alg none": unsigned,
    "alg none, signature kept": lambda token: unsigned(token) + token.rsplit(".", 1)[1],
    "other claims": tampered,
    "another key": resigned,
    "unknown kid": lambda token: resigned(token, kid="unknown"),
    "no signature": lambda token: token.rsplit(".", 1)[0] + ".",
    "cut off": lambda token: token[:-10],
    "no kid": lambda token: jwt.encode(claims(token), Ed25519PrivateKey.generate(), "EdDSA"),
    "not ASCII": lambda token: f"{token}é",
    "too long": lambda token: token + "A" * 5_000,
    "nothing like a token": lambda _: "nonsense",
    "an invented program's token": lambda _: "ymt_" + "A" * 43,
}


async def connecting(api: Api, token: str) -> dict[str, Any]:
    """The error body with which a connection is refused."""
    stock = socketio.AsyncClient(reconnection=False)
    refusal: list[dict[str, Any]] = []
    stock.on("connect_error", refusal.append)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await stock.connect(
            api.running.url,
            auth={"token": token, "protocol": 1},
            transports=["websocket"],
            wait_timeout=PATIENCE,
        )
    await stock.shutdown()
    data: dict[str, Any] = refusal[0].get("data", refusal[0])
    return data


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES.keys())
async def test_forged_tokens_are_refused(api: Api, forge: Forge) -> None:
    await api.person("alice")
    good = (await api.signed_in("alice@example.org"))["access_token"]
    forged = forge(good)
    answer = await api.me(forged)
    assert (answer.status, answer.code) == (401, ErrorCode.UNAUTHENTICATED)
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert (await connecting(api, forged))["code"] == "unauthenticated"
    assert (await api.me(good)).status == 200


async def test_the_public_key_is_no_shared_secret(api: Api) -> None:
    await api.person("alice")
    good = (await api.signed_in("alice@example.org"))["access_token"]
    (published,) = (await api.call("GET", "/.well-known/jwks.json")).body["keys"]
    public = base64.urlsafe_b64decode(published["x"] + "=")
    header = part({"alg": "HS256", "typ": "JWT", "kid": published["kid"]})
    body = f"{header}.{good.split('.')[1]}"
    for key in (public, published["x"].encode()):
        code = base64.urlsafe_b64encode(hmac.digest(key, body.encode(), "sha256")).decode().rstrip("=")
        assert (await api.me(f"{body}.{code}")).code is ErrorCode.UNAUTHENTICATED


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi", "bearer"])
async def test_a_route_says_what_it_takes(api: Api, header: str) -> None:
    answer = await api.call("GET", "/api/auth/me", Authorization=header)
    assert answer.code is ErrorCode.UNAUTHENTICATED
    assert "Authorization: Bearer" in answer.body["error"]["message"]


@pytest.mark.parametrize(
    "changed", [{"iss": "urn:uuid:other"}, {"aud": "other"}, {"sid": None}, {"exp": None}]
)
async def test_tokens_of_our_key_for_something_else_are_refused(api: Api, changed: dict[str, Any]) -> None:
    await api.person("alice")
    good = (await api.signed_in("alice@example.org"))["access_token"]
    wanted = {name: value for name, value in (claims(good) | changed).items() if value is not None}
    assert (await api.me(await signed(api, claims(good)))).status == 200
    assert (await api.me(await signed(api, wanted))).code is ErrorCode.UNAUTHENTICATED


async def test_an_expired_access_token_asks_to_be_refreshed(api: Api) -> None:
    await api.person("alice")
    signed_in = await api.signed_in("alice@example.org")
    expired = await signed(api, claims(signed_in["access_token"]) | {"exp": int(time.time()) - 60})
    answer = await api.me(expired)
    assert (answer.status, answer.code) == (401, ErrorCode.TOKEN_EXPIRED)
    assert answer.body["error"]["retryable"]
    assert (await connecting(api, expired))["code"] == "token_expired"
    assert (await api.refresh(signed_in["refresh_token"])).status == 200


async def test_ones_sign_ins_are_listed_and_can_be_ended(api: Api) -> None:
    await api.person("alice")
    here, there = [await api.signed_in("alice@example.org") for _ in range(2)]
    listed = (await api.call("GET", "/api/auth/sessions", token=here["access_token"])).body["sessions"]
    assert {each["current"] for each in listed} == {True, False}
    assert all(each["address"] == "127.0.0.1" and "aiohttp" in each["user_agent"] for each in listed)
    (other,) = [each for each in listed if not each["current"]]
    async with api.running.client(there["access_token"]) as stock:
        ended = await end(api, f"/api/auth/sessions/{other['id']}", here)
        assert (ended.status, ended.body) == (204, None)
        assert await stock.wait_for("closing") == {"reason": "revoked", "reconnect": False}
    assert (await api.me(there["access_token"])).code is ErrorCode.UNAUTHENTICATED
    assert (await api.refresh(there["refresh_token"])).code is ErrorCode.UNAUTHENTICATED
    assert (await end(api, f"/api/auth/sessions/{other['id']}", here)).code is ErrorCode.NOT_FOUND
    assert (await api.me(here["access_token"])).status == 200


async def test_nobody_ends_what_is_another_members(api: Api) -> None:
    await api.person("alice")
    await api.person("bob")
    alice, bob = [await api.signed_in(f"{name}@example.org") for name in ("alice", "bob")]
    made = await make_token(api, alice, name="mine")
    for path in (f"/api/auth/sessions/{session_of(alice)}", f"/api/tokens/{made['token']['id']}"):
        assert (await end(api, path, bob)).code is ErrorCode.NOT_FOUND
    assert (await api.call("GET", "/api/tokens", token=bob["access_token"])).body == {"tokens": []}
    assert (await api.me(made["secret"])).status == 200


@pytest.mark.parametrize("path", ["/api/auth/sessions/", "/api/tokens/"])
async def test_an_id_that_is_none_is_invalid(api: Api, path: str) -> None:
    await api.person("alice")
    alice = await api.signed_in("alice@example.org")
    answer = await end(api, f"{path}7", alice)
    assert (answer.code, answer.body["error"]["data"]) == (ErrorCode.INVALID, {"path": "id"})


async def test_programs_tokens(api: Api) -> None:
    await api.person("alice")
    alice = await api.signed_in("alice@example.org")
    made = await make_token(api, alice, name="script", scope="read", expires_in_days=1)
    assert made["secret"].startswith(made["token"]["hint"])
    assert len(made["secret"]) - len(made["token"]["hint"]) > 32
    (listed,) = (await api.call("GET", "/api/tokens", token=alice["access_token"])).body["tokens"]
    assert listed == made["token"]
    assert listed["last_used_at"] is None

    assert (await api.me(made["secret"])).body["me"]["name"] == "alice"
    (used,) = (await api.call("GET", "/api/tokens", token=alice["access_token"])).body["tokens"]
    assert used["last_used_at"] is not None

    async with api.running.client(made["secret"]) as stock:
        refusal = await stock.send("project.create", name="Apollo")
        assert refusal["error"]["code"] == "forbidden"
        assert (await stock.do("workspace.get"))["me"]["name"] == "alice"
        ended = await end(api, f"/api/tokens/{made['token']['id']}", alice)
        assert ended.status == 204
        assert await stock.wait_for("closing") == {"reason": "revoked", "reconnect": False}
    assert (await api.me(made["secret"])).code is ErrorCode.UNAUTHENTICATED
    assert (await connecting(api, made["secret"]))["code"] == "unauthenticated"
    assert (await api.call("GET", "/api/tokens", token=alice["access_token"])).body == {"tokens": []}


async def test_an_expired_program_token_is_refused(api: Api) -> None:
    _, secret = await api.running.admit("alice", scope=Scope.WRITE)
    async with api.running.node.pool.acquire() as tx:
        await tx.execute("UPDATE tokens SET expires_at = now()")
    answer = await api.me(secret)
    assert answer.code is ErrorCode.UNAUTHENTICATED
    assert "has expired" in answer.body["error"]["message"]


async def test_programs_cannot_make_or_end_credentials(api: Api) -> None:
    _, secret = await api.running.admit("alice", WorkspaceRole.OWNER)
    for method, path, body in (
        ("GET", "/api/auth/sessions", None),
        ("GET", "/api/tokens", None),
        ("POST", "/api/tokens", {"name": "another"}),
        ("DELETE", "/api/tokens/0198c2d4-7a10-7c3e-9b1f-2f6f0c9a4e11", None),
    ):
        answer = await api.call(method, path, body, token=secret)
        assert (answer.status, answer.code) == (403, ErrorCode.FORBIDDEN)


async def test_a_member_has_so_many_tokens(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.rest.MAX_TOKENS", 1)
    await api.person("alice")
    alice = await api.signed_in("alice@example.org")
    await make_token(api, alice, name="one")
    refused = await api.call("POST", "/api/tokens", {"name": "two"}, token=alice["access_token"])
    assert refused.code is ErrorCode.LIMIT_EXCEEDED


@pytest.mark.parametrize(
    "body",
    [{}, {"name": "x", "scope": "root"}, {"name": "x", "expires_in_days": 0}, {"name": "x", "id": "1"}],
)
async def test_a_token_that_does_not_fit_is_not_made(api: Api, body: dict[str, Any]) -> None:
    await api.person("alice")
    alice = await api.signed_in("alice@example.org")
    answer = await api.call("POST", "/api/tokens", body, token=alice["access_token"])
    assert answer.code is ErrorCode.INVALID


async def test_who_is_removed_is_out_at_once(api: Api) -> None:
    await api.person("owner", WorkspaceRole.OWNER)
    member = await api.person("alice")
    alice, owner = [await api.signed_in(f"{name}@example.org") for name in ("alice", "owner")]
    made = await make_token(api, alice, name="script")
    async with (
        api.running.client(owner["access_token"]) as admin,
        api.running.client(alice["access_token"]) as person,
        api.running.client(made["secret"]) as program,
    ):
        await admin.do("member.remove", member_id=member.id)
        for stock in (person, program):
            assert await stock.wait_for("closing") == {"reason": "revoked", "reconnect": False}
    for token in (alice["access_token"], made["secret"]):
        assert (await api.me(token)).code is ErrorCode.UNAUTHENTICATED
    assert (await api.refresh(alice["refresh_token"])).code is ErrorCode.UNAUTHENTICATED
    assert (await api.login("alice@example.org")).code is ErrorCode.UNAUTHENTICATED


async def test_last_use_is_noted_at_most_once_a_minute(api: Api) -> None:
    await api.person("alice")
    alice = await api.signed_in("alice@example.org")
    pool = api.running.node.pool
    for ago, noted in ((timedelta(seconds=5), False), (timedelta(minutes=2), True)):
        async with pool.acquire() as tx:
            before = await tx.fetchval(
                "UPDATE sessions SET last_used_at = now() - $1::interval RETURNING last_used_at", ago
            )
        assert (await api.me(alice["access_token"])).status == 200
        after = await pool.fetchval("SELECT last_used_at FROM sessions")
        assert (after > before) is noted


async def signed(api: Api, wanted: dict[str, Any]) -> str:
    """A token with these claims, signed with the node's own key."""
    node = api.running.node
    workspace_id = (await workspace.current(node.pool)).id
    signer = await Keyring(node.pool, secret_key(node.settings), workspace_id, 600)._current_signer()
    return jwt.encode(wanted, signer.private_key, "EdDSA", {"kid": signer.kid})


def session_of(credentials: dict[str, str]) -> str:
    session_id: str = claims(credentials["access_token"])["sid"]
    return session_id


async def make_token(api: Api, credentials: dict[str, str], **wanted: Any) -> Any:
    answer = await api.call("POST", "/api/tokens", wanted, token=credentials["access_token"])
    assert answer.status == 201, answer
    return answer.body


async def end(api: Api, path: str, credentials: dict[str, str]) -> Answer:
    return await api.call("DELETE", path, token=credentials["access_token"])
