"""A hostile server and hostile members against both SDKs: each attack, and the error by which it is noticed.

The rooms are made by a cast of members whose keys the tests have; the clients under attack are members with
devices of their own. What is beside the items of a room, files, pairing, recovery and stores, is attacked in
the tests of those.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from persistence.ids import new_id
from protocol.members import Member
from protocol.wire import to_base64
from scripts.generator.vectors import rooms
from scripts.generator.vectors.cast import BEGIN_MS, Person, Stage
from scripts.generator.vectors.timelines import forge as forged
from tests.nodes import NodeStarter, RunningNode, until
from tests.sdk.sealed.hostile import Crew, Guest, Operator, message
from tests.sdk.sealed.people import Person as Owner
from tests.sdk.sealed.victims import PythonVictim, Refusal, ScriptVictim, Victim
from tests.servers import database
from ymera_client.crypto import identity, links
from ymera_client.crypto.authoring import Written
from ymera_client.crypto.commits import Add, DevUp, Leave, Remove, Role, Rotate, Seen, SetRole
from ymera_client.crypto.envelopes import EnvelopeKind, parse_envelope
from ymera_client.crypto.epochs import Recipient, boxes_hash, recips_hash, seal_box
from ymera_client.crypto.errors import Blame, Fault
from ymera_client.crypto.primitives import pad

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Scene:
    """A hostile server, the cast, and those under attack."""

    operator: Operator
    members: dict[bytes, Member]
    cast: rooms.Cast
    victims: list[Victim]
    guests: list[Guest]

    async def crew(self, policy: Any = rooms.SHARED) -> Crew:
        """A room with everybody in it, in which three have spoken, as those under attack have read."""
        made = Crew(self.operator, self.members, self.cast)
        await made.found(self.guests, policy)
        for author in (self.cast.ann, self.cast.bob, self.cast.cat, self.cast.ann):
            await made.say(author, f"from {author.name}")
        for texts in await self.each(lambda victim: victim.texts(made.room, 4)):
            assert texts == ["from ann", "from bob", "from cat", "from ann"]
        return made

    async def troupe(self, name: str) -> Crew:
        """A room of people who are nowhere else, whose chains may be spoilt."""
        cast = rooms.Cast(*(Person(f"{each} of {name}") for each in rooms.NAMES)).complete()
        members = await _enrolled(self.operator, cast)
        made = Crew(self.operator, members, cast)
        await made.found(self.guests)
        await made.say(cast.bob, "here")
        await self.each(lambda victim: victim.texts(made.room, 1))
        return made

    async def each(self, ask: Callable[[Victim], Awaitable[Any]]) -> list[Any]:
        """What every one of them says."""
        return await asyncio.gather(*(ask(victim) for victim in self.victims))

    async def halts(self, made: Crew, fault: Fault) -> None:
        """Assert that all stand still there, for this reason, and say nothing into the dark."""
        assert await self.each(lambda victim: victim.halted(made.room)) == [fault.label] * len(self.victims)
        for victim in self.victims:
            with pytest.raises(Refusal) as refusal:
                await victim.say(made.room, "into the dark")
            assert refusal.value.fault == fault.label, victim.name


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(
    postgres: str, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Scene]:
    async with AsyncExitStack() as stack:
        dsn = await stack.enter_async_context(database(postgres, template=migrated))
        start = await stack.enter_async_context(NodeStarter(dsn, tmp_path_factory.mktemp("node")))
        server = await start()
        operator, cast = Operator(server), rooms.Cast.gather().complete()
        members = await _enrolled(operator, cast)
        victims = await _victims(stack, server, tmp_path_factory.mktemp("keys"))
        guests = [await operator.guest(each.name, each.id, members[cast.ann.fp]) for each in victims]
        yield Scene(operator, members, cast, victims, guests)


async def _enrolled(operator: Operator, cast: rooms.Cast) -> dict[bytes, Member]:
    """The cast's members, by name, each with the chain of its person."""
    members: dict[bytes, Member] = {}
    for person in cast.all():
        members[person.fp], _ = await operator.server.admit(f"m{len(members)}-{new_id()}")
        chain = [to_base64(link) for link in person.links]
        await operator.run(members[person.fp], "identity.publish", links=chain)
    return members


