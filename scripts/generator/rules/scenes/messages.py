"""Messages: threads, mentions, files, editing, deleting and reacting, and what is left of erased ones."""

from typing import Any

from scripts.generator.rules.playing import uid
from scripts.generator.rules.stage import ALICE, BOB, CAROL, ROB, ROOM, STRANGER, Script, scene

MESSAGE = uid(0x100)
OTHER = uid(0x101)
ANSWER = uid(0x102)


@scene("conversation")
def saying_something(s: Script) -> None:
    """An author's client fills in the id; what is there twice, or blank, or elsewhere, is void."""
    s.ask(ALICE, "message.send", room=ROOM, text="Land on the Moon?")
    s.ask(BOB, "message.send", room=ROOM, id=MESSAGE, text="  yes\n", command_id=uid(9))
    s.ask(CAROL, "message.send", room=ROOM, id=MESSAGE, text="me too", but="conflict")
    s.say(CAROL, "message.send", room=ROOM, text="no id", but="invalid")
    s.ask(CAROL, "message.send", room=ROOM, text=" \t\n\u2003\u001f\x85", but="invalid")
    s.ask(CAROL, "message.send", room=ROOM, text="\ufeff")
    s.ask(CAROL, "message.send", room=uid(2), text="elsewhere", but="not_found")
    s.ask(ROB, "message.send", room=ROOM, text="I only read", but="forbidden")


@scene("conversation")
def lengths_are_counted_in_code_points(s: Script) -> None:
    """However many units or bytes they take."""
    s.say(ALICE, "message.send", room=ROOM, id=MESSAGE, text="🚀" * 10_001)
    s.ask(ALICE, "message.send", room=ROOM, text="x" * 20_001, but="invalid")
    s.say(ALICE, "message.edit", message_id=MESSAGE, text="👩‍🚀", version=None)


@scene("conversation")
def mentions(s: Script) -> None:
    """Who is in the room counts, once, in the order of the text; strangers do not, nor what only looks so."""
    named = f"@[Bob]({BOB}) and @[a\u00e9🚀]({CAROL}), @[Bob again]({BOB}), @[Nobody]({STRANGER})"
    s.ask(ALICE, "message.send", room=ROOM, id=MESSAGE, text=named)
    odd = f"@[]({BOB}) @[two\nlines]({BOB}) @[{'🚀' * 101}]({BOB}) @[up]({BOB.upper()}) @ [x]({BOB})"
    s.ask(ALICE, "message.send", room=ROOM, text=odd)
    s.ask(ALICE, "message.send", room=ROOM, text=f"@[{'🚀' * 100}]({BOB})@[x@[y]({ALICE})")
    many = "".join(f"@[n]({uid(number)})" for number in range(50))
    s.ask(ALICE, "message.send", room=ROOM, text=many)
    s.ask(ALICE, "message.send", room=ROOM, text=f"{many}@[n]({uid(50)})", but="limit_exceeded")
    s.ask(ALICE, "message.edit", message_id=MESSAGE, text=f"{many}@[n]({uid(50)})", but="limit_exceeded")
    s.ask(ALICE, "message.edit", message_id=MESSAGE, text=f"only @[Carol]({CAROL})")


@scene("conversation")
def threads(s: Script) -> None:
    """An answer counts at the message that opened its thread; nobody opens a thread at an answer."""
    s.ask(ALICE, "message.send", room=ROOM, id=MESSAGE, text="one")
    s.ask(BOB, "message.send", room=ROOM, id=ANSWER, text="two", thread_id=MESSAGE)
    s.ask(CAROL, "message.send", room=ROOM, text="three", thread_id=MESSAGE)
    s.ask(CAROL, "message.send", room=ROOM, text="deeper", thread_id=ANSWER, but="invalid")
    s.ask(CAROL, "message.send", room=ROOM, text="lost", thread_id=OTHER, but="not_found")
    s.ask(ALICE, "message.delete", message_id=MESSAGE)
    s.ask(ALICE, "message.send", room=ROOM, text="still here", thread_id=MESSAGE)
    s.ask(BOB, "message.delete", message_id=ANSWER)


@scene()
def files(s: Script) -> None:
    """A message shows files of the room as they are called then, each once; not those in the trash."""
    plan, photo, kept, gone = (uid(number) for number in range(0x200, 0x204))
    s.holds("files", _file(plan, "plan.pdf"), _file(photo, "moon 🌕.jpg", bytes=2**40))
    s.holds("files", _file(kept, "kept.txt", restricted=True))
    s.holds("files", _file(gone, "gone.txt", purge_at="2026-02-01T00:00:00.000Z"))
    s.ask(ALICE, "message.send", room=ROOM, text="", files=[photo, plan, photo])
    s.ask(ALICE, "message.send", room=ROOM, text="", files=[], but="invalid")
    s.ask(ALICE, "message.send", room=ROOM, text="", files=[plan, kept], but="invalid")
    s.ask(ALICE, "message.send", room=ROOM, text="", files=[gone], but="invalid")
    s.ask(ALICE, "message.send", room=ROOM, text="", files=[OTHER], but="invalid")
    s.ask(ALICE, "message.send", room=ROOM, text="x", files=[plan] * 21, but="invalid")


