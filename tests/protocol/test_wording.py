"""Types are put into words, and found at the path that an error names."""

from datetime import date, datetime
from typing import Annotated, Any

import pytest
from msgspec import Meta, Struct, UnsetType

from protocol.fields import ExternalId, Id, Json, Label, PageSize, Title
from protocol.tasks import Priority, TaskCreate, TaskDepend, TaskImport
from protocol.wording import expects, field_type


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (Title, "one line of 1 to 300 characters, not blank"),
        (Id | None, "a UUID in lower case or null"),
        (Title | UnsetType, "one line of 1 to 300 characters, not blank"),
        (PageSize, "a whole number from 1 to 200"),
        (Annotated[float, Meta(ge=0, le=1_000)], "a number from 0 to 1,000"),
        (Annotated[list[Label], Meta(min_length=1, max_length=5)], "a list of 1 to 5 items"),
        (list[str], "a list"),
        (Priority, "one of none, low, medium, high, urgent"),
        (bool, "true or false"),
        (str, "text"),
        (datetime, "a time with its offset such as 2026-03-01T09:30:00Z"),
        (date, "a date such as 2026-03-01"),
        (TaskCreate, "an object"),
        (dict[str, Any], "an object"),
        (Json, "an object"),
        (Annotated[dict[str, Any], Meta(max_length=20)], "an object of at most 20 keys"),
        (Any, "any value"),
    ],
)
def test_a_type_is_put_into_words(annotation: Any, words: str) -> None:
    assert expects(annotation) == words


@pytest.mark.parametrize(
    ("shape", "path", "found"),
    [
        (TaskCreate, "title", Title),
        (TaskCreate, "labels[19]", Label),
        (TaskDepend, "on[0]", Id),
        (TaskImport, "tasks[3].external_id", ExternalId),
        (TaskCreate, "", TaskCreate),
        (TaskCreate, "nothing", None),
        (TaskCreate, "title[0]", None),
        (TaskCreate, "title.deeper", None),
    ],
)
def test_a_field_is_found_by_its_path(shape: type[Struct], path: str, found: Any) -> None:
    assert repr(field_type(shape, path)) == repr(found)
