"""A project of Alice's on a real server, with agents that she has registered."""

from collections.abc import AsyncIterator

import pytest

from tests.nodes import RunningNode
from tests.sdk.agents.office import Office
from ymera_client import Client, ProjectCreate


@pytest.fixture
async def office(server: RunningNode) -> AsyncIterator[Office]:
    """Alice's project, which she follows."""
    _, token = await server.admit("Alice")
    async with Client(server.url, token=token) as alice:
        project = await alice.call(ProjectCreate(name="Apollo"))
        async with alice.room(project.id) as room:
            yield Office(server, alice, room)
