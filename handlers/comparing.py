"""Comparing two versions of a file, line by line where they are text."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from rapidfuzz.distance import Indel

from protocol.files import DiffLine, DiffSign, FileComparison, FileVersion, Hunk

MAX_CHARACTERS = 1_000_000
"""Of each text; longer ones are compared up to there."""
MAX_LINES = 10_000
"""Lines of each side, between those that are the same at both ends, that are matched with each other: in a
few hundredths of a second and 12 MB, whatever they are."""
SHOWN_LINES = 2_000
SHOWN_CHARACTERS = 2_000
"""Of one line."""
AROUND = 3
"""Lines that are shown around what differs."""

Step = tuple[bool, int, int, int, int]
"""Whether lines are the same, and which, from and to, of both sides."""


async def compare(
    before: FileVersion,
    after: FileVersion,
    texts: Sequence[str | None],
    metadata: Sequence[Mapping[str, Any]],
) -> FileComparison:
    """How two versions differ, given their texts, where they have some, and what was read from them."""
    steps: list[Step] = []
    old, new = texts
    cut = any(text is not None and len(text) > MAX_CHARACTERS for text in texts)
    lines: list[list[str]] = [[], []]
    if old is not None and new is not None:
        lines = [text[:MAX_CHARACTERS].splitlines() for text in (old, new)]
        steps = await asyncio.to_thread(_steps, *lines)
    hunks, shown_all = _hunks(steps, *lines)
    cut |= any(len(line.text) == SHOWN_CHARACTERS for hunk in hunks for line in hunk.lines)
    return FileComparison(
        before=before,
        after=after,
        same=before.sha256 == after.sha256,
        text=old is not None and new is not None,
        added=sum(to - start for same, _, _, start, to in steps if not same),
        removed=sum(to - start for same, start, to, _, _ in steps if not same),
        hunks=hunks,
        truncated=cut or not shown_all,
        metadata=_differing(*metadata),
    )


def _steps(old: list[str], new: list[str]) -> list[Step]:
    """How to come from the old lines to the new. What is too much to match is one step, all for all."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    inner = old[head : len(old) - tail], new[head : len(new) - tail]
    blocks = [(0, 0, head)]
    if max(map(len, inner)) <= MAX_LINES:
        blocks += [(head + a, head + b, size) for a, b, size in _matching(*inner)]
    blocks.append((len(old) - tail, len(new) - tail, tail))
    steps: list[Step] = []
    upto = 0, 0
    for a, b, size in blocks:
        if upto != (a, b):
            steps.append((False, upto[0], a, upto[1], b))
        if size:
            steps.append((True, a, a + size, b, b + size))
        upto = a + size, b + size
    return steps


def _matching(old: list[str], new: list[str]) -> list[tuple[int, int, int]]:
    """Where runs of the most lines that can stay begin on both sides, and how long they are."""
    # Numbers in place of the lines: those are told apart by more than their hashes.
    known: dict[str, int] = {}
    numbered = [[known.setdefault(line, len(known)) for line in lines] for lines in (old, new)]
    blocks = Indel.opcodes(*numbered).as_matching_blocks()
    return [(block.a, block.b, block.size) for block in blocks if block.size]


def _hunks(steps: Sequence[Step], old: list[str], new: list[str]) -> tuple[list[Hunk], bool]:
    """What differs, with some lines around it, and whether that is all."""
    hunks: list[Hunk] = []
    lines: list[DiffLine] = []
    shown = 0
    for place, (same, a, b, c, d) in enumerate(steps):
        if same:
            if place:
                lines += [_line(DiffSign.SAME, i, c + i - a, old[i]) for i in range(a, min(b, a + AROUND))]
            if b - a > 2 * AROUND or not place:
                if lines:
                    hunks.append(Hunk(lines=lines))
                lines = []
            if place < len(steps) - 1:
                start = max(a + AROUND if place else a, b - AROUND)
                lines += [_line(DiffSign.SAME, i, c + i - a, old[i]) for i in range(start, b)]
            continue
        lines += [_line(DiffSign.REMOVED, i, None, old[i]) for i in range(a, b)[: SHOWN_LINES - shown]]
        shown += b - a
        lines += [_line(DiffSign.ADDED, None, i, new[i]) for i in range(c, d)[: max(0, SHOWN_LINES - shown)]]
        shown += d - c
        if shown > SHOWN_LINES:
            return [*hunks, Hunk(lines=lines)], False
    if any(line.sign is not DiffSign.SAME for line in lines):
        hunks.append(Hunk(lines=lines))
    return hunks, True


def _line(sign: DiffSign, before: int | None, after: int | None, text: str) -> DiffLine:
    return DiffLine(
        sign=sign,
        before=None if before is None else before + 1,
        after=None if after is None else after + 1,
        text=text[:SHOWN_CHARACTERS],
    )


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    names = dict.fromkeys([*before, *after])
    return {
        name: [before.get(name), after.get(name)] for name in names if before.get(name) != after.get(name)
    }
