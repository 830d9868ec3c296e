"""Imports: tasks made and changed by their external ids, all or none, by the rules that hold for one."""

from typing import Any

import pytest

from protocol.errors import ErrorCode
from protocol.fields import MAX_IMPORT
from tests.world import World

Task = dict[str, Any]


@pytest.fixture
async def project(world: World) -> str:
    made = await world.run(world.alice, "project.create", name="Rocket")
    await world.run(world.alice, "project.set_member", project_id=made["id"], member_id=world.bob.id)
    world.published.clear()
    return str(made["id"])


async def take(world: World, project: str, *tasks: Task) -> dict[str, list[str]]:
    report: dict[str, list[str]] = await world.run(
        world.alice, "task.import", project_id=project, tasks=list(tasks)
    )
    return report


async def found(world: World, project: str) -> dict[str, Task]:
    """The project's tasks by external id, in order."""
    page = await world.run(world.alice, "task.list", project_id=project, limit=200)
    return {task["external_id"]: task for task in page["items"]}


async def test_tasks_are_made_in_order_with_all_that_connects_them(world: World, project: str) -> None:
    whole = {
        "external_id": "1",
        "title": "First",
        "description": "d",
        "status": "done",
        "priority": "low",
        "labels": ["x", "X"],
        "estimate": 2,
        "due": "2026-01-01",
        "assignees": [world.bob.id, world.bob.id],
        "parent": "3",
        "depends_on": ["2", "3"],
    }
    bare = [{"external_id": "2", "title": "Second"}, {"external_id": "3", "title": "Third"}]
    assert await take(world, project, whole, *bare) == {
        "created": ["1", "2", "3"],
        "updated": [],
        "unchanged": [],
    }
    tasks = await found(world, project)
    assert list(tasks) == ["1", "2", "3"]
    first = tasks["1"]
    assert (first["labels"], first["assignees"], first["estimate"]) == (["x"], [world.bob.id], 2.0)
    assert first["parent_id"] == tasks["3"]["id"]
    assert first["depends_on"] == sorted(tasks[name]["id"] for name in ("2", "3"))
    assert (first["blocked"], first["version"]) == (True, 1)
    assert first["completed_at"] == first["created_at"]
    assert (tasks["2"]["status"], tasks["2"]["priority"]) == ("todo", "none")
    assert [event.type for event in world.published] == ["task.created"] * 3
    assert world.published[0].data["task"] == first


async def test_the_same_import_again_changes_nothing(world: World, project: str) -> None:
    tasks: list[Task] = [
        {"external_id": "1", "title": "a", "depends_on": ["2"], "labels": ["b", "a"]},
        {"external_id": "2", "title": "b", "due": None, "parent": None},
    ]
    await take(world, project, *tasks)
    before = await found(world, project)
    world.published.clear()
    assert await take(world, project, *tasks) == {"created": [], "updated": [], "unchanged": ["1", "2"]}
    assert await found(world, project) == before
    assert world.published == []


async def test_only_what_differs_is_changed(world: World, project: str) -> None:
    await take(
        world,
        project,
        {"external_id": "1", "title": "a", "labels": ["x"], "depends_on": ["2", "3"]},
        {"external_id": "2", "title": "b"},
        {"external_id": "3", "title": "c", "description": "stays"},
    )
    before = await found(world, project)
    world.published.clear()
    report = await take(
        world,
        project,
        {"external_id": "3", "title": "c"},
        {"external_id": "2", "status": "done"},
        {"external_id": "1", "depends_on": ["2"]},
        {"external_id": "4", "title": "d"},
    )
    assert report == {"created": ["4"], "updated": ["2", "1"], "unchanged": ["3"]}
    after = await found(world, project)
    assert after["3"] == before["3"]
    assert (after["1"]["labels"], after["1"]["depends_on"]) == (["x"], [after["2"]["id"]])
    assert (after["1"]["blocked"], after["1"]["version"]) == (False, 2)
    assert world.types(project) == ["task.updated", "task.updated", "task.created"]


