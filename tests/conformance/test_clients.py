"""The official clients in JavaScript and Python against a node, over every transport."""

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import socketio

from protocol.roles import WorkspaceRole
from scripts import node as nodejs
from tests.nodes import PATIENCE, NodeStarter, until

PROGRAM = Path(__file__).with_name("visit.mjs")
TRANSPORTS = [["websocket"], ["polling"], ["polling", "websocket"]]


@pytest.mark.parametrize("transports", TRANSPORTS, ids="+".join)
async def test_javascript(node: NodeStarter, transports: list[str]) -> None:
    server = await node()
    _, token = await server.admit("Alice", WorkspaceRole.OWNER)
    folder = nodejs.folder()
    program = shutil.which("node", path=None if folder is None else str(folder))
    assert program is not None
    process = await asyncio.create_subprocess_exec(
        program,
        PROGRAM,
        server.url,
        token,
        ",".join(transports),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(3 * PATIENCE):
        output, errors = await process.communicate()
    assert errors.decode() == ""
    assert json.loads(output) == {
        "refusal": "unauthenticated",
        "member": "Alice",
        "transport": transports[-1],
        "whole": True,
        "order": ["task.created", "answer"],
        "wrong": "unknown_command",
    }


async def awaited(method: Callable[..., Awaitable[Any]], *arguments: Any, **options: Any) -> Any:
    """What a method of the client for asyncio gives."""
    return await method(*arguments, **options)


@pytest.mark.parametrize("transports", TRANSPORTS, ids="+".join)
@pytest.mark.parametrize(
    ("kind", "run"),
    [(socketio.Client, asyncio.to_thread), (socketio.AsyncClient, awaited)],
    ids=["threads", "asyncio"],
)
async def test_python(
    node: NodeStarter, kind: Any, run: Callable[..., Awaitable[Any]], transports: list[str]
) -> None:
    server = await node()
    _, token = await server.admit("Alice", WorkspaceRole.OWNER)

    stranger, refusals = kind(reconnection=False), list[dict[str, Any]]()
    stranger.on("connect_error", refusals.append)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await run(stranger.connect, server.url, auth={"token": "ymt_wrong"}, transports=transports)
    await run(stranger.shutdown)
    assert refusals[0]["data"]["code"] == "unauthenticated"

    client, heard = kind(reconnection=False), list[str]()
    client.on("event", lambda event: heard.append(event["type"]))
    auth = {"token": token, "protocol": 1}
    await run(client.connect, server.url, auth=auth, transports=transports)

    async def call(command: str, **payload: Any) -> Any:
        return await run(client.call, command, payload, timeout=PATIENCE)

    description = "☃" * 20_000
    project = (await call("project.create", name="Apollo", description=description))["result"]["id"]
    assert description in json.dumps(await call("project.get", project_id=project), ensure_ascii=False)
    await call("room.join", room=project)
    await call("task.create", project_id=project, title="Land")
    await until(lambda: heard == ["task.created"])
    assert (await call("task.explode"))["error"]["code"] == "unknown_command"
    assert client.transport() == transports[-1]
    await run(client.shutdown)
