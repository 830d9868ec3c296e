"""Uploads by tus 1.0, as its specification says, and what is refused."""

import asyncio
import hashlib
import os
import random
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest

from protocol.errors import ErrorCode
from protocol.registry import Scope
from server import receiving
from tests.api import Answer
from tests.nodes import until
from tests.server.files.conftest import Site, bucket
from tests.server.files.tus import BYTES, UPLOADS, Tus, checksum, metadata

DATA = random.Random(1).randbytes(900_000)


async def test_what_it_can_do_is_said_to_everybody(tus: Tus) -> None:
    async with tus.api.session.options(UPLOADS) as answer:
        assert answer.status == 204
        assert answer.headers["Tus-Version"] == "1.0.0"
        assert set(answer.headers["Tus-Extension"].split(",")) == {
            *("creation", "creation-with-upload", "creation-defer-length", "expiration", "checksum"),
            *("termination", "concatenation"),
        }
        assert answer.headers["Tus-Max-Size"] == str(20 * 2**30)
        assert answer.headers["Tus-Checksum-Algorithm"] == "sha256,sha1,md5"


async def test_an_upload_in_pieces_becomes_a_file(anywhere: Tus) -> None:
    tus = anywhere
    address = await tus.begin(len(DATA), "moon.bin", folder="pictures/nasa")
    position, answer = 0, None
    for size in (1, 100_000, 0, 700_000, len(DATA)):
        answer = await tus.patch(address, position, DATA[position : position + size])
        position = min(position + size, len(DATA))
        assert (answer.status, answer.headers["Upload-Offset"]) == (204, str(position))
        assert await tus.offset(address) == position
    assert answer is not None
    file_id = answer.headers["YMERA-File"]
    assert await tus.download(file_id) == DATA
    head = await tus.ask("HEAD", address)
    assert head.headers["YMERA-File"] == file_id
    assert head.headers["Upload-Length"] == str(len(DATA))
    assert "filename " in head.headers["Upload-Metadata"]
    assert head.headers["Cache-Control"] == "no-store"


async def test_the_file_is_as_its_metadata_say(site: Site, tus: Tus) -> None:
    file_id = await tus.upload(DATA, "moon.bin", folder="pictures", sha256=hashlib.sha256(DATA).hexdigest())
    file = (await site.do(site.ada.id, "file.get", file_id=file_id))["file"]
    assert (file["name"], file["folder"], file["bytes"]) == ("moon.bin", "pictures", len(DATA))
    assert file["sha256"] == hashlib.sha256(DATA).hexdigest()
    second = await tus.upload(b"x", "moon.bin", folder="pictures")
    assert (await site.do(site.ada.id, "file.get", file_id=second))["file"]["name"] == "moon (2).bin"
    assert await tus.upload(b"y", "any", file_id=file_id) == file_id
    assert (await site.do(site.ada.id, "file.get", file_id=file_id))["file"]["number"] == 2


async def test_bytes_may_come_with_the_creation(anywhere: Tus) -> None:
    described = metadata(room=anywhere.room, filename="small")
    answer = await anywhere.ask(
        "POST", UPLOADS, DATA, Upload_Length=len(DATA), Upload_Metadata=described, Content_Type=BYTES
    )
    assert (answer.status, answer.headers["Upload-Offset"]) == (201, str(len(DATA)))
    assert await anywhere.download(answer.headers["YMERA-File"]) == DATA


async def test_the_length_may_be_said_later(anywhere: Tus) -> None:
    address = await anywhere.begin(None)
    assert (await anywhere.ask("HEAD", address)).headers["Upload-Defer-Length"] == "1"
    assert (await anywhere.patch(address, 0, DATA[:400_000])).status == 204
    assert "YMERA-File" not in (await anywhere.ask("HEAD", address)).headers
    answer = await anywhere.patch(address, 400_000, DATA[400_000:], Upload_Length=len(DATA))
    assert await anywhere.download(answer.headers["YMERA-File"]) == DATA


async def test_a_length_below_what_is_there_is_refused(tus: Tus) -> None:
    address = await tus.begin(None)
    await tus.patch(address, 0, b"12345")
    answer = await tus.patch(address, 5, b"", Upload_Length=4)
    assert (answer.status, answer.code) == (400, ErrorCode.INVALID)


async def test_nothing_is_a_file_too(anywhere: Tus) -> None:
    answer = await anywhere.create(0, "empty")
    assert await anywhere.download(answer.headers["YMERA-File"]) == b""


