"""What connections to PostgreSQL are like."""

import asyncio

import pytest

from persistence.database import DATABASE_FAILURES, UNREACHABLE, connect_pool
from tests.faults.proxy import Proxy

FAREWELL = b"SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0"
ENDING = b"E" + (4 + len(FAREWELL)).to_bytes(4, "big") + FAREWELL
"""What PostgreSQL says before it ends a connection."""


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
        with pytest.raises(UNREACHABLE):
            await frozen.execute("SELECT 1")


@pytest.mark.parametrize("failures", [UNREACHABLE, DATABASE_FAILURES])
async def test_a_connection_that_is_about_to_end_counts_as_none(
    dsn: str, failures: tuple[type[Exception], ...]
) -> None:
    async with Proxy(dsn) as proxy, await connect_pool(proxy.dsn, size=1) as pool:
        assert await pool.fetchval("SELECT 1") == 1
        proxy.tell(ENDING)
        # Until it has been read, which is all that this event loop has to do.
        await asyncio.sleep(0.1)
        with pytest.raises(failures):
            await pool.fetchval("SELECT 1")
        assert await pool.fetchval("SELECT 1") == 1
