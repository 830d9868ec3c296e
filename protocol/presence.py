"""Presence and typing: who is in a room right now. Never logged, gone by itself."""

from enum import StrEnum

from msgspec import Struct

from protocol.fields import Id, Seq
from protocol.registry import Command, ephemeral, signal


class PresenceStatus(StrEnum):
    """How reachable a member is."""

    ONLINE = "online"
    AWAY = "away"
    BUSY = "busy"


@ephemeral("presence")
class Presence(Struct, frozen=True, kw_only=True):
    """Who came into view in a room, or changed, and who left. After a join: everyone there.

    Of a crowd, 500 are shown.
    """

    room: Id
    joined: dict[str, PresenceStatus]
    """By member id; a member with several connections shows its most reachable one."""
    left: list[Id]


@ephemeral("typing")
class Typing(Struct, frozen=True, kw_only=True):
    """A member is typing, or stopped. A client forgets it after six seconds."""

    room: Id
    member_id: Id
    thread_id: Id | None
    typing: bool


@ephemeral("heads")
class Heads(Struct, frozen=True, kw_only=True):
    """Every 15 s, the head of each room this connection is in: shows a lost tail."""

    heads: dict[str, Seq]


@ephemeral("lagging")
class Lagging(Struct, frozen=True, kw_only=True):
    """You read too slowly and events were dropped. Pull each room's range up to its head."""

    heads: dict[str, Seq]


@ephemeral("closing")
class Closing(Struct, frozen=True, kw_only=True):
    """The server is about to close this connection."""

    reason: str
    """`draining`, `token_expired`, `revoked`, `role_changed`, `too_slow`, `behind`."""
    reconnect: bool
    """Whether a client should come back by itself."""


@signal("presence.set")
class PresenceSet(Command[None]):
    """How you are shown on this connection, in all its rooms."""

    status: PresenceStatus


@signal("presence.list")
class PresenceList(Command[Presence]):
    """Who is in a room now."""

    room: Id


@signal("typing.set")
class TypingSet(Command[None]):
    """Show or stop showing that you type. Repeat it every three seconds while it lasts."""

    room: Id
    thread_id: Id | None = None
    typing: bool = True
