"""The order in which commands go out, and what refusals mean. Crash points: tests/sdk/test_storage.py."""

import uuid
from collections.abc import Iterator

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, precondition, rule

from ymera_client import outbox
from ymera_client.backoff import CAP, full_jitter
from ymera_client.errors import (
    Conflict,
    DeadlineExceeded,
    Internal,
    Invalid,
    LimitExceeded,
    NotFound,
    RateLimited,
    Unavailable,
    YmeraError,
)
from ymera_client.outbox import MAX_AGE, MAX_FAULTS, WINDOW, Entry, Outbox, new_id, retry_after


def entry(name: str, queued_at: float = 0.0) -> Entry:
    return Entry(command_id=name, name="task.create", payload={"command_id": name}, queued_at=queued_at)


def filled(count: int) -> Outbox:
    return Outbox(entry(f"c{number}") for number in range(count))


def sent(box: Outbox, now: float = 0.0) -> list[str]:
    """Everything that may go out now."""
    ids = []
    while (each := box.next(now)) is not None:
        ids.append(each.command_id)
    return ids


LATER = 1e6
"""A moment by which every backoff is over."""


def test_commands_go_out_in_order_and_a_window_full_at_once() -> None:
    box = filled(WINDOW + 2)
    assert sent(box) == [f"c{number}" for number in range(WINDOW)]
    box.remove("c3")
    assert sent(box) == [f"c{WINDOW}"]
    assert len(box) == WINDOW + 1


def test_a_final_refusal_takes_the_command_out() -> None:
    box = filled(1)
    sent(box)
    assert box.fail("c0", NotFound("no"), 0.0)
    assert list(box) == []


def test_a_passing_refusal_holds_all_later_commands_back() -> None:
    box = filled(2)
    assert box.next(0.0) == entry("c0")
    assert not box.fail("c0", Unavailable("soon"), 10.0)
    assert box.held_until >= 10.0
    assert sent(box, LATER) == ["c0", "c1"]


def test_nothing_goes_out_before_the_server_wants_it() -> None:
    box = filled(1)
    sent(box)
    box.fail("c0", RateLimited("slow down", data={"retry_after": 7}), 10.0)
    assert box.next(16.9) is None
    assert box.next(17.0 + CAP) is not None


def test_waits_grow_with_each_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def ask(attempt: int, *, at_least: float) -> float:
        asked.append(attempt)
        return at_least

    monkeypatch.setattr(outbox, "full_jitter", ask)
    box = filled(1)
    for _ in range(4):
        sent(box, LATER)
        box.fail("c0", Unavailable("soon"), 0.0)
    assert asked == [0, 1, 2, 3]


def test_the_refusal_of_a_command_that_overtook_does_not_count() -> None:
    box = filled(3)
    sent(box)
    box.fail("c0", RateLimited("wait"), 0.0)
    assert not box.fail("c1", NotFound("what c0 makes is not there yet"), 0.0)
    box.remove("c2")
    assert sent(box, LATER) == ["c0", "c1"]
    box.remove("c0")
    assert box.fail("c1", NotFound("really"), 0.0)


def test_after_a_lost_connection_all_go_out_again_in_order() -> None:
    box = filled(4)
    sent(box)
    box.remove("c1")
    box.fail("c2", Unavailable("lost"), 0.0)
    box.disconnect()
    assert sent(box) == ["c0", "c2", "c3"]


def test_faults_over_one_command_do_not_block_the_others_for_ever() -> None:
    box = filled(2)
    for _ in range(MAX_FAULTS - 1):
        assert box.next(LATER) == entry("c0")
        assert not box.fail("c0", Internal("oops"), 0.0)
    assert box.next(LATER) == entry("c0")
    assert box.fail("c0", Internal("oops"), 0.0)
    assert sent(box, LATER) == ["c1"]


def test_a_full_outbox_and_a_repeated_id_are_refused() -> None:
    box = filled(outbox.MAX_ENTRIES)
    with pytest.raises(LimitExceeded, match="wait to be sent") as full:
        box.check(entry("one more"))
    assert full.value.data["limit"] == outbox.MAX_ENTRIES
    box = filled(1)
    with pytest.raises(Conflict, match="c0 is queued already"):
        box.check(entry("c0"))


