"""The fold that the server's tests use passes the cases that every SDK must pass."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fold import fold, unfolded

CASES = json.loads((Path(__file__).parents[2] / "client-sdk/vectors/fold.json").read_text())["cases"]
IN_ORDER = [case for case in CASES if "reset" not in case and not case["expected"]["gap"]]


@pytest.mark.parametrize("case", IN_ORDER, ids=lambda case: case["name"])
def test_events_in_order_fold_to_what_the_vectors_say(case: dict[str, Any]) -> None:
    first = {event["seq"]: event for event in reversed(case["events"]) if event["seq"] > case["cursor"]}
    fresh = [first[seq] for seq in sorted(first)]
    expected = {name: entities for name, entities in case["expected"]["state"].items() if entities}
    assert fold(case["state"], fresh) == expected


def test_a_snapshot_is_a_state_by_id() -> None:
    assert unfolded({"tasks": [{"id": "t"}], "messages": []}) == {"tasks": {"t": {"id": "t"}}}
