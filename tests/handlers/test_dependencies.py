"""Dependencies: what waits for what, when that blocks it, and the circles that are refused."""

import asyncio
from typing import Any

import pytest

from persistence.ids import new_id
from protocol.errors import ApiError, ErrorCode
from protocol.fields import MAX_DEPENDENCIES
from tests.world import World


@pytest.fixture
async def project(world: World) -> str:
    made = await world.run(world.alice, "project.create", name="Rocket")
    return str(made["id"])


async def create(world: World, project: str, *titles: str) -> list[str]:
    """The ids of new tasks."""
    return [
        (await world.run(world.alice, "task.create", project_id=project, title=title))["id"]
        for title in titles
    ]


async def get(world: World, task_id: str) -> dict[str, Any]:
    task: dict[str, Any] = await world.run(world.alice, "task.get", task_id=task_id)
    return task


async def test_a_task_waits_for_one_or_several(world: World, project: str) -> None:
    a, b, c = await create(world, project, "a", "b", "c")
    world.published.clear()
    one = await world.run(world.alice, "task.depend", task_id=a, on=b)
    assert (one["depends_on"], one["blocked"], one["version"]) == ([b], True, 2)
    more = await world.run(world.alice, "task.depend", task_id=a, on=[b, c, c])
    assert more["depends_on"] == sorted([b, c])
    assert await world.run(world.alice, "task.depend", task_id=a, on=[c, b]) == more
    assert world.types(project) == ["task.updated", "task.updated"]
    assert world.published[0].data["changes"] == [
        {"field": "depends_on", "before": [], "after": [b]},
        {"field": "blocked", "before": False, "after": True},
    ]
    assert world.published[1].data["changes"] == [
        {"field": "depends_on", "before": [b], "after": sorted([b, c])}
    ]
    less = await world.run(world.alice, "task.undepend", task_id=a, on=[b, new_id()])
    assert (less["depends_on"], less["blocked"]) == ([c], True)
    none = await world.run(world.alice, "task.undepend", task_id=a, on=c)
    assert (none["depends_on"], none["blocked"]) == ([], False)


async def test_ends_and_reopenings_are_told_to_those_that_wait(world: World, project: str) -> None:
    a, b, c = await create(world, project, "a", "b", "c")
    await world.run(world.alice, "task.depend", task_id=a, on=[b, c])
    world.published.clear()
    await world.run(world.alice, "task.transition", task_id=b, status="in_review")
    await world.run(world.alice, "task.transition", task_id=b, status="canceled")
    assert world.types(project) == ["task.updated", "task.updated"]
    before = await get(world, a)
    await world.run(world.alice, "task.update", task_id=c, version=1, status="done")
    await world.run(world.alice, "task.transition", task_id=b, status="todo")
    assert world.types(project)[2:] == ["task.updated", "task.blocked", "task.updated", "task.blocked"]
    told = [event.data["task"] for event in world.published if event.type == "task.blocked"]
    assert told == [{"id": a, "blocked": False}, {"id": a, "blocked": True}]
    assert await get(world, a) == before
    await world.run(world.alice, "task.move", task_id=b, status="done")
    assert (await get(world, a))["blocked"] is False
    history = await world.run(world.alice, "task.history", task_id=a)
    assert [event["type"] for event in history["items"]][:3] == ["task.blocked"] * 3


async def test_a_circle_is_refused_by_name(world: World, project: str) -> None:
    a, b, c, d = await create(world, project, "a", "b", "c", "d")
    for task_id, on in ((a, [b, d]), (b, [c])):
        await world.run(world.alice, "task.depend", task_id=task_id, on=on)
    world.published.clear()
    refusal = await world.refused(ErrorCode.CYCLE, world.alice, "task.depend", task_id=c, on=[d, a])
    named = [{"id": c, "title": "c"}, {"id": a, "title": "a"}, {"id": b, "title": "b"}]
    assert refusal.data == {"cycle": named, "length": 3}
    assert refusal.message == "These tasks would wait for each other: «c» → «a» → «b» → «c»."
    assert (await get(world, c))["depends_on"] == []
    alone = await world.refused(ErrorCode.CYCLE, world.alice, "task.depend", task_id=a, on=a)
    assert alone.data["cycle"] == [{"id": a, "title": "a"}]
    assert world.published == []


async def test_the_shortest_circle_is_named_and_long_ones_in_part(world: World, project: str) -> None:
    line = await create(world, project, *map(str, range(120)))
    rows = [{"external_id": str(number), "title": "x"} for number in range(120)]
    await world.run(world.alice, "task.import", project_id=project, tasks=rows)
    for number in range(1, 120):
        rows[number] = {"external_id": str(number), "depends_on": [str(number - 1)]}  # type: ignore[dict-item]
    await world.run(world.alice, "task.import", project_id=project, tasks=rows)
    page = await world.run(world.alice, "task.list", project_id=project, external_id="0")
    end = await world.run(world.alice, "task.list", project_id=project, external_id="119")
    first, last = page["items"][0]["id"], end["items"][0]["id"]
    refusal = await world.refused(ErrorCode.CYCLE, world.alice, "task.depend", task_id=first, on=last)
    assert (refusal.data["length"], len(refusal.data["cycle"])) == (120, 100)
    await world.run(world.alice, "task.depend", task_id=last, on=[line[0]])
    await world.run(world.alice, "task.depend", task_id=line[0], on=first)
    await world.run(world.alice, "task.undepend", task_id=last, on=end["items"][0]["depends_on"])
    refusal = await world.refused(ErrorCode.CYCLE, world.alice, "task.depend", task_id=first, on=last)
    assert [task["id"] for task in refusal.data["cycle"]] == [first, last, line[0]]


async def test_tasks_wait_only_for_tasks_of_their_project(world: World, project: str) -> None:
    other = await world.run(world.alice, "project.create", name="Other")
    (task,) = await create(world, project, "a")
    (stranger,) = await create(world, other["id"], "b")
    for path, on in (("on", stranger), ("on[1]", [task, new_id()])):
        refusal = await world.refused(ErrorCode.INVALID, world.alice, "task.depend", task_id=task, on=on)
        assert refusal.data["path"] == path


async def test_a_task_waits_for_so_many(world: World, project: str) -> None:
    (task,) = await create(world, project, "waiting")
    rows = [{"external_id": str(number), "title": "x"} for number in range(MAX_DEPENDENCIES + 1)]
    await world.run(world.alice, "task.import", project_id=project, tasks=rows)
    page = await world.run(world.alice, "task.list", project_id=project, query="x", limit=200)
    ids = [row["id"] for row in page["items"]]
    await world.run(world.alice, "task.depend", task_id=task, on=ids[1:])
    refusal = await world.refused(
        ErrorCode.LIMIT_EXCEEDED, world.alice, "task.depend", task_id=task, on=ids[0]
    )
    assert refusal.data["limit"] == MAX_DEPENDENCIES
    await world.refused(ErrorCode.INVALID, world.alice, "task.depend", task_id=task, on=[])


async def test_of_two_that_close_a_circle_at_once_one_is_refused(world: World, project: str) -> None:
    a, b = await create(world, project, "a", "b")
    done = await asyncio.gather(
        world.run(world.alice, "task.depend", task_id=a, on=b),
        world.run(world.alice, "task.depend", task_id=b, on=a),
        return_exceptions=True,
    )
    refused = [each for each in done if isinstance(each, ApiError)]
    assert [each.code for each in refused] == [ErrorCode.CYCLE]
