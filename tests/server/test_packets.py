"""Socket.IO packets as text: what is written can be read by others, and nothing malformed is read."""

from typing import Any

import pytest
import socketio
from hypothesis import given
from hypothesis import strategies as st

from server import packets
from server.engine.packet import MAX_POLLED, Packet, parse_body

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
with_bytes = st.recursive(
    json_values | st.binary(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
namespaces = st.sampled_from(["/", "/custom", "/a/b"])
ack_ids = st.none() | st.integers(0, 10**15 - 1)


@given(st.sampled_from([packets.EVENT, packets.ACK]), namespaces, ack_ids, st.lists(with_bytes, max_size=3))
def test_others_read_what_is_written(
    kind: int, namespace: str, number: int | None, values: list[Any]
) -> None:
    data = ["name", *values] if kind == packets.EVENT else values
    number = number or 0 if kind == packets.ACK else number
    head, *attachments = packets.packets(kind, namespace, number, data)
    assert not head.binary
    assert head.data[:1] == b"4"
    theirs = socketio.packet.Packet(encoded_packet=head.data[1:].decode())
    for attachment in attachments:
        assert attachment.binary
        theirs.add_attachment(attachment.data)
    # Their JSON is Python's own, to which 1.0 and 1 are the same.
    assert (theirs.namespace or "/", theirs.id, theirs.data) == (namespace, number, data)
    mine = packets.decode(head.data[1:].decode())
    assert mine[:3] == (kind + (3 if attachments else 0), namespace, number)
    assert mine.attachments == len(attachments)
    restored = packets.restore(mine.data, [attachment.data for attachment in attachments])
    assert restored == data


@given(namespaces, ack_ids, st.lists(with_bytes, max_size=3))
def test_what_others_write_is_read(namespace: str, number: int | None, values: list[Any]) -> None:
    theirs = socketio.packet.Packet(
        socketio.packet.EVENT, data=["name", *values], namespace=namespace, id=number
    ).encode()
    head, *attachments = theirs if isinstance(theirs, list) else [theirs]
    mine = packets.decode(head)
    assert mine[1:3] == (namespace, number)
    assert packets.restore(mine.data, attachments) == ["name", *values]


@given(st.text(max_size=50) | st.from_regex(r"[0-9][0-9-]{0,3}(/[a-z,]*)?[0-9]*[\[{\"].*", fullmatch=True))
def test_reading_fails_in_one_way_only(text: str) -> None:
    try:
        decoded = packets.decode(text)
        packets.restore(decoded.data, [b""] * decoded.attachments)
    except ValueError:
        return
    assert 0 <= decoded.type <= 6
    assert decoded.namespace[:1] == "/"
    assert decoded.ack is None or 0 <= decoded.ack < 10**15


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7",
        "9[]",
        "x",
        "2{",
        '2["a"',
        "2[NaN]",
        "2[1e999]",
        "2[" * 2_000,
        '2["\\ud800",' + "[" * 100_000,
        '2["\\ud800",' + "[" * 5_000 + "]" * 5_001,
        f"2{'1' * 16}[]",
        "2\u0663[]",
        "5\u0661-[]",
        '5["a"]',
        '6["a"]',
        '21-["a"]',
        '5100-["a"]',
        "0{}{}",
        "2[1]x",
    ],
    ids=lambda text: text[:24],
)
def test_what_is_no_packet_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- the JSON library's own words
        packets.decode(text)


@pytest.mark.parametrize("number", [-1, 1, True, "0", None, 0.0])
def test_a_placeholder_needs_its_attachment(number: object) -> None:
    with pytest.raises(ValueError, match="attachment"):
        packets.restore([{"_placeholder": True, "num": number}], [b"one"])


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "{", "[1,]", '["\\ud800", NaN]', '["\\ud800"'])
def test_json_is_strict(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- the libraries' own words
        packets.loads(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"\\ud83d"', "\ufffd"),
        ('{"a\\udc00": ["x\\ud83d y", "\\ud83d\\ude00"]}', {"a\ufffd": ["x\ufffd y", "😀"]}),
    ],
)
def test_half_a_character_is_read_as_the_replacement_character(text: str, value: object) -> None:
    assert packets.loads(text) == value


def test_the_usual_packets_are_written_as_they_are_from_values() -> None:
    (event,) = packets.packets(packets.EVENT, "/", None, ["e", {"a": 1}])
    (ack,) = packets.packets(packets.ACK, "/", 7, [[1]])
    assert packets.event("e", b'{"a":1}').frame == event.frame
    assert packets.ack(7, b"[1]").frame == ack.frame


@given(st.lists(st.text(alphabet="ab4é☃", max_size=5) | st.binary(max_size=9), min_size=1, max_size=9))
def test_bodies_hold_packets_in_order(messages: list[str | bytes]) -> None:
    several = [
        Packet(each, binary=True) if isinstance(each, bytes) else Packet(b"4" + each.encode())
        for each in messages
    ]
    body = "\x1e".join(packet.polled for packet in several)
    assert parse_body(body.encode()) == [each if isinstance(each, bytes) else f"4{each}" for each in messages]


@given(st.binary(max_size=60))
def test_a_body_is_refused_in_one_way_only(body: bytes) -> None:
    try:
        assert 1 <= len(parse_body(body)) <= MAX_POLLED
    except ValueError:
        return
