"""Whether content looks as it must: no server has checked it, and all clients have to agree on it.

What is let through is the same in every language: lengths in code points, whole numbers as such however they
were written, no half surrogate pairs, no field that is not known.
"""

import calendar
import re
import sys
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeAlias

from ymera_client.sealed.rules.refusals import invalid
from ymera_client.sealed.rules.shapes import Shape

Check: TypeAlias = Callable[[Shape, Any, str], Any]

_SURROGATE = re.compile("[\ud800-\udfff]")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(r"([0-9-]{10})T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z")
_EXACT = 2**53 - 1
"""Whole numbers up to here are the same everywhere."""
_LARGEST = sys.float_info.max
_SHOWN = 80
"""Characters of an unknown field's name that an error repeats."""


def validated(shape: Shape, value: Any, path: str = "") -> Any:
    """The value with defaults filled in and numbers in one form; `invalid` names the path at fault."""
    if value is None and shape.get("nullable"):
        return None
    return _CHECKS[shape["kind"]](shape, value, path)


def _wrong(shape: Shape, path: str) -> Exception:
    return invalid(path, f"must be {shape['words']}.")


def _text(shape: Shape, value: Any, path: str) -> str:
    if not isinstance(value, str) or not (value.isascii() or _SURROGATE.search(value) is None):
        raise _wrong(shape, path)
    if not shape.get("min", 0) <= len(value) <= shape.get("max", len(value)):
        raise _wrong(shape, path)
    if "pattern" in shape and not _compiled(shape["pattern"]).search(value):
        raise _wrong(shape, path)
    return value


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _number(shape: Shape, value: Any, path: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(shape, path)
    if not shape["min"] <= value <= shape["max"]:
        raise _wrong(shape, path)
    if value == int(value):
        return int(value)
    if shape["whole"]:
        raise _wrong(shape, path)
    return value


def _flag(shape: Shape, value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(shape, path)
    return value


def _word(shape: Shape, value: Any, path: str) -> str:
    if not isinstance(value, str) or value not in shape["options"]:
        raise _wrong(shape, path)
    return str(value)


def _day(shape: Shape, value: Any, path: str) -> str:
    if not isinstance(value, str) or not _is_day(value):
        raise _wrong(shape, path)
    return value


def _is_day(text: str) -> bool:
    if not (found := _DAY.fullmatch(text)):
        return False
    year, month, day = map(int, found.groups())
    return year >= 1 and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]


def _time(shape: Shape, value: Any, path: str) -> str:
    if not isinstance(value, str) or not (found := _TIME.fullmatch(value)) or not _is_day(found[1]):
        raise _wrong(shape, path)
    return value


def _any(shape: Shape, value: Any, path: str) -> Any:
    """Whatever JSON can say, with numbers as doubles."""
    if isinstance(value, Mapping):
        return _map({**shape, "of": shape}, value, path)
    if isinstance(value, list):
        return [_any(shape, each, f"{path}[{place}]") for place, each in enumerate(value)]
    if isinstance(value, str):
        return _text(shape, value, path)
    if value is None or isinstance(value, bool):
        return value
    if not isinstance(value, int | float) or not -_LARGEST <= value <= _LARGEST:
        raise _wrong(shape, path)
    return int(value) if value == int(value) and abs(value) <= _EXACT else float(value)


def _list(shape: Shape, value: Any, path: str) -> list[Any]:
    if not isinstance(value, list) or not shape["min"] <= len(value) <= shape.get("max", len(value)):
        raise _wrong(shape, path)
    return [validated(shape["of"], each, f"{path}[{place}]") for place, each in enumerate(value)]


def _map(shape: Shape, value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, Mapping) or any(_SURROGATE.search(key) for key in value):
        raise _wrong(shape, path)
    return {key: validated(shape["of"], each, path) for key, each in value.items()}


def _either(shape: Shape, value: Any, path: str) -> Any:
    """One of several kinds of JSON, of which no two are the same."""
    for option in shape["of"]:
        if isinstance(value, list if option["kind"] == "list" else str):
            return validated(option, value, path)
    raise _wrong(shape, path)


def _object(shape: Shape, value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _wrong(shape, path)
    fields: Mapping[str, Any] = shape["fields"]
    if not value.keys() <= fields.keys():
        raise _unknown(value, fields, path)
    under = f"{path}." if path else ""
    found: dict[str, Any] = {}
    for name, field in fields.items():
        if name in value:
            found[name] = validated(field["shape"], value[name], under + name)
        elif "default" in field or "required" in field:
            found[name] = _absent(field, under + name)
    return found


def _absent(field: Mapping[str, Any], path: str) -> Any:
    if "required" in field:
        raise invalid(path, f"is missing; it must be {field['shape']['words']}.")
    default = field["default"]
    return list(default) if isinstance(default, list) else default


def _unknown(value: Mapping[str, Any], fields: Mapping[str, Any], path: str) -> Exception:
    # In the order of UTF-16, which JavaScript sorts by.
    unknown = sorted(value.keys() - fields.keys(), key=lambda name: name.encode("utf-16-be", "surrogatepass"))
    name = re.sub(r"[^ -~]", "?", unknown[0])[:_SHOWN]
    problem = f"there is no such field; there are {', '.join(sorted(fields))}."
    return invalid(f"{path}.{name}" if path else name, problem)


_CHECKS: dict[str, Check] = {
    "text": _text,
    "number": _number,
    "flag": _flag,
    "word": _word,
    "day": _day,
    "time": _time,
    "any": _any,
    "list": _list,
    "map": _map,
    "either": _either,
    "object": _object,
}
