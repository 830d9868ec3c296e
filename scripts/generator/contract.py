"""The protocol as the generators see it: shapes, enums and aliases with the docstrings of their source.

Python keeps no docstrings of fields, so they are read from the source text. Everything is listed in an
order in which each thing stands after those it names, and the same source gives the same lists.
"""

import ast
import importlib
import inspect
import types
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from graphlib import TopologicalSorter
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec

import protocol
from protocol import fields, wording
from protocol.registry import COMMANDS, EPHEMERA, EVENTS, Command, Entity, Event

SOURCE = Path(protocol.__file__).parent
BASES = frozenset({"Body", "Command", "Entity", "Event", "Report"})
"""Classes that only others derive from."""
INTERNAL = frozenset({"asyncapi", "fields", "openapi", "registry", "rest", "wire", "wording"})
"""Modules whose classes are the server's own affair, or are written by hand in each language."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a shape. `default` is `msgspec.NODEFAULT` where a value is required."""

    name: str
    type: Any
    default: Any
    doc: str

    @property
    def required(self) -> bool:
        """Whether a sender must name it."""
        return self.default is msgspec.NODEFAULT


@dataclass(frozen=True, slots=True)
class Shape:
    """A struct of the contract. `wire` is the name of the message it is, if it is one."""

    name: str
    type: type[msgspec.Struct]
    doc: str
    own: tuple[Field, ...]
    """Without those of its base."""
    wire: str | None

    @property
    def is_command(self) -> bool:
        """Whether clients send it."""
        return issubclass(self.type, Command)

    @property
    def is_entity(self) -> bool:
        """Whether it has an `id` from the base of entities."""
        return issubclass(self.type, Entity)

    @property
    def is_event(self) -> bool:
        """Whether it stands in a room's log."""
        return issubclass(self.type, Event)

    @property
    def parameters(self) -> tuple[Any, ...]:
        """The type variables of a generic shape."""
        return tuple(getattr(self.type, "__parameters__", ()))


@dataclass(frozen=True, slots=True)
class Enumeration:
    """A closed set of words."""

    name: str
    type: type[StrEnum]
    doc: str
    member_docs: dict[str, str]


@dataclass(frozen=True, slots=True)
class Alias:
    """A named type of fields, with what its values must be like."""

    name: str
    type: Any
    doc: str
    note: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A limit."""

    name: str
    value: int
    doc: str


@dataclass(frozen=True, slots=True)
class Docs:
    """The docstrings of one module's assignments and of its classes' members."""

    top: dict[str, str]
    members: dict[tuple[str, str], str]


@cache
def docs(module: str) -> Docs:
    """What the source of `protocol.<module>` says about its names."""
    tree = _tree(module)
    members = {
        (node.name, name): doc
        for node in tree.body
        if isinstance(node, ast.ClassDef)
        for name, doc in _documented(node.body)
    }
    return Docs(dict(_documented(tree.body)), members)


def modules() -> list[ModuleType]:
    """The protocol's modules, each after those it imports."""
    names = sorted(path.stem for path in SOURCE.glob("*.py") if path.stem != "__init__")
    order = TopologicalSorter({name: _imports(name) for name in names}).static_order()
    return [importlib.import_module(f"protocol.{name}") for name in order]


@cache
def shapes() -> tuple[Shape, ...]:
    """Every struct that crosses the wire."""
    names = {spec.type: name for name, spec in COMMANDS.items()}
    names |= {spec.type: name for name, spec in EVENTS.items()}  # type: ignore[misc]
    names |= {kind: name for name, kind in EPHEMERA.items()}  # type: ignore[misc]
    return tuple(
        Shape(cls.__name__, cls, _doc(cls), _own_fields(cls), names.get(cls))
        for cls in _classes(msgspec.Struct)
        if cls.__name__ not in BASES
    )


@cache
def enumerations() -> tuple[Enumeration, ...]:
    """Every closed set of words that crosses the wire."""
    return tuple(
        Enumeration(cls.__name__, cls, _doc(cls), _member_docs(cls)) for cls in _classes(StrEnum) if len(cls)
    )


