"""Servers that are not what they should be, and answers that do not come."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import socketio
from aiohttp import web
from aiohttp.test_utils import TestServer
from socketio.exceptions import ConnectionRefusedError as Refused

from tests.nodes import PATIENCE, RunningNode
from tests.sdk.network import Network, reaches
from ymera_client import (
    Client,
    DeadlineExceeded,
    Internal,
    Limits,
    Phase,
    ProjectCreate,
    ProjectGet,
    TaskCreate,
    TaskList,
    Unavailable,
    UnsupportedProtocol,
    YmeraError,
    transport,
)
from ymera_client.outbox import Outbox
from ymera_client.transport import Pace

pytestmark = pytest.mark.usefixtures("short_waits")

Greet = Callable[[socketio.AsyncServer, str], Awaitable[None]]
Odd = Callable[[Greet], Awaitable[str]]


@pytest.fixture
async def odd() -> AsyncIterator[Odd]:
    """Starts a stock Socket.IO server that does something odd on each connection, and gives its address."""
    servers: list[TestServer] = []

    async def start(greet: Greet) -> str:
        sockets, app = socketio.AsyncServer(async_mode="aiohttp"), web.Application()

        async def connect(sid: str, *_: Any) -> None:
            await greet(sockets, sid)

        sockets.on("connect", connect)
        sockets.attach(app)
        servers.append(TestServer(app))
        await servers[-1].start_server()
        return str(servers[-1].make_url("")).rstrip("/")

    yield start
    for server in servers:
        await server.close()


async def reason(url: str) -> str:
    """Why a client cannot connect."""
    client = Client(url, token="ymt_x", connect_timeout=0)
    lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    real = client._link._on_lost

    def on_lost(error: Exception) -> None:
        if not lost.done():
            lost.set_result(str(error))
        real(error)  # type: ignore[arg-type]

    client._link._on_lost = on_lost
    async with client:
        return await asyncio.wait_for(lost, PATIENCE)


async def test_a_server_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "CONNECT_TIMEOUT", 0.05)

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as silent:
        host, port = silent.sockets[0].getsockname()
        assert "cannot be reached: TimeoutError" in await reason(f"http://{host}:{port}")


async def test_a_server_that_never_says_that_it_is_ready(odd: Odd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "CONNECT_TIMEOUT", 0.2)

    async def nothing(sockets: socketio.AsyncServer, sid: str) -> None:
        pass

    assert "cannot be reached: TimeoutError" in await reason(await odd(nothing))


async def test_a_server_that_hangs_up_before_it_is_ready(odd: Odd) -> None:
    async def hang_up(sockets: socketio.AsyncServer, sid: str) -> None:
        await sockets.eio.disconnect(sockets.manager.eio_sid_from_sid(sid, "/"))

    assert "closed the connection before it was ready" in await reason(await odd(hang_up))


async def test_a_server_that_refuses_without_a_reason(odd: Odd) -> None:
    async def refuse(sockets: socketio.AsyncServer, sid: str) -> None:
        raise Refused

    assert "closed the connection before it was ready" in await reason(await odd(refuse))


async def test_a_server_whose_greeting_makes_no_sense(odd: Odd) -> None:
    async def babble(sockets: socketio.AsyncServer, sid: str) -> None:
        await sockets.emit("ready", {"me": "you"}, to=sid)
        await sockets.emit("ready", {"me": "again"}, to=sid)

    assert "answer cannot be read" in await reason(await odd(babble))


async def test_something_else_than_a_server(odd: Odd) -> None:
    async with TestServer(web.Application()) as pages:
        assert "cannot be reached" in await reason(str(pages.make_url("")).rstrip("/"))


async def test_a_server_of_another_protocol_is_left_alone(
    server: RunningNode, ada: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "PROTOCOL_VERSION", 99)
    with pytest.raises(UnsupportedProtocol):
        await Client(server.url, token=ada).connect()


async def test_messages_that_make_no_sense_are_ignored(
    server: RunningNode, ada: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with Client(server.url, token=ada) as client:
        [connection] = server.node.hub.all()
        for name in ("event", "events", "heads", "lagging", "presence", "typing", "nobody.knows"):
            connection.send(name, {"secret": "payload"})
        assert (await client.call(ProjectCreate(name="Apollo"))).name == "Apollo"
    assert "'lagging' of the server cannot be read" in caplog.text
    assert "payload" not in caplog.text


async def test_messages_for_rooms_that_nobody_follows_are_ignored(server: RunningNode, ada: str) -> None:
    async with Client(server.url, token=ada) as client:
        [connection] = server.node.hub.all()
        presence = {"room": "elsewhere", "joined": {}, "left": []}
        typing = {"room": "elsewhere", "member_id": "m", "thread_id": None, "typing": True}
        event = {"room": "elsewhere", "seq": 1, "type": "x", "at": "2026-01-01T00:00:00Z", "actor": None}
        connection.send("presence", presence)
        connection.send("typing", typing)
        connection.send("events", [{**event, "data": {}}])
        assert (await client.call(ProjectCreate(name="Apollo"))).name == "Apollo"


async def test_a_fault_of_our_own_ends_the_client_loudly(
    server: RunningNode, ada: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = Client(server.url, token=ada)

    def fail(name: str, data: Any) -> None:
        raise ZeroDivisionError

    client._link._on_message = fail
    await client.connect()
    with pytest.raises(Internal, match="The client failed"):
        await client.inbox.wait_for(lambda _: False, PATIENCE)
    assert client.status.phase is Phase.CLOSED
    with pytest.raises(ExceptionGroup) as group:
        await client.close()
    assert group.group_contains(ZeroDivisionError)
    assert "The client failed" in caplog.text


async def test_an_answer_that_does_not_come_in_time(
    network: Network, ada: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Client(network.url, token=ada) as client:
        project = await client.call(ProjectCreate(name="Apollo"))
        await reaches(client, Phase.LIVE)
        monkeypatch.setattr(transport, "ANSWER_TIMEOUT", 0.05)
        network.mute = True
        with pytest.raises(DeadlineExceeded, match="no answer within"):
            await client.call(ProjectGet(project_id=project.id))
        monkeypatch.setattr(transport, "ANSWER_TIMEOUT", PATIENCE)
        network.cut()
        network.unblock()
        assert await client.call(ProjectGet(project_id=project.id), wait=True) == project


async def test_an_answer_that_makes_no_sense(server: RunningNode, ada: str) -> None:
    async with Client(server.url, token=ada) as client:
        connection = await client._link.live(wait=False)
        answers: list[Any] = [None, [], {"ok": "yes"}, {"ok": False}, {"ok": False, "error": {"code": "new"}}]
        for nonsense in answers:
            answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
            answer.set_result(nonsense)
            with pytest.raises(Internal):
                await connection.answer(answer)


async def test_a_connection_that_is_gone_takes_nothing(network: Network, ada: str) -> None:
    async with Client(network.url, token=ada) as client:
        connection = await client._link.live(wait=False)
        network.block()
        await reaches(client, Phase.OFFLINE)
        with pytest.raises(Unavailable, match="gone"):
            await connection.send("project.get", {})


async def test_commands_stay_below_the_rate_at_which_the_server_refuses(
    node: Callable[..., Awaitable[RunningNode]], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await node(command_rate=50, command_burst=20)
    _, token = await server.admit("Ada")
    refused: list[str] = []
    real = Outbox.fail

    def fail(self: Outbox, command_id: str, error: YmeraError, now: float) -> bool:
        refused.append(error.code)
        return real(self, command_id, error, now)

    monkeypatch.setattr(Outbox, "fail", fail)
    async with Client(server.url, token=token) as client:
        project = await client.call(ProjectCreate(name="Apollo"))
        names = [f"task {number}" for number in range(60)]
        await asyncio.gather(*(client.call(TaskCreate(project_id=project.id, title=name)) for name in names))
        assert [task.title async for task in client.page(TaskList(project_id=project.id))] == names
    assert refused == []


def test_a_pace_lets_a_burst_go_and_then_keeps_the_rate() -> None:
    pace = Pace(Limits(max_message_bytes=1, command_rate=100, command_burst=40))
    waits = [pace.wait(1000.0) for _ in range(110)]
    assert waits[:20] == [0.0] * 20
    assert waits[20] > 0
    assert waits[109] == pytest.approx(90 / 90)
    assert pace.wait(2000.0) == 0.0
