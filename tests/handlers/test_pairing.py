"""Pairing: steps that two devices send each other, in turn, for a few minutes."""

from typing import Any

from persistence import pairings
from persistence.ids import new_id
from protocol.errors import ErrorCode
from protocol.wire import to_base64
from tests.world import World

BODY = to_base64(b"step")


def step(number: int, pairing_id: str, to: str, purpose: str = "verify", body: str = BODY) -> dict[str, Any]:
    return {"id": pairing_id, "purpose": purpose, "to": to, "step": number, "body": body}


async def test_two_members_take_steps_in_turn(world: World) -> None:
    pairing_id = new_id()
    first = await world.run(world.alice, "pairing.send", **step(0, pairing_id, world.bob.id))
    assert world.told == [("pairing.sent", {"room": world.bob.id, "pairing": first})]
    assert await world.run(world.bob, "pairing.list") == [first]
    second = await world.run(world.bob, "pairing.send", **step(1, pairing_id, world.alice.id))
    assert await world.run(world.alice, "pairing.list") == [second]


async def test_a_step_sent_again_is_the_same_and_another_in_its_place_is_refused(world: World) -> None:
    pairing_id = new_id()
    first = await world.run(world.alice, "pairing.send", **step(0, pairing_id, world.bob.id))
    assert await world.run(world.alice, "pairing.send", **step(0, pairing_id, world.bob.id)) == first
    other = step(0, pairing_id, world.bob.id, body=to_base64(b"other"))
    await world.refused(ErrorCode.CONFLICT, world.alice, "pairing.send", **other)


async def test_nobody_joins_in(world: World) -> None:
    pairing_id = new_id()
    await world.run(world.alice, "pairing.send", **step(0, pairing_id, world.bob.id))
    await world.refused(
        ErrorCode.NOT_FOUND, world.admin, "pairing.send", **step(1, pairing_id, world.alice.id)
    )
    await world.refused(ErrorCode.INVALID, world.bob, "pairing.send", **step(1, pairing_id, world.admin.id))
    await world.refused(ErrorCode.CONFLICT, world.bob, "pairing.send", **step(2, pairing_id, world.alice.id))
    assert await world.run(world.admin, "pairing.list") == []


async def test_devices_of_one_member_link(world: World) -> None:
    pairing_id = new_id()
    for number in range(3):
        await world.run(
            world.alice, "pairing.send", **step(number, pairing_id, world.alice.id, purpose="link")
        )
    assert [each["step"] for each in await world.run(world.alice, "pairing.list")] == [0, 1, 2]
    await world.refused(
        ErrorCode.INVALID, world.alice, "pairing.send", **step(0, new_id(), world.bob.id, purpose="link")
    )
    await world.refused(ErrorCode.INVALID, world.alice, "pairing.send", **step(0, new_id(), world.alice.id))


async def test_five_minutes_later_it_is_over(world: World) -> None:
    pairing_id = new_id()
    await world.run(world.alice, "pairing.send", **step(0, pairing_id, world.bob.id))
    await world.pool.execute("UPDATE pairings SET at = at - interval '301 seconds'")
    assert await world.run(world.bob, "pairing.list") == []
    await world.refused(ErrorCode.NOT_FOUND, world.bob, "pairing.send", **step(1, pairing_id, world.alice.id))


async def test_tries_are_limited(world: World) -> None:
    for _ in range(20):
        await world.run(world.alice, "pairing.send", **step(0, new_id(), world.bob.id))
    refusal = await world.refused(
        ErrorCode.LIMIT_EXCEEDED, world.alice, "pairing.send", **step(0, new_id(), world.bob.id)
    )
    assert refusal.data["limit"] == 20
    await world.pool.execute("UPDATE pairings SET at = at - interval '61 minutes'")
    await pairings.prune(world.pool)
    assert await world.pool.fetchval("SELECT count(*) FROM pairings") == 0
    await world.run(world.alice, "pairing.send", **step(0, new_id(), world.bob.id))


async def test_guests_do_not_reach_whom_they_do_not_know(world: World) -> None:
    await world.refused(ErrorCode.NOT_FOUND, world.guest, "pairing.send", **step(0, new_id(), world.bob.id))
