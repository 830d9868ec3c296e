"""Data as text (JSON, YAML, TOML, XML): whether it parses, whether its keys are there once, and its layout.

Parsers see a bounded text, build nothing from YAML and XML, and expand no entities beyond what expat allows.
"""

import io
import json
import tomllib
from collections.abc import Callable
from typing import Any
from xml.parsers import expat

import yaml

from server.analysis.quality.layout import judge_layout
from server.analysis.quality.marks import Mark, decay

MAX_CHARACTERS = 1_000_000
"""Of a longer text only the layout is judged: its beginning alone does not parse."""


class _Json:
    """Parses JSON, and counts keys and those that an object has already."""

    def __init__(self) -> None:
        self.keys = 0
        self.repeated = 0

    def parse(self, text: str) -> None:
        try:
            json.loads(text, object_pairs_hook=self._count)
        except json.JSONDecodeError:
            lines = [line for line in text.splitlines() if line.strip()]
            if len(lines) < 2 or not all(line.lstrip().startswith(("{", "[")) for line in lines[:2]):
                raise
            self.keys = self.repeated = 0
            for line in lines:  # one value a line
                json.loads(line, object_pairs_hook=self._count)

    def _count(self, pairs: list[tuple[str, Any]]) -> None:
        self.keys += len(pairs)
        self.repeated += len(pairs) - len({key for key, _ in pairs})


def _parse_yaml(text: str) -> None:
    for _ in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        pass


def _parse_xml(text: str) -> None:
    expat.ParserCreate("utf-8").ParseFile(io.BytesIO(text.encode("utf-8", errors="replace")))


PARSERS: dict[str, Callable[[str], object]] = {
    "application/json": lambda text: _Json().parse(text),
    "application/toml": tomllib.loads,
    "application/yaml": _parse_yaml,
    "application/xml": _parse_xml,
}
"""By media type."""


def judge_notation(text: str, media_type: str, *, whole: bool) -> list[Mark]:
    """The marks of data in one of the formats of PARSERS, or of the beginning of some."""
    layout = judge_layout(text[:MAX_CHARACTERS].splitlines(), weight=0.2)
    if not whole or len(text) > MAX_CHARACTERS:
        return [layout]
    name = media_type.rpartition("/")[2].upper()
    reader = _Json()
    parse = reader.parse if media_type == "application/json" else PARSERS[media_type]
    try:
        parse(text)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 -- parsers raise whatever a broken text makes them
        said = " ".join(str(error).split())[:200]
        return [
            Mark("syntax", 0, 0.6, f"It is no valid {name}: {said}."),
            Mark("keys", 0, 0.2, "Not to be told."),
            layout,
        ]
    marks = [Mark("syntax", 100, 0.6, f"It is valid {name}."), layout]
    if reader.keys:
        share = 100 * reader.repeated / reader.keys
        reason = f"{reader.repeated} of {reader.keys:,} keys are in their object already."
        marks.append(Mark("keys", decay(share, 5), 0.2, reason))
    return marks
