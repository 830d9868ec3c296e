"""A day in an encrypted project, after which nothing of it is found anywhere but on the members' devices.

What must not be found is looked for in every byte that the servers have sent, received, stored or logged, in
every form in which a program may write it. Nothing of that is compressed: HTTP and WebSockets are not, as is
made sure, nor is what PostgreSQL dumps. The same search does find what was said in an open room, in each of
these places.
"""

import asyncio
import base64
import binascii
import json
import logging
import os
import re
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import aiohttp
import asyncpg
import pytest
import redis

from persistence import migrations
from server import embedded
from tests.faults.stage import Stage
from tests.sdk.sealed.canaries import Canaries
from tests.sdk.sealed.day import Day, day
from tests.sdk.sealed.tap import Tap
from ymera_client import MessageSend, RoomCreate

pytestmark = pytest.mark.usefixtures("short_waits")
PAGE = 8192
"""Bytes of PostgreSQL's pages; no row reaches from one into another."""
COMPRESSED = re.compile(rb"\r\ncontent-encoding:", re.IGNORECASE)
OPEN = "open: "
"""What the names of canaries begin with that are where anybody may see them."""


@dataclass
class Site:
    """Two nodes, and everything that they use and say."""

    stage: Stage
    folder: Path
    postgres: Path
    dsn: str
    redis_url: str
    clients: tuple[Tap, Tap]
    """Between the clients and each node."""
    database: Tap
    cache: Tap

    async def said(self) -> dict[str, bytes]:
        """All of it, by where it was found."""
        found = {
            "what clients and the first node have sent": self.clients[0].said(),
            "what clients and the second node have sent": self.clients[1].said(),
            "what nodes and PostgreSQL have sent": self.database.said(),
            "what nodes and Redis have sent": self.cache.said(),
            "the metrics of the first node": await metrics(self.stage.nodes[0].url),
            "the metrics of the second node": await metrics(self.stage.nodes[1].url),
            "PostgreSQL's dump": await asyncio.to_thread(dump, self.dsn),
            "Redis's keys": keys(self.redis_url),
            "the log of the first node": self.stage.nodes[0].log.read_bytes(),
            "the log of the second node": self.stage.nodes[1].log.read_bytes(),
            "the store of files": contents(self.folder / "files"),
        }
        await checkpoint(self.dsn)
        return found | {"PostgreSQL's folder": pages(self.postgres)}


