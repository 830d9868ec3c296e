"""A room's timeline: what stands at each seq, in one order that all members can hold against one another.

`receive` takes one envelope through the steps of the specification, in order. What an honest server would
have refused raises `Cx1Error` and changes nothing; what only its sender can have spoilt is passed over.
"""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, NamedTuple, Protocol, TypeVar

from ymera_client.crypto.commits import Role, Seen, parse_commit
from ymera_client.crypto.content import Content, open_content
from ymera_client.crypto.envelopes import Envelope, EnvelopeKind, Header, Signed, parse_envelope, parse_stub
from ymera_client.crypto.errors import Blame, Cx1Error, Fault, require
from ymera_client.crypto.membership import Room, Speaker, apply, found
from ymera_client.crypto.operations import Directory
from ymera_client.crypto.primitives import ZERO, digest, equal
from ymera_client.crypto.ratchet import KeyRing, Turner
from ymera_client.crypto.wire import u64

K = TypeVar("K")


class Past(Protocol):
    """What a store remembers of a room's timeline."""

    def transcript(self, seq: int) -> bytes | None:
        """The hash of the transcript at a seq, or None where it is not kept."""

    def has_client_id(self, client_id: bytes) -> bool:
        """Whether an applied envelope of this room had this client_id."""


class Cursor(NamedTuple):
    """Where a device stands: its next ctr in an epoch, and its last event in the room."""

    epoch: int
    ctr: int
    prev: bytes

    def expected(self, epoch: int) -> int:
        """The ctr of its next envelope in an epoch."""
        return self.ctr if epoch == self.epoch else 0


FRESH = Cursor(0, 0, ZERO)
"""Of a device that has said nothing yet."""


class Timeline(NamedTuple):
    """A room's timeline, applied up to and with `seq`."""

    room: Room
    seq: int
    hash: bytes
    """The transcript there."""
    cursors: Mapping[bytes, Cursor]
    anchor: int = 0
    """The seq from which it was verified; what devices had said before is taken from their next envelope."""

    @property
    def seen(self) -> Seen:
        """What a sender says of how far it is."""
        return Seen(self.seq, self.hash)

    def cursor(self, device_id: bytes) -> Cursor | None:
        """Where a device stands; None if it may have spoken before the anchor."""
        cursor = self.cursors.get(device_id)
        return FRESH if cursor is None and self.anchor == 0 else cursor


