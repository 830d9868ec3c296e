"""Labelled cases: a good file and a spoiled copy of it, with the name of what was done to it."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from protocol.files import ContentKind
from server.analysis.content import Content

PROJECT = Path(__file__).parents[4]
SEED = 20_260_801


@dataclass(frozen=True)
class Pair:
    """What was done to which file, before and after."""

    source: str
    defect: str
    good: Content
    spoiled: Content

    @property
    def kind(self) -> ContentKind:
        return self.good.kind


class Folder:
    """Writes files under names of their own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._number = 0

    def new(self, name: str) -> Path:
        self._number += 1
        path = self._path / str(self._number) / Path(name).name
        path.parent.mkdir()
        return path

    def text(
        self, name: str, text: str, *, kind: ContentKind, media_type: str, language: str | None = None
    ) -> Content:
        path = self.new(name)
        path.write_text(text, encoding="utf-8", newline="")
        return Content(
            path=path, name=name, media_type=media_type, kind=kind, pages=[text], language=language
        )


def generator(*names: str) -> random.Random:
    """The same numbers in each run, and others for each name."""
    return random.Random(f"{SEED} {' '.join(names)}")


Pairs = Iterator[Pair]
