"""Comparing texts: what is shown leads from the one to the other, is bounded, and takes little time."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers import comparing
from protocol.files import DiffSign, FileComparison
from tests.filing import version

LINES = st.lists(st.sampled_from(["", "a", "b", "c", "the same", "\t"]), max_size=40)
WORST = [f"{number % 100}" for number in range(9_000)]
"""Among whose lines each is so frequent that matching them by looking for the longest runs takes minutes."""


async def compared(before: list[str], after: list[str]) -> FileComparison:
    old, new = ("".join(f"{line}\n" for line in lines) for lines in (before, after))
    return await comparing.compare(version(1, old), version(2, new), [old, new], [{}, {}])


def rebuilt(before: list[str], comparison: FileComparison) -> list[str]:
    """The lines before, with what the hunks say done to them."""
    after: list[str] = []
    at = 0
    for line in (line for hunk in comparison.hunks for line in hunk.lines):
        # What lies between is the same on both sides.
        skipped = line.before - 1 - at if line.before is not None else (line.after or 0) - 1 - len(after)
        after += before[at : at + skipped]
        at += skipped
        if line.sign is not DiffSign.ADDED:
            assert (line.before, line.text) == (at + 1, before[at])
            at += 1
        if line.sign is not DiffSign.REMOVED:
            after.append(line.text)
            assert line.after == len(after)
    return after + before[at:]


@settings(deadline=None)
@given(LINES, LINES)
async def test_what_is_shown_leads_from_the_one_to_the_other(before: list[str], after: list[str]) -> None:
    comparison = await compared(before, after)
    assert not comparison.truncated
    assert rebuilt(before, comparison) == after
    lines = [line for hunk in comparison.hunks for line in hunk.lines]
    for sign, count in ((DiffSign.ADDED, comparison.added), (DiffSign.REMOVED, comparison.removed)):
        assert sum(line.sign is sign for line in lines) == count
    assert comparison.same == (before == after and comparison.hunks == [])


@settings(deadline=None)
@given(LINES, st.integers(0, 40), st.sampled_from(["x", "y"]))
async def test_one_line_more_is_one_line(before: list[str], place: int, line: str) -> None:
    before = [*before, "end"]
    after = [*before[:place], line, *before[place:]]
    comparison = await compared(before, after)
    assert (comparison.added, comparison.removed) == (1, 0)
    (hunk,) = comparison.hunks
    assert len(hunk.lines) <= 1 + 2 * comparing.AROUND


async def test_lines_that_differ_stand_with_three_around_them() -> None:
    before = [f"{number}" for number in range(40)]
    after = [*before[:10], "ten", *before[11:16], "more", *before[16:30], *before[31:]]
    comparison = await compared(before, after)
    shown = [[f"{line.sign[0]}{line.text}" for line in hunk.lines] for hunk in comparison.hunks]
    near = [f"s{number}" for number in range(11, 16)]
    assert shown == [
        ["s7", "s8", "s9", "r10", "aten", *near, "amore", "s16", "s17", "s18"],
        ["s27", "s28", "s29", "r30", "s31", "s32", "s33"],
    ]
    assert (comparison.added, comparison.removed) == (2, 2)


async def test_what_is_too_much_is_cut_and_said_to_be() -> None:
    count = comparing.SHOWN_LINES
    many = await compared(["old"] * count, ["new"] * count)
    assert many.truncated
    assert (many.added, many.removed) == (count, count)
    assert sum(len(hunk.lines) for hunk in many.hunks) <= comparing.SHOWN_LINES + 2 * comparing.AROUND
    wide = await compared(["x" * 5_000], ["y"])
    assert wide.truncated
    assert len(wide.hunks[0].lines[0].text) == comparing.SHOWN_CHARACTERS
    long = await compared(["x" * (comparing.MAX_CHARACTERS + 5)], ["y"])
    assert long.truncated


async def test_what_is_too_much_to_match_is_all_for_all_between_what_is_the_same() -> None:
    many = [f"{number}" for number in range(comparing.MAX_LINES + 1)]
    comparison = await compared(["head", *many, "tail"], ["head", "few", "tail"])
    assert (comparison.added, comparison.removed) == (1, len(many))
    assert comparison.hunks[0].lines[0].text == "head"


@pytest.mark.parametrize(
    "after",
    [WORST[::-1], [line for each in WORST[:4_500] for line in (each, f"x{each}")], ["x"] * 9_000],
    ids=["backwards", "interleaved", "all new"],
)
async def test_the_worst_texts_take_little_time(after: list[str]) -> None:
    started = time.process_time()
    comparison = await compared(["from", *WORST, "here"], ["to", *after, "there"])
    # Some hundredths of it are needed.
    assert time.process_time() - started < 5
    assert comparison.truncated


async def test_what_says_nothing_is_compared_by_what_is_known_of_it() -> None:
    metadata = [{"pages": 3, "title": "Plan", "author": "Gene"}, {"pages": 4, "title": "Plan", "camera": "x"}]
    comparison = await comparing.compare(version(1, "a"), version(2, "b"), [None, "b"], metadata)
    assert (comparison.text, comparison.hunks, comparison.truncated) == (False, [], False)
    assert comparison.metadata == {"pages": [3, 4], "author": ["Gene", None], "camera": [None, "x"]}
