"""Boxes for devices that came later: who asks, who gives, and who may have what."""

from typing import Any

import pytest

from protocol.errors import ErrorCode
from protocol.wire import from_base64, to_base64
from tests.handlers.sealing import Sealing, sealing
from tests.world import World
from ymera_client.crypto.commits import Access, Policy

BOX = to_base64(b"b" * 144)


@pytest.fixture
async def made(world: World) -> Sealing:
    found = await sealing(world, Policy(history=Access.SHARED))
    await found.add_bob()
    return found


async def phone(made: Sealing) -> str:
    """The id of a second device of Alice's, which is pinned in the room."""
    made.alice.add_device("phone")
    await made.world.run(made.world.alice, "identity.publish", links=[to_base64(made.alice.links[-1])])
    await made.commit(made.stage.devup(made.alice, made.alice), made.world.alice)
    return to_base64(made.alice.id_of("phone"))


async def test_a_device_that_came_later_asks_and_is_given(world: World, made: Sealing) -> None:
    device_id = await phone(made)
    world.told.clear()
    await world.run(world.alice, "sealed.want", room=made.room, device_id=device_id, epoch=2)
    want = {"fp": to_base64(made.alice.fp), "device_id": device_id, "epoch": 2}
    assert world.told == [("sealed.wanted", {"room": made.room, "want": want})]
    assert await world.run(world.bob, "sealed.wants", room=made.room) == [want]
    given: dict[str, Any] = {"room": made.room, "fp": want["fp"], "device_id": device_id, "box": BOX}
    for epoch in (1, 2):
        await world.run(world.bob, "sealed.grant", epoch=epoch, **given)
    assert await world.run(world.bob, "sealed.wants", room=made.room) == []
    boxes = await world.run(world.alice, "sealed.boxes", room=made.room, device_id=device_id)
    assert boxes == [{"epoch": 1, "box": BOX}, {"epoch": 2, "box": BOX}]
    assert [name for name, _ in world.told[1:]] == ["sealed.granted", "sealed.granted"]


async def test_a_box_given_later_stands_beside_the_one_that_came_with_the_epoch(
    world: World, made: Sealing
) -> None:
    device_id = to_base64(made.alice.id_of())
    fp = to_base64(made.alice.fp)
    await world.run(world.bob, "sealed.grant", room=made.room, epoch=2, fp=fp, device_id=device_id, box=BOX)
    boxes = await world.run(world.alice, "sealed.boxes", room=made.room, device_id=device_id, from_epoch=2)
    assert [from_base64(box["box"]) for box in boxes] == [made.stage.box_for(made.alice), b"b" * 144]


async def test_nobody_reads_or_asks_for_anothers_device(world: World, made: Sealing) -> None:
    device_id = to_base64(made.alice.id_of())
    asked = {"room": made.room, "device_id": device_id}
    await world.refused(ErrorCode.NOT_MEMBER, world.bob, "sealed.boxes", **asked)
    await world.refused(ErrorCode.NOT_MEMBER, world.bob, "sealed.want", epoch=1, **asked)


async def test_a_device_that_is_not_pinned_yet_asks_in_vain(world: World, made: Sealing) -> None:
    made.alice.add_device("phone")
    await publish_last(world, made)
    refusal = await world.refused(
        ErrorCode.NOT_MEMBER,
        world.alice,
        "sealed.want",
        room=made.room,
        device_id=to_base64(made.alice.id_of("phone")),
        epoch=1,
    )
    assert "pin it" in refusal.message


async def publish_last(world: World, made: Sealing) -> None:
    await world.run(world.alice, "identity.publish", links=[to_base64(made.alice.links[-1])])


async def test_what_came_before_somebody_is_not_given_to_them(world: World) -> None:
    made = await sealing(world)
    await made.add_bob()
    given: dict[str, Any] = {
        "room": made.room,
        "fp": to_base64(made.bob.fp),
        "device_id": to_base64(made.bob.id_of()),
        "box": BOX,
    }
    refusal = await world.refused(ErrorCode.EPOCH_STALE, world.alice, "sealed.grant", epoch=1, **given)
    assert refusal.data == {"fault": "grant_epoch", "epoch": 2}
    await world.run(world.alice, "sealed.grant", epoch=2, **given)


async def test_no_box_is_given_to_a_device_outside(world: World, made: Sealing) -> None:
    refusal = await world.refused(
        ErrorCode.NOT_MEMBER,
        world.alice,
        "sealed.grant",
        room=made.room,
        epoch=1,
        fp=to_base64(made.bob.fp),
        device_id=to_base64(made.alice.id_of()),
        box=BOX,
    )
    assert refusal.data == {"fault": "grant_device"}
