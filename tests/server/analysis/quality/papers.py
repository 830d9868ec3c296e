"""Documents and what spoils them: PDF, Word, EPUB and web pages, made of Python's manual."""

import html
import random
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from pydoc_data.topics import topics
from typing import Any

from pypdfium2 import PdfDocument

from protocol.files import ContentKind
from server.analysis.content import Content
from tests.server.analysis.quality.pairs import Folder, Pair, Pairs, generator
from tests.server.analysis.quality.texts import duplicated, misdecoded

TOPICS = ["assignment", "class", "comparisons", "compound", "function", "naming", "numbers", "typesmapping"]
LINES = 48
"""Of a page."""
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass
class Paper:
    """A document before it is written in a format."""

    name: str
    title: str
    sections: list[tuple[str, str]]
    metadata: dict[str, str] = field(default_factory=dict)
    language: str | None = "en-GB"
    broken: int = 0
    """Links of the table of contents that lead nowhere."""
    pictured: bool = False
    """Its pages are pictures of text."""


def pairs(folder: Folder) -> Pairs:
    for number, topic in enumerate(TOPICS):
        for suffix, write in FORMATS.items():
            paper = _paper(topic, suffix)
            good = write(folder, paper)
            for turn, (defect, spoil) in enumerate(DEFECTS.items()):
                if (turn + number) % 2 or (defect == "no text layer" and suffix != "pdf"):
                    continue
                random_ = generator(topic, suffix, defect)
                spoiled = replace(paper, metadata=dict(paper.metadata), sections=list(paper.sections))
                spoil(random_, spoiled)
                yield Pair(paper.name, defect, good, write(folder, spoiled))


def _paper(topic: str, suffix: str) -> Paper:
    text = re.sub(r"[`*]", "", topics[topic]).encode("ascii", "replace").decode()[:9_000]
    parts = re.split(r"\n\s*\n", text)
    size = max(1, len(parts) // 5)
    sections = [
        (f"Part {i // size + 1}: {' '.join(parts[i].split()[:4])}", "\n\n".join(parts[i : i + size]))
        for i in range(0, len(parts), size)
    ]
    title = f"On {topic} in Python"
    metadata = {"title": title, "author": "The Python Software Foundation", "created_at": "2025-05-01"}
    return Paper(f"{topic}.{suffix}", title, sections, metadata)


def write_pdf(folder: Folder, paper: Paper) -> Content:
    path = folder.new(paper.name)
    path.write_bytes(_pdf(paper))
    with PdfDocument(path) as document:
        pages = [page.get_textpage().get_text_bounded() for page in document]
        said = {name.lower(): text for name, text in document.get_metadata_dict(skip_empty=True).items()}
    if "creationdate" in said:
        said["created_at"] = said.pop("creationdate")
    return Content(
        path=path, name=paper.name, media_type="application/pdf", kind=ContentKind.DOCUMENT,
        pages=pages, language="en", metadata=dict(said),
    )  # fmt: skip


def _pdf(paper: Paper) -> bytes:
    """A page for the contents with a link to each section, then the sections."""
    pages = [[paper.title, *(heading for heading, _ in paper.sections)]]
    starts = []
    for heading, text in paper.sections:
        starts.append(len(pages))
        lines = [heading, "", *text.splitlines()]
        pages += [lines[i : i + LINES] for i in range(0, len(lines), LINES)]
    page_id = {number: 4 + 2 * number for number in range(len(pages))}
    links = []
    for number, start in enumerate(starts):
        target = f"[{page_id[start]} 0 R /Fit]" if number >= paper.broken else "(nowhere)"
        top = 770 - 14 * number
        links.append(f"<< /Type /Annot /Subtype /Link /Rect [40 {top - 14} 500 {top}] /Dest {target} >>")
    language = f"/Lang ({paper.language})" if paper.language else ""
    keys = {"title": "Title", "author": "Author", "created_at": "CreationDate"}
    info = " ".join(f"/{keys[key]} ({_escaped(value)})" for key, value in paper.metadata.items())
    kids = " ".join(f"{one} 0 R" for one in page_id.values())
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {language} >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, lines in enumerate(pages):
        annotations = f"/Annots [{' '.join(links)}]" if number == 0 else ""
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {page_id[number] + 1} 0 R "
            f"/Resources << /Font << /F 3 0 R >> >> {annotations} >>"
        )
        content = _drawn(lines) if paper.pictured else _written(lines)
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    objects.append(f"<< {info} >>")
    return _file(objects)


