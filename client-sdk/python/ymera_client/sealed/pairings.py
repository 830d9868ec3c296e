"""The pairings under way on this device; few are kept at once, and each is over after five minutes."""

import asyncio
import logging
from uuid import UUID

from ymera_client.crypto.errors import Cx1Error
from ymera_client.crypto.linking import LIFETIME_MS, scan
from ymera_client.crypto.wire import from_text
from ymera_client.errors import Conflict, YmeraError
from ymera_client.generated import Pairing, PairingList, PairingPurpose
from ymera_client.outbox import new_id
from ymera_client.sealed.faults import refusals_raised
from ymera_client.sealed.flow import Flow, Host
from ymera_client.sealed.pairing import BY_DIGITS, Comparison, Newcomer, Sponsor

log = logging.getLogger(__name__)

MAX_FLOWS = 20
MAX_STEPS = 100
"""Steps that wait to be taken; what is beyond is dropped, and such a pairing is not finished."""


class Pairings:
    """Takes what other devices send, each step to its pairing."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._flows: dict[str, Flow] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._steps: asyncio.Queue[Pairing] = asyncio.Queue(MAX_STEPS)
        self._taking: asyncio.Task[None] | None = None

    @property
    def flows(self) -> tuple[Flow, ...]:
        """All of them, those that others have begun included, oldest first."""
        return tuple(self._flows.values())

    async def come_in(self, fp: bytes, *, by_digits: bool) -> Flow:
        """On a new device: ask those that are in the identity."""
        keys = await self._host.ground.keychain.fresh_keys()
        await self.supersede()
        flow = Newcomer(self._host, fp, keys, by_digits=by_digits)
        self._keep(flow)
        await flow.begin()
        return flow

    async def supersede(self) -> None:
        """This device has other keys now, so those that it has asked to be let in with count no more."""
        for flow in self.flows:
            if isinstance(flow, Newcomer):
                await flow.supersede()

    async def scanned(self, text: str) -> Flow:
        """On a device that is in the identity: the code of a new one was scanned."""
        with refusals_raised():
            offer = scan(text.strip())
        flow = Sponsor(self._host, offer.link_id, offer)
        self._keep(flow)
        for step in await self._host.ground.courier(PairingList()):
            if step.id == flow.id:
                await flow.take(step)
        return flow

    async def compare(self, member_id: str) -> Flow:
        """Begin to compare eight digits with a member."""
        fp = await self._host.ground.directory.find(member_id)
        flow = Comparison(self._host, UUID(new_id()).bytes, member_id, fp, first=True)
        self._keep(flow)
        await flow.begin()
        return flow

    def hear(self, pairing: Pairing) -> None:
        """A step was sent to this member."""
        if self._taking is None:
            self._taking = asyncio.create_task(self._take(), name="ymera-pairings")
        if not self._steps.full():
            self._steps.put_nowait(pairing)

    async def catch_up(self) -> None:
        """Take what was sent while there was no connection; what was answered by an earlier run is over."""
        steps = await self._host.ground.courier(PairingList())
        answered = {step.id for step in steps if step.step > 0}
        for step in steps:
            if step.id in self._flows or step.id not in answered:
                self.hear(step)

    async def close(self) -> None:
        """End all."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        if self._taking is not None:
            self._taking.cancel()
            await asyncio.wait({self._taking})

    async def _take(self) -> None:
        while True:
            pairing = await self._steps.get()
            try:
                flow = self._flows.get(pairing.id) or await self._asked(pairing)
                if flow is not None:
                    await flow.take(pairing)
            except YmeraError as error:
                log.info("Pairing %s has failed: %s", pairing.id, error)
            except Cx1Error as refusal:
                log.info("A step of pairing %s is none: %s", pairing.id, refusal)

    async def _asked(self, pairing: Pairing) -> Flow | None:
        """Another device begins. Codes to scan are no affair of who has not scanned them."""
        ground, own = self._host.ground, self._host.member_id
        if pairing.step != 0 or not ground.keychain.active:
            return None
        link_id = UUID(pairing.id).bytes
        flow: Flow | None = None
        if pairing.purpose is PairingPurpose.VERIFY and pairing.sender != own:
            fp = await ground.directory.find(pairing.sender)
            flow = Comparison(self._host, link_id, pairing.sender, fp, first=False)
        elif pairing.purpose is PairingPurpose.LINK and pairing.sender == own:
            by_digits = from_text(pairing.body)[:1] == bytes([BY_DIGITS])
            flow = Sponsor(self._host, link_id, None) if by_digits else None
        if flow is not None:
            self._keep(flow)
        return flow

    def _keep(self, flow: Flow) -> None:
        if len(self._flows) >= MAX_FLOWS:
            oldest = next(iter(self._flows))
            self._flows.pop(oldest).fail(Conflict("Other pairings were begun since; begin another."))
            self._timers.pop(oldest).cancel()
        self._flows[flow.id] = flow
        late = Conflict("The pairing was not finished within five minutes; begin another.")
        loop = asyncio.get_running_loop()
        self._timers[flow.id] = loop.call_later(LIFETIME_MS / 1000, flow.fail, late)
