"""Running the load generator against a server, and reading what it measured.

A `Load` is its command line; `run` gives one flat record: rates, latencies in milliseconds, processor time of
the server in the measured stretch. A record that is not sound (something lost, doubled or failed) is
an error, never a number.
"""

import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from bench import build, machine
from bench.servers import Server

Sample = dict[str, float]
PATIENCE = 60
"""Seconds that a run may take beyond what was asked for."""


class UnsoundError(Exception):
    """A run whose numbers mean nothing; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One run; zero or None leaves a thing out. See `load/load.c` for what stands in a message."""

    connections: int
    message: str = ""
    senders: int = 1
    senders_listen: bool = False
    window: int = 0
    in_flight: int = 0
    rate: float = 0
    seconds: float = 0
    warmup: float = 0.5
    hold: float = 0
    churn: float = 0
    at_once: int = 100
    joins: Path | None = None
    joins_each: int = 1
    rooms: Path | None = None
    recipients_each: int = 0
    limit: float = 120

    def arguments(self, server: Server) -> list[str]:
        """The generator's arguments for a server."""
        numbers = {
            "connections": self.connections,
            "senders": self.senders,
            "window": self.window,
            "in-flight": self.in_flight,
            "rate": self.rate,
            "seconds": self.seconds,
            "warmup": self.warmup,
            "hold": self.hold,
            "churn": self.churn,
            "at-once": self.at_once,
            "joins-each": self.joins_each,
            "recipients-each": self.recipients_each,
            "limit": self.limit,
        }
        texts = {
            "ports": ",".join(map(str, server.ports)),
            "wire": server.peer.wire,
            "tokens": server.tokens,
            "joins": self.joins,
            "rooms": self.rooms,
            "message": self.message or None,
        }
        if server.peer.wire == "socketio":
            path = "/socket.io/?EIO=4&transport=websocket"
            paths = {"path": path, "sender-path": f"{path}&publisher=1"}
        else:
            paths = {"path": "/room", "sender-path": "/echo" if self.in_flight else "/publish"}
        if server.sender_port:
            texts["sender-port"] = str(server.sender_port)
        chosen = {**numbers, **{name: text for name, text in texts.items() if text}, **paths}
        arguments = [part for name, value in chosen.items() for part in (f"--{name}", str(value))]
        return [*arguments, *(["--senders-listen"] if self.senders_listen else [])]


def run(server: Server, load: Load) -> Sample:
    """Run a load to its end and return what it measured."""
    with started(server, load) as said:
        ready = next_line(said, "ready")
        next_line(said, "start")
        before = server.cpu_seconds()
        next_line(said, "stop")
        used = server.cpu_seconds() - before
        result = next_line(said, "result")
    _check(result, churning=load.churn > 0)
    seconds = result["seconds"]
    sample: Sample = {
        "deliveries_per_second": result["deliveries"] / seconds,
        "acks_per_second": result["acks"] / seconds,
        "sent_per_second": result["sent"] / (seconds + load.warmup),
        "server_cpu_share": used / seconds,
        "load_cpu_share": result["load_cpu_share"],
        "out_of_order": result["disorder"],
        "connect_seconds": ready["seconds"],
    }
    # A broadcast's cost is that of its deliveries, a request's that of its answer and all that follows.
    done = result["deliveries"] if load.window or not result["acks"] else result["acks"]
    sample["cpu_seconds_per_million"] = used / done * 1e6 if done else 0.0
    for name, prefix in (("latency", ""), ("ack_latency", "ack_")):
        if result[name]["count"]:
            for key in ("p50_ms", "p99_ms", "p999_ms", "max_ms"):
                sample[prefix + key] = result[name][key]
    return sample


def connect(server: Server, load: Load) -> Sample:
    """Open a load's connections, end them, and return how long that took."""
    with started(server, load) as said:
        return {name: value for name, value in next_line(said, "ready").items() if name != "line"}


@contextmanager
def started(server: Server, load: Load) -> Iterator[Iterator[dict[str, Any]]]:
    """A running generator's lines; it is ended with the block."""
    command = machine.pinned(machine.LOAD_CORE, [str(build.generator()), *load.arguments(server)])
    with (
        tempfile.TemporaryFile("w+") as reason,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=reason, text=True) as process,
    ):
        try:
            assert process.stdout is not None
            yield lines(process.stdout)
        except UnsoundError as error:
            process.kill()
            process.wait()
            reason.seek(0)
            error.add_note(reason.read())
            raise
        finally:
            process.kill()
    server.wait_until_empty()


def lines(output: IO[str]) -> Iterator[dict[str, Any]]:
    """What a load says, line by line."""
    for line in output:
        yield json.loads(line)


def next_line(said: Iterator[dict[str, Any]], name: str) -> dict[str, Any]:
    """The next line, which must have this name; UnsoundError if it has not, or there is none."""
    line = next(said, None)
    if line is None or line["line"] != name:
        raise UnsoundError(f"the load ended before it said {name!r}; its reason stands below")
    return line


def _check(result: dict[str, Any], *, churning: bool) -> None:
    wrong = {name: result[name] for name in ("failures", "doubled", "lost") if result[name]}
    if result["undelivered"] and result["deliveries"] and not churning:
        wrong["undelivered"] = result["undelivered"]
    if wrong:
        raise UnsoundError(f"{wrong}, reply {result['first_reply']!r}")
