"""A real Chromium for the tests of the console."""

import os
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright

from scripts import chromium


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A headless Chromium: YMERA_TEST_CHROMIUM, an installed one, or one fetched for the purpose."""
    path = os.environ.get("YMERA_TEST_CHROMIUM") or str(chromium.find())
    # Chromium has no sandbox for root; the pages it opens are our own.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=path, args=arguments)
        yield running
        await running.close()
