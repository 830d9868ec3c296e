"""Timelines: commits and envelopes in one order, and what a hostile server or member makes of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scripts.generator.vectors import rooms
from scripts.generator.vectors.cases import (
    HEX,
    Case,
    Json,
    call,
    hexes,
    invalid,
    seen_of,
    step,
    valid,
)
from scripts.generator.vectors.cast import BEGIN_MS, Item, Memory, Person, Stage
from ymera_client.crypto import ephemera, membership, transcript
from ymera_client.crypto.commits import Leave, Policy, Retention, Role, Seen, SetRole
from ymera_client.crypto.content import Content, ContentType, Snapshot
from ymera_client.crypto.envelopes import EnvelopeKind, Header, parse_envelope, write_envelope
from ymera_client.crypto.errors import Fault
from ymera_client.crypto.operations import Directory
from ymera_client.crypto.primitives import pad, signing_pair
from ymera_client.crypto.ratchet import KeyRing
from ymera_client.crypto.transcript import FRESH, Timeline

EPHEMERAL = Policy(retention=Retention.EPHEMERAL, rotate_secs=86400)
DOCUMENT = b"\x0c" * 16
Items = Sequence[Mapping[str, Any]]


@call
def timeline(directory: Directory, items: Items, secrets: Mapping[str, str], retention: int) -> Json:
    """A room from its beginning. The secret of an epoch is there from its commit on, if it is given.

    An item is a `commit`, an `envelope` or a `stub`, at the next seq if it names none.
    """
    with step(0):
        state = transcript.begin(HEX(items[0]["raw"]), directory)
    follower = Follower(state, directory, secrets, ephemeral=retention == Retention.EPHEMERAL)
    follower.follow(items[1:], 1)
    return follower.outcome()


@call
def anchored(directory: Directory, log: Items, anchor: str, ed_pk: str, items: Items, secrets: Json) -> Json:
    """A room from a trusted device's envelope on; `log` are the commits that it had seen, with their seqs."""
    room = membership.found(HEX(log[0]["raw"]), directory)
    for each in log[1:]:
        room = membership.apply(room, HEX(each["raw"]), directory, each["seq"])
    state = transcript.anchored(room, parse_envelope(HEX(anchor)), HEX(ed_pk))
    follower = Follower(state, directory, secrets, ephemeral=False)
    follower.follow(items, 0)
    return follower.outcome()


@call
def page(start: Mapping[str, Any], items: list[str], end: Mapping[str, Any]) -> None:
    """An older page, of which only the hashes of its items matter."""
    transcript.check_page(seen_of(start), hexes(items), seen_of(end))


@call
def ephemeral(directory: Directory, log: list[str], secrets: Mapping[str, str], items: Items) -> list[bytes]:
    """Ephemeral envelopes, one after another, as the clock says."""
    room = rooms.replay(directory, log)
    ring = hold(KeyRing.empty(), room, secrets)
    last: Mapping[bytes, int] = {}
    found = []
    for index, item in enumerate(items):
        with step(index):
            _, opened, last = ephemera.receive_ephemeral(room, ring, HEX(item["raw"]), last, item["now_ms"])
        found.append(opened.data)
    return found


