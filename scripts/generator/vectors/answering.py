"""Answers cases like those of the vectors, one a line, for another implementation to be held against.

A line has a `case` and the `chains` that it may name. The answer is what comes of it, as the vectors say it,
or `crash` with the reason where that is neither a value nor a fault.
"""

import json
import sys
from typing import Any

from scripts.generator.vectors import writing
from scripts.generator.vectors.cases import Json, play


def answer(line: str) -> Json:
    """What comes of the case of a line."""
    asked: dict[str, Any] = json.loads(line)
    try:
        return play(asked["case"], asked["chains"])
    except Exception as error:  # noqa: BLE001 - whatever it is, the other side is to hear of it
        return {"crash": f"{type(error).__name__}: {error}"}


def main() -> None:
    """Answer until the input ends."""
    assert writing.MODULES, "the calls of all modules are registered"
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(line)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
