"""What comes out of the reading of a file's content."""

from typing import Any

from msgspec import Struct, field

from protocol.files import ContentKind, Finding, Preview, Quality

PREVIEW_TYPE = "image/webp"
PREVIEW_SUFFIX = ".webp"
"""A preview lies in the folder of its reading under its name with this suffix."""


class Reading(Struct, kw_only=True):
    """What was read, as far as it came: the parts that could not be read are named by `error`."""

    media_type: str
    kind: ContentKind
    language: str | None = None
    """ISO 639-1."""
    pages: list[str] = field(default_factory=list)
    """Text, each of at most MAX_TEXT_PAGE characters."""
    metadata: dict[str, Any] = field(default_factory=dict)
    """JSON of at most 16 KiB."""
    quality: Quality | None = None
    findings: list[Finding] = field(default_factory=list)
    previews: list[Preview] = field(default_factory=list)
    fingerprint: int | None = None
    """SimHash of the text, 64 bits with a sign."""
    look: int | None = None
    """Difference hash of the picture, 64 bits with a sign."""
    error: str = ""
    """What could not be read, and why; empty if all was."""


class Unreadable(Exception):  # noqa: N818 -- what it is about is the file
    """A file is broken or beyond a limit; the message says which, as a sentence."""
