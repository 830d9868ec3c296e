"""The TypeScript SDK's types and tables, laid out as Prettier would at 100 columns."""

import json
import types
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import msgspec

import protocol
from protocol.errors import RETRYABLE
from protocol.projects import PROJECT_MOVES
from protocol.registry import COLLECTIONS, COMMANDS, EPHEMERA, EVENTS
from protocol.tasks import TASK_MOVES
from scripts.generator import contract
from scripts.generator.contract import Alias, Enumeration, Field, Shape, bounds, sentence

WIDTH = 100
HEADER = """\
// The messages of the protocol. Written by scripts/generate.py from the server's contract; do not edit.

/** The version to name in `auth.protocol` when connecting. */
export const PROTOCOL_VERSION = {version};
"""
BASES = """\
/** A thing with an id. */
export interface Entity {
  readonly id: Id;
}

/** A request. */
export interface Command {
  /** Chosen by the sender: the same id again changes nothing and is answered alike. */
  command_id?: Id | null;
}
"""
TABLES = """\
/** One step of an event's fold into the state of its room. A null or absent field is a no-op. */
export interface Fold {
  /** `put` an entity under its id, `patch` the entity with that id, or `drop` the one of that id. */
  readonly step: "put" | "patch" | "drop";
  readonly collection: CollectionName;
  /** The field of the event's data that holds the entity, the changes or the id. */
  readonly field: string;
}

/** How a room keeps a collection: all of it, or the newest `window` by (`order`, `id`). */
export interface CollectionRule {
  readonly window: number | null;
  readonly order: string | null;
}

/** The ack of a command. */
export type Ack<R> = { ok: true; result: R } | { ok: false; error: ErrorBody };
"""
PLAIN: dict[Any, str] = {
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    datetime: "string",
    date: "string",
    type(None): "null",
    Any: "unknown",
}


def render() -> str:
    """The whole of `protocol.ts`."""
    parts = [
        HEADER.format(version=protocol.VERSION),
        *(_alias(each) for each in contract.aliases()),
        *(_constant(each) for each in contract.constants()),
        *(_enumeration(each) for each in contract.enumerations()),
        BASES,
        *(_shape(each) for each in contract.shapes()),
        _commands(),
        _map("Events", "What stands in rooms' logs: the type of `data` by event type.", _names(EVENTS)),
        _map("Ephemera", "Server messages outside the logs, by Socket.IO event name.", EPHEMERA.items()),
        _collections(),
        TABLES,
        *_data(),
    ]
    return "\n".join(parts)


def type_name(annotation: Any) -> str:
    """An annotation of the protocol in TypeScript."""
    if name := contract.alias_names().get(annotation):
        return name
    origin: Any = get_origin(annotation)
    args = get_args(annotation)
    if origin is Annotated:
        return type_name(args[0])
    if origin in {Union, types.UnionType}:
        names = dict.fromkeys(type_name(each) for each in args if each is not msgspec.UnsetType)
        return "unknown" if "unknown" in names else " | ".join(names)
    if origin is list:
        item = type_name(args[0])
        return f"readonly ({item})[]" if " " in item else f"readonly {item}[]"
    if origin is dict:
        return f"Readonly<Record<string, {type_name(args[1])}>>"
    if origin is not None:
        return f"{origin.__name__}<{', '.join(type_name(each) for each in args)}>"
    if isinstance(annotation, TypeVar):
        return annotation.__name__
    return PLAIN.get(annotation) or str(annotation.__name__)


def _comment(text: str, indent: str = "") -> str:
    lines = text.split("\n")
    if len(lines) == 1:
        return f"{indent}/** {text} */\n" if text else ""
    body = "".join(f"{indent} * {line}".rstrip() + "\n" for line in lines)
    return f"{indent}/**\n{body}{indent} */\n"


def _alias(alias: Alias) -> str:
    return (
        f"{_comment(sentence(alias.doc))}export type {alias.name} = {type_name(get_args(alias.type)[0])};\n"
    )


def _constant(constant: contract.Constant) -> str:
    return f"{_comment(constant.doc)}export const {constant.name} = {constant.value:_};\n"


def _enumeration(enum: Enumeration) -> str:
    values = [json.dumps(member.value) for member in enum.type]
    notes = [f"- `{enum.type[name].value}`: {doc}" for name, doc in enum.member_docs.items()]
    doc = "\n".join([enum.doc, "", *notes] if notes else [enum.doc])
    one_line = f"export type {enum.name} = {' | '.join(values)};"
    if len(one_line) > WIDTH:
        one_line = f"export type {enum.name} =\n  | " + "\n  | ".join(values) + ";"
    return f"{_comment(doc)}{one_line}\n"


