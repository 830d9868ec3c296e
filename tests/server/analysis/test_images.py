"""Images: their metadata are read, and derived pictures have none of them."""

from pathlib import Path

import pytest
from PIL import Image

from server.analysis import images
from tests.server.analysis import samples
from tests.server.analysis.conftest import Reader


def test_metadata(read: Reader) -> None:
    found = read(samples.photograph()).metadata
    assert (found["width"], found["height"], found["make"]) == (640, 480, "Kodak")
    assert found["taken_at"] == "2024:05:06 07:08:09"
    assert found["position"] == {"latitude": 48.5, "longitude": -9.26}


def test_a_thumbnail_is_upright_and_says_nothing_of_the_place(read: Reader, out: Path) -> None:
    reading = read(samples.photograph(orientation=6))

    (preview,) = reading.previews
    assert (preview.width, preview.height) == (384, 512)
    written = (out / "thumbnail.webp").read_bytes()
    assert not any(mark in written for mark in (b"EXIF", b"Exif", b"XMP ", b"Kodak"))
    with Image.open(out / "thumbnail.webp") as thumbnail:
        assert thumbnail.size == (384, 512)
        # Its red corner was at the top left, so turned to the right it is at the top right.
        red, _, blue = thumbnail.convert("RGB").getpixel((380, 4))  # type: ignore[misc]
        assert red > 150 > blue


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "CMYK", "F"])
def test_all_modes_of_pixels(read: Reader, mode: str) -> None:
    image = samples.picture().convert("L" if mode == "I;16" else mode)
    reading = read(samples.saved(image.convert("I;16") if mode == "I;16" else image, "TIFF"))
    assert (reading.error, reading.previews[0].width) == ("", 512)


def test_transparency_is_kept(read: Reader, out: Path) -> None:
    read(samples.saved(Image.new("RGBA", (40, 40), (255, 0, 0, 0)), "PNG"))
    with Image.open(out / "thumbnail.webp") as thumbnail:
        assert thumbnail.mode == "RGBA"


def test_images_that_look_alike_have_like_hashes(read: Reader) -> None:
    image = samples.picture()
    looks = [
        read(samples.saved(image, "PNG")).look,
        read(samples.saved(image.resize((320, 240)), "JPEG", quality=40)).look,
        read(samples.saved(image.transpose(Image.Transpose.FLIP_LEFT_RIGHT), "PNG")).look,
    ]
    one, smaller, mirrored = (look % 2**64 for look in looks if look is not None)
    assert (one ^ smaller).bit_count() <= 4
    assert (one ^ mirrored).bit_count() > 16


@pytest.mark.parametrize(
    ("width", "height", "error"),
    [
        (100_000, 3, "It is 100,000 × 3 pixels; at most 50,000 along a side are read."),
        (9_000, 9_000, "It is 9,000 × 9,000 pixels; at most 64,000,000 in all are read."),
        (30_000, 30_000, "It has more than 128,000,000 pixels."),
    ],
)
def test_images_that_are_too_large_are_never_decoded(
    read: Reader, monkeypatch: pytest.MonkeyPatch, width: int, height: int, error: str
) -> None:
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda _: pytest.fail("decoded"))
    monkeypatch.setattr("server.analysis.quality.assess", lambda _: None)
    reading = read(samples.png(width, height))
    assert (reading.media_type, reading.error, reading.previews) == ("image/png", error, [])


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "GIF", "TIFF", "WEBP"])
def test_what_is_cut_off_is_said_to_be_broken(read: Reader, format_: str) -> None:
    whole = samples.saved(samples.picture(), format_)
    for length in (20, len(whole) // 2):
        reading = read(whole[:length])
        assert reading.error
        assert str(read) not in reading.error


def test_what_cannot_be_decoded_is_known_all_the_same(read: Reader) -> None:
    reading = read(b"\0\0\0\x18ftypheic\0\0\0\0")
    assert (reading.media_type, reading.error, reading.previews) == ("image/heic", "", [])


def test_the_largest_that_is_decoded_is_within_the_memory_of_a_reader() -> None:
    assert images.MAX_PIXELS * 4 * 3 < 1024**3