class Follower:
    """Somebody who is given items one after another, and remembers as a store does."""

    def __init__(
        self, state: Timeline, directory: Directory, secrets: Mapping[str, str], *, ephemeral: bool
    ) -> None:
        self.state = state
        self.memory = Memory({state.seq: state.hash})
        self.outcomes: list[Json] = []
        self._directory = directory
        self._secrets = secrets
        self._ephemeral = ephemeral
        self.ring = hold(KeyRing.empty(), state.room, secrets, ephemeral=ephemeral)

    def follow(self, items: Items, first: int) -> None:
        """Take further items; `first` is the number of the first of them."""
        for index, item in enumerate(items, first):
            with step(index):
                self._take(item["what"], item.get("seq", self.state.seq + 1), HEX(item["raw"]))
            self.memory.hashes[self.state.seq] = self.state.hash

    def outcome(self) -> Json:
        """Where the timeline stands, and what came of each envelope."""
        state = self.state
        return {"seq": state.seq, "hash": state.hash, "epoch": state.room.epoch, "outcomes": self.outcomes}

    def _take(self, what: str, seq: int, raw: bytes) -> None:
        if what == "commit":
            self.state = transcript.apply_commit(self.state, seq, raw, self._directory, self.memory)
            self.ring = hold(self.ring, self.state.room, self._secrets, ephemeral=self._ephemeral)
            return
        outcome: transcript.Outcome
        if what == "stub":
            outcome, self.state = transcript.receive_stub(self.state, seq, raw, self.memory)
            header = outcome.stub.header
        else:
            outcome, self.state, self.ring = transcript.receive(self.state, self.ring, seq, raw, self.memory)
            header = parse_envelope(raw).header
        self.memory.client_ids.add(header.client_id)
        self.outcomes.append(described(outcome))


def hold(
    ring: KeyRing, room: membership.Room, secrets: Mapping[str, str], *, ephemeral: bool = False
) -> KeyRing:
    """A ring with the secrets that are given of the room's epochs."""
    for epoch in room.epochs:
        if str(epoch.number) in secrets:
            ring = ring.hold(epoch, HEX(secrets[str(epoch.number)]), ephemeral=ephemeral)
    return ring


def described(outcome: transcript.Outcome) -> Json:
    """What came of an envelope."""
    match outcome:
        case transcript.Opened(_, found):
            return {"opened": found.data, "type": found.type}
        case transcript.Unreadable(_, fault):
            return {"unreadable": fault}
        case transcript.Waiting(envelope):
            return {"waiting": envelope.header.epoch}
        case transcript.Deleted(stub):
            return {"deleted": stub.header.client_id}


def chains() -> dict[str, list[bytes]]:
    """The chains that the cases name, to their ends."""
    return rooms.chains()


def items_of(made: Stage, *more: bytes | Item | tuple[int, bytes]) -> list[dict[str, Any]]:
    """What stands in a stage's room, and what is to come: an envelope, with a seq or the next, or an item."""
    found: list[dict[str, Any]] = [{"what": item.what, "raw": item.raw} for item in made.items]
    for each in more:
        if isinstance(each, Item):
            found.append({"what": each.what, "raw": each.raw})
        elif isinstance(each, tuple):
            found.append({"what": "envelope", "seq": each[0], "raw": each[1]})
        else:
            found.append({"what": "envelope", "raw": each})
    return found


def given(made: Stage, *more: bytes | Item | tuple[int, bytes], items: Any = None) -> dict[str, Any]:
    """The input of a timeline."""
    retention = made.room.policy.retention
    listed = items_of(made, *more) if items is None else items
    return {"chains": rooms.NAMES, "items": listed, "secrets": made.secrets, "retention": retention}


def forge(
    made: Stage,
    author: Person,
    *,
    device: str = "first",
    secret: bytes | None = None,
    key: bytes | None = None,
    plaintext: bytes = pad(b'\x01{"text":"forged"}'),
    **changed: Any,
) -> bytes:
    """The next envelope as somebody would make it who does not keep to the rules."""
    state = made.timeline
    device_id = author.id_of(device)
    epoch = changed.get("epoch", state.room.epoch)
    cursor = state.cursor(device_id) or FRESH
    fields: dict[str, Any] = {
        "kind": EnvelopeKind.EVENT,
        "room_ref": state.room.ref,
        "epoch": epoch,
        "device_id": device_id,
        "ctr": cursor.expected(epoch),
        "prev": cursor.prev,
        "seen": state.seen,
        "client_id": made.chance.draw(16),
        "entity_id": bytes(16),
        "base_version": 0,
        "sent_ms": BEGIN_MS,
    }
    header = Header(**{**fields, **changed})
    if key is None:
        key = (
            bytes(32)
            if epoch not in made.secrets or header.ctr > 1000
            else made.ring.take(epoch, device_id, header.ctr)[0]
        )
    return write_envelope(secret or author.devices[device].secret, key, header, plaintext, b"\x06" * 24)