def test_what_waited_for_a_week_is_given_up_unless_it_is_under_way() -> None:
    box = Outbox([entry("under way", 0.0), entry("old", 0.0), entry("new", 10.0)])
    assert box.next(0.0) == entry("under way")
    [(expired, error)] = box.expire(MAX_AGE + 5.0)
    assert expired.command_id == "old"
    assert isinstance(error, DeadlineExceeded)
    assert not error.retryable
    assert list(box) == ["under way", "new"]


def test_an_answer_for_a_command_that_is_gone_changes_nothing() -> None:
    box = filled(1)
    sent(box)
    box.remove("nobody")
    assert not box.fail("nobody", NotFound("no"), 0.0)
    assert list(box) == ["c0"]


@pytest.mark.parametrize(
    ("asked", "waits"), [(2.5, 2.5), (-1, 0.0), (10**9, 3600.0), ("soon", 0.0), (None, 0.0)]
)
def test_retry_after_is_taken_with_care(asked: object, waits: float) -> None:
    assert retry_after(RateLimited("wait", data={"retry_after": asked})) == waits


def test_ids_are_version_7_and_in_the_order_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks: Iterator[int] = iter(range(1_700_000_000_000_000_000, 2_000_000_000_000_000_000, 1_000_000))
    monkeypatch.setattr("ymera_client.outbox.time.time_ns", lambda: next(ticks))
    made = [new_id() for _ in range(50)]
    assert made == sorted(made)
    assert {uuid.UUID(each).version for each in made} == {7}
    assert {uuid.UUID(each).variant for each in made} == {uuid.RFC_4122}


def test_jitter_stays_in_its_bounds_and_uses_them() -> None:
    for attempt, most in [(0, 0.5), (1, 1.0), (3, 4.0), (6, 30.0), (10_000, 30.0)]:
        waits = [full_jitter(attempt) for _ in range(400)]
        assert 0.0 <= min(waits) < most * 0.1
        assert most * 0.9 < max(waits) <= most
    assert 5.0 <= full_jitter(0, at_least=5.0) <= 5.5


class OutboxMachine(RuleBasedStateMachine):
    """A server that answers as it likes, and a connection that breaks; nothing is lost or reordered.

    The server carries out what it does not refuse, in the order of arrival. A command that it refuses
    for good although an earlier one is still to come would be lost by a mistake of ours.
    """

    flying = Bundle("flying")

    def __init__(self) -> None:
        super().__init__()
        self.box = Outbox()
        self.queued: list[str] = []
        self.done: set[str] = set()
        self.under_way: list[str] = []
        self.now = 0.0

    @rule()
    def queue(self) -> None:
        name = f"c{len(self.queued)}"
        self.box.add(entry(name))
        self.queued.append(name)

    @rule(target=flying)
    @precondition(lambda self: len(self.done) < len(self.queued))
    def send(self) -> str:
        self.now = max(self.now, self.box.held_until)
        each = self.box.next(self.now)
        if each is None:
            assert len(self.under_way) == min(WINDOW, len(self.queued) - len(self.done))
            return ""
        waiting = [name for name in self.queued if name not in self.done and name not in self.under_way]
        assert each.command_id == waiting[0]
        self.under_way.append(each.command_id)
        return each.command_id

    @rule(name=consumes(flying))
    def succeed(self, name: str) -> None:
        if name in self.under_way:
            self.box.remove(name)
            self.under_way.remove(name)
            self.done.add(name)

    @rule(name=consumes(flying), error=st.sampled_from([Unavailable("x"), RateLimited("x"), Invalid("x")]))
    def refuse(self, name: str, error: YmeraError) -> None:
        if name in self.under_way:
            final = self.box.fail(name, error, self.now)
            assert not (final and error.retryable)
            self.under_way.remove(name)
            if final:
                self.done.add(name)

    @rule()
    def lose_connection(self) -> None:
        self.box.disconnect()
        self.under_way.clear()

    @rule()
    def crash(self) -> None:
        self.box = Outbox(entry(name) for name in self.queued if name not in self.done)
        self.under_way.clear()

    @invariant()
    def nothing_is_lost(self) -> None:
        assert list(self.box) == [name for name in self.queued if name not in self.done]


OutboxMachine.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
TestOutbox = OutboxMachine.TestCase
