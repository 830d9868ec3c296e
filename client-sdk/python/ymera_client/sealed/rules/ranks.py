"""Where a task goes: ranks between its neighbours', chosen by the author of a command.

Two authors who do not know of each other may choose the same rank; ids then decide. Between such tasks, and
where ranks would get too long, the ranks around are given anew. What others could not build on is no rank.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fractional_indexing import FIError, generate_n_keys_between

from ymera_client.fold import Plain
from ymera_client.sealed.rules.about import Contents
from ymera_client.sealed.rules.refusals import invalid, limit_exceeded
from ymera_client.sealed.rules.shapes import MAX_RESPACED

MAX_RANK = 100
"""Characters."""
SPREAD_RANK = 50
"""What the ranks that are given anew do not exceed, if a longer stretch can help that."""
WINDOW = 32
"""Tasks on each side that get new ranks first; twice as many while that does not suffice."""


@dataclass(frozen=True, slots=True)
class Places:
    """Ranks for tasks that come next to each other, and the ranks that others get to make room."""

    ranks: list[str]
    respaced: list[Plain]
    """Each `{id, rank}`."""


def is_rank(text: str) -> bool:
    """Whether it is a key of fractional indexing in base 62, beside which others can be made."""
    head = text[0]
    whole = ord(head) - ord("a") + 2 if head >= "a" else ord("Z") - ord(head) + 2
    return head != "A" and (len(text) == whole or (len(text) > whole and not text.endswith("0")))


def at_end(contents: Contents, count: int) -> Places:
    """The next `count` ranks at the end of a project."""
    row = _row(contents, None)
    return _places(row, len(row), count)


def beside(
    contents: Contents, *, before: str | None, after: str | None, moving: Plain | None = None
) -> Places:
    """The rank right after the task `after`, else right before the task `before`, else at the end.

    A task that is `moving` and stands there already keeps its rank. `invalid` names the neighbour that the
    project does not have, or that is on the wrong side of the other.
    """
    for path, neighbour in (("before", before), ("after", after)):
        if neighbour is not None and moving is not None and neighbour == moving["id"]:
            raise invalid(path, "a task cannot stand next to itself.")
    row = _row(contents, moving)
    places = {task["id"]: place for place, task in enumerate(row)}
    for path, neighbour in (("before", before), ("after", after)):
        if neighbour is not None and neighbour not in places:
            raise invalid(path, "the project has no task with this id.")
    if before is not None and after is not None and places[before] <= places[after]:
        raise invalid("before", "this task does not stand below the one in `after`.")
    gap = places[after] + 1 if after is not None else places[before] if before is not None else len(row)
    if moving is not None and _stands_at(row, gap, moving):
        return Places([moving["rank"]], [])
    return _places(row, gap, 1)


def _row(contents: Contents, apart_from: Plain | None) -> list[Plain]:
    tasks = [task for task in contents.all("tasks") if apart_from is None or task["id"] != apart_from["id"]]
    return sorted(tasks, key=_place)


def _place(task: Plain) -> tuple[str, str]:
    return task["rank"], task["id"]


def _stands_at(row: Sequence[Plain], gap: int, task: Plain) -> bool:
    below = gap == 0 or _place(row[gap - 1]) < _place(task)
    return below and (gap == len(row) or _place(task) < _place(row[gap]))


def _places(row: Sequence[Plain], gap: int, count: int) -> Places:
    """Ranks for `count` tasks before the one at `gap`, and for as few around as will do."""
    reach = 0
    while True:
        start, end = max(0, gap - reach), min(len(row), gap + reach)
        last = end - start == len(row) or 2 * reach >= MAX_RESPACED
        ranks = _between(row, start, end, count)
        if ranks and max(map(len, ranks)) <= (MAX_RANK if last or reach == 0 else SPREAD_RANK):
            return _shared(row[start:end], ranks, gap - start, count)
        if last:
            raise limit_exceeded("characters of a rank; move the tasks around elsewhere first", MAX_RANK)
        reach = min(MAX_RESPACED // 2, max(WINDOW, 2 * reach))


def _between(row: Sequence[Plain], start: int, end: int, count: int) -> list[str]:
    """Ranks for a stretch of the row and `count` more, none where there are no good ones."""
    lower = row[start - 1]["rank"] if start else None
    upper = row[end]["rank"] if end < len(row) else None
    if lower is not None and upper is not None and lower >= upper:
        return []
    try:
        ranks = list(generate_n_keys_between(lower, upper, end - start + count))
    except FIError:
        return []
    return ranks if all(map(is_rank, ranks)) else []


def _shared(stretch: Sequence[Plain], ranks: list[str], gap: int, count: int) -> Places:
    others = [*ranks[:gap], *ranks[gap + count :]]
    moved: list[Plain] = [
        {"id": task["id"], "rank": rank}
        for task, rank in zip(stretch, others, strict=True)
        if task["rank"] != rank
    ]
    return Places(ranks[gap : gap + count], moved)
