"""Each listener gets each event once and in order, whatever happens to messages on the way."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from persistence import log, rooms
from persistence.database import UNREACHABLE, Pool, clock, connect_pool
from persistence.ids import new_id
from protocol.rooms import LoggedEvent, MembershipRemoved, RoomKind
from server import packets
from server.fanout import Envelope, Fanout
from tests.connections import connection
from tests.nodes import PATIENCE, until


class Ear:
    """A listener that writes down what it hears."""

    def __init__(self) -> None:
        self.seqs: list[int] = []
        self.gaps = 0
        self._news = asyncio.Event()

    def on_event(self, event: LoggedEvent) -> None:
        self.seqs.append(event.seq)
        self._news.set()

    def on_gap(self, _: str) -> None:
        self.gaps += 1
        self._news.set()

    async def hears(self, seq: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while not self.seqs or self.seqs[-1] < seq:
                self._news.clear()
                await self._news.wait()


class Site:
    """A room in the database, and the fan-out of one node."""

    def __init__(self, dsn: str, pool: Pool, room: str) -> None:
        self.dsn, self.pool, self.room = dsn, pool, room
        self.fanout = Fanout(pool, "this-node")

    async def commit(self, count: int = 1) -> list[LoggedEvent]:
        """Events in the log that nobody has been told of."""
        async with self.pool.acquire() as tx, tx.transaction():
            pending: list[log.Pending] = [
                (self.room, MembershipRemoved(room_id=new_id()), None) for _ in range(count)
            ]
            return await log.record(tx, None, await clock(tx), pending)

    def hint(self, event: LoggedEvent) -> None:
        """The message of another node about an event."""
        raw = msgspec.Raw(msgspec.json.encode(event))
        self.fanout.on_message(self.room, msgspec.json.encode(Envelope(event=raw)))


@pytest.fixture
async def site(dsn: str) -> AsyncIterator[Site]:
    pool = await connect_pool(dsn, size=4)
    room = new_id()
    async with pool.acquire() as tx:
        await rooms.insert(tx, room, RoomKind.CHANNEL, now=await clock(tx), created_by=None)
    site = Site(dsn, pool, room)
    site.fanout.start(None)
    yield site
    await site.fanout.close()
    await pool.close()


async def test_events_before_the_attachment_are_not_delivered(site: Site) -> None:
    await site.commit(3)
    ear = Ear()
    await site.fanout.listen(site.room, ear)
    site.fanout.publish(await site.commit())
    assert ear.seqs == [4]
    assert site.fanout.head(site.room) == 4


async def test_events_that_overtake_each_other_are_put_in_order(site: Site) -> None:
    ear = Ear()
    await site.fanout.listen(site.room, ear)
    for event in reversed(await site.commit(5)):
        site.hint(event)
    assert ear.seqs == [1, 2, 3, 4, 5]


async def test_a_lost_message_is_read_from_the_log_when_the_next_comes(site: Site) -> None:
    ear = Ear()
    await site.fanout.listen(site.room, ear)
    events = await site.commit(4)
    site.hint(events[0])
    site.hint(events[3])
    assert ear.seqs == [1]
    await ear.hears(4)
    assert ear.seqs == [1, 2, 3, 4]
    assert site.fanout.repaired > 0


async def test_a_lost_last_message_is_found_by_comparing_heads(site: Site) -> None:
    ear = Ear()
    await site.fanout.listen(site.room, ear)
    await site.commit(2)
    await ear.hears(2)
    assert ear.seqs == [1, 2]


async def test_more_than_one_answer_of_missed_events_is_read_to_the_end(site: Site) -> None:
    ear = Ear()
    await site.fanout.listen(site.room, ear)
    for _ in range(5):
        await site.commit(500)
    await ear.hears(2500)
    assert ear.seqs == list(range(1, 2501))


async def test_where_the_log_has_forgotten_what_was_missed_all_start_afresh(site: Site) -> None:
    closed: list[str] = []
    member, _ = connection(closed, tick=site.fanout.tick)
    await site.fanout.hold(site.room, member)
    site.fanout.release(site.room, member, 0)
    await site.fanout.listen(site.room, ear := Ear())
    await site.commit(5)
    await site.pool.execute("DELETE FROM events WHERE seq <= 4")
    await until(lambda: ear.gaps == 1)
    assert (closed, site.fanout.head(site.room), ear.seqs) == (["behind"], 5, [])
    site.fanout.publish(await site.commit())
    assert ear.seqs == [6]


async def test_malformed_messages_are_ignored(site: Site) -> None:
    ear = Ear()
    await site.fanout.listen(site.room, ear)
    for payload in (b"", b"{}", b"[1]", b'{"event":{"room":1}}', b"\xff"):
        site.fanout.on_message(site.room, payload)
    site.fanout.publish(await site.commit())
    assert ear.seqs == [1]


async def test_a_room_without_listeners_is_forgotten_and_can_come_back(site: Site) -> None:
    first, second = Ear(), Ear()
    await site.fanout.listen(site.room, first)
    site.fanout.unlisten(site.room, first)
    assert site.fanout.rooms == 0
    site.fanout.publish(await site.commit())
    await site.fanout.listen(site.room, second)
    site.fanout.publish(await site.commit())
    assert (first.seqs, second.seqs) == ([], [2])


async def test_messages_outside_the_log_reach_connections_here_or_peers(site: Site) -> None:
    peers = list[tuple[Any, ...]]()
    site.fanout.on_peer = lambda *message: peers.append(message)
    member, reader = connection(tick=site.fanout.tick)
    await site.fanout.hold(site.room, member)
    site.fanout.release(site.room, member, 0)
    site.fanout.tell("typing", site.room, b"{}")
    await until(lambda: reader.read == packets.event("typing", b"{}").frame)
    for node in ("this-node", "other"):
        envelope = Envelope(ephemeral="typing", node=node, data=msgspec.Raw(b'{"a":1}'))
        site.fanout.on_message(site.room, msgspec.json.encode(envelope))
    assert peers == [("typing", site.room, "other", b'{"a":1}')]


async def test_attachments_at_the_same_time_wait_for_the_first(site: Site) -> None:
    ears = [Ear() for _ in range(20)]
    await asyncio.gather(*(site.fanout.listen(site.room, ear) for ear in ears))
    site.fanout.publish(await site.commit())
    assert [ear.seqs for ear in ears] == [[1]] * 20


async def opening(site: Site, ears: list[Ear]) -> tuple[list[asyncio.Task[None]], asyncpg.Connection]:
    """Attachments that wait for the room's head, until the transaction of the connection ends."""
    locker = await asyncpg.connect(site.dsn)
    await locker.execute("BEGIN; LOCK TABLE rooms")
    attaching = [asyncio.create_task(site.fanout.listen(site.room, ear)) for ear in ears]
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'rooms'::regclass"

    async def is_reading() -> bool:
        return bool(await locker.fetchval(waiting))

    await until(is_reading)
    return attaching, locker


