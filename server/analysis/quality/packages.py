"""Documents that are ZIP packages of XML (OOXML, OpenDocument, EPUB): what refers to what within them.

XML is streamed, never built into a tree; of each member a bounded part is unpacked; declarations of document
types, in which entities could multiply, end the reading.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.parsers import expat

from server.analysis.quality.hypertext import HypertextReader
from server.analysis.quality.skeleton import Skeleton

MAX_MEMBER = 16 * 1024 * 1024
"""Bytes that are unpacked of one member."""
MAX_MEMBERS = 300
"""Members that are unpacked."""

_FIELD = re.compile(r'\b(?:PAGEREF|REF)\s+([\w.]+)|HYPERLINK\s+\\l\s+"([^"]+)"')
_HEADING = re.compile(r"(heading|überschrift|titre|título|titolo|kop)\s*\d", re.IGNORECASE)

Element = tuple[str, dict[str, str]]


def read_package(path: Path) -> Skeleton:
    """The skeleton of a document; BadZipFile or ExpatError if it is broken."""
    found = Skeleton()
    with zipfile.ZipFile(path) as package:
        names = set(package.namelist())
        found.place(*names)
        if "word/document.xml" in names:
            _read_word(package, found)
        elif "content.xml" in names:
            _read_open_document(package, found)
        elif opf := next((name for name in sorted(names) if name.endswith(".opf")), None):
            _read_book(package, opf, names, found)
        _read_relations(package, names, found)
    return found


class _Elements:
    """Gathers the elements that a parser meets."""

    def __init__(self) -> None:
        self.found: list[Element] = []
        self._words: list[str] | None = None
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._refuse

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        plain = name.rpartition(":")[2]
        self.found.append((plain, {key.rpartition(":")[2]: value for key, value in attributes.items()}))
        self._words = [] if plain == "instrText" else self._words

    def _end(self, name: str) -> None:
        if self._words is not None and name.endswith("instrText"):
            self.found.append(("field", {"text": "".join(self._words)}))
            self._words = None

    def _text(self, characters: str) -> None:
        if self._words is not None:
            self._words.append(characters)

    def _refuse(self, *_: object) -> None:
        raise ValueError("it declares a document type")


def elements(data: bytes) -> Iterator[Element]:
    """The elements of some XML in order, names without prefixes; the text of Word's fields as `field`."""
    reader = _Elements()
    for begin in range(0, len(data), 65_536):
        reader.parser.Parse(data[begin : begin + 65_536])
        yield from reader.found
        reader.found.clear()
    if len(data) < MAX_MEMBER:
        reader.parser.ParseFile(io.BytesIO())  # the end, at which all must be closed
    yield from reader.found


def _member(package: zipfile.ZipFile, name: str) -> bytes:
    with package.open(name) as member:
        return member.read(MAX_MEMBER)


def _read_word(package: zipfile.ZipFile, found: Skeleton) -> None:
    for name, values in elements(_member(package, "word/document.xml")):
        match name:
            case "bookmarkStart":
                found.place(values.get("name"))
            case "hyperlink" if values.get("anchor") and "id" not in values:
                found.link(values["anchor"])
            case "field":
                for one, other in _FIELD.findall(values["text"]):
                    found.link(one or other)
            case "pStyle" if _HEADING.match(values.get("val", "")):
                found.headings += 1
    if "word/styles.xml" in package.namelist():
        languages = (e for e in elements(_member(package, "word/styles.xml")) if e[0] == "lang")
        found.language = next((values.get("val") for _, values in languages), None)


def _read_open_document(package: zipfile.ZipFile, found: Skeleton) -> None:
    for name, values in elements(_member(package, "content.xml")):
        if name in {"bookmark", "bookmark-start", "reference-mark", "reference-mark-start"}:
            found.place(values.get("name"))
        elif name == "bookmark-ref":
            found.link(values.get("ref-name", ""))
        elif name == "h":
            found.headings += 1
        elif name == "a" and (href := values.get("href", "")).startswith("#") and "|" not in href:
            found.link(unquote(href[1:]))
        elif name == "image" and not urlsplit(values.get("href", "")).scheme:
            found.link(values.get("href", "").removeprefix("./"))


def _read_book(package: zipfile.ZipFile, opf: str, names: set[str], found: Skeleton) -> None:
    """EPUB: what is listed must be there, and so must what the pages link to."""
    folder = posixpath.dirname(opf)
    pages = []
    for name, values in elements(_member(package, opf)):
        if name == "item" and "href" in values:
            member = posixpath.normpath(posixpath.join(folder, unquote(values["href"])))
            found.link(member)
            if values.get("media-type") == "application/xhtml+xml" and member in names:
                pages.append(member)
    for page in pages[:MAX_MEMBERS]:
        reader = HypertextReader(found, page)
        reader.feed(_member(package, page).decode("utf-8", errors="replace"))
        for reference in reader.references:
            address = urlsplit(reference)
            if not address.scheme and not address.netloc:
                target = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(address.path)))
                found.link(f"{target}#{address.fragment}" if address.fragment else target)


def _read_relations(package: zipfile.ZipFile, names: set[str], found: Skeleton) -> None:
    """OOXML: pictures, slides and other parts that are referred to must be in the package."""
    for name in [one for one in sorted(names) if one.endswith(".rels")][:MAX_MEMBERS]:
        folder = posixpath.dirname(posixpath.dirname(name))
        for element, values in elements(_member(package, name)):
            target = values.get("Target", "")
            if element != "Relationship" or values.get("TargetMode") == "External" or not target:
                continue
            address = unquote(target.partition("#")[0])
            if address:
                found.link(posixpath.normpath(posixpath.join("/", folder, address)).lstrip("/"))
