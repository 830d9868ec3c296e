"""What was found in a file, within the bounds of what its author tells everybody."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ymera_client.sealed.rules.shapes import MAX_SAID, MAX_SAID_PAGES

MAX_PAGE = 20_000
"""Characters of a page; longer ones are divided."""
MAX_READ = 2_000_000
"""Characters that are looked at, and whose words are counted."""
MAX_ERROR = 200

_UNSAYABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Extraction:
    """What a file is, and what it says."""

    media_type: str
    texts: tuple[str, ...] = ()
    """By pages, sheets or slides, from the first one on; at most MAX_SAID characters in all."""
    pages: int = 0
    """How many there are in all, as far as the file was read."""
    words: int = 0
    whole: bool = True
    """Whether `texts` is all that the file says."""
    error: str = ""
    """Why it could not be read."""


class Unreadable(Exception):  # noqa: N818 - what it is about is the file
    """A file is broken or beyond a bound; the message says which, as a sentence."""


def found(media_type: str, pages: Iterable[str], *, whole: bool = True, error: str = "") -> Extraction:
    """What is made of a file that says this, of which no more is taken than can be told.

    What the pages raise ends them: what came before it counts, and Unreadable says why that is not all.
    """
    texts: list[str] = []
    count = words = read = 0
    left = MAX_SAID
    try:
        for page in pages:
            for text in _divided(page[: MAX_READ - read]):
                count += 1
                words += sum(1 for _ in _WORD.finditer(text))
                if left > 0 and len(texts) < MAX_SAID_PAGES:
                    texts.append(text[:left])
                whole = whole and len(text) <= left and len(texts) == count
                left -= min(left, len(text))
            read += len(page)
            if read >= MAX_READ:
                whole = whole and read == MAX_READ
                break
    except Unreadable as problem:
        whole, error = False, str(problem)
    if not any(text.strip() for text in texts):
        texts, count = [], 0
    return Extraction(media_type, tuple(texts), count, words, whole, error[:MAX_ERROR])


def _divided(page: str) -> Iterable[str]:
    """A page in parts that are not too long, without characters that only machines write."""
    said = _UNSAYABLE.sub(" ", page.replace("\r\n", "\n").replace("\r", "\n"))
    for start in range(0, max(1, len(said)), MAX_PAGE):
        yield said[start : start + MAX_PAGE]
