"""Plays scripts, one a line, for another implementation to be held against; see `playing`.

The answer is the list of what came of the steps, or `crash` with the reason if one had no end of either kind.
"""

import json
import sys
from typing import Any

from scripts.generator.rules.playing import played


def answer(line: str) -> Any:
    """What comes of the script of a line."""
    try:
        return list(played(json.loads(line)))
    except Exception as error:  # noqa: BLE001 - whatever it is, the other side is to hear of it
        return {"crash": f"{type(error).__name__}: {error}"}


def main() -> None:
    """Answer until the input ends."""
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(line)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
