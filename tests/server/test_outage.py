"""PostgreSQL dies under a running node and comes back: nobody is lost, and nothing is done twice."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import socketio

from persistence import migrations
from persistence.ids import new_id
from protocol.roles import WorkspaceRole
from tests.nodes import PATIENCE, NodeStarter, RunningNode, until
from tests.servers import PostgresServer


@pytest.fixture
def database() -> Iterator[PostgresServer]:
    with tempfile.TemporaryDirectory(prefix="ymera-test-") as folder:
        made = PostgresServer(Path(folder))
        yield made
        made.stop()


async def readiness(server: RunningNode) -> tuple[int, dict[str, str]]:
    async with aiohttp.ClientSession() as http, http.get(f"{server.url}/health/ready") as answer:
        return answer.status, (await answer.json())["checks"]


async def test_connections_and_commands_survive_an_outage(database: PostgresServer, tmp_path: Path) -> None:
    await migrations.upgrade(database.dsn)
    async with NodeStarter(database.dsn, tmp_path) as start:
        server = await start()
        _, token = await server.admit("Alice", WorkspaceRole.OWNER)
        async with server.client(token) as client:
            project = (await client.do("project.create", name="Apollo"))["id"]
            await client.do("room.join", room=project)
            create = {"project_id": project, "title": "Land", "command_id": new_id()}
            done = await client.do("task.create", **create)

            database.kill()
            refused = await client.send("task.create", project_id=project, title="Lost")
            assert (refused["error"]["code"], refused["error"]["retryable"]) == ("unavailable", True)
            assert (await client.send("room.join", room=new_id()))["error"]["code"] == "unavailable"
            assert await readiness(server) == (503, {"database": "does not answer", "serving": "ok"})
            assert await refusal(server, token) == "unavailable"

            database.start()

            async def ready() -> bool:
                return (await readiness(server))[0] == 200

            await until(ready)
            assert await client.do("task.create", **create) == done
            again = await client.do("task.create", project_id=project, title="Return")
            await client.wait_for(
                "event", lambda event: event["data"].get("task", {}).get("id") == again["id"]
            )
            seqs = [event["seq"] for event in client.events(project)]
            assert seqs == list(range(seqs[0], seqs[0] + 2))
            assert len(server.node.hub) == 1


async def refusal(server: RunningNode, token: str) -> str:
    """The code with which a connection is refused."""
    client = socketio.AsyncClient(reconnection=False)
    refusals: list[dict[str, Any]] = []
    client.on("connect_error", refusals.append)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await client.connect(
            server.url, auth={"token": token}, transports=["websocket"], wait_timeout=PATIENCE
        )
    await client.shutdown()
    return str(refusals[0]["data"]["code"])
