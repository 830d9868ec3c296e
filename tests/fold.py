"""The fold of the protocol, from its registry: what a client makes of a room's events.

`{collection: {id: entity}}`, all plain JSON values, as they come over the wire.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from protocol.registry import COLLECTIONS, EVENTS, Step

Entity = dict[str, Any]
State = dict[str, dict[str, Entity]]


def fold(state: State, events: Iterable[Mapping[str, Any]]) -> State:
    """The state after these events, each `{seq, type, data, …}`, in order; `state` stays as it is."""
    after = {name: dict(entities) for name, entities in state.items()}
    for event in events:
        spec = EVENTS.get(event["type"])
        for step in spec.folds if spec is not None else ():
            value = event["data"].get(step.field)
            if value is None:
                continue
            entities = after.setdefault(step.collection, {})
            if step.step is Step.PUT:
                entities[value["id"]] = value
            elif step.step is Step.PATCH and value["id"] in entities:
                entities[value["id"]] = entities[value["id"]] | value
            elif step.step is Step.DROP:
                entities.pop(value, None)
            _trim(step.collection, entities)
    return {name: entities for name, entities in after.items() if entities}


def unfolded(snapshot: Mapping[str, list[Entity]]) -> State:
    """A snapshot, as in `reset`, as a state."""
    return {
        name: {entity["id"]: entity for entity in entities} for name, entities in snapshot.items() if entities
    }


def _trim(collection: str, entities: dict[str, Entity]) -> None:
    """Keep only the newest where the collection has a window."""
    window, order = COLLECTIONS[collection].window, COLLECTIONS[collection].order
    if window is None or order is None or len(entities) <= window:
        return
    oldest_first = sorted(entities, key=lambda key: (entities[key][order], key))
    for key in oldest_first[:-window]:
        del entities[key]
