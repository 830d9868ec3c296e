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

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, Protocol
from uuid import UUID

from nacl.utils import random

from ymera_client.crypto.errors import Cx1Error, Fault, require
from ymera_client.crypto.linking import (
    LIFETIME_MS,
    LINK_ID,
    Offer,
    Package,
    Secret,
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
from ymera_client.crypto.wire import Reader, from_text, to_text, u8
from ymera_client.errors import Conflict, YmeraError
from ymera_client.generated import Pairing, PairingPurpose, PairingSend
from ymera_client.sealed.clock import now_ms
from ymera_client.sealed.endings import (
    ANSWERED,
    ENDINGS,
    LAST_STEP,
    OWN_WORDS,
    SUPERSEDED,
    THEIR_WORDS,
    Ending,
)
from ymera_client.sealed.faults import raised
from ymera_client.sealed.ground import Ground

BY_QR, BY_DIGITS = 1, 2
MAX_SECRETS = 3_000
"""Secrets that are handed over at once, which fit into one step; the rest comes by grants."""

TELLING = 10.0
"""Seconds for which ending a pairing waits until the other side is told."""

StepName = Literal["offered", "asked", "waiting", "compare", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Step:
    """Where a pairing stands.

    `offered`: show `qr`, another device scans it; `asked`: another device asks, `confirm` goes on with it;
    `waiting`: for the other side; `compare`: show `digits`, `confirm` if the other side shows the same;
    `done`; `failed`, with the reason.
    """

    name: StepName
    qr: str = ""
    expires_at: datetime | None = None
    digits: str = ""
    error: YmeraError | None = None


class Host(Protocol):
    """What pairings need of the device."""

    @property
    def ground(self) -> Ground:
        """The device's keys and its way to the server."""

    @property
    def member_id(self) -> str:
        """The own member."""

    def changed(self) -> None:
        """A pairing stands elsewhere."""

    def secrets(self) -> Sequence[Secret]:
        """The secrets of rooms, for a new device, newest epochs first."""

    async def handed(self, package: Package) -> None:
        """Keep what another device has given this one."""

    async def linked(self) -> None:
        """This device is in the identity now."""

    async def verified(self, fp: bytes) -> None:
        """An identity was verified."""


class Flow(ABC):
    """A pairing, as one of its two sides sees it. It ends after five minutes."""

    purpose: PairingPurpose

    def __init__(self, host: Host, link_id: bytes, member_id: str, awaited: int) -> None:
        self.id = str(UUID(bytes=link_id))
        self.member_id = member_id
        """The member at the other side; when linking, oneself."""
        self.step = Step("waiting")
        self._host = host
        self._link_id = link_id
        self._awaited = awaited
        self._started_ms = now_ms()

    @property
    def over(self) -> bool:
        """Whether it is done, or has failed."""
        return self.step.name in {"done", "failed"}

    async def confirm(self) -> None:
        """Go on from `asked`; in `compare`, say that both sides show the same."""
        await self._guarded(self._agreed)

    async def cancel(self) -> None:
        """End it, at the other side too, which waits in vain if it cannot be told within ten seconds."""
        await self._end(Ending.CALLED_OFF, OWN_WORDS[Ending.CALLED_OFF])

    async def differ(self) -> None:
        """In `compare`: say that the other side shows other digits, which ends it at both."""
        await self._end(Ending.DIFFER, OWN_WORDS[Ending.DIFFER])

    async def supersede(self) -> None:
        """End it, at the other side too, since another was begun."""
        await self._end(Ending.CALLED_OFF, SUPERSEDED)

    def fail(self, error: YmeraError) -> None:
        """End it on this side alone."""
        if not self.over:
            self._show(Step("failed", error=error))

    async def take(self, pairing: Pairing) -> None:
        """Take a step of the other side."""
        if (why := self._ended_by(pairing)) is not None:
            self.fail(Conflict(why))
        if self.over or pairing.step != self._awaited:
            return
        if now_ms() - self._started_ms > LIFETIME_MS:
            self.fail(Conflict("The pairing was not finished within five minutes; begin another."))
            return

        async def receive() -> None:
            await self._receive(pairing.step, Reader(from_text(pairing.body)))

        await self._guarded(receive)

    @abstractmethod
    async def _receive(self, step: int, reader: Reader) -> None:
        """What the other side's step has to say."""

    @abstractmethod
    async def _agreed(self) -> None:
        """The person has said yes."""

    async def send(self, step: int, *parts: bytes) -> None:
        """Send a step, and wait for the one behind it."""
        self._awaited = step + 1
        await self._post(step, b"".join(parts))

    async def _post(self, step: int, body: bytes) -> None:
        await self._host.ground.courier(
            PairingSend(id=self.id, purpose=self.purpose, to=self.member_id, step=step, body=to_text(body))
        )

    async def _answer(self, *parts: bytes) -> None:
        """Go on from `asked`, if no other of the devices that were asked has."""
        self._show(Step("waiting"))
        try:
            await self.send(1, *parts)
        except Conflict:
            raise Conflict(ANSWERED) from None

    def _ended_by(self, pairing: Pairing) -> str | None:
        """Why a step ends the pairing, if it does: it says so, or another device has answered."""
        ending = None
        if pairing.step > 0 and pairing.sender == self.member_id:
            ending = ENDINGS.get(pairing.body)
        if self.step.name == "asked" and pairing.step > (0 if ending is None else 1):
            return ANSWERED
        return None if ending is None else THEIR_WORDS[ending]

    async def _end(self, ending: Ending, words: str) -> None:
        if self.over:
            return
        # Of several devices that are asked the first to answer goes on, which this one must not end.
        last = 1 if self.step.name == "asked" else LAST_STEP
        self.fail(Conflict(words))
        with suppress(YmeraError, TimeoutError):
            async with asyncio.timeout(TELLING):
                await self._tell(ending, last)

    async def _tell(self, ending: Ending, last: int) -> None:
        # The number that comes next is not known for sure: the other side may be a step further.
        for step in range(max(1, self._awaited - 1), last + 1):
            with suppress(Conflict):
                await self._post(step, u8(ending))
                return

    def _show(self, step: Step) -> None:
        self.step = step
        self._host.changed()

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        """Have whatever goes wrong end the pairing."""
        try:
            await work()
        except Cx1Error as refusal:
            error = raised(refusal)
            self.fail(error)
            raise error from refusal
        except YmeraError as error:
            self.fail(error)
            raise


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
        self._show(Step("offered", qr=qr, expires_at=ends))

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
            self._show(Step("waiting"))
            if self._proof is not None:
                await self.send(4, self._proof)

    async def _reveal(self, reader: Reader, half: "_Half") -> None:
        other = _read_party(reader, self._fp)
        reader.end()
        self._shared = shared_secret(half.secret, other.e_pk, half.party.e_pk)
        await self.send(2, half.party.e_pk, half.party.nonce, self._ed_pk, self._x_pk)
        shown = digits(self._shared, self._link_id, Purpose.LINK, half.party, other)
        self._show(Step("compare", digits=shown))

    async def _prove(self, reader: Reader) -> None:
        """The old device says where in the chain this one is to stand."""
        pin = Pin.read(reader)
        reader.end()
        proof = possession(
            self._secret, fp=self._fp, seq=pin.seq + 1, prev=pin.head, ed_pk=self._ed_pk, x_pk=self._x_pk
        )
        if self._half is None:
            self._show(Step("waiting"))
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
        self._show(Step("done"))


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
            await self._answer(self._half.party.e_pk, self._half.party.nonce)
        elif self.step.name == "compare":
            self._show(Step("waiting"))
            await self._place(3)

    async def _asked(self, reader: Reader) -> None:
        if reader.u8() == BY_DIGITS:
            self._committed, self._keys_hash = reader.fixed(KEY), reader.fixed(KEY)
            reader.end()
            self._show(Step("asked"))
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
        self._show(Step("compare", digits=shown))

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
        self._show(Step("done"))


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
            self._show(Step("asked"))
            return
        other, own = _read_party(reader, self._their_fp), self._half.party
        reader.end()
        if self._first:
            await self.send(2, own.e_pk, own.nonce)
        else:
            check_commitment(self._committed, other)
        shared = shared_secret(self._half.secret, other.e_pk, own.e_pk)
        a, b = (own, other) if self._first else (other, own)
        self._show(Step("compare", digits=digits(shared, self._link_id, Purpose.VERIFY, a, b)))

    async def _agreed(self) -> None:
        if self.step.name == "asked":
            await self._answer(self._half.party.e_pk, self._half.party.nonce)
        elif self.step.name == "compare":
            await self._host.verified(self._their_fp)
            self._show(Step("done"))


class _Half:
    """One side's key and nonce for eight digits."""

    def __init__(self, ident: bytes) -> None:
        self.secret = random(KEY)
        self.party = Party(ident, box_public(self.secret), random(KEY))


def _read_party(reader: Reader, ident: bytes) -> Party:
    return Party(ident, reader.fixed(KEY), reader.fixed(KEY))
