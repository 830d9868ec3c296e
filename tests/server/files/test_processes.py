"""Whole servers as processes: their memory stays flat, and being killed costs nothing but time."""

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from tests.api import Api
from tests.faults.stage import Node
from tests.nodes import until
from tests.server.files.conftest import Site
from tests.server.files.tus import Tus

MIB = 1024 * 1024
LARGE = 1024 * MIB
FLAT = 64 * MIB
"""By how much a server may grow, whatever goes through it; a buffered file would be 16 times that."""


@pytest.fixture
async def process(site: Site, dsn: str, tmp_path: Path) -> AsyncIterator[tuple[Node, Tus]]:
    """A server of its own on the database and the store of a node, and Ada at it."""
    tus = await site.start()
    settings = tus.api.running.node.settings
    node = Node(
        tmp_path / "log",
        {
            "YMERA_DATABASE_URL": dsn,
            "YMERA_DATA_DIR": str(settings.data_dir),
            "YMERA_ANALYSIS_WORKERS": "0",
        },
    )
    await node.start()
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession(node.url))
        yield node, replace(tus, api=Api(tus.api.running, session))
    node.kill()


async def zeros(count: int) -> AsyncIterator[bytes]:
    block = bytes(MIB)
    for _ in range(count // MIB):
        yield block


class Peak:
    """The most memory that a server has for the length of a block."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.bytes = 0

    async def __aenter__(self) -> "Peak":
        self._watching = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._watching.cancel()

    async def _watch(self) -> None:
        while True:
            self.bytes = max(self.bytes, self.node.memory())
            await asyncio.sleep(0.05)


async def drained(tus: Tus, file_id: str) -> str:
    """The digest of a file that is downloaded."""
    digest = hashlib.sha256()
    headers = {"Authorization": f"Bearer {tus.token}"}
    async with tus.api.session.get(f"/api/files/{file_id}/content", headers=headers) as answer:
        async for piece in answer.content.iter_any():
            digest.update(piece)
    return digest.hexdigest()


async def test_memory_stays_flat_whatever_the_size(process: tuple[Node, Tus]) -> None:
    node, tus = process
    await drained(tus, await sent(tus, 64 * MIB))
    before = node.memory()
    async with Peak(node) as peak:
        file_id = await sent(tus, LARGE)
        expected = hashlib.sha256()
        for _ in range(LARGE // MIB):
            expected.update(bytes(MIB))
        assert await drained(tus, file_id) == expected.hexdigest()
    assert 0 < peak.bytes < before + FLAT


async def sent(tus: Tus, count: int) -> str:
    """The id of a file of so many zeros."""
    address = await tus.begin(count)
    answer = await tus.patch(address, 0, zeros(count))
    assert answer.status == 204, answer
    return answer.headers["YMERA-File"]


async def test_a_server_that_is_killed_again_and_again_loses_no_upload(
    site: Site, process: tuple[Node, Tus]
) -> None:
    node, tus = process
    data = random.Random(6).randbytes(48 * MIB)
    chance = random.Random(7)
    address = await tus.begin(len(data), sha256=hashlib.sha256(data).hexdigest())
    deaths, offsets, file_id = 0, [-1], ""
    while not file_id:
        try:
            head = await tus.ask("HEAD", address)
            assert head.status == 200, head
            offsets.append(int(head.headers["Upload-Offset"]))
            fatal = offsets[-1] + chance.randrange(1, 12) * MIB if deaths < 3 else len(data)
            answer = await tus.patch(address, offsets[-1], dying(site, node, data, offsets[-1], fatal))
            file_id = answer.headers["YMERA-File"]
        except aiohttp.ClientError:
            deaths += 1
            await node.start()
    assert deaths == 3
    assert offsets == sorted(set(offsets))
    assert await drained(tus, file_id) == hashlib.sha256(data).hexdigest()


async def dying(site: Site, node: Node, data: bytes, offset: int, fatal: int) -> AsyncIterator[bytes]:
    """Bytes from an offset on, and the server's death with `fatal` of them, once some of those were kept."""

    async def kept() -> bool:
        return bool(await site.value("SELECT received > $1 FROM uploads", offset))

    for start in range(offset, len(data), MIB):
        if start >= fatal:
            await until(kept)
            node.kill()
        yield data[start : start + MIB]
