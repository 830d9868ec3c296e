"""`ymera import`: files into projects, whole or not at all, and the second time nothing."""

import argparse
import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from handlers import accounts
from persistence import migrations, tasks
from persistence.database import clock, connect_pool
from persistence.workspace import ensure
from protocol.roles import WorkspaceRole
from protocol.wire import builtins
from server import cli, embedded, importer
from server.settings import Settings
from tests.nodes import RunningNode
from tests.world import World, populated

DATA = Path(__file__).parent / "data"
REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "psplib"

Run = Callable[..., Awaitable[int]]
Task = dict[str, Any]


@pytest.fixture
async def world(dsn: str) -> Any:
    async with populated(dsn) as made:
        yield made


@pytest.fixture
def ymera_import(world: World, dsn: str, tmp_path: Path) -> Run:
    """`ymera import` with these arguments on the world's database."""
    settings = Settings(data_dir=tmp_path / "data", database_url=dsn)

    async def run(*arguments: str | Path) -> int:
        parser = argparse.ArgumentParser()
        importer.add_arguments(parser)
        return await importer.run(parser.parse_args([str(each) for each in arguments]), settings)

    return run


async def projects(world: World) -> dict[str, dict[str, Task]]:
    """Every project's tasks by external id, in order, by the project's name."""
    found = {}
    async with world.pool.acquire() as tx:
        for row in await tx.fetch("SELECT id, name FROM projects ORDER BY created_at, id"):
            everything = [builtins(task) for task in await tasks.all_of(tx, row["id"])]
            found[row["name"]] = {task["external_id"]: task for task in everything}
    return found


async def events(world: World) -> int:
    async with world.pool.acquire() as tx:
        count: int = await tx.fetchval("SELECT count(*) FROM events")
        return count


async def test_a_file_becomes_a_project_and_the_second_time_nothing_changes(
    world: World, ymera_import: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await ymera_import(DATA / "moon.json") == 1
    assert "tasks[1]:assignees[0]: this is nobody in the project" in capsys.readouterr().err
    await world.run(world.owner, "project.create", name="moon")
    (project,) = (await world.run(world.owner, "project.list"))["items"]
    await world.run(world.owner, "project.set_member", project_id=project["id"], member_id=world.alice.id)

    assert await ymera_import(DATA / "moon.json") == 0
    said = capsys.readouterr()
    assert said.out == "moon: 3 created, 0 updated, 0 unchanged\n"
    assert said.err == f"{DATA / 'moon.json'}: ignoring colour\n"
    found = (await projects(world))["moon"]
    assert [task["title"] for task in found.values()] == ["Land", "Brake", "Undock"]
    assert found["1"]["depends_on"] == sorted([found["2"]["id"], found["3"]["id"]])
    assert found["2"]["parent_id"] == found["1"]["id"]
    assert found["2"]["assignees"] == [world.alice.id]
    assert {task["created_by"] for task in found.values()} == {world.owner.id}

    before = await events(world)
    assert await ymera_import(DATA / "moon.json") == 0
    assert capsys.readouterr().out == "moon: 0 created, 0 updated, 3 unchanged\n"
    assert (await projects(world))["moon"] == found
    assert await events(world) == before

    await world.run(world.alice, "task.update", task_id=found["3"]["id"], version=1, title="Other")
    assert await ymera_import(DATA / "moon.json") == 0
    assert capsys.readouterr().out == "moon: 0 created, 1 updated, 2 unchanged\n"


async def test_a_dry_run_says_the_same_and_does_nothing(
    world: World, ymera_import: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    before = await events(world)
    assert await ymera_import("--dry-run", DATA / "tiny.sm", DATA / "moon.jsonl") == 0
    assert capsys.readouterr().out == (
        "tiny: 3 created, 0 updated, 0 unchanged\n"
        "moon: 2 created, 0 updated, 0 unchanged\n"
        "This was a dry run: nothing was written.\n"
    )
    assert await projects(world) == {}
    assert await events(world) == before


async def test_files_go_together_into_a_named_project(
    world: World, ymera_import: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "more.txt").write_text("id,title,depends_on\nx,X,1\n")
    assert await ymera_import("--project", "All", DATA / "moon.jsonl", DATA / "tiny.rcp") == 0
    assert await ymera_import("--project", "all", "--format", "csv", tmp_path / "more.txt") == 0
    found = (await projects(world))["All"]
    assert list(found) == ["1", "2", "tiny/2", "tiny/3", "tiny/4", "x"]
    assert found["x"]["depends_on"] == [found["1"]["id"]]
    assert (
        capsys.readouterr().out
        == "All: 5 created, 0 updated, 0 unchanged\nAll: 1 created, 0 updated, 0 unchanged\n"
    )
    project_id = found["x"]["project_id"]
    assert await ymera_import("--project-id", project_id, DATA / "tiny.sm") == 0
    assert list((await projects(world))["All"]) == list(found)


async def test_accounts_import_by_their_own_rights(
    world: World, ymera_import: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = await world.run(world.alice, "project.create", name="Secret")
    assert await ymera_import("--as", "BOB@example.org", DATA / "moon.jsonl") == 0
    assert {task["created_by"] for task in (await projects(world))["moon"].values()} == {world.bob.id}
    for arguments, said in (
        (["--as", "nobody@example.org"], "no account has the address nobody@example.org"),
        (["--as", "guest@example.org"], "This takes the workspace role «member» or higher."),
        (["--as", "bob@example.org", "--project-id", secret["id"]], "There is no such project"),
        (["--project-id", "7"], "project_id: must be a UUID"),
        (["--project", " "], "the project « »: name: must be one line"),
    ):
        assert await ymera_import(*arguments, DATA / "moon.jsonl") == 1
        assert said in capsys.readouterr().err
    await world.run(world.admin, "project.create", name="moon")
    assert await ymera_import(DATA / "moon.jsonl") == 1
    assert "2 projects are called «moon»; name one with --project-id" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["1,a,,,", "1,b,,,"], [":3:external_id: «1» stands at {path}:2 already."]),
        (["1,a,,,9"], [":2:depends_on[0]: neither the project nor this import has a task «9»."]),
        (["1,a,,9,"], [":2:parent: neither the project nor this import has a task «9»."]),
        (["1,a,,,2", "2,b,,,1"], [":2:depends_on: goes in a circle: 1 → 2 → 1."]),
        (["1,a,,1,"], [":2:parent: goes in a circle: 1 → 1."]),
        (
            ["1,a,x@example.org,,"],
            [":2:assignees: no account has the address x@example.org; add it or leave it out."],
        ),
        (
            ["1,a,bob@example.org,,"],
            [":2:assignees[0]: this is nobody in the project; add them to it first."],
        ),
        (["1,,,,"], [":2:title: a new task needs one."]),
    ],
)
async def test_nothing_is_imported_if_anything_is_wrong(
    world: World,
    ymera_import: Run,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    rows: list[str],
    said: list[str],
) -> None:
    path = tmp_path / "x.csv"
    path.write_text("\n".join(["id,title,assignees,parent,depends_on", *rows]))
    assert await ymera_import(DATA / "moon.jsonl", path) == 1
    expected = [f"ymera import: {path}{each.format(path=path)}" for each in said]
    assert capsys.readouterr().err.splitlines() == [*expected, "ymera import: nothing was imported"]
    assert await projects(world) == {}