async def _victims(stack: AsyncExitStack, server: RunningNode, folder: Path) -> list[Victim]:
    _, token = await server.admit("Python")
    owner = Owner(server.url, token, folder)
    stack.push_async_callback(owner.close)
    await owner.begin()
    _, token = await server.admit("TypeScript")
    script = await ScriptVictim.start(server.url, token)
    stack.push_async_callback(script.close)
    return [PythonVictim(owner), script]


Attack = Callable[[Crew], bytes]


def commit(author: str, *ops: Any, **changed: Any) -> Attack:
    """A commit as somebody makes it who does not keep to the rules; ops may depend on the cast."""

    def make(made: Crew) -> bytes:
        given = {name: value(made) if callable(value) else value for name, value in changed.items()}
        found = [op(made.cast) if callable(op) and not isinstance(op, type) else op for op in ops]
        return rooms.forge(made.stage, getattr(made.cast, author), *found, **given)

    return make


def envelope(author: str, **changed: Any) -> Attack:
    """An envelope as somebody makes it who does not keep to the rules."""

    def make(made: Crew) -> bytes:
        given = {name: value(made) if callable(value) else value for name, value in changed.items()}
        return forged(made.stage, getattr(made.cast, author), **given)

    return make


def without_guests(made: Crew) -> dict[str, Any]:
    """Recipients of an epoch without those under attack."""
    cast, active = made.cast, made.stage.room.active
    known = {each.fp for each in cast.all()}
    kept = sorted(Recipient(speaker.fp, key) for key, speaker in active.items() if speaker.fp in known)
    return {"recips_hash": recips_hash(kept)}


def with_eve(made: Crew) -> dict[str, Any]:
    """Recipients of an epoch with one more, who is not in the room."""
    active = made.stage.room.active
    all_of = [Recipient(speaker.fp, key) for key, speaker in active.items()]
    return {"recips_hash": recips_hash(sorted([*all_of, Recipient(made.cast.eve.fp, made.cast.eve.id_of())]))}


def elsewhere(made: Crew) -> bytes:
    """A commit of another room of the same people."""
    other = Stage(made.cast.ann, rooms.EPHEMERAL)
    other.rotate(made.cast.ann)
    return other.write(made.cast.ann, Rotate()).raw


