"""Imports: many tasks at once, or none."""

from typing import Any

from scripts.generator.rules.playing import uid
from scripts.generator.rules.stage import ALICE, BOB, CAROL, ROB, ROOM, STRANGER, Script, scene

ONE, TWO = uid(0x500), uid(0x501)


def item(name: str, **fields: Any) -> dict[str, Any]:
    """A task of an import."""
    return {"external_id": name, **fields}


@scene()
def importing(s: Script) -> None:
    """New ones are made, in order and at the end; those that differ are changed; the rest stays."""
    s.ask(ALICE, "task.create", project_id=ROOM, id=ONE, title="here", external_id="here", assignees=[BOB])
    full: dict[str, Any] = {
        "title": "Fly",
        "labels": ["b", "B"],
        "estimate": 2,
        "due": "2026-05-05",
        "assignees": [CAROL],
    }
    tasks = [item("a", **full, depends_on=["here", "b", "here"]), item("b", title="Land", parent="a")]
    s.ask(ALICE, "task.import", project_id=ROOM, tasks=[*tasks, item("here", status="done", assignees=[BOB])])
    s.ask(ALICE, "task.import", project_id=ROOM, tasks=[*tasks, item("here"), item("c", title="New")])
    s.ask(ALICE, "task.import", project_id=ROOM, tasks=[item("b", parent=None), item("a", depends_on=[])])


@scene()
def what_cannot_be_imported(s: Script) -> None:
    """Whatever is wrong with one, none of them comes."""
    bad: list[tuple[list[dict[str, Any]], str]] = [
        ([item("a")], "invalid"),
        ([item("a", title="x"), item("a", title="y")], "invalid"),
        ([item("a", title="x", parent="?")], "invalid"),
        ([item("a", title="x", depends_on=["a", "?"])], "invalid"),
        ([item("a", title="x", depends_on=["a"])], "cycle"),
        ([item("a", title="x", depends_on=["b"]), item("b", title="y", depends_on=["a"])], "cycle"),
        ([item("a", title="x", parent="b"), item("b", title="y", parent="a")], "cycle"),
        ([item("a", title="x", assignees=[BOB, STRANGER])], "invalid"),
        ([item("a", title="x", colour="red")], "invalid"),
        ([], "invalid"),
        ([item("a", title="x")] * 501, "invalid"),
        (
            [item(str(n), title="x", **({"parent": str(n - 1)} if n else {})) for n in range(10)],
            "limit_exceeded",
        ),
    ]
    for tasks, code in bad:
        s.ask(ALICE, "task.import", project_id=ROOM, tasks=tasks, but=code)
    s.ask(ROB, "task.import", project_id=ROOM, tasks=[item("a", title="x")], but="forbidden")
    s.ask(ALICE, "task.import", project_id=uid(2), tasks=[item("a", title="x")], but="not_found")
    s.ask(ALICE, "task.import", project_id=ROOM, tasks=[item("a", title="x", status="done")])
    s.ask(
        ALICE, "task.import", project_id=ROOM, tasks=[item("a", status="in_review")], but="illegal_transition"
    )


@scene()
def two_imports_at_once(s: Script) -> None:
    """What somebody else has imported meanwhile is changed, not made again; no id is taken twice."""
    first: dict[str, Any] = {"project_id": ROOM, "tasks": [item("a", title="x", id=ONE, rank="a0")]}
    second: dict[str, Any] = {"project_id": ROOM, "tasks": [item("a", title="y", id=TWO, rank="a0")]}
    third: dict[str, Any] = {"project_id": ROOM, "tasks": [item("b", title="z", id=ONE, rank="a1")]}
    twice: dict[str, Any] = {
        "project_id": ROOM,
        "tasks": [item(name, title="z", id=TWO, rank="a1") for name in "cd"],
    }
    s.say(ALICE, "task.import", **first)
    s.say(BOB, "task.import", **second)
    s.say(BOB, "task.import", **third, but="conflict")
    s.say(BOB, "task.import", **twice, but="conflict")
    spread: dict[str, Any] = {"ranks": [{"id": ONE, "rank": "Zz"}, {"id": TWO, "rank": "a9"}]}
    s.say(BOB, "task.import", **{**second, **spread})


@scene()
def a_large_import(s: Script) -> None:
    """Chains and trees within one import, with what was there."""
    first = [item(str(n), title=f"t{n}", depends_on=[str(n - 1)] if n else []) for n in range(30)]
    s.ask(ALICE, "task.import", project_id=ROOM, tasks=first)
    again = [
        item(str(n), status=("todo", "done")[n % 2], parent=str(n // 3) if n else None) for n in range(30)
    ]
    s.ask(BOB, "task.import", project_id=ROOM, tasks=again)
    s.ask(BOB, "task.import", project_id=ROOM, tasks=[item("0", depends_on=["29"])], but="cycle")
    s.ask(BOB, "task.import", project_id=ROOM, tasks=[item("0", depends_on=["7"])], but="cycle")
