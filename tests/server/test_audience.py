"""Who gets what in a room: each event after the head of a join once and in order, or word that it lags."""

import asyncio
import re
import time
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from wsproto.connection import Connection as Peer
from wsproto.connection import ConnectionType
from wsproto.events import TextMessage

from protocol.wire import encode
from server import audience, packets
from server import connection as connections
from server.audience import MAX_HELD, Audience, Tick
from server.connection import Connection
from server.engine.packet import Packet
from tests.connections import Reader, connection

ROOM = "room"


class Member:
    """A connection and what must be true of what its client reads."""

    def __init__(self, tick: Tick) -> None:
        self.closed: list[str] = []
        self.connection, self.reader = connection(self.closed, tick=tick)
        self.held_at: int | None = None
        """The seq at which its join began, until that is answered."""
        self.joined: int | None = None
        """The head of its join."""
        self.evicted = list[int]()
        self.unaware = False
        """Whether it missed, among other events, that it was shut out; its inbox will say so."""

    def read(self, number: int) -> int | None:
        """How far the client has come by what it has read, in order; None where it is not in the room."""
        peer = Peer(ConnectionType.CLIENT)
        peer.receive_data(self.reader.read)
        seq: int | None = None
        owed = False
        for message in peer.events():
            assert isinstance(message, TextMessage)
            kind, body = re.fullmatch(r"(4[23]\d*)(.*)", message.data, re.DOTALL).groups()  # type: ignore[union-attr]
            content: list[Any] = msgspec.json.decode(body)
            if kind != "42":
                result = content[0]["result"]
                if "after" not in result:
                    seq, owed = result.get("head"), False
                elif seq is not None:
                    # A client that lags has not had the event that is answered; it must be told.
                    owed |= result["after"] > seq
            elif content[0] == "event":
                event = content[1]
                assert seq is not None, "an event of a room that it is not in"
                assert not owed, "an answer before its event"
                assert event["seq"] == seq + 1, "an event that is not next"
                seq = None if number in event["evicts"] else event["seq"]
            elif content[0] == "lagging":
                seq, owed = content[1]["heads"].get(ROOM, seq), False
            else:
                assert seq is not None, "a message of a room that it is not in"
        assert not owed or self.connection.lagging_since is not None, "an answer without its event"
        return seq


