"""What stores keep, for whom, and what is left after a process was killed at any point."""

import asyncio
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sdk.test_outbox import entry
from ymera_client import storage
from ymera_client.errors import Conflict, Forbidden, OutboxFailed
from ymera_client.storage import MemoryOutbox, SqliteOutbox, Store

STORES: list[Callable[[Path], Store]] = [
    lambda _: MemoryOutbox(),
    lambda folder: SqliteOutbox(folder / "outbox.db"),
]


@pytest.fixture(params=STORES, ids=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    made: Store = request.param(tmp_path)
    return made


async def names(store: Store) -> list[str]:
    return [each.command_id for each in await store.load()]


async def test_entries_come_back_as_they_were_and_in_order(store: Store) -> None:
    assert await store.load() == []
    await store.append(entry("b", 1.5))
    await store.append(entry("a", 2.5))
    await store.append(entry("c", 3.5))
    store.remove("a")
    await store.close()
    assert await store.load() == [entry("b", 1.5), entry("c", 3.5)]
    await store.close()


async def test_commands_of_one_member_are_not_sent_as_another(store: Store) -> None:
    await store.load()
    await store.claim("ada")
    await store.append(entry("a"))
    await store.claim("ada")
    with pytest.raises(Forbidden, match="another account"):
        await store.claim("bo")
    store.remove("a")
    await store.claim("bo")
    await store.close()


async def test_removing_what_is_not_there_changes_nothing(store: Store) -> None:
    await store.load()
    store.remove("nothing")
    await store.append(entry("a"))
    await store.close()
    assert await names(store) == ["a"]
    await store.close()


async def test_the_file_is_for_its_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "outbox.db"
    store = SqliteOutbox(path)
    await store.load()
    await store.append(entry("a"))
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    await store.close()
    assert set(modes.values()) == {0o600}
    assert "outbox.db-wal" in modes


async def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    path.touch(0o644)
    store = SqliteOutbox(path)
    await store.load()
    await store.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_two_clients_cannot_share_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "LOCK_WAIT", 0.05)
    path = tmp_path / "outbox.db"
    first, second = SqliteOutbox(path), SqliteOutbox(path)
    await first.load()
    with pytest.raises(Conflict, match=r"Another process uses the outbox .*outbox\.db"):
        await second.load()
    await first.append(entry("a"))
    await first.close()
    assert await names(second) == ["a"]
    await second.close()


async def test_a_file_that_is_no_database_is_reported_and_let_go_of(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    path.write_text("Dear diary, this is no database. " * 200)
    store = SqliteOutbox(path)
    with pytest.raises(OutboxFailed, match=r"outbox\.db cannot be used: file is not a database"):
        await store.load()
    with pytest.raises(OutboxFailed, match="closed"):
        await store.append(entry("a"))


async def test_a_removal_that_fails_is_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = SqliteOutbox(tmp_path / "outbox.db")
    await store.load()
    await store._run(store._execute, "DROP TABLE entries", ())
    store.remove("a")
    await store.close()
    assert "could not be removed" in caplog.text


async def test_a_closed_store_ignores_removals_and_closes_twice(tmp_path: Path) -> None:
    store = SqliteOutbox(tmp_path / "outbox.db")
    store.remove("a")
    await store.close()
    await store.close()


PACKAGES = Path(storage.__file__).parents[1]
VICTIM = """
import asyncio, os, signal, sys
from ymera_client.outbox import Entry
from ymera_client.storage import SqliteOutbox

async def main():
    store = SqliteOutbox(sys.argv[1])
    await store.load()
    for step in sys.argv[2:]:
        name = step[1:]
        if step[0] == "+":
            await store.append(Entry(command_id=name, name="task.create", payload={}, queued_at=0.0))
            print(step, flush=True)
        else:
            store.remove(name)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


@given(st.lists(st.sampled_from(["+", "-"]), max_size=12), st.data())
@settings(max_examples=12, deadline=None)
def test_a_killed_process_loses_nothing_that_it_kept(
    tmp_path_factory: pytest.TempPathFactory, kinds: list[str], data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("outbox") / "outbox.db"
    steps, kept, removed = [], list[str](), list[str]()
    for number, kind in enumerate(kinds):
        if kind == "+":
            steps.append(f"+c{number}")
            kept.append(f"c{number}")
        elif left := [name for name in kept if name not in removed]:
            removed.append(data.draw(st.sampled_from(left)))
            steps.append(f"-{removed[-1]}")
    done = subprocess.run(
        [sys.executable, "-c", VICTIM, str(path), *steps],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(PACKAGES)},
    )
    assert done.stdout.split() == [f"+{name}" for name in kept], done.stderr

    async def survivors() -> list[str]:
        store = SqliteOutbox(path)
        try:
            return await names(store)
        finally:
            await store.close()

    left = asyncio.run(survivors())
    assert left == [name for name in kept if name in left]
    assert set(kept) - set(removed) <= set(left)


async def test_notes_come_back_and_are_forgotten(store: Store) -> None:
    await store.load()
    await store.note("a", "one")
    await store.note("a", "two")
    await store.note("b", "three")
    await store.note("b", None)
    await store.close()
    await store.load()
    assert [await store.noted(key) for key in ("a", "b", "c")] == ["two", None, None]
    await store.close()


async def test_notes_are_of_one_member(store: Store) -> None:
    await store.load()
    await store.claim("ada")
    await store.note("a", "hers")
    await store.claim("ada")
    assert await store.noted("a") == "hers"
    await store.claim("bo")
    assert await store.noted("a") is None
    await store.close()


async def test_the_oldest_notes_go_first(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "MAX_NOTES", 3)
    await store.load()
    for key in ("a", "b", "c", "a", "d"):
        await store.note(key, key)
    assert [await store.noted(key) for key in "abcd"] == ["a", None, "c", "d"]
    await store.close()
