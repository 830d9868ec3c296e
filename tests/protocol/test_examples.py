"""The golden examples: one of every message, exactly as it goes over the wire."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

import protocol
from protocol.registry import COMMANDS, EPHEMERA, EVENTS
from protocol.rooms import LoggedEvent
from protocol.wire import decode_command

DIRECTORY = Path(protocol.__file__).parent / "examples"


def example(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((DIRECTORY / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def through(value: Any, shape: Any) -> Any:
    """The value decoded strictly, encoded again and read as JSON."""
    return json.loads(msgspec.json.encode(msgspec.convert(value, shape)))


def declared(shape: type[msgspec.Struct]) -> set[str]:
    return set(shape.__struct_fields__)


def test_every_message_has_an_example_and_every_example_is_of_a_message() -> None:
    assert {path.stem for path in DIRECTORY.glob("*.json")} == {*COMMANDS, *EVENTS, *EPHEMERA}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_and_its_reply_go_over_the_wire_unchanged(name: str) -> None:
    spec, shown = COMMANDS[name], example(name)
    command = decode_command(spec, shown["payload"])
    assert json.loads(msgspec.json.encode(command)).items() >= shown["payload"].items()
    assert ("command_id" in shown["payload"]) is spec.claims
    assert through(shown["reply"], spec.reply) == shown["reply"]


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_goes_over_the_wire_unchanged(name: str) -> None:
    shown = example(name)["event"]
    assert shown["type"] == name
    assert through(shown, LoggedEvent) == shown
    assert through(shown["data"], EVENTS[name].type) == shown["data"]
    assert set(shown["data"]) == declared(EVENTS[name].type)


@pytest.mark.parametrize("name", EPHEMERA)
def test_a_message_outside_the_log_goes_over_the_wire_unchanged(name: str) -> None:
    shown = example(name)["message"]
    assert through(shown, EPHEMERA[name]) == shown
