"""Chains of identities: who may sign what, and which devices are active after each link.

A `Chain` is the state after one link and a `History` is all of them, since rooms pin places in the past. A
revoked device is never active again, and what was once verified can only be extended.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ymera_client.crypto.errors import Cx1Error, Fault, require
from ymera_client.crypto.links import (
    RECOVERY,
    AgentEndorse,
    DeviceAdd,
    DeviceRekey,
    DeviceRevoke,
    Genesis,
    Kind,
    Link,
    Payload,
    Pin,
    RecoveryRotate,
    parse_link,
    possession,
    write_link,
)
from ymera_client.crypto.primitives import ZERO, digest, equal, require_usable, verify
from ymera_client.crypto.wire import u32

MAX_LINKS = 1 << 16
REKEY_SECS = 7 * 86400
"""How often a device makes itself a new key for boxes."""
KEEP_OLD_KEY_SECS = 30 * 86400
"""How long it keeps the old one."""


@dataclass(frozen=True, slots=True)
class Device:
    """A device as its chain has it; `version` counts its keys for boxes from 0."""

    id: bytes
    ed_pk: bytes
    x_pk: bytes
    version: int
    active: bool


@dataclass(frozen=True, slots=True)
class Chain:
    """An identity after one of its links."""

    fp: bytes
    kind: Kind
    owner_fp: bytes
    recovery_pk: bytes
    salt: bytes
    devices: Mapping[bytes, Device]
    """By id, with those revoked."""
    agents: frozenset[bytes]
    """Whom it has endorsed."""
    pin: Pin

    def active(self) -> tuple[Device, ...]:
        """The devices in use, by id."""
        return tuple(self.devices[each] for each in sorted(self.devices) if self.devices[each].active)

    def active_ids(self) -> frozenset[bytes]:
        """The ids of the devices in use."""
        return frozenset(each.id for each in self.devices.values() if each.active)


@dataclass(frozen=True, slots=True)
class History:
    """A verified chain, with its state after every link."""

    states: tuple[Chain, ...]

    @property
    def fp(self) -> bytes:
        return self.states[0].fp

    @property
    def newest(self) -> Chain:
        return self.states[-1]

    def at(self, pin: Pin) -> Chain:
        """The state at a pin; refuses one that this chain does not reach or does not contain."""
        require(
            pin.seq < len(self.states),
            Fault.CHAIN_TRUNCATED,
            "the chain ends before the pinned link",
            {"seq": pin.seq},
        )
        state = self.states[pin.seq]
        require(
            equal(state.pin.head, pin.head),
            Fault.CHAIN_FORKED,
            "another link is pinned here",
            {"seq": pin.seq},
        )
        return state

    def extend(self, links: Iterable[bytes]) -> "History":
        """Verify further links."""
        states = list(self.states)
        for raw in links:
            require(len(states) < MAX_LINKS, Fault.TOO_LARGE, f"a chain has at most {MAX_LINKS} links")
            states.append(_after(states[-1], parse_link(raw)))
        return History(tuple(states))


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs a link: a device, or the recovery key under the id `RECOVERY`."""

    id: bytes
    secret: bytes


def device_id(fp: bytes, ed_pk: bytes) -> bytes:
    """The id of a device, which binds it to its user."""
    return digest(b"cx1/dev", fp, ed_pk)[:16]


def verify_chain(links: Iterable[bytes], *, fp: bytes | None = None, pin: Pin | None = None) -> History:
    """Verify a chain from its genesis; with `fp`, that it is theirs, and with `pin`, that it extends that."""
    iterator = iter(links)
    first = next(iterator, None)
    if first is None:
        raise Cx1Error(Fault.CHAIN_TRUNCATED, "the chain is empty")
    history = History((_genesis(parse_link(first)),)).extend(iterator)
    require(fp in {None, history.fp}, Fault.CHAIN_OTHER, "this is the chain of another identity")
    if pin is not None:
        history.at(pin)
    return history


def append(history: History, payload: Payload, signer: Signer, ms: int) -> bytes:
    """Sign the next link of a chain, and refuse one that it does not allow."""
    newest = history.newest
    raw = write_link(
        signer.secret,
        payload,
        fp=newest.fp,
        seq=newest.pin.seq + 1,
        prev=newest.pin.head,
        ms=ms,
        signer=signer.id,
    )
    history.extend([raw])
    return raw


def new_device(history: History, secret: bytes, ed_pk: bytes, x_pk: bytes) -> DeviceAdd:
    """What the new device hands to the one that appends it; `secret` is its signing key."""
    pin = history.newest.pin
    proof = possession(secret, fp=history.fp, seq=pin.seq + 1, prev=pin.head, ed_pk=ed_pk, x_pk=x_pk)
    return DeviceAdd(ed_pk, x_pk, proof)


def is_agent_of(agent: Chain, owner: Chain) -> bool:
    """Whether both sides say that one is the other's agent."""
    return agent.kind is Kind.AGENT and equal(agent.owner_fp, owner.fp) and agent.fp in owner.agents


