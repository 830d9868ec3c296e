"""The states that a device keeps between processes, as bytes.

They are the device's own: the caller encrypts them at rest, and what comes back is taken as it was, with
nothing verified again. The form is this implementation's alone and has a version. A loaded state goes on
exactly as the one that was dumped; bytes that are no such state are refused with `StoredError`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from enum import IntEnum
from typing import TypeVar

from ymera_client.crypto.commits import Policy, Role
from ymera_client.crypto.epochs import Epoch, Recipient, find
from ymera_client.crypto.errors import Cx1Error
from ymera_client.crypto.identity import Chain, Device, History
from ymera_client.crypto.links import DEVICE_ID, Kind, Pin
from ymera_client.crypto.membership import Room, Speaker
from ymera_client.crypto.operations import Member
from ymera_client.crypto.primitives import FP, HASH, KEY
from ymera_client.crypto.ratchet import EpochKeys, KeyRing, Strand
from ymera_client.crypto.transcript import Cursor, Timeline
from ymera_client.crypto.wire import Reader, u8, u32, u64, v16

FORM = 1
SALT = 16
T = TypeVar("T")


class Sort(IntEnum):
    """What was dumped; it stands in front, so that one is not taken for another."""

    CHAIN = 1
    HISTORY = 2
    ROOM = 3
    TIMELINE = 4
    KEYS = 5


class StoredError(ValueError):
    """Bytes from the device's own store are not what this version has stored: fetch the state anew."""


def dump_chain(chain: Chain) -> bytes:
    """An identity after one of its links."""
    return _front(Sort.CHAIN) + _chain(chain)


def load_chain(data: bytes) -> Chain:
    """What `dump_chain` was given, or `StoredError`."""
    with _opened(Sort.CHAIN, data) as reader:
        return _read_chain(reader)


def dump_history(history: History) -> bytes:
    """A verified chain with its state after every link: the first, then what each later one changed."""
    pairs = zip(history.states, history.states[1:], strict=False)
    changes = [_change(before, after) for before, after in pairs]
    return _front(Sort.HISTORY) + _chain(history.states[0]) + _listed(changes)


def load_history(data: bytes) -> History:
    """What `dump_history` was given, or `StoredError`."""
    with _opened(Sort.HISTORY, data) as reader:
        states = [_read_chain(reader)]
        for _ in range(reader.u32()):
            states.append(_read_change(reader, states[-1]))
        return History(tuple(states))


def dump_room(room: Room) -> bytes:
    """A room after one of its commits. It changes with commits only."""
    return _front(Sort.ROOM) + _room(room)


def load_room(data: bytes) -> Room:
    """What `dump_room` was given, or `StoredError`."""
    with _opened(Sort.ROOM, data) as reader:
        return _read_room(reader)


def dump_timeline(timeline: Timeline) -> bytes:
    """A timeline with its room and where each device stands."""
    cursors = (
        device_id + u32(each.epoch) + u64(each.ctr) + each.prev
        for device_id, each in timeline.cursors.items()
    )
    place = u64(timeline.seq) + timeline.hash + u64(timeline.anchor)
    return _front(Sort.TIMELINE) + place + _listed(cursors) + _room(timeline.room)


def load_timeline(data: bytes) -> Timeline:
    """What `dump_timeline` was given, or `StoredError`."""
    with _opened(Sort.TIMELINE, data) as reader:
        seq, transcript, anchor = reader.u64(), reader.fixed(HASH), reader.u64()
        cursors = _read_map(reader, DEVICE_ID, _read_cursor)
        return Timeline(_read_room(reader), seq, transcript, cursors, anchor)


def dump_keys(keys: KeyRing) -> bytes:
    """The keys of a room: secret, for the caller to encrypt.

    Where an epoch's secret is held, senders' chains are made again from it and left out; so in a room that
    keeps this changes only when a secret comes, and in an ephemeral one with every key that is taken.
    """
    return _front(Sort.KEYS) + _listed(map(_epoch_keys, keys.epochs.values()))