def _file(key: str, name: str, **fields: Any) -> dict[str, Any]:
    known: dict[str, Any] = {
        "bytes": 3,
        "media_type": "text/plain",
        "kind": "text",
        "restricted": False,
        "purge_at": None,
    }
    return {"id": key, "name": name, **known, **fields}


@scene("conversation")
def editing(s: Script) -> None:
    """Authors edit their own messages, of the version that they have read; the same text changes nothing.

    It counts on the server all the same, which the version after it shows.
    """
    s.ask(ALICE, "message.send", room=ROOM, id=MESSAGE, text=f"to @[Bob]({BOB})")
    s.ask(ALICE, "message.edit", message_id=MESSAGE, text=f"to @[Bob]({BOB})")
    s.ask(ALICE, "message.edit", message_id=MESSAGE, text="one", version=1)
    s.ask(ALICE, "message.edit", message_id=MESSAGE, text="two", version=1, but="conflict")
    s.ask(ALICE, "message.edit", message_id=MESSAGE, text="two", version=3)
    s.ask(BOB, "message.edit", message_id=MESSAGE, text="mine", but="forbidden")
    s.ask(ALICE, "message.edit", message_id=OTHER, text="x", but="not_found")
    s.ask(ALICE, "message.edit", message_id=MESSAGE, text="\n", but="invalid")


@scene("conversation")
def a_version_does_not_stay_behind_the_servers_count(s: Script) -> None:
    """What was void counts on the server all the same, and the next change of that entity shows it."""
    s.ask(ALICE, "message.send", room=ROOM, id=MESSAGE, text="one")
    edit: dict[str, Any] = {"message_id": MESSAGE, "text": "two", "version": None}
    s.say(ALICE, "message.edit", **edit, about={"base_version": 7})
    s.say(ALICE, "message.edit", **{**edit, "text": "three"}, about={"base_version": 2})


@scene("conversation")
def deleting(s: Script) -> None:
    """One's own messages, and anybody's as an admin; a message keeps its place, and is gone for good."""
    s.ask(CAROL, "message.send", room=ROOM, id=MESSAGE, text=f"@[Bob]({BOB})")
    s.ask(ALICE, "message.send", room=ROOM, id=OTHER, text="mine")
    s.ask(BOB, "message.react", message_id=MESSAGE, emoji="👍")
    s.ask(CAROL, "message.delete", message_id=OTHER, but="forbidden")
    s.ask(BOB, "message.delete", message_id=MESSAGE)
    s.ask(CAROL, "message.delete", message_id=MESSAGE)
    s.ask(CAROL, "message.edit", message_id=MESSAGE, text="back", but="conflict")
    s.ask(CAROL, "message.react", message_id=MESSAGE, emoji="👍", but="conflict")
    s.ask(CAROL, "message.send", room=ROOM, id=MESSAGE, text="again", but="conflict")
    s.ask(ALICE, "message.delete", message_id=OTHER)
    s.ask(ALICE, "message.delete", message_id=ANSWER, but="not_found")


@scene("conversation")
def reacting(s: Script) -> None:
    """Each member once with each emoji; versions stay. What objects of a language have is emoji too."""
    s.ask(ALICE, "message.send", room=ROOM, id=MESSAGE, text="one")
    for who in (ALICE, BOB, ALICE):
        s.ask(who, "message.react", message_id=MESSAGE, emoji="👍")
    s.ask(ALICE, "message.react", message_id=MESSAGE, emoji="👍", on=False)
    s.ask(ALICE, "message.react", message_id=MESSAGE, emoji="👎", on=False)
    s.ask(ALICE, "message.react", message_id=MESSAGE, emoji="👍")
    for emoji in ("__proto__", "constructor", "toString", "1", "👩‍👩‍👧‍👦"):
        s.ask(CAROL, "message.react", message_id=MESSAGE, emoji=emoji)
    s.ask(CAROL, "message.react", message_id=MESSAGE, emoji="__proto__", on=False)
    s.ask(CAROL, "message.react", message_id=MESSAGE, emoji="two words", but="invalid")
    s.ask(CAROL, "message.react", message_id=MESSAGE, emoji="x" * 33, but="invalid")
    s.ask(BOB, "message.react", message_id=MESSAGE, emoji="👍", on=False)
    s.ask(ROB, "message.react", message_id=MESSAGE, emoji="👍", but="forbidden")


