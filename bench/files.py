"""Files: how fast they go up and come down, beside @tus/server and nginx, and what that costs the server.

Uploads go into files on a disk, each with content of its own. YMERA hashes what comes, and syncs it before it
says that it has it; `files not synced` is the same server without the latter. @tus/server does neither.
Downloads come from the page cache. All of a server's processes are counted, its database's too.
"""

import os
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil

from bench import build, machine, servers
from bench.carrier import Body, Line, at_once
from bench.generator import Sample, UnsoundError
from bench.rounds import Plan, Results, alternate
from bench.servers import Peer, Server

MIB = 1024 * 1024
RESUMABLE = {"Tus-Resumable": "1.0.0"}
BYTES = {**RESUMABLE, "Content-Type": "application/offset+octet-stream"}
LARGE, MIDDLE, SMALL = 1024 * MIB, MIB, 16 * 1024
"""Bytes of the files that come down."""


class Site:
    """A server of files, as its clients see it."""

    def __init__(self, server: Server) -> None:
        self.name = server.name
        self.server = server
        self.headers: dict[str, str] = {}
        """What goes with each request."""

    def line(self) -> Line:
        """A connection to it."""
        return Line(self.server.ports[0], self.headers)


class Ymera(Site):
    """Ours: a member's files in a channel."""

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        assert server.tokens is not None
        assert server.rooms is not None
        self.headers["Authorization"] = f"Bearer {server.tokens.read_text().split()[0]}"
        self._room = server.rooms.read_text().split()[0]

    def send(self, line: Line, body: Body) -> str:
        """Begin an upload and send all of it; the path from which it can be downloaded."""
        said = {"room": self._room, "filename": f"{body.name}.bin"}
        metadata = ",".join(f"{name} {b64encode(value.encode()).decode()}" for name, value in said.items())
        length = {"Upload-Length": str(body.size), "Upload-Metadata": metadata}
        begun = line.ask("POST", "/api/files/uploads", headers=RESUMABLE | length)
        done = line.ask("PATCH", begun.headers["location"], body, BYTES | {"Upload-Offset": "0"})
        return f"/api/files/{done.headers['ymera-file']}/content"

    def post(self, line: Line, body: Body) -> None:
        """Upload a file in a single request."""
        line.ask("POST", f"/api/files?room={self._room}&filename={body.name}.bin", body)


class Tus(Site):
    """@tus/server."""

    def send(self, line: Line, body: Body) -> None:
        """Begin an upload and send all of it."""
        begun = line.ask("POST", "/files", headers=RESUMABLE | {"Upload-Length": str(body.size)})
        path = "/files/" + begun.headers["location"].rpartition("/")[2]
        line.ask("PATCH", path, body, BYTES | {"Upload-Offset": "0"})

    def post(self, line: Line, body: Body) -> None:
        """Begin an upload with all of its bytes, in a single request."""
        line.ask("POST", "/files", body, BYTES | {"Upload-Length": str(body.size)})


@dataclass(frozen=True, slots=True)
class Offer:
    """A file that a server lets clients download."""

    site: Site
    path: str

    @property
    def name(self) -> str:
        """The server's."""
        return self.site.name


