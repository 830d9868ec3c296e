"""Places of tasks: between which others one comes, and what happens where there is no place."""

from typing import Any

from scripts.generator.rules.playing import uid
from scripts.generator.rules.scenes.tasks import make
from scripts.generator.rules.stage import ALICE, BOB, CAROL, ROOM, Script, scene

A, B, C, D = (uid(number) for number in range(0x600, 0x604))


def order(s: Script) -> list[str]:
    """The tasks as they stand."""
    tasks = s.player.whole.all("tasks")
    return [task["id"] for task in sorted(tasks, key=lambda task: (task["rank"], task["id"]))]


def given(key: str, rank: str, **more: Any) -> dict[str, Any]:
    """A task that is said complete."""
    return {"project_id": ROOM, "id": key, "title": "x", "rank": rank, **more}


@scene()
def placing(s: Script) -> None:
    """After one, before one, between two, at the end; where it stands already nothing changes."""
    make(s, A, B)
    make(s, C, before=A)
    make(s, D, after=A)
    assert order(s) == [C, A, D, B]
    s.ask(BOB, "task.move", task_id=C, before=B, after=A)
    s.ask(BOB, "task.move", task_id=C, after=A)
    s.ask(BOB, "task.move", task_id=A)
    assert order(s) == [C, D, B, A]
    s.ask(BOB, "task.move", task_id=A, status="done")
    s.ask(BOB, "task.move", task_id=B, before=C, version=1)
    s.ask(BOB, "task.move", task_id=B, after=A, version=1, but="conflict")
    s.ask(BOB, "task.move", task_id=B, before=B, but="invalid")
    s.ask(BOB, "task.move", task_id=B, after=uid(7), but="invalid")
    s.ask(BOB, "task.move", task_id=B, before=C, after=A, but="invalid")
    s.ask(BOB, "task.move", task_id=uid(7), after=A, but="not_found")
    s.ask(BOB, "task.create", project_id=ROOM, title="x", before=uid(7), but="invalid")
    s.ask(BOB, "task.create", project_id=ROOM, title="x", before=7, but="invalid")


@scene()
def equal_ranks(s: Script) -> None:
    """Two authors who do not know of each other choose the same; ids decide, until room is made."""
    s.say(ALICE, "task.create", **given(A, "a0"))
    s.say(BOB, "task.create", **given(C, "a0"))
    s.say(CAROL, "task.create", **given(B, "a0"))
    assert order(s) == [A, B, C]
    s.ask(ALICE, "task.move", task_id=B, after=A)
    s.ask(ALICE, "task.move", task_id=C, after=A, before=B)
    assert order(s) == [A, C, B]
    s.ask(ALICE, "task.create", project_id=ROOM, id=D, title="x", after=A)
    assert order(s) == [A, D, C, B]


@scene()
def moving_between_equal_ranks(s: Script) -> None:
    """A task that comes between two of the same rank makes those around it get others."""
    for key, rank in ((A, "a1"), (B, "a1"), (C, "a0"), (D, "a2")):
        s.say(ALICE, "task.create", **given(key, rank))
    s.ask(BOB, "task.move", task_id=D, before=B, after=A)
    assert order(s) == [C, A, D, B]
    s.ask(BOB, "task.move", task_id=C)
    assert order(s) == [A, D, B, C]


@scene()
def ranks_that_are_none(s: Script) -> None:
    """Others' clients could not build on them."""
    for rank in (
        "",
        "a",
        "a00",
        "b0",
        "A" + "0" * 26,
        "A" + "z" * 26,
        "a0-",
        "a0 ",
        "ä0",
        "a" * 101,
        "a0\n",
        5,
    ):
        s.say(ALICE, "task.create", **given(A, rank), but="invalid")  # type: ignore[arg-type]
    s.say(ALICE, "task.create", **given(A, "a0", ranks=[{"id": B, "rank": "a00"}]), but="invalid")
    s.say(ALICE, "task.create", **given(A, "a0", ranks=[{"id": B, "rank": "a1", "x": 1}]), but="invalid")
    s.say(ALICE, "task.create", **given(A, "a0V"))
    s.say(ALICE, "task.create", **given(B, "Zz"))
    s.say(ALICE, "task.create", **given(C, "B" + "z" * 25))
    s.say(ALICE, "task.create", **given(D, "zz" + "z" * 25 + "V"))


@scene()
def making_room(s: Script) -> None:
    """What an author gives others comes first; what is gone, or the task itself, is passed over."""
    make(s, A, B, C)
    moved = [
        {"id": A, "rank": "a5"},
        {"id": uid(7), "rank": "a6"},
        {"id": C, "rank": "a7"},
        {"id": B, "rank": "a1"},
    ]
    s.say(BOB, "task.move", task_id=C, rank="a6", ranks=moved)
    s.say(BOB, "task.move", task_id=C, rank="a6", ranks=[{"id": A, "rank": "a8"}, {"id": A, "rank": "a9"}])
    s.say(BOB, "task.move", task_id=C, rank="a0", ranks=[], status="gone", but="invalid")


@scene()
def the_ends_of_ranks(s: Script) -> None:
    """Somebody takes the lowest and the highest there are; the next one still finds a place."""
    s.say(ALICE, "task.create", **given(A, "B" + "0" * 25))
    s.ask(BOB, "task.create", project_id=ROOM, id=B, title="x", before=A)
    assert order(s) == [B, A]
    s.say(ALICE, "task.create", **given(C, "z" * 27 + "y" * 73))
    s.ask(BOB, "task.create", project_id=ROOM, id=D, title="x")
    assert order(s) == [B, A, C, D]
    s.ask(BOB, "task.import", project_id=ROOM, tasks=[{"external_id": "e", "title": "x"}])


@scene()
def a_rank_that_would_be_too_long(s: Script) -> None:
    """Between two neighbours whose ranks are as long as can be, those around get shorter ones."""
    low, high = "a0" + "V" * 98, "a0" + "V" * 97 + "W"
    for number in range(40):
        s.say(
            ALICE,
            "task.create",
            **given(uid(0x700 + number), f"Z{'0123456789abcdefghijklmnopqrstuvwxyzABCD'[number]}"),
        )
    s.say(ALICE, "task.create", **given(A, low))
    s.say(ALICE, "task.create", **given(B, high))
    s.ask(BOB, "task.create", project_id=ROOM, id=C, title="x", after=A)
    assert order(s)[-3:] == [A, C, B]
    s.ask(BOB, "task.move", task_id=uid(0x700), before=B, after=C)
