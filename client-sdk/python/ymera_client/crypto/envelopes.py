"""Envelopes: a clear, signed header and a padded, encrypted content.

The signature covers the header and the hash of the ciphertext, so it can be checked without keys and stays
good when the ciphertext has been deleted.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from ymera_client.crypto.commits import SUITE, VERSION, Seen
from ymera_client.crypto.errors import Fault, require
from ymera_client.crypto.primitives import HASH, NONCE, SIGNATURE, TAG, ZERO, digest, encrypt, sign, verify
from ymera_client.crypto.wire import Reader, u32

LAYOUT = struct.Struct(">4B 32s I 16s Q 32s Q 32s 16s 16s I Q")
HEADER = LAYOUT.size
"""180 bytes."""
ID = 16
CLIENT_ID = struct.calcsize(">4B 32s I 16s Q 32s Q 32s")
"""Where the client_id stands in a header."""
NOTHING = bytes(ID)
"""The entity of what is about none."""
MAX_CIPHERTEXT = 256 * 1024
MAX_CONTENT = MAX_CIPHERTEXT - TAG - 64
"""Bytes of content that surely fit, padded and encrypted."""


class EnvelopeKind(IntEnum):
    """What an envelope is in the life of its room."""

    EVENT = 1
    UPDATE = 2
    """Of a document."""
    SNAPSHOT = 3
    """Of a document."""
    EPHEMERAL = 4
    """Kept by nobody: it takes no seq."""


KINDS = tuple(EnvelopeKind)


class Header(NamedTuple):
    """What the server sees of a message."""

    kind: EnvelopeKind
    room_ref: bytes
    epoch: int
    device_id: bytes
    ctr: int
    """Of the device in the epoch, from 0, without gaps."""
    prev: bytes
    """The device's last event in the room; zero before its first."""
    seen: Seen
    client_id: bytes
    """16 random bytes of the sender's, by which it knows its message again."""
    entity_id: bytes
    base_version: int
    """Of the entity, which the content changes; 0 to make it."""
    sent_ms: int

    def encode(self) -> bytes:
        """The 180 bytes that are signed."""
        seen, entity = self.seen, self.entity_id
        return LAYOUT.pack(
            *(VERSION, SUITE, self.kind, 0, self.room_ref, self.epoch, self.device_id),
            *(self.ctr, self.prev, seen.seq, seen.hash, self.client_id),
            *(entity, self.base_version, self.sent_ms),
        )


@dataclass(frozen=True, slots=True)
class Signed:
    """What stays of an envelope when its ciphertext is deleted, and all that its verification needs."""

    header: Header
    head: bytes
    """The header as it came."""
    ct_hash: bytes
    signature: bytes

    @property
    def event_hash(self) -> bytes:
        """Its item in the transcript, and what the device's next event names as `prev`."""
        return digest(b"cx1/event", self.head, self.ct_hash, self.signature)

    def is_by(self, ed_pk: bytes) -> bool:
        """Whether this key signed it."""
        return verify(ed_pk, self.signature, b"cx1/env", self.head, self.ct_hash)

    def encode(self) -> bytes:
        """The stub that is kept after deletion, 276 bytes."""
        return self.head + self.ct_hash + self.signature


@dataclass(frozen=True, slots=True)
class Envelope(Signed):
    """A whole envelope."""

    nonce: bytes
    ciphertext: bytes


def parse_envelope(raw: bytes) -> Envelope:
    """Read an envelope, or refuse bytes that are none."""
    reader = Reader(raw)
    head = reader.fixed(HEADER)
    header = parse_header(head)
    nonce, size = reader.fixed(NONCE), reader.u32()
    require(size <= MAX_CIPHERTEXT, Fault.TOO_LARGE, "a ciphertext has at most 256 KiB")
    ciphertext, signature = reader.fixed(size), reader.fixed(SIGNATURE)
    reader.end()
    return Envelope(header, head, digest(b"cx1/ct", nonce, ciphertext), signature, nonce, ciphertext)


def parse_stub(raw: bytes) -> Signed:
    """Read what is kept of a deleted envelope."""
    reader = Reader(raw)
    head = reader.fixed(HEADER)
    header = parse_header(head)
    stub = Signed(header, head, reader.fixed(HASH), reader.fixed(SIGNATURE))
    reader.end()
    return stub


def parse_header(head: bytes) -> Header:
    """Read a header of 180 bytes."""
    version, suite, kind, reserved, room_ref, epoch, device_id, ctr, prev, seen_seq, seen_hash, *about = (
        LAYOUT.unpack(head)
    )
    require((version, suite) == (VERSION, SUITE), Fault.VERSION, "this is no envelope of cx1")
    require(1 <= kind <= len(KINDS), Fault.VALUE, "there is no such kind of envelope")
    require(reserved == 0, Fault.VALUE, "the fourth byte is zero")
    seen = Seen(seen_seq, seen_hash)
    header = Header(KINDS[kind - 1], room_ref, epoch, device_id, ctr, prev, seen, *about)
    _check_header(header)
    return header


def client_id_of(raw: bytes) -> bytes:
    """The client_id of an envelope or stub that is yet to be read; of other bytes what stands there."""
    return raw[CLIENT_ID : CLIENT_ID + ID]


def write_envelope(secret: bytes, key: bytes, header: Header, padded: bytes, nonce: bytes) -> bytes:
    """Encrypt and sign; nothing is checked here, `sending.seal` makes only valid ones."""
    head = header.encode()
    ciphertext = encrypt(key, nonce, padded, head)
    require(len(ciphertext) <= MAX_CIPHERTEXT, Fault.TOO_LARGE, f"a content has at most {MAX_CONTENT} bytes")
    ct_hash = digest(b"cx1/ct", nonce, ciphertext)
    signature = sign(secret, b"cx1/env", head, ct_hash)
    return b"".join((head, nonce, u32(len(ciphertext)), ciphertext, signature))


def check_version(base: int, current: int) -> int:
    """The version of an entity after an event; refuses one that was made from another than `current`."""
    require(
        base == current,
        Fault.BASE_VERSION,
        f"the entity is at version {current}",
        {"current": current},
    )
    return current + 1


def _check_header(header: Header) -> None:
    kind, named = header.kind, header.entity_id != NOTHING
    require(header.epoch > 0, Fault.VALUE, "nothing is said before the first epoch")
    if kind is EnvelopeKind.EVENT:
        versioned = named
    else:
        versioned = False
        alone = kind is not EnvelopeKind.EPHEMERAL or (header.ctr, header.prev) == (0, ZERO)
        require(alone, Fault.VALUE, "an ephemeral envelope stands in no chain")
        require(named or kind is EnvelopeKind.EPHEMERAL, Fault.VALUE, "the document is not named")
    require(versioned or header.base_version == 0, Fault.VALUE, "only an event about an entity has a version")