@dataclass(frozen=True, slots=True)
class Opened:
    """An envelope that could be read."""

    envelope: Envelope
    content: Content


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An envelope whose sender, and nobody else, has spoilt it. Show that, and ask for a grant."""

    envelope: Envelope
    fault: Fault


@dataclass(frozen=True, slots=True)
class Waiting:
    """An envelope that can be read once the secret of its epoch has come."""

    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Deleted:
    """An envelope of which only the signed part is left."""

    stub: Signed


Outcome = Opened | Unreadable | Waiting | Deleted


@dataclass(frozen=True, slots=True)
class Batch(Generic[K]):
    """What came of envelopes in a row, up to the first that was refused, and the states after those."""

    kept: tuple[K, ...]
    """What the caller keeps of each outcome."""
    hashes: tuple[bytes, ...]
    """The transcript after each."""
    timeline: Timeline
    keys: KeyRing
    refusal: Cx1Error | None
    """Of the envelope at the next seq, where one was refused."""


def item_hash(previous: bytes, seq: int, item: bytes) -> bytes:
    """The transcript at a seq, from the one before and what stands there."""
    return digest(b"cx1/t", previous, u64(seq), item)


def begin(raw: bytes, directory: Directory) -> Timeline:
    """The timeline of a room after its first commit, at seq 1."""
    room = found(raw, directory)
    return Timeline(room, 1, item_hash(room.ref, 1, room.head), {})


def apply_commit(timeline: Timeline, seq: int, raw: bytes, directory: Directory, past: Past) -> Timeline:
    """The timeline after a commit at `seq`."""
    _check_next(timeline, seq)
    room = apply(timeline.room, raw, directory, seq)
    seen = parse_commit(raw).seen
    require(
        timeline.room.commit_seq <= seen.seq < seq,
        Fault.COMMIT_SEEN,
        "the author cannot have seen just so much when it committed",
    )
    require(_remembers(timeline, seen, past), Fault.COMMIT_SEEN, "the author has seen another transcript")
    return timeline._replace(room=room, seq=seq, hash=item_hash(timeline.hash, seq, room.head))


def admit(timeline: Timeline, seq: int, signed: Signed, past: Past) -> Timeline:
    """Steps 2 to 9 of receiving, which need no keys, and the timeline after the envelope."""
    return _admit(timeline, seq, signed, past, dict(timeline.cursors))


def receive(
    timeline: Timeline, keys: KeyRing, seq: int, raw: bytes, past: Past
) -> tuple[Outcome, Timeline, KeyRing]:
    """Take the envelope at `seq`: what it is, and the states after it, to be stored in one transaction."""
    envelope = parse_envelope(raw)
    after = admit(timeline, seq, envelope, past)
    outcome, turned = read(envelope, keys)
    return outcome, after, turned


def receive_all(
    timeline: Timeline,
    keys: KeyRing,
    raws: Iterable[bytes],
    past: Past,
    keep: Callable[[int, Outcome], K],
    stubs: Container[int] = (),
) -> Batch[K]:
    """Take envelopes that stand in a row from the next seq on, as `receive` would one after another.

    `stubs` are the seqs of which only that is left. `past` is asked only for what stood before the batch.
    `keep` says what is kept of what came of the envelope at a seq, so that the rest can be let go of at once.
    """
    recent, turner = _Recent(past), Turner(keys)
    cursors = dict(timeline.cursors)
    kept: list[K] = []
    state, refusal = timeline, None
    for seq, raw in enumerate(raws, timeline.seq + 1):
        try:
            signed = parse_stub(raw) if seq in stubs else parse_envelope(raw)
            state = _admit(state, seq, signed, recent, cursors)
        except Cx1Error as refused:
            refusal = refused
            break
        outcome = _read(signed, turner) if isinstance(signed, Envelope) else Deleted(signed)
        kept.append(keep(seq, outcome))
        recent.remember(state, signed)
    return Batch(tuple(kept), tuple(recent.hashes.values()), state, turner.ring(), refusal)


def receive_stub(timeline: Timeline, seq: int, raw: bytes, past: Past) -> tuple[Deleted, Timeline]:
    """Take what is left of a deleted envelope; it is verified like a whole one."""
    stub = parse_stub(raw)
    return Deleted(stub), admit(timeline, seq, stub, past)


def read(envelope: Envelope, keys: KeyRing) -> tuple[Outcome, KeyRing]:
    """Step 10, now or when the key has come, of an envelope that was admitted."""
    turner = Turner(keys)
    return _read(envelope, turner), turner.ring()


def check_sender(room: Room, signed: Signed) -> None:
    """Steps 2 to 5: what `check_speaker` checks, and the signature."""
    speaker = check_speaker(room, signed.header)
    require(
        signed.is_by(speaker.ed_pk), Fault.ENVELOPE_SIGNATURE, "the signature is not the sending device's"
    )


def check_speaker(room: Room, header: Header) -> Speaker:
    """Steps 2 to 4: the room, the epoch, the device and its member's role."""
    require(equal(header.room_ref, room.ref), Fault.ROOM_OTHER, "the envelope belongs to another room")
    epoch = room.epoch
    if header.epoch != epoch:
        in_force = f"epoch {epoch} is in force"
        require(header.epoch > epoch, Fault.EPOCH_OLD, in_force, {"epoch": epoch})
        require(header.epoch < epoch, Fault.EPOCH_FUTURE, in_force, {"epoch": epoch})
    require(not room.leave_pending, Fault.LEAVE_PENDING, "somebody has left, and no new epoch is made yet")
    speaker = room.active.get(header.device_id)
    if speaker is None:
        raise Cx1Error(Fault.DEVICE_INACTIVE, "the sender is no active device of a member")
    require(room.members[speaker.fp].role > Role.READER, Fault.READER, "a reader may not post")
    return speaker


def anchored(room: Room, envelope: Signed, ed_pk: bytes) -> Timeline:
    """The timeline at what a trusted device's envelope says it had seen.

    `room` is the room after all commits up to there, and `ed_pk` the key of the device, an own one or a
    verified member's. What follows is verified from here on.
    """
    seen = envelope.header.seen
    require(envelope.is_by(ed_pk), Fault.ENVELOPE_SIGNATURE, "the signature is not the trusted device's")
    require(equal(envelope.header.room_ref, room.ref), Fault.ROOM_OTHER, "the envelope is of another room")
    require(room.commit_seq <= seen.seq, Fault.ANCHOR, "the room has commits from after the anchor")
    require(
        envelope.header.epoch == room.epoch, Fault.ANCHOR, "the room lacks commits from before the anchor"
    )
    return Timeline(room, seen.seq, seen.hash, {}, seen.seq)


