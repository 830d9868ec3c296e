"""Who may do what with files: restricted ones, grants, access for a task or through a run, and holds."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from handlers import file_access
from persistence import file_grants
from persistence.database import Connection
from persistence.ids import new_id
from protocol.errors import ApiError, ErrorCode
from protocol.files import FileInfo, NameConflict
from protocol.members import Member
from tests import filing
from tests.nodes import until
from tests.workforce import Workforce, staffed
from tests.world import World

SECRET = "The lunar module is fueled with Aerozine"


@pytest.fixture
async def force(world: World) -> Workforce:
    return await staffed(world)


@pytest.fixture
async def secret(world: World, project: str) -> FileInfo:
    """A file of Alice's that only some may have, beside one of the same content that all may."""
    file = await filing.put(world, world.alice, project, "fuel.txt", SECRET, folder="secret")
    await filing.read(world, file, [SECRET], fingerprint=7)
    await world.run(world.alice, "file.restrict", file_id=file.id, restricted=True)
    world.published.clear()
    return file


async def sees(world: World, member: Member, file: FileInfo) -> bool:
    """Whether a member learns of a file: in all ways, or in none."""
    ways = [
        any(
            each["id"] == file.id for each in (await world.run(member, "file.list", room=file.room))["items"]
        ),
        any(
            each["path"] == "secret"
            for each in (await world.run(member, "file.folders", room=file.room))["folders"]
        ),
        any(
            hit["file"]["id"] == file.id
            for hit in (await world.run(member, "file.search", query="Aerozine"))["hits"]
        ),
    ]
    for command in ("file.get", "file.versions", "file.text", "file.link", "file.similar"):
        ways += [await answers(world.run(member, command, file_id=file.id))]
    async with world.pool.acquire() as tx:
        ways += [await answers(file_access.readable(tx, member.id, file.id, None))]
    assert len(set(ways)) == 1, ways
    return ways[0]


async def answers(attempt: Any) -> bool:
    """Whether something is done; False if there is said to be no such thing."""
    try:
        await attempt
    except ApiError as error:
        if error.code is not ErrorCode.NOT_FOUND:
            raise
        return False
    return True


async def refusal(code: ErrorCode, attempt: Any) -> ApiError:
    with pytest.raises(ApiError) as told:
        await attempt
    assert told.value.code is code, told.value.message
    return told.value


async def end(world: World) -> None:
    """The time of all grants is over."""
    await world.pool.execute("UPDATE file_grants SET until = clock_timestamp()")


async def test_a_restricted_file_is_for_managers_and_its_maker(
    world: World, project: str, secret: FileInfo
) -> None:
    assert await sees(world, world.alice, secret)
    assert await sees(world, world.admin, secret)
    assert not await sees(world, world.bob, secret)
    assert not await sees(world, world.guest, secret)
    for command, more in (
        ("file.rename", {"name": "x"}),
        ("file.delete", {}),
        ("file.delete", {"forever": True}),
        ("file.restrict", {"restricted": False}),
        ("file.grant", {"member_id": world.bob.id}),
        ("file.hold", {"reason": "x"}),
    ):
        await world.refused(ErrorCode.NOT_FOUND, world.bob, command, file_id=secret.id, **more)
    mine = await filing.put(world, world.bob, project, "mine.txt", "mine")
    await world.run(world.bob, "file.restrict", file_id=mine.id, restricted=True)
    assert (await world.run(world.bob, "file.get", file_id=mine.id))["access"] == "manager"
    assert (await world.run(world.alice, "file.get", file_id=mine.id))["access"] == "manager"
    await world.refused(ErrorCode.NOT_FOUND, world.guest, "file.get", file_id=mine.id)


