"""Two devices that come together, step by step: a new one with one that is in the identity, or two people's.

The server hands the steps on and reads nothing that matters. Nothing is added to a chain, and nobody is
called verified, before the QR code's hash or a person has said that the keys are the right ones. The steps:

    link by QR      0 new: 1 ‖ ed_pk ‖ x_pk      1 old: place     2 new: pop      3 old: package
    link by digits  0 new: 2 ‖ c ‖ keys hash     1 old: eB ‖ nB   2 new: eA ‖ nA ‖ ed_pk ‖ x_pk
                    3 old: place                 4 new: pop       5 old: package
    verify          0 A: c                       1 B: eB ‖ nB     2 A: eA ‖ nA

`place` is the pin of the chain's last link, behind which the new device's is to stand. In place of any step
but the first, either side may send an `Ending`.
"""

from datetime import UTC, datetime

from nacl.utils import random

from ymera_client.crypto.errors import Cx1Error, Fault, require
from ymera_client.crypto.linking import (
    LIFETIME_MS,
    LINK_ID,
    Offer,
    Package,
    check_linked,
    check_offer,
    keys_hash,
    open_package,
    package_key,
    seal_package,
)
from ymera_client.crypto.links import DeviceAdd, Pin, possession
from ymera_client.crypto.primitives import KEY, NONCE, SIGNATURE, ZERO, box_public, equal
from ymera_client.crypto.verification import (
    Party,
    Purpose,
    check_commitment,
    commitment,
    digits,
    shared_secret,
)
from ymera_client.crypto.wire import Reader, u8
from ymera_client.generated import PairingPurpose
from ymera_client.sealed.clock import now_ms
from ymera_client.sealed.flow import Flow, Host, Step

BY_QR, BY_DIGITS = 1, 2
MAX_SECRETS = 3_000
"""Secrets that are handed over at once, which fit into one step; the rest comes by grants."""


class Newcomer(Flow):
    """The new device: shows a QR code, or compares digits, and is let in."""

    purpose = PairingPurpose.LINK

    def __init__(self, host: Host, fp: bytes, keys: tuple[bytes, bytes, bytes], *, by_digits: bool) -> None:
        super().__init__(host, random(LINK_ID), host.member_id, 1)
        self._fp = fp
        self._secret, self._ed_pk, self._x_pk = keys
        self._half = _Half(keys_hash(self._ed_pk, self._x_pk)) if by_digits else None
        self._shared = random(KEY)
        self._proof: bytes | None = None

    async def begin(self) -> None:
        """Ask the devices that are in the identity."""
        hashed = keys_hash(self._ed_pk, self._x_pk)
        if self._half is not None:
            await self.send(0, u8(BY_DIGITS), commitment(self._half.party), hashed)
            self._host.changed()
            return
        await self.send(0, u8(BY_QR), self._ed_pk, self._x_pk)
        ends = datetime.fromtimestamp((self._started_ms + LIFETIME_MS) / 1000, UTC)
        qr = Offer(self._link_id, self._shared, hashed).text()
        self.show(Step("offered", qr=qr, expires_at=ends))

    async def _receive(self, step: int, reader: Reader) -> None:
        if self._half is not None and step == 1:
            await self._reveal(reader, self._half)
        elif step == (1 if self._half is None else 3):
            await self._prove(reader)
        else:
            await self._enter(reader.fixed(reader.left))

    async def _agreed(self) -> None:
        if self.step.name == "compare":
            await self._host.ground.keychain.mean(self._fp)
            self.show(Step("waiting"))
            if self._proof is not None:
                await self.send(4, self._proof)

    async def _reveal(self, reader: Reader, half: "_Half") -> None:
        other = _read_party(reader, self._fp)
        reader.end()
        self._shared = shared_secret(half.secret, other.e_pk, half.party.e_pk)
        await self.send(2, half.party.e_pk, half.party.nonce, self._ed_pk, self._x_pk)
        shown = digits(self._shared, self._link_id, Purpose.LINK, half.party, other)
        self.show(Step("compare", digits=shown))

    async def _prove(self, reader: Reader) -> None:
        """The old device says where in the chain this one is to stand."""
        pin = Pin.read(reader)
        reader.end()
        proof = possession(
            self._secret, fp=self._fp, seq=pin.seq + 1, prev=pin.head, ed_pk=self._ed_pk, x_pk=self._x_pk
        )
        if self._half is None:
            self.show(Step("waiting"))
            await self.send(2, proof)
        elif self.step.name == "compare":
            self._proof, self._awaited = proof, 5
        else:
            await self.send(4, proof)

    async def _enter(self, sealed: bytes) -> None:
        package = open_package(package_key(self._shared, self._link_id), self._link_id, sealed)
        directory, keychain = self._host.ground.directory, self._host.ground.keychain
        await directory.fetch(package.fp)
        check_linked(package, directory.histories[package.fp], self._ed_pk)
        keychain.check_joined(package.fp)
        # First, since nobody gives it to a device that is in.
        await self._host.handed(package)
        await keychain.joined(package.fp)
        await self._host.linked()
        self.show(Step("done"))


