"""A room with several members and devices does what the model says, whatever is tried in it."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import product
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from scripts.generator.vectors import rooms
from scripts.generator.vectors.cast import Item, Person, Stage
from tests.sdk.crypto.model import OWNER, Deed, Device, Model, People
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
    SetRole,
)
from ymera_client.crypto.envelopes import parse_envelope
from ymera_client.crypto.errors import Blame, Cx1Error
from ymera_client.crypto.ratchet import KeyRing
from ymera_client.crypto.transcript import Opened, apply_commit, read

NAMES = ("ann", "bob", "cat", "dan")
names = st.sampled_from(NAMES)
OPS = ("add", "add", "add", "remove", "role", "leave", "devup", "devup", "rotate")


class Rooms(RuleBasedStateMachine):
    """Random deeds, most of them legal at one time or another."""

    @initialize(shared=st.booleans(), members_add=st.booleans(), ephemeral=st.booleans())
    def begin(self, *, shared: bool, members_add: bool, ephemeral: bool) -> None:
        self.people = {name: Person(name) for name in NAMES}
        self.model = Model(
            people=People.with_one_device(*NAMES),
            shared=shared,
            members_add=members_add,
            ephemeral=ephemeral,
            roles={"ann": OWNER},
            pins={"ann": 0},
        )
        policy = Policy(
            history=Access(shared),
            who_add=Adders(members_add),
            retention=Retention(ephemeral),
            rotate_secs=86400,
        )
        self.stage = Stage(self.people["ann"], policy)
        self.stage.people = {person.fp: person for person in self.people.values()}
        self.rings: dict[Device, KeyRing] = {}
        self.said: list[bytes] = []
        self.attempt(Deed("ann", 0, "rotate", epoch=True))

    @rule(op=st.sampled_from(OPS), allowed=st.sampled_from([True, True, False]), choice=st.integers(0, 10**6))
    def commit_by_member(self, op: str, choice: int, *, allowed: bool) -> None:
        self.commit(op, choice, allowed=allowed)

    @rule(author=names, op=st.sampled_from(OPS), choice=st.integers(0, 10**6))
    def commit_as_anybody(self, author: str, op: str, choice: int) -> None:
        deeds = list(self._deeds(op, [author]))
        self.attempt(deeds[choice % len(deeds)])

    @rule(number=st.integers(0, 3), pinned=st.booleans())
    def new_device(self, number: int, *, pinned: bool) -> None:
        people, name = self.model.people, self._somebody(number)
        if people.made[name] < 3:
            self.people[name].add_device(_device(people.made[name]), by=None)
            people.chains[name].append(people.devices(name) | {people.made[name]})
            people.made[name] += 1
            self.commit("devup", number, allowed=pinned)

    @rule(number=st.integers(0, 3), device=st.integers(0, 2), pinned=st.booleans())
    def revoked_device(self, number: int, device: int, *, pinned: bool) -> None:
        people, name = self.model.people, self._somebody(number)
        if device in people.devices(name):
            self.people[name].revoke(_device(device), by=None)
            people.chains[name].append(people.devices(name) - {device})
            self.commit("devup", number, allowed=pinned)

    @precondition(lambda self: self.model.epochs)
    @rule(name=names, device=st.integers(0, 2))
    def say(self, name: str, device: int) -> None:
        number = device % self.model.people.made[name]
        said = None
        with suppress(Cx1Error):
            said = self.stage.say(self.people[name], "something", _device(number))
        assert (said is not None) == self.model.may_speak(name, number)
        if said is not None:
            self.said.append(said)

    @invariant()
    def who_should_can_read_and_nobody_else(self) -> None:
        for device in self._devices():
            readable = self.model.readable(device)
            ring = self.rings.get(device, KeyRing.empty())
            assert set(ring.epochs) == readable
            for raw in self.said[-3:]:
                outcome, _ = read(parse_envelope(raw), ring)
                known = parse_envelope(raw).header.epoch in readable
                assert isinstance(outcome, Opened) == known

    def commit(self, op: str, choice: int, *, allowed: bool) -> None:
        """Try one of the commits that the rules let in, or one of the others."""
        deeds = [deed for deed in self._deeds(op) if self.model.allows(deed) is allowed]
        if deeds:
            self.attempt(deeds[choice % len(deeds)])

    def _somebody(self, number: int) -> str:
        """A member, mostly."""
        return [*sorted(self.model.roles), *NAMES][number]

    def _deeds(self, op: str, authors: Iterable[str] = ()) -> Iterator[Deed]:
        """All commits with one op that these, or the members, could try."""
        people = self.model.people
        for author, whom in product(authors or self.model.roles, NAMES):
            roles = range(4) if op in {"add", "role"} else [0]
            newest = people.pin(whom)
            pins = (
                {newest, max(0, newest - 1), self.model.pins.get(whom, 0)} if op in {"add", "devup"} else {0}
            )
            if op in {"leave", "rotate"} and whom != author:
                continue
            for device, role, pin, epoch in product(range(people.made[author]), roles, pins, [True, False]):
                yield Deed(author, device, op, whom, role, pin, epoch)

    def attempt(self, deed: Deed) -> None:
        """Commit as somebody who keeps to no rule, and hold what comes of it against the model."""
        allowed = self.model.allows(deed)
        author, device = self.people[deed.author], _device(deed.device)
        raw, boxes = self._written(author, device, deed)
        seq, stage, refused = self.stage.timeline.seq + 1, self.stage, None
        try:
            stage.timeline = apply_commit(stage.timeline, seq, raw, stage.directory, stage.memory)
        except Cx1Error as error:
            refused = error
        assert (refused is None) == allowed, (deed, refused)
        if refused is not None:
            # The server can see it, and so must a client that trusts no server.
            assert (refused.blame, refused.code is None) == (Blame.SERVER, False)
            return
        self.model.do(deed)
        stage.memory.hashes[seq] = stage.timeline.hash
        stage.items.append(Item("commit", raw, boxes))
        if deed.epoch:
            self._open_boxes()

    def _written(self, author: Person, device: str, deed: Deed) -> tuple[bytes, tuple[bytes, ...]]:
        """The commit: as the library makes it if it does, else forged."""
        op = self._op(deed)
        try:
            written = self.stage.write(author, op, device=device, rotate=deed.epoch)
        except Cx1Error:
            return rooms.forge(self.stage, author, op, device=device, rotate=deed.epoch), ()
        return written.raw, written.boxes

    def _op(self, deed: Deed) -> Op:
        target = self.people[deed.target or deed.author]
        pin = target.history.states[deed.pin].pin
        role = Role(deed.role)
        made: dict[str, Op] = {
            "add": Add(target.fp, role, pin),
            "remove": Remove(target.fp),
            "role": SetRole(target.fp, role),
            "leave": Leave(),
            "devup": DevUp(target.fp, pin),
            "rotate": Rotate(),
        }
        return made[deed.op]

    def _open_boxes(self) -> None:
        """Every recipient opens its own box of the newest epoch, and walks back."""
        for name, number in self.model.epochs[-1].recipients:
            ring = self.rings.get((name, number), KeyRing.empty())
            self.rings[name, number] = self.stage.unlock(ring, self.people[name], _device(number))

    def _devices(self) -> list[Device]:
        made = self.model.people.made
        return [(name, number) for name in NAMES for number in range(made[name])]


def _device(number: int) -> str:
    return "first" if number == 0 else f"device {number}"


TestRooms: Any = Rooms.TestCase
TestRooms.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
