"""The cases of the official suites of engine.io-protocol and socket.io-protocol, by their names there."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.conformance.server import SUITES, Running
from tests.conformance.visitor import Visitor, ended, opened, text

KEYS = {"sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"}


@pytest.fixture(params=["engine.io", "socket.io"])
async def visitor(request: pytest.FixtureRequest, running: Running) -> AsyncIterator[Visitor]:
    """A client of either server: what both suites ask of Engine.IO."""
    async with Visitor(f"{running.url}/{request.param}/?EIO=4") as either:
        yield either


@pytest.fixture
async def echo(running: Running) -> AsyncIterator[Visitor]:
    """A client of the Engine.IO server."""
    async with Visitor(running.engine_url) as client:
        yield client


@pytest.fixture
async def sockets(running: Running) -> AsyncIterator[Visitor]:
    """A client of the Socket.IO server."""
    async with Visitor(running.sockets_url) as client:
        yield client


class TestHandshake:
    async def test_polling_successfully_opens_a_session(self, visitor: Visitor) -> None:
        opening = await visitor.open()
        assert opening.keys() == KEYS
        assert isinstance(opening.pop("sid"), str)
        assert opening == {
            "upgrades": ["websocket"],
            "pingInterval": 300,
            "pingTimeout": 200,
            "maxPayload": 1_000_000,
        }

    @pytest.mark.parametrize(
        "query", ["transport=polling", "EIO=abc&transport=polling", "EIO=4", "EIO=4&transport=abc"]
    )
    async def test_polling_fails_with_an_invalid_query_parameter(self, visitor: Visitor, query: str) -> None:
        async with visitor.http.get(visitor.url.replace("EIO=4", query)) as answer:
            assert answer.status == 400

    @pytest.mark.parametrize("method", ["POST", "PUT"])
    async def test_polling_fails_with_an_invalid_request_method(self, visitor: Visitor, method: str) -> None:
        async with visitor.http.request(method, f"{visitor.url}&transport=polling") as answer:
            assert answer.status == 400

    async def test_websocket_successfully_opens_a_session(self, visitor: Visitor) -> None:
        async with visitor.websocket() as socket:
            opening = await opened(socket)
            assert opening.keys() == KEYS
            assert (opening["upgrades"], opening["maxPayload"]) == ([], 1_000_000)

    @pytest.mark.parametrize(
        "query", ["transport=websocket", "EIO=abc&transport=websocket", "EIO=4", "EIO=4&transport=abc"]
    )
    async def test_websocket_fails_with_an_invalid_query_parameter(
        self, visitor: Visitor, query: str
    ) -> None:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await visitor.http.ws_connect(visitor.url.replace("EIO=4", query))
        assert refused.value.status == 400


class TestMessage:
    @pytest.mark.parametrize("body", ["4hello", "4test1\x1e4test2\x1e4test3", "4hello\x1ebAQIDBA=="])
    async def test_polling_sends_and_receives_a_payload(self, echo: Visitor, body: str) -> None:
        await echo.open()
        assert await echo.post(body) == (200, "ok")
        assert await echo.poll() == (200, body)

    async def test_polling_closes_the_session_upon_invalid_packet_format(self, echo: Visitor) -> None:
        await echo.open()
        assert (await echo.post("abc"))[0] == 400
        assert (await echo.poll())[0] == 400

    async def test_polling_closes_the_session_upon_duplicate_poll_requests(
        self, echo: Visitor, running: Running
    ) -> None:
        await echo.open()
        refused = '{"code":3,"message":"Bad request"}'
        assert sorted(await asyncio.gather(echo.poll(), echo.poll())) == [(200, "1"), (400, refused)]
        assert (await echo.poll())[0] == 400
        assert running.ends[echo.sid] == "overlapping_polls"

    async def test_websocket_sends_and_receives_plain_text_and_binary_packets(self, echo: Visitor) -> None:
        async with echo.websocket() as socket:
            await opened(socket)
            await socket.send_str("4hello")
            assert await text(socket) == "4hello"
            await socket.send_bytes(b"\x01\x02\x03\x04")
            assert await socket.receive_bytes() == b"\x01\x02\x03\x04"

    async def test_websocket_closes_the_session_upon_invalid_packet_format(self, echo: Visitor) -> None:
        async with echo.websocket() as socket:
            await socket.send_str("abc")
            assert await ended(socket) == 1002


class TestHeartbeat:
    async def test_polling_sends_ping_pong_packets(self, visitor: Visitor) -> None:
        await visitor.open()
        for _ in range(3):
            assert await visitor.poll() == (200, "2")
            assert await visitor.post("3") == (200, "ok")

    async def test_polling_closes_the_session_upon_ping_timeout(self, visitor: Visitor) -> None:
        await visitor.open()
        # The suite's clock is what is tested: at this time, and not soon after it, the session is over.
        await asyncio.sleep(SUITES["ping_seconds"] + SUITES["pong_seconds"])
        assert (await visitor.poll())[0] == 400

    async def test_websocket_sends_ping_pong_packets(self, visitor: Visitor) -> None:
        async with visitor.websocket() as socket:
            await opened(socket)
            for _ in range(3):
                assert await text(socket) == "2"
                await socket.send_str("3")

    async def test_websocket_closes_the_session_upon_ping_timeout(self, visitor: Visitor) -> None:
        async with visitor.websocket() as socket:
            await opened(socket)
            assert await text(socket) == "2"
            assert await ended(socket) == 1000


class TestClose:
    async def test_polling_forcefully_closes_the_session(self, visitor: Visitor) -> None:
        await visitor.open()
        poll, post = await asyncio.gather(visitor.poll(), visitor.post("1"))
        assert (poll, post) == ((200, "6"), (200, "ok"))
        assert (await visitor.poll())[0] == 400

    async def test_websocket_forcefully_closes_the_session(self, visitor: Visitor) -> None:
        async with visitor.websocket() as socket:
            await opened(socket)
            await socket.send_str("1")
            assert await ended(socket) == 1000


class TestUpgrade:
    async def test_successfully_upgrades_from_polling_to_websocket(self, visitor: Visitor) -> None:
        await visitor.open()
        async with visitor.websocket() as socket:
            await socket.send_str("2probe")
            assert await text(socket) == "3probe"
            assert await visitor.poll() == (200, "6")
            await socket.send_str("5")
            assert await text(socket) == "2"

    async def test_ignores_http_requests_with_same_sid_after_upgrade(self, echo: Visitor) -> None:
        await echo.open()
        async with echo.websocket() as socket:
            await socket.send_str("2probe")
            await socket.send_str("5")
            assert await text(socket) == "3probe"
            assert (await echo.poll())[0] == 400
            assert (await echo.post("4hello"))[0] == 400
            await socket.send_str("4hello")
            assert await text(socket) == "4hello"

    async def test_ignores_websocket_connection_with_same_sid_after_upgrade(self, echo: Visitor) -> None:
        await echo.open()
        async with echo.websocket() as socket:
            await socket.send_str("2probe")
            await socket.send_str("5")
            async with echo.websocket() as second:
                assert await ended(second) == 1002
            assert await text(socket) == "3probe"
            await socket.send_str("4hello")
            assert await text(socket) == "4hello"


async def said(socket: aiohttp.ClientWebSocketResponse) -> str:
    """The next message that is no ping."""
    while (message := await text(socket)) == "2":
        await socket.send_str("3")
    return message


async def connected(socket: aiohttp.ClientWebSocketResponse) -> None:
    """Be in the main namespace."""
    await opened(socket)
    await socket.send_str("40")
    assert (await said(socket)).startswith('40{"sid":')
    assert await said(socket) == '42["auth",{}]'


class TestConnect:
    @pytest.mark.parametrize("namespace", ["", "/custom,"])
    @pytest.mark.parametrize("payload", ["", '{"token":"123"}'])
    async def test_allows_connection_to_a_namespace(
        self, sockets: Visitor, namespace: str, payload: str
    ) -> None:
        async with sockets.websocket() as socket:
            await opened(socket)
            await socket.send_str(f"40{namespace}{payload}")
            answer = await text(socket)
            assert answer.startswith(f"40{namespace}")
            handshake: dict[str, Any] = json.loads(answer.removeprefix(f"40{namespace}"))
            assert handshake.keys() == {"sid"}
            assert isinstance(handshake["sid"], str)
            assert await text(socket) == f'42{namespace}["auth",{payload or "{}"}]'

    async def test_disallows_connection_to_an_unknown_namespace(self, sockets: Visitor) -> None:
        async with sockets.websocket() as socket:
            await opened(socket)
            await socket.send_str("40/random")
            assert await text(socket) == '44/random,{"message":"Invalid namespace"}'

    async def test_disallows_connection_with_an_invalid_handshake(self, sockets: Visitor) -> None:
        async with sockets.websocket() as socket:
            await socket.send_str("4abc")
            assert await ended(socket) == 1002

    async def test_closes_the_connection_if_no_handshake_is_received(self, sockets: Visitor) -> None:
        async with sockets.websocket() as socket:
            await opened(socket)
            while (message := await socket.receive(timeout=5)).type is aiohttp.WSMsgType.TEXT:
                await socket.send_str("3")
            assert (message.type, socket.close_code) == (aiohttp.WSMsgType.CLOSE, 1000)
            assert message.extra == "not_connected"


class TestDisconnect:
    async def test_disconnects_from_the_main_namespace(self, sockets: Visitor) -> None:
        async with sockets.websocket() as socket:
            await connected(socket)
            await socket.send_str("41")
            assert await text(socket) == "2"

    async def test_connects_then_disconnects_from_a_custom_namespace(self, sockets: Visitor) -> None:
        async with sockets.websocket() as socket:
            await connected(socket)
            await socket.send_str("40/custom")
            assert (await said(socket)).startswith("40/custom,")
            assert await said(socket) == '42/custom,["auth",{}]'
            await socket.send_str("41/custom")
            await socket.send_str('42["message","message to main namespace"]')
            assert await said(socket) == '42["message-back","message to main namespace"]'


class TestSocketMessage:
    async def test_sends_a_plain_text_packet(self, sockets: Visitor) -> None:
        async with sockets.websocket() as socket:
            await connected(socket)
            await socket.send_str('42["message",1,"2",{"3":[true]}]')
            assert await said(socket) == '42["message-back",1,"2",{"3":[true]}]'

    async def test_sends_a_plain_text_packet_with_an_ack(self, sockets: Visitor) -> None:
        async with sockets.websocket() as socket:
            await connected(socket)
            await socket.send_str('42456["message-with-ack",1,"2",{"3":[false]}]')
            assert await said(socket) == '43456[1,"2",{"3":[false]}]'

    @pytest.mark.parametrize(
        ("sent", "answered"),
        [
            ('452-["message",PLACES]', '452-["message-back",PLACES]'),
            ('452-789["message-with-ack",PLACES]', "462-789[PLACES]"),
        ],
    )
    async def test_sends_a_packet_with_binary_attachments(
        self, sockets: Visitor, sent: str, answered: str
    ) -> None:
        places = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}'
        async with sockets.websocket() as socket:
            await connected(socket)
            await socket.send_str(sent.replace("PLACES", places))
            await socket.send_bytes(b"\x01\x02\x03")
            await socket.send_bytes(b"\x04\x05\x06")
            assert await said(socket) == answered.replace("PLACES", places)
            assert await socket.receive_bytes() == b"\x01\x02\x03"
            assert await socket.receive_bytes() == b"\x04\x05\x06"

    @pytest.mark.parametrize("packet", ["4abc", "42{}", '42abc["message-with-ack",1,"2",{"3":[false]}]'])
    async def test_closes_the_connection_upon_invalid_format(self, sockets: Visitor, packet: str) -> None:
        async with sockets.websocket() as socket:
            await connected(socket)
            await socket.send_str(packet)
            assert await ended(socket) == 1002
