"""How a client stands with its server, for showing to people and for programs that care."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Phase(StrEnum):
    """What the client is doing about its connection."""

    CONNECTING = "connecting"
    """The first attempt is under way."""
    CATCHING_UP = "catching_up"
    """Connected; rooms are being brought up to date, or commands from before are being sent."""
    LIVE = "live"
    OFFLINE = "offline"
    """No connection; the client tries again by itself, and commands are queued."""
    SIGNED_OUT = "signed_out"
    """The server refuses the credentials. This client has come to its end."""
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Status:
    """A phase, since when (in UTC), and how many commands are not settled yet."""

    phase: Phase
    queued: int
    since: datetime
