"""Whatever files there are on this machine, whole and spoiled: each has an outcome, and readers go on."""

import asyncio
import random
import sysconfig
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from protocol.files import MAX_TEXT_PAGE
from server.analysis import metadata
from server.analysis.pool import Pool
from server.analysis.reading import Reading
from tests.server.analysis import samples

PROJECT = Path(__file__).parents[3]
SHARED = PROJECT.parent / "shared/data/files"
INSTALLED = (Path(sysconfig.get_path("purelib")), PROJECT / "client-sdk/node_modules")
TESTS_OF_PYTHON = Path(sysconfig.get_path("stdlib")) / "test"
DATA_OF_PYTHON = {
    *("aiff", "au", "bmp", "bz2", "eps", "exe", "exr", "gif", "gz", "jpg", "pbm", "pdf", "pgm", "png", "ppm"),
    *("sndr", "sndt", "tar", "tiff", "txt", "voc", "wav", "webp", "xbm", "xml", "xz", "zip"),
}
SUFFIXES = {
    *(
        "a",
        "c",
        "css",
        "csv",
        "exe",
        "gz",
        "html",
        "js",
        "json",
        "map",
        "md",
        "mjs",
        "png",
        "po",
        "py",
        "pyc",
    ),
    *(
        "rst",
        "sh",
        "so",
        "sql",
        "svg",
        "tar",
        "toml",
        "ts",
        "ttf",
        "txt",
        "wasm",
        "whl",
        "woff2",
        "xml",
        "yml",
    ),
}
LARGEST = 2_000_000
PER_SUFFIX = 3
SPOILED_COPIES = 4

MADE = {
    "notes.txt": samples.PROSE["en"].encode() * 5,
    "paper.pdf": samples.pdf("one", "two"),
    "plan.docx": samples.word(samples.PROSE["en"], "two"),
    "talk.pptx": samples.slides("one", "two"),
    "people.xlsx": samples.workbook({"one": [["a", "b"], ["1", "2"]]}),
    "plan.odt": samples.open_text("text"),
    "book.epub": samples.book("one", "two"),
    "letter.eml": samples.mail("Hello"),
    "photograph.jpg": samples.photograph(6),
    "a.zip": samples.zipped({"a": "b" * 1_000, "c": "d"}),
    "a.tar.gz": samples.tarred({"a": b"b" * 1_000}, "w:gz"),
    "a.tar": samples.tarred({"a": b"b" * 1_000}),
    "sound.wav": samples.sound(1),
    "people.csv": b"name,age\n" + b"Ada,36\n" * 50,
} | {
    f"picture.{format_.lower()}": samples.saved(samples.picture(200, 150), format_)
    for format_ in ("PNG", "GIF", "TIFF", "WEBP", "BMP", "AVIF", "JPEG2000", "ICO", "QOI")
}


def spoiled(content: bytes, chance: random.Random) -> bytes:
    """A copy that somebody has cut, stirred, blotted or stretched."""
    broken = bytearray(content)
    place = chance.randrange(len(broken))
    match chance.randrange(4):
        case 0:
            del broken[place:]
        case 1:
            for _ in range(1 + len(broken) // 500):
                broken[chance.randrange(len(broken))] = chance.randrange(256)
        case 2:
            broken[place : place + 64] = bytes(64)
        case _:
            broken[place:place] = broken[max(0, place - 256) : place] * 8
    return bytes(broken)


def found(folders: Iterable[Path], suffixes: set[str], each: int) -> list[Path]:
    """Files with these suffixes, as many of each, from all over the folders."""
    by_suffix: dict[str, list[Path]] = {suffix: [] for suffix in sorted(suffixes)}
    for folder in folders:
        for path in sorted(folder.rglob("*.*")):
            if path.suffix[1:] in by_suffix and path.is_file() and 0 < path.stat().st_size <= LARGEST:
                by_suffix[path.suffix[1:]].append(path)
    return [path for paths in by_suffix.values() for path in paths[:: max(1, len(paths) // each)][:each]]


def table(outcomes: Counter[tuple[str, str]]) -> str:
    lines = [f"{'type':60} {'files':>5}  outcome"]
    lines += (
        f"{type_[:60]:60} {files:5}  {outcome[:90]}" for (type_, outcome), files in sorted(outcomes.items())
    )
    return "\n".join(lines)


async def read_all(files: dict[Path, str]) -> Counter[tuple[str, str]]:
    outcomes: Counter[tuple[str, str]] = Counter()

    async def read(pool: Pool, path: Path, name: str) -> None:
        async with pool.read(path, name) as (reading, folder):
            check(reading, folder)
            outcomes[reading.media_type, reading.error or "read"] += 1

    async with Pool(2) as pool:
        await asyncio.gather(*(read(pool, path, path.name) for path in list(files)[:2]))
        workers = {worker.pid for worker in pool._idle}
        for batch in range(0, len(files), 50):
            some = list(files.items())[batch : batch + 50]
            await asyncio.gather(*(read(pool, path, name) for path, name in some))
        assert {worker.pid for worker in pool._idle} == workers, "a worker was replaced"
    return outcomes


def check(reading: Reading, folder: Path) -> None:
    assert "not foreseen" not in reading.error
    assert all(len(page) <= MAX_TEXT_PAGE and "\0" not in page for page in reading.pages)
    assert all((folder / f"{preview.name}.webp").stat().st_size for preview in reading.previews)
    assert len(str(reading.metadata)) < 2 * metadata.MAX_BYTES


async def test_files_of_installed_packages(capsys: pytest.CaptureFixture[str]) -> None:
    paths = found(INSTALLED, SUFFIXES, PER_SUFFIX) + found([TESTS_OF_PYTHON], DATA_OF_PYTHON, 2 * PER_SUFFIX)
    outcomes = await read_all({path: path.name for path in paths})
    assert outcomes.total() == len(paths) + 2
    with capsys.disabled():
        print(f"\n{table(outcomes)}")  # noqa: T201 -- for whoever runs it


async def test_spoiled_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(20_260)
    files = {}
    for name, content in MADE.items():
        for number in range(SPOILED_COPIES + 1):
            path = tmp_path / f"{number}-{name}"
            path.write_bytes(spoiled(content, chance) if number else content)
            files[path] = name
    outcomes = await read_all(files)
    assert outcomes.total() == len(files) + 2
    assert sum(files for (_, outcome), files in outcomes.items() if outcome == "read") >= len(MADE)
    with capsys.disabled():
        print(f"\n{table(outcomes)}")  # noqa: T201 -- for whoever runs it


@pytest.mark.skipif(not SHARED.is_dir(), reason="optional input absent: ../shared/data/files")
async def test_photographs_of_cameras(capsys: pytest.CaptureFixture[str]) -> None:
    paths = sorted(SHARED.iterdir())
    outcomes = await read_all({path: path.name for path in paths})
    assert outcomes == {("image/jpeg", "read"): len(paths) + 2}
