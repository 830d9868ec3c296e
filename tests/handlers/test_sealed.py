"""Encrypted rooms: what may stand in one, in which order, and who gets in by it."""

import asyncio
from typing import Any

import pytest

from handlers import sealed_state
from handlers.dispatch import Caller, Request
from persistence.ids import new_id
from protocol.errors import ApiError, ErrorCode
from protocol.registry import Scope
from protocol.wire import command_spec, decode_command, from_base64, to_base64
from scripts.generator.vectors.cast import Person, Stage
from tests.handlers.sealing import Sealing, addition, publish, sealing
from tests.world import World
from ymera_client.crypto.commits import Access, Leave, Policy, Remove, Role, Rotate, SetRole
from ymera_client.crypto.content import Content, ContentType
from ymera_client.crypto.envelopes import EnvelopeKind, parse_envelope, parse_stub
from ymera_client.crypto.ephemera import write_ephemeral


@pytest.fixture
async def made(world: World) -> Sealing:
    return await sealing(world)


async def test_a_room_begins_with_its_genesis_and_an_epoch(world: World, made: Sealing) -> None:
    shown = await world.run(world.alice, "sealed.get", room=made.room)
    assert shown["room_ref"] == to_base64(made.stage.room.ref)
    assert (shown["cseq"], shown["epoch"], shown["form"]) == (1, 1, "conversation")
    assert world.types(made.room) == ["commit.posted", "commit.posted"]
    (told,) = [event.data["membership"] for event in world.published if event.room == world.alice.id]
    assert told == {"id": made.room, "kind": "sealed", "name": "", "role": "manager", "read_seq": 0}
    boxes = await world.run(
        world.alice, "sealed.boxes", room=made.room, device_id=to_base64(made.alice.id_of())
    )
    assert [(box["epoch"], from_base64(box["box"])) for box in boxes] == [(1, made.stage.items[1].boxes[0])]


async def test_the_transcript_is_that_of_the_clients(world: World, made: Sealing) -> None:
    await made.say("one")
    await made.add_bob()
    await made.say("two", by=made.bob)
    kept = await world.pool.fetch(
        "SELECT seq, transcript FROM sealed_items WHERE room_id = $1 ORDER BY seq", made.room
    )
    assert {row["seq"]: row["transcript"] for row in kept} == made.stage.memory.hashes
    assert await made.items(world.bob) == [
        (seq, item.what, item.raw) for seq, item in enumerate(made.stage.items, 1)
    ]
    rest = await world.run(world.bob, "sealed.items", room=made.room, after_seq=3)
    assert from_base64(rest["transcript"]) == made.stage.memory.hashes[3]
    assert [item["seq"] for item in rest["items"]] == [4, 5]


async def test_outsiders_learn_nothing_of_it(world: World, made: Sealing) -> None:
    written = made.shown(made.stage.write(made.alice, Rotate()))
    envelope = to_base64(made.stage.seal(made.alice, "hello"))
    for stranger in (world.bob, world.admin, world.owner, world.guest):
        for command in ("sealed.get", "sealed.items", "sealed.wants", "sealed_invite.requests", "room.join"):
            await world.refused(ErrorCode.NOT_FOUND, stranger, command, room=made.room)
        await world.refused(ErrorCode.NOT_FOUND, stranger, "sealed.commit", **written)
        for command in ("sealed.post", "sealed.whisper"):
            await world.refused(ErrorCode.NOT_FOUND, stranger, command, room=made.room, envelope=envelope)
        await world.refused(
            ErrorCode.NOT_FOUND,
            stranger,
            "sealed.boxes",
            room=made.room,
            device_id=to_base64(made.alice.id_of()),
        )


