"""Tasks: making, changing, assigning, discussing and deleting them, by whom, and what the log then says."""

import asyncio
from typing import Any

import pytest

from persistence import tasks
from persistence.ids import new_id
from protocol.errors import ErrorCode
from protocol.fields import MAX_SUBTASK_DEPTH, MAX_TASKS
from protocol.tasks import TASK_MOVES, TaskStatus
from tests.world import World

Task = dict[str, Any]


@pytest.fixture
async def project(world: World) -> str:
    """A project that alice manages, bob edits and the guest views."""
    made = await world.run(world.alice, "project.create", name="Rocket")
    for member, role in ((world.bob, "editor"), (world.guest, "viewer")):
        await world.run(
            world.alice, "project.set_member", project_id=made["id"], member_id=member.id, role=role
        )
    world.published.clear()
    return str(made["id"])


async def create(world: World, project: str, title: str = "Count down", **fields: Any) -> Task:
    made: Task = await world.run(world.alice, "task.create", project_id=project, title=title, **fields)
    return made


async def nest(world: World, project: str, levels: int) -> list[Task]:
    """A task with tasks under it, `levels` deep."""
    line = [await create(world, project, "0")]
    for level in range(1, levels + 1):
        line.append(await create(world, project, str(level), parent_id=line[-1]["id"]))
    return line


def last(world: World) -> dict[str, Any]:
    return world.published[-1].data


def steps(world: World) -> dict[str, tuple[Any, Any]]:
    """The changes of the newest event, by field."""
    return {step["field"]: (step["before"], step["after"]) for step in last(world)["changes"]}


async def test_a_task_is_made_with_all_that_is_said_of_it(world: World, project: str) -> None:
    parent = await create(world, project)
    task_id = new_id()
    fields = {
        "description": "From **ten**.",
        "status": "in_progress",
        "priority": "high",
        "estimate": 2.5,
        "due": "2026-07-16",
        "parent_id": parent["id"],
        "assignees": [world.bob.id],
        "external_id": "APOLLO-1",
    }
    task = await create(world, project, "Ignite", id=task_id, labels=["sea", "Land", "SEA"], **fields)
    assert task.items() >= fields.items()
    assert task["id"] == task_id
    assert task["labels"] == ["sea", "Land"]
    assert (task["version"], task["created_by"], task["project_id"]) == (1, world.alice.id, project)
    assert (task["blocked"], task["depends_on"], task["comment_count"]) == (False, [], 0)
    assert task["created_at"] == task["updated_at"]
    assert task["completed_at"] is None
    assert await world.run(world.guest, "task.get", task_id=task_id) == task
    assert world.types(project) == ["task.created", "task.created"]
    assert [event.data for event in world.published if event.room == project][-1] == {"task": task}


async def test_a_task_that_is_made_done_is_completed(world: World, project: str) -> None:
    task = await create(world, project, status="done")
    assert task["completed_at"] == task["created_at"]


async def test_viewers_may_not_write_and_strangers_find_nothing(world: World, project: str) -> None:
    task = await create(world, project)
    named = {"task_id": task["id"]}
    writes: list[tuple[str, dict[str, Any]]] = [
        ("task.create", {"project_id": project, "title": "x"}),
        ("task.update", {**named, "version": 1, "title": "x"}),
        ("task.move", named),
        ("task.transition", {**named, "status": "done"}),
        ("task.assign", {**named, "assignees": []}),
        ("task.depend", {**named, "on": task["id"]}),
        ("task.undepend", {**named, "on": task["id"]}),
        ("task.comment", {**named, "text": "x"}),
        ("task.delete", named),
        ("task.import", {"project_id": project, "tasks": [{"external_id": "1", "title": "x"}]}),
    ]
    reads: list[tuple[str, dict[str, Any]]] = [
        ("task.get", named),
        ("task.list", {"project_id": project}),
        ("task.history", named),
    ]
    for command, payload in writes:
        await world.refused(ErrorCode.FORBIDDEN, world.guest, command, **payload)
    for command, payload in reads:
        await world.run(world.guest, command, **payload)
    await world.run(world.alice, "project.remove_member", project_id=project, member_id=world.guest.id)
    for command, payload in writes + reads:
        refusal = await world.refused(ErrorCode.NOT_FOUND, world.guest, command, **payload)
        thing = "task_id" if "task_id" in payload else "project_id"
        absent = payload | {thing: new_id()}
        nothing = await world.refused(ErrorCode.NOT_FOUND, world.guest, command, **absent)
        assert refusal.message == nothing.message
    async with world.pool.acquire() as tx:
        assert [kept.id for kept in await tasks.all_of(tx, project)] == [task["id"]]


