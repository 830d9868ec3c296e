"""Bytes and structs: decoding what clients send, with the path of what is wrong; encoding answers."""

import re
from typing import Any, TypeVar

import msgspec

from protocol.errors import ApiError, ErrorBody, ErrorCode, invalid
from protocol.registry import COMMANDS, Command, CommandSpec

S = TypeVar("S")

_AT = re.compile(r" - at `(?:key in )?\$\.?(?P<path>.*)`$")
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


def builtins(value: Any) -> Any:
    """A struct as plain JSON values: dicts, lists, strings, numbers."""
    return msgspec.to_builtins(value)


def decode_json(body: bytes, shape: type[S]) -> S:
    """JSON bytes as `shape`; ApiError `invalid` names the field."""
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        raise _named(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise invalid(f"The body is not JSON: {error}", "") from None


def convert(value: Any, shape: type[S]) -> S:
    """Plain JSON values as `shape`; ApiError `invalid` names the field."""
    try:
        return msgspec.convert(value, type=shape)
    except msgspec.ValidationError as error:
        raise _named(error) from None


def command_spec(name: str) -> CommandSpec:
    """The registered command of that wire name; ApiError `unknown_command`."""
    if (spec := COMMANDS.get(name)) is None:
        raise ApiError(
            ErrorCode.UNKNOWN_COMMAND,
            f"There is no command {name[:80]!r}; GET /api/asyncapi.json lists them.",
        )
    return spec


def decode_command(spec: CommandSpec, payload: Any) -> Command[Any]:
    """A command from an emitted payload; nothing at all counts as `{}`."""
    if payload is not None and not isinstance(payload, dict):
        raise invalid("A command's payload is one JSON object.", "")
    return convert(payload or {}, spec.type)


def _named(error: msgspec.ValidationError) -> ApiError:
    text = str(error)
    at = _AT.search(text)
    reason = _AT.sub("", text)
    path = at["path"] if at else ""
    if unknown := re.search(r"unknown field `(?P<name>.*)`", reason):
        path = f"{path}.{unknown['name']}" if path else unknown["name"]
    elif missing := re.search(r"missing required field `(?P<name>.*)`", reason):
        path = f"{path}.{missing['name']}" if path else missing["name"]
    return invalid(f"{path or 'The payload'}: {reason}.", path)
