"""The golden examples as TypeScript values, so that the compiler holds them against the generated types."""

import json
from typing import Any

from protocol.registry import COMMANDS, EPHEMERA, EVENTS
from scripts.generator import contract

HEADER = """\
// The golden examples of the protocol. Written by scripts/generate.py from protocol/examples; do not edit.

import type {
  CommandName,
  Commands,
  Ephemera,
  Events,
  EventType,
  LoggedEvent,
} from "../../src/generated/protocol.js";

type CommandExample<C extends CommandName> = {
  payload: Commands[C]["payload"];
  reply: Commands[C]["reply"];
};
type EventExample<T extends EventType> = LoggedEvent & { type: T; data: Events[T] };
"""


def render() -> str:
    """The whole of `examples.ts`."""
    commands = {name: _load(name) for name in COMMANDS}
    events = {name: _load(name)["event"] for name in EVENTS}
    ephemera = {name: _load(name)["message"] for name in EPHEMERA}
    parts = [
        HEADER,
        _constant("commands", "{ [C in CommandName]: CommandExample<C> }", commands),
        _constant("events", "{ [T in EventType]: EventExample<T> }", events),
        _constant("ephemera", "Ephemera", ephemera),
    ]
    return "\n".join(parts)


def _load(name: str) -> dict[str, Any]:
    path = contract.SOURCE / "examples" / f"{name}.json"
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def _constant(name: str, kind: str, values: dict[str, Any]) -> str:
    return f"export const {name}: {kind} = {json.dumps(values, indent=2, ensure_ascii=False)};\n"
