"""Messages: sending, editing, deleting and reacting, threads and the room's history."""

import asyncio
from functools import partial
from typing import Any

import pytest

from persistence.ids import new_id
from protocol.errors import ErrorCode
from protocol.fields import MAX_MENTIONS, MAX_REACTIONS, MAX_REACTORS
from protocol.files import ContentKind
from tests import filing
from tests.world import World


@pytest.fixture
async def channel(world: World) -> str:
    """A public channel that alice manages and bob is in."""
    made = await world.run(world.alice, "room.create", name="talk", members=[world.bob.id])
    world.published.clear()
    return str(made["id"])


@pytest.fixture
async def private(world: World) -> str:
    """A private channel that alice manages and bob is in."""
    made = await world.run(world.alice, "room.create", name="aside", private=True, members=[world.bob.id])
    world.published.clear()
    return str(made["id"])


async def test_a_message_takes_the_seq_of_its_event(world: World, channel: str) -> None:
    sent = await world.run(world.alice, "message.send", room=channel, text="Hello")
    (event,) = world.published
    assert (event.room, event.type, event.actor) == (channel, "message.sent", world.alice.id)
    assert event.data == {"message": sent, "thread": None, "task": None}
    assert sent["seq"] == event.seq
    assert (sent["version"], sent["author_id"], sent["text"]) == (1, world.alice.id, "Hello")
    assert (sent["reactions"], sent["mentions"], sent["deleted"]) == ({}, [], False)


async def test_messages_sent_at_once_stand_in_one_order(world: World, channel: str) -> None:
    sent = await asyncio.gather(
        *(
            world.run(who, "message.send", room=channel, text=f"@[Bob]({world.bob.id}) {number}")
            for number in range(6)
            for who in (world.alice, world.bob, world.admin)
        )
    )
    seqs = sorted(message["seq"] for message in sent)
    assert seqs == list(range(seqs[0], seqs[0] + len(sent)))
    inbox = [event.seq for event in world.published if event.room == world.bob.id]
    assert sorted(inbox) == list(range(min(inbox), min(inbox) + 12))


async def test_strangers_and_viewers_say_nothing(world: World, channel: str, private: str) -> None:
    await world.refused(ErrorCode.NOT_FOUND, world.guest, "message.send", room=channel, text="hi")
    await world.refused(ErrorCode.NOT_FOUND, world.admin, "message.send", room=private, text="hi")
    await world.refused(ErrorCode.NOT_FOUND, world.alice, "message.send", room=world.workspace_id, text="hi")
    await world.refused(ErrorCode.NOT_FOUND, world.alice, "message.send", room=world.alice.id, text="hi")
    said = await world.run(world.alice, "message.send", room=private, text="between us")
    for command, payload in (
        ("message.edit", {"text": "x"}),
        ("message.delete", {}),
        ("message.react", {"emoji": "👍"}),
    ):
        await world.refused(ErrorCode.NOT_FOUND, world.admin, command, message_id=said["id"], **payload)
    assert len(world.published) == 1


@pytest.mark.parametrize("text", ["", " \n ", "x" * 20_001, "nul \0"])
async def test_a_text_is_bounded_and_not_blank(world: World, channel: str, text: str) -> None:
    refusal = await world.refused(ErrorCode.INVALID, world.alice, "message.send", room=channel, text=text)
    assert refusal.data["path"] == "text"


async def test_a_message_sent_again_is_there_once(world: World, channel: str, fresh_id: str) -> None:
    request: dict[str, Any] = {"room": channel, "text": "once", "command_id": fresh_id}
    replies = await asyncio.gather(*(world.run(world.alice, "message.send", **request) for _ in range(3)))
    assert replies[0] == replies[1] == replies[2]
    assert world.types(channel) == ["message.sent"]


async def test_the_client_may_choose_a_free_id(world: World, channel: str, fresh_id: str) -> None:
    sent = await world.run(world.alice, "message.send", room=channel, text="mine", id=fresh_id)
    assert sent["id"] == fresh_id
    await world.refused(ErrorCode.CONFLICT, world.bob, "message.send", room=channel, text="mine", id=fresh_id)