def _file(objects: list[str]) -> bytes:
    """A file of objects: the first is the catalogue, the last the information."""
    out = bytearray(b"%PDF-1.5\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    table = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    trailer = f"<< /Size {len(objects) + 1} /Root 1 0 R /Info {len(objects)} 0 R >>"
    return bytes(out + f"trailer\n{trailer}\nstartxref\n{table}\n%%EOF\n".encode())


def _written(lines: list[str]) -> str:
    shown = "\n".join(f"({_escaped(line)}) Tj T*" for line in lines)
    return f"BT /F 10 Tf 14 TL 40 770 Td\n{shown}\nET"


def _drawn(lines: list[str]) -> str:
    """Grey bars where the lines were, as a scan has them without recognition of characters."""
    bars = (f"40 {770 - 14 * i} {5 * len(line)} 7 re f" for i, line in enumerate(lines))
    return "\n".join(["0.4 g", *bars])


def _escaped(text: str) -> str:
    return re.sub(r"([\\()])", r"\\\1", text)


def write_word(folder: Folder, paper: Paper) -> Content:
    path = folder.new(paper.name)
    contents = "".join(
        f'<w:p><w:hyperlink w:anchor="{"gone" if i < paper.broken else "part"}{i}"><w:r><w:t>'
        f"{html.escape(heading)}</w:t></w:r></w:hyperlink></w:p>"
        for i, (heading, _) in enumerate(paper.sections)
    )
    sections = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:bookmarkStart w:id="{i}" w:name="part{i}"/>'
        f'<w:r><w:t>{html.escape(heading)}</w:t></w:r><w:bookmarkEnd w:id="{i}"/></w:p>'
        f"<w:p><w:r><w:t>{html.escape(text)}</w:t></w:r></w:p>"
        for i, (heading, text) in enumerate(paper.sections)
    )
    scheme = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    language = f'<w:lang w:val="{paper.language}"/>' if paper.language else ""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(
            "word/document.xml", f"<w:document {scheme}><w:body>{contents}{sections}</w:body></w:document>"
        )
        package.writestr("word/styles.xml", f"<w:styles {scheme}>{language}</w:styles>")
    return _content(path, paper, WORD)


def write_web(folder: Folder, paper: Paper) -> Content:
    path = folder.new(paper.name)
    contents = "".join(
        f'<li><a href="#{"gone" if i < paper.broken else "part"}{i}">{html.escape(heading)}</a></li>'
        for i, (heading, _) in enumerate(paper.sections)
    )
    sections = "".join(
        f'<h2 id="part{i}">{html.escape(heading)}</h2><p>{html.escape(text)}</p>'
        for i, (heading, text) in enumerate(paper.sections)
    )
    language = f' lang="{paper.language}"' if paper.language else ""
    path.write_text(f"<!doctype html><html{language}><body><ul>{contents}</ul>{sections}</body></html>")
    return _content(path, paper, "text/html", ContentKind.TEXT)


def write_book(folder: Folder, paper: Paper) -> Content:
    path = folder.new(paper.name)
    items = "".join(
        f'<item id="i{i}" href="part{i}.xhtml" media-type="application/xhtml+xml"/>'
        for i in range(len(paper.sections))
    )
    contents = "".join(
        f'<li><a href="{"gone" if i < paper.broken else "part"}{i}.xhtml">{html.escape(heading)}</a></li>'
        for i, (heading, _) in enumerate(paper.sections)
    )
    said = {"language": paper.language} if paper.language else {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("OEBPS/content.opf", f"<package><manifest>{items}</manifest></package>")
        for i, (heading, text) in enumerate(paper.sections):
            package.writestr(
                f"OEBPS/part{i}.xhtml",
                f"<html><body><h1>{html.escape(heading)}</h1><ul>{contents if i == 0 else ''}</ul>"
                f"<p>{html.escape(text)}</p></body></html>",
            )
    content = _content(path, paper, "application/epub+zip")
    content.metadata |= said
    return content


def _content(path: Path, paper: Paper, media_type: str, kind: ContentKind = ContentKind.DOCUMENT) -> Content:
    said: dict[str, Any] = dict(paper.metadata)
    if "author" in said:
        said["authors"] = [said.pop("author")]  # as kreuzberg has it
    return Content(
        path=path, name=paper.name, media_type=media_type, kind=kind,
        pages=["\n\n".join(f"{heading}\n\n{text}" for heading, text in paper.sections)],
        language="en", metadata=said,
    )  # fmt: skip


FORMATS: dict[str, Callable[[Folder, Paper], Content]] = {
    "pdf": write_pdf, "docx": write_word, "html": write_web, "epub": write_book,
}  # fmt: skip


def _no_text(random_: random.Random, paper: Paper) -> None:
    paper.pictured = True


def _no_metadata(random_: random.Random, paper: Paper) -> None:
    paper.metadata = {}
    paper.language = None


def _named_by_program(random_: random.Random, paper: Paper) -> None:
    paper.metadata["title"] = random_.choice(["Microsoft Word - draft3.doc", "untitled", paper.name])


def _broken_links(random_: random.Random, paper: Paper) -> None:
    paper.broken = random_.randrange(1, len(paper.sections))


def _misread(random_: random.Random, paper: Paper) -> None:
    paper.sections = [(heading, misdecoded(random_, text)) for heading, text in paper.sections]


def _twice(random_: random.Random, paper: Paper) -> None:
    paper.sections = [(heading, duplicated(random_, text)) for heading, text in paper.sections]


DEFECTS: dict[str, Callable[[random.Random, Paper], None]] = {
    "no text layer": _no_text,
    "no metadata": _no_metadata,
    "links broken": _broken_links,
    "titled by a program": _named_by_program,
    "read badly": _misread,
    "paragraphs twice": _twice,
}
