"""Invitations to encrypted rooms: who makes them, who answers, and how long they count."""

import asyncio
from typing import Any

import pytest

from persistence.ids import new_id
from protocol.errors import ErrorCode
from protocol.wire import to_base64
from tests.handlers.sealing import Sealing, sealing
from tests.world import World
from ymera_client.crypto.commits import Adders, Policy

PROOF = to_base64(b"p" * 32)


@pytest.fixture
async def made(world: World) -> Sealing:
    return await sealing(world)


async def invited(made: Sealing, **more: Any) -> str:
    """The id of an invitation of Alice's."""
    reply = await made.world.run(
        made.world.alice, "sealed_invite.create", id=new_id(), room=made.room, **more
    )
    return str(reply["id"])


async def answered(made: Sealing, invite_id: str, world: World | None = None) -> Any:
    """Bob's answer."""
    return await (world or made.world).run(
        made.world.bob,
        "sealed_invite.answer",
        invite_id=invite_id,
        fp=to_base64(made.bob.fp),
        proof=PROOF,
    )


async def test_whoever_has_the_link_asks_and_a_member_is_told(world: World, made: Sealing) -> None:
    invite_id = await invited(made)
    seen = await world.run(world.bob, "sealed_invite.get", id=invite_id)
    assert seen["room_ref"] == to_base64(made.stage.room.ref)
    request = await answered(made, invite_id)
    assert request["member_id"] == world.bob.id
    assert world.told[-1] == ("sealed_invite.answered", {"room": made.room, "request": request})
    assert await world.run(world.alice, "sealed_invite.requests", room=made.room) == [request]
    await world.run(world.alice, "sealed_invite.dismiss", id=request["id"])
    assert await world.run(world.alice, "sealed_invite.requests", room=made.room) == []


async def test_it_is_used_up(world: World, made: Sealing) -> None:
    invite_id = await invited(made)
    first = await answered(made, invite_id)
    await world.refused(ErrorCode.NOT_FOUND, world.admin, "sealed_invite.get", id=invite_id)
    await world.refused(
        ErrorCode.NOT_FOUND,
        world.bob,
        "sealed_invite.answer",
        invite_id=invite_id,
        fp=to_base64(made.bob.fp),
        proof=to_base64(b"q" * 32),
    )
    assert await world.run(world.alice, "sealed_invite.requests", room=made.room) == [first]


async def test_the_last_use_is_had_once(world: World, sibling: World, made: Sealing) -> None:
    invite_id = await invited(made, uses=2)
    replies = await asyncio.gather(answered(made, invite_id), answered(made, invite_id, sibling))
    assert replies[0]["id"] == replies[1]["id"]
    assert (await world.run(world.alice, "sealed_invite.get", id=invite_id))["uses"] == 1


async def test_it_ends(world: World, made: Sealing) -> None:
    invite_id = await invited(made)
    await world.pool.execute("UPDATE sealed_invites SET expires_at = created_at")
    await world.refused(ErrorCode.NOT_FOUND, world.bob, "sealed_invite.get", id=invite_id)


async def test_nobody_answers_for_another(world: World, made: Sealing) -> None:
    invite_id = await invited(made)
    refusal = await world.refused(
        ErrorCode.INVALID,
        world.admin,
        "sealed_invite.answer",
        invite_id=invite_id,
        fp=to_base64(made.bob.fp),
        proof=PROOF,
    )
    assert refusal.data["path"] == "fp"


async def test_who_may_not_add_may_not_invite(world: World, made: Sealing) -> None:
    await made.add_bob()
    await world.refused(ErrorCode.ROLE, world.bob, "sealed_invite.create", id=new_id(), room=made.room)
    await made.commit(made.stage.commit(made.alice, Policy(who_add=Adders.MEMBERS)), world.alice)
    await world.run(world.bob, "sealed_invite.create", id=new_id(), room=made.room)


async def test_its_maker_and_admins_withdraw_it(world: World, made: Sealing) -> None:
    invite_id = await invited(made)
    await world.refused(ErrorCode.NOT_FOUND, world.bob, "sealed_invite.close", id=invite_id)
    await made.add_bob()
    await world.refused(ErrorCode.ROLE, world.bob, "sealed_invite.close", id=invite_id)
    await world.run(world.alice, "sealed_invite.close", id=invite_id)
    await world.refused(ErrorCode.NOT_FOUND, world.bob, "sealed_invite.get", id=invite_id)


async def test_outsiders_do_not_see_who_waits(world: World, made: Sealing) -> None:
    request = await answered(made, await invited(made))
    await world.refused(ErrorCode.NOT_FOUND, world.bob, "sealed_invite.dismiss", id=request["id"])
    await world.refused(ErrorCode.NOT_FOUND, world.bob, "sealed_invite.dismiss", id=new_id())
