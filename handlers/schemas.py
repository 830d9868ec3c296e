"""JSON Schemas that agents declare, and what must satisfy them.

Invariant: neither a schema nor a value, however contrived, costs more than a bounded amount of work. Nothing
is fetched; patterns are matched by an engine that does not backtrack; a schema is refused at once, and a
value when it comes, if checking it would take too many steps.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import jsonschema_rs
import msgspec

from protocol.errors import invalid
from protocol.fields import MAX_JSON_BYTES, MAX_SCHEMA_BYTES

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MAX_NESTING = 64
"""Levels of objects and lists within each other."""
MAX_WEIGHT = 20_000
"""Keywords that a schema has once what it refers to stands in place of each reference."""
MAX_PATTERNS = 100
"""Of one schema: they take long to be prepared."""
MAX_STEPS = 20_000_000
"""Keywords times what they are applied to: some tenths of a second."""
MAX_DESCRIBED = 500_000
"""Steps up to which it is also said what is wrong: the validator then copies what fails, for every way."""
MAX_MATCHED = 64 * 1024
"""Characters that one check matches with patterns."""
MAX_MESSAGE = 300
"""Characters of the validator's words that an error repeats."""
CACHED = 256
"""Compiled schemas that are kept, those used last."""

_PATTERNS = jsonschema_rs.RegexOptions(size_limit=64 * 1024, dfa_size_limit=256 * 1024)
_ONE = (
    *("additionalProperties", "contains", "contentSchema", "else", "if", "items", "not", "propertyNames"),
    *("then", "unevaluatedItems", "unevaluatedProperties"),
)
_MANY = ("allOf", "anyOf", "oneOf", "prefixItems")
_NAMED = ("dependentSchemas", "patternProperties", "properties")
_WEIGHTS = {"multipleOf": 100, "patternProperties": 50, "propertyNames": 10}
"""Steps that dear keywords count for, for each thing that they are applied to."""
_MOVING = ("$dynamicAnchor", "$dynamicRef", "$recursiveAnchor", "$recursiveRef")
_PLAIN = re.compile(r"[A-Za-z_$][\w$-]*")


@dataclass(slots=True)
class _Matching:
    """What patterns may still be matched with, in the check that goes on."""

    left: int = MAX_MATCHED


_matching = _Matching()


class _Pattern:
    """The keyword `pattern`, within the bound of `_matching`."""

    def __init__(self, _: dict[str, Any], pattern: Any, __: list[str | int]) -> None:
        self._pattern = pattern
        self._matcher = _matcher(pattern)

    def validate(self, instance: Any) -> None:
        if not isinstance(instance, str):
            return
        _matching.left -= len(instance)
        if _matching.left < 0 or not self._matcher.is_valid(instance):
            raise ValueError(f"does not match {self._pattern!r}")


def _matcher(pattern: str) -> jsonschema_rs.Validator:
    """Tells whether text matches a pattern; ValueError if it cannot be used as one."""
    try:
        return jsonschema_rs.Draft202012Validator(
            {"pattern": pattern}, pattern_options=_PATTERNS, offline=True
        )
    except jsonschema_rs.ValidationError:
        raise ValueError(
            f"the pattern {pattern[:80]!r} is no regular expression, or one with look-around, "
            "references back or large repetitions, which are not taken"
        ) from None


@dataclass(frozen=True, slots=True)
class _Measure:
    """What checking a value takes: the keywords, and how often a schema leads back into itself."""

    weight: int
    loops: int


@dataclass(frozen=True, slots=True)
class _Compiled:
    validator: jsonschema_rs.Validator
    measure: _Measure


@dataclass(frozen=True, slots=True)
class _Size:
    count: int
    """Its values, and the characters of its names."""
    text: int
    """Characters of its texts."""
    depth: int
    """Levels of objects and lists."""


def check(schema: dict[str, Any], path: str) -> None:
    """ApiError `invalid`, with `path`, unless this is a schema that values can be checked with.

    JSON Schema 2020-12 of at most `MAX_SCHEMA_BYTES`; it refers to its own parts only, by `#` or `#/…`.
    """
    encoded = _encoded(schema, path, MAX_SCHEMA_BYTES)
    try:
        _compiled(encoded)
    except ValueError as error:
        raise invalid(f"{path}: is no usable JSON Schema 2020-12: {_shortened(str(error))}.", path) from None


