"""Files: lists of them, their names and folders, the trash, and what happens to the content behind them."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from handlers import files
from handlers.dispatch import Dispatcher
from persistence import blobs, projects
from persistence import files as file_rows
from persistence.ids import new_id
from protocol.errors import ApiError, ErrorCode
from protocol.files import ContentKind, FileInfo, NameConflict, Preview
from tests import filing
from tests.world import LINKS, World

LATER = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
async def filled(world: World, project: str) -> list[FileInfo]:
    """Five files of Bob's that differ in all by which lists sort and filter."""
    made = [
        await filing.put(world, world.bob, project, name, content, folder=folder)
        for name, content, folder in (
            ("delta.txt", "dddd", ""),
            ("Alpha.csv", "a", "data"),
            ("charlie.py", "ccc", "data/deep"),
            ("bravo.txt", "bb", "data"),
            ("echo.txt", "eeeee", "Other"),
        )
    ]
    kinds = (ContentKind.TEXT, ContentKind.TABLE, ContentKind.CODE, ContentKind.TEXT, ContentKind.TEXT)
    for file, kind, score in zip(made, kinds, (40, 90, None, 70, 70), strict=True):
        await filing.read(world, file, kind=kind, score=score)
    return made


async def listed(world: World, room: str, **query: Any) -> list[str]:
    """The names of the files on all pages of a list, two by two."""
    names: list[str] = []
    cursor = None
    while True:
        page = await world.run(world.bob, "file.list", room=room, cursor=cursor, limit=2, **query)
        names += [file["name"] for file in page["items"]]
        cursor = page["next"]
        if cursor is None:
            return names


async def put_all(world: World, room: str, *names: str, **target: Any) -> list[str]:
    """What the files are called that Bob uploads under these names, each with a content of its own."""
    made = [await filing.put(world, world.bob, room, name, new_id(), **target) for name in names]
    return [file.name for file in made]


async def refs(world: World) -> dict[str, int]:
    """How often each content is counted, by its digest."""
    rows = await world.pool.fetch("SELECT encode(sha256, 'hex') AS sha256, refs, released_at FROM blobs")
    assert all((row["refs"] == 0) == (row["released_at"] is not None) for row in rows)
    return {row["sha256"]: row["refs"] for row in rows}


async def test_a_list_is_sorted_both_ways_over_all_its_pages(
    world: World, project: str, filled: list[FileInfo]
) -> None:
    orders = {
        "name": ["Alpha.csv", "bravo.txt", "charlie.py", "delta.txt", "echo.txt"],
        "updated_at": ["delta.txt", "Alpha.csv", "charlie.py", "bravo.txt", "echo.txt"],
        "bytes": ["Alpha.csv", "bravo.txt", "charlie.py", "delta.txt", "echo.txt"],
        "quality": ["charlie.py", "delta.txt", "bravo.txt", "echo.txt", "Alpha.csv"],
    }
    for sort, wanted in orders.items():
        assert await listed(world, project, sort=sort) == wanted
        assert await listed(world, project, sort=sort, descending=True) == wanted[::-1]


async def test_filters_of_a_list_are_joined(world: World, project: str, filled: list[FileInfo]) -> None:
    assert await listed(world, project, folder="data") == ["Alpha.csv", "bravo.txt"]
    assert await listed(world, project, folder="") == ["delta.txt"]
    assert await listed(world, project, kind="text") == ["bravo.txt", "delta.txt", "echo.txt"]
    assert await listed(world, project, query="A") == ["Alpha.csv", "bravo.txt", "charlie.py", "delta.txt"]
    assert await listed(world, project, query="a", kind="text", folder="data") == ["bravo.txt"]
    assert await listed(world, project, query="%") == []
    assert await listed(world, project, run_id=new_id()) == []
    task = await world.run(world.alice, "task.create", project_id=project, title="Read")
    await world.run(world.bob, "file.move", file_id=filled[4].id, folder="", task_id=task["id"])
    assert await listed(world, project, task_id=task["id"]) == ["echo.txt"]
    assert await listed(world, project, folder="") == ["delta.txt", "echo.txt"]


async def test_a_cursor_is_one_of_its_own_list(world: World, project: str, filled: list[FileInfo]) -> None:
    page = await world.run(world.bob, "file.list", room=project, limit=1)
    for sort, cursor in (("bytes", page["next"]), ("name", "no cursor")):
        error = await world.refused(
            ErrorCode.INVALID, world.bob, "file.list", room=project, sort=sort, cursor=cursor
        )
        assert error.data["path"] == "cursor"


