"""Documents of offices, OOXML and OpenDocument: what they say, out of the XML in their packages.

A package is read part by part, and no more of it is inflated than there may be; what it claims about sizes is
not believed. XML that declares anything is refused, so there are no entities to expand.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

from ymera_client.extraction.extraction import Unreadable
from ymera_client.extraction.kinds import DECLARED, PACKAGES, SHEETS, SLIDES, WORD, ZIP
from ymera_client.extraction.markup import Piece, pieces

MAX_ENTRIES = 5_000
MAX_PART = 16 * 1024 * 1024
"""Bytes of one part of a package."""
MAX_PARTS = 32 * 1024 * 1024
"""Bytes of all parts that are read."""
MAX_PIECES = 1_000_000
"""Texts and tags in them."""
MAX_CELL = 50_000
"""Characters of what is said in one cell."""
MAX_COLUMNS = 200

_NUMBER = re.compile(r"(\d{1,6})\.xml$")
_COLUMN = re.compile(r"[A-Z]{1,3}")
_BROKEN = (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError, NotImplementedError)


class Package:
    """A ZIP archive, of which no more is inflated than there may be. Unreadable if it is broken."""

    def __init__(self, content: bytes) -> None:
        if content.count(b"PK\x01\x02") > MAX_ENTRIES:
            raise Unreadable(f"The package has more than {MAX_ENTRIES} entries.")
        try:
            self._archive = zipfile.ZipFile(BytesIO(content))
        except _BROKEN as error:
            raise Unreadable(f"The package is broken: {error}.") from None
        self.names = frozenset(self._archive.namelist())
        self._bytes = MAX_PARTS
        self._pieces = MAX_PIECES

    def part(self, name: str, most: int = MAX_PART) -> str:
        """The text of a part; empty if there is none."""
        if name not in self.names:
            return ""
        most = min(most, self._bytes)
        try:
            # Others are not used by offices, and may ask for a lot of memory before they say anything.
            if self._archive.getinfo(name).compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
                raise Unreadable(f"{name} is compressed in a way that is not read.")
            with self._archive.open(name) as entry:
                content = entry.read(most + 1)
        except _BROKEN as error:
            raise Unreadable(f"{name} is broken: {error}.") from None
        if len(content) > most:
            raise Unreadable(f"{name} is too large to be read.")
        self._bytes -= len(content)
        said = content.decode("utf-8-sig", "replace")
        if "<!DOCTYPE" in said[:10_000]:
            raise Unreadable(f"{name} declares what it is; that is not read.")
        return said

    def pieces(self, name: str) -> Iterator[Piece]:
        """The texts and tags of a part."""
        for piece in pieces(self.part(name)):
            self._pieces -= 1
            if self._pieces < 0:
                raise Unreadable("It has more markup than is read.")
            yield piece

    def numbered(self, folder: str) -> list[str]:
        """The parts in a folder whose names end in a number, in their order."""
        found = [
            (int(number[1]), name)
            for name in self.names
            if name.startswith(folder) and "/" not in name[len(folder) :] and (number := _NUMBER.search(name))
        ]
        return [name for _, name in sorted(found)]

    def media_type(self) -> str:
        """What kind of package it is."""
        declared = self.part("mimetype", 200).strip() if "mimetype" in self.names else ""
        if declared in DECLARED:
            return declared
        return next((media_type for name, media_type in PACKAGES.items() if name in self.names), ZIP)


def pages(package: Package, media_type: str) -> Iterator[str]:
    """What a document says, by pages, sheets or slides. Unreadable where it is broken."""
    if media_type == WORD:
        yield from _split(_runs(package.pieces("word/document.xml")))
    elif media_type == SLIDES:
        for name in package.numbered("ppt/slides/"):
            yield "".join(_runs(package.pieces(name)))
    elif media_type == SHEETS:
        yield from _sheets(package)
    elif media_type in DECLARED:
        yield from _open_document(package.pieces("content.xml"))


def _runs(said: Iterator[Piece]) -> Iterator[str]:
    """The texts of OOXML, with the ends of paragraphs."""
    within = False
    for piece in said:
        if not piece.is_tag:
            if within:
                yield piece.text
            continue
        name = piece.name.partition(":")[2]
        if name == "t":
            within = not piece.ends
        elif name == "tab" and piece.begins:
            yield "\t"
        elif (name == "p" and piece.ends) or name in {"br", "cr"}:
            yield "\n"
        elif name == "lastRenderedPageBreak":
            yield "\f"


def _split(parts: Iterator[str]) -> Iterator[str]:
    """Pages, between which there are form feeds."""
    page: list[str] = []
    for part in parts:
        if part == "\f":
            yield "".join(page)
            page = []
        else:
            page.append(part)
    yield "".join(page)


def _sheets(package: Package) -> Iterator[str]:
    """Each sheet's name in the first line, then its rows with tabs between their cells."""
    names = [piece.attribute("name") for piece in _tags(package.pieces("xl/workbook.xml"), "sheet")]
    shared = list(_shared(package.pieces("xl/sharedStrings.xml")))
    for place, part in enumerate(package.numbered("xl/worksheets/")):
        name = names[place] if place < len(names) else part
        # Few strings may be in many cells, so a sheet comes line by line and is counted as it comes.
        yield from _bounded([name], _rows(package.pieces(part), shared))


