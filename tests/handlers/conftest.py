"""A workspace with people in it, on a database of its own."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from persistence.database import connect_pool
from persistence.ids import new_id
from tests.world import World, populated

__all__ = ["World"]


@pytest.fixture
async def world(dsn: str) -> AsyncIterator[World]:
    async with populated(dsn) as made:
        yield made


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