async def test_every_field_that_moves_stands_in_the_history(world: World, project: str) -> None:
    task = await create(world, project, estimate=1)
    changed = await world.run(
        world.bob,
        "task.update",
        task_id=task["id"],
        version=1,
        title="Lift off",
        description="Now",
        priority="urgent",
        labels=["a", "b", "A"],
        estimate=None,
        due="2026-02-28",
        status="done",
    )
    assert (changed["version"], changed["labels"]) == (2, ["a", "b"])
    assert changed["updated_at"] > task["updated_at"]
    assert changed["completed_at"] == changed["updated_at"]
    assert last(world)["task"] == changed
    assert steps(world) == {
        "title": ("Count down", "Lift off"),
        "description": ("", "Now"),
        "priority": ("none", "urgent"),
        "labels": ([], ["a", "b"]),
        "estimate": (1.0, None),
        "due": (None, "2026-02-28"),
        "status": ("todo", "done"),
        "completed_at": (None, changed["completed_at"]),
    }
    page = await world.run(world.guest, "task.history", task_id=task["id"], limit=1)
    assert [event["type"] for event in page["items"]] == ["task.updated"]
    rest = await world.run(world.guest, "task.history", task_id=task["id"], cursor=page["next"])
    assert [event["type"] for event in rest["items"]] == ["task.created"]
    assert rest["next"] is None


async def test_a_change_of_nothing_is_no_change(world: World, project: str) -> None:
    task = await create(world, project, labels=["a"], due="2026-01-01", assignees=[world.bob.id])
    world.published.clear()
    named = {"task_id": task["id"]}
    for command, payload in {
        "task.update": {**named, "version": 1, "title": task["title"], "labels": ["a", "A"]},
        "task.move": {**named, "status": "todo"},
        "task.transition": {**named, "status": "todo"},
        "task.assign": {**named, "assignees": [world.bob.id, world.bob.id]},
        "task.undepend": {**named, "on": new_id()},
    }.items():
        assert await world.run(world.alice, command, **payload) == task
    assert world.published == []


async def test_a_stale_version_brings_the_current_task(world: World, project: str) -> None:
    task = await create(world, project)
    current = await world.run(world.bob, "task.update", task_id=task["id"], version=1, title="Second")
    named = {"task_id": task["id"], "version": 1}
    for command, payload in {
        "task.update": {**named, "title": "Third"},
        "task.move": named,
        "task.transition": {**named, "status": "done"},
        "task.assign": {**named, "assignees": []},
        "task.delete": named,
    }.items():
        refusal = await world.refused(ErrorCode.CONFLICT, world.alice, command, **payload)
        assert refusal.body("x").data["current"].title == "Second"
    assert await world.run(world.alice, "task.get", task_id=task["id"]) == current


async def test_of_concurrent_writers_with_one_version_one_wins(world: World, project: str) -> None:
    task = await create(world, project)
    world.published.clear()
    written = await asyncio.gather(
        *(
            world.run(world.alice, "task.update", task_id=task["id"], version=1, title=f"{number}")
            for number in range(4)
        ),
        return_exceptions=True,
    )
    won = [each for each in written if isinstance(each, dict)]
    assert len(won) == 1
    assert {each.code for each in written if not isinstance(each, dict)} == {ErrorCode.CONFLICT}  # type: ignore[union-attr]
    assert world.types(project) == ["task.updated"]
    assert (await world.run(world.alice, "task.get", task_id=task["id"])) == won[0]


