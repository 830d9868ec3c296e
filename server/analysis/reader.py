"""The reading of one file, in a process that may end at any moment of it.

What is known is written down as it becomes known, so that the type of a file outlives what its content does
to whoever reads it.
"""

import warnings
from collections.abc import Callable
from pathlib import Path

from protocol.files import ContentKind
from server.analysis import (
    archives,
    documents,
    findings,
    formats,
    images,
    media,
    metadata,
    pdf,
    quality,
    tables,
    text,
)
from server.analysis.content import Content
from server.analysis.reading import Reading, Unreadable

MAX_INPUT = 512 * 1024 * 1024
"""Bytes of a file that is read as a whole; of a larger one only what its head and tail tell."""

_SKIMMED = {ContentKind.ARCHIVE, ContentKind.AUDIO, ContentKind.VIDEO, ContentKind.TEXT, ContentKind.CODE}
"""What is read bit by bit, or from a few places only, however large it is."""
_WRITTEN = {ContentKind.TEXT, ContentKind.DOCUMENT}
"""What is written in a human language."""


def read(path: Path, name: str, out: Path, progress: Callable[[Reading], None]) -> Reading:
    """Read a file that somebody called `name`, and write its previews into `out`.

    `progress` is told once the type is known. Never raises for what is in a file, but MemoryError.
    """
    format_ = formats.recognize(path, name)
    reading = Reading(media_type=format_.media_type, kind=format_.kind)
    if format_.also:
        reading.metadata["also"] = list(format_.also)
    progress(reading)
    size = path.stat().st_size
    try:
        if size > MAX_INPUT and reading.kind not in _SKIMMED:
            raise Unreadable(f"It has {size:,} bytes; of more than {MAX_INPUT:,} only the type is read.")
        if size:
            _read_content(path, reading, out)
    except Unreadable as error:
        reading.error = str(error)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 -- libraries raise anything on what is broken
        said = str(error).replace(str(path), "the file").split("\n")[0][:200]
        reading.error = f"It is broken: {type(error).__name__}: {said}"
    _conclude(reading)
    if size <= MAX_INPUT:
        # What judges it may end too: then all the rest is there.
        progress(reading)
        reading.quality = quality.assess(_content(path, name, reading))
    return reading


def _content(path: Path, name: str, reading: Reading) -> Content:
    return Content(
        path,
        name,
        reading.media_type,
        reading.kind,
        pages=reading.pages,
        language=reading.language,
        metadata=reading.metadata,
    )


def _read_content(path: Path, reading: Reading, out: Path) -> None:
    with warnings.catch_warnings():
        # Of doubtful content; whatever matters of it is an error.
        warnings.simplefilter("ignore")
        match reading.kind:
            case ContentKind.IMAGE:
                images.read(path, reading, out)
            case ContentKind.DOCUMENT if reading.media_type == "application/pdf":
                pdf.read(path, reading, out)
            case ContentKind.DOCUMENT:
                documents.read(path, reading)
            case ContentKind.TEXT if reading.media_type == "text/html":
                documents.read(path, reading)
            case ContentKind.TABLE:
                tables.read(path, reading)
            case ContentKind.TEXT | ContentKind.CODE:
                text.read(path, reading)
            case ContentKind.ARCHIVE:
                archives.read(path, reading)
            case ContentKind.AUDIO | ContentKind.VIDEO:
                media.read(path, reading)


def _conclude(reading: Reading) -> None:
    """What is told from the text, whatever it came from."""
    pages = [text.storable(page) for page in reading.pages]
    if reading.kind in _WRITTEN:
        reading.language = text.language(pages)
    reading.pages, whole = text.divide(pages)
    if not whole:
        reading.metadata["truncated"] = True
    reading.findings = findings.find(reading.pages)
    reading.fingerprint = text.fingerprint(reading.pages)
    reading.metadata = metadata.bounded(reading.metadata)
    reading.error = text.storable(reading.error)[:500]
