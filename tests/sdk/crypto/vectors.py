"""The vectors as they lie in the SDKs' folder, read once for all tests that use them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.generator.vectors import writing
from scripts.generator.vectors.cases import play

FOLDER = Path(__file__).parents[3] / writing.FOLDER


@dataclass(frozen=True)
class Vector:
    """One case, with the chains of its file."""

    file: str
    case: Mapping[str, Any]
    chains: Mapping[str, list[str]]

    @property
    def name(self) -> str:
        return f"{self.file}-{self.case['id']}"

    def play(self) -> Any:
        """What comes of it now."""
        return json.loads(json.dumps(play(self.case, self.chains)))

    def expected(self) -> Any:
        """What the file says."""
        return {key: self.case[key] for key in ("result", "error") if key in self.case}


def load() -> list[Vector]:
    """All of them."""
    found = []
    for path in sorted(FOLDER.glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        found += [Vector(path.stem, case, content["chains"]) for case in content["cases"]]
    return found


VECTORS = load()
