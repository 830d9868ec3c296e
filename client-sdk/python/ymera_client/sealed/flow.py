"""What all pairings have in common: their steps, who hears of them, and how they end."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from ymera_client.crypto.errors import Cx1Error
from ymera_client.crypto.linking import LIFETIME_MS, Package, Secret
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
            self.show(Step("failed", error=error))

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

    async def answer(self, *parts: bytes) -> None:
        """Go on from `asked`, if no other of the devices that were asked has."""
        self.show(Step("waiting"))
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

    def show(self, step: Step) -> None:
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
