"""Metadata made fit to be stored and sent: JSON of a bounded size, whatever a file gives out as its title."""

import math
from datetime import date
from typing import Any

import msgspec

from server.analysis.text import storable

MAX_BYTES = 16 * 1024
MAX_STRING = 1_000
MAX_ITEMS = 200
MAX_DEPTH = 4


def bounded(metadata: dict[str, Any]) -> dict[str, Any]:
    """As JSON of at most MAX_BYTES, without what is empty. What is too long is cut, the largest first."""
    kept: dict[str, Any] = _fit(metadata, MAX_DEPTH)
    sizes = {name: len(msgspec.json.encode({name: value})) for name, value in kept.items()}
    while sum(sizes.values()) > MAX_BYTES - 100:
        name = max(sizes, key=sizes.__getitem__)
        kept["truncated"] = True
        value = kept[name]
        if isinstance(value, list) and len(value) > 1:
            kept[name] = value[: len(value) // 2]
            sizes[name] = len(msgspec.json.encode({name: kept[name]}))
        else:
            del kept[name], sizes[name]
    return kept


def _fit(value: Any, depth: int) -> Any:
    match value:
        case bool() | None:
            return value
        case int():
            return value if abs(value) < 2**53 else str(value)
        case float():
            return round(value, 6) if math.isfinite(value) else None
        case str():
            return storable(value.strip() or value)[:MAX_STRING]
        case date():
            return value.isoformat()
        case dict() if depth:
            fitted = {str(key)[:100]: _fit(item, depth - 1) for key, item in list(value.items())[:MAX_ITEMS]}
            return {storable(key): item for key, item in fitted.items() if item not in (None, "", [], {})}
        case list() | tuple() if depth:
            return [_fit(item, depth - 1) for item in value[:MAX_ITEMS]]
    return None
