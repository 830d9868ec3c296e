"""What a token that is limited to reading does with uploads: it looks at them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from persistence import tokens
from persistence.database import clock
from protocol.errors import ErrorCode
from protocol.registry import Scope
from tests.server.files.conftest import Site
from tests.server.files.tus import UPLOADS, Tus


@pytest.fixture
async def reader(site: Site, tus: Tus) -> Tus:
    """Ada, with a token that is limited to reading."""
    async with site.nodes[0].node.pool.acquire() as tx:
        now = await clock(tx)
        _, secret = await tokens.issue(
            tx, site.ada.id, name="reader", scope=Scope.READ, now=now, expires_at=now + timedelta(days=1)
        )
    return replace(tus, token=secret)


async def test_it_begins_nothing(reader: Tus) -> None:
    assert (await reader.create(1)).code is ErrorCode.FORBIDDEN
    answer = await reader.ask("POST", UPLOADS, Upload_Length=1, Upload_Concat="partial")
    assert answer.code is ErrorCode.FORBIDDEN
    answer = await reader.ask("POST", f"/api/files?room={reader.room}&filename=a", b"x")
    assert answer.code is ErrorCode.FORBIDDEN


async def test_it_neither_goes_on_with_an_upload_nor_ends_it(tus: Tus, reader: Tus) -> None:
    address = await tus.begin(4)
    answer = await reader.patch(address, 0, b"moon")
    assert (answer.status, answer.code) == (403, ErrorCode.FORBIDDEN)
    answer = await reader.ask("DELETE", address)
    assert (answer.status, answer.code) == (403, ErrorCode.FORBIDDEN)
    assert await reader.offset(address) == 0
    assert await tus.offset(address) == 0


async def test_it_finishes_nothing_by_looking(site: Site, tus: Tus, reader: Tus) -> None:
    address = await tus.begin(0)
    # As a server leaves it that is killed before the last step.
    await site.value("DELETE FROM files")
    await site.value("UPDATE uploads SET file_id = NULL")
    assert "YMERA-File" not in (await reader.ask("HEAD", address)).headers
    assert await site.value("SELECT count(*) FROM files") == 0
    assert "YMERA-File" in (await tus.ask("HEAD", address)).headers