async def test_what_is_meant_for_an_open_room_is_refused(world: World, made: Sealing) -> None:
    for command, payload in (
        ("message.send", {"room": made.room, "text": "by mistake"}),
        ("room.history", {"room": made.room}),
        ("room.update", {"room": made.room, "version": 1, "name": "plain"}),
        ("room.leave", {"room": made.room}),
        ("room.add_member", {"room": made.room, "member_id": world.bob.id}),
        ("room.members", {"room": made.room}),
        ("task.create", {"project_id": made.room, "title": "by mistake"}),
        ("task.list", {"project_id": made.room}),
        ("run.create", {"project_id": made.room, "capability": "x"}),
        ("project.update", {"project_id": made.room, "version": 1, "name": "plain"}),
        ("file.list", {"room": made.room}),
        ("file.search", {"room": made.room, "query": "by mistake"}),
    ):
        refusal = await world.refused(ErrorCode.E2EE_ROOM, world.alice, command, **payload)
        assert "encrypted" in refusal.message, command
        await world.refused(ErrorCode.NOT_FOUND, world.bob, command, **payload)
    assert len(await made.items(world.alice)) == 2


async def test_whoever_is_added_gets_in_and_whoever_is_removed_is_shut_out(
    world: World, made: Sealing
) -> None:
    await made.add_bob(Role.READER)
    assert (await world.run(world.bob, "room.join", room=made.room))["role"] == "viewer"
    await made.commit(made.stage.commit(made.alice, SetRole(made.bob.fp, Role.ADMIN)), world.alice)
    assert (await world.run(world.bob, "room.join", room=made.room))["role"] == "manager"
    assert world.types(world.bob.id) == ["membership.updated", "membership.updated"]
    await made.commit(made.stage.commit(made.alice, Remove(made.bob.fp)), world.alice)
    await world.refused(ErrorCode.NOT_FOUND, world.bob, "sealed.items", room=made.room)
    assert world.types(world.bob.id)[-1] == "membership.removed"
    assert [event.data["removed"] for event in world.published if event.room == made.room][-1] == [
        world.bob.id
    ]


async def test_who_has_left_is_out_and_nothing_is_said_until_there_is_a_new_epoch(
    world: World, made: Sealing
) -> None:
    await made.add_bob()
    await made.commit(made.stage.commit(made.bob, Leave()), world.bob)
    await world.refused(ErrorCode.NOT_FOUND, world.bob, "sealed.get", room=made.room)
    stage = Stage(made.alice)
    stage.rotate(made.alice)
    stage.add(made.alice, made.bob)
    early = stage.seal(made.alice, "too early")
    refusal = await world.refused(
        ErrorCode.ROTATION_REQUIRED, world.alice, "sealed.post", room=made.room, envelope=to_base64(early)
    )
    assert refusal.data["fault"] == "leave_pending"
    await made.commit(made.stage.rotate(made.alice), world.alice)
    await made.say("now")


async def test_of_two_commits_one_wins_and_the_other_is_made_anew(world: World, made: Sealing) -> None:
    await made.add_bob(Role.ADMIN)
    first, second = made.stage.write(made.alice, Rotate()), made.stage.write(made.bob, Rotate())
    await made.take(first, world.alice)
    refusal = await world.refused(ErrorCode.COMMIT_CONFLICT, world.bob, "sealed.commit", **made.shown(second))
    assert refusal.data == {"fault": "commit_seq", "head": made.stage.room.head.hex()}
    await made.commit(made.stage.rotate(made.bob), world.bob)


async def test_two_commits_at_the_same_moment(world: World, sibling: World, made: Sealing) -> None:
    await made.add_bob(Role.ADMIN)
    writes = [made.shown(made.stage.write(each, Rotate())) for each in (made.alice, made.bob)]
    replies = await asyncio.gather(
        world.run(world.alice, "sealed.commit", **writes[0]),
        sibling.run(world.bob, "sealed.commit", **writes[1]),
        return_exceptions=True,
    )
    assert sum(isinstance(reply, Exception) for reply in replies) == 1
    assert len(await made.items(world.alice)) == 4


async def test_boxes_are_as_many_as_recipients_and_those_that_were_signed(
    world: World, made: Sealing
) -> None:
    written = made.shown(made.stage.write(made.alice, Rotate()))
    for boxes in ([], written["boxes"] * 2, ["A" * 192]):
        refusal = await world.refused(
            ErrorCode.MALFORMED, world.alice, "sealed.commit", **(written | {"boxes": boxes})
        )
        assert refusal.data["fault"] in {"box_count", "boxes"}


async def test_the_same_bytes_again_are_answered_alike(world: World, made: Sealing) -> None:
    raw = await made.say("once")
    await made.say("another")
    assert await made.post(raw) == {"room": made.room, "seq": 3}
    assert len(await made.items(world.alice)) == 4