async def test_an_answer_counts_at_the_message_that_opened_its_thread(world: World, channel: str) -> None:
    root = await world.run(world.alice, "message.send", room=channel, text="Question?")
    answer = await world.run(world.bob, "message.send", room=channel, text="Answer.", thread_id=root["id"])
    event = next(event for event in world.published if event.seq == answer["seq"])
    assert event.data["thread"] == {"id": root["id"], "reply_count": 1}
    history = await world.run(world.bob, "room.history", room=channel, thread_id=root["id"])
    assert [item["id"] for item in history["items"]] == [answer["id"], root["id"]]
    assert history["items"][1]["reply_count"] == 1
    assert history["items"][1]["version"] == 1

    deeper = await world.refused(
        ErrorCode.INVALID,
        world.alice,
        "message.send",
        room=channel,
        text="Deeper",
        thread_id=answer["id"],
    )
    assert deeper.data["path"] == "thread_id"


async def test_a_thread_stays_in_its_room(world: World, channel: str, private: str) -> None:
    elsewhere = await world.run(world.alice, "message.send", room=private, text="between us")
    for thread in (elsewhere["id"], new_id()):
        await world.refused(
            ErrorCode.NOT_FOUND,
            world.alice,
            "message.send",
            room=channel,
            text="answer",
            thread_id=thread,
        )
    history = await world.run(world.bob, "room.history", room=channel, thread_id=elsewhere["id"])
    assert history["items"] == []


async def test_answers_at_once_are_all_counted(world: World, channel: str) -> None:
    root = await world.run(world.alice, "message.send", room=channel, text="Who is in?")
    await asyncio.gather(
        *(
            world.run(who, "message.send", room=channel, text="me", thread_id=root["id"])
            for who in (world.alice, world.bob, world.admin, world.owner)
        )
    )
    counts = [
        event.data["thread"]["reply_count"]
        for event in sorted(world.published, key=lambda event: event.seq)
        if event.type == "message.sent" and event.data["thread"]
    ]
    assert counts == [1, 2, 3, 4]


async def test_authors_edit_their_messages(world: World, channel: str) -> None:
    sent = await world.run(world.bob, "message.send", room=channel, text="Helo")
    await world.refused(ErrorCode.FORBIDDEN, world.alice, "message.edit", message_id=sent["id"], text="x")
    edited = await world.run(world.bob, "message.edit", message_id=sent["id"], text="Hello", version=1)
    assert (edited["text"], edited["version"], edited["seq"]) == ("Hello", 2, sent["seq"])
    assert edited["edited_at"] is not None
    assert world.types(channel) == ["message.sent", "message.updated"]
    refusal = await world.refused(
        ErrorCode.CONFLICT, world.bob, "message.edit", message_id=sent["id"], text="x", version=1
    )
    assert refusal.data["current"].text == "Hello"
    same = await world.run(world.bob, "message.edit", message_id=sent["id"], text="Hello")
    assert same == edited
    assert len(world.types(channel)) == 2


async def test_who_was_made_a_viewer_no_longer_edits(world: World, channel: str) -> None:
    sent = await world.run(world.bob, "message.send", room=channel, text="mine")
    await world.run(world.alice, "room.add_member", room=channel, member_id=world.bob.id, role="viewer")
    await world.refused(ErrorCode.FORBIDDEN, world.bob, "message.edit", message_id=sent["id"], text="x")
    await world.refused(ErrorCode.FORBIDDEN, world.bob, "message.delete", message_id=sent["id"])


