"""Dispatch: how soon work starts once nothing blocks it, and how many runs of nothing are done in a second.

Runs go the whole way: created, offered, accepted, completed, each step committed to a PostgreSQL that writes
to disk. Beside them the same jobs in procrastinate (on the same build of PostgreSQL, with the same settings)
and in Celery on Redis. What is counted goes from the first job that is handed in to the end of the last.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from bench import build, machine, servers
from bench.generator import Sample, lines, next_line
from bench.rounds import Plan, Results, alternate
from bench.servers import YMERA, Peer, Server
from server import embedded
from tests.servers import RedisServer

RUNS = {1: 300, 10: 1_000, 100: 2_000}
"""Runs of a round, by how many go on at once."""
PAIRS = 150
"""Tasks of a round that end and free another."""
QUIET = 10.0
"""How many of them end in a second."""
CREW = ["--processes", "10", "--capacity", "1000"]
"""Who does what becomes free."""
SURVIVING = {"appendonly": "yes", "appendfsync": "always"}
"""What keeps the jobs in Redis over a crash of the machine, as PostgreSQL does."""


@dataclass(frozen=True, slots=True)
class System:
    """Something that gives out work, running."""

    name: str
    load: list[str]
    """The command of a load, but for how much there is of it."""
    processes: list[psutil.Process]
    """All that works, but the load."""


class Stores:
    """What the systems keep their work in: a database for procrastinate, two Redis for Celery."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        database = embedded.start(folder)
        stack.callback(database.stop)
        self.dsn = database.dsn
        self.database = _postmaster(folder)
        self.durable = self._redis(stack, folder / "durable", SURVIVING)
        self.plain = self._redis(stack, folder / "plain", {})

    def _redis(self, stack: ExitStack, folder: Path, options: dict[str, str]) -> RedisServer:
        server = RedisServer(folder, options=options)
        server.start()
        stack.callback(server.stop)
        machine.pin(_process(server), machine.SERVER_CORE)
        return server


def _process(redis: RedisServer) -> psutil.Process:
    return psutil.Process(int(redis.do("INFO", "server")["process_id"]))


def _postmaster(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / "postgres" / "postmaster.pid").read_text().split()[0]))


def ymera(node: Server, what: str, *options: str, name: str = "YMERA") -> System:
    """A node, with the load that `bench/crew.py` makes of these options."""
    crew = [sys.executable, "-m", "bench.crew", what, "--port", str(node.ports[0])]
    load = [*crew, "--tokens", str(node.tokens), *options]
    return System(name, load, [*node.processes, _postmaster(node.folder)])


@contextmanager
def _others(stores: Stores, at_once: int) -> Iterator[list[System]]:
    """The workers of the other systems, for so many jobs at once."""
    python, scripts = str(build.python()), build.PEERS
    with ExitStack() as stack:

        def system(
            name: str, script: str, where: list[str], worker: list[str], store: psutil.Process
        ) -> System:
            command = [python, str(scripts / script)]
            peer = Peer(name, "own", lambda _: [*command, "worker", *where, *worker])
            serving = stack.enter_context(servers.serving(peer))
            return System(name, [*command, "load", *where], [*serving.processes, store])

        yield [
            system("procrastinate", "procrastinate_jobs.py", [stores.dsn], [str(at_once)], stores.database),
            *(
                system(
                    name,
                    "celery_jobs.py",
                    [str(redis.socket), when],
                    ["threads", str(at_once)],
                    _process(redis),
                )
                for name, redis, when in (
                    ("Celery, late acknowledgement, Redis that syncs", stores.durable, "late"),
                    ("Celery and Redis as they come", stores.plain, "early"),
                )
            ),
        ]


def drained(system: System, count: int) -> Sample:
    """One round of runs, handed in and done."""
    return _run(system, [*system.load, str(count)], count)


def unblocked(system: System, pairs: int) -> Sample:
    """One round of tasks that end, each of which frees another."""
    return _run(system, [*system.load, str(pairs)], pairs)


def _run(system: System, load: list[str], count: int) -> Sample:
    command = machine.pinned(machine.LOAD_CORE, load)
    with subprocess.Popen(command, cwd=build.ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = lines(process.stdout)
            next_line(said, "start")
            everybody = [*system.processes, psutil.Process(process.pid)]
            before = sum(map(machine.cpu_seconds_of_family, everybody))
            next_line(said, "stop")
            used = sum(map(machine.cpu_seconds_of_family, everybody)) - before
            sample: Sample = next_line(said, "result")["sample"]
        finally:
            process.kill()
    return sample | {"cpu_ms_per_run": used / count * 1e3}


def measure(plan: Plan) -> Results:
    """Runs a second of all systems, with 1, 10 and 100 at once; how soon ours start what has become free."""
    results = Results("dispatch", plan)
    share = 0.1 if plan.quick else 1.0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="ymera-bench-jobs-")))
        node = stack.enter_context(servers.serving(YMERA, "--members", "1"))
        stores = Stores(stack, folder)
        for at_once, runs in RUNS.items():
            ours = ymera(node, "drain", "--processes", str(at_once), "--count")
            sdk = ["--sdk", "--capacity", str(at_once), "--count"]
            with _others(stores, at_once) as others:
                systems = [ours, ymera(node, "drain", *sdk, name="YMERA, Python SDK"), *others]
                alternate(results, f"{at_once} at once", systems, partial(drained, count=int(runs * share)))
        half = (results.median(f"{max(RUNS)} at once", "YMERA", "runs_per_second") or 0) / 2
        for by, ending in (("transition", "task.transition"), ("complete", "run.complete")):
            for name, rate in (("else quiet", 0.0), ("at half load", half)):
                options = [*CREW, "--rate", str(QUIET), "--by", by, "--load", str(rate), "--count"]
                system = ymera(node, "unblock", *options)
                turn = partial(unblocked, pairs=int(PAIRS * share))
                alternate(results, f"unblocked by {ending}, {name}", [system], turn)
    return results
