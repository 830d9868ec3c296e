"""What the program counts and times, for Prometheus."""

import itertools
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from handlers.firing import FIRINGS
from protocol.registry import COMMANDS

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Timings(Collector):
    """A histogram of seconds by labels, without the library's lock: it is filled by one thread only."""

    def __init__(self, name: str, meaning: str, labels: tuple[str, ...]) -> None:
        self._name, self._meaning, self._labels = name, meaning, labels
        self._counts: dict[tuple[str, ...], list[int]] = {}
        self._sums: dict[tuple[str, ...], float] = {}
        REGISTRY.register(self)

    def observe(self, labels: tuple[str, ...], seconds: float) -> None:
        """Count something that took so long."""
        counts = self._counts.get(labels)
        if counts is None:
            counts = self._counts[labels] = [0] * (len(_SECONDS) + 1)
            self._sums[labels] = 0.0
        counts[bisect_left(_SECONDS, seconds)] += 1
        self._sums[labels] += seconds

    def collect(self) -> Iterable[Metric]:
        """What was counted until now."""
        family = HistogramMetricFamily(self._name, self._meaning, labels=self._labels)
        bounds = [*map(str, map(float, _SECONDS)), "+Inf"]
        for labels, counts in self._counts.items():
            buckets = list(zip(bounds, itertools.accumulate(counts), strict=True))
            family.add_metric(labels, buckets, self._sums[labels])
        yield family


commands = Timings(
    "ymera_command_seconds",
    "From a command's arrival to its acknowledgement, by name and outcome (ok or error code).",
    ("command", "outcome"),
)
requests = Timings(
    "ymera_http_request_seconds",
    "REST requests by route, method and status.",
    ("route", "method", "status"),
)
queries = Timings("ymera_query_seconds", "Statements on PostgreSQL by name.", ("query",))
query_errors = Counter("ymera_query_errors", "Failed statements by name.", ["query"], registry=REGISTRY)
events = Counter("ymera_events", "Committed events by type.", ["type"], registry=REGISTRY)
runs_offered = Counter("ymera_runs_offered", "Runs given to agents' processes.", registry=REGISTRY)
runs_changed = Counter("ymera_runs_changed", "What happened to runs.", ["cause"], registry=REGISTRY)
files_read = Counter(
    "ymera_files_read",
    "Contents of files that were read, by kind and state.",
    ["kind", "state"],
    registry=REGISTRY,
)
agent_refusals = Counter(
    "ymera_agent_refusals",
    "What agents were refused, by command and error code.",
    ["command", "code"],
    registry=REGISTRY,
)
connections_refused = Counter(
    "ymera_connections_refused", "Refused connections by error code.", ["code"], registry=REGISTRY
)
connections_closed = Counter(
    "ymera_connections_closed",
    "Connections that the server ended, by reason.",
    ["reason"],
    registry=REGISTRY,
)
errors = Counter(
    "ymera_errors", "Unexpected exceptions by where they surfaced.", ["where"], registry=REGISTRY
)
build = Gauge("ymera_build_info", "Always 1; the version is a label.", ["version"], registry=REGISTRY)


class Counted(Collector):
    """A counter by labels that is kept elsewhere, where Prometheus is not known."""

    def __init__(
        self, name: str, meaning: str, labels: tuple[str, ...], counts: Mapping[tuple[str, ...], int]
    ) -> None:
        self._name, self._meaning, self._labels, self._counts = name, meaning, labels, counts
        REGISTRY.register(self)

    def collect(self) -> Iterable[Metric]:
        """What was counted until now."""
        family = CounterMetricFamily(self._name, self._meaning, labels=self._labels)
        for labels, count in self._counts.items():
            family.add_metric(labels, count)
        yield family


Counted(
    "ymera_trigger_firings",
    "Firings of triggers by kind and outcome: run, refused, repeated or skipped.",
    ("kind", "outcome"),
    FIRINGS,
)


def count_command(name: str, outcome: str, seconds: float) -> None:
    """A command's end; names that no command has share one label."""
    commands.observe((name if name in COMMANDS else "unknown", outcome), seconds)


class Sampled(Collector):
    """Gauges that are read when Prometheus asks, from functions of one node."""

    def __init__(self, gauges: dict[str, tuple[str, Callable[[], float]]]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterable[Metric]:
        """Each gauge with its value now."""
        for name, (meaning, read) in self._gauges.items():
            yield GaugeMetricFamily(name, meaning, value=read())
