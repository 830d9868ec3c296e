"""What the benchmarks need and the program does not: compiled C, the peers from npm and PyPI.

Everything is made at the first need, under `bench/.build`, and again when what it was made from changed.
"""

import functools
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parent
BUILD = BENCH / ".build"
PEERS = BENCH / "peers"
CLIENTS = ROOT / "client-sdk"


class MissingError(Exception):
    """Something that cannot be made here; the message says what, and how to get it."""


def generator() -> Path:
    """The load generator."""
    return _compiled("load", sorted((BENCH / "load").glob("*.c")), sorted((BENCH / "load").glob("*.h")))


def floor() -> Path:
    """The C server that the others are held against."""
    return _compiled("floor", [PEERS / "floor.c"], [])


def python() -> Path:
    """The interpreter of an environment with the Python peers and what draws the charts."""
    lists = [PEERS / "requirements.txt", BENCH / "requirements.txt"]
    found = BUILD / "venv" / "bin" / "python"
    if _stale("venv", lists):
        print("Installing the Python peers", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", BUILD / "venv"], check=True)
        names = [part for each in lists for part in ("--requirement", str(each))]
        subprocess.run([found, "-m", "pip", "install", "--quiet", *names], check=True)
        _fresh("venv", lists)
    return found


def node_script(name: str) -> Path:
    """A Node peer, beside the packages that it imports."""
    if shutil.which("npm") is None:
        raise MissingError("npm is missing: install Node.js 20 or newer to measure the Node servers")
    folder = BUILD / "node"
    lists = [PEERS / "package.json", PEERS / "package-lock.json", PEERS / ".npmrc"]
    if _stale("node", lists):
        print("Installing the Node peers", file=sys.stderr)
        folder.mkdir(parents=True, exist_ok=True)
        for each in lists:
            shutil.copy(each, folder)
        subprocess.run(["npm", "ci", "--no-progress", "--silent"], cwd=folder, check=True)
        _fresh("node", lists)
    shutil.copy(PEERS / name, folder)
    return folder / name


@functools.cache
def sealed_scripts() -> Path:
    """A folder of pages, as a node serves one, with the TypeScript SDK and what measures it in `assets`:
    `core.mjs`, `client.mjs`, `worker.mjs`.
    """
    vite = CLIENTS / "node_modules" / ".bin" / "vite"
    if not vite.exists():
        raise MissingError("the packages of the JavaScript clients are missing: run npm ci in client-sdk")
    config = PEERS / "vite.config.mjs"
    sources = [*sorted((CLIENTS / "js" / "src").rglob("*.ts")), *sorted(PEERS.glob("sealed_*.mjs")), config]
    if _stale("sealed", sources):
        subprocess.run([vite, "build", "--config", config], cwd=CLIENTS, check=True)
        (BUILD / "sealed" / "index.html").write_text("<!doctype html>")
        _fresh("sealed", sources)
    return BUILD / "sealed"


@functools.cache
def sdk_program(name: str) -> Path:
    """A program that is written with the TypeScript SDK for Node, beside which that is built."""
    tsc = CLIENTS / "node_modules" / ".bin" / "tsc"
    if not tsc.exists():
        raise MissingError("the packages of the JavaScript clients are missing: run npm ci in client-sdk")
    made, config = BUILD / "sdk", CLIENTS / "js" / "tsconfig.build.json"
    sources = [*sorted((CLIENTS / "js" / "src").rglob("*.ts")), config]
    if _stale("sdk", sources):
        shutil.rmtree(made, ignore_errors=True)
        subprocess.run([tsc, "-p", config, "--outDir", made], check=True)
        (made / "node_modules").symlink_to(CLIENTS / "node_modules")
        (made / "package.json").write_text('{"type": "module"}')
        _fresh("sdk", sources)
    return PEERS / name


def sdk_environment() -> dict[str, str]:
    """The environment of a program that is written with the Python SDK."""
    return {**os.environ, "PYTHONPATH": f"{ROOT}:{CLIENTS / 'python'}"}


def _compiled(name: str, sources: Sequence[Path], headers: Sequence[Path]) -> Path:
    made = BUILD / name
    if _stale(name, [*sources, *headers]):
        compiler = shutil.which("cc")
        if compiler is None:
            raise MissingError("no C compiler: install one that is called cc, for example the package gcc")
        BUILD.mkdir(exist_ok=True)
        flags = ["-std=gnu11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-Werror"]
        subprocess.run([compiler, *flags, "-o", made, *sources], check=True)
        _fresh(name, [*sources, *headers])
    return made


def _digest(files: Sequence[Path]) -> str:
    return hashlib.sha256(b"".join(each.read_bytes() for each in files)).hexdigest()


def _stale(name: str, files: Sequence[Path]) -> bool:
    stamp = BUILD / f"{name}.stamp"
    return not stamp.exists() or stamp.read_text() != _digest(files)


def _fresh(name: str, files: Sequence[Path]) -> None:
    (BUILD / f"{name}.stamp").write_text(_digest(files))
