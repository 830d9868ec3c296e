"""A state that was dumped and loaded goes on exactly as the original; other bytes are refused."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.generator.vectors import rooms, timelines
from scripts.generator.vectors.identities import whole_life
from tests.sdk.crypto.vectors import VECTORS, Vector
from ymera_client.crypto import membership
from ymera_client.crypto.commits import Role
from ymera_client.crypto.envelopes import parse_envelope
from ymera_client.crypto.epochs import Epoch
from ymera_client.crypto.identity import verify_chain
from ymera_client.crypto.links import Pin
from ymera_client.crypto.membership import Room, Speaker, recipients_of
from ymera_client.crypto.operations import Member
from ymera_client.crypto.primitives import ZERO, digest
from ymera_client.crypto.ratchet import EpochKeys, KeyRing
from ymera_client.crypto.stored import (
    StoredError,
    dump_chain,
    dump_history,
    dump_keys,
    dump_room,
    dump_timeline,
    load_chain,
    load_history,
    load_keys,
    load_room,
    load_timeline,
)
from ymera_client.crypto.wire import u32

_, WHOLE = timelines.whole()
_, PASSING = timelines.talk(timelines.EPHEMERAL)
ANN = whole_life()


class Restarting(timelines.Follower):
    """Somebody whose process ends before each item."""

    def _take(self, what: str, seq: int, raw: bytes) -> None:
        state = load_timeline(dump_timeline(self.state))
        ring = load_keys(dump_keys(self.ring), state.room.epochs)
        assert state == self.state
        assert ring == stored(self.ring)
        self.state, self.ring = state, ring
        super()._take(what, seq, raw)


def stored(ring: KeyRing) -> KeyRing:
    """A ring without what can be made again."""
    held = {
        number: keys if keys.secret is None else replace(keys, strands={})
        for number, keys in ring.epochs.items()
    }
    return KeyRing(held)


def of_calls(*names: str) -> list[Vector]:
    return [vector for vector in VECTORS if vector.case["run"] in names]


@pytest.mark.parametrize("vector", of_calls("timeline", "anchored"), ids=lambda vector: vector.name)
def test_a_timeline_goes_on_from_its_dump(vector: Vector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timelines, "Follower", Restarting)
    assert vector.play() == vector.expected()


@pytest.mark.parametrize("vector", of_calls("room", "boxes", "grant", "due"), ids=lambda vector: vector.name)
def test_a_room_goes_on_from_its_dump(vector: Vector, monkeypatch: pytest.MonkeyPatch) -> None:
    def restarting(room: Room, *given: Any) -> Room:
        loaded = load_room(dump_room(room))
        assert loaded == room
        return apply(loaded, *given)

    apply = membership.apply
    monkeypatch.setattr(membership, "apply", restarting)
    assert vector.play() == vector.expected()


def test_chains_come_back() -> None:
    chains = {tuple(links) for vector in VECTORS for links in vector.chains.values()}
    for links in [ANN.links, *([bytes.fromhex(each) for each in chain] for chain in chains)]:
        history = verify_chain(links)
        assert load_history(dump_history(history)) == history
        assert load_chain(dump_chain(history.newest)) == history.newest
    assert ANN.history.newest.agents, "some chain has everything"


def test_used_keys_do_not_come_back() -> None:
    """Of an ephemeral room: what was deleted is in no dump."""
    ring = KeyRing.empty()
    for epoch in PASSING.room.epochs:
        ring = ring.hold(epoch, PASSING.secrets[epoch.number], ephemeral=True)
    header = parse_envelope(PASSING.items[-1].raw).header
    key, turned = ring.take(header.epoch, header.device_id, header.ctr)
    dump = dump_keys(turned)
    assert load_keys(dump, PASSING.room.epochs) == turned
    gone = [key, *PASSING.secrets.values()]
    assert not [each for each in gone if each in dump]
    assert ring.epochs[header.epoch].strands[header.device_id].key not in dump


def full_ring() -> KeyRing:
    """Of one epoch the secret, of another the chains."""
    first, second, *_ = WHOLE.room.epochs
    ring = KeyRing.empty().hold(first, WHOLE.secrets[1], ephemeral=False)
    return ring.hold(second, WHOLE.secrets[2], ephemeral=True)


DUMPS: dict[str, tuple[bytes, Callable[[bytes], object]]] = {
    "chain": (dump_chain(ANN.history.newest), load_chain),
    "history": (dump_history(ANN.history), load_history),
    "room": (dump_room(WHOLE.room), load_room),
    "timeline": (dump_timeline(WHOLE.timeline), load_timeline),
    "keys": (dump_keys(full_ring()), lambda data: load_keys(data, WHOLE.room.epochs)),
}


@pytest.mark.parametrize("name", DUMPS)
def test_a_damaged_dump_is_refused(name: str) -> None:
    data, load = DUMPS[name]
    for other in DUMPS:
        if other != name:
            with pytest.raises(StoredError, match=f"no stored {name}"):
                load(DUMPS[other][0])
    with pytest.raises(StoredError, match=f"no stored {name}"):
        load(b"\2" + data[1:])
    for spoilt in (data + b"\0", data[:1], b"", data[: len(data) // 2]):
        with pytest.raises(StoredError, match=name):
            load(spoilt)


@pytest.mark.parametrize("name", DUMPS)
@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, 10**6), byte=st.integers(0, 255), cut=st.booleans())
def test_any_bytes_give_a_state_or_a_clear_error(name: str, at: int, byte: int, *, cut: bool) -> None:
    data, load = DUMPS[name]
    place = at % len(data)
    with suppress(StoredError):
        load(data[:place] + bytes([byte]) + (b"" if cut else data[place + 1 :]))


def test_keys_of_an_epoch_that_the_room_lacks_are_refused() -> None:
    with pytest.raises(StoredError, match="the log has no epoch 2"):
        load_keys(DUMPS["keys"][0], WHOLE.room.epochs[:1])


def crowded(devices: int, epochs: int) -> Room:
    """A room in which a device is replaced with every epoch."""
    room = rooms.stage()[1].room
    names = [digest(b"tests", u32(number)) for number in range(devices + epochs)]
    speakers = {name[:16]: Speaker(name, digest(b"tests", name)) for name in names}
    people = {name: Member(Role.MEMBER, Pin(0, name), 1) for name in names[:devices]}
    made: list[Epoch] = []
    for number in range(1, epochs + 1):
        active = {name[:16]: speakers[name[:16]] for name in names[number : number + devices]}
        made.append(Epoch(number, room.ref, ZERO, bytes(72), recipients_of(active), ZERO))
        room = replace(room, active=active)
    return replace(room, members=people, epochs=tuple(made))


def test_a_large_room_is_dumped_in_little_time_and_space() -> None:
    room = crowded(1000, 100)
    began = time.process_time()
    data = dump_room(room)
    spent = time.process_time() - began
    assert load_room(data) == room
    assert len(data) < 300_000
    assert spent < 0.5


def test_a_ring_that_keeps_has_a_dump_of_its_secrets_alone() -> None:
    room = crowded(10, 100)
    epochs = {each.number: EpochKeys(each, ZERO, {}, {}) for each in room.epochs}
    assert len(dump_keys(KeyRing(epochs))) == 6 + 37 * 100
