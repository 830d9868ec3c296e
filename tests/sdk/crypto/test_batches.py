"""A batch gives what its envelopes give one after another, and leaves the states it was given as they are."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

import pytest

from scripts.generator.vectors import timelines
from scripts.generator.vectors.cases import HEX, step
from scripts.generator.vectors.cast import Memory
from tests.sdk.crypto.vectors import VECTORS, Vector
from ymera_client.crypto import transcript
from ymera_client.crypto.envelopes import parse_envelope
from ymera_client.crypto.errors import Fault
from ymera_client.crypto.ratchet import KeyRing, Turner

TALKS = [
    vector
    for vector in VECTORS
    if vector.case["run"] in {"timeline", "anchored"}
    and not any("seq" in item for item in vector.case["input"]["items"])
]


def whole(_seq: int, outcome: transcript.Outcome) -> transcript.Outcome:
    """Keep all that came of an envelope."""
    return outcome


class Batching(timelines.Follower):
    """Somebody who takes all envelopes up to the next commit at once."""

    def follow(self, items: timelines.Items, first: int) -> None:
        numbered = list(enumerate(items, first))
        for commit, group in groupby(numbered, lambda each: each[1]["what"] == "commit"):
            if commit:
                for index, item in group:
                    super().follow([item], index)
            else:
                self._take_all(list(group))

    def _take_all(self, numbered: list[tuple[int, Mapping[str, Any]]]) -> None:
        first, start = numbered[0][0], self.state.seq + 1
        items = [item for _, item in numbered]
        stubs = {seq for seq, item in enumerate(items, start) if item["what"] == "stub"}
        raws = [HEX(item["raw"]) for item in items]
        batch = transcript.receive_all(self.state, self.ring, raws, self.memory, whole, stubs)
        self.state, self.ring = batch.timeline, batch.keys
        self.memory.hashes.update(enumerate(batch.hashes, start))
        for outcome in batch.kept:
            signed = outcome.stub if isinstance(outcome, transcript.Deleted) else outcome.envelope
            self.memory.client_ids.add(signed.header.client_id)
            self.outcomes.append(timelines.described(outcome))
        if batch.refusal is not None:
            with step(first + len(batch.kept)):
                raise batch.refusal


@pytest.mark.parametrize("vector", TALKS, ids=lambda vector: vector.name)
def test_a_batch_gives_what_its_envelopes_give(vector: Vector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timelines, "Follower", Batching)
    assert vector.play() == vector.expected()


def test_states_are_those_of_single_steps_and_the_given_ones_stay() -> None:
    cast, stage = timelines.talk(timelines.EPHEMERAL)
    begin, memory = stage.timeline, Memory(dict(stage.memory.hashes))
    ring = KeyRing.empty()
    for epoch in stage.room.epochs:
        ring = ring.hold(epoch, stage.secrets[epoch.number], ephemeral=True)
    for item in (item for item in stage.items if item.what == "envelope"):
        _, ring = transcript.read(parse_envelope(item.raw), ring)
    kept = dict(ring.epochs[begin.room.epoch].strands)
    raws = [stage.say(author, "more") for author in (cast.ann, cast.bob, cast.ann)]
    one, one_ring = begin, ring
    for raw in raws:
        _, one, one_ring = transcript.receive(one, one_ring, one.seq + 1, raw, Memory(stage.memory.hashes))
    batch = transcript.receive_all(begin, ring, raws, memory, whole)
    assert (batch.timeline, batch.keys, batch.refusal) == (one, one_ring, None)
    assert batch.hashes[-1] == one.hash
    assert begin.seq == one.seq - 3
    assert begin.cursors != one.cursors
    assert ring.epochs[begin.room.epoch].strands == kept
    again = transcript.receive_all(begin, ring, [*raws[:2], raws[1], raws[2]], memory, whole)
    assert again.refusal is not None
    assert again.refusal.fault is Fault.REPLAY
    assert (len(again.kept), again.timeline.seq) == (2, begin.seq + 2)


def test_a_client_id_is_new_within_a_batch_too() -> None:
    cast, stage = timelines.talk()
    begin, ring, memory = stage.timeline, stage.ring, Memory(dict(stage.memory.hashes))
    raws = [stage.say(cast.ann, "once")]
    raws.append(timelines.forge(stage, cast.bob, client_id=parse_envelope(raws[0]).header.client_id))
    batch = transcript.receive_all(begin, ring, raws, memory, whole)
    assert batch.refusal is not None
    assert batch.refusal.fault is Fault.CLIENT_ID


def test_a_ring_stays_as_it_is_while_more_keys_are_taken() -> None:
    cast, stage = timelines.talk()
    turner = Turner(stage.ring)
    turner.take(2, cast.ann.id_of(), 0)
    ring = turner.ring()
    strands = dict(ring.epochs[2].strands)
    turner.take(2, cast.ann.id_of(), 1)
    assert ring.epochs[2].strands == strands != turner.ring().epochs[2].strands
