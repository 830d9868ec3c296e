"""Making an account and signing in: who gets in, that strangers learn nothing, and how often they may try."""

import asyncio
from typing import Any

import pytest

from protocol.errors import ErrorCode
from protocol.roles import WorkspaceRole
from server import passwords, throttle
from tests.api import PASSWORD, Answer, Api

NEWCOMER = {"email": "new@example.org", "password": "a long password", "name": "New"}


async def register(api: Api, **fields: Any) -> Answer:
    return await api.call("POST", "/api/auth/register", NEWCOMER | fields)


def said(answer: Answer) -> tuple[int, str, str]:
    error = answer.body["error"]
    return answer.status, error["code"], error["message"]


async def test_the_set_up_link_makes_the_owner_and_nobody_else_can(api: Api) -> None:
    assert (await api.call("GET", "/api/setup")).body == {"needs_setup": True, "workspace": "YMERA"}
    assert (await register(api)).code is ErrorCode.FORBIDDEN
    assert (await register(api, invite="yms_guessed")).code is ErrorCode.FORBIDDEN

    dead = await api.running.node.open_set_up()
    secret = await api.running.node.open_set_up()
    assert (await register(api, invite=dead)).code is ErrorCode.FORBIDDEN
    made = await register(api, invite=secret)
    assert made.status == 201
    assert (made.body["me"]["role"], made.body["me"]["email"]) == ("owner", "new@example.org")

    assert (await api.me(made.body["access_token"])).body["me"] == made.body["me"]
    assert (await api.call("GET", "/api/setup")).body["needs_setup"] is False
    assert (await register(api, invite=secret, email="second@example.org")).code is ErrorCode.FORBIDDEN
    assert await api.running.node.open_set_up() is None


async def test_an_invitation_lets_in_one_person(api: Api) -> None:
    owner = await api.person("owner", WorkspaceRole.OWNER)
    secret = await api.invite(owner, role=WorkspaceRole.ADMIN)
    answers = await asyncio.gather(*(register(api, invite=secret, email=f"n{n}@x.org") for n in range(3)))
    assert sorted(answer.status for answer in answers) == [201, 403, 403]
    (made,) = [answer.body for answer in answers if answer.status == 201]
    assert made["me"]["role"] == "admin"
    assert (await api.login(made["me"]["email"], NEWCOMER["password"])).status == 200


async def test_a_taken_address_is_told_to_invited_people_only(api: Api) -> None:
    owner = await api.person("owner", WorkspaceRole.OWNER)
    taken = "OWNER@example.org"
    assert said(await register(api, email=taken)) == said(await register(api))
    invented = {"invite": "ymi_invented"}
    assert said(await register(api, email=taken, **invented)) == said(await register(api, **invented))
    secret = await api.invite(owner)
    assert (await register(api, invite=secret, email=taken)).code is ErrorCode.CONFLICT
    assert (await register(api, invite=secret)).status == 201


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": "a@b.c" + "d" * 300}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "x" * 257}, "password"),
        ({"name": ""}, "name"),
        ({"name": 7}, "name"),
        ({"role": "owner"}, "role"),
    ],
)
async def test_what_does_not_fit_is_named(api: Api, fields: dict[str, Any], path: str) -> None:
    answer = await register(api, **fields)
    assert (answer.status, answer.code) == (400, ErrorCode.INVALID)
    assert answer.body["error"]["data"]["path"] == path


async def test_signing_in(any_api: Api) -> None:
    api = any_api
    member = await api.person("alice")
    answer = await api.login("Alice@Example.org")
    assert answer.status == 200
    assert answer.body["me"]["id"] == member.id
    assert answer.body["expires_in"] == 600
    assert answer.body["refresh_token"].startswith("ymr_")
    assert (await api.me(answer.body["access_token"])).status == 200


async def test_unicode_passwords_are_the_same_however_they_are_typed(api: Api) -> None:
    owner = await api.person("owner", WorkspaceRole.OWNER)
    composed, decomposed = "caf\u00e9 cr\u00e8me", "cafe\u0301 cre\u0300me"
    assert (await register(api, invite=await api.invite(owner), password=composed)).status == 201
    assert (await api.login("new@example.org", decomposed)).status == 200