MEMBERSHIP: dict[str, tuple[Fault, Attack]] = {
    "a stranger adds itself": (
        Fault.COMMIT_AUTHOR,
        commit("eve", lambda c: Add(c.eve.fp, Role.MEMBER, c.eve.pin)),
    ),
    "the server signs for a member": (
        Fault.COMMIT_SIGNATURE,
        commit(
            "ann",
            lambda c: Add(c.eve.fp, Role.MEMBER, c.eve.pin),
            secret=lambda made: made.cast.eve.devices["first"].secret,
        ),
    ),
    "a member adds against the policy": (
        Fault.OP_ROLE,
        commit("cat", lambda c: Add(c.eve.fp, Role.MEMBER, c.eve.history.states[0].pin), rotate=True),
    ),
    "a recipient is left out": (Fault.RECIPIENTS, commit("ann", Rotate(), section=without_guests)),
    "a stranger is a recipient": (Fault.RECIPIENTS, commit("ann", Rotate(), section=with_eve)),
    "a removal without a new epoch": (
        Fault.ROTATION,
        commit("ann", lambda c: Remove(c.cat.fp), rotate=False),
    ),
    "a revocation without a new epoch": (
        Fault.ROTATION,
        commit("ann", lambda c: DevUp(c.dan.fp, c.dan.pin), rotate=False),
    ),
    "who leaves makes the next epoch": (Fault.LEAVE_EPOCH, commit("cat", Leave(), rotate=True)),
    "somebody of a higher role is removed": (
        Fault.OP_RANK,
        commit("bob", lambda c: Remove(c.ann.fp), rotate=True),
    ),
    "a commit of another room": (Fault.ROOM_OTHER, elsewhere),
    "the room goes back": (Fault.COMMIT_SEQ, lambda made: made.stage.items[2].raw),
    "the room is forked": (Fault.COMMIT_PREV, commit("ann", Rotate(), prev=bytes(32))),
    "a second genesis": (Fault.ROOM_OTHER, lambda made: made.stage.items[0].raw),
    "an epoch is skipped": (Fault.EPOCH_NUMBER, commit("ann", Rotate(), epoch=4)),
    "a commit that has seen another room": (
        Fault.COMMIT_SEEN,
        commit("ann", Rotate(), seen=lambda made: Seen(made.stage.timeline.seq, bytes(32))),
    ),
}
TIMELINE: dict[str, tuple[Fault, Attack]] = {
    "by nobody of the room": (Fault.DEVICE_INACTIVE, envelope("eve")),
    "by a device that is not pinned": (Fault.DEVICE_INACTIVE, envelope("bob", device="phone")),
    "by a reader": (Fault.READER, envelope("dan")),
    "by the server in a member's name": (
        Fault.ENVELOPE_SIGNATURE,
        envelope("ann", secret=lambda made: made.cast.eve.devices["first"].secret),
    ),
    "by a member in another's name": (
        Fault.ENVELOPE_SIGNATURE,
        envelope("bob", secret=lambda made: made.cast.cat.devices["first"].secret),
    ),
    "without a signature": (
        Fault.ENVELOPE_SIGNATURE,
        lambda made: forged(made.stage, made.cast.ann)[:-64] + bytes(64),
    ),
    "of another room": (Fault.ROOM_OTHER, envelope("ann", room_ref=bytes(32))),
    "again": (Fault.REPLAY, lambda made: made.stage.items[-1].raw),
    "again, from earlier": (Fault.REPLAY, lambda made: made.stage.items[3].raw),
    "with one left out": (Fault.GAP, envelope("ann", ctr=3)),
    "with the last ctr there is": (Fault.GAP, envelope("ann", ctr=2**64 - 1)),
    "after another of its sender": (Fault.SENDER_PREV, envelope("ann", prev=bytes(32))),
    "with a client_id that was used": (
        Fault.CLIENT_ID,
        envelope("bob", client_id=lambda made: parse_envelope(made.stage.items[3].raw).header.client_id),
    ),
    "under the epoch of before": (Fault.EPOCH_OLD, envelope("ann", epoch=1)),
    "under an epoch to come": (Fault.EPOCH_FUTURE, envelope("ann", epoch=3)),
    "having seen another transcript": (
        Fault.SEEN_HASH,
        envelope("ann", seen=lambda made: Seen(made.stage.timeline.seq, bytes(32))),
    ),
    "having seen too little": (
        Fault.SEEN_STALE,
        envelope("ann", seen=lambda made: Seen(2, made.stage.memory.hashes[2])),
    ),
    "having seen what is not there": (
        Fault.SEEN_FUTURE,
        envelope("ann", seen=lambda made: Seen(made.stage.timeline.seq + 1, bytes(32))),
    ),
    "that nobody keeps, in the timeline": (
        Fault.KIND,
        envelope("ann", kind=EnvelopeKind.EPHEMERAL, ctr=0, prev=bytes(32)),
    ),
    "of half its length": (Fault.TRUNCATED, lambda made: forged(made.stage, made.cast.ann)[:200]),
}


@pytest.mark.parametrize("attack", MEMBERSHIP)
async def test_a_membership_that_nobody_has_signed_so_halts_the_room(scene: Scene, attack: str) -> None:
    fault, make = MEMBERSHIP[attack]
    made = await scene.crew()
    await made.inject(make(made), "commit")
    await scene.halts(made, fault)


@pytest.mark.parametrize("attack", TIMELINE)
async def test_an_envelope_that_no_honest_server_takes_halts_the_room(scene: Scene, attack: str) -> None:
    fault, make = TIMELINE[attack]
    made = await scene.crew()
    await made.inject(make(made))
    await scene.halts(made, fault)


async def test_an_equal_is_not_removed(scene: Scene) -> None:
    made = await scene.crew()
    await made.commit(made.cast.ann, SetRole(made.cast.cat.fp, Role.ADMIN))
    await made.inject(rooms.forge(made.stage, made.cast.bob, Remove(made.cast.cat.fp), rotate=True), "commit")
    await scene.halts(made, Fault.OP_RANK)


async def test_who_was_removed_says_nothing_more(scene: Scene) -> None:
    for epoch, fault in ((2, Fault.EPOCH_OLD), (3, Fault.DEVICE_INACTIVE)):
        made = await scene.crew()
        await made.commit(made.cast.ann, Remove(made.cast.cat.fp))
        await made.inject(forged(made.stage, made.cast.cat, epoch=epoch))
        await scene.halts(made, fault)


async def test_a_revoked_device_says_nothing_more(scene: Scene) -> None:
    made = await scene.crew()
    await made.commit(made.cast.ann, SetRole(made.cast.dan.fp, Role.MEMBER))
    await made.commit(made.cast.ann, DevUp(made.cast.dan.fp, made.cast.dan.pin))
    await made.inject(forged(made.stage, made.cast.dan, device="first"))
    await scene.halts(made, Fault.DEVICE_INACTIVE)


