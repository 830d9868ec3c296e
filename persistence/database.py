"""The connection to PostgreSQL: pool, codecs, names and times of queries, domain errors.

Every statement begins with a comment that names its function (`-- tasks.insert`); that is how
slow queries and metrics are labelled, here and in pg_stat_statements.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

import asyncpg
import msgspec
from asyncpg.connection import LoggedQuery

from protocol.errors import ApiError, ErrorCode, invalid

Connection: TypeAlias = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy
Pool: TypeAlias = asyncpg.Pool
S = TypeVar("S")

OnQuery = Callable[[str, float, BaseException | None], None]
"""Called after each statement with its name, its seconds and its exception."""

DATABASE_FAILURES = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""What the database can fail with, itself or the way to it, for work that is done again later."""

UNREACHABLE = (
    OSError,
    asyncpg.InterfaceError,
    # Of a connection on which PostgreSQL has said that it ends, before it has ended.
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.TooManyConnectionsError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)
"""What is raised while PostgreSQL is away, starting, stopping or full."""

IDLE_SECONDS = 30
"""After which PostgreSQL ends a transaction in which nothing happens, and its locks with it: those of a node
that is frozen or cut off, which all others would wait for."""
STATEMENTS = 800
"""Prepared statements that a connection keeps: all there are, with the variants that lists have."""

TAKEN: dict[str, str] = {
    "members_email_key": "There is already an account with this e-mail address.",
    "tasks_external_id_key": "The project already has a task with this external id.",
    "rooms_channel_name_key": "There is already a public channel with this name.",
    "projects_pkey": "This id is taken; choose another or leave it out.",
    "rooms_pkey": "This id is taken; choose another or leave it out.",
    "runs_pkey": "This id is taken; choose another or leave it out.",
    "tasks_pkey": "This id is taken; choose another or leave it out.",
    "messages_pkey": "This id is taken; choose another or leave it out.",
    "files_name_key": "There is already a file with this name in that folder.",
    "sealed_rooms_room_ref_key": "There is a room with this genesis already; make another.",
    "sealed_invites_pkey": "This id is taken; choose another.",
    "pairings_pkey": "This step was sent already; begin another pairing.",
    "identities_pkey": "This identity is somebody's already.",
    "triggers_pkey": "This id is taken; choose another or leave it out.",
}
"""Unique constraints that callers can run into, and what to tell them."""


async def connect_pool(dsn: str, *, size: int, on_query: OnQuery | None = None, patience: float = 10) -> Pool:
    """A pool of 1 to `size` connections; OSError or asyncpg errors if there is no server."""

    async def init(connection: asyncpg.Connection) -> None:
        await connection.set_type_codec("uuid", schema="pg_catalog", encoder=str, decoder=str, format="text")
        if on_query is not None:
            connection.add_query_logger(_named(on_query))

    return await asyncpg.create_pool(
        dsn,
        min_size=1,
        max_size=size,
        timeout=patience,
        command_timeout=30,
        statement_cache_size=STATEMENTS,
        init=init,
        reset=_nothing_to_reset,
        server_settings={
            "application_name": "ymera",
            "timezone": "UTC",
            # What it reckons of lists that stop early makes it compile them for longer than they take.
            "jit": "off",
            "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
        },
    )


async def _nothing_to_reset(connection: asyncpg.Connection) -> None:
    """No function here leaves anything behind on a connection: no session's setting, lock or listener.

    So the round trip that would clear them is spared; asyncpg itself rolls an open transaction back.
    """


async def reachable(pool: Pool, patience: float) -> float | None:
    """Seconds that a trivial query took, or None if it failed or took over `patience` seconds."""
    started = time.monotonic()
    try:
        async with asyncio.timeout(patience):
            await pool.fetchval("-- database.reachable\nSELECT 1")
    except DATABASE_FAILURES:
        return None
    return time.monotonic() - started


async def fetch_one(tx: Connection, shape: type[S], sql: str, *args: Any) -> S | None:
    """The first row as `shape`, by column name, or None."""
    row = await tx.fetchrow(sql, *args)
    return None if row is None else msgspec.convert(dict(row), shape)


async def fetch_all(tx: Connection, shape: type[S], sql: str, *args: Any) -> list[S]:
    """All rows as `shape`, by column name."""
    return [msgspec.convert(dict(row), shape) for row in await tx.fetch(sql, *args)]


async def clock(tx: Connection) -> datetime:
    """The database's time now: all nodes share this clock."""
    now: datetime = await tx.fetchval("-- database.clock\nSELECT clock_timestamp()")
    return now


async def plan_afresh(tx: Connection) -> None:
    """Plan each statement anew until the transaction ends, for one that fills empty tables."""
    await tx.execute("-- database.plan_afresh\nSET LOCAL plan_cache_mode = force_custom_plan")


def domain_error(error: asyncpg.PostgresError) -> ApiError | None:
    """What a refusal of the database means to the caller, or None if it is a fault of ours."""
    if isinstance(error, asyncpg.CharacterNotInRepertoireError):
        return invalid("A text has the character NUL in it, which cannot be kept; leave it out.", "")
    name = getattr(error, "constraint_name", None)
    if isinstance(error, asyncpg.UniqueViolationError) and name in TAKEN:
        return ApiError(ErrorCode.CONFLICT, TAKEN[name])
    return None


def names(statement: str) -> str:
    """The name in a statement's first line, or its first word."""
    first = statement.lstrip().split("\n", 1)[0]
    return first[3:].strip() if first.startswith("-- ") else first.split(" ", 1)[0].rstrip(";")


def _named(on_query: OnQuery) -> Callable[[LoggedQuery], None]:
    def log(query: LoggedQuery) -> None:
        on_query(names(query.query), query.elapsed, query.exception)

    return log
