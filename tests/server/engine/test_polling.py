"""Sessions on HTTP long polling: bodies as networks and clients make them, and the last words to a client."""

import asyncio
import zlib
from collections.abc import AsyncIterator

import aiohttp
import pytest
import structlog

from server.engine import server as engine
from server.engine.packet import MAX_POLLED, Packet
from server.engine.session import MAX_POLL_BYTES, MAX_UNREAD
from tests.conformance.server import Running, serve
from tests.conformance.visitor import Visitor, ended
from tests.nodes import until


def message(text: str) -> Packet:
    return Packet(b"4" + text.encode())


@pytest.mark.parametrize("head", [{}, {"Content-Length": "50001"}], ids=["chunked", "of known length"])
async def test_a_body_in_several_segments_arrives_whole(visitor: Visitor, head: dict[str, str]) -> None:
    await visitor.open()

    async def segments() -> AsyncIterator[bytes]:
        yield b"4"
        for _ in range(50):
            yield b"x" * 1_000
            await asyncio.sleep(0)

    assert await visitor.post(segments(), headers=head) == (200, "ok")
    assert await visitor.poll() == (200, "4" + "x" * 50_000)


async def test_many_packets_of_a_body_are_taken_in_order(visitor: Visitor) -> None:
    await visitor.open()
    packets = [f"4{number}" for number in range(MAX_UNREAD)]
    assert await visitor.post("\x1e".join(packets)) == (200, "ok")
    assert await visitor.poll() == (200, "\x1e".join(packets))
    # As many as fit into a body, of which nothing has to be said.
    assert await visitor.post("\x1e".join(["6"] * MAX_POLLED)) == (200, "ok")


async def test_a_body_over_the_limit_is_too_large_and_ends_the_session(
    visitor: Visitor, running: Running
) -> None:
    await visitor.open()
    assert (await visitor.post("4" + "x" * 100_000))[0] == 413
    assert running.ends == {visitor.sid: "malformed_packet"}
    assert (await visitor.poll())[0] == 400


async def test_a_body_that_is_small_only_until_it_is_unpacked_is_too_large(visitor: Visitor) -> None:
    await visitor.open()
    packed = zlib.compress(b"4" + bytes(10_000_000))
    assert (await visitor.post(packed, headers={"Content-Encoding": "deflate"}))[0] == 413


@pytest.mark.parametrize(
    ("body", "head"),
    [
        (b"no zlib at all", {"Content-Encoding": "deflate"}),
        (b"4\xff", {}),
        (b"b===", {}),
        (b"", {}),
        (b"4a\x1e", {}),
        (b"\x1e".join([b"6"] * (MAX_POLLED + 1)), {}),
    ],
    ids=["not packed as it says", "not UTF-8", "not base64", "nothing", "nothing at its end", "too many"],
)
async def test_a_malformed_body_is_refused_and_ends_the_session(
    visitor: Visitor, running: Running, body: bytes, head: dict[str, str]
) -> None:
    await visitor.open()
    assert (await visitor.post(body, headers=head))[0] == 400
    assert running.ends == {visitor.sid: "malformed_packet"}


async def test_two_requests_with_packets_at_once_end_the_session(visitor: Visitor, running: Running) -> None:
    await visitor.open()
    go_on = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"4"
        await go_on.wait()
        yield b"late"

    first = asyncio.create_task(visitor.post(slow()))
    await until(lambda: running.engine.sessions[visitor.sid].posting)
    assert (await visitor.post("4second"))[0] == 400
    assert running.ends == {visitor.sid: "overlapping_requests"}
    go_on.set()
    await first
    # Nothing of the first was taken after the end.
    assert await visitor.poll() == (200, "1")
    assert (await visitor.poll())[0] == 400


async def test_a_client_that_breaks_off_a_request_is_no_fault_of_ours(
    visitor: Visitor, running: Running
) -> None:
    await visitor.open()

    async def broken() -> AsyncIterator[bytes]:
        yield b"4"
        await until(lambda: running.engine.sessions[visitor.sid].posting)
        raise ConnectionAbortedError("the network is gone")

    with structlog.testing.capture_logs() as logs:
        with pytest.raises(aiohttp.ClientConnectionError):
            await visitor.post(broken())
        await until(lambda: not running.engine.sessions[visitor.sid].posting)
    assert logs == []
    assert await visitor.post("4again") == (200, "ok")
    assert await visitor.poll() == (200, "4again")


