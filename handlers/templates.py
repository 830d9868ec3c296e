"""Texts in a trigger's input that stand for values of what fired it: `{{task.title}}`.

Invariant: filling in never fails, whatever the values are; what is missing is null, or nothing in a text.
"""

import re
from typing import Any

import msgspec

from protocol.errors import invalid

MAX_BYTES = 16 * 1024
"""Bytes of an input with its templates: it stands in each event about its trigger."""
MAX_TEMPLATES = 100
MAX_LEVELS = 32
"""Levels of lists and objects in one another."""

_TEMPLATE = re.compile(r"\{\{([^{}]{1,200})\}\}")


def check(given: dict[str, Any]) -> None:
    """ApiError `invalid` unless this can be the input of a trigger."""
    encoded = msgspec.json.encode(given)
    if len(encoded) > MAX_BYTES:
        raise invalid(f"input: has {len(encoded):,} bytes; a trigger's has at most {MAX_BYTES:,}.", "input")
    if deeper(given, MAX_LEVELS):
        raise invalid(f"input: is nested more than {MAX_LEVELS} levels deep.", "input")
    if len(_TEMPLATE.findall(encoded.decode())) > MAX_TEMPLATES:
        raise invalid(f"input: has more than {MAX_TEMPLATES} texts like {{{{path}}}}.", "input")


def fill(given: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """An input with the values that its templates stand for, however large that becomes.

    A text that is one template takes the value as it is; within another text it is written out.
    """
    filled: dict[str, Any] = _filled(given, values)
    return filled


def at(values: Any, path: str) -> Any:
    """The value at a path such as `task.labels.0`, or None."""
    for step in path.strip().split("."):
        if isinstance(values, dict):
            values = values.get(step)
        elif isinstance(values, list) and step.isdecimal() and int(step) < len(values):
            values = values[int(step)]
        else:
            return None
    return values


def deeper(value: Any, levels: int) -> bool:
    """Whether lists and objects lie in one another on more than so many levels."""
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(deeper(each, levels - 1) for each in inner)


def _filled(given: Any, values: dict[str, Any]) -> Any:
    if isinstance(given, dict):
        return {name: _filled(each, values) for name, each in given.items()}
    if isinstance(given, list):
        return [_filled(each, values) for each in given]
    if not isinstance(given, str):
        return given
    if whole := _TEMPLATE.fullmatch(given):
        return at(values, whole[1])
    return _TEMPLATE.sub(lambda template: _written(at(values, template[1])), given)


def _written(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
