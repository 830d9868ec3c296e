"""The protocol reference: every message, type, error and route, a chapter for each noun."""

import json
import sys
import types
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import msgspec

from protocol.errors import HTTP_STATUS, RETRYABLE, ErrorBody, ErrorCode
from protocol.fields import Id
from protocol.registry import COLLECTIONS, COMMANDS, EVENTS, EventSpec
from protocol.rest import ROUTES, Auth, Route
from scripts.generator import contract
from scripts.generator.contract import Enumeration, Field, Shape, bounds
from scripts.generator.markdown import splice, table

CHAPTERS = (
    "sessions",
    "rooms",
    "workspace",
    "members",
    "roles",
    "projects",
    "tasks",
    "messages",
    "inbox",
    "presence",
    "agents",
    "runs",
    "asking",
    "questions",
    "queue",
    "budgets",
    "triggers",
    "invitations",
    "accounts",
)
"""Modules of the protocol in the order in which one wants to read about them."""
LINE = 400
"""Characters of an example that stands in one line."""
PLAIN: dict[Any, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    type(None): "null",
    Any: "any value",
}
STEPS = {
    "put": "puts `{field}` into `{collection}`",
    "patch": "merges `{field}` into the entity of its id in `{collection}`",
    "drop": "drops the id in `{field}` from `{collection}`",
}


def render() -> str:
    """Return `docs/protocol.md` with the reference in it brought up to date."""
    parts = [_contents(), *map(_chapter, CHAPTERS), _routes(), _errors(), _collections(), _types(), _limits()]
    text = "\n".join(parts)
    anchors = [_anchor(line.lstrip("# ")) for line in text.split("\n") if line.startswith("#")]
    if twice := {anchor for anchor in anchors if anchors.count(anchor) > 1}:
        raise ValueError(f"headings of the reference cannot be told apart: {', '.join(twice)}")
    return splice("protocol.md", "reference", text)


def type_name(annotation: Any) -> str:
    """A type in words, with links to what is described elsewhere on the page."""
    if name := contract.alias_names().get(annotation):
        return f"[{name}](#field-types)"
    origin: Any = get_origin(annotation)
    args = get_args(annotation)
    if origin is Annotated:
        return type_name(args[0])
    if origin in {Union, types.UnionType}:
        kinds = [type_name(each) for each in args if each is not msgspec.UnsetType]
        return PLAIN[Any] if PLAIN[Any] in kinds else " or ".join(kinds)
    if origin is list:
        return f"list of {type_name(args[0])}"
    if origin is dict and args[1] is Any:
        return "object"
    if origin is dict:
        return f"object with {type_name(args[1])} by key"
    if origin is not None:
        return f"{type_name(origin)} of {type_name(args[0])}"
    return _bare_name(annotation)


def _bare_name(kind: Any) -> str:
    if kind is None or kind in PLAIN:
        return PLAIN[kind or type(None)]
    if isinstance(kind, TypeVar):
        return kind.__name__
    return f"[{kind.__name__}](#{_link(kind)})"


def _contents() -> str:
    others = ["REST routes", "Errors", "Collections", "Field types", "Limits on counts"]
    titles = [_title(module) for module in CHAPTERS] + others
    return "".join(f"- [{title}](#{_anchor(title)})\n" for title in titles)


def _chapter(module: str) -> str:
    said = sys.modules[f"protocol.{module}"].__doc__ or ""
    lead, _, more = said.partition(":")
    parts = [f"## {lead}\n", f"{more.strip()[:1].upper()}{more.strip()[1:]}\n"]
    return "\n".join([*parts, *_entries(module)])


def _entries(module: str) -> list[str]:
    """What a module declares: commands, then events, then the things they carry."""
    shapes = [each for each in contract.shapes() if each.type.__module__ == f"protocol.{module}"]
    enums = [each for each in contract.enumerations() if each.type.__module__ == f"protocol.{module}"]
    return [
        *(_command(each) for each in shapes if each.is_command),
        *(_event(each) for each in shapes if each.is_event),
        *(_record(each) for each in shapes if not each.is_command and not each.is_event),
        *(_enumeration(each) for each in enums),
    ]


def _command(shape: Shape) -> str:
    spec = COMMANDS[shape.wire or ""]
    shown = json.loads((contract.SOURCE / "examples" / f"{spec.name}.json").read_text(encoding="utf-8"))
    facts = f"Reply: {type_name(spec.reply)}. Scope of a program's token: `{spec.scope}`."
    if spec.claims:
        facts += " Writes, once for each `command_id`."
    parts = [f"### `{spec.name}`\n", f"{shape.doc}\n", f"{facts}\n", _fields(shape.own)]
    return "\n".join([*parts, _example(shown["payload"])])


def _example(payload: dict[str, Any]) -> str:
    text = json.dumps(payload, ensure_ascii=False)
    if len(text) > LINE:
        text = json.dumps(payload, ensure_ascii=False, indent=2)
    return f"```json\n{text}\n```\n"


def _event(shape: Shape) -> str:
    spec = EVENTS[shape.wire or ""]
    return "\n".join(
        [f"### Event `{spec.name}`\n", f"{shape.doc}\n", f"{_folds(spec)}\n", _fields(shape.own)]
    )


