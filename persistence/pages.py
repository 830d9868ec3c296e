"""Paging by cursor: a page starts after the (sort value, id) at which the one before ended."""

import base64
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Generic, NamedTuple, TypeVar

import msgspec
from msgspec import Meta

from protocol.errors import invalid
from protocol.fields import Id, Page

T = TypeVar("T")

_STORABLE = {
    str: Annotated[str, Meta(pattern=r"^[^\x00]*$")],
    int: Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)],
    datetime: Annotated[datetime, Meta(tz=True)],
}

Key = str | int | float | datetime | date


def read_cursor(cursor: str | None, key: Any) -> tuple[Any, str] | None:
    """The position that `write_cursor` wrote; ApiError `invalid` if it is no such thing.

    `key` is the type of the sort value (`str`, `int`, `datetime`, `date`). What PostgreSQL could not
    take is refused here, as anybody can write a cursor.
    """
    if cursor is None:
        return None
    shape: Any = tuple[_STORABLE.get(key, key), Id]  # type: ignore[misc]
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        raw = base64.b64decode(padded, altchars=b"-_", validate=True)
        value, row_id = msgspec.json.decode(raw, type=shape)
    except (ValueError, msgspec.MsgspecError):
        raise invalid("cursor: take it from `next` of the page before.", "cursor") from None
    return value, row_id


class Order(NamedTuple, Generic[T]):
    """How a list is sorted."""

    expression: str
    """SQL over the row."""
    argument: str
    """SQL over the parameter `${}`, which is what a cursor keeps of the row, to the same effect."""
    key: type
    value: Callable[[T], Key]
    """What a cursor keeps of the row: at most 100 characters of text."""


def keyset(
    order: Order[T], row_id: str, *, cursor: str | None, descending: bool, arguments: list[Any]
) -> tuple[str, str]:
    """SQL for the rows after a cursor: the condition, whose values join `arguments`, and ORDER BY."""
    than, way = ("<", "DESC") if descending else (">", "ASC")
    sorting = f"ORDER BY {order.expression} {way}, {row_id} {way}"
    if (start := read_cursor(cursor, order.key)) is None:
        return "true", sorting
    arguments += start
    argument = order.argument.format(len(arguments) - 1)
    return f"({order.expression}, {row_id}) {than} ({argument}, ${len(arguments)}::uuid)", sorting


def write_cursor(value: Key, row_id: str) -> str:
    """The position of a row, as text."""
    raw = msgspec.json.encode((value, row_id))
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def page(rows: Sequence[T], limit: int, position: Callable[[T], tuple[Key, str]]) -> Page[T]:
    """The first `limit` of up to `limit + 1` rows; the extra one shows that there is more."""
    items = list(rows[:limit])
    more = len(rows) > limit
    return Page(items=items, next=write_cursor(*position(items[-1])) if more else None)
