"""Membership logs: what every op does, and every commit that must be refused.

The commits of a case stand at seqs 1, 2, 3 and on, with nothing between them; what their authors had seen is
checked in the timelines.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from scripts.generator.vectors.cases import (
    HEX,
    Case,
    call,
    hexes,
    invalid,
    secret_of,
    seen_of,
    step,
    valid,
)
from scripts.generator.vectors.cast import BEGIN_MS, Person, Stage
from ymera_client.crypto import authoring, commits, epochs, membership, wire
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
    Section,
    SetRole,
)
from ymera_client.crypto.epochs import Recipient
from ymera_client.crypto.errors import Cx1Error, Fault
from ymera_client.crypto.operations import Directory
from ymera_client.crypto.primitives import ZERO
from ymera_client.crypto.wire import Reader

BLANK = Section(shared=True, key_commit=ZERO, prev_wrap=b"", recips_hash=ZERO, boxes_hash=ZERO)
"""Of a commit that is refused before its epoch is looked at."""
SHARED = Policy(history=Access.SHARED)
EPHEMERAL = Policy(retention=Retention.EPHEMERAL, rotate_secs=86400)


@call
def write_commit(
    seed: str, ops: list[str], section: str, place: Mapping[str, Any], author: Mapping[str, str]
) -> bytes:
    """`ops` are each a number and a payload behind its length; `section` is empty where there is none."""
    return commits.write_commit(
        secret_of(seed),
        [commits.read_op(Reader(each)) for each in hexes(ops)],
        Section.read(Reader(HEX(section))) if section else None,
        room=HEX(place["room"]),
        cseq=place["cseq"],
        prev=HEX(place["prev"]),
        epoch=place["epoch"],
        seen=seen_of(place["seen"]),
        ms=place["ms"],
        author_fp=HEX(author["fp"]),
        author_dev=HEX(author["device_id"]),
    )


@call
def room(directory: Directory, log: list[str]) -> dict[str, Any]:
    """The state after the last commit."""
    state = replay(directory, log)
    return {
        "ref": state.ref,
        "cseq": state.cseq,
        "head": state.head,
        "epoch": state.epoch,
        "policy": state.policy.encode(),
        "members": state.members,
        "active": state.active,
        "leave_pending": state.leave_pending,
        "ungranted": authoring.ungranted(state),
        "epochs": state.epochs,
    }


def replay(directory: Directory, log: list[str]) -> membership.Room:
    """A room from its commits."""
    with step(0):
        state = membership.found(HEX(log[0]), directory)
    for index, raw in enumerate(log[1:], 1):
        with step(index):
            state = membership.apply(state, HEX(raw), directory, index + 1)
    return state


@call
def boxes(directory: Directory, log: list[str], boxes: list[str]) -> None:
    """The boxes that came with the last commit, as the server checks them."""
    epochs.check_boxes(replay(directory, log).epochs[-1], hexes(boxes))


@call
def grant(directory: Directory, log: list[str], number: int, to: Mapping[str, str], box: str) -> None:
    """A grant as the server checks it."""
    epochs.check_box_sizes([HEX(box)])
    state = replay(directory, log)
    membership.check_grant(state, number, Recipient(HEX(to["fp"]), HEX(to["device_id"])))


@call
def due(directory: Directory, log: list[str], envelopes: int, age_secs: int) -> list[bytes]:
    """What must be committed before a message, by the newest chains; ops as in `write_commit`."""
    ops = authoring.due(replay(directory, log), directory, envelopes=envelopes, age_secs=age_secs)
    return [encoded(op) for op in ops]


def encoded(op: Op) -> bytes:
    """An op with its number, and its payload behind a length."""
    return wire.u8(op.OP) + wire.v16(op.encode())


@dataclass(frozen=True)
class Cast:
    """The people of this file, at the end of their chains."""

    ann: Person
    bob: Person
    cat: Person
    dan: Person
    eve: Person

    @classmethod
    def gather(cls) -> "Cast":
        """As they begin, with one device each."""
        return cls(*map(Person, ("ann", "bob", "cat", "dan", "eve")))

    def complete(self) -> "Cast":
        """As they end: bob with a phone, dan's first device revoked for his second, eve's revoked."""
        self.bob.add_device("phone")
        self.dan.add_device("phone")
        self.dan.revoke("first", by="phone")
        self.eve.revoke("first")
        return self

    def all(self) -> list[Person]:
        return [self.ann, self.bob, self.cat, self.dan, self.eve]


def chains() -> dict[str, list[bytes]]:
    """The chains that the cases name, to their ends."""
    return {each.name: each.links for each in Cast.gather().complete().all()}


def stage(policy: Policy = SHARED, at: int = 3) -> tuple[Cast, Stage]:
    """A room of ann the owner, bob an admin, cat a member and dan a reader, after its first `at` commits.

    All chains are complete; the room has the beginnings of them pinned.
    """
    cast = Cast.gather()
    pins = {each.fp: each.pin for each in cast.all()}
    cast.complete()
    made = Stage(cast.ann, policy)
    made.people |= {each.fp: each for each in cast.all()}
    steps: list[tuple[Op, ...]] = [
        (Rotate(),),
        (
            Add(cast.bob.fp, Role.ADMIN, pins[cast.bob.fp]),
            Add(cast.cat.fp, Role.MEMBER, pins[cast.cat.fp]),
            Add(cast.dan.fp, Role.READER, pins[cast.dan.fp]),
        ),
    ]
    for ops in steps[: at - 1]:
        made.commit(cast.ann, *ops)
    return cast, made


def log_of(made: Stage, *more: bytes) -> list[bytes]:
    """The commits of a stage, and further ones."""
    return [item.raw for item in made.items if item.what == "commit"] + list(more)


def forge(
    made: Stage,
    author: Person,
    *ops: Op,
    device: str = "first",
    rotate: bool | None = None,
    section: Mapping[str, Any] | None = None,
    **changed: Any,
) -> bytes:
    """The next commit as somebody would make it who does not keep to the rules.

    It is right as far as that is possible; `section` and further fields change it before it is signed.
    """
    try:
        own = commits.parse_commit(made.write(author, *ops, device=device, rotate=rotate).raw).section
    except Cx1Error:
        own = BLANK if rotate else None
    if section is not None:
        own = replace(own or BLANK, **section)
    secret = changed.pop("secret", author.devices[device].secret)
    fields = {
        "room": made.room.ref,
        "cseq": made.room.cseq + 1,
        "prev": made.room.head,
        "epoch": made.room.epoch + (own is not None),
        "seen": made.timeline.seen,
        "ms": BEGIN_MS,
        "author_fp": author.fp,
        "author_dev": author.id_of(device),
    }
    return commits.write_commit(secret, ops, own, **{**fields, **changed})


NAMES = ["ann", "bob", "cat", "dan", "eve"]


def refused(name: str, comment: str, fault: Fault, made: Stage, raw: bytes) -> Case:
    """A case whose last commit is refused."""
    return invalid(name, comment, fault, "room", chains=NAMES, log=log_of(made, raw))


def accepted(name: str, comment: str, made: Stage) -> Case:
    """A case of a room to which all commits of the stage lead."""
    return valid(name, comment, "room", chains=NAMES, log=log_of(made))


def cases() -> Iterator[Case]:
    """All cases of this file."""
    yield from _written()
    yield from _good()
    yield from _good_devices()
    yield from _boxes()
    yield from _grants()
    yield from _due()


def _written() -> Iterator[Case]:
    cast, made = stage()
    made.commit(cast.ann, SetRole(cast.cat.fp, Role.ADMIN))
    made.commit(cast.bob, Remove(cast.dan.fp))
    made.commit(cast.cat, DevUp(cast.bob.fp, cast.bob.pin))
    made.commit(cast.cat, Leave())
    for index, raw in enumerate(log_of(made)):
        commit = commits.parse_commit(raw)
        author = made.people[commit.author_fp]
        yield valid(
            f"write-{index}",
            f"the bytes of a commit with {', '.join(type(op).__name__ for op in commit.ops)}",
            "write_commit",
            seed=author.devices["first"].seed,
            ops=[encoded(op) for op in commit.ops],
            section=commit.section.encode() if commit.section else b"",
            place={
                "room": commit.room_ref,
                "cseq": commit.cseq,
                "prev": commit.prev,
                "epoch": commit.epoch,
                "seen": commit.seen,
                "ms": commit.ms,
            },
            author={"fp": commit.author_fp, "device_id": commit.author_dev},
        )


def _good() -> Iterator[Case]:
    for at, comment in ((1, "a room begins"), (2, "with its first epoch"), (3, "and people")):
        yield accepted(f"room-{at}", comment, stage(at=at)[1])
    yield accepted("room-from-join", "newcomers cannot walk back", stage(Policy())[1])
    yield accepted("room-ephemeral", "no secret opens the one before", stage(EPHEMERAL)[1])
    cast, made = stage()
    made.commit(cast.ann, SetRole(cast.cat.fp, Role.ADMIN))
    yield accepted("role", "no new epoch is needed", made)
    made.commit(cast.bob, Remove(cast.dan.fp))
    yield accepted("remove", "an admin removes one of a lower role", made)
    made.commit(cast.cat, Leave())
    yield accepted("leave", "the leaver's epoch is over, but nobody has made the next", made)
    made.commit(cast.bob, Leave())
    yield accepted("leave-again", "a second may leave before that", made)
    made.commit(cast.ann, Rotate())
    yield accepted("rotate", "who has left is no recipient", made)
    made.commit(cast.ann, Add(cast.dan.fp, Role.OWNER, cast.dan.pin))
    yield accepted("return", "somebody who was removed comes back, as an owner", made)
    made.commit(cast.dan, Remove(cast.ann.fp), device="phone")
    yield accepted("owner-removed", "an owner removes another", made)
    cast, made = stage()
    made.commit(cast.ann, SetRole(cast.bob.fp, Role.OWNER), SetRole(cast.ann.fp, Role.READER))
    yield accepted("owner-hands-over", "in one commit, in this order", made)
    cast, made = stage()
    made.commit(cast.bob, Policy(who_add=Adders.MEMBERS, rotate_msgs=5))
    made.commit(cast.cat, Add(cast.eve.fp, Role.MEMBER, cast.eve.history.states[0].pin))
    yield accepted("members-add", "where the policy says so", made)


def _good_devices() -> Iterator[Case]:
    cast, made = stage()
    made.commit(cast.dan, DevUp(cast.bob.fp, cast.bob.pin))
    yield accepted("devup-added", "no new epoch is needed; the device waits for a grant", made)
    made.commit(cast.dan, DevUp(cast.dan.fp, cast.dan.pin), device="phone")
    yield accepted("devup-self", "signed with the device that the commit itself pins", made)
    made.commit(cast.dan, Rotate(), device="phone")
    yield accepted("rotate-by-reader", "anybody in the room may", made)
    cast, made = stage(EPHEMERAL)
    made.commit(cast.ann, DevUp(cast.bob.fp, cast.bob.pin))
    yield accepted("devup-ephemeral", "with an epoch, since nobody can grant a deleted secret", made)


def _boxes() -> Iterator[Case]:
    cast, made = stage()
    written = made.commit(cast.ann, Rotate())
    log, good = log_of(made), list(written.boxes)
    yield valid("boxes", "one for each recipient", "boxes", chains=NAMES, log=log, boxes=good)
    wrong = {
        "fewer": (Fault.BOX_COUNT, good[1:]),
        "more": (Fault.BOX_COUNT, [*good, good[0]]),
        "short": (Fault.BOX_SIZE, [*good[:-1], good[-1][:-1]]),
        "swapped": (Fault.BOXES, [good[1], good[0], *good[2:]]),
        "exchanged": (Fault.BOXES, [bytes(epochs.BOX), *good[1:]]),
    }
    for name, (fault, given) in wrong.items():
        comment = "not the boxes that the author signed"
        yield invalid(f"boxes-{name}", comment, fault, "boxes", chains=NAMES, log=log, boxes=given)


def _grants() -> Iterator[Case]:
    yield from _grants_in("shared", SHARED, 1)
    yield from _grants_in("from-join", Policy(), 2)
    cast, made = stage()
    given = {"chains": NAMES, "log": log_of(made), "box": bytes(epochs.BOX), "number": 2}
    wrong = {
        "unpinned": {"fp": cast.bob.fp, "device_id": cast.bob.id_of("phone")},
        "misnamed": {"fp": cast.ann.fp, "device_id": cast.bob.id_of()},
        "stranger": {"fp": cast.eve.fp, "device_id": cast.eve.id_of()},
    }
    for name, to in wrong.items():
        comment = "to no active device of the member that is named"
        yield invalid(f"grant-{name}", comment, Fault.GRANT_DEVICE, "grant", to=to, **given)


def _grants_in(name: str, policy: Policy, first: int) -> Iterator[Case]:
    """Grants of a room whose newest member may read from epoch `first` on."""
    cast, made = stage(policy)
    made.commit(cast.ann, DevUp(cast.bob.fp, cast.bob.pin))
    phone = {"fp": cast.bob.fp, "device_id": cast.bob.id_of("phone")}
    given = {"chains": NAMES, "log": log_of(made), "to": phone, "box": bytes(epochs.BOX)}
    yield valid(f"grant-{name}", "to a device that was pinned since", "grant", number=first, **given)
    for number in (first - 1, 3):
        comment = "an epoch that there is not, or from before what they may read"
        yield invalid(f"grant-{name}-{number}", comment, Fault.GRANT_EPOCH, "grant", number=number, **given)
    short = {**given, "box": bytes(epochs.BOX - 1)}
    yield invalid(f"grant-{name}-short", "no box", Fault.BOX_SIZE, "grant", number=first, **short)


def _due() -> Iterator[Case]:
    cast, made = stage()
    ann, bob, _, dan, _ = cast.all()
    given = {"chains": NAMES, "envelopes": 0, "age_secs": 0}
    comment = "the server has said nothing of bob's new device and dan's revoked one"
    yield valid("due-devices", comment, "due", log=log_of(made), **given)
    made.commit(ann, DevUp(bob.fp, bob.pin), DevUp(dan.fp, dan.pin))
    yield valid("due-nothing", "all is as the chains say", "due", log=log_of(made), **given)
    for name, changed in (("count", {"envelopes": 10_000}), ("age", {"age_secs": 604_800})):
        yield valid(
            f"due-{name}", "an epoch has had its time", "due", log=log_of(made), **{**given, **changed}
        )
    made.commit(cast.cat, Leave())
    yield valid("due-leave", "somebody has left", "due", log=log_of(made), **given)
