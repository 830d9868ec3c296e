"""All leases of a process: which runs it is offered, works on and has lost.

What the server says comes twice, pushed at once and repeated in the reply to a heartbeat, since a push can
be lost; saying it again changes nothing here.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from ymera_client.agent.execution import Stop
from ymera_client.agent.files import Shelf
from ymera_client.agent.lease import Lease, about
from ymera_client.agent.worker import Worker
from ymera_client.courier import Courier
from ymera_client.errors import YmeraError
from ymera_client.generated import (
    LEASE_SECONDS,
    AgentBeat,
    Command,
    HeldRun,
    RunControl,
    RunOffer,
    RunReject,
    RunRelease,
    RunState,
)

log = logging.getLogger(__name__)


class Leases:
    """The leases of one process; in the loop of its connection. `able` are its capabilities.

    `freed` is called when a lease is of no more use; `shelf` is where its runs' files are, if not where the
    worker has them.
    """

    def __init__(
        self,
        worker: Worker,
        courier: Courier,
        able: Collection[str],
        *,
        freed: Callable[[], object] = lambda: None,
        shelf: Shelf | None = None,
    ) -> None:
        self.closed = False
        """Whether nothing more is taken."""
        self.seconds: float = LEASE_SECONDS
        """How long a lease lasts from a sign."""
        self._worker = worker
        self._courier = courier
        self._able = able
        self._freed = freed
        self._shelf = shelf
        self._all: dict[tuple[str, int], Lease] = {}
        self._errands: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Lease]:
        return iter(list(self._all.values()))

    @property
    def busy(self) -> bool:
        """Whether any run is at work, rather than waiting for somebody."""
        return any(not lease.waiting for lease in self._all.values())

    def held(self) -> list[HeldRun]:
        """What to name to the server."""
        return [
            HeldRun(run_id=run_id, fence=fence)
            for (run_id, fence), lease in self._all.items()
            if lease.accepted and lease.stopped is not Stop.LOST
        ]

    def prolong(self, named: Iterable[HeldRun], sent_at: float) -> None:
        """The server has had a sign of these that was sent then (monotonic)."""
        for each in named:
            if (lease := self._all.get((each.run_id, each.fence))) is not None:
                lease.prolong(sent_at)

    def expire(self, now: float) -> None:
        """Give up those that may be another's by now (monotonic)."""
        for lease in list(self._all.values()):
            lease.expire(now)

    def hear(self, beat: AgentBeat) -> None:
        """What a heartbeat was answered with."""
        self.lose(beat.lost)
        for lease in list(self._all.values()):
            if lease.id in beat.canceling:
                lease.stop(Stop.CANCELED)
            if lease.id in beat.answered:
                lease.nudge()
        self.offer(beat.runs)

    def lose(self, run_ids: Collection[str]) -> None:
        """These are not ours any more."""
        for lease in list(self._all.values()):
            if lease.id in run_ids:
                lease.lose()

    def control(self, control: RunControl) -> None:
        """News of one of them."""
        if (lease := self._all.get((control.run_id, control.fence))) is not None:
            lease.control(control)

    def offer(self, offers: Iterable[RunOffer]) -> None:
        """Take what is offered and was not known."""
        for offer in offers:
            self._supersede(offer)
            if (offer.run.id, offer.fence) in self._all or self.closed:
                continue
            if offer.run.state is not RunState.SUBMITTED:
                # An attempt of ours that nobody here knows of any more.
                self._errand(RunRelease(**about(offer), reason="The agent's process has lost track of it."))
            elif offer.run.capability not in self._able:
                reason = f"This process of the agent cannot do {offer.run.capability}."
                self._errand(RunReject(**about(offer), reason=reason))
            else:
                self._take(offer)

    def release(self, why: Stop) -> None:
        """Have all stop; those that wait for somebody simply end, and are offered when they are answered."""
        for lease in list(self._all.values()):
            lease.stop(Stop.LOST if lease.waiting else why)

    def _supersede(self, offer: RunOffer) -> None:
        for (run_id, fence), lease in list(self._all.items()):
            if run_id == offer.run.id and fence < offer.fence:
                lease.lose()

    def _take(self, offer: RunOffer) -> None:
        def stop(lease: Lease, why: Stop) -> None:
            self._worker.here.post(self._worker.stop, lease, why)

        lease = Lease(offer, self._courier, self.seconds, stop)
        self._all[offer.run.id, offer.fence] = lease
        self._worker.here.post(self._worker.begin, lease, self._forget, self._shelf)

    def _forget(self, lease: Lease) -> None:
        self._all.pop((lease.id, lease.offer.fence), None)
        lease.close()
        self._freed()

    def _errand(self, command: Command[Any]) -> None:
        async def run() -> None:
            try:
                await self._courier(command)
            except YmeraError as error:
                log.info("%s was refused: %s", command.WIRE_NAME, error)

        errand = asyncio.create_task(run())
        self._errands.add(errand)
        errand.add_done_callback(self._errands.discard)