def _genesis(link: Link) -> Chain:
    first = link.payload
    if not isinstance(first, Genesis):
        raise Cx1Error(Fault.GENESIS, "a chain begins with a genesis link")
    require(
        (link.seq, link.fp, link.prev, link.signer) == (0, ZERO, ZERO, RECOVERY),
        Fault.GENESIS,
        "the seq, fp, prev and signer of a genesis link are zero",
    )
    require(
        (first.owner_fp == ZERO) == (first.kind is Kind.HUMAN),
        Fault.OWNER,
        "an agent names its owner, and a human names none",
    )
    require_usable(first.x_pk)
    require(
        verify(first.ed_pk, link.signature, b"cx1/ulink", link.body),
        Fault.LINK_SIGNATURE,
        "the genesis link is not signed by its device",
    )
    fp = digest(b"cx1/user", link.body)
    device = Device(device_id(fp, first.ed_pk), first.ed_pk, first.x_pk, 0, active=True)
    return Chain(
        fp=fp,
        kind=first.kind,
        owner_fp=first.owner_fp,
        recovery_pk=first.recovery_pk,
        salt=first.salt,
        devices={device.id: device},
        agents=frozenset(),
        pin=Pin(0, link.hash),
    )


def _after(chain: Chain, link: Link) -> Chain:
    """The state after a link, or `Cx1Error`."""
    expected = chain.pin.seq + 1
    require(equal(link.fp, chain.fp), Fault.CHAIN_OTHER, "the link belongs to another identity")
    require(link.seq == expected, Fault.CHAIN_SEQ, f"link {expected} comes next", {"expected": expected})
    require(equal(link.prev, chain.pin.head), Fault.CHAIN_PREV, "the link follows another one")
    require(
        verify(_signing_key(chain, link), link.signature, b"cx1/ulink", link.body),
        Fault.LINK_SIGNATURE,
        "the signature is not the signer's",
    )
    return replace(_apply(chain, link), pin=Pin(link.seq, link.hash))


def _signing_key(chain: Chain, link: Link) -> bytes:
    recovery = link.signer == RECOVERY
    require(
        recovery or not isinstance(link.payload, RecoveryRotate),
        Fault.RECOVERY_ONLY,
        "only the recovery key replaces the recovery key",
    )
    if recovery:
        return chain.recovery_pk
    device = chain.devices.get(link.signer)
    if device is None:
        raise Cx1Error(Fault.SIGNER, "the signer is no device of this chain")
    require(device.active, Fault.SIGNER, "the signer has been revoked")
    return device.ed_pk


def _apply(chain: Chain, link: Link) -> Chain:
    match link.payload:
        case DeviceAdd():
            return _with(chain, _added(chain, link, link.payload))
        case DeviceRevoke(target):
            return _with(chain, replace(_in_use(chain, target), active=False))
        case DeviceRekey():
            return _with(chain, _rekeyed(chain, link.signer, link.payload))
        case RecoveryRotate(recovery_pk, salt):
            return replace(chain, recovery_pk=recovery_pk, salt=salt)
        case AgentEndorse(agent_fp):
            return replace(chain, agents=chain.agents | {agent_fp})
        case Genesis():
            raise Cx1Error(Fault.GENESIS, "a chain has one genesis link")


def _with(chain: Chain, device: Device) -> Chain:
    return replace(chain, devices={**chain.devices, device.id: device})


def _in_use(chain: Chain, target: bytes) -> Device:
    device = chain.devices.get(target)
    if device is None:
        raise Cx1Error(Fault.DEVICE_UNKNOWN, "the chain has no such device")
    require(device.active, Fault.DEVICE_UNKNOWN, "the device has been revoked before")
    return device


def _added(chain: Chain, link: Link, new: DeviceAdd) -> Device:
    ident = device_id(chain.fp, new.ed_pk)
    require(ident not in chain.devices, Fault.DEVICE_KNOWN, "the chain has, or had, a device of this key")
    require(
        verify(
            new.ed_pk,
            new.possession,
            b"cx1/pop",
            chain.fp,
            u32(link.seq),
            link.prev,
            new.ed_pk,
            new.x_pk,
        ),
        Fault.POSSESSION,
        "the new device has not proved that it holds its key, for this place of this chain",
    )
    require_usable(new.x_pk)
    return Device(ident, new.ed_pk, new.x_pk, 0, active=True)


def _rekeyed(chain: Chain, signer: bytes, new: DeviceRekey) -> Device:
    require(new.device_id == signer, Fault.DEVICE_UNKNOWN, "a device replaces only its own key for boxes")
    device = _in_use(chain, new.device_id)
    expected = device.version + 1
    require(
        new.version == expected,
        Fault.KEY_VERSION,
        f"key version {expected} comes next",
        {"expected": expected},
    )
    require_usable(new.x_pk)
    return replace(device, x_pk=new.x_pk, version=new.version)
