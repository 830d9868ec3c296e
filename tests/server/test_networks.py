"""Project networks: the same tasks from both formats, and what is said of files that are damaged."""

from collections.abc import Callable
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from protocol.tasks import ImportedTask
from server.networks import read_patterson, read_psplib
from server.sources import Source, SourceError

DATA = Path(__file__).parent / "data"
REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "psplib"

Reader = Callable[[Path], Source]


@pytest.mark.parametrize(("reader", "name"), [(read_psplib, "tiny.sm"), (read_patterson, "tiny.rcp")])
def test_jobs_become_tasks_and_dummies_are_left_out(reader: Reader, name: str) -> None:
    source = reader(DATA / name)
    assert source.project == "tiny"
    assert source.description == "A network of 3 jobs. There are 4 of R1, 5 of R2."
    assert [row.task for row in source.rows] == [
        ImportedTask(
            external_id="tiny/2",
            title="Job 2",
            description="Takes 2 of 4 R1 for 3 h.",
            labels=["R1"],
            estimate=3.0,
            depends_on=[],
        ),
        ImportedTask(
            external_id="tiny/3",
            title="Job 3",
            description="Takes 1 of 4 R1, 5 of 5 R2 for 4 h.",
            labels=["R1", "R2"],
            estimate=4.0,
            depends_on=[],
        ),
        ImportedTask(
            external_id="tiny/4",
            title="Job 4",
            description="Takes no resources for 0 h.",
            labels=[],
            estimate=0.0,
            depends_on=["tiny/2", "tiny/3"],
        ),
    ]
    assert {row.emails for row in source.rows} == {None}


def test_a_place_is_the_line_of_the_job() -> None:
    assert read_psplib(DATA / "tiny.sm").rows[0].place == f"{DATA / 'tiny.sm'}:11"
    assert [row.place for row in read_patterson(DATA / "tiny.rcp").rows] == [
        f"{DATA / 'tiny.rcp'}:{line}" for line in (4, 5, 7)
    ]


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("tiny.sm", "PRECEDENCE RELATIONS:", "PRECEDENCE", "has no section «PRECEDENCE RELATIONS:»"),
        ("tiny.sm", "   2        1          1 ", "   2        1          2 ", ":11: must hold a job"),
        (
            "tiny.sm",
            "   2        1          1 ",
            "   2        2          1 ",
            ":11: only networks with one mode",
        ),
        ("tiny.sm", "  3      1     4       1    5\n", "", "do not fit together"),
        ("tiny.sm", "          2           4   5", "          2           4   9", ":12: job 3 names job 9"),
        (
            "tiny.sm",
            "          2           4   5",
            "          2           4   x",
            ":12: «x» is no whole number",
        ),
        ("tiny.rcp", "0\t0\t0\t1\t5\n", "0\t0\t0\t1\t", "ends before all of its jobs"),
        ("tiny.rcp", "5\t2\n4\t5", "4\t2\n4\t5", "goes on after its 4 jobs"),
        ("tiny.rcp", "3\t2\t0\t1\t4", "3\t2\t0\t1\t9", ":4: job 2 names job 9"),
        ("tiny.rcp", "3\t2\t0", "3\t2\t-1", ":4: «-1» is no whole number"),
    ],
)
def test_damage_is_named_with_its_place(tmp_path: Path, name: str, old: str, new: str, said: str) -> None:
    text = (DATA / name).read_text()
    assert text.count(old) == 1
    path = tmp_path / name
    path.write_text(text.replace(old, new))
    with pytest.raises(SourceError) as refused:
        (read_psplib if path.suffix == ".sm" else read_patterson)(path)
    assert said in str(refused.value)


@pytest.mark.skipif(not REAL.is_dir(), reason=f"optional input absent: {REAL}")
def test_every_real_network_is_read() -> None:
    files = [path for path in sorted(REAL.rglob("*")) if path.suffix in {".sm", ".rcp"}]
    sizes = {"j30": 30, "j60": 60, "j120": 120, "rg300": 300}
    assert len(files) > 50
    for path in files:
        source = (read_psplib if path.suffix == ".sm" else read_patterson)(path)
        graph = {row.task.external_id: row.task.depends_on or [] for row in source.rows}
        assert len(graph) == len(source.rows) == sizes[path.parent.name]
        assert len(list(TopologicalSorter(graph).static_order())) == len(graph)
