"""Documents that are partly written by hand: the generated part stands between two marks."""

from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"


def splice(name: str, part: str, text: str) -> str:
    """Return `docs/<name>` with `text` between the marks of `part`."""
    begin, end = f"<!-- {part}: written by make generate -->\n", f"<!-- end of {part} -->\n"
    path = DOCS / name
    before, found_begin, rest = path.read_text(encoding="utf-8").partition(begin)
    _, found_end, after = rest.partition(end)
    if not found_begin or not found_end:
        raise ValueError(f"{path}: the marks {begin.strip()!r} and {end.strip()!r} are missing")
    return f"{before}{begin}\n{text.strip()}\n\n{end}{after}"


def table(heads: list[str], rows: list[list[str]]) -> str:
    """Return a table, or nothing where there are no rows."""
    if not rows:
        return ""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join("| " + " | ".join(_cell(cell) for cell in line) + " |\n" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
