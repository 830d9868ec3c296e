"""Keeping one room's state in step with its log, whatever the network drops, repeats or reorders.

No I/O happens here: the owner reports what arrived and asks `wanted` what to request next. Every event
is applied exactly once and in order of its seq, or the room knows that it is behind and asks.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from ymera_client.fold import State
from ymera_client.generated import MAX_EVENTS, EventRange, Joined, LoggedEvent, RoomEvents, RoomJoin

MAX_BUFFERED = 1_000
"""Events kept that arrived too early. Those beyond are dropped: the repair brings them again."""

Request: TypeAlias = RoomJoin | RoomEvents


@dataclass(frozen=True, slots=True)
class Progress:
    """What an arrival changed: events that were applied, in order, after a `reset` if there was one."""

    events: list[LoggedEvent] = field(default_factory=list)
    reset: bool = False
    """The state was replaced as a whole; what led there is not among `events`."""

    def __bool__(self) -> bool:
        return self.reset or bool(self.events)


class RoomSync:
    """A room's state, and what has to be asked to bring it up to date and keep it there."""

    def __init__(self, room: str) -> None:
        self.room = room
        self.state = State()
        self.generation: str | None = None
        self.stalls = 0
        """How many requests in a row brought nothing; wait longer the more there are."""
        self._joined = False
        self._head = 0
        self._early: dict[int, LoggedEvent] = {}

    @property
    def known(self) -> bool:
        """Whether the room has ever been joined, so that its state means something."""
        return self.generation is not None

    @property
    def caught_up(self) -> bool:
        """Whether the state holds all that the server is known to have logged."""
        return self._joined and self.state.cursor >= self._head

    def detach(self) -> None:
        """The connection is gone, and with it the subscription. State and cursor stay."""
        self._joined = False
        self._early.clear()

    def wanted(self) -> Request | None:
        """The request to make now: at most one at a time, its answer goes to `joined` or `pulled`."""
        if self.caught_up:
            return None
        cursor = self.state.cursor
        if self._joined and self._head - cursor <= MAX_EVENTS:
            return RoomEvents(room=self.room, after_seq=cursor)
        return RoomJoin(room=self.room, after_seq=cursor if self.known else None, generation=self.generation)

    def joined(self, answer: Joined) -> Progress:
        """Take in what `room.join` answered: the events that were missed, or a whole new state."""
        if isinstance(answer.reset, dict):
            self.state.reset(answer.reset, answer.head)
        elif self.known and answer.generation != self.generation:
            # Events of another log do not continue this one. Ask for all of it.
            self.state, self.generation = State(), None
            self._count_stall(stalled=True)
            return Progress()
        self._joined = True
        self.generation = answer.generation
        self._early = {seq: early for seq, early in self._early.items() if seq > self.state.cursor}
        self._head = max([answer.head, *self._early])
        progress = Progress(reset=isinstance(answer.reset, dict))
        self._admit(answer.events if isinstance(answer.events, list) else [], progress)
        self._count_stall(stalled=not self.caught_up and not progress)
        return progress

    def pulled(self, answer: EventRange) -> Progress:
        """Take in what `room.events` answered. If it did not help, the room is joined anew."""
        progress = Progress()
        self._head = max(self._head, answer.head)
        self._admit(answer.events, progress)
        stalled = not self.caught_up and not progress
        self._count_stall(stalled=stalled)
        if stalled:
            self._joined = False
        return progress

    def failed(self) -> None:
        """A request was not answered, or refused in a way that may pass."""
        self._count_stall(stalled=True)

    def receive(self, events: Iterable[LoggedEvent]) -> Progress:
        """Take in events that the server sent by itself. Those of a room not joined yet wait for the join."""
        progress = Progress()
        self._admit(events, progress)
        return progress

    def hear(self, head: int) -> None:
        """The server says how far the log goes; more than the cursor means that events were lost."""
        self._head = max(self._head, head)

    def _admit(self, events: Iterable[LoggedEvent], progress: Progress) -> None:
        for event in events:
            self._head = max(self._head, event.seq)
            if self._joined and event.seq == self.state.cursor + 1:
                self._apply(event, progress)
            elif event.seq > self.state.cursor and len(self._early) < MAX_BUFFERED:
                self._early[event.seq] = event
        if self._joined:
            while (early := self._early.get(self.state.cursor + 1)) is not None:
                self._apply(early, progress)

    def _apply(self, event: LoggedEvent, progress: Progress) -> None:
        self.state.apply(event)
        self._early.pop(event.seq, None)
        progress.events.append(event)

    def _count_stall(self, *, stalled: bool) -> None:
        self.stalls = self.stalls + 1 if stalled else 0
