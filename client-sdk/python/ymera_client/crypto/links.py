"""The links of a user's or agent's signed chain, as bytes and as values.

What is signed and hashed is the bytes as they came; a parsed link keeps them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

from ymera_client.crypto.errors import Fault, require
from ymera_client.crypto.primitives import FP, KEY, SIGNATURE, ZERO, digest, sign
from ymera_client.crypto.wire import Reader, u8, u32, u64, v16

VERSION = 1
DEVICE_ID = 16
RECOVERY = bytes(DEVICE_ID)
"""The signer of a link that the recovery key signed."""


class Kind(IntEnum):
    """Whose chain it is."""

    HUMAN = 0
    AGENT = 1


@dataclass(frozen=True, slots=True)
class Pin:
    """A place in a chain that somebody has verified and keeps."""

    seq: int
    head: bytes

    @classmethod
    def read(cls, reader: Reader) -> "Pin":
        return cls(reader.u32(), reader.fixed(FP))

    def encode(self) -> bytes:
        return u32(self.seq) + self.head


@dataclass(frozen=True, slots=True)
class Genesis:
    """The first link: the identity is the hash of its body."""

    TYPE: ClassVar = 1

    kind: Kind
    recovery_pk: bytes
    salt: bytes
    """Of Argon2id, 16 bytes."""
    ed_pk: bytes
    x_pk: bytes
    owner_fp: bytes
    """Of an agent; 32 zero bytes for a human."""

    @classmethod
    def read(cls, reader: Reader) -> "Genesis":
        kind = Kind(reader.choice(len(Kind), "the kind of identity"))
        keys = (reader.fixed(KEY), reader.fixed(16), reader.fixed(KEY), reader.fixed(KEY))
        return cls(kind, *keys, reader.fixed(FP))

    def encode(self) -> bytes:
        keys = (self.recovery_pk, self.salt, self.ed_pk, self.x_pk, self.owner_fp)
        return u8(self.kind) + b"".join(keys)


@dataclass(frozen=True, slots=True)
class DeviceAdd:
    """A new device, with the proof that it holds its signing key."""

    TYPE: ClassVar = 2

    ed_pk: bytes
    x_pk: bytes
    possession: bytes

    @classmethod
    def read(cls, reader: Reader) -> "DeviceAdd":
        return cls(reader.fixed(KEY), reader.fixed(KEY), reader.fixed(SIGNATURE))

    def encode(self) -> bytes:
        return self.ed_pk + self.x_pk + self.possession


@dataclass(frozen=True, slots=True)
class DeviceRevoke:
    """A device that is out of use for good."""

    TYPE: ClassVar = 3

    device_id: bytes

    @classmethod
    def read(cls, reader: Reader) -> "DeviceRevoke":
        return cls(reader.fixed(DEVICE_ID))

    def encode(self) -> bytes:
        return self.device_id


@dataclass(frozen=True, slots=True)
class DeviceRekey:
    """A new key for boxes; `version` counts up by one."""

    TYPE: ClassVar = 4

    device_id: bytes
    version: int
    x_pk: bytes

    @classmethod
    def read(cls, reader: Reader) -> "DeviceRekey":
        return cls(reader.fixed(DEVICE_ID), reader.u32(), reader.fixed(KEY))

    def encode(self) -> bytes:
        return self.device_id + u32(self.version) + self.x_pk


@dataclass(frozen=True, slots=True)
class RecoveryRotate:
    """A new recovery key, of a new code."""

    TYPE: ClassVar = 5

    recovery_pk: bytes
    salt: bytes

    @classmethod
    def read(cls, reader: Reader) -> "RecoveryRotate":
        return cls(reader.fixed(KEY), reader.fixed(16))

    def encode(self) -> bytes:
        return self.recovery_pk + self.salt


@dataclass(frozen=True, slots=True)
class AgentEndorse:
    """The owner's half of "agent of"."""

    TYPE: ClassVar = 6

    agent_fp: bytes

    @classmethod
    def read(cls, reader: Reader) -> "AgentEndorse":
        return cls(reader.fixed(FP))

    def encode(self) -> bytes:
        return self.agent_fp


Payload = Genesis | DeviceAdd | DeviceRevoke | DeviceRekey | RecoveryRotate | AgentEndorse
READERS: dict[int, Callable[[Reader], Payload]] = {
    Genesis.TYPE: Genesis.read,
    DeviceAdd.TYPE: DeviceAdd.read,
    DeviceRevoke.TYPE: DeviceRevoke.read,
    DeviceRekey.TYPE: DeviceRekey.read,
    RecoveryRotate.TYPE: RecoveryRotate.read,
    AgentEndorse.TYPE: AgentEndorse.read,
}


@dataclass(frozen=True, slots=True)
class Link:
    """One parsed link; nothing about it has been verified."""

    fp: bytes
    seq: int
    prev: bytes
    ms: int
    """When, in milliseconds since 1970, as the signer says."""
    signer: bytes
    payload: Payload
    body: bytes
    signature: bytes

    @property
    def hash(self) -> bytes:
        """What the next link names as `prev`."""
        return link_hash(self.body + self.signature)


def link_hash(raw: bytes) -> bytes:
    """The head of a chain that ends in this link."""
    return digest(b"cx1/ulinkh", raw)


def read_payload(number: int, raw: bytes) -> Payload:
    """Read the payload of a type of link."""
    require(number in READERS, Fault.VALUE, f"there is no type of link {number}")
    reader = Reader(raw)
    payload = READERS[number](reader)
    reader.end()
    return payload


def parse_link(raw: bytes) -> Link:
    """Read a link, or refuse bytes that are none."""
    reader = Reader(raw)
    require(reader.u8() == VERSION, Fault.VERSION, "this is no link of cx1")
    number = reader.u8()
    fp, seq, prev = reader.fixed(FP), reader.u32(), reader.fixed(FP)
    ms, signer = reader.u64(), reader.fixed(DEVICE_ID)
    payload = read_payload(number, reader.v16())
    body = raw[: reader.at]
    signature = reader.fixed(SIGNATURE)
    reader.end()
    return Link(fp, seq, prev, ms, signer, payload, body, signature)


def write_link(
    secret: bytes, payload: Payload, *, fp: bytes, seq: int, prev: bytes, ms: int, signer: bytes
) -> bytes:
    """Sign a link; nothing is checked here, `identity.append` makes only valid ones."""
    body = b"".join(
        (u8(VERSION), u8(payload.TYPE), fp, u32(seq), prev, u64(ms), signer, v16(payload.encode()))
    )
    return body + sign(secret, b"cx1/ulink", body)


def write_genesis(secret: bytes, payload: Genesis, ms: int) -> bytes:
    """Sign the first link of a chain with the secret key of its device."""
    return write_link(secret, payload, fp=ZERO, seq=0, prev=ZERO, ms=ms, signer=RECOVERY)


def possession(secret: bytes, *, fp: bytes, seq: int, prev: bytes, ed_pk: bytes, x_pk: bytes) -> bytes:
    """The proof of a new device, for the link at exactly this place."""
    return sign(secret, b"cx1/pop", fp, u32(seq), prev, ed_pk, x_pk)
