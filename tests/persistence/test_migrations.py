"""Migrations run once, whole, in order, and never on a database of a newer program."""

import asyncio
import shutil
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
    step = "from persistence.migrations import run_script\nrevision = '0001'\ndown_revision = None\n"
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


def test_the_steps_form_one_line_of_pairs() -> None:
    steps = ScriptDirectory(str(migrations.FOLDER))
    assert len(steps.get_heads()) == 1
    for step in steps.walk_revisions():
        path = Path(step.path)
        assert path.name.startswith(f"{step.revision}_")
        assert path.with_suffix(".sql").is_file()
