"""The benchmarks' commands: `python -m bench NAME`, with `--quick` to try one in little time."""

import argparse
import importlib
import sys

from bench.build import CLIENTS, MissingError
from bench.rounds import Plan

# The SDK's own place, from which nothing is installed here.
sys.path.insert(0, str(CLIENTS / "python"))

BENCHMARKS = {
    "fanout": "deliveries a second of one core, to 100, 1,000 and 5,000 connections",
    "acks": "round trips: in memory, and durable ones to PostgreSQL",
    "latency": "delivery latency at a moderate rate, at half and at nine tenths of capacity",
    "memory": "memory of idle connections; storms of connects and of resumes",
    "cluster": "two nodes and Redis against one, and latency across nodes",
    "dispatch": "runs a second and how soon they start, beside procrastinate and Celery",
    "files": "files up and down, beside Node's tus server and nginx",
    "graph": "10,000 tasks that wait for each other, 1,000 agents, two nodes",
    "sealed": "encrypted rooms: both SDKs' cores, new epochs, the server's cost of a message",
    "scale": "cost as rooms, rooms of a connection and the log grow",
}


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    names = [*BENCHMARKS, "all", "soak", "chart", "list"]
    parser.add_argument("name", choices=names, nargs="?", default="list")
    parser.add_argument("--quick", action="store_true", help="two short rounds, to try the benchmark itself")
    parser.add_argument("--rounds", type=int, default=5, help="how often each server has its turn")
    parser.add_argument("--seconds", type=float, default=2.0, help="how long a turn is")
    parser.add_argument("--minutes", type=float, default=10, help="how long to soak")
    parser.add_argument("--agents", type=int, default=1_000, help="how many agents do the graph")
    parser.add_argument("--tasks", type=int, default=10_000, help="how many tasks the graph has")
    options = parser.parse_args()
    if options.name == "list":
        for name, meaning in BENCHMARKS.items():
            print(f"  python -m bench {name:10}{meaning}")
        print("  python -m bench all       all of these; add --quick to try them")
        print("  python -m bench soak      70 % of capacity with churn, for --minutes")
        print("  python -m bench chart     draw what bench/results holds into docs/")
        return 0
    plan = Plan(2, 1.0, quick=True) if options.quick else Plan(options.rounds, options.seconds, quick=False)
    chosen = BENCHMARKS if options.name == "all" else [options.name]
    try:
        for name in chosen:
            module = importlib.import_module(f"bench.{name}")
            if name == "soak":
                return 0 if module.measure(options.minutes) else 1
            if name == "chart":
                module.draw()
            elif name == "graph":
                module.measure(plan, options.agents, options.tasks)
            else:
                module.measure(plan)
    except MissingError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
