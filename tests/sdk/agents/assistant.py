"""A coding assistant: an MCP client, the official one, and a server that it starts or finds."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import mcp
from mcp.client.streamable_http import streamable_http_client
from mcp_types import TextContent

from tests.sdk.agents.office import PATIENCE, Office
from tests.sdk.test_storage import PACKAGES

COMMAND = ["-m", "ymera_client", "mcp"]
SECRET = "correct-horse-battery-staple"


class Assistant:
    """What a model does with tools, and hears from them."""

    def __init__(self, client: mcp.Client) -> None:
        self.client = client
        self._waits = asyncio.Event()

    async def do(self, tool: str, **arguments: Any) -> Any:
        """The structured answer of a tool that must succeed."""
        result = await self.client.call_tool(tool, arguments, progress_callback=self._progress)
        assert not result.is_error, result.content
        assert result.structured_content is not None
        return result.structured_content

    async def refused(self, tool: str, **arguments: Any) -> str:
        """Why a tool refuses."""
        result = await self.client.call_tool(tool, arguments)
        assert result.is_error, result.structured_content
        (text,) = result.content
        assert isinstance(text, TextContent)
        return text.text

    async def until_it_waits(self) -> None:
        """Wait until the server says that it waits for somebody."""
        async with asyncio.timeout(PATIENCE):
            await self._waits.wait()

    async def _progress(self, progress: float, total: float | None, message: str | None) -> None:
        assert total is not None
        assert 0 < progress <= total
        assert message == "Waiting for a person to answer."
        self._waits.set()


def environment(office: Office, token: str) -> dict[str, str]:
    """What a server is started with."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("YMERA_")}
    return inherited | {"PYTHONPATH": str(PACKAGES), "YMERA_URL": office.server.url, "YMERA_TOKEN": token}


@asynccontextmanager
async def over_stdio(office: Office, token: str, log: Path, *options: str) -> AsyncIterator[Assistant]:
    """An assistant whose client has started the server."""
    server = mcp.StdioServerParameters(
        command=sys.executable, args=["-Werror", *COMMAND, *options], env=environment(office, token)
    )
    with log.open("w") as errors:
        async with mcp.Client(
            mcp.stdio_client(server, errlog=errors), read_timeout_seconds=PATIENCE
        ) as client:
            yield Assistant(client)


@asynccontextmanager
async def over_http(url: str, secret: str = SECRET) -> AsyncIterator[Assistant]:
    """An assistant whose client has found a server that runs."""
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {secret}"}, timeout=30) as http,
        mcp.Client(streamable_http_client(url, http_client=http), read_timeout_seconds=PATIENCE) as client,
    ):
        yield Assistant(client)


@asynccontextmanager
async def serving(office: Office, token: str, *options: str) -> AsyncIterator[tuple[str, Any]]:
    """A server over HTTP: its address and its program."""
    command = (*COMMAND, "--http", "0", *options)
    async with office.program(token, *command, YMERA_MCP_TOKEN=SECRET) as program:
        yield (await program.says(r"Serving MCP at (\S+)"))[1], program