async def test_those_that_wait_outside_the_import_are_told(world: World, project: str) -> None:
    await take(world, project, {"external_id": "1", "title": "a"})
    waiting = await world.run(world.alice, "task.create", project_id=project, title="w")
    tasks = await found(world, project)
    await world.run(world.alice, "task.depend", task_id=waiting["id"], on=tasks["1"]["id"])
    world.published.clear()
    await take(world, project, {"external_id": "1", "status": "canceled"})
    assert world.types(project) == ["task.updated", "task.blocked"]
    assert world.published[-1].data["task"] == {"id": waiting["id"], "blocked": False}


@pytest.mark.parametrize(
    ("code", "path", "tasks"),
    [
        (ErrorCode.INVALID, "tasks[1].title", [{"external_id": "1", "title": "a"}, {"external_id": "2"}]),
        (
            ErrorCode.INVALID,
            "tasks[1].external_id",
            [{"external_id": "1", "title": "a"}, {"external_id": "1"}],
        ),
        (ErrorCode.INVALID, "tasks[0].parent", [{"external_id": "1", "title": "a", "parent": "9"}]),
        (
            ErrorCode.INVALID,
            "tasks[0].depends_on[1]",
            [{"external_id": "1", "title": "a", "depends_on": ["old", "9"]}],
        ),
        (
            ErrorCode.INVALID,
            "tasks[0].assignees[0]",
            [{"external_id": "1", "title": "a", "assignees": ["00000000-0000-7000-8000-000000000000"]}],
        ),
        (
            ErrorCode.CYCLE,
            None,
            [
                {"external_id": "1", "title": "a", "depends_on": ["old"]},
                {"external_id": "old", "depends_on": ["1"]},
            ],
        ),
        (
            ErrorCode.CYCLE,
            None,
            [
                {"external_id": "1", "title": "a", "parent": "2"},
                {"external_id": "2", "title": "b", "parent": "1"},
            ],
        ),
        (ErrorCode.CYCLE, None, [{"external_id": "1", "title": "a", "depends_on": ["1"]}]),
        (
            ErrorCode.ILLEGAL_TRANSITION,
            None,
            [{"external_id": "1", "title": "a"}, {"external_id": "old", "status": "in_review"}],
        ),
        (ErrorCode.INVALID, "tasks", []),
        (
            ErrorCode.INVALID,
            "tasks",
            [{"external_id": str(number), "title": "a"} for number in range(MAX_IMPORT + 1)],
        ),
        (ErrorCode.INVALID, "tasks[0].colour", [{"external_id": "1", "title": "a", "colour": "red"}]),
    ],
)
async def test_nothing_is_imported_if_anything_is_wrong(
    world: World, project: str, code: ErrorCode, path: str | None, tasks: list[Task]
) -> None:
    await take(world, project, {"external_id": "old", "title": "o", "status": "done"})
    before = await found(world, project)
    world.published.clear()
    refusal = await world.refused(code, world.alice, "task.import", project_id=project, tasks=tasks)
    assert refusal.data.get("path") == path
    assert await found(world, project) == before
    assert world.published == []


async def test_assignees_who_left_do_not_stand_in_the_way(world: World, project: str) -> None:
    task = {"external_id": "1", "title": "a", "assignees": [world.bob.id]}
    await take(world, project, task)
    await world.run(world.alice, "project.remove_member", project_id=project, member_id=world.bob.id)
    assert await take(world, project, {"external_id": "1", "title": "a"}) == {
        "created": [],
        "updated": [],
        "unchanged": ["1"],
    }
    refusal = await world.refused(
        ErrorCode.INVALID, world.alice, "task.import", project_id=project, tasks=[task]
    )
    assert refusal.data["path"] == "tasks[0].assignees[0]"
