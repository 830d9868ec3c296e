"""Optimistic changes: what a room will look like once the commands on their way have been carried out.

What is shown is the confirmed state with the changes of pending commands laid over it, in the order in
which they were made. Rolling back is therefore nothing but leaving a command's changes out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

from ymera_client.fold import Plain, Snapshot, trim
from ymera_client.generated import COLLECTIONS


@dataclass(frozen=True, slots=True)
class Put:
    """Show `entity` (plain JSON values with an `id`) in a collection of the room with id `room`."""

    room: str
    collection: str
    entity: Plain


@dataclass(frozen=True, slots=True)
class Patch:
    """Show the entity with `changes["id"]`, if it is there, with these fields changed."""

    room: str
    collection: str
    changes: Plain


@dataclass(frozen=True, slots=True)
class Drop:
    """Stop showing the entity with this id."""

    room: str
    collection: str
    id: str


Optimistic: TypeAlias = Put | Patch | Drop


@dataclass(slots=True)
class _Pending:
    changes: Sequence[Optimistic]
    cursor: int
    """Where the room stood when the command was made: its own event comes later than this."""
    acknowledged: bool = False
    arrived: bool = False


class Overlays:
    """The changes that commands in flight are expected to make to one room."""

    def __init__(self) -> None:
        self._pending: dict[str, _Pending] = {}

    def add(self, command_id: str, changes: Iterable[Optimistic], cursor: int) -> None:
        """Lay a command's changes over a room that stands at `cursor`."""
        self._pending[command_id] = _Pending(tuple(changes), cursor)

    def __contains__(self, command_id: object) -> bool:
        """Whether a command's changes are shown."""
        return command_id in self._pending

    def acknowledge(self, command_id: str) -> bool:
        """The command was carried out. True if its changes have to stay until its event is here."""
        pending = self._pending[command_id]
        pending.acknowledged = True
        return not pending.arrived

    def remove(self, command_id: str) -> None:
        """Take a command's changes away."""
        self._pending.pop(command_id, None)

    def arrive(self, seq: int) -> None:
        """An event of this member's own commands was applied; it may be the one that was waited for."""
        for command_id, pending in list(self._pending.items()):
            pending.arrived = pending.arrived or seq > pending.cursor
            if pending.arrived and pending.acknowledged:
                del self._pending[command_id]

    def over(self, confirmed: Snapshot) -> Snapshot:
        """What to show."""
        if not self._pending:
            return confirmed
        shown: dict[str, dict[str, Plain]] = {}
        for pending in self._pending.values():
            for change in pending.changes:
                entities = shown.setdefault(change.collection, dict(confirmed[change.collection]))
                _lay(entities, change)
        frozen = {name: MappingProxyType(entities) for name, entities in shown.items()}
        return MappingProxyType({**confirmed, **frozen})


def check(change: Optimistic) -> None:
    """ValueError if a change names no collection that rooms have, or an entity without an id."""
    if change.collection not in COLLECTIONS:
        raise ValueError(
            f"optimistic: there is no collection {change.collection!r}; rooms have {', '.join(COLLECTIONS)}"
        )
    entity: Mapping[str, Any] | None = (
        change.entity if isinstance(change, Put) else change.changes if isinstance(change, Patch) else None
    )
    if entity is not None and not isinstance(entity.get("id"), str):
        raise ValueError(f"optimistic: the entity for {change.collection!r} needs an `id`, a string")


def _lay(entities: dict[str, Plain], change: Optimistic) -> None:
    match change:
        case Put(collection=collection, entity=entity):
            entities[entity["id"]] = entity
            trim(entities, collection)
        case Patch(changes=changes):
            if (known := entities.get(changes["id"])) is not None:
                entities[changes["id"]] = {**known, **changes}
        case Drop(id=key):
            entities.pop(key, None)
