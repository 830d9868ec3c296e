"""Refresh tokens: each is good once, a lost answer is forgiven, a copy is noticed."""

import asyncio

import pytest

from protocol.errors import ErrorCode
from server import refresh, throttle
from server.refresh import RefreshTokens
from tests.api import Api


async def test_each_refresh_replaces_the_token(any_api: Api) -> None:
    api = any_api
    await api.person("alice")
    first = await api.signed_in("alice@example.org")
    second = (await api.refresh(first["refresh_token"])).body
    assert second["refresh_token"] != first["refresh_token"]
    assert second["me"] == first["me"]
    third = await api.refresh(second["refresh_token"])
    assert third.status == 200
    assert (await api.me(third.body["access_token"])).status == 200


async def test_a_lost_answer_may_be_asked_for_again(api: Api) -> None:
    await api.person("alice")
    first = await api.signed_in("alice@example.org")
    lost = (await api.refresh(first["refresh_token"])).body
    again = await api.refresh(first["refresh_token"])
    assert again.status == 200
    assert again.body["refresh_token"] == lost["refresh_token"]
    assert (await api.me(again.body["access_token"])).status == 200
    assert (await api.refresh(again.body["refresh_token"])).status == 200


async def test_the_old_token_is_dead_once_the_new_access_token_was_used(api: Api) -> None:
    await api.person("alice")
    first = await api.signed_in("alice@example.org")
    second = (await api.refresh(first["refresh_token"])).body
    assert (await api.me(first["access_token"])).status == 200
    assert (await api.refresh(first["refresh_token"])).status == 200
    assert (await api.me(second["access_token"])).status == 200
    assert (await api.refresh(first["refresh_token"])).code is ErrorCode.UNAUTHENTICATED
    await ended(api, second)


async def test_the_retry_is_forgiven_for_a_moment_only(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    await api.person("alice")
    first = await api.signed_in("alice@example.org")
    second = (await api.refresh(first["refresh_token"])).body
    monkeypatch.setattr(refresh, "RETRY", -refresh.RETRY)
    assert (await api.refresh(first["refresh_token"])).code is ErrorCode.UNAUTHENTICATED
    await ended(api, second)


async def test_an_older_token_ends_the_sign_in_and_its_connections(api: Api) -> None:
    await api.person("alice")
    other = await api.signed_in("alice@example.org")
    first = await api.signed_in("alice@example.org")
    second = (await api.refresh(first["refresh_token"])).body
    third = (await api.refresh(second["refresh_token"])).body
    async with api.running.client(third["access_token"]) as stock:
        assert (await api.refresh(first["refresh_token"])).code is ErrorCode.UNAUTHENTICATED
        closing = await stock.wait_for("closing")
    assert closing == {"reason": "revoked", "reconnect": False}
    await ended(api, third)
    assert (await api.me(other["access_token"])).status == 200


async def test_of_several_at_once_all_get_the_same(api: Api) -> None:
    await api.person("alice")
    first = await api.signed_in("alice@example.org")
    answers = await asyncio.gather(*(api.refresh(first["refresh_token"]) for _ in range(5)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body["refresh_token"] for answer in answers}) == 1


async def test_what_is_no_token_is_refused_and_ends_nothing(api: Api) -> None:
    await api.person("alice")
    signed_in = await api.signed_in("alice@example.org")
    good = signed_in["refresh_token"]
    body = good.removeprefix("ymr_")
    tampered = [good[:-1] + ("A" if good[-1] != "A" else "B"), f"ymr_{body[::-1]}", good + "=", good[:-4]]
    for wrong in (*tampered, "ymr_", "nonsense", signed_in["access_token"], "ymr_" + "é" * 86):
        answer = await api.refresh(wrong)
        assert (answer.status, answer.code) == (401, ErrorCode.UNAUTHENTICATED)
    assert (await api.refresh("")).code is ErrorCode.INVALID
    elsewhere = RefreshTokens(b"k" * 32).first(signed_in["me"]["id"])
    assert (await api.refresh(elsewhere)).code is ErrorCode.UNAUTHENTICATED
    assert (await api.refresh(good)).status == 200


async def test_who_was_not_back_for_long_signs_in_again(api: Api) -> None:
    await api.person("alice")
    signed_in = await api.signed_in("alice@example.org")
    async with api.running.node.pool.acquire() as tx:
        await tx.execute("UPDATE sessions SET expires_at = now()")
    await ended(api, signed_in)


async def test_logging_out_ends_the_sign_in(api: Api) -> None:
    await api.person("alice")
    signed_in = await api.signed_in("alice@example.org")
    for token in (signed_in["refresh_token"], signed_in["refresh_token"], "nonsense"):
        answer = await api.call("POST", "/api/auth/logout", {"refresh_token": token})
        assert (answer.status, answer.body) == (204, None)
    await ended(api, signed_in)


async def test_refreshing_is_limited(any_api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    api = any_api
    monkeypatch.setattr(throttle, "REFRESH_SESSION", throttle.Rate("refresh-session", 2, 60))
    monkeypatch.setattr(throttle, "REFRESH_ADDRESS", throttle.Rate("refresh-address", 4, 60))
    await api.person("alice")
    token = (await api.signed_in("alice@example.org"))["refresh_token"]
    for _ in range(2):
        token = (await api.refresh(token)).body["refresh_token"]
    assert (await api.refresh(token)).code is ErrorCode.RATE_LIMITED
    assert (await api.refresh("ymr_nonsense")).code is ErrorCode.UNAUTHENTICATED
    assert (await api.refresh("ymr_nonsense")).code is ErrorCode.RATE_LIMITED


async def test_a_connection_renews_itself(api: Api) -> None:
    await api.person("alice")
    first = await api.signed_in("alice@example.org")
    async with api.running.client(first["access_token"]) as stock:
        renewed = await stock.do("session.refresh", refresh_token=first["refresh_token"])
        assert renewed["me"] == first["me"]
        by_rest = (await api.refresh(renewed["refresh_token"])).body
        same = await stock.do("session.refresh", access_token=by_rest["access_token"])
        assert same["refresh_token"] is None
        assert 0 < same["expires_in"] <= 600
        await api.person("bob")
        of_bob = await api.signed_in("bob@example.org")
        for wrong in (
            {"access_token": of_bob["access_token"]},
            {"refresh_token": of_bob["refresh_token"]},
            {"access_token": "nonsense"},
        ):
            refusal = await stock.send("session.refresh", **wrong)
            assert refusal["error"]["code"] == "unauthenticated"
        assert (await stock.do("workspace.get"))["me"]["id"] == first["me"]["id"]


async def ended(api: Api, credentials: dict[str, str]) -> None:
    assert (await api.me(credentials["access_token"])).code is ErrorCode.UNAUTHENTICATED
    assert (await api.refresh(credentials["refresh_token"])).code is ErrorCode.UNAUTHENTICATED
