"""Whatever is done to tasks: their order, their graph and their lists are what a simple model says."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.ranks import MAX_RANK
from persistence import log, tasks
from protocol.errors import ApiError, ErrorCode
from protocol.fields import MAX_SUBTASK_DEPTH
from protocol.tasks import OPEN, Priority, TaskSort, TaskStatus
from protocol.wire import builtins
from tests.fold import fold
from tests.world import World, populated

Task = dict[str, Any]
REFUSALS = {
    ErrorCode.NOT_FOUND,
    ErrorCode.INVALID,
    ErrorCode.CYCLE,
    ErrorCode.ILLEGAL_TRANSITION,
    ErrorCode.LIMIT_EXCEEDED,
}


def shared(examples: int) -> settings:
    """So many examples, all on one database: each has a project of its own."""
    return settings(
        max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )


@pytest.fixture
async def world(dsn: str) -> AsyncIterator[World]:
    async with populated(dsn) as made:
        yield made


@dataclass
class Board:
    """A project and its first tasks."""

    world: World
    project: str
    ids: list[str] = field(default_factory=list)

    async def run(self, command: str, **payload: Any) -> Any:
        return await self.world.run(self.world.alice, command, **payload)

    async def all(self) -> list[Task]:
        async with self.world.pool.acquire() as tx:
            return [builtins(task) for task in await tasks.all_of(tx, self.project)]


async def board(world: World, count: int, *, chained: bool = False) -> Board:
    """So many tasks, each waiting for the one before if they are `chained`."""
    world.published.clear()
    project = (await world.run(world.alice, "project.create", name="Board"))["id"]
    made = Board(world, project)
    if count:
        rows = [
            {"external_id": str(number), "title": f"{number}", "depends_on": [str(number - 1)] * chained}
            for number in range(count)
        ]
        rows[0]["depends_on"] = []
        await made.run("task.import", project_id=project, tasks=rows)
        made.ids = [task["id"] for task in await made.all()]
    return made


# Order

places = st.sampled_from(["before", "after", "end"])
move = st.tuples(st.integers(0, 5), places, st.integers(0, 5))


@shared(40)
@given(st.lists(st.lists(move, min_size=1, max_size=3, unique_by=lambda each: each[0]), max_size=12))
async def test_tasks_stand_where_they_were_moved(
    world: World, batches: list[list[tuple[int, str, int]]]
) -> None:
    """Each batch of moves happens at once; the log says in which order."""
    made = await board(world, 6)
    order = list(made.ids)
    for batch in batches:
        wanted = [each for each in batch if each[0] != each[2] or each[1] == "end"]
        world.published.clear()
        replies = await asyncio.gather(*(relocate(made, *each) for each in wanted))
        seqs = {event.data["task"]["id"]: event.seq for event in world.published}
        moves = zip(wanted, replies, strict=True)
        # A move to where the task stood already has no event, and changes no order.
        done = {seqs[reply["id"]]: wish for wish, reply in moves if reply["id"] in seqs}
        for _, (moved, place, anchor) in sorted(done.items()):
            reorder(order, made.ids[moved], place, made.ids[anchor])
        found = await made.all()
        assert [task["id"] for task in found] == order
        assert max(len(task["rank"]) for task in found) <= MAX_RANK


async def relocate(made: Board, moved: int, place: str, anchor: int) -> Task:
    payload = {} if place == "end" else {place: made.ids[anchor]}
    reply: Task = await made.run("task.move", task_id=made.ids[moved], **payload)
    return reply


def reorder(order: list[str], moved: str, place: str, anchor: str) -> None:
    order.remove(moved)
    at = len(order) if place == "end" else order.index(anchor) + (place == "after")
    order.insert(at, moved)


# The graph

edge = st.tuples(st.integers(0, 6), st.lists(st.integers(0, 6), min_size=1, max_size=3))


@shared(40)
@given(st.lists(st.tuples(st.booleans(), edge), max_size=25))
async def test_exactly_what_would_close_a_circle_is_refused(
    world: World, wishes: list[tuple[bool, tuple[int, list[int]]]]
) -> None:
    made = await board(world, 7)
    graph: dict[int, set[int]] = {number: set() for number in range(7)}
    for wait, (task, others) in wishes:
        payload = {"task_id": made.ids[task], "on": [made.ids[other] for other in others]}
        if not wait:
            await made.run("task.undepend", **payload)
            graph[task] -= set(others)
        elif any(reaches(graph, other, task) for other in others):
            refusal = await world.refused(ErrorCode.CYCLE, world.alice, "task.depend", **payload)
            check_circle(graph, made.ids, task, others, refusal)
        else:
            await made.run("task.depend", **payload)
            graph[task] |= set(others)
    found = {task["id"]: set(task["depends_on"]) for task in await made.all()}
    assert found == {made.ids[task]: {made.ids[on] for on in graph[task]} for task in graph}


def reaches(graph: dict[int, set[int]], start: int, end: int) -> bool:
    return start == end or any(reaches(graph, step, end) for step in graph[start])


def check_circle(
    graph: dict[int, set[int]], ids: list[str], task: int, others: list[int], refusal: ApiError
) -> None:
    """What is named is a circle of the graph with the edges that were wished for."""
    named = [ids.index(each["id"]) for each in refusal.data["cycle"]]
    wished = {**graph, task: graph[task] | set(others)}
    assert task in named
    for earlier, later in zip(named, named[1:] + named[:1], strict=True):
        assert later in wished[earlier]


# Everything at once

number = st.integers(0, 9)
Wish = tuple[str, int, int, int]


def pick(made: Board, at: int) -> str:
    return made.ids[at % len(made.ids)]


WISHES: dict[str, Callable[[Board, int, int, int], tuple[str, dict[str, Any]]]] = {
    "create": lambda made, a, b, _: (
        "task.create",
        {
            "project_id": made.project,
            "title": f"t{a}",
            "parent_id": pick(made, b) if a % 2 else None,
            "after": pick(made, b) if a % 3 else None,
            "assignees": [made.world.alice.id] if b % 2 else [],
        },
    ),
    "update": lambda made, a, b, c: (
        "task.update",
        {"task_id": pick(made, a), "version": 1 + b, "title": f"u{c}", "labels": ["x"] * (c % 2)},
    ),
    "nest": lambda made, a, b, c: (
        "task.update",
        {"task_id": pick(made, a), "version": 1 + c % 4, "parent_id": pick(made, b)},
    ),
    "move": lambda made, a, b, c: (
        "task.move",
        {"task_id": pick(made, a), "before": pick(made, b), "status": list(TaskStatus)[c % 6]},
    ),
    "transition": lambda made, a, b, _: (
        "task.transition",
        {"task_id": pick(made, a), "status": list(TaskStatus)[b % 6]},
    ),
    "assign": lambda made, a, b, _: (
        "task.assign",
        {"task_id": pick(made, a), "assignees": [made.world.alice.id, made.world.admin.id][: b % 3]},
    ),
    "depend": lambda made, a, b, c: (
        "task.depend",
        {"task_id": pick(made, a), "on": [pick(made, b), pick(made, c)]},
    ),
    "undepend": lambda made, a, b, _: ("task.undepend", {"task_id": pick(made, a), "on": pick(made, b)}),
    "comment": lambda made, a, _, __: ("task.comment", {"task_id": pick(made, a), "text": "x"}),
    "delete": lambda made, a, _, __: ("task.delete", {"task_id": pick(made, a)}),
    "import": lambda made, a, b, c: (
        "task.import",
        {
            "project_id": made.project,
            "tasks": [
                {"external_id": str(a), "title": f"i{b}", "status": list(TaskStatus)[c % 6]},
                {"external_id": f"n{b}", "title": "n", "parent": str(a), "depends_on": [str(a), str(c)]},
            ][a % 2 :],
        },
    ),
}
wishes = st.tuples(st.sampled_from(list(WISHES)), number, number, number)


@shared(40)
@given(st.lists(st.lists(wishes, min_size=1, max_size=3), min_size=5, max_size=15))
async def test_the_log_folds_to_the_tasks_and_these_keep_the_rules(
    world: World, batches: list[list[Wish]]
) -> None:
    made = await board(world, 5, chained=True)
    for batch in batches:
        await asyncio.gather(*(attempt(made, wish) for wish in batch))
        events = [builtins(event) for event in await log.read(world.pool, made.project, 0, 10_000)]
        found = await made.all()
        assert fold({}, events).get("tasks", {}) == {task["id"]: task for task in found}
        check_rules(found)


async def attempt(made: Board, wish: Wish) -> None:
    command, payload = WISHES[wish[0]](made, *wish[1:])
    try:
        reply = await made.run(command, **payload)
    except ApiError as error:
        stale = error.code is ErrorCode.CONFLICT and "current" in error.data
        if error.code not in REFUSALS and not stale:
            raise
        return
    if command == "task.create":
        made.ids.append(reply["id"])


def check_rules(found: list[Task]) -> None:
    by_id = {task["id"]: task for task in found}
    tuple(TopologicalSorter({task["id"]: task["depends_on"] for task in found}).static_order())
    tuple(
        TopologicalSorter(
            {id_: filter(None, [task["parent_id"]]) for id_, task in by_id.items()}
        ).static_order()
    )
    assert len({task["rank"] for task in found}) == len(found)
    for task in found:
        assert task["blocked"] == any(by_id[on]["status"] in OPEN for on in task["depends_on"])
        assert (task["completed_at"] is not None) == (task["status"] == "done")
        assert depth(by_id, task) <= MAX_SUBTASK_DEPTH


def depth(by_id: dict[str, Task], task: Task) -> int:
    return 0 if task["parent_id"] is None else 1 + depth(by_id, by_id[task["parent_id"]])


# Lists

LETTERS = "abAB%_\\ä"
rows: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    title=st.text(LETTERS, min_size=1, max_size=3),
    status=st.sampled_from(["todo", "done", "backlog"]),
    priority=st.sampled_from(list(Priority)),
    labels=st.lists(st.sampled_from(["x", "X", "y%"]), max_size=2),
    due=st.sampled_from([None, "2026-01-01", "2026-01-02", "0001-01-01", "9999-12-31"]),
    assigned=st.booleans(),
    waits=st.booleans(),
    child=st.booleans(),
)
filters = st.fixed_dictionaries(
    {},
    optional={
        "status": st.lists(st.sampled_from(["todo", "done", "canceled"]), max_size=2),
        "priority": st.lists(st.sampled_from(list(Priority)), max_size=2),
        "label": st.sampled_from(["x", "Y%", "z"]),
        "blocked": st.booleans(),
        "query": st.text(LETTERS, min_size=1, max_size=2),
        "external_id": st.sampled_from(["0", "1", "none"]),
        "assignee": st.just("alice"),
        "parent_id": st.just("first"),
    },
)


@shared(80)
@given(
    st.lists(rows, max_size=12), filters, st.sampled_from(list(TaskSort)), st.booleans(), st.integers(1, 5)
)
async def test_paging_through_a_list_shows_each_task_once_in_order(
    world: World,
    rows: list[dict[str, Any]],
    filters: dict[str, Any],
    sort: TaskSort,
    descending: bool,
    limit: int,
) -> None:
    made = await board(world, 0)
    await fill(made, rows)
    everything = await made.all()
    wanted = dict(filters)
    if "assignee" in wanted:
        wanted["assignee"] = world.alice.id
    if "parent_id" in wanted:
        wanted["parent_id"] = everything[0]["id"] if everything else made.project
    expected = [task for task in everything if matches(task, wanted)]
    expected.sort(key=KEYS[sort], reverse=descending)
    if sort is TaskSort.DUE:
        expected.sort(key=lambda task: task["due"] is None)
    payload = {"project_id": made.project, **wanted, "sort": sort, "descending": descending}
    found: list[Task] = []
    cursor = None
    while True:
        page = await made.run("task.list", **payload, limit=limit, cursor=cursor)
        assert len(page["items"]) == limit or page["next"] is None
        found += page["items"]
        assert len(found) <= len(expected)
        if (cursor := page["next"]) is None:
            break
    assert found == expected


async def fill(made: Board, rows: list[dict[str, Any]]) -> None:
    for number, row in enumerate(rows):
        first = {"depends_on": ["0"]} if row["waits"] and number else {}
        if row["child"] and number:
            first |= {"parent": "0"}  # type: ignore[dict-item]
        task = {name: row[name] for name in ("title", "status", "priority", "labels", "due")}
        task |= {"external_id": str(number), "assignees": [made.world.alice.id] * row["assigned"], **first}
        task["title"] = f"-{task['title']}-"
        await made.run("task.import", project_id=made.project, tasks=[task])


def matches(task: Task, wanted: dict[str, Any]) -> bool:
    tests: dict[str, Callable[[Any], bool]] = {
        "status": lambda value: task["status"] in value,
        "priority": lambda value: task["priority"] in value,
        "label": lambda value: value.lower() in [label.lower() for label in task["labels"]],
        "blocked": lambda value: task["blocked"] is value,
        "query": lambda value: value.lower() in task["title"].lower(),
        "external_id": lambda value: task["external_id"] == value,
        "assignee": lambda value: value in task["assignees"],
        "parent_id": lambda value: task["parent_id"] == value,
    }
    return all(tests[name](value) for name, value in wanted.items())


KEYS: dict[TaskSort, Callable[[Task], Any]] = {
    TaskSort.RANK: lambda task: (task["rank"], task["id"]),
    TaskSort.CREATED: lambda task: (task["created_at"], task["id"]),
    TaskSort.UPDATED: lambda task: (task["updated_at"], task["id"]),
    TaskSort.DUE: lambda task: (task["due"] or "", task["id"]),
    TaskSort.PRIORITY: lambda task: (list(Priority).index(task["priority"]), task["id"]),
    TaskSort.TITLE: lambda task: (task["title"].lower(), task["id"]),
}