async def test_nothing_is_said_between_a_farewell_and_the_next_epoch(scene: Scene) -> None:
    made = await scene.crew()
    late = forged(made.stage, made.cast.ann)
    await made.commit(made.cast.cat, Leave())
    await made.inject(late)
    await scene.halts(made, Fault.LEAVE_PENDING)


@pytest.mark.parametrize("at", [4, 36, 56, 64, 96, 136, 152, 172, 185, 230, -10])
async def test_a_single_changed_bit_is_noticed(scene: Scene, at: int) -> None:
    made = await scene.crew()
    raw = bytearray(forged(made.stage, made.cast.ann))
    raw[at] ^= 1
    await made.inject(bytes(raw))
    faults = await scene.each(lambda victim: victim.halted(made.room))
    assert faults[0] == faults[1]
    (blame,) = {fault.blame for fault in Fault if fault.label == faults[0]}
    assert blame is Blame.SERVER


SPOILT: dict[str, tuple[Fault, dict[str, Any]]] = {
    "under another key": (Fault.AEAD, {"key": b"\x09" * 32}),
    "without its padding": (Fault.PADDING, {"plaintext": bytes(64)}),
    "that is no JSON": (Fault.CONTENT, {"plaintext": pad(b"\x01{")}),
    "of a type that there is not": (Fault.CONTENT, {"plaintext": pad(b"\x09")}),
}


@pytest.mark.parametrize("spoilt", SPOILT)
async def test_what_its_sender_has_spoilt_is_shown_as_such_and_the_room_goes_on(
    scene: Scene, spoilt: str
) -> None:
    fault, changed = SPOILT[spoilt]
    made = await scene.crew()
    await made.spoil(made.cast.bob, forged(made.stage, made.cast.bob, **changed))
    seq = made.stage.timeline.seq
    await made.say(made.cast.bob, "goes on")
    for texts in await scene.each(lambda victim: victim.texts(made.room, 5)):
        assert texts[-1] == "goes on"
    marks = await scene.each(lambda victim: victim.mark(made.room, seq))
    assert marks == [("unreadable", fault.label)] * 2
    for victim in scene.victims:
        await victim.say(made.room, f"and so do I, {victim.name}")


async def test_a_message_left_out_is_missed_by_the_next(scene: Scene) -> None:
    made = await scene.crew()
    made.stage.say(made.cast.ann, "withheld", **message(made.room, "withheld"))
    crossing = made.stage.seal(made.cast.bob, "has seen it", **message(made.room, "has seen it"))
    await made.inject(crossing)
    await scene.halts(made, Fault.SEEN_FUTURE)


async def test_another_order_than_that_of_others_is_noticed(scene: Scene) -> None:
    made = await scene.crew()
    before = made.stage.timeline.seq
    instead = forged(made.stage, made.cast.cat, plaintext=pad(b'\x01{"type":"x","data":{}}'))
    made.stage.say(made.cast.ann, "first", **message(made.room, "first"))
    crossing = made.stage.seal(made.cast.bob, "second", **message(made.room, "second"))
    await made.inject(instead)
    await made.inject(crossing)
    await scene.halts(made, Fault.SEEN_HASH)
    assert made.stage.timeline.seq == before + 1


@pytest.mark.parametrize("seqs", [(4, 5), (5, 6)])
async def test_a_newcomer_notices_what_was_put_elsewhere(scene: Scene, seqs: tuple[int, int]) -> None:
    made = Crew(scene.operator, scene.members, scene.cast)
    await made.found([])
    for author in (scene.cast.ann, scene.cast.bob, scene.cast.cat, scene.cast.ann):
        await made.say(author, f"from {author.name}")
    await scene.operator.swap(made.room, *seqs)
    await made.commit(made.cast.ann, *_additions(scene, made))
    faults = await scene.each(lambda victim: victim.halted(made.room))
    assert faults == [Fault.SEEN_FUTURE.label] * 2


def _additions(scene: Scene, made: Crew) -> list[Add]:
    made.stage.people |= {guest.fp: guest for guest in scene.guests}  # type: ignore[misc]
    return [Add(guest.fp, Role.MEMBER, guest.pin) for guest in scene.guests]


