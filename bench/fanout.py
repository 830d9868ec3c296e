"""Fan-out: how many deliveries a second one core makes from one event to everyone in a room.

w1: the next broadcast leaves when everybody has the last one, so that there is nothing to join. w16 and w32:
that many are under way.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial

from bench import build, servers
from bench.generator import Load, Sample, run
from bench.rounds import Plan, Results, alternate
from bench.servers import Peer, Server

CASES = ((100, 1), (100, 32), (1_000, 1), (1_000, 16), (5_000, 1), (5_000, 16))
MEMBERS = 1_000
PEERS = (
    servers.YMERA,
    servers.NODE,
    servers.NODE_EIOWS,
    servers.STOCK,
    servers.FASTAPI,
    servers.NODE_WS,
    servers.NCHAN_PEER,
    servers.C_FRAMES,
    servers.C_JOINED,
    servers.PYTHON_FRAMES,
    servers.PYTHON_JOINED,
)


@contextmanager
def all_serving(results: Results, peers: Sequence[Peer]) -> Iterator[list[Server]]:
    """Start the peers, leaving out with a note those that cannot run here."""
    with ExitStack() as stack:
        running = []
        for peer in peers:
            options = ("--members", str(MEMBERS)) if peer is servers.YMERA else ()
            try:
                running.append(stack.enter_context(servers.serving(peer, *options)))
            except build.MissingError as error:
                results.note(f"{peer.name} was left out: {error}")
        yield running


def broadcast(server: Server, recipients: int, window: int, seconds: float) -> Sample:
    """One round."""
    load = Load(
        connections=recipients,
        message=server.peer.message,
        window=window,
        seconds=seconds,
        joins=server.joins(),
        rooms=server.rooms,
    )
    return run(server, load)


def measure(plan: Plan) -> Results:
    """Fan-out of all peers to 100, 1,000 and 5,000 recipients."""
    results = Results("fanout", plan)
    with all_serving(results, PEERS) as running:
        for recipients, window in CASES:
            turn = partial(broadcast, recipients=recipients, window=window, seconds=plan.seconds)
            alternate(results, f"to {recipients:,}, w{window}", running, turn)
    return results
