"""Killed processes: a server in the middle of work, and a program whose commands were not carried out yet."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.nodes import PATIENCE, RunningNode
from tests.sdk.network import Network, reaches
from tests.sdk.test_storage import PACKAGES
from ymera_client import Client, Forbidden, Phase, ProjectCreate, SqliteOutbox, Task, TaskCreate, TaskList

pytestmark = pytest.mark.usefixtures("short_waits")

SERVE = Path(sys.executable).with_name("ymera")
START = 30.0
"""Seconds that a process may take to start."""


@asynccontextmanager
async def process(*command: str | Path, **environ: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that is killed at the end, if not before."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("YMERA_")}
    running = await asyncio.create_subprocess_exec(
        *command,
        env=inherited | environ,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield running
    finally:
        if running.returncode is None:
            running.kill()
        await running.communicate()


async def printed(running: asyncio.subprocess.Process, pattern: str) -> re.Match[str]:
    """The first line to come that matches."""
    assert running.stdout
    async with asyncio.timeout(START):
        while line := await running.stdout.readline():
            if found := re.search(pattern, line.decode()):
                return found
    pytest.fail(f"the process ended without saying {pattern!r}")


@asynccontextmanager
async def served(dsn: str, folder: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """`ymera serve` on the test's database, and its address."""
    async with process(
        SERVE, "serve", YMERA_DATABASE_URL=dsn, YMERA_DATA_DIR=str(folder), YMERA_PORT="0"
    ) as running:
        yield running, (await printed(running, r"serves (http://\S+)"))[1]


async def test_a_killed_server_comes_back_and_clients_resume(
    server: RunningNode, dsn: str, tmp_path: Path, ada: str, bo: str
) -> None:
    await server.stop()
    async with (
        served(dsn, tmp_path) as (first, url),
        Network(url) as network,
        Client(network.url, token=ada) as her,
        Client(network.url, token=bo) as him,
    ):
        project = await her.call(ProjectCreate(name="Apollo"))
        await her.call_raw("project.set_member", {"project_id": project.id, "member_id": him.me.id})
        async with him.room(project.id) as room:
            events = room.events()
            names = [f"task {number}" for number in range(100)]
            calls = [
                asyncio.ensure_future(her.call(TaskCreate(project_id=project.id, title=name)))
                for name in names
            ]
            await room.wait_for(lambda it: len(it.state["tasks"]) >= 20, START)
            first.kill()
            await first.wait()
            await reaches(him, Phase.OFFLINE)
            async with served(dsn, tmp_path) as (_, again):
                network.target = again
                made = await asyncio.gather(*calls)
                assert [task.title for task in made] == names
                await room.wait_for(lambda it: len(it.state["tasks"]) == len(names), START)
                assert {task.id for task in room.all(Task)} == {task.id for task in made}
                seen = [(await anext(events)).data["task"]["title"] for _ in names]
                assert seen == names
                await reaches(him, Phase.LIVE)


PROGRAM = """
import asyncio, sys
from ymera_client import Client, Phase, SqliteOutbox, TaskCreate

async def main(url, token, path, project, *names):
    async with Client(url, token=token, outbox=SqliteOutbox(path), connect_timeout=0) as client:
        client.on("status", lambda status: print(status.phase, status.queued, flush=True))
        await asyncio.to_thread(sys.stdin.readline)
        await asyncio.gather(*(client.call(TaskCreate(project_id=project, title=name)) for name in names))

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize("sent", [False, True], ids=["before they were sent", "before the answers came"])
async def test_the_commands_of_a_killed_program_are_carried_out_once_by_the_next(
    server: RunningNode, network: Network, ada: str, tmp_path: Path, sent: bool
) -> None:
    outbox, names = tmp_path / "outbox.db", ["a", "b", "c"]
    async with Client(server.url, token=ada) as witness:
        project = await witness.call(ProjectCreate(name="Apollo"))
        async with witness.room(project.id) as room:
            command = (sys.executable, "-c", PROGRAM, network.url, ada, str(outbox), project.id, *names)
            async with process(*command, PYTHONPATH=str(PACKAGES)) as program:
                await printed(program, "live")
                network.mute = sent
                if not sent:
                    network.block()
                    await printed(program, "offline")
                assert program.stdin
                program.stdin.write(b"go\n")
                await printed(program, f" {len(names)}$")
                if sent:
                    await room.wait_for(lambda it: len(it.state["tasks"]) == len(names), START)
                program.kill()
                await program.wait()
            network.cut()
            network.unblock()
            assert len(room.state["tasks"]) == (len(names) if sent else 0)
            async with Client(network.url, token=ada, outbox=SqliteOutbox(outbox)) as successor:
                await reaches(successor, Phase.LIVE)
                assert successor.status.queued == 0
            found = [task.title async for task in witness.page(TaskList(project_id=project.id))]
            assert found == names


async def test_commands_are_not_sent_in_the_name_of_another(
    server: RunningNode, network: Network, ada: str, bo: str, tmp_path: Path
) -> None:
    store = SqliteOutbox(tmp_path / "outbox.db")
    async with Client(network.url, token=ada, outbox=store) as client:
        network.block()
        await reaches(client, Phase.OFFLINE)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await client.call(ProjectCreate(name="Apollo"))
        assert client.status.queued == 1
    other = Client(server.url, token=bo, outbox=store)
    with pytest.raises(Forbidden, match="commands of another account"):
        await other.connect()
    network.unblock()
    async with Client(network.url, token=ada, outbox=store) as client:
        await reaches(client, Phase.LIVE)
        await client.inbox.wait_for(
            lambda it: "Apollo" in {m["name"] for m in it.state["memberships"].values()}, PATIENCE
        )
