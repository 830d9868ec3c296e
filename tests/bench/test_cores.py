from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import cores
from bench.cores import Core
from bench.generator import UnsoundError
from bench.sealed import ROTATIONS, TASKS
from bench.stage import Hall

MESSAGES = 30


@pytest.fixture(scope="module")
def standing() -> Iterator[list[Core]]:
    with cores.standing() as found:
        yield found


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("room") / "room.json"
    Hall.of(3).write(path, MESSAGES)
    return path


@pytest.mark.parametrize("number", range(3))
def test_every_core_does_all_that_is_measured(standing: list[Core], room: Path, number: int) -> None:
    for task in [*TASKS.values(), *ROTATIONS.values()]:
        assert standing[number].run(room, task)["count"] == (1 if task in ROTATIONS.values() else MESSAGES)


@pytest.mark.parametrize("number", range(3))
def test_what_is_not_done_is_no_sample(standing: list[Core], room: Path, tmp_path: Path, number: int) -> None:
    damaged = tmp_path / "damaged.json"
    damaged.write_text(room.read_text().replace('"envelopes": ["AQ', '"envelopes": ["AA', 1))
    with pytest.raises(UnsoundError, match=r"version|VERSION"):
        cores.sample(standing[number], damaged, "open")
