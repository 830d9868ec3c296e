"""Nodes that take files, and people who send some; also with a store that speaks S3."""

import socket
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from handlers.dispatch import Caller
from protocol.registry import COMMANDS, Scope
from tests.api import client
from tests.nodes import NodeStarter, RunningNode, until
from tests.server.files.tus import Tus


class Site:
    """Nodes on one database and one store, and a project that Ada has made."""

    def __init__(self, starter: NodeStarter, stack: AsyncExitStack) -> None:
        self.nodes: list[RunningNode] = []
        self._starter = starter
        self._stack = stack

    async def start(self, **settings: Any) -> Tus:
        """Ada at a further node, which reads no content; at the first one she makes the project."""
        running = await self._starter(analysis_workers=0, **settings)
        self.nodes.append(running)
        api = await self._stack.enter_async_context(client(running))
        if len(self.nodes) == 1:
            self.ada, self.token = await running.admit("Ada")
            self.room: str = (await self.do(self.ada.id, "project.create", name="Apollo"))["id"]
        return Tus(api, self.token, self.room)

    async def somebody(self, tus: Tus, name: str) -> Tus:
        """Somebody who is not in the project, at the same node."""
        _, token = await tus.api.running.admit(name)
        return replace(tus, token=token)

    async def do(self, actor: str, command: str, /, **payload: Any) -> Any:
        """The result of a command that must succeed."""
        caller = Caller(actor, None, Scope.ADMIN, "test")
        dispatcher = self.nodes[0].node.dispatcher
        return msgspec.json.decode(await dispatcher.run(caller, COMMANDS[command], payload))

    async def value(self, sql: str, *arguments: Any) -> Any:
        """A value of the database."""
        return await self.nodes[0].node.pool.fetchval(sql, *arguments)


@pytest.fixture
async def site(node: NodeStarter) -> AsyncIterator[Site]:
    """No node yet."""
    async with AsyncExitStack() as stack:
        yield Site(node, stack)


@pytest.fixture
async def tus(site: Site) -> Tus:
    """Ada, at a node that stores in a folder."""
    return await site.start()


@pytest.fixture
def files(tmp_path: Path) -> Callable[[], set[str]]:
    """The paths of what the folder of the nodes' store holds."""
    folder = tmp_path / "files"
    return lambda: {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that speaks S3."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (tmp_path_factory.mktemp("s3") / "log").open("wb") as log:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()


async def bucket(s3: str) -> dict[str, Any]:
    """Settings of nodes that store in a new bucket."""
    name = f"bucket-{uuid.uuid4().hex}"

    async def made() -> bool:
        try:
            async with aiohttp.ClientSession() as session, session.put(f"{s3}/{name}") as answer:
                return answer.status == 200
        except aiohttp.ClientConnectionError:
            return False

    await until(made)
    url = f"s3://{name}/some/where?endpoint={s3}"
    return {"storage_url": url, "storage_key_id": "key", "storage_secret": "secret"}


@pytest.fixture(params=["folder", "bucket"])
async def anywhere(request: pytest.FixtureRequest, site: Site, s3: str) -> Tus:
    """Ada, at a node that stores in a folder, and at one that stores in a bucket."""
    return await site.start(**(await bucket(s3) if request.param == "bucket" else {}))
