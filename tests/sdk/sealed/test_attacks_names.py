"""More attacks on rooms of the cast: on whose an identity is, who reads what, and what is said in passing."""

import time
from uuid import UUID

import msgspec
import pytest

from persistence.ids import new_id
from protocol.sealed import SealedWhispered
from protocol.wire import to_base64
from scripts.generator.vectors import rooms
from scripts.generator.vectors.cast import Person
from tests.sdk.sealed.hostile import Crew, message
from tests.sdk.sealed.test_attacks import (  # noqa: F401 - pytest finds the fixture by its name
    Scene,
    _additions,
    _enrolled,
    scene,
)
from ymera_client.crypto.commits import Access, DevUp, Policy, parse_commit
from ymera_client.crypto.content import Content, ContentType
from ymera_client.crypto.ephemera import write_ephemeral

pytestmark = pytest.mark.asyncio(loop_scope="module")
FROM_JOIN = Policy(history=Access.FROM_JOIN)


async def test_who_is_said_to_be_another_member_does_not_edit_their_words(scene: Scene) -> None:  # noqa: F811 - the fixture
    cast = rooms.Cast(*(Person(f"{each} of two") for each in rooms.NAMES)).complete()
    members = await _enrolled(scene.operator, cast)
    await scene.operator.pool.execute(
        "UPDATE identities SET member_id = $2, in_force = false WHERE fp = $1",
        cast.cat.fp,
        members[cast.bob.fp].id,
    )
    members[cast.cat.fp] = members[cast.bob.fp]
    made = Crew(scene.operator, members, cast)
    await made.found(scene.guests)
    said = message(made.room, "Mine.")
    await made.say(cast.bob, "Mine.", **said)
    edited = {
        "type": "message.edit",
        "data": {"message_id": str(UUID(bytes=said["entity_id"])), "text": "Hers."},
    }
    content = Content(ContentType.JSON, msgspec.json.encode(edited))
    await made.say(cast.cat, "", content=content, entity_id=said["entity_id"], base_version=1)
    seq = made.stage.timeline.seq
    assert await scene.each(lambda victim: victim.mark(made.room, seq)) == [("void", "forbidden")] * 2
    assert await scene.each(lambda victim: victim.texts(made.room, 1)) == [["Mine."]] * 2
    await scene.each(lambda victim: victim.alarm("member_twice"))


async def test_a_room_is_what_its_first_name_says_and_not_what_the_server_does(scene: Scene) -> None:  # noqa: F811 - the fixture
    made = Crew(scene.operator, scene.members, scene.cast)
    await made.found(scene.guests)
    await scene.each(lambda victim: victim.shows(made.room, "conversation"))
    for name, payload in (
        ("project.update", {"project_id": made.room, "name": "Plans"}),
        ("room.update", {"room": made.room, "name": "Talk"}),
    ):
        said = Content(ContentType.JSON, msgspec.json.encode({"type": name, "data": payload}))
        await made.say(scene.cast.ann, "", content=said, entity_id=bytes(16))
    seq = made.stage.timeline.seq
    assert await scene.each(lambda victim: victim.mark(made.room, seq)) == [("void", "not_found")] * 2
    await scene.each(lambda victim: victim.shows(made.room, "project"))


async def test_a_revocation_that_the_server_leaves_out_comes_before_what_is_said(scene: Scene) -> None:  # noqa: F811 - the fixture
    for victim in scene.victims:
        made = await scene.crew()
        assert await victim.say(made.room, "Only to who is in use.") == made.stage.timeline.seq + 2
        body = await scene.operator.pool.fetchval(
            "SELECT body FROM sealed_items WHERE room_id = $1 AND kind = 'commit' ORDER BY seq DESC LIMIT 1",
            made.room,
        )
        commit = parse_commit(bytes(body))
        dan = next(op for op in commit.ops if isinstance(op, DevUp) and op.fp == scene.cast.dan.fp)
        assert dan.pin == scene.cast.dan.pin
        assert commit.section is not None
        assert commit.epoch == made.stage.room.epoch + 1


async def test_who_comes_later_reads_nothing_of_before(scene: Scene) -> None:  # noqa: F811 - the fixture
    made = Crew(scene.operator, scene.members, scene.cast)
    await made.found([], FROM_JOIN)
    await made.say(scene.cast.ann, "Before.")
    before = made.stage.timeline.seq
    await made.commit(made.cast.ann, *_additions(scene, made))
    await made.say(scene.cast.ann, "After.")
    assert await scene.each(lambda victim: victim.texts(made.room, 1)) == [["After."]] * 2
    assert await scene.each(lambda victim: victim.mark(made.room, before)) == [("before", "before")] * 2


async def test_what_is_wrong_with_a_whisper_drops_it_and_nothing_else(scene: Scene) -> None:  # noqa: F811 - the fixture
    made = await scene.crew()
    bob, now = made.cast.bob, time.time_ns() // 1_000_000

    def whisper(word: str, ms: int, secret: bytes | None = None, by: Person = bob) -> bytes:
        return write_ephemeral(
            made.stage.room,
            made.stage.ring,
            Content(ContentType.JSON, msgspec.json.encode({"word": word})),
            device_id=by.id_of(),
            secret=secret or by.devices["first"].secret,
            client_id=UUID(new_id()).bytes,
            sent_ms=ms,
            nonce=bytes(24),
            seen=made.stage.timeline.seen,
        )

    good = whisper("good", now)
    bad = bytearray(whisper("changed", now + 2))
    bad[-70] ^= 1
    sent = [
        good,
        good,
        whisper("earlier", now - 1),
        whisper("forged", now + 1, made.cast.cat.devices["first"].secret),
        bytes(bad),
        whisper("late", now - 200_000),
        whisper("early", now + 200_000),
        whisper("of a reader", now + 2, by=made.cast.dan),
        b"short",
        whisper("last", now + 3),
    ]
    tell = scene.operator.server.node.dispatcher.tools.tell
    assert tell is not None
    for raw in sent:
        told = SealedWhispered(room=made.room, envelope=to_base64(raw))
        tell("sealed.whispered", made.room, msgspec.json.encode(told))
    await made.say(bob, "goes on")
    for texts in await scene.each(lambda victim: victim.texts(made.room, 5)):
        assert texts[-1] == "goes on"
    heard = [{"from": scene.members[bob.fp].id, "word": word} for word in ("good", "last")]
    assert await scene.each(lambda victim: victim.whispers(2)) == [heard] * 2
