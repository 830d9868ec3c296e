"""Schemas from signatures, and values held to them."""

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, TypedDict

import jsonschema
import msgspec
import pytest

from ymera_client import Fatal, Run
from ymera_client.agent.signature import Signature


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclass
class Point:
    x: int
    y: float = 0.0


class Line(msgspec.Struct):
    start: Point
    end: Point


class Style(TypedDict, total=False):
    width: int
    name: str


async def draw(
    run: Run,
    *,
    line: Line,
    title: Annotated[str, msgspec.Meta(min_length=1, description="Above it.")],
    colour: Colour = Colour.RED,
    style: Style | None = None,
    side: Literal["left", "right"] = "left",
    tags: list[str] = ["new"],  # noqa: B006 - what a handler's author may write
    weights: dict[int, float] = {},  # noqa: B006
    at: datetime | None = None,
) -> list[Point]:
    """Draw a line
    on paper.

    Nobody reads this.
    """
    return [line.start, line.end]


GIVEN: dict[str, Any] = {
    "line": {"start": {"x": 1}, "end": {"x": 2, "y": 3}},
    "title": "Edge",
    "colour": "blue",
    "style": {"width": 2},
    "weights": {"1": 2.5},
    "at": "2026-03-01T09:30:00Z",
}


def test_the_input_schema_says_what_the_signature_does() -> None:
    schema = Signature(draw).input
    jsonschema.Draft202012Validator.check_schema(schema)
    check = jsonschema.Draft202012Validator(schema)
    check.validate(GIVEN)
    for wrong in (
        {"title": "Edge"},
        GIVEN | {"title": ""},
        GIVEN | {"colour": "green"},
        GIVEN | {"style": {"width": "2"}},
        GIVEN | {"side": "top"},
        GIVEN | {"unknown": 1},
        GIVEN | {"line": {"start": {}, "end": {"x": 1}}},
    ):
        assert not check.is_valid(wrong), wrong
    assert schema["required"] == ["line", "title"]
    assert schema["properties"]["title"]["description"] == "Above it."
    assert schema["properties"]["side"]["default"] == "left"


def test_the_output_schema_and_description() -> None:
    signature = Signature(draw)
    check = jsonschema.Draft202012Validator(signature.output)
    assert check.is_valid([{"x": 1, "y": 2.5}])
    assert not check.is_valid([{"y": 2.5}])
    assert signature.description == "Draw a line on paper."


def test_input_becomes_what_the_handler_declared_and_defaults_stay_its_own() -> None:
    got = Signature(draw).arguments(GIVEN)
    assert got["line"] == Line(Point(1, 0.0), Point(2, 3.0))
    assert got["colour"] is Colour.BLUE
    assert got["weights"] == {1: 2.5}
    assert got["at"].tzinfo is not None
    assert set(got) == set(GIVEN)


def test_wrong_input_is_invalid_and_says_where() -> None:
    with pytest.raises(Fatal, match=r"input of draw.*`\$\.line\.end\.x`") as refusal:
        Signature(draw).arguments(GIVEN | {"line": {"start": {"x": 1}, "end": {"x": "far"}}})
    assert refusal.value.cause == "invalid"


def test_what_else_may_be_given() -> None:
    async def anything(run: Run, *, known: int, **rest: Colour) -> None: ...

    signature = Signature(anything)
    check = jsonschema.Draft202012Validator(signature.input)
    assert check.is_valid({"known": 1, "other": "red"})
    assert not check.is_valid({"known": 1, "other": "green"})
    assert signature.arguments({"known": 1, "other": "red"}) == {"known": 1, "other": Colour.RED}
    with pytest.raises(Fatal):
        signature.arguments({"known": 1, "other": "green"})


def test_a_handler_without_annotations_takes_and_gives_anything() -> None:
    async def free(run, this, that=None): ...  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202

    signature = Signature(free)
    assert signature.output == {}
    assert set(signature.input["properties"]) == {"this", "that"}
    assert signature.arguments({"this": [1, {"a": None}]}) == {"this": [1, {"a": None}]}
    assert signature.result({"any": ["thing"]}) == {"any": ["thing"]}


@pytest.mark.parametrize(
    "result",
    [{"x": 1}, [{"y": 1.0}], [Point(1, float("nan"))], [Point("1")], None, object()],  # type: ignore[arg-type]
)
def test_an_ill_typed_result_is_fatal(result: object) -> None:
    with pytest.raises(Fatal, match="result of draw is not as declared") as refusal:
        Signature(draw).result(result)
    assert refusal.value.cause == "fatal"


def test_a_result_is_sent_as_plain_json() -> None:
    assert Signature(draw).result([Point(1, 2)]) == [{"x": 1, "y": 2}]


def test_a_result_that_is_too_large_says_what_to_do() -> None:
    async def large(run: Run) -> str:
        return ""

    with pytest.raises(Fatal, match=r"300,002 bytes, more than 262,144: attach what is larger"):
        Signature(large).result("x" * 300_000)


def test_functions_that_cannot_be_handlers_say_why() -> None:
    def no_run() -> None: ...
    def by_place(run: Run, *more: int) -> None: ...
    def odd(run: Run, *, what: Signature) -> None: ...
    def unknown(run: Run, *, what: "Missing") -> None: ...  # type: ignore[name-defined] # noqa: F821

    for function, reason in (
        (no_run, "the first parameter must be the run"),
        (by_place, "cannot be given by name"),
        (odd, "its parameters cannot be described as JSON: .*Signature"),
        (unknown, "annotations cannot be read.*Missing"),
    ):
        with pytest.raises(TypeError, match=f"{function.__name__}: .*{reason}"):
            Signature(function)
