"""The shape of the database, as numbered steps that only go forward: expand first, contract later.

A step is a pair of files in `versions/`: `0002_words.sql` with the SQL, and `0002_words.py` that names the
step before it and calls `runner.run_script`. A step is applied whole or not at all. Nodes that start together
wait for each other, so each step runs once.
"""

from pathlib import Path

import asyncpg

from persistence.database import DATABASE_FAILURES

FOLDER = Path(__file__).parent
MINIMUM_POSTGRES = 15
# Any fixed number; every node must use the same one.
LOCK_KEY = 0x594D455241
LOCK_WAIT_SECONDS = 300


class MigrationError(Exception):
    """The database cannot be brought to this program's shape; the message says why and how to mend it."""


async def upgrade(dsn: str) -> None:
    """Bring the database to `head()`, waiting up to 5 minutes for another node that is at it.

    Raises `MigrationError` for a server that is too old or a database of a newer program.
    """
    lock = await _connect(dsn)
    try:
        version = lock.get_server_version()
        if version.major < MINIMUM_POSTGRES:
            raise MigrationError(
                f"PostgreSQL {version.major} is too old; {MINIMUM_POSTGRES} or newer is needed"
            )
        await lock.execute(f"SET lock_timeout = '{LOCK_WAIT_SECONDS}s'")
        # Held by a connection of its own, since a step may commit in the middle.
        await lock.execute("SELECT pg_advisory_lock($1)", LOCK_KEY)
        applied = await _applied(lock)
        if applied == head():
            return
        _refuse_newer(applied)
        # Here, so that only who has steps to run waits for their runner to be imported.
        from persistence.migrations import runner  # noqa: PLC0415

        await runner.run(dsn, FOLDER)
    except asyncpg.LockNotAvailableError:
        raise MigrationError(
            f"another node has been migrating this database for more than {LOCK_WAIT_SECONDS} seconds"
        ) from None
    finally:
        await lock.close()


async def current(dsn: str) -> str | None:
    """Return the last step applied to the database, or None for an empty one."""
    connection = await _connect(dsn)
    try:
        return await _applied(connection)
    finally:
        await connection.close()


def head() -> str:
    """Return the last step this program knows."""
    steps = _steps()
    if not steps:
        raise MigrationError("this installation has no migrations; install it again")
    return steps[-1]


def is_known(step: str) -> bool:
    """Tell whether this program has the step."""
    return step in _steps()


def _steps() -> list[str]:
    """Return the steps in their order, as their files are named."""
    return sorted(path.name.partition("_")[0] for path in (FOLDER / "versions").glob("*.sql"))


async def _connect(dsn: str) -> asyncpg.Connection:
    try:
        return await asyncpg.connect(dsn)
    except DATABASE_FAILURES as error:
        raise MigrationError(f"cannot connect to PostgreSQL: {str(error) or 'no answer in time'}") from error


async def _applied(connection: asyncpg.Connection) -> str | None:
    if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
        return None
    applied: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    return applied


def _refuse_newer(applied: str | None) -> None:
    if applied is not None and not is_known(applied):
        raise MigrationError(
            f"the database is at step {applied}, which this program does not know (its last is {head()}); "
            "it was migrated by a newer version: run that one"
        )
