"""Runs steps with Alembic.

Apart from what looks whether there are any, since Alembic takes as long to import as the rest of the server.
"""

from pathlib import Path

import asyncpg
from alembic import command, op
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool


async def run(dsn: str, folder: Path) -> None:
    """Run the steps in `folder` that the database does not have yet."""
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(dsn), poolclass=NullPool
    )
    async with engine.connect() as connection:
        await connection.run_sync(_upgrade, folder)
    await engine.dispose()


def run_script(step: str) -> None:
    """Execute the SQL beside the migration file `step`, inside its transaction."""
    script = Path(step).with_suffix(".sql").read_text(encoding="utf-8")
    # The driver's own execute takes many statements at once; SQLAlchemy prepares, which takes only one.
    adapted = op.get_bind().connection.dbapi_connection
    assert adapted is not None
    adapted.run_async(lambda connection: connection.execute(script))


def _upgrade(connection: Connection, folder: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
