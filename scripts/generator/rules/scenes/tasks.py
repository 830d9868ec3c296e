"""Tasks: making, changing, moving between statuses, assigning, discussing, deleting."""

from itertools import pairwise
from typing import Any

from scripts.generator.rules.playing import uid
from scripts.generator.rules.stage import ALICE, BOB, CAROL, ROB, ROOM, STRANGER, Script, scene

ONE, TWO, THREE = (uid(number) for number in range(0x300, 0x303))


def make(s: Script, *keys: str, who: str = ALICE, **fields: Any) -> None:
    """Tasks with these ids, called by them."""
    for key in keys:
        s.ask(who, "task.create", project_id=ROOM, id=key, **{"title": key[-3:], **fields})


@scene()
def making_tasks(s: Script) -> None:
    """With all that a task may have; labels and members once, and what is not there refused."""
    s.ask(ALICE, "task.create", project_id=ROOM, title="Land")
    every: dict[str, Any] = {
        "description": "*softly*",
        "status": "in_progress",
        "priority": "urgent",
        "estimate": 1.5,
    }
    more: dict[str, Any] = {
        "due": "2028-02-29",
        "labels": ["Moon", "moon", "rock", "Moon"],
        "assignees": [BOB, CAROL, BOB],
    }
    s.ask(ALICE, "task.create", project_id=ROOM, id=ONE, title="Fly 🚀", **every, **more, external_id="X-1")
    s.ask(ALICE, "task.create", project_id=ROOM, id=ONE, title="again", but="conflict")
    s.ask(ALICE, "task.create", project_id=ROOM, title="again", external_id="X-1", but="conflict")
    s.ask(ALICE, "task.create", project_id=ROOM, title="part", parent_id=ONE, status="done")
    s.ask(ALICE, "task.create", project_id=ROOM, title="part", parent_id=TWO, but="invalid")
    s.ask(ALICE, "task.create", project_id=ROOM, id=TWO, title="part", parent_id=TWO, but="invalid")
    s.ask(ALICE, "task.create", project_id=ROOM, title="x", assignees=[BOB, STRANGER], but="invalid")
    s.ask(ALICE, "task.create", project_id=uid(2), title="x", but="not_found")
    s.ask(ROB, "task.create", project_id=ROOM, title="x", but="forbidden")
    given: dict[str, Any] = {
        "project_id": ROOM,
        "id": TWO,
        "title": "x",
        "labels": ["a", "A", "a"],
        "rank": "a5",
    }
    s.say(ALICE, "task.create", **given)


@scene()
def updating_tasks(s: Script) -> None:
    """Fields that are given change, those left out stay; the version must be the one that was read."""
    make(s, ONE, TWO)
    s.ask(BOB, "task.update", task_id=ONE, version=1, title="Fly", due="2026-01-31", estimate=3)
    s.ask(BOB, "task.update", task_id=ONE, version=1, title="Sail", but="conflict")
    s.ask(BOB, "task.update", task_id=ONE, version=2, title="Fly", estimate=3.0)
    s.ask(BOB, "task.update", task_id=ONE, version=2, estimate=None, due=None, labels=["b", "B", "a"])
    s.ask(BOB, "task.update", task_id=ONE, version=4, parent_id=TWO, description="d", priority="low")
    s.ask(BOB, "task.update", task_id=ONE, version=5, parent_id=None)
    s.ask(BOB, "task.update", task_id=ONE, version=6, parent_id=THREE, but="invalid")
    s.ask(BOB, "task.update", task_id=THREE, version=1, title="x", but="not_found")
    s.ask(BOB, "task.update", task_id=ONE, title="x", but="invalid")
    s.ask(ROB, "task.update", task_id=ONE, version=6, title="x", but="forbidden")


@scene()
def statuses(s: Script) -> None:
    """Open work goes anywhere; ended work is reopened first. When it was done is remembered while it is."""
    make(s, ONE)
    s.ask(ALICE, "task.transition", task_id=ONE, status="done", version=1)
    s.ask(ALICE, "task.transition", task_id=ONE, status="done")
    s.ask(ALICE, "task.update", task_id=ONE, version=2, title="finished")
    s.ask(ALICE, "task.transition", task_id=ONE, status="in_review", but="illegal_transition")
    s.ask(ALICE, "task.transition", task_id=ONE, status="canceled", but="illegal_transition")
    s.ask(ALICE, "task.transition", task_id=ONE, status="in_progress")
    s.ask(ALICE, "task.update", task_id=ONE, version=5, status="canceled")
    s.ask(ALICE, "task.move", task_id=ONE, status="in_progress", but="illegal_transition")
    s.ask(ALICE, "task.move", task_id=ONE, status="backlog")
    s.ask(ALICE, "task.transition", task_id=ONE, status="done", version=5, but="conflict")
    s.ask(ALICE, "task.transition", task_id=ONE, status="gone", but="invalid")
    s.ask(ALICE, "task.transition", task_id=TWO, status="done", but="not_found")