@pytest.fixture
async def site(redis_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """Two nodes that log all they can, on a PostgreSQL of their own."""
    async with AsyncExitStack() as stack:
        # Not in pytest's folder: each session that starts closes that to the user whom PostgreSQL runs as.
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ymera-test-")))
        running = await asyncio.to_thread(embedded.start, folder, options=embedded.VOLATILE)
        stack.callback(running.stop)
        await migrations.upgrade(running.dsn)
        database = await stack.enter_async_context(Tap(running.dsn))
        cache = await stack.enter_async_context(Tap(redis_url))
        stage = Stage(running.dsn, cache.url, tmp_path)
        stack.callback(stage.close)
        await stage.admit(4)
        environ = {"YMERA_LOG_LEVEL": "debug", "YMERA_DATABASE_URL": database.dsn}
        nodes = await stage.start(environ, environ)
        one, two = [await stack.enter_async_context(Tap(node.url)) for node in nodes]
        yield Site(stage, tmp_path, folder, running.dsn, redis_url, (one, two), database, cache)


async def test_nothing_of_a_sealed_day_is_found_outside_of_the_devices(
    site: Site, redis_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    canaries = Canaries()
    one, two = site.clients
    async with day(canaries, (one.url, two.url), site.stage.tokens, tmp_path) as its:
        for part in (its.talk, its.plan, its.file, its.search, its.meet, its.move, its.work):
            await part()
        await speak_openly(its, redis_url)
        found = await site.said()
        found["the devices' stores"] = contents(*its.devices)
        await its.end()
    found["the devices' stores, closed"] = contents(*its.devices)
    found["what the clients have logged"] = caplog.text.encode() + its.bo.said
    assert [where for where, said in found.items() if COMPRESSED.search(said)] == []
    await asyncio.to_thread(assert_sealed, canaries, found)


WAYS: dict[str, Callable[[bytes], bytes]] = {
    "as it is": bytes,
    "in base64": base64.b64encode,
    "in base64, one byte later": lambda raw: base64.b64encode(b"-" + raw + b"-"),
    "in base64, two bytes later": lambda raw: base64.b64encode(b"--" + raw + b"--"),
    "in base64url": lambda raw: base64.urlsafe_b64encode(raw).rstrip(b"="),
    "in hexadecimal": binascii.hexlify,
    "in hexadecimal, large": lambda raw: binascii.hexlify(raw).upper(),
    "percent-encoded": lambda raw: quote_from_bytes(raw).encode(),
    "in JSON": lambda raw: json.dumps({"text": raw.decode("latin-1")}).encode(),
    "as numbers": lambda raw: json.dumps(list(raw)).encode(),
    "printed": lambda raw: repr(raw).encode(),
    "in base64 in a column of bytes": lambda raw: binascii.hexlify(
        b'{"key":"' + base64.b64encode(raw) + b'"}'
    ),
    "in JSON in base64": lambda raw: base64.b64encode(json.dumps({"key": raw.hex()}).encode()),
}
TEXTS: dict[str, Callable[[str], bytes]] = {
    "in UTF-16": lambda text: text.encode("utf-16"),
    "in large letters": lambda text: text.upper().encode(),
    "as a JSON escape": lambda text: "".join(f"\\u{ord(each):04x}" for each in text).encode(),
}


@pytest.mark.parametrize("way", [*WAYS.values(), *TEXTS.values()], ids=[*WAYS, *TEXTS])
@pytest.mark.parametrize("shift", range(8))
def test_a_canary_is_found_however_it_is_written(way: Callable[[Any], bytes], shift: int) -> None:
    canaries = Canaries()
    text = canaries.text("a text")
    secret = os.urandom(32)
    canaries.add("a secret", secret)
    if way in TEXTS.values():
        written, name = way(text), "a text"
    elif shift % 2:
        written, name = way(text.encode()), "a text"
    else:
        written, name = way(secret), "a secret"
    assert canaries.found_in(bytes(shift) + written + os.urandom(20)) == {name}
    assert canaries.found_in(bytes(shift) + written[:-12]) == set()
    with pytest.raises(AssertionError, match=f"{name} is in the log"):
        assert_sealed(canaries, {"the log": written})


OPENLY: dict[str, tuple[str, ...]] = {
    "what clients and the first node have sent": ("a message", "a file's content", "the identity of Ada"),
    "what clients and the second node have sent": ("a message", "the identity of Ada"),
    "what nodes and PostgreSQL have sent": ("a message", "the identity of Ada"),
    "what nodes and Redis have sent": ("a message",),
    "the metrics of the first node": ("the name of a metric",),
    "the metrics of the second node": ("the name of a metric",),
    "PostgreSQL's dump": ("a message", "the identity of Ada"),
    "PostgreSQL's folder": ("a message", "the identity of Ada"),
    "Redis's keys": ("a value in Redis",),
    "the log of the first node": ("Ada's id",),
    "the log of the second node": ("Bo's id",),
    "the store of files": ("a file's content",),
    "the devices' stores": ("the room's id",),
    "the devices' stores, closed": ("the room's id",),
    "what the clients have logged": ("a line of a log",),
}
"""What must be found in each place, or else the search would not find what must not be."""


async def speak_openly(its: Day, redis_url: str) -> None:
    """Say and do something in an open room, by the same clients, and know what else is no secret."""
    canaries = its.canaries
    created = await its.ada.call(RoomCreate(name="open", members=[its.bo.id]))
    await its.bo.do("sees", created.id, "open")
    text = canaries.text(f"{OPEN}a message")
    await its.ada.call(MessageSend(room=created.id, text=text))
    await its.bo.do("sees", created.id, text)
    await its.ada.files.upload(created.id, canaries.text(f"{OPEN}a file's content").encode(), name="open.txt")
    me = its.ada.sealed.status.me
    assert me is not None
    canaries.add(f"{OPEN}the identity of Ada", base64.urlsafe_b64decode(me.fp + "="))
    canaries.add(f"{OPEN}Ada's id", its.ada.me.id)
    canaries.add(f"{OPEN}Bo's id", its.bo.id)
    canaries.add(f"{OPEN}the room's id", its.room)
    canaries.add(f"{OPEN}the name of a metric", "ymera_command_seconds")
    with redis.Redis.from_url(redis_url) as client:
        client.set("open", canaries.text(f"{OPEN}a value in Redis"))
    logging.getLogger("ymera_client").debug(canaries.text(f"{OPEN}a line of a log"))


def assert_sealed(canaries: Canaries, found: dict[str, bytes]) -> None:
    """Nothing secret is anywhere, and what is not is found wherever it must be."""
    met = {where: canaries.found_in(said) for where, said in found.items()}
    leaks = [f"{name} is in {where}" for where, names in met.items() for name in names]
    secret = sorted(each for each in leaks if not each.startswith(OPEN))
    assert not secret, "\n".join(secret)
    missed = [
        f"{name} is not found in {where}"
        for where, names in OPENLY.items()
        for name in names
        if OPEN + name not in met[where]
    ]
    assert missed == []


async def metrics(url: str) -> bytes:
    async with aiohttp.ClientSession() as http, http.get(f"{url}/metrics") as answer:
        return await answer.read()


def dump(dsn: str) -> bytes:
    """The whole database as SQL."""
    command = [str(embedded.BINARIES / "pg_dump"), "--inserts", "--no-password", dsn]
    return subprocess.run(command, check=True, capture_output=True).stdout


def keys(url: str) -> bytes:
    """Every key of Redis with its value, in Redis's own form without compression."""
    with redis.Redis.from_url(url) as client:
        client.config_set("rdbcompression", "no")
        try:
            every = client.keys()
            return b"\n".join(key + b" " + (client.dump(key) or b"") for key in every)
        finally:
            client.config_set("rdbcompression", "yes")


async def checkpoint(dsn: str) -> None:
    """Have PostgreSQL write down what it has in memory."""
    connection = await asyncpg.connect(dsn)
    await connection.execute("CHECKPOINT")
    await connection.close()


def contents(*folders: Path) -> bytes:
    """The paths of all files below some folders, and what is in them."""
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    return b"\n".join(str(path).encode() + b"\n" + path.read_bytes() for path in files)


def pages(folder: Path) -> bytes:
    """What is in PostgreSQL's files, once where it is there several times, and without stretches of zeros."""
    kept: set[bytes] = set()
    rest = bytearray()
    for path in folder.rglob("*"):
        if path.is_file() and "base" in path.parts:
            data = path.read_bytes()
            kept.update(data[at : at + PAGE] for at in range(0, len(data), PAGE))
        elif path.is_file():
            rest += path.read_bytes()
    return (b"".join(kept) + rest).replace(bytes(64), b"")
