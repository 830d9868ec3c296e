"""The room itself: its name, its topic, a project's state."""

from scripts.generator.rules.playing import uid
from scripts.generator.rules.stage import ALICE, BOB, CAROL, ROOM, Script, scene


@scene("conversation")
def naming_a_conversation(s: Script) -> None:
    """Its first command makes the room's entity; who is no admin names nothing."""
    s.ask(CAROL, "room.update", room=ROOM, name="Mine", but="forbidden")
    s.ask(ALICE, "room.update", room=ROOM, name="Moon", version=1, but="conflict")
    s.ask(ALICE, "room.update", room=ROOM, name="Moon 🌕")
    s.ask(ALICE, "room.update", room=ROOM, name="Moon 🌕")
    s.ask(BOB, "room.update", room=ROOM, topic="Landing", version=1)
    s.ask(BOB, "room.update", room=ROOM, topic="Landing", name="Sea", version=1, but="conflict")
    s.ask(BOB, "room.update", room=ROOM, topic="")
    s.ask(BOB, "room.update", room=ROOM, name=" ", but="invalid")
    s.ask(BOB, "room.update", room=ROOM, name="é" * 100)
    s.ask(BOB, "room.update", room=ROOM, name="é" * 101, but="invalid")
    s.ask(BOB, "room.update", room=uid(2), name="x", but="not_found")
    s.ask(BOB, "project.update", project_id=ROOM, name="x", but="not_found")
    s.ask(BOB, "task.create", project_id=ROOM, title="x", but="not_found")


@scene("conversation")
def a_first_command_without_a_name(s: Script) -> None:
    """A room may have a topic and no name."""
    s.ask(ALICE, "room.update", room=ROOM)
    s.ask(ALICE, "room.update", room=ROOM)


@scene()
def naming_a_project(s: Script) -> None:
    """As a conversation, with a history of what changed."""
    s.ask(CAROL, "project.update", project_id=ROOM, name="Mine", but="forbidden")
    s.ask(ALICE, "project.update", project_id=ROOM, name="Apollo", description="To the Moon")
    s.ask(BOB, "project.update", project_id=ROOM, name="Apollo", version=1)
    s.ask(BOB, "project.update", project_id=ROOM, description="And back", version=1)
    s.ask(BOB, "project.update", project_id=ROOM, description="x", version=1, but="conflict")
    s.ask(BOB, "project.update", project_id=ROOM, name="a\nb", but="invalid")
    s.ask(BOB, "project.update", project_id=uid(2), name="x", but="not_found")
    s.ask(BOB, "room.update", room=ROOM, name="x", but="not_found")


@scene()
def a_projects_states(s: Script) -> None:
    """Only legal moves; an archived one can be read and opened again, and not changed."""
    s.ask(ALICE, "project.transition", project_id=ROOM, state="on_hold")
    s.ask(ALICE, "project.transition", project_id=ROOM, state="completed", but="illegal_transition")
    s.ask(ALICE, "project.transition", project_id=ROOM, state="active", version=1)
    s.ask(ALICE, "project.transition", project_id=ROOM, state="active")
    task = uid(0x300)
    s.ask(ALICE, "task.create", project_id=ROOM, id=task, title="Land")
    s.ask(CAROL, "project.transition", project_id=ROOM, state="archived", but="forbidden")
    s.ask(BOB, "project.transition", project_id=ROOM, state="archived")
    s.ask(BOB, "project.update", project_id=ROOM, name="x", but="conflict")
    s.ask(ALICE, "task.update", task_id=task, version=1, title="x", but="conflict")
    s.ask(ALICE, "task.create", project_id=ROOM, title="x", but="conflict")
    s.ask(ALICE, "task.import", project_id=ROOM, tasks=[{"external_id": "x", "title": "x"}], but="conflict")
    s.ask(ALICE, "task.comment", task_id=task, text="x", but="conflict")
    s.ask(ALICE, "message.send", room=ROOM, text="x", but="conflict")
    s.ask(BOB, "project.transition", project_id=ROOM, state="done", but="invalid")
    s.ask(BOB, "project.transition", project_id=ROOM, state="active")
    s.ask(ALICE, "task.update", task_id=task, version=1, title="Land softly")


@scene()
def a_project_that_is_drafted_first(s: Script) -> None:
    """Its first command may be refused like any other."""
    s.ask(ALICE, "project.transition", project_id=ROOM, state="draft", but="illegal_transition")
    s.ask(ALICE, "project.transition", project_id=ROOM, state="active", version=3, but="conflict")
    s.ask(ALICE, "project.transition", project_id=ROOM, state="active")