async def test_other_bytes_under_the_same_client_id_are_refused(world: World, made: Sealing) -> None:
    raw = await made.say("once")
    client_id = parse_envelope(raw).header.client_id
    other = made.stage.seal(made.alice, "twice", client_id=client_id)
    refusal = await world.refused(
        ErrorCode.CLIENT_ID_CONFLICT, world.alice, "sealed.post", room=made.room, envelope=to_base64(other)
    )
    assert refusal.data == {"fault": "client_id"}


async def test_an_old_place_in_the_timeline_is_refused_with_the_right_one(
    world: World, made: Sealing
) -> None:
    late = made.stage.seal(made.alice, "late")
    await made.say("first")
    refusal = await world.refused(
        ErrorCode.CTR_CONFLICT, world.alice, "sealed.post", room=made.room, envelope=to_base64(late)
    )
    assert refusal.data == {"fault": "replay", "expected": 1}


async def test_an_old_epoch_is_refused_with_the_new_one(world: World, made: Sealing) -> None:
    late = made.stage.seal(made.alice, "late")
    await made.commit(made.stage.rotate(made.alice), world.alice)
    refusal = await world.refused(
        ErrorCode.EPOCH_STALE, world.alice, "sealed.post", room=made.room, envelope=to_base64(late)
    )
    assert refusal.data == {"fault": "epoch_old", "epoch": 2}


async def test_who_was_removed_posts_nothing_with_a_key_that_they_kept(world: World, made: Sealing) -> None:
    await made.add_bob()
    late = made.stage.seal(made.bob, "still here")
    await made.commit(made.stage.commit(made.alice, Remove(made.bob.fp)), world.alice)
    # Even handed in by somebody who may.
    await world.refused(
        ErrorCode.EPOCH_STALE, world.alice, "sealed.post", room=made.room, envelope=to_base64(late)
    )


async def test_of_two_changes_of_a_thing_the_second_is_told_the_version(world: World, made: Sealing) -> None:
    await made.add_bob()
    thing = b"t" * 16
    await made.say("made", entity_id=thing)
    await made.say("changed", entity_id=thing, base_version=1)
    late = made.stage.seal(made.bob, "changed too", entity_id=thing, base_version=1)
    refusal = await world.refused(
        ErrorCode.VERSION_CONFLICT, world.bob, "sealed.post", room=made.room, envelope=to_base64(late)
    )
    assert refusal.data == {"fault": "base_version", "current": 2}


async def test_what_is_said_at_once_stands_as_if_one_after_another(world: World, made: Sealing) -> None:
    await made.add_bob()
    stage, thing = made.stage, b"t" * 16
    raws = [
        stage.say(made.alice, "made", entity_id=thing),
        stage.say(made.bob, "changed", entity_id=thing, base_version=1),
        stage.say(made.alice, "changed again", entity_id=thing, base_version=2),
        stage.say(made.bob, "and talked about"),
    ]
    posted = await made.post_at_once([*raws, raws[0]])
    assert posted == [4, 5, 6, 7, 4]
    assert [body for _, _, body in await made.items(world.alice, after_seq=3)] == raws
    shown = await world.run(world.alice, "sealed.items", room=made.room, after_seq=7)
    assert shown["transcript"] == to_base64(stage.timeline.hash)
    await made.say("and on", entity_id=thing, base_version=3)


async def test_what_is_refused_among_others_is_refused_alone(world: World, made: Sealing) -> None:
    await made.add_bob()
    stage, thing = made.stage, b"t" * 16
    made_first = stage.seal(made.alice, "made", entity_id=thing)
    made_second = stage.seal(made.bob, "made too", entity_id=thing)
    dispatcher, spec = world.dispatcher, command_spec("sealed.post")
    outcomes = await asyncio.gather(
        *(
            dispatcher.run(
                Caller(member.id, None, Scope.ADMIN, "test"),
                spec,
                {"room": made.room, "envelope": to_base64(raw)},
            )
            for member, raw in (
                (world.alice, made_first),
                (world.bob, made_second),
                (world.alice, made_first),
            )
        ),
        return_exceptions=True,
    )
    first, second, again = outcomes
    assert isinstance(second, ApiError)
    assert (second.code, second.data["current"]) == (ErrorCode.VERSION_CONFLICT, 1)
    assert first == again
    assert [seq for seq, _, _ in await made.items(world.alice, after_seq=3)] == [4]


