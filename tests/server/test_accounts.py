"""`ymera account`: the way in for who sits at the machine."""

import asyncio
import io
import os

import pytest

from server import cli
from tests.api import Api, client
from tests.nodes import NodeStarter

PASSWORD = "from the machine"


@pytest.fixture(autouse=True)
def environ(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("YMERA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("YMERA_DATABASE_URL", dsn)


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A password on standard input."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n" * 9))
    return monkeypatch


async def run(*arguments: str) -> int:
    return await asyncio.to_thread(cli.main, ["account", *arguments])


async def signs_in(node: NodeStarter, email: str, password: str = PASSWORD) -> str | None:
    """As what an account is let in."""
    async with client(await node()) as api:
        answer = await api.login(email, password)
        return answer.body["me"]["role"] if answer.status == 200 else None


async def test_the_first_account_is_the_owners(
    node: NodeStarter, typed: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run("create", "ada@example.org") == 0
    assert await run("create", "bob@example.org", "--name", "Bob") == 0
    assert await run("create", "eve@example.org", "--role", "guest") == 0
    assert capsys.readouterr().out.splitlines() == [
        "ada <ada@example.org> can sign in, as owner",
        "Bob <bob@example.org> can sign in, as member",
        "eve <eve@example.org> can sign in, as guest",
    ]
    assert await signs_in(node, "ada@example.org") == "owner"
    assert await signs_in(node, "bob@example.org") == "member"


async def test_a_set_up_link_dies_when_there_is_an_account(api: Api, typed: pytest.MonkeyPatch) -> None:
    secret = await api.running.node.open_set_up()
    assert await run("create", "ada@example.org") == 0
    body = {"email": "eve@example.org", "password": PASSWORD, "name": "Eve", "invite": secret}
    assert (await api.call("POST", "/api/auth/register", body)).status == 403


async def test_another_password_ends_the_sign_ins(
    api: Api, typed: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await api.person("ada")
    signed_in = await api.signed_in("ada@example.org")
    async with api.running.client(signed_in["access_token"]) as stock:
        assert await run("password", "ADA@example.org") == 0
        assert await stock.wait_for("closing") == {"reason": "revoked", "reconnect": False}
    assert "sign-ins ended: 1" in capsys.readouterr().out
    assert (await api.me(signed_in["access_token"])).status == 401
    assert (await api.login("ada@example.org")).status == 401
    assert (await api.login("ada@example.org", PASSWORD)).status == 200


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("create", "nobody"), "email"),
        (("create", "ada@example.org", "--name", " "), "name"),
        (("password", "eve@example.org"), "There is no account with the address eve@example.org."),
    ],
)
async def test_what_is_wrong_is_said(
    arguments: tuple[str, ...],
    problem: str,
    typed: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert await run(*arguments) == 1
    printed = capsys.readouterr()
    assert problem in printed.err
    assert printed.out == ""


async def test_a_password_that_is_too_short_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("short"))
    assert await run("create", "ada@example.org") == 1
    printed = capsys.readouterr().err
    assert "password" in printed
    assert "short" not in printed.replace("shorter", "")


async def test_an_address_is_taken_once(
    typed: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run("create", "ada@example.org") == 0
    assert await run("create", "Ada@Example.org") == 1
    assert "already an account" in capsys.readouterr().err


@pytest.mark.parametrize(("again", "status"), [(PASSWORD, 0), ("something else", 1)])
async def test_at_a_terminal_it_is_typed_twice_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], again: str, status: int
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    given = iter([PASSWORD, again])
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("getpass.getpass", lambda _: next(given))
    assert await run("create", "ada@example.org") == status
    assert PASSWORD not in "".join(capsys.readouterr())