async def test_the_same_command_id_makes_one_task(world: World, project: str) -> None:
    once = new_id()
    made = await asyncio.gather(*(create(world, project, command_id=once) for _ in range(3)))
    assert made[0] == made[1] == made[2]
    assert world.types(project) == ["task.created"]
    await world.refused(
        ErrorCode.CONFLICT, world.alice, "task.create", project_id=project, title="x", command_id=once
    )


async def test_ids_and_external_ids_are_taken_once(world: World, project: str) -> None:
    task = await create(world, project, external_id="A")
    for taken in ({"id": task["id"]}, {"external_id": "A"}):
        refusal = await world.refused(
            ErrorCode.CONFLICT, world.alice, "task.create", project_id=project, title="x", **taken
        )
        assert "already" in refusal.message or "taken" in refusal.message
    assert world.types(project) == ["task.created"]


@pytest.mark.parametrize("before", list(TaskStatus))
async def test_only_legal_moves_are_made(world: World, project: str, before: TaskStatus) -> None:
    for after in TaskStatus:
        task = await create(world, project, status=before)
        if after is before or after in TASK_MOVES[before]:
            moved = await world.run(world.alice, "task.transition", task_id=task["id"], status=after)
            assert moved["status"] == after
            assert (moved["completed_at"] is not None) == (after is TaskStatus.DONE)
            continue
        for command in ("task.transition", "task.move"):
            refusal = await world.refused(
                ErrorCode.ILLEGAL_TRANSITION, world.alice, command, task_id=task["id"], status=after
            )
            assert set(refusal.data["allowed"]) == TASK_MOVES[before]
        update = {"task_id": task["id"], "version": 1, "status": after}
        await world.refused(ErrorCode.ILLEGAL_TRANSITION, world.alice, "task.update", **update)


async def test_work_that_is_reopened_is_no_longer_completed(world: World, project: str) -> None:
    task = await create(world, project, status="done")
    renamed = await world.run(world.alice, "task.update", task_id=task["id"], version=1, title="Said")
    assert renamed["completed_at"] == task["completed_at"]
    reopened = await world.run(world.alice, "task.transition", task_id=task["id"], status="todo")
    assert reopened["completed_at"] is None


async def test_those_newly_assigned_are_told_once(world: World, project: str) -> None:
    task = await create(world, project, assignees=[world.bob.id, world.alice.id])
    assert world.types(world.bob.id) == ["notification.added"]
    assert world.types(world.alice.id) == []
    told = next(event for event in world.published if event.room == world.bob.id).data["notification"]
    assert (told["kind"], told["room"], told["task_id"]) == ("assigned", project, task["id"])
    assert (told["excerpt"], told["actor_id"]) == ("Count down", world.alice.id)
    assigned = await world.run(
        world.alice, "task.assign", task_id=task["id"], assignees=[world.admin.id, world.bob.id]
    )
    assert assigned["assignees"] == [world.admin.id, world.bob.id]
    assert world.types(world.bob.id) == ["notification.added"]
    assert world.types(world.admin.id) == ["notification.added"]


async def test_only_those_who_see_the_project_are_assigned(world: World, project: str) -> None:
    await world.run(world.alice, "project.remove_member", project_id=project, member_id=world.bob.id)
    task = await create(world, project)
    for assignees in ([world.guest.id, world.bob.id], [world.admin.id, new_id()]):
        refusal = await world.refused(
            ErrorCode.INVALID, world.alice, "task.assign", task_id=task["id"], assignees=assignees
        )
        assert refusal.data["path"] == "assignees[1]"
    refusal = await world.refused(
        ErrorCode.INVALID,
        world.alice,
        "task.create",
        project_id=project,
        title="x",
        assignees=[world.bob.id],
    )
    assert refusal.data["path"] == "assignees[0]"


