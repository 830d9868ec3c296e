"""A hostile operator: whoever has the database of a server, and writes what no honest one would take.

The server itself runs as it is, and shows whatever its tables hold. So both SDKs are attacked over their own
connections, with nothing between.
"""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from handlers.dispatch import Caller
from persistence import identities
from persistence.ids import new_id
from protocol.identities import Identity, IdentityExtended
from protocol.members import Member
from protocol.registry import Scope
from protocol.rooms import LoggedEvent
from protocol.wire import command_spec, from_base64, to_base64
from scripts.generator.vectors import rooms
from scripts.generator.vectors.cast import Chance, Item, Person, Stage
from tests.nodes import RunningNode
from ymera_client.crypto.authoring import Written
from ymera_client.crypto.commits import Add, Op, Policy, Role, Rotate
from ymera_client.crypto.content import Content, ContentType
from ymera_client.crypto.epochs import Recipient
from ymera_client.crypto.identity import History, verify_chain
from ymera_client.crypto.links import Pin, link_hash

MESSAGES = itertools.count(10_000)


class Guest:
    """A member with a device that is not of the cast: one who is attacked."""

    def __init__(self, name: str, member_id: str, links: Sequence[str]) -> None:
        self.name = name
        self.member_id = member_id
        self.history: History = verify_chain([from_base64(link) for link in links])

    @property
    def fp(self) -> bytes:
        return self.history.fp

    @property
    def pin(self) -> Pin:
        return self.history.newest.pin


class Operator:
    """The server, and its database."""

    def __init__(self, server: RunningNode) -> None:
        self.server = server
        self.pool = server.node.pool

    async def run(self, member: Member, command: str, **payload: Any) -> Any:
        """A command as a member's own client sends it."""
        caller = Caller(member.id, None, Scope.ADMIN, "test")
        reply = await self.server.node.dispatcher.run(caller, command_spec(command), payload)
        return msgspec.json.decode(reply)

    async def guest(self, name: str, member_id: str, asker: Member) -> Guest:
        """Somebody by the chain that the server has of them."""
        (identity,) = await self.run(asker, "identity.list", members=[member_id])
        chain = await self.run(asker, "identity.chain", fp=identity["fp"])
        return Guest(name, member_id, chain["links"])

    async def stand(self, room: str, what: str, raw: bytes) -> int:
        """Let something stand next in a room, whatever it is; its seq."""
        seq = int(
            await self.pool.fetchval(
                "UPDATE rooms SET head_seq = head_seq + 1 WHERE id = $1 RETURNING head_seq", room
            )
        )
        await self.pool.execute(
            """
            INSERT INTO sealed_items (room_id, seq, kind, body, transcript, at)
            VALUES ($1, $2, $3, $4, decode(repeat('00', 32), 'hex'), clock_timestamp())
            """,
            room,
            seq,
            what,
            raw,
        )
        await self._publish(room, seq, what, raw)
        return seq

    async def _publish(self, room: str, seq: int, what: str, raw: bytes) -> None:
        kind = "commit.posted" if what == "commit" else "envelope.posted"
        data = {"commit": to_base64(raw), "removed": []} if what == "commit" else {"envelope": to_base64(raw)}
        now = datetime.now(UTC)
        await self.pool.execute(
            "INSERT INTO events (room_id, seq, type, at, data) VALUES ($1, $2, $3, $4, $5::json)",
            room,
            seq,
            kind,
            now,
            msgspec.json.encode(data).decode(),
        )
        event = LoggedEvent(room=room, seq=seq, type=kind, at=now, actor=None, data=data)
        await self.server.node.dispatcher.publish([event])

    async def replace(self, room: str, seq: int, raw: bytes) -> None:
        """Let something else stand where something stands."""
        await self.pool.execute(
            "UPDATE sealed_items SET body = $3 WHERE room_id = $1 AND seq = $2", room, seq, raw
        )

    async def extend(self, person: Person, raw: bytes, room: str) -> None:
        """Put a link at the end of somebody's chain, whatever it is, and say so in a room."""
        fp = person.fp
        seq = int(
            await self.pool.fetchval(
                "UPDATE identities SET seq = seq + 1, head = $2 WHERE fp = $1 RETURNING seq",
                fp,
                link_hash(raw),
            )
        )
        await self.pool.execute(
            "INSERT INTO identity_links (fp, seq, link, at) VALUES ($1, $2, $3, clock_timestamp())",
            fp,
            seq,
            raw,
        )
        await self._say(fp, room)

    async def cut(self, person: Person, seq: int, room: str | None = None) -> None:
        """Let somebody's chain end at a link, and say so in a room."""
        head = link_hash(person.links[seq])
        await self.pool.execute("DELETE FROM identity_links WHERE fp = $1 AND seq > $2", person.fp, seq)
        await self.pool.execute(
            "UPDATE identities SET seq = $2, head = $3 WHERE fp = $1", person.fp, seq, head
        )
        if room is not None:
            await self._say(person.fp, room)

    async def _say(self, fp: bytes, room: str) -> None:
        row = (await identities.by_fp(self.pool, [fp]))[fp]
        shown = Identity(id=row.member_id, fp=to_base64(fp), seq=row.seq, head=to_base64(row.head))
        told = IdentityExtended(room=room, identity=shown)
        tell = self.server.node.dispatcher.tools.tell
        assert tell is not None
        tell("identity.extended", room, msgspec.json.encode(told))

    async def swap(self, room: str, one: int, other: int) -> None:
        """Let two things stand in each other's place."""
        bodies = {
            row["seq"]: row["body"]
            for row in await self.pool.fetch("SELECT seq, body FROM sealed_items WHERE room_id = $1", room)
        }
        await self.replace(room, one, bodies[other])
        await self.replace(room, other, bodies[one])

    async def drop(self, room: str, seq: int) -> None:
        """Leave something out, and move up what stands behind."""
        async with self.pool.acquire() as tx, tx.transaction():
            await tx.execute("DELETE FROM sealed_items WHERE room_id = $1 AND seq = $2", room, seq)
            for behind in await tx.fetch(
                "SELECT seq FROM sealed_items WHERE room_id = $1 AND seq > $2 ORDER BY seq", room, seq
            ):
                await tx.execute(
                    "UPDATE sealed_items SET seq = seq - 1 WHERE room_id = $1 AND seq = $2",
                    room,
                    behind["seq"],
                )
            await tx.execute("UPDATE rooms SET head_seq = head_seq - 1 WHERE id = $1", room)


