"""Layout of source: how long its lines are, how they are indented, how deep they lie, which repeat."""

from collections import Counter

from server.analysis.quality.marks import Mark, decay

LONG_LINE = 120
"""Characters from which on a line is long."""
WINDOW = 6
"""Lines in a row that count as copied when they are there again."""
DEEP = 4
"""Levels of indentation that are usual."""


def judge_layout(lines: list[str], *, weight: float) -> Mark:
    """Long lines, tabs beside spaces, spaces at ends of lines."""
    count = max(1, len(lines))
    long = sum(len(line) > LONG_LINE for line in lines)
    longest = max(map(len, lines), default=0)
    tabs = sum(line.startswith("\t") for line in lines)
    spaces = sum(line.startswith("  ") for line in lines)
    mixed = min(tabs, spaces) + sum(line[: len(line) - len(line.lstrip())].count(" \t") > 0 for line in lines)
    trailing = sum(line != line.rstrip() for line in lines)
    uneven = _uneven(lines)
    faults = 3 * long + 2 * mixed + trailing + uneven
    return Mark(
        "layout",
        decay(100 * faults / count, 25) * min(1.0, 2_000 / max(2_000, longest)),
        weight,
        f"Of {len(lines):,} lines {long} are longer than {LONG_LINE} characters, {mixed} are indented "
        f"otherwise than the rest, {uneven} unevenly, {trailing} end in spaces.",
    )


def judge_depth(lines: list[str], *, weight: float) -> Mark:
    """How far lines are indented beyond what is usual."""
    unit = _unit(lines)
    levels = [_indent(line) / unit for line in lines if line.strip()]
    excess = sum(max(0.0, level - DEEP) for level in levels) / max(1, len(levels))
    mean = sum(levels) / max(1, len(levels))
    return Mark(
        "complexity",
        decay(excess + 0.1 * mean, 0.8),
        weight,
        f"Lines lie {mean:.1f} levels deep on average, {max(levels, default=0):.0f} at most.",
    )


def judge_repetition(lines: list[str], *, weight: float) -> Mark:
    """Lines that belong to a block that stood there before."""
    plain = [line.strip() for line in lines if len(line.strip()) > 3]
    blocks = [tuple(plain[i : i + WINDOW]) for i in range(len(plain) - WINDOW + 1)]
    again = sum(count - 1 for count in Counter(blocks).values())
    share = again / max(1, len(blocks))
    return Mark(
        "repetition",
        100 * (1 - share) ** 2,
        weight,
        f"{share:.0%} of {len(plain):,} lines repeat {WINDOW} lines in a row from before.",
    )


def _indent(line: str) -> int:
    return len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip())


def _unit(lines: list[str]) -> int:
    """The usual step of indentation."""
    steps: Counter[int] = Counter()
    before = 0
    for line in lines:
        if line.strip():
            steps[_indent(line) - before] += 1
            before = _indent(line)
    return next((step for step, _ in steps.most_common() if 2 <= step <= 8), 4)


def _uneven(lines: list[str]) -> int:
    """Lines indented by an odd number of spaces, but for the asterisks of comments."""
    return sum(
        line.startswith(" ") and _indent(line) % 2 == 1 and not line.lstrip().startswith("*")
        for line in lines
    )
