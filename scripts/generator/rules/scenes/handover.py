"""What newcomers are given: state that is published again."""

from typing import Any

from scripts.generator.rules.playing import uid
from scripts.generator.rules.scenes.tasks import make
from scripts.generator.rules.stage import ALICE, BOB, CAROL, ROB, ROOM, Script, scene
from ymera_client.sealed.rules import handed_over

A, B, C = (uid(number) for number in range(0x800, 0x803))
NEW = {"newcomer": True}


def task(key: str, **fields: Any) -> dict[str, Any]:
    """A task that somebody publishes."""
    plain: dict[str, Any] = {
        "id": key,
        "version": 4,
        "project_id": ROOM,
        "title": "old",
        "description": "",
        "rank": "a3",
    }
    known: dict[str, Any] = {
        "status": "todo",
        "priority": "none",
        "labels": [],
        "estimate": None,
        "due": None,
        "blocked": True,
    }
    links: dict[str, Any] = {
        "parent_id": None,
        "assignees": [BOB],
        "depends_on": [uid(0x810)],
        "comment_count": 3,
    }
    times: dict[str, Any] = {
        "created_at": "2026-01-01T00:00:00.000Z",
        "updated_at": "2026-01-02T00:00:00.000Z",
    }
    rest: dict[str, Any] = {"external_id": "7", "created_by": BOB, "completed_at": None}
    return {**plain, **known, **links, **times, **rest, **fields}


def project(**fields: Any) -> dict[str, Any]:
    """The project, as somebody publishes it."""
    plain = {
        "id": ROOM,
        "version": 2,
        "name": "Apollo",
        "description": "",
        "state": "active",
        "purge_at": None,
    }
    times: dict[str, Any] = {
        "created_at": "2026-01-01T00:00:00.000Z",
        "updated_at": "2026-01-02T00:00:00.000Z",
    }
    return {**plain, **times, "created_by": ALICE, **fields}


@scene()
def a_newcomer(s: Script) -> None:
    """It takes what it does not have, and what is said of that counts for it from then on."""
    s.ask(CAROL, "task.update", task_id=A, version=4, title="lost", but="not_found")
    make(s, B)
    state = {
        "projects": [project()],
        "tasks": [task(A), task(B, title="not this"), task(A, title="nor this")],
    }
    s.say(ALICE, "sealed.state", entities=state, about=NEW)
    s.say(ALICE, "sealed.state", entities=state, about=NEW)
    s.ask(CAROL, "task.update", task_id=A, version=4, title="found")
    s.ask(CAROL, "task.transition", task_id=A, status="done")
    s.ask(ALICE, "project.update", project_id=ROOM, description="x", version=2)


@scene()
def who_was_there_before(s: Script) -> None:
    """It takes nothing, whatever is published; who only reads publishes nothing."""
    s.say(CAROL, "sealed.state", entities={"tasks": [task(A)], "projects": [project(name="Mine")]})
    s.say(ROB, "sealed.state", entities={}, about=NEW, but="forbidden")
    s.say(CAROL, "sealed.state", entities={}, about=NEW)
    s.ask(CAROL, "task.delete", task_id=A, but="not_found")


@scene("conversation")
def a_conversations_name(s: Script) -> None:
    """So has a conversation its name."""
    room: dict[str, Any] = {
        "id": ROOM,
        "version": 2,
        "kind": "sealed",
        "name": "Moon",
        "topic": "",
        "private": True,
    }
    room |= {"archived": False, "created_by": ALICE, "created_at": "2026-01-01T00:00:00.000Z"}
    s.say(ALICE, "sealed.state", entities={"rooms": [room]}, about=NEW)
    s.ask(BOB, "room.update", room=ROOM, topic="x", version=2)
    s.say(ALICE, "sealed.state", entities={"rooms": [{**room, "id": uid(2)}]}, about=NEW, but="invalid")


@scene()
def what_cannot_be_published(s: Script) -> None:
    """Things of other rooms, of no known kind, or not in their form; also for who takes nothing."""
    bad: list[Any] = [
        {"tasks": [task(A, project_id=uid(2))]},
        {"tasks": [task(A, rank="a00")]},
        {"tasks": [task(A, status="gone")]},
        {"tasks": [task(A, colour="red")]},
        {"tasks": [task(A, due="2026-02-30")]},
        {"tasks": [task(A, created_at="2026-02-30T00:00:00.000Z")]},
        {"tasks": [task(A, created_at="2026-01-01T00:00:00Z")]},
        {"tasks": [{"id": A}]},
        {"tasks": task(A)},
        {"projects": [project(), project()]},
        {"projects": [project(id=uid(2))]},
        {"messages": []},
        [],
        None,
    ]
    for entities in bad:
        s.say(ALICE, "sealed.state", entities=entities, about=NEW, but="invalid")
        s.say(ALICE, "sealed.state", entities=entities, but="invalid")
    s.say(ALICE, "sealed.state", about=NEW, but="invalid")


@scene()
def a_deleted_task_does_not_come_back(s: Script) -> None:
    """Not for those who saw it go; its publisher may not have known."""
    make(s, A, B)
    published = handed_over(s.player.whole)
    s.ask(ALICE, "task.delete", task_id=A)
    for command in published:
        s.tell(BOB, dict(command))
