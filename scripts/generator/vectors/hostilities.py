"""Timelines that end in what a hostile server or member has forged, replayed, reordered or withheld."""

from collections.abc import Iterator
from typing import Any

from scripts.generator.vectors import rooms
from scripts.generator.vectors.cases import Case, invalid, valid
from scripts.generator.vectors.cast import BEGIN_MS, Item, Person, Stage
from scripts.generator.vectors.timelines import forge, given, items_of, talk
from ymera_client.crypto import content
from ymera_client.crypto.commits import Leave, Remove, Rotate, Seen
from ymera_client.crypto.content import Content, ContentType
from ymera_client.crypto.envelopes import EnvelopeKind, parse_envelope
from ymera_client.crypto.errors import Fault


def cases() -> Iterator[Case]:
    """All cases of this file."""
    yield from _senders()
    yield from _order()
    yield from _seen()
    yield from _commits()
    yield from _ephemeral()


def refused(name: str, comment: str, fault: Fault, made: Stage, *more: Any, items: Any = None) -> Case:
    """A timeline whose last item is refused."""
    return invalid(name, comment, fault, "timeline", **given(made, *more, items=items))


def _senders() -> Iterator[Case]:
    cast, made = talk()
    ann, bob, cat, dan, eve = cast.all()
    eves = eve.devices["first"].secret
    other = Stage(bob, rooms.SHARED)
    stripped = forge(made, ann)[:-64] + bytes(64)
    wrong = [
        ("room", "from another room", Fault.ROOM_OTHER, forge(made, ann, room_ref=other.room.ref)),
        ("stranger", "by nobody of the room", Fault.DEVICE_INACTIVE, forge(made, eve)),
        ("unpinned", "by a device not pinned yet", Fault.DEVICE_INACTIVE, forge(made, bob, device="phone")),
        ("reader", "by a reader", Fault.READER, forge(made, dan)),
        ("forged", "by the server", Fault.ENVELOPE_SIGNATURE, forge(made, ann, secret=eves)),
        (
            "in-name",
            "by a member, in another's name",
            Fault.ENVELOPE_SIGNATURE,
            forge(made, bob, secret=cat.devices["first"].secret),
        ),
        ("stripped", "without a signature", Fault.ENVELOPE_SIGNATURE, stripped),
        ("epoch-old", "under the epoch of before", Fault.EPOCH_OLD, forge(made, ann, epoch=1)),
        ("epoch-future", "under an epoch to come", Fault.EPOCH_FUTURE, forge(made, ann, epoch=3)),
        (
            "ephemeral",
            "an ephemeral one in the timeline",
            Fault.KIND,
            forge(made, ann, kind=EnvelopeKind.EPHEMERAL, ctr=0, prev=bytes(32)),
        ),
    ]
    for name, comment, fault, raw in wrong:
        yield refused(f"sender-{name}", comment, fault, made, raw)
    stub = Item("stub", parse_envelope(forge(made, ann, secret=eves)).encode())
    yield refused("sender-stub", "a forged deletion", Fault.ENVELOPE_SIGNATURE, made, stub)
    made.commit(ann, Remove(cat.fp))
    raw = forge(made, cat)
    yield refused("sender-removed", "by somebody who was removed", Fault.DEVICE_INACTIVE, made, raw)
    raw = forge(made, cat, epoch=2)
    comment = "by somebody who was removed, under the epoch that they know"
    yield refused("sender-removed-old-epoch", comment, Fault.EPOCH_OLD, made, raw)
    made.devup(ann, dan)
    raw = forge(made, dan, device="first")
    yield refused("sender-revoked", "by a revoked device", Fault.DEVICE_INACTIVE, made, raw)
    made.commit(bob, Leave())
    raw = forge(made, ann)
    yield refused("sender-leave-pending", "before the next epoch", Fault.LEAVE_PENDING, made, raw)
    first = rooms.stage(at=1)[1]
    raw = forge(first, ann, epoch=1)
    yield refused("sender-before-first", "before the first epoch", Fault.EPOCH_FUTURE, first, raw)


def _order() -> Iterator[Case]:
    cast, made = talk()
    ann, bob = cast.ann, cast.bob
    last, own = made.items[-1].raw, parse_envelope(made.items[3].raw).header
    wrong = [
        ("replay", "the last one again", Fault.REPLAY, last),
        ("replay-older", "an older one again", Fault.REPLAY, made.items[3].raw),
        ("same-ctr", "another at a ctr that is taken", Fault.REPLAY, forge(made, ann, ctr=1)),
        ("gap", "one is left out", Fault.GAP, forge(made, ann, ctr=3)),
        ("huge-ctr", "the last ctr there is", Fault.GAP, forge(made, ann, ctr=2**64 - 1)),
        ("fork", "it follows another of its sender", Fault.SENDER_PREV, forge(made, ann, prev=own.prev)),
        ("client-id", "used before", Fault.CLIENT_ID, forge(made, ann, client_id=own.client_id)),
        (
            "client-id-of-another",
            "used before, by somebody else",
            Fault.CLIENT_ID,
            forge(made, bob, client_id=own.client_id),
        ),
        ("seq-gap", "a seq is left out", Fault.SEQ, (made.timeline.seq + 2, forge(made, ann))),
        ("seq-again", "a seq is given twice", Fault.SEQ, (made.timeline.seq, forge(made, ann))),
    ]
    for name, comment, fault, raw in wrong:
        yield refused(f"order-{name}", comment, fault, made, raw)
    made.rotate(bob)
    raw = forge(made, ann, ctr=2)
    yield refused("order-new-epoch", "every epoch counts from 0", Fault.GAP, made, raw)
    raw = forge(made, ann, prev=bytes(32))
    yield refused("order-prev-across", "prev goes on across epochs", Fault.SENDER_PREV, made, raw)
    _, made = talk()
    for index in (3, 4):
        items = items_of(made)[: index + 2]
        del items[index]
        yield refused(f"order-dropped-{index}", "dropped mid-stream", Fault.SEEN_FUTURE, made, items=items)
    items = items_of(made)
    items[3], items[4] = items[4], items[3]
    comment = "two senders' messages in another order than their senders saw"
    yield refused("order-swapped", comment, Fault.SEEN_FUTURE, made, items=items)


