"""A real Chromium for the tests of the console, started once; each test has windows of its own in it.

So that they can share it, all tests here and what they use run in one event loop.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from scripts import chromium
from tests.nodes import NodeStarter, RunningNode
from tests.servers import database

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests of this folder in the loop of the session."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium_process() -> AsyncIterator[Browser]:
    """A headless Chromium: YMERA_TEST_CHROMIUM, an installed one, or one fetched for the purpose."""
    path = os.environ.get("YMERA_TEST_CHROMIUM") or str(chromium.find())
    # Chromium has no sandbox for root; the pages it opens are our own.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=path, args=arguments)
        yield running
        await running.close()


@pytest_asyncio.fixture(loop_scope="session")
async def browser(chromium_process: Browser) -> AsyncIterator[Browser]:
    """A browser that remembers nothing of other tests, and whose windows close when the test ends."""
    yield chromium_process
    for context in chromium_process.contexts:
        await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def node(
    postgres: str, migrated: str, tmp_path: Path
) -> AsyncIterator[Callable[..., Awaitable[RunningNode]]]:
    """Starts full servers, as everywhere, in the loop of the session."""
    async with database(postgres, template=migrated) as dsn, NodeStarter(dsn, tmp_path) as starter:
        yield starter
