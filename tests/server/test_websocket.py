"""Frames without a socket, against an implementation by others, and everything that a client may not send."""

import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from itertools import accumulate, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Message, Ping, Pong, TextMessage
from wsproto.extensions import PerMessageDeflate

from server.engine import websocket
from server.engine.websocket import MAX_FRAGMENTS, Reader, Violation
from tests.conformance.visitor import masked

LIMIT = 100_000
Whole = tuple[int, bytes]
Event = Message[Any] | Ping | Pong


def read(reader: Reader, data: bytes, cuts: list[int] | None = None) -> list[Whole]:
    """All messages in the data, which comes in as many pieces as there are cuts, and one."""
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts or []), len(data)]
    return [message for start, end in pairwise(edges) for message in reader.feed(data[start:end])]


@contextmanager
def allowing(*codes: int) -> Iterator[None]:
    """What may be refused with one of these codes, and fail in no other way."""
    refused = 0
    try:
        yield
    except Violation as violation:
        refused = violation.code
    assert refused in {0, *codes}


def refusal(data: bytes, *, limit: int = LIMIT, deflate: bool = False) -> int:
    """The code with which the data is refused, which they must be."""
    with pytest.raises(Violation) as refused:
        read(Reader(limit, deflate=deflate), data)
    return refused.value.code


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
controls: st.SearchStrategy[list[Event]] = st.lists(
    st.builds(Ping, st.binary(max_size=125)) | st.builds(Pong, st.binary(max_size=125)), max_size=2
)


@st.composite
def conversations(draw: st.DrawFn, part: st.SearchStrategy[str] = text) -> list[Event]:
    """Messages in fragments, with control frames before, between and after them."""
    events: list[Event] = draw(controls)
    for parts in draw(st.lists(st.lists(part, min_size=1, max_size=4), max_size=4)):
        binary = draw(st.booleans())
        for at, said in enumerate(parts, 1):
            last = at == len(parts)
            if binary:
                events.append(BytesMessage(said.encode(), message_finished=last))
            else:
                events.append(TextMessage(said, message_finished=last))
            events += draw(controls)
    return events


def expected(events: list[Event]) -> list[Whole]:
    """What a server reads of them."""
    whole: list[Whole] = []
    parts = b""
    for event in events:
        if isinstance(event, Ping | Pong):
            opcode = websocket.PING if isinstance(event, Ping) else websocket.PONG
            whole.append((opcode, bytes(event.payload)))
            continue
        parts += event.data.encode() if isinstance(event.data, str) else bytes(event.data)
        if event.message_finished:
            binary = isinstance(event, BytesMessage)
            whole.append((websocket.BINARY if binary else websocket.TEXT, parts))
            parts = b""
    return whole


@given(
    conversations(text | st.just("x" * 70_000)), st.lists(st.integers(0, 5_000), max_size=20), st.booleans()
)
def test_whatever_others_write_is_read_however_it_is_split(
    events: list[Event], cuts: list[int], deflate: bool
) -> None:
    extension = PerMessageDeflate(client_no_context_takeover=True, server_no_context_takeover=True)
    if deflate:
        extension.finalize("permessage-deflate; client_no_context_takeover; server_no_context_takeover")
    client = Connection(ConnectionType.CLIENT, [extension] if deflate else [])
    data = b"".join(client.send(event) for event in events)
    assert read(Reader(LIMIT * 4, deflate=deflate), data, cuts) == expected(events)


@given(conversations())
def test_it_is_read_byte_by_byte(events: list[Event]) -> None:
    client = Connection(ConnectionType.CLIENT)
    data = b"".join(client.send(event) for event in events)
    assert read(Reader(LIMIT), data, list(range(len(data)))) == expected(events)