def cases() -> Iterator[Case]:
    """All cases of this file."""
    yield from _runs()
    yield from _spoilt()
    yield from _anchors()
    yield from _pages()


def talk(policy: Policy = rooms.SHARED) -> tuple[rooms.Cast, Stage]:
    """A room in which three have spoken."""
    cast, made = rooms.stage(policy)
    for author in (cast.ann, cast.bob, cast.cat, cast.ann):
        made.say(author, f"from {author.name}")
    return cast, made


def whole() -> tuple[rooms.Cast, Stage]:
    """A room with something of everything."""
    cast, made = talk()
    ann, bob, cat, dan, _ = cast.all()
    made.say(bob, "of an entity", entity_id=DOCUMENT)
    made.say(ann, "of its next version", entity_id=DOCUMENT, base_version=1)
    update = Content(ContentType.CRDT, b"\x01\x02")
    made.say(cat, "", kind=EnvelopeKind.UPDATE, entity_id=DOCUMENT, content=update)
    snapshot = Content(ContentType.CRDT, Snapshot(made.timeline.seq, b"v", b"state").encode())
    made.say(cat, "", kind=EnvelopeKind.SNAPSHOT, entity_id=DOCUMENT, content=snapshot)
    made.devup(ann, bob)
    made.say(bob, "from the phone", device="phone")
    made.devup(ann, dan)
    made.commit(ann, SetRole(dan.fp, Role.MEMBER))
    made.say(dan, "in the third epoch", device="phone")
    made.commit(cat, Leave())
    made.rotate(bob)
    made.say(bob, "without cat")
    made.say(ann, "and so on")
    return cast, made


def _runs() -> Iterator[Case]:
    for name, (_, made) in {"talk": talk(), "ephemeral": talk(EPHEMERAL), "whole": whole()}.items():
        yield valid(f"run-{name}", "all of it can be read", "timeline", **given(made))
    _, made = whole()
    late = {**given(made), "secrets": {4: made.secrets[4]}}
    yield valid("run-late", "the secrets of before have not come yet", "timeline", **late)
    items = items_of(made)
    for index in (4, 8):
        envelope = parse_envelope(made.items[index].raw)
        items[index] = {"what": "stub", "raw": envelope.encode()}
    yield valid("run-deleted", "what is left of deleted ones", "timeline", **given(made, items=items))


def _spoilt() -> Iterator[Case]:
    spoilt: dict[str, dict[str, Any]] = {
        "key": {"key": b"\x09" * 32},
        "padding": {"plaintext": bytes(64)},
        "unpadded": {"plaintext": b'\x01{"a":1}'},
        "json": {"plaintext": pad(b"\x01{")},
        "type": {"plaintext": pad(b"\x09")},
    }
    for name, changed in spoilt.items():
        cast, made = talk()
        made.apply(forge(made, cast.bob, **changed))
        made.say(cast.bob, "goes on")
        made.say(cast.ann, "so it does")
        comment = "validly signed, but not readable: shown as such, and the room goes on"
        yield valid(f"spoilt-{name}", comment, "timeline", **given(made))


