"""Chains of identities: every type of link, and every way to cheat with one."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from scripts.generator.vectors.cases import HEX, Case, call, hexes, invalid, pin_of, secret_of, valid
from scripts.generator.vectors.cast import BEGIN_MS, Chance, Person
from scripts.generator.vectors.primitives import IDENTITY, malleable
from ymera_client.crypto import identity, links
from ymera_client.crypto.errors import Fault
from ymera_client.crypto.links import RECOVERY, Kind, Pin
from ymera_client.crypto.primitives import ZERO, sign, signing_pair


@call
def device_id(fp: str, ed_pk: str) -> bytes:
    return identity.device_id(HEX(fp), HEX(ed_pk))


@call
def possession(seed: str, fp: str, seq: int, prev: str, ed_pk: str, x_pk: str) -> bytes:
    keys = {"ed_pk": HEX(ed_pk), "x_pk": HEX(x_pk)}
    return links.possession(secret_of(seed), fp=HEX(fp), seq=seq, prev=HEX(prev), **keys)


@call
def write_link(seed: str, kind: int, payload: str, place: Mapping[str, Any], ms: int, signer: str) -> bytes:
    content = links.read_payload(kind, HEX(payload))
    fp, seq, prev = HEX(place["fp"]), place["seq"], HEX(place["prev"])
    return links.write_link(secret_of(seed), content, fp=fp, seq=seq, prev=prev, ms=ms, signer=HEX(signer))


@call
def chain(links: list[str], fp: str | None = None, pin: Mapping[str, Any] | None = None) -> identity.Chain:
    own = HEX(fp) if fp else None
    return identity.verify_chain(hexes(links), fp=own, pin=pin_of(pin) if pin else None).newest


@call
def agent_of(agent: list[str], owner: list[str]) -> bool:
    return identity.is_agent_of(*(identity.verify_chain(hexes(each)).newest for each in (agent, owner)))


def cases() -> Iterator[Case]:
    """All cases of this file."""
    ann = whole_life()
    yield from _written(ann)
    yield from _verified(ann)
    yield from _genesis()
    yield from _places()
    yield from _signers()
    yield from _devices()
    yield from _bytes()


def whole_life() -> Person:
    """Somebody who has done everything that a chain can hold."""
    ann = Person("ann")
    ann.add_device("phone")
    ann.rekey("phone")
    ann.append(links.AgentEndorse(Person("bot", owner=ann).fp))
    ann.revoke("first", by="phone")
    ann.rotate_recovery()
    ann.add_device("tablet", by=None)
    return ann


def _written(ann: Person) -> Iterator[Case]:
    seeds = {signing_pair(keys.seed)[0]: keys.seed for keys in ann.devices.values()}
    old = Person("ann").recovery_seed
    for raw in ann.links:
        link = links.parse_link(raw)
        device = ann.history.newest.devices.get(link.signer)
        rotated = isinstance(link.payload, links.RecoveryRotate)
        seed = seeds[device.ed_pk] if device else old if rotated else ann.recovery_seed
        if link.seq == 0:
            seed = ann.devices["first"].seed
        yield valid(
            f"write-{link.seq}-{type(link.payload).__name__}",
            "the bytes of a link and its signature",
            "write_link",
            seed=seed,
            kind=link.payload.TYPE,
            payload=link.payload.encode(),
            place={"fp": link.fp, "seq": link.seq, "prev": link.prev},
            ms=link.ms,
            signer=link.signer,
        )
    keys, pin = ann.devices["phone"], Pin(0, links.link_hash(ann.links[0]))
    yield valid(
        "possession",
        "the proof of a new device, for one place of one chain",
        "possession",
        seed=keys.seed,
        fp=ann.fp,
        seq=1,
        prev=pin.head,
        ed_pk=keys.ed_pk,
        x_pk=keys.x_pk,
    )
    yield valid("device-id", "binds a key to its user", "device_id", fp=ann.fp, ed_pk=keys.ed_pk)


def _verified(ann: Person) -> Iterator[Case]:
    for count in range(1, len(ann.links) + 1):
        yield valid(f"chain-{count}", "the state after these links", "chain", links=ann.links[:count])
    middle = ann.history.states[3].pin
    yield valid(
        "chain-pinned", "extends what was seen before", "chain", links=ann.links, fp=ann.fp, pin=middle
    )
    yield invalid(
        "chain-truncated",
        "the server hides newer links, such as a revocation",
        Fault.CHAIN_TRUNCATED,
        "chain",
        links=ann.links[:3],
        pin=middle,
    )
    yield invalid(
        "chain-forked",
        "the server shows another chain of the same length",
        Fault.CHAIN_FORKED,
        "chain",
        links=ann.links,
        pin=Pin(3, middle.head[::-1]),
    )
    yield invalid("chain-empty", "no links at all", Fault.CHAIN_TRUNCATED, "chain", links=[])
    other = Person("eve")
    yield invalid(
        "chain-substituted", "somebody else's", Fault.CHAIN_OTHER, "chain", links=other.links, fp=ann.fp
    )
    owner, bot = Person("owner"), Person("bot", owner=Person("owner"))
    yield valid("agent-claimed", "only the agent says so", "agent_of", agent=bot.links, owner=owner.links)
    owner.append(links.AgentEndorse(bot.fp))
    yield valid("agent-endorsed", "both say so", "agent_of", agent=bot.links, owner=owner.links)
    owner.append(links.AgentEndorse(other.fp))
    yield valid(
        "agent-human", "an endorsed human is no agent", "agent_of", agent=other.links, owner=owner.links
    )
    rival = Person("rival")
    rival.append(links.AgentEndorse(bot.fp))
    yield valid("agent-stolen", "only a stranger says so", "agent_of", agent=bot.links, owner=rival.links)


def _genesis() -> Iterator[Case]:
    ann = Person("ann")
    keys = ann.devices["first"]
    first = links.parse_link(ann.links[0]).payload
    assert isinstance(first, links.Genesis)

    def begun(secret: bytes = keys.secret, **changed: Any) -> list[bytes]:
        return [links.write_genesis(secret, replace(first, **changed), BEGIN_MS)]

    def placed(**changed: Any) -> list[bytes]:
        place: dict[str, Any] = {"fp": ZERO, "seq": 0, "prev": ZERO, "signer": RECOVERY, **changed}
        return [links.write_link(keys.secret, first, ms=BEGIN_MS, **place)]

    wrong: list[tuple[str, str, Fault, list[bytes]]] = [
        ("seq", "a genesis link further on", Fault.GENESIS, placed(seq=1)),
        ("fp", "it names an identity, which it is itself to be", Fault.GENESIS, placed(fp=ann.fp)),
        ("prev", "it follows something", Fault.GENESIS, placed(prev=ann.fp)),
        ("signer", "it names its signer", Fault.GENESIS, placed(signer=ann.id_of())),
        ("owned-human", "a human with an owner", Fault.OWNER, begun(owner_fp=ann.fp)),
        ("free-agent", "an agent without an owner", Fault.OWNER, begun(kind=Kind.AGENT)),
        ("low-order", "boxes to it could be opened by all", Fault.LOW_ORDER, begun(x_pk=ZERO)),
        (
            "other-signer",
            "a key that its holder has not signed with",
            Fault.LINK_SIGNATURE,
            begun(Person("eve").devices["first"].secret),
        ),
        ("twice", "a chain begins once", Fault.GENESIS, [*ann.links, _next(ann, first)]),
    ]
    for name, comment, fault, chained in wrong:
        yield invalid(f"genesis-{name}", comment, fault, "chain", links=chained)
    neutral = begun(ed_pk=IDENTITY)[0][:-64] + IDENTITY + bytes(32)
    yield invalid(
        "genesis-low-order-signer", "a key that signs all", Fault.LINK_SIGNATURE, "chain", links=[neutral]
    )
    yield invalid(
        "genesis-missing",
        "a chain that begins in its middle",
        Fault.GENESIS,
        "chain",
        links=whole_life().links[1:],
    )


def _next(person: Person, payload: links.Payload, **changed: Any) -> bytes:
    """The next link as somebody would make it who does not keep to the rules."""
    pin = person.history.newest.pin
    place = {"fp": person.fp, "seq": pin.seq + 1, "prev": pin.head, "signer": person.id_of(), "ms": BEGIN_MS}
    secret = changed.pop("secret", person.devices["first"].secret)
    return links.write_link(secret, payload, **{**place, **changed})


def _places() -> Iterator[Case]:
    ann = Person("ann")
    payload = links.AgentEndorse(Person("eve").fp)
    wrong: list[tuple[str, str, Fault, dict[str, Any]]] = [
        ("other", "a link of another chain", Fault.CHAIN_OTHER, {"fp": Person("eve").fp}),
        ("gap", "a link is left out", Fault.CHAIN_SEQ, {"seq": 2}),
        ("again", "a link stands twice", Fault.CHAIN_SEQ, {"seq": 0}),
        ("fork", "another link before it", Fault.CHAIN_PREV, {"prev": ann.fp}),
    ]
    for name, comment, fault, changed in wrong:
        made = _next(ann, payload, **changed)
        yield invalid(f"link-{name}", comment, fault, "chain", links=[*ann.links, made])


def _signers() -> Iterator[Case]:
    ann, eve = Person("ann"), Person("eve")
    ann.add_device("phone")
    ann.revoke("phone")
    payload = links.AgentEndorse(eve.fp)
    old_recovery = ann.signer(None)
    rotate = links.RecoveryRotate(signing_pair(b"\x09" * 32)[0], b"\x05" * 16)
    phone = {"signer": ann.id_of("phone"), "secret": ann.devices["phone"].secret}
    stranger = {"signer": eve.id_of(), "secret": eve.devices["first"].secret}
    wrong = [
        ("revoked", "a revoked device signs", Fault.SIGNER, _next(ann, payload, **phone)),
        ("stranger", "somebody else's device signs", Fault.SIGNER, _next(ann, payload, **stranger)),
        (
            "forged",
            "the server signs in a device's name",
            Fault.LINK_SIGNATURE,
            _next(ann, payload, secret=eve.devices["first"].secret),
        ),
        (
            "recovery-by-device",
            "a stolen device takes over for good",
            Fault.RECOVERY_ONLY,
            _next(ann, rotate),
        ),
    ]
    for name, comment, fault, made in wrong:
        yield invalid(f"signer-{name}", comment, fault, "chain", links=[*ann.links, made])
    good = _next(ann, payload)
    second = good[:-64] + malleable(good[-64:])
    comment = "a second signature would give a second head"
    yield invalid("signer-malleable", comment, Fault.LINK_SIGNATURE, "chain", links=[*ann.links, second])
    ann.rotate_recovery()
    late = _next(ann, payload, signer=RECOVERY, secret=old_recovery.secret)
    comment = "a recovery key that was replaced"
    yield invalid("signer-old-recovery", comment, Fault.LINK_SIGNATURE, "chain", links=[*ann.links, late])


def _devices() -> Iterator[Case]:
    ann, eve = Person("ann"), Person("eve")
    ann.add_device("phone")
    ann.revoke("phone")
    chance = Chance("new device")
    public, secret = signing_pair(chance.draw(32))
    x_pk = eve.devices["first"].x_pk
    good = identity.new_device(ann.history, secret, public, x_pk)
    pin = ann.pin

    def proved(**changed: Any) -> links.DeviceAdd:
        place: dict[str, Any] = {"fp": ann.fp, "seq": pin.seq + 1, "prev": pin.head}
        keys = {"ed_pk": public, "x_pk": x_pk}
        return links.DeviceAdd(public, x_pk, links.possession(secret, **{**place, **keys, **changed}))

    theirs = eve.devices["first"].ed_pk
    own_proof = identity.new_device(eve.history, eve.devices["first"].secret, theirs, x_pk).possession
    again = ann.devices["phone"]
    readded = identity.new_device(ann.history, again.secret, again.ed_pk, again.x_pk)
    first = ann.devices["first"]
    doubled = identity.new_device(ann.history, first.secret, first.ed_pk, first.x_pk)
    low = identity.new_device(ann.history, secret, public, ZERO)
    wrong: list[tuple[str, str, Fault, links.Payload]] = [
        (
            "proof-forged",
            "a key that nobody has shown to hold",
            Fault.POSSESSION,
            links.DeviceAdd(public, x_pk, sign(first.secret, b"cx1/pop", ann.fp)),
        ),
        ("proof-other-place", "a proof from another time", Fault.POSSESSION, proved(seq=1)),
        ("proof-other-fork", "a proof for another chain's end", Fault.POSSESSION, proved(prev=ZERO)),
        ("proof-other-box-key", "the box key was exchanged", Fault.POSSESSION, proved(x_pk=first.x_pk)),
        (
            "proof-of-another",
            "the key of another user's device, with the proof for theirs",
            Fault.POSSESSION,
            links.DeviceAdd(theirs, x_pk, own_proof),
        ),
        ("doubled", "an active device once more", Fault.DEVICE_KNOWN, doubled),
        ("revived", "a revoked device comes back", Fault.DEVICE_KNOWN, readded),
        ("low-order", "boxes to it could be opened by all", Fault.LOW_ORDER, low),
        ("revoke-unknown", "a device of another", Fault.DEVICE_UNKNOWN, links.DeviceRevoke(eve.id_of())),
        ("revoke-twice", "gone before", Fault.DEVICE_UNKNOWN, links.DeviceRevoke(ann.id_of("phone"))),
        ("rekey-other", "a key for another", Fault.DEVICE_UNKNOWN, links.DeviceRekey(eve.id_of(), 1, x_pk)),
        ("rekey-again", "the version it has", Fault.KEY_VERSION, links.DeviceRekey(ann.id_of(), 0, x_pk)),
        ("rekey-gap", "a version left out", Fault.KEY_VERSION, links.DeviceRekey(ann.id_of(), 2, x_pk)),
        ("rekey-low-order", "known to all", Fault.LOW_ORDER, links.DeviceRekey(ann.id_of(), 1, ZERO)),
    ]
    for name, comment, fault, payload in wrong:
        made = _next(ann, payload)
        yield invalid(f"device-{name}", comment, fault, "chain", links=[*ann.links, made])
    comment = "what these cases spoil"
    yield valid("device-good", comment, "chain", links=[*ann.links, _next(ann, good)])
    ann.add_device("tablet")
    made = _next(ann, links.DeviceRekey(ann.id_of("tablet"), 1, x_pk))
    comment = "one's own other device, whose key only itself can make"
    yield invalid("device-rekey-own", comment, Fault.DEVICE_UNKNOWN, "chain", links=[*ann.links, made])
    recovery = ann.signer(None)
    rekeyed = _next(ann, links.DeviceRekey(RECOVERY, 1, x_pk), signer=RECOVERY, secret=recovery.secret)
    comment = "the recovery key is no device"
    yield invalid(
        "device-rekey-recovery", comment, Fault.DEVICE_UNKNOWN, "chain", links=[*ann.links, rekeyed]
    )


def _bytes() -> Iterator[Case]:
    raw = Person("ann").links[0]
    kind_at = 1 + 1 + 32 + 4 + 32 + 8 + 16 + 2
    longer = raw[: kind_at - 2] + (178).to_bytes(2, "big") + raw[kind_at:-64] + b"\0" + raw[-64:]
    wrong = {
        "empty": (Fault.TRUNCATED, b""),
        "cut": (Fault.TRUNCATED, raw[:-1]),
        "longer": (Fault.TRAILING, raw + b"\0"),
        "payload-longer": (Fault.TRAILING, longer),
        "version": (Fault.VERSION, b"\x02" + raw[1:]),
        "type-0": (Fault.VALUE, raw[:1] + b"\x00" + raw[2:]),
        "type-7": (Fault.VALUE, raw[:1] + b"\x07" + raw[2:]),
        "kind": (Fault.VALUE, raw[:kind_at] + b"\x02" + raw[kind_at + 1 :]),
        "payload-of-another-type": (Fault.TRAILING, raw[:1] + b"\x03" + raw[2:]),
    }
    for name, (fault, given) in wrong.items():
        yield invalid(f"bytes-{name}", "not the form of a link", fault, "chain", links=[given])
