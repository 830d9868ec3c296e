"""cx1 gives what the vectors say, and the vectors are of everything."""

import pytest

from scripts.generator.vectors.cases import CALLS
from tests.sdk.crypto.vectors import VECTORS, Vector
from ymera_client.crypto.errors import Fault

LOCAL = {Fault.TOO_MANY_DEVICES, Fault.KEY_DELETED}
"""What takes a thousand devices, or states that no bytes lead to; other tests show these."""


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_a_case_gives_what_it_says(vector: Vector) -> None:
    assert vector.play() == vector.expected()


def test_every_call_and_every_fault_has_a_case() -> None:
    assert {vector.case["run"] for vector in VECTORS} == set(CALLS)
    refused = {vector.case["error"]["fault"] for vector in VECTORS if "error" in vector.case}
    shown = {fault for vector in VECTORS for fault in _unreadable(vector)}
    assert refused | shown | {each.label for each in LOCAL} == {each.label for each in Fault}


def _unreadable(vector: Vector) -> list[str]:
    """The faults that a timeline or a walk goes on after."""
    result = vector.case.get("result")
    if not isinstance(result, dict):
        return []
    outcomes = [each["unreadable"] for each in result.get("outcomes", []) if "unreadable" in each]
    return [*outcomes, *filter(None, [result.get("broken")])]
