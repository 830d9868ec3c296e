"""Who is let in when many come, and what a member may send over all of its connections and nodes."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
import socketio

from protocol.errors import ApiError, ErrorCode
from protocol.roles import WorkspaceRole
from server import admission
from server.admission import Admission
from server.settings import Settings
from server.throttle import Throttle
from tests.nodes import PATIENCE, RunningNode, until

Start = Callable[..., Awaitable[RunningNode]]


async def opened(http: aiohttp.ClientSession, server: RunningNode) -> aiohttp.ClientResponse:
    headers = {"Origin": server.url}
    async with http.get(f"{server.url}/socket.io/?EIO=4&transport=polling", headers=headers) as answer:
        await answer.read()
        return answer


async def test_those_who_are_too_many_are_told_when_to_come_back(node: Start) -> None:
    server = await node(connect_rate=1)
    let_in, started = 0, time.monotonic()
    async with aiohttp.ClientSession() as http:
        while (refused := await opened(http, server)).status == 200:
            let_in += 1
    assert refused.status == 503
    assert 0 <= let_in - admission.CONNECTS_AT_ONCE <= time.monotonic() - started
    assert 1 <= int(refused.headers["Retry-After"]) <= 1 + admission.BACK_OFF_SECONDS
    # So that a page of another origin may read it.
    assert refused.headers["Access-Control-Allow-Origin"] == server.url


async def test_a_full_node_takes_nobody_until_somebody_leaves(node: Start) -> None:
    server = await node(max_connections=1)
    _, token = await server.admit("Alice")
    async with aiohttp.ClientSession() as http:
        async with server.client(token):
            assert (await opened(http, server)).status == 503

        async def is_open() -> bool:
            return (await opened(http, server)).status == 200

        await until(is_open)


async def test_a_member_connects_only_so_often_over_all_nodes(
    node: Start, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "MEMBER_CONNECT_SECONDS", 60.0)
    nodes = [await node(redis_url=redis_url, member_connect_burst=2) for _ in range(2)]
    _, token = await nodes[0].admit("Alice")
    async with nodes[0].client(token), nodes[1].client(token):
        client = socketio.AsyncClient(reconnection=False)
        refusals: list[dict[str, dict[str, object]]] = []
        client.on("connect_error", refusals.append)
        with pytest.raises(socketio.exceptions.ConnectionError):
            await client.connect(
                nodes[0].url, auth={"token": token}, transports=["websocket"], wait_timeout=PATIENCE
            )
        assert refusals[0]["data"]["code"] == "rate_limited"
        await client.shutdown()


async def test_what_a_member_sends_counts_on_all_nodes(node: Start, redis_url: str) -> None:
    nodes = [await node(redis_url=redis_url, member_command_rate=10) for _ in range(2)]
    _, token = await nodes[0].admit("Alice", WorkspaceRole.OWNER)
    _, other = await nodes[0].admit("Bob")
    async with nodes[0].client(token) as busy, nodes[1].client(token) as idle, nodes[1].client(other) as bob:
        for _ in range(60):
            await busy.send("workspace.get")

        refusals: list[dict[str, Any]] = []

        async def is_refused() -> bool:
            reply = await idle.send("workspace.get")
            refusals.extend([reply["error"]] if not reply["ok"] else [])
            return bool(refusals)

        await until(is_refused)
        assert refusals[0]["code"] == "rate_limited"
        assert 0 < refusals[0]["data"]["retry_after"] < 10
        assert (await bob.send("workspace.get"))["ok"]


async def test_what_is_owed_is_bounded_and_passes() -> None:
    limits = Admission(Settings(member_command_rate=1_000), Throttle(None, b"key"), lambda: 0)
    limits.start()
    for _ in range(100_000):
        limits.command("member")
    await until(lambda: bool(limits._blocked))
    with pytest.raises(ApiError) as refused:
        limits.command("member")
    assert refused.value.code is ErrorCode.RATE_LIMITED
    # However much was sent, it is over after one more burst.
    assert limits._blocked["member"] - time.monotonic() <= 2
    await until(lambda: not limits._blocked)
    limits.command("member")
    await limits.close()


async def test_a_session_that_asks_over_and_over_is_ended(node: Start) -> None:
    server = await node()
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(f"{server.url}/socket.io/?EIO=4&transport=websocket") as socket,
    ):
        await socket.receive_str()
        answers = 0
        while True:
            await socket.send_str('40{"token":"ymt_wrong"}')
            message = await socket.receive(timeout=10)
            if message.type is not aiohttp.WSMsgType.TEXT:
                break
            answers += 1
        assert answers == 20


async def test_large_messages_go_compressed_to_those_who_offer_it(node: Start) -> None:
    server = await node(compression=True)
    _, token = await server.admit("Alice", WorkspaceRole.OWNER)
    text = "round and round " * 500
    async with server.client(token) as stock:
        room = (await stock.do("room.create", name="general"))["id"]
        await stock.do("room.join", room=room)
        async with (
            aiohttp.ClientSession() as http,
            http.ws_connect(f"{server.url}/socket.io/?EIO=4&transport=websocket", compress=15) as socket,
        ):
            await socket.receive_str()
            await socket.send_str(f'40{{"token":"{token}","protocol":1}}')
            await socket.receive_str()
            await socket.receive_str()
            await socket.send_str(f'421["room.join",{{"room":"{room}"}}]')
            received: list[str] = []
            await stock.do("message.send", room=room, text=text)
            async with asyncio.timeout(10):
                while not any('"message.sent"' in each and text in each for each in received):
                    received.append(await socket.receive_str())
            # What it sends compressed is understood too.
            await socket.send_str(f'422["message.send",{{"room":"{room}","text":"{text}"}}]')
            async with asyncio.timeout(10):
                while not received[-1].startswith('432[{"ok":true'):
                    received.append(await socket.receive_str())
        assert socket.compress