def check_page(start: Seen, items: Iterable[bytes], end: Seen) -> None:
    """Hold an older page against the transcript at its end, which must have been verified.

    `start` is where the page begins, as the server says it; `items` are the hashes of what stands in it.
    """
    seq, transcript = start.seq, start.hash
    for item in items:
        seq += 1
        transcript = item_hash(transcript, seq, item)
    require(seq == end.seq, Fault.PAGE, "the page does not reach the end that it must join")
    require(equal(transcript, end.hash), Fault.PAGE, "the page is not what stood there")


class _Recent:
    """The past of a batch's envelope: what stands before it in the batch, and what the store remembers."""

    def __init__(self, past: Past) -> None:
        self.hashes: dict[int, bytes] = {}
        self._client_ids: set[bytes] = set()
        self._past = past

    def remember(self, timeline: Timeline, signed: Signed) -> None:
        self.hashes[timeline.seq] = timeline.hash
        self._client_ids.add(signed.header.client_id)

    def transcript(self, seq: int) -> bytes | None:
        return self.hashes.get(seq) or self._past.transcript(seq)

    def has_client_id(self, client_id: bytes) -> bool:
        return client_id in self._client_ids or self._past.has_client_id(client_id)


def _admit(
    timeline: Timeline, seq: int, signed: Signed, past: Past, cursors: dict[bytes, Cursor]
) -> Timeline:
    """As `admit`; the timeline after it has these `cursors`, a copy of the one's before that is changed."""
    header = signed.header
    _check_next(timeline, seq)
    require(header.kind is not EnvelopeKind.EPHEMERAL, Fault.KIND, "an ephemeral envelope has no seq")
    check_sender(timeline.room, signed)
    _check_chain(timeline, seq, header)
    require(not past.has_client_id(header.client_id), Fault.CLIENT_ID, "the client_id has been used before")
    _check_seen(timeline, seq, header, past)
    event = signed.event_hash
    cursors[header.device_id] = Cursor(header.epoch, header.ctr + 1, event)
    transcript = item_hash(timeline.hash, seq, event)
    return Timeline(timeline.room, seq, transcript, cursors, timeline.anchor)


def _read(envelope: Envelope, turner: Turner) -> Outcome:
    header = envelope.header
    try:
        key = turner.take(header.epoch, header.device_id, header.ctr)
        return Opened(envelope, open_content(envelope, key))
    except Cx1Error as refusal:
        if refusal.blame is Blame.WAITING:
            return Waiting(envelope)
        return Unreadable(envelope, refusal.fault)


def _check_next(timeline: Timeline, seq: int) -> None:
    require(seq == timeline.seq + 1, Fault.SEQ, f"seq {timeline.seq + 1} comes next")


def _check_chain(timeline: Timeline, seq: int, header: Header) -> None:
    """Steps 6 and 7."""
    cursor = timeline.cursor(header.device_id)
    if cursor is None and timeline.room.epoch_seq <= timeline.anchor:
        most = seq - timeline.room.epoch_seq
        require(
            header.ctr < most,
            Fault.GAP,
            "the epoch has had fewer envelopes than this",
            {"expected": most - 1},
        )
        return
    expected = cursor.expected(header.epoch) if cursor else 0
    if header.ctr != expected:
        due = f"ctr {expected} comes next"
        require(header.ctr > expected, Fault.REPLAY, due, {"expected": expected})
        require(header.ctr < expected, Fault.GAP, due, {"expected": expected})
    require(
        cursor is None or equal(header.prev, cursor.prev),
        Fault.SENDER_PREV,
        "the device's envelope does not follow its last one",
    )


def _check_seen(timeline: Timeline, seq: int, header: Header, past: Past) -> None:
    """Step 9."""
    seen = header.seen
    require(
        seen.seq >= timeline.room.epoch_seq, Fault.SEEN_STALE, "the sender had not seen its own epoch begin"
    )
    require(seen.seq < seq, Fault.SEEN_FUTURE, "the sender had seen what is yet to come")
    require(_remembers(timeline, seen, past), Fault.SEEN_HASH, "the sender has seen another transcript")


def _remembers(timeline: Timeline, seen: Seen, past: Past) -> bool:
    """Whether the transcript at a seq is that of the timeline, or lies before where that was anchored."""
    if seen.seq == timeline.seq:
        return equal(seen.hash, timeline.hash)
    if seen.seq < timeline.anchor:
        return True
    ours = past.transcript(seen.seq)
    return ours is not None and equal(seen.hash, ours)
