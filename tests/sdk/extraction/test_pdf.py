"""What is found in PDF, and what becomes of those that are meant to do harm."""

import random
import resource
import time
import zlib

import pytest

from tests.sdk.extraction.test_extraction import found
from ymera_client.extraction import Extraction
from ymera_client.sealed.rules.shapes import MAX_SAID

PDF = "application/pdf"
SECONDS = 45
"""That the worst file may take on a busy machine; its process is ended after 20."""
MORE_MEMORY = 400 * 1024
"""KiB by which reading one may raise what this process has ever needed."""


def paper(*contents: bytes, filters: bytes = b"", kids: bytes | None = None) -> bytes:
    """A PDF whose pages have these contents."""
    listed = b" ".join(b"%d 0 R" % (4 + 2 * place) for place in range(len(contents)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(contents), listed if kids is None else kids),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    for place, content in enumerate(contents):
        font = b"/Resources<</Font<</F 3 0 R>>>>"
        page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]%s/Contents %d 0 R>>"
        objects.append(page % (font, 5 + 2 * place))
        objects.append(b"<</Length %d%s>>stream\n%s\nendstream" % (len(content), filters, content))
    made, places = bytearray(b"%PDF-1.7\n"), []
    for number, each in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    start = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    made += b"".join(b"%010d 00000 n \n" % place for place in places)
    made += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
    return bytes(made)


def text(said: str) -> bytes:
    """What shows a text."""
    return b"BT /F 12 Tf 10 100 Td (%s) Tj ET" % said.encode("cp1252")


def test_a_paper_is_read_page_by_page() -> None:
    extraction = found(paper(text("Apollo"), text("The cheese is there.")), "a.txt")
    assert extraction == Extraction(PDF, ("Apollo", "The cheese is there."), pages=2, words=5)


def test_only_what_can_be_told_of_a_long_paper_is_read() -> None:
    extraction = found(paper(*(text(f"Page {number}") for number in range(10_000))))
    assert (extraction.pages, extraction.texts[-1], extraction.whole) == (500, "Page 499", False)
    assert extraction.error == "Only its first 500 pages were read."


def test_what_is_missing_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ymera_client.extraction.pdf.find_spec", lambda _: None)
    assert found(paper(text("Apollo"))) == Extraction(PDF)


def squeezed(count: int) -> bytes:
    """So many MiB of white space, squeezed."""
    squeezer = zlib.compressobj(9)
    return b"".join(squeezer.compress(b" " * 1024 * 1024) for _ in range(count)) + squeezer.flush()


HOSTILE = {
    "a stream of a gigabyte": paper(squeezed(1024), filters=b"/Filter/FlateDecode"),
    "streams in streams": paper(zlib.compress(squeezed(1024)), filters=b"/Filter[/FlateDecode/FlateDecode]"),
    "pages that are their own": paper(text("a"), kids=b"2 0 R 2 0 R"),
    "one page many times": paper(text("moon " * 10_000), kids=b"4 0 R " * 100_000),
    "a stack that is deep": paper(b"q " * 3_000_000),
    "brackets": b"%PDF-1.7\n1 0 obj\n" + b"[" * 1_000_000,
    "one that was cut off": paper(text("moon"))[:200],
    "nothing but its beginning": b"%PDF-1.7",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_nothing_takes_long_or_much(content: bytes) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.monotonic()
    extraction = found(content)
    assert time.monotonic() - started < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MORE_MEMORY
    assert extraction.media_type == PDF
    assert sum(map(len, extraction.texts)) <= MAX_SAID


@pytest.mark.parametrize("seed", range(10))
def test_broken_papers_are_read_as_far_as_they_go(seed: int) -> None:
    chance = random.Random(seed)
    content = bytearray(paper(text("Apollo"), text("cheese")))
    for _ in range(chance.randrange(1, 20)):
        content[chance.randrange(5, len(content))] = chance.randrange(256)
    assert found(bytes(content)).media_type == PDF
