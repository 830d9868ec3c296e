"""What handlers get from the server besides the database."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from persistence.quotas import Limits
from persistence.seal import Seal


class Link(Protocol):
    """Makes the address of a file's content."""

    def __call__(
        self,
        *,
        member_id: str,
        file_id: str,
        number: int,
        preview: str | None,
        inline: bool,
        expires_at: datetime,
    ) -> str: ...


class Tell(Protocol):
    """Sends a message outside the log to those in a room."""

    def __call__(self, name: str, room: str, data: bytes) -> None: ...


DEFAULT_LIMITS = Limits(room=100 * 2**30, member=50 * 2**30, largest=20 * 2**30)


@dataclass(frozen=True, slots=True)
class Tools:
    """The parts of the server that operations need."""

    public_url: str = ""
    """What links begin with: the address that people type, without a trailing slash."""
    seal: Seal | None = None
    """For webhooks' secrets, which the server must read again; None where none are made."""
    link: Link | None = None
    """None where no files are served."""
    checked: bool = False
    """Whether files are checked for malware, and held until then."""
    limits: Limits = DEFAULT_LIMITS
    """Bytes that files may take, where no quota says otherwise."""
    tell: Tell | None = None
    """None where nobody listens."""
