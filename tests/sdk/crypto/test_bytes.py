"""Whatever the bytes, reading them gives a value or a named fault; and no signed bit can be changed."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.generator.vectors import rooms, timelines
from scripts.generator.vectors.cast import Chance, Memory
from scripts.generator.vectors.epochs import DEVICE, X_SECRET, make_epoch
from scripts.generator.vectors.identities import whole_life
from ymera_client.crypto import (
    commits,
    content,
    envelopes,
    epochs,
    files,
    identity,
    invites,
    linking,
    links,
    membership,
    primitives,
    recovery,
    transcript,
    wire,
)
from ymera_client.crypto.content import Content, ContentType
from ymera_client.crypto.envelopes import EnvelopeKind
from ymera_client.crypto.errors import Blame, Cx1Error, Fault

ANN = whole_life()
CAST, ROOM = timelines.talk()
NEXT = ROOM.write(CAST.ann, commits.Rotate()).raw
SAID = ROOM.seal(CAST.bob, "hello")
EPOCH = make_epoch(7, b"\x01" * 32)
BACKUP = recovery.Backup(b"\x01" * 32, 1, b"\x02" * 32)
FILE = files.FileKey(b"\x01" * 32, b"\x02" * 24, b"\x03" * 32, b"\x04" * 16)
NOTHING = files.Sums(0, bytes(32), bytes(32))

READERS: dict[str, Callable[[bytes], object]] = {
    "link": links.parse_link,
    "chain": lambda raw: identity.verify_chain([*ANN.links, raw]),
    "commit": commits.parse_commit,
    "commit-applied": lambda raw: membership.apply(ROOM.room, raw, ROOM.directory, 9),
    "room": lambda raw: membership.found(raw, ROOM.directory),
    "envelope": envelopes.parse_envelope,
    "stub": envelopes.parse_stub,
    "event": lambda raw: content.read_content(EnvelopeKind.EVENT, raw),
    "padded-event": lambda raw: content.read_content(EnvelopeKind.EVENT, primitives.pad(b"\x01" + raw)),
    "snapshot": lambda raw: content.read_content(EnvelopeKind.SNAPSHOT, primitives.pad(b"\x02" + raw)),
    "json": content.json_object,
    "box": lambda raw: epochs.open_box(EPOCH, raw, device_id=DEVICE, x_secret=X_SECRET),
    "secret": lambda raw: epochs.accept_secret(EPOCH, raw),
    "master": lambda raw: recovery.open_master(bytes(32), raw, fp=bytes(32), version=1),
    "entry": lambda raw: recovery.open_entry(BACKUP, EPOCH, raw),
    "trust": lambda raw: recovery.open_trust(BACKUP, bytes(32), raw),
    "package": lambda raw: linking.open_package(bytes(32), bytes(16), raw),
    "chunk": lambda raw: files.Opener(FILE, NOTHING).pull(raw),
    "file": lambda raw: files.open_file(FILE, raw, NOTHING),
}
TEXT_READERS: dict[str, Callable[[str], object]] = {
    "base64url": wire.from_text,
    "qr": linking.scan,
    "invite": invites.parse_fragment,
    "code": recovery.normalise_code,
}
SEEDS = [*ANN.links, *(item.raw for item in ROOM.items), NEXT, SAID, b"{}", b'{"a":[1,null]}']
edits = st.lists(st.tuples(st.integers(0, 4000), st.binary(max_size=4), st.integers(0, 3)), max_size=4)


@st.composite
def resembling(draw: st.DrawFn) -> bytes:
    """Bytes that begin like real ones."""
    raw = draw(st.sampled_from(SEEDS))
    for at, inserted, dropped in draw(edits):
        place = at % (len(raw) + 1)
        raw = raw[:place] + inserted + raw[place + dropped :]
    return raw


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=40, deadline=None)
@given(raw=st.one_of(st.binary(max_size=600), resembling()))
def test_any_bytes_give_a_value_or_a_named_fault(name: str, raw: bytes) -> None:
    with suppress(Cx1Error):
        READERS[name](raw)


@pytest.mark.parametrize("name", TEXT_READERS)
@settings(max_examples=60, deadline=None)
@given(text=st.one_of(st.text(max_size=120), st.text("-_ABCab01234.", max_size=200)))
def test_any_text_gives_a_value_or_a_named_fault(name: str, text: str) -> None:
    with suppress(Cx1Error):
        TEXT_READERS[name](text)


def flipped(raw: bytes, bit: int) -> bytes:
    """The bytes with one bit changed."""
    at, mask = bit // 8, 1 << bit % 8
    return raw[:at] + bytes([raw[at] ^ mask]) + raw[at + 1 :]


bits = st.integers(0, 10**6)


@settings(max_examples=150, deadline=None)
@given(index=st.integers(0, len(ANN.links) - 1), bit=bits)
def test_no_bit_of_a_link_can_be_changed(index: int, bit: int) -> None:
    chained = list(ANN.links)
    chained[index] = flipped(chained[index], bit % (8 * len(chained[index])))
    with pytest.raises(Cx1Error):
        identity.verify_chain(chained, fp=ANN.fp)


@settings(max_examples=200, deadline=None)
@given(bit=bits)
def test_no_bit_of_a_commit_can_be_changed(bit: int) -> None:
    raw = flipped(NEXT, bit % (8 * len(NEXT)))
    with pytest.raises(Cx1Error) as refused:
        transcript.apply_commit(ROOM.timeline, ROOM.timeline.seq + 1, raw, ROOM.directory, ROOM.memory)
    assert refused.value.code is not None


@settings(max_examples=200, deadline=None)
@given(bit=bits)
def test_no_bit_of_an_envelope_can_be_changed(bit: int) -> None:
    raw = flipped(SAID, bit % (8 * len(SAID)))
    with pytest.raises(Cx1Error) as refused:
        transcript.receive(ROOM.timeline, ROOM.ring, ROOM.timeline.seq + 1, raw, ROOM.memory)
    assert refused.value.blame is Blame.SERVER


@settings(max_examples=60, deadline=None)
@given(bit=bits)
def test_no_bit_of_a_box_or_a_sealed_secret_can_be_changed(bit: int) -> None:
    box = epochs.seal_box(
        b"\x01" * 32,
        room_ref=EPOCH.room_ref,
        number=EPOCH.number,
        device_id=DEVICE,
        x_pk=primitives.box_public(X_SECRET),
        version=0,
        seed=b"\x07" * 32,
    )
    entry = recovery.seal_entry(BACKUP, EPOCH, b"\x01" * 32, bytes(24))
    # The version in front of a box only says which key to try.
    spoilt = box[:4] + flipped(box[4:], bit % (8 * (len(box) - 4)))
    with pytest.raises(Cx1Error) as refused:
        epochs.open_box(EPOCH, spoilt, device_id=DEVICE, x_secret=X_SECRET)
    assert refused.value.blame is Blame.SENDER
    with pytest.raises(Cx1Error):
        recovery.open_entry(BACKUP, EPOCH, flipped(entry, bit % (8 * len(entry))))


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=300), crdt=st.booleans())
def test_what_is_sealed_can_be_opened(data: bytes, *, crdt: bool) -> None:
    kind = EnvelopeKind.UPDATE if crdt else EnvelopeKind.EVENT
    made = (
        Content(ContentType.CRDT, data)
        if crdt
        else Content(ContentType.JSON, b'{"a":"' + data.hex().encode() + b'"}')
    )
    entity = b"\x01" * 16 if crdt else bytes(16)
    raw = ROOM.seal(CAST.bob, "", content=made, kind=kind, entity_id=entity)
    assert len(raw) == 180 + 24 + 4 + 16 + 64 + 64 * (len(made.data) // 64 + 1 + (len(made.data) % 64 > 62))
    outcome, _, _ = transcript.receive(
        ROOM.timeline, ROOM.ring, ROOM.timeline.seq + 1, raw, Memory(ROOM.memory.hashes)
    )
    assert outcome == transcript.Opened(envelopes.parse_envelope(raw), made)


@settings(max_examples=25, deadline=None)
@given(size=st.one_of(st.integers(0, 300), st.integers(2**16 - 2, 2**16 + 2), st.integers(0, 200_000)))
def test_a_file_of_any_size_comes_back(size: int) -> None:
    data = Chance("bytes").draw(64) * (size // 64 + 1)
    sealed, sums = files.seal_file(FILE, data[:size])
    assert len(sealed) == files.encrypted_size(size)
    assert files.open_file(FILE, sealed, sums) == data[:size]


@settings(max_examples=100, deadline=None)
@given(entropy=st.binary(min_size=19, max_size=19), at=st.integers(0, 31), other=st.integers(1, 31))
def test_a_code_notices_every_wrong_character_and_every_swap(entropy: bytes, at: int, other: int) -> None:
    code = recovery.make_code(entropy)
    assert recovery.normalise_code(recovery.show_code(code)) == code
    wrong = recovery.ALPHABET[(recovery.ALPHABET.index(code[at]) + other) % 32]
    with pytest.raises(Cx1Error) as refused:
        recovery.normalise_code(code[:at] + wrong + code[at + 1 :])
    assert refused.value.fault is Fault.CODE_CHECKSUM
    place = at % 29
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if swapped != code:
        with pytest.raises(Cx1Error):
            recovery.normalise_code(swapped)


@given(data=st.binary(max_size=200))
def test_text_and_padding_come_back(data: bytes) -> None:
    assert wire.from_text(wire.to_text(data)) == data
    assert primitives.unpad(primitives.pad(data)) == data


def test_the_stages_are_what_the_cases_take_them_for() -> None:
    """The bytes that are spoilt above are good ones."""
    state = transcript.apply_commit(ROOM.timeline, ROOM.timeline.seq + 1, NEXT, ROOM.directory, ROOM.memory)
    assert state.room.epoch == ROOM.room.epoch + 1
    assert rooms.replay(ROOM.directory, [raw.hex() for raw in rooms.log_of(ROOM)]) is not None
