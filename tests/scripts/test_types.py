"""A type of the contract has a name in every language, and in words."""

from typing import Any

import pytest
from msgspec import UnsetType

from protocol.fields import Id, Json, Name, Page
from protocol.projects import Project
from protocol.runs import EndedRun, RunInfo, RunLog
from scripts.generator import contract, python, reference, typescript
from ymera_client.generated import Capability


@pytest.mark.parametrize(
    ("annotation", "in_python", "in_typescript", "in_words"),
    [
        (Name | None, "Name | None", "Name | null", "[Name](#field-types) or null"),
        (list[str], "list[str]", "readonly string[]", "list of text"),
        (list[Id | None], "list[Id | None]", "readonly (Id | null)[]", "list of [Id](#field-types) or null"),
        (dict[str, list[Id]], "dict[str, list[Id]]", "Readonly<Record<string, readonly Id[]>>", None),
        (dict[str, Any], "dict[str, Any]", "Readonly<Record<string, unknown>>", "object"),
        (Json, "Json", "Json", "[Json](#field-types)"),
        (Any, "Any", "unknown", "any value"),
        (Any | None, "Any | None", "unknown", "any value"),
        (Page[Project], "Page[Project]", "Page<Project>", "[Page](#page) of [Project](#project)"),
        (Name | UnsetType, "Name | UnsetType", "Name", "[Name](#field-types)"),
    ],
)
def test_a_type_is_named(annotation: Any, in_python: str, in_typescript: str, in_words: str | None) -> None:
    assert python.type_name(annotation) == in_python
    assert typescript.type_name(annotation) == in_typescript
    if in_words is not None:
        assert reference.type_name(annotation) == in_words


def shape(kind: type) -> contract.Shape:
    return next(each for each in contract.shapes() if each.type is kind)


def test_fields_of_the_base_come_first() -> None:
    names = [field.name for field in shape(RunLog).own]
    assert names == ["project_id", "run_id", "fence", "message", "level", "data"]


def test_a_field_that_is_declared_again_keeps_its_place_and_what_is_said_of_it() -> None:
    run, ended = shape(RunInfo), shape(EndedRun)
    assert [field.name for field in ended.own] == [field.name for field in run.own]
    assert [field.doc for field in ended.own] == [field.doc for field in run.own]


def test_no_two_structs_share_a_default() -> None:
    one, other = Capability(name="one"), Capability(name="other")
    assert one.input == other.input == {"type": "object"}
    assert one.input is not other.input
