"""Paging by cursor: a page starts after the (sort value, id) at which the one before ended."""

import base64
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

import msgspec

from protocol.errors import invalid
from protocol.fields import Page

T = TypeVar("T")

Key = str | int | float | datetime | date


def read_cursor(cursor: str | None, key: Any) -> tuple[Any, str] | None:
    """The position that `write_cursor` wrote; ApiError `invalid` if it is no such thing.

    `key` is the type of the sort value (`str`, `int`, `datetime`, `date`).
    """
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        raw = base64.b64decode(padded, altchars=b"-_", validate=True)
        value, row_id = msgspec.json.decode(raw, type=tuple[key, str])
    except (ValueError, msgspec.MsgspecError):
        raise invalid("cursor: take it from `next` of the page before.", "cursor") from None
    return value, row_id


def write_cursor(value: Key, row_id: str) -> str:
    raw = msgspec.json.encode((value, row_id))
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def page(rows: Sequence[T], limit: int, position: Callable[[T], tuple[Key, str]]) -> Page[T]:
    """The first `limit` of up to `limit + 1` rows; the extra one shows that there is more."""
    items = list(rows[:limit])
    more = len(rows) > limit
    return Page(items=items, next=write_cursor(*position(items[-1])) if more else None)
