"""The server makes of every vector what the SDKs make of it, as far as it goes without keys."""

import pytest

from handlers.cx1.errors import CODES
from handlers.cx1.primitives import KEY_SIZE, has_low_order
from tests.handlers.cx1.limits import LIMITS
from tests.handlers.cx1.vectors import (
    ALL,
    CALLS,
    CLIENTS_CALLS,
    CLIENTS_CASES,
    CLIENTS_FAULTS,
    CLIENTS_FILES,
    VECTORS,
    Vector,
)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_a_case_gives_what_it_says(vector: Vector) -> None:
    assert vector.play() == vector.expected()


def test_every_case_is_the_servers_or_known_to_be_the_clients() -> None:
    named = {vector.case["id"] for vector in ALL}
    called = {vector.case["run"] for vector in ALL if vector.file not in CLIENTS_FILES}
    assert {vector.file for vector in ALL} >= CLIENTS_FILES.keys()
    assert called == CALLS.keys() | CLIENTS_CALLS.keys()
    assert named >= CLIENTS_CASES.keys()


def test_every_fault_that_the_wire_has_a_code_for_is_the_servers() -> None:
    """And has a case, but for what only clients read: their pages, stubs, seqs and JSON."""
    theirs = {"anchor", "page", "seq", "encoding"}
    coded = {each.case["error"]["fault"] for each in ALL if each.case.get("error", {}).get("code")}
    assert coded - theirs <= CODES.keys()
    shown = {vector.case["error"]["fault"] for vector in VECTORS if vector.refused}
    assert shown | {limit.fault for limit in LIMITS if limit.fault} == CODES.keys()
    assert not CLIENTS_FAULTS & CODES.keys()


AGREED = [vector for vector in ALL if vector.case["run"] == "agree"]


@pytest.mark.parametrize("vector", AGREED, ids=lambda vector: vector.name)
def test_keys_of_low_order_are_known(vector: Vector) -> None:
    public = bytes.fromhex(vector.case["input"]["public"])
    low = vector.case.get("error", {}).get("fault") == "low_order"
    assert len(public) != KEY_SIZE or has_low_order(public) == low
