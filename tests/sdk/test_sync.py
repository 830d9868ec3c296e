"""Whatever the network does, a room ends where the log in order leads, and knows when it is not there."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sdk.test_fold import joined, plain
from ymera_client.generated import (
    MAX_EVENTS,
    EventRange,
    Joined,
    LoggedEvent,
    RoomEvents,
    RoomJoin,
    RoomKind,
    RoomRole,
)
from ymera_client.sync import MAX_BUFFERED, RoomSync

ROOM = "apollo"


def event(seq: int, kind: str = "task.created", **data: Any) -> LoggedEvent:
    return LoggedEvent(
        room=ROOM, seq=seq, type=kind, at=datetime(2026, 3, 1, tzinfo=UTC), actor=None, data=data
    )


def task(seq: int) -> LoggedEvent:
    return event(seq, task={"id": f"t{seq}", "version": 1})


class Log:
    """A room as the server has it: what `room.join` and `room.events` answer."""

    def __init__(self, events: Sequence[LoggedEvent], generation: str = "g1") -> None:
        self.events = list(events)
        self.generation = generation

    @property
    def head(self) -> int:
        return len(self.events)

    def state(self) -> dict[str, dict[str, Any]]:
        room = RoomSync(ROOM)
        room.joined(joined({}, 0))
        room.receive(self.events)
        return plain(room.state.snapshot())

    def join(self, command: RoomJoin) -> Joined:
        after = command.after_seq
        if after is None or command.generation != self.generation or not 0 <= self.head - after <= MAX_EVENTS:
            entities = {name: list(held.values()) for name, held in self.state().items()}
            return joined(entities, self.head, self.generation)
        return Joined(
            room=ROOM,
            kind=RoomKind.PROJECT,
            role=RoomRole.EDITOR,
            head=self.head,
            generation=self.generation,
            events=self.events[after:],
        )

    def range(self, command: RoomEvents) -> EventRange:
        return EventRange(
            room=ROOM,
            head=self.head,
            events=self.events[command.after_seq : command.after_seq + command.limit],
        )

    def answer(self, room: RoomSync) -> list[LoggedEvent]:
        """Make the request that the room wants, if any, and what that let it apply."""
        match room.wanted():
            case RoomJoin() as join:
                return room.joined(self.join(join)).events
            case RoomEvents() as pull:
                return room.pulled(self.range(pull)).events
        return []

    def settle(self, room: RoomSync) -> list[LoggedEvent]:
        applied = []
        for _ in range(10):
            applied += self.answer(room)
        assert room.wanted() is None
        return applied


_ids = st.sampled_from(["a", "b", "c"])
_events = st.one_of(
    st.builds(lambda key, n: ("task.created", {"task": {"id": key, "n": n}}), _ids, st.integers(0, 9)),
    st.builds(lambda key, n: ("task.blocked", {"task": {"id": key, "blocked": n}}), _ids, st.booleans()),
    st.builds(lambda key: ("task.deleted", {"task_id": key}), _ids),
    st.just(("nobody.knows", {"task": {"id": "a"}})),
)
_logs = st.lists(_events, max_size=30).map(
    lambda entries: [event(seq, kind, **data) for seq, (kind, data) in enumerate(entries, start=1)]
)


@given(_logs, st.data())
@settings(max_examples=300, deadline=None)
def test_dropped_repeated_and_reordered_deliveries_converge(
    events: list[LoggedEvent], data: st.DataObject
) -> None:
    log, room, applied = Log(events), RoomSync(ROOM), list[LoggedEvent]()
    if data.draw(st.booleans(), label="joined while the log was empty"):
        room.joined(joined({}, 0))
    deliveries = data.draw(st.lists(st.sampled_from(events), max_size=60)) if events else []
    for delivered in deliveries:
        match data.draw(st.integers(0, 9)):
            case 0:
                room.detach()
            case 1:
                applied += log.answer(room)
            case 2:
                room.failed()
        applied += room.receive([delivered]).events
    room.hear(log.head)
    applied += log.settle(room)
    assert plain(room.state.snapshot()) == log.state()
    assert room.state.cursor == log.head
    assert room.caught_up
    seqs = [each.seq for each in applied]
    assert seqs == sorted(set(seqs))


def test_a_new_room_asks_for_everything() -> None:
    room = RoomSync(ROOM)
    assert room.wanted() == RoomJoin(room=ROOM)
    assert not room.known


def test_events_before_the_first_join_wait_for_it() -> None:
    log, room = Log([task(1), task(2)]), RoomSync(ROOM)
    assert not room.receive([task(3)])
    assert [each.seq for each in log.answer(room)] == [3]
    assert room.state.cursor == 3


def test_a_gap_is_pulled() -> None:
    log, room = Log([task(1)]), RoomSync(ROOM)
    log.settle(room)
    log.events += [task(2), task(3), task(4)]
    assert not room.receive([task(4)])
    assert not room.caught_up
    assert room.wanted() == RoomEvents(room=ROOM, after_seq=1)
    assert [each.seq for each in log.answer(room)] == [2, 3, 4]


def test_a_head_shows_a_lost_tail() -> None:
    log, room = Log([task(1)]), RoomSync(ROOM)
    log.settle(room)
    log.events.append(task(2))
    room.hear(2)
    assert room.wanted() == RoomEvents(room=ROOM, after_seq=1)


def test_an_old_head_means_nothing() -> None:
    log, room = Log([task(1), task(2)]), RoomSync(ROOM)
    log.settle(room)
    room.hear(1)
    assert room.caught_up


def test_far_behind_the_room_is_joined_anew() -> None:
    log, room = Log([task(1)]), RoomSync(ROOM)
    log.settle(room)
    log.events += [task(seq) for seq in range(2, MAX_EVENTS + 3)]
    room.hear(log.head)
    assert room.wanted() == RoomJoin(room=ROOM, after_seq=1, generation="g1")
    log.settle(room)
    assert plain(room.state.snapshot()) == log.state()


def test_a_reconnect_resumes_where_it_stopped() -> None:
    log, room = Log([task(1), task(2)]), RoomSync(ROOM)
    log.settle(room)
    room.detach()
    log.events.append(task(3))
    assert room.wanted() == RoomJoin(room=ROOM, after_seq=2, generation="g1")
    assert [each.seq for each in log.answer(room)] == [3]


def test_another_generation_replaces_the_state() -> None:
    room = RoomSync(ROOM)
    Log([task(1), task(2), task(3)]).settle(room)
    room.detach()
    restored = Log([task(1), event(2, task={"id": "other"})], generation="g2")
    restored.settle(room)
    assert plain(room.state.snapshot()) == restored.state()
    assert (room.state.cursor, room.generation) == (2, "g2")


def test_events_of_another_generation_without_a_reset_are_not_applied() -> None:
    room = RoomSync(ROOM)
    Log([task(1)]).settle(room)
    room.detach()
    foreign = Log([task(1), task(2)], generation="g2")
    answer = foreign.join(RoomJoin(room=ROOM, after_seq=1, generation="g2"))
    assert not room.joined(answer)
    assert room.wanted() == RoomJoin(room=ROOM)
    foreign.settle(room)
    assert plain(room.state.snapshot()) == foreign.state()


def test_early_events_are_bounded_and_a_pull_gets_past_them() -> None:
    log, room = Log([]), RoomSync(ROOM)
    log.settle(room)
    log.events = [task(seq) for seq in range(1, MAX_EVENTS + 1)]
    for seq in range(2, MAX_BUFFERED + 50):
        room.receive([task(seq)])
    log.events += [task(seq) for seq in range(MAX_EVENTS + 1, MAX_BUFFERED + 50)]
    log.settle(room)
    assert room.state.cursor == log.head


def test_a_pull_that_does_not_help_leads_to_a_join_and_counts() -> None:
    log, room = Log([task(1)]), RoomSync(ROOM)
    log.settle(room)
    room.hear(3)
    for stalls in (1, 2, 3):
        assert room.wanted() is not None
        room.pulled(EventRange(room=ROOM, head=3, events=[]))
        assert room.stalls == stalls
        assert isinstance(room.wanted(), RoomJoin)
    log.events += [task(2), task(3)]
    log.settle(room)
    assert room.stalls == 0


def test_a_failed_request_counts_as_a_stall() -> None:
    room = RoomSync(ROOM)
    room.failed()
    assert room.stalls == 1
