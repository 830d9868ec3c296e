"""The servers that are measured: how each is started, spoken to and stopped."""

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import psutil

from bench import build, machine

START_SECONDS = 120
STOP_SECONDS = 20
EVENT = (
    '{"room":"0193d2e6-0000-7000-8000-000000000002","seq":@S,"type":"message.sent",'
    '"at":"2026-01-01T00:00:00.000000Z","actor":"0193d2e6-0000-7000-8000-000000000001",'
    '"data":{"text":"sent:@T:@K"}}'
)
PUBLISH = (
    '42["bench.publish",{"room":"@R","seq":@S,"actor":"0193d2e6-0000-7000-8000-000000000001",'
    '"text":"sent:@T:@K"}]'
)
NCHAN = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")


@dataclass(frozen=True, slots=True)
class Peer:
    """A kind of server. `command` gets its folder and returns what starts it."""

    name: str
    wire: Literal["socketio", "ws", "own"]
    """What the load generator speaks with it, if anything."""
    command: Callable[[Path], list[str]]
    message: str = EVENT
    """What its publisher sends."""
    question: str = EVENT
    """What it answers at once."""
    port: Literal["said", "chosen"] = "said"
    """Whether it says its port, or the driver chose one."""


def _socketio(name: str, command: Callable[[Path], list[str]]) -> Peer:
    return Peer(name, "socketio", command, f'42["publish",{EVENT}]', f'42@A["ask",{EVENT}]')


def _nchan(folder: Path) -> list[str]:
    if not NCHAN.exists():
        raise build.MissingError("nchan is missing: install nginx with the package libnginx-mod-nchan")
    return _nginx(folder, "nginx.conf", {"MODULE": NCHAN})


def _nginx(folder: Path, template: str, own: dict[str, object]) -> list[str]:
    if shutil.which("nginx") is None:
        raise build.MissingError("nginx is missing: install the package nginx")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    files = machine.allow_connections()
    text = (build.PEERS / template).read_text()
    values = own | {"FOLDER": folder, "FILES": files, "CONNECTIONS": files - 100, "PORT": port}
    for name, value in values.items():
        text = text.replace(name, str(value))
    (folder / "nginx.conf").write_text(text)
    (folder / "port").write_text(str(port))
    return ["nginx", "-e", "stderr", "-c", str(folder / "nginx.conf")]


def _eiows(_: Path) -> list[str]:
    script = build.node_script("socketio.mjs")
    if not (script.parent / "node_modules" / "eiows").exists():
        raise build.MissingError(
            "eiows is missing: its package builds for some versions of Node.js only (22, 24, 26)"
        )
    return ["node", str(script), "--engine", "eiows"]


def _ymera(name: str, *options: str) -> Peer:
    return Peer(
        name,
        "socketio",
        lambda folder: [sys.executable, "-m", "bench.peers.ymera_node", str(folder), *options],
        PUBLISH,
        '42@A["presence.list",{"room":"@R"}]',
    )


YMERA = _ymera("YMERA")
YMERA_UNSYNCED = _ymera("YMERA, files not synced", "--unsynced")
NODE = _socketio("Node socket.io (ws)", lambda _: ["node", str(build.node_script("socketio.mjs"))])
NODE_EIOWS = _socketio("Node socket.io (eiows)", _eiows)
STOCK = _socketio(
    "python-socketio + aiohttp + uvloop",
    lambda _: [str(build.python()), str(build.PEERS / "python_socketio.py")],
)
FASTAPI = Peer(
    "FastAPI + uvicorn, plain WebSocket",
    "ws",
    lambda _: [str(build.python()), str(build.PEERS / "fastapi_websocket.py")],
)
NODE_WS = Peer("Node ws, plain", "ws", lambda _: ["node", str(build.node_script("ws.mjs"))])
NCHAN_PEER = Peer("nchan (nginx, C)", "ws", _nchan, port="chosen")
TUS = Peer(
    "Node @tus/server",
    "own",
    lambda folder: ["node", str(build.node_script("tus.mjs")), str(folder / "files")],
)
NGINX_FILES = Peer(
    "nginx, sendfile (C)",
    "own",
    lambda folder: _nginx(folder, "nginx-files.conf", {}),
    port="chosen",
)
C_FRAMES = Peer("floor in C, one send per frame", "ws", lambda _: [str(build.floor()), "frames"])
C_JOINED = Peer("floor in C, frames joined per tick", "ws", lambda _: [str(build.floor()), "joined"])
PYTHON_FRAMES = Peer(
    "floor in Python, one write per frame",
    "ws",
    lambda _: [str(build.python()), str(build.PEERS / "floor.py"), "frames"],
)
PYTHON_JOINED = Peer(
    "floor in Python, frames joined per tick",
    "ws",
    lambda _: [str(build.python()), str(build.PEERS / "floor.py"), "joined"],
)