@scene()
def assigning(s: Script) -> None:
    """People of the room, in place of those before; whoever goes is taken off."""
    make(s, ONE, TWO)
    s.ask(CAROL, "task.assign", task_id=ONE, assignees=[CAROL, BOB, CAROL])
    s.ask(CAROL, "task.assign", task_id=TWO, assignees=[BOB], version=1)
    s.ask(CAROL, "task.assign", task_id=TWO, assignees=[], version=1, but="conflict")
    s.ask(CAROL, "task.assign", task_id=ONE, assignees=[BOB, STRANGER], but="invalid")
    s.ask(CAROL, "task.assign", task_id=ONE, assignees=[ROB] * 21, but="invalid")
    s.part(ALICE, BOB)
    s.part(ALICE, STRANGER)
    s.ask(CAROL, "task.assign", task_id=ONE, assignees=[])


@scene()
def comments(s: Script) -> None:
    """A comment is a message that hangs on its task and counts there, and outlives it."""
    make(s, ONE)
    s.ask(BOB, "task.comment", task_id=ONE, text=f"@[Alice]({ALICE}) look", id=TWO)
    s.ask(BOB, "task.comment", task_id=ONE, text="again", id=TWO, but="conflict")
    s.ask(BOB, "task.comment", task_id=ONE, text=" ", but="invalid")
    s.ask(BOB, "task.comment", task_id=THREE, text="x", but="not_found")
    s.ask(BOB, "message.send", room=ROOM, text="an answer", thread_id=TWO)
    s.ask(ALICE, "task.delete", task_id=ONE)
    s.ask(BOB, "message.edit", message_id=TWO, text="gone")
    s.ask(BOB, "message.delete", message_id=TWO)
    s.ask(BOB, "task.comment", task_id=ONE, text="x", but="not_found")


@scene()
def deleting_tasks(s: Script) -> None:
    """Those that waited for it no longer do; its subtasks move up."""
    top, low, wait, both = (uid(number) for number in range(0x310, 0x314))
    make(s, top, ONE)
    s.ask(ALICE, "task.update", task_id=ONE, version=1, parent_id=top)
    make(s, low, both, parent_id=ONE)
    make(s, wait, TWO)
    s.ask(ALICE, "task.depend", task_id=wait, on=[ONE, TWO])
    s.ask(ALICE, "task.depend", task_id=both, on=ONE)
    s.ask(ALICE, "task.delete", task_id=ONE, version=1, but="conflict")
    s.ask(ALICE, "task.delete", task_id=ONE, version=2)
    s.ask(ALICE, "task.delete", task_id=ONE, but="not_found")
    s.ask(ALICE, "task.delete", task_id=top)
    s.ask(ALICE, "task.delete", task_id=TWO)
    make(s, ONE)


@scene()
def what_a_header_names(s: Script) -> None:
    """The entity in the header is the one of the content, and none where there is none."""
    make(s, ONE, TWO)
    s.say(ALICE, "task.delete", task_id=ONE, about={"entity": TWO}, but="invalid")
    s.say(ALICE, "task.delete", task_id=ONE, about={"entity": None}, but="invalid")
    s.say(ALICE, "message.react", message_id=ONE, emoji="x", about={"entity": ONE}, but="invalid")
    nothing = "00000000-0000-0000-0000-000000000000"
    s.say(ALICE, "message.send", room=ROOM, id=nothing, text="x", but="invalid")
    s.say(ALICE, "task.delete", task_id=ONE)


@scene()
def subtasks(s: Script) -> None:
    """At most eight levels of them, and never a circle."""
    keys = [uid(0x320 + number) for number in range(12)]
    make(s, *keys)
    for parent, child in pairwise(keys[:9]):
        s.ask(ALICE, "task.update", task_id=child, version=1, parent_id=parent)
    s.ask(ALICE, "task.update", task_id=keys[9], version=1, parent_id=keys[8], but="limit_exceeded")
    s.ask(ALICE, "task.create", project_id=ROOM, title="x", parent_id=keys[8], but="limit_exceeded")
    s.ask(ALICE, "task.update", task_id=keys[0], version=1, parent_id=keys[9], but="limit_exceeded")
    s.ask(ALICE, "task.update", task_id=keys[0], version=1, parent_id=keys[8], but="cycle")
    s.ask(ALICE, "task.update", task_id=keys[0], version=1, parent_id=keys[0], but="cycle")
    s.ask(ALICE, "task.update", task_id=keys[4], version=2, parent_id=keys[6], but="cycle")
    s.ask(ALICE, "task.update", task_id=keys[4], version=2, parent_id=None)
    s.ask(ALICE, "task.update", task_id=keys[0], version=1, parent_id=keys[9])
    s.ask(ALICE, "task.update", task_id=keys[9], version=1, parent_id=keys[10])
    s.ask(ALICE, "task.update", task_id=keys[4], version=3, parent_id=keys[3], but="limit_exceeded")
