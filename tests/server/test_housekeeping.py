"""The rounds of a node's housekeeping: whatever fails in one, the next is made."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from persistence import garbage
from persistence.storage import Storage
from protocol.errors import ApiError, ErrorCode
from server import housekeeping
from server.housekeeping import Housekeeping
from tests.handlers.conftest import world
from tests.nodes import until
from tests.world import World

__all__ = ["world"]


@pytest.mark.parametrize(
    ("place", "error"),
    [
        ("clock", asyncpg.CannotConnectNowError("starting")),
        ("prune", ApiError(ErrorCode.UNAVAILABLE, "Too many changes at once; try again.")),
        ("prune", AssertionError("a fault of ours")),
    ],
)
async def test_a_round_that_fails_is_followed_by_another(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, error: Exception
) -> None:
    rounds = []

    async def fails(*_: Any) -> None:
        rounds.append(place)
        raise error

    collected = asyncio.Event()

    async def collect(*_: Any) -> None:
        collected.set()

    monkeypatch.setattr(housekeeping, "EVERY_SECONDS", 0.0)
    monkeypatch.setattr(garbage, "collect", collect)
    monkeypatch.setattr("server.housekeeping." + {"clock": "clock", "prune": "commands.prune"}[place], fails)
    async with _running(world, tmp_path):
        await until(lambda: len(rounds) >= 2)
        if place == "prune":
            async with asyncio.timeout(5):
                await collected.wait()


@asynccontextmanager
async def _running(world: World, folder: Path) -> AsyncIterator[None]:
    house = Housekeeping(world.pool, world.dispatcher, Storage.in_folder(folder), timedelta(hours=1))
    running = asyncio.create_task(house.run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
