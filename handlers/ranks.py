"""Where a task goes: ranks between its neighbours', read while the project's room is locked.

Ranks come from fractional indexing in base 62. At the ends they stay short; between the same two
neighbours each takes about a sixth of a character more than the one before. No rank is longer than
`MAX_RANK`: where one would be, the ranks around it are given anew, with an event for each task.
"""

from collections.abc import Sequence

from fractional_indexing import generate_n_keys_between
from msgspec.structs import replace

from handlers import changes
from handlers.changes import Edit
from handlers.dispatch import Context
from persistence import ranks, tasks
from protocol.errors import invalid
from protocol.tasks import Task

MAX_RANK = 100
"""Characters."""
SPREAD_RANK = 50
"""What the ranks that are given anew do not exceed."""
WINDOW = 32
"""Tasks on each side that get new ranks first; twice as many while that does not suffice."""

Place = tuple[str, str]
"""The rank and the id of a task."""
Gap = tuple[str | None, str | None]
"""The ranks between which nothing stands; None is the end of the project."""


async def at_end(ctx: Context, project_id: str, count: int) -> list[str]:
    """The next `count` ranks at the end of a project."""
    last = await ranks.last(ctx.tx, project_id, None)
    return list(generate_n_keys_between(last, None, count))


async def place(
    ctx: Context, project_id: str, *, before: str | None, after: str | None, moving: Task | None = None
) -> str:
    """The rank right after the task `after`, else right before the task `before`, else at the end.

    A task that is `moving` and stands there already keeps its rank. ApiError `invalid` names the
    neighbour that the project does not have, or that is on the wrong side of the other.
    """
    apart_from = moving.id if moving else None
    for path, neighbour in (("before", before), ("after", after)):
        if neighbour is not None and neighbour == apart_from:
            raise invalid(f"{path}: a task cannot stand next to itself.", path)
    gap = await _gap(ctx, project_id, before, after, apart_from)
    if moving is not None and (gap[0] or "") < moving.rank < (gap[1] or "~"):
        return moving.rank
    [rank] = generate_n_keys_between(*gap, 1)
    if len(rank) > MAX_RANK:
        await _spread(ctx, project_id, gap, apart_from)
        [rank] = generate_n_keys_between(*await _gap(ctx, project_id, before, after, apart_from), 1)
    return str(rank)


async def _gap(
    ctx: Context, project_id: str, before: str | None, after: str | None, apart_from: str | None
) -> Gap:
    found = await changes.present(ctx, project_id, {"before": before, "after": after})
    upper = found[before].rank if before else None
    lower = found[after].rank if after else None
    if upper and lower and upper <= lower:
        raise invalid("before: this task does not stand below the one in `after`.", "before")
    if lower is not None:
        return lower, await ranks.following(ctx.tx, project_id, lower, apart_from)
    if upper is not None:
        return await ranks.preceding(ctx.tx, project_id, upper, apart_from), upper
    return await ranks.last(ctx.tx, project_id, apart_from), None


async def _spread(ctx: Context, project_id: str, gap: Gap, apart_from: str | None) -> None:
    """Give short ranks to the tasks around a gap, which keep their order."""
    row = [(rank, id_) for rank, id_ in await ranks.all_of(ctx.tx, project_id) if id_ != apart_from]
    middle = sum(1 for rank, _ in row if gap[0] is not None and rank <= gap[0])
    given = {id_: new for (old, id_), new in _respaced(row, middle) if new != old}
    found = await tasks.some_of(ctx.tx, project_id, given.keys())
    await ranks.vacate(ctx.tx, [*given, *([apart_from] if apart_from else [])])
    edits = [Edit(found[id_], replace(found[id_], rank=rank)) for id_, rank in given.items()]
    await changes.apply(ctx, project_id, edits)


def _respaced(row: Sequence[Place], middle: int) -> list[tuple[Place, str]]:
    """The tasks around the middle of a row, as few as will do, each with a short rank in their order."""
    reach = WINDOW
    while True:
        start, end = max(0, middle - reach), min(len(row), middle + reach)
        lower = row[start - 1][0] if start else None
        upper = row[end][0] if end < len(row) else None
        spread = generate_n_keys_between(lower, upper, end - start)
        if max(map(len, spread)) <= SPREAD_RANK or end - start == len(row):
            return list(zip(row[start:end], spread, strict=True))
        reach *= 2
