"""How much may be sent and kept."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from persistence import quotas
from persistence.ids import new_id
from protocol.errors import ErrorCode
from protocol.files import MAX_PARTS
from tests.nodes import until
from tests.server.files.conftest import Site
from tests.server.files.tus import UPLOADS, Tus, metadata


async def test_a_file_may_be_only_so_large(site: Site) -> None:
    tus = await site.start(max_file_bytes=10)
    answer = await tus.create(11)
    assert (answer.status, answer.code) == (413, ErrorCode.TOO_LARGE)
    address = await tus.begin(None)
    assert (await tus.patch(address, 0, b"12345678901")).status == 413
    assert (await tus.patch(address, 0, b"12345")).status == 204
    assert (await tus.patch(address, 5, b"678901")).status == 413
    assert (await tus.patch(address, 5, b"67890", Upload_Length=10)).status == 204
    assert (await tus.ask("POST", f"/api/files?room={tus.room}&filename=a", b"x" * 11)).status == 413


async def test_a_room_may_hold_only_so_much(site: Site) -> None:
    tus = await site.start(project_bytes=100)
    await tus.upload(b"x" * 60, "one")
    assert (await tus.create(41)).status == 422
    address = await tus.begin(30)
    answer = await tus.create(11)
    assert (answer.status, answer.code) == (422, ErrorCode.LIMIT_EXCEEDED)
    assert answer.body["error"]["data"] == {"limit": 100, "what": "bytes"}
    quota = await site.do(site.ada.id, "file.quota", room=site.room)
    assert quota["room"] == {"bytes": 60, "reserved": 30, "limit": 100}
    await tus.ask("DELETE", address)
    await tus.upload(b"y" * 40, "two")
    await site.value("UPDATE members SET role = 'owner' WHERE id = $1", site.ada.id)
    await site.do(site.ada.id, "file.set_quota", room=site.room, limit=101)
    assert (await tus.create(2)).status == 422
    assert (await tus.create(1)).status == 201


async def test_a_member_may_send_only_so_much(site: Site) -> None:
    tus = await site.start(member_daily_bytes=100)
    address = await tus.begin(60)
    await tus.patch(address, 0, b"x" * 20)
    quota = await site.do(site.ada.id, "file.quota", room=site.room)
    assert quota["member"] == {"bytes": 20, "reserved": 40, "limit": 100}
    assert (await tus.create(41)).status == 422
    assert (await tus.ask("POST", UPLOADS, Upload_Length=41, Upload_Concat="partial")).status == 422
    await tus.ask("DELETE", address)
    assert (await tus.create(81)).status == 422
    assert (await tus.create(80)).status == 201
    await site.value("UPDATE sent_bytes SET hour = hour - interval '25 hours'")
    assert (await tus.create(20)).status == 201


async def test_uploads_at_once_do_not_exceed_a_limit_together(site: Site) -> None:
    tus = await site.start(project_bytes=100)
    answers = await asyncio.gather(*(tus.create(30, f"file-{number}") for number in range(12)))
    assert sorted(answer.status for answer in answers) == [201] * 3 + [422] * 9


async def test_a_member_has_only_so_many_uploads_under_way(
    tus: Tus, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotas, "MAX_UNDER_WAY", 2)
    first = await tus.begin(1)
    await tus.begin(1)
    assert (await tus.create(1)).status == 422
    await tus.patch(first, 0, b"x")
    assert (await tus.create(1)).status == 201


async def test_parts_are_counted_once_when_they_are_joined(site: Site) -> None:
    tus = await site.start(max_file_bytes=100, project_bytes=100, member_daily_bytes=100)
    parts = []
    for letter in (b"a", b"b"):
        begun = await tus.ask("POST", UPLOADS, Upload_Length=45, Upload_Concat="partial")
        parts.append(begun.headers["Location"])
        assert (await tus.patch(parts[-1], 0, letter * 45)).status == 204
    final, described = "final;" + " ".join(parts), metadata(room=tus.room, filename="a")
    answer = await tus.ask("POST", UPLOADS, Upload_Concat=final, Upload_Metadata=described)
    assert answer.status == 201, answer
    quota = await site.do(site.ada.id, "file.quota", room=site.room)
    assert quota["room"] == {"bytes": 90, "reserved": 0, "limit": 100}
    assert quota["member"] == {"bytes": 90, "reserved": 0, "limit": 100}


async def test_as_many_parts_as_fit_into_a_header_are_joined(tus: Tus) -> None:
    for count, said in (
        (MAX_PARTS, "is no partial upload of yours"),
        (MAX_PARTS + 1, f"at most {MAX_PARTS} parts"),
    ):
        parts = [f"https://files.example.org{UPLOADS}/{new_id()}" for _ in range(count)]
        described = metadata(room=tus.room, filename="a")
        final = {"Upload_Concat": "final;" + " ".join(parts), "Upload_Metadata": described}
        answer = await tus.ask("POST", UPLOADS, None, **final)
        assert (answer.status, answer.code) == (400, ErrorCode.INVALID)
        assert said in answer.body["error"]["message"]


async def test_whole_parts_that_nothing_joins_are_only_so_many(
    tus: Tus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotas, "MAX_WHOLE_PARTS", 2)
    answers = [await tus.ask("POST", UPLOADS, Upload_Length=0, Upload_Concat="partial") for _ in range(3)]
    assert [answer.status for answer in answers] == [201, 201, 422]


async def test_bytes_of_which_no_length_was_said_are_counted_before_they_come(site: Site) -> None:
    tus = await site.start(project_bytes=100)
    first, second = await tus.begin(None), await tus.begin(None, "other")
    begun, more = asyncio.Event(), asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield b"x" * 10
        begun.set()
        await more.wait()
        yield b"x" * 50

    patching = asyncio.create_task(tus.patch(first, 0, slowly(), Content_Length=60))
    await begun.wait()
    await until(lambda: _reserved(site, 60))
    answer = await tus.patch(second, 0, b"y" * 41)
    assert (answer.status, answer.code) == (422, ErrorCode.LIMIT_EXCEEDED)
    assert (await tus.patch(second, 0, b"y" * 40, Upload_Length=40)).status == 204
    more.set()
    assert (await patching).status == 204
    assert (await tus.patch(first, 60, b"", Upload_Length=60)).status == 204


async def test_what_was_to_come_is_counted_once_when_it_comes_again(site: Site) -> None:
    tus = await site.start(project_bytes=100)
    address = await tus.begin(None)
    await site.value("UPDATE uploads SET expected = 80")  # as a request leaves it that breaks off
    assert (await tus.patch(address, 0, b"x" * 90)).status == 204
    assert (await tus.patch(address, 90, b"x" * 11)).status == 422
    assert (await tus.patch(address, 90, b"x" * 10)).status == 204


async def test_chunks_bring_no_more_than_is_left(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.uploads.MAX_SMALL_FILE", 60)
    tus = await site.start(project_bytes=100)

    async def chunks(count: int) -> AsyncIterator[bytes]:
        for _ in range(count):
            yield b"x" * 10

    address = await tus.begin(None)
    assert (await tus.patch(address, 0, chunks(7))).status == 413
    assert (await tus.patch(address, 0, chunks(6))).status == 204
    assert (await tus.patch(address, 60, chunks(1))).status == 422
    assert (await tus.patch(address, 60, b"x" * 40)).status == 204


async def _reserved(site: Site, count: int) -> bool:
    quota = await site.do(site.ada.id, "file.quota", room=site.room)
    reserved: int = quota["room"]["reserved"]
    return reserved == count
