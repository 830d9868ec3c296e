"""No bit of what is signed can be changed, and whatever the bytes, they give a value or a `Refused`."""

from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.cx1 import commits, envelopes, identity, links, membership
from handlers.cx1.errors import Refused
from tests.handlers.cx1.limits import named
from tests.handlers.cx1.vectors import HEX, Log, identities

TALK = named("timelines-run-talk")
ITEMS = [HEX(item["raw"]) for item in TALK.case["input"]["items"]]
CHAIN = [HEX(link) for link in named("identities-chain-7").case["input"]["links"]]


def flipped(raw: bytes) -> Iterator[bytes]:
    """The bytes with each bit changed, one at a time."""
    for bit in range(8 * len(raw)):
        at, mask = bit // 8, 1 << bit % 8
        yield raw[:at] + bytes([raw[at] ^ mask]) + raw[at + 1 :]


def room_before(count: int) -> Log:
    """A room with so many commits."""
    log = Log(ITEMS[0], identities(TALK))
    for raw in ITEMS[1:count]:
        log.commit(raw)
    return log


@pytest.mark.parametrize("seq", range(1, len(CHAIN)))
def test_no_bit_of_a_link_can_be_changed(seq: int) -> None:
    before = identity.replay(CHAIN[:seq])
    for raw in flipped(CHAIN[seq]):
        with pytest.raises(Refused):
            identity.extend(before, raw)


def test_no_bit_of_a_commit_can_be_changed() -> None:
    log = room_before(2)
    for raw in flipped(ITEMS[2]):
        with pytest.raises(Refused):
            log.commit(raw)


def test_no_bit_of_an_envelope_can_be_changed() -> None:
    log = room_before(3)
    for raw in flipped(ITEMS[3]):
        with pytest.raises(Refused):
            log.envelope(raw)


READERS: dict[str, Callable[[bytes], object]] = {
    "link": links.parse,
    "chain": lambda raw: identity.replay([*CHAIN, raw]),
    "commit": commits.parse,
    "room": lambda raw: membership.found(commits.parse(raw), identities(TALK)),
    "envelope": envelopes.parse,
}


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=60, deadline=None)
@given(raw=st.binary(max_size=600), begun=st.sampled_from([b"", b"\x01", b"\x01\x01"]))
def test_any_bytes_give_a_value_or_a_named_fault(name: str, raw: bytes, begun: bytes) -> None:
    with suppress(Refused):
        READERS[name](begun + raw)
