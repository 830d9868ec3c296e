"""Finding files by what they say, in their own language, and those that are like another."""

from functools import partial
from typing import Any

import pytest

from persistence import file_texts
from persistence.unit import Unit
from protocol.errors import ErrorCode
from protocol.files import ContentKind, FileInfo
from protocol.members import Member
from tests import filing
from tests.world import World


async def say(
    world: World, room: str, name: str, *pages: str, language: str | None = "en", **more: Any
) -> FileInfo:
    """A file of Alice's that says this, page by page."""
    file = await filing.put(world, world.alice, room, name, "\n".join(pages))
    await filing.read(world, file, pages, language=language, **more)
    return file


async def found(world: World, query: str, member: Member | None = None, **more: Any) -> list[str]:
    """The names of the files in which a search finds something, best first."""
    hits = await world.run(member or world.guest, "file.search", query=query, **more)
    return [hit["file"]["name"] for hit in hits["hits"]]


@pytest.fixture
async def library(world: World, project: str) -> None:
    """Some files in several languages."""
    texts = {
        "moon.txt": ("en", "The astronauts landed on the Moon. Landing gear was fine."),
        "mond.txt": ("de", "Die Landungen auf dem Mond waren weich."),
        "lune.txt": ("fr", "Les chevaux regardent la lune."),
        "tsuki.txt": ("ja", "moon 月 landings"),
        "sea.txt": ("en", "The sea of tranquility, which the astronauts chose."),
    }
    for name, (language, text) in texts.items():
        await say(world, project, name, text, language=language)


async def test_words_are_found_as_their_language_bends_them(
    world: World, project: str, library: None
) -> None:
    queries: dict[str, set[str]] = {
        "land": {"moon.txt"},
        "LANDUNG": {"mond.txt"},
        "cheval": {"lune.txt"},
        "landings": {"moon.txt", "tsuki.txt"},
        "月": {"tsuki.txt"},
        "astronaut": {"moon.txt", "sea.txt"},
        "astronaut moon": {"moon.txt"},
        "moon or sea": {"moon.txt", "sea.txt", "tsuki.txt"},
        "astronaut -moon": {"sea.txt"},
        '"sea of tranquility"': {"sea.txt"},
        '"tranquility of sea"': set(),
        "the": set(),
        "\"''&|!:*()<->\\": set(),
        "-": set(),
    }
    for query, names in queries.items():
        assert set(await found(world, query)) == names, query
        assert set(await found(world, query, room=project)) == names, query


async def test_the_best_page_of_each_file_is_shown(world: World, project: str) -> None:
    pages = ["Preface.", "Burn once.", "Burn, burn and burn again; the burn is long.", "Nothing."]
    await say(world, project, "burns.pdf", *pages, kind=ContentKind.DOCUMENT)
    await say(world, project, "other.txt", "A burn, among a great many other things that are said here.")
    hits = (await world.run(world.guest, "file.search", query="burn"))["hits"]
    assert [(hit["file"]["name"], hit["page"]) for hit in hits] == [("burns.pdf", 3), ("other.txt", 1)]
    assert hits[0]["snippet"].startswith("\x02Burn\x03, \x02burn\x03 and")
    assert await found(world, "burn", limit=1) == ["burns.pdf"]
    assert await found(world, "burn", kind="text") == ["other.txt"]
    page = await world.run(world.guest, "file.text", file_id=hits[0]["file"]["id"], page=3)
    assert page == {"page": 3, "pages": 4, "text": pages[2]}
    for number in (5, 2**31 - 1):
        missing: dict[str, Any] = {"file_id": hits[0]["file"]["id"], "page": number}
        await world.refused(ErrorCode.NOT_FOUND, world.guest, "file.text", **missing)


async def test_only_what_was_found_stands_between_the_marks(world: World, project: str) -> None:
    await say(world, project, "a.txt", "\x02Eagle\x03 landed \x03burn\x02 here")
    (hit,) = (await world.run(world.guest, "file.search", query="burn"))["hits"]
    assert hit["snippet"] == "Eagle landed \x02burn\x03 here"


async def test_what_a_file_no_longer_says_is_not_found(world: World, project: str) -> None:
    file = await say(world, project, "a.txt", "Eagle")
    newer = await filing.put(world, world.alice, project, "a.txt", "Columbia", file_id=file.id)
    assert await found(world, "Eagle") == []
    await world.refused(ErrorCode.NOT_FOUND, world.guest, "file.text", file_id=file.id)
    blob_id = await filing.read(world, newer, ["Columbia"])
    assert await found(world, "Columbia") == ["a.txt"]
    async with world.pool.acquire() as connection, connection.transaction():
        tx = Unit(connection)
        await file_texts.put(tx, blob_id, ["Tranquility"], None)
        assert await file_texts.whole(tx, blob_id, 100) == "Tranquility"
        assert await file_texts.whole(tx, blob_id, 100 + 4) == "Tranquility"
    assert (await found(world, "Columbia"), await found(world, "Tranquility")) == ([], ["a.txt"])
    await world.run(world.alice, "file.delete", file_id=file.id)
    assert await found(world, "Tranquility") == []


