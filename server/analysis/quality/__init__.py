"""The quality of a file, 0 to 100, with what it is made of: each kind is judged by what makes it of use.

A judgement is the same whenever it is made: it depends on nothing but the file, works on a bounded part of
it, and never fails for what is in it. What cannot be told is left out, and the rest counts for more.
"""

from protocol.files import ContentKind, Quality
from server.analysis.content import Content
from server.analysis.quality.code import judge_code
from server.analysis.quality.documents import judge_document
from server.analysis.quality.images import judge_image
from server.analysis.quality.marks import Mark, combine
from server.analysis.quality.notation import PARSERS, judge_notation
from server.analysis.quality.tables import judge_table
from server.analysis.quality.text import judge_text

UNJUDGED = frozenset({"application/x-subrip", "text/calendar", "text/vcard", "text/vtt"})
"""Text that programs write for programs."""


def assess(content: Content) -> Quality | None:
    """Say how good a file is of its kind; None if its kind is not judged, or nothing can be told of it.

    Never raises for what is in a file, but MemoryError.
    """
    return combine(_marks(content))


def _marks(content: Content) -> list[Mark]:
    match content.kind:
        case ContentKind.IMAGE:
            return judge_image(content.path)
        case ContentKind.TABLE:
            return judge_table(content)
        case ContentKind.CODE:
            return judge_code(content)
        case ContentKind.DOCUMENT:
            return judge_document(content)
        case ContentKind.TEXT:
            return _textual(content)
    return []


def _textual(content: Content) -> list[Mark]:
    if content.media_type == "text/html":
        return judge_document(content)
    # A text is one page, of which long ones were divided without anything lost.
    text = "".join(content.pages)
    if content.media_type in PARSERS:
        return judge_notation(text, content.media_type, whole=not content.metadata.get("truncated"))
    return [] if content.media_type in UNJUDGED else judge_text(text, content.language)
