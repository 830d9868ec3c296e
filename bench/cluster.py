"""Two nodes and a Redis: what crossing costs.

The recipients are spread over both nodes; the publisher is on the first. Both nodes and Redis share one core
here, so that what is compared is their whole cost, not how many cores there are. Latency across nodes: the
recipients are on the second node only, against all on the first.
"""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from redis import Redis

from bench import build
from bench.fanout import MEMBERS, broadcast
from bench.generator import Sample
from bench.latency import at_rate
from bench.machine import SERVER_CORE
from bench.rounds import Plan, Results, alternate
from bench.servers import NODE, STOCK, YMERA, Peer, Server, serving
from tests.servers import RedisServer, redis_server

BURSTS = ((100, 32), (1_000, 16))
RECIPIENTS = 100
MODERATE = 100.0

PUBSUB = replace(NODE, name="Node socket.io, Redis adapter")
STREAMS = replace(NODE, name="Node socket.io, Redis-streams adapter")
STOCK_REDIS = replace(STOCK, name="python-socketio, Redis manager")


@contextmanager
def pair(peer: Peer, redis: RedisServer) -> Iterator[Server]:
    """Two nodes of a peer."""
    socket = str(redis.socket)
    if peer is YMERA:
        with _two_of_ymera(redis) as server:
            yield server
        return
    options = {
        PUBSUB.name: ("--redis", socket, "--adapter", "pubsub"),
        STREAMS.name: ("--redis", socket, "--adapter", "streams"),
        STOCK_REDIS.name: (socket,),
    }[peer.name]
    with serving(peer, *options, processes=2) as server:
        yield server


@contextmanager
def _two_of_ymera(redis: RedisServer) -> Iterator[Server]:
    with serving(YMERA, "--redis", redis.url, "--members", str(MEMBERS)) as first:
        command = ["--redis", redis.url, "--database", first.said[0]["database"]]
        with serving(YMERA, *command, folder=first.folder) as second:
            yield Server(
                YMERA,
                [*first.processes, *second.processes],
                [*first.ports, *second.ports],
                first.folder,
                said=first.said,
                outputs=first.outputs,
            )


def across(server: Server, rate: float, seconds: float) -> Sample:
    """One round with the publisher on the first node and every recipient on the second."""
    crossing = replace(server, ports=server.ports[1:], sender_port=server.ports[0])
    return at_rate(crossing, rate, seconds, RECIPIENTS)


def within(server: Server, rate: float, seconds: float) -> Sample:
    """One round with everybody on the first node."""
    return at_rate(replace(server, ports=server.ports[:1]), rate, seconds, RECIPIENTS)


def measure(plan: Plan) -> Results:
    """Bursts through two nodes of each kind, and latency within one and across two."""
    results = Results("cluster", plan)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="ymera-bench-redis-")))
        redis = stack.enter_context(redis_server(folder))
        process = _pinned(redis)
        running = []
        for peer in (YMERA, PUBSUB, STREAMS, STOCK_REDIS):
            try:
                server = stack.enter_context(pair(peer, redis))
                # What Redis does for a peer is part of its cost.
                server.processes.append(process)
                running.append(server)
            except build.MissingError as error:
                results.note(f"{peer.name} was left out: {error}")
        single = stack.enter_context(serving(YMERA, "--members", str(MEMBERS)))
        single.peer = replace(YMERA, name="YMERA, one node without Redis")
        for recipients, window in BURSTS:
            burst = partial(broadcast, recipients=recipients, window=window, seconds=plan.seconds)
            alternate(results, f"to {recipients:,} on two nodes, w{window}", [*running, single], burst)
        for where, measured in (("within one node", within), ("across nodes", across)):
            steadily = partial(measured, rate=MODERATE, seconds=plan.seconds)
            alternate(results, f"{where}, {MODERATE:.0f} broadcasts/s", running, steadily)
    return results


def _pinned(redis: RedisServer) -> psutil.Process:
    """The process of Redis, put on the servers' core."""
    with closing(Redis.from_url(redis.url)) as client:
        process = psutil.Process(client.info("server")["process_id"])
    process.cpu_affinity([SERVER_CORE])
    return process
