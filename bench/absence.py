"""Somebody who is in an encrypted room, was away while much was said there, and comes back.

The client is the whole SDK with its encrypted store: a program in Python, or a page with its keys in a
worker. It may use every core, beside the server. The messages were said by others, by way of the server.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import uvloop
from playwright.sync_api import Error as BrowserError

from bench import browser, build, machine
from bench.forum import Forum, forum
from bench.generator import Sample, UnsoundError
from bench.stage import SPEAKERS
from protocol.wire import from_base64

MIB = 1024 * 1024
Client = Callable[[str, str, Path, list[str | int]], Any]
"""Gets a server, a token, the folder of its store and, to read, a room and the seq at its end."""


@dataclass(frozen=True, slots=True)
class Absence:
    """A client that has been in the room, as it was when it went away."""

    name: str
    client: Client
    forum: Forum
    token: str
    store: Path
    messages: int
    last: int
    """The seq at the end."""

    def back(self) -> Sample:
        """Come back once: what it took until all was verified, decrypted, kept and shown."""
        with TemporaryDirectory(prefix="ymera-bench-") as folder:
            copy = Path(folder) / "store"
            shutil.copytree(self.store, copy)
            reading: list[str | int] = [self.forum.sealed_room, self.last]
            sample: Sample = self.client(self.forum.url, self.token, copy, reading)
        return sample | {"per_second": self.messages / sample["seconds"]}


@contextmanager
def absences(messages: int) -> Iterator[list[Absence]]:
    """Have so many messages said in the absence of all clients; the server runs for the length of a block."""
    clients: dict[str, Client] = {"Python SDK": _program, "TypeScript SDK, worker": _page}
    with (
        TemporaryDirectory(prefix="ymera-bench-") as folder,
        forum(SPEAKERS, len(clients), build.sealed_scripts()) as made,
    ):
        away: list[tuple[str, Client, str, Path]] = []
        for (name, client), token in zip(clients.items(), made.tokens[SPEAKERS:], strict=True):
            store = Path(folder) / name
            store.mkdir()
            uvloop.run(made.admit(from_base64(client(made.url, token, store, [])["fp"])))
            away.append((name, client, token, store))
        before = made.hall.stage.timeline.seq
        for _, client, token, store in away:
            client(made.url, token, store, [made.sealed_room, before])
        uvloop.run(made.talk(made.sealed, 32, messages))
        last = before + messages
        yield [
            Absence(name, client, made, token, store, messages, last) for name, client, token, store in away
        ]


def _program(url: str, token: str, store: Path, reading: list[str | int]) -> Any:
    command = [sys.executable, "-m", "bench.peers.sealed_client", url, token, str(store), *map(str, reading)]
    done = subprocess.run(
        command,
        check=False,
        cwd=build.ROOT,
        env=build.sdk_environment(),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise UnsoundError(f"the client failed: {done.stderr[-500:]}")
    return json.loads(done.stdout)


def _page(url: str, token: str, store: Path, reading: list[str | int]) -> Any:
    try:
        with browser.page(store, url) as page:
            page.evaluate("import('/assets/client.mjs')")
            before = sum(map(machine.cpu_seconds_of_family, browser.renderers()))
            told = page.evaluate("(given) => run(...given)", [token, *reading])
            if not reading:
                return told
            running = browser.renderers()
            told["cpu_seconds"] = sum(map(machine.cpu_seconds_of_family, running)) - before
            return told | {"peak_mib": sum(map(machine.peak, running)) / MIB}
    except BrowserError as error:
        raise UnsoundError(f"the page failed: {error}") from error
