"""Units: deferred writes are seen by what follows, in order, and cost one round trip together."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from persistence.database import connect_pool
from persistence.unit import Unit

PUT = "-- test.put\nINSERT INTO things (id, note) VALUES ($1, $2)"
MARK = "-- test.mark\nUPDATE things SET note = note || $2 WHERE id = $1"
ALL = "-- test.all\nSELECT id, note FROM things ORDER BY id"


@pytest.fixture
async def statements() -> list[str]:
    return []


@pytest.fixture
async def connection(dsn: str, statements: list[str]) -> AsyncIterator[asyncpg.Connection]:
    pool = await connect_pool(dsn, size=1, on_query=lambda name, _, __: statements.append(name))
    async with pool.acquire() as connection:
        await connection.execute("CREATE TEMPORARY TABLE things (id int PRIMARY KEY, note text)")
        await asyncio.sleep(0)
        statements.clear()
        yield connection
    await pool.close()


async def test_what_follows_sees_what_was_deferred(connection: asyncpg.Connection) -> None:
    unit = Unit(connection)
    unit.defer(PUT, 1, "a")
    assert [tuple(row) for row in await unit.fetch(ALL)] == [(1, "a")]
    unit.defer(PUT, 2, "b")
    assert (await unit.fetchrow("SELECT count(*) FROM things"))[0] == 2
    unit.defer(PUT, 3, "c")
    assert await unit.fetchval("SELECT count(*) FROM things") == 3
    unit.defer(PUT, 4, "d")
    await unit.execute("UPDATE things SET note = 'e' WHERE id = 4")
    assert await unit.fetchval("SELECT note FROM things WHERE id = 4") == "e"


async def test_the_same_write_many_times_is_sent_once_and_in_order(
    connection: asyncpg.Connection, statements: list[str]
) -> None:
    unit = Unit(connection)
    for number in range(5):
        unit.defer(PUT, number, "")
    for number in (0, 1):
        unit.defer(MARK, number, "x")
    unit.defer(PUT, 9, "")
    unit.defer(MARK, 9, "y")
    assert statements == []
    rows = await unit.fetch(ALL)
    await asyncio.sleep(0)  # asyncpg reports a statement in the loop's next round
    assert statements == ["test.put", "test.mark", "test.put", "test.mark", "test.all"]
    assert [row["note"] for row in rows] == ["x", "x", "", "", "", "y"]


async def test_what_was_deferred_fails_where_it_is_sent(connection: asyncpg.Connection) -> None:
    unit = Unit(connection)
    unit.defer(PUT, 1, "a")
    unit.defer(PUT, 1, "b")
    with pytest.raises(asyncpg.UniqueViolationError, match="things_pkey"):
        await unit.flush()
    await unit.flush()
    assert await unit.fetch(ALL) == []
