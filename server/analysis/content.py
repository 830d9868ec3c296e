"""What the parts of the analysis know of the file that they look at."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from protocol.files import ContentKind


@dataclass(slots=True)
class Content:
    """A file on disk that has been read: what it is, and what it says.

    `pages` are its text by pages, sheets or slides, a single one where it has none. `metadata` is JSON.
    """

    path: Path
    name: str
    """As somebody called it: a hint, never to be relied on."""
    media_type: str
    kind: ContentKind
    pages: list[str] = field(default_factory=list)
    language: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
