"""What load balancers and Prometheus are told."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from protocol.registry import COMMANDS
from protocol.roles import WorkspaceRole
from server import bus
from tests.nodes import RunningNode, until

Start = Callable[..., Awaitable[RunningNode]]


async def get(server: RunningNode, path: str) -> tuple[int, Any]:
    async with aiohttp.ClientSession() as http, http.get(server.url + path) as answer:
        assert path == "/metrics" or answer.headers["Cache-Control"] == "no-store"
        return answer.status, await (answer.text() if path == "/metrics" else answer.json())


async def test_a_node_alone_is_ready_with_its_database(node: Start) -> None:
    server = await node()
    assert await get(server, "/health/live") == (200, {"status": "live"})
    checks = {"database": "ok", "serving": "ok"}
    assert await get(server, "/health/ready") == (200, {"status": "ready", "checks": checks})
    server.node.health.drain()
    status, body = await get(server, "/health/ready")
    assert (status, body["status"], body["checks"]["serving"]) == (503, "not ready", "is shutting down")
    assert (await get(server, "/health/live"))[0] == 200


async def test_a_node_that_hears_nothing_should_get_no_clients(
    node: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus, "DEAF_SECONDS", 0.1)
    server = await node(redis_url=f"unix://{tmp_path}/nothing.sock")

    async def deaf() -> bool:
        status, body = await get(server, "/health/ready")
        return status == 503 and body["checks"]["redis"] == "this node hears nothing through Redis"

    await until(deaf)
    assert "ymera_bus_deaf 1.0" in (await get(server, "/metrics"))[1]
    # It serves all the same.
    _, token = await server.admit("Alice", WorkspaceRole.OWNER)
    async with server.client(token) as client:
        project = (await client.do("project.create", name="Apollo"))["id"]
        await client.do("room.join", room=project)
        await client.do("task.create", project_id=project, title="Land")
        await client.wait_for("event", lambda event: event["type"] == "task.created")


async def test_metrics_count_what_happens_and_clients_invent_no_labels(node: Start) -> None:
    server = await node()
    _, token = await server.admit("Alice")
    async with server.client(token) as client:
        for number in range(20):
            await client.send(f"invented.{number}", number=number)
        await client.send("workspace.get")
        async with aiohttp.ClientSession() as http:
            for number in range(20):
                (await http.get(f"{server.url}/api/invented/{number}?{number}")).release()
                (await http.get(f"{server.url}/invented/{number}")).release()
        text = (await get(server, "/metrics"))[1]
    assert "ymera_connections 1.0" in text
    assert set(re.findall(r'command="([^"]*)"', text)) <= {*COMMANDS, "unknown"}
    assert "invented" not in text
    for gauge in ("live_rooms", "queued_packets", "events_delivered", "pool_connections"):
        assert f"ymera_{gauge} " in text
