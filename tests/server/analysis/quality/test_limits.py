"""Files made to exhaust whoever reads them are judged in bounded time and memory, or not at all."""

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from protocol.files import ContentKind
from server.analysis.content import Content
from server.analysis.quality import assess
from tests.server.analysis.quality.pairs import PROJECT

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ENTITIES = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 12))
BOMB = f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY e0 "boom">{ENTITIES}]><d>&e11;</d>'

MEAN: dict[str, tuple[ContentKind, str, str]] = {
    "one word": (ContentKind.TEXT, "text/plain", "a" * 400_000),
    "one line": (ContentKind.TEXT, "text/plain", "word " * 100_000),
    "many lines": (ContentKind.TEXT, "text/plain", "Is it so? Yes, it is.\n\n" * 8_000),
    "signs": (ContentKind.TEXT, "text/plain", "=.:/\\@`<>*_" * 30_000),
    "ends of sentences": (ContentKind.TEXT, "text/plain", ".*" * 200_000),
    "deep JSON": (ContentKind.TEXT, "application/json", "[" * 500_000),
    "deep YAML": (ContentKind.TEXT, "application/yaml", "- " * 50_000),
    "YAML's aliases": (ContentKind.TEXT, "application/yaml", "a: &a [x,x]\n" + "b: &b [*a,*a,*a]\n" * 5_000),
    "deep TOML": (ContentKind.TEXT, "application/toml", "a = " + "[" * 50_000),
    "deep XML": (ContentKind.TEXT, "application/xml", "<a>" * 100_000),
    "entities": (ContentKind.TEXT, "application/xml", BOMB),
    "wide CSV": (ContentKind.TABLE, "text/csv", ",".join("x" * 300_000)),
    "long CSV": (ContentKind.TABLE, "text/csv", "1,2,3\n" * 400_000),
    "open quote": (ContentKind.TABLE, "text/csv", 'a,b\n1,"' + "2,3\n" * 100_000),
    "deep Python": (ContentKind.CODE, "text/x-python", "(" * 100_000),
    "negations": (ContentKind.CODE, "text/x-python", "-" * 200_000 + "1"),
    "deep conditions": (ContentKind.CODE, "text/x-python", "".join(f"{' ' * i}if x:\n" for i in range(600))),
    "escapes": (ContentKind.CODE, "text/javascript", '"' + '\\"' * 300_000),
    "apostrophes": (ContentKind.CODE, "text/javascript", "\\'" * 50_000),
    "expressions": (ContentKind.CODE, "text/javascript", "=/[" * 30_000),
    "brackets": (ContentKind.CODE, "text/x-c", "({[" * 300_000),
    "links": (ContentKind.TEXT, "text/html", "<a href='#x' id=y>" * 40_000),
}  # fmt: skip


@pytest.mark.parametrize("name", MEAN)
def test_mean_files_are_judged(name: str, tmp_path: Path) -> None:
    kind, media_type, text = MEAN[name]
    path = tmp_path / "file"
    path.write_text(text)
    quality = assess(
        Content(path=path, name="file", media_type=media_type, kind=kind, pages=[text], language="en")
    )
    assert quality is not None


def test_more_pixels_than_are_decoded_are_not_judged(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    Image.new("1", (9_000, 9_000)).save(path)
    assert assess(Content(path=path, name=path.name, media_type="image/png", kind=ContentKind.IMAGE)) is None


def test_a_picture_that_is_cut_off_says_so(tmp_path: Path) -> None:
    path = tmp_path / "cut.png"
    Image.effect_noise((300, 300), 40).save(path)
    path.write_bytes(path.read_bytes()[:20_000])
    quality = assess(Content(path=path, name=path.name, media_type="image/png", kind=ContentKind.IMAGE))
    assert quality is not None
    assert quality.score == 0
    assert "truncated" in quality.parts[0].reason


def word(path: Path, document: str, *, count: int = 1) -> Content:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package,
        package.open("word/document.xml", "w") as member,
    ):
        for _ in range(count):
            member.write(document.encode())
    return Content(path=path, name=path.name, media_type=WORD, kind=ContentKind.DOCUMENT, pages=["So it is."])


def test_entities_of_a_package_are_refused(tmp_path: Path) -> None:
    quality = assess(word(tmp_path / "a.docx", BOMB))
    assert quality is not None
    assert any("declares a document type" in part.reason for part in quality.parts)


def test_a_package_that_swells_is_read_in_part(tmp_path: Path) -> None:
    """60 MB in a member: only its beginning is unpacked."""
    quality = assess(word(tmp_path / "a.docx", "<a>" + " " * 4_000_000, count=15))
    assert quality is not None


CONFINED = """
import sys
from pathlib import Path
from protocol.files import ContentKind
from server.analysis import sandbox
from server.analysis.content import Content
from server.analysis.job import Limits
from server.analysis.quality import assess
path = Path(sys.argv[1])
sandbox.confine(Limits(), read=path, write=path.parent / "out")
content = Content(path=path, name="a.py", media_type="text/x-python", kind=ContentKind.CODE)
print(next(part.reason for part in assess(content).parts if part.name == "lint"))
"""


def test_the_linter_works_within_the_sandbox(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("import os\n\n\ndef f():\n    left = 1\n")
    (tmp_path / "out").mkdir()
    # A configuration that lies about says nothing to it.
    (tmp_path / "ruff.toml").write_text('lint.ignore = ["ALL"]')
    done = subprocess.run(
        [sys.executable, "-c", CONFINED, str(path)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.startswith("Ruff finds 2 likely mistakes"), done.stderr


@pytest.fixture
def quality_of(tmp_path: Path) -> Callable[[str, str], int]:
    def judged(text: str, media_type: str) -> int:
        path = tmp_path / "file"
        path.write_text(text)
        quality = assess(
            Content(path=path, name="file", media_type=media_type, kind=ContentKind.TEXT, pages=[text])
        )
        assert quality is not None
        return quality.score

    return judged


@pytest.mark.parametrize(
    ("media_type", "valid", "broken"),
    [
        ("application/json", '{"a": 1}', '{"a": 1'),
        ("application/json", '{"a": 1}\n{"a": 2}\n', '{"a": 1}\n{"a": }\n'),
        ("application/yaml", "a: [1, 2]\n", "a: [1, 2\n"),
        ("application/toml", "a = 1\n", "a = \n"),
        ("application/xml", "<a><b/></a>", "<a><b></a>"),
    ],
)
def test_data_that_do_not_parse(
    quality_of: Callable[[str, str], int], media_type: str, valid: str, broken: str
) -> None:
    assert quality_of(valid, media_type) == 100
    assert quality_of(broken, media_type) <= 20


def test_what_is_not_judged() -> None:
    here = Path("there is none")
    for kind in (ContentKind.AUDIO, ContentKind.VIDEO, ContentKind.ARCHIVE, ContentKind.OTHER):
        content = Content(path=here, name="a", media_type="application/octet-stream", kind=kind)
        assert assess(content) is None
