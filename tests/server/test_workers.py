"""`ymera serve --workers` with real processes: one server to its clients, whatever becomes of one of them."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import aiohttp
import psutil
import pytest

from protocol.roles import WorkspaceRole
from server.siblings import labelled
from tests.nodes import PATIENCE, NodeStarter, StockClient, until

COMMAND = Path(sys.executable).with_name("ymera")


class Server:
    """A server of two workers, as its operator sees it."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process = process
        self.url = url

    def below(self, name: str) -> list[psutil.Process]:
        """Its processes whose command has `name` in it."""
        found = psutil.Process(self.process.pid).children(recursive=True)
        return [process for process in found if name in " ".join(process.cmdline())]

    async def metric(self, name: str) -> dict[str, float]:
        """A gauge's value by worker."""
        async with aiohttp.ClientSession() as http, http.get(f"{self.url}/metrics") as answer:
            text = await answer.text()
        return {
            worker: float(value)
            for worker, value in re.findall(rf'^{name}{{worker="(\d+)"}} (\S+)$', text, re.MULTILINE)
        }

    def worker_of(self, client: StockClient) -> psutil.Process:
        """The process at the other end of a client's connection."""
        port = client.socket.eio.ws.get_extra_info("sockname")[1]
        return next(
            process
            for process in self.below("server.worker")
            if any(other.raddr and other.raddr.port == port for other in process.net_connections("tcp"))
        )


@contextmanager
def workers(folder: Path, dsn: str, **environ: str) -> Iterator[Server]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("YMERA_")}
    own |= {"YMERA_DATA_DIR": str(folder), "YMERA_DATABASE_URL": dsn, "YMERA_PORT": "0"}
    own |= {"YMERA_LOG_FORMAT": "json", "YMERA_SHUTDOWN_GRACE_SECONDS": "2"} | environ
    with subprocess.Popen(
        [COMMAND, "serve", "--workers", "2"],
        env=own,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            assert process.stdout
            printed = process.stdout.readline()
            found = re.search(r"serves (http://\S+)", printed)
            assert found, printed
            yield Server(process, found[1])
        finally:
            process.terminate()
            try:
                process.wait(20)
            finally:
                process.kill()


@pytest.fixture
async def members(node: NodeStarter) -> list[str]:
    """Tokens of an owner and of another member, in the test's database."""
    first = await node()
    tokens = [(await first.admit("Owner", WorkspaceRole.OWNER))[1], (await first.admit("Bob"))[1]]
    await first.stop()
    return tokens


@asynccontextmanager
async def spread(server: Server, token: str) -> AsyncIterator[dict[str, StockClient]]:
    """A client on each worker; the kernel chooses, so some are sent away again."""
    clients: dict[str, StockClient] = {}
    try:
        async with asyncio.timeout(PATIENCE):
            while len(clients) < 2:
                before = await server.metric("ymera_connections")
                client = StockClient()
                await client.connect(server.url, token)
                after = await server.metric("ymera_connections")
                worker = next(number for number in after if after[number] > before[number])
                if worker in clients:
                    await client.close()
                    await until_gone(server, before)
                else:
                    clients[worker] = client
        yield clients
    finally:
        for client in clients.values():
            await client.close()


async def until_gone(server: Server, connections: dict[str, float]) -> None:
    async def gone() -> bool:
        return await server.metric("ymera_connections") == connections

    await until(gone)


async def test_workers_are_one_server(tmp_path: Path, dsn: str) -> None:
    with workers(tmp_path, dsn) as server:
        assert server.process.stdout
        link = server.process.stdout.readline()
        assert re.fullmatch(r"Make the first account, once: \S+/setup#yms_\S+\n", link)
        # Each is heard through the embedded Redis, and each answers for both.
        assert await server.metric("ymera_bus_deaf") == {"0": 0.0, "1": 0.0}
        below = psutil.Process(server.process.pid).children(recursive=True)
        assert len(server.below("valkey-server")) >= 1
        assert len(server.below("server.worker")) == 2
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(20) == 0
        assert server.process.stdout.read() == ""
        assert not psutil.wait_procs(below, timeout=1)[1]


async def test_one_worker_may_be_killed(tmp_path: Path, dsn: str, members: list[str]) -> None:
    owner, _ = members
    with workers(tmp_path, dsn) as server:
        async with spread(server, owner) as clients:
            here, there = clients.values()
            room = (await here.do("room.create", name="general"))["id"]
            await here.do("room.join", room=room)
            await there.do("room.join", room=room)
            await here.do("message.send", room=room, text="across")
            await there.wait_for("event", lambda event: event["type"] == "message.sent")
            server.worker_of(there).kill()
            await until(lambda: not there.socket.connected)
            # The other goes on, and a new one takes the place of the killed.
            await here.do("message.send", room=room, text="still here")

            async def both() -> bool:
                return len(await server.metric("ymera_bus_deaf")) == 2

            await until(both)
            assert here.socket.connected
            again = StockClient()
            await again.connect(server.url, owner)
            await again.do("room.join", room=room)
            await again.do("message.send", room=room, text="back")
            await here.wait_for("event", lambda event: event["data"].get("message", {}).get("text") == "back")
            await again.close()


async def test_nobody_outlives_a_parent_that_is_killed(tmp_path: Path, dsn: str) -> None:
    with workers(tmp_path, dsn) as server:
        below = psutil.Process(server.process.pid).children(recursive=True)
        server.process.kill()
        _, alive = await asyncio.to_thread(psutil.wait_procs, below, 10)
        assert not alive


def test_a_port_in_use_is_reported_once(tmp_path: Path, dsn: str) -> None:
    with workers(tmp_path, dsn) as server:
        environ = os.environ | {
            "YMERA_DATA_DIR": str(tmp_path),
            "YMERA_DATABASE_URL": dsn,
            "YMERA_PORT": server.url.rpartition(":")[2],
        }
        second = subprocess.run(
            [COMMAND, "serve", "--workers", "2"], env=environ, check=False, capture_output=True, text=True
        )
        assert second.returncode == 2
        assert second.stderr.count("YMERA_PORT: cannot listen") == 1


@pytest.mark.parametrize("count", ["0", "65", "many"])
def test_a_number_of_workers_that_is_none_is_refused(count: str) -> None:
    done = subprocess.run([COMMAND, "serve", "--workers", count], check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert "--workers" in done.stderr


def test_samples_of_workers_stand_together_by_metric() -> None:
    one = (
        '# HELP a Of one.\n# TYPE a gauge\na 1.0\n# HELP b Of two.\n# TYPE b counter\nb_total{x="y z"} 2.0\n'
    )
    assert labelled({"0": one, "1": one.replace("1.0", "3.0")}) == (
        '# HELP a Of one.\n# TYPE a gauge\na{worker="0"} 1.0\na{worker="1"} 3.0\n'
        "# HELP b Of two.\n# TYPE b counter\n"
        'b_total{worker="0",x="y z"} 2.0\nb_total{worker="1",x="y z"} 2.0\n'
    )