async def test_folders_are_shown_one_level_at_a_time_with_all_that_is_in_them(
    world: World, project: str, filled: list[FileInfo]
) -> None:
    root = (await world.run(world.guest, "file.folders", room=project))["folders"]
    assert [(each["path"], each["files"], each["bytes"]) for each in root] == [
        ("data", 3, 6),
        ("Other", 1, 5),
    ]
    inner = (await world.run(world.guest, "file.folders", room=project, folder="data"))["folders"]
    assert [(each["path"], each["files"], each["bytes"]) for each in inner] == [("data/deep", 1, 3)]
    assert inner[0]["updated_at"] == (await get(world, filled[2].id))["updated_at"]
    assert (await world.run(world.guest, "file.folders", room=project, folder="dat"))["folders"] == []
    await world.run(world.bob, "file.delete", file_id=filled[2].id)
    assert (await world.run(world.guest, "file.folders", room=project, folder="data"))["folders"] == []


async def get(world: World, file_id: str) -> Any:
    return (await world.run(world.alice, "file.get", file_id=file_id))["file"]


async def test_a_taken_name_gets_a_number(world: World, project: str) -> None:
    series: list[tuple[list[str], list[str]]] = [
        (["a.pdf", "a.pdf", "a.pdf"], ["a.pdf", "a (2).pdf", "a (3).pdf"]),
        (["a.pdf", "A.PDF"], ["a.pdf", "A (2).PDF"]),
        (["a.tar.gz", "a.tar.gz"], ["a.tar.gz", "a (2).tar.gz"]),
        (["a (2).pdf", "a (2).pdf", "a.pdf", "a.pdf"], ["a (2).pdf", "a (3).pdf", "a.pdf", "a (4).pdf"]),
        (["Makefile", "makefile"], ["Makefile", "makefile (2)"]),
        ([".env", ".env"], [".env", ".env (2)"]),
        # Where Python and PostgreSQL do not agree on what is small.
        (["ΟΔΟΣ.txt", "ΟΔΟΣ.txt"], ["ΟΔΟΣ.txt", "ΟΔΟΣ (2).txt"]),
        (["İ.txt", "İ.txt"], ["İ.txt", "İ (2).txt"]),
        (["x" * 251 + ".txt", "x" * 251 + ".txt"], ["x" * 251 + ".txt", "x" * 247 + " (2).txt"]),
        (["50%_.txt", "50ab.txt", "50%_.txt"], ["50%_.txt", "50ab.txt", "50%_ (2).txt"]),
    ]
    for number, (names, made) in enumerate(series):
        assert await put_all(world, project, *names, folder=f"{number}") == made
        assert await put_all(world, project, names[0], folder=f"{number}/elsewhere") == [names[0]]


async def test_a_taken_name_may_mean_a_version_or_be_refused(world: World, project: str) -> None:
    first = await filing.put(world, world.bob, project, "plan.md", "one")
    second = await filing.put(world, world.alice, project, "PLAN.md", "two", conflict=NameConflict.VERSION)
    assert (second.id, second.number, second.name) == (first.id, 2, "plan.md")
    assert (second.created_by, second.updated_by) == (world.bob.id, world.alice.id)
    with pytest.raises(ApiError) as refusal:
        await filing.put(world, world.bob, project, "Plan.md", "three", conflict=NameConflict.REFUSE)
    assert (refusal.value.code, refusal.value.data["file_id"]) == (ErrorCode.CONFLICT, first.id)
    assert world.types(project)[-2:] == ["file.created", "file.updated"]
    assert world.published[-1].data["cause"] == "uploaded"


async def test_the_same_content_under_the_same_name_is_the_file_that_is_there(
    world: World, project: str
) -> None:
    first = await filing.put(world, world.bob, project, "plan.md", "one")
    world.published.clear()
    assert await filing.put(world, world.alice, project, "plan.md", "one") == first
    assert await filing.put(world, world.bob, project, "other.md", "one", file_id=first.id) == first
    assert world.published == []
    copy = await filing.put(world, world.bob, project, "copy.md", "one")
    assert (copy.id != first.id, copy.sha256) == (True, first.sha256)
    assert await refs(world) == {first.sha256: 2}


async def test_files_that_come_at_once_under_one_name_all_get_one(
    world: World, sibling: World, project: str
) -> None:
    made = await asyncio.gather(
        *(
            filing.put(node, node.bob, project, "at once.txt", f"{number}")
            for number, node in enumerate([world, sibling] * 3)
        )
    )
    assert sorted(file.name for file in made) == sorted(
        ["at once.txt", *(f"at once ({number}).txt" for number in range(2, 7))]
    )


