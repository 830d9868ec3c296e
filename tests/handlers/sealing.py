"""People of the world with identities, and an encrypted room that they make by way of the commands."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from handlers.dispatch import Caller, Request
from persistence.ids import new_id
from protocol.members import Member
from protocol.registry import Scope
from protocol.wire import command_spec, decode_command, from_base64, to_base64
from scripts.generator.vectors.cast import Person, Stage
from tests.world import World
from ymera_client.crypto.authoring import Written
from ymera_client.crypto.commits import Add, Policy, Role


async def publish(world: World, member: Member, person: Person, **more: Any) -> Any:
    """Hand in a person's whole chain as a member's."""
    links = [to_base64(link) for link in person.links]
    return await world.run(member, "identity.publish", links=links, **more)


@dataclass
class Sealing:
    """A room of Alice's, in which Bob may come to be; `stage` is how it should stand."""

    world: World
    alice: Person
    bob: Person
    stage: Stage
    room: str = field(default_factory=new_id)

    async def create(self) -> Any:
        """Make the room with its first epoch."""
        genesis, commit = self.stage.items
        return await self.world.run(
            self.world.alice,
            "sealed.create",
            id=self.room,
            form="conversation",
            genesis=to_base64(genesis.raw),
            commit=to_base64(commit.raw),
            boxes=[to_base64(box) for box in commit.boxes],
        )

    async def add_bob(self, role: Role = Role.MEMBER) -> None:
        """Have Alice let Bob in."""
        await self.commit(self.stage.add(self.alice, self.bob, role=role), self.world.alice)

    async def commit(self, written: Written, member: Member) -> Any:
        """Send a commit, whether or not the stage has applied it."""
        return await self.world.run(member, "sealed.commit", **self.shown(written))

    def shown(self, written: Written) -> dict[str, Any]:
        """A commit as a payload."""
        boxes = [to_base64(box) for box in written.boxes]
        return {"room": self.room, "commit": to_base64(written.raw), "boxes": boxes}

    async def take(self, written: Written, member: Member) -> None:
        """Send a commit that was only written, and let the stage apply it."""
        await self.commit(written, member)
        self.stage.take(written)

    async def say(
        self, text: str, *, by: Person | None = None, device: str = "first", **header: Any
    ) -> bytes:
        """Say something as Alice or `by`, and hold it against the stage; the envelope."""
        person = by or self.alice
        raw = self.stage.say(person, text, device, **header)
        posted = await self.post(raw, by=person)
        assert posted == {"room": self.room, "seq": self.stage.timeline.seq}
        return raw

    async def post(self, raw: bytes, *, by: Person | None = None, **more: Any) -> Any:
        """Send an envelope."""
        member = self.world.bob if by is self.bob else self.world.alice
        return await self.world.run(member, "sealed.post", room=self.room, envelope=to_base64(raw), **more)

    async def post_at_once(self, raws: Sequence[bytes]) -> list[int]:
        """Send envelopes of anybody's as Alice, in one transaction; where they stand."""
        caller, spec = Caller(self.world.alice.id, None, Scope.ADMIN, "test"), command_spec("sealed.post")
        payloads = [{"room": self.room, "envelope": to_base64(raw)} for raw in raws]
        requests = [Request(caller, spec, decode_command(spec, payload)) for payload in payloads]
        async with self.world.pool.acquire() as connection:
            replies, _ = await self.world.dispatcher.carry_out(connection, requests)
        return [msgspec.json.decode(reply)["seq"] for reply in replies]

    async def items(self, member: Member, **more: Any) -> list[tuple[int, str, bytes]]:
        """What the room holds, as a member reads it."""
        found = await self.world.run(member, "sealed.items", room=self.room, **more)
        return [(each["seq"], each["kind"], from_base64(each["body"])) for each in found["items"]]


async def sealing(world: World, policy: Policy | None = None) -> Sealing:
    """Alice and Bob with identities, and Alice's room."""
    alice, bob = Person("alice"), Person("bob")
    await publish(world, world.alice, alice)
    await publish(world, world.bob, bob)
    stage = Stage(alice, policy)
    stage.rotate(alice)
    made = Sealing(world, alice, bob, stage)
    await made.create()
    return made


def addition(person: Person, role: Role = Role.MEMBER) -> Add:
    """The op that adds somebody."""
    return Add(person.fp, role, person.pin)