def _anchors() -> Iterator[Case]:
    cast, made = whole()
    ann, bob = cast.ann, cast.bob
    commits: list[dict[str, Any]] = [
        {"seq": seq, "raw": item.raw} for seq, item in enumerate(made.items, 1) if item.what == "commit"
    ]
    keys = {
        person.id_of(name): device.ed_pk for person in cast.all() for name, device in person.devices.items()
    }
    start: dict[str, Any] = {}
    for index in (6, 8, 19):
        header = parse_envelope(made.items[index].raw).header
        start = {
            "chains": rooms.NAMES,
            "log": [each for each in commits if each["seq"] <= header.seen.seq],
            "anchor": made.items[index].raw,
            "ed_pk": keys[header.device_id],
            "items": items_of(made)[header.seen.seq :],
            "secrets": made.secrets,
        }
        yield valid(f"anchor-{index}", "forward from what one device had seen", "anchored", **start)
    forged = {**start, "ed_pk": signing_pair(b"\x01" * 32)[0]}
    comment = "an anchor that no trusted device has signed"
    yield invalid("anchor-forged", comment, Fault.ENVELOPE_SIGNATURE, "anchored", **forged)
    late = {**start, "log": commits[:4], "anchor": made.items[6].raw, "ed_pk": ann.devices["first"].ed_pk}
    comment = "the log goes beyond what the anchor had seen"
    yield invalid("anchor-late", comment, Fault.ANCHOR, "anchored", **late)
    withheld = {**start, "log": start["log"][:-1]}
    comment = "the last commit before the anchor is withheld"
    yield invalid("anchor-withheld", comment, Fault.ANCHOR, "anchored", **withheld)
    mixed = [*start["log"][:2], {**start["log"][2], "seq": 2}, *start["log"][3:]]
    comment = "the server says that two commits stand at one place"
    yield invalid("anchor-mixed", comment, Fault.SEQ, "anchored", **{**start, "log": mixed})
    other = Stage(bob, rooms.SHARED)
    other.people |= made.people
    other.rotate(bob)
    raw = other.say(bob, "elsewhere")
    elsewhere = {**start, "anchor": raw, "ed_pk": bob.devices["first"].ed_pk}
    yield invalid("anchor-elsewhere", "of another room", Fault.ROOM_OTHER, "anchored", **elsewhere)
    yield from _after_anchor()


def _after_anchor() -> Iterator[Case]:
    cast, made = talk()
    ann, bob = cast.ann, cast.bob
    log = [{"seq": seq, "raw": made.items[seq - 1].raw} for seq in (1, 2, 3)]
    own = {"chains": rooms.NAMES, "log": log, "anchor": made.items[6].raw, "secrets": made.secrets}
    own["ed_pk"] = ann.devices["first"].ed_pk
    seen = parse_envelope(made.items[6].raw).header.seen
    following = items_of(made)[seen.seq :]
    good = forge(made, bob)
    items = [*following, {"what": "envelope", "raw": good}]
    comment = "where a device stood before the anchor is taken from its next envelope"
    yield valid("anchor-unknown-sender", comment, "anchored", items=items, **own)
    huge = forge(made, bob, ctr=5)
    items = [*following, {"what": "envelope", "raw": huge}]
    comment = "more than the epoch can have had"
    yield invalid("anchor-huge-ctr", comment, Fault.GAP, "anchored", items=items, **own)
    made.rotate(ann)
    jumped = forge(made, bob, ctr=1)
    items = [*items_of(made)[seen.seq :], {"what": "envelope", "raw": jumped}]
    comment = "in an epoch from after the anchor all count from 0"
    yield invalid("anchor-new-epoch", comment, Fault.GAP, "anchored", items=items, **own)


def _pages() -> Iterator[Case]:
    _, made = talk()
    hashes = made.memory.hashes
    found = [parse_envelope(made.items[seq - 1].raw).event_hash for seq in (4, 5, 6)]
    good: dict[str, Any] = {"start": Seen(3, hashes[3]), "items": found, "end": Seen(6, hashes[6])}
    yield valid("page", "joins what was verified", "page", **good)
    yield valid("page-empty", "nothing between", "page", start=good["end"], items=[], end=good["end"])
    wrong: dict[str, dict[str, Any]] = {
        "swapped": {"items": [found[1], found[0], found[2]]},
        "dropped": {"items": found[1:]},
        "altered": {"items": [bytes(32), *found[1:]]},
        "false-start": {"start": Seen(3, bytes(32))},
        "empty-and-moved": {"items": [], "start": Seen(5, hashes[6])},
        "dropped-and-moved": {"items": found[1:], "start": Seen(4, hashes[3])},
    }
    for name, changed in wrong.items():
        comment = "not what stood there"
        yield invalid(f"page-{name}", comment, Fault.PAGE, "page", **{**good, **changed})
