"""Schemas that agents declare and values that must satisfy them: what is refused, where, and at what cost."""

import time
from typing import Any

import pytest

from handlers import schemas
from protocol.errors import ApiError, ErrorCode
from protocol.fields import MAX_JSON_BYTES, MAX_SCHEMA_BYTES

BOUND = 2.0
"""Seconds that nothing here may take, however contrived; most take milliseconds."""

ORDER: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z]+$"},
        "odd name": {"type": "null"},
        "items": {
            "type": "array",
            "items": {"$ref": "#/$defs/item"},
        },
    },
    "required": ["name"],
    "additionalProperties": False,
    "$defs": {"item": {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}},
}
EXPRESSION: dict[str, Any] = {
    "$ref": "#/$defs/any",
    "$defs": {
        "any": {
            "anyOf": [
                {"properties": {"a": {"$ref": "#/$defs/any"}, "b": {"type": "integer"}}, "required": ["b"]},
                {"properties": {"a": {"$ref": "#/$defs/any"}, "c": {"type": "integer"}}, "required": ["c"]},
                {"type": "integer"},
            ]
        }
    },
}
"""Without a bound, to say what is wrong takes a time that doubles with each level of the value."""


def refusal(schema: dict[str, Any], value: Any) -> ApiError:
    schemas.check(schema, "input")
    with pytest.raises(ApiError) as refused:
        schemas.validate(schema, value, "input")
    assert refused.value.code is ErrorCode.INVALID
    return refused.value


def doubling(levels: int) -> dict[str, Any]:
    """A small schema each of whose parts refers to the next one twice."""
    parts: dict[str, Any] = {
        f"p{level}": {"allOf": [{"$ref": f"#/$defs/p{level + 1}"}] * 2} for level in range(levels)
    }
    return {"$ref": "#/$defs/p0", "$defs": parts | {f"p{levels}": {"type": "integer"}}}


