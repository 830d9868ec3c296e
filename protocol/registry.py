"""What a message is, and the list of all of them.

A command names the reply it gets; an event says how it folds into a room's state. The state
of a room is `{collection: {id: entity}}`; a fold is a list of three primitive steps, so SDKs in
any language run the same generated table and no event needs code of its own there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar, dataclass_transform, get_args

import msgspec
from msgspec import Struct

from protocol.fields import Id

R = TypeVar("R")


class Scope(StrEnum):
    """What a program's token may be limited to; each scope includes the ones before it."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


# Without these decorators type checkers take a subclass of a frozen, keyword-only struct for neither.
@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Command(Struct, Generic[R], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request. Sent again with the same `command_id`, it changes nothing and is answered alike."""

    command_id: Id | None = None


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Entity(Struct, frozen=True, kw_only=True):
    """A thing with an id. Unknown fields are ignored by readers, so shapes can grow."""

    id: Id


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Event(Struct, frozen=True, kw_only=True):
    """A fact that stands in a room's log."""


class Step(StrEnum):
    """What an event can do to one collection."""

    PUT = "put"
    """Insert or replace the entity that the field holds, under its `id`."""
    PATCH = "patch"
    """Merge the object that the field holds into the entity with its `id`, if that is there."""
    DROP = "drop"
    """Remove the entity whose id the field holds."""


@dataclass(frozen=True, slots=True)
class Fold:
    """One step of an event's fold; a null field makes it a no-op."""

    step: Step
    collection: str
    field: str


def put(collection: str, field: str) -> Fold:
    """Fold by inserting or replacing the entity in `field`."""
    return Fold(Step.PUT, collection, field)


def patch(collection: str, field: str) -> Fold:
    """Fold by merging the object in `field` into the entity with its id."""
    return Fold(Step.PATCH, collection, field)


def drop(collection: str, field: str) -> Fold:
    """Fold by removing the entity whose id is in `field`."""
    return Fold(Step.DROP, collection, field)


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """A registered command.

    `writes` ones run in a transaction that claims their `command_id`; `signal` ones concern only
    their connection and never reach the database. The reply of a `secret` one is not kept, so
    sending it again is refused instead of answered. An `idempotent` one claims nothing: sent again it
    is authorised and answered anew, since its reply is of the moment.
    """

    name: str
    type: type[Command[Any]]
    reply: Any
    writes: bool
    scope: Scope
    signal: bool = False
    secret: bool = False
    idempotent: bool = False

    @property
    def claims(self) -> bool:
        """Whether it is carried out once for each `command_id`, however often it is sent."""
        return self.writes and not self.idempotent


@dataclass(frozen=True, slots=True)
class EventSpec:
    """A registered event. `evicts` names the field with the member or members shut out of the room by it."""

    name: str
    type: type[Event]
    folds: tuple[Fold, ...]
    evicts: str | None


@dataclass(frozen=True, slots=True)
class Collection:
    """A part of a room's state. Where `window` is set, only the newest by (`order`, `id`) stay."""

    name: str
    entity: type[Entity]
    window: int | None
    order: str | None


COMMANDS: dict[str, CommandSpec] = {}
EVENTS: dict[str, EventSpec] = {}
COLLECTIONS: dict[str, Collection] = {}


class Ephemeral(Struct, frozen=True, kw_only=True):
    """A message outside the log, for those who are in a room right now."""

    room: Id


EPHEMERA: dict[str, type[Struct]] = {}
"""Server messages outside the log: presence, typing, heartbeats. By Socket.IO event name."""

_C = TypeVar("_C", bound=type[Command[Any]])
_E = TypeVar("_E", bound=type[Event])
_N = TypeVar("_N", bound=type[Entity])
_S = TypeVar("_S", bound=type[Struct])


def _once(table: dict[str, Any], name: str, entry: Any) -> None:
    if name in table:
        raise TypeError(f"{name} is declared twice")
    table[name] = entry


def reply_type(command: type[Command[Any]]) -> Any:
    """The `R` of `class X(Command[R])`."""
    for base in command.__orig_bases__:  # type: ignore[attr-defined]
        if args := get_args(base):
            return args[0]
    raise TypeError(f"{command.__name__} names no reply")


def command(
    name: str, *, scope: Scope = Scope.WRITE, secret: bool = False, idempotent: bool = False
) -> Callable[[_C], _C]:
    """Declare a command that changes something."""

    def register(cls: _C) -> _C:
        spec = CommandSpec(
            name, cls, reply_type(cls), writes=True, scope=scope, secret=secret, idempotent=idempotent
        )
        _once(COMMANDS, name, spec)
        return cls

    return register


def query(name: str, *, scope: Scope = Scope.READ) -> Callable[[_C], _C]:
    """Declare a command that only reads."""

    def register(cls: _C) -> _C:
        _once(COMMANDS, name, CommandSpec(name, cls, reply_type(cls), writes=False, scope=scope))
        return cls

    return register


def signal(name: str) -> Callable[[_C], _C]:
    """Declare a command that concerns only the connection it comes from."""

    def register(cls: _C) -> _C:
        spec = CommandSpec(name, cls, reply_type(cls), writes=False, scope=Scope.READ, signal=True)
        _once(COMMANDS, name, spec)
        return cls

    return register


def event(name: str, *folds: Fold, evicts: str | None = None) -> Callable[[_E], _E]:
    """Declare an event and how it folds into the state of its room."""

    def register(cls: _E) -> _E:
        fields = set(cls.__struct_fields__)
        for used in [*(fold.field for fold in folds), *([evicts] if evicts else [])]:
            if used not in fields:
                raise TypeError(f"{name} has no field {used}")
        _once(EVENTS, name, EventSpec(name, cls, folds, evicts))
        return cls

    return register


def collection(name: str, *, window: int | None = None, order: str | None = None) -> Callable[[_N], _N]:
    """Declare that rooms keep entities of this type, under this name."""

    def register(cls: _N) -> _N:
        _once(COLLECTIONS, name, Collection(name, cls, window, order))
        return cls

    return register


def ephemeral(name: str) -> Callable[[_S], _S]:
    """Declare a server message that is never logged and may be dropped."""

    def register(cls: _S) -> _S:
        _once(EPHEMERA, name, cls)
        return cls

    return register


def event_name(event_type: type[Event]) -> str:
    """The wire name of an event's class."""
    return _event_names()[event_type]


def ephemeral_name(ephemeral_type: type[Ephemeral]) -> str:
    """The wire name of the class of a message outside the log."""
    return next(name for name, known in EPHEMERA.items() if known is ephemeral_type)


def _event_names() -> dict[type[Event], str]:
    if len(_NAMES) != len(EVENTS):
        _NAMES.update({spec.type: name for name, spec in EVENTS.items()})
    return _NAMES


_NAMES: dict[type[Event], str] = {}
