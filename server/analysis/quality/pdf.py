"""PDF: links within it, its outline and its declared language, as PDFium reads them."""

import ctypes
from itertools import islice
from pathlib import Path
from typing import Any

import pypdfium2.raw as pdfium
from pypdfium2 import PdfDocument

from server.analysis.quality.skeleton import MAX_LINKS, Skeleton

MAX_PAGES = 300
"""Pages whose links are followed."""


def read_pdf(path: Path) -> Skeleton:
    """The skeleton of a PDF; PdfiumError if it is broken or encrypted."""
    found = Skeleton()
    with PdfDocument(path) as document:
        count = len(document)
        found.place(*(f"page {number}" for number in range(count)))
        for number in range(min(count, MAX_PAGES)):
            page = document[number]
            _read_links(document, page, found, count)
            page.close()
        for entry in islice(document.get_toc(max_depth=6), MAX_LINKS):
            found.headings += 1
            if (dest := entry.get_dest()) is not None:
                found.link(_place(document, dest.raw, count))
        found.language = _language(document)
    return found


def _read_links(document: PdfDocument, page: Any, found: Skeleton, count: int) -> None:
    """Links to places within; those out of it cannot be followed."""
    position, link = ctypes.c_int(0), pdfium.FPDF_LINK()
    while len(found.links) < MAX_LINKS and pdfium.FPDFLink_Enumerate(page, position, link):
        action = pdfium.FPDFLink_GetAction(link)
        dest = pdfium.FPDFLink_GetDest(document, link)
        if dest:
            found.link(_place(document, dest, count))
        elif not action:
            found.link("a name that is not defined")
        elif pdfium.FPDFAction_GetType(action) == pdfium.PDFACTION_GOTO:
            dest = pdfium.FPDFAction_GetDest(document, action)
            found.link(_place(document, dest, count) if dest else "a name that is not defined")


def _place(document: PdfDocument, dest: Any, count: int) -> str:
    number = pdfium.FPDFDest_GetDestPageIndex(document, dest)
    return f"page {number}" if 0 <= number < count else "a page that is not there"


def _language(document: PdfDocument) -> str | None:
    length = pdfium.FPDFCatalog_GetLanguage(document, None, 0)
    if not 2 < length < 200:
        return None
    buffer = ctypes.create_string_buffer(length)
    pdfium.FPDFCatalog_GetLanguage(document, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), length)
    return buffer.raw.decode("utf-16-le", errors="replace").rstrip("\0") or None
