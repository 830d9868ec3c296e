"""The connection's own credentials, renewed without leaving it."""

from typing import Annotated

from msgspec import Meta, Struct

from protocol.fields import Id
from protocol.members import Member
from protocol.registry import Command, Event, event, signal

Secret = Annotated[str, Meta(min_length=1, max_length=4_096)]


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
