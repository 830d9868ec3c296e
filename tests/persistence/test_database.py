"""What connections to PostgreSQL are like."""

from functools import partial

import asyncpg
import pytest

from persistence.database import UNREACHABLE, connect_pool


async def test_the_locks_of_who_is_frozen_in_a_transaction_are_let_go(dsn: str) -> None:
    async with await connect_pool(dsn, size=2) as pool, pool.acquire() as frozen:
        assert await pool.fetchval("SHOW idle_in_transaction_session_timeout") == "30s"
        transaction = frozen.transaction()
        await transaction.start()
        await frozen.execute("SET LOCAL idle_in_transaction_session_timeout = '50ms'")
        await frozen.execute("SELECT pg_advisory_xact_lock(1)")
        # Waits for the lock, and only gets it once PostgreSQL has ended what holds it.
        await pool.execute("SELECT pg_advisory_lock(1)", timeout=10)
        # Whether the connection has noticed is a matter of moments.
        with pytest.raises((*UNREACHABLE, asyncpg.InternalClientError)):
            await frozen.execute("SELECT 1")


async def test_what_arrays_are_made_of_is_asked_on_one_connection_alone(dsn: str) -> None:
    ids = ["0197c8a0-0000-7000-8000-000000000001"]
    asked: list[str] = []
    for _ in range(2):
        asked.clear()
        observe = partial(_keep_name, asked)
        async with await connect_pool(dsn, size=1, on_query=observe) as pool:
            assert await pool.fetchval("-- ids\nSELECT $1::uuid[]", ids) == ids
            assert await pool.fetchval("-- number\nSELECT 1") == 1
    assert asked == ["ids", "number"]


def _keep_name(asked: list[str], name: str, seconds: float, error: BaseException | None) -> None:
    asked.append(name)
