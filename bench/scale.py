"""Cost as work grows: rooms of a node, rooms of a connection, length of a room's log.

Rooms: every room has two recipients, and one broadcast after another goes to one room after another. Rooms of
a connection: the same 20 connections and the same broadcasts, in one room or in a thousand each. The log:
joining a room 100 events behind its head, one join after another.
"""

from functools import partial

from bench import servers
from bench.generator import Load, Sample, run
from bench.rounds import Plan, Results, alternate
from bench.servers import YMERA, Server

ROOMS = (10, 100, 1_000, 10_000)
EVENTS = (10_000, 1_000_000)
MEMBERS = 10
CONNECTIONS = 20
WINDOW = 32
BEHIND = 100


def spread(server: Server, rooms: int, seconds: float) -> Sample:
    """One round with two recipients in every room."""
    connections = min(200, rooms * 2)
    load = Load(
        connections=connections,
        message=server.peer.message,
        window=WINDOW,
        seconds=seconds,
        joins=server.joins(),
        joins_each=rooms * 2 // connections,
        rooms=server.rooms,
        recipients_each=2,
    )
    return run(server, load)


def crowded(server: Server, rooms: int, seconds: float) -> Sample:
    """One round with all connections in every room."""
    load = Load(
        connections=CONNECTIONS,
        message=server.peer.message,
        window=WINDOW,
        seconds=seconds,
        joins=server.joins(),
        joins_each=rooms,
        rooms=server.rooms,
    )
    return run(server, load)


def resumes(server: Server, head: int, seconds: float) -> Sample:
    """One round of joins, each `BEHIND` events behind."""
    load = Load(
        connections=0,
        message=f'42@A["room.join",{{"room":"@R","after_seq":{head - BEHIND}}}]',
        in_flight=1,
        seconds=seconds,
        rooms=server.rooms,
    )
    return run(server, load)


def measure(plan: Plan) -> Results:
    """How YMERA's cost grows."""
    results = Results("scale", plan)
    for rooms in ROOMS[: 3 if plan.quick else 4]:
        with servers.serving(YMERA, "--members", str(MEMBERS), "--rooms", str(rooms)) as server:
            work = partial(spread, rooms=rooms, seconds=plan.seconds)
            alternate(results, f"{rooms:,} rooms of two", [server], work)
    for rooms in (1, 100 if plan.quick else 1_000):
        with servers.serving(YMERA, "--members", str(MEMBERS), "--rooms", str(rooms)) as server:
            work = partial(crowded, rooms=rooms, seconds=plan.seconds)
            alternate(results, f"{rooms:,} rooms per connection", [server], work)
    for events in EVENTS[: 1 if plan.quick else 2]:
        with servers.serving(YMERA, "--members", str(MEMBERS), "--events", str(events)) as server:
            work = partial(resumes, head=events, seconds=plan.seconds)
            alternate(results, f"resume in a log of {events:,} events", [server], work)
    return results
