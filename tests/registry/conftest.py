"""One stage, set up once and copied for each test that changes it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import pytest

from persistence.database import connect_pool
from tests.registry.stage import Stage
from tests.servers import database
from tests.world import populated


@dataclass(frozen=True)
class Template:
    """A database that is copied, and the stage that was set up in it."""

    name: str
    stage: Stage


@pytest.fixture(scope="session")
def template(postgres: str, migrated: str) -> Iterator[Template]:
    """The stage on a database of its own, which nobody is connected to."""
    with asyncio.Runner() as runner:
        lifetime = AsyncExitStack()

        async def build() -> Template:
            dsn = await lifetime.enter_async_context(database(postgres, template=migrated))
            async with populated(dsn) as world:
                stage = Stage(world)
                await stage.build()
            return Template(urlsplit(dsn).path.removeprefix("/"), stage)

        try:
            yield runner.run(build())
        finally:
            runner.run(lifetime.aclose())


@pytest.fixture
async def stage(postgres: str, template: Template) -> AsyncIterator[Stage]:
    """The stage on a copy that belongs to the test alone."""
    async with database(postgres, template=template.name) as dsn:
        pool = await connect_pool(dsn, size=3)
        try:
            yield replace(template.stage, world=replace(template.stage.world, pool=pool, published=[]))
        finally:
            await pool.close()