async def test_who_gives_up_attaching_takes_nobody_along(site: Site) -> None:
    first, second = Ear(), Ear()
    attaching, locker = await opening(site, [first, second])
    attaching[0].cancel()
    await asyncio.wait([attaching[0]])
    await locker.close()
    await attaching[1]
    site.fanout.publish(await site.commit())
    assert second.seqs == [1]


async def test_a_room_that_all_have_left_before_it_was_live_is_forgotten(site: Site) -> None:
    ear = Ear()
    (attaching,), locker = await opening(site, [ear])
    site.fanout.unlisten(site.room, ear)
    await locker.close()
    await attaching
    assert site.fanout.rooms == 0


async def test_a_room_whose_head_cannot_be_read_fails_for_all_and_is_forgotten(site: Site) -> None:
    attaching, locker = await opening(site, [Ear(), Ear()])
    await locker.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted AND relation = 'rooms'::regclass"
    )
    failures = await asyncio.gather(*attaching, return_exceptions=True)
    assert [isinstance(failure, UNREACHABLE) for failure in failures] == [True, True]
    assert site.fanout.rooms == 0
    await locker.close()
    await site.fanout.listen(site.room, ear := Ear())
    site.fanout.publish(await site.commit())
    assert ear.seqs == [1]


async def test_closing_ends_attachments(site: Site) -> None:
    attaching, locker = await opening(site, [Ear()])
    await site.fanout.close()
    await asyncio.wait(attaching)
    assert attaching[0].cancelled()
    await locker.close()


async def test_while_the_database_is_away_it_keeps_looking(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures: list[str] = []

    def failing(name: str) -> Callable[..., Awaitable[Any]]:
        working: Callable[..., Awaitable[Any]] = getattr(log, name)

        async def fail_once(*arguments: Any) -> Any:
            if name in failures:
                return await working(*arguments)
            failures.append(name)
            raise ConnectionRefusedError(name)

        return fail_once

    await site.fanout.listen(site.room, ear := Ear())
    monkeypatch.setattr(log, "heads", failing("heads"))
    monkeypatch.setattr(log, "read", failing("read"))
    events = await site.commit(2)
    site.fanout.repair_all()
    site.hint(events[1])
    await ear.hears(2)
    assert ear.seqs == [1, 2]
    assert set(failures) == {"heads", "read"}


@pytest.mark.parametrize("seed", range(10))
async def test_dropped_repeated_and_shuffled_messages_change_nothing(site: Site, seed: int) -> None:
    chance = random.Random(seed)
    ears = [Ear(), Ear()]
    await site.fanout.listen(site.room, ears[0])
    told: list[LoggedEvent] = []
    for _ in range(20):
        told += [event for event in await site.commit(3) if chance.random() > 0.2]
        chance.shuffle(told)
        now, told = told[: len(told) // 2], told[len(told) // 2 :]
        for event in now + [event for event in now if chance.random() < 0.3]:
            site.hint(event)
    await site.fanout.listen(site.room, ears[1])
    await ears[0].hears(60)
    assert ears[0].seqs == list(range(1, 61))
    late = ears[1].seqs
    assert late == list(range(61 - len(late), 61))


async def test_a_listener_that_fails_keeps_nothing_from_the_others(site: Site) -> None:
    class Broken:
        def on_event(self, _: LoggedEvent) -> None:
            raise RuntimeError("broken")

        def on_gap(self, _: str) -> None:
            """Never comes."""

    member, reader = connection(tick=site.fanout.tick)
    await site.fanout.listen(site.room, Broken())
    await site.fanout.listen(site.room, ear := Ear())
    await site.fanout.hold(site.room, member)
    site.fanout.release(site.room, member, 0)
    site.fanout.publish(await site.commit(2))
    assert ear.seqs == [1, 2]
    await until(lambda: reader.read.count(b'"seq"') == 2)


@given(st.binary(max_size=200))
def test_no_message_from_the_bus_raises(payload: bytes) -> None:
    fanout = Fanout(None, "node")
    fanout.on_message("room", payload)
