"""Files of tasks: what is read from them, and what is said of those that are wrong."""

from datetime import date
from pathlib import Path

import pytest
from msgspec import UNSET

from protocol.tasks import ImportedTask, Priority, TaskStatus
from server.sources import MAX_BYTES, Source, SourceError, read_csv, read_json

DATA = Path(__file__).parent / "data"


def problems(path: Path, text: str | bytes) -> list[str]:
    """What is wrong with a file of this content, without its name."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SourceError) as refused:
        (read_json if path.suffix == ".json" else read_csv)(path)
    assert all(problem.startswith(str(path)) for problem in refused.value.problems)
    return [problem.removeprefix(str(path)) for problem in refused.value.problems]


def names(source: Source) -> list[str]:
    return [row.task.external_id for row in source.rows]


def test_a_csv_file_is_read_as_spreadsheets_write_it() -> None:
    source = read_csv(DATA / "moon.csv")
    assert source.ignored == ("Colour",)
    assert source.project is None
    land, brake, undock = source.rows
    assert land.task == ImportedTask(
        external_id="MOON-1",
        title="Land",
        description='Softly;\r\nin the "Sea of Tranquility"',
        status=TaskStatus.IN_PROGRESS,
        priority=Priority.HIGH,
        labels=["sea"],
        estimate=4.5,
        due=date(1969, 7, 20),
        parent=None,
        depends_on=["MOON-2", "MOON-3"],
    )
    assert (land.emails, land.place) == ([], f"{DATA / 'moon.csv'}:2")
    assert brake.task == ImportedTask(
        external_id="MOON-2",
        title="Brake",
        description="",
        status=TaskStatus.DONE,
        labels=["engine", "Sea", "engine"],
        estimate=None,
        due=None,
        parent="MOON-1",
        depends_on=[],
    )
    assert (brake.emails, brake.place) == (["alice@example.org"], f"{DATA / 'moon.csv'}:4")
    assert (undock.task.title, undock.task.status, undock.place) == (
        "Undock",
        UNSET,
        f"{DATA / 'moon.csv'}:6",
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(
        f"title{delimiter}external-id{delimiter}id\nA, b; c{delimiter}1{delimiter}9\n"
        if delimiter not in ",;"
        else f"title{delimiter}External ID{delimiter}id\nA{delimiter}1{delimiter}9\n"
    )
    source = read_csv(path)
    assert names(source) == ["1"]
    assert source.ignored == ("id",)
    assert source.rows[0].task.depends_on is UNSET


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", [": is empty; the first line names the columns."]),
        ("name,title\n", [":1: has no column «external_id»; it has name, title."]),
        ("id,title,Title\n", [":1: has the column «title» 2 times; leave one."]),
        ("id,title\n1,a,b\n", [":2: has 3 cells under 2 columns; quote cells that have a «,» in them."]),
        ('id,title\n1,"a\n', [":2: unexpected end of data; check the quotes around here."]),
        (b"id,title\n1,\xff\n", [": byte 11 is not UTF-8; save the file as UTF-8."]),
        (
            "id,title\n,a\n",
            [":2:external_id: is missing; it must be one line of 1 to 200 characters, not blank."],
        ),
        (
            "id,title,due\n1,a,31.12.2026\n2,b,\n3,c,2026-02-30\n",
            [
                ":2:due: must be a date such as 2026-03-01 or null, not «31.12.2026».",
                ":4:due: must be a date such as 2026-03-01 or null, not «2026-02-30».",
            ],
        ),
        ("id,title,status\n1,a,open\n", None),
        ("id,title,estimate\n1,a,two\n", None),
        ("id,title,estimate\n1,a,nan\n", None),
        ("id,title,labels\n1,a," + "x" * 41 + "\n", None),
        ("id,title,assignees\n1,a,bob\n", None),
    ],
)
def test_what_is_wrong_with_a_csv_file_is_said_with_its_place(
    tmp_path: Path, content: str | bytes, said: list[str] | None
) -> None:
    found = problems(tmp_path / "x.csv", content)
    if said is None:
        assert isinstance(content, str)
        column = content.partition("\n")[0].rpartition(",")[2]
        assert len(found) == 1
        assert found[0].startswith(f":2:{column}")
        assert "must be" in found[0]
    else:
        assert found == said


def test_json_is_read_with_its_project() -> None:
    source = read_json(DATA / "moon.json")
    assert (source.project, source.description, source.ignored) == ("Moon", "There and back", ("colour",))
    land, brake, undock = source.rows
    assert (land.task.external_id, land.task.depends_on, land.emails) == ("1", ["2", "3"], None)
    assert (land.task.status, land.task.estimate, land.task.due) == ("in_progress", 4.5, date(1969, 7, 20))
    assert (brake.task.parent, brake.emails) == ("1", ["alice@example.org"])
    assert (undock.task.priority, undock.task.due, undock.task.parent) == (UNSET, None, UNSET)
    assert undock.place == f"{DATA / 'moon.json'}: tasks[2]"


def test_json_may_be_a_list_an_object_or_an_object_a_line(tmp_path: Path) -> None:
    lines = read_json(DATA / "moon.jsonl")
    assert names(lines) == ["1", "2"]
    assert lines.rows[1].place == f"{DATA / 'moon.jsonl'}:3"
    path = tmp_path / "x.json"
    path.write_text('[{"id": "a", "title": "b"}]')
    assert names(read_json(path)) == ["a"]
    path.write_text('{"id": "a", "title": "b"}')
    assert names(read_json(path)) == ["a"]
    path.write_text('{"project": "P", "tasks": []}')
    assert (read_json(path).project, read_json(path).rows) == ("P", [])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[1", ":1:3: is no JSON"),
        ('{"id": "1",\n "title": x}', ":2:11: is no JSON"),
        ('{"id": "1", "title": "a"}\n{"id": 2\n', ":2:"),
        ("[" * 100_000, ":1:"),
        ("3", ": must be a list of objects"),
        ('{"tasks": 3}', ": must be a list of objects"),
        ('[{"id": "1", "title": "a"}, 2]', ": tasks[1]: must be an object"),
        (
            '[{"id": "1", "title": "a", "due": 3}]',
            ": tasks[0]:due: must be a date such as 2026-03-01 or null, not «3».",
        ),
        ('[{"id": "1", "title": "a", "labels": "x;y"}]', ": tasks[0]:labels: must be a list"),
        ('[{"id": "1", "title": "a", "estimate": NaN}]', ":1:"),
        ('[{"id": "1", "title": "\\ud800"}]', ":1:"),
        ('{"project": {"name": ""}, "tasks": []}', ": project.name: must be one line"),
        ('{"project": {"name": "x", "title": "x"}, "tasks": []}', ": project.title: there is no such field"),
    ],
)
def test_what_is_wrong_with_json_is_said_with_its_place(tmp_path: Path, content: str, said: str) -> None:
    (found,) = problems(tmp_path / "x.json", content)
    assert found.startswith(said)


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"missing\.csv: cannot be read: No such file"):
        read_csv(tmp_path / "missing.csv")
    with (tmp_path / "huge.csv").open("wb") as huge:
        huge.truncate(MAX_BYTES + 1)
    with pytest.raises(SourceError, match="is larger than 64 MiB"):
        read_csv(tmp_path / "huge.csv")
