"""Delivery latency, from when a broadcast was due to when a recipient has it.

The load is open: broadcasts leave at their times whether or not the server keeps up, and their latency counts
from those times, so that a stall shows in everything that it held up. 1,000 recipients.
"""

from functools import partial

from bench.fanout import all_serving, broadcast
from bench.generator import Load, Sample, run
from bench.rounds import Plan, Results, alternate
from bench.servers import C_JOINED, FASTAPI, NODE, NODE_WS, STOCK, YMERA, Server

PEERS = (YMERA, NODE, STOCK, FASTAPI, NODE_WS, C_JOINED)
RECIPIENTS = 1_000
MODERATE = 10.0
"""Broadcasts a second that every peer manages."""
WINDOW = 16
WARMUP = 1.0


def at_rate(server: Server, rate: float, seconds: float, recipients: int = RECIPIENTS) -> Sample:
    """One round at so many broadcasts a second."""
    load = Load(
        connections=recipients,
        message=server.peer.message,
        rate=rate,
        seconds=seconds,
        warmup=WARMUP,
        joins=server.joins(),
        rooms=server.rooms,
    )
    return run(server, load)


def measure(plan: Plan) -> Results:
    """Latency at a moderate rate, the same for all, and at shares of what each peer can do."""
    results = Results("latency", plan)
    with all_serving(results, PEERS) as running:
        alternate(
            results,
            "capacity",
            running,
            lambda server: broadcast(server, RECIPIENTS, WINDOW, plan.seconds),
        )
        alternate(
            results,
            f"{MODERATE:.0f} broadcasts/s",
            running,
            partial(at_rate, rate=MODERATE, seconds=plan.seconds),
        )
        for share in (0.5, 0.9):

            def shared(server: Server, share: float = share) -> Sample:
                capacity = results.median("capacity", server.peer.name, "deliveries_per_second") or 0
                return at_rate(server, share * capacity / RECIPIENTS, plan.seconds)

            alternate(results, f"{share:.0%} of capacity", running, shared)
    return results
