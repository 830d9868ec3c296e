"""The step from polling to a WebSocket: nothing is lost, repeated or put out of order on the way."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from server.engine import server as engine
from server.engine.packet import Packet
from tests.conformance.server import Running
from tests.conformance.visitor import Visitor, ended, frames, text, wire
from tests.nodes import until


async def stepped(socket: aiohttp.ClientWebSocketResponse) -> None:
    """Take the step."""
    await socket.send_str("2probe")
    assert await text(socket) == "3probe"
    await socket.send_str("5")


@pytest.mark.parametrize("pause", [0.0, 0.002])
async def test_what_is_sent_all_the_while_arrives_once_and_in_order(
    visitor: Visitor, running: Running, pause: float
) -> None:
    await visitor.open()
    session = running.engine.sessions[visitor.sid]
    heard: list[str] = []

    async def talk() -> None:
        for number in range(200):
            session.send(Packet(f"4{number}".encode()))
            await asyncio.sleep(pause)

    async def poll_until(last: asyncio.Event) -> None:
        while not last.is_set():
            status, body = await visitor.poll()
            assert status == 200
            heard.extend(body.split("\x1e"))

    probed = asyncio.Event()
    talking, polling = asyncio.create_task(talk()), asyncio.create_task(poll_until(probed))
    await asyncio.sleep(20 * pause)
    async with visitor.websocket() as socket:
        await socket.send_str("2probe")
        assert await text(socket) == "3probe"
        # As clients do: the last poll ends, then the step is taken.
        probed.set()
        await polling
        await socket.send_str("5")
        while "4199" not in heard:
            heard.append(await text(socket))
        await talking
    assert [packet for packet in heard if packet != "6"] == [f"4{number}" for number in range(200)]


async def test_what_waited_goes_first(visitor: Visitor, running: Running) -> None:
    await visitor.open()
    session = running.engine.sessions[visitor.sid]
    session.send(Packet(b"4first"))
    async with visitor.websocket() as socket:
        session.send(Packet(b"4second"))
        await stepped(socket)
        await until(lambda: not session.polling)
        session.send(Packet(b"4third"))
        assert [await text(socket) for _ in range(3)] == ["4first", "4second", "4third"]
        assert session.write is not None


async def test_a_poll_waits_until_the_websocket_has_been_tried(visitor: Visitor, running: Running) -> None:
    await visitor.open()
    session = running.engine.sessions[visitor.sid]
    async with visitor.websocket() as socket:
        polling = asyncio.create_task(visitor.poll())
        await until(lambda: session.polled)
        session.send(Packet(b"4news"))
        assert await polling == (200, "4news")
        # Where proxies let nothing through, clients do not ask without pause in the meantime.
        polling = asyncio.create_task(visitor.poll())
        await until(lambda: session.polled)
        await socket.send_str("2probe")
        assert await text(socket) == "3probe"
        assert await polling == (200, "6")
        assert await visitor.poll() == (200, "6")


async def test_a_step_that_is_never_taken_is_given_up(
    visitor: Visitor, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await visitor.open()
    session = running.engine.sessions[visitor.sid]
    with monkeypatch.context() as impatient:
        impatient.setattr(engine, "STEP_SECONDS", 0.05)
        async with visitor.websocket() as socket:
            await socket.send_str("2probe")
            assert await text(socket) == "3probe"
            assert await ended(socket) == 1002
    session.send(Packet(b"4still"))
    assert await visitor.poll() == (200, "4still")
    async with visitor.websocket() as again:
        await stepped(again)
        await again.send_str("4hello")
        assert await text(again) == "4hello"
        # What is given up is only a step that was not taken.
        assert session._link is not None
        running.engine._give_up(session._link)
        await again.send_str("4hello")
        assert await text(again) == "4hello"


async def test_a_poll_that_waits_ends_with_the_step(visitor: Visitor, running: Running) -> None:
    await visitor.open()
    polling = asyncio.create_task(visitor.poll())
    await until(lambda: running.engine.sessions[visitor.sid].polled)
    async with visitor.websocket() as socket:
        await socket.send_str("5")
        assert await polling == (200, "6")


@pytest.mark.parametrize("packet", ["4hello", "3", "2", "2Probe", "5 ", ""])
async def test_what_is_no_part_of_the_step_ends_only_the_websocket(
    visitor: Visitor, running: Running, packet: str
) -> None:
    await visitor.open()
    async with visitor.websocket() as socket:
        await socket.send_str(packet)
        assert await ended(socket) == 1002
    assert running.engine.sessions[visitor.sid].probe is None
    assert await visitor.post("4hello") == (200, "ok")
    assert await visitor.poll() == (200, "4hello")


async def test_a_second_websocket_changes_nothing_for_the_first(visitor: Visitor, running: Running) -> None:
    await visitor.open()
    url = f"{running.engine_url}&transport=websocket&sid={visitor.sid}"
    async with visitor.websocket() as socket:
        # All that it could say, before it can be told that it was refused.
        async with wire(url, frames("2probe", "5", "4hello")) as second:
            assert await second.end() in {1002, None}
        await stepped(socket)
        async with wire(url, frames("2probe", "5", "9")) as third:
            assert await third.end() in {1002, None}
        assert list(running.engine.sessions) == [visitor.sid]
        await socket.send_str("4hello")
        assert await text(socket) == "4hello"


async def test_a_session_that_ends_takes_its_probe_along(visitor: Visitor, running: Running) -> None:
    await visitor.open()
    async with visitor.websocket() as socket:
        running.engine.sessions[visitor.sid].close("test")
        assert await ended(socket) == 1001
    assert await visitor.poll() == (200, "1")


async def test_a_malformed_request_ends_a_session_that_has_stepped_meanwhile(
    visitor: Visitor, running: Running
) -> None:
    await visitor.open()
    session = running.engine.sessions[visitor.sid]
    go_on = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"9"
        await go_on.wait()

    posting = asyncio.create_task(visitor.post(slow()))
    await until(lambda: session.posting)
    async with visitor.websocket() as socket:
        await stepped(socket)
        await until(lambda: not session.polling)
        go_on.set()
        assert (await posting)[0] == 400
        assert await ended(socket) == 1000
    assert running.ends == {visitor.sid: "malformed_packet"}


async def test_a_step_to_a_session_that_is_over_is_refused(visitor: Visitor, running: Running) -> None:
    await visitor.open()
    running.engine.sessions[visitor.sid].close("test")
    async with visitor.websocket() as socket:
        assert await ended(socket) == 1002
    visitor.sid = "unknown"
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await visitor.websocket()
    assert refused.value.status == 400