@dataclass(frozen=True, slots=True)
class Amount:
    """What goes over in a round: on so many connections, one after the other, so many of so many bytes."""

    lines: int
    each: int
    size: int

    def less(self) -> "Amount":
        """About a tenth of it, to try the benchmark."""
        return Amount(min(self.lines, 16), -(-self.each // 10), min(self.size, LARGE // 16))


UPLOADS = {
    "up, 1 GiB": Amount(1, 1, LARGE),
    "up, 8 of 256 MiB at once": Amount(8, 1, LARGE // 4),
    "up, 16 KiB in one request, 8 at once": Amount(8, 50, SMALL),
}
DOWNLOADS = {
    "down, 1 GiB": (LARGE, Amount(1, 1, LARGE)),
    "down, ranges of 1 MiB, 8 at once": (LARGE, Amount(8, 100, MIDDLE)),
    "down, 1 MiB, 100 at once": (MIDDLE, Amount(100, 10, MIDDLE)),
    "down, 16 KiB, 32 at once": (SMALL, Amount(32, 50, SMALL)),
}
"""Bytes of the file, and what is asked of it."""


@contextmanager
def measured(server: Server, amount: Amount) -> Iterator[Sample]:
    """What the block took of the clock, the processors and the server's memory."""
    sample: Sample = {}
    for process in server.processes:
        # From here on the kernel notes anew how much memory there was at most.
        Path(f"/proc/{process.pid}/clear_refs").write_text("5")
    used, loaded, begun = _processor(server), time.process_time(), time.perf_counter()
    yield sample
    seconds = time.perf_counter() - begun
    used, loaded = _processor(server) - used, time.process_time() - loaded
    count = amount.lines * amount.each
    mib = count * amount.size / MIB
    sample |= {
        "mib_per_second": mib / seconds,
        "files_per_second": count / seconds,
        "cpu_ms_per_mib": used / mib * 1e3,
        "cpu_ms_per_file": used / count * 1e3,
        "peak_mib": sum(map(machine.peak, server.processes)) / MIB,
        "load_cpu_share": loaded / seconds,
    }


def upload(site: Ymera | Tus, amount: Amount, source: Path) -> Sample:
    """One round; what was uploaded is removed."""
    send: Callable[[Line, Body], object] = site.send if amount.size > SMALL else site.post
    bodies = [[Body(source, amount.size) for _ in range(amount.each)] for _ in range(amount.lines)]
    with ExitStack() as stack:
        lines = [stack.enter_context(site.line()) for _ in range(amount.lines)]

        def work(number: int) -> None:
            for body in bodies[number]:
                send(lines[number], body)

        with measured(site.server, amount) as sample:
            at_once(amount.lines, work)
    remove(site.server.folder / "files")
    return sample


def download(offer: Offer, amount: Amount, size: int) -> Sample:
    """One round with a file of `size` bytes, in ranges where that is more than the amount says."""
    with ExitStack() as stack:
        lines = [stack.enter_context(offer.site.line()) for _ in range(amount.lines)]

        def work(number: int) -> None:
            for turn in range(amount.each):
                start = (number * amount.each + turn) * amount.size % size
                span = {"Range": f"bytes={start}-{start + amount.size - 1}"} if amount.size < size else {}
                answer = lines[number].ask("GET", offer.path, headers=span)
                if answer.size != amount.size:
                    raise UnsoundError(f"{answer.size} bytes came in place of {amount.size}")

        with measured(offer.site.server, amount) as sample:
            at_once(amount.lines, work)
    return sample


def _processor(server: Server) -> float:
    """Processor time of a server, and of its database if it has one."""
    used = server.cpu_seconds()
    with suppress(FileNotFoundError):
        postmaster = (server.folder / "postgres" / "postmaster.pid").read_text().split()[0]
        used += machine.cpu_seconds_of_family(psutil.Process(int(postmaster)))
    return used


def remove(folder: Path) -> None:
    """Remove files, and have nothing left to be written in somebody else's round."""
    for path in folder.rglob("*"):
        if path.is_file():
            path.unlink()
    os.sync()


def _offers(ours: Ymera, nginx: Server | None, source: Path, size: int) -> list[Offer]:
    """The same bytes on each server; UnsoundError unless they come down as they are."""
    body = Body(source, size)
    with ours.line() as line:
        offers = [Offer(ours, ours.send(line, body))]
    if nginx is not None:
        body.write(nginx.folder / "files" / body.name)
        offers.append(Offer(Site(nginx), f"/{body.name}"))
    for offer in offers:
        with offer.site.line() as line:
            if line.sha256(offer.path) != body.sha256():
                raise UnsoundError(f"{offer.name} gives other bytes than it was given")
    return offers


def _started(stack: ExitStack, results: Results, peer: Peer, *options: str) -> Server | None:
    """A server, or a note that it cannot run here."""
    try:
        server = stack.enter_context(servers.serving(peer, *options))
    except build.MissingError as error:
        results.note(f"{peer.name} was left out: {error}")
        return None
    (server.folder / "files").mkdir(exist_ok=True)
    return server


def measure(plan: Plan) -> Results:
    """Files of all sizes up and down."""
    results = Results("files", plan)
    with ExitStack() as stack:
        source = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ymera-bench-"))) / "source"
        source.write_bytes(os.urandom(MIB) * (LARGE // MIB))
        ours = Ymera(stack.enter_context(servers.serving(servers.YMERA, "--members", "1")))
        unsynced = Ymera(stack.enter_context(servers.serving(servers.YMERA_UNSYNCED, "--members", "1")))
        tus, nginx = (_started(stack, results, peer) for peer in (servers.TUS, servers.NGINX_FILES))
        # The load is in this process; what it has started stays where it is.
        machine.pin(psutil.Process(), machine.LOAD_CORE)
        sites = [ours, unsynced, *([] if tus is None else [Tus(tus)])]
        for case, amount in UPLOADS.items():
            planned = amount.less() if plan.quick else amount
            alternate(results, case, sites, partial(upload, amount=planned, source=source))
        for case, (whole, amount) in DOWNLOADS.items():
            planned = amount.less() if plan.quick else amount
            size = max(planned.size, whole // 16) if plan.quick else whole
            offers = _offers(ours, nginx, source, size)
            alternate(results, case, offers, partial(download, amount=planned, size=size))
    return results