async def test_of_what_is_said_everywhere_only_so_many_pages_are_compared(
    world: World, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_texts, "RARE", 4)
    monkeypatch.setattr(file_texts, "_BOUND", file_texts._BOUND.replace(str(file_texts.MOST), "3"))
    made = [await say(world, project, name, f"The moon, {name}") for name in "abcde"]
    assert len((await world.run(world.alice, "file.search", query="moon"))["hits"]) == 3
    assert len((await world.run(world.alice, "file.search", query="moon -e"))["hits"]) == 3
    for hidden in made[:-1]:
        await world.run(world.alice, "file.restrict", file_id=hidden.id, restricted=True)
    hits = (await world.run(world.bob, "file.search", query="moon"))["hits"]
    assert [hit["file"]["name"] for hit in hits] == ["e"]
    # Of what is rarer all is.
    await world.run(world.alice, "file.delete", file_id=made[-1].id, forever=True)
    await world.pool.execute("DELETE FROM blobs WHERE refs = 0")
    assert len((await world.run(world.alice, "file.search", query="moon"))["hits"]) == 4


async def test_a_held_file_is_not_quoted(world: World, project: str) -> None:
    file = await say(world, project, "a.txt", "Eagle")
    hold = partial(world.run, world.alice, "file.hold", file_id=file.id)
    await hold(reason="Wait.")
    assert await found(world, "Eagle", world.alice) == []
    await hold()
    assert await found(world, "Eagle", world.alice) == ["a.txt"]


async def test_everybody_finds_what_is_in_the_rooms_they_may_enter(world: World, project: str) -> None:
    public = await world.run(world.alice, "room.create", name="talk")
    private = await world.run(world.alice, "room.create", name="aside", private=True)
    direct = await world.run(world.alice, "room.create", kind="direct", members=[world.bob.id])
    own = await world.run(world.alice, "project.create", name="Own")
    rooms = {
        "works": project,
        "public": public["id"],
        "private": private["id"],
        "direct": direct["id"],
        "own": own["id"],
    }
    for name, room in rooms.items():
        await say(world, room, name, f"Eagle in {name}")
    for member, names in (
        (world.alice, {"works", "public", "private", "direct", "own"}),
        (world.bob, {"works", "public", "direct"}),
        (world.guest, {"works"}),
        (world.admin, {"works", "public", "own"}),
    ):
        assert set(await found(world, "Eagle", member)) == names
        for name, room in rooms.items():
            if name in names:
                assert await found(world, "Eagle", member, room=room) == [name]
            else:
                hidden: dict[str, Any] = {"query": "Eagle", "room": room}
                await world.refused(ErrorCode.NOT_FOUND, member, "file.search", **hidden)
    await world.run(world.alice, "room.add_member", room=private["id"], member_id=world.guest.id)
    assert set(await found(world, "Eagle")) == {"works", "private"}


async def test_files_are_alike_by_their_words_or_their_look(world: World, project: str) -> None:
    alike = partial(world.run, world.guest, "file.similar")
    base = 0x5555_5555_5555_5555
    file = await say(world, project, "base", "base", fingerprint=base, look=-1)
    for name, fingerprint, look in (
        ("3 of 64", base ^ 0b111, None),
        ("4 of 64", base ^ 0b1111, None),
        ("8 in its look", None, -1 ^ 0xFF),
        ("9 in its look", None, -1 ^ 0x1FF),
        ("the sign", base ^ -(2**63), None),
        ("nothing known", None, None),
    ):
        await say(world, project, name, name, fingerprint=fingerprint, look=look)
    twin = await filing.put(world, world.alice, project, "twin", "base")
    other = await world.run(world.alice, "project.create", name="Own")
    await say(world, other["id"], "elsewhere", "base", fingerprint=base)
    found_by_base = (await alike(file_id=file.id))["files"]
    assert [(each["file"]["name"], each["likeness"]) for each in found_by_base] == [
        ("twin", 1.0),
        ("the sign", 1 - 1 / 64),
        ("3 of 64", 1 - 3 / 64),
        ("8 in its look", 1 - 8 / 64),
    ]
    await world.run(world.alice, "file.restrict", file_id=twin.id, restricted=True)
    await world.run(world.alice, "file.delete", file_id=found_by_base[1]["file"]["id"])
    names = [each["file"]["name"] for each in (await alike(file_id=file.id))["files"]]
    assert names == ["3 of 64", "8 in its look"]
    plain = await filing.put(world, world.alice, project, "plain", "plain")
    assert (await alike(file_id=plain.id))["files"] == []
