"""Identities: chains of links, each judged by what those before it have left.

One `Identity` answers for every pin into its chain: it remembers the hash of each link, and of each device
from which link to which it was active.
"""

from collections.abc import Sequence

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from handlers.cx1 import links
from handlers.cx1.errors import Refused, require
from handlers.cx1.links import (
    DEVICE_ID_SIZE,
    HUMAN,
    AgentEndorse,
    DeviceAdd,
    DeviceRekey,
    DeviceRevoke,
    Genesis,
    Link,
    RecoveryRotate,
)
from handlers.cx1.primitives import HASH_SIZE, NO_HASH, digest, equal, has_low_order, verify

MAX_LINKS = 65_536
RECOVERY = bytes(DEVICE_ID_SIZE)
"""What stands in a link's signer for the recovery key."""


class Device(Struct, frozen=True):
    """A device of an identity, active from the link `added` on and, if it was, until before `revoked`."""

    id: bytes
    ed_pk: bytes
    x_pk: bytes
    """The newest key for boxes, and `kv`, its version."""
    kv: int
    added: int
    revoked: int | None = None

    @property
    def active(self) -> bool:
        """Whether it is active at the newest link."""
        return self.revoked is None

    def active_at(self, seq: int) -> bool:
        """Whether it was active after the link at `seq`."""
        return self.added <= seq and (self.revoked is None or seq < self.revoked)


class Identity(Struct, frozen=True):
    """A chain as far as its newest link. `heads` are the hashes of all links, 32 bytes each, joined."""

    fp: bytes
    kind: int
    owner_fp: bytes
    """Zeros for a human."""
    recovery_pk: bytes
    heads: bytes
    devices: dict[bytes, Device]

    @property
    def seq(self) -> int:
        """The number of the newest link; genesis is 0."""
        return len(self.heads) // HASH_SIZE - 1

    @property
    def head(self) -> bytes:
        """The hash of the newest link."""
        return self.heads[-HASH_SIZE:]

    def active_at(self, seq: int, head: bytes) -> dict[bytes, Device]:
        """The devices that were active at a pin, by id; `Refused` if it does not lie on this chain."""
        require(seq <= self.seq, "chain_truncated", "The chain of this identity does not reach so far.")
        known = self.heads[seq * HASH_SIZE : (seq + 1) * HASH_SIZE]
        require(equal(known, head), "chain_forked", "The chain of this identity has another link there.")
        return {each.id: each for each in self.devices.values() if each.active_at(seq)}


def device_id(fp: bytes, ed_pk: bytes) -> bytes:
    """The id of a device, 16 bytes, which binds its key to its user."""
    return digest("cx1/dev", fp, ed_pk)[:DEVICE_ID_SIZE]


def begin(raw: bytes) -> Identity:
    """The identity whose chain begins with this link."""
    link = links.parse(raw)
    payload = link.payload
    if not isinstance(payload, Genesis):
        raise Refused("genesis", "A chain begins with a genesis link.")
    require(link.fp == NO_HASH, "genesis", "A genesis link names no identity, since it is one.")
    require(link.seq == 0, "genesis", "A genesis link is the first.")
    require(link.prev == NO_HASH, "genesis", "A genesis link follows nothing.")
    require(link.signer == RECOVERY, "genesis", "A genesis link names no signer.")
    owned = payload.owner_fp != NO_HASH
    require(owned == (payload.kind != HUMAN), "owner", "An agent has an owner, and a human has none.")
    _check_box_key(payload.x_pk)
    signed = verify(payload.ed_pk, link.signature, "cx1/ulink", link.body)
    require(signed, "link_signature", "The first device has not signed this.")
    fp = digest("cx1/user", link.body)
    first = Device(device_id(fp, payload.ed_pk), payload.ed_pk, payload.x_pk, kv=0, added=0)
    return Identity(
        fp=fp,
        kind=payload.kind,
        owner_fp=payload.owner_fp,
        recovery_pk=payload.recovery_pk,
        heads=link.hash,
        devices={first.id: first},
    )


