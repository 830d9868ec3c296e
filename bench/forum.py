"""A node with a plain room and an encrypted one of the same members, and messages sent to either.

Messages are sealed before the clock starts, so that what is timed is the server. Those who speak hear all
that is said in the room, as its other members would if they were connected.
"""

import asyncio
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import uvloop

from bench import machine, servers
from bench.client import Client, connected
from bench.generator import Sample
from bench.servers import YMERA, Server
from bench.stage import CONTENT, Guest, Hall
from persistence.ids import new_id
from protocol.wire import from_base64, to_base64
from ymera_client.crypto.transcript import Cursor

MOST_SPEAKERS = 8
"""Members that speak at once; each may have several messages under way."""
Payloads = list[dict[str, Any]]


@dataclass(slots=True)
class Forum:
    """A node, its members, and the room in which they have keys."""

    server: Server
    hall: Hall
    tokens: list[str]
    plain_room: str
    sealed_room: str = field(default_factory=new_id)
    cursors: dict[int, Cursor | None] = field(default_factory=dict)
    """Where the devices of members stand."""

    @property
    def url(self) -> str:
        """The node's."""
        return f"http://127.0.0.1:{self.server.ports[0]}"

    async def found(self) -> None:
        """Make the members' identities and the encrypted room."""
        async with aiohttp.ClientSession() as http:
            for token, person in zip(self.tokens, self.hall.people, strict=False):
                async with self._connected(http, token) as client:
                    links = [to_base64(link) for link in person.links]
                    await client.request("identity.publish", links=links)
            genesis, first, *others = self.hall.stage.items
            async with self._connected(http, self.tokens[0]) as client:
                await client.request(
                    "sealed.create",
                    id=self.sealed_room,
                    form="conversation",
                    genesis=to_base64(genesis.raw),
                    **_shown(first.raw, first.boxes),
                )
                for item in others:
                    commit = _shown(item.raw, item.boxes)
                    await client.request("sealed.commit", room=self.sealed_room, **commit)

    async def admit(self, fp: bytes) -> None:
        """Let in somebody who has an identity that was made elsewhere."""
        async with aiohttp.ClientSession() as http, self._connected(http, self.tokens[0]) as client:
            chain = await client.request("identity.chain", fp=to_base64(fp))
            guest = Guest([from_base64(link) for link in chain["links"]])
            written = self.hall.stage.add(self.hall.people[0], guest)
            commit = _shown(written.raw, written.boxes)
            await client.request("sealed.commit", room=self.sealed_room, **commit)

    async def rotate(self) -> Sample:
        """Have the server take a new epoch."""
        async with aiohttp.ClientSession() as http, self._connected(http, self.tokens[0]) as client:
            written = self.hall.stage.rotate(self.hall.people[0])
            commit = _shown(written.raw, written.boxes)
            used, begun = self.server.cpu_seconds(), time.perf_counter()
            await client.request("sealed.commit", room=self.sealed_room, **commit)
            seconds = time.perf_counter() - begun
            return {"seconds": seconds, "cpu_seconds": self.server.cpu_seconds() - used}

    def plain(self, number: int, count: int) -> tuple[str, Payloads]:
        """What a member says in the plain room."""
        text = "x" * CONTENT
        said = [{"room": self.plain_room, "id": new_id(), "text": f"{number}"} for _ in range(count)]
        return "message.send", [each | {"text": text} for each in said]

    def sealed(self, number: int, count: int) -> tuple[str, Payloads]:
        """What a member says in the encrypted one."""
        person = self.hall.people[number]
        raws, self.cursors[number] = self.hall.ahead(
            self.sealed_room, person, self.cursors.get(number), count
        )
        return "sealed.post", [{"room": self.sealed_room, "envelope": to_base64(raw)} for raw in raws]

    async def talk(self, say: "Say", under_way: int, count: int) -> Sample:
        """Have so many messages said, so many of them under way at once."""
        speakers = min(MOST_SPEAKERS, under_way)
        scripts = [say(number, count // speakers) for number in range(speakers)]
        room = scripts[0][1][0]["room"]
        async with AsyncExitStack() as stack:
            http = await stack.enter_async_context(aiohttp.ClientSession())
            clients = [
                await stack.enter_async_context(self._connected(http, token))
                for token in self.tokens[:speakers]
            ]
            for client in clients:
                await client.request("room.join", room=room)
            return await self._timed(clients, scripts, under_way // speakers)

    async def _timed(self, clients: list[Client], scripts: list[tuple[str, Payloads]], each: int) -> Sample:
        waits: list[float] = []
        used, loaded = self._used(), time.process_time()
        begun = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for client, (command, payloads) in zip(clients, scripts, strict=True):
                turns = iter(payloads)
                for _ in range(each):
                    group.create_task(_speak(client, command, turns, waits))
        seconds = time.perf_counter() - begun
        (node, database), loaded = self._used(), time.process_time() - loaded
        node, database = node - used[0], database - used[1]
        return {
            "messages_per_second": len(waits) / seconds,
            "node_cpu_ms": node / len(waits) * 1e3,
            "database_cpu_ms": database / len(waits) * 1e3,
            "p50_ms": statistics.median(waits) * 1e3,
            "p99_ms": statistics.quantiles(waits, n=100)[98] * 1e3,
            "load_cpu_share": loaded / seconds,
        }

    def _used(self) -> tuple[float, float]:
        """Processor time of the node and of its database."""
        postmaster = (self.server.folder / "postgres" / "postmaster.pid").read_text().split()[0]
        database = machine.cpu_seconds_of_family(psutil.Process(int(postmaster)))
        return self.server.cpu_seconds(), database

    def _connected(self, http: aiohttp.ClientSession, token: str) -> Any:
        return connected(http, self.server.ports[0], token)


Say = Callable[[int, int], tuple[str, Payloads]]


async def _speak(client: Client, command: str, turns: Iterator[dict[str, Any]], waits: list[float]) -> None:
    for payload in turns:
        begun = time.perf_counter()
        await client.request(command, **payload)
        waits.append(time.perf_counter() - begun)


def _shown(raw: bytes, boxes: tuple[bytes, ...]) -> dict[str, Any]:
    return {"commit": to_base64(raw), "boxes": [to_base64(box) for box in boxes]}


@contextmanager
def forum(devices: int, others: int = 0, pages: Path | None = None) -> Iterator[Forum]:
    """A node with so many members, each with a device, all of them in both rooms.

    Others have no device, and are in the plain room alone; the last tokens are theirs. The
    folder `pages` is served to browsers in place of the console.
    """
    served = () if pages is None else ("--pages", str(pages))
    with servers.serving(YMERA, "--members", str(devices + others), *served) as server:
        assert server.tokens is not None
        assert server.rooms is not None
        made = Forum(
            server,
            Hall.of(devices),
            server.tokens.read_text().split(),
            server.rooms.read_text().split()[0],
        )
        uvloop.run(made.found())
        yield made
