"""Linking devices, verifying people and inviting them: what the other side or the server may have changed."""

from collections.abc import Iterator, Mapping
from typing import Any

from scripts.generator.vectors.cases import HEX, Case, Json, call, hexes, invalid, valid
from scripts.generator.vectors.cast import Chance, Person
from ymera_client.crypto import identity, invites, linking, verification
from ymera_client.crypto.errors import Fault
from ymera_client.crypto.invites import Invite
from ymera_client.crypto.linking import Offer, Package, Secret
from ymera_client.crypto.primitives import ZERO, box_public, encrypt_framed
from ymera_client.crypto.verification import Party, Purpose
from ymera_client.crypto.wire import to_text


@call
def offer(link_id: str, secret: str, ed_pk: str, x_pk: str) -> Json:
    """What the new device shows, and the key of the package."""
    made = Offer(HEX(link_id), HEX(secret), linking.keys_hash(HEX(ed_pk), HEX(x_pk)))
    return {"text": made.text(), "key": made.key}


@call
def scan(text: str) -> Offer:
    return linking.scan(text)


@call
def check_offer(text: str, ed_pk: str, x_pk: str, shown_ms: int, now_ms: int) -> None:
    linking.check_offer(linking.scan(text), HEX(ed_pk), HEX(x_pk), shown_ms=shown_ms, now_ms=now_ms)


@call
def seal_package(key: str, link_id: str, package: Mapping[str, Any], nonce: str) -> bytes:
    secrets = tuple(
        Secret(HEX(each["room_ref"]), each["epoch"], HEX(each["secret"])) for each in package["secrets"]
    )
    made = Package(HEX(package["fp"]), HEX(package["head"]), HEX(package["master"]), secrets)
    return linking.seal_package(HEX(key), HEX(link_id), made, HEX(nonce))


@call
def open_package(key: str, link_id: str, sealed: str) -> Package:
    return linking.open_package(HEX(key), HEX(link_id), HEX(sealed))


@call
def check_linked(fp: str, head: str, links: list[str], ed_pk: str) -> None:
    """What the new device checks of the chain that the server gives it."""
    package = Package(HEX(fp), HEX(head), ZERO, ())
    linking.check_linked(package, identity.verify_chain(hexes(links)), HEX(ed_pk))


@call
def commitment(a: Mapping[str, str]) -> bytes:
    return verification.commitment(_party(a))


@call
def check_commitment(committed: str, a: Mapping[str, str]) -> None:
    verification.check_commitment(HEX(committed), _party(a))


@call
def digits(own_secret: str, own: str, link_id: str, purpose: int, a: Json, b: Json) -> str:
    """The digits that side `own`, a or b, shows."""
    sides = {"a": _party(a), "b": _party(b)}
    other = sides["b" if own == "a" else "a"]
    shared = verification.shared_secret(HEX(own_secret), other.e_pk, sides[own].e_pk)
    return verification.digits(shared, HEX(link_id), Purpose(purpose), sides["a"], sides["b"])


def _party(side: Mapping[str, str]) -> Party:
    return Party(HEX(side["id"]), HEX(side["e_pk"]), HEX(side["nonce"]))


@call
def safety_number(one_fp: str, other_fp: str) -> str:
    return verification.safety_number(HEX(one_fp), HEX(other_fp))


@call
def invite(room_ref: str, inviter_fp: str, secret: str, joiner_fp: str) -> Json:
    """What stands behind the `#`, and the joiner's proof."""
    made = Invite(HEX(room_ref), HEX(inviter_fp), HEX(secret))
    return {"fragment": made.fragment(), "proof": invites.proof(made, HEX(joiner_fp))}


@call
def check_proof(fragment: str, joiner_fp: str, given: str) -> None:
    invites.check_proof(invites.parse_fragment(fragment), HEX(joiner_fp), HEX(given))


def cases() -> Iterator[Case]:
    """All cases of this file."""
    yield from _offers()
    yield from _packages()
    yield from _linked()
    yield from _digits()
    yield from _invites()


