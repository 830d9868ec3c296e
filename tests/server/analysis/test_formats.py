"""What a file is: by its content, whatever it is called, and also what it pretends to be."""

import gzip
import lzma
from pathlib import Path

import pytest

from protocol.files import ContentKind
from server.analysis import formats, reader
from tests.server.analysis import samples
from tests.server.analysis.conftest import Reader

IMAGES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "TIFF": "image/tiff"} | {
    "WEBP": "image/webp",
    "BMP": "image/bmp",
    "AVIF": "image/avif",
    "JPEG2000": "image/jp2",
    "ICO": "image/vnd.microsoft.icon",
}
OFFICE = "application/vnd.openxmlformats-officedocument"
OTHERS = {
    "application/pdf": samples.pdf("text"),
    f"{OFFICE}.wordprocessingml.document": samples.word("text"),
    f"{OFFICE}.presentationml.presentation": samples.slides("text"),
    f"{OFFICE}.spreadsheetml.sheet": samples.workbook({"one": [["a"]]}),
    "application/vnd.oasis.opendocument.text": samples.open_text("text"),
    "application/epub+zip": samples.book("text"),
    "application/rtf": rb"{\rtf1 text}",
    "message/rfc822": samples.mail("text"),
    "application/msword": samples.storage("WordDocument"),
    "application/vnd.ms-excel": samples.storage("Workbook"),
    "application/x-ole-storage": samples.storage("Anything"),
    "application/zip": samples.zipped({"a": "b"}),
    "application/java-archive": samples.zipped({"META-INF/MANIFEST.MF": ""}),
    "application/x-tar": samples.tarred({"a": b"b"}),
    "application/gzip": gzip.compress(b"text"),
    "application/x-xz": lzma.compress(b"text"),
    "audio/wav": samples.sound(1),
    "audio/mpeg": b"ID3\x04\0\0\0\0\0\0",
    "audio/mp4": b"\0\0\0\x18ftypM4A \0\0\0\0",
    "video/mp4": b"\0\0\0\x18ftypisom\0\0\0\0",
    "video/webm": b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm",
    "application/x-elf": b"\x7fELF\2\1\1" + bytes(60),
    "application/vnd.sqlite3": b"SQLite format 3\0" + bytes(90),
    "application/octet-stream": bytes(range(256)),
    "text/html": b"<!-- by hand -->\n<!DOCTYPE html><p>text",
    "image/svg+xml": b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>',
    "application/xml": b'<?xml version="1.0"?><a/>',
    "application/json": b'{"a": [1, 2]}',
    "text/csv": b"a;b\n1;2\n3;4\n",
    "text/x-python": b"#!/usr/bin/env python3\nprint(1)\n",
    "text/plain": "Grüße, text".encode("utf-16"),
}


@pytest.mark.parametrize("format_", IMAGES)
def test_images(read: Reader, format_: str) -> None:
    reading = read(samples.saved(samples.picture(64, 48), format_), "notes.txt")
    assert (reading.media_type, reading.kind, reading.error) == (IMAGES[format_], ContentKind.IMAGE, "")
    assert [preview.name for preview in reading.previews] == ["thumbnail"]


@pytest.mark.parametrize("media_type", OTHERS)
def test_whatever_a_file_is_called_its_content_tells(tmp_path: Path, media_type: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(OTHERS[media_type])
    assert formats.recognize(path, "holiday.jpg").media_type == media_type
    assert formats.recognize(path, "").also == ()


@pytest.mark.parametrize(
    ("name", "media_type", "kind"),
    [
        ("main.rs", "text/x-rust", ContentKind.CODE),
        ("README.md", "text/markdown", ContentKind.TEXT),
        ("a.yaml", "application/yaml", ContentKind.TEXT),
        ("a.csv", "text/csv", ContentKind.TABLE),
        ("a", "text/plain", ContentKind.TEXT),
        ("a.exe", "text/plain", ContentKind.TEXT),
    ],
)
def test_the_name_decides_among_texts(read: Reader, name: str, media_type: str, kind: ContentKind) -> None:
    reading = read(b"one\ntwo\n", name)
    assert (reading.media_type, reading.kind) == (media_type, kind)


@pytest.mark.parametrize(
    ("content", "media_type", "also"),
    [
        (
            samples.saved(samples.picture(), "GIF") + samples.zipped({"a": "b"}),
            "image/gif",
            ["application/zip"],
        ),
        (samples.saved(samples.picture(), "PNG", exif=b"Exif\0\0") + b"", "image/png", []),
        (b"GIF89a\1\0\1\0/*<script>alert(1)</script>*/", "image/gif", ["text/html"]),
        (b"\x89PNG\r\n\x1a\n" + samples.pdf("text"), "image/png", ["application/pdf"]),
        (b"#!/bin/sh\n" + samples.pdf("text"), "text/x-shellscript", ["application/pdf"]),
        (samples.pdf("text") + samples.zipped({"a": "b"}), "application/pdf", ["application/zip"]),
    ],
)
def test_a_file_that_is_several_things_is_its_first_bytes(
    read: Reader, content: bytes, media_type: str, also: list[str]
) -> None:
    reading = read(content)
    assert reading.media_type == media_type
    assert reading.metadata.get("also", []) == also


def test_an_empty_file(read: Reader) -> None:
    reading = read(b"", "empty.docx")
    assert (reading.media_type, reading.pages, reading.error) == ("text/plain", [], "")


def test_a_file_of_ten_gigabytes_takes_no_longer(tmp_path: Path, out: Path) -> None:
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.truncate(10 << 30)
    assert reader.read(path, "a.bin", out, lambda _: None).media_type == "application/octet-stream"
    with path.open("r+b") as file:
        file.write(samples.pdf("text"))
    reading = reader.read(path, "a.pdf", out, lambda _: None)
    assert reading.error == "It has 10,737,418,240 bytes; of more than 536,870,912 only the type is read."
