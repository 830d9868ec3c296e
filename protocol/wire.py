"""Bytes and structs: decoding what clients send, with the path of what is wrong; encoding answers."""

import base64
import difflib
import re
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from protocol.errors import ApiError, ErrorBody, ErrorCode, invalid
from protocol.registry import COMMANDS, Command, CommandSpec
from protocol.wording import expects, field_type, structs_at

S = TypeVar("S")

_AT = re.compile(r" - at `(?:key` in `)?\$\.?(?P<path>.*)`\Z", re.DOTALL)
_FIELD = re.compile(r"Object (?P<fault>contains unknown|missing required) field `(?P<name>.*)`\Z", re.DOTALL)
_SHOWN = 80
"""Characters of what a client sent that an error repeats."""
_encoder = msgspec.json.Encoder()

encode = _encoder.encode
"""A struct, or plain JSON values, as compact JSON bytes."""


class Success(msgspec.Struct, frozen=True, kw_only=True):
    """The ack of a command that was carried out, durably."""

    ok: bool = True
    result: Any


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """The ack of a command that changed nothing."""

    ok: bool = False
    error: ErrorBody


def to_base64(data: bytes) -> str:
    """Bytes as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64(text: str) -> bytes:
    """The bytes of a field that was checked to be base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def builtins(value: Any) -> Any:
    """A struct as plain JSON values: dicts, lists, strings, numbers."""
    return msgspec.to_builtins(value)


def decode_json(body: bytes, shape: type[S]) -> S:
    """JSON bytes as `shape`; ApiError `invalid` names the field."""
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        raise _named(error, shape) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise invalid(f"The body is not JSON: {error}", "") from None
    except RecursionError:
        raise invalid("The body is nested too deeply.", "") from None


def convert(value: Any, shape: type[S]) -> S:
    """Plain JSON values as `shape`; ApiError `invalid` names the field."""
    try:
        return msgspec.convert(value, type=shape)
    except msgspec.ValidationError as error:
        raise _named(error, shape) from None
    except UnicodeEncodeError:
        # The name of a field that is unknown is encoded to be shown.
        raise invalid(
            "A field's name or a text has half of a surrogate pair in it, which is no text.", ""
        ) from None


def command_spec(name: str) -> CommandSpec:
    """The registered command of that wire name; ApiError `unknown_command`."""
    if (spec := COMMANDS.get(name)) is None:
        raise ApiError(
            ErrorCode.UNKNOWN_COMMAND,
            f"There is no command {name[:_SHOWN]!r}; GET /api/asyncapi.json lists them.",
        )
    return spec


def decode_command(spec: CommandSpec, payload: Any) -> Command[Any]:
    """A command from an emitted payload; nothing at all counts as `{}`."""
    if payload is not None and not isinstance(payload, dict):
        raise invalid("A command's payload is one JSON object.", "")
    return convert(payload or {}, spec.type)


def _named(error: msgspec.ValidationError, shape: Any) -> ApiError:
    """Msgspec's complaint in words that say where, and what to send instead."""
    text = str(error)
    at = _AT.search(text)
    path = at["path"] if at else ""
    if field := _FIELD.match(_AT.sub("", text)):
        holders = structs_at(shape, path)
        name = "".join(letter if letter.isprintable() else "?" for letter in field["name"][:_SHOWN])
        path = f"{path}.{name}".lstrip(".")
        if field["fault"] == "contains unknown":
            return invalid(f"{path}: there is no such field{_suggestion(name, holders)}.", path)
        return invalid(f"{path}: is missing; it must be {expects(field_type(shape, path))}.", path)
    return invalid(f"{path or 'The request'}: must be {expects(field_type(shape, path))}.", path)


def _suggestion(name: str, holders: Sequence[type[msgspec.Struct]]) -> str:
    known = sorted(field.name for holder in holders for field in msgspec.structs.fields(holder))
    near = difflib.get_close_matches(name, known, n=1)
    return f"; {near[0]} may be meant" if near else f"; there are {', '.join(known)}"