async def test_a_room_is_told_nothing_of_a_restricted_file(world: World, project: str) -> None:
    file = await filing.put(world, world.bob, project, "a.txt", "one")
    hide = partial(world.run, world.bob, "file.restrict", file_id=file.id)
    world.published.clear()
    hidden = await hide(restricted=True)
    assert [(event.type, event.data) for event in world.published] == [("file.removed", {"file_id": file.id})]
    assert await hide(restricted=True) == hidden
    await world.run(world.bob, "file.rename", file_id=file.id, name="b.txt")
    await filing.put(world, world.bob, project, "b.txt", "two", file_id=file.id)
    await world.run(world.alice, "file.hold", file_id=file.id, reason="Wait.")
    await world.run(world.bob, "file.delete", file_id=file.id)
    await world.run(world.bob, "file.undelete", file_id=file.id)
    assert len(world.published) == 1
    shown = await hide(restricted=False)
    assert world.published[-1].data == {"file": shown, "cause": "shown"}
    assert (shown["name"], shown["held"], shown["number"]) == ("b.txt", "Wait.", 2)
    history = await world.run(world.guest, "room.events", room=project, after_seq=0)
    assert [event["type"] for event in history["events"] if event["type"].startswith("file.")] == [
        *("file.created", "file.removed", "file.updated")
    ]
    await hide(restricted=True)
    world.published.clear()
    await world.run(world.bob, "file.delete", file_id=file.id, forever=True)
    assert world.published == []


async def test_a_name_that_is_taken_by_a_hidden_file_does_not_lead_to_it(
    world: World, project: str, secret: FileInfo
) -> None:
    put = partial(filing.put, world, world.bob, project, "fuel.txt", folder="secret")
    error = await refusal(ErrorCode.CONFLICT, put("x", conflict=NameConflict.REFUSE))
    assert error.data == {}
    for content in ("x", SECRET):
        made = await put(content, conflict=NameConflict.VERSION)
        assert made.id != secret.id
    mine = await filing.put(world, world.bob, project, "fuel.txt", "x")
    error = await world.refused(ErrorCode.CONFLICT, world.bob, "file.move", file_id=mine.id, folder="secret")
    assert error.data == {}


@pytest.mark.parametrize("who", ["bob", "guest"])
async def test_a_grant_lets_a_member_of_the_room_have_a_restricted_file(
    world: World, secret: FileInfo, who: str
) -> None:
    member: Member = getattr(world, who)
    given = await world.run(world.alice, "file.grant", file_id=secret.id, member_id=member.id)
    assert (given["access"], given["role"], given["until"]) == ("viewer", None, None)
    assert world.published == []
    assert await sees(world, member, secret)
    seen = await world.run(member, "file.get", file_id=secret.id)
    assert (seen["access"], seen["grants"]) == ("viewer", [])
    assert (await world.run(world.alice, "file.get", file_id=secret.id))["grants"] == [given]
    await world.refused(ErrorCode.FORBIDDEN, member, "file.rename", file_id=secret.id, name="x")
    more = await world.run(world.alice, "file.grant", file_id=secret.id, member_id=member.id, access="editor")
    assert (more["id"], more["access"]) == (given["id"], "editor")
    renamed = await world.run(member, "file.rename", file_id=secret.id, name="x")
    assert renamed["updated_by"] == member.id
    await world.refused(ErrorCode.FORBIDDEN, member, "file.delete", file_id=secret.id, forever=True)
    revoke: dict[str, Any] = {"file_id": secret.id, "grant_id": given["id"]}
    await world.refused(ErrorCode.FORBIDDEN, member, "file.revoke", **revoke)
    assert await world.run(world.alice, "file.revoke", **revoke) == more
    await world.refused(ErrorCode.NOT_FOUND, world.alice, "file.revoke", **revoke)
    assert not await sees(world, member, secret)


async def test_a_grant_ends_with_its_time(world: World, secret: FileInfo) -> None:
    until = datetime.now(UTC) + timedelta(days=1)
    named: dict[str, Any] = {"file_id": secret.id, "member_id": world.bob.id}
    await world.run(world.alice, "file.grant", **named, until=until.isoformat())
    assert await sees(world, world.bob, secret)
    await end(world)
    assert not await sees(world, world.bob, secret)
    assert (await world.run(world.alice, "file.get", file_id=secret.id))["grants"] == []
    # One that is over is in nobody's way.
    await world.run(world.alice, "file.grant", **named)
    assert await sees(world, world.bob, secret)
    await end(world)
    await file_grants.prune(world.pool, datetime.now(UTC) + timedelta(days=1))
    assert await world.pool.fetchval("SELECT count(*) FROM file_grants") == 0