async def test_versions_that_come_at_once_are_numbered_one_after_the_other(
    world: World, sibling: World, project: str
) -> None:
    first = await filing.put(world, world.bob, project, "plan.md", "0")
    made = await asyncio.gather(
        *(
            filing.put(node, node.bob, project, "plan.md", f"{number}", conflict=NameConflict.VERSION)
            for number, node in enumerate([world, sibling] * 3, 1)
        )
    )
    assert {file.id for file in made} == {first.id}
    assert sorted(file.number for file in made) == [2, 3, 4, 5, 6, 7]


async def test_a_file_gets_another_name_unless_it_is_taken(world: World, project: str) -> None:
    file = await filing.put(world, world.bob, project, "draft.md", "one")
    other = await filing.put(world, world.bob, project, "final.md", "two")
    rename = partial(world.run, world.bob, "file.rename", file_id=file.id)
    assert await rename(name="draft.md") == await get(world, file.id)
    capital = await rename(name="DRAFT.md", version=1)
    assert (capital["name"], capital["version"]) == ("DRAFT.md", 2)
    assert world.published[-1].data == {"file": capital, "cause": "renamed"}
    stale = await world.refused(
        ErrorCode.CONFLICT, world.bob, "file.rename", file_id=file.id, name="x.md", version=1
    )
    assert stale.data["current"].name == "DRAFT.md"
    taken = await world.refused(
        ErrorCode.CONFLICT, world.bob, "file.rename", file_id=file.id, name="Final.md"
    )
    assert taken.data["file_id"] == other.id
    await world.run(world.bob, "file.delete", file_id=other.id)
    assert (await rename(name="Final.md"))["version"] == 3
    kept = (await world.run(world.bob, "file.versions", file_id=file.id))["items"]
    assert [version["name"] for version in kept] == ["draft.md"]


async def test_a_file_goes_to_another_folder_and_to_a_task(world: World, project: str) -> None:
    task = await world.run(world.alice, "task.create", project_id=project, title="Read")
    elsewhere = await world.run(world.bob, "project.create", name="Other")
    foreign = await world.run(world.bob, "task.create", project_id=elsewhere["id"], title="x")
    file = await filing.put(world, world.bob, project, "a.md", "one")
    await filing.put(world, world.bob, project, "a.md", "two", folder="taken")
    move = partial(world.run, world.bob, "file.move", file_id=file.id)
    assert await move(folder="") == await get(world, file.id)
    moved = await move(folder="in/here", task_id=task["id"], version=1)
    assert (moved["folder"], moved["task_id"], moved["version"]) == ("in/here", task["id"], 2)
    assert world.published[-1].data == {"file": moved, "cause": "moved"}
    await world.refused(
        ErrorCode.CONFLICT, world.bob, "file.move", file_id=file.id, folder="taken", task_id=task["id"]
    )
    for task_id in (foreign["id"], new_id()):
        error = await world.refused(
            ErrorCode.INVALID, world.bob, "file.move", file_id=file.id, folder="", task_id=task_id
        )
        assert error.data["path"] == "task_id"
    assert (await move(folder="in/here"))["task_id"] is None


async def test_a_name_is_one_that_every_disk_can_have_and_a_folder_leads_downwards(
    world: World, project: str
) -> None:
    file = await filing.put(world, world.bob, project, "a.md")
    names = ("", ".", "..", "a/b", "a\\b", "nul\0", "line\n", "trailing ", "x" * 256)
    folders = ("/", "/a", "a/", "a//b", "../a", "a/..", "a/./b", "a\\b", "a/" * 32 + "a")
    for command, path, values in (("file.rename", "name", names), ("file.move", "folder", folders)):
        for value in values:
            error = await world.refused(
                ErrorCode.INVALID, world.bob, command, file_id=file.id, **{path: value}
            )
            assert error.data["path"] == path, value


async def test_what_is_deleted_can_be_taken_out_of_the_trash(world: World, project: str) -> None:
    file = await filing.put(world, world.bob, project, "a.md", "one")
    deleted = await world.run(world.bob, "file.delete", file_id=file.id)
    left = datetime.fromisoformat(deleted["purge_at"]) - datetime.fromisoformat(deleted["updated_at"])
    assert left == timedelta(days=30)
    assert world.published[-1].data == {"file": deleted, "cause": "deleted"}
    assert await world.run(world.bob, "file.delete", file_id=file.id) == deleted
    assert await listed(world, project) == []
    assert await listed(world, project, trash=True) == ["a.md"]
    assert await get(world, file.id) == deleted
    for command, more in (
        ("file.rename", {"name": "b.md"}),
        ("file.move", {"folder": "x"}),
        ("file.link", {}),
        ("file.pin", {"number": 1, "label": "x"}),
        ("file.restore", {"number": 1}),
    ):
        await world.refused(ErrorCode.NOT_FOUND, world.alice, command, file_id=file.id, **more)
    await filing.put(world, world.bob, project, "a.md", "two")
    back = await world.run(world.bob, "file.undelete", file_id=file.id)
    assert (back["name"], back["purge_at"], back["version"]) == ("a (2).md", None, 3)
    assert world.published[-1].data == {"file": back, "cause": "undeleted"}
    assert await world.run(world.bob, "file.undelete", file_id=file.id) == back


