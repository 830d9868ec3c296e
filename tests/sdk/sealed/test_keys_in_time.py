"""Keys that are renewed, forgotten, granted and restored, on a clock that is set."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.nodes import PATIENCE, until
from tests.sdk.sealed.people import Person, joins, reads, says
from ymera_client import Client, Form, IdentityChain, KeysFailed, KeyStore, Unavailable
from ymera_client.crypto.epochs import Epoch
from ymera_client.sealed import clock, ledger, own
from ymera_client.sealed.backup import Backups
from ymera_client.sealed.records import Device, unpack

pytestmark = pytest.mark.usefixtures("short_waits")
Make = Callable[[str], Awaitable[Person]]


class Clock:
    """What devices take for the time."""

    def __init__(self) -> None:
        self._now = clock.now_ms() * 1_000_000

    def time_ns(self) -> int:
        return self._now

    def pass_(self, **much: float) -> None:
        self._now += int(timedelta(**much).total_seconds() * 1e9)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of all devices."""
    standing = Clock()
    monkeypatch.setattr(clock, "time", SimpleNamespace(time_ns=standing.time_ns))
    return standing


async def versions(person: Person) -> list[int]:
    """Which keys for boxes the first device has kept; it must not run."""
    store = person.store("first")
    await store.cabinet.open()
    try:
        kept = await store.cabinet.transact(lambda transaction: transaction.get("device"))
    finally:
        await store.cabinet.close()
    assert kept is not None
    return [box.version for box in unpack(kept, Device).boxes]


def epochs(client: Client, room_id: str) -> set[int]:
    """The epochs of which the client holds something."""
    room = client.sealed.rooms.get(room_id)
    assert room is not None
    return set(room.settled.keys.epochs)


async def pair(person: Make, retention: str = "keep") -> tuple[Person, Person, str]:
    """Two in a room, who have read what was said there first."""
    ada, bo = await person("Ada"), await person("Bo")
    room_id = await ada.client.sealed.create_room(
        form=Form.CONVERSATION,
        name="Plans",
        members={bo.id: "member"},
        retention="ephemeral" if retention == "ephemeral" else "keep",
    )
    await says(ada.client, room_id, "One.")
    await joins(bo.client, room_id)
    return ada, bo, room_id


async def test_a_new_key_for_boxes_each_week_and_the_old_one_is_gone_after_a_month(
    person: Make, time: Clock
) -> None:
    ada, bo, room_id = await pair(person)
    said, client = ["One."], bo.client
    for days, kept in ((6, [0]), (2, [0, 1]), (8, [0, 1, 2]), (23, [1, 2, 3]), (31, [3, 4])):
        await client.close()
        time.pass_(days=days)
        client = await bo.device("first")
        await joins(client, room_id)
        await ada.client.sealed.rotate(room_id)
        said.append(f"After {days} days.")
        await says(ada.client, room_id, said[-1])
        await reads(client, room_id, *said)
        await client.close()
        assert await versions(bo) == kept
        client = await bo.device("first")


async def test_chains_of_an_ephemeral_room_are_forgotten_two_days_after_their_epoch(
    person: Make, time: Clock
) -> None:
    ada, bo, room_id = await pair(person, "ephemeral")
    await ada.client.sealed.rotate(room_id)
    await says(ada.client, room_id, "Two.")
    await reads(bo.client, room_id, "One.", "Two.")
    time.pass_(hours=47)
    await says(bo.client, room_id, "Three.")
    await reads(ada.client, room_id, "One.", "Two.", "Three.")
    assert epochs(ada.client, room_id) >= {1, 2}
    time.pass_(hours=2)
    await says(ada.client, room_id, "Four.")
    await reads(bo.client, room_id, "One.", "Two.", "Three.", "Four.")
    await until(lambda: 1 not in epochs(ada.client, room_id) | epochs(bo.client, room_id))
    await ada.client.close()
    again = await ada.device("first")
    await reads(again, room_id, "One.", "Two.", "Three.", "Four.")
    assert 1 not in epochs(again, room_id)


async def test_chains_are_forgotten_in_time_where_nothing_more_is_said(
    person: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "KEEP_CHAINS_MS", 500)
    ada, bo, room_id = await pair(person, "ephemeral")
    await ada.client.sealed.rotate(room_id)
    await until(lambda: epochs(ada.client, room_id) == epochs(bo.client, room_id) == {2})


