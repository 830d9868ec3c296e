"""Identities: whose chain may be published by whom, and what is told of it."""

import asyncio

from persistence import members
from persistence.ids import new_id
from protocol.errors import ErrorCode
from protocol.wire import to_base64
from scripts.generator.vectors.cast import Person
from tests.handlers.sealing import publish, sealing
from tests.world import World


async def test_a_chain_is_read_by_others_link_by_link(world: World) -> None:
    alice = Person("alice")
    alice.add_device("phone")
    told = await publish(world, world.alice, alice)
    assert told == {
        "id": world.alice.id,
        "fp": to_base64(alice.fp),
        "seq": 1,
        "head": to_base64(alice.pin.head),
    }
    assert await world.run(world.bob, "identity.list", members=[world.alice.id, world.bob.id]) == [told]
    chain = await world.run(world.bob, "identity.chain", fp=to_base64(alice.fp))
    assert chain == {"identity": told, "links": [to_base64(link) for link in alice.links]}
    rest = await world.run(world.bob, "identity.chain", fp=to_base64(alice.fp), after_seq=0)
    assert rest["links"] == [to_base64(alice.links[1])]


async def test_links_come_in_their_order_once(world: World) -> None:
    alice = Person("alice")
    await publish(world, world.alice, alice)
    alice.add_device("phone")
    alice.add_device("tablet")
    late = await world.refused(
        ErrorCode.COMMIT_CONFLICT, world.alice, "identity.publish", links=[to_base64(alice.links[2])]
    )
    assert late.data == {"fault": "chain_seq", "expected": 1}
    await world.run(world.alice, "identity.publish", links=[to_base64(each) for each in alice.links[1:]])
    await world.refused(
        ErrorCode.COMMIT_CONFLICT, world.alice, "identity.publish", links=[to_base64(alice.links[2])]
    )


async def test_nothing_is_kept_of_links_of_which_one_is_bad(world: World) -> None:
    alice = Person("alice")
    alice.add_device("phone")
    forged = bytearray(alice.links[1])
    forged[-1] ^= 1
    refusal = await world.refused(
        ErrorCode.BAD_SIGNATURE,
        world.alice,
        "identity.publish",
        links=[to_base64(alice.links[0]), to_base64(bytes(forged))],
    )
    assert refusal.data == {"fault": "link_signature"}
    assert await world.run(world.alice, "identity.list", members=[world.alice.id]) == []


async def test_nobody_publishes_for_another(world: World) -> None:
    alice = Person("alice")
    await publish(world, world.alice, alice)
    taken = await world.refused(
        ErrorCode.CONFLICT, world.bob, "identity.publish", links=[to_base64(alice.links[0])]
    )
    assert "somebody's already" in taken.message
    alice.add_device("phone")
    link = to_base64(alice.links[1])
    for member_id in (world.alice.id, new_id()):
        await world.refused(
            ErrorCode.NOT_FOUND, world.bob, "identity.publish", links=[link], member_id=member_id
        )


async def test_an_owner_publishes_for_an_agent(world: World) -> None:
    alice = Person("alice")
    agent = await world.run(world.alice, "agent.register", name="Robot")
    robot = Person("robot", alice)
    member_id = agent["agent"]["id"]
    told = await publish(world, world.alice, robot, member_id=member_id)
    assert told["id"] == member_id
    await world.refused(
        ErrorCode.NOT_FOUND,
        world.bob,
        "identity.publish",
        links=[to_base64(robot.links[0])],
        member_id=member_id,
    )


async def test_a_new_beginning_names_what_it_gives_up(world: World) -> None:
    alice, anew = Person("alice"), Person("alice anew")
    await publish(world, world.alice, alice)
    await world.refused(
        ErrorCode.MALFORMED, world.alice, "identity.publish", links=[to_base64(anew.links[0])]
    )
    await world.refused(
        ErrorCode.CONFLICT,
        world.alice,
        "identity.publish",
        links=[to_base64(anew.links[0])],
        replaces=to_base64(anew.fp),
    )
    told = await publish(world, world.alice, anew, replaces=to_base64(alice.fp))
    assert await world.run(world.bob, "identity.list", members=[world.alice.id]) == [told]
    before = await world.run(world.bob, "identity.chain", fp=to_base64(alice.fp))
    assert before["identity"]["fp"] == to_base64(alice.fp)


async def test_a_longer_chain_is_told_in_the_rooms_that_it_concerns(world: World) -> None:
    made = await sealing(world)
    made.alice.add_device("phone")
    world.told.clear()
    told = await world.run(world.alice, "identity.publish", links=[to_base64(made.alice.links[1])])
    assert world.told == [
        ("identity.extended", {"room": room, "identity": told}) for room in (world.alice.id, made.room)
    ]


async def test_what_is_refused_is_not_told(world: World) -> None:
    alice = Person("alice")
    await publish(world, world.alice, alice)
    world.told.clear()
    await world.refused(
        ErrorCode.MALFORMED, world.alice, "identity.publish", links=[to_base64(alice.links[0])]
    )
    assert world.told == []


async def test_guests_learn_of_nobody_elses_identity(world: World) -> None:
    await publish(world, world.alice, Person("alice"))
    assert await world.run(world.guest, "identity.list", members=[world.alice.id]) == []


async def test_a_chain_that_nobody_has_is_not_found(world: World) -> None:
    await world.refused(ErrorCode.NOT_FOUND, world.alice, "identity.chain", fp="A" * 43)


async def test_two_that_publish_at_once_are_one_after_the_other(world: World, sibling: World) -> None:
    first, second = Person("alice"), Person("alice")
    await publish(world, world.alice, first)
    first.add_device("phone")
    second.rekey()
    replies = await asyncio.gather(
        world.run(world.alice, "identity.publish", links=[to_base64(first.links[1])]),
        sibling.run(world.alice, "identity.publish", links=[to_base64(second.links[1])]),
        return_exceptions=True,
    )
    assert sum(isinstance(reply, Exception) for reply in replies) == 1


async def test_an_agent_knows_who_answers_for_it(world: World) -> None:
    alice, bob = Person("alice"), Person("bob")
    told = await publish(world, world.alice, alice)
    await publish(world, world.bob, bob)
    made = await world.run(world.alice, "agent.register", name="Worker")
    async with world.pool.acquire() as tx:
        agent = await members.get(tx, made["agent"]["id"])
    assert agent is not None
    assert await world.run(agent, "identity.list", members=[world.alice.id, world.bob.id]) == [told]
    assert (await world.run(agent, "member.get", member_id=world.alice.id))["name"] == world.alice.name
    await world.refused(ErrorCode.NOT_FOUND, agent, "member.get", member_id=world.bob.id)