def _shape(shape: Shape) -> str:
    generic = f"<{', '.join(each.__name__ for each in shape.parameters)}>" if shape.parameters else ""
    base = " extends Entity" if shape.is_entity else " extends Command" if shape.is_command else ""
    doc = shape.doc if shape.wire is None else f"`{shape.wire}`: {shape.doc}"
    head = f"{_comment(doc)}export interface {shape.name}{generic}{base}"
    mark = "" if shape.is_command else "readonly "
    return f"{head} {{\n{''.join(_field(each, mark) for each in shape.own)}}}\n"


def _field(field: Field, mark: str) -> str:
    doc = " ".join(filter(None, [field.doc, bounds(field.type), _default(field)]))
    optional = "" if field.required else "?"
    return f"{_comment(doc, '  ')}  {mark}{field.name}{optional}: {type_name(field.type)};\n"


def _default(field: Field) -> str:
    if field.required or field.default in (None, msgspec.UNSET):
        return ""
    return f"Default: `{json.dumps(msgspec.to_builtins(field.default))}`."


def _commands() -> str:
    lines = [
        f"  {json.dumps(name)}: {{ payload: {spec.type.__name__}; reply: {type_name(spec.reply)}; "
        f"writes: {json.dumps(spec.claims)} }};\n"
        for name, spec in COMMANDS.items()
    ]
    doc = _comment("What clients can ask for, by wire name.")
    return f"{doc}export interface Commands {{\n{''.join(lines)}}}\n"


def _names(specs: dict[str, Any]) -> Iterator[tuple[str, type[Any]]]:
    return ((name, spec.type) for name, spec in specs.items())


def _map(name: str, doc: str, entries: Iterable[tuple[str, type[Any]]]) -> str:
    lines = "".join(f"  {_key(key)}: {cls.__name__};\n" for key, cls in entries)
    return f"/** {doc} */\nexport interface {name} {{\n{lines}}}\n"


def _collections() -> str:
    entries = [(name, rule.entity) for name, rule in COLLECTIONS.items()]
    names = (
        "export type CommandName = keyof Commands;\n"
        "export type EventType = keyof Events;\n"
        "export type CollectionName = keyof Collections;\n"
    )
    return _map("Collections", "What a room's state holds, by collection.", entries) + "\n" + names


def _key(name: str) -> str:
    return name if name.isidentifier() else json.dumps(name)


def _data() -> Iterator[str]:
    writing = [name for name, spec in COMMANDS.items() if spec.claims]
    yield (
        "/** Commands that change something: they carry a `command_id` and are kept until answered. */\n"
        "export const WRITES: ReadonlySet<string> = new Set<CommandName>([\n"
        + "".join(f"  {json.dumps(name)},\n" for name in writing)
        + "]);\n"
    )
    retryable = sorted(code.value for code in RETRYABLE)
    yield (
        "/** Codes after which the same request, unchanged, may succeed later. */\n"
        "export const RETRYABLE: ReadonlySet<string> = new Set<ErrorCode>([\n"
        + "".join(f"  {json.dumps(code)},\n" for code in retryable)
        + "]);\n"
    )
    yield (
        "/** How each event folds into the state of its room; one that is not here leaves it as it is. */\n"
        "export const FOLDS: Readonly<Record<string, readonly Fold[]>> = {\n"
        + "".join(_folds(name) for name in EVENTS)
        + "};\n"
    )
    yield (
        "/** The collections of rooms' states. */\n"
        "export const COLLECTIONS: Readonly<Record<CollectionName, CollectionRule>> = {\n"
        + "".join(
            f"  {_key(name)}: {{ window: {json.dumps(rule.window)}, order: {json.dumps(rule.order)} }},\n"
            for name, rule in COLLECTIONS.items()
        )
        + "};\n"
    )
    yield _moves("PROJECT_MOVES", "ProjectState", PROJECT_MOVES)
    yield _moves("TASK_MOVES", "TaskStatus", TASK_MOVES)


def _folds(name: str) -> str:
    steps = [
        f'{{ step: "{fold.step}", collection: "{fold.collection}", field: "{fold.field}" }}'
        for fold in EVENTS[name].folds
    ]
    line = f"  {_key(name)}: [{', '.join(steps)}],\n"
    if len(line) <= WIDTH:
        return line
    return f"  {_key(name)}: [\n" + "".join(f"    {step},\n" for step in steps) + "  ],\n"


def _moves(name: str, enum: str, moves: dict[Any, frozenset[Any]]) -> str:
    lines = []
    kind: type[StrEnum] = type(next(iter(moves)))
    for start in kind:
        listed = ", ".join(json.dumps(each.value) for each in kind if each in moves[start])
        lines.append(f"  {start.value}: [{listed}],\n")
    return (
        f"/** The legal moves of a `{enum}`. */\n"
        f"export const {name}: Readonly<Record<{enum}, readonly {enum}[]>> = {{\n{''.join(lines)}}};\n"
    )
