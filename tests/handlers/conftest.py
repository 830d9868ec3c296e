"""A workspace with people in it, on a database of its own: they are let in once, and copied."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from persistence.database import connect_pool
from persistence.ids import new_id
from tests.servers import database, template
from tests.world import World, populated

__all__ = ["World"]


@pytest.fixture(scope="session")
def settled(postgres: str, migrated: str) -> Iterator[tuple[str, World]]:
    """Name of a database that nothing is connected to, and the world in it."""

    async def settle(dsn: str) -> World:
        async with populated(dsn) as made:
            return made

    with template(postgres, migrated, settle) as found:
        yield found


@pytest.fixture
async def dsn(postgres: str, settled: tuple[str, World]) -> AsyncIterator[str]:
    """DSN of a database with the people in it that belongs to the test alone."""
    async with database(postgres, template=settled[0]) as own:
        yield own


@pytest.fixture
async def world(dsn: str, settled: tuple[str, World]) -> AsyncIterator[World]:
    pool = await connect_pool(dsn, size=5)
    try:
        yield replace(settled[1], pool=pool, published=[], told=[])
    finally:
        await pool.close()


@pytest.fixture
def fresh_id() -> str:
    """An id that nothing has."""
    return new_id()


@pytest.fixture
async def sibling(dsn: str, world: World) -> AsyncIterator[World]:
    """The same world as another node sees it, on connections of its own."""
    pool = await connect_pool(dsn, size=3)
    try:
        yield replace(world, pool=pool, published=[])
    finally:
        await pool.close()


@pytest.fixture
async def project(world: World) -> str:
    """A project that Alice manages, Bob changes and the guest looks at."""
    made = await world.run(world.alice, "project.create", name="Works")
    for member, role in ((world.bob, "editor"), (world.guest, "viewer")):
        named = {"project_id": made["id"], "member_id": member.id, "role": role}
        await world.run(world.alice, "project.set_member", **named)
    world.published.clear()
    return str(made["id"])
