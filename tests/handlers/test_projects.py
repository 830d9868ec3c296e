"""Projects: their life from draft to purge, their members and lists, by whom, and what the log then says."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from persistence import partitions, projects
from persistence.database import clock
from persistence.ids import new_id
from protocol.errors import ErrorCode
from protocol.fields import DELETE_GRACE_DAYS, MAX_PROJECTS, MAX_ROOM_MEMBERS
from protocol.projects import PROJECT_MOVES, ProjectState
from tests.world import World

Project = dict[str, Any]


async def create(world: World, name: str = "Rocket", **fields: Any) -> Project:
    made: Project = await world.run(world.alice, "project.create", name=name, **fields)
    return made


@pytest.fixture
async def project(world: World) -> str:
    """A project that alice manages, bob edits and the guest views."""
    made = await create(world)
    for member, role in ((world.bob, "editor"), (world.guest, "viewer")):
        await world.run(
            world.alice, "project.set_member", project_id=made["id"], member_id=member.id, role=role
        )
    world.published.clear()
    return str(made["id"])


async def listed(world: World, member: Any, **fields: Any) -> list[str]:
    page = await world.run(member, "project.list", **fields)
    return [row["project"]["name"] for row in page["items"]]


async def test_who_makes_a_project_manages_it(world: World) -> None:
    project_id = new_id()
    made = await create(world, id=project_id, description="To the moon", state="draft")
    assert (made["id"], made["name"], made["state"], made["version"]) == (project_id, "Rocket", "draft", 1)
    assert (made["created_by"], made["purge_at"]) == (world.alice.id, None)
    assert world.types(project_id) == ["project.created", "participant.added"]
    assert world.types(world.alice.id) == ["membership.updated"]
    assert world.published[-1].data["membership"] == {
        "id": project_id,
        "kind": "project",
        "name": "Rocket",
        "role": "manager",
        "read_seq": 0,
    }
    assert await world.run(world.alice, "project.get", project_id=project_id) == made
    await world.refused(ErrorCode.CONFLICT, world.bob, "project.create", name="x", id=project_id)
    await world.refused(ErrorCode.FORBIDDEN, world.guest, "project.create", name="x")


async def test_roles_decide_and_strangers_find_nothing(world: World, project: str) -> None:
    named: dict[str, Any] = {"project_id": project}
    writes: list[tuple[str, dict[str, Any]]] = [
        ("project.update", {**named, "version": 1, "name": "x"}),
        ("project.transition", {**named, "state": "on_hold"}),
        ("project.delete", named),
        ("project.restore", named),
        ("project.set_member", {**named, "member_id": world.bob.id}),
        ("project.remove_member", {**named, "member_id": world.guest.id}),
    ]
    reads: list[tuple[str, dict[str, Any]]] = [("project.get", named), ("project.members", named)]
    for command, payload in writes:
        await world.refused(ErrorCode.FORBIDDEN, world.bob, command, **payload)
    for command, payload in reads:
        await world.run(world.guest, command, **payload)
    await world.run(world.bob, "project.remove_member", project_id=project, member_id=world.bob.id)
    world.published.clear()
    for command, payload in writes + reads:
        refusal = await world.refused(ErrorCode.NOT_FOUND, world.bob, command, **payload)
        absent = payload | {"project_id": new_id()}
        assert (
            refusal.message
            == (await world.refused(ErrorCode.NOT_FOUND, world.bob, command, **absent)).message
        )
    assert world.published == []
    assert await world.run(world.admin, "project.update", **named, version=1, description="Admins may")


async def test_a_new_name_reaches_the_inboxes_of_all_members(world: World, project: str) -> None:
    named: dict[str, Any] = {"project_id": project}
    renamed = await world.run(world.alice, "project.update", **named, version=1, name="Saturn")
    assert (renamed["name"], renamed["version"]) == ("Saturn", 2)
    assert renamed["updated_at"] > renamed["created_at"]
    assert world.published[0].data == {
        "project": renamed,
        "changes": [{"field": "name", "before": "Rocket", "after": "Saturn"}],
    }
    for member in (world.alice, world.bob, world.guest):
        (event,) = [event for event in world.published if event.room == member.id]
        assert event.data["membership"]["name"] == "Saturn"
    world.published.clear()
    described = await world.run(world.alice, "project.update", **named, version=2, description="V")
    assert world.types(project) == ["project.updated"]
    assert {event.room for event in world.published} == {project}
    assert await world.run(world.alice, "project.update", **named, version=3, name="Saturn") == described
    assert len(world.published) == 1
    refusal = await world.refused(ErrorCode.CONFLICT, world.alice, "project.update", **named, version=2)
    assert refusal.data["current"].version == 3


@pytest.mark.parametrize("before", list(ProjectState))
async def test_only_legal_moves_are_made(world: World, before: ProjectState) -> None:
    for after in ProjectState:
        named: dict[str, Any] = {"project_id": (await create(world, state=before))["id"], "state": after}
        if after is before or after in PROJECT_MOVES[before]:
            moved = await world.run(world.alice, "project.transition", **named, version=1)
            assert (moved["state"], moved["version"]) == (after, 1 if after is before else 2)
        else:
            refusal = await world.refused(
                ErrorCode.ILLEGAL_TRANSITION, world.alice, "project.transition", **named
            )
            assert set(refusal.data["allowed"]) == PROJECT_MOVES[before]


async def test_an_archived_project_is_read_and_brought_back_but_not_changed(
    world: World, project: str
) -> None:
    named: dict[str, Any] = {"project_id": project}
    await world.run(world.alice, "project.transition", **named, state="archived")
    await world.run(world.guest, "project.get", **named)
    await world.refused(ErrorCode.CONFLICT, world.alice, "project.update", **named, version=2, name="x")
    await world.refused(
        ErrorCode.CONFLICT, world.alice, "project.transition", **named, version=1, state="active"
    )
    active = await world.run(world.alice, "project.transition", **named, version=2, state="active")
    assert active["state"] == "active"


async def test_a_deleted_project_is_hidden_and_can_be_restored(world: World, project: str) -> None:
    named: dict[str, Any] = {"project_id": project}
    deleted = await world.run(world.alice, "project.delete", **named, version=1)
    grace = datetime.fromisoformat(deleted["purge_at"]) - datetime.fromisoformat(deleted["updated_at"])
    assert grace == timedelta(days=DELETE_GRACE_DAYS)
    assert [step["field"] for step in world.published[-1].data["changes"]] == ["purge_at"]
    for command in ("project.get", "project.members", "project.delete"):
        await world.refused(ErrorCode.NOT_FOUND, world.alice, command, **named)
    for command in ("project.set_member", "project.remove_member"):
        await world.refused(ErrorCode.NOT_FOUND, world.alice, command, **named, member_id=world.bob.id)
    assert await listed(world, world.alice) == await listed(world, world.bob, deleted=True) == []
    assert await listed(world, world.alice, deleted=True) == ["Rocket"]
    assert await listed(world, world.admin, deleted=True) == ["Rocket"]
    restored = await world.run(world.alice, "project.restore", **named)
    assert (restored["purge_at"], restored["version"]) == (None, 3)
    assert await world.run(world.alice, "project.restore", **named) == restored
    assert await world.run(world.guest, "project.get", **named) == restored
    assert world.types(project) == ["project.updated", "project.updated"]


async def test_what_was_deleted_is_purged_in_time(world: World, project: str) -> None:
    kept = await create(world, "Kept")
    task = await world.run(world.alice, "task.create", project_id=project, title="x")
    await world.run(world.alice, "task.comment", task_id=task["id"], text="y")
    deleted = await world.run(world.alice, "project.delete", project_id=project)
    await world.pool.execute("UPDATE events SET at = '2020-01-01' WHERE room_id = $1 AND seq < 4", project)
    await partitions.tend(world.pool, timedelta(hours=72))
    due = datetime.fromisoformat(deleted["purge_at"])
    assert await projects.purge(world.pool, due - timedelta(seconds=1)) == []
    events = await projects.purge(world.pool, due)
    assert {event.room for event in events} == {world.alice.id, world.bob.id, world.guest.id}
    assert {event.type for event in events} == {"membership.removed"}
    assert {event.actor for event in events} == {None}
    await world.refused(ErrorCode.NOT_FOUND, world.alice, "project.restore", project_id=project)
    async with world.pool.acquire() as tx:
        for table in ("rooms", "projects", "tasks", "messages", "events", "history", "room_members"):
            column = (
                "id" if table in {"rooms", "projects"} else "project_id" if table == "tasks" else "room_id"
            )
            left = await tx.fetchval(f"SELECT count(*) FROM {table} WHERE {column} = $1", project)
            assert left == 0, table
    joined = await world.run(world.alice, "room.join", room=world.alice.id)
    assert [row["id"] for row in joined["reset"]["memberships"] if row["kind"] == "project"] == [kept["id"]]
    assert await projects.purge(world.pool, due) == []


async def test_what_is_due_cannot_be_restored(world: World, project: str) -> None:
    await world.run(world.alice, "project.delete", project_id=project)
    async with world.pool.acquire() as tx:
        now = await clock(tx)
        await tx.execute("UPDATE projects SET purge_at = $1", now)
    await world.refused(ErrorCode.NOT_FOUND, world.alice, "project.restore", project_id=project)
    assert await listed(world, world.alice, deleted=True) == []


async def test_a_project_that_is_being_restored_is_not_purged(world: World, project: str) -> None:
    await world.run(world.alice, "project.delete", project_id=project)
    async with world.pool.acquire() as tx, tx.transaction():
        now = await clock(tx) + timedelta(days=DELETE_GRACE_DAYS + 1)
        await tx.execute("SELECT FROM rooms WHERE id = $1 FOR NO KEY UPDATE", project)
        assert await projects.purge(world.pool, now) == []
    assert len(await projects.purge(world.pool, now)) == 3


async def test_managers_let_members_in_and_change_their_roles(world: World, project: str) -> None:
    named: dict[str, Any] = {"project_id": project, "member_id": world.owner.id}
    added = await world.run(world.alice, "project.set_member", **named)
    assert (added["id"], added["name"], added["role"]) == (world.owner.id, "Owner", "editor")
    assert await world.run(world.alice, "project.set_member", **named, role="editor") == added
    assert world.types(project) == ["participant.added"]
    assert world.types(world.owner.id) == ["membership.updated"]
    changed = await world.run(world.alice, "project.set_member", **named, role="viewer")
    assert (changed["role"], changed["joined_at"]) == ("viewer", added["joined_at"])
    assert world.types(project) == ["participant.added", "participant.added"]
    page = await world.run(world.guest, "project.members", project_id=project, limit=3)
    rest = await world.run(world.guest, "project.members", project_id=project, cursor=page["next"])
    people = page["items"] + rest["items"]
    assert [person["name"] for person in people] == ["Alice", "Bob", "Guest", "Owner"]
    assert rest["next"] is None
    nobody: dict[str, Any] = {"project_id": project, "member_id": new_id()}
    await world.refused(ErrorCode.NOT_FOUND, world.alice, "project.set_member", **nobody)
    await world.refused(ErrorCode.NOT_FOUND, world.alice, "project.remove_member", **nobody)


async def test_members_leave_and_managers_take_others_out(world: World, project: str) -> None:
    named: dict[str, Any] = {"project_id": project}
    await world.refused(
        ErrorCode.FORBIDDEN, world.guest, "project.remove_member", **named, member_id=world.bob.id
    )
    left = await world.run(world.guest, "project.remove_member", **named, member_id=world.guest.id)
    assert (left["id"], left["role"]) == (world.guest.id, "viewer")
    assert world.types(world.guest.id) == ["membership.removed"]
    await world.run(world.alice, "project.remove_member", **named, member_id=world.bob.id)
    assert [event.data for event in world.published if event.room == project] == [
        {"member_id": world.guest.id},
        {"member_id": world.bob.id},
    ]
    await world.refused(ErrorCode.NOT_FOUND, world.bob, "project.get", **named)


async def test_the_last_manager_stays(world: World, project: str) -> None:
    named: dict[str, Any] = {"project_id": project, "member_id": world.alice.id}
    await world.refused(ErrorCode.CONFLICT, world.alice, "project.remove_member", **named)
    await world.refused(ErrorCode.CONFLICT, world.admin, "project.set_member", **named, role="viewer")
    bob: dict[str, Any] = {"project_id": project, "member_id": world.bob.id, "role": "manager"}
    await world.run(world.alice, "project.set_member", **bob)
    both = await asyncio.gather(
        world.run(world.alice, "project.remove_member", **named),
        world.run(world.bob, "project.remove_member", project_id=project, member_id=world.bob.id),
        return_exceptions=True,
    )
    assert sum(1 for each in both if isinstance(each, dict)) == 1


async def test_the_list_says_what_one_may_and_how_far_the_work_is(world: World, project: str) -> None:
    for status in ("todo", "in_review", "done", "canceled"):
        await world.run(world.bob, "task.create", project_id=project, title="x", status=status)
    other = await create(world, "Other")
    page = await world.run(world.guest, "project.list")
    assert [row["id"] for row in page["items"]] == [project]
    (row,) = page["items"]
    assert (row["role"], row["open_tasks"], row["done_tasks"]) == ("viewer", 2, 1)
    assert row["project"] == await world.run(world.guest, "project.get", project_id=project)
    rows = (await world.run(world.admin, "project.list", sort="created_at", descending=False))["items"]
    assert [(row["id"], row["role"], row["open_tasks"]) for row in rows] == [
        (project, "manager", 2),
        (other["id"], "manager", 0),
    ]


async def test_the_list_is_filtered_sorted_and_paged(world: World) -> None:
    for number, (name, state) in enumerate(
        [("beta", "active"), ("Alpha", "draft"), ("100% _real_", "active"), ("alpha", "archived")]
    ):
        await create(world, name, state=state, description=str(number))
    assert await listed(world, world.alice, query="ALPHA", sort="created_at") == ["alpha", "Alpha"]
    assert await listed(world, world.alice, query="%") == ["100% _real_"]
    assert await listed(world, world.alice, query="h_") == []
    assert await listed(world, world.alice, state="active", sort="name") == ["beta", "100% _real_"]
    for sort in ("name", "created_at", "updated_at"):
        for descending in (True, False):
            order: dict[str, Any] = {"sort": sort, "descending": descending}
            whole = await listed(world, world.alice, **order)
            assert len(whole) == 4
            paged, cursor = [], None
            while True:
                page = await world.run(world.alice, "project.list", **order, limit=1, cursor=cursor)
                paged += [row["project"]["name"] for row in page["items"]]
                if (cursor := page["next"]) is None:
                    break
            assert paged == whole
    names = await listed(world, world.alice, sort="name", descending=False)
    assert [name.lower() for name in names] == ["100% _real_", "alpha", "alpha", "beta"]
    await world.refused(ErrorCode.INVALID, world.alice, "project.list", cursor="x")


async def test_there_are_so_many_projects_and_members(world: World, project: str) -> None:
    async with world.pool.acquire() as tx:
        await tx.execute(
            """
            WITH made AS (
                INSERT INTO members (id, kind, name, role, created_at)
                SELECT gen_random_uuid(), 'agent', 'Extra ' || n, 'member', now()
                FROM generate_series(1, $2) n RETURNING id
            )
            INSERT INTO room_members (room_id, member_id, role, joined_at)
            SELECT $1, id, 'editor', now() FROM made
            """,
            project,
            MAX_ROOM_MEMBERS - 3,
        )
        await tx.execute(
            """
            WITH made AS (
                INSERT INTO rooms (id, kind, created_at)
                SELECT gen_random_uuid(), 'project', now() FROM generate_series(1, $1) n RETURNING id
            )
            INSERT INTO projects (id, name, state, created_by, created_at, updated_at)
            SELECT id, 'x', 'active', $2, now(), now() FROM made
            """,
            MAX_PROJECTS - 1,
            world.alice.id,
        )
    refusal = await world.refused(ErrorCode.LIMIT_EXCEEDED, world.alice, "project.create", name="x")
    assert refusal.data["limit"] == MAX_PROJECTS
    refusal = await world.refused(
        ErrorCode.LIMIT_EXCEEDED,
        world.alice,
        "project.set_member",
        project_id=project,
        member_id=world.owner.id,
    )
    assert refusal.data["limit"] == MAX_ROOM_MEMBERS