async def test_a_small_file_goes_in_one_request(anywhere: Tus) -> None:
    query = f"?room={anywhere.room}&filename=note.txt&folder=a/b"
    answer = await anywhere.ask("POST", "/api/files" + query, b"hello")
    assert answer.status == 201
    assert (answer.body["name"], answer.body["folder"], answer.body["bytes"]) == ("note.txt", "a/b", 5)
    assert answer.headers["YMERA-File"] == answer.body["id"]
    assert await anywhere.download(answer.body["id"]) == b"hello"

    async def in_chunks() -> AsyncIterator[bytes]:
        yield b"hel"
        yield b"lo!"

    answer = await anywhere.ask("POST", "/api/files" + query, in_chunks())
    assert await anywhere.download(answer.body["id"]) == b"hello!"


@pytest.mark.parametrize("algorithm", ["sha256", "sha1", "md5"])
async def test_bytes_with_another_checksum_are_thrown_away(anywhere: Tus, algorithm: str) -> None:
    address = await anywhere.begin(len(DATA))
    assert (await anywhere.patch(address, 0, DATA[:1000])).status == 204
    wrong = await anywhere.patch(
        address, 1000, DATA[1001:], Upload_Checksum=checksum(algorithm, DATA[1000:-1])
    )
    assert wrong.status == 460
    assert await anywhere.offset(address) == 1000
    right = await anywhere.patch(address, 1000, DATA[1000:], Upload_Checksum=checksum(algorithm, DATA[1000:]))
    assert await anywhere.download(right.headers["YMERA-File"]) == DATA


async def test_a_whole_that_is_not_what_was_announced_is_refused_and_leaves_nothing(
    site: Site, tus: Tus, files: Callable[[], set[str]]
) -> None:
    address = await tus.begin(len(DATA), sha256=hashlib.sha256(b"other").hexdigest())
    answer = await tus.patch(address, 0, DATA)
    assert (answer.status, answer.code) == (460, ErrorCode.INVALID)
    assert (await tus.ask("HEAD", address)).status == 404
    assert files() == set()
    assert await site.value("SELECT count(*) FROM blobs") == 0
    answer = await tus.ask("POST", f"/api/files?room={tus.room}&filename=a&sha256={'0' * 64}", b"hello")
    assert answer.status == 460
    assert files() == set()


async def test_parts_are_joined_in_parallel(anywhere: Tus) -> None:
    thirds = [DATA[:300_000], DATA[300_000:300_001], DATA[300_001:]]

    async def part(data: bytes) -> str:
        made = await anywhere.ask("POST", UPLOADS, Upload_Length=len(data), Upload_Concat="partial")
        assert (await anywhere.patch(made.headers["Location"], 0, data)).status == 204
        return made.headers["Location"]

    parts = await asyncio.gather(*map(part, thirds))
    head = await anywhere.ask("HEAD", parts[0])
    assert head.headers["Upload-Concat"] == "partial"
    described = metadata(room=anywhere.room, filename="whole", sha256=hashlib.sha256(DATA).hexdigest())
    whole = await anywhere.ask(
        "POST", UPLOADS, Upload_Concat="final;" + " ".join(parts), Upload_Metadata=described
    )
    assert whole.status == 201, whole
    assert await anywhere.download(whole.headers["YMERA-File"]) == DATA
    head = await anywhere.ask("HEAD", whole.headers["Location"])
    assert head.headers["Upload-Concat"] == "final;" + " ".join(parts)
    assert head.headers["Upload-Length"] == head.headers["Upload-Offset"] == str(len(DATA))
    assert (await anywhere.ask("HEAD", parts[0])).status == 404
    assert (await anywhere.patch(whole.headers["Location"], len(DATA), b"")).status == 403


async def test_only_ones_own_whole_parts_are_joined(site: Site, tus: Tus) -> None:
    unfinished = (await tus.ask("POST", UPLOADS, Upload_Length=5, Upload_Concat="partial")).headers[
        "Location"
    ]
    complete = await tus.begin(3)
    stranger = await site.somebody(tus, "Eve")
    theirs = (
        await stranger.ask(
            "POST", UPLOADS, b"abc", Upload_Length=3, Upload_Concat="partial", Content_Type=BYTES
        )
    ).headers["Location"]
    described = metadata(room=tus.room, filename="whole")
    for listed in (unfinished, complete, theirs, f"{UPLOADS}/nothing", "", f"{theirs} {theirs}"):
        answer = await tus.ask("POST", UPLOADS, Upload_Concat=f"final;{listed}", Upload_Metadata=described)
        assert (answer.status, answer.code) == (400, ErrorCode.INVALID), listed
    assert await tus.offset(unfinished) == 0
    assert await stranger.offset(theirs) == 3


