"""Sessions on a WebSocket: how they end, and clients that read slowly or not at all."""

import asyncio
import time

import pytest
from wsproto.connection import Connection, ConnectionType
from wsproto.events import Ping, Pong

from server.engine import session as session_module
from server.engine.packet import Packet
from server.engine.session import HIGH_WATER, Session
from tests.conformance.server import Running, serve
from tests.conformance.visitor import Visitor, Wire, frames, masked, opened, text, wire
from tests.nodes import until

CHUNK = "x" * 50_000


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (masked(0x81, b"4\xff"), 1007),
        (masked(0x81, b"4\xed\xa0\x80"), 1007),
        (masked(0x01, b"4\xc3") + masked(0x80, b"("), 1007),
        (masked(0x81, b"x" * 100_001), 1009),
        (b"\x81\x02hi", 1002),
        (masked(0x81), 1002),
        (masked(0x81, b"9"), 1002),
        (masked(0x88), 1000),
        (masked(0x88, b"\x03\xe8bye"), 1000),
        (masked(0x81, b"1"), 1000),
    ],
)
async def test_whatever_ends_a_session_is_answered_with_its_code(
    running: Running, data: bytes, code: int
) -> None:
    async with wire(f"{running.engine_url}&transport=websocket") as socket:
        (opening,) = await socket.messages(1)
        # Nothing that follows counts.
        socket.writer.write(frames("4before") + data + frames("4after"))
        assert await socket.messages(1) == ["4before"]
        assert await socket.end() == code
    assert list(running.ends) == [str(opening).split('"')[3]]
    assert running.engine.sessions == {}


async def test_a_fragmented_character_is_whole_in_the_end(running: Running) -> None:
    async with wire(f"{running.engine_url}&transport=websocket") as socket:
        socket.writer.write(masked(0x01, b"4\xc3") + masked(0x89, b"!") + masked(0x80, b"\xa4"))
        assert (await socket.messages(2))[1] == "4ä"


async def test_pings_of_the_protocol_below_are_answered(running: Running) -> None:
    async with wire(f"{running.engine_url}&transport=websocket") as socket:
        await socket.messages(1)
        socket.writer.write(Connection(ConnectionType.CLIENT).send(Ping(b"payload")) + masked(0x8A, b"pong"))
        async for event in socket.events():
            assert isinstance(event, Pong)
            assert event.payload == b"payload"
            break
        socket.writer.write(frames("4on"))
        assert await socket.messages(1) == ["4on"]


async def test_a_client_that_is_gone_has_left(running: Running) -> None:
    async with wire(f"{running.engine_url}&transport=websocket") as socket:
        await socket.messages(1)
        socket.writer.write_eof()
        assert await socket.end() is None
    await until(lambda: list(running.ends.values()) == ["connection_lost"])


async def test_an_end_says_why(visitor: Visitor, running: Running) -> None:
    async with visitor.websocket() as socket:
        session = running.engine.sessions[(await opened(socket))["sid"]]
        session.send(Packet(b"4last"))
        session.close("test", code=1001)
        session.send(Packet(b"4late"))
        assert await text(socket) == "4last"
        message = await socket.receive()
        assert (message.data, message.extra) == (1001, "test")
        assert session.write is None
    assert running.ends == {session.id: "test"}


async def never_reads(socket: Wire, running: Running) -> Session:
    """The session of a client whose transport takes no more."""
    await socket.messages(1)
    (session,) = running.engine.sessions.values()
    for number in range(1_000):
        session.send(Packet(f"4{number} {CHUNK}".encode()))
        if session.write is None and session.outbox:
            break
        if number % 8 == 0:
            # The system takes bytes for as long as it has room.
            await asyncio.sleep(0.001)
    assert session.write is None
    assert session.outbox
    return session


async def test_a_client_that_stops_reading_gets_everything_when_it_goes_on(running: Running) -> None:
    async with wire(f"{running.engine_url}&transport=websocket") as socket:
        session = await never_reads(socket, running)
        waiting = len(session.outbox)
        session.send(Packet(b"4end"))
        assert len(session.outbox) == waiting + 1
        assert session.outbox_bytes == sum(len(packet.data) for packet in session.outbox)
        numbers = []
        while (message := str((await socket.messages(1))[0])) != "4end":
            numbers.append(int(message[1:].removesuffix(CHUNK)))
        assert numbers == list(range(len(numbers)))
        assert len(numbers) >= waiting
        await until(lambda: session.write is not None)
        assert (len(session.outbox), session.outbox_bytes) == (0, 0)


async def test_what_waits_for_a_client_that_never_reads_is_bounded(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "LINGER_SECONDS", 3_600.0)
    async with wire(f"{running.engine_url}&transport=websocket") as socket:
        session = await never_reads(socket, running)
        transport = session._link.transport  # type: ignore[union-attr]
        assert transport.get_write_buffer_size() <= HIGH_WATER + len(CHUNK) + 20
        while not session.closed:
            session.send(Packet(b"4"))
        # It would never read that it is closed, either.
        assert transport.is_closing()
        await until(lambda: transport.get_write_buffer_size() == 0)
    assert list(running.ends.values()) == ["too_slow"]


async def test_last_words_that_nobody_reads_are_not_kept_for_long(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "LINGER_SECONDS", 0.05)
    async with wire(f"{running.engine_url}&transport=websocket") as socket:
        session = await never_reads(socket, running)
        link = session._link
        assert link is not None
        # As if it had read just enough before it stopped again.
        link.paused = False
        session.close("test")
        assert link.transport.get_write_buffer_size() > 0
        await until(lambda: link.transport.get_write_buffer_size() == 0)


async def test_pings_are_answered_or_the_session_ends() -> None:
    async with serve(ping_seconds=0.05, pong_seconds=0.1) as running, Visitor(running.engine_url) as visitor:
        async with visitor.websocket() as socket:
            await opened(socket)
            for _ in range(4):
                assert await text(socket) == "2"
                await socket.send_str("3")
            assert await text(socket) == "2"
            message = await socket.receive()
            assert (message.data, message.extra) == (1000, "ping_timeout")
        assert list(running.ends.values()) == ["ping_timeout"]


async def test_a_pong_that_comes_too_late_changes_nothing() -> None:
    async with serve(ping_seconds=0.05, pong_seconds=0.05) as running, Visitor(running.engine_url) as visitor:
        await visitor.open()
        assert await visitor.poll() == (200, "2")
        session = running.engine.sessions[visitor.sid]
        assert session.pong_by is not None
        await asyncio.sleep(max(0, session.pong_by - asyncio.get_running_loop().time()))
        assert (await visitor.post("3"))[0] == 400
        assert running.ends == {visitor.sid: "ping_timeout"}


async def test_nobody_is_ended_because_the_server_stood_still() -> None:
    async with (
        serve(ping_seconds=0.1, pong_seconds=1.0) as running,
        Visitor(running.engine_url) as visitor,
        visitor.websocket() as socket,
    ):
        await opened(socket)
        # As when the machine was suspended: the ping is late, and no pong can have come.
        time.sleep(1.3)  # noqa: ASYNC251 -- nothing may run
        for _ in range(2):
            assert await text(socket) == "2"
            await socket.send_str("3")
        assert running.ends == {}
