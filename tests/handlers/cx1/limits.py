"""Cases like the vectors, of what is too long to write down, or what only the server could get wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from handlers.cx1 import commits, envelopes, identity, membership
from handlers.cx1.errors import Refused
from handlers.cx1.rules import Active
from scripts.generator.vectors import rooms, timelines
from scripts.generator.vectors.cast import Person
from tests.handlers.cx1.vectors import HEX, VECTORS, Json, Log, described, identities
from ymera_client.crypto.commits import Leave, Op, Role, Rotate, SetRole


@dataclass(frozen=True)
class Limit:
    """A deed at the edge of what is allowed, and the fault that it must give, None if it may be done."""

    name: str
    fault: str | None
    deed: Callable[[], object]

    @property
    def case(self) -> Mapping[str, Any]:
        return {"run": "limit"}

    def play(self) -> Json:
        """What comes of it."""
        try:
            self.deed()
        except Refused as refused:
            return {"error": described(refused)["fault"]}
        return {"result": True}

    def expected(self) -> Json:
        """What must."""
        return {"result": True} if self.fault is None else {"error": self.fault}


def named(name: str) -> Any:
    """The vector of this name."""
    return next(vector for vector in VECTORS if vector.name == name)


def chain_of(count: int) -> Callable[[], object]:
    """One more link, of no bytes, on a chain of so many."""

    def deed() -> None:
        first = identity.begin(HEX(named("identities-chain-1").case["input"]["links"][0]))
        identity.extend(replace(first, heads=bytes(32 * count)), b"")

    return deed


def crowd_of(count: int) -> Callable[[], object]:
    """The first people come into a room in which there are so many devices already."""

    def deed() -> None:
        vector = named("rooms-room-3")
        first, second, third = map(HEX, vector.case["input"]["log"])
        log = Log(first, identities(vector))
        log.commit(second)
        fp = next(iter(log.room.members))
        strangers = {number.to_bytes(16, "big"): Active(fp, bytes(32)) for number in range(count - 4)}
        log.room = replace(log.room, active={**log.room.active, **strangers})
        log.commit(third)

    return deed


def ciphertext_of(size: int) -> Callable[[], object]:
    """An envelope with so many bytes of ciphertext."""

    def deed() -> None:
        raw = HEX(named("envelopes-parse-event").case["input"]["raw"])
        envelopes.parse(raw[:204] + size.to_bytes(4, "big") + bytes(size + 64))

    return deed


def headed(length: bytes) -> bytes:
    """The beginning of an envelope, as far as these bytes of its length."""
    return HEX(named("envelopes-parse-event").case["input"]["raw"])[:204] + length


def box_beside_none() -> None:
    """A box beside a commit that makes no epoch."""
    log = [commits.parse(HEX(raw)) for raw in named("rooms-role").case["input"]["log"]]
    room = Log(HEX(named("rooms-role").case["input"]["log"][0]), identities(named("rooms-role"))).room
    membership.check_boxes(room, log[-1], [])
    membership.check_boxes(room, log[-1], [bytes(membership.BOX_SIZE)])


def judged_at(seq: int | None, seen: bytes | None) -> Callable[[], object]:
    """A good commit at a seq, by default its own, and a transcript, by default what the commit says."""

    def deed() -> None:
        vector = named("rooms-room-2")
        first, second = map(HEX, vector.case["input"]["log"])
        room = Log(first, identities(vector)).room
        commit = commits.parse(second)
        hashed = commit.seen_hash if seen is None else seen or None
        membership.apply(room, commit, identities(vector), seq or commit.seen_seq + 1, hashed)

    return deed


def begun_otherwise() -> None:
    """A chain that begins with a device's end."""
    identity.begin(b"\x01\x03" + bytes(32 + 4 + 32 + 8 + 16) + b"\x00\x10" + bytes(16 + 64))


def founded_late() -> None:
    """A first commit that has seen something at seq 1; its signature is not looked at any more."""
    vector = named("rooms-room-1")
    raw = bytearray(HEX(vector.case["input"]["log"][0]))
    raw[81] = 1
    membership.found(commits.parse(bytes(raw)), identities(vector))


def posted_unseen() -> None:
    """A good envelope in a room whose transcript the server does not have there."""
    vector = named("timelines-run-talk")
    first, second, third, said, *_ = (HEX(item["raw"]) for item in vector.case["input"]["items"])
    log = Log(first, identities(vector))
    log.commit(second)
    log.commit(third)
    envelopes.admit(log.room, envelopes.FRESH, envelopes.parse(said), seq=4, transcript_seen=None)


def posted_after_leave(*ops: Op) -> Callable[[], object]:
    """Somebody leaves, the owner commits something, and then something is said."""

    def deed() -> None:
        cast, made = rooms.stage()
        made.commit(cast.cat, Leave())
        made.commit(cast.ann, *ops)
        first, *others = rooms.log_of(made)
        log = Log(first, identities(named("rooms-room-3")))
        for raw in others:
            log.commit(raw)
        log.envelope(timelines.forge(made, cast.ann, key=bytes(32)))

    return deed


LIMITS = [
    Limit("chain", "too_large", chain_of(identity.MAX_LINKS)),
    Limit("chain-longest", "truncated", chain_of(identity.MAX_LINKS - 1)),
    Limit("commit", "too_large", lambda: commits.parse(bytes(commits.MAX_COMMIT + 1))),
    Limit("commit-largest", "version", lambda: commits.parse(bytes(commits.MAX_COMMIT))),
    Limit("devices", "too_many_devices", crowd_of(membership.MAX_DEVICES + 1)),
    Limit("devices-most", "recipients", crowd_of(membership.MAX_DEVICES)),
    Limit("content", "too_large", ciphertext_of(envelopes.MAX_CIPHERTEXT + 1)),
    Limit("content-largest", None, ciphertext_of(envelopes.MAX_CIPHERTEXT)),
    Limit("box-beside-none", "box_count", box_beside_none),
    Limit("begins-otherwise", "genesis", begun_otherwise),
    Limit("founded-late", "genesis", founded_late),
    Limit("committed-in-time", None, judged_at(None, None)),
    Limit("committed-early", "commit_seen", judged_at(1, None)),
    Limit("committed-unseen", "commit_seen", judged_at(None, b"")),
    Limit("posted-unseen", "seen_hash", posted_unseen),
    Limit("posted-after-leave", "leave_pending", posted_after_leave(SetRole(Person("bob").fp, Role.MEMBER))),
    Limit("posted-after-epoch", None, posted_after_leave(Rotate())),
    Limit("header-alone", "version", lambda: envelopes.parse(bytes(180))),
    Limit("length-cut", "truncated", lambda: envelopes.parse(headed(b"\xff\xff\xff"))),
    Limit("length-alone", "too_large", lambda: envelopes.parse(headed(b"\xff\xff\xff\xff"))),
]
