"""Types in words: what a field must be, for whoever reads an error or the reference."""

import re
from datetime import date, datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec

from protocol.fields import WORDING

_PLAIN: dict[Any, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    NoneType: "null",
    datetime: "a time with its offset such as 2026-03-01T09:30:00Z",
    date: "a date such as 2026-03-01",
    Any: "any value",
}


def expects(annotation: Any) -> str:
    """What a value must be: "one line of 1 to 300 characters, not blank", "null or one of low, high"."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _bounded(*get_args(annotation))
    if origin in {Union, UnionType}:
        return " or ".join(expects(each) for each in get_args(annotation) if each is not msgspec.UnsetType)
    if origin is list:
        return "a list"
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return "one of " + ", ".join(annotation)
    return _PLAIN.get(annotation, "an object")


def field_type(shape: Any, path: str) -> Any:
    """The annotation at a path such as `labels[2]` of a struct; None where there is none."""
    for name, index in re.findall(r"(\w+)|\[(\d*)", path):
        found = [_step(each, name, is_index=bool(index)) for each in _alternatives(shape)]
        shape = next((each for each in found if each is not None), None)
    return shape


def structs_at(shape: Any, path: str) -> list[type[msgspec.Struct]]:
    """The structs that the value at a path may be."""
    found = _alternatives(field_type(shape, path))
    return [each for each in found if isinstance(each, type) and issubclass(each, msgspec.Struct)]


def _bounded(kind: Any, meta: msgspec.Meta) -> str:
    if kind is str:
        words = WORDING.get(meta.pattern or "", "text of {length}")
        return words.format(length=_count(meta.min_length, meta.max_length, "characters"))
    if get_origin(kind) is list:
        return f"a list of {_count(meta.min_length, meta.max_length, 'items')}"
    if kind in {int, float}:
        return f"{_PLAIN[kind]} from {meta.ge:,} to {meta.le:,}"
    if get_origin(kind) is dict and meta.max_length is not None:
        return f"an object of {_count(meta.min_length, meta.max_length, 'keys')}"
    return _PLAIN.get(kind, "an object")


def _count(low: int | None, high: int | None, unit: str) -> str:
    if high is None:
        return unit
    return f"{low:,} to {high:,} {unit}" if low else f"at most {high:,} {unit}"


def _alternatives(annotation: Any) -> list[Any]:
    if get_origin(annotation) is Annotated:
        return _alternatives(get_args(annotation)[0])
    if get_origin(annotation) in {Union, UnionType}:
        return [each for part in get_args(annotation) for each in _alternatives(part)]
    return [annotation]


def _step(annotation: Any, name: str, *, is_index: bool) -> Any:
    if is_index:
        return get_args(annotation)[0] if get_origin(annotation) is list else None
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        fields = {field.name: field.type for field in msgspec.structs.fields(annotation)}
        return fields.get(name)
    return None