@dataclass(slots=True)
class Server:
    """Running processes of one peer: one, or several nodes that know of each other."""

    peer: Peer
    processes: list[psutil.Process]
    ports: list[int]
    folder: Path
    sender_port: int = 0
    """Where senders connect; 0 for the first of `ports`."""
    said: list[dict[str, str]] = field(default_factory=list)
    outputs: list[int] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The peer's."""
        return self.peer.name

    @property
    def tokens(self) -> Path | None:
        """The file with the credentials, where the peer asks for some."""
        path = self.folder / "tokens"
        return path if path.exists() else None

    @property
    def rooms(self) -> Path | None:
        """The file with rooms and the heads of their logs, where the peer has several."""
        path = self.folder / "rooms"
        return path if path.exists() else None

    def joins(self, behind: int = 0) -> Path | None:
        """A file with the command that joins each room, `behind` events behind its head."""
        if self.rooms is None:
            return None
        path = self.folder / f"joins-{behind}"
        commands = []
        for line in self.rooms.read_text().splitlines():
            room, head = line.split()
            commands.append(
                json.dumps(["room.join", {"room": room, "after_seq": max(0, int(head) - behind)}])
            )
        path.write_text("".join(f"{command}\n" for command in commands))
        return path

    def cpu_seconds(self) -> float:
        """Processor time that all its processes have used."""
        return sum(map(machine.cpu_seconds, self.processes))

    def memory(self) -> int:
        """Resident bytes of all its processes."""
        return sum(map(machine.memory, self.processes))

    def tasks(self) -> int:
        """How many tasks the first process has; YMERA only."""
        self.processes[0].send_signal(signal.SIGUSR1)
        return int(_line(self.outputs[0], self.peer.name)["tasks"])

    def wait_until_empty(self) -> None:
        """Return when YMERA has seen every connection end: the next run's rooms begin at their heads."""
        if self.peer.message != PUBLISH:
            return
        for port in self.ports:
            deadline = time.monotonic() + STOP_SECONDS
            while time.monotonic() < deadline and _connections(port) > 0:
                time.sleep(0.1)


def _connections(port: int) -> float:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    return sum(float(line.split()[1]) for line in text.splitlines() if line.startswith("ymera_connections "))


@contextmanager
def serving(peer: Peer, *arguments: str, processes: int = 1, folder: Path | None = None) -> Iterator[Server]:
    """Start a peer, in one or several processes on the server's core, for the length of a block.

    What it writes goes into `folder`, by default one that is removed afterwards.
    """
    with ExitStack() as stack:
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ymera-bench-")))
        server = Server(peer, [], [], folder)
        for _ in range(processes):
            command = [*peer.command(folder), *arguments]
            said, output, process = stack.enter_context(_started(peer, command, folder))
            server.said.append(said)
            server.outputs.append(output)
            server.processes.append(psutil.Process(process.pid))
            server.ports.append(int(said["port"]))
        yield server


@contextmanager
def _started(
    peer: Peer, command: list[str], folder: Path
) -> Iterator[tuple[dict[str, str], int, "subprocess.Popen[bytes]"]]:
    machine.allow_connections()
    environ = {**os.environ, "PYTHONPATH": str(build.ROOT), "NODE_ENV": "production"}
    with (
        (folder / "log").open("ab") as log,
        subprocess.Popen(
            machine.pinned(machine.SERVER_CORE, command),
            cwd=build.ROOT,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
        ) as process,
    ):
        try:
            assert process.stdout is not None
            output = process.stdout.fileno()
            if peer.port == "chosen":
                said = {"port": (folder / "port").read_text()}
                _wait_for(int(said["port"]))
            else:
                said = _line(output, f"{peer.name} ({folder / 'log'})")
            yield said, output, process
        except build.MissingError as error:
            raise build.MissingError(f"{error}: {(folder / 'log').read_text()[-500:]}") from error
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def _line(output: int, name: str) -> dict[str, str]:
    """The next line of JSON from a process."""
    text = b""
    while not text.endswith(b"\n"):
        readable, _, _ = select.select([output], [], [], START_SECONDS)
        chunk = os.read(output, 4096) if readable else b""
        if not chunk:
            raise build.MissingError(f"{name} did not start")
        text += chunk
    said: dict[str, str] = json.loads(text)
    return said


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise build.MissingError(f"nothing listens on port {port}")