@scene("conversation")
def too_many_reactions(s: Script) -> None:
    """20 different ones, and 1,000 in all."""
    crowd = [uid(0x1000 + number) for number in range(999)]
    s.holds("messages", _message(MESSAGE, {f"e{number}": [ALICE] for number in range(20)}))
    s.holds("messages", _message(OTHER, {"👍": crowd}))
    s.ask(BOB, "message.react", message_id=MESSAGE, emoji="new", but="limit_exceeded")
    s.ask(BOB, "message.react", message_id=MESSAGE, emoji="e1")
    s.ask(BOB, "message.react", message_id=OTHER, emoji="👍")
    s.ask(CAROL, "message.react", message_id=OTHER, emoji="👎", but="limit_exceeded")


def _message(key: str, reactions: dict[str, list[str]]) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "id": key,
        "version": 1,
        "room": ROOM,
        "seq": 2,
        "author_id": ALICE,
        "text": "old",
    }
    place: dict[str, Any] = {
        "thread_id": None,
        "task_id": None,
        "mentions": [],
        "reply_count": 0,
        "files": [],
    }
    times: dict[str, Any] = {"created_at": "2026-01-01T00:00:00.000Z", "edited_at": None, "deleted": False}
    return {**plain, **place, **times, "reactions": reactions}


@scene()
def what_is_left_of_erased_messages(s: Script) -> None:
    """Who comes after they were erased finds stubs, and has the same in the end as who was there."""
    task = uid(0x300)
    s.ask(ALICE, "message.send", room=ROOM, id=MESSAGE, text="root")
    s.ask(ALICE, "task.create", project_id=ROOM, id=task, title="Moon")
    s.stub(CAROL, ANSWER)
    s.stub(CAROL, ANSWER, base_version=1)
    s.stub(BOB, OTHER)
    s.stub(BOB, OTHER)
    s.stub(BOB, None)
    s.ask(ALICE, "message.send", room=ROOM, text="in its thread", thread_id=OTHER)
    s.ask(CAROL, "message.react", message_id=ANSWER, emoji="👍", but="conflict")
    s.ask(ALICE, "message.edit", message_id=ANSWER, text="x", but="forbidden")
    gone: dict[str, Any] = {"message_id": ANSWER, "thread_id": MESSAGE, "task_id": None}
    s.say(ROB, "message.delete", **gone, but="forbidden")
    s.say(CAROL, "message.delete", **gone, about={"base_version": 2})
    s.say(CAROL, "message.delete", **gone, about={"base_version": 3})
    s.say(BOB, "message.delete", message_id=OTHER, thread_id=None, task_id=task, about={"base_version": 1})


@scene("conversation")
def deleted_ones_do_not_count_again(s: Script) -> None:
    """Where a deleted message stood counts only for who has nothing but its stub."""
    s.ask(ALICE, "message.send", room=ROOM, id=MESSAGE, text="root")
    s.ask(ALICE, "message.send", room=ROOM, id=OTHER, text="mine")
    s.say(ALICE, "message.delete", message_id=OTHER, thread_id=MESSAGE, task_id=None)
    s.say(ALICE, "message.delete", message_id=OTHER, thread_id=MESSAGE, task_id=None)


@scene("conversation")
def an_archived_room(s: Script) -> None:
    """Nothing can be said in it, or done to what was said, until it is opened again."""
    s.ask(ALICE, "room.update", room=ROOM, name="Moon")
    s.ask(ALICE, "message.send", room=ROOM, id=MESSAGE, text="one")
    s.ask(ALICE, "room.update", room=ROOM, archived=True)
    s.ask(ALICE, "message.send", room=ROOM, text="two", but="conflict")
    s.ask(ALICE, "message.edit", message_id=MESSAGE, text="two", but="conflict")
    s.ask(ALICE, "message.delete", message_id=MESSAGE, but="conflict")
    s.ask(ALICE, "message.react", message_id=MESSAGE, emoji="👍", but="conflict")
    s.ask(ALICE, "room.update", room=ROOM, archived=False)
    s.ask(ALICE, "message.edit", message_id=MESSAGE, text="two")


@scene("conversation")
def old_messages(s: Script) -> None:
    """What has left the window of the state is still there to be changed."""
    s.ask(ALICE, "message.send", room=ROOM, id=MESSAGE, text="first")
    for number in range(100):
        s.ask(BOB, "message.send", room=ROOM, id=uid(0x1000 + number), text=str(number))
    s.ask(ALICE, "message.edit", message_id=MESSAGE, text="still first")
    s.ask(ALICE, "message.send", room=ROOM, text="answer", thread_id=MESSAGE)
    s.ask(CAROL, "message.react", message_id=MESSAGE, emoji="👍")
    s.ask(BOB, "message.delete", message_id=MESSAGE)
