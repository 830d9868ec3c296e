"""Envelopes: their form, and whether the next one of a device may stand in its room.

Judging one takes the same time in a room of any size: no list of the room is walked or copied.
"""

from struct import Struct as Layout
from typing import Any

from msgspec import Struct

from handlers.cx1.commits import READER
from handlers.cx1.errors import Refused, require
from handlers.cx1.membership import Room
from handlers.cx1.primitives import NO_HASH, SIGNATURE_SIZE, digest, equal, verify

VERSION = 1
SUITE = 1
EVENT, UPDATE, SNAPSHOT, EPHEMERAL = 1, 2, 3, 4
MAX_CIPHERTEXT = 256 * 1024
"""Bytes."""
MAX_SKEW_MS = 120_000
"""How far an ephemeral envelope may be from the server's clock."""
NO_ENTITY = bytes(16)

_HEADER = Layout(">BBBB32sI16sQ32sQ32s16s16sIQ")
_LENGTH_AT = _HEADER.size + 24
_CIPHERTEXT_AT = _LENGTH_AT + 4


class Header(Struct, frozen=True):
    """What an envelope says in the clear."""

    kind: int
    room_ref: bytes
    epoch: int
    device_id: bytes
    ctr: int
    prev: bytes
    seen_seq: int
    """Up to 2^64 - 1: a transcript can only be there if it is below the seq that the envelope is to have."""
    seen_hash: bytes
    client_id: bytes
    entity_id: bytes
    base_version: int
    sent_ms: int

    @property
    def versioned(self) -> bool:
        """Whether it is an event about an entity, whose version it makes one more."""
        return self.kind == EVENT and self.entity_id != NO_ENTITY


class Envelope(Header, frozen=True):
    """One envelope: its header, also as bytes, and what stands for the rest."""

    header: bytes
    ct_hash: bytes
    signature: bytes
    event_hash: bytes

    @property
    def stub(self) -> bytes:
        """The 276 bytes that stay when it is deleted."""
        return self.header + self.ct_hash + self.signature


class Cursor(Struct, frozen=True):
    """Where a device stands: the `ctr` that is next in `epoch`, and the event hash of its last envelope."""

    epoch: int
    ctr: int
    prev: bytes


FRESH = Cursor(epoch=0, ctr=0, prev=NO_HASH)
"""A device that has said nothing yet."""


def parse(raw: bytes) -> Envelope:
    """Read one envelope, or raise `Refused` with a fault of form."""
    require(len(raw) >= _HEADER.size, "truncated", "The bytes end within the header.")
    version, suite, kind, reserved, *fields = _HEADER.unpack_from(raw)
    known = version == VERSION and suite == SUITE
    require(known, "version", "It is of a version or suite that this server does not know.")
    require(EVENT <= kind <= EPHEMERAL, "value", "There is no such kind of envelope.")
    require(reserved == 0, "value", "The fourth byte is 0.")
    _check_header(Header(kind, *fields))
    header = raw[: _HEADER.size]
    ct_hash, signature = _rest(raw)
    hashes = (header, ct_hash, signature, digest("cx1/event", header, ct_hash, signature))
    values: tuple[Any, ...] = (kind, *fields, *hashes)
    return Envelope(*values)


def admit(
    room: Room, cursor: Cursor, envelope: Envelope, *, seq: int, transcript_seen: bytes | None
) -> Cursor:
    """Where the device stands after an envelope that is to stand at `seq`, or `Refused`.

    `cursor` is that of the device that the envelope names, and `transcript_seen` the room's transcript at its
    `seen_seq`, None if there is none. That its `client_id` is new is for who keeps them to see.
    """
    require(envelope.kind != EPHEMERAL, "kind", "Ephemeral envelopes have no place in the log.")
    _check_sender(room, envelope)
    expected = cursor.ctr if cursor.epoch == room.epoch else 0
    require(envelope.ctr >= expected, "replay", "The device has sent this before.", expected=expected)
    require(envelope.ctr == expected, "gap", "The device has sent others before this.", expected=expected)
    require(equal(envelope.prev, cursor.prev), "sender_prev", "The device's last envelope was another.")
    require(envelope.seen_seq >= room.epoch_seq, "seen_stale", "It has not seen the commit of its epoch.")
    require(envelope.seen_seq < seq, "seen_future", "It has seen what is not there yet.")
    same = equal(envelope.seen_hash, transcript_seen or b"")
    require(same, "seen_hash", "Its sender was shown another room.")
    return Cursor(envelope.epoch, envelope.ctr + 1, envelope.event_hash)


