"""Memory of connections that do nothing, and storms of connections.

Memory is the growth of the server's resident set for each connection, from one process started for each
measurement: none of what a peer kept from before is counted or hidden. YMERA's connections are authenticated.
In a storm everyone comes at once, and the limits of admission are those that the program is shipped with; a
connection that is refused tries again when it is told to.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench import machine
from bench.fanout import MEMBERS
from bench.generator import Load, Sample, connect, started
from bench.rounds import Plan, Results
from bench.servers import NODE, NODE_WS, STOCK, YMERA, Peer, Server, serving

PEERS = (YMERA, NODE, STOCK, NODE_WS)
COUNTS = (1_000, 5_000, 20_000)
SETTLE_SECONDS = 2.0
STORM = 5_000
MISSED = 100


@contextmanager
def fresh(peer: Peer) -> Iterator[Server]:
    """A process that has done nothing yet: YMERA's members are made by another node.

    What making them left free inside the process would otherwise be taken by the first connections.
    """
    if peer is not YMERA:
        with serving(peer) as server:
            yield server
        return
    with (
        serving(YMERA, "--members", str(MEMBERS)) as first,
        serving(YMERA, "--database", first.said[0]["database"], folder=first.folder) as server,
    ):
        yield server


def idle(peer: Peer, count: int) -> Sample:
    """Memory of one connection among `count`, in a fresh process, and how fast they came."""
    with fresh(peer) as server:
        connect(server, Load(connections=10, senders=0))
        before = server.memory()
        with started(server, Load(connections=count, senders=0, hold=600)) as lines:
            ready = next(lines)
            time.sleep(SETTLE_SECONDS)
            grown = server.memory() - before
        return {
            "bytes_per_connection": grown / count,
            "connects_per_second": count / ready["seconds"],
            "slowest_connect_ms": ready["slowest_ms"],
        }


def storm(count: int, behind: int | None) -> Sample:
    """Everyone connects at once and, where `behind` is given, joins a room with so many events missed."""
    with serving(YMERA, "--guarded", "--members", str(MEMBERS), "--events", str(MISSED * 2)) as server:
        joins = None if behind is None else server.joins(behind)
        load = Load(connections=count, senders=0, at_once=count, joins=joins)
        sample = connect(server, load)
    return {"per_second": count / sample["seconds"], **sample}


def measure(plan: Plan) -> Results:
    """Idle memory of the peers, and YMERA's storms."""
    results = Results("memory", plan)
    most = machine.allow_connections()
    rounds = 1 if plan.quick else 3
    counts = (1_000, 5_000) if plan.quick else tuple(min(count, most) for count in COUNTS)
    if counts[-1] == most:
        results.note(
            f"{most:,} connections instead of {COUNTS[-1]:,}: the limit of open files allows no more"
        )
    for count in counts:
        samples: dict[str, list[Sample]] = {peer.name: [] for peer in PEERS}
        for _ in range(rounds if count < 10_000 else 1):
            for peer in PEERS:
                samples[peer.name].append(idle(peer, count))
        for name, kept in samples.items():
            results.add(f"{count:,} idle", name, kept)
    size = 1_000 if plan.quick else STORM
    results.add(f"connect storm of {size:,}", YMERA.name, [storm(size, None) for _ in range(rounds)])
    case = f"resume storm of {size:,}, {MISSED} events missed"
    results.add(case, YMERA.name, [storm(size, MISSED) for _ in range(rounds)])
    results.write()
    return results
