"""Tables: CSV with the dialect that it is written in, and spreadsheets as text, sheet by sheet."""

import csv
from collections.abc import Iterable
from pathlib import Path

from server.analysis import documents, text
from server.analysis.reading import Reading, Unreadable

SAMPLE = 32_768
"""Characters by which a dialect is told."""
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
    """Whether a text, of which this is the beginning, looks like CSV: several columns in all of its rows."""
    rows = said[:SAMPLE].splitlines()[:50]
    if said and len(rows) > 2 and not said.endswith("\n"):
        # It may be cut off.
        rows.pop()
    if len(rows) < 3:
        return False
    dialect = dialect_of("\n".join(rows))
    if dialect is None:
        return False
    widths = {len(row) for row in csv.reader(rows, dialect) if row}
    return len(widths) == 1 and widths.pop() > 1


def dialect_of(said: str) -> type[csv.Dialect] | None:
    """How the columns of a CSV text are divided; None if it has one column only."""
    try:
        return csv.Sniffer().sniff(said[:SAMPLE], DELIMITERS)
    except csv.Error:
        return None


def _read_csv(path: Path, reading: Reading) -> None:
    text.read(path, reading)
    if not reading.pages:
        return
    said = reading.pages[0]
    dialect = dialect_of(said) or csv.excel
    csv.field_size_limit(MAX_FIELD)
    rows, columns = 0, 0
    header: list[str] = []
    try:
        for row in csv.reader(said.splitlines(keepends=True), dialect):
            rows += bool(row)
            columns = max(columns, len(row))
            header = header or row[:MAX_HEADER]
    except csv.Error as error:
        raise Unreadable(f"Row {rows + 1} can't be read: {error}.") from None
    reading.metadata |= {"rows": rows, "columns": columns, "header": header, "delimiter": dialect.delimiter}


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
