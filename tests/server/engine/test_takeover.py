"""What server.engine.takeover relies on in aiohttp; a version that moves it fails here."""

import asyncio
import gc
import logging
import weakref

import aiohttp
import pytest
from aiohttp import web
from aiohttp.web_protocol import RequestHandler
from yarl import URL

from server.engine.takeover import Departed
from tests.conformance.server import Running, serve
from tests.conformance.visitor import Head, Visitor, Wire, ended, frames, opened, request, text, wire
from tests.nodes import NodeStarter, until


def handlers() -> int:
    """How many connections aiohttp's server still has an object for."""
    gc.collect()
    return sum(isinstance(each, RequestHandler) for each in gc.get_objects())


def test_the_protocol_behind_a_request_has_the_parts_that_are_used() -> None:
    assert {"_message_tail", "connection_lost", "transport"} <= {
        name for kind in RequestHandler.__mro__ for name in (*getattr(kind, "__slots__", ()), *vars(kind))
    }
    assert {"protocol", "transport"} <= vars(web.BaseRequest).keys()


async def test_bytes_behind_the_request_are_delivered(running: Running) -> None:
    behind = frames("4one", "4two")
    async with wire(f"{running.engine_url}&transport=websocket", behind) as socket:
        opening, *echoes = await socket.messages(3)
        assert str(opening)[0] == "0"
        assert echoes == ["4one", "4two"]


async def test_bytes_that_come_while_a_client_is_let_in_are_delivered() -> None:
    asked, gate = asyncio.Event(), asyncio.Event()

    @web.middleware
    async def hold(request: web.Request, handler: aiohttp.typedefs.Handler) -> web.StreamResponse:
        asked.set()
        await gate.wait()
        return await handler(request)

    async with serve(middlewares=[hold]) as running:
        address = URL(running.url)
        reader, writer = await asyncio.open_connection(address.host, address.port)
        data = request("GET", f"{running.engine_url}&transport=websocket") + frames("4one", "4two")
        writer.write(data[:-10])
        await asked.wait()
        writer.write(data[-10:])
        gate.set()
        await reader.readuntil(b"\r\n\r\n")
        assert (await Wire(reader, writer).messages(3))[1:] == ["4one", "4two"]
        writer.transport.abort()


async def test_nothing_of_the_http_connection_is_left(running: Running) -> None:
    before, tasks = handlers(), len(asyncio.all_tasks())
    async with wire(f"{running.engine_url}&transport=websocket") as socket:
        await socket.messages(1)
        # The handler's task is about to end.
        await until(lambda: handlers() == before)
        assert len(asyncio.all_tasks()) == tasks
        (session,) = running.engine.sessions.values()
        kept = weakref.ref(session)
        del session
    await until(lambda: not running.engine.sessions)
    # Its next ping is the last that knows of it.
    running.engine._due.clear()
    assert handlers() == before

    def gone() -> bool:
        gc.collect()
        return kept() is None

    await until(gone)


async def test_a_server_with_open_websockets_closes(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    tasks = len(asyncio.all_tasks())
    async with aiohttp.ClientSession() as http:
        async with asyncio.timeout(5), serve() as running:
            socket = await http.ws_connect(f"{running.engine_url}&transport=websocket")
            await opened(socket)
        assert await ended(socket) == 1001
    assert len(asyncio.all_tasks()) == tasks
    assert caplog.records == []


async def test_a_connection_may_ask_for_other_things_before(running: Running) -> None:
    """It is kept alive and has had answers before it speaks WebSocket."""
    connector = aiohttp.TCPConnector(limit=1)
    async with aiohttp.ClientSession(connector=connector) as http:
        for _ in range(3):
            async with http.get(f"{running.engine_url}&transport=polling") as answer:
                assert answer.status == 200
        async with http.ws_connect(f"{running.engine_url}&transport=websocket") as socket:
            await opened(socket)
            await socket.send_str("4hello")
            assert await text(socket) == "4hello"


async def test_middlewares_see_an_answer_that_is_over_at_once(running: Running, visitor: Visitor) -> None:
    seen: list[tuple[int, bool]] = []

    @web.middleware
    async def watch(request: web.Request, handler: aiohttp.typedefs.Handler) -> web.StreamResponse:
        response = await handler(request)
        seen.append((response.status, response.prepared))
        assert isinstance(response, Departed)
        return response

    app = web.Application(middlewares=[watch])
    app.router.add_get("/engine.io/", running.engine.handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "localhost", 0).start()
    url = f"http://localhost:{runner.addresses[0][1]}/engine.io/?EIO=4&transport=websocket"
    async with visitor.http.ws_connect(url) as socket:
        await opened(socket)
        assert seen == [(101, True)]
        await socket.send_str("4hello")
        assert await text(socket) == "4hello"
    await runner.cleanup()


@pytest.mark.parametrize(
    "head",
    [
        {"Connection": None},
        {"Connection": "keep-alive"},
        {"Upgrade": None},
        {"Upgrade": "h2c"},
        {"Sec-WebSocket-Version": "8"},
        {"Sec-WebSocket-Version": None},
        {"Sec-WebSocket-Key": None},
        {"Sec-WebSocket-Key": "short"},
        {"Content-Length": "5"},
        {"Transfer-Encoding": "chunked"},
    ],
    ids=str,
)
async def test_what_is_no_handshake_is_answered_over_http(running: Running, head: Head) -> None:
    behind = b"hello" if "Content-Length" in head else b"0\r\n\r\n" if "Transfer-Encoding" in head else b""
    async with wire(f"{running.engine_url}&transport=websocket", behind, status=400, head=head):
        assert running.engine.sessions == {}


async def test_only_a_get_is_a_handshake(running: Running, visitor: Visitor) -> None:
    await visitor.open()
    url = f"{running.engine_url}&transport=websocket&sid={visitor.sid}"
    async with wire(url, method="POST", status=400, head={"Content-Length": "0"}):
        assert running.engine.sessions[visitor.sid].probe is None


async def test_a_client_that_leaves_while_it_is_let_in_leaves_no_session() -> None:
    asked, gate = asyncio.Event(), asyncio.Event()

    @web.middleware
    async def hold(request: web.Request, handler: aiohttp.typedefs.Handler) -> web.StreamResponse:
        asked.set()
        await gate.wait()
        return await handler(request)

    async with serve(middlewares=[hold]) as running:
        server = running.runner.server
        assert server is not None
        address = URL(running.url)
        _, writer = await asyncio.open_connection(address.host, address.port)
        writer.write(request("GET", f"{running.engine_url}&transport=websocket"))
        await asked.wait()
        writer.transport.abort()
        await until(lambda: server.connections[0].transport is None)
        gate.set()
        await until(lambda: list(running.ends.values()) == ["connection_lost"] or not server.connections)
        assert running.engine.sessions == {}


async def test_a_node_counts_no_websocket_as_a_long_request(node: NodeStarter) -> None:
    server = await node()
    async with aiohttp.ClientSession() as http:
        async with http.ws_connect(f"{server.url}/socket.io/?EIO=4&transport=websocket") as socket:
            await opened(socket)
        async with http.get(f"{server.url}/health/live") as answer:
            assert answer.status == 200
        async with http.get(f"{server.url}/metrics") as answer:
            measured = [line for line in (await answer.text()).splitlines() if "http_request_seconds" in line]
    assert any("/health/live" in line for line in measured)
    assert not any("socket.io" in line for line in measured)
