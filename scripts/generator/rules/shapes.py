"""The tables by which both SDKs check the content of encrypted rooms, from the types of the protocol.

A shape is plain data: its kind, its bounds, and in words what it must be. Patterns are written so that Python
and JavaScript read them alike: the two do not agree on what `\\s` is.
"""

import json
import re
import subprocess
import sys
import types
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, UNSET, Struct, UnsetType

from protocol.wording import expects
from scripts.generator import contract
from scripts.generator.rules.contents import (
    ASKED,
    CONTENTS,
    MAX_RESPACED,
    MAX_SAID,
    MAX_SAID_PAGES,
    Content,
)

SPACE = r"\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""What Python takes for white space, within a class of a pattern."""
BLANK = f"^[{SPACE}]*$"
EXACT = 2**53 - 1
"""Whole numbers up to here are the same everywhere."""
TABLES = {"CONTENTS": CONTENTS, "ASKED": ASKED}
BOUNDS = {"MAX_RESPACED": MAX_RESPACED, "MAX_SAID": MAX_SAID, "MAX_SAID_PAGES": MAX_SAID_PAGES}
DOCS = {
    "CONTENTS": "What stands in envelopes, by type.",
    "ASKED": "What an author may leave to be completed, where that is another shape.",
    "BLANK": "A pattern: nothing but white space.",
    "MAX_RESPACED": "Tasks that get new ranks with one command.",
    "MAX_SAID": "Characters of what a version of a file says that its author tells everybody.",
    "MAX_SAID_PAGES": "Pages that these may be divided into.",
}
PYTHON = '''\
# ruff: noqa: E501 - patterns are not divided.
"""What the content of an encrypted room looks like. Written by scripts/generate.py; do not edit."""

from typing import Any

Shape = dict[str, Any]
"""`kind` with its bounds, `words` for whoever reads an error, and `nullable` where null will do."""

'''
TYPESCRIPT = """\
// What the content of an encrypted room looks like. Written by scripts/generate.py; do not edit.

import type { ObjectShape, Shape } from "../sealed/rules/validation.js";

"""


class Name(str):
    """A shape that has a name of its own."""

    __slots__ = ()


Value = Any
"""Plain data with names in it."""


def render_python() -> str:
    """The table as a module of the Python SDK."""
    named, tables = _collected()
    parts = [PYTHON, *(f'{name} = {bound:_}\n"""{DOCS[name]}"""\n' for name, bound in BOUNDS.items())]
    parts.append(f'BLANK = {_to_the_end(BLANK)!r}\n"""{DOCS["BLANK"]}"""\n')
    parts += [f"{name}: Shape = {_written(value, repr)}\n" for name, value in named.items()]
    for name, table in tables.items():
        entries = ",\n".join(f"{key!r}: {_written(value, repr)}" for key, value in table.items())
        parts.append(f'{name}: dict[str, Shape] = {{\n{entries},\n}}\n"""{DOCS[name]}"""\n')
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", "shapes.py", "-"]
    done = subprocess.run(command, input="".join(parts), capture_output=True, text=True, check=True)
    return done.stdout


def render_typescript() -> str:
    """The table as a module of the TypeScript SDK."""
    named, tables = _collected()
    bounds = (f"/** {DOCS[name]} */\nexport const {name} = {bound:_};\n\n" for name, bound in BOUNDS.items())
    parts = [TYPESCRIPT, *bounds]
    parts.append(f"/** {DOCS['BLANK']} */\nexport const BLANK = {_json(BLANK)};\n\n")
    for name, value in named.items():
        kind = "ObjectShape" if value["kind"] == "object" else "Shape"
        parts.append(f"const {name}: {kind} = {_written(value, _json)};\n")
    for name, table in tables.items():
        entries = "".join(f"  {_json(key)}: {_written(value, _json)},\n" for key, value in table.items())
        head = f"\n/** {DOCS[name]} */\nexport const {name}: Readonly<Record<string, ObjectShape>> = "
        parts.append(f"{head}{{\n{entries}}};\n")
    return "".join(parts)


def _collected() -> tuple[dict[str, Value], dict[str, dict[str, Value]]]:
    """The shapes with names, each after those in it, and the tables."""
    named: dict[str, Value] = {}
    tables = {
        name: {kind: _content(content, named) for kind, content in table.items()}
        for name, table in TABLES.items()
    }
    return named, tables


