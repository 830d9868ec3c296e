"""Text: how it is decoded, divided into pages, fingerprinted, and of which language it is."""

import codecs
import re
from hashlib import blake2b
from pathlib import Path

import kreuzberg
from charset_normalizer import from_bytes

from protocol.files import MAX_TEXT_PAGE
from server.analysis.languages import LANGUAGES
from server.analysis.reading import Reading

MAX_CHARACTERS = 4_000_000
"""Of text that is kept of one file."""
MAX_PAGES = 5_000
MAX_BYTES = 4 * MAX_CHARACTERS
"""Of a file of text that are looked at."""
MAX_WORDS = 100_000
"""Words that make a fingerprint."""
SHINGLE = 3
"""Words that are taken together, so that their order counts too."""
MIN_WORDS = 8
"""Fewer make no fingerprint: too many texts are like them."""
MIN_LETTERS = 40
"""Fewer do not tell a language."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = re.compile(rb"[\x00-\x06\x0e-\x1a\x1c-\x1f]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_WORD = re.compile("[\u3040-\u30ff\u3400-\u9fff]|[^\\W\u3040-\u30ff\u3400-\u9fff]+")
"""Chinese and Japanese have no spaces: there each character is one."""
_DETECTION = kreuzberg.ExtractionConfig(
    use_cache=False,
    enable_quality_processing=False,
    language_detection=kreuzberg.LanguageDetectionConfig(enabled=True, min_confidence=0.2),
)


def read(path: Path, reading: Reading) -> None:
    """Read a file of text, as one page, and say in which encoding it is."""
    with path.open("rb") as file:
        content = file.read(MAX_BYTES)
        whole = not file.read(1)
    encoding = encoding_of(content)
    if encoding is None:
        reading.error = "It begins as text, but what follows is none."
        return
    said = content.decode(encoding, "replace").replace("\r\n", "\n").replace("\r", "\n")
    reading.pages = [said]
    reading.metadata |= {
        "encoding": encoding.removesuffix("-sig"),
        "lines": said.count("\n") + (not said.endswith("\n")),
    }
    if not whole:
        reading.metadata["truncated"] = True


def decode_head(head: bytes) -> str | None:
    """The beginning of a file as text, or None if it is none."""
    encoding = encoding_of(head)
    return None if encoding is None else head.decode(encoding, "replace")


def encoding_of(content: bytes) -> str | None:
    """In which encoding a text is, whose last character may be cut off; None if it is no text."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding
    if _CONTROLS.search(content):
        return None
    try:
        codecs.getincrementaldecoder("utf-8")().decode(content)
    except UnicodeDecodeError:
        best = from_bytes(content[:32_768]).best()
        return None if best is None else best.encoding
    return "utf-8"


def storable(said: str) -> str:
    """Without what PostgreSQL and UTF-8 cannot hold."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", said)


def divide(pages: list[str]) -> tuple[list[str], bool]:
    """Pages of at most MAX_TEXT_PAGE characters, divided between lines where that is possible.

    At most MAX_PAGES with MAX_CHARACTERS of all; whether that was enough is the second result.
    """
    divided: list[str] = []
    left = MAX_CHARACTERS
    for page in pages:
        start, end = 0, -1
        while end < len(page):
            if left <= 0 or len(divided) >= MAX_PAGES:
                return divided, False
            end = min(start + min(MAX_TEXT_PAGE, left), len(page))
            if end < len(page):
                end = page.rfind("\n", start + MAX_TEXT_PAGE // 2, end) + 1 or end
            divided.append(page[start:end])
            left -= end - start
            start = end
    return divided, True


def language(pages: list[str]) -> str | None:
    """The language of a text, as ISO 639-1, if there is enough of it to tell."""
    sample = "\n".join(pages)[:MAX_TEXT_PAGE]
    if sum(map(str.isalpha, sample)) < MIN_LETTERS:
        return None
    found = kreuzberg.extract_bytes_sync(sample.encode(), "text/plain", _DETECTION).detected_languages
    return LANGUAGES.get(found[0]) if found else None


def fingerprint(pages: list[str]) -> int | None:
    """SimHash of a text: the fewer of its 64 bits differ, the more alike two texts are (Charikar 2002).

    Each bit is what most groups of SHINGLE words have there.
    """
    words = _WORD.findall("\n".join(pages).lower()[: 16 * MAX_WORDS])[:MAX_WORDS]
    if len(words) < MIN_WORDS:
        return None
    groups = len(words) - SHINGLE + 1
    # The number of ones at each of the 64 places, kept upright: plane n holds their nth binary digits.
    planes: list[int] = [0] * groups.bit_length()
    for first in range(groups):
        group = " ".join(words[first : first + SHINGLE]).encode("utf-8", "replace")
        carry = int.from_bytes(blake2b(group, digest_size=8).digest())
        for n, plane in enumerate(planes):
            planes[n], carry = plane ^ carry, plane & carry
            if not carry:
                break
    ones = [sum((plane >> bit & 1) << n for n, plane in enumerate(planes)) for bit in range(64)]
    bits = sum(1 << bit for bit, count in enumerate(ones) if 2 * count > groups)
    return int.from_bytes(bits.to_bytes(8), signed=True)
