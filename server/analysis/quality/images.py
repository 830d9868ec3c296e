"""Images: whether they are sharp, well exposed, large enough, and not squeezed or noisy.

Sharpness is judged at the size at which an image is looked at, so that making it smaller makes it no sharper.
Charts and screens are told apart from photographs by how few colours they have: white paper is no
overexposure.
"""

import math
import warnings
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageChops, ImageFilter, ImageStat, UnidentifiedImageError
from PIL.JpegImagePlugin import JpegImageFile

from server.analysis.quality.marks import Mark, ramp

MAX_PIXELS = 40_000_000
"""Pixels of the largest image that is decoded, about 200 MB."""
VIEW = 1024
"""Pixels of the longer side at which an image is looked at."""
CROP = 1536
"""Pixels of the sides of the middle part in which seams and noise are sought, as it was stored."""
FEW_COLOURS = 6_000
"""Colours among 65,536 places, below which an image was drawn."""

_LAPLACE = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)
_NOISE = ImageFilter.Kernel((3, 3), (1, -2, 1, -2, 4, -2, 1, -2, 1), scale=1, offset=128)


def judge_image(path: Path) -> list[Mark]:
    """The marks of an image; none for one of more than 40 million pixels or of an unknown format."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path) as image:
                if image.width * image.height > MAX_PIXELS:
                    return []
                return _judge(image)
    except (UnidentifiedImageError, Image.DecompressionBombError):
        return []
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 -- decoders raise whatever a broken file makes them
        reason = f"The pixels cannot be read: {error}."
        return [Mark(name, 0, weight, reason) for name, weight in _WEIGHTS.items()]


_WEIGHTS = {"sharpness": 0.3, "exposure": 0.25, "resolution": 0.25, "compression": 0.2}


def _judge(image: Image.Image) -> list[Mark]:
    quality = _jpeg_quality(image)
    image.load()
    picture = _flat(image)
    grey = picture.convert("L")
    drawn = _colours(picture) < FEW_COLOURS
    return [
        _sharpness(grey),
        _contrast(grey) if drawn else _exposure(grey),
        _resolution(image.size),
        _compression(grey, quality),
    ]


def _flat(image: Image.Image) -> Image.Image:
    """The first frame on white, in RGB."""
    if image.mode.startswith(("I", "F")):  # more than 8 bits, which conversion would cut off
        brightest = image.getextrema()[1]
        scale = 255 / max(255.0, float(brightest)) if isinstance(brightest, (int, float)) else 1.0
        return image.convert("F").point(lambda value: value * scale).convert("L").convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB") if image.mode != "RGB" else image
    cover = image if image.mode in {"RGBA", "LA"} else image.convert("RGBA")
    white = Image.new("RGB", cover.size, "white")
    white.paste(cover.convert("RGB"), mask=cover.getchannel("A"))
    return white


def _colours(picture: Image.Image) -> int:
    size = (min(256, picture.width), min(256, picture.height))
    found = picture.resize(size, Image.Resampling.NEAREST).getcolors(size[0] * size[1])
    return len(found or []) * 65_536 // (size[0] * size[1])


def _sharpness(grey: Image.Image) -> Mark:
    """Variance of the Laplacian in proportion to that of lightness, at viewing size and as stored."""
    scale = VIEW / max(grey.size)
    size = (max(3, round(grey.width * scale)), max(3, round(grey.height * scale)))
    seen = _edges(grey.resize(size, Image.Resampling.BICUBIC))
    stored = _edges(_middle(grey))
    value = 0.7 * ramp(math.log10(seen), -3.0, -0.7) + 0.3 * ramp(math.log10(stored), -3.0, -0.7)
    return Mark(
        "sharpness",
        value,
        _WEIGHTS["sharpness"],
        f"Edges vary {seen:.4f} times as much as lightness at {size[0]}×{size[1]} pixels, "
        f"and {stored:.4f} times as stored (0.2 is sharp, 0.001 is blurred).",
    )


def _edges(grey: Image.Image) -> float:
    """At least a millionth; steps of a single level are rounding, not edges."""
    if min(grey.size) < 3:
        return 1e-6
    edges = ImageStat.Stat(_inside(grey.filter(_LAPLACE))).var[0] - 1
    light = ImageStat.Stat(grey).var[0]
    return max(1e-6, edges / light) if light > 1 else 1e-6


def _exposure(grey: Image.Image) -> Mark:
    """Black and white without detail, and how many of the tones are used."""
    histogram = grey.histogram()
    whole = sum(histogram)
    clipped = (sum(histogram[:3]) + sum(histogram[253:])) / whole
    mean = ImageStat.Stat(grey).mean[0]
    entropy = -sum(n / whole * math.log2(n / whole) for n in histogram if n)
    middle = min(ramp(mean, 10, 90), ramp(mean, 245, 165))
    value = 0.5 * ramp(entropy, 4.5, 7.6) + 0.3 * middle + 0.2 * ramp(clipped, 0.4, 0)
    return Mark(
        "exposure",
        value,
        _WEIGHTS["exposure"],
        f"{clipped:.1%} of the pixels are black or white without detail, mean lightness is {mean:.0f}, "
        f"tones carry {entropy:.1f} of 8 bits.",
    )


def _contrast(grey: Image.Image) -> Mark:
    """Of something drawn: how far dark and light are apart."""
    histogram = grey.histogram()
    dark, light = _quantile(histogram, 0.005), _quantile(histogram, 0.995)
    return Mark(
        "exposure",
        ramp(light - dark, 0, 200),
        _WEIGHTS["exposure"],
        f"It is drawn, not photographed; dark and light are {light - dark} of 255 apart.",
    )


def _resolution(size: tuple[int, int]) -> Mark:
    megapixels = size[0] * size[1] / 1e6
    return Mark(
        "resolution",
        ramp(math.log10(max(megapixels, 1e-6)), -2.3, 0.4),
        _WEIGHTS["resolution"],
        f"{size[0]}×{size[1]} pixels, {megapixels:.2f} megapixels (2.5 are enough).",
    )


def _compression(grey: Image.Image, quality: int | None) -> Mark:
    """Seams of 8×8 blocks, noise in what should be smooth, and what a JPEG says of its own compression."""
    part = _middle(grey)
    seams = _blockiness(part)
    noise = _noise(part)
    stored = ramp(quality, 5, 80) if quality is not None else 100.0
    value = min(ramp(seams, 1.8, 1.05), stored) * ramp(noise, 16, 2) / 100
    says = f"JPEG quality is about {quality}; " if quality is not None else ""
    return Mark(
        "compression",
        value,
        _WEIGHTS["compression"],
        f"{says}steps at the seams of 8×8 blocks are {seams:.2f} times those elsewhere, "
        f"noise is {noise:.1f} of 255.",
    )


def _middle(grey: Image.Image) -> Image.Image:
    """The middle, at most 1,536 pixels wide and high, beginning at a seam of blocks."""
    width, height = min(CROP, grey.width), min(CROP, grey.height)
    left, top = (grey.width - width) // 16 * 8, (grey.height - height) // 16 * 8
    return grey.crop((left, top, left + width, top + height))


def _blockiness(grey: Image.Image) -> float:
    """How much larger the mean step is between columns 7 and 8, 15 and 16 …, than between others.

    The lesser of both directions: lines that were drawn make seams in one.
    """
    ratios = []
    for picture in (grey, grey.transpose(Image.Transpose.TRANSPOSE)):
        width, height = picture.size
        if width < 32 or height < 32:
            return 1.0
        steps = ImageChops.difference(
            picture.crop((1, 0, width, height)), picture.crop((0, 0, width - 1, height))
        )
        seams = _mean_of_columns(steps, range(7, width - 1, 8))
        others = _mean_of_columns(steps, [i for i in range(width - 1) if i % 8 in {1, 2, 3, 4, 5}])
        ratios.append((seams + 0.25) / (others + 0.25))
    return min(ratios)


def _mean_of_columns(picture: Image.Image, columns: Sequence[int]) -> float:
    row = bytearray(picture.width)
    for column in columns:
        row[column] = 255
    mask = Image.frombytes("L", picture.size, bytes(row) * picture.height)
    return ImageStat.Stat(picture, mask).mean[0]


def _noise(grey: Image.Image) -> float:
    """Immerkær's estimate of the deviation of noise (1996), by the median, which edges do not move."""
    if min(grey.size) < 8:
        return 0.0
    histogram = _inside(grey.filter(_NOISE)).histogram()
    spread = [histogram[128], *(histogram[128 + i] + histogram[128 - i] for i in range(1, 128))]
    below, half = 0, sum(spread) / 2
    for size, count in enumerate(spread):
        if below + count >= half:
            return max(0.0, size - 0.5 + (half - below) / max(1, count)) / 0.6745 / 6
        below += count
    return 127 / 0.6745 / 6


def _inside(picture: Image.Image) -> Image.Image:
    """Without the edge, which filters leave as it was."""
    return picture.crop((1, 1, picture.width - 1, picture.height - 1))


def _quantile(histogram: list[int], share: float) -> int:
    limit, below = share * sum(histogram), 0
    for value, count in enumerate(histogram):
        below += count
        if below >= limit:
            return value
    return 255


def _jpeg_quality(image: Image.Image) -> int | None:
    """The quality, as libjpeg counts it, that would make its first table so coarse; None if it is no JPEG."""
    if not isinstance(image, JpegImageFile) or not image.quantization:
        return None
    mean = sum(image.quantization[min(image.quantization)]) / 64
    percent = 100 * mean / 57.6
    return max(1, min(100, round(5000 / percent if percent > 100 else 100 - percent / 2)))