class Room:
    """A room with members to whom things happen."""

    def __init__(self) -> None:
        self.tick = Tick()
        self.audience = Audience(self.tick)
        self.members = [Member(self.tick) for _ in range(3)]
        self.seq = 10

    def head(self, _: str) -> int:
        return self.seq

    def hold(self, member: Member, _: int) -> None:
        if member.held_at is None and member.joined is None:
            member.connection.enter(ROOM, self.audience)
            self.audience.hold(member.connection)
            member.held_at = self.seq
            member.evicted = []

    def release(self, member: Member, ahead: int) -> None:
        """The join is answered, as of a time since it began at which the log may have been ahead."""
        if member.held_at is not None:
            head = max(member.held_at, self.seq - 3 + ahead)
            member.connection.answer(1, encode({"head": head}))
            member.connection.flush()
            member.joined, member.held_at, member.unaware = head, None, False
            if not self.audience.release(member.connection, head, self.seq):
                self._out(member)
            assert (member.joined is None) == any(seq > head for seq in member.evicted)

    def leave(self, member: Member, _: int) -> None:
        if member.held_at is not None or member.joined is not None:
            self._out(member)
            member.connection.answer(1, encode({"left": True}))
            member.unaware = False

    def deliver(self, *evicted: int) -> None:
        self.seq += 1
        body = msgspec.json.encode({"seq": self.seq, "evicts": evicted})
        self.audience.deliver(self.seq, packets.event("event", body))

    def event(self, *_: Any) -> None:
        self.deliver()

    def evict(self, member: Member, _: int) -> None:
        self.deliver(self.members.index(member))
        if ROOM in member.connection.rooms:
            member.evicted.append(self.seq)
            covered = member.joined is not None and member.joined >= self.seq
            out = self.audience.shut_out(member.connection)
            assert out == (member.joined is not None and not covered)
            if out:
                self._out(member)

    def command(self, member: Member, _: int) -> None:
        """It says something here and is told so."""
        if member.joined is not None and member.joined <= self.seq and not self.lags(member):
            self.deliver()
            member.connection.answer(1, encode({"after": self.seq}))

    def tell(self, *_: Any) -> None:
        self.audience.tell(packets.event("typing", b"{}", passing=True))

    def stop(self, member: Member, _: int) -> None:
        member.reader.stop()

    def fill(self, member: Member, _: int) -> None:
        if not member.reader.outbox:
            member.reader.fill()

    def go_on(self, member: Member, _: int) -> None:
        member.reader.go_on()

    def lag(self, member: Member, _: int) -> None:
        member.connection.lag()

    def check(self, member: Member, _: int) -> None:
        member.connection.check(self.head, time.monotonic())

    def lags(self, member: Member) -> bool:
        return member.connection.lagging_since is not None or member.reader.write is None

    def verify(self) -> None:
        """Everybody has read all."""
        for number, member in enumerate(self.members):
            assert member.closed == []
            seq = member.read(number)
            if member.connection.lagging_since is None and not member.unaware:
                assert seq == (None if member.joined is None else max(self.seq, member.joined))

    def _out(self, member: Member) -> None:
        member.connection.rooms.pop(ROOM, None)
        self.audience.remove(member.connection)
        member.unaware |= member.connection.lagging_since is not None
        member.joined = member.held_at = None


EVENTS = ["event", "evict", "command", "tell"]
CHANGES = ["hold", "release", "leave", "stop", "fill", "go_on", "lag", "check"]
Step = tuple[str, int, int]
steps = st.tuples(st.sampled_from(EVENTS + CHANGES), st.integers(0, 2), st.integers(0, 5))


@settings(max_examples=300)
@given(st.lists(st.lists(steps, min_size=1, max_size=5), max_size=15))
# Taken in again before its join was answered.
@example([[("hold", 0, 0), ("evict", 0, 0), ("event", 0, 0)], [("release", 0, 3)], [("event", 0, 0)]])
# Let in by an answer that is ahead of what this node knows.
@example([[("hold", 0, 0), ("release", 0, 5)], [("evict", 0, 0)], [("event", 0, 0)] * 3])
@example([[("hold", 0, 0), ("release", 0, 4)], [("evict", 0, 0)], [("event", 0, 0)] * 3])
# Full in the midst of a write to all.
@example([[("hold", 0, 0), ("release", 0, 3)], [("fill", 0, 0), ("event", 0, 0)], [("go_on", 0, 0)]])
# Caught up while something waits for the end of the turn.
@example([[("hold", 0, 0), ("release", 0, 3)], [("lag", 0, 0)], [("event", 0, 0)] * 2 + [("check", 0, 0)]])
@example([[("hold", 0, 0), ("release", 0, 3)], [("lag", 0, 0)], [("check", 0, 0)] + [("event", 0, 0)] * 2])
def test_each_gets_each_event_after_its_join_once_and_in_order(turns: list[list[Step]]) -> None:
    async def run() -> None:
        room = Room()
        for turn in turns:
            for name, number, argument in turn:
                getattr(room, name)(room.members[number], argument)
            # The turn of the loop ends, and with it the tick.
            await asyncio.sleep(0)
        for member in room.members:
            room.go_on(member, 0)
            room.check(member, 0)
        await asyncio.sleep(0)
        room.verify()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audience, "MAX_HELD", 3)
        patch.setattr(connections, "MAX_QUEUED", 4)
        patch.setattr(connections, "CAUGHT_UP", 1)
        asyncio.run(run())