class Crew:
    """A room of ann, its owner, bob, an admin, cat, a member, dan, a reader, and whoever is attacked.

    `stage` is what all of them should hold it for. Its people end as in the vectors: bob with a phone, dan's
    first device revoked for his second; the room has the beginnings of their chains pinned.
    """

    def __init__(self, operator: Operator, members: dict[bytes, Member], cast: rooms.Cast) -> None:
        self.operator = operator
        self.members = members
        self.cast = cast
        self.room = new_id()
        self.stage: Stage

    async def found(self, guests: Sequence[Guest], policy: Policy = rooms.SHARED) -> None:
        """Make the room, with everybody in it."""
        cast = self.cast
        # Two rooms with the same genesis would be one.
        self.stage = stage = Stage(cast.ann, replace(policy, rotate_msgs=next(MESSAGES)))
        stage.chance = Chance(self.room)
        people: dict[bytes, Any] = {each.fp: each for each in cast.all()} | {each.fp: each for each in guests}
        stage.people |= people
        first = stage.commit(cast.ann, Rotate())
        await self.operator.run(
            self.members[cast.ann.fp],
            "sealed.create",
            id=self.room,
            form="conversation",
            genesis=to_base64(stage.items[0].raw),
            commit=to_base64(first.raw),
            boxes=[to_base64(box) for box in first.boxes],
        )
        begun = {each.fp: each.history.states[0].pin for each in cast.all()}
        await self.commit(
            cast.ann,
            Add(cast.bob.fp, Role.ADMIN, begun[cast.bob.fp]),
            Add(cast.cat.fp, Role.MEMBER, begun[cast.cat.fp]),
            Add(cast.dan.fp, Role.READER, begun[cast.dan.fp]),
            *(Add(guest.fp, Role.MEMBER, guest.pin) for guest in guests),
        )

    async def commit(self, author: Person, *ops: Op, device: str = "first") -> None:
        """An honest commit."""
        await self.take(author, self.stage.write(author, *ops, device=device))

    async def take(self, author: Person, written: Written) -> None:
        """Send a commit that an honest server takes, and hold the room for what it makes of it."""
        await self.operator.run(
            self.members[author.fp],
            "sealed.commit",
            room=self.room,
            commit=to_base64(written.raw),
            boxes=[to_base64(box) for box in written.boxes],
        )
        self.stage.take(written)

    async def grant(self, author: Person, epoch: int, to: Recipient, box: bytes) -> None:
        """Give a device a box, whatever is in it."""
        await self.operator.run(
            self.members[author.fp],
            "sealed.grant",
            room=self.room,
            epoch=epoch,
            fp=to_base64(to.fp),
            device_id=to_base64(to.device_id),
            box=to_base64(box),
        )

    async def say(self, author: Person, text: str, **header: Any) -> bytes:
        """An honest message; its envelope."""
        raw = self.stage.say(author, text, **{**message(self.room, text), **header})
        await self.post(author, raw)
        return raw

    async def post(self, author: Person, raw: bytes) -> None:
        """Send an envelope that an honest server takes."""
        await self.operator.run(
            self.members[author.fp], "sealed.post", room=self.room, envelope=to_base64(raw)
        )

    async def spoil(self, author: Person, raw: bytes) -> None:
        """Send an envelope that an honest server takes and nobody can read."""
        await self.post(author, raw)
        self.stage.apply(raw)

    async def inject(self, raw: bytes, what: str = "envelope") -> None:
        """Let something stand next that an honest server would refuse."""
        await self.operator.stand(self.room, what, raw)
        self.stage.items.append(Item(what, raw))


def message(room: str, text: str) -> dict[str, Any]:
    """What a message's envelope holds, and what it is about."""
    message_id = new_id()
    said = {"type": "message.send", "data": {"room": room, "id": message_id, "text": text}}
    content = Content(ContentType.JSON, msgspec.json.encode(said))
    return {"content": content, "entity_id": UUID(message_id).bytes}
