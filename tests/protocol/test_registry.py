"""The registry takes a declaration once and whole, and what it holds fits together."""

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
import pytest

from protocol.fields import Id, Json, Schema, Timestamp
from protocol.registry import (
    COLLECTIONS,
    COMMANDS,
    EPHEMERA,
    EVENTS,
    Command,
    Entity,
    Event,
    Step,
    collection,
    command,
    drop,
    ephemeral,
    event,
    event_name,
    patch,
    put,
    query,
    reply_type,
    signal,
)

WHOLE = (Json, Schema)
"""JSON values: what they hold is free, and the handlers bound their size as a whole."""
FOLDS = [(spec, fold) for spec in EVENTS.values() for fold in spec.folds]


class Probe(Command[None]):
    pass


class Happened(Event):
    thing: Entity | None


class Thing(Entity):
    pass


def field_types(shape: type[msgspec.Struct]) -> dict[str, Any]:
    return {field.name: field.type for field in msgspec.structs.fields(shape)}


def parts(annotation: Any) -> Iterator[Any]:
    """The types that an annotation is made of, those with bounds whole."""
    origin = get_origin(annotation)
    if origin in {Union, UnionType}:
        for each in get_args(annotation):
            yield from parts(each)
        return
    yield annotation
    if annotation in WHOLE:
        return
    holder = get_args(annotation)[0] if origin is Annotated else annotation
    if get_origin(holder) in {list, dict}:
        for each in get_args(holder):
            yield from parts(each)


@pytest.mark.parametrize(
    ("declare", "kind"),
    [
        (command("task.create"), Probe),
        (query("task.get"), Probe),
        (signal("typing.set"), Probe),
        (event("task.created"), Happened),
        (collection("tasks"), Thing),
        (ephemeral("presence"), Thing),
    ],
)
def test_a_name_is_given_once(declare: Any, kind: type) -> None:
    before = [dict(table) for table in (COMMANDS, EVENTS, COLLECTIONS, EPHEMERA)]
    with pytest.raises(TypeError, match="declared twice"):
        declare(kind)
    assert before == [COMMANDS, EVENTS, COLLECTIONS, EPHEMERA]


@pytest.mark.parametrize("fold", [put("tasks", "task"), patch("tasks", "task"), drop("tasks", "task_id")])
def test_an_event_folds_only_fields_that_it_has(fold: Any) -> None:
    with pytest.raises(TypeError, match=f"thing.happened has no field {fold.field}"):
        event("thing.happened", fold)(Happened)
    assert "thing.happened" not in EVENTS


def test_an_event_evicts_only_by_a_field_that_it_has() -> None:
    with pytest.raises(TypeError, match="has no field member_id"):
        event("thing.happened", put("tasks", "thing"), evicts="member_id")(Happened)
    assert "thing.happened" not in EVENTS


def test_a_command_names_its_reply() -> None:
    assert reply_type(Probe) is type(None)
    with pytest.raises(TypeError, match="names no reply"):
        reply_type(type("Silent", (Probe,), {"__orig_bases__": (Probe,)}))


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_knows_its_name(name: str) -> None:
    assert event_name(EVENTS[name].type) == name


@pytest.mark.parametrize(("spec", "fold"), FOLDS, ids=[f"{spec.name}-{fold.field}" for spec, fold in FOLDS])
def test_a_fold_fits_its_collection(spec: Any, fold: Any) -> None:
    entity = COLLECTIONS[fold.collection].entity
    field = field_types(spec.type)[fold.field]
    held = next(each for each in parts(field) if each is not type(None))
    if fold.step is Step.PUT:
        assert held is entity
    elif fold.step is Step.PATCH:
        assert issubclass(held, Entity)
        assert field_types(held).items() <= field_types(entity).items()
    else:
        assert repr(held) == repr(Id)


@pytest.mark.parametrize(
    "rule", [rule for rule in COLLECTIONS.values() if rule.window], ids=lambda rule: rule.name
)
def test_a_window_is_ordered_by_a_number_or_time_that_every_entity_has(rule: Any) -> None:
    order = field_types(rule.entity)[rule.order]
    assert order == Timestamp or msgspec.convert(2**53 - 1, order) == 2**53 - 1
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(None, order)


def test_every_collection_is_filled_by_some_event_or_only_by_snapshots() -> None:
    filled = {fold.collection for _, fold in FOLDS if fold.step is Step.PUT}
    assert filled == set(COLLECTIONS)


@pytest.mark.parametrize("name", COMMANDS)
def test_whatever_a_client_sends_is_bounded(name: str) -> None:
    for field, annotation in field_types(COMMANDS[name].type).items():
        for part in parts(annotation):
            assert part not in {str, int, float}, f"{field} has no bound"
            assert get_origin(part) is not list, f"{field} has no bound"
            if get_origin(part) is Annotated:
                assert bounded(*get_args(part)), f"{field} has no bound"


def bounded(kind: Any, meta: msgspec.Meta) -> bool:
    if kind in {int, float}:
        return meta.ge is not None and meta.le is not None
    if kind is str or get_origin(kind) is list:
        return meta.max_length is not None or meta == get_args(Id)[1]
    return True
