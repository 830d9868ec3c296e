"""A server with members for the Python client, and a network between them that can fail."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from handlers import accounts
from tests.nodes import RunningNode
from tests.sdk.network import Network, post
from ymera_client import backoff

PASSWORD = "correct horse battery staple"


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients that come back soon, so that tests do not take long."""
    monkeypatch.setattr(backoff, "BASE", 0.02)


@pytest.fixture
async def server(node: Callable[..., Awaitable[RunningNode]]) -> RunningNode:
    """A server of the test's own."""
    return await node()


@pytest.fixture
async def network(server: RunningNode) -> AsyncIterator[Network]:
    """A way to `server` that can fail."""
    async with Network(server.url) as way:
        yield way


@pytest.fixture
async def ada(server: RunningNode) -> str:
    """A program's token of Ada, a member."""
    return (await server.admit("Ada"))[1]


@pytest.fixture
async def bo(server: RunningNode) -> str:
    """A program's token of Bo, a member."""
    return (await server.admit("Bo"))[1]


@pytest.fixture
async def owner(server: RunningNode) -> str:
    """The email address of the owner, whose password is `PASSWORD`. Ask for it before other members."""
    async with server.node.pool.acquire() as tx, tx.transaction():
        secret = await accounts.open_set_up(tx)
    email = "owner@example.org"
    await post(server.url, "/api/auth/register", email=email, password=PASSWORD, name="Olga", invite=secret)
    return email
