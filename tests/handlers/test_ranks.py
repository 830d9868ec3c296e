"""Ranks: where tasks come to stand, and that ranks stay short whatever is done."""

import asyncio
from typing import Any

import pytest

from handlers.ranks import MAX_RANK
from persistence.ids import new_id
from protocol.errors import ErrorCode
from tests.world import World


@pytest.fixture
async def project(world: World) -> str:
    made = await world.run(world.alice, "project.create", name="Rocket")
    return str(made["id"])


async def create(world: World, project: str, title: str, **place: Any) -> str:
    made = await world.run(world.alice, "task.create", project_id=project, title=title, **place)
    return str(made["id"])


async def titles(world: World, project: str) -> list[str]:
    page = await world.run(world.alice, "task.list", project_id=project, limit=200)
    return [task["title"] for task in page["items"]]


async def move(world: World, task_id: str, **fields: Any) -> dict[str, Any]:
    moved: dict[str, Any] = await world.run(world.alice, "task.move", task_id=task_id, **fields)
    return moved


async def test_new_tasks_go_to_the_end_or_where_they_are_told(world: World, project: str) -> None:
    a = await create(world, project, "a")
    b = await create(world, project, "b")
    await create(world, project, "before a", before=a)
    await create(world, project, "after a", after=a)
    await create(world, project, "before b", before=b)
    await create(world, project, "after b", after=b)
    await create(world, project, "between", after=a, before=b)
    assert await titles(world, project) == [
        *["before a", "a", "between", "after a", "before b", "b", "after b"],
    ]


async def test_tasks_move_between_neighbours_and_columns(world: World, project: str) -> None:
    a, b, c, d = [await create(world, project, title) for title in "abcd"]
    await move(world, d, before=a)
    assert await titles(world, project) == ["d", "a", "b", "c"]
    await move(world, a, after=c)
    assert await titles(world, project) == ["d", "b", "c", "a"]
    await move(world, c, after=d, before=b)
    assert await titles(world, project) == ["d", "c", "b", "a"]
    moved = await move(world, d, status="in_progress", version=2)
    assert await titles(world, project) == ["c", "b", "a", "d"]
    assert (moved["status"], moved["version"]) == ("in_progress", 3)
    fields = [step["field"] for step in world.published[-1].data["changes"]]
    assert fields == ["status", "rank"]


async def test_a_task_that_stands_there_already_stays(world: World, project: str) -> None:
    a, b, c = [await create(world, project, title) for title in "abc"]
    world.published.clear()
    for place in ({"after": a}, {"before": c}, {"after": a, "before": c}):
        assert (await move(world, b, **place))["version"] == 1
    await move(world, c)
    await move(world, a, before=b)
    assert world.published == []


async def test_neighbours_must_make_sense(world: World, project: str) -> None:
    other = await world.run(world.alice, "project.create", name="Other")
    stranger = await create(world, other["id"], "x")
    a, b, c = [await create(world, project, title) for title in "abc"]
    for path, place in (
        ("before", {"before": stranger}),
        ("after", {"after": new_id()}),
        ("before", {"before": a}),
        ("after", {"after": a}),
        ("before", {"after": c, "before": b}),
        ("before", {"after": b, "before": b}),
    ):
        refusal = await world.refused(ErrorCode.INVALID, world.alice, "task.move", task_id=a, **place)
        assert refusal.data["path"] == path


async def test_concurrent_moves_to_one_place_all_come_there(world: World, project: str) -> None:
    anchor, *others = [await create(world, project, title) for title in "abcdef"]
    await asyncio.gather(*(move(world, other, after=anchor) for other in others))
    found = await titles(world, project)
    assert found[0] == "a"
    assert sorted(found[1:]) == ["b", "c", "d", "e", "f"]


async def test_ranks_stay_short_however_often_one_gap_is_used(world: World, project: str) -> None:
    anchor = await create(world, project, "anchor")
    end = await create(world, project, "end")
    rows = [{"external_id": str(number), "title": str(number)} for number in range(40)]
    await world.run(world.alice, "task.import", project_id=project, tasks=rows)
    page = await world.run(world.alice, "task.list", project_id=project, limit=200)
    ids = [task["id"] for task in page["items"] if task["external_id"]]
    versions = {task["id"]: task["version"] for task in page["items"]}
    await squeeze(world, project, anchor)
    world.published.clear()
    moved = await move(world, ids[0], after=anchor)
    assert len(moved["rank"]) < MAX_RANK
    assert moved["version"] == versions[ids[0]] + 1
    found = await titles(world, project)
    assert found[:4] == ["anchor", "0", "squeezed", "end"]
    spread = [event.data for event in world.published[:-1]]
    assert all([step["field"] for step in data["changes"]] == ["rank"] for data in spread)
    assert end in [data["task"]["id"] for data in spread]
    async with world.pool.acquire() as tx:
        assert await tx.fetchval("SELECT max(length(rank)) FROM tasks") <= MAX_RANK


async def squeeze(world: World, project: str, anchor: str) -> None:
    """Leave no place for a short rank behind the anchor, as many moves there would."""
    squeezed = await create(world, project, "squeezed", after=anchor)
    async with world.pool.acquire() as tx:
        rank = await tx.fetchval("SELECT rank FROM tasks WHERE id = $1", anchor)
        await tx.execute(
            "UPDATE tasks SET rank = $2 WHERE id = $1", squeezed, rank + "0" * (MAX_RANK - 3) + "1"
        )


async def test_long_ranks_are_spread_as_far_as_they_reach(world: World, project: str) -> None:
    rows = [{"external_id": str(number), "title": str(number)} for number in range(150)]
    await world.run(world.alice, "task.import", project_id=project, tasks=rows)
    async with world.pool.acquire() as tx:
        await tx.execute(
            """
            UPDATE tasks SET rank = 'a1' || repeat('0', 95) || to_char(n / 50, 'FM00')
                || substr('123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno', n % 50 + 1, 1)
            FROM (SELECT id, external_id::int AS n FROM tasks) numbered WHERE numbered.id = tasks.id
            """
        )
        anchor = await tx.fetchval("SELECT id FROM tasks WHERE external_id = '75'")
        longest = await tx.fetchval("SELECT max(length(rank)) FROM tasks")
    assert longest == MAX_RANK
    await create(world, project, "new", after=anchor)
    expected = [str(number) for number in range(150)]
    expected.insert(76, "new")
    assert await titles(world, project) == expected
    async with world.pool.acquire() as tx:
        assert await tx.fetchval("SELECT max(length(rank)) FROM tasks") < 5


async def test_many_moves_to_one_place_keep_their_order(world: World, project: str) -> None:
    anchor = await create(world, project, "anchor")
    others = [await create(world, project, title) for title in "xyz"]
    for number in range(700):
        await move(world, others[number % 3], after=anchor)
    assert await titles(world, project) == ["anchor", "x", "z", "y"]
    async with world.pool.acquire() as tx:
        assert await tx.fetchval("SELECT max(length(rank)) FROM tasks") <= MAX_RANK
