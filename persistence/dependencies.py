"""What waits for what: the edges between a project's tasks, which never close a circle."""

from collections import deque
from collections.abc import Collection, Iterable, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from persistence.database import Connection

Edge = tuple[str, str]
"""A task, and one that it waits for."""


async def add(tx: Connection, edges: Sequence[Edge]) -> None:
    """Let tasks wait. The caller then asks `cycle` and undoes all if there is one."""
    await tx.execute(
        """-- dependencies.add
        INSERT INTO task_dependencies (task_id, depends_on)
        SELECT * FROM unnest($1::uuid[], $2::uuid[])
        """,
        [task for task, _ in edges],
        [on for _, on in edges],
    )


async def remove(tx: Connection, edges: Sequence[Edge]) -> None:
    """Let tasks wait no longer."""
    await tx.execute(
        """-- dependencies.remove
        DELETE FROM task_dependencies d USING unnest($1::uuid[], $2::uuid[]) AS e (task, waits_for)
        WHERE d.task_id = e.task AND d.depends_on = e.waits_for
        """,
        [task for task, _ in edges],
        [on for _, on in edges],
    )


async def waiting(tx: Connection, task_ids: Collection[str]) -> list[str]:
    """The tasks that wait for any of these."""
    rows = await tx.fetch(
        """-- dependencies.waiting
        SELECT DISTINCT task_id FROM task_dependencies WHERE depends_on = ANY($1::uuid[])
        ORDER BY task_id
        """,
        list(task_ids),
    )
    return [row["task_id"] for row in rows]


async def cycle(tx: Connection, added: Sequence[Edge]) -> list[str] | None:
    """A circle that the edges just added close: tasks, each waiting for the next and the last for the first.

    Every task that waits, at some remove, for one of theirs is visited once; the edges between these are
    fetched only if one of the tasks waited for is among them.
    """
    rows = await tx.fetch(
        """-- dependencies.cycle
        WITH RECURSIVE waiting (id) AS (
            SELECT unnest($1::uuid[])
            UNION
            SELECT d.task_id FROM waiting JOIN task_dependencies d ON d.depends_on = waiting.id
        )
        SELECT d.task_id, d.depends_on FROM task_dependencies d
        WHERE d.task_id = ANY(ARRAY(SELECT id FROM waiting))
            AND d.depends_on = ANY(ARRAY(SELECT id FROM waiting))
            AND EXISTS (SELECT FROM waiting WHERE id = ANY($2::uuid[]))
        """,
        [task for task, _ in added],
        [on for _, on in added],
    )
    graph: dict[str, list[str]] = {}
    for row in rows:
        graph.setdefault(row["task_id"], []).append(row["depends_on"])
    return circle(graph, added)


def circle(graph: dict[str, list[str]], added: Iterable[Edge]) -> list[str] | None:
    """A shortest circle through one of `added`, if the graph has a circle; without them it has none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        # Each is waited for by the one after it.
        ring: list[str] = error.args[1]
        steps = {(later, earlier) for earlier, later in pairwise(ring)}
        task, on = next(edge for edge in added if edge in steps)
        return [task, *_path(graph, on, task)]
    return None


def _path(graph: dict[str, list[str]], start: str, end: str) -> list[str]:
    """A shortest way from `start` to just before `end`."""
    came_from = {start: start}
    queue = deque([start])
    while end not in came_from:
        here = queue.popleft()
        for there in graph.get(here, []):
            if there not in came_from:
                came_from[there] = here
                queue.append(there)
    path = []
    here = came_from[end]
    while here != start:
        path.append(here)
        here = came_from[here]
    return [start, *reversed(path)]
