"""What a device remembers of each seq of a room, and of itself: small values, stored encrypted."""

from enum import IntEnum
from typing import TypeVar

import msgspec
from msgspec import Struct

from ymera_client.crypto.transcript import Cursor

S = TypeVar("S", bound=Struct)


class Sort(IntEnum):
    """What is known of what stands at a seq."""

    COMMIT = 0
    OPENED = 1
    WAITING = 2
    """Its key has not come yet."""
    UNREADABLE = 3
    ERASED = 4


class Change(Struct, array_like=True, frozen=True, gc=False):
    """What a commit did to one member: `role` is the one after it, None if they are out."""

    fp: bytes
    role: int | None
    joined: bool = False


class Entry(Struct, array_like=True, frozen=True, gc=False):
    """What stands at a seq, verified. `role` is the sender's at that seq."""

    seq: int
    sort: Sort
    fp: bytes
    role: int
    ms: int
    """When, in milliseconds since 1970, as the sender says."""
    kind: int = 0
    """Of the envelope; 0 for a commit."""
    device: bytes = b""
    epoch: int = 0
    client_id: bytes = b""
    entity: bytes = b""
    base_version: int = 0
    content: bytes = b""
    """The JSON of a command, once it could be read."""
    changes: tuple[Change, ...] = ()
    """Of a commit."""
    shared: bool = True
    """Of a commit: whether who was added by it reads what was before."""
    fault: str = ""
    """Why it cannot be read."""
    ruled: bool = False
    """Of a commit: whether it sets the room's rules."""
    repinned: tuple[bytes, ...] = ()
    """Of a commit: whose devices it takes as they are by then."""


class Place(Struct, array_like=True, frozen=True):
    """How far a room's timeline was applied, and what its epoch has had."""

    seq: int
    hash: bytes
    said: int
    """Envelopes in the epoch in force."""
    epoch_ms: int
    """When the epoch in force was made, as its author says."""


class Standpoint(Struct, array_like=True, frozen=True):
    """A device's cursor."""

    epoch: int
    ctr: int
    prev: bytes

    @classmethod
    def of(cls, cursor: Cursor) -> "Standpoint":
        return cls(cursor.epoch, cursor.ctr, cursor.prev)

    def cursor(self) -> Cursor:
        return Cursor(self.epoch, self.ctr, self.prev)


class Known(Struct, array_like=True, frozen=True):
    """Who an identity is, as the server says, and whether a person has compared numbers."""

    member_id: str
    name: str
    verified: bool = False
    order: int = 0
    """Which of the identities that this device knows it was, by when they came."""


class Box(Struct, array_like=True, frozen=True):
    """One of the device's secret keys for boxes, and when it was made."""

    version: int
    secret: bytes
    made_ms: int


class Device(Struct, array_like=True, frozen=True):
    """The device itself: its signing seed, its keys for boxes, and the identity that it is in."""

    seed: bytes
    boxes: tuple[Box, ...]
    fp: bytes = b""
    """Empty until it is in an identity."""
    meant: bytes = b""
    """The identity that it was to come into, once that was proven; empty before."""


class Vault(Struct, array_like=True, frozen=True):
    """The backup's master key, its version, and the master key as the recovery code seals it."""

    version: int
    master: bytes
    sealed: bytes
    """Empty on a device that another has given the master key, until the server has told it this."""


class Intent(Struct, array_like=True, frozen=True):
    """What is to be said: a command of the plain protocol, prepared; times are Unix seconds."""

    name: str
    data: dict[str, object]
    client_id: bytes
    queued_at: float
    command_id: str = ""


def pack(value: Struct) -> bytes:
    """A record as bytes."""
    return msgspec.msgpack.encode(value)


def unpack(data: bytes, shape: type[S]) -> S:
    """A record from the bytes that `pack` gave."""
    return msgspec.msgpack.decode(data, type=shape)
