"""What waits for what, and what is part of what: neither ever closes a circle.

Which circle a refusal names is the same in every language: ways are tried in the order of ids.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from ymera_client.errors import YmeraError
from ymera_client.fold import Plain
from ymera_client.generated import MAX_SUBTASK_DEPTH
from ymera_client.sealed.rules.about import Contents
from ymera_client.sealed.rules.refusals import limit_exceeded, refusal

Step: TypeAlias = tuple[Plain | None, Plain]
"""A task before, if there was one, and after."""
NAMED_IN_CYCLE = 100
"""Tasks that the refusal of a longer circle names."""


def check_waits(after: Contents, steps: Sequence[Step]) -> None:
    """Refuse a circle of tasks that would wait for each other. `after` shows the tasks as they would be."""
    added = [(task["id"], on) for before, task in steps for on in _added(before, task)]
    for key, on in added:
        if key == on:
            raise _cycle(after, [key], "A task cannot wait for itself")
    ring = _ring(after, [key for key, _ in added])
    if ring:
        pairs = list(zip(ring, [*ring[1:], ring[0]], strict=True))
        key, on = next((edge for edge in added if edge in pairs), pairs[0])
        raise _cycle(after, [key, *_way(after, on, key)], "These tasks would wait for each other")


def check_parents(after: Contents, steps: Sequence[Step]) -> None:
    """Refuse a circle of subtasks, and too many levels of them."""
    placed = [(before, task) for before, task in steps if _is_placed(before, task)]
    ways = {task["id"]: _ancestors(after, task) for _, task in placed}
    for key, way in ways.items():
        if key in way:
            circle = [key, *way[: way.index(key)]]
            raise _cycle(after, circle, "These tasks would be subtasks of each other")
    below = _heights(after, [task["id"] for before, task in placed if before is not None])
    if any(len(way) + below.get(key, 0) > MAX_SUBTASK_DEPTH for key, way in ways.items()):
        raise limit_exceeded("levels of subtasks", MAX_SUBTASK_DEPTH)


def _added(before: Plain | None, task: Plain) -> list[str]:
    old = set(before["depends_on"]) if before else set()
    return sorted(set(task["depends_on"]) - old)


def _is_placed(before: Plain | None, task: Plain) -> bool:
    return task["parent_id"] is not None and (before is None or before["parent_id"] != task["parent_id"])


def _waits_for(contents: Contents, key: str) -> list[str]:
    task = contents.get("tasks", key)
    return sorted(task["depends_on"]) if task else []


def _ring(contents: Contents, starts: Sequence[str]) -> list[str]:
    """Tasks, of which each waits for the next and the last for the first, on a way from these; else none."""
    done: set[str] = set()
    for start in starts:
        path = {start: iter(_waits_for(contents, start))} if start not in done else {}
        while path:
            here = next(reversed(path))
            there = next(path[here], None)
            if there is None:
                done.add(here)
                del path[here]
            elif there in path:
                keys = list(path)
                return keys[keys.index(there) :]
            elif there not in done:
                path[there] = iter(_waits_for(contents, there))
    return []


def _way(contents: Contents, start: str, end: str) -> list[str]:
    """A shortest way from `start` to just before `end`, to which there is one."""
    came_from = {start: start}
    queue = deque([start])
    while end not in came_from:
        here = queue.popleft()
        for there in _waits_for(contents, here):
            if there not in came_from:
                came_from[there] = here
                queue.append(there)
    return list(_back(came_from, start, came_from[end]))[::-1]


def _back(came_from: dict[str, str], start: str, end: str) -> Iterator[str]:
    here = end
    while here != start:
        yield here
        here = came_from[here]
    yield start


def _ancestors(contents: Contents, task: Plain) -> list[str]:
    """The way up, nearest first; as far as is needed to find a circle, or too many levels."""
    way: list[str] = []
    here: Plain | None = task
    while here and here["parent_id"] is not None and len(way) < 2 * MAX_SUBTASK_DEPTH:
        way.append(here["parent_id"])
        here = contents.get("tasks", here["parent_id"])
    return way


def _heights(contents: Contents, keys: Sequence[str]) -> dict[str, int]:
    """How many levels of subtasks each of these has, as far as that can matter."""
    if not keys:
        return {}
    children: dict[str, list[str]] = {}
    for task in contents.all("tasks"):
        if task["parent_id"] is not None:
            children.setdefault(task["parent_id"], []).append(task["id"])
    return {key: _height(children, key) for key in keys}


def _height(children: dict[str, list[str]], key: str) -> int:
    level, height = children.get(key, []), 0
    while level and height <= MAX_SUBTASK_DEPTH:
        height += 1
        level = [child for parent in level for child in children.get(parent, [])]
    return height


def _cycle(contents: Contents, circle: list[str], problem: str) -> YmeraError:
    titles = {key: (contents.get("tasks", key) or {}).get("title", "") for key in circle[:NAMED_IN_CYCLE]}
    named = [{"id": key, "title": title} for key, title in titles.items()]
    shown = [f"«{title}»" for title in [each["title"] for each in named][:5]]
    way = " → ".join([*shown, *(["…"] if len(circle) > len(shown) else []), shown[0]])
    return refusal("cycle", f"{problem}: {way}.", cycle=named, length=len(circle))
