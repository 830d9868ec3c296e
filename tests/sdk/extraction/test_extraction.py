"""What is found in files: the cases that both SDKs are held to, and files that are meant to do harm."""

import base64
import io
import json
import random
import resource
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ymera_client.extraction import Extraction, extract, wanted
from ymera_client.sealed.rules.shapes import MAX_SAID

CASES = json.loads(Path("client-sdk/vectors/extraction/cases.json").read_text())["cases"]
WORD = "word/document.xml"
SECONDS = 20
"""Of processor time that the worst file may take on a busy machine."""
MORE_MEMORY = 400 * 1024
"""KiB by which reading one may raise what this process has ever needed."""


def packed(entries: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return made.getvalue()


def content_of(case: dict[str, Any]) -> bytes:
    if "entries" in case:
        return packed(case["entries"])
    if "base64" in case:
        return base64.b64decode(case["base64"])
    if "repeat" in case:
        return bytes(case["repeat"][0] * case["repeat"][1], "utf-8")
    return bytes(case["text"], "utf-8")


def found(content: bytes, name: str = "file") -> Extraction:
    """What is found, as whoever uploads asks for it."""
    return extract(content[: wanted(content[:65_536], len(content))], name, len(content))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_what_is_found(case: dict[str, Any]) -> None:
    comes = case["comes"]
    texts = tuple(text if isinstance(text, str) else text[0] * text[1] for text in comes["texts"])
    assert found(content_of(case), case["file"]) == Extraction(**{**comes, "texts": texts})


def bomb() -> bytes:
    """A package that says that its document has ten bytes, which has a gigabyte."""
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = bytes(1024 * 1024)
    squeezed = b"".join(squeezer.compress(block) for _ in range(1024)) + squeezer.flush()
    whole = bytearray(packed({WORD: b"0123456789"}, zipfile.ZIP_STORED))
    start = whole.index(b"0123456789")
    whole[start : start + 10] = squeezed
    directory = whole.index(b"PK\x01\x02")
    for offset in (8, directory + 10):
        whole[offset : offset + 2] = (8).to_bytes(2, "little")
    for offset in (18, directory + 20):
        whole[offset : offset + 4] = len(squeezed).to_bytes(4, "little")
    end = whole.index(b"PK\x05\x06")
    whole[end + 16 : end + 20] = directory.to_bytes(4, "little")
    return bytes(whole)


def many_strings() -> bytes:
    """A sheet in which one long text stands a million times."""
    cells = "<c t='s'><v>0</v></c>"
    return packed(
        {
            "xl/workbook.xml": "<sheet name='a'/>",
            "xl/sharedStrings.xml": f"<sst><si><t>{'moon ' * 10_000}</t></si></sst>",
            "xl/worksheets/sheet1.xml": f"<row>{cells * 100}</row>" * 2_500,
        }
    )


HOSTILE: dict[str, Callable[[], bytes]] = {
    "a bomb that lies about its size": bomb,
    "a bomb that says its size": lambda: packed({WORD: b"<w:t>" + b" " * 500_000_000}),
    "many parts": lambda: packed(
        {
            "ppt/presentation.xml": "",
            **{f"ppt/slides/slide{n}.xml": b"<a:t>" + b"a" * 10_000_000 for n in range(9)},
        }
    ),
    "many entries": lambda: packed(dict.fromkeys(map(str, range(6_000)), "")),
    "many tags": lambda: packed({WORD: "<a>" * 5_000_000}),
    "long tags": lambda: packed({WORD: ("<c " + "r " * 2_000_000 + ">") * 3}),
    "one text in many cells": many_strings,
    "comments that do not end": lambda: packed({WORD: "<!--" * 4_000_000}),
    "entities without end": lambda: packed({WORD: "<w:t>" + "&#" * 8_000_000}),
    "a page of brackets": lambda: b"<html>" + b"<" * 1_000_000,
    "a page of comments": lambda: b"<html>" + b"<!--" * 250_000,
    "scripts in scripts": lambda: b"<html>" + b"<script>" * 130_000,
    "white space": lambda: b"<html>" + b" \n" * 500_000,
    "lzma": lambda: packed({WORD: "<w:t>moon"}, zipfile.ZIP_LZMA),
    "a package that was cut off": lambda: packed({WORD: "<w:t>moon</w:t>"})[:-30],
    "a directory only": lambda: b"PK\x05\x06" + b"\xff" * 18,
    "a large text": lambda: b"moon " * 20_000_000,
}
"""Each is made by the test of it: to make them takes longer than to read them."""


@pytest.mark.parametrize("made", HOSTILE.values(), ids=HOSTILE)
def test_nothing_takes_long_or_much(made: Callable[[], bytes]) -> None:
    content = made()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    extraction = found(content)
    assert time.process_time() - started < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MORE_MEMORY
    assert sum(map(len, extraction.texts)) <= MAX_SAID
    assert not extraction.whole or extraction.error == ""


@pytest.mark.parametrize("seed", range(300))
def test_broken_packages_are_read_as_far_as_they_go(seed: int) -> None:
    chance = random.Random(seed)
    case = chance.choice([case for case in CASES if "entries" in case])
    content = bytearray(content_of(case))
    for _ in range(chance.randrange(1, 20)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    assert found(bytes(content), case["file"]).media_type
