"""A node's REST surface, on a single node and with Redis."""

from collections.abc import AsyncIterator

import pytest

from tests.api import Api, client
from tests.nodes import NodeStarter


@pytest.fixture
async def api(node: NodeStarter) -> AsyncIterator[Api]:
    """A client of a node without Redis."""
    async with client(await node()) as made:
        yield made


@pytest.fixture(params=["alone", "with Redis"])
async def any_api(request: pytest.FixtureRequest, node: NodeStarter, redis_url: str) -> AsyncIterator[Api]:
    """A client of a node, once without and once with Redis."""
    settings = {"redis_url": redis_url} if request.param == "with Redis" else {}
    async with client(await node(**settings)) as made:
        yield made
