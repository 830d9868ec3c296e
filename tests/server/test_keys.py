"""Signing keys: nodes share them, they change by and by, and what was signed before stays good."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime

import jwt
import pytest

from persistence.database import Pool, connect_pool
from persistence.ids import new_id
from protocol.errors import ApiError, ErrorCode
from server import keys
from server.keys import Keyring, derive

SECRET = b"s" * 32
ROTATION = b"r" * 32


@pytest.fixture
async def pool(dsn: str) -> AsyncIterator[Pool]:
    made = await connect_pool(dsn, size=5)
    yield made
    await made.close()


@pytest.fixture
def keyring(pool: Pool) -> Callable[..., Keyring]:
    """Makes the keyring of one more node; of another `secret`, if that is given."""
    workspace_id = new_id()
    return lambda secret=SECRET: Keyring(pool, secret, workspace_id, 600)


def kid(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


async def issue(node: Keyring) -> str:
    return await node.issue(new_id(), new_id(), ROTATION)


async def test_nodes_that_start_together_make_one_key(keyring: Callable[..., Keyring], pool: Pool) -> None:
    nodes = [keyring() for _ in range(4)]
    tokens = await asyncio.gather(*(issue(node) for node in nodes for _ in range(2)))
    assert len({kid(token) for token in tokens}) == 1
    for node in nodes:
        for token in tokens:
            assert (await node.verify(token)).rotation == ROTATION
    assert await pool.fetchval("SELECT count(*) FROM signing_keys") == 1


async def test_a_token_says_whose_it_is(keyring: Callable[..., Keyring]) -> None:
    member_id, session_id = new_id(), new_id()
    claims = await keyring().verify(await keyring().issue(member_id, session_id, ROTATION))
    assert (claims.member_id, claims.session_id) == (member_id, session_id)
    assert isinstance(claims.expires_at, int)


async def test_a_retired_key_verifies_and_a_new_one_signs(
    keyring: Callable[..., Keyring], pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "RELOAD_SECONDS", 0)
    one, other = keyring(), keyring()
    before = await issue(one)
    await other.verify(before)
    await pool.execute("UPDATE signing_keys SET retires_at = now()")
    after = await issue(keyring())
    assert kid(after) != kid(before)
    for node in (one, other, keyring()):
        await node.verify(before)
        await node.verify(after)
    published = await keyring().jwks()
    assert [key["kid"] for key in published["keys"]] == [kid(after), kid(before)]
    assert {key["alg"] for key in published["keys"]} == {"EdDSA"}
    assert not any("d" in key for key in published["keys"])


async def test_a_node_that_runs_on_changes_its_key_too(keyring: Callable[..., Keyring], pool: Pool) -> None:
    node = keyring()
    before = await issue(node)
    await pool.execute("UPDATE signing_keys SET retires_at = now()")
    assert node._signer is not None
    node._signer = replace(node._signer, retires_at=datetime.now(UTC))
    assert kid(await issue(node)) != kid(before)


async def test_an_expired_key_verifies_no_longer_and_is_forgotten(
    keyring: Callable[..., Keyring], pool: Pool
) -> None:
    node = keyring()
    before = await issue(node)
    await pool.execute("UPDATE signing_keys SET retires_at = now(), expires_at = now()")
    fresh = keyring()
    after = await issue(fresh)
    with pytest.raises(ApiError) as refusal:
        await fresh.verify(before)
    assert refusal.value.code is ErrorCode.UNAUTHENTICATED
    assert [row["kid"] for row in await pool.fetch("SELECT kid FROM signing_keys")] == [kid(after)]


async def test_private_keys_are_sealed(keyring: Callable[..., Keyring], pool: Pool) -> None:
    node = keyring()
    await issue(node)
    assert node._signer is not None
    raw = node._signer.private_key.private_bytes_raw()
    assert raw not in await pool.fetchval("SELECT sealed_private_key FROM signing_keys")


async def test_a_node_with_another_secret_cannot_use_the_key_but_verifies(
    keyring: Callable[..., Keyring],
) -> None:
    ours = await issue(keyring())
    theirs = keyring(b"t" * 32)
    assert kid(await issue(theirs)) != kid(ours)
    await theirs.verify(ours)


async def test_unknown_keys_do_not_make_it_read_all_the_time(
    keyring: Callable[..., Keyring], monkeypatch: pytest.MonkeyPatch
) -> None:
    node, elsewhere = keyring(), keyring()
    token = await issue(elsewhere)
    loads = 0
    load = node._load

    async def counted() -> None:
        nonlocal loads
        loads += 1
        await load()

    monkeypatch.setattr(node, "_load", counted)
    monkeypatch.setattr(keys, "RELOAD_SECONDS", 3_600)
    forged = jwt.encode({}, "x" * 32, "HS256", {"kid": "unknown"})
    for _ in range(3):
        with pytest.raises(ApiError):
            await node.verify(forged)
    assert loads == 1
    await node.verify(token)


async def test_tokens_of_another_workspace_are_refused(pool: Pool) -> None:
    token = await issue(Keyring(pool, SECRET, new_id(), 600))
    with pytest.raises(ApiError) as refusal:
        await Keyring(pool, SECRET, new_id(), 600).verify(token)
    assert refusal.value.code is ErrorCode.UNAUTHENTICATED


def test_keys_of_different_purposes_differ() -> None:
    assert derive(SECRET, b"one") != derive(SECRET, b"two")
    assert derive(SECRET, b"one") == derive(SECRET, b"one")
    assert len(derive(SECRET, b"one")) == 32
