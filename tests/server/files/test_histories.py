"""Whatever happens on its way, an upload ends as what was sent.

Histories of requests to two nodes: pieces of any size, wrong offsets, wrong checksums, connections that
break off, two requests at once, nodes that die after bytes were staged and before the offset moved. What the
server has confirmed never gets less, and the file has the right digest.
"""

import asyncio
import hashlib
import os
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from persistence import staging
from persistence.storage import Bucket, Credentials, Storage
from server import receiving
from tests.nodes import NodeStarter
from tests.server.files.conftest import Site, bucket
from tests.server.files.tus import Tus, checksum
from tests.servers import database

EXAMPLES = int(os.environ.get("YMERA_PROPERTY_EXAMPLES", "10"))
SIZE = 60_000
WAYS = ["plain", "verified", "corrupt", "misplaced", "too much", "broken off", "twice", "died", "look"]
steps = st.lists(
    st.tuples(st.sampled_from(WAYS), st.integers(0, 1), st.integers(0, SIZE // 2)), min_size=1, max_size=12
)


@dataclass
class History:
    """One upload, by Ada at either node, and what of it was confirmed."""

    at: tuple[Tus, Tus]
    store: Storage
    data: bytes
    address: str
    confirmed: int = 0
    done: bool = False

    async def take(self, way: str, where: int, size: int) -> None:
        """Do one step; how it ends must be as tus says."""
        tus, piece = self.at[where], self.data[self.confirmed : self.confirmed + size]
        match way:
            case "plain":
                await self._expect(204, await tus.patch(self.address, self.confirmed, piece), len(piece))
            case "verified":
                proof = checksum("sha256", piece)
                answer = await tus.patch(self.address, self.confirmed, piece, Upload_Checksum=proof)
                await self._expect(204, answer, len(piece))
            case "corrupt" if not self.done:
                proof = checksum("sha1", piece + b"x")
                answer = await tus.patch(self.address, self.confirmed, piece, Upload_Checksum=proof)
                await self._expect(460, answer)
            case "misplaced":
                wrong = self.confirmed + 1 if size % 2 or not self.confirmed else self.confirmed - 1
                await self._expect(409, await tus.patch(self.address, wrong, b"x" * size))
            case "too much" if not self.done:
                much = b"x" * (SIZE - self.confirmed + 1)
                await self._expect(413, await tus.patch(self.address, self.confirmed, much))
            case "broken off":
                await self._break_off(tus, piece)
            case "twice":
                await self._twice(piece)
            case "died":
                await self._die(size)
        offset = await self.at[1 - where].offset(self.address)
        assert self.confirmed <= offset <= SIZE
        self._confirm(offset)

    async def _expect(self, status: int, answer: Any, moved: int = 0) -> None:
        assert answer.status == status, answer
        if status == 204:
            assert int(answer.headers["Upload-Offset"]) == self.confirmed + moved
            self._confirm(self.confirmed + moved)

    def _confirm(self, offset: int) -> None:
        self.confirmed, self.done = offset, offset == SIZE

    async def _break_off(self, tus: Tus, piece: bytes) -> None:
        async def broken() -> AsyncIterator[bytes]:
            yield piece[: len(piece) // 2]
            raise ConnectionAbortedError

        with suppress(aiohttp.ClientError, ConnectionError):
            await tus.patch(self.address, self.confirmed, broken())

    async def _twice(self, piece: bytes) -> None:
        answers = await asyncio.gather(*(tus.patch(self.address, self.confirmed, piece) for tus in self.at))
        statuses = {answer.status for answer in answers}
        # One of them has moved the offset before the other's turn, or has nothing to move; or had to let go.
        assert statuses <= {204, 409, 423}, answers
        assert len(piece) == 0 or statuses != {204}

    async def _die(self, size: int) -> None:
        """Leave what a node leaves that dies between staging bytes and moving the offset."""
        if self.done:
            return
        writer = await self.store.staging.open(self.address.rpartition("/")[2], self.confirmed)
        await writer.write(b"?" * size)
        await writer.settle(everything=True)
        await writer.close()


@pytest.fixture(params=["folder", "bucket"])
def stage(
    request: pytest.FixtureRequest,
    postgres: str,
    migrated: str,
    s3: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[tuple[asyncio.Runner, tuple[Tus, Tus], Storage]]:
    """Ada at two nodes that stage little parts, in a loop that all histories share."""
    monkeypatch.setattr(staging, "PART", 5_000)
    monkeypatch.setattr(receiving, "PIECE", 2_000)
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()

        async def made() -> tuple[tuple[Tus, Tus], Storage]:
            dsn = await stack.enter_async_context(database(postgres, template=migrated))
            starter = await stack.enter_async_context(NodeStarter(dsn, tmp_path))
            site = Site(starter, stack)
            if request.param == "folder":
                return (await site.start(), await site.start()), Storage.in_folder(tmp_path / "files")
            settings = await bucket(s3)
            place = Bucket.parse(settings["storage_url"])
            store = Storage.in_bucket(place, Credentials("key", "secret"))
            return (await site.start(**settings), await site.start(**settings)), store

        pair, store = runner.run(made())
        yield runner, pair, store
        runner.run(stack.aclose())


def test_an_upload_ends_as_what_was_sent(stage: tuple[asyncio.Runner, tuple[Tus, Tus], Storage]) -> None:
    runner, pair, store = stage

    async def lived(steps: list[tuple[str, int, int]], seed: int) -> None:
        data = random.Random(seed).randbytes(SIZE)
        address = await pair[0].begin(SIZE, sha256=hashlib.sha256(data).hexdigest())
        history = History(pair, store, data, address)
        for way, where, size in steps:
            await history.take(way, where, size)
        if not history.done:
            await history.take("plain", 0, SIZE)
        head = await pair[1].ask("HEAD", address)
        assert await pair[1].download(head.headers["YMERA-File"]) == data

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(steps=steps, seed=st.integers(0, 2**32))
    def all_histories(steps: list[tuple[str, int, int]], seed: int) -> None:
        runner.run(lived(steps, seed))

    all_histories()
