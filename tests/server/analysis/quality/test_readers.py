"""What is found in sources and documents by those readers that are the project's own."""

import zipfile
from pathlib import Path

import pytest

from server.analysis.quality.brackets import scan
from server.analysis.quality.hypertext import read_hypertext
from server.analysis.quality.packages import read_package
from server.analysis.quality.prose import BlockKind, blocks
from server.analysis.quality.tables import judge_rows


@pytest.mark.parametrize(
    ("language", "text", "unmatched"),
    [
        ("c", "f(\"(\", ')'); /* ( */ // {\n", 0),
        ("c", "if (a) { b[1]; }\n}", 1),
        ("c", "f(a[1)];", 2),
        ("rust", "fn f<'a>(x: &'a str) -> &'a str { x }", 0),
        ("javascript", "const a = /[(]/g, b = `{${c}`, d = 'it\\'s (';", 0),
        ("javascript", "a = b / c; d = (e / f);", 0),
        ("typescript", "<p>It isn't (so)</p>", 0),
        ("shellscript", 'case $1 in\n  a) echo "${b}" ;; # (\nesac', 0),
        ("sql", "SELECT ')' FROM a -- (\nWHERE b IN (1, 2)", 0),
        ("ruby", "a[1] # {\n", 0),
        ("unheard-of", "(a [b {c}])", 0),
    ],
)
def test_brackets_are_matched_past_strings_and_comments(language: str, text: str, unmatched: int) -> None:
    assert scan(text, language).unmatched == unmatched


def package(path: Path, members: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


def test_links_of_an_open_document(tmp_path: Path) -> None:
    content = (
        '<d xmlns:text="t" xmlns:xlink="x" xmlns:draw="d"><text:h>One</text:h>'
        '<text:bookmark text:name="here"/>'
        '<text:a xlink:href="#here"/><text:a xlink:href="#there"/><text:a xlink:href="https://elsewhere.example"/>'
        '<draw:image xlink:href="Pictures/a.png"/><draw:image xlink:href="Pictures/b.png"/></d>'
    )
    found = read_package(package(tmp_path / "a.odt", {"content.xml": content, "Pictures/a.png": ""}))
    assert found.broken == ["there", "Pictures/b.png"]
    assert (len(found.links), found.headings) == (4, 1)


def test_parts_of_a_presentation(tmp_path: Path) -> None:
    relations = (
        '<r><Relationship Target="slides/slide1.xml"/><Relationship Target="/ppt/slides/slide2.xml"/>'
        '<Relationship Target="https://elsewhere.example" TargetMode="External"/></r>'
    )
    members = {"ppt/_rels/presentation.xml.rels": relations, "ppt/slides/slide1.xml": ""}
    assert read_package(package(tmp_path / "a.pptx", members)).broken == ["ppt/slides/slide2.xml"]


def test_fields_of_a_word_document(tmp_path: Path) -> None:
    content = (
        '<w:d xmlns:w="w"><w:bookmarkStart w:name="_Toc1"/><w:instrText> PAGEREF </w:instrText>'
        "<w:instrText> PAGEREF _Toc1 \\h</w:instrText><w:instrText> PAGEREF _Toc2 \\h</w:instrText></w:d>"
    )
    assert read_package(package(tmp_path / "a.docx", {"word/document.xml": content})).broken == ["_Toc2"]


def test_a_web_page() -> None:
    found = read_hypertext(
        "<html lang=de><h1 id='ä'>A<a href='#%C3%A4'><a href='#b'><a href='#top'><a href='c'>"
    )
    assert (found.broken, found.headings, found.language) == (["#b"], 1, "de")


def test_blocks_of_a_text() -> None:
    prose = "# One\nSome words\nin a row.\n\nTwo\n---\n- a thing\n- another\n\n"
    text = f"{prose}```\ncode\n\nmore\n```\n\n| a | b |\n"
    found = [(block.kind, block.level) for block in blocks(text)]
    assert found == [
        (BlockKind.HEADING, 1),
        (BlockKind.PARAGRAPH, 0),
        (BlockKind.HEADING, 2),
        (BlockKind.ITEM, 0),
        (BlockKind.ITEM, 0),
        (BlockKind.CODE, 0),
        (BlockKind.CODE, 0),
    ]


def test_what_is_said_of_a_table() -> None:
    rows = [["name", "amount"], ["a", "1"], ["b", "2.5"], ["c", ""], ["a", "1"], ["d"], ["e", "many"]]
    said = {mark.name: mark.reason for mark in judge_rows(rows)}
    assert said["completeness"] == "The table: 16.7% of 6 × 2 cells are missing."
    assert said["repetition"] == "1 of 6 rows are there twice."
    assert said["shape"] == "1 of 7 rows have more or fewer cells than 2."
    assert "worst is column 2, 75% number" in said["types"]
