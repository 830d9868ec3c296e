"""What rules work on and with: the room's content, what is known of a command besides it, and facts."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias

from ymera_client.fold import Plain

Role: TypeAlias = Literal["reader", "member", "admin", "owner"]
Form: TypeAlias = Literal["conversation", "project"]
Data: TypeAlias = dict[str, Any]
"""A command's payload, validated: all fields with defaults are there."""
NewId: TypeAlias = Callable[[], str]
"""Gives a fresh UUID in lower case."""
Able: TypeAlias = Callable[[str], Sequence[Mapping[str, Any]]]
"""What an agent can do, by its id: the capabilities that it has declared to the server."""

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - all that is counted from it is UTC
LAST_MS = 253_402_300_799_999
"""The end of the year 9999."""


class Contents(Protocol):
    """What a room holds at the moment, whole: also the messages that its state no longer shows.

    Collections are those of open rooms, with `files` besides.
    """

    def get(self, collection: str, key: str) -> Plain | None:
        """The entity with that id, None if there is none."""

    def all(self, collection: str) -> Collection[Plain]:
        """Every entity of a collection, in any order."""


@dataclass(frozen=True, slots=True)
class Folded:
    """Contents out of a folded state; what that does not show is looked up."""

    collections: Mapping[str, Mapping[str, Plain]]
    lookup: Callable[[str, str], Plain | None] = lambda *_: None

    def get(self, collection: str, key: str) -> Plain | None:
        return self.collections.get(collection, {}).get(key) or self.lookup(collection, key)

    def all(self, collection: str) -> Collection[Plain]:
        return self.collections.get(collection, {}).values()


class About(NamedTuple):
    """What is known of a command besides its content, the same for every member, but for `newcomer`."""

    sender: str
    """The id of the member who says it."""
    role: Role
    """Theirs, after the commits up to there."""
    seq: int
    at: str
    """When its sender says that it was said; see `timestamp`."""
    room: str
    form: Form
    entity: str | None = None
    """The id that its header names; None for zeros."""
    base_version: int = 0
    """As in its header."""
    newcomer: bool = False
    """Whether who reads it has no part in what was before, and was added by the sender: then `sealed.state`
    counts."""


class Means(NamedTuple):
    """What an author's client completes a command by, besides what the room holds."""

    new_id: NewId
    able: Able = lambda _: ()


class Fact(NamedTuple):
    """What comes of a command, as an event in the log of an open room would say it."""

    type: str
    data: Plain


def timestamp(sent_ms: int) -> str:
    """The `at` of what was sent then: `2026-03-01T09:30:00.000Z`, and never past the year 9999."""
    seconds, ms = divmod(min(sent_ms, LAST_MS), 1000)
    return (EPOCH + timedelta(0, seconds, ms * 1000)).isoformat("T", "milliseconds") + "Z"


def moment_ms(at: str) -> int:
    """Milliseconds since 1970 of an `at`."""
    return (datetime.fromisoformat(at) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def later(at: str, ms: int) -> str:
    """The `at` of so many milliseconds later."""
    return timestamp(moment_ms(at) + ms)


def raised(about: About, entity: Plain) -> int:
    """The next version of an entity. That of the header's does not stay behind the server's count."""
    counted = about.base_version if entity["id"] == about.entity else 0
    return max(int(entity["version"]), counted) + 1
