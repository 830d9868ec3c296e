"""The Socket.IO surface as an AsyncAPI 3.0 document, made from the registry.

A channel is a Socket.IO event name. The document speaks for the server: it receives commands, each of which
it answers with an ack, and sends the events of rooms' logs and the messages outside them.
"""

from typing import Any

import msgspec

from protocol.errors import RETRYABLE, ErrorBody, ErrorCode
from protocol.registry import COMMANDS, EPHEMERA, EVENTS, CommandSpec, EventSpec
from protocol.rooms import LoggedEvent

_REFERENCE = "#/components/schemas/{name}"
_DESCRIPTION = """\
Any Socket.IO v5 client can speak this: connect to `/socket.io/` with `auth: {token, protocol: 1}`, where the
token is an access token or a program's token. A refused connection gets a connect_error whose `data` is an
error body. A command is `emit(name, payload, ack)`; its ack is `{ok: true, result}` or `{ok: false, error}`.
What happens in joined rooms arrives as `event`, or as `events` with a list of the same.
"""


def document(server_version: str) -> dict[str, Any]:
    """Return the document as plain JSON values."""
    types = _types()
    schemas, components = msgspec.json.schema_components(types, ref_template=_REFERENCE)
    by_type = {repr(kind): schema for kind, schema in zip(types, schemas, strict=True)}
    channels = {
        **{name: _command_channel(spec, by_type) for name, spec in COMMANDS.items()},
        "event": _events_channel(by_type),
        "events": _batch_channel(),
        **{name: _ephemeral_channel(name, by_type) for name in EPHEMERA},
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "YMERA",
            "version": server_version,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": _operations(),
        "components": {"schemas": {**components, "Failure": _failure()}},
        "x-retryable-errors": [code for code in ErrorCode if code in RETRYABLE],
    }


def _types() -> list[Any]:
    used = [
        ErrorBody,
        LoggedEvent,
        *(spec.type for spec in COMMANDS.values()),
        *(spec.reply for spec in COMMANDS.values()),
        *(spec.type for spec in EVENTS.values()),
        *EPHEMERA.values(),
    ]
    return list({repr(each): each for each in used}.values())


def _command_channel(spec: CommandSpec, schemas: dict[str, Any]) -> dict[str, Any]:
    summary = _summary(spec.type)
    success = {
        "type": "object",
        "required": ["ok", "result"],
        "properties": {"ok": {"const": True}, "result": schemas[repr(spec.reply)]},
    }
    return {
        "address": spec.name,
        "messages": {
            "request": {"name": spec.name, "summary": summary, "payload": schemas[repr(spec.type)]},
            "ack": {"name": f"{spec.name} ack", "payload": {"oneOf": [success, _reference("Failure")]}},
        },
    }


def _failure() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "The ack of a command that changed nothing.",
        "required": ["ok", "error"],
        "properties": {"ok": {"const": False}, "error": _reference("ErrorBody")},
    }


def _events_channel(schemas: dict[str, Any]) -> dict[str, Any]:
    return {
        "address": "event",
        "description": "One event of a joined room's log. Types that a client does not know may come.",
        "messages": {name: _event_message(spec, schemas) for name, spec in EVENTS.items()},
    }


def _event_message(spec: EventSpec, schemas: dict[str, Any]) -> dict[str, Any]:
    narrowed = {"properties": {"type": {"const": spec.name}, "data": schemas[repr(spec.type)]}}
    return {
        "name": spec.name,
        "summary": _summary(spec.type),
        "payload": {"allOf": [_reference("LoggedEvent"), narrowed]},
        "x-folds": [
            {"step": fold.step, "collection": fold.collection, "field": fold.field} for fold in spec.folds
        ],
    }


def _batch_channel() -> dict[str, Any]:
    return {
        "address": "events",
        "description": "Several events of joined rooms, in order.",
        "messages": {
            "events": {"name": "events", "payload": {"type": "array", "items": _reference("LoggedEvent")}}
        },
    }


def _ephemeral_channel(name: str, schemas: dict[str, Any]) -> dict[str, Any]:
    kind = EPHEMERA[name]
    message = {"name": name, "summary": _summary(kind), "payload": schemas[repr(kind)]}
    return {"address": name, "messages": {"message": message}}


def _operations() -> dict[str, Any]:
    operations: dict[str, Any] = {}
    for name, spec in COMMANDS.items():
        operations[name] = {
            "action": "receive",
            "summary": _summary(spec.type),
            "channel": {"$ref": f"#/channels/{name}"},
            "messages": [{"$ref": f"#/channels/{name}/messages/request"}],
            "reply": {
                "channel": {"$ref": f"#/channels/{name}"},
                "messages": [{"$ref": f"#/channels/{name}/messages/ack"}],
            },
            "x-writes": spec.writes,
            "x-scope": spec.scope,
        }
    for name in ("event", "events", *EPHEMERA):
        operations[name] = {"action": "send", "channel": {"$ref": f"#/channels/{name}"}}
    return operations


def _reference(name: str) -> dict[str, str]:
    return {"$ref": _REFERENCE.format(name=name)}


def _summary(kind: type[Any]) -> str:
    return (kind.__doc__ or "").strip().partition("\n\n")[0]