@given(st.lists(st.tuples(st.booleans(), text | st.just("long " * 20_000)), max_size=5), st.booleans())
def test_others_read_what_is_written(messages: list[tuple[bool, str]], deflate: bool) -> None:
    extension = PerMessageDeflate(client_no_context_takeover=True, server_no_context_takeover=True)
    if deflate:
        extension.finalize("permessage-deflate; client_no_context_takeover; server_no_context_takeover")
    client = Connection(ConnectionType.CLIENT, [extension] if deflate else [])
    write = websocket.deflated_frame if deflate else websocket.frame
    for binary, message in messages:
        client.receive_data(write(message.encode(), websocket.BINARY if binary else websocket.TEXT))
        got = list(client.events())
        assert all(isinstance(event, BytesMessage if binary else TextMessage) for event in got)
        kept = [event.data for event in got if isinstance(event, Message)]
        said = b"".join(part.encode() if isinstance(part, str) else bytes(part) for part in kept)
        assert said == message.encode()
    client.receive_data(websocket.close_frame(websocket.TOO_BIG, "reason " * 50))
    (closing,) = client.events()
    assert isinstance(closing, CloseConnection)
    assert (closing.code, closing.reason) == (1009, ("reason " * 50)[:120])


@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=5), st.booleans())
def test_nothing_but_a_violation_is_raised(data: bytes, cuts: list[int], deflate: bool) -> None:
    with allowing(1002, 1009):
        for opcode, payload in read(Reader(200, deflate=deflate), data, cuts):
            assert opcode in {1, 2, 8, 9, 10}
            assert len(payload) <= 200


@given(st.binary(min_size=1, max_size=100), st.integers(0, 15), st.booleans(), st.booleans())
def test_nothing_but_a_violation_is_raised_for_masked_frames(
    payload: bytes, opcode: int, final: bool, packed: bool
) -> None:
    data = masked((0x80 if final else 0) | (0x40 if packed else 0) | opcode, payload)
    with allowing(1002, 1009):
        read(Reader(200, deflate=True), data + data)


VIOLATIONS = {
    "no mask": b"\x81\x01a",
    "no mask on a control frame": b"\x89\x00",
    "reserved bit 1": masked(0xC1, b"a"),
    "reserved bit 2": masked(0xA1, b"a"),
    "reserved bit 3": masked(0x91, b"a"),
    "an opcode for data that does not exist": masked(0x83, b"a"),
    "an opcode for control that does not exist": masked(0x8B),
    "a control frame in fragments": masked(0x09),
    "a control frame that is too long": masked(0x89, b"x" * 126),
    "a continuation of nothing": masked(0x80, b"a"),
    "a continuation that never began": masked(0x00, b"a"),
    "a message within another": masked(0x01, b"a") + masked(0x81, b"b"),
    "a message that begins within another": masked(0x01, b"a") + masked(0x02, b"b"),
    "a continuation after the last fragment": masked(0x01, b"a") + masked(0x80, b"b") + masked(0x80, b"c"),
}


@pytest.mark.parametrize("data", VIOLATIONS.values(), ids=VIOLATIONS.keys())
def test_what_breaks_the_protocol_is_refused(data: bytes) -> None:
    assert refusal(data) == websocket.PROTOCOL_ERROR


@pytest.mark.parametrize("first", [0xC0, 0x40, 0xC9, 0xC8])
def test_only_the_first_frame_of_a_message_may_say_that_it_is_compressed(first: int) -> None:
    begun = masked(0x01, b"a") if first & 0xF == 0 else b""
    assert refusal(begun + masked(first), deflate=True) == websocket.PROTOCOL_ERROR


@pytest.mark.parametrize("size", [LIMIT + 1, 2**40, 2**64 - 1])
def test_a_message_that_is_too_big_is_refused_by_its_head(size: int) -> None:
    reader = Reader(LIMIT)
    assert read(reader, masked(0x81, b"x" * LIMIT)) == [(1, b"x" * LIMIT)]
    with pytest.raises(Violation) as refused:
        read(reader, masked(0x81, size=size)[:14])
    assert refused.value.code == websocket.TOO_BIG


def test_fragments_that_are_too_big_together_are_refused_by_the_last_ones_head() -> None:
    reader = Reader(LIMIT)
    assert read(reader, masked(0x02, b"x" * LIMIT)) == []
    assert read(reader, masked(0x00)) == []
    with pytest.raises(Violation) as refused:
        read(reader, masked(0x80, size=1)[:6])
    assert refused.value.code == websocket.TOO_BIG


