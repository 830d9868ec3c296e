"""Inputs that are filled in with what fired a trigger."""

from typing import Any

import pytest

from handlers import templates
from protocol.errors import ApiError, ErrorCode

TASK = {"task": {"title": "Land", "labels": ["moon", "1969"], "estimate": 2.5, "due": None, "blocked": False}}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{task.title}}", "Land"),
        ("{{ task.estimate }}", 2.5),
        ("{{task.blocked}}", False),
        ("{{task.labels}}", ["moon", "1969"]),
        ("{{task.labels.1}}", "1969"),
        ("{{task.labels.9}}", None),
        ("{{task.title.0}}", None),
        ("{{task.due}}", None),
        ("{{nothing.here}}", None),
        ("To do: {{task.title}}!", "To do: Land!"),
        ("{{task.title}}{{task.due}}/{{task.estimate}}", "Land/2.5"),
        ("{{task.blocked}} {{task.labels}}", 'false ["moon","1969"]'),
        ("{{}} {task.title} {{task.title", "{{}} {task.title} {{task.title"),
    ],
)
def test_a_template_alone_keeps_its_type_and_becomes_text_within_text(text: str, value: Any) -> None:
    assert templates.fill({"a": [{"b": text}]}, TASK) == {"a": [{"b": value}]}


def test_what_is_no_template_stays_as_it_is() -> None:
    given = {"n": 1, "list": [None, True, "x"], "{{task.title}}": {}}
    assert templates.fill(given, TASK) == given


def test_values_are_not_taken_for_templates() -> None:
    values = {"title": "{{secret}}", "secret": "s"}
    assert templates.fill({"a": "{{title}}", "b": "<{{title}}>"}, values) == {
        "a": "{{secret}}",
        "b": "<{{secret}}>",
    }


@pytest.mark.parametrize(
    "given",
    [
        {"text": "x" * templates.MAX_BYTES},
        {"texts": ["{{a}}"] * (templates.MAX_TEMPLATES + 1)},
        {"deep": eval("[" * templates.MAX_LEVELS + "]" * templates.MAX_LEVELS)},
    ],
    ids=["large", "many", "deep"],
)
def test_an_input_out_of_bounds_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ApiError) as refusal:
        templates.check(given)
    assert (refusal.value.code, refusal.value.data["path"]) == (ErrorCode.INVALID, "input")


def test_an_input_within_bounds_is_taken() -> None:
    templates.check({"texts": ["{{a}}"] * templates.MAX_TEMPLATES, "more": "x" * 10_000})
