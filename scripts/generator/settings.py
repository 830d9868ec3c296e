"""The table of settings in the operations guide, from the one table in `server/settings.py`."""

from pathlib import Path

from server.settings import Variable, variables

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
BEGIN = "<!-- settings: written by make generate -->\n"
END = "<!-- end of settings -->\n"


def render() -> str:
    """Return the guide with the table in it brought up to date."""
    before, begin, rest = GUIDE.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{GUIDE}: the marks {BEGIN.strip()!r} and {END.strip()!r} are missing")
    rows = ["| variable | meaning | default |", "|---|---|---|", *(_row(each) for each in variables())]
    return before + BEGIN + "\n" + "\n".join(rows) + "\n\n" + END + after


def _row(variable: Variable) -> str:
    return f"| `{variable.name}` | {variable.meaning} | {variable.default_text} |"
