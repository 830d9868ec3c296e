"""Files: adding, changing, naming, moving and deleting them, and their versions."""

from typing import Any

from scripts.generator.rules.playing import Json, uid
from scripts.generator.rules.stage import ALICE, BOB, CAROL, ROB, ROOM, STRANGER, Script, scene
from ymera_client.crypto.wire import to_text

FILE, OTHER, THIRD, TASK = uid(0x300), uid(0x301), uid(0x302), uid(0x303)


def blob(number: int, size: int = 9) -> Json:
    """An object, of its own content."""
    return {
        "object_id": uid(0x400 + number),
        "key": to_text(bytes([number % 256]) * 32),
        "header": to_text(bytes([number % 256]) * 24),
        "size": size,
        "ct_hash": to_text(bytes([number % 256, 1]) * 16),
        "pt_hash": to_text(number.to_bytes(2) * 16),
    }


def thumbnail(number: int) -> Json:
    """A picture, of its own content."""
    return {**blob(number), "width": 320, "height": 200}


def _add(s: Script, who: str, key: str, name: str, number: int = 1, **more: Any) -> Json:
    return s.ask(who, "file.add", room=ROOM, id=key, name=name, object=blob(number), **more)


@scene("conversation")
def adding_a_file(s: Script) -> None:
    """Its version has its object; what has no name, no object or no room is void."""
    _add(s, ALICE, FILE, "plan.txt", media_type="text/plain", folder="moon/rocks", thumbnail=thumbnail(2))
    _add(s, CAROL, OTHER, "🚀.bin", 3)
    _add(s, BOB, FILE, "again.txt", 4, but="conflict")
    _add(s, ROB, THIRD, "reader.txt", 5, but="forbidden")
    s.ask(BOB, "file.add", room=uid(2), id=THIRD, name="a", object=blob(6), but="not_found")
    s.ask(BOB, "file.add", room=ROOM, id=THIRD, name="a", but="invalid")
    s.ask(BOB, "file.add", room=ROOM, name="a", object=blob(6), but="invalid")
    s.ask(BOB, "file.add", room=ROOM, id=THIRD, name="a/b", object=blob(6), but="invalid")
    s.ask(BOB, "file.add", room=ROOM, id=THIRD, name="a", folder="../b", object=blob(6), but="invalid")
    s.ask(BOB, "file.add", room=ROOM, id=THIRD, name="a", object=blob(6), media_type="x", but="invalid")
    s.ask(BOB, "file.add", room=ROOM, id=THIRD, name="a", object=blob(6), media_type="a/b\n", but="invalid")
    s.ask(BOB, "file.add", room=ROOM, id=THIRD, name="a", object={**blob(6), "size": -1}, but="invalid")
    s.ask(BOB, "file.add", room=ROOM, id=THIRD, name="a", object={**blob(6), "key": "AA"}, but="invalid")
    ended = {**blob(6), "header": f"{'A' * 31}\n"}
    s.ask(BOB, "file.add", room=ROOM, id=THIRD, name="a", object=ended, but="invalid")
    loose = {**blob(6), "pt_hash": blob(6)["pt_hash"][:-1] + "B"}
    s.ask(BOB, "file.add", room=ROOM, id=THIRD, name="a", object=loose, but="invalid")
    s.ask(BOB, "file.add", room=ROOM, id=THIRD, name="a", object={**blob(6), "more": 1}, but="invalid")
    s.ask(BOB, "file.add", room=ROOM, id=THIRD, name="a", object=blob(6), thumbnail=blob(7), but="invalid")


