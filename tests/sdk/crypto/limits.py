"""Cases like the vectors, of what takes too many bytes or devices to write down, or of a sender's states."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from scripts.generator.vectors import rooms, timelines
from scripts.generator.vectors.cases import describe
from scripts.generator.vectors.cast import Person, Stage
from ymera_client.crypto import authoring, commits, envelopes, identity, membership, sending
from ymera_client.crypto.authoring import Fresh
from ymera_client.crypto.commits import Add, Role, Rotate
from ymera_client.crypto.epochs import MAX_RECIPIENTS, Recipient
from ymera_client.crypto.errors import Cx1Error, Fault
from ymera_client.crypto.identity import Device, History
from ymera_client.crypto.links import AgentEndorse
from ymera_client.crypto.ratchet import KeyRing
from ymera_client.crypto.transcript import Timeline


@dataclass(frozen=True)
class Limit:
    """A deed that must be refused."""

    name: str
    fault: Fault
    deed: Callable[[], object]

    @property
    def case(self) -> Mapping[str, Any]:
        return {"run": "limit"}

    def play(self) -> Any:
        """What comes of it."""
        try:
            self.deed()
        except Cx1Error as error:
            return {"error": describe(error.fault)}
        return {"result": None}

    def expected(self) -> Any:
        """What should."""
        return {"error": describe(self.fault)}


def too_long_a_chain() -> None:
    person = Person("ann")
    history = History(person.history.states * identity.MAX_LINKS)
    history.extend([identity.append(person.history, AgentEndorse(person.fp), person.signer(), 0)])


def crowd(person: Person, count: int) -> History:
    """A chain with so many devices, which nobody could make within a test."""
    state = person.history.states[0]
    devices = {
        number.to_bytes(16, "big"): Device(number.to_bytes(16, "big"), bytes(32), bytes(32), 0, active=True)
        for number in range(count)
    }
    return History((replace(state, devices=devices),))


def too_many_devices() -> None:
    cast, made = rooms.stage(at=2)
    directory = made.directory | {cast.bob.fp: crowd(cast.bob, MAX_RECIPIENTS)}
    pin = directory[cast.bob.fp].newest.pin
    section = {"recips_hash": bytes(32)}
    raw = rooms.forge(made, cast.ann, Add(cast.bob.fp, Role.MEMBER, pin), rotate=True, section=section)
    membership.apply(made.room, raw, directory, made.timeline.seq + 1)


def too_large_a_commit() -> None:
    commits.parse_commit(bytes(commits.MAX_COMMIT + 1))


def too_large_a_content() -> None:
    cast, made = rooms.stage()
    timelines.forge(made, cast.ann, plaintext=bytes(envelopes.MAX_CIPHERTEXT))


def key_used_before() -> None:
    """In an ephemeral room, what was read once cannot be read again."""
    _, made = timelines.talk(timelines.EPHEMERAL)
    ring = ephemeral_ring(made.room, made.secrets)
    header = envelopes.parse_envelope(made.items[3].raw).header
    _, turned = ring.take(header.epoch, header.device_id, header.ctr)
    turned.take(header.epoch, header.device_id, header.ctr)


def key_never_had() -> None:
    """In an ephemeral room, of a device that was no recipient."""
    cast, made = timelines.talk(timelines.EPHEMERAL)
    ephemeral_ring(made.room, made.secrets).ephemeral_key(2, cast.eve.id_of())


def ephemeral_ring(room: membership.Room, secrets: Mapping[int, bytes]) -> KeyRing:
    """What a member of an ephemeral room holds."""
    ring = KeyRing.empty()
    for epoch in room.epochs:
        ring = ring.hold(epoch, secrets[epoch.number], ephemeral=True)
    return ring


def sends_from_nowhere() -> None:
    """A device whose last envelope lies before the anchor."""
    cast, made = timelines.talk()
    state = made.timeline
    anchored = Timeline(state.room, state.seq, state.hash, {}, state.seq)
    sending.seal(anchored, made.ring, cast.ann.author(), made.message("?"), nonce=bytes(24))


def shares_what_it_lacks() -> None:
    """The author of a shared epoch does not have the secret of the one before."""
    cast, made = timelines.talk()
    fresh = Fresh(bytes(32), bytes(24), bytes(32))
    seen, author = made.timeline.seen, cast.ann.author()
    authoring.write_next(made.room, author, [Rotate()], made.directory, seen=seen, ms=0, fresh=fresh)


def seals_for_strangers() -> None:
    """Boxes for somebody whose chain is not known."""
    seal_boxes(timelines.talk()[1], Recipient(bytes(32), bytes(16)))


def seals_for_no_device() -> None:
    """Boxes for a device that its owner's chain does not have."""
    cast, made = timelines.talk()
    seal_boxes(made, Recipient(cast.ann.fp, cast.bob.id_of()))


def seal_boxes(made: Stage, recipient: Recipient) -> None:
    authoring.seal_boxes(
        bytes(32), [recipient], made.directory, room_ref=made.room.ref, number=1, seed=bytes(32)
    )


def asks_without_chains() -> None:
    """What is due in a room whose members' chains are not known."""
    authoring.due(timelines.talk()[1].room, {}, envelopes=0, age_secs=0)


LIMITS = [
    Limit("chain", Fault.TOO_LARGE, too_long_a_chain),
    Limit("devices", Fault.TOO_MANY_DEVICES, too_many_devices),
    Limit("commit", Fault.TOO_LARGE, too_large_a_commit),
    Limit("content", Fault.TOO_LARGE, too_large_a_content),
    Limit("key-used", Fault.KEY_DELETED, key_used_before),
    Limit("key-lacking", Fault.KEY_DELETED, key_never_had),
    Limit("anchor", Fault.ANCHOR, sends_from_nowhere),
    Limit("share", Fault.KEY_MISSING, shares_what_it_lacks),
    Limit("boxes-stranger", Fault.CHAIN_MISSING, seals_for_strangers),
    Limit("boxes-device", Fault.DEVICE_UNKNOWN, seals_for_no_device),
    Limit("due", Fault.CHAIN_MISSING, asks_without_chains),
]
