"""A workspace with people in it, on a database of its own."""

from collections.abc import AsyncIterator

import pytest

from tests.world import World, populated


@pytest.fixture
async def world(dsn: str) -> AsyncIterator[World]:
    async with populated(dsn) as made:
        yield made
