"""Chains and rooms as hostile members sign them, and bytes with something changed, to be judged twice.

What is made here is a case like those of the vectors, without what should come of it.
"""

from collections.abc import Callable
from functools import cache
from random import Random
from typing import Any

from scripts.generator.vectors import rooms, timelines
from scripts.generator.vectors.cases import Case, invalid, plain
from scripts.generator.vectors.cast import BEGIN_MS, Item, Person, Stage
from scripts.generator.vectors.identities import whole_life
from tests.handlers.cx1.vectors import VECTORS
from ymera_client.crypto import links
from ymera_client.crypto.commits import (
    Access,
    Add,
    Adders,
    DevUp,
    Leave,
    Op,
    Policy,
    Remove,
    Retention,
    Role,
    Rotate,
    Seen,
    SetRole,
)
from ymera_client.crypto.envelopes import EnvelopeKind
from ymera_client.crypto.errors import Fault
from ymera_client.crypto.links import Pin
from ymera_client.crypto.primitives import signing_pair

SPOILT = [vector for vector in VECTORS if vector.case["run"] in {"chain", "room", "timeline", "ephemeral"}]
LISTS = ("links", "log", "items")
OFTEN_ZERO = [bytes(32), b"\x01" * 32]


def make(chance: Random) -> tuple[Case, dict[str, list[str]]]:
    """A case, and the chains that it names."""
    kind: Callable[[Random], Case] = chance.choice(
        [spoilt, link, link, commit, commit, commit, envelope, grant]
    )
    return plain(kind(chance)), _chains()


@cache
def _chains() -> dict[str, list[str]]:
    chained: dict[str, list[str]] = plain(rooms.chains())
    return chained


def spoilt(chance: Random) -> Case:
    """A vector of which some bytes are others, or that lacks an item, or has one twice or elsewhere."""
    vector = chance.choice(SPOILT)
    given = dict(vector.case["input"])
    name = next(each for each in LISTS if each in given)
    items = list(given[name])
    at = chance.randrange(len(items)) if items else 0
    deed = chance.randrange(8)
    if not items:
        items = [b"".hex()]
    elif deed == 0 and len(items) > 1:
        del items[at]
    elif deed == 1:
        items.insert(chance.randrange(len(items) + 1), items[at])
    elif deed == 2:
        other = chance.randrange(len(items))
        items[at], items[other] = items[other], items[at]
    elif isinstance(items[at], dict):
        items[at] = {**items[at], "raw": _changed(chance, bytes.fromhex(items[at]["raw"])).hex()}
    else:
        items[at] = _changed(chance, bytes.fromhex(items[at])).hex()
    if name == "items" and not isinstance(items[0], dict):
        items[0] = {"what": "commit", "raw": items[0]}
    return {**vector.case, "input": {**given, name: items}}


def _changed(chance: Random, raw: bytes) -> bytes:
    """Bytes with a few of them changed, put in or left out, mostly near the beginning."""
    for _ in range(chance.choice([1, 1, 2])):
        at = chance.randrange(min(len(raw), chance.choice([12, 200, 1000])) + 1)
        put, left = chance.choice([(1, 1), (1, 1), (1, 0), (0, 1), (4, 4)])
        raw = raw[:at] + chance.choice([bytes(put), chance.randbytes(put)]) + raw[at + left :]
    return raw


@cache
def _lives() -> tuple[Person, ...]:
    ann = Person("ann")
    for name in ("phone", "tablet"):
        ann.add_device(name)
    ann.revoke("phone", by="tablet")
    return whole_life(), ann, Person("bot", owner=ann)


def link(chance: Random) -> Case:
    """A next link of somebody's chain, of anything, signed by anybody."""
    person = chance.choice(_lives())
    pin = person.history.newest.pin
    device = chance.choice([*person.devices, None])
    signer = chance.choice([person.signer(device)] * 3 + [person.signer(None)])
    secret = chance.choice([signer.secret] * 8 + [person.signer("first").secret])
    place: dict[str, Any] = {"fp": person.fp, "seq": pin.seq + 1, "prev": pin.head, "signer": signer.id}
    for key, others in (("fp", OFTEN_ZERO), ("seq", [0, pin.seq]), ("prev", OFTEN_ZERO)):
        if chance.random() < 0.05:
            place[key] = chance.choice(others)
    raw = links.write_link(secret, _payload(chance, person, place), ms=BEGIN_MS, **place)
    return invalid("link", "", Fault.VALUE, "chain", links=[*person.links, raw])


def _payload(chance: Random, person: Person, place: Any) -> links.Payload:
    known = [person.id_of(name) for name in person.devices]
    x_pk = chance.choice([person.devices["first"].x_pk] * 8 + [bytes(32)])
    named = chance.choice([*known, *known, place["signer"], place["signer"], bytes(16)])
    public, secret = signing_pair(chance.choice([chance.randbytes(32), person.devices["first"].seed]))
    proof = {"fp": place["fp"], "seq": place["seq"], "prev": place["prev"]}
    shown = links.possession(secret, **proof, ed_pk=public, x_pk=chance.choice([x_pk, x_pk, public]))
    genesis = links.parse_link(person.links[0]).payload
    return chance.choice(
        [
            links.DeviceAdd(public, x_pk, shown),
            links.DeviceRevoke(named),
            links.DeviceRekey(named, chance.randrange(3), x_pk),
            links.RecoveryRotate(public, bytes(16)),
            links.AgentEndorse(bytes(32)),
            genesis,
        ]
    )


