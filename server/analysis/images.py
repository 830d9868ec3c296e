"""Images: what their metadata say, and small upright pictures of them that say nothing of where and by whom.

Nothing is decoded before its size is known to be within the limits.
"""

from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.ExifTags import GPS, IFD, Base
from PIL.TiffImagePlugin import IFDRational

from protocol.files import Preview
from server.analysis.reading import PREVIEW_SUFFIX, Reading, Unreadable

MAX_PIXELS = 64_000_000
MAX_SIDE = 50_000
"""Pixels along one side."""
THUMBNAIL = 512
"""Pixels along the longer side."""
HASH_SIDE = 8

FORMATS = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/gif": "GIF",
    "image/tiff": "TIFF",
    "image/webp": "WEBP",
    "image/avif": "AVIF",
    "image/bmp": "BMP",
    "image/jp2": "JPEG2000",
    "image/vnd.adobe.photoshop": "PSD",
    "image/vnd.microsoft.icon": "ICO",
    "image/x-icns": "ICNS",
    "image/qoi": "QOI",
}
"""What Pillow decodes by itself, without other programs."""

_TAGS = {
    Base.ImageDescription: "description",
    Base.Make: "make",
    Base.Model: "model",
    Base.Software: "software",
    Base.Artist: "artist",
    Base.Copyright: "copyright",
    Base.DateTimeOriginal: "taken_at",
    Base.OffsetTimeOriginal: "taken_at_offset",
    Base.ExposureTime: "exposure_seconds",
    Base.FNumber: "f_number",
    Base.ISOSpeedRatings: "iso",
    Base.FocalLength: "focal_length_mm",
    Base.LensModel: "lens",
}


def read(path: Path, reading: Reading, out: Path) -> None:
    """Read an image's metadata, and write its thumbnail. Unreadable if it is broken or too large."""
    if reading.media_type not in FORMATS:
        return
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        with Image.open(path, formats=[FORMATS[reading.media_type]]) as image:
            reading.metadata |= {"width": image.width, "height": image.height, "mode": image.mode}
            check(image.width, image.height)
            # A JPEG is decoded at a fraction of its size where that is enough.
            image.draft("RGB", (2 * THUMBNAIL, 2 * THUMBNAIL))
            _describe(image, reading.metadata)
            small = upright(image)
    except Image.DecompressionBombError:
        raise Unreadable(f"It has more than {2 * MAX_PIXELS:,} pixels.") from None
    except UnidentifiedImageError:
        raise Unreadable("Its header is broken, or the image is of a variant that is not known.") from None
    reading.look = difference_hash(small)
    reading.previews.append(write(small, "thumbnail", THUMBNAIL, out))


def check(width: int, height: int) -> None:
    """Unreadable if an image of so many pixels is too large to be decoded."""
    if max(width, height) > MAX_SIDE:
        raise Unreadable(f"It is {width:,} × {height:,} pixels; at most {MAX_SIDE:,} along a side are read.")
    if width * height > MAX_PIXELS:
        raise Unreadable(f"It is {width:,} × {height:,} pixels; at most {MAX_PIXELS:,} in all are read.")


def upright(image: Image.Image) -> Image.Image:
    """An image at the size of a thumbnail, turned as it is meant to be looked at. Uses up the image."""
    orientation = image.getexif().get(Base.Orientation, 1)
    small = image if image.mode == _mode(image) else image.convert(_mode(image))
    # Before it is turned: a large one has room in memory only once.
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    small.getexif()[Base.Orientation] = orientation
    return ImageOps.exif_transpose(small)


def write(image: Image.Image, name: str, side: int, out: Path) -> Preview:
    """Write a preview whose longer side is at most `side` pixels, without any metadata."""
    small = image.convert(_mode(image))
    small.thumbnail((side, side))
    # A copy of the pixels alone leaves everything else behind.
    bare = Image.frombytes(small.mode, small.size, small.tobytes())
    bare.save(out / f"{name}{PREVIEW_SUFFIX}", "WEBP", quality=80)
    return Preview(name=name, width=bare.width, height=bare.height)


def difference_hash(image: Image.Image) -> int:
    """Of 8 × 8 pairs of neighbours, whether brightness falls from left to right, as 64 bits with a sign."""
    grey = image.convert("L").resize((HASH_SIDE + 1, HASH_SIDE), Image.Resampling.LANCZOS).tobytes()
    bits = 0
    for row in range(HASH_SIDE):
        for column in range(HASH_SIDE):
            left = row * (HASH_SIDE + 1) + column
            bits = bits << 1 | (grey[left] > grey[left + 1])
    return int.from_bytes(bits.to_bytes(HASH_SIDE), signed=True)


def _mode(image: Image.Image) -> str:
    return "RGBA" if image.has_transparency_data else "RGB"


def _describe(image: Image.Image, metadata: dict[str, Any]) -> None:
    if (frames := getattr(image, "n_frames", 1)) > 1:
        metadata["frames"] = frames
    exif = image.getexif()
    values = dict(exif) | exif.get_ifd(IFD.Exif)
    metadata |= {name: _plain(values[tag]) for tag, name in _TAGS.items() if tag in values}
    if position := _position(exif.get_ifd(IFD.GPSInfo)):
        metadata["position"] = position


def _position(gps: dict[int, Any]) -> dict[str, float]:
    try:
        found = {
            "latitude": _degrees(gps[GPS.GPSLatitude], negative=gps.get(GPS.GPSLatitudeRef) == "S"),
            "longitude": _degrees(gps[GPS.GPSLongitude], negative=gps.get(GPS.GPSLongitudeRef) == "W"),
        }
        if GPS.GPSAltitude in gps:
            found["altitude_m"] = float(gps[GPS.GPSAltitude])
    # Whoever wrote the tags may have left some out or filled in anything.
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return {}
    return found


def _degrees(parts: tuple[Any, ...], *, negative: bool) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    angle = degrees + minutes / 60 + seconds / 3600
    return -angle if negative else angle


def _plain(value: Any) -> Any:
    if isinstance(value, IFDRational):
        return float(value) if value.denominator else None
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip("\0")
    return value
