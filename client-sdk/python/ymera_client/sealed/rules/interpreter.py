"""What content means: the same to every member's client, whatever it is and whoever sent it.

A rule depends on the contents, on what is known of the command and on the command alone; no clock, chance or
language has a say. What is refused changes nothing.
"""

from collections.abc import Mapping
from typing import Any

from ymera_client.sealed.rules import (
    access,
    calls,
    files,
    handover,
    imports,
    messages,
    questions,
    reports,
    rooms,
    runs,
    tasks,
)
from ymera_client.sealed.rules.about import About, Contents, Data, Fact, Means
from ymera_client.sealed.rules.refusals import invalid, refusal
from ymera_client.sealed.rules.rule import Rule
from ymera_client.sealed.rules.shapes import ASKED, CONTENTS
from ymera_client.sealed.rules.validation import validated

RULES: dict[str, Rule] = {
    **messages.RULES,
    **rooms.RULES,
    **tasks.RULES,
    **imports.RULES,
    **files.RULES,
    **runs.RULES,
    **reports.RULES,
    **calls.RULES,
    **questions.RULES,
    **handover.RULES,
}
"""Every type of content with its rule."""
NOTHING = "00000000-0000-0000-0000-000000000000"
"""The id that a header has where it names nothing."""


def interpret(contents: Contents, command: Mapping[str, Any], about: About) -> list[Fact]:
    """What comes of a command `{type, data}`: facts, to be folded in order. YmeraError if it is void."""
    rule, data = _read(command)
    _check_entity(rule, data, about)
    _check_role(rule, about)
    return rule.apply(contents, about, data)


def prepare(contents: Contents, command: Mapping[str, Any], about: About, means: Means) -> dict[str, Any]:
    """A command of the plain protocol, with what its author chooses, as content.

    YmeraError where it cannot be made. Whether it is then void, `interpret` says.
    """
    kind, asked = command["type"], command["data"]
    rule = _rule(kind)
    data = validated(ASKED.get(kind) or CONTENTS[kind], _plain(asked))
    _check_role(rule, about)
    return {"type": kind, "data": data if rule.fill is None else rule.fill(contents, about, data, means)}


def entity(command: Mapping[str, Any]) -> str | None:
    """The id that the header of a command's envelope must name; None for zeros or if it is none."""
    rule, data = RULES.get(str(command.get("type"))), command.get("data")
    if rule is None or rule.entity is None or not isinstance(data, Mapping):
        return None
    named = data.get(rule.entity)
    return named if isinstance(named, str) else None


def erases(contents: Contents, command: Mapping[str, Any]) -> list[str]:
    """The messages whose envelopes the server may reduce to stubs, once the command stands."""
    rule = RULES.get(str(command.get("type")))
    if rule is None or not rule.erases:
        return []
    named = entity(command)
    return [named] if named and contents.get("messages", named) is not None else []


def _read(command: Mapping[str, Any]) -> tuple[Rule, Data]:
    if command.keys() != {"type", "data"} or not isinstance(command["type"], str):
        raise invalid("", "must be an object with a `type`, which is text, and `data`, and nothing else.")
    rule = _rule(command["type"])
    return rule, validated(CONTENTS[command["type"]], command["data"])


def _rule(kind: str) -> Rule:
    if kind not in RULES:
        raise refusal(
            "unknown_command", "This client knows no such content; it may be older than the sender's."
        )
    return RULES[kind]


def _check_role(rule: Rule, about: About) -> None:
    if not access.may(about, rule.needs):
        raise access.too_little(about, rule.needs)


def _check_entity(rule: Rule, data: Data, about: About) -> None:
    named = data[rule.entity] if rule.entity is not None else None
    if named == NOTHING or named != about.entity:
        raise invalid(rule.entity or "", "is not about what its envelope's header names.")


def _plain(asked: Any) -> Any:
    """What was asked for, without the id that only servers know commands by."""
    if not isinstance(asked, Mapping):
        return asked
    return {name: value for name, value in asked.items() if name != "command_id"}