async def test_failed_sign_ins_cost_and_say_the_same(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    await api.person("alice")
    removed = await api.person("removed")
    async with api.running.node.pool.acquire() as tx:
        await tx.execute("UPDATE members SET active = false WHERE id = $1", removed.id)
        await tx.execute(
            "INSERT INTO members (id, kind, name, role, email, created_at)"
            " VALUES (gen_random_uuid(), 'agent', 'robot', 'member', 'robot@example.org', now())"
        )
    checked: list[str] = []
    matches = passwords._matches

    def counted(stored: str, password: str) -> bool:
        checked.append(stored)
        return matches(stored, password)

    monkeypatch.setattr(passwords, "_matches", counted)
    wrong = said(await api.login("alice@example.org", "wrong"))
    assert wrong == (401, "unauthenticated", "The email address or the password is wrong.")
    for email in ("nobody@example.org", "removed@example.org", "robot@example.org"):
        checked.clear()
        assert said(await api.login(email)) == wrong
        (stored,) = checked
        assert stored.startswith("$argon2id$v=19$m=65536,t=2,p=1$")


async def test_the_hash_of_nobody_costs_what_a_new_one_does() -> None:
    hashing = passwords.Passwords()
    made = await hashing.hash("some password")
    assert made.split("$")[:4] == passwords._NOBODYS.split("$")[:4]
    assert await hashing.verify(made, "some password")
    assert not await hashing.verify(made, "another password")
    assert not await hashing.verify(None, "some password")
    hashing.close()


async def test_hashing_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    hashing = passwords.Passwords()
    monkeypatch.setattr(passwords, "MAX_WAITING", 2)
    attempts = [hashing.verify(None, "x") for _ in range(passwords.AT_ONCE + 4)]
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    refused = [each for each in outcomes if each is not False]
    assert [getattr(each, "code", None) for each in refused] == [ErrorCode.UNAVAILABLE] * len(refused)
    assert 0 < len(refused) <= 4
    monkeypatch.setattr(passwords, "WAIT_SECONDS", 0)
    outcomes = await asyncio.gather(
        *(hashing.verify(None, "x") for _ in range(passwords.AT_ONCE + 1)), return_exceptions=True
    )
    assert [getattr(each, "code", each) for each in outcomes].count(ErrorCode.UNAVAILABLE) == 1
    hashing.close()


async def test_an_account_can_be_tried_so_often(any_api: Api) -> None:
    api = any_api
    await api.person("alice")
    for _ in range(throttle.LOGIN_ACCOUNT.burst):
        assert (await api.login("alice@example.org", "wrong")).status == 401
    limited = await api.login("ALICE@example.org")
    assert (limited.status, limited.code) == (429, ErrorCode.RATE_LIMITED)
    assert 0 < limited.body["error"]["data"]["retry_after"] <= throttle.LOGIN_ACCOUNT.every
    assert int(limited.headers["Retry-After"]) == limited.body["error"]["data"]["retry_after"]
    await api.person("bob")
    assert (await api.login("bob@example.org")).status == 200


async def test_accounts_that_are_not_there_are_limited_alike(api: Api) -> None:
    outcomes = {}
    for email in ("alice@example.org", "nobody@example.org"):
        if email.startswith("alice"):
            await api.person("alice")
        answers = [await api.login(email, "wrong") for _ in range(throttle.LOGIN_ACCOUNT.burst + 1)]
        outcomes[email] = [answer.status for answer in answers]
    assert outcomes["alice@example.org"] == outcomes["nobody@example.org"]


async def test_an_address_can_try_so_often(any_api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "LOGIN_ADDRESS", throttle.Rate("login-address", 3, 60))
    monkeypatch.setattr(throttle, "REGISTER_ADDRESS", throttle.Rate("register-address", 3, 60))
    for n in range(3):
        assert (await any_api.login(f"nobody{n}@example.org")).status == 401
        assert (await register(any_api)).status == 403
    assert (await any_api.login("nobody@example.org")).code is ErrorCode.RATE_LIMITED
    assert (await register(any_api)).code is ErrorCode.RATE_LIMITED


async def test_signing_in_well_is_not_counted(any_api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "LOGIN_ACCOUNT", throttle.Rate("login-account", 2, 60))
    await any_api.person("alice")
    for _ in range(5):
        assert (await any_api.login("alice@example.org", PASSWORD)).status == 200


async def test_one_more_sign_in_than_there_may_be_ends_the_oldest(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.accounts.MAX_SESSIONS", 2)
    await api.person("alice")
    first, *others = [await api.signed_in("alice@example.org") for _ in range(3)]
    assert (await api.me(first["access_token"])).code is ErrorCode.UNAUTHENTICATED
    assert [(await api.me(other["access_token"])).status for other in others] == [200, 200]


async def test_changing_the_password_ends_the_other_sign_ins(api: Api) -> None:
    await api.person("alice")
    email = "alice@example.org"
    here = (await api.login(email, PASSWORD)).body
    elsewhere = (await api.login(email, PASSWORD)).body

    async def change(current: str, new: str) -> Answer:
        body = {"current": current, "new": new}
        return await api.call("POST", "/api/auth/password", body, token=here["access_token"])

    assert (await change("a wrong password", "another long one")).code is ErrorCode.FORBIDDEN
    assert (await change(PASSWORD, "short")).body["error"]["data"]["path"] == "new"
    assert (await api.me(elsewhere["access_token"])).status == 200

    assert (await change(PASSWORD, "another long one")).status == 204
    assert (await api.me(here["access_token"])).status == 200
    assert (await api.me(elsewhere["access_token"])).code is ErrorCode.UNAUTHENTICATED
    assert (await api.login(email, PASSWORD)).code is ErrorCode.UNAUTHENTICATED
    assert (await api.login(email, "another long one")).status == 200


async def test_guessing_the_current_password_is_throttled(api: Api) -> None:
    await api.person("alice")
    token = (await api.login("alice@example.org", PASSWORD)).body["access_token"]
    guess = {"current": "a wrong password", "new": "another long one"}
    codes = [
        (await api.call("POST", "/api/auth/password", guess, token=token)).code
        for _ in range(throttle.LOGIN_ACCOUNT.burst + 1)
    ]
    assert codes == [ErrorCode.FORBIDDEN] * throttle.LOGIN_ACCOUNT.burst + [ErrorCode.RATE_LIMITED]