async def test_a_grant_to_a_role_is_for_it_and_higher_ones(
    world: World, project: str, secret: FileInfo
) -> None:
    given = await world.run(world.alice, "file.grant", file_id=secret.id, role="editor", access="viewer")
    assert await sees(world, world.bob, secret)
    assert not await sees(world, world.guest, secret)
    revoke: dict[str, Any] = {"file_id": secret.id, "grant_id": given["id"]}
    await world.run(world.alice, "file.revoke", **revoke)
    await world.run(world.alice, "file.grant", file_id=secret.id, role="viewer", access="editor")
    assert await sees(world, world.guest, secret)
    assert (await world.run(world.guest, "file.rename", file_id=secret.id, name="y"))["name"] == "y"
    # Whoever is not in the room has no role there.
    await world.run(world.alice, "project.remove_member", project_id=project, member_id=world.guest.id)
    await world.refused(ErrorCode.NOT_FOUND, world.guest, "file.get", file_id=secret.id)


async def test_an_outsider_has_the_file_that_was_granted_and_nothing_else(
    world: World, project: str, secret: FileInfo
) -> None:
    other = await filing.put(world, world.alice, project, "other.txt", SECRET)
    await filing.read(world, other, [SECRET])
    await world.run(world.alice, "project.remove_member", project_id=project, member_id=world.bob.id)
    named: dict[str, Any] = {"file_id": secret.id, "member_id": world.bob.id}
    await world.run(world.alice, "file.grant", **named, access="editor")
    assert (await world.run(world.bob, "file.get", file_id=secret.id))["access"] == "editor"
    (hit,) = (await world.run(world.bob, "file.search", query="Aerozine"))["hits"]
    assert hit["file"]["id"] == secret.id
    assert (await world.run(world.bob, "file.similar", file_id=secret.id))["files"] == []
    for command in ("file.list", "file.folders", "file.quota"):
        await world.refused(ErrorCode.NOT_FOUND, world.bob, command, room=project)
    await world.refused(ErrorCode.NOT_FOUND, world.bob, "file.search", room=project, query="Aerozine")
    changed = await filing.put(world, world.bob, project, "fuel.txt", "less", file_id=secret.id)
    assert (changed.number, changed.updated_by) == (2, world.bob.id)
    await refusal(ErrorCode.NOT_FOUND, filing.put(world, world.bob, project, "new.txt", "x"))
    task = await world.run(world.alice, "task.create", project_id=project, title="x")
    moving: dict[str, Any] = {"file_id": secret.id, "folder": "x"}
    await world.refused(ErrorCode.NOT_FOUND, world.bob, "file.move", **moving, task_id=task["id"])
    assert (await world.run(world.bob, "file.move", **moving))["folder"] == "x"


async def test_an_agent_gets_a_file_by_a_grant(world: World, force: Workforce) -> None:
    worker = await force.hire("Echo", {"name": "echo"}, role="viewer")
    file = await filing.put(world, world.alice, force.project_id, "a.txt", "one")
    await world.run(world.alice, "file.restrict", file_id=file.id, restricted=True)
    await world.refused(ErrorCode.NOT_FOUND, worker.member, "file.get", file_id=file.id)
    await world.run(world.alice, "file.grant", file_id=file.id, member_id=worker.member.id, access="editor")
    made = await filing.put(world, worker.member, force.project_id, "a.txt", "two", file_id=file.id)
    assert (made.number, made.updated_by, made.restricted) == (2, worker.member.id, True)