async def test_a_deleted_message_keeps_its_place_and_its_thread(world: World, channel: str) -> None:
    text = f"@[Bob]({world.bob.id}) look"
    root = await world.run(world.alice, "message.send", room=channel, text=text)
    answer = await world.run(world.bob, "message.send", room=channel, text="I see", thread_id=root["id"])
    await world.run(world.bob, "message.react", message_id=root["id"], emoji="👀")
    gone = await world.run(world.alice, "message.delete", message_id=root["id"])
    assert (gone["text"], gone["mentions"], gone["reactions"]) == ("", [], {})
    assert (gone["deleted"], gone["seq"], gone["reply_count"]) == (True, root["seq"], 1)
    assert gone["version"] == 2

    again = await world.run(world.alice, "message.delete", message_id=root["id"])
    assert again == gone
    assert world.types(channel).count("message.updated") == 2
    for command, payload in (("message.edit", {"text": "x"}), ("message.react", {"emoji": "👍"})):
        refusal = await world.refused(
            ErrorCode.CONFLICT, world.alice, command, message_id=root["id"], **payload
        )
        assert refusal.data["current"].deleted

    await world.run(world.bob, "message.delete", message_id=answer["id"])
    history = await world.run(world.bob, "room.history", room=channel)
    assert [(item["text"], item["reply_count"]) for item in history["items"]] == [("", 0), ("", 1)]


async def test_managers_delete_what_others_wrote(world: World, channel: str) -> None:
    mine = await world.run(world.bob, "message.send", room=channel, text="oops")
    hers = await world.run(world.alice, "message.send", room=channel, text="stays")
    await world.refused(ErrorCode.FORBIDDEN, world.bob, "message.delete", message_id=hers["id"])
    assert (await world.run(world.alice, "message.delete", message_id=mine["id"]))["deleted"]
    assert (await world.run(world.admin, "message.delete", message_id=hers["id"]))["deleted"]


async def test_nobody_deletes_what_the_other_wrote_in_a_direct_conversation(world: World) -> None:
    direct = await world.run(world.alice, "room.create", kind="direct", members=[world.bob.id])
    hers = await world.run(world.alice, "message.send", room=direct["id"], text="stays")
    await world.refused(ErrorCode.FORBIDDEN, world.bob, "message.delete", message_id=hers["id"])


async def test_a_reaction_comes_and_goes_once(world: World, channel: str) -> None:
    sent = await world.run(world.alice, "message.send", room=channel, text="Ship it?")
    for who in (world.bob, world.bob, world.alice):
        await world.run(who, "message.react", message_id=sent["id"], emoji="👍")
    liked = await world.run(world.bob, "message.react", message_id=sent["id"], emoji="👍")
    assert liked["reactions"] == {"👍": [world.bob.id, world.alice.id]}
    assert liked["version"] == 1
    take_back: dict[str, Any] = {"message_id": sent["id"], "emoji": "👍", "on": False}
    left = await world.run(world.bob, "message.react", **take_back)
    assert await world.run(world.bob, "message.react", **take_back) == left
    assert left["reactions"] == {"👍": [world.alice.id]}
    assert world.types(channel) == ["message.sent", *["message.updated"] * 3]
    edited = await world.run(world.alice, "message.edit", message_id=sent["id"], text="Ship it!", version=1)
    assert edited["reactions"] == left["reactions"]


async def test_reactions_are_bounded(world: World, channel: str) -> None:
    sent = await world.run(world.alice, "message.send", room=channel, text="Go wild")
    await asyncio.gather(
        *(
            world.run(world.bob, "message.react", message_id=sent["id"], emoji=f"emoji-{number}")
            for number in range(MAX_REACTIONS)
        )
    )
    refusal = await world.refused(
        ErrorCode.LIMIT_EXCEEDED, world.bob, "message.react", message_id=sent["id"], emoji="more"
    )
    assert refusal.data["limit"] == MAX_REACTIONS
    async with world.pool.acquire() as tx:
        await tx.execute(
            """
            WITH made AS (
                INSERT INTO members (id, kind, name, role, created_at)
                SELECT gen_random_uuid(), 'agent', 'Extra ' || n, 'member', now()
                FROM generate_series(1, $2) n RETURNING id
            )
            INSERT INTO reactions (message_id, emoji, member_id, at)
            SELECT $1, 'emoji-0', id, now() FROM made
            """,
            sent["id"],
            MAX_REACTORS - MAX_REACTIONS,
        )
    refusal = await world.refused(
        ErrorCode.LIMIT_EXCEEDED, world.alice, "message.react", message_id=sent["id"], emoji="emoji-1"
    )
    assert refusal.data["limit"] == MAX_REACTORS
    off = await world.run(world.bob, "message.react", message_id=sent["id"], emoji="emoji-3", on=False)
    assert "emoji-3" not in off["reactions"]


