"""Whatever is in a file, it gets a score within bounds, the same each time; and a defect more is no gain."""

import random
import string
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from protocol.files import ContentKind, Quality
from server.analysis.content import Content
from server.analysis.quality import assess
from server.analysis.quality.marks import Mark, combine
from server.analysis.quality.tables import judge_rows
from server.analysis.quality.text import judge_text
from tests.server.analysis.quality.sheets import register

TYPES = {
    ContentKind.IMAGE: ["image/png", "image/jpeg", "image/svg+xml"],
    ContentKind.DOCUMENT: [
        "application/pdf", "message/rfc822", "application/epub+zip", "application/rtf",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.oasis.opendocument.text",
    ],
    ContentKind.TEXT: [
        "text/plain", "text/markdown", "text/html", "application/json", "application/yaml",
        "application/toml", "application/xml", "text/vcard",
    ],
    ContentKind.TABLE: ["text/csv", "text/tab-separated-values", "application/vnd.ms-excel"],
    ContentKind.CODE: [
        "text/x-python", "text/javascript", "text/x-c", "text/x-shellscript", "text/x-unheard-of",
    ],
    ContentKind.ARCHIVE: ["application/zip"],
    ContentKind.OTHER: ["application/octet-stream"],
}  # fmt: skip
BEGINNINGS = [
    b"", b"%PDF-1.7\n1 0 obj\n",
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10\x08\2\0\0\0",
    b"\xff\xd8\xff\xe0", b"PK\3\4", b"<?xml version='1.0'?><a>", b"{\"a\": [", b"def f(x):\n",
    b"<html><a href='#x'>", b"a,b\n1,2\n",
]  # fmt: skip
kinds = st.sampled_from([(kind, media_type) for kind, types in TYPES.items() for media_type in types])
contents = st.builds(
    bytes.__add__,
    st.sampled_from(BEGINNINGS),
    st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
)
languages = st.sampled_from([None, "en", "de", "ja", "xx"])


def check(quality: Quality | None) -> None:
    if quality is None:
        return
    assert 0 <= quality.score <= 100
    assert quality.parts
    assert all(0 <= part.score <= 100 and part.weight > 0 and part.name for part in quality.parts)
    assert all(part.reason.endswith((".", "!")) for part in quality.parts)
    assert sum(part.weight for part in quality.parts) == pytest.approx(1)
    whole = sum(part.weight * part.score for part in quality.parts)
    assert abs(whole - quality.score) <= 1, "the score is not what its parts make"


@settings(max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(kinds, contents, languages)
def test_any_bytes_are_judged(
    tmp_path: Path, kind: tuple[ContentKind, str], data: bytes, language: str | None
) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    text = data.decode("utf-8", "replace")
    content = Content(
        path=path, name="file", media_type=kind[1], kind=kind[0], pages=[text], language=language
    )
    quality = assess(content)
    check(quality)
    assert assess(content) == quality


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=600), languages)
def test_any_text_is_judged(text: str, language: str | None) -> None:
    check(combine(judge_text(text, language)))


@given(st.lists(st.tuples(st.floats(), st.floats(0.01, 10)), min_size=1, max_size=6))
def test_marks_are_clamped(values: list[tuple[float, float]]) -> None:
    check(combine([Mark("part", value, weight, "So it is.") for value, weight in values]))


def part(marks: list[Mark], name: str) -> float:
    return next(mark.value for mark in marks if mark.name == name)


def total(rows: list[list[str]]) -> int:
    quality = combine(judge_rows(rows))
    assert quality is not None
    return quality.score


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(8, 40), st.data())
def test_a_defect_more_never_raises_the_score_of_a_table(seed: int, rows: int, data: st.DataObject) -> None:
    table = register(random.Random(seed), rows)
    before = total(table)
    for _ in range(6):
        row = data.draw(st.integers(1, len(table) - 1))
        match data.draw(st.sampled_from(["blank", "repeat", "cut", "mix"])):
            case "blank":
                table[row][data.draw(st.integers(0, len(table[row]) - 1))] = ""
            case "repeat":
                table.append(list(table[row]))
            case "cut" if len(table[row]) > 1:
                table[row].pop()
            case "mix" if len(table[row]) > 3:
                table[row][3] = "about ten"
    assert total(table) <= before


sentences = st.lists(
    st.lists(st.text(string.ascii_lowercase, min_size=2, max_size=9), min_size=4, max_size=14).map(" ".join),
    min_size=3,
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(sentences, st.data())
def test_a_defect_more_never_raises_its_part_of_a_text(said: list[str], data: st.DataObject) -> None:
    text = ".\n\n".join(said) + "."
    before = judge_text(text, None)
    assume(part(before, "duplication") == 100)
    again = data.draw(st.sampled_from(said))
    assert part(judge_text(f"{text}\n\n{text}\n\n{again}.", None), "duplication") <= part(
        before, "duplication"
    )
    junk = data.draw(st.sampled_from(["\ufffd\ufffd", "Ã©", "aaaaargh", "wo#rd", "hAPpen"]))
    # With as many words besides, of which more make the same noise a smaller part of a text.
    quiet, noisy = (judge_text(f"{text}\n\n{again}{more}.", None) for more in ("", f" {junk}"))
    assert part(noisy, "noise") <= part(quiet, "noise") + 1e-9