@scene("conversation")
def what_a_file_is(s: Script) -> None:
    """By the type that its author says."""
    types = (
        *("application/pdf", "message/rfc822", "text/csv", "application/json", "text/x-python"),
        *("application/zip", "image/png", "audio/ogg", "video/mp4", "text/markdown", "font/woff2"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    for number, each in enumerate(types):
        _add(s, ALICE, uid(0x500 + number), f"{number}", number, media_type=each)


@scene("conversation")
def taken_names(s: Script) -> None:
    """They get a number, whatever their case in ASCII; elsewhere, or in the trash, they are free."""
    _add(s, ALICE, FILE, "Report.tar.gz")
    _add(s, ALICE, uid(0x310), "report.tar.gz", 2)
    _add(s, ALICE, uid(0x311), "report (2).tar.gz", 3)
    _add(s, ALICE, uid(0x312), "report.tar.gz", 4, folder="elsewhere")
    _add(s, ALICE, uid(0x313), "REPORT.TAR.GZ", 5, conflict="refuse", but="conflict")
    _add(s, ALICE, uid(0x314), "ÄPFEL", 6)
    _add(s, ALICE, uid(0x315), "äpfel", 7)
    _add(s, ALICE, uid(0x316), "🚀" * 255, 8)
    _add(s, ALICE, uid(0x317), "🚀" * 255, 9)
    _add(s, ALICE, uid(0x318), ".x", 10)
    _add(s, ALICE, uid(0x319), ".x", 11, conflict="version")
    s.ask(ALICE, "file.delete", file_id=FILE)
    _add(s, ALICE, uid(0x31A), "report.tar.gz", 12)


@scene("conversation")
def versions(s: Script) -> None:
    """Each has an object; the same content again is none, and an old one can be the newest again."""
    _add(s, ALICE, FILE, "plan.txt", 1, thumbnail=thumbnail(20), media_type="text/plain")
    s.ask(BOB, "file.revise", file_id=FILE, object=blob(2), media_type="image/png")
    s.ask(CAROL, "file.revise", file_id=FILE, object={**blob(3), "pt_hash": blob(2)["pt_hash"]})
    s.ask(CAROL, "file.restore", file_id=FILE, number=2)
    s.ask(CAROL, "file.restore", file_id=FILE, number=1)
    s.ask(CAROL, "file.restore", file_id=FILE, number=9, but="not_found")
    s.ask(ROB, "file.revise", file_id=FILE, object=blob(4), but="forbidden")
    s.ask(CAROL, "file.revise", file_id=OTHER, object=blob(4), but="not_found")
    s.ask(CAROL, "file.revise", file_id=FILE, but="invalid")
    s.say(
        CAROL,
        "file.revise",
        file_id=FILE,
        object=blob(4),
        media_type="a/b",
        thumbnail=None,
        run_id=uid(7),
        about={"entity": OTHER},
        but="invalid",
    )
    s.say(CAROL, "file.revise", file_id=FILE, object=blob(4), about={"base_version": 40})


@scene("conversation")
def what_a_version_says(s: Script) -> None:
    """Its author tells it, once; it is bounded, and stays with its content when that is restored."""
    _add(s, CAROL, FILE, "plan.txt", 1, media_type="text/plain")
    told: dict[str, Any] = {"file_id": FILE, "number": 1, "texts": ["One.", "\u0002 🚀"]}
    told |= {"pages": 3, "words": 9}
    s.ask(ALICE, "file.describe", **told, but="forbidden")
    s.ask(ROB, "file.describe", **told, but="forbidden")
    s.ask(CAROL, "file.describe", **{**told, "number": 2}, but="not_found")
    s.ask(CAROL, "file.describe", **{**told, "file_id": OTHER}, but="not_found")
    s.ask(CAROL, "file.describe", **{**told, "texts": ["🚀" * 20_001]}, but="invalid")
    s.ask(CAROL, "file.describe", **{**told, "texts": ["🚀" * 20_000, "a" * 20_000, "b"]}, but="invalid")
    s.ask(CAROL, "file.describe", **{**told, "texts": [""] * 501}, but="invalid")
    s.ask(CAROL, "file.describe", **{**told, "error": "e" * 201}, but="invalid")
    s.say(CAROL, "file.describe", **told, about={"entity": FILE}, but="invalid")
    s.ask(CAROL, "file.describe", **told, whole=False, error="It is broken.")
    s.ask(CAROL, "file.describe", **{**told, "texts": ["Another."]})
    s.ask(ALICE, "file.revise", file_id=FILE, object=blob(2))
    s.ask(ALICE, "file.describe", file_id=FILE, number=2)
    s.ask(BOB, "file.restore", file_id=FILE, number=1)
    s.ask(CAROL, "file.delete", file_id=FILE)
    s.ask(BOB, "file.describe", **{**told, "number": 3}, but="not_found")
    _add(s, CAROL, OTHER, "long.txt", 3)
    s.ask(CAROL, "file.describe", file_id=OTHER, number=1, texts=["🚀" * 20_000, "a" * 20_000])


@scene()
def names_and_places(s: Script) -> None:
    """A file is renamed and moved, to a task too, where nothing of its name lies."""
    s.ask(ALICE, "task.create", project_id=ROOM, id=TASK, title="Land")
    _add(s, ALICE, FILE, "plan.txt", task_id=TASK)
    _add(s, ALICE, OTHER, "other.txt", 2, folder="a")
    s.ask(BOB, "file.rename", file_id=FILE, name="other.txt", version=1)
    s.ask(BOB, "file.rename", file_id=FILE, name="other.txt")
    s.ask(BOB, "file.rename", file_id=FILE, name="x", version=1, but="conflict")
    s.ask(BOB, "file.move", file_id=FILE, folder="a", but="conflict")
    s.ask(BOB, "file.move", file_id=FILE, folder="b", task_id=uid(1), but="invalid")
    s.ask(BOB, "file.move", file_id=FILE, folder="b")
    s.ask(BOB, "file.move", file_id=FILE, folder="b")
    s.ask(BOB, "file.move", file_id=FILE, folder="b", task_id=TASK, version=4)
    s.ask(BOB, "file.rename", file_id=OTHER, name="Other.TXT")
    _add(s, BOB, THIRD, "third.txt", 3, folder="a")
    s.ask(BOB, "file.rename", file_id=THIRD, name="oTHER.txt", but="conflict")
    s.ask(BOB, "file.rename", file_id=uid(1), name="x", but="not_found")
    s.ask(ROB, "file.move", file_id=FILE, folder="c", but="forbidden")
    _add(s, BOB, uid(0x320), "task.txt", 4, task_id=uid(1), but="invalid")


@scene("conversation")
def the_trash(s: Script) -> None:
    """What is deleted comes back, with a number if need be; for good it goes by its maker or an admin."""
    _add(s, CAROL, FILE, "plan.txt")
    s.ask(ALICE, "file.delete", file_id=FILE)
    s.ask(ALICE, "file.delete", file_id=FILE)
    s.ask(ALICE, "file.rename", file_id=FILE, name="x", but="not_found")
    s.ask(ALICE, "message.send", room=ROOM, text="here", files=[FILE], but="invalid")
    _add(s, ALICE, OTHER, "PLAN.txt", 2)
    s.ask(BOB, "file.undelete", file_id=FILE)
    s.ask(BOB, "file.undelete", file_id=FILE)
    s.ask(ALICE, "message.send", room=ROOM, text="here", files=[FILE, OTHER])
    s.ask(STRANGER, "file.delete", file_id=FILE, forever=True, but="forbidden")
    s.ask(ROB, "file.undelete", file_id=FILE, but="forbidden")
    s.ask(CAROL, "file.delete", file_id=OTHER, forever=True, but="forbidden")
    s.ask(CAROL, "file.delete", file_id=FILE, forever=True)
    s.ask(BOB, "file.delete", file_id=OTHER, forever=True)
    s.ask(BOB, "file.undelete", file_id=OTHER, but="not_found")
    _add(s, CAROL, THIRD, "late.txt", 3, about={"at": "9999-12-31T00:00:00.000Z"})
    s.ask(CAROL, "file.delete", file_id=THIRD, about={"at": "9999-12-31T00:00:00.000Z"})


@scene()
def archived_projects_take_no_files(s: Script) -> None:
    """Neither are those that are there changed."""
    _add(s, ALICE, FILE, "plan.txt")
    s.ask(ALICE, "project.update", project_id=ROOM, name="Apollo")
    s.ask(ALICE, "project.transition", project_id=ROOM, state="archived")
    _add(s, ALICE, OTHER, "late.txt", 2, but="conflict")
    s.ask(ALICE, "file.rename", file_id=FILE, name="x", but="conflict")
    s.ask(ALICE, "file.delete", file_id=FILE, forever=True, but="conflict")