async def test_an_upload_can_be_ended(anywhere: Tus) -> None:
    address = await anywhere.begin(10)
    await anywhere.patch(address, 0, b"12345")
    assert (await anywhere.ask("DELETE", address)).status == 204
    for answer in (await anywhere.ask("HEAD", address), await anywhere.patch(address, 5, b"67890")):
        assert answer.status == 404


async def test_ending_an_upload_leaves_nothing(tus: Tus, files: Callable[[], set[str]]) -> None:
    address = await tus.begin(10)
    await tus.patch(address, 0, b"12345")
    assert len(files()) == 1
    await tus.ask("DELETE", address)
    assert files() == set()


async def test_clients_that_can_only_post_say_what_they_mean(tus: Tus) -> None:
    address = await tus.begin(5)
    override = {"Upload_Offset": 0, "Content_Type": BYTES, "X_HTTP_Method_Override": "PATCH"}
    answer = await tus.ask("POST", address, b"12345", **override)
    assert (answer.status, answer.headers["Upload-Offset"]) == (204, "5")
    assert (await tus.ask("POST", address, X_HTTP_Method_Override="HEAD")).headers["Upload-Offset"] == "5"
    assert (await tus.ask("POST", address, X_HTTP_Method_Override="DELETE")).status == 204
    assert (await tus.ask("POST", address, X_HTTP_Method_Override="GET")).status == 405


async def test_another_offset_is_refused_and_changes_nothing(tus: Tus) -> None:
    address = await tus.begin(10)
    await tus.patch(address, 0, b"12345")
    for offset in (0, 3, 6, 10, 2**53 - 1):
        answer = await tus.patch(address, offset, b"xxxx")
        assert (answer.status, answer.code) == (409, ErrorCode.CONFLICT)
        assert answer.body["error"]["data"] == {"offset": 5}
    answer = await tus.patch(address, 5, b"67890")
    assert await tus.download(answer.headers["YMERA-File"]) == b"1234567890"


async def test_more_than_was_announced_is_refused(tus: Tus) -> None:
    async def in_chunks() -> AsyncIterator[bytes]:
        yield b"1234567"
        yield b"89012"

    address = await tus.begin(10)
    assert (await tus.patch(address, 0, b"12345678901")).status == 413
    assert await tus.offset(address) == 0
    assert (await tus.patch(address, 0, in_chunks())).status == 413
    assert await tus.offset(address) < 10


NONSENSE: list[tuple[dict[str, str], int]] = [
    ({"Tus_Resumable": "0.2.2"}, 412),
    ({"Content_Type": "application/octet-stream"}, 415),
    ({"Upload_Offset": "-1"}, 400),
    ({"Upload_Offset": "five"}, 400),
    ({"Upload_Offset": "9" * 30}, 400),
    ({"Upload_Checksum": "crc32 AAAA"}, 400),
    ({"Upload_Checksum": "sha1 ???"}, 400),
]


async def test_headers_that_say_nonsense_are_refused(tus: Tus) -> None:
    address = await tus.begin(5)
    for headers, status in NONSENSE:
        answer = await tus.patch(address, 0, b"12345", **headers)
        assert answer.status == status, headers
        assert answer.body["error"]["message"]
        assert answer.headers["Tus-Resumable"] == "1.0.0"
        assert ("Tus-Version" in answer.headers) is (status == 412)
    assert await tus.offset(address) == 0


NO_CREATIONS: list[dict[str, Any]] = [
    {},
    {"Upload_Length": "ten"},
    {"Upload_Length": 5, "Upload_Defer_Length": 1},
    {"Upload_Defer_Length": 2},
    {"Upload_Length": 5, "Upload_Concat": "whole"},
    {"Upload_Length": 5, "Upload_Metadata": "room !!!"},
    {"Upload_Length": 5, "Upload_Metadata": "room eA==,room eA=="},
    {"Upload_Length": 5, "Upload_Metadata": "filename eA=="},
]


async def test_creations_that_say_nonsense_are_refused(tus: Tus) -> None:
    for headers in NO_CREATIONS:
        described = {"Upload_Metadata": metadata(room=tus.room, filename="x")} | headers
        answer = await tus.ask("POST", UPLOADS, **described)
        assert (answer.status, answer.code) == (400, ErrorCode.INVALID), headers