def _offers() -> Iterator[Case]:
    chance = Chance("offer")
    ed_pk, x_pk = chance.draw(32), chance.draw(32)
    made = Offer(chance.draw(16), chance.draw(32), linking.keys_hash(ed_pk, x_pk))
    keys = {"ed_pk": ed_pk, "x_pk": x_pk}
    yield valid("offer", "of a QR code", "offer", link_id=made.link_id, secret=made.secret, **keys)
    yield valid("scan", "the reverse", "scan", text=made.text())
    raw = made.link_id + made.secret + made.keys_hash
    for name, fault, text in (
        ("cut", Fault.TRUNCATED, to_text(raw[:-1])),
        ("longer", Fault.TRAILING, to_text(raw + b"\0")),
        ("other", Fault.ENCODING, "https://example.org/"),
    ):
        yield invalid(f"scan-{name}", "another QR code", fault, "scan", text=text)
    good = {"text": made.text(), **keys, "shown_ms": 1000, "now_ms": 301_000}
    yield valid("check-offer", "within five minutes", "check_offer", **good)
    wrong: dict[str, tuple[Fault, dict[str, Any]]] = {
        "late": (Fault.LINK_EXPIRED, {"now_ms": 301_001}),
        "before": (Fault.LINK_EXPIRED, {"now_ms": 999}),
        "other-key": (Fault.LINK_KEYS, {"ed_pk": chance.draw(32)}),
        "other-box-key": (Fault.LINK_KEYS, {"x_pk": chance.draw(32)}),
        "keys-cut": (Fault.LINK_KEYS, {"ed_pk": ed_pk + x_pk[:1], "x_pk": x_pk[1:]}),
        "keys-exchanged": (Fault.LINK_KEYS, {"ed_pk": x_pk, "x_pk": ed_pk}),
    }
    for name, (fault, changed) in wrong.items():
        comment = "the server puts its own device in, or keeps the offer"
        yield invalid(f"offer-{name}", comment, fault, "check_offer", **{**good, **changed})


def _packages() -> Iterator[Case]:
    chance = Chance("package")
    key, link_id, nonce = chance.draw(32), chance.draw(16), chance.draw(24)
    secrets = (Secret(chance.draw(32), 1, chance.draw(32)), Secret(chance.draw(32), 7, chance.draw(32)))
    sealed = b""
    for name, held in (("empty", ()), ("full", secrets)):
        package = Package(chance.draw(32), chance.draw(32), chance.draw(32), held)
        given = {"key": key, "link_id": link_id}
        sealed = linking.seal_package(key, link_id, package, nonce)
        yield valid(f"seal-package-{name}", "it", "seal_package", package=package, nonce=nonce, **given)
        yield valid(f"open-package-{name}", "the reverse", "open_package", sealed=sealed, **given)
    cut = encrypt_framed(key, nonce, bytes(96 + 67), link_id)
    wrong: dict[str, tuple[Fault, dict[str, Any]]] = {
        "other-key": (Fault.LINK_PACKAGE, {"key": chance.draw(32)}),
        "other-link": (Fault.LINK_PACKAGE, {"link_id": chance.draw(16)}),
        "empty": (Fault.LINK_PACKAGE, {"sealed": b""}),
        "cut": (Fault.TRUNCATED, {"sealed": cut}),
    }
    for name, (fault, changed) in wrong.items():
        comment = "not what the old device has sealed for this link"
        given = {"key": key, "link_id": link_id, "sealed": sealed, **changed}
        yield invalid(f"package-{name}", comment, fault, "open_package", **given)


def _linked() -> Iterator[Case]:
    ann, eve = Person("ann"), Person("eve")
    ann.add_device("phone")
    head = ann.pin.head
    good: dict[str, Any] = {"fp": ann.fp, "head": head, "links": list(ann.links)}
    good["ed_pk"] = ann.devices["phone"].ed_pk
    yield valid("linked", "the new device stands in the chain", "check_linked", **good)
    ann.rekey()
    longer = {**good, "links": list(ann.links)}
    yield valid("linked-longer", "which may have gone on", "check_linked", **longer)
    ann.revoke("phone")
    wrong: dict[str, dict[str, Any]] = {
        "other-chain": {"links": eve.links},
        "other-identity": {"fp": eve.fp},
        "truncated": {"links": ann.links[:1]},
        "forked": {"head": eve.pin.head},
        "other-device": {"ed_pk": eve.devices["first"].ed_pk},
        "revoked": {"links": ann.links},
    }
    for name, changed in wrong.items():
        comment = "the server shows the new device another chain"
        given = {**good, **changed}
        yield invalid(f"linked-{name}", comment, Fault.LINK_CHAIN, "check_linked", **given)