def _bounded(head: list[str], rows: Iterator[str]) -> Iterator[str]:
    lines, length = head, 0
    for row in rows:
        lines.append(row)
        length += len(row)
        if length > MAX_PART:
            break
    yield "\n".join(lines)


def _tags(said: Iterator[Piece], name: str) -> Iterator[Piece]:
    return (piece for piece in said if piece.is_tag and piece.begins and piece.name.endswith(name))


def _shared(said: Iterator[Piece]) -> Iterator[str]:
    parts: list[str] = []
    for piece in said:
        if not piece.is_tag:
            parts.append(piece.text)
        elif piece.name == "si":
            parts = [] if piece.begins else parts
            if piece.ends:
                yield _cell(parts)


def _rows(said: Iterator[Piece], shared: list[str]) -> Iterator[str]:
    row: list[str] = []
    parts: list[str] = []
    kind = ""
    for piece in said:
        if not piece.is_tag:
            parts.append(piece.text)
        elif piece.name == "c" and piece.begins:
            kind, parts = piece.attribute("t"), []
            place = min(_column(piece.attribute("r")), MAX_COLUMNS)
            row += [""] * (place - len(row))
        elif piece.name == "c" and piece.ends:
            value = _cell(parts)
            if kind == "s":
                number = int(value) if value.isascii() and value.isdigit() and len(value) < 9 else -1
                value = shared[number] if 0 <= number < len(shared) else ""
            row.append(value)
        elif piece.name == "row" and piece.ends:
            yield "\t".join(row[:MAX_COLUMNS]).rstrip("\t")
            row = []


def _cell(parts: list[str]) -> str:
    return " ".join("".join(parts)[:MAX_CELL].split())


def _column(reference: str) -> int:
    """The place of a cell in its row, from 0, by a name such as `AB12`; 0 where there is none."""
    found = _COLUMN.match(reference)
    place = 0
    for letter in found[0] if found else "A":
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1


def _open_document(said: Iterator[Piece]) -> Iterator[str]:
    """Slides and sheets are pages; a text is one."""
    pages = _split(_spoken(said))
    first = next(pages)
    if first.strip():
        yield first
    yield from pages


def _spoken(said: Iterator[Piece]) -> Iterator[str]:
    body = cell = False
    for piece in said:
        if not piece.is_tag:
            if body:
                yield piece.text
            continue
        name = piece.name
        if name == "office:body":
            body = piece.begins
        elif name == "table:table-cell":
            cell = not piece.ends
            yield "\t" if piece.ends else ""
        elif name in {"draw:page", "table:table"} and piece.begins:
            yield from ("\f", f"{piece.attribute('table:name')}\n" if name == "table:table" else "")
        elif name in {"text:p", "text:h", "table:table-row"} and piece.ends:
            yield " " if cell else "\n"
        elif name in {"text:tab", "text:s"} and piece.begins:
            yield "\t" if name == "text:tab" else " "