BAD_NAMES: list[dict[str, str]] = [
    {"filename": "../../etc/passwd"},
    {"filename": ".."},
    {"filename": "a/b"},
    {"filename": "a\\b"},
    {"filename": "a\0b"},
    {"filename": "a\nb"},
    {"filename": "x" * 256},
    {"filename": ""},
    {"filename": "x", "folder": "../up"},
    {"filename": "x", "folder": "/etc"},
    {"filename": "x", "folder": "a/../../b"},
    {"filename": "x", "relativePath": "../../x"},
    {"filename": "x", "relativePath": "a//b/x"},
    {"filename": "x", "sha256": "beef"},
    {"filename": "x", "conflict": "overwrite"},
    {"filename": "x", "task_id": "../.."},
]


async def test_names_that_lead_elsewhere_are_refused(tus: Tus, files: Callable[[], set[str]]) -> None:
    for pairs in BAD_NAMES:
        described = metadata(room=tus.room, **pairs)
        answer = await tus.ask("POST", UPLOADS, Upload_Length=5, Upload_Metadata=described)
        assert (answer.status, answer.code) == (400, ErrorCode.INVALID), pairs
        path = answer.body["error"]["data"]["path"]
        assert path in {"filename", "folder", "sha256", "conflict", "task_id"}, pairs
    assert files() == set()


async def test_folders_that_are_dropped_keep_their_shape(site: Site, tus: Tus) -> None:
    for path, folder in (("a/b/c.txt", "a/b"), ("/a/b/c.txt", "a/b"), ("null", ""), ("c.txt", "")):
        answer = await tus.create(0, "c.txt", name="c.txt", type="text/plain", relativePath=path)
        file = await site.do(site.ada.id, "file.get", file_id=answer.headers["YMERA-File"])
        assert file["file"]["folder"] == folder
    answer = await tus.create(0, "c.txt", folder="base", relativePath="a/c.txt")
    file = await site.do(site.ada.id, "file.get", file_id=answer.headers["YMERA-File"])
    assert file["file"]["folder"] == "base/a"


async def test_the_uploads_of_others_are_not_there(site: Site, tus: Tus) -> None:
    address = await tus.begin(10)
    await tus.patch(address, 0, b"12345")
    eve = await site.somebody(tus, "Eve")
    for answer in (
        await eve.ask("HEAD", address),
        await eve.patch(address, 5, b"67890"),
        await eve.ask("DELETE", address),
        await eve.ask("HEAD", f"{UPLOADS}/nonsense"),
    ):
        assert answer.status == 404
    assert await tus.offset(address) == 5


async def test_who_may_not_upload_is_refused_before_anything_comes(site: Site, tus: Tus) -> None:
    eve = await site.somebody(tus, "Eve")
    assert (await eve.create(5)).status == 404
    _, token = await tus.api.running.admit("Reader", scope=Scope.READ)
    reader = Tus(tus.api, token, tus.room)
    assert (await reader.create(5)).status == 403
    assert (await reader.ask("POST", f"/api/files?room={tus.room}&filename=a", b"x")).status == 403
    assert await site.value("SELECT count(*) FROM uploads") == 0


async def test_who_was_removed_meanwhile_gets_no_file(
    site: Site, tus: Tus, files: Callable[[], set[str]]
) -> None:
    bob, token = await tus.api.running.admit("Bob")
    await site.do(site.ada.id, "project.set_member", project_id=site.room, member_id=bob.id, role="editor")
    theirs = Tus(tus.api, token, tus.room)
    address = await theirs.begin(10)
    await theirs.patch(address, 0, b"12345")
    await site.do(site.ada.id, "project.remove_member", project_id=site.room, member_id=bob.id)
    assert (await theirs.patch(address, 5, b"67890")).status == 404
    assert files() == set()


async def test_a_taken_name_is_refused_so_that_clients_give_up(site: Site, tus: Tus) -> None:
    await tus.upload(b"1", "taken")
    assert (await tus.create(1, "taken", conflict="refuse")).status == 422
    address = await tus.begin(1, "free", conflict="refuse")
    await tus.upload(b"2", "free")
    answer = await tus.patch(address, 0, b"3")
    assert (answer.status, answer.code) == (422, ErrorCode.CONFLICT)


async def test_the_same_content_is_kept_once(site: Site, tus: Tus, files: Callable[[], set[str]]) -> None:
    first, second = await tus.upload(DATA, "one"), await tus.upload(DATA, "two")
    assert first != second
    assert await site.value("SELECT refs FROM blobs") == 2
    assert len([path for path in files() if "previews" not in path]) == 1
    assert await tus.download(second) == DATA


