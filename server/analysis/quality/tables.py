"""Tables: whether cells are filled, columns of one type, rows of one length and there once, under a header.

CSV is read as it stands; a spreadsheet's cells are in its pages, one line a row with tabs between them.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from server.analysis.content import Content
from server.analysis.quality.marks import Mark, decay, ramp
from server.analysis.quality.source import decoded

MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_BYTES = 8 * 1024 * 1024
"""How much of a table is judged: the first rows and columns, and of a CSV file the first bytes."""
Row = list[str]

_BLANK = frozenset(
    {"", "-", "–", "?", "n/a", "na", "nan", "null", "none", "#n/a", "#ref!", "#value!", "#div/0!"}
)
_TYPES = (
    ("whole number", re.compile(r"[+-]?\d{1,40}|[+-]?\d{1,3}([,' \u00a0\u202f]\d{3}){1,10}")),
    ("number", re.compile(r"[+-]?(\d{0,40}\.\d{1,40}|\d{1,40}\.?)(e[+-]?\d{1,4})?", re.IGNORECASE)),
    ("number with a comma", re.compile(r"[+-]?\d{1,40},\d{1,40}")),
    ("share or money", re.compile(r"[+-]?[$€£¥]?\s?\d{1,40}([.,]\d{1,40})*\s?[%$€£¥]?")),
    ("date", re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?( ?(Z|[+-]\d\d:?\d\d))?)?")),
    ("date of another form", re.compile(r"\d{1,2}([./-])\d{1,2}\1\d{2,4}|\d{4}([./])\d{1,2}\2\d{1,2}")),
    ("time", re.compile(r"\d{1,2}:\d\d(:\d\d)?")),
    ("yes or no", re.compile(r"true|false|yes|no", re.IGNORECASE)),
)


def judge_table(content: Content) -> list[Mark]:
    """The marks of a CSV file or a spreadsheet; of several sheets, the one with the most cells."""
    if content.media_type.startswith("text/"):
        rows, what = _csv_rows(content.path)
    else:
        rows, what = _largest_sheet(content.pages, content.metadata.get("sheets"))
    return judge_rows(rows, what)


def judge_rows(rows: list[Row], what: str = "The table") -> list[Mark]:
    """The marks of rows of cells."""
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if len(rows) < 2:
        return [Mark("shape", 0, 1, f"{what} has {len(rows)} rows: no data.")]
    width = Counter(map(len, rows)).most_common(1)[0][0]
    more = " Only the first rows were read." if len(rows) >= MAX_ROWS else ""
    return [
        _completeness(rows[1:], width, f"{what}: "),
        _types(rows[1:], width),
        _shape(rows, width, more),
        _repetition(rows[1:]),
        _header(rows, width),
    ]


def _completeness(rows: list[Row], width: int, what: str) -> Mark:
    cells = len(rows) * width
    filled = sum(not _is_blank(cell) for row in rows for cell in row[:width])
    share = 1 - filled / cells
    return Mark(
        "completeness",
        100 * (1 - share) ** 2,
        0.25,
        f"{what}{share:.1%} of {len(rows):,} × {width} cells are missing.",
    )


def _types(rows: list[Row], width: int) -> Mark:
    """For each column the share of its most frequent type; columns count alike."""
    shares = []
    worst = ("", 1.0)
    for column in range(width):
        types = Counter(
            _type(row[column]) for row in rows if len(row) > column and not _is_blank(row[column])
        )
        if not types:
            continue
        _merge_numbers(types)
        kind, count = types.most_common(1)[0]
        share = count / types.total()
        shares.append(share)
        worst = min(worst, (f"; worst is column {column + 1}, {share:.0%} {kind}", share), key=lambda w: w[1])
    mean = sum(shares) / len(shares) if shares else 0.0
    return Mark("types", 100 * mean**4, 0.25, f"On average {mean:.1%} of a column are of one type{worst[0]}.")


def _merge_numbers(types: Counter[str]) -> None:
    """Whole numbers among others, or among shares and money, are no other type."""
    for wider in ("number", "number with a comma", "share or money"):
        if types[wider]:
            types[wider] += types.pop("whole number", 0)


def _shape(rows: list[Row], width: int, more: str) -> Mark:
    ragged = sum(len(row) != width for row in rows)
    return Mark(
        "shape",
        decay(100 * ragged / len(rows), 6),
        0.2,
        f"{ragged:,} of {len(rows):,} rows have more or fewer cells than {width}.{more}",
    )


def _repetition(rows: list[Row]) -> Mark:
    again = len(rows) - len({tuple(row) for row in rows})
    return Mark(
        "repetition",
        decay(100 * again / len(rows), 15),
        0.2,
        f"{again:,} of {len(rows):,} rows are there twice.",
    )


def _header(rows: list[Row], width: int) -> Mark:
    """Names that are there, differ, and are no figures above columns of figures."""
    first = [cell.strip() for cell in rows[0]]
    named = sum(_type(cell) == "text" for cell in first if cell) / width
    distinct = len({cell.lower() for cell in first if cell}) / width
    short = sum(len(cell) <= 60 for cell in first) / max(1, len(first))
    return Mark(
        "header",
        ramp(min(named, distinct, short), 0.2, 1),
        0.1,
        f"Of {width} columns {named:.0%} have a name in the first row, {distinct:.0%} one of their own.",
    )


def _is_blank(cell: str) -> bool:
    return cell.strip().lower() in _BLANK


def _type(cell: str) -> str:
    value = cell.strip()
    if len(value) > 60:
        return "text"
    return next((name for name, form in _TYPES if form.fullmatch(value)), "text")


def _csv_rows(path: Path) -> tuple[list[Row], str]:
    with path.open("rb") as file:
        data = file.read(MAX_BYTES)
    text = decoded(data)
    delimiter = _delimiter(text[:65_536])
    reader = csv.reader(io.StringIO(text.replace("\x00", "")), delimiter=delimiter)
    name = {"\t": "tab", ";": "semicolon", "|": "bar"}.get(delimiter, "comma")
    return [row[:MAX_COLUMNS] for row in _whole_rows(reader)], f"By {name}"


def _whole_rows(reader: Iterable[Row]) -> Iterator[Row]:
    """The rows up to where a quote is never closed."""
    rows = iter(reader)
    for _ in range(MAX_ROWS):
        try:
            yield next(rows)
        except (StopIteration, csv.Error):
            return


def _delimiter(sample: str) -> str:
    """Whichever divides most lines into the same number of cells, more than one."""
    lines = [line for line in sample.splitlines()[:200] if line.strip()]

    def agreement(delimiter: str) -> tuple[int, int]:
        widths = Counter(len(row) for row in _whole_rows(csv.reader(lines, delimiter=delimiter)))
        return max(((count, width) for width, count in widths.items() if width > 1), default=(0, 0))

    return max(",;\t|", key=agreement)


def _largest_sheet(pages: list[str], names: object) -> tuple[list[Row], str]:
    """A sheet begins with a page whose first line is its name; long ones go on over further pages."""
    waiting = [str(name) for name in names] if isinstance(names, list) else []
    sheets: list[tuple[str, list[str]]] = []
    for page in pages:
        first, _, rest = page.partition("\n")
        if waiting and first.strip() == waiting[0].strip():
            sheets.append((waiting.pop(0), [rest]))
        elif sheets:
            sheets[-1][1].append(page)
        else:
            sheets.append(("", [page]))
    name, parts = max(sheets, key=lambda sheet: sum(part.count("\t") for part in sheet[1]), default=("", []))
    lines = "\n".join(part.removesuffix("\n") for part in parts).splitlines()
    rows = [line.split("\t")[:MAX_COLUMNS] for line in lines[:MAX_ROWS]]
    return _squared(rows), f"Sheet {name!r} of {len(sheets)}" if name else "The table"


def _squared(rows: list[Row]) -> list[Row]:
    """Rows filled up to the width of the first: in a sheet, cells at the end are missing, not cut off."""
    width = len(next((row for row in rows if any(row)), []))
    return [row + [""] * (width - len(row)) for row in rows]
