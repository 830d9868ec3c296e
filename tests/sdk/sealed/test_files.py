"""Files in sealed rooms, with the calls of an open one."""

import io
import os
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.nodes import PATIENCE, RunningNode
from tests.sdk.sealed.people import Person
from ymera_client import (
    Client,
    Conflict,
    E2eeRoom,
    FileAdopt,
    FileDelete,
    FileFolders,
    FileGet,
    FileInfo,
    FileList,
    FileMove,
    FileQuotaGet,
    FileRename,
    FileRestore,
    FileSearch,
    FileTextGet,
    FileUndelete,
    FileVersions,
    Forbidden,
    Form,
    Invalid,
    MessageSend,
    NotFound,
)

pytestmark = pytest.mark.usefixtures("short_waits")
Make = Callable[[str], Awaitable[Person]]
SECRET = b"the moon is made of green cheese" * 10_000


async def together(person: Make) -> tuple[Person, Person, str]:
    ada, bo = await person("Ada"), await person("Bo")
    room = await ada.client.sealed.create_room(form=Form.PROJECT, name="Apollo", members={bo.id: "member"})
    return ada, bo, room


async def shows(client: Client, room: str, file: FileInfo) -> None:
    """Wait until the client knows a file as it is."""

    def known(_: object) -> bool:
        engine = client.sealed.rooms.get(room)
        found = None if engine is None else engine.contents.get("files", file.id)
        return found is not None and found["version"] == file.version

    await client.sealed.wait_for(known, PATIENCE)


async def test_what_one_puts_into_a_room_the_other_gets(
    server: RunningNode, person: Make, tmp_path: Path
) -> None:
    ada, bo, room = await together(person)
    path = tmp_path / "cheese.txt"
    path.write_bytes(SECRET)
    file = await ada.client.files.upload(room, path, folder="moon/rocks")
    assert (file.room, file.name, file.folder, file.bytes) == (room, "cheese.txt", "moon/rocks", len(SECRET))
    assert (file.media_type, file.kind, file.created_by, file.number) == ("text/plain", "text", ada.id, 1)
    await shows(bo.client, room, file)
    assert [each.id async for each in bo.client.page(FileList(room=room))] == [file.id]
    details = await bo.client.call(FileGet(file_id=file.id))
    assert (details.file, details.access) == (file, "editor")
    assert await bo.client.files.download(file.id, tmp_path / "copy") == tmp_path / "copy"
    assert (tmp_path / "copy").read_bytes() == SECRET
    assert await bo.client.files.read(file.id) == SECRET
    assert b"".join([piece async for piece in bo.client.files.stream(file.id)]) == SECRET
    # The server has neither what is in it, nor what it is called, nor where it lies.
    async with server.node.pool.acquire() as tx:
        for (table,) in await tx.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
            rows = await tx.fetchval(f"SELECT coalesce(string_agg(t::text, ''), '') FROM \"{table}\" t")
            assert not any(word in rows for word in ("cheese", "moon", "rocks"))
    for stored in (tmp_path / "files").rglob("*"):
        assert stored.is_dir() or b"green cheese" not in stored.read_bytes()


async def test_versions_names_and_the_trash(person: Make) -> None:
    ada, bo, room = await together(person)
    files, call = ada.client.files, ada.client.call
    first = await files.upload(room, b"one", name="plan.txt")
    again = await files.upload(room, b"two", name="PLAN.txt")
    assert again.name == "PLAN (2).txt"
    with pytest.raises(Conflict) as taken:
        await files.upload(room, b"three", name="plan.txt", conflict="refuse")
    assert taken.value.data == {"file_id": first.id}
    second = await files.upload(room, b"two", name="plan.txt", conflict="version")
    third = await files.upload(room, b"three", name="any", file_id=first.id)
    assert [(each.id, each.number) for each in (second, third)] == [(first.id, 2), (first.id, 3)]
    # The same again is no version.
    assert (await files.upload(room, b"three", name="any", file_id=first.id)).number == 3
    await shows(bo.client, room, third)
    versions = (await bo.client.call(FileVersions(file_id=first.id))).items
    assert [(each.number, each.bytes) for each in versions] == [(3, 5), (2, 3), (1, 3)]
    assert await bo.client.files.read(first.id, number=1) == b"one"
    restored = await bo.client.call(FileRestore(file_id=first.id, number=1))
    assert (restored.number, restored.bytes, restored.updated_by) == (4, 3, bo.id)
    renamed = await bo.client.call(FileRename(file_id=first.id, name="plans.txt"))
    moved = await bo.client.call(FileMove(file_id=first.id, folder="old", version=renamed.version))
    assert (moved.name, moved.folder, moved.version) == ("plans.txt", "old", renamed.version + 1)
    with pytest.raises(Conflict):
        await bo.client.call(FileRename(file_id=first.id, name="x", version=1))
    folders = (await call(FileFolders(room=room))).folders
    assert [(each.path, each.files) for each in folders] == [("old", 1)]
    await shows(ada.client, room, moved)
    hits = (await call(FileSearch(query="PLANS", room=room))).hits
    assert [hit.file.id for hit in hits] == [first.id]
    await call(FileDelete(file_id=first.id))
    assert [each.id async for each in ada.client.page(FileList(room=room))] == [again.id]
    assert [each.id async for each in ada.client.page(FileList(room=room, trash=True))] == [first.id]
    assert (await call(FileUndelete(file_id=first.id))).purge_at is None