def load_keys(data: bytes, epochs: Sequence[Epoch]) -> KeyRing:
    """The ring that `dump_keys` was given, or `StoredError`; `epochs` are its room's."""
    with _opened(Sort.KEYS, data) as reader:
        held = _read_list(reader, lambda reader: _read_epoch_keys(reader, epochs))
        return KeyRing({each.epoch.number: each for each in held})


def _front(sort: Sort) -> bytes:
    return u8(FORM) + u8(sort)


@contextmanager
def _opened(sort: Sort, data: bytes) -> Iterator[Reader]:
    """Have whatever is wrong with stored bytes be a fault of the store, and nobody's in the room."""
    name = sort.name.lower()
    try:
        reader = Reader(data)
        if (found := (reader.u8(), reader.u8())) != (FORM, sort):
            raise StoredError(f"no stored {name}: {(FORM, int(sort))} stands in front of one, not {found}")
        yield reader
        reader.end()
    except Cx1Error as refusal:
        raise StoredError(f"the stored {name} is damaged: {refusal.detail}") from None


def _listed(items: Iterable[bytes]) -> bytes:
    found = list(items)
    return u32(len(found)) + b"".join(found)


def _read_list(reader: Reader, read: Callable[[Reader], T]) -> list[T]:
    return [read(reader) for _ in range(reader.u32())]


def _read_map(reader: Reader, size: int, read: Callable[[Reader], T]) -> dict[bytes, T]:
    """Values behind their keys, which have that many bytes."""
    return {reader.fixed(size): read(reader) for _ in range(reader.u32())}


def _chain(chain: Chain) -> bytes:
    about = (chain.fp, u8(chain.kind), chain.owner_fp, chain.recovery_pk, chain.salt, chain.pin.encode())
    devices = _listed(map(_device, chain.devices.values()))
    return b"".join(about) + devices + _listed(sorted(chain.agents))


def _read_chain(reader: Reader) -> Chain:
    return Chain(
        fp=reader.fixed(FP),
        kind=Kind(reader.choice(len(Kind), "the kind of identity")),
        owner_fp=reader.fixed(FP),
        recovery_pk=reader.fixed(KEY),
        salt=reader.fixed(SALT),
        pin=Pin.read(reader),
        devices=_read_devices(reader),
        agents=_read_agents(reader),
    )


def _change(before: Chain, after: Chain) -> bytes:
    devices = (each for each in after.devices.values() if before.devices.get(each.id) != each)
    agents = _listed(sorted(after.agents - before.agents))
    return after.pin.encode() + after.recovery_pk + after.salt + _listed(map(_device, devices)) + agents


def _read_change(reader: Reader, before: Chain) -> Chain:
    return replace(
        before,
        pin=Pin.read(reader),
        recovery_pk=reader.fixed(KEY),
        salt=reader.fixed(SALT),
        devices={**before.devices, **_read_devices(reader)},
        agents=before.agents | _read_agents(reader),
    )


def _device(device: Device) -> bytes:
    return device.id + device.ed_pk + device.x_pk + u32(device.version) + u8(device.active)


def _read_device(reader: Reader) -> Device:
    keys = (reader.fixed(DEVICE_ID), reader.fixed(KEY), reader.fixed(KEY))
    return Device(*keys, reader.u32(), active=bool(reader.choice(2, "active")))


def _read_devices(reader: Reader) -> dict[bytes, Device]:
    return {each.id: each for each in _read_list(reader, _read_device)}


def _read_agents(reader: Reader) -> frozenset[bytes]:
    return frozenset(_read_list(reader, lambda reader: reader.fixed(FP)))


