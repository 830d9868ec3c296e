"""What was broken, and what came back in how long: entered by the tests, shown as a table after them.

Entries go with the tests' results, as properties, and so out of whichever process a test ran in.
`python -m tests.faults.report` prints the table of the last run.
"""

import json
import statistics
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec
import pytest

PATH = Path(sys.prefix) / "faults.json"
"""One line of JSON for each entry of the last run."""
PROPERTY = "fault"


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
    """Where a test enters what it saw; `properties` are those of its results."""

    def __init__(self, properties: list[tuple[str, object]]) -> None:
        self._properties = properties

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
        """Enter something."""
        entry = Entry(fault, injected, recovered, [round(each, 3) for each in seconds], clients, events)
        self._properties.append((PROPERTY, asdict(entry)))


def gather(results: Iterable[object]) -> list[Entry]:
    """The entries of a run's results."""
    return [
        msgspec.convert(value, Entry)
        for each in results
        if isinstance(each, pytest.TestReport) and each.when == "call"
        for name, value in each.user_properties
        if name == PROPERTY
    ]


def write(entries: Iterable[Entry], path: Path = PATH) -> None:
    """Keep the entries of a run in place of those of the one before."""
    path.write_text("".join(json.dumps(asdict(entry)) + "\n" for entry in entries), encoding="utf-8")


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
