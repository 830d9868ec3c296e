"""The reading of one file, whatever it is."""

import codecs
import re

from ymera_client.extraction import kinds, markup, office
from ymera_client.extraction.extraction import MAX_READ, Extraction, Unreadable, found
from ymera_client.extraction.pdf import extract_pdf

MAX_FILE = 32 * 1024 * 1024
"""Bytes of a file that is read; of a text the beginning is read however large it is."""
MAX_TEXT = 1024 * 1024
"""Bytes of a text that are read."""
HEAD = 64 * 1024
"""Bytes by which it is told what a file is."""
WHOLE = {kinds.PDF, kinds.ZIP}
"""What can only be read as a whole."""

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def wanted(head: bytes, size: int) -> int:
    """How many bytes of a file of that size, which begins like this, are to be read."""
    return size if kinds.binary(head) in WHOLE and size <= MAX_FILE else min(size, MAX_TEXT)


def extract(content: bytes, name: str, size: int) -> Extraction:
    """What a file of `size` bytes is and says, of which `content` has as many as are `wanted`.

    Never raises for what is in a file.
    """
    head = content[:HEAD]
    media_type = kinds.binary(head)
    if media_type is None:
        return _text(content[:MAX_TEXT], name, whole=size <= MAX_TEXT)
    if media_type not in WHOLE:
        return Extraction(media_type)
    if len(content) < size:
        return Extraction(media_type, error=f"It has more than {MAX_FILE} bytes.", whole=False)
    if media_type == kinds.PDF:
        return extract_pdf(content)
    try:
        package = office.Package(content)
        media_type = package.media_type()
    except Unreadable as problem:
        # A broken archive is still an archive.
        return Extraction(media_type, error=str(problem), whole=False)
    return found(media_type, office.pages(package, media_type))


def _text(content: bytes, name: str, *, whole: bool) -> Extraction:
    said = _decoded(content)
    if said is None:
        return Extraction(kinds.OCTETS)
    media_type = kinds.textual(said, name)
    if media_type == kinds.HTML:
        said = markup.words_of(said)
    return found(media_type, [said[:MAX_READ]], whole=whole)


def _decoded(content: bytes) -> str | None:
    """A text, whose last character may be cut off; None if it is none."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            decoder = codecs.getincrementaldecoder(encoding)("replace")
            return decoder.decode(content[len(mark) :])
    if _CONTROLS.search(content):
        return None
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(content)
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
