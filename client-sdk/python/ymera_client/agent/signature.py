"""A handler's signature as JSON Schemas, and values held to it.

The same types make the schemas that the server checks and convert what comes and goes here, so that a
handler gets exactly what it has declared and cannot send anything else.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

import msgspec

from ymera_client.agent.failures import Fatal
from ymera_client.generated import MAX_JSON_BYTES, MAX_SCHEMA_BYTES

MAX_DESCRIPTION = 500
"""Characters of a capability's description."""


class Signature:
    """What a handler takes besides its run, and what it returns.

    `input` and `output` are JSON Schemas, `description` is the docstring's first paragraph. TypeError if the
    function cannot be a handler, with what to change.
    """

    def __init__(self, handler: Callable[..., Any]) -> None:
        self._name = handler.__name__
        try:
            hints = get_type_hints(handler, include_extras=True)
        except NameError as error:
            raise TypeError(f"{self._name}: its annotations cannot be read: {error}") from error
        parameters = list(inspect.signature(handler).parameters.values())
        if not parameters or parameters[0].kind not in _BY_PLACE:
            raise TypeError(f"{self._name}: the first parameter must be the run: {self._name}(run: Run, …)")
        self._rest: Any = None
        """The type of what else may be given, where the handler takes it."""
        fields = [field for each in parameters[1:] if (field := self._field(each, hints)) is not None]
        closed = self._rest is None
        self._shape = msgspec.defstruct("Input", fields, kw_only=True, forbid_unknown_fields=closed)
        self._returns = hints.get("return", Any)
        self.input = self._input_schema()
        self.output = self._schema("its result", self._returns)
        self.description = _first_paragraph(inspect.getdoc(handler) or "")

    def arguments(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """A run's input as keyword arguments. Fatal (`invalid`) if it is not what the signature says."""
        try:
            converted = msgspec.convert(given, self._shape, str_keys=True)
            fields = self._shape.__struct_fields__
            known = {name: getattr(converted, name) for name in given if name in fields}
            rest = {
                name: msgspec.convert(value, self._rest, str_keys=True)
                for name, value in given.items()
                if name not in known
            }
            return known | rest
        except msgspec.ValidationError as error:
            raise Fatal(f"The input of {self._name} is not as declared: {error}", cause="invalid") from error

    def result(self, returned: object) -> Any:
        """What the handler has returned, as plain JSON values. Fatal if it is not what the signature says."""
        try:
            body = msgspec.json.encode(returned)
            msgspec.json.decode(body, type=self._returns)
        except (TypeError, ValueError, msgspec.MsgspecError) as error:
            raise Fatal(f"The result of {self._name} is not as declared: {error}") from error
        if len(body) > MAX_JSON_BYTES:
            raise Fatal(
                f"The result of {self._name} takes {len(body):,} bytes, more than {MAX_JSON_BYTES:,}: "
                "attach what is larger."
            )
        return msgspec.json.decode(body)

    def _field(self, parameter: inspect.Parameter, hints: Mapping[str, Any]) -> tuple[str, Any, Any] | None:
        name, kind = parameter.name, hints.get(parameter.name, Any)
        if parameter.kind is parameter.VAR_KEYWORD:
            self._rest = kind
            return None
        if parameter.kind not in {parameter.KEYWORD_ONLY, parameter.POSITIONAL_OR_KEYWORD}:
            raise TypeError(f"{self._name}: {parameter} cannot be given by name; put a * after the run")
        if parameter.default is parameter.empty:
            return name, kind, msgspec.NODEFAULT
        if isinstance(parameter.default, list | dict | set | bytearray) and parameter.default:
            # A shared value; the function itself supplies it where the input does not.
            return name, kind, msgspec.field(default_factory=lambda: parameter.default)
        return name, kind, parameter.default

    def _input_schema(self) -> dict[str, Any]:
        schema = self._schema("its parameters", self._shape, self._rest)
        return {name: value for name, value in schema.items() if name != "title"}

    def _schema(self, what: str, kind: Any, rest: Any = None) -> dict[str, Any]:
        try:
            schema = json_schema(kind, rest)
        except (TypeError, ValueError) as error:
            reason = str(error).splitlines()[-1]
            raise TypeError(f"{self._name}: {what} cannot be described as JSON: {reason}") from error
        if (size := len(msgspec.json.encode(schema))) > MAX_SCHEMA_BYTES:
            raise TypeError(
                f"{self._name}: the schema of {what} takes {size:,} bytes, more than {MAX_SCHEMA_BYTES:,}"
            )
        return schema


def json_schema(kind: Any, rest: Any = None) -> dict[str, Any]:
    """The JSON Schema of a type, and of objects' additional properties if there is a type for them.

    TypeError if JSON has no such thing.
    """
    kinds = [kind] if rest is None else [kind, rest]
    (schema, *others), parts = msgspec.json.schema_components(kinds, ref_template="#/$defs/{name}")
    place = schema.get("$ref", "")
    # The root stands at the root, unless it is part of itself.
    if place and f'"{place}"'.encode() not in msgspec.json.encode([parts, others]):
        schema = parts.pop(place.rpartition("/")[2])
    whole = dict(schema)
    if parts:
        whole["$defs"] = parts
    if others:
        whole["additionalProperties"] = others[0]
    return whole


_BY_PLACE = {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}


def _first_paragraph(text: str) -> str:
    return " ".join(text.partition("\n\n")[0].split())[:MAX_DESCRIPTION]
