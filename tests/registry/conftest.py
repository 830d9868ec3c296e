"""One stage, set up once and copied for each test that changes it."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from persistence.database import connect_pool
from tests.registry.stage import Stage
from tests.servers import database, template
from tests.world import populated


@pytest.fixture(scope="session")
def built(postgres: str, migrated: str) -> Iterator[tuple[str, Stage]]:
    """Name of a database that nothing is connected to, and the stage in it."""

    async def build(dsn: str) -> Stage:
        async with populated(dsn) as world:
            stage = Stage(world)
            await stage.build()
            return stage

    with template(postgres, migrated, build) as found:
        yield found


@pytest.fixture
async def stage(postgres: str, built: tuple[str, Stage]) -> AsyncIterator[Stage]:
    """The stage on a copy that belongs to the test alone."""
    name, stage = built
    async with database(postgres, template=name) as dsn:
        pool = await connect_pool(dsn, size=3)
        try:
            yield replace(stage, world=replace(stage.world, pool=pool, published=[]))
        finally:
            await pool.close()
