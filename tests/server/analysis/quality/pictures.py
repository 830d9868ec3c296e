"""Pictures and what spoils them: photographs where there are any, the project's charts, drawn scenes."""

import io
import math
import random
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

from protocol.files import ContentKind
from server.analysis.content import Content
from tests.server.analysis.quality.pairs import PROJECT, Folder, Pair, Pairs, generator

PHOTOGRAPHS = PROJECT.parent / "shared/data/files"
SCENES = 6


def pairs(folder: Folder) -> Pairs:
    for number, (name, picture) in enumerate(_pictures().items()):
        good = _stored(folder, name, picture)
        for turn, (defect, spoil) in enumerate(DEFECTS.items()):
            # Each picture meets every other defect; white paper is no overexposure.
            if (turn + number) % 2 or (defect == "overexposed" and name.endswith(".png")):
                continue
            yield Pair(name, defect, good, _stored(folder, name, spoil(generator(name, defect), picture)))
        if number % 2:
            yield Pair(name, "compressed", good, _stored(folder, name, picture, quality=8))


def _pictures() -> dict[str, Image.Image]:
    found = {path.name: path for path in sorted(PHOTOGRAPHS.glob("*.jpg")) if "corrupt" not in path.name}
    found |= {path.name: path for path in sorted((PROJECT / "docs/images").glob("*.png"))[::2]}
    pictures = {name: _opened(path) for name, path in found.items()}
    return pictures | {f"scene-{i}.jpg": scene(generator("scene", str(i))) for i in range(SCENES)}


def _opened(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB")


def _stored(folder: Folder, name: str, picture: Image.Image, quality: int = 90) -> Content:
    """As JPEG, or for drawings as PNG, after the compression of a JPEG if that is what spoils it."""
    path = folder.new(name)
    media_type = "image/png" if path.suffix == ".png" else "image/jpeg"
    if path.suffix == ".png" and quality < 90:
        squeezed = io.BytesIO()
        picture.save(squeezed, "JPEG", quality=quality)
        picture = Image.open(squeezed)
    picture.save(path, quality=quality)  # which PNG has no use for
    return Content(path=path, name=name, media_type=media_type, kind=ContentKind.IMAGE, pages=[])


def scene(random_: random.Random) -> Image.Image:
    """A landscape of its own size, light and texture: sky, hills with grain, and things with edges."""
    width, height = random_.choice([(1200, 800), (900, 1200), (1280, 720), (960, 720)])
    sky = Image.linear_gradient("L").resize((width, height))
    tint = [random_.randrange(90, 240) for _ in range(3)]
    picture = Image.merge("RGB", [sky.point(lambda v, t=t: 40 + v * t // 320) for t in tint])
    draw = ImageDraw.Draw(picture)
    for ridge in range(4):
        phase, size = random_.uniform(0, 6), random_.uniform(30, 110)
        line = [
            (x, height * (0.35 + 0.15 * ridge) + size * math.sin(phase + x / random_.uniform(139, 141)))
            for x in range(0, width + 8, 8)
        ]
        draw.polygon([*line, (width, height), (0, height)], fill=_colour(random_, 40, 190))
    for _ in range(220):
        x, y, size = (
            random_.randrange(width),
            random_.randrange(height // 3, height),
            random_.randrange(4, 70),
        )
        shape = random_.choice([draw.ellipse, draw.rectangle])
        shape((x, y, x + size, y + size), fill=_colour(random_, 10, 245), outline=_colour(random_, 0, 80))
    grain = Image.effect_noise((width, height), 18).filter(ImageFilter.GaussianBlur(0.7)).convert("RGB")
    return ImageChops.add(picture, grain, 1, -128)


def _colour(random_: random.Random, low: int, high: int) -> tuple[int, int, int]:
    return (random_.randrange(low, high), random_.randrange(low, high), random_.randrange(low, high))


def _blurred(random_: random.Random, picture: Image.Image) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(max(1.2, max(picture.size) / random_.uniform(350, 500))))


def _darkened(random_: random.Random, picture: Image.Image) -> Image.Image:
    return ImageEnhance.Brightness(picture).enhance(random_.uniform(0.2, 0.4))


def _overexposed(random_: random.Random, picture: Image.Image) -> Image.Image:
    return ImageEnhance.Brightness(picture).enhance(random_.uniform(2.2, 3.0))


def _shrunk(random_: random.Random, picture: Image.Image) -> Image.Image:
    factor = random_.uniform(2.5, 5)
    return picture.resize((round(picture.width / factor), round(picture.height / factor)))


def _noisy(random_: random.Random, picture: Image.Image) -> Image.Image:
    grain = Image.effect_noise(picture.size, random_.uniform(30, 50)).convert("RGB")
    return ImageChops.add(picture, grain, 1, -128)


def _faded(random_: random.Random, picture: Image.Image) -> Image.Image:
    return ImageEnhance.Contrast(picture).enhance(random_.uniform(0.2, 0.35))


DEFECTS: dict[str, Callable[[random.Random, Image.Image], Image.Image]] = {
    "blurred": _blurred,
    "darkened": _darkened,
    "overexposed": _overexposed,
    "shrunk": _shrunk,
    "noisy": _noisy,
    "faded": _faded,
}