async def test_in_a_room_that_keeps_from_now_on_nobody_holds_the_secrets_of_what_was_before(
    person: Make, time: Clock
) -> None:
    ada, bo, room_id = await pair(person, "ephemeral")
    await bo.client.close()
    await ada.client.sealed.rotate(room_id)
    await ada.client.sealed.set_policy(room_id, retention="keep")
    await ada.client.sealed.rotate(room_id)
    await says(ada.client, room_id, "Two.")
    late = await bo.device("first")
    await reads(late, room_id, "One.", "Two.")
    for client in (ada.client, late):
        room = client.sealed.rooms.get(room_id)
        assert room is not None
        assert epochs(client, room_id) == {1, 2, 3, 4}
        assert set(room.settled.keys.secrets()) == {3, 4}
    time.pass_(hours=49)
    await says(ada.client, room_id, "Three.")
    await reads(late, room_id, "One.", "Two.", "Three.")
    await until(lambda: {1, 2}.isdisjoint(epochs(ada.client, room_id) | epochs(late, room_id)))


async def test_a_connection_that_lasts_has_the_key_for_boxes_renewed(
    person: Make, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own, "RENEWAL", 0.05)
    ada = await person("Ada")
    me = ada.client.sealed.status.me
    assert me is not None

    async def links() -> int:
        return (await ada.client.call(IdentityChain(fp=me.fp, after_seq=0))).identity.seq

    before = await links()
    time.pass_(days=8)

    async def renewed() -> bool:
        return await links() > before

    await until(renewed)
    await ada.client.close()
    assert await versions(ada) == [0, 1]


async def test_a_member_grants_what_another_members_new_device_lacks(
    person: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bo, room_id = await pair(person)
    await bo.client.close()

    async def none(*_: object) -> dict[int, bytes]:
        return {}

    # Nothing comes from the backup, and no other device of Bo's is there.
    monkeypatch.setattr(Backups, "secrets", none)
    await ada.client.close()
    new = await bo.device("new")
    await new.sealed.recover(bo.code)
    await new.sealed.wait_for(
        lambda sealed: (view := sealed.room(room_id)) and any(mark.kind == "waiting" for mark in view.marks),
        PATIENCE,
    )
    again = await ada.device("first")
    await reads(new, room_id, "One.")
    await says(new, room_id, "Two.")
    await reads(again, room_id, "One.", "Two.")


async def test_what_the_backup_has_not_taken_at_once_is_put_there_later(
    person: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, keep_secrets, failures = await person("Ada"), Backups.keep_secrets, [Unavailable("Not now.")] * 3

    async def failing(self: Backups, epochs: dict[Epoch, bytes]) -> None:
        if failures:
            raise failures.pop()
        await keep_secrets(self, epochs)

    monkeypatch.setattr(Backups, "keep_secrets", failing)
    room_id = await ada.client.sealed.create_room(form=Form.CONVERSATION, name="Plans")
    await says(ada.client, room_id, "One.")
    await until(lambda: not failures)
    await ada.client.sealed.rotate(room_id)
    await says(ada.client, room_id, "Two.")
    await ada.client.close()
    new = await ada.device("new")
    await new.sealed.recover(ada.code)
    await reads(new, room_id, "One.", "Two.")


async def test_who_was_verified_stays_so_on_a_device_that_has_nothing_but_the_code(person: Make) -> None:
    ada, bo, room_id = await pair(person)
    await ada.client.sealed.safety_number(bo.id)
    await ada.client.sealed.verify(bo.id)
    await ada.client.close()
    new = await ada.device("new")
    await new.sealed.recover(ada.code)
    await reads(new, room_id, "One.")
    assert new.sealed.trust(bo.id) == "verified"


class Keyring:
    """What stands for the system's keyring: the two functions of it that are used."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, account: str) -> str | None:
        return self.kept.get((service, account))

    def set_password(self, service: str, account: str, password: str) -> None:
        self.kept[service, account] = password


async def test_the_key_of_a_store_is_in_the_keyring_where_no_file_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ring, path = Keyring(), tmp_path / "keys.db"
    monkeypatch.setitem(sys.modules, "keyring", ring)
    for _ in range(2):
        store = KeyStore(path)
        await store.cabinet.open()
        await store.claim("ada")
        await store.cabinet.close()
    assert list(ring.kept) == [("ymera-client", str(path))]
    ring.kept.clear()
    with pytest.raises(KeysFailed, match="another key"):
        await KeyStore(path).cabinet.open()
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(KeysFailed, match="key_file"):
        await KeyStore(path).cabinet.open()


async def test_processes_that_make_a_key_at_once_have_the_same(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    key_file = tmp_path / "made" / "ours.key"

    async def use(number: int) -> None:
        store = KeyStore(tmp_path / f"{number}.db", key_file=key_file)
        await store.cabinet.open()
        await store.claim("ada")
        await store.cabinet.close()

    for _ in range(2):
        await asyncio.gather(*map(use, range(8)))
    assert [each.name for each in key_file.parent.iterdir()] == ["ours.key"]
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert caplog.text == ""
    key_file.chmod(0o644)
    await use(0)
    assert f"others on this machine may read {key_file}" in caplog.text