async def test_what_is_removed_for_good_leaves_the_server_too(server: RunningNode, person: Make) -> None:
    ada, bo, room = await together(person)
    file = await bo.client.files.upload(room, b"one", name="plan.txt")
    await bo.client.files.upload(room, b"two", name="any", file_id=file.id)
    count = "SELECT count(*) FROM sealed_objects"
    assert await server.node.pool.fetchval(count) == 2
    await ada.client.sealed.wait_for(lambda _: _versions(ada.client, room, file.id) == 2, PATIENCE)
    await ada.client.call(FileDelete(file_id=file.id, forever=True))
    assert await server.node.pool.fetchval(count) == 0
    with pytest.raises(NotFound):
        await ada.client.call(FileGet(file_id=file.id))


def _versions(client: Client, room: str, file_id: str) -> int:
    engine = client.sealed.rooms.get(room)
    file = None if engine is None else engine.contents.get("files", file_id)
    return 0 if file is None else len(file["versions"])


async def test_a_file_goes_with_a_message(person: Make) -> None:
    ada, bo, room = await together(person)
    file = await ada.client.files.upload(room, b"\x89PNG\r\n\x1a\n", name="moon.png")
    said = await ada.client.call(MessageSend(room=room, text="", files=[file.id]))
    assert [(each.id, each.name, each.kind) for each in said.files] == [(file.id, "moon.png", "image")]
    async with bo.client.room(room) as his:
        await his.wait_for(lambda _: said.id in his.state["messages"], PATIENCE)
        assert his.state["messages"][said.id]["files"][0]["name"] == "moon.png"


async def test_a_folder_is_put_into_a_room_once(server: RunningNode, person: Make, tmp_path: Path) -> None:
    ada = await person("Ada")
    room = await ada.client.sealed.create_room(form=Form.CONVERSATION, name="Plans", members={})
    (tmp_path / "in" / "sub").mkdir(parents=True)
    (tmp_path / "in" / "a.txt").write_bytes(b"a")
    (tmp_path / "in" / "sub" / "b.txt").write_bytes(b"b")
    made = await ada.client.files.upload_folder(room, tmp_path / "in", folder="top")
    assert [(each.folder, each.name) for each in made] == [("top", "a.txt"), ("top/sub", "b.txt")]
    assert await ada.client.files.upload_folder(room, tmp_path / "in", folder="top") == made
    assert await server.node.pool.fetchval("SELECT count(*) FROM sealed_objects") == 2


