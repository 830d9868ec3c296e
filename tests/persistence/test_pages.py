"""Cursors: what is written is read again, and whatever else somebody sends is refused."""

import base64
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persistence import pages
from persistence.ids import new_id
from protocol.errors import ApiError, ErrorCode

KEYS = {
    str: st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=100),
    int: st.integers(-(2**63), 2**63 - 1),
    datetime: st.datetimes(timezones=st.just(UTC)),
    date: st.dates(),
}
ROW = "01890a5d-ac96-774b-bcce-b302099a8057"
"""Always the same, as it gets into the names of tests."""


@given(st.sampled_from(list(KEYS)).flatmap(lambda key: st.tuples(st.just(key), KEYS[key])))
def test_a_cursor_reads_back_as_it_was_written(drawn: tuple[type, Any]) -> None:
    key, value = drawn
    row = new_id()
    assert pages.read_cursor(pages.write_cursor(value, row), key) == (value, row)


def forged(*parts: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


@pytest.mark.parametrize(
    ("cursor", "key"),
    [
        ("", str),
        ("?", str),
        ("e30", str),
        (forged("a"), str),
        (forged("a", "no id"), str),
        (forged(1, ROW), str),
        (forged("a\0", ROW), str),
        (forged("a", ROW), int),
        (forged(2**63, ROW), int),
        (forged("yesterday", ROW), datetime),
    ],
)
def test_a_forged_cursor_is_invalid(cursor: str, key: type) -> None:
    with pytest.raises(ApiError) as refusal:
        pages.read_cursor(cursor, key)
    assert refusal.value.code is ErrorCode.INVALID
    assert refusal.value.data == {"path": "cursor"}


def test_a_page_names_the_next_only_if_there_is_one() -> None:
    rows = [(name, new_id()) for name in "abc"]
    first = pages.page(rows, 2, lambda row: row)
    assert list(first.items) == rows[:2]
    assert pages.read_cursor(first.next, str) == rows[1]
    assert pages.page(rows, 3, lambda row: row).next is None
    assert pages.read_cursor(None, str) is None
