"""What the program counts and times, for Prometheus."""

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from protocol.registry import COMMANDS

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

commands = Histogram(
    "ymera_command_seconds",
    "From a command's arrival to its acknowledgement, by name and outcome (ok or error code).",
    ["command", "outcome"],
    buckets=_SECONDS,
    registry=REGISTRY,
)
requests = Histogram(
    "ymera_http_request_seconds",
    "REST requests by route, method and status.",
    ["route", "method", "status"],
    buckets=_SECONDS,
    registry=REGISTRY,
)
queries = Histogram(
    "ymera_query_seconds",
    "Statements on PostgreSQL by name.",
    ["query"],
    buckets=_SECONDS,
    registry=REGISTRY,
)
query_errors = Counter("ymera_query_errors", "Failed statements by name.", ["query"], registry=REGISTRY)
events = Counter("ymera_events", "Committed events by type.", ["type"], registry=REGISTRY)
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


def count_command(name: str, outcome: str, seconds: float) -> None:
    """A command's end; names that no command has share one label."""
    commands.labels(name if name in COMMANDS else "unknown", outcome).observe(seconds)


class Sampled(Collector):
    """Gauges that are read when Prometheus asks, from functions of one node."""

    def __init__(self, gauges: dict[str, tuple[str, Callable[[], float]]]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterable[Metric]:
        """Each gauge with its value now."""
        for name, (meaning, read) in self._gauges.items():
            yield GaugeMetricFamily(name, meaning, value=read())