def validate(schema: dict[str, Any], value: Any, path: str) -> None:
    """ApiError `invalid`, with the path of the field at fault, unless a value satisfies a checked schema."""
    compiled = _compiled(msgspec.json.encode(schema))
    size = _size(value, path)
    steps = compiled.measure.weight * size.count
    if steps > MAX_STEPS:
        raise invalid(f"{path}: is too large to be checked with so large a schema; send less.", path)
    _matching.left = MAX_MATCHED
    if compiled.validator.is_valid(value):
        return
    if _matching.left < 0:
        raise invalid(f"{path}: has more than {MAX_MATCHED} characters to be matched with patterns.", path)
    copied = compiled.measure.weight * (size.count + size.text // 16)
    if copied * max(1, compiled.measure.loops) ** size.depth > MAX_DESCRIBED:
        raise invalid(f"{path}: does not satisfy its schema.", path)
    _matching.left = MAX_MATCHED
    error = next(compiled.validator.iter_errors(value))
    at = path + "".join(_step(step) for step in error.instance_path)
    raise invalid(f"{at}: {_shortened(error.message)}.", at)


def bounded_json(value: Any, path: str, most: int = MAX_JSON_BYTES) -> None:
    """ApiError `invalid` unless a value is JSON of at most `most` bytes and `MAX_NESTING` levels."""
    _encoded(value, path, most)


def _encoded(value: Any, path: str, most: int) -> bytes:
    _size(value, path)
    try:
        encoded = msgspec.json.encode(value)
    except (OverflowError, TypeError, ValueError):
        raise invalid(f"{path}: is no JSON, or has a number or text that cannot be kept.", path) from None
    if len(encoded) > most:
        raise invalid(f"{path}: has {len(encoded):,} bytes as JSON; at most {most:,} are taken.", path)
    return encoded


def _size(value: Any, path: str) -> _Size:
    count, text, depth, level = 0, 0, 0, [value]
    while level:
        count += len(level)
        deeper: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                count += sum(map(len, each))
                deeper += each.values()
            elif isinstance(each, list):
                deeper += each
            elif isinstance(each, str):
                text += len(each)
        depth, level = depth + 1, deeper
        if depth > MAX_NESTING + 1:
            raise invalid(f"{path}: objects and lists are nested over {MAX_NESTING} levels deep.", path)
    return _Size(count, text, depth)


@lru_cache(maxsize=CACHED)
def _compiled(encoded: bytes) -> _Compiled:
    """A schema ready for use; ValueError says what is wrong with it."""
    schema = msgspec.json.decode(encoded)
    if schema.get("$schema", DIALECT) not in {DIALECT, f"{DIALECT}#"}:
        raise ValueError(f"`$schema` must be left out, or be {DIALECT}")
    try:
        jsonschema_rs.meta.validate(schema | {"$schema": DIALECT})
        measure = _Measuring(schema).of(schema)
        if measure.weight > MAX_WEIGHT:
            raise ValueError("it has too many parts, or they refer to each other too often")
        validator = jsonschema_rs.Draft202012Validator(
            schema,
            pattern_options=_PATTERNS,
            offline=True,
            validate_formats=False,
            mask="the value",
            keywords={"pattern": _Pattern},
        )
    except jsonschema_rs.ValidationError as error:
        at = "".join(_step(step) for step in error.instance_path).lstrip(".")
        raise ValueError(f"{at}: {error.message}" if at else error.message) from None
    return _Compiled(validator, measure)


class _Measuring:
    """Measures a schema as if what it refers to stood in place of each reference."""

    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root
        self._known: dict[int, _Measure | None] = {}
        self._patterns = 0

    def of(self, schema: Any) -> _Measure:
        """The measure of a part; ValueError if it refers to anything but parts of the whole."""
        if not isinstance(schema, dict):
            return _Measure(1, 0)
        if id(schema) in self._known:
            # None: we are within it, so it leads back into itself; the validator checks no pair of a part
            # and a value twice.
            return self._known[id(schema)] or _Measure(1, 1)
        self._known[id(schema)] = None
        self._check(schema)
        weight, loops = _own_weight(schema), 0
        for part in self._parts(schema):
            measure = self.of(part)
            weight, loops = min(weight + measure.weight, MAX_WEIGHT + 1), loops + measure.loops
        self._known[id(schema)] = measure = _Measure(weight, min(loops, MAX_WEIGHT))
        return measure

    def _parts(self, schema: dict[str, Any]) -> Iterator[Any]:
        yield from (schema[name] for name in _ONE if name in schema)
        for name in _MANY:
            yield from schema.get(name, ())
        for name in _NAMED:
            yield from schema.get(name, {}).values()
        if "$ref" in schema:
            yield self._target(schema["$ref"])

    def _target(self, reference: str) -> Any:
        if reference != "#" and not reference.startswith("#/"):
            raise ValueError(
                f"`$ref` must refer to a part of the schema itself, as #/$defs/…; not {reference}"
            )
        found: Any = self._root
        for step in reference.split("/")[1:]:
            name = unquote(step).replace("~1", "/").replace("~0", "~")
            if isinstance(found, dict) and name in found:
                found = found[name]
            elif isinstance(found, list) and name.isdecimal() and int(name) < len(found):
                found = found[int(name)]
            else:
                raise ValueError(f"`$ref` refers to {reference}, which it does not have")
        return found

    def _check(self, schema: dict[str, Any]) -> None:
        patterns = [*filter(None, [schema.get("pattern")]), *schema.get("patternProperties", ())]
        self._patterns += len(patterns)
        if self._patterns > MAX_PATTERNS:
            raise ValueError(f"it has more than {MAX_PATTERNS} patterns")
        for pattern in patterns:
            _matcher(pattern)
        for name in _MOVING:
            if name in schema:
                raise ValueError(f"`{name}` is not taken; use `$ref`")
        if "$id" in schema and schema is not self._root:
            raise ValueError("`$id` is taken at the top only")


def _own_weight(schema: dict[str, Any]) -> int:
    weight = 1
    for name, value in schema.items():
        several = name in _NAMED or name in {"enum", "required", "dependentRequired"}
        weight += _WEIGHTS.get(name, 1) * (max(1, len(value)) if several else 1)
    return weight


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if _PLAIN.fullmatch(step) else f"[{step[:80]!r}]"


def _shortened(text: str) -> str:
    line = " ".join(text.split()).rstrip(".")
    return line if len(line) <= MAX_MESSAGE else f"{line[:MAX_MESSAGE]}…"
