"""The Python SDK's structs and tables. The server validates, so these carry no bounds, only say them."""

import ast
import subprocess
import sys
import textwrap
import types
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec

import protocol
from protocol.errors import RETRYABLE
from protocol.projects import PROJECT_MOVES
from protocol.registry import COLLECTIONS, COMMANDS, EPHEMERA, EVENTS
from protocol.tasks import TASK_MOVES
from scripts.generator import contract
from scripts.generator.contract import Alias, Enumeration, Field, Shape, bounds, sentence

HEADER = '''\
"""The messages of the protocol. Written by scripts/generate.py from the server's contract; do not edit.

A command is a struct that names its reply: `client.call(TaskCreate(...))` gives a `Task`. Fields left at
their default stay off the wire. The server checks bounds; here they stand in the documentation.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar, Generic, NamedTuple, TypeAlias, TypeVar

from msgspec import UNSET, Struct, UnsetType, field

PROTOCOL_VERSION = {version}
"""The version to name in `auth.protocol` when connecting."""

T = TypeVar("T")
R = TypeVar("R")
'''
BASES = '''\
class Command(Struct, Generic[R], frozen=True, kw_only=True, omit_defaults=True):
    """A request that is answered with an `R`."""

    WIRE_NAME: ClassVar[str]
    WRITES: ClassVar[bool]
    """Whether it changes something: it then carries a `command_id` and is kept until answered."""
    REPLY: ClassVar[Any]
    """The type `R`, for decoding."""

    command_id: Id | None = None
    """Chosen by the sender: the same id again changes nothing and is answered alike."""


class Entity(Struct, frozen=True, kw_only=True):
    """A thing with an id."""

    id: Id


class Event(Struct, frozen=True, kw_only=True):
    """The `data` of an event in a room's log."""

    TYPE: ClassVar[str]
'''
TABLES = '''\
class Fold(NamedTuple):
    """One step of an event's fold into the state of its room. A null or absent field is a no-op."""

    step: str
    """`put` an entity under its id, `patch` the entity with that id, or `drop` the one of that id."""
    collection: str
    field: str
    """The field of the event's data that holds the entity, the changes or the id."""


class Collection(NamedTuple):
    """How a room keeps a collection: all of it, or the newest `window` by (`order`, `id`)."""

    entity: type[Entity]
    window: int | None
    order: str | None
'''
WIDTH = 110
MODES = ["frozen=True", "kw_only=True"]


def render() -> str:
    """The whole of `generated.py`."""
    parts = [
        HEADER.format(version=protocol.VERSION),
        "".join(_alias(each) for each in contract.aliases()),
        "".join(_constant(each) for each in contract.constants()),
        *(_enumeration(each) for each in contract.enumerations()),
        BASES,
        *(_shape(each) for each in contract.shapes()),
        TABLES,
        *_data(),
    ]
    return _formatted("\n\n".join([*parts, _exports("\n\n".join(parts))]))


def _exports(code: str) -> str:
    """The list of what the module defines itself, for `import *`."""
    names: set[str] = set()
    for statement in ast.parse(code).body:
        if isinstance(statement, ast.ClassDef):
            names.add(statement.name)
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            names.add(statement.target.id)
        elif isinstance(statement, ast.Assign):
            names.update(target.id for target in statement.targets if isinstance(target, ast.Name))
    # Constants first, then classes: the order that the linter asks for.
    public = sorted(names - {"T", "R"}, key=lambda name: (not name.isupper(), name))
    return f"__all__ = {public!r}"


def type_name(annotation: Any) -> str:
    """An annotation of the protocol as the SDK writes it."""
    if name := contract.alias_names().get(annotation):
        return name
    origin: Any = get_origin(annotation)
    args = get_args(annotation)
    if origin is Annotated:
        return type_name(args[0])
    if origin in {Union, types.UnionType}:
        return " | ".join(type_name(each) for each in args)
    if origin is not None:
        return f"{origin.__name__}[{', '.join(type_name(each) for each in args)}]"
    if annotation in {None, type(None)}:
        return "None"
    return "Any" if annotation is Any else str(annotation.__name__)


def _formatted(text: str) -> str:
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", "generated.py", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    return done.stdout


def _doc(text: str, indent: str = "") -> str:
    if not text:
        return ""
    if "\n" not in text:
        text = "\n".join(textwrap.wrap(text, WIDTH - len(indent) - 6))
    closing = f"\n{indent}" if "\n" in text else ""
    return textwrap.indent(f'"""{text}', indent).lstrip("\n") + f'{closing}"""\n'


def _alias(alias: Alias) -> str:
    return f"{alias.name}: TypeAlias = {type_name(get_args(alias.type)[0])}\n{_doc(sentence(alias.doc))}"


