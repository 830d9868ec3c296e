"""A soak: 70 % of capacity for minutes, while connections come and go.

Watched: the server's memory, descriptors and tasks. The first fifth is warm-up; after it memory must be flat.
"""

import time

import psutil

from bench import machine, servers
from bench.fanout import MEMBERS, broadcast
from bench.generator import Load, UnsoundError, started
from bench.rounds import Plan, Results
from bench.servers import YMERA, Server

RECIPIENTS = 500
WINDOW = 16
SHARE = 0.7
CHURN = 20.0
"""Connections that end and come again, a second."""
SAMPLE_SECONDS = 5.0
MOST_SLOPE = 1.0
"""Growth of memory, MiB a minute, above which a soak fails."""
Point = tuple[float, float, int, int]
"""Minutes since the start, MiB of memory, descriptors, tasks."""


def measure(minutes: float) -> bool:
    """Soak YMERA; returns whether memory, descriptors and tasks stayed level."""
    results = Results("soak", Plan(1, minutes * 60, quick=False))
    with servers.serving(YMERA, "--members", str(MEMBERS)) as server:
        capacity = broadcast(server, RECIPIENTS, WINDOW, 3.0)["deliveries_per_second"]
        rate = SHARE * capacity / RECIPIENTS
        load = Load(
            connections=RECIPIENTS,
            message=YMERA.message,
            rate=rate,
            seconds=minutes * 60,
            churn=CHURN,
            joins=server.joins(),
            rooms=server.rooms,
        )
        with started(server, load) as lines:
            if next(lines)["line"] != "ready" or next(lines)["line"] != "start":
                raise UnsoundError("the load did not start")
            points = _watch(server, minutes)
            next(lines)
            last = next(lines)
        # Everything that the connections held must be gone with them.
        server.wait_until_empty()
        empty = _point(server, time.monotonic())
    level = points[len(points) // 5 :]
    slope = _slope([(minute, mib) for minute, mib, _, _ in level])
    sample = {
        "minutes": minutes,
        "broadcasts_per_second": rate,
        "deliveries": float(last["deliveries"]),
        "p50_ms": last["latency"]["p50_ms"],
        "p99_ms": last["latency"]["p99_ms"],
        "out_of_order": float(last["disorder"]),
        "connections_lost": float(last["lost"]),
        "slope_mib_per_minute": slope,
        "first_mib": level[0][1],
        "last_mib": level[-1][1],
        "most_descriptors": float(max(point[2] for point in level)),
        "most_tasks": float(max(point[3] for point in level)),
        "descriptors_when_empty": float(empty[2]),
        "tasks_when_empty": float(empty[3]),
    }
    results.add("soak", YMERA.name, [sample])
    results.write()
    sound = slope <= MOST_SLOPE and not last["disorder"] and not last["lost"] and empty[2] < RECIPIENTS / 5
    print(f"soak: {'level' if sound else 'NOT level'}; memory {slope:+.2f} MiB a minute")
    return sound


def _watch(server: Server, minutes: float) -> list[Point]:
    start = time.monotonic()
    points = []
    while time.monotonic() < start + minutes * 60 - SAMPLE_SECONDS:
        points.append(_point(server, start))
        time.sleep(SAMPLE_SECONDS)
    return points


def _point(server: Server, start: float) -> Point:
    process: psutil.Process = server.processes[0]
    minute = (time.monotonic() - start) / 60
    return minute, machine.memory(process) / 2**20, process.num_fds(), server.tasks()


def _slope(points: list[tuple[float, float]]) -> float:
    """Least squares: growth of the second a unit of the first."""
    middle_x = sum(x for x, _ in points) / len(points)
    middle_y = sum(y for _, y in points) / len(points)
    square = sum((x - middle_x) ** 2 for x, _ in points)
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / square if square else 0.0
