"""What a file is, by its content and not by its name.

Only where text of several types looks alike does the name decide, as a hint. A file that is several things at
once, depending on who reads it, is what its first bytes say, and the others are named too.
"""

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from protocol.files import ContentKind
from server.analysis import tables, text
from server.analysis.signatures import (
    BRANDS,
    DECLARED,
    EXTENSIONS,
    INTERPRETERS,
    OCTETS,
    PACKAGES,
    PLAIN,
    SIGNATURES,
    STORAGES,
)

HEAD = 64 * 1024
"""Bytes that are looked at to tell what a file is."""
_MARKUP = re.compile(rb"<!doctype html|<html[\s>]|<script[\s>]|<\?php", re.IGNORECASE)
_JSON = re.compile(r'\{\s*["}]|\[\s*[\[{"\]]')
_HEADERS = re.compile(r"(?:[A-Za-z][A-Za-z0-9-]*:[^\n]*\n(?:[ \t][^\n]*\n)*){3,}")
_MAIL = re.compile(r"^(from|message-id|received|return-path|mime-version):", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Format:
    """What a file is, and what else it can be taken for."""

    media_type: str
    kind: ContentKind
    also: tuple[str, ...] = ()


def recognize(path: Path, name: str) -> Format:
    """Say what a file is. Reads its head, and of archives the list of what is in them."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    for signature in SIGNATURES:
        if signature.beginning.match(head):
            media_type, kind = _member(signature.media_type, signature.kind, head, path)
            return Format(media_type, kind, _disguises(signature.media_type, head, path, binary=True))
    said = text.decode_head(head)
    if said is None:
        return Format(OCTETS, ContentKind.OTHER, _disguises(OCTETS, head, path, binary=True))
    media_type, kind = _textual(said, name)
    return Format(media_type, kind, _disguises(media_type, head, path, binary=False))


def _member(media_type: str, kind: ContentKind, head: bytes, path: Path) -> tuple[str, ContentKind]:
    """Which one of a family of formats that begin alike."""
    match media_type:
        case "application/zip":
            return _package(path)
        case "video/mp4":
            return BRANDS.get(head[8:12], (media_type, kind))
        case "video/x-matroska" if b"webm" in head[:64]:
            return "video/webm", kind
        case "audio/ogg" if b"theora" in head[:64]:
            return "video/ogg", ContentKind.VIDEO
        case "application/x-ole-storage":
            return _storage(path)
    return media_type, kind


def _package(path: Path) -> tuple[str, ContentKind]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if "mimetype" in names:
                with archive.open("mimetype") as entry:
                    declared = entry.read(100).decode("ascii", "replace").strip()
                if declared in DECLARED:
                    return declared, DECLARED[declared]
    # A broken archive is still an archive; what is wrong with it is told where it is read.
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError):
        names = set()
    plain = ("application/zip", ContentKind.ARCHIVE)
    return next((member for entry, member in PACKAGES.items() if entry in names), plain)


def _storage(path: Path) -> tuple[str, ContentKind]:
    """What is in an OLE storage, by the names in its directory, to which its header leads."""
    with path.open("rb") as file:
        header = file.read(512)
        sector_size = 1 << min(int.from_bytes(header[30:32], "little"), 16)
        file.seek((int.from_bytes(header[48:52], "little") + 1) * sector_size)
        directory = file.read(HEAD)
    for stream, member in STORAGES.items():
        if stream.encode("utf-16-le") in directory:
            return member
    return "application/x-ole-storage", ContentKind.OTHER


def _textual(said: str, name: str) -> tuple[str, ContentKind]:
    """Which kind of text."""
    extension = PurePosixPath(name.lower()).suffix.removeprefix(".")
    start = said.lstrip()[:1000]
    if said.startswith("#!"):
        program = re.split(rb"[/\s]+", said.splitlines()[0].encode())[-1].rstrip(b"0123456789.")
        if program in INTERPRETERS:
            return INTERPRETERS[program], ContentKind.CODE
    if extension in EXTENSIONS:
        return EXTENSIONS[extension], ContentKind.CODE
    if re.match(r"(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*(<!doctype svg[^>]*>\s*)?<svg[\s>]", start, re.I | re.S):
        return "image/svg+xml", ContentKind.IMAGE
    if re.match(r"(<!--.*?-->\s*)*<(!doctype html|html|head|body)[\s>]", start, re.I | re.S):
        return "text/html", ContentKind.TEXT
    if start.startswith("<?xml"):
        return "application/xml", ContentKind.TEXT
    if (headers := _HEADERS.match(said)) and _MAIL.search(headers[0]):
        return "message/rfc822", ContentKind.DOCUMENT
    return _plain(said, start, extension)


def _plain(said: str, start: str, extension: str) -> tuple[str, ContentKind]:
    if extension in PLAIN:
        return PLAIN[extension], ContentKind.TEXT
    if _JSON.match(start):
        return "application/json", ContentKind.TEXT
    if extension == "tsv":
        return "text/tab-separated-values", ContentKind.TABLE
    if extension == "csv" or tables.is_table(said):
        return "text/csv", ContentKind.TABLE
    return "text/plain", ContentKind.TEXT


def _disguises(media_type: str, head: bytes, path: Path, *, binary: bool) -> tuple[str, ...]:
    """What others take it for: readers of PDF, of ZIP and of web pages look past the first bytes."""
    found = []
    if media_type != "application/pdf" and b"%PDF-" in head[:1024]:
        found.append("application/pdf")
    # Archives hold pages as they are, and nobody takes those for pages.
    if binary and media_type != "application/zip" and _MARKUP.search(head[:4096]):
        found.append("text/html")
    if media_type != "application/zip" and zipfile.is_zipfile(path):
        found.append("application/zip")
    return tuple(found)