def _folds(spec: EventSpec) -> str:
    steps = [STEPS[fold.step].format(field=fold.field, collection=fold.collection) for fold in spec.folds]
    text = f"Fold: {'; '.join(steps)}." if steps else "It does not change the room's state."
    return f"{text} The room shuts out the member in `{spec.evicts}`." if spec.evicts else text


def _record(shape: Shape) -> str:
    fields = shape.own
    if shape.is_entity:
        fields = (Field("id", Id, msgspec.NODEFAULT, ""), *fields)
    return "\n".join([f"### {_heading(shape)}\n", f"{shape.doc}\n", _fields(fields)])


def _heading(shape: Shape) -> str:
    if shape.wire:
        return f"Message `{shape.wire}`"
    # Links are told apart by letters alone, so `AgentInsight` and `agent.insight` would be one.
    taken = shape.name.lower() in map(_anchor, COMMANDS)
    return f"Object `{shape.name}`" if taken else f"`{shape.name}`"


def _enumeration(enum: Enumeration) -> str:
    values = ", ".join(f"`{member.value}`" for member in enum.type)
    notes = "".join(f"- `{enum.type[name].value}`: {doc}\n" for name, doc in enum.member_docs.items())
    return "\n".join(filter(None, [f"### `{enum.name}`\n", f"{enum.doc}\n", f"{values}\n", notes]))


def _fields(fields: tuple[Field, ...]) -> str:
    rows = [
        [
            f"`{each.name}`",
            type_name(each.type),
            _default(each),
            " ".join(filter(None, [each.doc, bounds(each.type)])),
        ]
        for each in fields
    ]
    if all(field.required for field in fields):
        return table(["field", "type", "meaning"], [[name, kind, doc] for name, kind, _, doc in rows])
    return table(["field", "type", "if left out", "meaning"], rows)


def _default(field: Field) -> str:
    if field.required:
        return "required"
    if field.default is msgspec.UNSET:
        return "stays"
    return f"`{json.dumps(msgspec.to_builtins(field.default))}`"


def _link(kind: type[Any]) -> str:
    if kind is ErrorCode:
        return "errors"
    headings = {shape.type: _heading(shape) for shape in contract.shapes()}
    return _anchor(headings.get(kind, kind.__name__))


def _title(module: str) -> str:
    return (sys.modules[f"protocol.{module}"].__doc__ or "").partition(":")[0]


def _anchor(title: str) -> str:
    kept = (letter for letter in title.lower().replace(" ", "-") if letter.isalnum() or letter in "-_")
    return "".join(kept)


def _routes() -> str:
    rows = [
        [
            f"`{route.method} {route.path}`",
            route.summary,
            route.auth,
            type_name(route.body) if route.body else "",
            _answer(route),
            ", ".join(f"`{code}`" for code in route.errors),
        ]
        for route in ROUTES
    ]
    heads = ["route", "what it does", "caller", "body", "answer", "errors of its own"]
    notes = "".join(f"- `{auth}`: {contract.docs('rest').members['Auth', auth.name]}\n" for auth in Auth)
    headers = [_headers(route) for route in ROUTES if route.headers]
    return "\n".join(["## REST routes\n", table(heads, rows), notes, *headers, *_entries("rest")])


def _headers(route: Route) -> str:
    rows = [[f"`{name}`", meaning] for name, meaning in route.headers]
    return f"Headers of `{route.method} {route.path}`:\n\n{table(['header', 'meaning'], rows)}"


def _answer(route: Route) -> str:
    if route.answer is None:
        return str(route.status)
    return f"{route.status} {type_name(route.answer) if isinstance(route.answer, type) else route.media}"


def _errors() -> str:
    docs = contract.docs("errors").members
    rows = [
        [
            f"`{code}`",
            str(HTTP_STATUS[code]),
            "yes" if code in RETRYABLE else "no",
            docs.get(("ErrorCode", code.name), ""),
        ]
        for code in ErrorCode
    ]
    bodies = [_record(each) for each in contract.shapes() if each.type is ErrorBody]
    return "\n".join(["## Errors\n", table(["code", "HTTP", "retry", "meaning"], rows), *bodies])


def _collections() -> str:
    rows = [
        [
            f"`{rule.name}`",
            type_name(rule.entity),
            f"the newest {rule.window} by `{rule.order}`" if rule.window else "all",
        ]
        for rule in COLLECTIONS.values()
    ]
    return "\n".join(["## Collections\n", table(["collection", "of", "a room keeps"], rows)])


def _types() -> str:
    rows = [[f"`{alias.name}`", alias.doc, alias.note] for alias in contract.aliases()]
    shared = [*_entries("fields"), *_entries("registry")]
    return "\n".join(["## Field types\n", table(["type", "must be", "note"], rows), *shared])


def _limits() -> str:
    rows = [[f"`{each.name}`", f"{each.value:,}", each.doc] for each in contract.constants()]
    return "\n".join(["## Limits on counts\n", table(["limit", "value", "meaning"], rows)])
