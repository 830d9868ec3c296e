"""The rules of sealed rooms: scripts of the vectors, and what they cannot show."""

import ast
import copy
import json
from pathlib import Path
from typing import Any

import pytest

import ymera_client.sealed.rules
from scripts.generator.rules.playing import Player, Whole, about_of, played, uid
from tests.sdk.test_storage import PACKAGES
from ymera_client.sealed.rules import Folded, handed_over, interpret, timestamp
from ymera_client.sealed.rules.interpreter import RULES
from ymera_client.sealed.rules.shapes import CONTENTS

VECTORS = PACKAGES.parent / "vectors" / "content"
SCRIPTS: list[dict[str, Any]] = [
    script
    for path in sorted(VECTORS.glob("*.json"))
    for script in json.loads(path.read_text("utf-8"))["scripts"]
]
MODULES = sorted(Path(ymera_client.sealed.rules.__file__).parent.glob("*.py"))
PURE = {
    *("calendar", "collections", "dataclasses", "datetime", "functools", "json", "re", "sys", "typing"),
    *("fractional_indexing",),
}
OURS = (
    "ymera_client.crypto",
    "ymera_client.errors",
    "ymera_client.fold",
    "ymera_client.generated",
    "ymera_client.sealed.rules",
)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script["name"])
def test_a_script_comes_to_what_it_says(script: dict[str, Any]) -> None:
    for step, came in zip(script["steps"], played(script), strict=True):
        assert json.loads(json.dumps(came)) == step["comes"], f"seq {step['about']['seq']}"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script["name"])
def test_nothing_that_was_there_is_changed_in_place(script: dict[str, Any]) -> None:
    """Contents are shared with whoever looks at them, and what is void leaves no trace."""
    player = Player(script["contents"])
    for step in script["steps"]:
        before = {name: dict(entities) for name, entities in player.whole.collections.items()}
        kept = copy.deepcopy(before)
        came = player.play(step)
        assert before == kept
        if not came.get("events"):
            assert {name: dict(entities) for name, entities in player.whole.collections.items()} == kept


def test_every_rule_has_a_shape_and_every_shape_a_rule() -> None:
    assert RULES.keys() == CONTENTS.keys()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_imports_only_what_computes(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert {alias.name.partition(".")[0] for alias in node.names} <= PURE
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            assert module.startswith(OURS) or module.partition(".")[0] in PURE
        elif isinstance(node, ast.Attribute):
            assert node.attr not in {"now", "today", "utcnow"}


def test_what_the_state_no_longer_shows_is_looked_up() -> None:
    script = next(script for script in SCRIPTS if script["name"] == "old messages")
    whole = Whole(script["contents"])
    shown = {"participants": {each["id"]: each for each in script["contents"]["participants"]}}
    contents = Folded(shown, whole.get)
    for step in script["steps"]:
        about = about_of(step["about"] | {"entity": step["comes"]["entity"]})
        facts = interpret(contents, step["comes"]["command"], about)
        events = [{"type": fact.type, "data": dict(fact.data)} for fact in facts]
        assert [event["type"] for event in events] == [each["type"] for each in step["comes"]["events"]]
        whole.fold(facts)
    assert len(whole.all("messages")) == 102


def test_what_is_handed_over_fits_into_envelopes_and_is_all_that_there_is() -> None:
    events = [
        event for script in SCRIPTS for step in script["steps"] for event in step["comes"].get("events", ())
    ]
    task = next(event["data"]["task"] for event in events if event["type"] == "task.created")
    tasks = [
        {**task, "id": uid(0x5000 + number), "description": "🚀" * (2_000 + 100 * number)}
        for number in range(40)
    ]
    commands = handed_over(Whole({"tasks": tasks}))
    assert len(commands) > 1
    for command in commands:
        assert len(json.dumps(command, ensure_ascii=False).encode()) < 256 * 1024
    assert [task for command in commands for task in command["data"]["entities"]["tasks"]] == tasks


def test_times_are_those_of_the_sender_and_have_an_end() -> None:
    assert timestamp(0) == "1970-01-01T00:00:00.000Z"
    assert timestamp(1_767_225_600_001) == "2026-01-01T00:00:00.001Z"
    assert timestamp(2**64 - 1) == "9999-12-31T23:59:59.999Z"
