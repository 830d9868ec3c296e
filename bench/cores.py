"""The cores of both SDKs, each in a fresh process or worker, on the server's core."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Page, sync_playwright

from bench import build, machine
from bench.generator import Sample, UnsoundError
from scripts import chromium

SITE = "http://localhost:9"
"""Where the page says that it is; nothing is asked there."""
BEGIN = """
async ([told, task]) => {
  globalThis.worker = new Worker("/script.js", { type: "module" });
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
    script = build.sealed_script()
    python = [sys.executable, "-m", "bench.peers.sealed_core"]
    with _page(script) as page:
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


@contextmanager
def _page(script: Path) -> Iterator[Page]:
    """A page of a Chromium that is kept on the server's core; its one script is that of its workers."""
    mine = psutil.Process()
    before = mine.cpu_affinity()
    machine.pin(mine, machine.SERVER_CORE)
    with sync_playwright() as playwright:
        # Chromium has no sandbox for root; the page is our own.
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=["--no-sandbox"])
        mine.cpu_affinity(before)
        page = browser.new_page()
        page.route(f"{SITE}/", lambda route: route.fulfill(content_type="text/html", body=""))
        page.route(
            f"{SITE}/script.js", lambda route: route.fulfill(path=script, content_type="text/javascript")
        )
        page.goto(f"{SITE}/")
        yield page
        browser.close()


def _worked(page: Page, room: Path, task: str) -> Sample:
    try:
        page.evaluate(BEGIN, [room.read_text(), task])
        before = _renderers()
        found: Sample = page.evaluate(GO)
        found["cpu_seconds"] = _renderers() - before
        page.evaluate("() => worker.terminate()")
    except BrowserError as error:
        raise UnsoundError(f"the worker failed: {error}") from error
    return found


def _renderers() -> float:
    """Processor time of the processes in which pages and their workers run."""
    children = psutil.Process().children(recursive=True)
    return sum(machine.cpu_seconds(each) for each in children if "--type=renderer" in each.cmdline())