async def test_only_managers_and_its_maker_remove_a_file_for_good(world: World, project: str) -> None:
    mine = await filing.put(world, world.bob, project, "mine.md", "one")
    theirs = await filing.put(world, world.alice, project, "theirs.md", "two")
    forever: dict[str, Any] = {"forever": True}
    await world.refused(ErrorCode.FORBIDDEN, world.bob, "file.delete", file_id=theirs.id, **forever)
    await world.refused(ErrorCode.FORBIDDEN, world.guest, "file.delete", file_id=theirs.id)
    await world.run(world.bob, "file.delete", file_id=mine.id)
    for member, file in ((world.bob, mine), (world.alice, theirs)):
        await world.run(member, "file.delete", file_id=file.id, **forever)
        assert world.published[-1].data == {"file_id": file.id}
        await world.refused(ErrorCode.NOT_FOUND, world.alice, "file.get", file_id=file.id)
    assert await refs(world) == {mine.sha256: 0, theirs.sha256: 0}


async def test_the_trash_is_emptied_of_what_was_long_in_it(world: World, project: str) -> None:
    made = [await filing.put(world, world.bob, project, f"{name}.md", name) for name in "abc"]
    for file in made[:2]:
        await world.run(world.bob, "file.delete", file_id=file.id)
    await world.pool.execute("UPDATE files SET purge_at = now() WHERE id = $1", made[0].id)
    world.published.clear()
    deleted = [(project, file.id) for file in made[:2]]
    assert await file_rows.expired(world.pool, LATER, 5, None) == deleted
    assert await file_rows.expired(world.pool, LATER, 1, None) == deleted[:1]
    assert await file_rows.expired(world.pool, LATER, 5, made[0].id) == deleted[1:]
    # Also those that were looked at too early, or taken out again.
    work = partial(files.purge, room_id=project, file_ids=[file.id for file in made])
    await Dispatcher(world.pool, world.publish).attend(work)
    assert [(event.type, event.actor, event.data) for event in world.published] == [
        ("file.removed", None, {"file_id": made[0].id})
    ]
    assert await listed(world, project, trash=True) == ["b.md"]
    await Dispatcher(world.pool, world.publish).attend(
        partial(files.purge, room_id=new_id(), file_ids=[new_id()])
    )


async def test_contents_are_counted_also_when_their_project_goes(world: World, project: str) -> None:
    file = await filing.put(world, world.bob, project, "a.md", "one")
    await filing.put(world, world.bob, project, "a.md", "two", file_id=file.id)
    await filing.put(world, world.bob, project, "b.md", "two")
    assert await refs(world) == {filing.digest("one"): 1, filing.digest("two"): 2}
    await world.run(world.alice, "project.delete", project_id=project)
    await projects.purge(world.pool, LATER)
    assert await refs(world) == {filing.digest("one"): 0, filing.digest("two"): 0}
    gone = await blobs.remove_released(world.pool, LATER, 10)
    assert {blob.sha256.hex() for blob in gone} == {filing.digest("one"), filing.digest("two")}
    assert await world.pool.fetchval("SELECT count(*) FROM analyses") == 0


async def test_a_content_that_comes_again_stays(world: World, project: str) -> None:
    file = await filing.put(world, world.bob, project, "a.md", "one")
    await world.run(world.alice, "file.delete", file_id=file.id, forever=True)
    again = await filing.put(world, world.bob, project, "b.md", "one")
    assert await refs(world) == {again.sha256: 1}
    assert await blobs.remove_released(world.pool, LATER, 10) == []


