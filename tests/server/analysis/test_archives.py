"""Archives are listed and never unpacked, and what would harm whoever unpacks them is named."""

import bz2
import gzip
import lzma
import random
import struct

import pytest

from server.analysis import archives
from tests.server.analysis import samples
from tests.server.analysis.conftest import Reader

ENTRIES = {"notes/a.txt": b"x" * 1_000, "b.txt": b"y" * 500}


@pytest.mark.parametrize(
    "content",
    [
        samples.zipped(dict(ENTRIES)),
        samples.tarred(ENTRIES),
        samples.tarred(ENTRIES, "w:gz"),
        samples.tarred(ENTRIES, "w:bz2"),
        samples.tarred(ENTRIES, "w:xz"),
    ],
)
def test_listing(read: Reader, content: bytes) -> None:
    reading = read(content)
    assert reading.error == ""
    assert reading.pages == ["notes/a.txt\t1000\nb.txt\t500"]
    assert (reading.metadata["entries"], reading.metadata["expanded_bytes"]) == (2, 1_500)
    assert "unsafe_names" not in reading.metadata


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_single_compressed_file(read: Reader, pack: samples.Pack) -> None:
    reading = read(pack(b"text" * 1_000))
    assert (reading.error, reading.metadata["expanded_bytes"]) == ("", 4_000)


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "a/../../b", "..\\..\\windows", "C:\\windows\\a", "a\nb"]
)
def test_names_that_lead_out_are_named(read: Reader, name: str) -> None:
    for content in (samples.zipped({"ok": "", name: ""}), samples.tarred({"ok": b"", name: b""})):
        reading = read(content)
        assert reading.metadata["unsafe_names"] == [name]
        assert reading.error == ""


def test_links_that_lead_out_are_named(read: Reader) -> None:
    reading = read(samples.tarred({}, links={"here": "a", "there": "../../etc"}))
    assert reading.metadata["unsafe_names"] == ["there"]
    assert reading.pages == ["here -> a\nthere -> ../../etc"]


def test_a_zip_bomb(read: Reader) -> None:
    reading = read(samples.zipped({f"{n}.bin": bytes(40 << 20) for n in range(3)}))
    assert reading.error == "It is a bomb: unpacked it would take 125,829,120 bytes."


def test_a_zip_bomb_whose_entries_overlap(read: Reader) -> None:
    """Many entries of one content, as Fifield's has them: each is honest, all together are not."""
    one = samples.zipped({"a": bytes(1 << 20)})
    start = one.index(b"PK\1\2")
    end = one.index(b"PK\5\6")
    many = 5_000
    directory = one[start:end] * many
    tail = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, many, many, len(directory), start, 0)
    reading = read(one[:start] + directory + tail)
    assert reading.metadata["overlapping"] is True
    assert reading.metadata["expanded_bytes"] == many << 20


def test_archives_within_archives_are_named(read: Reader) -> None:
    inner = samples.zipped({"bomb": bytes(1 << 20)})
    reading = read(samples.zipped({"a.zip": inner, "b.tar.gz": b"", "c.txt": ""}))
    assert reading.metadata["nested_archives"] == ["a.zip", "b.tar.gz"]


def test_what_decompresses_without_end_is_stopped(read: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "BOMB_BYTES", 4 << 20)
    for content in (samples.gzip_bomb(32), gzip.compress(samples.tarred(ENTRIES)) + samples.gzip_bomb(32)):
        assert read(content).error.startswith("It is a bomb: ")


def test_a_large_archive_is_listed_in_part(read: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_EXPANDED", 100_000)
    entries = {f"{n}": random.Random(n).randbytes(30_000) for n in range(10)}
    reading = read(samples.tarred(entries, "w:gz"))
    assert (reading.error, reading.metadata["truncated"]) == ("", True)
    assert 3 <= reading.metadata["entries"] < 10
    # One that is not compressed is skipped through, however large it is.
    assert read(samples.tarred(entries)).metadata["entries"] == 10


def test_many_entries_are_counted_though_not_all_are_listed(
    read: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_ENTRIES", 10)
    reading = read(samples.tarred({f"{n}": b"" for n in range(25)}))
    assert reading.metadata["entries"] == 25
    assert len(reading.pages[0].splitlines()) == 10


@pytest.mark.parametrize(
    "content",
    [
        samples.zipped(dict(ENTRIES))[:-30],
        samples.tarred(ENTRIES, "w:gz")[:-10],
        samples.tarred(ENTRIES)[:1_100],
        b"PK\3\4 and nothing else",
        b"\x1f\x8b\x08 and nothing else",
    ],
)
def test_what_is_cut_off_is_said_to_be_broken(read: Reader, content: bytes) -> None:
    assert read(content).error.startswith("It is broken or cut off: ")
