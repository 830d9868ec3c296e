"""Uploads over several nodes: one request at a time, and none that waits for the dead."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from persistence import staging
from server import turns
from tests.nodes import until
from tests.server.files.conftest import Site, bucket
from tests.server.files.tus import Tus

DATA = random.Random(2).randbytes(900_000)


@pytest.fixture(params=["folder", "bucket"])
async def pair(
    request: pytest.FixtureRequest, site: Site, s3: str, monkeypatch: pytest.MonkeyPatch
) -> tuple[Tus, Tus]:
    """Ada at two nodes, on either store."""
    monkeypatch.setattr(staging, "PART", 100_000)
    settings = await bucket(s3) if request.param == "bucket" else {}
    return await site.start(**settings), await site.start(**settings)


async def test_an_upload_goes_on_at_another_node(pair: tuple[Tus, Tus]) -> None:
    here, there = pair
    address = await here.begin(len(DATA))
    assert (await here.patch(address, 0, DATA[:100_000])).status == 204
    assert await there.offset(address) == 100_000
    assert (await there.patch(address, 100_000, DATA[100_000:500_000])).status == 204
    answer = await here.patch(address, 500_000, DATA[500_000:])
    file_id = answer.headers["YMERA-File"]
    assert await there.download(file_id) == DATA
    assert (await there.ask("HEAD", address)).headers["YMERA-File"] == file_id


async def test_a_stale_request_lets_go_when_the_client_comes_back(site: Site, pair: tuple[Tus, Tus]) -> None:
    here, there = pair
    address = await here.begin(len(DATA))
    over = asyncio.Event()

    async def stalled() -> AsyncIterator[bytes]:
        yield DATA[:300_000]
        await over.wait()

    async def kept() -> bool:
        return bool(await site.value("SELECT received > 0 FROM uploads"))

    stale = asyncio.create_task(here.patch(address, 0, stalled()))
    await until(kept)
    offset = await there.offset(address)
    assert 0 < offset <= 300_000
    answer = await there.patch(address, offset, DATA[offset:])
    assert await there.download(answer.headers["YMERA-File"]) == DATA
    over.set()
    assert (await stale).status == 423


async def test_a_turn_whose_node_died_ends_by_itself(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    tus = await site.start()
    address = await tus.begin(10)
    await site.value(
        "UPDATE uploads SET lock_id = gen_random_uuid(), lock_until = clock_timestamp() + interval '2 s'"
    )
    assert (await tus.patch(address, 0, b"1234567890")).status == 204


async def test_who_does_not_let_go_is_waited_for_only_so_long(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.3)
    tus = await site.start()
    address = await tus.begin(10)
    await site.value(
        "UPDATE uploads SET lock_id = gen_random_uuid(), lock_until = clock_timestamp() + interval '1 hour'"
    )
    for answer in (await tus.ask("HEAD", address), await tus.patch(address, 0, b"1234567890")):
        assert answer.status == 423
    assert await site.value("SELECT wanted FROM uploads")
    assert await site.value("SELECT received FROM uploads") == 0


async def test_who_has_lost_the_turn_moves_nothing(site: Site) -> None:
    tus = await site.start()
    address = await tus.begin(len(DATA))

    async def robbed() -> AsyncIterator[bytes]:
        yield DATA[:300_000]
        await until(lambda: _locked(site))
        await site.value("UPDATE uploads SET lock_id = gen_random_uuid()")
        yield DATA[300_000:]

    assert (await tus.patch(address, 0, robbed())).status == 423
    assert await site.value("SELECT file_id FROM uploads") is None
    await site.value("UPDATE uploads SET lock_until = clock_timestamp()")
    offset = await tus.offset(address)
    assert offset < len(DATA)
    answer = await tus.patch(address, offset, DATA[offset:])
    assert await tus.download(answer.headers["YMERA-File"]) == DATA


async def _locked(site: Site) -> bool:
    return bool(await site.value("SELECT lock_until > clock_timestamp() FROM uploads"))