def _digits() -> Iterator[Case]:
    chance = Chance("digits")
    own = {"a": chance.draw(32), "b": chance.draw(32)}
    a, b = (Party(chance.draw(32), box_public(own[each]), chance.draw(32)) for each in "ab")
    link_id = chance.draw(16)
    yield valid("commitment", "A's", "commitment", a=a)
    good = {"committed": verification.commitment(a), "a": a}
    yield valid("check-commitment", "it is what A committed to", "check_commitment", **good)
    for name, given_a in (("key", Party(a.id, b.e_pk, a.nonce)), ("nonce", Party(a.id, a.e_pk, b.nonce))):
        comment = "somebody between picks a key after it has seen the other's"
        given = {**good, "a": given_a}
        yield invalid(f"commitment-{name}", comment, Fault.SAS_COMMIT, "check_commitment", **given)
    moved = {"id": a.id, "e_pk": a.e_pk + a.nonce[:1], "nonce": a.nonce[1:]}
    comment = "the same bytes, cut elsewhere"
    given = {"committed": good["committed"], "a": moved}
    yield invalid("commitment-cut", comment, Fault.VALUE, "check_commitment", **given)
    about = {"link_id": link_id, "a": a, "b": b}
    for purpose in Purpose:
        for side in "ab":
            yield valid(
                f"digits-{purpose.name.lower()}-{side}",
                "both sides show the same",
                "digits",
                own_secret=own[side],
                own=side,
                purpose=purpose,
                **about,
            )
    between = Party(a.id, box_public(chance.draw(32)), a.nonce)
    seen = {**about, "a": between, "purpose": Purpose.VERIFY}
    yield valid("digits-between", "B's differ", "digits", own_secret=own["b"], own="b", **seen)
    low = {**about, "a": Party(a.id, ZERO, a.nonce), "own_secret": own["b"], "own": "b", "purpose": 1}
    yield invalid("digits-low-order", "a secret known to all", Fault.LOW_ORDER, "digits", **low)
    back = {**about, "b": Party(b.id, a.e_pk, b.nonce), "own_secret": own["a"], "own": "a", "purpose": 1}
    yield invalid("digits-reflected", "one's own key comes back", Fault.SAS_REFLECTED, "digits", **back)
    one, other = chance.draw(32), chance.draw(32)
    yield valid("safety", "sixty digits", "safety_number", one_fp=one, other_fp=other)
    yield valid("safety-turned", "the same for the other", "safety_number", one_fp=other, other_fp=one)


def _invites() -> Iterator[Case]:
    chance = Chance("invite")
    made, joiner = Invite(chance.draw(32), chance.draw(32), chance.draw(32)), chance.draw(32)
    given = {"room_ref": made.room_ref, "inviter_fp": made.inviter_fp, "secret": made.secret}
    yield valid("invite", "its fragment and a proof", "invite", joiner_fp=joiner, **given)
    good = {"fragment": made.fragment(), "joiner_fp": joiner, "given": invites.proof(made, joiner)}
    yield valid("proof", "of who was given the link", "check_proof", **good)
    other_room = Invite(chance.draw(32), made.inviter_fp, made.secret)
    wrong: dict[str, tuple[Fault, dict[str, Any]]] = {
        "other-joiner": (Fault.INVITE_PROOF, {"joiner_fp": chance.draw(32)}),
        "other-room": (Fault.INVITE_PROOF, {"given": invites.proof(other_room, joiner)}),
        "cut": (Fault.INVITE_PROOF, {"given": good["given"][:31]}),
        "fragment-cut": (Fault.ENCODING, {"fragment": made.fragment()[:-2]}),
        "fragment-short": (Fault.ENCODING, {"fragment": made.fragment().rpartition(".")[0]}),
        "fragment-long": (Fault.ENCODING, {"fragment": made.fragment() + ".AA"}),
    }
    for name, (fault, changed) in wrong.items():
        comment = "a proof of another invitation, or none"
        yield invalid(f"proof-{name}", comment, fault, "check_proof", **{**good, **changed})