async def test_readers_do_not_post(world: World, made: Sealing) -> None:
    await made.add_bob(Role.READER)
    stage = made.stage
    written = stage.write(made.alice, SetRole(made.bob.fp, Role.MEMBER))
    other = Stage(made.alice)
    other.rotate(made.alice)
    other.add(made.alice, made.bob, role=Role.MEMBER)
    await made.take(written, world.alice)
    await made.say("now I may", by=made.bob)


async def test_what_is_erased_is_gone_everywhere_and_the_chain_stays(world: World, made: Sealing) -> None:
    raw = await made.say("a slip of the tongue")
    deletion = made.stage.say(made.alice, "delete")
    await made.post(deletion, erases=[3])
    ((seq, kind, stub),) = await made.items(world.alice, after_seq=2, limit=1)
    assert (seq, kind) == (3, "stub")
    assert parse_stub(stub).event_hash == parse_envelope(raw).event_hash
    assert await made.post(raw) == {"room": made.room, "seq": 3}
    events = await world.run(world.alice, "room.events", room=made.room, after_seq=2)
    assert from_base64(events["events"][0]["data"]["envelope"]) == stub
    await made.say("and on")


async def test_what_is_erased_together_with_being_said_is_gone_too(world: World, made: Sealing) -> None:
    said, deletion = made.stage.say(made.alice, "a slip"), made.stage.say(made.alice, "delete")
    caller = Caller(world.alice.id, None, Scope.ADMIN, "test")
    payloads: list[dict[str, Any]] = [
        {"envelope": to_base64(said)},
        {"envelope": to_base64(deletion), "erases": [3]},
    ]
    spec = command_spec("sealed.post")
    requests = [
        Request(caller, spec, decode_command(spec, {"room": made.room} | payload)) for payload in payloads
    ]
    async with world.pool.acquire() as connection:
        await world.dispatcher.carry_out(connection, requests)
    events = await world.run(world.alice, "room.events", room=made.room, after_seq=2)
    first, _ = (from_base64(event["data"]["envelope"]) for event in events["events"])
    assert parse_stub(first).event_hash == parse_envelope(said).event_hash
    assert (await made.items(world.alice, after_seq=2, limit=1))[0][1] == "stub"


async def test_only_admins_erase_what_others_said(world: World, made: Sealing) -> None:
    await made.add_bob()
    await made.say("mine")
    deletion = to_base64(made.stage.seal(made.bob, "delete"))
    refusal = await world.refused(
        ErrorCode.ROLE, world.bob, "sealed.post", room=made.room, envelope=deletion, erases=[4]
    )
    assert refusal.data["fault"] == "op_role"
    await made.say("bob's", by=made.bob)
    await made.post(made.stage.say(made.alice, "delete"), erases=[5])
    assert (await made.items(world.bob, after_seq=4, limit=1))[0][1] == "stub"


async def test_a_commit_is_never_erased(world: World, made: Sealing) -> None:
    await made.post(made.stage.say(made.alice, "delete"), erases=[1, 2])
    assert [kind for _, kind, _ in await made.items(world.alice)] == ["commit", "commit", "envelope"]


async def test_two_snapshots_of_a_document_and_what_came_after_the_older_stay(
    world: World, made: Sealing
) -> None:
    document = b"d" * 16
    for number in range(7):
        kind = EnvelopeKind.SNAPSHOT if number % 2 else EnvelopeKind.UPDATE
        await made.say("d", kind=kind, entity_id=document, content=_crdt())
    kinds = [kind for _, kind, _ in await made.items(world.alice, after_seq=2)]
    assert kinds == ["stub"] * 3 + ["envelope"] * 4


def _crdt() -> Content:
    return Content(ContentType.CRDT, b"")


