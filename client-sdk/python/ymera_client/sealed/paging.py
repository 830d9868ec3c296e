"""Pages of lists that a device has whole. A cursor is the number of the items before it."""

from collections.abc import Mapping, Sequence
from typing import Any

from ymera_client.errors import Invalid

PAGE = 50


def page(items: Sequence[Any], payload: Mapping[str, Any]) -> dict[str, Any]:
    """The page of a list that a query asks for."""
    cursor, limit = payload.get("cursor"), int(payload.get("limit") or PAGE)
    if cursor is not None and not str(cursor).isdecimal():
        raise Invalid("cursor: this is none of this list.", data={"path": "cursor"})
    start = int(cursor or 0)
    end = start + limit
    return {"items": list(items[start:end]), "next": str(end) if end < len(items) else None}
