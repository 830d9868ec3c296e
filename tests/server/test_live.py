"""Connections over time: held-back joins, revocation, roles that shrink, slow readers, expiry."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from handlers import accounts
from persistence import tokens
from persistence.database import clock
from protocol.roles import WorkspaceRole
from server import connection as connections
from server.bucket import Bucket
from tests.connections import connection
from tests.nodes import RunningNode, StockClient, until

Start = Callable[..., Awaitable[RunningNode]]


async def test_nothing_is_lost_or_repeated_around_a_join(node: Start) -> None:
    server = await node()
    _, token = await server.admit("Alice", WorkspaceRole.OWNER)
    async with server.client(token) as writer, server.client(token) as reader:
        project = (await writer.do("project.create", name="Apollo"))["id"]

        async def write() -> None:
            for number in range(60):
                await writer.do("task.create", project_id=project, title=f"T{number}")

        writing = asyncio.create_task(write())
        for _ in range(10):
            joined = await reader.do("room.join", room=project)
            before = len(reader.events(project))
            await asyncio.sleep(0)
            await reader.do("room.unsubscribe", room=project)
            seqs = [event["seq"] for event in reader.events(project)[before:]]
            assert seqs == list(range(joined["head"] + 1, joined["head"] + 1 + len(seqs)))
        joined = await reader.do("room.join", room=project)
        before = len(reader.events(project))
        await writing
        head = (await writer.do("room.events", room=project, after_seq=0, limit=1))["head"]
        if joined["head"] < head:
            await reader.wait_for("event", lambda e: e["room"] == project and e["seq"] == head)
        seqs = [event["seq"] for event in reader.events(project)[before:]]
        assert seqs == list(range(joined["head"] + 1, head + 1))


async def test_a_revoked_token_closes_its_connections_and_no_others(node: Start) -> None:
    server = await node()
    alice, token = await server.admit("Alice")
    _, other = await server.admit("Bob")
    async with server.client(token) as revoked, server.client(other) as bystander:
        pool = server.node.pool
        async with pool.acquire() as tx, tx.transaction():
            now = await clock(tx)
            mine = await tokens.of_member(tx, alice.id)
            events = await accounts.end_token(tx, alice.id, mine[0].id, now)
        await server.node.dispatcher.publish(events)
        assert await revoked.wait_for("closing") == {"reason": "revoked", "reconnect": False}
        await until(lambda: not revoked.socket.connected)
        assert (await bystander.send("workspace.get"))["ok"]


async def test_a_removed_member_is_out_at_once(node: Start) -> None:
    server = await node()
    _, owner = await server.admit("Owner", WorkspaceRole.OWNER)
    bob, token = await server.admit("Bob")
    async with server.client(owner) as boss, server.client(token) as gone:
        await boss.do("member.remove", member_id=bob.id)
        assert (await gone.wait_for("closing"))["reason"] == "revoked"
        await until(lambda: not gone.socket.connected)


async def test_a_smaller_role_makes_a_client_come_back_for_what_is_left(node: Start) -> None:
    server = await node()
    _, owner = await server.admit("Owner", WorkspaceRole.OWNER)
    bob, token = await server.admit("Bob")
    async with server.client(owner) as boss, server.client(token) as client:
        await boss.do("member.set_role", member_id=bob.id, role="admin")
        await boss.do("member.set_role", member_id=bob.id, role="guest")
        assert await client.wait_for("closing") == {"reason": "role_changed", "reconnect": True}


async def test_signals_take_a_joined_room(node: Start) -> None:
    server = await node()
    _, token = await server.admit("Alice", WorkspaceRole.OWNER)
    async with server.client(token) as client:
        room = (await client.do("room.create", name="general"))["id"]
        for signal in ("typing.set", "presence.list"):
            refused = await client.send(signal, room=room)
            assert refused["error"]["code"] == "not_found"
        await client.do("room.join", room=room)
        assert (await client.do("presence.list", room=room))["room"] == room
        both = await client.send("session.refresh", access_token="a", refresh_token="b")
        assert both["error"]["code"] == "invalid"


async def test_a_client_gets_no_further_answers_until_it_reads_them(node: Start) -> None:
    server = await node()
    _, token = await server.admit("Alice", WorkspaceRole.OWNER)
    async with server.client(token) as writer:
        room = (await writer.do("room.create", name="general"))["id"]
        for _ in range(20):
            await writer.do("message.send", room=room, text="x" * 20_000)
    reader = StockClient()
    await reader.connect(server.url, token)
    (connection,) = server.node.hub.all()
    reader.socket.eio.ws._response.connection.transport.pause_reading()
    for _ in range(50):
        await reader.socket.emit("room.join", {"room": room}, callback=lambda _: None)
    await until(lambda: connection.full)
    waiting = len(connection.waiting)
    assert waiting > 0
    reader.socket.eio.ws._response.connection.transport.resume_reading()
    await reader.send("workspace.get")
    await reader.close()


async def test_an_expired_token_may_be_refreshed_for_a_minute() -> None:
    closed: list[str] = []
    one, _ = connection(closed, expires_at=time.time() - 1)
    assert one.expired(0)
    one.check(lambda _: 0, time.monotonic())
    assert closed == []
    one.expires_at = time.time() - connections.EXPIRY_GRACE_SECONDS - 1
    one.check(lambda _: 0, time.monotonic())
    assert closed == ["token_expired"]


def test_a_bucket_refills_at_its_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    bucket = Bucket(rate=10, burst=3)
    assert [bucket.take() for _ in range(4)] == [0, 0, 0, pytest.approx(0.1)]
    now += 0.25
    assert [bucket.take() for _ in range(3)] == [0, 0, pytest.approx(0.05)]
