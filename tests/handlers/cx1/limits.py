"""Cases like the vectors, of what takes too many bytes, links or devices to write down."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from handlers.cx1 import commits, envelopes, identity, membership
from handlers.cx1.errors import Refused
from handlers.cx1.rules import Active
from tests.handlers.cx1.vectors import HEX, VECTORS, Json, Log, described, identities


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


def box_beside_none() -> None:
    """A box beside a commit that makes no epoch."""
    log = [commits.parse(HEX(raw)) for raw in named("rooms-role").case["input"]["log"]]
    room = Log(HEX(named("rooms-role").case["input"]["log"][0]), identities(named("rooms-role"))).room
    membership.check_boxes(room, log[-1], [])
    membership.check_boxes(room, log[-1], [bytes(membership.BOX_SIZE)])


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
]
