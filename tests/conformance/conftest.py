"""The server for the suites' cases, on the event loop that it runs on in use."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

import pytest
import uvloop

from tests.conformance.server import SUITES, Running, serve


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    async with serve(**SUITES) as servers:
        yield servers