def test_a_message_may_have_so_many_fragments() -> None:
    many = masked(0x01) + masked(0x00) * (MAX_FRAGMENTS - 2)
    assert read(Reader(LIMIT), many + masked(0x80)) == [(1, b"")]
    assert refusal(many + masked(0x00) * 2) == websocket.TOO_BIG


def test_a_compressed_message_is_never_larger_than_allowed() -> None:
    def squeezed(size: int) -> bytes:
        deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        return (deflate.compress(bytes(size)) + deflate.flush(zlib.Z_SYNC_FLUSH)).removesuffix(
            b"\0\0\xff\xff"
        )

    reader = Reader(LIMIT, deflate=True)
    assert read(reader, masked(0xC2, squeezed(LIMIT))) == [(2, bytes(LIMIT))]
    bomb = squeezed(LIMIT * 500)
    assert len(bomb) < LIMIT
    assert refusal(masked(0xC2, bomb), deflate=True) == websocket.TOO_BIG
    assert refusal(masked(0xC2, b"\xff\xff\xff"), deflate=True) == websocket.PROTOCOL_ERROR


def kept(reader: Reader) -> int:
    """Bytes of unfinished messages that a reader keeps."""
    return len(reader._buffer) + sum(map(len, reader._parts))


def test_a_large_message_in_many_pieces_is_copied_as_often_as_in_few() -> None:
    payload = os.urandom(LIMIT)
    data = masked(0x82, payload)
    reader = Reader(LIMIT)
    buffers = set()
    for end in accumulate([50] * (len(data) // 50)):
        assert list(reader.feed(data[end - 50 : end])) == []
        buffers.add(id(reader._buffer))
        assert kept(reader) == end
    # The first piece as it came, and from the second on one that grows.
    assert len(buffers) <= 2
    assert list(reader.feed(data[len(data) // 50 * 50 :])) == [(2, payload)]
    assert kept(reader) == 0


@given(st.lists(st.binary(max_size=60), max_size=40))
def test_of_an_unfinished_message_no_more_is_kept_than_a_message_may_have(parts: list[bytes]) -> None:
    reader = Reader(500)
    data = b"".join(masked(0x00 if at else 0x01, part) for at, part in enumerate(parts))
    with allowing(1009) if sum(map(len, parts)) > 500 else nullcontext():
        for at in range(0, len(data), 7):
            list(reader.feed(data[at : at + 7]))
            assert kept(reader) <= 500 + 14


@pytest.mark.parametrize(
    ("offered", "accepted"),
    [
        ("permessage-deflate", True),
        ("permessage-deflate; client_max_window_bits", True),
        ("x-webkit-deflate-frame, Permessage-Deflate; client_max_window_bits=10", True),
        ('permessage-deflate; server_max_window_bits="15"; client_no_context_takeover', True),
        ("permessage-deflate; server_max_window_bits=10, permessage-deflate", True),
        ("permessage-deflate; server_max_window_bits=10", False),
        ("permessage-deflate; server_max_window_bits", False),
        ("permessage-deflate; client_max_window_bits=16", False),
        ("permessage-deflate; client_max_window_bits=7", False),
        ("permessage-deflate; colour=red", False),
        ("permessage-bzip2", False),
        ("", False),
        (",;,", False),
    ],
)
def test_compression_is_accepted_as_it_can_be_done(offered: str, accepted: bool) -> None:
    answer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
    assert websocket.negotiate(offered) == (answer if accepted else None)


def test_small_messages_are_not_compressed() -> None:
    small, large = b"x" * (websocket.MIN_DEFLATED - 1), b"x" * websocket.MIN_DEFLATED
    assert websocket.deflated_frame(small) == websocket.frame(small)
    assert len(websocket.deflated_frame(large)) < 100


@pytest.mark.parametrize(
    ("key", "answer"),
    [
        ("dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
        ("", None),
        ("dGhlIHNhbXBsZSBub25jZQ", None),
        ("dGhlIHNhbXBsZSBub25jZQ==\n", None),
        ("dGhlIHNhbXBsZSBub25jZ===", None),
        ("dGhlIHNhbXBsZSBub25jZS4=", None),
    ],
)
def test_a_key_is_answered_as_the_standard_says(key: str, answer: str | None) -> None:
    assert websocket.accept(key) == answer