async def test_after_the_end_the_next_poll_still_gets_what_waited(visitor: Visitor, running: Running) -> None:
    await visitor.open()
    session = running.engine.sessions[visitor.sid]
    session.send(message("last"))
    session.close("test")
    assert await visitor.post("4late") == (400, '{"code":3,"message":"Bad request"}')
    assert await visitor.poll() == (200, "4last\x1e1")
    assert (await visitor.poll())[0] == 400
    assert running.ends == {visitor.sid: "test"}


async def test_last_words_that_fit_into_no_answer_come_in_several(visitor: Visitor, running: Running) -> None:
    await visitor.open()
    session = running.engine.sessions[visitor.sid]
    waiting = asyncio.create_task(visitor.poll())
    await until(lambda: session.polled)
    for letter in "abc":
        session.send(message(letter * (MAX_POLL_BYTES * 2 // 3)))
    session.close("test")
    answers = [await waiting, await visitor.poll(), await visitor.poll(), await visitor.poll()]
    assert [body[1:2] for _, body in answers[:3]] == ["a", "b", "c"]
    assert answers[2][1].endswith("\x1e1")
    assert answers[3][0] == 400


async def test_last_words_are_not_kept_for_ever(
    visitor: Visitor, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "FAREWELL_SECONDS", 0.01)
    await visitor.open()
    running.engine.sessions[visitor.sid].close("test")
    await asyncio.sleep(0.02)
    assert await visitor.poll() == (400, '{"code":1,"message":"Session ID unknown"}')


async def test_a_client_that_never_polls_is_given_up(visitor: Visitor, running: Running) -> None:
    await visitor.open()
    session = running.engine.sessions[visitor.sid]
    for number in range(MAX_UNREAD + 10):
        session.send(message(str(number)))
    assert running.ends == {visitor.sid: "too_slow"}
    assert len(session.outbox) <= MAX_UNREAD + 2


async def test_other_methods_are_refused(visitor: Visitor) -> None:
    await visitor.open()
    async with visitor.http.put(f"{visitor.url}&transport=polling&sid={visitor.sid}") as answer:
        assert (answer.status, await answer.json()) == (400, {"code": 2, "message": "Bad handshake method"})


async def test_pages_of_other_origins_are_answered_as_the_server_says() -> None:
    def welcomes(origin: str, host: str) -> bool:
        return origin == "https://app.example.org" and host.startswith("localhost:")

    async with serve(welcomes=welcomes) as running, Visitor(running.engine_url) as visitor:
        address = f"{visitor.url}&transport=polling"
        for method in ("GET", "OPTIONS", "POST"):
            for origin, allowed in (("https://app.example.org", True), ("https://evil.example.org", False)):
                async with visitor.http.request(method, address, headers={"Origin": origin}) as answer:
                    # Refused, too, so that the page can read why.
                    assert answer.headers["Access-Control-Allow-Origin"] == origin
                    assert answer.headers["Vary"] == "Origin"
                    expected = {"GET": 200, "OPTIONS": 204, "POST": 400}[method]
                    assert answer.status == (expected if allowed else 403)
                    if method == "OPTIONS" and allowed:
                        assert answer.headers["Access-Control-Allow-Methods"] == "GET, POST"
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await visitor.websocket(origin="https://evil.example.org")
        assert refused.value.status == 403


async def test_closing_the_server_tells_those_who_poll(visitor: Visitor, running: Running) -> None:
    await visitor.open()
    waiting = asyncio.create_task(visitor.poll())
    await until(lambda: running.engine.sessions[visitor.sid].polled)
    async with Visitor(running.engine_url) as other, other.websocket() as socket:
        await socket.receive_str()
        await running.engine.close()
        assert await ended(socket) == 1001
    assert await waiting == (200, "1")
    assert set(running.ends.values()) == {"shutting_down"}
    assert running.engine.sessions == {}
