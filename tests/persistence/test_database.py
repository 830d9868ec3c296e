"""What connections to PostgreSQL are like."""

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