async def test_a_grant_that_makes_no_sense_is_refused(
    world: World, secret: FileInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    past = (datetime.now(UTC) - timedelta(seconds=5)).isoformat()
    bob: dict[str, Any] = {"member_id": world.bob.id}
    for path, payload in (
        ("member_id", {}),
        ("member_id", bob | {"role": "viewer"}),
        ("access", bob | {"access": "manager"}),
        ("until", bob | {"until": past}),
    ):
        error = await world.refused(
            ErrorCode.INVALID, world.alice, "file.grant", file_id=secret.id, **payload
        )
        assert error.data["path"] == path
    await world.refused(ErrorCode.NOT_FOUND, world.alice, "file.grant", file_id=secret.id, member_id=new_id())
    monkeypatch.setattr("handlers.file_grants.MAX_GRANTS", 1)
    await world.run(world.alice, "file.grant", file_id=secret.id, **bob)
    await world.run(world.alice, "file.grant", file_id=secret.id, **bob, access="editor")
    error = await world.refused(
        ErrorCode.LIMIT_EXCEEDED, world.alice, "file.grant", file_id=secret.id, role="viewer"
    )
    assert error.data["limit"] == 1


async def test_whoever_made_a_file_manages_it_while_they_may_change_things(
    world: World, project: str
) -> None:
    file = await filing.put(world, world.bob, project, "a.txt", "one")
    theirs = await filing.put(world, world.alice, project, "b.txt", "two")
    for target, access in ((file, "manager"), (theirs, "editor")):
        assert (await world.run(world.bob, "file.get", file_id=target.id))["access"] == access
    named: dict[str, Any] = {"project_id": project, "member_id": world.bob.id}
    await world.run(world.bob, "file.restrict", file_id=file.id, restricted=True)
    await world.run(world.alice, "project.set_member", **named, role="viewer")
    assert (await world.run(world.bob, "file.get", file_id=file.id))["access"] == "viewer"
    await world.refused(ErrorCode.FORBIDDEN, world.bob, "file.delete", file_id=file.id)
    await world.run(world.alice, "project.remove_member", **named)
    await world.refused(ErrorCode.NOT_FOUND, world.bob, "file.get", file_id=file.id)


async def test_files_of_an_archived_project_are_read_and_stay(world: World, project: str) -> None:
    file = await filing.put(world, world.bob, project, "a.txt", "one")
    named: dict[str, Any] = {"project_id": project, "version": 1}
    await world.run(world.alice, "project.transition", **named, state="archived")
    await world.run(world.guest, "file.get", file_id=file.id)
    await world.run(world.guest, "file.link", file_id=file.id)
    for command, more in (
        ("file.rename", {"name": "x"}),
        ("file.delete", {}),
        ("file.restrict", {"restricted": True}),
        ("file.hold", {"reason": "x"}),
    ):
        await world.refused(ErrorCode.CONFLICT, world.alice, command, file_id=file.id, **more)
    for target in ({}, {"file_id": file.id}):
        attempt = filing.put(world, world.alice, project, "b.txt", "two", **target)
        await refusal(ErrorCode.CONFLICT, attempt)


async def test_files_of_a_deleted_project_are_gone_until_it_is_restored(
    world: World, project: str, secret: FileInfo
) -> None:
    await world.run(world.alice, "file.grant", file_id=secret.id, member_id=world.bob.id)
    await world.run(world.alice, "project.delete", project_id=project)
    for member in (world.alice, world.bob, world.admin):
        await world.refused(ErrorCode.NOT_FOUND, member, "file.get", file_id=secret.id)
        assert (await world.run(member, "file.search", query="Aerozine"))["hits"] == []
        await world.refused(ErrorCode.NOT_FOUND, member, "file.list", room=project)
    await world.run(world.alice, "project.restore", project_id=project)
    assert await sees(world, world.bob, secret)


async def test_access_for_one_task_is_to_its_files_and_to_look_at_the_others(
    world: World, force: Workforce
) -> None:
    mine, other = await force.task("Mine"), await force.task("Other")
    named: dict[str, Any] = {"project_id": force.project_id, "member_id": world.guest.id}
    await world.run(world.alice, "project.set_member", **named, role="editor", task_id=mine["id"])
    put = partial(filing.put, world, world.guest, force.project_id)
    file = await put("a.txt", "one", task_id=mine["id"])
    theirs = await filing.put(world, world.alice, force.project_id, "b.txt", "two", task_id=other["id"])
    assert (await world.run(world.guest, "file.get", file_id=file.id))["access"] == "manager"
    assert (await world.run(world.guest, "file.get", file_id=theirs.id))["access"] == "viewer"
    for target in ({}, {"task_id": other["id"]}, {"file_id": theirs.id, "task_id": mine["id"]}):
        await refusal(ErrorCode.FORBIDDEN, put("c.txt", "three", **target))
    # Not even with the name of a file that others have there.
    made = await put("b.txt", "three", task_id=mine["id"], conflict=NameConflict.VERSION)
    assert made.id != theirs.id
    for task_id in (other["id"], None):
        moving = {"file_id": file.id, "folder": "x", "task_id": task_id}
        await world.refused(ErrorCode.FORBIDDEN, world.guest, "file.move", **moving)
    moved = await world.run(world.guest, "file.move", file_id=file.id, folder="x", task_id=mine["id"])
    assert moved["folder"] == "x"


async def test_an_agent_leaves_files_of_its_own_run_at_the_runs_task(world: World, force: Workforce) -> None:
    worker, idle = await force.hire("Echo", {"name": "echo"}), await force.hire("Idle", {"name": "idle"})
    mine, other = await force.task("Mine"), await force.task("Other")
    named: dict[str, Any] = {"project_id": force.project_id, "member_id": worker.member.id}
    await world.run(world.alice, "project.set_member", **named, role="editor", task_id=mine["id"])
    await force.give("echo", task_id=mine["id"])
    offer = await force.started(worker)
    put = partial(filing.put, world, worker.member, force.project_id, run_id=offer.run.id)
    file = await put("result.csv", "1,2")
    assert (file.run_id, file.task_id, file.created_by) == (offer.run.id, mine["id"], worker.member.id)
    again = await put("result.csv", "1,2,3", conflict=NameConflict.VERSION)
    assert (again.id, again.number, again.run_id) == (file.id, 2, offer.run.id)
    await refusal(ErrorCode.FORBIDDEN, put("x.csv", "x", task_id=other["id"]))
    for member in (idle.member, world.alice):
        attempt = filing.put(world, member, force.project_id, "x", "x", run_id=offer.run.id)
        await refusal(ErrorCode.NOT_FOUND, attempt)
    elsewhere = await world.run(world.alice, "room.create", name="talk", members=[worker.member.id])
    attempt = filing.put(world, worker.member, elsewhere["id"], "x", "x", run_id=offer.run.id)
    await refusal(ErrorCode.NOT_FOUND, attempt)
    shown = (await world.run(world.alice, "run.get", run_id=offer.run.id))["files"]
    assert [(each["file_id"], each["number"]) for each in shown] == [(file.id, 1), (file.id, 2)]
    listed = await world.run(world.alice, "file.list", room=force.project_id, run_id=offer.run.id)
    assert [each["id"] for each in listed["items"]] == [file.id]
    await world.run(world.alice, "file.restrict", file_id=file.id, restricted=True)
    await world.run(world.alice, "project.set_member", project_id=force.project_id, member_id=world.bob.id)
    assert (await world.run(world.bob, "run.get", run_id=offer.run.id))["files"] == []
    assert len((await world.run(world.alice, "run.get", run_id=offer.run.id))["files"]) == 2
    await worker.say("run.complete", offer)
    error = await refusal(ErrorCode.CONFLICT, put("late.csv", "x"))
    assert "completed" in error.message


async def test_a_held_version_is_shown_and_not_given_out(world: World, project: str) -> None:
    file = await filing.put(world, world.bob, project, "a.txt", "one")
    await filing.read(world, file, ["one"])
    await filing.put(world, world.bob, project, "a.txt", "two", file_id=file.id)
    hold = partial(world.run, world.alice, "file.hold", file_id=file.id, number=1)
    for member in (world.bob, world.guest):
        await world.refused(ErrorCode.FORBIDDEN, member, "file.hold", file_id=file.id, reason="x")
    held = await hold(reason="It names people.")
    assert (held["held"], held["version"]) == ("", 3)
    assert world.published[-1].data == {"file": held, "cause": "held"}
    assert await hold(reason="It names people.") == held
    shown = await world.run(world.guest, "file.get", file_id=file.id, number=1)
    assert shown["version"]["held"] == "It names people."
    for command, more in (
        ("file.link", {"number": 1}),
        ("file.text", {"number": 1}),
        ("file.compare", {"before": 1, "after": 2}),
        ("file.compare", {"before": 2, "after": 1}),
    ):
        error = await world.refused(ErrorCode.FORBIDDEN, world.alice, command, file_id=file.id, **more)
        assert error.data["held"] == "It names people."
    async with world.pool.acquire() as tx:
        await refusal(ErrorCode.FORBIDDEN, file_access.readable(tx, world.alice.id, file.id, 1))
        assert (await file_access.readable(tx, world.guest.id, file.id, None)).version.number == 2
        await refusal(ErrorCode.NOT_FOUND, file_access.readable(tx, world.alice.id, file.id, 3))
    # The content is held, whatever else has it.
    copy = await filing.put(world, world.bob, project, "copy.txt", "one")
    assert copy.held == "It names people."
    released = await hold()
    assert world.published[-1].data == {"file": released, "cause": "released"}
    assert (await world.run(world.guest, "file.text", file_id=file.id, number=1))["text"] == "one"
    await world.run(world.guest, "file.link", file_id=copy.id)


async def test_a_grant_gives_no_right_to_hold(world: World, project: str) -> None:
    file = await filing.put(world, world.bob, project, "a.txt", "one")
    # Its maker manages it, but not the room.
    await world.refused(ErrorCode.FORBIDDEN, world.bob, "file.hold", file_id=file.id, reason="x")
    missing = {"file_id": file.id, "number": 2, "reason": "x"}
    await world.refused(ErrorCode.NOT_FOUND, world.alice, "file.hold", **missing)


async def test_access_for_one_task_shows_nothing_that_is_like_its_files_but_hidden(
    world: World, force: Workforce
) -> None:
    mine = await force.task("Mine")
    named: dict[str, Any] = {"project_id": force.project_id, "member_id": world.guest.id}
    await world.run(world.alice, "project.set_member", **named, role="editor", task_id=mine["id"])
    put = partial(filing.put, world, world.alice, force.project_id)
    seen, hidden = await put("a.txt", "one", task_id=mine["id"]), await put("b.txt", "two")
    for file in (seen, hidden):
        await filing.read(world, file, ["one"], fingerprint=7)
    await world.run(world.alice, "file.restrict", file_id=hidden.id, restricted=True)
    await world.run(world.alice, "file.grant", file_id=hidden.id, role="editor")
    await world.refused(ErrorCode.NOT_FOUND, world.guest, "file.get", file_id=hidden.id)
    assert (await world.run(world.guest, "file.similar", file_id=seen.id))["files"] == []


async def test_a_file_that_goes_while_it_is_asked_for_is_not_found(world: World, project: str) -> None:
    file = await filing.put(world, world.alice, project, "a.txt", "one")
    async with world.pool.acquire() as tx, tx.transaction():
        await tx.execute("DELETE FROM files")
        # What is asked for last: who may have the file was asked before.
        await tx.execute("LOCK TABLE analyses")
        asking = asyncio.create_task(world.run(world.alice, "file.get", file_id=file.id))
        await until(lambda: _waiting(tx))
    await refusal(ErrorCode.NOT_FOUND, asking)


async def _waiting(tx: Connection) -> bool:
    waiting: int = await tx.fetchval(
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'analyses'::regclass"
    )
    return waiting > 0
