from collections.abc import Iterator

import pytest
import uvloop

from bench.forum import Forum, forum


@pytest.fixture(scope="module")
def node() -> Iterator[Forum]:
    with forum(3) as made:
        yield made


def test_both_rooms_take_what_is_said(node: Forum) -> None:
    rotated = uvloop.run(node.rotate())
    assert 0 < rotated["cpu_seconds"] < rotated["seconds"]
    for say in (node.plain, node.sealed, node.plain, node.sealed):
        for under_way in (1, 3):
            sample = uvloop.run(node.talk(say, under_way, 12))
            assert sample["messages_per_second"] > 0
            assert 0 < sample["p50_ms"] <= sample["p99_ms"]
            assert sample["node_cpu_ms"] > 0
