"""The Socket.IO edge as stock clients, and broken ones, meet it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import asyncpg
import pytest
import socketio

from handlers import accounts
from persistence import log, tokens
from persistence.database import clock
from persistence.ids import new_id
from protocol.roles import WorkspaceRole
from server.engine import server as engine
from server.engine.packet import MAX_POLLED
from server.engine.session import MAX_UNREAD
from server.fanout import Listener
from tests.nodes import PATIENCE, RunningNode, StockClient, until

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
        await client.connect(server.url, auth=auth, transports=["websocket"], wait_timeout=PATIENCE)
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


async def opened_by_polling(http: aiohttp.ClientSession, server: RunningNode) -> str:
    """The address of a session that is not connected yet."""
    async with http.get(f"{server.url}/socket.io/?EIO=4&transport=polling") as answer:
        session = json.loads((await answer.text())[1:])["sid"]
    return f"{server.url}/socket.io/?EIO=4&transport=polling&sid={session}"


def hello(token: str) -> str:
    return f'40{{"token":"{token}","protocol":1}}'


@pytest.mark.parametrize(
    "body",
    [b"", b"0", b"2probe", b"5", b"7", b"x", b"bAAAA", b"b?", b"d=4x", b"\xff", b"\x1e".join([b"6"] * 4_097)],
)
async def test_a_malformed_polling_body_ends_its_session_with_an_answer(node: Start, body: bytes) -> None:
    server = await node()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE)) as http:
        address = await opened_by_polling(http, server)
        async with http.post(address, data=body) as answer:
            assert answer.status == 400
            assert await answer.json() == {"code": 3, "message": "Bad request"}
        async with http.get(address) as answer:
            assert answer.status == 400


async def test_a_client_that_leaves_while_it_is_let_in_leaves_nothing_behind(node: Start, dsn: str) -> None:
    server = await node()
    _, token = await server.admit("Alice")
    rooms = server.node.fanout.rooms
    database = await asyncpg.connect(dsn)

    async def is_asking() -> bool:
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'tokens'::regclass"
        return bool(await database.fetchval(waiting))

    async with aiohttp.ClientSession() as http:
        address = await opened_by_polling(http, server)
        async with database.transaction():
            await database.execute("LOCK TABLE tokens")
            connecting = asyncio.create_task(http.post(address, data=hello(token).encode()))
            await until(is_asking)
            async with http.post(address, data=b"1") as answer:
                assert answer.status == 200
        (await connecting).release()
        assert (len(server.node.hub), server.node.fanout.rooms) == (0, rooms)
    await database.close()


async def test_other_namespaces_are_refused_and_nothing_else_changes(node: Start) -> None:
    server = await node()
    _, token = await server.admit("Alice")
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(f"{server.url}/socket.io/?EIO=4&transport=websocket") as socket,
    ):
        await socket.receive_str()
        await socket.send_str(hello(token))
        await socket.receive_str()
        await socket.receive_str()
        await socket.send_str("40/elsewhere,")
        assert await socket.receive_str() == '44/elsewhere,{"message":"Invalid namespace"}'
        await socket.send_str('421["workspace.get"]')
        assert (await socket.receive_str()).startswith('431[{"ok":true')


@pytest.mark.parametrize("frame", ["40/elsewhere,", '421["unknown"]'])
async def test_a_client_that_sends_and_never_reads_is_hung_up(node: Start, frame: str) -> None:
    server = await node(command_rate=1_000, command_burst=1)
    _, token = await server.admit("Alice")
    async with aiohttp.ClientSession() as http:
        address = await opened_by_polling(http, server)
        async with http.post(address, data=hello(token).encode()) as answer:
            assert answer.status == 200
        body = "\x1e".join([frame] * (MAX_POLLED // 16)).encode()
        for _ in range(2 * 16 * MAX_UNREAD // MAX_POLLED):
            (await http.post(address, data=body)).release()
        await until(lambda: len(server.node.hub) == 0)


async def test_a_websocket_is_upgraded_once(node: Start) -> None:
    server = await node()
    async with aiohttp.ClientSession() as http:
        address = (await opened_by_polling(http, server)).replace("polling", "websocket")
        async with http.ws_connect(address) as socket, http.ws_connect(address) as second:
            assert (await second.receive(timeout=PATIENCE)).type is aiohttp.WSMsgType.CLOSE
            await socket.send_str("2probe")
            assert await socket.receive_str() == "3probe"
            await socket.send_str("5")
            await socket.send_str("5")
            assert (await socket.receive(timeout=PATIENCE)).type is aiohttp.WSMsgType.CLOSE


async def test_an_upgrade_that_is_never_finished_is_given_up(
    node: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await node()
    async with aiohttp.ClientSession() as http:
        address = await opened_by_polling(http, server)
        monkeypatch.setattr(engine, "STEP_SECONDS", 0.1)
        async with http.ws_connect(address.replace("polling", "websocket")) as socket:
            assert (await socket.receive(timeout=PATIENCE)).type is aiohttp.WSMsgType.CLOSE


async def test_a_fault_of_ours_in_a_signal_is_told_and_ends_nothing(
    node: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await node()
    _, token = await server.admit("Alice", WorkspaceRole.OWNER)
    async with server.client(token) as client:
        room = (await client.do("room.create", name="general"))["id"]
        await client.do("room.join", room=room)
        with monkeypatch.context() as patch:
            # Also of the kind that elsewhere says that a packet was malformed.
            patch.setattr(server.node.hub.presence, "shown", lambda _: int("no number"))
            failed = await client.send("presence.list", room=room)
        assert failed["error"]["code"] == "internal"
        assert "number" not in failed["error"]["message"]
        assert (await client.send("presence.list", room=room))["ok"]


async def test_without_its_database_it_is_unavailable(node: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    server = await node()
    alice, token = await server.admit("Alice")

    async def away(*_: object) -> None:
        raise ConnectionRefusedError("no database")

    async with server.client(token) as client:
        monkeypatch.setattr(log, "heads", away)
        refused = await client.send("room.join", room=new_id())
        assert (refused["error"]["code"], refused["error"]["retryable"]) == ("unavailable", True)
        other = socketio.AsyncClient(reconnection=False)
        refusals: list[dict[str, Any]] = []
        other.on("connect_error", refusals.append)
        _, bobs = await server.admit("Bob")
        with pytest.raises(socketio.exceptions.ConnectionError):
            await other.connect(
                server.url, auth={"token": bobs}, transports=["websocket"], wait_timeout=PATIENCE
            )
        assert refusals[0]["data"]["code"] == "unavailable"
        assert [connection.member_id for connection in server.node.hub.all()] == [alice.id]
        await other.shutdown()


async def test_a_token_that_is_revoked_while_its_client_connects_is_refused(
    node: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await node()
    alice, token = await server.admit("Alice")
    listen = server.node.fanout.listen

    async def late(room: str, listener: Listener) -> None:
        """The revocation comes after the token was read, and before the inbox is heard."""
        async with server.node.pool.acquire() as tx, tx.transaction():
            (mine,) = await tokens.of_member(tx, alice.id)
            events = await accounts.end_token(tx, alice.id, mine.id, await clock(tx))
        await server.node.dispatcher.publish(events)
        await listen(room, listener)

    monkeypatch.setattr(server.node.fanout, "listen", late)
    client = socketio.AsyncClient(reconnection=False)
    refusals: list[dict[str, Any]] = []
    client.on("connect_error", refusals.append)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await client.connect(
            server.url, auth={"token": token}, transports=["websocket"], wait_timeout=PATIENCE
        )
    assert refusals[0]["data"]["code"] == "unauthenticated"
    assert len(server.node.hub) == 0
    await client.shutdown()


@pytest.mark.parametrize("listed", [(), ("https://app.example.org",)])
@pytest.mark.parametrize("transport", ["polling", "websocket"])
async def test_pages_connect_from_their_own_server_and_from_listed_origins(
    node: Start, listed: tuple[str, ...], transport: str
) -> None:
    server = await node(cors_origins=listed)

    async def status(origin: str, host: str) -> int:
        headers = {"Origin": origin, "Host": host}
        if transport == "websocket":
            headers |= {
                "Connection": "Upgrade",
                "Upgrade": "websocket",
                "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
            }
        address = f"{server.url}/socket.io/?EIO=4&transport={transport}"
        async with aiohttp.ClientSession() as http, http.get(address, headers=headers) as answer:
            return answer.status

    welcome = 101 if transport == "websocket" else 200
    # However people and proxies call it.
    assert await status("https://work.example.org", "work.example.org") == welcome
    assert await status("http://10.1.2.3:8080", "10.1.2.3:8080") == welcome
    assert await status("https://app.example.org", "work.example.org") == (welcome if listed else 403)
    for stranger in ("https://evil.example.org", "null", "http://["):
        assert await status(stranger, "work.example.org") == 403