def linked(person: Person, payload: links.Payload, *, signer: bytes | None = None) -> bytes:
    """The next link of somebody's chain, by their first device; or by another key in its name."""
    pin, own = person.pin, person.devices["first"]
    return links.write_link(
        signer or own.secret,
        payload,
        fp=person.fp,
        seq=pin.seq + 1,
        prev=pin.head,
        ms=BEGIN_MS,
        signer=person.id_of(),
    )


def by_the_server(bob: Person) -> bytes:
    """A device that nobody but the server has added."""
    keys = Person("the server").devices["first"]
    added = identity.new_device(bob.history, keys.secret, keys.ed_pk, keys.x_pk)
    return linked(bob, added, signer=keys.secret)


def without_possession(bob: Person) -> bytes:
    """A device whose key somebody else has: that of another member."""
    taken, own = Person("another").devices["first"], bob.devices["first"]
    return linked(bob, identity.new_device(bob.history, own.secret, taken.ed_pk, taken.x_pk))


def of_low_order(bob: Person) -> bytes:
    """A key with which everybody could read along."""
    return linked(bob, links.DeviceRekey(bob.id_of(), 1, bytes(32)))


SPOILT_BOX = bytes(144)
CHAINS: dict[str, tuple[Fault, Callable[[Person], bytes]]] = {
    "a device that the server has made": (Fault.LINK_SIGNATURE, by_the_server),
    "a device whose key is somebody else's": (Fault.POSSESSION, without_possession),
    "a key of low order": (Fault.LOW_ORDER, of_low_order),
}


@pytest.mark.parametrize("attack", CHAINS)
async def test_a_link_that_no_device_has_signed_so_is_an_alarm(scene: Scene, attack: str) -> None:
    fault, make = CHAINS[attack]
    made = await scene.troupe(attack)
    bob = made.cast.bob
    await scene.operator.extend(bob, make(bob), made.room)
    await scene.each(lambda victim: victim.alarm(fault.label))


async def test_a_chain_that_goes_back_is_an_alarm(scene: Scene) -> None:
    made = await scene.troupe("back")
    await scene.operator.cut(made.cast.bob, 0, made.room)
    await scene.each(lambda victim: victim.alarm(Fault.CHAIN_TRUNCATED.label))


async def test_a_chain_that_is_forked_is_an_alarm(scene: Scene) -> None:
    made = await scene.troupe("forked")
    bob, other = made.cast.bob, Person(made.cast.bob.name)
    other.rekey()
    await scene.operator.cut(bob, 0)
    await scene.operator.extend(other, other.links[1], made.room)
    await scene.each(lambda victim: victim.alarm(Fault.CHAIN_FORKED.label))


async def test_who_is_given_another_key_than_the_rest_notices_and_asks_for_the_right_one(
    scene: Scene,
) -> None:
    made = await scene.crew()
    cast, stage = made.cast, made.stage
    good = stage.write(cast.ann, Rotate())
    named = [Recipient(speaker.fp, key) for key, speaker in stage.room.active.items()]
    cheated = {guest.fp for guest in scene.guests}
    boxes = [
        SPOILT_BOX if recipient.fp in cheated else box
        for recipient, box in zip(sorted(named), good.boxes, strict=True)
    ]
    raw = rooms.forge(stage, cast.ann, Rotate(), section={"boxes_hash": boxes_hash(boxes)})
    await made.take(cast.ann, Written(raw, tuple(boxes)))
    await made.say(cast.ann, "for the others")
    seq = stage.timeline.seq
    marks = await scene.each(lambda victim: victim.mark(made.room, seq))
    assert [kind for kind, _ in marks] == ["waiting", "waiting"]

    async def asked() -> bool:
        wants = await scene.operator.run(scene.members[scene.cast.ann.fp], "sealed.wants", room=made.room)
        return {want["fp"] for want in wants} == {to_base64(fp) for fp in cheated}

    await until(asked)
    # Neither does a wrong secret become a right one by being granted.
    for recipient in (each for each in named if each.fp in cheated):
        await made.grant(cast.ann, 3, recipient, SPOILT_BOX)
    for guest in scene.guests:
        (device,) = guest.history.newest.active()
        box = seal_box(
            stage.secrets[3],
            room_ref=stage.room.ref,
            number=3,
            device_id=device.id,
            x_pk=device.x_pk,
            version=0,
            seed=bytes(32),
        )
        await made.grant(cast.ann, 3, Recipient(guest.fp, device.id), box)
    for texts in await scene.each(lambda victim: victim.texts(made.room, 5)):
        assert texts[-1] == "for the others"
