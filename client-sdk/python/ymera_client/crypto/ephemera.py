"""Ephemeral envelopes, such as "is typing": no seq, no place in a chain, kept by nobody.

Whatever is wrong with one, it is dropped; the room goes on.
"""

from collections.abc import Mapping

from ymera_client.crypto.commits import Seen
from ymera_client.crypto.content import Content, open_content, padded
from ymera_client.crypto.envelopes import (
    NOTHING,
    Envelope,
    EnvelopeKind,
    Header,
    parse_envelope,
    write_envelope,
)
from ymera_client.crypto.errors import Fault, require
from ymera_client.crypto.membership import Room
from ymera_client.crypto.primitives import ZERO
from ymera_client.crypto.ratchet import KeyRing
from ymera_client.crypto.transcript import check_sender

WINDOW_MS = 120_000


def write_ephemeral(
    room: Room,
    keys: KeyRing,
    content: Content,
    *,
    device_id: bytes,
    secret: bytes,
    client_id: bytes,
    sent_ms: int,
    nonce: bytes,
    seen: Seen,
    entity_id: bytes = NOTHING,
) -> bytes:
    """Seal one under the epoch in force; `secret` is the device's signing key."""
    header = Header(
        kind=EnvelopeKind.EPHEMERAL,
        room_ref=room.ref,
        epoch=room.epoch,
        device_id=device_id,
        ctr=0,
        prev=ZERO,
        seen=seen,
        client_id=client_id,
        entity_id=entity_id,
        base_version=0,
        sent_ms=sent_ms,
    )
    return write_envelope(secret, keys.ephemeral_key(room.epoch, device_id), header, padded(content), nonce)


def check_ephemeral(
    room: Room, envelope: Envelope, last: Mapping[bytes, int], now_ms: int
) -> dict[bytes, int]:
    """What can be checked without keys; returns `last`, the newest `sent_ms` by device, after it."""
    header = envelope.header
    require(header.kind is EnvelopeKind.EPHEMERAL, Fault.KIND, "this kind of envelope has a seq")
    check_sender(room, envelope)
    before = last.get(header.device_id, -1)
    require(header.sent_ms > before, Fault.SENT_ORDER, "the device has sent a later one, or this one before")
    require(abs(header.sent_ms - now_ms) <= WINDOW_MS, Fault.SENT_TIME, "it is from over two minutes away")
    return {**last, header.device_id: header.sent_ms}


def receive_ephemeral(
    room: Room, keys: KeyRing, raw: bytes, last: Mapping[bytes, int], now_ms: int
) -> tuple[Envelope, Content, dict[bytes, int]]:
    """Verify and open one, or refuse it."""
    envelope = parse_envelope(raw)
    after = check_ephemeral(room, envelope, last, now_ms)
    key = keys.ephemeral_key(envelope.header.epoch, envelope.header.device_id)
    return envelope, open_content(envelope, key), after