async def test_an_upload_that_was_said_already_is_not_said_twice(
    server: RunningNode, person: Make, tmp_path: Path
) -> None:
    ada = await person("Ada")
    room = await ada.client.sealed.create_room(form=Form.CONVERSATION, name="Plans", members={})
    path = tmp_path / "plan.txt"
    path.write_bytes(SECRET)
    engine = ada.client.sealed.rooms.the(room)
    say = engine.say

    async def ends(*arguments: object) -> object:
        await say(*arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    engine.say = ends  # type: ignore[method-assign,assignment]
    with pytest.raises(KeyboardInterrupt):
        await ada.client.files.upload(room, path)
    engine.say = say  # type: ignore[method-assign]
    file = await ada.client.files.upload(room, path)
    assert (file.name, file.number) == ("plan.txt", 1)
    assert [each.id async for each in ada.client.page(FileList(room=room))] == [file.id]
    assert await server.node.pool.fetchval("SELECT count(*) FROM sealed_objects") == 1
    # Once it is known to be done, the same is another file.
    assert (await ada.client.files.upload(room, path)).name == "plan (2).txt"


def document(*pages: str) -> bytes:
    """A document of Word, with the pages that it was shown with."""
    broken = "<w:lastRenderedPageBreak/>".join(f"<w:p><w:t>{page}</w:t></w:p>" for page in pages)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", f"<w:document>{broken}</w:document>")
    return made.getvalue()


async def test_what_a_file_says_is_found_by_who_has_not_downloaded_it(person: Make) -> None:
    ada, bo, room = await together(person)
    content = document("Apollo", "The cheese is on the moon, says Grace.")
    # Whatever it is called.
    file = await ada.client.files.upload(room, content, name="plan.bin")
    assert (file.kind, file.media_type.rpartition(".")[2]) == ("document", "document")
    await shows(bo.client, room, file)
    (hit,) = (await bo.client.call(FileSearch(query="CHEESE plan", room=room))).hits
    assert (hit.file, hit.page) == (file, 2)
    assert hit.snippet == "The \x02cheese\x03 is on the moon, says Grace."
    assert (await bo.client.call(FileSearch(query="cheese apollo", room=room))).hits == []
    ((found_in, collection, found),) = bo.client.sealed.search("moon")
    assert (found_in, collection, found["id"], found["page"]) == (room, "files", file.id, 2)
    text = await bo.client.call(FileTextGet(file_id=file.id, page=2))
    assert (text.page, text.pages, text.text) == (2, 2, "The cheese is on the moon, says Grace.\n")
    with pytest.raises(NotFound):
        await bo.client.call(FileTextGet(file_id=file.id, page=3))
    description = (await bo.client.call(FileGet(file_id=file.id))).description
    assert description is not None
    assert (description.pages, description.metadata) == (2, {"word_count": 9, "page_count": 2})
    # A new version is looked for by what it says, and no more by what the old one said.
    second = await ada.client.files.upload(room, b"Nothing but rocks.", name="any", file_id=file.id)
    await shows(bo.client, room, second)
    assert (await bo.client.call(FileSearch(query="cheese", room=room))).hits == []
    assert (await bo.client.call(FileTextGet(file_id=file.id, number=1))).pages == 2
    restored = await bo.client.call(FileRestore(file_id=file.id, number=1))
    hits = (await bo.client.call(FileSearch(query="cheese", room=room))).hits
    assert [(hit.file.number, hit.file.id) for hit in hits] == [(restored.number, file.id)]


async def test_what_cannot_be_read_is_a_file_all_the_same(person: Make) -> None:
    ada, bo, room = await together(person)
    bomb = document("a" * 20_000_000)
    file = await ada.client.files.upload(room, bomb, name="bomb.docx")
    await shows(bo.client, room, file)
    description = (await bo.client.call(FileGet(file_id=file.id))).description
    assert description is not None
    assert (description.pages, description.error) == (None, "word/document.xml is too large to be read.")
    assert await bo.client.files.read(file.id) == bomb

    async def passing() -> AsyncIterator[bytes]:
        yield b"moon"

    streamed = await ada.client.files.upload(room, passing(), name="moon.txt")
    assert (streamed.media_type, streamed.kind) == ("application/octet-stream", "other")


async def test_a_member_may_lie_about_what_a_file_says_and_no_more(person: Make) -> None:
    ada, bo, room = await together(person)
    file = await ada.client.files.upload(room, b"\x89PNG\r\n\x1a\n", name="moon.png")
    his = await bo.client.files.upload(room, b"\x89PNG\r\n\x1a\n", name="his.png")
    lie = ["<script>alert('cheese')</script>\x02\x03\x1b[31m" + "cheese " * 2_000]
    bos = bo.client.sealed.rooms.the(room)
    with pytest.raises(Forbidden):
        await bos.say("file.describe", {"file_id": file.id, "number": 1, "texts": lie})
    for too_much in ([""] * 501, ["a" * 20_001], ["a" * 20_000] * 3):
        with pytest.raises(Invalid):
            await bos.say("file.describe", {"file_id": his.id, "number": 1, "texts": too_much})
    await bos.say("file.describe", {"file_id": his.id, "number": 1, "texts": lie})
    changed = (await bo.client.call(FileGet(file_id=his.id))).file
    await shows(ada.client, room, changed)
    (hit,) = (await ada.client.call(FileSearch(query="cheese", room=room))).hits
    assert hit.file.id == his.id
    assert len(hit.snippet) < 400
    assert "\x1b" not in hit.snippet
    assert hit.snippet.startswith("<script>alert('\x02cheese\x03')</script> [31m\x02cheese\x03 ")


async def test_what_has_no_meaning_in_a_sealed_room_is_refused_and_not_sent(person: Make) -> None:
    ada = await person("Ada")
    room = await ada.client.sealed.create_room(form=Form.CONVERSATION, name="Plans", members={})
    with pytest.raises(E2eeRoom):
        await ada.client.call(FileAdopt(room=room, name="a", sha256="0" * 64))
    assert (await ada.client.call(FileQuotaGet(room=room))).room.bytes == 0
    stranger = Client(ada.url, token=ada.token)
    async with stranger:
        with pytest.raises(E2eeRoom):
            await stranger.files.upload(room, os.urandom(9), name="a")