async def test_who_is_removed_is_off_all_tasks(world: World, project: str) -> None:
    both = [world.bob.id, world.admin.id]
    shared, other = await create(world, project, assignees=both), await create(world, project)
    world.published.clear()
    await world.run(world.alice, "project.remove_member", project_id=project, member_id=world.bob.id)
    assert world.types(project) == ["participant.removed", "task.updated"]
    assert steps(world) == {"assignees": (both, [world.admin.id])}
    await world.run(world.owner, "member.remove", member_id=world.admin.id)
    task = await world.run(world.alice, "task.get", task_id=shared["id"])
    assert (task["assignees"], task["version"]) == ([], 3)
    assert (await world.run(world.alice, "task.get", task_id=other["id"])) == other


async def test_subtasks_stay_in_the_project_without_circles(world: World, project: str) -> None:
    elsewhere = await world.run(world.alice, "project.create", name="Other")
    stranger = await create(world, elsewhere["id"])
    line = await nest(world, project, 2)
    top, leaf = line[0], line[2]
    update = {"task_id": top["id"], "version": 1}
    for parent in (stranger["id"], new_id()):
        refusal = await world.refused(
            ErrorCode.INVALID, world.alice, "task.update", **update, parent_id=parent
        )
        assert refusal.data["path"] == "parent_id"
    refusal = await world.refused(ErrorCode.CYCLE, world.alice, "task.update", **update, parent_id=leaf["id"])
    ids = [task["id"] for task in refusal.data["cycle"]]
    turn = ids.index(top["id"])
    assert ids[turn:] + ids[:turn] == [top["id"], leaf["id"], line[1]["id"]]
    assert "«2»" in refusal.message
    await world.refused(ErrorCode.CYCLE, world.alice, "task.update", **update, parent_id=top["id"])
    freed = await world.run(world.alice, "task.update", task_id=leaf["id"], version=1, parent_id=None)
    assert freed["parent_id"] is None
    moved = await world.run(world.alice, "task.update", **update, parent_id=leaf["id"])
    assert moved["parent_id"] == leaf["id"]


async def test_subtasks_go_no_deeper_than_the_bound(world: World, project: str) -> None:
    line = await nest(world, project, MAX_SUBTASK_DEPTH)
    refusal = await world.refused(
        ErrorCode.LIMIT_EXCEEDED,
        world.alice,
        "task.create",
        project_id=project,
        title="x",
        parent_id=line[-1]["id"],
    )
    assert refusal.data["limit"] == MAX_SUBTASK_DEPTH
    pair = await nest(world, project, 1)
    await world.refused(
        ErrorCode.LIMIT_EXCEEDED,
        world.alice,
        "task.update",
        task_id=pair[0]["id"],
        version=1,
        parent_id=line[-2]["id"],
    )
    fits = await world.run(
        world.alice, "task.update", task_id=pair[0]["id"], version=1, parent_id=line[-3]["id"]
    )
    assert fits["parent_id"] == line[-3]["id"]


async def test_a_deleted_task_frees_those_that_waited_and_hands_up_its_subtasks(
    world: World, project: str
) -> None:
    top, task = await create(world, project, "top"), await create(world, project, "gone")
    await world.run(world.alice, "task.update", task_id=task["id"], version=1, parent_id=top["id"])
    below = await create(world, project, "below", parent_id=task["id"])
    waiting = await create(world, project, "waiting")
    await world.run(world.alice, "task.depend", task_id=waiting["id"], on=[task["id"]])
    await world.run(world.alice, "task.depend", task_id=below["id"], on=[task["id"], top["id"]])
    await world.run(world.alice, "task.comment", task_id=task["id"], text="Why?")
    world.published.clear()
    gone = await world.run(world.bob, "task.delete", task_id=task["id"], version=2)
    assert gone["title"] == "gone"
    types = ["task.deleted", "task.updated", "task.updated", "task.blocked"]
    assert world.types(project) == types
    assert world.published[0].data == {"task_id": task["id"], "title": "gone"}
    assert world.published[-1].data == {"task": {"id": waiting["id"], "blocked": False}}
    left = await world.run(world.alice, "task.get", task_id=below["id"])
    assert (left["parent_id"], left["depends_on"]) == (top["id"], [top["id"]])
    assert left["blocked"] is True
    free = await world.run(world.alice, "task.get", task_id=waiting["id"])
    assert (free["depends_on"], free["blocked"]) == ([], False)
    await world.refused(ErrorCode.NOT_FOUND, world.alice, "task.get", task_id=task["id"])
    await world.refused(ErrorCode.NOT_FOUND, world.alice, "task.delete", task_id=task["id"])
    said = await world.run(world.alice, "room.history", room=project)
    assert [message["task_id"] for message in said["items"]] == [task["id"]]


