"""Signing in with email and password, and staying signed in while tokens run out."""

import asyncio
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.nodes import PATIENCE, RunningNode
from tests.sdk.conftest import PASSWORD
from tests.sdk.network import Network, reaches
from ymera_client import (
    Client,
    Internal,
    NotFound,
    Phase,
    ProjectCreate,
    ProjectGet,
    RateLimited,
    TaskCreate,
    TaskList,
    Unauthenticated,
    Unavailable,
    link,
)
from ymera_client.generated import Refresh
from ymera_client.rest import Rest
from ymera_client.session import InBand, PasswordSession, ProgramToken

pytestmark = pytest.mark.usefixtures("short_waits")


class Renewals:
    """How often sessions were renewed, by what way."""

    def __init__(self) -> None:
        self.ways: list[str] = []
        self.happened = asyncio.Event()

    async def reach(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while len(self.ways) < count:
                self.happened.clear()
                await self.happened.wait()


@pytest.fixture
async def renewals(monkeypatch: pytest.MonkeyPatch) -> Renewals:
    """Counts all renewals from here on."""
    counted = Renewals()
    real = PasswordSession._renewed

    async def renewed(self: PasswordSession, rest: Rest, in_band: InBand | None) -> str:
        first = self._access is None
        token = await real(self, rest, in_band)
        if not first:
            counted.ways.append("by REST" if in_band is None else "in band")
            counted.happened.set()
        return token

    monkeypatch.setattr(PasswordSession, "_renewed", renewed)
    return counted


@pytest.fixture
async def rest(server: RunningNode) -> AsyncIterator[Rest]:
    async with aiohttp.ClientSession() as http:
        yield Rest(server.url, http)


async def sign_ins(server: RunningNode) -> int:
    """How many there are that have not ended."""
    statement = "SELECT count(*) FROM sessions WHERE revoked_at IS NULL"
    count: int = await server.node.pool.fetchval(statement)
    return count


def expire(server: RunningNode, seconds_ago: float) -> None:
    """Let the access tokens of all connections have run out."""
    for connection in server.node.hub.all():
        connection.expires_at = time.time() - seconds_ago


async def test_a_client_signs_in_with_a_password_and_out_at_the_end(server: RunningNode, owner: str) -> None:
    before = await sign_ins(server)
    async with Client(server.url, email=owner, password=PASSWORD) as client:
        assert client.me.name == "Olga"
        assert await sign_ins(server) == before + 1
    assert await sign_ins(server) == before


async def test_a_wrong_password_is_refused_and_not_tried_again(server: RunningNode, owner: str) -> None:
    client = Client(server.url, email=owner, password="guessed it")
    with pytest.raises(Unauthenticated, match="wrong"):
        await client.connect()
    assert client.status.phase is Phase.SIGNED_OUT


async def test_an_expired_token_is_renewed_in_band_once_for_all_who_need_it(
    server: RunningNode, owner: str, renewals: Renewals
) -> None:
    async with Client(server.url, email=owner, password=PASSWORD) as client:
        project = await client.call(ProjectCreate(name="Apollo"))
        connections = server.node.hub.all()
        expire(server, 1)
        names = ["a", "b", "c"]
        await asyncio.gather(
            *(client.call(ProjectGet(project_id=project.id)) for _ in range(5)),
            *(client.call(TaskCreate(project_id=project.id, title=name)) for name in names),
        )
        assert renewals.ways == ["in band"]
        assert [task.title async for task in client.page(TaskList(project_id=project.id))] == names
        assert server.node.hub.all() == connections


async def test_rooms_opened_when_the_token_has_run_out(
    server: RunningNode, owner: str, renewals: Renewals
) -> None:
    async with Client(server.url, email=owner, password=PASSWORD) as client:
        project = await client.call(ProjectCreate(name="Apollo"))
        expire(server, 1)
        async with client.room(project.id) as room:
            assert room.state["projects"]
        assert renewals.ways == ["in band"]


async def test_a_token_is_renewed_before_it_runs_out(
    server: RunningNode, owner: str, renewals: Renewals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "RENEW_AT", 0.0003)
    async with Client(server.url, email=owner, password=PASSWORD) as client:
        connections = server.node.hub.all()
        await renewals.reach(2)
        assert set(renewals.ways) == {"in band"}
        assert server.node.hub.all() == connections
        assert (await client.call(ProjectCreate(name="Apollo"))).name == "Apollo"


async def test_a_renewal_that_fails_for_a_moment_is_tried_again(
    server: RunningNode, owner: str, renewals: Renewals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "RENEW_AT", 0.0003)
    real, failures = PasswordSession._refreshed, [Unavailable("soon"), RateLimited("later")]

    async def refreshed(self: PasswordSession, refresh: str, rest: Rest, in_band: InBand | None) -> str:
        if failures:
            raise failures.pop()
        return await real(self, refresh, rest, in_band)

    monkeypatch.setattr(PasswordSession, "_refreshed", refreshed)
    async with Client(server.url, email=owner, password=PASSWORD):
        connections = server.node.hub.all()
        await renewals.reach(1)
        assert server.node.hub.all() == connections


async def test_a_changed_password_signs_the_client_out(
    server: RunningNode, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Client(server.url, email=owner, password=PASSWORD) as client:
        await reaches(client, Phase.LIVE)
        async with server.node.pool.acquire() as tx:
            await tx.execute("UPDATE sessions SET revoked_at = now()")
            await tx.execute("UPDATE members SET password_hash = NULL")
        expire(server, 1)
        with pytest.raises(Unauthenticated, match="wrong"):
            await client.call(ProjectCreate(name="Apollo"))
        assert client.status.phase is Phase.SIGNED_OUT


async def test_a_client_that_slept_too_long_comes_back_by_itself(
    server: RunningNode, owner: str, renewals: Renewals
) -> None:
    async with Client(server.url, email=owner, password=PASSWORD) as client:
        await reaches(client, Phase.LIVE)
        offline = asyncio.ensure_future(reaches(client, Phase.OFFLINE))
        expire(server, 3600)
        await offline
        await reaches(client, Phase.LIVE)
        assert renewals.ways == ["by REST"]


async def test_a_sign_in_that_ended_is_made_anew(server: RunningNode, owner: str, network: Network) -> None:
    async with Client(network.url, email=owner, password=PASSWORD) as client:
        await reaches(client, Phase.LIVE)
        network.block()
        await reaches(client, Phase.OFFLINE)
        await server.node.pool.execute("UPDATE sessions SET revoked_at = now()")
        network.unblock()
        await reaches(client, Phase.LIVE)
        assert await sign_ins(server) == 1


async def test_a_token_that_nobody_can_renew_signs_the_client_out(server: RunningNode, ada: str) -> None:
    async with Client(server.url, token=ada) as client:
        expire(server, 1)
        with pytest.raises(Unauthenticated, match="has run out or was revoked"):
            await client.call(ProjectCreate(name="Apollo"))
        assert client.status.phase is Phase.SIGNED_OUT


async def test_renewing_is_made_once_however_many_ask(server: RunningNode, owner: str, rest: Rest) -> None:
    session = PasswordSession(owner, PASSWORD)
    stale = await session.token(rest)
    assert await session.token(rest) == stale
    fresh = await asyncio.gather(*(session.renew(stale, rest) for _ in range(10)))
    assert len(set(fresh)) == 1
    assert fresh[0] != stale
    assert session.seconds_left > 500
    await session.end(rest)


async def test_a_refresh_token_that_is_refused_leads_to_a_new_sign_in(
    server: RunningNode, owner: str, rest: Rest
) -> None:
    session = PasswordSession(owner, PASSWORD)
    stale = await session.token(rest)
    session._refresh = "ymr_forged"
    in_band: list[str | None] = []

    async def send(command: object) -> None:
        in_band.append(getattr(command, "access_token", None))
        if in_band[-1] is None:
            raise Unauthenticated("no such refresh token")

    fresh = await session.renew(stale, rest, send)
    assert in_band == [None, fresh]
    await session.end(rest)
    await session.end(rest)


async def test_secrets_do_not_show(server: RunningNode) -> None:
    assert "ymt_secret" not in repr(ProgramToken("ymt_secret"))
    assert PASSWORD not in repr(PasswordSession("a@b.c", PASSWORD))


async def test_an_answer_that_makes_no_sense_is_reported() -> None:
    async def answer(request: web.Request) -> web.Response:
        kinds = {
            "/html": web.Response(text="<html>", status=404),
            "/proxy": web.Response(text="bad gateway", status=502),
            "/busy": web.Response(status=429),
            "/odd": web.json_response({"error": 7}, status=418),
            "/sound": web.json_response({"error": {"code": "not_found", "message": "no"}}, status=404),
        }
        return kinds.get(request.path, web.json_response({"hello": "world"}))

    app = web.Application()
    app.router.add_post("/{path:.*}", answer)
    async with TestServer(app) as odd, aiohttp.ClientSession() as http:
        rest = Rest(str(odd.make_url("")).rstrip("/"), http)
        expected = {
            "/html": (Internal, "is this a YMERA server"),
            "/proxy": (Unavailable, "502"),
            "/busy": (Unavailable, "429"),
            "/odd": (Internal, "cannot be read"),
            "/sound": (NotFound, "no"),
        }
        for path, (kind, words) in expected.items():
            with pytest.raises(kind, match=words):
                await rest.post(path, Refresh())
        with pytest.raises(Internal, match="answer to a sign-in cannot be read"):
            await PasswordSession("a@b.c", PASSWORD).token(rest)


async def test_a_server_that_cannot_be_reached_is_unavailable() -> None:
    async with TestServer(web.Application()) as server:
        url = str(server.make_url("")).rstrip("/")
    async with aiohttp.ClientSession() as http:
        with pytest.raises(Unavailable, match="does not answer"):
            await Rest(url, http).post("/api/auth/refresh", Refresh())