def _content(content: Content, named: dict[str, Value]) -> Value:
    fields = {
        name: _field(annotation, default, named) for name, (annotation, default) in content.fields().items()
    }
    return {"kind": "object", "words": "an object", "fields": fields}


def _field(annotation: Any, default: Any, named: dict[str, Value]) -> Value:
    shape = _shape(annotation, named)
    if default is NODEFAULT:
        return {"shape": shape, "required": True}
    if default is UNSET:
        return {"shape": shape}
    return {"shape": shape, "default": msgspec.to_builtins(default)}


def _shape(annotation: Any, named: dict[str, Value]) -> Value:
    title = contract.alias_names().get(annotation) or _class_name(annotation)
    if title is None:
        return _anonymous(annotation, named)
    name = Name(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", title).upper())
    if name not in named:
        # What it consists of comes first.
        shape = _anonymous(annotation, named)
        named[name] = shape
    return name


def _class_name(annotation: Any) -> str | None:
    known = isinstance(annotation, type) and get_origin(annotation) is None
    return annotation.__name__ if known and issubclass(annotation, StrEnum | Struct) else None


def _anonymous(annotation: Any, named: dict[str, Value]) -> Value:
    origin = get_origin(annotation)
    if origin in {Union, types.UnionType}:
        return _union(annotation, named)
    kind, meta = get_args(annotation)[:2] if origin is Annotated else (annotation, msgspec.Meta())
    return {**_kind(kind, meta, named), "words": expects(annotation)}


def _union(annotation: Any, named: dict[str, Value]) -> Value:
    options = [each for each in get_args(annotation) if each not in {UnsetType, types.NoneType}]
    nullable = {"nullable": True} if types.NoneType in get_args(annotation) else {}
    words = {"words": expects(annotation)}
    if len(options) > 1:
        return {"kind": "either", "of": [_shape(each, named) for each in options]} | nullable | words
    shape = _shape(options[0], named)
    if not nullable:
        return shape
    return ({"...": shape} if isinstance(shape, Name) else shape) | nullable | words


def _kind(kind: Any, meta: msgspec.Meta, named: dict[str, Value]) -> Value:
    """What is particular to a kind of value."""
    origin = get_origin(kind)
    if kind is str:
        bounds = {"min": meta.min_length, "max": meta.max_length, "pattern": _portable(meta.pattern)}
        return {"kind": "text"} | {name: bound for name, bound in bounds.items() if bound is not None}
    if kind in {int, float}:
        low = -EXACT if meta.ge is None else meta.ge
        return {"kind": "number", "whole": kind is int, "min": low, "max": meta.le or EXACT}
    if origin is list:
        most = {} if meta.max_length is None else {"max": meta.max_length}
        return {"kind": "list", "of": _shape(get_args(kind)[0], named), "min": meta.min_length or 0} | most
    if origin is dict:
        return {"kind": "map", "of": _shape(get_args(kind)[1], named)}
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"kind": "word", "options": [member.value for member in kind]}
    if isinstance(kind, type) and issubclass(kind, Struct):
        return _content(Content(kind), named)
    return {"kind": {bool: "flag", date: "day", datetime: "time", Any: "any"}[kind]}


def _portable(pattern: str | None) -> str | None:
    """The pattern with white space spelled out, within classes and outside of them."""
    if pattern is None:
        return None
    return pattern.replace(r"[^\s", f"[^{SPACE}").replace(r"\s", f"[{SPACE}]")


def _to_the_end(pattern: str) -> str:
    """The pattern with ends where JavaScript has them: Python takes `$` before a last line break, too."""
    ended = re.sub(
        r"\\.|\[(?:\\.|[^]\\])*]|\$", lambda found: r"\Z" if found[0] == "$" else found[0], pattern
    )
    return ended.replace(r"\Z(?!\n)", r"\Z")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _written(value: Value, literal: Any) -> str:
    """Plain data as source text; names stand for themselves, and `...` spreads one."""
    if isinstance(value, Name):
        return value
    if isinstance(value, Mapping):
        return "{" + ", ".join(_entries(value, literal)) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_written(each, literal) for each in value) + "]"
    return str(literal(value))


def _entries(value: Mapping[str, Value], literal: Any) -> Iterator[str]:
    for key, each in value.items():
        if key == "...":
            spread = "..." if literal is _json else "**"
            yield f"{spread}{_written(each, literal)}"
        elif key == "pattern" and literal is not _json:
            yield f"{literal(key)}: {literal(_to_the_end(each))}"
        else:
            yield f"{literal(key)}: {_written(each, literal)}"
