"""What was broken, and what came back in how long: written by the tests, shown as a table.

`python -m tests.faults.report` prints that of the last run.
"""

import json
import statistics
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

PATH = Path(sys.prefix) / "faults.json"
"""One line of JSON for each entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of fault: how often it was injected, and the seconds in which something recovered from it."""

    fault: str
    injected: int
    recovered: str
    """What did."""
    seconds: Sequence[float]
    clients: int
    events: int


class Report:
    """The entries of a run, each written as soon as it is there."""

    def __init__(self, path: Path = PATH) -> None:
        self.entries: list[Entry] = []
        self._path = path
        path.write_text("", encoding="utf-8")

    def add(
        self,
        fault: str,
        *,
        injected: int,
        recovered: str,
        seconds: Sequence[float],
        clients: int,
        events: int,
    ) -> None:
        """Enter what a test has seen."""
        entry = Entry(fault, injected, recovered, [round(each, 3) for each in seconds], clients, events)
        self.entries.append(entry)
        with self._path.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(asdict(entry)) + "\n")


def read(path: Path = PATH) -> list[Entry]:
    """The entries of the last run."""
    return [Entry(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def table(entries: Iterable[Entry]) -> str:
    """The entries as a table in Markdown."""
    rows = [
        "| fault | times | clients | events | what recovered | median s | longest s |",
        "|---|---|---|---|---|---|---|",
    ]
    rows += [
        f"| {each.fault} | {each.injected} | {each.clients:,} | {each.events:,} | {each.recovered} "
        f"| {statistics.median(each.seconds):.2f} | {max(each.seconds):.2f} |"
        for each in entries
    ]
    return "\n".join(rows)


if __name__ == "__main__":
    sys.stdout.write(table(read()) + "\n")
