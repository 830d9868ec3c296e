"""The rounds of a node's housekeeping: whatever fails in one, the next is made."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from persistence import garbage
from persistence.storage import Storage
from protocol.errors import ApiError, ErrorCode
from server import housekeeping
from server.housekeeping import Housekeeping
from tests import filing
from tests.handlers.conftest import dsn, settled, world
from tests.nodes import until
from tests.world import World

__all__ = ["dsn", "settled", "world"]


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


async def test_files_of_a_project_go_in_steps_before_it(world: World, tmp_path: Path) -> None:
    await world.pool.execute(
        """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE 'with its room, all at once'; END $$;
        CREATE TRIGGER refuse BEFORE DELETE ON files FOR EACH ROW
            WHEN (pg_trigger_depth() > 0) EXECUTE FUNCTION refuse()
        """
    )
    projects = [await world.run(world.alice, "project.create", name=name) for name in ("Apollo", "Gemini")]
    for number in range(3):
        for made in projects:
            await filing.put(world, world.alice, made["id"], f"{number}.md", str(number))
    await world.run(world.alice, "project.delete", project_id=projects[0]["id"])
    house = _house(world, tmp_path)
    await house.round()
    assert await world.pool.fetchval("SELECT count(*) FROM files") == 6
    await world.pool.execute("UPDATE projects SET purge_at = now() WHERE purge_at IS NOT NULL")
    await house.round()
    left = await world.pool.fetch("SELECT DISTINCT room_id FROM files")
    assert [row["room_id"] for row in left] == [projects[1]["id"]]
    await world.refused(ErrorCode.NOT_FOUND, world.alice, "project.get", project_id=projects[0]["id"])


async def test_a_file_that_cannot_be_removed_keeps_no_other_in_the_trash(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "REMOVED_AT_ONCE", 1)
    room = (await world.run(world.alice, "project.create", name="Apollo"))["id"]
    made = [await filing.put(world, world.alice, room, f"{name}.md", name) for name in "abcde"]
    for file in made:
        await world.run(world.alice, "file.delete", file_id=file.id)
    await world.pool.execute("UPDATE files SET purge_at = now()")
    await world.pool.execute(
        f"""
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
        CREATE TRIGGER refuse BEFORE DELETE ON files FOR EACH ROW
            WHEN (OLD.id = '{made[0].id}') EXECUTE FUNCTION refuse()
        """
    )
    await _house(world, tmp_path).round()
    assert [row["id"] for row in await world.pool.fetch("SELECT id FROM files")] == [made[0].id]


async def test_no_room_is_locked_for_a_file_of_which_nothing_is_to_go(world: World, tmp_path: Path) -> None:
    room = (await world.run(world.alice, "project.create", name="Apollo"))["id"]
    file = await filing.put(world, world.alice, room, "a.md", "1")
    for number in range(2, 5):
        await filing.put(world, world.alice, room, "a.md", str(number), file_id=file.id)
    await world.pool.execute("UPDATE file_versions SET created_at = now() - number * interval '40 days'")
    async with world.pool.acquire() as tx, tx.transaction():
        await tx.execute("SELECT FROM rooms FOR UPDATE")
        async with asyncio.timeout(5):
            await _house(world, tmp_path)._thin_out(datetime(2000, 1, 1, tzinfo=UTC))


def _house(world: World, folder: Path) -> Housekeeping:
    return Housekeeping(world.pool, world.dispatcher, Storage.in_folder(folder), timedelta(hours=1))


@asynccontextmanager
async def _running(world: World, folder: Path) -> AsyncIterator[None]:
    running = asyncio.create_task(_house(world, folder).run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
