"""Documents, tables, text, sound: what they say comes out page by page, in the language that it is in."""

import random
from pathlib import Path

import pytest
from PIL import Image

from protocol.files import MAX_TEXT_PAGE, ContentKind
from server.analysis import text
from tests.server.analysis import samples
from tests.server.analysis.conftest import Reader

PAGES = [samples.PROSE["en"], samples.PROSE["en"].replace("bridge", "tower")]


@pytest.mark.parametrize("make", [samples.word, samples.slides, samples.pdf])
def test_pages(read: Reader, make: samples.Make) -> None:
    reading = read(make(*PAGES))
    assert reading.error == ""
    assert [" ".join(page.split()) for page in reading.pages] == [page.strip() for page in PAGES]
    assert (reading.kind, reading.language) == (ContentKind.DOCUMENT, "en")
    assert reading.metadata["title"] in {"A plan", "A paper"}
    assert reading.quality is not None


@pytest.mark.parametrize(
    "content", [samples.open_text(PAGES[0]), samples.book(*PAGES), samples.mail(PAGES[0])]
)
def test_documents_without_pages(read: Reader, content: bytes) -> None:
    reading = read(content)
    assert reading.error == ""
    assert "the bridge should be repaired" in reading.pages[0]
    assert reading.language == "en"


def test_mail(read: Reader) -> None:
    said = read(samples.mail("Hello")).metadata
    assert said["subject"] == "Grüße"
    assert (said["from_email"], said["to_emails"]) == ("ada@example.org", ["max@example.org"])
    assert said["attachments"] == ["plan.bin"]


def test_pictures_of_pages(read: Reader, out: Path) -> None:
    reading = read(samples.pdf(*[f"page {n}" for n in range(5)]))
    assert [preview.name for preview in reading.previews] == ["thumbnail", "page-1", "page-2", "page-3"]
    assert len(reading.pages) == 5
    with Image.open(out / "page-1.webp") as image:
        assert image.height == 1_400
        assert min(image.convert("L").tobytes()) < 60, "nothing is drawn"


def test_a_page_of_a_kilometre_is_drawn_small(read: Reader) -> None:
    reading = read(samples.pdf("far", width=2_000_000, height=3))
    assert all(preview.width <= 1_400 for preview in reading.previews)
    assert reading.error == ""


def test_a_broken_page_takes_no_other_with_it(read: Reader) -> None:
    content = samples.pdf("first", "second").replace(b"/Contents 5 0 R", b"/Contents 9999 ")
    assert "second" in " ".join(read(content).pages)


@pytest.mark.parametrize("content", [b"%PDF-1.7\nnothing", samples.pdf("a")[:200]])
def test_a_pdf_that_is_cut_off(read: Reader, content: bytes) -> None:
    assert read(content).error == "It is not a PDF that can be opened: it is broken or cut off."


def test_workbooks(read: Reader) -> None:
    reading = read(samples.workbook({"People": [["name", "age"], ["Ada", "36"]], "Towns": [["Basel"]]}))
    assert reading.pages == ["People\nname\tage\nAda\t36", "Towns\nBasel"]
    assert (reading.metadata["sheets"], reading.metadata["rows"]) == (["People", "Towns"], 3)
    assert reading.kind is ContentKind.TABLE


@pytest.mark.parametrize(("delimiter", "name"), [(",", "a.csv"), (";", "a.txt"), ("\t", "a.tsv"), ("|", "")])
def test_dialects(read: Reader, delimiter: str, name: str) -> None:
    rows = [
        ["name", "town", "age"],
        *([f"n{n}", "Basel, CH" if delimiter != "," else "Basel", str(n)] for n in range(20)),
    ]
    reading = read("\n".join(delimiter.join(row) for row in rows).encode("latin-1"), name)
    said = reading.metadata
    assert reading.kind is ContentKind.TABLE
    assert (said["delimiter"], said["rows"], said["columns"], said["header"]) == (delimiter, 21, 3, rows[0])


def test_a_field_that_never_ends(read: Reader) -> None:
    reading = read(b'a,b\n1,"' + b"x" * 1_100_000, "a.csv")
    assert reading.error == "Row 2 can't be read: field larger than field limit (1000000)."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("language", samples.PROSE)
def test_encodings_and_languages(read: Reader, language: str, encoding: str) -> None:
    said = samples.PROSE[language] * 3
    reading = read(said.encode(encoding), "a.txt")
    assert reading.pages == [said]
    assert reading.language == language


def test_too_little_text_has_no_language(read: Reader) -> None:
    assert read(b"Plan B").language is None


def test_long_texts_are_divided_between_lines(read: Reader) -> None:
    said = "".join(f"line {n} of a long text\n" for n in range(3_000))
    pages = read(said.encode()).pages
    assert "".join(pages) == said
    assert all(len(page) <= MAX_TEXT_PAGE and page.endswith("\n") for page in pages)


def test_texts_are_bounded(read: Reader) -> None:
    reading = read(b"x" * (text.MAX_BYTES + 1))
    assert sum(map(len, reading.pages)) == text.MAX_CHARACTERS
    assert reading.metadata["truncated"] is True


def test_short_pages_stay_what_they_are_up_to_so_many() -> None:
    book = ["", "a page of a book\n", ""] * 400
    assert text.divide(book) == (book, True)
    pages, whole = text.divide(["x"] * (text.MAX_PAGES + 1))
    assert (len(pages), whole) == (text.MAX_PAGES, False)


def test_what_cannot_be_stored_is_replaced(read: Reader) -> None:
    assert text.storable("a\0b\ud800c") == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"


def differing(one: int, other: int) -> int:
    return (one % 2**64 ^ other % 2**64).bit_count()


def test_text_that_is_nearly_the_same_has_nearly_the_same_fingerprint() -> None:
    words = random.Random(3).choices([f"word{n}" for n in range(500)], k=800)
    changed = [*words[:400], "another", *words[401:]]
    one, other, strange = (
        text.fingerprint([" ".join(said)])
        for said in (words, changed, random.Random(4).choices(words, k=800))
    )
    assert one is not None
    assert other is not None
    assert strange is not None
    assert differing(one, other) <= 6
    assert differing(one, strange) > 16
    assert text.fingerprint(["too few words"]) is None


def test_sound(read: Reader) -> None:
    reading = read(samples.sound(2))
    assert reading.error == ""
    said = reading.metadata
    assert (said["seconds"], said["channels"], said["sampling_rate"]) == (2.0, 2, 8000)


def test_sound_without_sound(read: Reader) -> None:
    assert read(b"fLaC\0" + bytes(40)).error == "There is neither sound nor film in it, or it is broken."


def test_web_pages_are_read_without_their_markup(read: Reader) -> None:
    reading = read(
        f"<html><head><title>T</title></head><body><p>{PAGES[0]}</p><script>no()</script>".encode()
    )
    assert reading.pages == [PAGES[0].strip()]
    assert (reading.kind, reading.language) == (ContentKind.TEXT, "en")
