"""Processes that end at any moment: nothing lost, nothing said twice, no place in the chain used again."""

import shutil
import sqlite3
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.nodes import PATIENCE
from tests.sdk.sealed.people import Person, joins, reads, says
from ymera_client import Client, Conflict, Form, KeysFailed, MessageSend, YmeraError
from ymera_client.sealed import cabinet
from ymera_client.sealed.sealed import Sealed

pytestmark = pytest.mark.usefixtures("short_waits")
Make = Callable[[str], Awaitable[Person]]


class EndedError(sqlite3.OperationalError):
    """The process has ended here."""


class Fuse:
    """Ends a process before the n-th statement from when it was lit: its store does nothing any more."""

    def __init__(self) -> None:
        self.left: int | None = None
        self.blown = False
        self.kept = False
        """Whether something to be said was kept since it was lit."""
        self._keeping = False

    def light(self, statements: int) -> None:
        self.left, self.blown, self.kept = statements, False, False

    def put_out(self) -> None:
        self.left, self.blown = None, False

    def burn(self) -> None:
        if self.left is not None:
            self.left -= 1
            self.blown = self.blown or self.left <= 0
        if self.blown:
            raise EndedError

    def done(self, statement: str) -> None:
        self.kept = self.kept or (self._keeping and statement == "COMMIT")
        self._keeping = statement.startswith("INSERT INTO intents")


class Fused:
    """A database connection behind a fuse."""

    def __init__(self, database: sqlite3.Connection, fuse: Fuse) -> None:
        self._database = database
        self._fuse = fuse

    def execute(self, statement: str, parameters: tuple[Any, ...] = ()) -> sqlite3.Cursor:
        # What a process has begun ends with it.
        if statement != "ROLLBACK":
            self._fuse.burn()
        result = self._database.execute(statement, parameters)
        self._fuse.done(statement)
        return result

    def executemany(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> sqlite3.Cursor:
        self._fuse.burn()
        return self._database.executemany(statement, rows)

    def close(self) -> None:
        self._database.close()


@pytest.fixture
def fuse(monkeypatch: pytest.MonkeyPatch) -> Fuse:
    """A fuse in each store of Ada's that is opened from now on."""
    lit = Fuse()
    connect = cabinet._connect

    def fused(path: Path, name: str) -> Fused | sqlite3.Connection:
        return Fused(connect(path, name), lit) if "Ada" in path.parts else connect(path, name)

    monkeypatch.setattr(cabinet, "_connect", fused)
    return lit


def said_all(sealed: Sealed, room_id: str) -> bool:
    """Whether nothing more is to be said."""
    room = sealed.rooms.get(room_id)
    return room is not None and room.known and not len(room.outgoing)


async def flushed(client: Client, room_id: str) -> None:
    """Wait until nothing more is to be said, and what is said next waits for nothing."""
    await client.sealed.wait_for(lambda sealed: not sealed.undecided and said_all(sealed, room_id), PATIENCE)


async def test_what_was_kept_is_said_once_wherever_the_process_ends(fuse: Fuse, person: Make) -> None:
    ada, bo = await person("Ada"), await person("Bo")
    room_id = await ada.client.sealed.create_room(
        form=Form.CONVERSATION, name="Plans", members={bo.id: "member"}
    )
    await joins(bo.client, room_id)
    client, expected, step = ada.client, list[str](), 0
    while True:
        step += 1
        text = f"Killed before step {step}."
        await flushed(client, room_id)
        fuse.light(step)
        try:
            await client.call(MessageSend(room=room_id, text=text))
            # What follows the answer may be where it ends, too.
            await client.sealed.wait_for(lambda sealed: fuse.blown or said_all(sealed, room_id), PATIENCE)
        except YmeraError:
            assert fuse.blown
        if fuse.kept:
            expected.append(text)
        if not fuse.blown:
            break
        await client.close()
        fuse.put_out()
        client = await ada.device("first")
    await flushed(client, room_id)
    assert len(expected) > 10
    await reads(bo.client, room_id, *expected)
    await reads(client, room_id, *expected)
    assert client.sealed.alarms == ()


async def test_what_others_say_is_read_once_wherever_the_process_ends(fuse: Fuse, person: Make) -> None:
    ada, bo = await person("Ada"), await person("Bo")
    room_id = await ada.client.sealed.create_room(
        form=Form.CONVERSATION, name="Plans", members={bo.id: "member"}
    )
    await joins(bo.client, room_id)
    await ada.client.close()
    said, step, died = list[str](), 0, True
    while died:
        step += 1
        said.append(f"{step}")
        await says(bo.client, room_id, said[-1])
        fuse.light(step)
        client = Client(ada.url, token=ada.token, keys=ada.store("first"))
        with suppress(YmeraError):
            await client.connect()
            await client.sealed.wait_for(
                lambda sealed: fuse.blown or ((room := sealed.rooms.get(room_id)) and room.caught_up),
                PATIENCE,
            )
        died = fuse.blown
        await client.close()
        fuse.put_out()
    assert step > 30
    client = await ada.device("first")
    await reads(client, room_id, *said)


async def test_a_store_is_one_processs_alone(person: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cabinet, "LOCK_WAIT", 0.05)
    ada = await person("Ada")
    with pytest.raises(Conflict, match="Another process"):
        await Client(ada.url, token=ada.token, keys=ada.store("first")).connect()


async def test_a_store_opens_with_its_own_key_only(person: Make) -> None:
    ada = await person("Ada")
    await ada.client.close()
    (ada.folder / "first.key").write_bytes(bytes(32))
    with pytest.raises(KeysFailed, match="another key"):
        await Client(ada.url, token=ada.token, keys=ada.store("first")).connect()


async def test_a_store_that_was_put_back_is_noticed_and_goes_on(person: Make) -> None:
    ada, bo = await person("Ada"), await person("Bo")
    room_id = await ada.client.sealed.create_room(
        form=Form.CONVERSATION, name="Plans", members={bo.id: "member"}
    )
    await says(ada.client, room_id, "One.")
    await ada.client.close()
    for each in ada.folder.glob("first.*"):
        shutil.copy(each, each.with_name(f"kept-{each.name}"))
    client = await ada.device("first")
    await says(client, room_id, "Two.")
    await client.close()
    for each in ada.folder.glob("first.*"):
        each.unlink()
    for each in ada.folder.glob("kept-*"):
        each.rename(each.with_name(each.name.removeprefix("kept-")))
    client = await ada.device("first")
    await reads(client, room_id, "One.", "Two.")
    assert [alarm.fault for alarm in client.sealed.alarms] == ["device_copied"]
    await says(client, room_id, "Three.")
    await reads(bo.client, room_id, "One.", "Two.", "Three.")


async def test_nothing_that_was_said_stands_on_the_disk_in_plain(person: Make) -> None:
    ada, bo = await person("Ada"), await person("Bo")
    room_id = await ada.client.sealed.create_room(
        form=Form.CONVERSATION, name="Canaryroom", members={bo.id: "member"}
    )
    await says(ada.client, room_id, "Canarytext")
    await reads(bo.client, room_id, "Canarytext")
    assert [hit[2]["text"] for hit in bo.client.sealed.search("canary")] == ["Canarytext"]
    for person_ in (ada, bo):
        for each in person_.folder.iterdir():
            content = each.read_bytes()
            assert b"Canary" not in content, each
            assert each.stat().st_mode & 0o077 == 0, each
        assert ada.code.replace("-", "").encode() not in (ada.folder / "first.db").read_bytes()