def _room(room: Room) -> bytes:
    place = room.ref + u32(room.cseq) + room.head + u64(room.commit_seq) + u64(room.epoch_seq)
    members = (fp + u8(each.role) + each.pin.encode() + u32(each.since) for fp, each in room.members.items())
    former = (fp + pin.encode() for fp, pin in room.former.items())
    active = (device_id + each.fp + each.ed_pk for device_id, each in room.active.items())
    people = _listed(members) + _listed(former) + _listed(active)
    rules = v16(room.policy.encode()) + u8(room.leave_pending)
    return place + rules + people + _listed(_epochs(room.epochs))


def _read_room(reader: Reader) -> Room:
    ref = reader.fixed(HASH)
    return Room(
        ref=ref,
        cseq=reader.u32(),
        head=reader.fixed(HASH),
        commit_seq=reader.u64(),
        epoch_seq=reader.u64(),
        policy=Policy.read(Reader(reader.v16())),
        leave_pending=bool(reader.choice(2, "leave_pending")),
        members=_read_map(reader, FP, _read_member),
        former=_read_map(reader, FP, Pin.read),
        active=_read_map(reader, DEVICE_ID, lambda reader: Speaker(reader.fixed(FP), reader.fixed(KEY))),
        epochs=_read_epochs(reader, ref),
    )


def _read_member(reader: Reader) -> Member:
    role = Role(reader.choice(len(Role), "the role"))
    return Member(role, Pin.read(reader), reader.u32())


def _epochs(epochs: Iterable[Epoch]) -> Iterator[bytes]:
    """Each with those who came and went since the one before: few, where all together are very many."""
    had: set[bytes] = set()
    for epoch in epochs:
        has = {each.device_id for each in epoch.recipients}
        came = (each.fp + each.device_id for each in epoch.recipients if each.device_id not in had)
        changes = _listed(came) + _listed(sorted(had - has))
        yield epoch.key_commit + v16(epoch.prev_wrap) + epoch.boxes_hash + changes
        had = has


def _read_epochs(reader: Reader, room_ref: bytes) -> tuple[Epoch, ...]:
    epochs: list[Epoch] = []
    recipients: tuple[Recipient, ...] = ()
    for number in range(1, reader.u32() + 1):
        key_commit, prev_wrap, boxes_hash = reader.fixed(HASH), reader.v16(), reader.fixed(HASH)
        recipients = _read_recipients(reader, recipients)
        epochs.append(Epoch(number, room_ref, key_commit, prev_wrap, recipients, boxes_hash))
    return tuple(epochs)


def _read_recipients(reader: Reader, before: tuple[Recipient, ...]) -> tuple[Recipient, ...]:
    came = _read_list(reader, lambda reader: Recipient(reader.fixed(FP), reader.fixed(DEVICE_ID)))
    gone = set(_read_list(reader, lambda reader: reader.fixed(DEVICE_ID)))
    if not came and not gone:
        return before
    left = [each for each in before if each.device_id not in gone]
    return tuple(sorted([*left, *came], key=lambda each: each.fp + each.device_id))


def _epoch_keys(keys: EpochKeys) -> bytes:
    if keys.secret is not None:
        return u32(keys.epoch.number) + u8(1) + keys.secret
    strands = (device_id + u64(each.ctr) + each.key for device_id, each in keys.strands.items())
    ephemeral = (device_id + key for device_id, key in keys.ephemeral.items())
    return u32(keys.epoch.number) + u8(0) + _listed(strands) + _listed(ephemeral)


def _read_epoch_keys(reader: Reader, epochs: Sequence[Epoch]) -> EpochKeys:
    epoch = find(epochs, reader.u32())
    if reader.choice(2, "whether the secret is held"):
        return EpochKeys(epoch, reader.fixed(KEY), {}, {})
    strands = _read_map(reader, DEVICE_ID, lambda reader: Strand(reader.u64(), reader.fixed(KEY)))
    ephemeral: Mapping[bytes, bytes] = _read_map(reader, DEVICE_ID, lambda reader: reader.fixed(KEY))
    return EpochKeys(epoch, None, strands, ephemeral)


def _read_cursor(reader: Reader) -> Cursor:
    return Cursor(reader.u32(), reader.u64(), reader.fixed(HASH))