def admit_ephemeral(room: Room, envelope: Envelope, now_ms: int, last_ms: int) -> None:
    """Whether an ephemeral envelope may be passed on.

    `now_ms` is the server's clock; `last_ms` is the `sent_ms` of the device's last one, -1 if there is none.
    """
    require(envelope.kind == EPHEMERAL, "kind", "Only ephemeral envelopes have no place in the log.")
    _check_sender(room, envelope)
    require(envelope.sent_ms > last_ms, "sent_order", "A later one of the device was here already.")
    timely = abs(now_ms - envelope.sent_ms) <= MAX_SKEW_MS
    require(timely, "sent_time", "By the server's clock it was not sent now.")


def version_after(envelope: Envelope, current: int) -> int:
    """The version that an event gives its entity, which has `current`, 0 if there is no such entity."""
    made_from = envelope.base_version == current
    require(made_from, "base_version", "It was made from another version than the newest.", current=current)
    return current + 1


def client_id_taken() -> Refused:
    """What to raise if a room has other bytes under the same `client_id`."""
    return Refused("client_id", "Other bytes were sent under this client_id.")


def transcript(previous: bytes, seq: int, item: bytes) -> bytes:
    """The transcript at `seq` from the one before; `item` is the hash of the commit or envelope there.

    The first `previous` is the room's ref.
    """
    return digest("cx1/t", previous, seq.to_bytes(8, "big"), item)


def _check_header(header: Header) -> None:
    """Whether the fields of a header fit together."""
    require(header.epoch >= 1, "value", "Nothing is said before the first epoch.")
    named = header.entity_id != NO_ENTITY
    require(named or header.kind not in (UPDATE, SNAPSHOT), "value", "It names no document.")
    require(header.versioned or header.base_version == 0, "value", "Only entities have versions.")
    if header.kind == EPHEMERAL:
        require(header.ctr == 0, "value", "Ephemeral envelopes are not counted.")
        require(header.prev == NO_HASH, "value", "Ephemeral envelopes follow nothing.")


def _rest(raw: bytes) -> tuple[bytes, bytes]:
    """The ct_hash and the signature, which stand for what is behind the header."""
    require(len(raw) >= _CIPHERTEXT_AT, "truncated", "The bytes end before the ciphertext.")
    size = int.from_bytes(raw[_LENGTH_AT:_CIPHERTEXT_AT], "big")
    require(size <= MAX_CIPHERTEXT, "too_large", f"A ciphertext has at most {MAX_CIPHERTEXT} bytes.")
    end = _CIPHERTEXT_AT + size
    require(len(raw) >= end + SIGNATURE_SIZE, "truncated", "The bytes end before the signature does.")
    require(len(raw) == end + SIGNATURE_SIZE, "trailing", "There are bytes behind the signature.")
    return digest("cx1/ct", raw[_HEADER.size : _LENGTH_AT], raw[_CIPHERTEXT_AT:end]), raw[end:]


def _check_sender(room: Room, envelope: Envelope) -> None:
    """Room, epoch, device, role and signature, which are for every kind."""
    epoch = room.epoch
    require(equal(envelope.room_ref, room.ref), "room_other", "It is of another room.")
    require(envelope.epoch >= epoch, "epoch_old", "Its epoch is over.", epoch=epoch)
    require(envelope.epoch == epoch, "epoch_future", "Its epoch has not begun.", epoch=epoch)
    require(not room.leave_pending, "leave_pending", "Somebody has left: first there must be a new epoch.")
    device = room.active.get(envelope.device_id)
    if device is None:
        raise Refused("device_inactive", "Its device is not active in the room.")
    require(room.members[device.fp].role != READER, "reader", "Readers do not post.")
    signed = verify(device.ed_pk, envelope.signature, "cx1/env", envelope.header, envelope.ct_hash)
    require(signed, "envelope_signature", "Its device has not signed this.")
