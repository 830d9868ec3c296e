"""The README's programs do what it says, as they stand there, on a server that has just started."""

import asyncio
import os
import re
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from protocol.roles import WorkspaceRole
from tests.nodes import RunningNode, StockClient, until

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
WORKSPACE = ROOT / "client-sdk"

Start = Callable[..., Awaitable[RunningNode]]


def block(language: str, containing: str) -> str:
    """The README's one block in a language that contains a text."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    (found,) = [code for code in blocks if containing in code]
    return str(found)


async def run(server: RunningNode, token: str, *command: str, code: str, cwd: Path) -> str:
    """What a program prints that must succeed; it gets the code on standard input."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=cwd,
        env={**os.environ, "YMERA_TOKEN": token, "PYTHONPATH": str(WORKSPACE / "python")},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    source = code.replace("http://127.0.0.1:8080", server.url).encode()
    async with asyncio.timeout(60):
        output, errors = await process.communicate(source)
    assert process.returncode == 0, errors.decode()
    return output.decode()


async def projects(server: RunningNode, token: str) -> dict[str, list[tuple[str, str]]]:
    """The titles and statuses of the tasks of each project, by its name."""
    async with server.client(token) as client:
        found: dict[str, list[tuple[str, str]]] = {}
        for summary in (await client.do("project.list"))["items"]:
            project = summary["project"]
            tasks = (await client.do("task.list", project_id=project["id"]))["items"]
            found[project["name"]] = [(task["title"], task["status"]) for task in tasks]
        return found


@pytest.fixture
async def server(node: Start) -> RunningNode:
    return await node()


@pytest.fixture
async def token(server: RunningNode) -> str:
    _, secret = await server.admit("Alice", WorkspaceRole.OWNER)
    return secret


async def test_the_python_program(server: RunningNode, token: str) -> None:
    code = block("python", "Client(")
    printed = await run(server, token, sys.executable, "-W", "error", "-", code=code, cwd=ROOT)
    assert printed == "Land in_progress\n"
    assert await projects(server, token) == {"Apollo": [("Land", "in_progress")]}


async def test_the_agent(server: RunningNode, token: str) -> None:
    async with server.client(token) as client:
        agent = await client.do("agent.register", name="Summariser")
        project = await client.do("project.create", name="Voskhod")
        await client.do("project.set_member", project_id=project["id"], member_id=agent["agent"]["id"])
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-W", "error", "-c", block("python", "Agent()")),
            env={
                **os.environ,
                "YMERA_URL": server.url,
                "YMERA_TOKEN": agent["token"],
                "PYTHONPATH": str(WORKSPACE / "python"),
            },
        )
        try:
            await client.do("room.join", room=project["id"])
            able = partial(can, client, project["id"], "summarise")
            await until(able, patience=60)
            given = {"text": "one two three", "max_words": 2}
            run = await client.do("run.create", project_id=project["id"], capability="summarise", input=given)
            await client.wait_for("event", lambda event: event["type"] == "run.ended")
            done = await client.do("run.get", run_id=run["id"])
        finally:
            process.terminate()
        assert await process.wait() == 0
    assert (done["run"]["state"], done["result"]) == ("completed", {"summary": "one two"})


async def can(client: StockClient, project_id: str, capability: str) -> bool:
    """Whether an agent of a project has said that it can do something."""
    return bool((await client.do("agent.list", project_id=project_id, capability=capability))["items"])


async def test_the_typescript_program(server: RunningNode, token: str) -> None:
    strip = (
        'import ts from "typescript"; import { readFileSync } from "node:fs";'
        'process.stdout.write(ts.transpileModule(readFileSync(0, "utf8"),'
        '{ compilerOptions: { module: "ESNext", target: "ES2022" } }).outputText)'
    )
    typed = block("ts", "@ymera/client")
    node = [sys.executable, str(ROOT / "scripts" / "node.py"), "node", "--input-type=module"]
    code = await run(server, token, *node, "-e", strip, code=typed, cwd=WORKSPACE)
    printed = await run(server, token, *node, code=code, cwd=WORKSPACE)
    assert "Dock" in printed
    assert await projects(server, token) == {"Gemini": [("Dock", "in_progress")]}


async def test_the_stock_javascript_client(server: RunningNode, token: str) -> None:
    # It goes on listening; this ends it after its task has come back as an event.
    code = block("js", "socket.io-client") + (
        'socket.on("event", ({ type }) => {'
        '  if (type === "task.created") setTimeout(() => socket.close(), 200);'
        "});"
    )
    node = [sys.executable, str(ROOT / "scripts" / "node.py"), "node", "--input-type=module"]
    printed = await run(server, token, *node, code=code, cwd=WORKSPACE)
    assert "task.created" in printed
    assert await projects(server, token) == {"Mercury": [("Orbit", "todo")]}


async def test_the_stock_python_client(server: RunningNode, token: str) -> None:
    connect, call = re.findall(r"`(await client\.\w+\([^`]*\))`", README)
    names: dict[str, Any] = {"client": StockClient().socket, "url": server.url, "token": token}
    reply: Any = None
    for statement in (connect, call):
        exec(f"async def step(client, url, token):\n    return {statement}", names)
        reply = await names["step"](names["client"], server.url, token)
    assert reply["ok"]
    assert reply["result"]["name"] == "Mercury"
    await names["client"].shutdown()
