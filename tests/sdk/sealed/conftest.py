"""Members with keys of their own, on a server of the test's own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.nodes import RunningNode
from tests.sdk.sealed.people import Person
from ymera_client.crypto import recovery


@pytest.fixture
def quick_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Recovery codes that are stretched less, which on purpose costs more than all else in a test."""
    monkeypatch.setattr(recovery, "ARGON_OPS", 1)
    monkeypatch.setattr(recovery, "ARGON_BYTES", 1024 * 1024)


@pytest.fixture
async def person(
    server: RunningNode,
    tmp_path: Path,
    quick_codes: None,
) -> AsyncIterator[Callable[[str], Awaitable[Person]]]:
    """Makes members who have begun an identity on a device of theirs."""
    async with AsyncExitStack() as stack:

        async def make(name: str) -> Person:
            _, token = await server.admit(name)
            someone = Person(server.url, token, tmp_path / name)
            stack.push_async_callback(someone.close)
            await someone.begin()
            return someone

        yield make