def nested(levels: int, innermost: Any = 1) -> Any:
    value: Any = innermost
    for _ in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({}, "input"),
        ({"name": 1}, "input.name"),
        ({"name": "A"}, "input.name"),
        ({"name": "a", "odd name": 1}, "input['odd name']"),
        ({"name": "a", "items": [{"n": 1}, {}]}, "input.items[1]"),
        ({"name": "a", "items": [{"n": 1}, {"n": "1"}]}, "input.items[1].n"),
        ({"name": "a", "more": 1}, "input"),
        ([], "input"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_where_it_does_not(value: Any, path: str) -> None:
    error = refusal(ORDER, value)
    assert error.data["path"] == path
    assert error.message.startswith(f"{path}: ")


def test_a_value_that_fits_passes() -> None:
    schemas.check(ORDER, "input")
    schemas.validate(ORDER, {"name": "a", "items": [{"n": 1}] * 1_000}, "input")
    schemas.validate({}, None, "result")
    schemas.validate(EXPRESSION, {"a": {"a": 1, "c": 2}, "b": 3}, "input")


def test_a_refusal_repeats_nothing_of_the_value() -> None:
    secret = "correct horse battery staple"
    for schema in ({"type": "integer"}, {"enum": ["a"]}, {"pattern": "^x"}, {"maxLength": 3}):
        assert secret not in refusal({"properties": {"key": schema}}, {"key": secret}).message


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "objekt"},
        {"properties": {"a": {"minLength": -1}}},
        {"$schema": "http://json-schema.org/draft-07/schema#"},
        {"$schema": 3},
        {"$ref": "https://example.org/schema"},
        {"$ref": "file:///etc/passwd"},
        {"$ref": "https://json-schema.org/draft/2020-12/schema"},
        {"$ref": "#/$defs/absent"},
        {"$ref": "#anchor", "$defs": {"a": {"$anchor": "anchor"}}},
        {"properties": {"a": {"$ref": "https://example.org/schema"}}},
        {"properties": {"a": {"$id": "https://example.org/schema"}}},
        {"properties": {"a": {"$dynamicRef": "#a"}}},
        {"pattern": "(?=a)b"},
        {"pattern": "(a)\\1"},
        {"pattern": "(a{1000}){1000}"},
        {"patternProperties": {"(?<!a)b": True}},
        {"const": "x" * MAX_SCHEMA_BYTES},
        {"const": nested(schemas.MAX_NESTING + 1)},
        {"allOf": [{"pattern": f"a{{{number}}}"} for number in range(schemas.MAX_PATTERNS + 1)]},
        doubling(30),
    ],
)
def test_a_schema_that_cannot_be_used_is_refused(schema: dict[str, Any]) -> None:
    started = time.perf_counter()
    with pytest.raises(ApiError) as refused:
        schemas.check(schema, "form")
    assert time.perf_counter() - started < BOUND
    assert refused.value.data == {"path": "form"}
    assert len(refused.value.message) < 1_000


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"$schema": schemas.DIALECT},
        {"$ref": "#"},
        {"properties": {"$ref": {"type": "string"}, "pattern": {"type": "integer"}}},
        {"enum": [{"$ref": "https://example.org/schema"}]},
        {"default": {"$ref": "https://example.org/schema"}},
        {"$ref": "#/properties/a~1b", "properties": {"a/b": {"type": "object"}}},
        {"$ref": "#/allOf/1", "allOf": [True, {"type": "object"}]},
        {"pattern": "^[A-Za-z0-9_.-]{1,255}$"},
        {"pattern": "^[^\\s@]+@[^\\s@]+$"},
        {"format": "email"},
        doubling(8),
        EXPRESSION,
    ],
)
def test_a_schema_that_is_usual_is_taken(schema: dict[str, Any]) -> None:
    schemas.check(schema, "input")


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (EXPRESSION, nested(20, "x")),
        (EXPRESSION, nested(schemas.MAX_NESTING, "x")),
        ({"anyOf": [{"required": [f"b{number}"]} for number in range(400)]}, {"a": ["x" * 100] * 2_000}),
        ({"anyOf": [{"required": [f"b{number}"]} for number in range(400)]}, {"a": "x" * 250_000}),
        ({"items": {"allOf": [{"multipleOf": 0.1}] * 190}}, list(range(50_000))),
        ({"items": {"enum": list(range(3_000))}}, [-1] * 60_000),
        ({"items": {"pattern": "^(a+)+$"}}, ["a" * 60_000 + "!"]),
        ({"items": {"pattern": "[ab]*a[ab]{900}c"}}, ["ab" * 30_000]),
        ({"items": {"pattern": "[ab]*a[ab]{900}c"}}, ["ab" * 30_000] * 4),
        (
            {"items": {"allOf": [{"pattern": f"[ab]*a[ab]{{{number}}}c"} for number in range(60)]}},
            ["ab" * 9_999],
        ),
        ({"propertyNames": {"pattern": "[ab]*a[ab]{900}c"}}, {"ab" * 125_000: 1}),
        ({"patternProperties": {"[ab]*a[ab]{900}c": False}, "required": ["x"]}, {"ab" * 125_000: 1}),
        ({"uniqueItems": True}, [[number] for number in range(30_000)] + [[1]]),
    ],
)
def test_a_value_is_refused_within_bounds_however_contrived(schema: dict[str, Any], value: Any) -> None:
    schemas.check(schema, "input")
    started = time.perf_counter()
    refusal(schema, value)
    assert time.perf_counter() - started < BOUND


def test_a_large_value_of_an_ordinary_schema_passes() -> None:
    many = {"name": "a", "items": [{"n": number} for number in range(20_000)]}
    schemas.validate(ORDER, many, "result")


@pytest.mark.parametrize(
    "value",
    [
        "x" * MAX_JSON_BYTES,
        nested(schemas.MAX_NESTING + 1),
        [[]] * MAX_JSON_BYTES,
        "\ud800",
        {"a": object()},
    ],
)
def test_what_is_no_json_or_too_much_of_it_is_refused(value: Any) -> None:
    with pytest.raises(ApiError) as refused:
        schemas.bounded_json(value, "result")
    assert refused.value.data == {"path": "result"}


@pytest.mark.parametrize(
    "value", [None, 1.5, "x" * (MAX_JSON_BYTES - 2), nested(schemas.MAX_NESTING), [[]] * 10_000]
)
def test_json_within_bounds_passes(value: Any) -> None:
    schemas.bounded_json(value, "result")
