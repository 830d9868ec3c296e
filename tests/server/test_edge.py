"""The Socket.IO edge as stock clients, and broken ones, meet it."""

from collections.abc import Awaitable, Callable

import aiohttp
import pytest
import socketio

from tests.nodes import RunningNode, StockClient

Start = Callable[..., Awaitable[RunningNode]]


@pytest.mark.parametrize("transports", [["websocket"], ["polling"], ["polling", "websocket"]])
async def test_a_stock_client_connects_and_is_told_what_it_needs(node: Start, transports: list[str]) -> None:
    server = await node()
    alice, token = await server.admit("Alice")
    async with server.client(token, transports=transports) as client:
        ready = await client.wait_for("ready")
        assert ready["me"]["id"] == ready["inbox"] == alice.id
        assert ready["me"]["email"] == "alice@example.org"
        assert ready["session_expires_in"] is None
        assert ready["limits"]["max_message_bytes"] == 1_000_000


@pytest.mark.parametrize(
    ("auth", "code"),
    [
        (None, "unauthenticated"),
        ({}, "unauthenticated"),
        ({"token": "ymt_wrong", "protocol": 1}, "unauthenticated"),
        ({"token": "a.b.c", "protocol": 1}, "unauthenticated"),
        ({"token": "ymt_wrong", "protocol": 2}, "unsupported_protocol"),
        ({"token": 5, "protocol": 1}, "unauthenticated"),
    ],
)
async def test_a_connection_without_valid_credentials_is_refused_with_a_code(
    node: Start, auth: object, code: str
) -> None:
    server = await node()
    client = socketio.AsyncClient(reconnection=False)
    refusals: list[dict[str, object]] = []
    client.on("connect_error", refusals.append)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await client.connect(server.url, auth=auth, transports=["websocket"])
    assert refusals[0]["data"]["code"] == code  # type: ignore[index]
    await client.shutdown()


async def test_errors_say_what_and_where(node: Start) -> None:
    server = await node()
    _, token = await server.admit("Alice")
    async with server.client(token) as client:
        unknown = await client.send("task.explode")
        assert unknown["error"]["code"] == "unknown_command"
        wrong = await client.send("project.create", name="")
        assert wrong["error"]["code"] == "invalid"
        assert wrong["error"]["data"]["path"] == "name"
        assert wrong["error"]["correlation_id"]
        extra = await client.send("project.create", name="Apollo", color="red")
        assert extra["error"]["data"]["path"] == "color"


MALFORMED = [
    "4",
    "42",
    '42["a',
    "42{}",
    "42[5]",
    '42[NaN,"x"]',
    "49",
    "9",
    "hello",
    '451-["x",{"_placeholder":true,"num":0}]',
    "43[]",
    "4" + "[" * 5000,
]


@pytest.mark.parametrize("frame", MALFORMED)
async def test_a_malformed_packet_ends_its_own_connection_and_nothing_else(node: Start, frame: str) -> None:
    server = await node()
    _, token = await server.admit("Alice")
    async with server.client(token) as bystander:
        async with (
            aiohttp.ClientSession() as http,
            http.ws_connect(f"{server.url}/socket.io/?EIO=4&transport=websocket") as broken,
        ):
            await broken.receive_str()
            await broken.send_str(f'40{{"token":"{token}","protocol":1}}')
            assert (await broken.receive_str()).startswith("40")
            await broken.send_str(frame)
            closed = False
            while not closed:
                message = await broken.receive(timeout=10)
                closed = message.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}
        reply = await bystander.send("workspace.nothing")
        assert reply["error"]["code"] == "unknown_command"


async def test_binary_frames_end_the_connection(node: Start) -> None:
    server = await node()
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(f"{server.url}/socket.io/?EIO=4&transport=websocket") as broken,
    ):
        await broken.receive_str()
        await broken.send_bytes(b"\x00\x01")
        message = await broken.receive(timeout=10)
        while message.type is aiohttp.WSMsgType.TEXT:
            message = await broken.receive(timeout=10)
        assert message.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}


async def test_a_polling_body_in_several_segments_arrives_whole(node: Start) -> None:
    server = await node()
    _, token = await server.admit("Alice")
    async with server.client(token, transports=["polling"]) as client:
        reply = await client.send("project.create", name="x", description="y" * 60_000)
        assert reply["error"]["code"] == "invalid"
        assert reply["error"]["data"]["path"] == "description"


async def test_commands_of_a_connection_are_answered_in_order(node: Start) -> None:
    server = await node()
    _, token = await server.admit("Alice")
    async with server.client(token) as client:
        answers: list[int] = []
        for number in range(50):
            await client.socket.emit("unknown", {"n": number}, callback=lambda _, n=number: answers.append(n))
        await client.send("unknown")
        assert answers == list(range(50))


async def test_too_many_commands_are_refused_with_the_wait(node: Start) -> None:
    server = await node(command_rate=1, command_burst=5)
    _, token = await server.admit("Alice")
    async with server.client(token) as client:
        replies = [await client.send("unknown") for _ in range(8)]
        codes = [reply["error"]["code"] for reply in replies]
        assert codes[:5] == ["unknown_command"] * 5
        assert codes[-1] == "rate_limited"
        assert 0 < replies[-1]["error"]["data"]["retry_after"] <= 1
        assert replies[-1]["error"]["retryable"]


async def test_a_draining_node_says_so_and_closes(node: Start) -> None:
    server = await node()
    _, token = await server.admit("Alice")
    client = StockClient()
    await client.connect(server.url, token)
    await server.stop()
    closing = await client.wait_for("closing")
    assert closing == {"reason": "draining", "reconnect": True}
    await client.close()