async def test_what_only_the_project_forbids_is_told(
    world: World, ymera_import: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await ymera_import(DATA / "moon.jsonl") == 0
    before = await projects(world)
    (tmp_path / "moon.csv").write_text("id,title,depends_on\n2,Stop,1\n3,New,\n")
    assert await ymera_import(tmp_path / "moon.csv") == 1
    said = "These tasks would wait for each other: «Stop» → «Land» → «Stop»."
    assert said in capsys.readouterr().err
    assert await projects(world) == before


async def test_of_many_problems_the_first_are_shown(
    world: World, ymera_import: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.csv").write_text("id,title,due\n" + "1,a,x\n" * 30)
    (tmp_path / "y.dat").write_text("")
    assert await ymera_import(tmp_path / "x.csv") == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 22
    assert said[-2] == "ymera import: and 10 more"
    assert await ymera_import(tmp_path / "y.dat") == 1
    assert "its name does not say what it is; name it with --format" in capsys.readouterr().err


async def test_large_files_are_connected_in_any_order(
    world: World,
    ymera_import: Run,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A new file turns all dependencies round, which closes circles unless it is done in the right order."""
    monkeypatch.setattr(importer, "PROGRESS_SECONDS", 0.0)
    count = 1_200
    rows = [
        {
            "id": f"{number}",
            "title": f"{number}",
            "depends_on": [f"{number + 1}"] if number + 1 < count else [],
            "parent": f"{number // 40 * 40}" if number % 40 else None,
        }
        for number in range(count)
    ]
    path = tmp_path / "many.json"
    path.write_text(json.dumps(rows))
    assert await ymera_import(path) == 0
    said = capsys.readouterr()
    assert said.out == "many: 1200 created, 0 updated, 0 unchanged\n"
    assert said.err.splitlines()[0] == "13 % …"
    check(rows, (await projects(world))["many"])
    assert await ymera_import(path) == 0
    assert capsys.readouterr().out == "many: 0 created, 0 updated, 1200 unchanged\n"
    for number, row in enumerate(rows):
        row["depends_on"] = [f"{number - 1}"] if number else []
    path.write_text(json.dumps(rows))
    assert await ymera_import(path) == 0
    assert capsys.readouterr().out == "many: 0 created, 1200 updated, 0 unchanged\n"
    check(rows, (await projects(world))["many"])


def check(rows: list[dict[str, Any]], found: dict[str, Task]) -> None:
    assert list(found) == [row["id"] for row in rows]
    for row in rows:
        task = found[row["id"]]
        assert task["depends_on"] == sorted(found[name]["id"] for name in row["depends_on"])
        assert task["parent_id"] == (row["parent"] and found[row["parent"]]["id"])
        assert task["blocked"] == bool(row["depends_on"])


async def test_too_many_tasks_are_refused_at_once(
    ymera_import: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.csv").write_text("id,title\n" + "".join(f"{n},a\n" for n in range(20_001)))
    assert await ymera_import(tmp_path / "x.csv") == 1
    assert "the project «x»: 20001 tasks; there can be 20000." in capsys.readouterr().err


async def test_who_is_connected_sees_the_import(
    node: Callable[..., Awaitable[RunningNode]], dsn: str, tmp_path: Path
) -> None:
    server = await node()
    _, token = await server.admit("Owner", WorkspaceRole.OWNER)
    async with server.client(token) as client:
        project = await client.do("project.create", name="tiny")
        await client.do("room.join", room=project["id"])
        parser = argparse.ArgumentParser()
        importer.add_arguments(parser)
        arguments = parser.parse_args([str(DATA / "tiny.sm")])
        assert await importer.run(arguments, Settings(data_dir=tmp_path, database_url=dsn)) == 0
        await client.wait_for("event", lambda event: event["data"].get("task", {}).get("title") == "Job 4")
        made = [event["type"] for event in client.events(project["id"])]
        assert made == ["task.created"] * 3


async def test_a_failure_of_the_database_undoes_all(
    world: World, ymera_import: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    async with world.pool.acquire() as tx:
        await tx.execute("ALTER TABLE tasks ADD CONSTRAINT no_brakes CHECK (title <> 'Brake')")
    assert await ymera_import(DATA / "tiny.sm", DATA / "moon.jsonl") == 1
    said = capsys.readouterr()
    assert "ymera import: the database: " in said.err
    assert "no_brakes" in said.err
    assert said.out == ""
    assert await projects(world) == {}


def test_a_database_that_cannot_be_reached_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("YMERA_DATABASE_URL", "postgresql://ymera@127.0.0.1:1/ymera")
    assert cli.main(["import", str(DATA / "moon.jsonl")]) == 1
    assert "ymera: cannot connect to PostgreSQL" in capsys.readouterr().err


def test_the_command_imports_into_the_embedded_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also while a server runs on it, which this test stands for by keeping the database open."""
    monkeypatch.setenv("YMERA_DATA_DIR", str(tmp_path / "data"))
    running = embedded.start(tmp_path / "data", options=embedded.VOLATILE)
    try:
        assert cli.main(["import", str(DATA / "moon.jsonl")]) == 1
        assert "there is no account yet" in capsys.readouterr().err
        asyncio.run(admit_owner(running.dsn))
        assert cli.main(["import", str(DATA / "moon.jsonl")]) == 0
        assert capsys.readouterr().out == "moon: 2 created, 0 updated, 0 unchanged\n"
    finally:
        running.stop()


async def admit_owner(dsn: str) -> None:
    await migrations.upgrade(dsn)
    pool = await connect_pool(dsn, size=1)
    async with pool, pool.acquire() as tx, tx.transaction():
        now = await clock(tx)
        workspace = await ensure(tx, "Test", now)
        await accounts.admit(tx, workspace.id, name="Owner", role=WorkspaceRole.OWNER, now=now)


@pytest.mark.skipif(not REAL.is_dir(), reason=f"optional input absent: {REAL}")
async def test_real_networks_are_imported_once(
    world: World, ymera_import: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [sorted((REAL / folder).glob("*.[sr]*"))[0] for folder in ("j30", "j60", "j120", "rg300")]
    assert await ymera_import(*files) == 0
    made = capsys.readouterr().out.splitlines()
    assert [line.partition(": ")[2] for line in made] == [
        f"{count} created, 0 updated, 0 unchanged" for count in (30, 60, 120, 300)
    ]
    found = await projects(world)
    assert list(found) == [path.stem for path in files]
    for tasks_ in found.values():
        assert all(task["blocked"] == bool(task["depends_on"]) for task in tasks_.values())
    assert await ymera_import(*files) == 0
    again = capsys.readouterr().out.splitlines()
    assert [line.partition(": ")[2] for line in again] == [
        f"0 created, 0 updated, {count} unchanged" for count in (30, 60, 120, 300)
    ]
    assert await projects(world) == found
