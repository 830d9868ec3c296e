"""A room's state as its events make it, without any knowledge of what the events mean.

The tables that the contract generates say, for every type of event, which entities it puts, patches or
drops. State and cursor move together: after `apply` both stand at that event, and no entity is ever
changed in place, so a snapshot that somebody holds stays what it was.
"""

import math
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

from ymera_client.generated import COLLECTIONS, FOLDS, Fold, LoggedEvent

Plain: TypeAlias = Mapping[str, Any]
"""An entity as plain JSON values. Do not change it; it may be shared."""
Snapshot: TypeAlias = Mapping[str, Mapping[str, Plain]]
"""A room's state at one moment: entities by id, by collection. Every known collection is there."""


SPARE = 100
"""How many entities a collection may have beyond its window before it is trimmed, if nobody looks."""


class State:
    """What a room's log amounts to, up to and including the event with seq `cursor`."""

    def __init__(self) -> None:
        self.cursor = 0
        self._collections: dict[str, dict[str, Plain]] = {name: {} for name in COLLECTIONS}
        self._snapshot: Snapshot | None = None
        self._lent: set[str] = set()
        self._untrimmed: set[str] = set()
        """Collections that may hold more than their window; nobody has seen them so."""

    def reset(self, entities: Mapping[str, Iterable[Plain]], head: int) -> None:
        """Replace everything by the server's own snapshot, which stands at seq `head`."""
        self._collections = {
            name: {entity["id"]: entity for entity in entities.get(name, ())} for name in COLLECTIONS
        }
        self._snapshot = None
        self._lent.clear()
        self._untrimmed.clear()
        self.cursor = head

    def apply(self, event: LoggedEvent) -> None:
        """Take the next event in. It must be the one after `cursor`."""
        assert event.seq == self.cursor + 1, f"event {event.seq} applied at {self.cursor}"
        self.follow(event.seq, [event])

    def follow(self, seq: int, events: Iterable[LoggedEvent]) -> None:
        """Take in what came of a seq: in a sealed room that can be several events, or none."""
        for event in events:
            for step in FOLDS.get(event.type, ()):
                value = event.data.get(step.field)
                if value is not None:
                    self._take(step, value)
        self.cursor = seq

    def get(self, collection: str, key: str) -> Plain | None:
        """The entity with that id, None if there is none."""
        self._trim(collection)
        return self._collections[collection].get(key)

    def snapshot(self) -> Snapshot:
        """The state now. It never changes; a later call gives a newer one."""
        if self._snapshot is None:
            for name in list(self._untrimmed):
                self._trim(name)
            self._snapshot = MappingProxyType(
                {name: MappingProxyType(entities) for name, entities in self._collections.items()}
            )
            self._lent = set(self._collections)
        return self._snapshot

    def _take(self, step: Fold, value: Any) -> None:
        entities = self._writable(step.collection)
        if step.step == "drop":
            self._trim(step.collection)
            entities.pop(value, None)
        elif step.step == "put":
            entities[value["id"]] = value
            self._untrimmed.add(step.collection)
            trim(entities, step.collection, SPARE)
        elif (known := entities.get(value["id"])) is not None:
            entities[value["id"]] = {**known, **value}

    def _trim(self, name: str) -> None:
        if name in self._untrimmed:
            self._untrimmed.discard(name)
            trim(self._collections[name], name)

    def _writable(self, name: str) -> dict[str, Plain]:
        """The collection, copied first if a snapshot shows it: copies are only made where somebody looks."""
        self._snapshot = None
        if name in self._lent:
            self._lent.discard(name)
            self._collections[name] = dict(self._collections[name])
        return self._collections[name]


def trim(entities: dict[str, Plain], collection: str, spare: int = 0) -> None:
    """Drop what has left the collection's window, all but the newest by (order, id), if it is over `spare`.

    An entity that has no place in the order yet, as an optimistic one may, counts as the newest.
    """
    _, window, order = COLLECTIONS[collection]
    if window is None or order is None or len(entities) <= window + spare:
        return

    def place(key: str) -> tuple[Any, str]:
        return entities[key].get(order, math.inf), key

    excess = len(entities) - window
    for key in [min(entities, key=place)] if excess == 1 else sorted(entities, key=place)[:excess]:
        del entities[key]
