"""PDF: its text by pages, what it says of itself, and pictures of its first pages."""

from pathlib import Path

from pypdfium2 import PdfDocument, PdfiumError, PdfPage
from pypdfium2.raw import FPDF_ERR_PASSWORD

from server.analysis import images, text
from server.analysis.reading import Reading, Unreadable

MAX_PAGES = 5_000
"""Pages whose text is read."""
PICTURED_PAGES = 3
PAGE_SIDE = 1_400
"""Pixels along the longer side of a page's picture."""
MAX_SCALE = 4.0
"""Pixels for a point, of 1/72 inch: a tiny page is not blown up to any size."""

_NAMES = {
    "Title": "title",
    "Author": "author",
    "Subject": "subject",
    "Keywords": "keywords",
    "Creator": "application",
    "Producer": "producer",
    "CreationDate": "created_at",
    "ModDate": "modified_at",
}


def read(path: Path, reading: Reading, out: Path) -> None:
    """Read a PDF's text and metadata, and write pictures of its first pages. Unreadable if it is broken."""
    try:
        document = PdfDocument(path)
    except PdfiumError as error:
        if error.err_code == FPDF_ERR_PASSWORD:
            reading.metadata["encrypted"] = True
            raise Unreadable("It can only be read with its password.") from None
        raise Unreadable("It is not a PDF that can be opened: it is broken or cut off.") from None
    with document:
        count = len(document)
        said = document.get_metadata_dict(skip_empty=True)
        reading.metadata |= {name: said[key] for key, name in _NAMES.items() if key in said}
        reading.metadata |= {"pages": count, "version": (document.get_version() or 0) / 10}
        for number in range(min(count, PICTURED_PAGES)):
            _picture(document, number, reading, out)
        _read_text(document, min(count, MAX_PAGES), reading)
        if count > MAX_PAGES:
            reading.metadata["truncated"] = True


def _read_text(document: PdfDocument, pages: int, reading: Reading) -> None:
    characters = 0
    for number in range(pages):
        try:
            page = document[number]
            said = page.get_textpage().get_text_range()
            page.close()
        except PdfiumError:
            reading.error = f"Page {number + 1} is broken."
            said = ""
        reading.pages.append(said.replace("\r\n", "\n"))
        characters += len(said)
        if characters >= text.MAX_CHARACTERS:
            break


def _picture(document: PdfDocument, number: int, reading: Reading, out: Path) -> None:
    try:
        page = document[number]
        bitmap = page.render(scale=_scale(page), may_draw_forms=False)
    except PdfiumError:
        reading.error = f"Page {number + 1} can't be drawn."
        return
    image = bitmap.to_pil()
    if number == 0:
        reading.look = images.difference_hash(image)
        reading.previews.append(images.write(image, "thumbnail", images.THUMBNAIL, out))
    reading.previews.append(images.write(image, f"page-{number + 1}", PAGE_SIDE, out))


def _scale(page: PdfPage) -> float:
    # A page may claim any size: only the picture's is bounded.
    width, height = page.get_size()
    return min(PAGE_SIDE / max(float(width), float(height), 1.0), MAX_SCALE)