def extend(identity: Identity, raw: bytes) -> Identity:
    """The identity after one more link."""
    due = identity.seq + 1
    require(due < MAX_LINKS, "too_large", f"A chain has at most {MAX_LINKS} links.")
    link = links.parse(raw)
    require(equal(link.fp, identity.fp), "chain_other", "The link is of another identity.")
    require(link.seq == due, "chain_seq", "The link is not the next of its chain.", expected=due)
    follows = equal(link.prev, identity.head)
    require(follows, "chain_prev", "The link follows another than the newest.", expected=due)
    signed = verify(_signing_key(identity, link), link.signature, "cx1/ulink", link.body)
    require(signed, "link_signature", "The signer has not signed this.")
    return replace(_changed(identity, link), heads=identity.heads + link.hash)


def replay(chain: Sequence[bytes]) -> Identity:
    """The identity of a whole chain."""
    require(chain, "chain_truncated", "There is no link at all.")
    identity = begin(chain[0])
    for raw in chain[1:]:
        identity = extend(identity, raw)
    return identity


def dump(identity: Identity) -> bytes:
    """The identity as bytes to be stored, which `load` reads."""
    return msgspec.msgpack.encode(identity)


def load(stored: bytes) -> Identity:
    """What `dump` has stored."""
    return _DECODER.decode(stored)


_DECODER = msgspec.msgpack.Decoder(Identity)


def _signing_key(identity: Identity, link: Link) -> bytes:
    if link.signer == RECOVERY:
        return identity.recovery_pk
    rotates = isinstance(link.payload, RecoveryRotate)
    require(not rotates, "recovery_only", "Only the recovery key gives way to another.")
    device = identity.devices.get(link.signer)
    if device is None or not device.active:
        raise Refused("signer", "The signer is no active device of this identity.")
    return device.ed_pk


def _changed(identity: Identity, link: Link) -> Identity:
    """What a link's payload makes of an identity, apart from its heads."""
    match link.payload:
        case DeviceAdd() as new:
            return _with(identity, _added(identity, link, new))
        case DeviceRevoke(of):
            return _with(identity, replace(_active(identity, of), revoked=link.seq))
        case DeviceRekey() as new:
            return _with(identity, _rekeyed(identity, link, new))
        case RecoveryRotate(recovery_pk):
            return replace(identity, recovery_pk=recovery_pk)
        case AgentEndorse():
            return identity
        case Genesis():
            raise Refused("genesis", "A chain begins once.")


def _with(identity: Identity, device: Device) -> Identity:
    return replace(identity, devices={**identity.devices, device.id: device})


def _active(identity: Identity, of: bytes) -> Device:
    device = identity.devices.get(of)
    if device is None or not device.active:
        raise Refused("device_unknown", "There is no such active device.")
    return device


def _check_box_key(x_pk: bytes) -> None:
    require(not has_low_order(x_pk), "low_order", "Boxes to this key could be opened by anybody.")


def _added(identity: Identity, link: Link, new: DeviceAdd) -> Device:
    made = Device(device_id(identity.fp, new.ed_pk), new.ed_pk, new.x_pk, kv=0, added=link.seq)
    known = made.id in identity.devices
    require(not known, "device_known", "The chain has, or had, this device; what is revoked stays so.")
    place = (identity.fp, link.seq.to_bytes(4, "big"), link.prev)
    shown = verify(new.ed_pk, new.pop, "cx1/pop", *place, new.ed_pk, new.x_pk)
    require(shown, "possession", "Nobody has shown to hold the new device's key.")
    _check_box_key(new.x_pk)
    return made


def _rekeyed(identity: Identity, link: Link, new: DeviceRekey) -> Device:
    require(new.device_id == link.signer, "device_unknown", "A device changes its own key only.")
    device = _active(identity, new.device_id)
    following = new.kv == device.kv + 1
    require(following, "key_version", "The key's version is not the next.", expected=device.kv + 1)
    _check_box_key(new.x_pk)
    return replace(device, x_pk=new.x_pk, kv=new.kv)