def _seen() -> Iterator[Case]:
    cast, made = talk()
    ann, bob = cast.ann, cast.bob
    state = made.timeline
    wrong = [
        ("stale", "from before its epoch", Fault.SEEN_STALE, Seen(2, made.memory.hashes[2])),
        ("future", "it has seen itself", Fault.SEEN_FUTURE, Seen(state.seq + 1, state.hash)),
        ("far-future", "what may never come", Fault.SEEN_FUTURE, Seen(2**64 - 1, state.hash)),
        ("false", "another transcript", Fault.SEEN_HASH, Seen(state.seq, bytes(32))),
        ("false-older", "another transcript earlier", Fault.SEEN_HASH, Seen(4, state.hash)),
    ]
    for name, comment, fault, seen in wrong:
        yield refused(f"seen-{name}", comment, fault, made, forge(made, ann, seen=seen))
    older = forge(made, bob, seen=Seen(4, made.memory.hashes[4]))
    yield valid("seen-older", "who is slow has seen less", "timeline", **given(made, older))
    first = forge(made, bob, seen=Seen(3, made.memory.hashes[3]))
    yield valid("seen-epoch", "at least its epoch's beginning", "timeline", **given(made, first))
    made.say(ann, "withheld")
    crossing = made.seal(bob, "has seen it")
    items = [*items_of(made)[:-1], {"what": "envelope", "raw": crossing}]
    comment = "a message is withheld, and one that has seen it crosses"
    yield refused("seen-withheld", comment, Fault.SEEN_FUTURE, made, items=items)
    instead = talk()[1].seal(cast.cat, "instead")
    items = [*items_of(made)[:-1], {"what": "envelope", "raw": instead}, items[-1]]
    comment = "another message is shown in its place"
    yield refused("seen-partition", comment, Fault.SEEN_HASH, made, items=items)


def _commits() -> Iterator[Case]:
    cast, made = talk()
    ann = cast.ann
    state = made.timeline
    wrong = {
        "stale": Seen(2, made.memory.hashes[2]),
        "future": Seen(state.seq + 1, state.hash),
        "false": Seen(state.seq, bytes(32)),
        "false-older": Seen(4, state.hash),
        "nothing": Seen(0, made.room.ref),
    }
    for name, seen in wrong.items():
        raw = Item("commit", rooms.forge(made, ann, Rotate(), seen=seen))
        comment = "an author who cannot have seen this"
        yield refused(f"commit-seen-{name}", comment, Fault.COMMIT_SEEN, made, raw)
    older = Item("commit", rooms.forge(made, ann, Rotate(), seen=Seen(3, made.memory.hashes[3])))
    yield valid("commit-seen-older", "as slow as may be", "timeline", **given(made, older))
    items = [*items_of(made), {"what": "commit", "seq": state.seq + 2, "raw": older.raw}]
    yield refused("commit-seq-gap", "a seq is left out", Fault.SEQ, made, items=items)


def _ephemeral() -> Iterator[Case]:
    cast, made = talk()
    ann, bob, cat, dan, _ = cast.all()
    log = rooms.log_of(made)

    def typing(author: Person, sent: int, **changed: Any) -> bytes:
        key = made.ring.ephemeral_key(made.room.epoch, author.id_of())
        fields = {"key": key, "kind": EnvelopeKind.EPHEMERAL, "ctr": 0, "prev": bytes(32)}
        plaintext = content.padded(Content(ContentType.JSON, b'{"typing":true}'))
        return forge(made, author, plaintext=plaintext, sent_ms=BEGIN_MS + sent, **{**fields, **changed})

    def at(*items: tuple[bytes, int]) -> dict[str, Any]:
        listed = [{"raw": raw, "now_ms": BEGIN_MS + now} for raw, now in items]
        return {"chains": rooms.NAMES, "log": log, "secrets": made.secrets, "items": listed}

    first = typing(ann, 1000)
    good = at((first, 1000), (typing(ann, 1001), 121_001), (typing(bob, 240_000), 120_000))
    yield valid("ephemeral", "increasing, and within two minutes", "ephemeral", **good)
    other = b"\x09" * 32
    wrong = {
        "replayed": (Fault.SENT_ORDER, at((first, 1000), (first, 1001))),
        "reordered": (Fault.SENT_ORDER, at((typing(ann, 2000), 1000), (first, 1001))),
        "late": (Fault.SENT_TIME, at((first, 121_001))),
        "early": (Fault.SENT_TIME, at((typing(ann, 120_001), 0))),
        "event": (Fault.KIND, at((made.items[-1].raw, 0))),
        "reader": (Fault.READER, at((typing(dan, 0), 0))),
        "forged": (Fault.ENVELOPE_SIGNATURE, at((typing(ann, 0, secret=cat.devices["first"].secret), 0))),
        "epoch-old": (Fault.EPOCH_OLD, at((typing(ann, 0, epoch=1), 0))),
        "key": (Fault.AEAD, at((typing(ann, 0, key=other), 0))),
        "no-secret": (Fault.KEY_MISSING, {**at((first, 1000)), "secrets": {}}),
    }
    for name, (fault, given_) in wrong.items():
        comment = "dropped, and the room goes on"
        yield invalid(f"ephemeral-{name}", comment, fault, "ephemeral", **given_)