async def test_a_whisper_reaches_the_room_and_stands_nowhere(world: World, made: Sealing) -> None:
    now = int((await world.pool.fetchval("SELECT extract(epoch FROM clock_timestamp())")) * 1000)
    for sent_ms, heard in ((now, 1), (now - 300_000, 0)):
        world.told.clear()
        raw = to_base64(_whisper(made, sent_ms))
        await world.run(world.alice, "sealed.whisper", room=made.room, envelope=raw)
        assert world.told == [("sealed.whispered", {"room": made.room, "envelope": raw})] * heard
    forged = bytearray(_whisper(made, now))
    forged[-1] ^= 1
    await world.refused(
        ErrorCode.BAD_SIGNATURE,
        world.alice,
        "sealed.whisper",
        room=made.room,
        envelope=to_base64(bytes(forged)),
    )
    assert len(await made.items(world.alice)) == 2


def _whisper(made: Sealing, sent_ms: int) -> bytes:
    stage = made.stage
    return write_ephemeral(
        stage.room,
        stage.ring,
        Content(ContentType.JSON, b"{}"),
        device_id=made.alice.id_of(),
        secret=made.alice.devices["first"].secret,
        client_id=b"c" * 16,
        sent_ms=sent_ms,
        nonce=b"n" * 24,
        seen=stage.timeline.seen,
    )


async def test_nobody_makes_a_room_for_somebody_else(world: World, made: Sealing) -> None:
    stage = Stage(made.bob)
    stage.rotate(made.bob)
    genesis, commit = stage.items
    await world.refused(
        ErrorCode.NOT_MEMBER,
        world.alice,
        "sealed.create",
        id=new_id(),
        form="project",
        genesis=to_base64(genesis.raw),
        commit=to_base64(commit.raw),
        boxes=[to_base64(box) for box in commit.boxes],
    )


async def test_a_room_is_made_once(world: World, made: Sealing) -> None:
    made.room = new_id()
    refusal = await world.refused(
        ErrorCode.CONFLICT,
        world.alice,
        "sealed.create",
        id=made.room,
        form="conversation",
        genesis=to_base64(made.stage.items[0].raw),
        commit=to_base64(made.stage.items[1].raw),
        boxes=[to_base64(box) for box in made.stage.items[1].boxes],
    )
    assert "genesis" in refusal.message
    await world.refused(ErrorCode.NOT_FOUND, world.alice, "sealed.get", room=made.room)


async def test_somebody_in_it_by_two_identities_goes_when_both_have_gone(world: World, made: Sealing) -> None:
    await made.add_bob()
    anew = Person("bob anew")
    await publish(world, world.bob, anew, replaces=to_base64(made.bob.fp))
    made.stage.people[anew.fp] = anew
    await made.commit(made.stage.commit(made.alice, addition(anew)), world.alice)
    await made.commit(made.stage.commit(made.alice, Remove(made.bob.fp)), world.alice)
    assert (await world.run(world.bob, "sealed.get", room=made.room))["epoch"] == 4
    await made.commit(made.stage.commit(made.alice, Remove(anew.fp)), world.alice)
    await world.refused(ErrorCode.NOT_FOUND, world.bob, "sealed.get", room=made.room)


async def test_a_member_who_was_shut_out_of_the_workspace_leaves_no_mark_on_its_log(
    world: World, made: Sealing
) -> None:
    await made.add_bob()
    await world.run(world.owner, "member.remove", member_id=world.bob.id)
    await world.refused(ErrorCode.UNAUTHENTICATED, world.bob, "sealed.get", room=made.room)
    await made.say("without bob, and not by a gap")
    await made.commit(made.stage.commit(made.alice, Remove(made.bob.fp)), world.alice)


async def test_what_a_node_keeps_in_memory_is_never_out_of_date(
    world: World, sibling: World, made: Sealing
) -> None:
    await made.say("here")
    await made.commit(made.stage.rotate(made.alice), world.alice)
    raw = made.stage.say(made.alice, "there")
    posted = await sibling.run(sibling.alice, "sealed.post", room=made.room, envelope=to_base64(raw))
    assert posted["seq"] == 5
    sealed_state._kept.clear()
    await made.say("read anew")


async def test_a_policy_of_other_shapes_stands(world: World) -> None:
    made = await sealing(world, Policy(history=Access.SHARED))
    await made.add_bob()
    await made.say("shared", by=made.bob)
