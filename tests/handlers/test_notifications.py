"""The inbox: who is told of what, why, once, and what counts as unread."""

from typing import Any

from handlers.notifications import EXCERPT
from persistence.database import clock
from persistence.ids import new_id
from protocol.fields import NOTIFICATION_WINDOW
from protocol.members import Member
from tests.world import World


async def told(world: World, member: Member, **filters: Any) -> list[tuple[str, str]]:
    """A member's notifications, newest first: why, and the beginning of the text."""
    page = await world.run(member, "notification.list", **filters)
    return [(item["kind"], item["excerpt"]) for item in page["items"]]


async def channel(world: World, *members: Member, private: bool = False) -> str:
    made = await world.run(
        world.alice,
        "room.create",
        name="talk",
        private=private,
        members=[member.id for member in members],
    )
    return str(made["id"])


async def test_a_mention_reaches_the_inbox(world: World) -> None:
    room = await channel(world)
    sent = await world.run(world.alice, "message.send", room=room, text=f"Look,\n@[Bob B]({world.bob.id})!")
    event = next(event for event in world.published if event.type == "notification.added")
    notification = event.data["notification"]
    assert event.room == world.bob.id
    assert notification["seq"] == event.seq
    assert (notification["kind"], notification["room"]) == ("mention", room)
    assert (notification["actor_id"], notification["message_id"]) == (world.alice.id, sent["id"])
    assert notification["excerpt"] == "Look, @Bob B!"
    assert (await world.run(world.bob, "notification.list"))["items"] == [notification]
    assert await told(world, world.alice) == []


async def test_an_answer_reaches_those_who_wrote_in_the_thread(world: World) -> None:
    room = await channel(world, world.bob)
    root = await world.run(world.alice, "message.send", room=room, text="Question?")
    thread = {"room": room, "thread_id": root["id"]}
    await world.run(world.bob, "message.send", text="First", **thread)
    await world.run(world.admin, "message.send", text=f"Second @[Bob]({world.bob.id})", **thread)
    await world.run(world.alice, "message.send", text="Thanks", **thread)
    assert await told(world, world.alice) == [("reply", "Second @Bob"), ("reply", "First")]
    assert await told(world, world.bob) == [("reply", "Thanks"), ("mention", "Second @Bob")]
    assert await told(world, world.admin) == [("reply", "Thanks")]
    assert await told(world, world.owner) == []


async def test_who_lost_the_way_in_is_told_nothing(world: World) -> None:
    room = await channel(world, world.bob, world.admin, private=True)
    root = await world.run(world.bob, "message.send", room=room, text="Question?")
    await world.run(world.alice, "room.remove_member", room=room, member_id=world.bob.id)
    async with world.pool.acquire() as tx:
        await tx.execute("UPDATE members SET active = false WHERE id = $1", world.admin.id)
    await world.run(
        world.alice,
        "message.send",
        room=room,
        text=f"@[Bob]({world.bob.id}) @[Admin]({world.admin.id}) between us",
        thread_id=root["id"],
    )
    assert await told(world, world.bob) == []
    assert world.types(world.admin.id) == ["membership.updated"]


async def test_only_new_mentions_of_an_edit_are_told(world: World) -> None:
    room = await channel(world)
    bob, admin = f"@[Bob]({world.bob.id})", f"@[Admin]({world.admin.id})"
    sent = await world.run(world.alice, "message.send", room=room, text=bob)
    await world.run(world.alice, "message.edit", message_id=sent["id"], text=f"{bob} {admin}")
    assert await told(world, world.bob) == [("mention", "@Bob")]
    assert await told(world, world.admin) == [("mention", "@Bob @Admin")]


async def test_an_excerpt_is_short(world: World) -> None:
    room = await channel(world)
    await world.run(world.alice, "message.send", room=room, text=f"@[Bob]({world.bob.id}) " + "long " * 100)
    ((_, excerpt),) = await told(world, world.bob)
    assert len(excerpt) == EXCERPT
    assert excerpt.startswith("@Bob long")
    assert excerpt.endswith("…")


async def test_reading_the_inbox_leaves_what_came_later_unread(world: World) -> None:
    room = await channel(world)
    for number in range(3):
        await world.run(world.alice, "message.send", room=room, text=f"@[Bob]({world.bob.id}) {number}")
    items = (await world.run(world.bob, "notification.list"))["items"]
    await world.run(world.bob, "room.mark_read", room=world.bob.id, seq=items[1]["seq"])
    assert await told(world, world.bob, unread=True) == [("mention", "@Bob 2")]
    assert len(await told(world, world.bob)) == 3
    await world.run(world.bob, "room.mark_read", room=world.bob.id, seq=items[0]["seq"])
    assert await told(world, world.bob, unread=True) == []


async def test_the_inbox_is_paged_and_its_snapshot_is_a_window(world: World) -> None:
    async with world.pool.acquire() as tx:
        await tx.executemany(
            """
            INSERT INTO notifications (id, member_id, seq, kind, room, actor_id, excerpt, created_at)
            VALUES ($1, $2, $3, 'mention', $4, $5, 'x', $6)
            """,
            [
                (new_id(), world.bob.id, seq, new_id(), world.alice.id, await clock(tx))
                for seq in range(1, NOTIFICATION_WINDOW + 11)
            ],
        )
    first = await world.run(world.bob, "notification.list", limit=60)
    second = await world.run(world.bob, "notification.list", limit=60, cursor=first["next"])
    seqs = [item["seq"] for item in first["items"] + second["items"]]
    assert seqs == list(range(NOTIFICATION_WINDOW + 10, 0, -1))
    assert second["next"] is None
    joined = await world.run(world.bob, "room.join", room=world.bob.id)
    assert {item["seq"] for item in joined["reset"]["notifications"]} == set(seqs[:NOTIFICATION_WINDOW])


async def test_a_comment_reaches_those_who_do_the_task_and_who_made_it(world: World) -> None:
    project = await world.run(world.alice, "project.create", name="Moon")
    for member in (world.bob, world.guest):
        await world.run(world.alice, "project.set_member", project_id=project["id"], member_id=member.id)
    task = await world.run(
        world.alice,
        "task.create",
        project_id=project["id"],
        title="Land",
        assignees=[world.bob.id, world.guest.id],
    )
    said = await world.run(
        world.bob, "task.comment", task_id=task["id"], text=f"Ready, @[Guest]({world.guest.id})?"
    )
    assert said["task_id"] == task["id"]
    assert (await told(world, world.alice)) == [("comment", "Ready, @Guest?")]
    assert (await told(world, world.guest))[0] == ("mention", "Ready, @Guest?")
    assert "comment" not in dict(await told(world, world.bob))
    comments = await world.run(world.alice, "room.history", room=project["id"], task_id=task["id"])
    assert comments["items"] == [said]
    await world.run(world.alice, "task.delete", task_id=task["id"])
    kept = await world.run(world.alice, "room.history", room=project["id"], task_id=task["id"])
    assert kept["items"] == [said]
