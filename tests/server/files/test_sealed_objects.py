"""Files in sealed rooms, as the server has them: bytes under an id, for the members, and nothing else."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from persistence import garbage, rooms
from persistence.database import clock
from persistence.ids import new_id
from persistence.storage import Storage
from protocol.errors import ApiError, ErrorCode
from protocol.roles import RoomRole
from protocol.rooms import RoomKind
from tests.api import Answer
from tests.server.files.conftest import Site, bucket
from tests.server.files.tus import BYTES, UPLOADS, Tus, checksum, metadata

DATA = random.Random(4).randbytes(700_000)
UNKNOWN = "11111111-1111-4111-8111-111111111111"


class Vault:
    """A sealed room of which nothing but its members matters here: nobody seals anything."""

    def __init__(self, site: Site, tus: Tus) -> None:
        self.site = site
        self.room = new_id()
        self.manager = replace(tus, room=self.room)

    async def open(self) -> None:
        """Make the room, with Ada as its manager."""
        async with self.site.nodes[0].node.pool.acquire() as tx:
            now = await clock(tx)
            await rooms.insert(tx, self.room, RoomKind.SEALED, now=now, created_by=self.site.ada.id)
        await self.admit(self.site.ada.id, RoomRole.MANAGER)

    async def admit(self, member_id: str, role: RoomRole) -> None:
        async with self.site.nodes[0].node.pool.acquire() as tx:
            await rooms.put_member(tx, self.room, member_id, role, await clock(tx))

    async def somebody(self, name: str, role: RoomRole | None) -> Tus:
        """Somebody with this role in the room, or with none."""
        member, token = await self.manager.api.running.admit(name)
        if role is not None:
            await self.admit(member.id, role)
        return replace(self.manager, token=token)


async def create(tus: Tus, length: int, data: bytes = b"", /, **pairs: str) -> Answer:
    """The answer to a new upload with just these metadata."""
    headers: dict[str, Any] = {"Content_Type": BYTES} if data else {}
    described = metadata(room=tus.room, **pairs)
    return await tus.ask(
        "POST", UPLOADS, data or None, Upload_Length=length, Upload_Metadata=described, **headers
    )


async def put(tus: Tus, data: bytes, object_id: str | None = None) -> str:
    """The id of an object that is uploaded in one go."""
    answer = await create(tus, len(data), data, object_id=object_id or new_id())
    assert answer.status == 201, answer
    return answer.headers["YMERA-File"]


async def fetch(tus: Tus, object_id: str, method: str = "GET", **headers: Any) -> Answer:
    return await tus.ask(method, f"/api/files/objects/{object_id}/content", **headers)


@pytest.fixture
async def vault(site: Site, tus: Tus) -> Vault:
    made = Vault(site, tus)
    await made.open()
    return made


@pytest.mark.parametrize(
    "name",
    [
        "filename",
        "folder",
        "task_id",
        "run_id",
        "file_id",
        "conflict",
        "sha256",
        "name",
        "type",
        "relativePath",
        "x",
    ],
)
@pytest.mark.parametrize("value", ["secret", ""])
async def test_nothing_in_the_clear_gets_into_a_sealed_room(vault: Vault, name: str, value: str) -> None:
    answer = await create(vault.manager, 5, object_id=new_id(), **{name: value})
    assert (answer.status, answer.code) == (422, ErrorCode.E2EE_ROOM)
    assert answer.body["error"]["message"].startswith(f"{name}: ")
    assert answer.body["error"]["data"] == {"path": name}
    assert await vault.site.value("SELECT count(*) FROM uploads") == 0


async def test_a_plain_upload_to_a_sealed_room_is_refused(vault: Vault) -> None:
    tus = vault.manager
    for name in ("filename", "name"):
        answer = await create(tus, 5, **{name: "plan.txt"})
        assert (answer.status, answer.code) == (422, ErrorCode.E2EE_ROOM)
        assert answer.body["error"]["data"] == {"path": name}
    answer = await tus.ask("POST", f"/api/files?room={tus.room}&filename=plan.txt", b"words")
    assert (answer.status, answer.code) == (422, ErrorCode.E2EE_ROOM)
    assert await vault.site.value("SELECT count(*) FROM blobs") == 0


async def test_an_object_id_is_for_sealed_rooms_alone(site: Site, tus: Tus) -> None:
    for more in ({}, {"filename": "plan.txt"}):
        answer = await create(tus, 5, object_id=new_id(), **more)
        assert (answer.status, answer.code) == (400, ErrorCode.INVALID)
        assert answer.body["error"]["data"] == {"path": "object_id"}
    answer = await tus.ask("POST", f"/api/files?room={tus.room}&object_id={new_id()}", b"words")
    assert (answer.status, answer.body["error"]["data"]) == (400, {"path": "object_id"})
    answer = await create(tus, 5, object_id="one")
    assert (answer.status, answer.body["error"]["data"]) == (400, {"path": "object_id"})
    assert await site.value("SELECT count(*) FROM uploads") == 0


async def test_strangers_learn_nothing(vault: Vault) -> None:
    object_id = await put(vault.manager, DATA)
    stranger = await vault.somebody("Mallory", None)
    await vault.site.value("UPDATE members SET role = 'owner' WHERE name = 'Mallory'")
    for pairs in ({"filename": "a"}, {"object_id": new_id()}, {"object_id": new_id(), "filename": "a"}):
        answers = [await create(replace(stranger, room=room), 5, **pairs) for room in (vault.room, UNKNOWN)]
        assert [answer.status for answer in answers] == [404, 404]
        assert len({str(answer.body["error"] | {"correlation_id": ""}) for answer in answers}) == 1
    answers = [await fetch(stranger, each) for each in (object_id, UNKNOWN, "x")]
    assert [answer.status for answer in answers] == [404, 404, 404]
    assert len({str(answer.body["error"] | {"correlation_id": ""}) for answer in answers}) == 1


async def test_readers_read_and_do_not_write(vault: Vault) -> None:
    object_id = await put(vault.manager, DATA)
    reader = await vault.somebody("Rita", RoomRole.VIEWER)
    assert (await fetch(reader, object_id)).body == DATA
    answer = await create(reader, 5, object_id=new_id())
    assert (answer.status, answer.code) == (403, ErrorCode.FORBIDDEN)


async def test_whoever_leaves_the_room_has_its_objects_no_more(vault: Vault) -> None:
    editor = await vault.somebody("Eve", RoomRole.EDITOR)
    object_id = await put(editor, DATA)
    begun = await create(editor, len(DATA), object_id=new_id())
    await vault.site.value("DELETE FROM room_members WHERE role = 'editor'")
    assert (await fetch(editor, object_id)).status == 404
    answer = await editor.patch(begun.headers["Location"], 0, DATA)
    assert answer.status == 404
    assert (await fetch(vault.manager, object_id)).status == 200


async def test_an_upload_goes_on_where_it_was_left_at_any_node(site: Site, s3: str) -> None:
    for settings in ({}, await bucket(s3)):
        vault = Vault(site, await site.start(**settings))
        await vault.open()
        object_id = new_id()
        begun = await create(vault.manager, len(DATA), object_id=object_id)
        address = begun.headers["Location"]
        wrong = await vault.manager.patch(address, 0, DATA[:9], Upload_Checksum=checksum("sha256", b"other"))
        assert wrong.status == 460
        assert (await vault.manager.patch(address, 0, DATA[:300_000])).status == 204
        second = replace(await site.start(**settings), room=vault.room)
        head = await second.ask("HEAD", address)
        assert head.headers["Upload-Offset"] == "300000"
        assert head.headers["Upload-Metadata"] == metadata(room=vault.room, object_id=object_id)
        answer = await second.patch(address, 300_000, DATA[300_000:])
        assert (answer.status, answer.headers["YMERA-File"]) == (204, object_id)
        assert (await second.ask("HEAD", address)).headers["YMERA-File"] == object_id
        assert (await fetch(vault.manager, object_id)).body == DATA


async def test_parts_become_one_object(vault: Vault) -> None:
    tus, parts = vault.manager, []
    for start in (0, 350_000):
        made = await tus.ask("POST", UPLOADS, Upload_Length=350_000, Upload_Concat="partial")
        parts.append(made.headers["Location"])
        assert (await tus.patch(parts[-1], 0, DATA[start : start + 350_000])).status == 204
    described = metadata(room=tus.room, object_id=new_id())
    answer = await tus.ask(
        "POST", UPLOADS, Upload_Concat=f"final;{' '.join(parts)}", Upload_Metadata=described
    )
    assert (await fetch(tus, answer.headers["YMERA-File"])).body == DATA


async def test_nothing_is_read_logged_or_kept_beside_the_bytes(vault: Vault) -> None:
    site = vault.site
    await put(vault.manager, DATA)
    assert await site.value("SELECT head_seq FROM rooms WHERE id = $1", vault.room) == 0
    assert await site.value("SELECT count(*) FROM events WHERE room_id = $1", vault.room) == 0
    for table in ("analyses", "files", "file_versions", "file_texts"):
        assert await site.value(f"SELECT count(*) FROM {table}") == 0
    row = json.loads(await site.value("SELECT row_to_json(o)::text FROM sealed_objects o"))
    assert sorted(row) == ["blob_id", "created_at", "created_by", "id", "room_id"]


async def test_an_id_is_given_once(vault: Vault) -> None:
    site, tus = vault.site, vault.manager
    editor = await vault.somebody("Eve", RoomRole.EDITOR)
    object_id = await put(tus, DATA)
    # An answer may have been lost: the same again is the same.
    assert await put(tus, DATA, object_id) == object_id
    answer = await create(tus, 5, b"other", object_id=object_id)
    assert (answer.status, answer.code) == (422, ErrorCode.CONFLICT)
    answer = await create(editor, len(DATA), object_id=object_id)
    assert (answer.status, answer.code) == (422, ErrorCode.CONFLICT)
    other = Vault(site, tus)
    await other.open()
    answer = await create(other.manager, 5, object_id=object_id)
    assert (answer.status, answer.code) == (422, ErrorCode.CONFLICT)
    assert (await fetch(tus, object_id)).body == DATA
    assert await site.value("SELECT count(*) FROM sealed_objects") == 1


async def test_ranges(vault: Vault) -> None:
    object_id = await put(vault.manager, DATA)
    whole = await fetch(vault.manager, object_id)
    etag = whole.headers["ETag"]
    assert whole.headers["Content-Type"] == "application/octet-stream"
    assert whole.headers["Content-Disposition"].startswith(f'attachment; filename="{object_id}"')
    head = await fetch(vault.manager, object_id, "HEAD")
    assert (head.headers["Content-Length"], head.headers["ETag"]) == (str(len(DATA)), etag)
    some = await fetch(vault.manager, object_id, Range="bytes=65553-131105", If_Range=etag)
    assert (some.status, some.body) == (206, DATA[65_553:131_106])
    assert some.headers["Content-Range"] == f"bytes 65553-131105/{len(DATA)}"
    assert (await fetch(vault.manager, object_id, Range="bytes=-9")).body == DATA[-9:]
    assert (await fetch(vault.manager, object_id, Range=f"bytes={len(DATA)}-")).status == 416
    assert (await fetch(vault.manager, object_id, If_None_Match=etag)).status == 304


async def test_an_object_may_be_empty(vault: Vault) -> None:
    answer = await create(vault.manager, 0, object_id=new_id())
    assert answer.status == 201
    assert (await fetch(vault.manager, answer.headers["YMERA-File"])).body == b""


async def test_objects_count_as_what_the_room_holds_and_the_member_sends(site: Site) -> None:
    tus = await site.start(project_bytes=100, member_daily_bytes=150, max_file_bytes=95)
    vault = Vault(site, tus)
    await vault.open()
    assert (await create(vault.manager, 96, object_id=new_id())).status == 413
    await put(vault.manager, b"x" * 60)
    answer = await create(vault.manager, 41, object_id=new_id())
    assert (answer.status, answer.code) == (422, ErrorCode.LIMIT_EXCEEDED)
    begun = await create(vault.manager, 40, object_id=new_id())
    quota = await site.do(site.ada.id, "file.quota", room=vault.room)
    assert quota["room"] == {"bytes": 60, "reserved": 40, "limit": 100}
    assert quota["member"] == {"bytes": 60, "reserved": 40, "limit": 150}
    await tus.ask("DELETE", begun.headers["Location"])
    other = Vault(site, tus)
    await other.open()
    assert (await create(other.manager, 91, object_id=new_id())).status == 422
    assert (await create(other.manager, 90, object_id=new_id())).status == 201


async def test_a_room_has_only_so_many_objects(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handlers.sealed_objects.MAX_OBJECTS", 1)
    object_id = await put(vault.manager, DATA)
    answer = await create(vault.manager, 5, object_id=new_id())
    assert (answer.status, answer.code) == (422, ErrorCode.LIMIT_EXCEEDED)
    assert await put(vault.manager, DATA, object_id) == object_id


async def test_what_goes_with_its_room_is_collected(
    vault: Vault, files: Callable[[], set[str]], tmp_path: Path
) -> None:
    await put(vault.manager, DATA)
    assert len([path for path in files() if path.startswith("rooms/")]) == 1
    pool = vault.site.nodes[0].node.pool
    await vault.site.value("DELETE FROM rooms WHERE id = $1", vault.room)
    assert await vault.site.value("SELECT count(*) FROM sealed_objects") == 0
    store = Storage.in_folder(tmp_path / "files")
    async with pool.acquire() as tx:
        now = await clock(tx)
    await garbage.collect(pool, store, now)
    assert len(files()) > 0
    await garbage.collect(pool, store, now + 2 * garbage.RELEASED_FOR)
    store.close()
    assert [path for path in files() if path.startswith("rooms/")] == []


async def test_who_has_uploaded_it_and_managers_discard_an_object(
    vault: Vault, files: Callable[[], set[str]], tmp_path: Path
) -> None:
    site, manager = vault.site, vault.manager
    roles = {"Otto": RoomRole.EDITOR, "Rita": RoomRole.VIEWER, "Mallory": None}
    editor = await vault.somebody("Eve", RoomRole.EDITOR)
    for name, role in roles.items():
        await vault.somebody(name, role)
    first, second = await put(editor, DATA), await put(editor, DATA[:9])
    ids = {name: await site.value("SELECT id FROM members WHERE name = $1", name) for name in ("Eve", *roles)}
    for name, code in (("Otto", "forbidden"), ("Rita", "forbidden"), ("Mallory", "not_found")):
        with pytest.raises(ApiError) as refused:
            await site.do(ids[name], "sealed.discard", room=vault.room, object_id=first)
        assert refused.value.code == code
    await site.do(ids["Eve"], "sealed.discard", room=vault.room, object_id=first)
    await site.do(site.ada.id, "sealed.discard", room=vault.room, object_id=second)
    for object_id in (first, second):
        assert (await fetch(manager, object_id)).status == 404
        with pytest.raises(ApiError) as refused:
            await site.do(site.ada.id, "sealed.discard", room=vault.room, object_id=object_id)
        assert refused.value.code == "not_found"
    # Of another room, also of one's own, it is none.
    elsewhere = Vault(site, manager)
    await elsewhere.open()
    third = await put(elsewhere.manager, DATA)
    with pytest.raises(ApiError) as refused:
        await site.do(site.ada.id, "sealed.discard", room=vault.room, object_id=third)
    assert refused.value.code == "not_found"
    quota = await site.do(site.ada.id, "file.quota", room=vault.room)
    assert quota["room"]["bytes"] == 0
    store, pool = Storage.in_folder(tmp_path / "files"), site.nodes[0].node.pool
    async with pool.acquire() as tx:
        now = await clock(tx)
    await garbage.collect(pool, store, now + 2 * garbage.RELEASED_FOR)
    store.close()
    assert {path.split("/")[1] for path in files() if path.startswith("rooms/")} == {elsewhere.room}