async def test_a_content_is_adopted_within_its_room(world: World, project: str) -> None:
    file = await filing.put(world, world.bob, project, "a.md", "one", folder="x")
    await filing.read(world, file, score=70)
    adopt: dict[str, Any] = {"room": project, "sha256": file.sha256}
    made = await world.run(world.alice, "file.adopt", name="b.md", **adopt)
    assert (made["name"], made["bytes"], made["quality"]) == ("b.md", 3, 70)
    assert (made["created_by"], made["analysis"]) == (world.alice.id, "done")
    version = await filing.put(world, world.bob, project, "b.md", "two", file_id=made["id"])
    adopted = await world.run(world.bob, "file.adopt", name="b.md", file_id=version.id, **adopt)
    assert (adopted["number"], adopted["sha256"]) == (3, file.sha256)
    other = await world.run(world.alice, "project.create", name="Other")
    for room, sha256 in ((project, "0" * 64), (other["id"], file.sha256)):
        named = {"room": room, "sha256": sha256}
        await world.refused(ErrorCode.NOT_FOUND, world.alice, "file.adopt", name="c.md", **named)
    await world.refused(ErrorCode.FORBIDDEN, world.guest, "file.adopt", name="c.md", **adopt)


async def test_knowing_a_digest_is_not_having_the_content(world: World, project: str) -> None:
    secret = await filing.put(world, world.alice, project, "pay.csv", "1969,17000")
    await world.run(world.alice, "file.restrict", file_id=secret.id, restricted=True)
    adopt: dict[str, Any] = {"room": project, "name": "mine.csv", "sha256": secret.sha256}
    absent = await world.refused(ErrorCode.NOT_FOUND, world.bob, "file.adopt", **adopt | {"sha256": "0" * 64})
    refusal = await world.refused(ErrorCode.NOT_FOUND, world.bob, "file.adopt", **adopt)
    assert (refusal.message, refusal.data) == (absent.message, absent.data)
    await world.run(world.alice, "file.grant", file_id=secret.id, member_id=world.bob.id)
    assert (await world.run(world.bob, "file.adopt", **adopt))["sha256"] == secret.sha256


async def test_a_room_takes_so_many_files(
    world: World, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.filing.MAX_FILES", 2)
    first = await filing.put(world, world.bob, project, "a.md", "one")
    await put_all(world, project, "b.md")
    with pytest.raises(ApiError) as refusal:
        await filing.put(world, world.bob, project, "c.md", "three")
    assert refusal.value.code is ErrorCode.LIMIT_EXCEEDED
    version = await filing.put(world, world.bob, project, "a.md", "four", file_id=first.id)
    assert version.number == 2


async def test_files_need_no_project(world: World) -> None:
    channel = await world.run(world.alice, "room.create", name="talk")
    direct = await world.run(world.alice, "room.create", kind="direct", members=[world.bob.id])
    for room in (channel["id"], direct["id"]):
        file = await filing.put(world, world.bob, room, "a.md", "one")
        assert (await world.run(world.alice, "file.get", file_id=file.id))["file"]["room"] == room
        error = await world.refused(
            ErrorCode.INVALID, world.bob, "file.move", file_id=file.id, folder="", task_id=new_id()
        )
        assert error.data["path"] == "task_id"
    await world.refused(ErrorCode.NOT_FOUND, world.admin, "file.list", room=direct["id"])
    for room in (world.alice.id, world.workspace_id):
        await world.refused(ErrorCode.NOT_FOUND, world.alice, "file.list", room=room)
        with pytest.raises(ApiError) as refusal:
            await filing.put(world, world.alice, room, "a.md", "one")
        assert refusal.value.code is ErrorCode.NOT_FOUND


async def test_a_link_leads_to_a_version_or_a_preview_of_it(world: World, project: str) -> None:
    file = await filing.put(world, world.bob, project, "a.png", "one")
    preview = Preview(name="thumbnail", width=64, height=64)
    await filing.read(world, file, kind=ContentKind.IMAGE, previews=[preview])
    await filing.put(world, world.bob, project, "a.png", "two", file_id=file.id)
    ask = partial(world.run, world.guest, "file.link", file_id=file.id)
    made = await ask(number=1, preview="thumbnail", inline=True, seconds=60)
    link = LINKS.open(made["url"].rsplit("/", 1)[1])
    assert link is not None
    assert (str(link.member_id), str(link.file_id), link.number) == (world.guest.id, file.id, 1)
    assert (link.preview, link.inline) == ("thumbnail", True)
    assert link.expires_at == int(datetime.fromisoformat(made["expires_at"]).timestamp())
    newest = LINKS.open((await ask())["url"].rsplit("/", 1)[1])
    assert newest is not None
    assert (newest.number, newest.preview, newest.inline) == (2, None, False)
    for more in ({"number": 3}, {"preview": "thumbnail"}, {"number": 1, "preview": "page-1"}):
        await world.refused(ErrorCode.NOT_FOUND, world.guest, "file.link", file_id=file.id, **more)
