"""Optimistic changes: laid over in order, taken back whole, and gone when the truth has arrived."""

from typing import Any

import pytest

from tests.sdk.test_fold import plain
from ymera_client.fold import State
from ymera_client.overlay import Drop, Overlays, Patch, Put, check

ROOM = "apollo"


def confirmed(*tasks: dict[str, Any], head: int = 5) -> State:
    state = State()
    state.reset({"tasks": tasks}, head)
    return state


def test_changes_are_laid_over_in_order() -> None:
    state, overlays = confirmed({"id": "t1", "title": "a"}, {"id": "t2"}), Overlays()
    overlays.add("c1", [Patch(ROOM, "tasks", {"id": "t1", "title": "b"}), Drop(ROOM, "tasks", "t2")], 5)
    overlays.add(
        "c2", [Patch(ROOM, "tasks", {"id": "t1", "title": "c"}), Put(ROOM, "tasks", {"id": "t3"})], 5
    )
    shown = overlays.over(state.snapshot())
    assert plain(shown) == {"tasks": {"t1": {"id": "t1", "title": "c"}, "t3": {"id": "t3"}}}
    assert plain(state.snapshot()) == {"tasks": {"t1": {"id": "t1", "title": "a"}, "t2": {"id": "t2"}}}


def test_rolling_one_back_leaves_the_others() -> None:
    state, overlays = confirmed({"id": "t1", "title": "a"}), Overlays()
    overlays.add("c1", [Patch(ROOM, "tasks", {"id": "t1", "title": "b"})], 5)
    overlays.add("c2", [Patch(ROOM, "tasks", {"id": "t1", "mine": True})], 5)
    overlays.remove("c1")
    assert plain(overlays.over(state.snapshot())) == {
        "tasks": {"t1": {"id": "t1", "title": "a", "mine": True}}
    }


def test_a_patch_of_what_is_not_there_shows_nothing() -> None:
    state, overlays = confirmed(), Overlays()
    overlays.add("c1", [Patch(ROOM, "tasks", {"id": "t1", "title": "b"})], 5)
    assert plain(overlays.over(state.snapshot())) == {}


def test_without_changes_the_confirmed_snapshot_itself_is_shown() -> None:
    snapshot = confirmed({"id": "t1"}).snapshot()
    assert Overlays().over(snapshot) is snapshot


def test_an_optimistic_message_counts_as_the_newest_of_its_window() -> None:
    state = State()
    state.reset({"messages": [{"id": f"m{seq:03}", "seq": seq} for seq in range(1, 101)]}, 100)
    overlays = Overlays()
    overlays.add("c1", [Put(ROOM, "messages", {"id": "new"})], 100)
    shown = overlays.over(state.snapshot())["messages"]
    assert len(shown) == 100
    assert "new" in shown
    assert "m001" not in shown


@pytest.mark.parametrize("event_first", [True, False])
def test_changes_go_when_both_the_answer_and_the_event_are_here(event_first: bool) -> None:
    overlays = Overlays()
    overlays.add("c1", [Drop(ROOM, "tasks", "t1")], 5)
    overlays.arrive(5)
    if event_first:
        overlays.arrive(6)
        assert "c1" in overlays
        assert not overlays.acknowledge("c1")
    else:
        assert overlays.acknowledge("c1")
        assert "c1" in overlays
        overlays.arrive(6)
        assert "c1" not in overlays


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (Put(ROOM, "tusks", {"id": "t1"}), "there is no collection 'tusks'"),
        (Put(ROOM, "tasks", {"title": "x"}), "needs an `id`"),
        (Patch(ROOM, "tasks", {"id": 7}), "needs an `id`"),
        (Drop(ROOM, "", "t1"), "there is no collection ''"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused_with_a_reason(
    change: Put | Patch | Drop, fault: str
) -> None:
    with pytest.raises(ValueError, match=fault):
        check(change)


def test_sound_changes_pass() -> None:
    for change in (
        Put(ROOM, "tasks", {"id": "a"}),
        Patch(ROOM, "tasks", {"id": "a"}),
        Drop(ROOM, "tasks", "a"),
    ):
        check(change)
