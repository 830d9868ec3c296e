"""Tables: CSV with the dialect that it is written in, and spreadsheets as text, sheet by sheet."""

import csv
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from server.analysis import documents, text
from server.analysis.reading import Reading, Unreadable

SAMPLE = 32_768
"""Characters by which a dialect is told."""
SAMPLE_ROWS = 50
MIN_ROWS = 3
"""Fewer rows that are alike are soon found in other text."""
DELIMITERS = ",;\t|"
MAX_HEADER = 50
"""Names of columns that are kept in the metadata."""
MAX_FIELD = 1_000_000
"""Characters in one field."""


def read(path: Path, reading: Reading) -> None:
    """Read a table's text and its shape. Unreadable if it is broken."""
    if reading.media_type.startswith("text/"):
        _read_csv(path, reading)
    else:
        _read_spreadsheet(path, reading)


def is_table(said: str) -> bool:
    """Whether a text, of which this is the beginning, looks like CSV: as many columns in each of its rows."""
    return len(_sample(said)) >= MIN_ROWS and _delimited(_sample(said))[1] == 1


def delimiter_of(said: str) -> str:
    """What divides the columns of a CSV text: that which makes the most of its rows equally long."""
    return _delimited(_sample(said))[0]


def _sample(said: str) -> list[str]:
    rows = said[:SAMPLE].splitlines()
    # The last one may be cut off.
    return (rows if len(rows) < MIN_ROWS or said.endswith("\n") else rows[:-1])[:SAMPLE_ROWS]


def _delimited(rows: list[str]) -> tuple[str, float]:
    """The best delimiter, and for how many of the rows, from 0 to 1, it is right."""
    shares = {}
    for delimiter in DELIMITERS:
        widths = Counter(len(row) for row in csv.reader(rows, delimiter=delimiter) if row)
        width, count = max(widths.items(), key=lambda one: one[1], default=(0, 0))
        shares[delimiter] = count / widths.total() if width > 1 else 0.0
    best = max(shares, key=shares.__getitem__)
    return best, shares[best]


def _read_csv(path: Path, reading: Reading) -> None:
    text.read(path, reading)
    if not reading.pages:
        return
    said = reading.pages[0]
    delimiter = delimiter_of(said)
    csv.field_size_limit(MAX_FIELD)
    rows, columns = 0, 0
    header: list[str] = []
    try:
        for row in csv.reader(said.splitlines(keepends=True), delimiter=delimiter):
            rows += bool(row)
            columns = max(columns, len(row))
            header = header or row[:MAX_HEADER]
    except csv.Error as error:
        raise Unreadable(f"Row {rows + 1} can't be read: {error}.") from None
    reading.metadata |= {"rows": rows, "columns": columns, "header": header, "delimiter": delimiter}


def _read_spreadsheet(path: Path, reading: Reading) -> None:
    result = documents.extract(path, reading.media_type)
    names = documents.facts(result).get("sheet_names") or []
    reading.metadata |= documents.describe(result) | {"sheets": names}
    cells = {table.page_number: table.cells for table in result.tables}
    reading.metadata["rows"] = sum(len(rows) for rows in cells.values())
    reading.metadata["columns"] = max((len(row) for rows in cells.values() for row in rows), default=0)
    reading.pages = [_sheet(name, cells.get(number, [])) for number, name in enumerate(names, 1)]


def _sheet(name: str, rows: Iterable[list[str]]) -> str:
    lines = ("\t".join(" ".join(cell.split()) for cell in row).rstrip("\t") for row in rows)
    return "\n".join([name, *lines])
