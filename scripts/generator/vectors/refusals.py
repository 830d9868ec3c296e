"""Membership logs that end in a commit which must be refused, and why somebody would try."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from scripts.generator.vectors.cases import Case, invalid
from scripts.generator.vectors.cast import BEGIN_MS, Person, Stage
from scripts.generator.vectors.rooms import BLANK, EPHEMERAL, NAMES, SHARED, forge, log_of, refused, stage
from ymera_client.crypto import commits, epochs
from ymera_client.crypto.commits import (
    Add,
    Adders,
    DevUp,
    Leave,
    Op,
    Policy,
    Remove,
    Role,
    Rotate,
    Section,
    Seen,
    SetRole,
)
from ymera_client.crypto.epochs import Recipient
from ymera_client.crypto.errors import Fault
from ymera_client.crypto.links import Pin
from ymera_client.crypto.primitives import ZERO


def cases() -> Iterator[Case]:
    """All cases of this file."""
    yield from _genesis()
    yield from _places()
    yield from _authors()
    yield from _roles()
    yield from _targets()
    yield from _rotations()
    yield from _sections()
    yield from _pins()
    yield from _bytes()


def _genesis() -> Iterator[Case]:
    cast, made = stage(at=1)
    ann, bob = cast.ann, cast.bob
    owner = Add(ann.fp, Role.OWNER, ann.pin)
    fields: dict[str, Any] = {"room": ZERO, "cseq": 0, "prev": ZERO, "epoch": 0, "seen": Seen(0, ZERO)}
    fields |= {"ms": BEGIN_MS, "author_fp": ann.fp, "author_dev": ann.id_of()}

    def begun(*ops: Op, section: Section | None = None, **changed: Any) -> bytes:
        secret = changed.pop("secret", ann.devices["first"].secret)
        return commits.write_commit(secret, ops, section, **{**fields, **changed})

    wrong = [
        ("room", "it names a room, which it is itself to be", begun(SHARED, owner, room=made.room.ref)),
        ("cseq", "it is not the first", begun(SHARED, owner, cseq=1)),
        ("prev", "it follows something", begun(SHARED, owner, prev=made.room.head)),
        ("epoch", "it names an epoch", begun(SHARED, owner, epoch=1)),
        ("seen", "it has seen something", begun(SHARED, owner, seen=Seen(0, made.room.ref))),
        ("section", "it makes an epoch", begun(SHARED, owner, section=BLANK)),
        ("order", "its ops are the other way round", begun(owner, SHARED)),
        ("more", "it does more", begun(SHARED, owner, Rotate())),
        ("less", "it has no policy", begun(owner)),
        ("role", "nobody owns it", begun(SHARED, replace(owner, role=Role.ADMIN))),
        ("other", "another than its author owns it", begun(SHARED, Add(bob.fp, Role.OWNER, bob.pin))),
    ]
    for name, comment, raw in wrong:
        yield invalid(f"genesis-{name}", comment, Fault.GENESIS, "room", chains=NAMES, log=[raw])
    stranger = begun(SHARED, owner, author_dev=bob.id_of())
    yield invalid(
        "genesis-device", "not his device", Fault.COMMIT_DEVICE, "room", chains=NAMES, log=[stranger]
    )
    forged = begun(SHARED, owner, secret=bob.devices["first"].secret)
    yield invalid(
        "genesis-forged", "the server founds", Fault.COMMIT_SIGNATURE, "room", chains=NAMES, log=[forged]
    )
    good = begun(SHARED, owner)
    comment = "the author's chain is withheld"
    yield invalid("genesis-no-chain", comment, Fault.CHAIN_MISSING, "room", chains=["bob"], log=[good])


def _places() -> Iterator[Case]:
    cast, made = stage()
    ann, older = cast.ann, stage(at=2)[1]
    other = Stage(cast.bob, SHARED)
    wrong: list[tuple[str, str, Fault, dict[str, Any]]] = [
        ("other-room", "from another room", Fault.ROOM_OTHER, {"room": other.room.ref}),
        ("gap", "one is left out", Fault.COMMIT_SEQ, {"cseq": 4}),
        ("fork", "a second one at a place that is taken", Fault.COMMIT_SEQ, {"cseq": 2}),
        ("rollback", "it follows an older one", Fault.COMMIT_PREV, {"prev": older.room.head}),
    ]
    for name, comment, fault, changed in wrong:
        yield refused(f"place-{name}", comment, fault, made, forge(made, ann, Rotate(), **changed))
    substituted = [other.items[0].raw, *log_of(made)[1:]]
    comment = "another first commit under the same log"
    yield invalid("place-genesis", comment, Fault.ROOM_OTHER, "room", chains=NAMES, log=substituted)
    yield refused("place-replayed", "the last one again", Fault.COMMIT_SEQ, made, log_of(made)[-1])


def _authors() -> Iterator[Case]:
    cast, made = stage()
    ann, bob, cat, dan, eve = cast.all()
    ghost = Add(eve.fp, Role.MEMBER, eve.history.states[0].pin)
    stripped = forge(made, ann, Rotate())[:-64] + bytes(64)
    wrong = [
        ("ghost", "somebody adds themselves", Fault.COMMIT_AUTHOR, forge(made, eve, ghost, rotate=True)),
        (
            "in-name",
            "the server adds in the owner's name",
            Fault.COMMIT_SIGNATURE,
            forge(made, ann, ghost, secret=eve.devices["first"].secret),
        ),
        ("stripped", "no signature", Fault.COMMIT_SIGNATURE, stripped),
        (
            "other-device",
            "a device of another member",
            Fault.COMMIT_DEVICE,
            forge(made, ann, Rotate(), author_dev=bob.id_of(), secret=bob.devices["first"].secret),
        ),
        (
            "not-pinned",
            "a device that the room does not know of yet",
            Fault.COMMIT_DEVICE,
            forge(made, bob, Rotate(), device="phone", rotate=True),
        ),
        (
            "pinned-by-other-op",
            "pinning somebody else's device does not let one's own new one sign",
            Fault.COMMIT_DEVICE,
            forge(made, bob, DevUp(dan.fp, dan.pin), device="phone", rotate=True),
        ),
    ]
    for name, comment, fault, raw in wrong:
        yield refused(f"author-{name}", comment, fault, made, raw)
    made.commit(dan, DevUp(dan.fp, dan.pin), device="phone")
    raw = forge(made, dan, Rotate(), rotate=True)
    yield refused("author-revoked", "a revoked device commits", Fault.COMMIT_DEVICE, made, raw)
    made.commit(ann, Remove(cat.fp))
    raw = forge(made, cat, Rotate(), rotate=True)
    yield refused("author-removed", "somebody who was removed", Fault.COMMIT_AUTHOR, made, raw)
    made.commit(bob, Leave())
    raw = forge(made, bob, Rotate(), rotate=True)
    yield refused("author-left", "who left makes the next epoch", Fault.COMMIT_AUTHOR, made, raw)


def _roles() -> Iterator[Case]:
    cast, made = stage()
    ann, bob, cat, dan, eve = cast.all()
    start = eve.history.states[0].pin
    newcomer = Add(eve.fp, Role.MEMBER, start)
    wrong: list[tuple[str, str, Fault, Person, Op]] = [
        ("policy", "a member changes the rules", Fault.OP_ROLE, cat, SHARED),
        ("add", "a member adds where admins do", Fault.OP_ROLE, cat, newcomer),
        ("role", "an admin gives roles", Fault.OP_ROLE, bob, SetRole(cat.fp, Role.READER)),
        ("role-self", "a member makes itself an owner", Fault.OP_ROLE, cat, SetRole(cat.fp, Role.OWNER)),
        ("remove", "a member removes", Fault.OP_ROLE, cat, Remove(dan.fp)),
        ("remove-owner", "an admin removes the owner", Fault.OP_RANK, bob, Remove(ann.fp)),
        ("add-admin", "an admin makes another", Fault.OP_RANK, bob, Add(eve.fp, Role.ADMIN, start)),
        ("add-owner", "an admin makes an owner", Fault.OP_RANK, bob, Add(eve.fp, Role.OWNER, start)),
        ("last-demotes", "the last owner steps down", Fault.LAST_OWNER, ann, SetRole(ann.fp, Role.ADMIN)),
        ("last-leaves", "the last owner leaves", Fault.LAST_OWNER, ann, Leave()),
        ("removes-self", "it would know the next epoch", Fault.REMOVES_SELF, ann, Remove(ann.fp)),
        ("admin-removes-self", "likewise", Fault.REMOVES_SELF, bob, Remove(bob.fp)),
    ]
    for name, comment, fault, author, op in wrong:
        rotate = not isinstance(op, SetRole | Leave)
        yield refused(f"role-{name}", comment, fault, made, forge(made, author, op, rotate=rotate))
    order = forge(made, ann, SetRole(bob.fp, Role.OWNER), SetRole(ann.fp, Role.READER), SHARED, rotate=True)
    yield refused("role-given-up", "ops are judged in their order", Fault.OP_ROLE, made, order)
    made.commit(bob, Policy(who_add=Adders.MEMBERS))
    raw = forge(made, dan, newcomer, rotate=True)
    yield refused("role-reader-adds", "a reader adds where members may", Fault.OP_ROLE, made, raw)
    raw = forge(made, cat, Add(eve.fp, Role.ADMIN, start), rotate=True)
    yield refused("role-member-adds-admin", "and one above itself", Fault.OP_RANK, made, raw)
    made.commit(ann, SetRole(cat.fp, Role.ADMIN))
    raw = forge(made, bob, Remove(cat.fp), rotate=True)
    yield refused("role-remove-equal", "an admin removes another", Fault.OP_RANK, made, raw)


def _targets() -> Iterator[Case]:
    cast, made = stage()
    ann, bob, cat, _, eve = cast.all()
    start = eve.history.states[0].pin
    wrong: list[tuple[str, str, Fault, tuple[Op, ...]]] = [
        ("add-member", "a member already", Fault.MEMBER_ALREADY, (Add(bob.fp, Role.OWNER, bob.pin),)),
        ("remove-stranger", "nobody here", Fault.OP_TARGET, (Remove(eve.fp),)),
        ("role-stranger", "nobody here", Fault.OP_TARGET, (SetRole(eve.fp, Role.ADMIN),)),
        ("devup-stranger", "nobody here", Fault.OP_TARGET, (DevUp(eve.fp, eve.pin),)),
        ("add-twice", "twice in one", Fault.MEMBER_ALREADY, (Add(eve.fp, Role.MEMBER, start),) * 2),
        ("empty", "a commit that does nothing", Fault.OPS_EMPTY, ()),
    ]
    for name, comment, fault, ops in wrong:
        yield refused(f"target-{name}", comment, fault, made, forge(made, ann, *ops, rotate=True))
    raw = forge(made, cat, DevUp(bob.fp, bob.pin), Leave())
    yield refused("leave-with-more", "leaving is a commit of its own", Fault.LEAVE_ALONE, made, raw)
    raw = forge(made, cat, Leave(), section={})
    yield refused("leave-with-epoch", "the leaver would know it", Fault.LEAVE_EPOCH, made, raw)


def _rotations() -> Iterator[Case]:
    cast, made = stage()
    ann, _, cat, dan, eve = cast.all()
    needing: list[tuple[str, Op]] = [
        ("policy", SHARED),
        ("add", Add(eve.fp, Role.MEMBER, eve.history.states[0].pin)),
        ("remove", Remove(cat.fp)),
        ("rotate", Rotate()),
        ("revoked", DevUp(dan.fp, dan.pin)),
    ]
    for name, op in needing:
        raw = forge(made, ann, op, rotate=False)
        comment = "the old epoch would go on, though who may read has changed"
        yield refused(f"rotation-missing-{name}", comment, Fault.ROTATION, made, raw)
    cast, made = stage(EPHEMERAL)
    raw = forge(made, cast.ann, DevUp(cast.bob.fp, cast.bob.pin), rotate=False)
    comment = "nobody could give the new device a key"
    yield refused("rotation-missing-ephemeral", comment, Fault.ROTATION, made, raw)
    cast, made = stage(at=1)
    raw = forge(made, cast.ann, SetRole(cast.ann.fp, Role.OWNER), rotate=False)
    yield refused("rotation-missing-first", "a room without an epoch", Fault.ROTATION, made, raw)
    cast, made = stage()
    for name, epoch in (("old", 2), ("future", 4)):
        raw = forge(made, cast.ann, Rotate(), epoch=epoch)
        yield refused(f"epoch-{name}", "not the next epoch", Fault.EPOCH_NUMBER, made, raw)
    raw = forge(made, cast.ann, SetRole(cast.cat.fp, Role.ADMIN), epoch=3)
    yield refused("epoch-unmade", "an epoch that nobody made", Fault.EPOCH_NUMBER, made, raw)


def _sections() -> Iterator[Case]:
    cast, made = stage()
    ann, _, cat, dan, eve = cast.all()
    everybody = made.room.epochs[-1].recipients
    newcomer = Add(eve.fp, Role.MEMBER, eve.history.states[0].pin)
    full = bytes(commits.WRAP)
    extra = tuple(sorted((*everybody, Recipient(eve.fp, eve.id_of()))))
    lists = {
        "omitted": everybody[1:],
        "extra": extra,
        "doubled": (*everybody, everybody[-1]),
        "order": everybody[::-1],
    }
    for name, wrong in lists.items():
        raw = forge(made, ann, Rotate(), section={"recips_hash": epochs.recips_hash(wrong)})
        yield refused(f"recipients-{name}", "not just the active devices", Fault.RECIPIENTS, made, raw)
    raw = forge(made, ann, Remove(cat.fp), section={"recips_hash": epochs.recips_hash(everybody)})
    yield refused("recipients-removed", "who was removed still gets it", Fault.RECIPIENTS, made, raw)
    raw = forge(made, ann, DevUp(dan.fp, dan.pin), section={"recips_hash": epochs.recips_hash(everybody)})
    yield refused("recipients-revoked", "a revoked device still gets it", Fault.RECIPIENTS, made, raw)
    raw = forge(made, ann, Rotate(), section={"shared": False})
    yield refused("share-denied", "nobody was added, so it is shared", Fault.SHARE, made, raw)
    raw = forge(made, ann, Rotate(), section={"prev_wrap": b""})
    yield refused("wrap-missing", "newcomers could not read what they may", Fault.WRAP_RULE, made, raw)
    raw = forge(made, ann, SHARED, section={"prev_wrap": full})
    yield refused("wrap-at-policy", "no walk leads past a change of the rules", Fault.WRAP_RULE, made, raw)
    _, first = stage(at=1)
    raw = forge(first, ann, Rotate(), section={"prev_wrap": full})
    yield refused("wrap-at-first", "there is no epoch before the first", Fault.WRAP_RULE, first, raw)
    for name, policy, fault, section in (
        ("share-from-join", Policy(), Fault.SHARE, {"shared": True, "prev_wrap": full}),
        ("wrap-from-join", Policy(), Fault.WRAP_RULE, {"prev_wrap": full}),
        ("wrap-ephemeral", EPHEMERAL, Fault.WRAP_RULE, {"prev_wrap": full}),
    ):
        _, made = stage(policy)
        op: Op = Rotate() if policy is EPHEMERAL else newcomer
        comment = "the secret of before is handed on where it must not be"
        yield refused(name, comment, fault, made, forge(made, ann, op, section=section))


def _pins() -> Iterator[Case]:
    cast, made = stage()
    ann, _, _, dan, eve = cast.all()
    start = dan.history.states[0].pin
    wrong: list[tuple[str, str, Fault, tuple[Op, ...]]] = [
        ("same", "pinned this far already", Fault.PIN_ROLLBACK, (DevUp(dan.fp, start),)),
        ("beyond", "a link that nobody has", Fault.CHAIN_TRUNCATED, (DevUp(dan.fp, Pin(9, ZERO)),)),
        ("forked", "another link than the chain has", Fault.CHAIN_FORKED, (DevUp(dan.fp, Pin(1, ZERO)),)),
        ("added-beyond", "likewise", Fault.CHAIN_TRUNCATED, (Add(eve.fp, Role.MEMBER, Pin(9, ZERO)),)),
        ("added-forked", "likewise", Fault.CHAIN_FORKED, (Add(eve.fp, Role.MEMBER, Pin(0, ZERO)),)),
    ]
    for name, comment, fault, ops in wrong:
        yield refused(f"pin-{name}", comment, fault, made, forge(made, ann, *ops, rotate=True))
    made.commit(ann, DevUp(dan.fp, dan.pin))
    raw = forge(made, ann, DevUp(dan.fp, dan.history.states[1].pin), rotate=True)
    yield refused("pin-back", "a revoked device would be active again", Fault.PIN_ROLLBACK, made, raw)
    made.commit(ann, Remove(dan.fp))
    raw = forge(made, ann, Add(dan.fp, Role.MEMBER, start), rotate=True)
    comment = "removed and added again to bring back a revoked device"
    yield refused("pin-back-by-return", comment, Fault.PIN_ROLLBACK, made, raw)
    comment = "the chain of somebody who is added is withheld"
    log = log_of(stage()[1])
    yield invalid("pin-no-chain", comment, Fault.CHAIN_MISSING, "room", chains=["ann", "bob"], log=log)


def _bytes() -> Iterator[Case]:
    cast, made = stage(at=2)
    good = forge(made, cast.ann, Rotate())
    ops_at = 2 + 32 + 4 + 32 + 4 + 8 + 32 + 8 + 32 + 16

    def with_ops(count: int, ops: bytes, section: bytes = b"\0") -> bytes:
        return good[:ops_at] + count.to_bytes(2, "big") + ops + section + bytes(64)

    policy = SHARED.encode()
    ephemeral = EPHEMERAL.encode()
    section = commits.parse_commit(good).section
    assert section is not None
    encoded_section = section.encode()
    wrong = {
        "empty": (Fault.TRUNCATED, b""),
        "cut": (Fault.TRUNCATED, good[:-1]),
        "longer": (Fault.TRAILING, good + b"\0"),
        "version": (Fault.VERSION, b"\x02" + good[1:]),
        "suite": (Fault.VERSION, b"\x01\x02" + good[2:]),
        "op-0": (Fault.VALUE, with_ops(1, b"\0\0\0")),
        "op-8": (Fault.VALUE, with_ops(1, b"\x08\0\0")),
        "op-longer": (Fault.TRAILING, with_ops(1, b"\x07\0\x01\0")),
        "op-cut": (Fault.TRUNCATED, with_ops(1, b"\x03\0\x1f" + bytes(31))),
        "role": (Fault.VALUE, with_ops(1, b"\x04\0\x21" + bytes(32) + b"\x04")),
        "policy-history": (Fault.VALUE, with_ops(1, b"\x01\0\x0b\x02" + policy[1:])),
        "policy-no-count": (Fault.VALUE, with_ops(1, b"\x01\0\x0b" + policy[:3] + bytes(4) + policy[7:])),
        "policy-no-age": (Fault.VALUE, with_ops(1, b"\x01\0\x0b" + policy[:7] + bytes(4))),
        "policy-ephemeral-week": (
            Fault.VALUE,
            with_ops(1, b"\x01\0\x0b" + ephemeral[:7] + (86401).to_bytes(4, "big")),
        ),
        "has-epoch": (Fault.VALUE, with_ops(0, b"", b"\x02")),
        "share": (Fault.VALUE, with_ops(0, b"", b"\x01\x02" + encoded_section[1:])),
        "wrap-71": (
            Fault.VALUE,
            with_ops(0, b"", b"\x01" + replace(section, prev_wrap=bytes(71)).encode()),
        ),
    }
    for name, (fault, raw) in wrong.items():
        yield refused(f"bytes-{name}", "not the form of a commit", fault, made, raw)