@cache
def aliases() -> tuple[Alias, ...]:
    """The named types of `protocol.fields`."""
    return tuple(
        Alias(name, value, wording.expects(value), get_args(value)[1].description or "")
        for name, value in vars(fields).items()
        if get_origin(value) is Annotated
    )


@cache
def constants() -> tuple[Constant, ...]:
    """The limits of `protocol.fields`."""
    return tuple(
        Constant(name, value, docs("fields").top.get(name, ""))
        for name, value in vars(fields).items()
        if name.isupper() and isinstance(value, int)
    )


@cache
def alias_names() -> dict[Any, str]:
    """From a type to the name it has in `protocol.fields`."""
    names = {alias.type: alias.name for alias in aliases()}
    if len(names) != len(aliases()):
        raise TypeError("two types of protocol/fields.py are the same; describe what sets them apart")
    return names


def bounds(annotation: Any) -> str:
    """What a type without a name of its own demands, as a sentence."""
    if annotation in alias_names():
        return ""
    if get_origin(annotation) is Annotated:
        return sentence(wording.expects(annotation))
    if get_origin(annotation) in {Union, types.UnionType}:
        return " ".join(filter(None, (bounds(each) for each in get_args(annotation))))
    return ""


def sentence(text: str) -> str:
    """Return words as a sentence of their own."""
    return text[:1].upper() + text[1:] + "."


def _classes(kind: type[Any]) -> Iterator[Any]:
    for module in modules():
        short = module.__name__.rpartition(".")[2]
        for name, value in vars(module).items():
            if (short in INTERNAL and name not in EXPORTED) or name.startswith("_"):
                continue
            if isinstance(value, type) and issubclass(value, kind) and value.__module__ == module.__name__:
                yield value


EXPORTED = frozenset({"Change", "Fired", "Health", "Page", "Scope"})
"""What internal modules declare for clients too."""


def _own_fields(cls: type[msgspec.Struct]) -> tuple[Field, ...]:
    inherited = {"command_id"} if issubclass(cls, Command) else {"id"} if issubclass(cls, Entity) else set()
    declared = {each.name: each for each in msgspec.structs.fields(cls)}
    return tuple(
        Field(name, declared[name].type, _default(declared[name]), _field_doc(cls, name))
        for name in _in_order(cls)
        if name not in inherited
    )


def _in_order(cls: type[msgspec.Struct]) -> dict[str, None]:
    """The names of a struct's fields, those of its bases first."""
    bases = reversed(cls.__mro__)
    return {name: None for base in bases for name in inspect.get_annotations(base)}


def _default(info: msgspec.structs.FieldInfo) -> Any:
    if info.default_factory is not msgspec.NODEFAULT:
        return info.default_factory()
    return info.default


def _field_doc(cls: type[Any], field: str) -> str:
    for base in cls.__mro__:
        package, _, module = base.__module__.rpartition(".")
        if package == "protocol" and (doc := docs(module).members.get((base.__name__, field))):
            return doc
    return ""


def _member_docs(cls: type[StrEnum]) -> dict[str, str]:
    return {member.name: doc for member in cls if (doc := _field_doc(cls, member.name))}


def _doc(cls: type[Any]) -> str:
    return inspect.cleandoc(cls.__doc__ or "")


def _tree(module: str) -> ast.Module:
    return ast.parse((SOURCE / f"{module}.py").read_text(encoding="utf-8"))


def _imports(module: str) -> list[str]:
    """The protocol's modules that one imports, in a fixed order."""
    found = set()
    for node in _tree(module).body:
        if isinstance(node, ast.ImportFrom) and node.module == "protocol":
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("protocol."):
            found.add((node.module or "").removeprefix("protocol."))
    return sorted(name for name in found if (SOURCE / f"{name}.py").exists())


def _documented(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    """Each assigned name that a string follows, with that string."""
    for node, following in pairwise(body):
        target = (
            node.target
            if isinstance(node, ast.AnnAssign)
            else node.targets[0]
            if isinstance(node, ast.Assign)
            else None
        )
        if (
            isinstance(target, ast.Name)
            and isinstance(following, ast.Expr)
            and isinstance(following.value, ast.Constant)
            and isinstance(following.value.value, str)
        ):
            yield target.id, inspect.cleandoc(following.value.value)
