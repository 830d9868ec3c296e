"""The cores of both SDKs, each in a fresh process or worker, on the server's core."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Page

from bench import browser, build, machine
from bench.generator import Sample, UnsoundError

BEGIN = """
async ([told, task]) => {
  globalThis.worker = new Worker("/assets/core.mjs", { type: "module" });
  globalThis.answer = () => new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
  });
  await answer();
  worker.postMessage({ told, task });
  await answer();
}
"""
GO = """
async () => {
  const answered = answer();
  worker.postMessage("go");
  return await answered;
}
"""


@dataclass(frozen=True, slots=True)
class Core:
    """A core. `run` does a task with the room in a file: how much was done, and what that took."""

    name: str
    run: Callable[[Path, str], Sample]


def sample(core: Core, room: Path, task: str) -> Sample:
    """One round: what it took and, if something was done many times, how often that is in a second."""
    done = dict(core.run(room, task))
    if (count := done.pop("count")) > 1:
        done |= {"per_second": count / done["seconds"], "per_cpu_second": count / done["cpu_seconds"]}
    return done


@contextmanager
def standing() -> Iterator[list[Core]]:
    """The cores in Python, Node and a worker of Chromium, for the length of a block."""
    script = build.sealed_scripts() / "assets" / "core.mjs"
    python = [sys.executable, "-m", "bench.peers.sealed_core"]
    profile = TemporaryDirectory(prefix="ymera-bench-")
    with profile as folder, browser.page(Path(folder), core=machine.SERVER_CORE) as page:
        yield [
            Core("Python", lambda room, task: _printed([*python, str(room), task])),
            Core("TypeScript, Node", lambda room, task: _printed(["node", str(script), str(room), task])),
            Core("TypeScript, worker", lambda room, task: _worked(page, room, task)),
        ]


def _printed(command: list[str]) -> Sample:
    environ = build.sdk_environment()
    command = machine.pinned(machine.SERVER_CORE, command)
    done = subprocess.run(command, check=False, cwd=build.ROOT, env=environ, capture_output=True, text=True)
    if done.returncode:
        raise UnsoundError(f"{command[4:]} failed: {done.stderr[-500:]}")
    found: Sample = json.loads(done.stdout)
    return found


def _worked(page: Page, room: Path, task: str) -> Sample:
    try:
        page.evaluate(BEGIN, [room.read_text(), task])
        before = _used()
        found: Sample = page.evaluate(GO)
        found["cpu_seconds"] = _used() - before
        page.evaluate("() => worker.terminate()")
    except BrowserError as error:
        raise UnsoundError(f"the worker failed: {error}") from error
    return found


def _used() -> float:
    return sum(map(machine.cpu_seconds, browser.renderers()))
