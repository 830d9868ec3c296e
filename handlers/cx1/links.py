"""The form of an identity's links: what their bytes say, before anybody asks whether they may say so."""

from collections.abc import Callable

from msgspec import Struct

from handlers.cx1.errors import require
from handlers.cx1.primitives import HASH_SIZE, KEY_SIZE, SIGNATURE_SIZE, digest
from handlers.cx1.reader import Reader

VERSION = 1
DEVICE_ID_SIZE = 16
SALT_SIZE = 16
HUMAN, AGENT = 0, 1


class Genesis(Struct, frozen=True):
    """The beginning of a chain, with the first device."""

    kind: int
    recovery_pk: bytes
    salt: bytes
    ed_pk: bytes
    x_pk: bytes
    owner_fp: bytes


class DeviceAdd(Struct, frozen=True):
    """A further device; `pop` is its own signature, which shows that somebody holds the key."""

    ed_pk: bytes
    x_pk: bytes
    pop: bytes


class DeviceRevoke(Struct, frozen=True):
    """A device is put out for good."""

    device_id: bytes


class DeviceRekey(Struct, frozen=True):
    """A device has a new key for boxes."""

    device_id: bytes
    kv: int
    x_pk: bytes


class RecoveryRotate(Struct, frozen=True):
    """Another recovery key takes the place of the one before."""

    recovery_pk: bytes
    salt: bytes


class AgentEndorse(Struct, frozen=True):
    """The identity says that an agent is its own."""

    agent_fp: bytes


Payload = Genesis | DeviceAdd | DeviceRevoke | DeviceRekey | RecoveryRotate | AgentEndorse


class Link(Struct, frozen=True):
    """One link. `body` is what `signature` is of; `hash` is what the next link names it by."""

    fp: bytes
    seq: int
    prev: bytes
    ms: int
    """What the signer's clock said, on which no rule depends."""
    signer: bytes
    payload: Payload
    body: bytes
    signature: bytes
    hash: bytes


def parse(raw: bytes) -> Link:
    """Read one link, or raise `Refused` with a fault of form."""
    reader = Reader(raw)
    reader.version(VERSION)
    kind = reader.number(1)
    link = Link(
        fp=reader.take(HASH_SIZE),
        seq=reader.number(4),
        prev=reader.take(HASH_SIZE),
        ms=reader.number(8),
        signer=reader.take(DEVICE_ID_SIZE),
        payload=_payload(kind, Reader(reader.framed())),
        body=reader.read_so_far(),
        signature=reader.take(SIGNATURE_SIZE),
        hash=digest("cx1/ulinkh", raw),
    )
    reader.end()
    return link


def _payload(kind: int, reader: Reader) -> Payload:
    require(kind in _PAYLOADS, "value", "There is no such type of link.")
    payload = _PAYLOADS[kind](reader)
    reader.end()
    return payload


def _genesis(reader: Reader) -> Genesis:
    return Genesis(
        kind=reader.one_of((HUMAN, AGENT), "kind of identity"),
        recovery_pk=reader.take(KEY_SIZE),
        salt=reader.take(SALT_SIZE),
        ed_pk=reader.take(KEY_SIZE),
        x_pk=reader.take(KEY_SIZE),
        owner_fp=reader.take(HASH_SIZE),
    )


_PAYLOADS: dict[int, Callable[[Reader], Payload]] = {
    1: _genesis,
    2: lambda reader: DeviceAdd(reader.take(KEY_SIZE), reader.take(KEY_SIZE), reader.take(SIGNATURE_SIZE)),
    3: lambda reader: DeviceRevoke(reader.take(DEVICE_ID_SIZE)),
    4: lambda reader: DeviceRekey(reader.take(DEVICE_ID_SIZE), reader.number(4), reader.take(KEY_SIZE)),
    5: lambda reader: RecoveryRotate(reader.take(KEY_SIZE), reader.take(SALT_SIZE)),
    6: lambda reader: AgentEndorse(reader.take(HASH_SIZE)),
}
