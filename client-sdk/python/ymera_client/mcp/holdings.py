"""The runs that this process holds, as its assistant claimed them and the server speaks of them.

No I/O happens here. What the server says comes twice, pushed and in replies to heartbeats; saying it again
changes nothing.
"""

import asyncio
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ymera_client.errors import Invalid
from ymera_client.generated import AgentBeat, HeldRun, RunControl, RunControlKind, RunOffer

MAX_OVER = 200
"""Attempts that are remembered as over, so that old news does not bring them back."""
MAX_UNTOLD = 50
"""Runs whose loss the assistant has yet to hear of."""


@dataclass(slots=True)
class Holding:
    """A run at which the assistant is at work."""

    offer: RunOffer
    canceling: bool = False
    """Somebody has stopped it; only a last report is accepted."""
    output_end: int = 0
    """Where the output goes on, as far as is known here."""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Taken in turn by pieces of output."""

    @property
    def id(self) -> str:
        """The run's id."""
        return self.offer.run.id

    @property
    def about(self) -> dict[str, Any]:
        """What each report begins with."""
        return {"project_id": self.offer.run.project_id, "run_id": self.id, "fence": self.offer.fence}


class Holdings:
    """All that this process holds, and what it lost without the assistant's knowing."""

    def __init__(self) -> None:
        self._held: dict[str, Holding] = {}
        self._untold: dict[str, None] = {}
        self._over: deque[tuple[str, int]] = deque(maxlen=MAX_OVER)
        self._bell = asyncio.Event()

    def __iter__(self) -> Iterator[Holding]:
        return iter(list(self._held.values()))

    def named(self) -> list[HeldRun]:
        """What to name to the server."""
        return [HeldRun(run_id=each.id, fence=each.offer.fence) for each in self._held.values()]

    def take(self, offers: Iterable[RunOffer]) -> None:
        """Hold these; also those that the server says are ours, whose claim was not awaited to its end."""
        for offer in offers:
            known = self._held.get(offer.run.id)
            if (known is None or known.offer.fence < offer.fence) and (
                (offer.run.id, offer.fence) not in self._over
            ):
                self._held[offer.run.id] = Holding(offer, canceling=offer.run.canceling)

    def get(self, run_id: str) -> Holding | None:
        """A run, if it is held."""
        return self._held.get(run_id)

    def only(self) -> Holding:
        """The one run that is held. Invalid unless there is just one."""
        if not self._held:
            raise Invalid("run_id: you hold no run; take one with claim_task first.")
        if len(self._held) > 1:
            raise Invalid(f"run_id: say which run; you hold {', '.join(self._held)}.")
        return next(iter(self._held.values()))

    def drop(self, run_id: str) -> None:
        """It is over, and the assistant knows."""
        if (holding := self._held.pop(run_id, None)) is not None:
            self._over.append((run_id, holding.offer.fence))
        self._untold.pop(run_id, None)

    def untold(self) -> str | None:
        """A run that was lost without the assistant's knowing; it is about to be told."""
        lost = next(iter(self._untold), None)
        if lost is not None:
            del self._untold[lost]
        return lost

    def lose(self, run_ids: Collection[str]) -> None:
        """The server says that these are not ours any more."""
        for run_id in run_ids:
            if run_id in self._held:
                self.drop(run_id)
                self._untold[run_id] = None
        while len(self._untold) > MAX_UNTOLD:
            del self._untold[next(iter(self._untold))]

    def hear(self, beat: AgentBeat) -> None:
        """What a heartbeat was answered with."""
        self.lose(beat.lost)
        for run_id in beat.canceling:
            self._stop(run_id)
        self.take(beat.runs)
        if beat.lost or beat.canceling or beat.answered:
            self._tell()

    def control(self, control: RunControl) -> None:
        """News of one of them."""
        holding = self._held.get(control.run_id)
        if holding is None or holding.offer.fence != control.fence:
            return
        if control.kind is RunControlKind.CANCEL:
            self._stop(control.run_id)
        elif control.kind is RunControlKind.LOST:
            self.lose([control.run_id])
        self._tell()

    @property
    def bell(self) -> asyncio.Event:
        """Set when there is news of any run; for the next news take it anew."""
        return self._bell

    def _stop(self, run_id: str) -> None:
        if (holding := self._held.get(run_id)) is not None:
            holding.canceling = True

    def _tell(self) -> None:
        self._bell.set()
        self._bell = asyncio.Event()
