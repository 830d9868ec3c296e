"""Sending survives crashes, second tabs and races: what is sealed fits, or is refused and sealed anew."""

import pytest

from scripts.generator.vectors import rooms, timelines
from scripts.generator.vectors.cast import Memory, Person, Stage
from ymera_client.crypto import transcript
from ymera_client.crypto.commits import Rotate
from ymera_client.crypto.content import Content, ContentType
from ymera_client.crypto.envelopes import parse_envelope
from ymera_client.crypto.ephemera import receive_ephemeral, write_ephemeral
from ymera_client.crypto.errors import Blame, Code, Cx1Error, Fault
from ymera_client.crypto.ratchet import KeyRing
from ymera_client.crypto.sending import seal
from ymera_client.crypto.transcript import Cursor, Opened, Timeline


def deliver(stage: Stage, raws: list[bytes]) -> list[str]:
    """What everybody reads of envelopes that come one after another."""
    return [outcome.content.data.decode() for raw in raws if isinstance(outcome := stage.apply(raw), Opened)]


def test_several_can_be_under_way_at_once() -> None:
    cast, stage = rooms.stage()
    raws: list[bytes] = []
    cursor: Cursor | None = None
    for text in ("one", "two", "three"):
        message = stage.message(text)
        raw, cursor = seal(
            stage.timeline, stage.ring, cast.ann.author(), message, nonce=bytes(24), cursor=cursor
        )
        raws.append(raw)
    assert len(deliver(stage, raws)) == 3
    assert stage.timeline.cursors[cast.ann.id_of()] == cursor


def test_the_same_intent_sealed_in_two_tabs_is_said_once() -> None:
    cast, stage = rooms.stage()
    message = stage.message("once")
    first, second = (
        seal(stage.timeline, stage.ring, cast.ann.author(), message, nonce=bytes([tab] * 24))[0]
        for tab in range(2)
    )
    stage.apply(first)
    with pytest.raises(Cx1Error) as refused:
        stage.apply(second)
    assert (refused.value.code, refused.value.data) == (Code.CTR_CONFLICT, {"expected": 1})
    again = seal(stage.timeline, stage.ring, cast.ann.author(), message, nonce=bytes(24))[0]
    with pytest.raises(Cx1Error) as refused:
        stage.apply(again)
    assert refused.value.fault is Fault.CLIENT_ID


def test_what_lost_a_race_with_a_rotation_is_sealed_anew() -> None:
    cast, stage = rooms.stage()
    message = stage.message("late")
    raw, _ = seal(stage.timeline, stage.ring, cast.ann.author(), message, nonce=bytes(24))
    stage.rotate(cast.bob)
    with pytest.raises(Cx1Error) as refused:
        stage.apply(raw)
    assert (refused.value.code, refused.value.data) == (Code.EPOCH_STALE, {"epoch": 3})
    raw, _ = seal(stage.timeline, stage.ring, cast.ann.author(), message, nonce=bytes(24))
    assert deliver(stage, [raw]) == ['{"text":"late"}']


def test_of_two_commits_one_wins_and_the_other_is_made_again() -> None:
    cast, stage = rooms.stage()
    won, lost = stage.write(cast.ann, Rotate()), stage.write(cast.bob, Rotate())
    seq = stage.timeline.seq + 1
    after = transcript.apply_commit(stage.timeline, seq, won.raw, stage.directory, stage.memory)
    with pytest.raises(Cx1Error) as refused:
        transcript.apply_commit(after, seq + 1, lost.raw, stage.directory, stage.memory)
    assert refused.value.code is Code.COMMIT_CONFLICT
    assert refused.value.data == {"head": after.room.head.hex()}


def test_a_client_that_was_rolled_back_goes_on_from_its_own_newer_events() -> None:
    """A snapshot of the machine is restored: what it had said since comes back to it, verified."""
    cast, stage = rooms.stage()
    old, ring, memory = stage.timeline, stage.ring, Memory(dict(stage.memory.hashes))
    stage.say(cast.ann, "said")
    stage.say(cast.ann, "and said")
    state: Timeline = old
    for item in stage.items[3:]:
        outcome, state, ring = transcript.receive(state, ring, state.seq + 1, item.raw, memory)
        memory.hashes[state.seq] = state.hash
        assert isinstance(outcome, Opened)
    assert state.cursors == stage.timeline.cursors
    raw, _ = seal(state, ring, cast.ann.author(), stage.message("goes on"), nonce=bytes(24))
    assert deliver(stage, [raw]) == ['{"text":"goes on"}']


@pytest.mark.parametrize(
    ("who", "fault"),
    [("dan", Fault.READER), ("eve", Fault.DEVICE_INACTIVE)],
)
def test_nobody_seals_what_others_would_refuse(who: str, fault: Fault) -> None:
    cast, stage = rooms.stage()
    person: Person = getattr(cast, who)
    with pytest.raises(Cx1Error) as refused:
        stage.seal(person, "hello")
    assert refused.value.fault is fault


def test_nothing_is_sealed_without_the_secret() -> None:
    cast, stage = rooms.stage()
    with pytest.raises(Cx1Error) as refused:
        seal(stage.timeline, KeyRing.empty(), cast.ann.author(), stage.message("?"), nonce=bytes(24))
    assert refused.value.fault is Fault.KEY_MISSING


def test_a_refusal_changes_nothing() -> None:
    """States are values: after a refusal the old one is good to go on with."""
    cast, stage = timelines.talk()
    before = stage.timeline
    bad = timelines.forge(stage, cast.ann, ctr=9)
    with pytest.raises(Cx1Error):
        stage.apply(bad)
    assert stage.timeline is before
    stage.say(cast.ann, "as before")
    assert stage.timeline == stage.timeline._replace(
        seq=before.seq + 1, cursors={**before.cursors, cast.ann.id_of(): _own(stage)}
    )


def _own(stage: Stage) -> Cursor:
    envelope = parse_envelope(stage.items[-1].raw)
    return Cursor(envelope.header.epoch, envelope.header.ctr + 1, envelope.event_hash)


def test_an_ephemeral_envelope_arrives_once_and_takes_no_place() -> None:
    cast, stage = rooms.stage()
    content = Content(ContentType.JSON, b'{"typing":true}')
    raw = write_ephemeral(
        stage.room,
        stage.ring,
        content,
        device_id=cast.ann.id_of(),
        secret=cast.ann.author().secret,
        client_id=bytes(16),
        sent_ms=5000,
        nonce=bytes(24),
        seen=stage.timeline.seen,
    )
    envelope, opened, last = receive_ephemeral(stage.room, stage.ring, raw, {}, 5001)
    assert (opened, last) == (content, {cast.ann.id_of(): 5000})
    with pytest.raises(Cx1Error) as refused:
        receive_ephemeral(stage.room, stage.ring, raw, last, 5002)
    assert (refused.value.fault, refused.value.blame) == (Fault.SENT_ORDER, Blame.INPUT)
    assert envelope.header.seen == stage.timeline.seen
