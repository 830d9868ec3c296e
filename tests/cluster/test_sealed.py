"""An encrypted room whose members are on two nodes, with stock clients."""

import time
from collections.abc import Awaitable, Callable

from persistence.ids import new_id
from protocol.roles import WorkspaceRole
from protocol.wire import to_base64
from scripts.generator.vectors.cast import Person, Stage
from tests.nodes import RunningNode, StockClient
from ymera_client.crypto.authoring import Written
from ymera_client.crypto.commits import Remove
from ymera_client.crypto.content import Content, ContentType
from ymera_client.crypto.ephemera import write_ephemeral

Start = Callable[..., Awaitable[RunningNode]]


async def publish(client: StockClient, person: Person) -> None:
    await client.do("identity.publish", links=[to_base64(link) for link in person.links])


async def commit(client: StockClient, room: str, written: Written) -> None:
    boxes = [to_base64(box) for box in written.boxes]
    await client.do("sealed.commit", room=room, commit=to_base64(written.raw), boxes=boxes)


def whisper(stage: Stage, person: Person) -> str:
    raw = write_ephemeral(
        stage.room,
        stage.ring,
        Content(ContentType.JSON, b"{}"),
        device_id=person.id_of(),
        secret=person.devices["first"].secret,
        client_id=b"c" * 16,
        sent_ms=int(time.time() * 1000),
        nonce=b"n" * 24,
        seen=stage.timeline.seen,
    )
    return to_base64(raw)


async def test_who_is_removed_hears_nothing_more_on_any_node(node: Start, redis_url: str) -> None:
    one, two = await node(redis_url=redis_url), await node(redis_url=redis_url)
    alice, bob = Person("alice"), Person("bob")
    stage, room = Stage(alice), new_id()
    stage.rotate(alice)
    genesis, first = stage.items
    _, alices = await one.admit("Alice", WorkspaceRole.OWNER)
    bobs_id, bobs = await one.admit("Bob")
    async with one.client(alices) as here, two.client(bobs) as there:
        await publish(here, alice)
        await publish(there, bob)
        await here.do(
            "sealed.create",
            id=room,
            form="conversation",
            genesis=to_base64(genesis.raw),
            commit=to_base64(first.raw),
            boxes=[to_base64(box) for box in first.boxes],
        )
        await here.do("room.join", room=room)
        await there.do("room.join", room=bobs_id.id)
        await commit(here, room, stage.add(alice, bob))
        await there.wait_for("event", lambda event: event["type"] == "membership.updated")
        joined = await there.do("room.join", room=room)
        assert (joined["kind"], joined["reset"]) == ("sealed", {})

        await here.do("sealed.whisper", room=room, envelope=(said := whisper(stage, alice)))
        assert await there.wait_for("sealed.whispered") == {"room": room, "envelope": said}
        bob.rekey()
        await there.do("identity.publish", links=[to_base64(bob.links[-1])])
        told = await here.wait_for("identity.extended", lambda message: message["room"] == room)
        assert told["identity"]["seq"] == 1

        await here.do("sealed.post", room=room, envelope=to_base64(stage.say(alice, "to both")))
        await there.wait_for("event", lambda event: event["type"] == "envelope.posted")
        await commit(here, room, stage.commit(alice, Remove(bob.fp)))
        await there.wait_for("event", lambda event: event["type"] == "membership.removed")
        await here.do("sealed.post", room=room, envelope=to_base64(stage.say(alice, "to nobody else")))
        await here.wait_for("event", lambda event: event["seq"] == 6 and event["room"] == room)
        await there.do("room.join", room=bobs_id.id)
        assert [event["seq"] for event in there.events(room)] == [4, 5]
