"""Files of sealed rooms found by their names and by what they say.

What a file says is its author's word: it is looked through, and shown as text, and nothing else.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from ymera_client.errors import Invalid
from ymera_client.fold import Plain

FOUND, END = "\x02", "\x03"
"""What stands around what was found."""
BEFORE = 60
"""Characters that are shown before it."""
SHOWN = 240
"""Characters that are shown in all."""
MAX_WORDS = 20

_SPACE = re.compile("[\x00-\x20\x7f-\xa0]+")


class Hit(NamedTuple):
    """The page of a file in which most was found, from 1, and what stands there."""

    file: Plain
    page: int
    snippet: str


def find(files: Iterable[Plain], query: str) -> list[Hit]:
    """Files that have all these words in their name and one of their pages, the newest first.

    Those in the trash are left out. Invalid if there is no word.
    """
    words = [re.compile(re.escape(word), re.IGNORECASE) for word in query.split()[:MAX_WORDS]]
    if not words:
        raise Invalid("query: say at least one word to look for.", data={"path": "query"})
    hits = [hit for file in files if file["purge_at"] is None and (hit := _hit(file, words)) is not None]
    return sorted(hits, key=lambda hit: (str(hit.file["updated_at"]), str(hit.file["id"])), reverse=True)


def said(version: Plain) -> list[str]:
    """What a version says, by pages; nothing if nobody has told."""
    reading = version["reading"]
    return [] if reading is None else list(reading["texts"])


def _hit(file: Plain, words: list[re.Pattern[str]]) -> Hit | None:
    elsewhere = [word for word in words if word.search(file["name"]) is None]
    best: tuple[int, Hit] | None = None
    for page, text in enumerate(said(file["versions"][-1]), 1):
        if all(word.search(text) for word in elsewhere):
            count = sum(1 for word in words if word.search(text))
            if count > (0 if best is None else best[0]):
                best = count, Hit(file, page, _snippet(text, words))
    if best is not None:
        return best[1]
    return None if elsewhere else Hit(file, 1, _snippet(file["name"], words))


def _snippet(text: str, words: list[re.Pattern[str]]) -> str:
    """The place where the first of the words stands, in one line, with what was found set off."""
    first = min(found.start() for word in words if (found := word.search(text)) is not None)
    start = max(0, first - BEFORE)
    shown = _SPACE.sub(" ", text[start : start + SHOWN]).strip()
    marked = re.sub("|".join(word.pattern for word in words), _marked, shown, flags=re.IGNORECASE)
    return f"{'…' if start else ''}{marked}{'…' if start + SHOWN < len(text) else ''}"


def _marked(found: re.Match[str]) -> str:
    return f"{FOUND}{found[0]}{END}"