def _constant(constant: contract.Constant) -> str:
    return f"{constant.name} = {constant.value:_}\n{_doc(constant.doc)}"


def _enumeration(enum: Enumeration) -> str:
    lines = [f"class {enum.name}(StrEnum):\n", _doc(enum.doc, "    "), "\n"]
    for member in enum.type:
        lines.append(f'    {member.name} = "{member.value}"\n')
        lines.append(_doc(enum.member_docs.get(member.name, ""), "    "))
    return "".join(lines)


def _shape(shape: Shape) -> str:
    lines = [f"class {shape.name}({', '.join([_base(shape), *MODES])}):\n", _doc(shape.doc, "    "), "\n"]
    if shape.is_command:
        spec = COMMANDS[shape.wire or ""]
        lines.append(f'    WIRE_NAME: ClassVar[str] = "{spec.name}"\n')
        lines.append(f"    WRITES: ClassVar[bool] = {spec.claims}\n")
        lines.append(f"    REPLY: ClassVar[Any] = {type_name(spec.reply)}\n\n")
    elif shape.is_event:
        lines.append(f'    TYPE: ClassVar[str] = "{shape.wire}"\n\n')
    lines.extend(_field(each) for each in shape.own)
    return "".join(lines)


def _base(shape: Shape) -> str:
    if shape.is_command:
        return f"Command[{type_name(COMMANDS[shape.wire or ''].reply)}]"
    if shape.is_event:
        return "Event"
    if shape.is_entity:
        return "Entity"
    if shape.parameters:
        return f"Struct, Generic[{', '.join(each.__name__ for each in shape.parameters)}]"
    return "Struct"


def _field(field: Field) -> str:
    default = "" if field.required else f" = {_default(field.default)}"
    doc = " ".join(filter(None, [field.doc, bounds(field.type)]))
    return f"    {field.name}: {type_name(field.type)}{default}\n{_doc(doc, '    ')}"


def _default(value: Any) -> str:
    """A default that no two structs share: msgspec copies what is empty, but nothing else."""
    if isinstance(value, dict | list) and value:
        return f"field(default_factory=lambda: {value!r})"
    return _literal(value)


def _literal(value: Any) -> str:
    if value is msgspec.UNSET:
        return "UNSET"
    if isinstance(value, StrEnum):
        return f"{type(value).__name__}.{value.name}"
    return repr(value)


def _data() -> Iterator[str]:
    yield _table(
        "COMMANDS: dict[str, type[Command[Any]]]", [(n, s.type.__name__) for n, s in COMMANDS.items()]
    )
    yield _table(
        "EVENTS: dict[str, type[Event]]", [(name, spec.type.__name__) for name, spec in EVENTS.items()]
    )
    yield _table(
        "EPHEMERA: dict[str, type[Struct]]", [(name, cls.__name__) for name, cls in EPHEMERA.items()]
    )
    yield _table("FOLDS: dict[str, tuple[Fold, ...]]", [(name, _folds(name)) for name in EVENTS])
    yield _table(
        "COLLECTIONS: dict[str, Collection]",
        [
            (name, f"Collection({rule.entity.__name__}, {rule.window!r}, {rule.order!r})")
            for name, rule in COLLECTIONS.items()
        ],
    )
    codes = ", ".join(f"ErrorCode.{code.name}" for code in type(next(iter(RETRYABLE))) if code in RETRYABLE)
    yield (
        f"RETRYABLE = frozenset({{{codes}}})\n"
        + _doc("Codes after which the same request, unchanged, may succeed later.")
    )
    yield _moves("PROJECT_MOVES", PROJECT_MOVES)
    yield _moves("TASK_MOVES", TASK_MOVES)


def _table(head: str, entries: list[tuple[str, str]]) -> str:
    return f"{head} = {{\n" + "".join(f'    "{name}": {value},\n' for name, value in entries) + "}\n"


def _folds(name: str) -> str:
    steps = [f'Fold("{fold.step}", "{fold.collection}", "{fold.field}"),' for fold in EVENTS[name].folds]
    return f"({' '.join(steps)})"


def _moves(name: str, moves: dict[Any, frozenset[Any]]) -> str:
    kind: type[StrEnum] = type(next(iter(moves)))
    lines = []
    for start in kind:
        listed = ", ".join(_literal(each) for each in kind if each in moves[start])
        lines.append(f"    {_literal(start)}: frozenset({{{listed}}}),\n")
    doc = _doc(f"The legal moves of a `{kind.__name__}`.")
    return f"{name}: dict[{kind.__name__}, frozenset[{kind.__name__}]] = {{\n{''.join(lines)}}}\n{doc}"
