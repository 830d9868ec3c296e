"""The page on MCP does what it says, as it stands there, on a server that has just started."""

import asyncio
import json
import os
import re
import shutil
import sys
from pathlib import Path

import mcp
import pytest

from protocol.roles import WorkspaceRole
from tests.sdk.agents.assistant import Assistant, environment, over_http
from tests.sdk.agents.office import Office, Program
from tests.sdk.test_storage import PACKAGES
from ymera_client import TaskCreate

PAGE = (Path(__file__).parents[3] / "docs" / "mcp.md").read_text(encoding="utf-8")
TOKEN = "ymt_the_agents_token"


def block(language: str) -> str:
    """The page's one block in a language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    return str(found)


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A search path with the command on it, as installing the package puts it there."""
    command = tmp_path / "ymera-client"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ymera_client "$@"\n')
    command.chmod(0o755)
    return f"{tmp_path}{os.pathsep}{os.environ['PATH']}"


async def test_an_agent_is_registered_and_works(office: Office, path: str, tmp_path: Path) -> None:
    await office.alice.call(TaskCreate(project_id=office.room.id, title="Land"))
    _, olga = await office.server.admit("Olga", WorkspaceRole.ADMIN)
    code = block("python").replace("http://127.0.0.1:8080", office.server.url)
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        "-Werror",
        "-c",
        code,
        env=environment(office, olga),
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await program.communicate()
    token = output.decode().strip()

    text = block("json").replace("http://127.0.0.1:8080", office.server.url).replace(TOKEN, token)
    named = json.loads(text)["mcpServers"]["ymera"]
    server = mcp.StdioServerParameters(
        command=str(shutil.which(named["command"], path=path)),
        args=named["args"],
        env={"PYTHONPATH": str(PACKAGES), **named["env"]},
    )
    with (tmp_path / "log").open("w") as errors:
        async with mcp.Client(mcp.stdio_client(server, errlog=errors)) as client:
            assistant = Assistant(client)
            (task,) = (await assistant.do("list_tasks", project_id=office.room.id))["items"]
            assert task["title"] == "Land"
            tools = {tool.name for tool in (await client.list_tools()).tools}
            table = re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)
            assert {name for cell in table for name in re.findall(r"`(\w+)`", cell)} == tools
            templates = (await client.list_resource_templates()).resource_templates
            assert {each.uri_template for each in templates} == set(re.findall(r"`(ymera://.*?)`", PAGE))


async def test_http(office: Office, path: str) -> None:
    commands = block("sh").replace("http://127.0.0.1:8080", office.server.url)
    commands = commands.replace(TOKEN, await office.hire()).replace("127.0.0.1:8765", "127.0.0.1:0")
    *settings, start = commands.strip().splitlines()
    script = "\n".join(["set -e", *settings, 'echo "$YMERA_MCP_TOKEN" >&2', f"exec {start}"])
    running = await asyncio.create_subprocess_exec(
        "sh", "-c", script, env=environment(office, "") | {"PATH": path}, stderr=asyncio.subprocess.PIPE
    )
    try:
        program = Program(running)
        secret = (await program.says(r"\S+"))[0]
        url = (await program.says(r"Serving MCP at (\S+)"))[1]
        async with over_http(url, secret) as assistant:
            assert (await assistant.do("list_projects"))["items"]
    finally:
        running.kill()
        await running.communicate()
