"""Round trips: a request and its acknowledgement, one and a hundred under way on one connection.

In memory YMERA answers `presence.list` of a room that the connection has joined, and the others return what
they got. Durable: `message.send` is acknowledged when PostgreSQL has committed it, and goes to the 100
members of the room; PostgreSQL has both cores.
"""

from functools import partial

from bench import servers
from bench.fanout import PEERS, all_serving
from bench.generator import Load, Sample, run
from bench.rounds import Plan, Results, alternate
from bench.servers import NCHAN_PEER, YMERA, Server

DURABLE = '42@A["message.send",{"room":"@R","command_id":"@U","text":"sent:@T:@K"}]'
MEMBERS = 100
SENDERS = (1, 20, 100)


def round_trips(server: Server, in_flight: int, seconds: float) -> Sample:
    """One round in memory."""
    load = Load(
        connections=1 if server.peer is YMERA else 0,
        senders_listen=server.peer is YMERA,
        message=server.peer.question,
        in_flight=in_flight,
        seconds=seconds,
        joins=server.joins(),
        rooms=server.rooms,
    )
    return run(server, load)


def durable(server: Server, senders: int, in_flight: int, seconds: float) -> Sample:
    """One round of messages, sent by some of a room's members and received by all."""
    load = Load(
        connections=MEMBERS,
        senders=senders,
        senders_listen=True,
        message=DURABLE,
        in_flight=in_flight,
        seconds=seconds,
        joins=server.joins(),
        rooms=server.rooms,
    )
    return run(server, load)


def durable_at(server: Server, rate: float, seconds: float) -> Sample:
    """One round of messages at a steady rate, whatever the answers."""
    load = Load(
        connections=MEMBERS,
        senders=20,
        senders_listen=True,
        message=DURABLE,
        rate=rate,
        seconds=seconds,
        joins=server.joins(),
        rooms=server.rooms,
    )
    return run(server, load)


def measure(plan: Plan) -> Results:
    """Round trips of all peers in memory, and of YMERA to the database."""
    results = Results("acks", plan)
    with all_serving(results, [peer for peer in PEERS if peer is not NCHAN_PEER]) as running:
        for in_flight in (1, 100):
            alternate(
                results,
                f"in memory, {in_flight} under way",
                running,
                partial(round_trips, in_flight=in_flight, seconds=plan.seconds),
            )
    with servers.serving(YMERA, "--members", str(MEMBERS)) as server:
        for senders in SENDERS:
            alternate(
                results,
                f"durable, {senders} senders with 1 under way",
                [server],
                partial(durable, senders=senders, in_flight=1, seconds=plan.seconds),
            )
        alternate(
            results,
            "durable, 20 senders with 5 under way",
            [server],
            partial(durable, senders=20, in_flight=5, seconds=plan.seconds),
        )
        most = max(
            row["values"]["acks_per_second"]["median"] for row in results.rows if "durable" in row["case"]
        )
        for case, rate in (("half of the most", most / 2), ("1,500 a second", 1_500.0)):
            alternate(
                results,
                f"durable, at {case}",
                [server],
                partial(durable_at, rate=rate, seconds=plan.seconds),
            )
    return results
