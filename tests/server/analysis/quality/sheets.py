"""Tables and what spoils them: scheduling problems, benchmarks, installed packages, and drawn registers."""

import csv
import io
import json
import random
import re
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from protocol.files import ContentKind
from server.analysis.content import Content
from tests.server.analysis.quality.pairs import PROJECT, Folder, Pair, Pairs, generator

Table = list[list[str]]
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PROBLEMS = PROJECT.parent / "shared/data/psplib"


def pairs(folder: Folder) -> Pairs:
    for name, table in _tables().items():
        good = _stored(folder, name, table)
        for defect, spoil in DEFECTS.items():
            if defect == "ragged" and name.endswith(".xlsx"):
                continue  # A sheet has no ends of rows.
            spoiled = spoil(generator(name, defect), [list(row) for row in table])
            yield Pair(name, defect, good, _stored(folder, name, spoiled))


def _tables() -> dict[str, Table]:
    found = {f"{path.stem}.csv": _jobs(path) for path in sorted(PROBLEMS.glob("*/*.sm"))[::60]}
    found["packages.tsv"] = _packages()
    found["benchmarks.csv"] = _benchmarks()
    for i, rows in enumerate((8, 40, 150, 600)):
        found[f"register-{i}.csv"] = register(generator("register", str(i)), rows)
        found[f"register-{i}.xlsx"] = register(generator("sheet", str(i)), rows)
    return found


def _jobs(path: Path) -> Table:
    """The precedence relations and durations of a problem of PSPLIB."""
    text = path.read_text()
    requests = text.split("REQUESTS/DURATIONS:")[1].split("RESOURCEAVAILABILITIES")[0]
    rows = [re.findall(r"\d+", line) for line in requests.splitlines()]
    return [
        ["job", "mode", "duration", "resource 1", "resource 2", "resource 3", "resource 4"],
        *(row for row in rows if len(row) == 7),
    ]


def _packages() -> Table:
    rows = [
        [one.metadata["Name"], one.version, str(len(one.files or []))] for one in metadata.distributions()
    ]
    return [["name", "version", "files"], *sorted(rows)]


def _benchmarks() -> Table:
    found = json.loads((PROJECT / "bench/results/fanout.json").read_text())
    text = json.dumps(found)
    rows = re.findall(r'"([a-z][a-z _.]{3,40})": ([\d.]+)', text)[:200]
    return [["number", "measure", "value"], *([str(i), name, value] for i, (name, value) in enumerate(rows))]


def register(random_: random.Random, rows: int) -> Table:
    """People, days, amounts and places, none of them missing."""
    towns = ["Aachen", "Basel", "Como", "Delft", "Évora", "Fez", "Graz"]
    return [
        ["number", "day", "name", "amount", "town", "paid"],
        *(
            [
                str(1000 + i),
                f"20{random_.randrange(10, 26)}-{random_.randrange(1, 13):02}-{random_.randrange(1, 29):02}",
                "".join(random_.choices("abcdefghijklmnop", k=7)).title(),
                f"{random_.uniform(1, 900):.2f}",
                random_.choice(towns),
                random_.choice(["true", "false"]),
            ]
            for i in range(rows)
        ),
    ]


def _stored(folder: Folder, name: str, table: Table) -> Content:
    path = folder.new(name)
    if name.endswith(".xlsx"):
        lines = ["Sheet1", *("\t".join(row).rstrip("\t") for row in table)]
        return Content(
            path=path, name=name, media_type=SPREADSHEET, kind=ContentKind.TABLE,
            pages=["\n".join(lines)], metadata={"sheets": ["Sheet1"]},
        )  # fmt: skip
    text = io.StringIO()
    csv.writer(text, delimiter="\t" if name.endswith(".tsv") else ",").writerows(table)
    return folder.text(name, text.getvalue(), kind=ContentKind.TABLE, media_type="text/csv")


def blanked(random_: random.Random, table: Table, share: float = 0.12) -> Table:
    for row in table[1:]:
        for i in range(len(row)):
            if random_.random() < share:
                row[i] = random_.choice(["", "", "NA", "n/a"])
    table[-1][-2:] = ["", ""]
    return table


def ragged(random_: random.Random, table: Table) -> Table:
    for row in random_.sample(table[1:], max(1, len(table) // 10)):
        row[:] = row[:-1] if random_.random() < 0.5 else [*row, "over"]
    return table


def mixed(random_: random.Random, table: Table) -> Table:
    """Words among the figures of a column that had none."""
    figures = [i for i, cell in enumerate(table[1]) if cell.replace(".", "").isdigit()]
    column = random_.choice(figures)
    for row in random_.sample(table[1:], max(1, len(table) // 6)):
        row[column] = random_.choice(["about ten", "see below", "twelve", "tbd."])
    return table


def repeated(random_: random.Random, table: Table) -> Table:
    for row in random_.sample(table[1:], max(1, len(table) // 6)):
        table.insert(random_.randrange(1, len(table)), list(row))
    return table


def headless(random_: random.Random, table: Table) -> Table:
    return table[1:]


DEFECTS: dict[str, Callable[[random.Random, Table], Table]] = {
    "cells blanked": blanked,
    "ragged": ragged,
    "types mixed": mixed,
    "rows repeated": repeated,
    "header removed": headless,
}
