"""The shared vectors, and what snapshots promise."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ymera_client.fold import Snapshot
from ymera_client.generated import Joined, LoggedEvent, RoomKind, RoomRole
from ymera_client.sync import RoomSync

VECTORS = Path(__file__).parents[2] / "client-sdk" / "vectors" / "fold.json"
CASES = json.loads(VECTORS.read_text(encoding="utf-8"))["cases"]


def joined(reset: dict[str, list[dict[str, Any]]], head: int, generation: str = "g1") -> Joined:
    return Joined(
        room="apollo",
        kind=RoomKind.PROJECT,
        role=RoomRole.EDITOR,
        head=head,
        generation=generation,
        reset=reset,
    )


def plain(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    return {name: {**entities} for name, entities in snapshot.items() if entities}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_vector(case: dict[str, Any]) -> None:
    room = RoomSync("apollo")
    start = {name: list(entities.values()) for name, entities in case["state"].items()}
    room.joined(joined(start, case["cursor"]))
    if "reset" in case:
        room.joined(joined(case["reset"]["collections"], case["reset"]["head"], "g2"))
    for event in case["events"]:
        room.receive([msgspec.convert(event, LoggedEvent)])
    expected = case["expected"]
    filled = {name: entities for name, entities in expected["state"].items() if entities}
    assert plain(room.state.snapshot()) == filled
    assert room.state.cursor == expected["cursor"]
    assert room.caught_up is not expected["gap"]


def created(seq: int, task: dict[str, Any]) -> LoggedEvent:
    event = {"room": "apollo", "seq": seq, "type": "task.created", "at": "2026-03-01T09:00:00Z"}
    return msgspec.convert({**event, "actor": None, "data": {"task": task}}, LoggedEvent)


def test_snapshot_stays_what_it_was() -> None:
    room = RoomSync("apollo")
    room.joined(joined({"tasks": [{"id": "t1", "title": "old"}]}, 1))
    before = room.state.snapshot()
    seen = []
    for task in before["tasks"].values():
        room.receive([created(2, {"id": "t1", "title": "new"}), created(3, {"id": "t2", "title": "more"})])
        seen.append(task["title"])
    assert seen == ["old"]
    assert plain(before) == {"tasks": {"t1": {"id": "t1", "title": "old"}}}
    assert plain(room.state.snapshot())["tasks"].keys() == {"t1", "t2"}


def test_snapshot_is_the_same_object_while_nothing_changes() -> None:
    room = RoomSync("apollo")
    room.joined(joined({}, 0))
    assert room.state.snapshot() is room.state.snapshot()


def test_every_known_collection_is_there_from_the_start() -> None:
    assert RoomSync("apollo").state.snapshot()["tasks"] == {}
