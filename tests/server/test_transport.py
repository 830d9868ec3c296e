"""What server.transport relies on in private interfaces of others; a version that moves it fails here."""

import inspect

import pytest
import socketio
from engineio import async_socket
from engineio.async_drivers import aiohttp as driver
from engineio.payload import Payload

from server.packets import Json, ack, event
from server.transport import MAX_POLLING_PACKETS, Transport


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("_handle_connect", ["self", "eio_sid", "namespace", "data"]),
        ("_handle_event", ["self", "eio_sid", "namespace", "id", "data"]),
        ("_handle_ack", ["self", "eio_sid", "namespace", "id", "data"]),
        ("_handle_eio_message", ["self", "eio_sid", "data"]),
        ("_handle_eio_disconnect", ["self", "eio_sid", "reason"]),
    ],
)
def test_the_methods_that_are_overridden_exist(method: str, parameters: list[str]) -> None:
    found = inspect.signature(getattr(socketio.AsyncServer, method))
    assert list(found.parameters) == parameters


def test_the_driver_has_the_parts_that_are_replaced() -> None:
    assert {"translate_request", "websocket", "make_response", "create_route"} <= driver._async.keys()
    assert inspect.iscoroutinefunction(driver.WebSocket.wait)
    source = inspect.getsource(socketio.AsyncServer().eio.handle_request)
    assert "iscoroutinefunction(translate_request)" in source


async def test_a_socket_has_a_queue_that_its_writer_and_polls_empty() -> None:
    server = Transport(max_message_bytes=100_000, welcomes=lambda *_: True)
    socket = async_socket.AsyncSocket(server.eio, "sid")
    socket.queue.put_nowait(event("ready", b"{}"))
    socket.queue.put_nowait(None)
    assert [packet.encode() for packet in await socket.poll()] == ['42["ready",{}]']
    assert await socket.poll() == []
    assert socket.session == {}


def test_polling_bodies_may_hold_many_packets() -> None:
    Transport(max_message_bytes=100_000, welcomes=lambda *_: True)
    body = "\x1e".join(["4x"] * MAX_POLLING_PACKETS)
    assert len(Payload(encoded_payload=body).packets) == MAX_POLLING_PACKETS
    with pytest.raises(ValueError, match="Too many"):
        Payload(encoded_payload=body + "\x1e4x")


def test_acknowledgements_are_packets_of_the_library() -> None:
    packet = socketio.packet.Packet(encoded_packet=ack(17, {"ok": True}).encode()[1:])
    assert (packet.packet_type, packet.id, packet.data) == (socketio.packet.ACK, 17, [{"ok": True}])


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "{", "[1,]", '["\\ud800", NaN]', '["\\ud800"'])
def test_json_is_strict(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- the library's own words
        Json.loads(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"\\ud83d"', "\ufffd"),
        ('{"a\\udc00": ["x\\ud83d y", "\\ud83d\\ude00"]}', {"a\ufffd": ["x\ufffd y", "😀"]}),
    ],
)
def test_half_a_character_is_read_as_the_replacement_character(text: str, value: object) -> None:
    assert Json.loads(text) == value
