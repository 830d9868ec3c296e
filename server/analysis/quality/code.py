"""Code: Python by its own parser and linter, other languages by brackets, depth, comments and layout."""

from server.analysis.content import Content
from server.analysis.quality.brackets import Scan, scan
from server.analysis.quality.layout import judge_depth, judge_layout, judge_repetition
from server.analysis.quality.marks import Mark, decay, ramp
from server.analysis.quality.python import judge_python
from server.analysis.quality.source import decoded

MAX_BYTES = 1024 * 1024
"""Of a file of source that are judged; one that is longer is not parsed."""
PYTHON = "text/x-python"


def judge_code(content: Content) -> list[Mark]:
    """The marks of source in any programming language."""
    with content.path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    text = decoded(data[:MAX_BYTES])
    if not text.strip():
        return [Mark("syntax", 0, 1, "There is no code.")]
    lines = text.splitlines()
    whole = len(data) <= MAX_BYTES
    if content.media_type == PYTHON and whole:
        return judge_python(text)
    found = scan(text, content.media_type.rpartition("/")[2].removeprefix("x-"))
    return [
        *([_brackets(found)] if whole else []),
        judge_depth(lines, weight=0.2),
        judge_layout(lines, weight=0.2),
        judge_repetition(lines, weight=0.1),
        _comments(found, lines),
    ]


def _brackets(found: Scan) -> Mark:
    return Mark(
        "syntax",
        decay(found.unmatched, 0.5),
        0.4,
        f"{found.unmatched} of {found.brackets:,} brackets have no partner.",
    )


def _comments(found: Scan, lines: list[str]) -> Mark:
    share = found.comments / max(1, sum(bool(line.strip()) for line in lines))
    return Mark(
        "documentation",
        ramp(share, 0, 0.08),
        0.1,
        f"{share:.0%} of the lines have a comment (8% are enough).",
    )