def joined(tick: Tick, head: int = 4) -> tuple[Audience, Connection, Reader, list[str]]:
    """A connection that has joined a room at a head."""
    closed: list[str] = []
    one, reader = connection(closed, tick=tick)
    room = Audience(tick)
    one.enter(ROOM, room)
    room.hold(one)
    assert room.release(one, head, head)
    return room, one, reader, closed


def event(seq: int) -> Packet:
    return packets.event("event", str(seq).encode())


async def test_a_slow_reader_is_told_and_then_closed() -> None:
    room, one, reader, closed = joined(Tick())
    reader.stop()
    for seq in range(2 * connections.MAX_QUEUED):
        room.deliver(5 + seq, event(5 + seq))
        room.flush()
    assert len(reader.outbox) == connections.MAX_QUEUED
    assert one.lagging_since is not None
    one.check(lambda _: 9, one.lagging_since + connections.MAX_LAG_SECONDS - 1)
    assert closed == []
    one.check(lambda _: 9, one.lagging_since + connections.MAX_LAG_SECONDS + 1)
    assert closed == ["too_slow"]


async def test_large_events_count_by_their_size() -> None:
    room, one, reader, _ = joined(Tick())
    reader.stop()
    big = packets.event("event", b'"%b"' % (b"x" * 1_000_000))
    for seq in range(10):
        room.deliver(5 + seq, big)
        room.flush()
    assert one.lagging_since is not None
    assert connections.MAX_QUEUED_BYTES <= reader.outbox_bytes <= connections.MAX_QUEUED_BYTES + len(big.data)


async def test_a_reader_that_catches_up_is_told_the_heads_to_pull() -> None:
    tick = Tick()
    room, one, reader, _ = joined(tick)
    reader.stop()
    one.lag()
    room.deliver(5, event(5))
    await asyncio.sleep(0)
    reader.go_on()
    assert reader.read == b""
    one.check(lambda _: 9, time.monotonic())
    room.deliver(10, event(10))
    await asyncio.sleep(0)
    lagging = packets.event("lagging", b'{"heads":{"room":9}}')
    assert reader.read == lagging.frame + event(10).frame
    assert one.lagging_since is None


async def test_what_nobody_misses_is_dropped_without_a_word() -> None:
    room, one, reader, _ = joined(Tick())
    reader.stop()
    for _ in range(2 * connections.MAX_QUEUED):
        room.tell(packets.event("typing", b"{}", passing=True))
        room.flush()
    assert len(reader.outbox) == connections.MAX_QUEUED
    assert one.lagging_since is None


async def test_more_than_is_kept_during_a_join_counts_as_missed() -> None:
    tick = Tick()
    one, reader = connection(tick=tick)
    room = Audience(tick)
    one.enter(ROOM, room)
    room.hold(one)
    for seq in range(5, 6 + MAX_HELD):
        room.deliver(seq, event(seq))
    assert room.release(one, 4, 5 + MAX_HELD)
    assert one.lagging_since is not None
    assert reader.read == b""


async def test_what_a_turn_has_for_a_room_is_one_write_to_each() -> None:
    tick = Tick()
    room, one, reader, _ = joined(tick)
    for seq in range(5, 25):
        room.deliver(seq, event(seq))
    one.answer(3, b"null")
    assert reader.written == [b""]
    await asyncio.sleep(0)
    assert reader.written[1:] == [
        b"".join(event(seq).frame for seq in range(5, 25)),
        packets.success(3, b"null").frame,
    ]


async def test_a_transport_that_fails_keeps_nothing_from_the_others() -> None:
    tick = Tick()
    room, _, broken, _ = joined(tick)
    other, reader = connection(tick=tick)
    other.enter(ROOM, room)
    room.hold(other)
    room.release(other, 4, 4)

    def fail(_: bytes) -> None:
        raise RuntimeError("the handle is closed")

    broken.write = fail
    broken.connection.directness_changed()
    room.deliver(5, event(5))
    await asyncio.sleep(0)
    assert reader.read == event(5).frame