class Sponsor(Flow):
    """The device that is in the identity: scans, or compares digits, and lets the new one in."""

    purpose = PairingPurpose.LINK

    def __init__(self, host: Host, link_id: bytes, offer: Offer | None) -> None:
        super().__init__(host, link_id, host.member_id, 0)
        self._offer = offer
        """That was scanned; None for digits."""
        self._shared = ZERO
        self._half: _Half | None = None
        self._committed = ZERO
        self._keys_hash = ZERO
        self._keys: tuple[bytes, bytes] | None = None

    async def _receive(self, step: int, reader: Reader) -> None:
        if step == 0:
            await self._asked(reader)
        elif self._offer is None and step == 2:
            self._compare(reader)
        else:
            proof = reader.fixed(SIGNATURE)
            reader.end()
            await self._let_in(proof)

    async def _agreed(self) -> None:
        if self.step.name == "asked":
            self._half = _Half(self._host.ground.keychain.author.fp)
            await self.answer(self._half.party.e_pk, self._half.party.nonce)
        elif self.step.name == "compare":
            self.show(Step("waiting"))
            await self._place(3)

    async def _asked(self, reader: Reader) -> None:
        if reader.u8() == BY_DIGITS:
            self._committed, self._keys_hash = reader.fixed(KEY), reader.fixed(KEY)
            reader.end()
            self.show(Step("asked"))
            return
        ed_pk, x_pk = reader.fixed(KEY), reader.fixed(KEY)
        reader.end()
        if self._offer is None:
            raise Cx1Error(Fault.LINK_KEYS, "this code was not scanned")
        check_offer(self._offer, ed_pk, x_pk, shown_ms=self._started_ms, now_ms=now_ms())
        self._shared, self._keys = self._offer.secret, (ed_pk, x_pk)
        await self._place(1)

    def _compare(self, reader: Reader) -> None:
        assert self._half is not None
        other = _read_party(reader, self._keys_hash)
        ed_pk, x_pk = reader.fixed(KEY), reader.fixed(KEY)
        reader.end()
        check_commitment(self._committed, other)
        require(
            equal(keys_hash(ed_pk, x_pk), self._keys_hash),
            Fault.LINK_KEYS,
            "the keys are not those of the device that has asked",
        )
        self._keys = ed_pk, x_pk
        self._shared = shared_secret(self._half.secret, other.e_pk, self._half.party.e_pk)
        shown = digits(self._shared, self._link_id, Purpose.LINK, other, self._half.party)
        self.show(Step("compare", digits=shown))

    async def _place(self, step: int) -> None:
        ground = self._host.ground
        fp = ground.keychain.author.fp
        await ground.directory.fetch(fp)
        await self.send(step, ground.directory.histories[fp].newest.pin.encode())

    async def _let_in(self, proof: bytes) -> None:
        assert self._keys is not None
        ground, keys = self._host.ground, self._keys
        await ground.keychain.add(lambda history: DeviceAdd(*keys, proof))  # noqa: ARG005 - one of many
        fp, vault = ground.keychain.author.fp, ground.keychain.vault
        package = Package(
            fp=fp,
            head=ground.directory.histories[fp].newest.pin.head,
            master=ZERO if vault is None else vault.master,
            secrets=tuple(self._host.secrets()[:MAX_SECRETS]),
        )
        key = package_key(self._shared, self._link_id)
        sealed = seal_package(key, self._link_id, package, random(NONCE))
        await self.send(5 if self._offer is None else 3, sealed)
        self.show(Step("done"))


class Comparison(Flow):
    """One of two people who compare eight digits."""

    purpose = PairingPurpose.VERIFY

    def __init__(self, host: Host, link_id: bytes, member_id: str, their_fp: bytes, *, first: bool) -> None:
        super().__init__(host, link_id, member_id, 1 if first else 0)
        self._half = _Half(host.ground.keychain.author.fp)
        self._their_fp = their_fp
        self._first = first
        self._committed = ZERO

    async def begin(self) -> None:
        """Ask the other member's devices."""
        await self.send(0, commitment(self._half.party))
        self._host.changed()

    async def _receive(self, step: int, reader: Reader) -> None:
        if step == 0:
            self._committed = reader.fixed(KEY)
            reader.end()
            self.show(Step("asked"))
            return
        other, own = _read_party(reader, self._their_fp), self._half.party
        reader.end()
        if self._first:
            await self.send(2, own.e_pk, own.nonce)
        else:
            check_commitment(self._committed, other)
        shared = shared_secret(self._half.secret, other.e_pk, own.e_pk)
        a, b = (own, other) if self._first else (other, own)
        self.show(Step("compare", digits=digits(shared, self._link_id, Purpose.VERIFY, a, b)))

    async def _agreed(self) -> None:
        if self.step.name == "asked":
            await self.answer(self._half.party.e_pk, self._half.party.nonce)
        elif self.step.name == "compare":
            await self._host.verified(self._their_fp)
            self.show(Step("done"))


class _Half:
    """One side's key and nonce for eight digits."""

    def __init__(self, ident: bytes) -> None:
        self.secret = random(KEY)
        self.party = Party(ident, box_public(self.secret), random(KEY))


def _read_party(reader: Reader, ident: bytes) -> Party:
    return Party(ident, reader.fixed(KEY), reader.fixed(KEY))
