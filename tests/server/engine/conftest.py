"""Servers of the engine, on the event loop of production and on Python's own."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

import pytest
import uvloop

from tests.conformance.server import Running, serve
from tests.conformance.visitor import Visitor


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"uvloop": uvloop.new_event_loop, "asyncio": asyncio.new_event_loop}


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    """Both servers, with the times of production."""
    async with serve(max_bytes=100_000) as servers:
        yield servers


@pytest.fixture
async def visitor(running: Running) -> AsyncIterator[Visitor]:
    """A client of the Engine.IO server of `running`."""
    async with Visitor(running.engine_url) as client:
        yield client
