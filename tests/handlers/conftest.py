"""A workspace with people in it, on a database of its own."""

from collections.abc import AsyncIterator

import pytest

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