async def test_comments_are_counted_at_the_task(world: World, project: str) -> None:
    task = await create(world, project, assignees=[world.bob.id])
    world.published.clear()
    message = await world.run(world.alice, "task.comment", task_id=task["id"], text="Ready?")
    assert (message["task_id"], message["room"]) == (task["id"], project)
    assert last(world)["notification"]["kind"] == "comment"
    sent = next(event for event in world.published if event.type == "message.sent")
    assert sent.data["task"] == {"id": task["id"], "comment_count": 1}
    commented = await world.run(world.alice, "task.get", task_id=task["id"])
    assert commented == {**task, "comment_count": 1}
    page = await world.run(world.guest, "task.history", task_id=task["id"])
    assert [event["type"] for event in page["items"]] == ["message.sent", "task.created"]


@pytest.mark.parametrize("state", ["archived", "deleted"])
async def test_nothing_changes_in_a_project_that_is_put_away(world: World, project: str, state: str) -> None:
    task = await create(world, project)
    if state == "archived":
        await world.run(world.alice, "project.transition", project_id=project, state="archived")
        code = ErrorCode.CONFLICT
        assert await world.run(world.guest, "task.get", task_id=task["id"]) == task
    else:
        await world.run(world.alice, "project.delete", project_id=project)
        code = ErrorCode.NOT_FOUND
        await world.refused(code, world.guest, "task.get", task_id=task["id"])
        await world.refused(code, world.guest, "task.list", project_id=project)
    world.published.clear()
    named = {"task_id": task["id"]}
    await world.refused(code, world.alice, "task.create", project_id=project, title="x")
    await world.refused(code, world.alice, "task.update", **named, version=1, title="x")
    await world.refused(code, world.alice, "task.comment", **named, text="x")
    await world.refused(code, world.alice, "task.delete", **named)
    assert world.published == []


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("title", {"title": " "}),
        ("title", {"title": "x" * 301}),
        ("description", {"description": "x" * 20_001}),
        ("labels", {"labels": [str(number) for number in range(21)]}),
        ("labels[0]", {"labels": ["two\nlines"]}),
        ("estimate", {"estimate": -1}),
        ("estimate", {"estimate": 100_001}),
        ("due", {"due": "2026-02-30"}),
        ("status", {"status": "open"}),
        ("assignees", {"assignees": ["00000000-0000-7000-8000-000000000000"] * 21}),
        ("external_id", {"external_id": ""}),
        ("before", {"before": "first"}),
        ("colour", {"colour": "red"}),
    ],
)
async def test_bad_fields_are_named(world: World, project: str, path: str, fields: dict[str, Any]) -> None:
    payload = {"project_id": project, "title": "x", **fields}
    refusal = await world.refused(ErrorCode.INVALID, world.alice, "task.create", **payload)
    assert refusal.data["path"] == path
    assert world.published == []


async def test_a_project_holds_so_many_tasks(world: World, project: str) -> None:
    async with world.pool.acquire() as tx:
        await tx.execute(
            """
            INSERT INTO tasks
                (id, project_id, title, status, priority, rank, created_by, created_at, updated_at)
            SELECT gen_random_uuid(), $1, 'x', 'todo', 'none', 'c' || to_char(n, 'FM0000000') || 'V',
                $2, now(), now() FROM generate_series(1, $3) n
            """,
            project,
            world.alice.id,
            MAX_TASKS - 1,
        )
    await create(world, project)
    refusal = await world.refused(
        ErrorCode.LIMIT_EXCEEDED, world.alice, "task.create", project_id=project, title="x"
    )
    assert refusal.data["limit"] == MAX_TASKS
