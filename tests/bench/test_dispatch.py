from collections.abc import Iterator

import pytest

from bench.dispatch import drained, unblocked, ymera
from bench.servers import YMERA, Server, serving


@pytest.fixture(scope="module")
def node() -> Iterator[Server]:
    with serving(YMERA, "--members", "1") as server:
        yield server


def test_every_run_that_is_handed_in_is_done(node: Server) -> None:
    sample = drained(ymera(node, "drain", "--processes", "3", "--count"), count=20)

    assert 0 < sample["runs_per_second"] <= sample["enqueued_per_second"]
    assert sample["cpu_ms_per_run"] > 0


def test_program_with_the_sdk_does_the_same(node: Server) -> None:
    sample = drained(ymera(node, "drain", "--sdk", "--capacity", "3", "--count"), count=20)

    assert 0 < sample["runs_per_second"] <= sample["enqueued_per_second"]


@pytest.mark.parametrize("by", ["transition", "complete"])
def test_what_becomes_free_is_timed_from_what_freed_it(node: Server, by: str) -> None:
    options = ["--processes", "2", "--capacity", "10", "--rate", "50", "--by", by, "--load", "20", "--count"]

    sample = unblocked(ymera(node, "unblock", *options), pairs=4)

    assert 0 < sample["p50_ms"] <= sample["p99_ms"] <= sample["max_ms"]
    # The server counts from within what the load sends until within what it is told.
    assert 0 < sample["event_p50_ms"] < sample["max_ms"]