async def test_the_same_content_sent_at_once_is_kept_once(
    site: Site, tus: Tus, files: Callable[[], set[str]]
) -> None:
    sent = await asyncio.gather(*(tus.upload(DATA, f"copy-{number}") for number in range(8)))
    assert await site.value("SELECT refs FROM blobs") == 8
    await until(lambda: len(files()) == 1)
    for file_id in sent:
        assert await tus.download(file_id) == DATA


async def test_an_upload_ends_with_its_time(site: Site, tus: Tus, files: Callable[[], set[str]]) -> None:
    address = await tus.begin(10)
    await tus.patch(address, 0, b"12345")
    # Just now: the node's first round of cleaning, which may be under way, leaves that to the next.
    await site.value("UPDATE uploads SET expires_at = clock_timestamp()")
    for answer in (await tus.ask("HEAD", address), await tus.patch(address, 5, b"67890")):
        assert answer.status == 410
    assert len(files()) == 1


async def test_what_was_interrupted_when_it_was_whole_is_finished_by_the_next_request(
    site: Site, tus: Tus, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise OSError("the disk is gone")

    address = await tus.begin(len(DATA))
    with monkeypatch.context() as broken:
        broken.setattr("persistence.staging.FolderStaging.place", fail)
        assert (await tus.patch(address, 0, DATA)).status == 503
    answer = await tus.ask("HEAD", address)
    assert answer.headers["Upload-Offset"] == str(len(DATA))
    assert await tus.download(answer.headers["YMERA-File"]) == DATA
    assert (await tus.ask("HEAD", address)).headers["YMERA-File"] == answer.headers["YMERA-File"]


async def test_a_disk_that_is_full_is_told_and_what_was_written_stays(
    tus: Tus, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.pwrite

    def full(descriptor: int, piece: bytes, offset: int) -> int:
        if offset > 0:
            raise OSError(28, "No space left on device")
        return write(descriptor, piece, offset)

    address = await tus.begin(2 * len(DATA))
    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", full)
        answer = await tus.patch(address, 0, _slowly(DATA + DATA))
    assert (answer.status, answer.code) == (503, ErrorCode.UNAVAILABLE)
    offset = await tus.offset(address)
    answer = await tus.patch(address, offset, _slowly((DATA + DATA)[offset:]))
    assert await tus.download(answer.headers["YMERA-File"]) == DATA + DATA


async def _slowly(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), 100_000):
        yield data[start : start + 100_000]


async def test_a_client_that_falls_silent_is_dropped_and_what_came_stays(
    tus: Tus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "IDLE_SECONDS", 0.1)
    monkeypatch.setattr(receiving, "TICK_SECONDS", 0.1)
    dropped = asyncio.Event()

    async def silent() -> AsyncIterator[bytes]:
        yield b"12345"
        await dropped.wait()

    address = await tus.begin(10)
    answer: Answer = await tus.patch(address, 0, silent())
    dropped.set()
    assert (answer.status, answer.code) == (408, ErrorCode.DEADLINE_EXCEEDED)
    assert await tus.offset(address) == 5


async def test_what_came_before_the_client_died_stays(site: Site, tus: Tus) -> None:
    address = await tus.begin(len(DATA))

    async def dying() -> AsyncIterator[bytes]:
        yield DATA[:400_000]
        await until(lambda: _received(site, 400_000))
        raise ConnectionAbortedError

    with pytest.raises((aiohttp.ClientError, ConnectionError)):
        await tus.patch(address, 0, dying())
    assert await tus.offset(address) >= 400_000


async def _received(site: Site, count: int) -> bool:
    return bool(await site.value("SELECT received >= $1 FROM uploads", count))


async def test_only_so_many_requests_are_taken_in_at_once(tus: Tus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "MAX_RECEIVING", 0)
    address = await tus.begin(5)
    answer = await tus.patch(address, 0, b"12345")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")


async def test_a_large_upload_is_composed_in_the_bucket(site: Site, s3: str) -> None:
    tus = await site.start(**await bucket(s3))
    data = random.Random(8).randbytes(18_000_000)
    address = await tus.begin(len(data), sha256=hashlib.sha256(data).hexdigest())
    assert (await tus.patch(address, 0, _slowly(data[:9_000_000]))).status == 204
    answer = await tus.patch(address, 9_000_000, _slowly(data[9_000_000:]))
    assert answer.status == 204, answer
    assert await tus.download(answer.headers["YMERA-File"]) == data
