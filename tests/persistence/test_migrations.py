"""Migrations run once, whole, in order, and never on a database of a newer program."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from alembic.script import ScriptDirectory

from persistence import migrations
from persistence.migrations import MigrationError
from tests.servers import database


@pytest.fixture
async def empty(postgres: str) -> AsyncIterator[str]:
    async with database(postgres) as dsn:
        yield dsn


async def test_an_empty_database_reaches_the_head(empty: str) -> None:
    assert await migrations.current(empty) is None
    await migrations.upgrade(empty)
    assert await migrations.current(empty) == migrations.head()


async def test_nodes_that_start_together_migrate_once(empty: str) -> None:
    await asyncio.gather(*(migrations.upgrade(empty) for _ in range(4)))
    assert await migrations.current(empty) == migrations.head()


async def test_a_migrated_database_stays_as_it_is(dsn: str) -> None:
    await migrations.upgrade(dsn)
    assert await migrations.current(dsn) == migrations.head()


async def test_a_database_of_a_newer_program_is_refused(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("UPDATE alembic_version SET version_num = '9999'")
    await connection.close()
    with pytest.raises(MigrationError, match="migrated by a newer version"):
        await migrations.upgrade(dsn)
    assert await migrations.current(dsn) == "9999"


async def test_a_step_that_fails_leaves_nothing(
    empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = tmp_path / "versions"
    steps.mkdir()
    shutil.copy(migrations.FOLDER / "env.py", tmp_path)
    step = "from persistence.migrations.runner import run_script\nrevision = '0001'\ndown_revision = None\n"
    (steps / "0001_broken.py").write_text(f"{step}def upgrade():\n    run_script(__file__)\n")
    (steps / "0001_broken.sql").write_text("CREATE TABLE half (id int); SELECT nonsense;")
    monkeypatch.setattr(migrations, "FOLDER", tmp_path)
    with pytest.raises(asyncpg.UndefinedColumnError, match="nonsense"):
        await migrations.upgrade(empty)
    monkeypatch.undo()
    connection = await asyncpg.connect(empty)
    assert await connection.fetchval("SELECT to_regclass('half')") is None
    await connection.close()
    assert await migrations.current(empty) is None


def test_the_steps_form_one_line_of_pairs_in_the_order_of_their_names() -> None:
    steps = list(ScriptDirectory(str(migrations.FOLDER)).walk_revisions())
    assert [step.revision for step in steps] == [f"{number:04}" for number in range(len(steps), 0, -1)]
    assert steps[0].revision == migrations.head()
    for step in steps:
        path = Path(step.path)
        assert path.name.startswith(f"{step.revision}_")
        assert path.with_suffix(".sql").is_file()


def test_who_has_nothing_to_migrate_does_not_wait_for_the_runner(dsn: str) -> None:
    program = (
        "import asyncio, sys; from persistence import migrations; from server import app, cli\n"
        "asyncio.run(migrations.upgrade(sys.argv[1]))\n"
        "sys.exit('alembic' in sys.modules or 'sqlalchemy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program, dsn], check=False).returncode == 0
