"""Documents: whether programs can read their text, their links lead somewhere, and they say what they are."""

import re
from dataclasses import replace
from typing import Any

from server.analysis.content import Content
from server.analysis.quality.hypertext import read_hypertext
from server.analysis.quality.marks import Mark, ramp
from server.analysis.quality.packages import read_package
from server.analysis.quality.pdf import read_pdf
from server.analysis.quality.skeleton import Skeleton, quoted
from server.analysis.quality.source import decoded
from server.analysis.quality.text import judge_language

MIN_LETTERS = 20
"""On a page that has text."""
WORDS_PER_HEADING = 500
"""A longer document is expected to have headings or an outline, about one for so many words."""
MAX_HYPERTEXT = 4 * 1024 * 1024
"""Bytes that are read of a web page."""

_GENERATED = re.compile(
    r"(microsoft (word|powerpoint)|untitled|unnamed|unbenannt|document|dokument|presentation|slide)"
    r"[\s\d.]*(- .*)?",
    re.IGNORECASE,
)


def judge_document(content: Content) -> list[Mark]:
    """The marks of a document: PDF, word processor, presentation, book, web page or e-mail."""
    try:
        skeleton = _skeleton(content)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 -- readers raise whatever a broken file makes them
        broken = Mark("links", 0, 0.2, f"Its parts cannot be read: {error}.")
        return [_text_layer(content), broken, _metadata(content, None), *_language(content)]
    marks = [_text_layer(content), *_language(content)]
    if content.media_type == "message/rfc822":
        return [*marks, _message(content.metadata)]
    marks.append(_metadata(content, skeleton))
    if skeleton is not None:
        marks += _links(skeleton) + _headings(content, skeleton)
    return marks


def _skeleton(content: Content) -> Skeleton | None:
    """None where no format is known that could tell."""
    if content.media_type == "application/pdf":
        return read_pdf(content.path)
    if content.media_type == "text/html":
        with content.path.open("rb") as file:
            return read_hypertext(decoded(file.read(MAX_HYPERTEXT)))
    if content.media_type.startswith(
        ("application/vnd.openxmlformats", "application/vnd.oasis.opendocument", "application/epub")
    ):
        return read_package(content.path)
    return None


def _text_layer(content: Content) -> Mark:
    """Pages whose text can be read by programs, and so found and read aloud."""
    readable = sum(sum(map(str.isalpha, page[:2_000])) >= MIN_LETTERS for page in content.pages)
    pages = max(1, len(content.pages))
    return Mark(
        "text layer",
        100 * readable / pages,
        0.3,
        f"{readable} of {pages} pages have text that programs can read.",
    )


def _language(content: Content) -> list[Mark]:
    """Noise and duplication of what it says, which count less than in a mere text."""
    marks = judge_language("\n".join(content.pages), content.language)
    return [replace(mark, weight=mark.weight / 2) for mark in marks]


def _links(skeleton: Skeleton) -> list[Mark]:
    """None without links within the document."""
    if not skeleton.links:
        return []
    broken = skeleton.broken
    share = len(broken) / len(skeleton.links)
    such = f", such as {quoted(broken)}" if broken else ""
    value = 100 * (1 - share) ** 2 - (10 if broken else 0)
    return [
        Mark(
            "links", value, 0.2, f"{len(broken)} of {len(skeleton.links)} links within it lead nowhere{such}."
        )
    ]


def _headings(content: Content, skeleton: Skeleton) -> list[Mark]:
    """None for a document too short to need any."""
    expected = sum(len(page.split()) for page in content.pages) // WORDS_PER_HEADING
    if not expected:
        return []
    enough = skeleton.headings / min(expected, 20)
    return [
        Mark(
            "structure",
            ramp(enough, 0, 1),
            0.1,
            f"{skeleton.headings} headings or entries of an outline; {min(expected, 20)} would do.",
        )
    ]


def _metadata(content: Content, skeleton: Skeleton | None) -> Mark:
    """Title, author, language and date, as the document gives them itself."""
    said = content.metadata
    has = {
        "title": _is_title(said.get("title"), content.name),
        "author": bool(said.get("author") or said.get("authors") or said.get("created_by")),
        "language": bool(said.get("language") or (skeleton and skeleton.language)),
        "date": bool(said.get("created_at") or said.get("modified_at") or said.get("date")),
    }
    shares = {"title": 45, "author": 25, "language": 20, "date": 10}
    lacking = [name for name, there in has.items() if not there]
    reason = (
        f"It does not say its {', '.join(lacking)}."
        if lacking
        else "Title, author, language and date are given."
    )
    return Mark("metadata", sum(shares[name] for name in has if has[name]), 0.2, reason)


def _message(said: dict[str, Any]) -> Mark:
    has = {
        "subject": bool(said.get("subject") or said.get("title")),
        "sender": bool(said.get("from_email") or said.get("authors")),
        "date": bool(said.get("date") or said.get("created_at")),
    }
    lacking = [name for name, there in has.items() if not there]
    reason = f"It has no {', '.join(lacking)}." if lacking else "Subject, sender and date are given."
    return Mark("metadata", 100 * (3 - len(lacking)) / 3, 0.3, reason)


def _is_title(title: object, name: str) -> bool:
    """Whether somebody gave it: programs fill in their own name, or that of the file."""
    plain = str(title or "")[:1000].strip().lower()
    of_file = {name.lower(), name.lower().rpartition(".")[0]}
    return bool(plain) and plain not in of_file and not _GENERATED.fullmatch(plain)
