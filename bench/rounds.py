"""Rounds that alternate between the servers, and what is kept of them.

Every number is the median of the rounds, with the least and the greatest beside it: the peers take turns, so
that a slow minute of the machine meets all of them.
"""

import json
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from bench import build, machine
from bench.generator import Sample, UnsoundError

RESULTS = build.BENCH / "results"


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how often to measure."""

    rounds: int
    seconds: float
    quick: bool
    """Whether to leave out what takes long."""


@dataclass(slots=True)
class Results:
    """The results of one benchmark, written to `bench/results/NAME.json`."""

    name: str
    plan: Plan
    about: dict[str, Any] = field(default_factory=machine.describe)
    """The machine, asked before anything is started."""
    rows: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, case: str, peer: str, samples: Sequence[Sample]) -> None:
        """Keep the rounds of one peer in one case."""
        values = {}
        for key in dict.fromkeys(key for sample in samples for key in sample):
            # A slow server may not have delivered anything in a round, which then has no latency.
            kept = [sample[key] for sample in samples if key in sample]
            values[key] = {"median": statistics.median(kept), "min": min(kept), "max": max(kept)}
        self.rows.append({"case": case, "peer": peer, "rounds": len(samples), "values": values})
        shown = ", ".join(f"{key} {value['median']:,.4g}" for key, value in values.items())
        print(f"{case} | {peer}: {shown}", flush=True)

    def note(self, text: str) -> None:
        """Say what is missing or went wrong."""
        self.notes.append(text)
        print(f"note: {text}", file=sys.stderr, flush=True)

    def median(self, case: str, peer: str, key: str) -> float | None:
        """A number that was kept, or None."""
        for row in self.rows:
            if row["case"] == case and row["peer"] == peer and key in row["values"]:
                return float(row["values"][key]["median"])
        return None

    def write(self) -> None:
        """Write everything so far, with the machine it was measured on."""
        RESULTS.mkdir(exist_ok=True)
        plan = {"rounds": self.plan.rounds, "seconds": self.plan.seconds, "quick": self.plan.quick}
        whole = {
            "name": self.name,
            "machine": self.about,
            "plan": plan,
            "notes": self.notes,
            "rows": self.rows,
        }
        path = RESULTS / f"{self.name}.json"
        path.write_text(json.dumps(whole, indent=1) + "\n")


class Named(Protocol):
    """What can be measured in turn."""

    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=Named)


def alternate(results: Results, case: str, servers: Sequence[N], measure: Callable[[N], Sample]) -> None:
    """Measure each server in turn, as many times as planned; one that fails twice gets a note instead."""
    samples: dict[str, list[Sample]] = {server.name: [] for server in servers}
    failed: dict[str, int] = {}
    for _ in range(results.plan.rounds):
        for server in servers:
            name = server.name
            if failed.get(name, 0) > 1:
                continue
            try:
                samples[name].append(measure(server))
            except UnsoundError as error:
                failed[name] = failed.get(name, 0) + 1
                results.note(f"{case} | {name}: a round was not sound: {error}")
    for name, kept in samples.items():
        if kept:
            results.add(case, name, kept)
    results.write()
