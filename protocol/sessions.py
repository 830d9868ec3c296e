"""A connection: what it is told at its start, and its credentials, renewed without leaving it."""

from msgspec import Struct

from protocol.fields import Id, Secret
from protocol.members import Member
from protocol.registry import Command, Event, ephemeral, event, signal
from protocol.workspace import Workspace


class Limits(Struct, frozen=True, kw_only=True):
    """What this server takes from one connection."""

    max_message_bytes: int
    command_rate: int
    """Commands a second, for long."""
    command_burst: int
    """Commands at once, before the rate applies."""


@ephemeral("ready")
class Ready(Struct, frozen=True, kw_only=True):
    """The first message on a connection: commands may be sent now."""

    me: Member
    workspace: Workspace
    inbox: Id
    """The room of what concerns you; its id is your own."""
    session_expires_in: int | None
    """Seconds until the access token runs out; null for a program's token."""
    limits: Limits
    generation: str
    """The identity of the server's log, as in `room.join`."""


class Refreshed(Struct, frozen=True, kw_only=True):
    """Fresh credentials; `refresh_token` is null where the client keeps none (browsers)."""

    access_token: str
    expires_in: int
    """Seconds."""
    refresh_token: str | None
    me: Member


@signal("session.refresh")
class SessionRefresh(Command[Refreshed]):
    """Renew this connection's access, with one of: a refresh token, or an access token got by REST."""

    refresh_token: Secret | None = None
    access_token: Secret | None = None


@event("session.revoked")
class SessionRevoked(Event):
    """In a member's inbox: a sign-in or token of theirs ended; its connections are closed."""

    session_id: Id
