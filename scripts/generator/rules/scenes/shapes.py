"""The form of content: what is let through is the same everywhere, to the last character."""

from typing import Any

from scripts.generator.rules.playing import uid
from scripts.generator.rules.scenes.tasks import make
from scripts.generator.rules.stage import ALICE, ROOM, Script, scene

ONE = uid(0x900)


@scene()
def what_is_no_command(s: Script) -> None:
    """An object with a type and data, and nothing else; of a type that is known."""
    bad: list[dict[str, Any]] = [
        {},
        {"type": "message.send"},
        {"data": {}},
        {"type": 7, "data": {}},
        {"type": None, "data": {}},
        {"type": "message.send", "data": {}, "more": 1},
        {"type": "message.send", "data": None},
        {"type": "message.send", "data": []},
        {"type": "message.send", "data": "x"},
    ]
    for command in bad:
        s.tell(ALICE, command, but="invalid")
    for kind in (
        "",
        "message.sent",
        "project.delete",
        "__proto__",
        "constructor",
        "toString",
        "room.history",
    ):
        s.tell(ALICE, {"type": kind, "data": {}}, but="unknown_command")


@scene()
def fields_that_are_not_known(s: Script) -> None:
    """They are refused; the first of several, by UTF-16, is named in ASCII and shortened."""
    sent = {"room": ROOM, "id": ONE, "text": "x"}
    unknown: list[dict[str, Any]] = [
        {"command_id": uid(3)},
        {"zz": 1, "1": 2, "aa": 3},
        {"\ue000": 1, "🚀": 2},
        {"🚀": 1, "x\ud800": 2},
        {"x" * 100: 1},
        {"": 1},
        {"__proto__": {}},
        {"a\nb": 1},
    ]
    for more in unknown:
        s.tell(ALICE, {"type": "message.send", "data": {**sent, **more}}, but="invalid")


@scene()
def texts(s: Script) -> None:
    """NUL, halves of surrogate pairs, line breaks where there are none, spaces of all kinds."""
    spaces = "\t\x0b\x1c\x85\xa0\u1680\u2003\u2028\u202f\u205f\u3000"
    for title in (
        "",
        " ",
        spaces,
        "a\nb",
        "a\n",
        "a\x00",
        "a\x1f",
        "a\x7f",
        "\ud83d",
        "\ude80\ud83d",
        "x" * 301,
        7,
        None,
    ):
        s.ask(ALICE, "task.create", project_id=ROOM, title=title, but="invalid")
    for title in (f"{spaces[4:]}x", "\ufeff", "\u200b", "\u180e", "🚀" * 300, "e\u0301" * 150, "\u2028x\x85"):
        s.ask(ALICE, "task.create", project_id=ROOM, title=title)
    for text in ("a\x00b", "x\ud800", "\udfff"):
        s.ask(ALICE, "message.send", room=ROOM, text=text, but="invalid")
    s.ask(ALICE, "message.send", room=ROOM, text="\x01\r\n\u2028 fine \uffff\U0010ffff")
    for label in ("", "x" * 41, "a\tb"):
        s.ask(ALICE, "task.create", project_id=ROOM, title="x", labels=["ok", label], but="invalid")
    s.ask(
        ALICE, "task.create", project_id=ROOM, title="x", labels=["ß", "SS", "İ", "ı", "I", "i", "ſ", "S"][:1]
    )


@scene()
def ids(s: Script) -> None:
    """UUIDs in lower case, whole."""
    for key in (
        ONE.upper(),
        f"{ONE}\n",
        f"{{{ONE}}}",
        ONE.replace("-", ""),
        "",
        f" {ONE}",
        f"{ONE[:-1]}g",
        7,
        None,
    ):
        s.say(ALICE, "message.send", room=ROOM, id=key, text="x", but="invalid", about={"entity": None})
    s.say(ALICE, "message.send", room=ROOM, id="ffffffff-ffff-ffff-ffff-ffffffffffff", text="x")


@scene()
def numbers(s: Script) -> None:
    """Whole or not, within their bounds; however written, one form."""
    make(s, ONE)
    good = (0, 0.0, -0.0, 1.0, 0.1, 1e5, 99999.99999999999, 5e-324)
    bad: tuple[Any, ...] = (-1, -1e-9, 100_001, 100000.00000000002, 1e308, "1", True, [], {})
    for estimate in good:
        s.ask(ALICE, "task.update", task_id=ONE, version=s.see("tasks", ONE)["version"], estimate=estimate)
    version = s.see("tasks", ONE)["version"]
    for estimate in bad:
        s.ask(ALICE, "task.update", task_id=ONE, version=version, estimate=estimate, but="invalid")
    wrong: tuple[Any, ...] = (0, -1, 1.5, 2**53, 10**30, 1e300, "1", True, None)
    for each in wrong:
        s.ask(ALICE, "task.update", task_id=ONE, version=each, but="invalid")
    s.ask(ALICE, "task.update", task_id=ONE, version=float(version), title="whole")
    s.ask(ALICE, "task.update", task_id=ONE, version=2**53 - 1, title="x", but="conflict")


@scene()
def days(s: Script) -> None:
    """Of the calendar, from the year 1."""
    good = ("0001-01-01", "2024-02-29", "2000-02-29", "9999-12-31", "2026-04-30")
    for day in good:
        s.ask(ALICE, "task.create", project_id=ROOM, title=day, due=day)
    bad: tuple[Any, ...] = (
        "0000-01-01",
        "2023-02-29",
        "1900-02-29",
        "2026-04-31",
        "2026-13-01",
        "2026-00-10",
    )
    bad += ("2026-01-00", "2026-1-1", "20260101", "2026-01-01T00:00:00Z", "2026-01-01\n", " 2026-01-01", "")
    bad += ("+2026-01-01", "２０２６-01-01", 20260101, "10000-01-01")
    for day in bad:
        s.ask(ALICE, "task.create", project_id=ROOM, title="x", due=day, but="invalid")


@scene()
def flags_words_and_lists(s: Script) -> None:
    """Nothing counts for something else."""
    wrong: list[dict[str, Any]] = [
        {"status": "Todo"},
        {"status": "todo "},
        {"status": None},
        {"priority": ["low"]},
        {"labels": "x"},
        {"labels": {"0": "x"}},
        {"labels": None},
        {"labels": ["x"] * 21},
        {"assignees": [None]},
        {"parent_id": False},
        {"ranks": [{}]},
        {"description": None},
    ]
    for given in wrong:
        s.ask(ALICE, "task.create", project_id=ROOM, title="x", **given, but="invalid")
    s.ask(ALICE, "message.send", room=ROOM, id=ONE, text="x")
    for on in (0, 1, "true", None):
        s.ask(ALICE, "message.react", message_id=ONE, emoji="x", on=on, but="invalid")
    s.ask(ALICE, "message.react", message_id=ONE, emoji="x", on=True)