@cache
def _stages() -> tuple[tuple[rooms.Cast, Stage], ...]:
    """Rooms that have come some way, which nobody changes any more."""
    found = [rooms.stage(policy, at) for policy in (rooms.SHARED, rooms.EPHEMERAL) for at in (1, 2, 3)]
    found.append(rooms.stage(Policy(who_add=Adders.MEMBERS)))
    for policy in (rooms.SHARED, Policy()):
        cast, made = rooms.stage(policy)
        made.say(cast.bob, "hello")
        made.commit(cast.ann, SetRole(cast.bob.fp, Role.OWNER))
        made.commit(cast.ann, Remove(cast.dan.fp))
        made.devup(cast.cat, cast.bob)
        made.say(cast.ann, "hello")
        made.say(cast.cat, "hello")
        found.append((cast, made))
    cast, made = rooms.stage()
    made.commit(cast.cat, Leave())
    return (*found, (cast, made))


def _spoken(made: Stage) -> bool:
    """Whether a room has envelopes, so that its commits do not stand at seqs 1, 2, 3 and on."""
    return made.timeline.seq > made.room.cseq + 1


def commit(chance: Random) -> Case:
    """A next commit of a room, by anybody, of any ops, with any epoch."""
    cast, made = chance.choice(_stages())
    author = chance.choice([cast.ann, cast.ann, cast.bob, *cast.all()])
    ops = [_op(chance, cast) for _ in range(chance.choice([0, 1, 1, 1, 2, 3]))]
    device = chance.choice([*author.devices, "first"])
    section = _section(chance) if chance.random() < 0.25 else None
    rotate = chance.choice([None, None, None, True, False])
    changed: dict[str, Any] = {}
    state = made.timeline
    wrong: dict[str, list[Any]] = {
        "epoch": [0, made.room.epoch, made.room.epoch + 1, made.room.epoch + 2],
        "cseq": [0, made.room.cseq],
        "prev": OFTEN_ZERO,
        "room": OFTEN_ZERO,
        "seen": [Seen(seq, made.memory.hashes.get(seq, made.room.ref)) for seq in range(state.seq + 2)],
        "author_fp": [cast.bob.fp],
        "secret": [cast.bob.devices["first"].secret],
    }
    for key, others in wrong.items():
        if chance.random() < 0.06:
            changed[key] = chance.choice(others)
    raw = rooms.forge(made, author, *ops, device=device, rotate=rotate, section=section, **changed)
    if _spoken(made) or "seen" in changed or chance.random() < 0.5:
        given = timelines.given(made, Item("commit", raw))
        return invalid("commit", "", Fault.VALUE, "timeline", **given)
    return invalid("commit", "", Fault.VALUE, "room", chains=rooms.NAMES, log=rooms.log_of(made, raw))


def _section(chance: Random) -> dict[str, Any]:
    changes: list[dict[str, Any]] = [
        {},
        {"shared": chance.random() < 0.5},
        {"prev_wrap": bytes(chance.choice([0, 72]))},
        {"recips_hash": bytes(32)},
    ]
    return {**chance.choice(changes), **chance.choice(changes)}


def _op(chance: Random, cast: rooms.Cast) -> Op:
    whom = chance.choice([*cast.all(), cast.bob, cast.eve])
    states = whom.history.states
    pins = [state.pin for state in states]
    pin = chance.choice([*pins, *pins, *pins, Pin(len(states), bytes(32)), Pin(0, bytes(32))])
    role = chance.choice(list(Role))
    policy = Policy(
        history=chance.choice(list(Access)),
        who_add=chance.choice(list(Adders)),
        retention=chance.choice(list(Retention)),
        rotate_secs=chance.choice([1, 86_400]),
    )
    add, devup = Add(whom.fp, role, pin), DevUp(whom.fp, pin)
    others: list[Op] = [policy, Remove(whom.fp), SetRole(whom.fp, role), Leave(), Rotate()]
    return chance.choice([add, add, devup, devup, *others])


def envelope(chance: Random) -> Case:
    """A next envelope of a room, by anybody."""
    cast, made = chance.choice(_stages())
    author = chance.choice(cast.all())
    state, room = made.timeline, made.room
    wrong: dict[str, list[Any]] = {
        "kind": list(EnvelopeKind),
        "room_ref": OFTEN_ZERO,
        "epoch": [1, room.epoch + 1, max(1, room.epoch - 1)],
        "ctr": [0, 1, 2, 5, 2**64 - 1],
        "prev": OFTEN_ZERO,
        "seen": [Seen(seq, made.memory.hashes.get(seq, room.ref)) for seq in range(state.seq + 2)],
        "entity_id": [b"\x0c" * 16],
        "base_version": [1],
        "secret": [cast.bob.devices["first"].secret],
    }
    usual: dict[str, Any] = {} if room.epoch else {"epoch": 1}
    changed = {key: chance.choice(others) for key, others in wrong.items() if chance.random() < 0.1}
    device = chance.choice([*author.devices])
    raw = timelines.forge(made, author, device=device, key=bytes(32), **{**usual, **changed})
    twice = [raw, raw] if chance.random() < 0.1 else [raw]
    return invalid("envelope", "", Fault.VALUE, "timeline", **timelines.given(made, *twice))


def grant(chance: Random) -> Case:
    """A grant of any epoch to any device."""
    cast, made = chance.choice([each for each in _stages() if not _spoken(each[1])])
    whom, other = chance.choice(cast.all()), chance.choice(cast.all())
    fp = chance.choice([whom.fp] * 5 + [other.fp])
    given = {
        "number": chance.randrange(made.room.epoch + 2),
        "to": {"fp": fp, "device_id": whom.id_of(chance.choice([*whom.devices, "first"]))},
        "box": bytes(chance.choice([144] * 9 + [143])),
    }
    log = rooms.log_of(made)
    return invalid("grant", "", Fault.VALUE, "grant", chains=rooms.NAMES, log=log, **given)