async def test_mentions_are_those_named_who_may_enter(world: World, private: str) -> None:
    text = (
        f"@[Bob]({world.bob.id}) @[Bob again]({world.bob.id}) @[Admin]({world.admin.id}) "
        f"@[Nobody]({new_id()}) @[Alice]({world.alice.id}) @[no id](x) ({world.bob.id})"
    )
    sent = await world.run(world.alice, "message.send", room=private, text=text)
    assert sent["mentions"] == [world.bob.id, world.alice.id]
    assert {event.room for event in world.published} == {private, world.bob.id}


async def test_mentions_are_bounded(world: World, channel: str) -> None:
    many = " ".join(f"@[x]({new_id()})" for _ in range(MAX_MENTIONS + 1))
    refusal = await world.refused(
        ErrorCode.LIMIT_EXCEEDED, world.alice, "message.send", room=channel, text=many
    )
    assert refusal.data["limit"] == MAX_MENTIONS
    assert world.published == []


async def test_brackets_without_end_are_read_in_no_time(world: World, channel: str) -> None:
    sent = await world.run(world.alice, "message.send", room=channel, text="@[" * 10_000)
    assert sent["mentions"] == []


async def test_history_is_paged_newest_first(world: World, channel: str) -> None:
    sent = [
        await world.run(world.alice, "message.send", room=channel, text=str(number)) for number in range(5)
    ]
    seen: list[str] = []
    cursor = None
    while True:
        page = await world.run(world.bob, "room.history", room=channel, limit=2, cursor=cursor)
        seen += [item["id"] for item in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert seen == [message["id"] for message in reversed(sent)]
    refusal = await world.refused(ErrorCode.INVALID, world.bob, "room.history", room=channel, cursor="forged")
    assert refusal.data["path"] == "cursor"


async def test_a_message_shows_files_as_they_were_called_then(world: World, channel: str) -> None:
    file = await filing.put(world, world.alice, channel, "plan.md", "Go.")
    await filing.read(world, file, kind=ContentKind.TEXT, media_type="text/markdown")
    send = partial(world.run, world.bob, "message.send", room=channel)
    sent = await send(text=" ", files=[file.id, file.id])
    shown = {"id": file.id, "name": "plan.md", "bytes": 3, "media_type": "text/markdown", "kind": "text"}
    assert sent["files"] == [shown]
    assert world.published[-1].data["message"] == sent
    await world.run(world.alice, "file.rename", file_id=file.id, name="final.md")
    edited = await world.run(world.bob, "message.edit", message_id=sent["id"], text="Read this.")
    assert (edited["files"], edited["text"]) == ([shown], "Read this.")
    assert (await world.run(world.bob, "room.history", room=channel))["items"] == [edited]
    deleted = await world.run(world.bob, "message.delete", message_id=sent["id"])
    assert (deleted["files"], deleted["deleted"]) == ([], True)
    error = await world.refused(ErrorCode.INVALID, world.bob, "message.send", room=channel, text=" ")
    assert error.data["path"] == "text"


async def test_a_message_shows_only_what_everybody_in_the_room_may_see(
    world: World, channel: str, private: str, fresh_id: str
) -> None:
    open_to_all = await filing.put(world, world.alice, channel, "a.md", "one")
    restricted = await filing.put(world, world.alice, channel, "b.md", "two")
    await world.run(world.alice, "file.restrict", file_id=restricted.id, restricted=True)
    deleted = await filing.put(world, world.alice, channel, "c.md", "three")
    await world.run(world.alice, "file.delete", file_id=deleted.id)
    elsewhere = await filing.put(world, world.alice, private, "d.md", "four")
    for file_id in (restricted.id, deleted.id, elsewhere.id, fresh_id):
        said: dict[str, Any] = {"room": channel, "text": "See", "files": [open_to_all.id, file_id]}
        error = await world.refused(ErrorCode.INVALID, world.alice, "message.send", **said)
        assert error.data["path"] == "files[1]"
    many: dict[str, Any] = {"room": channel, "text": "See", "files": [open_to_all.id] * 21}
    await world.refused(ErrorCode.INVALID, world.alice, "message.send", **many)
