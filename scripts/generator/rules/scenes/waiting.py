"""What waits for what: circles, and who is blocked by whom."""

from itertools import pairwise

from scripts.generator.rules.playing import uid
from scripts.generator.rules.scenes.tasks import make
from scripts.generator.rules.stage import ALICE, BOB, ROB, ROOM, Script, scene

A, B, C, D, E = (uid(number) for number in range(0x400, 0x405))


@scene()
def being_blocked(s: Script) -> None:
    """A task is blocked while one that it waits for is open; each that is freed or blocked is told once."""
    make(s, A, B, C, D)
    s.ask(BOB, "task.depend", task_id=A, on=B)
    s.ask(BOB, "task.depend", task_id=A, on=[C, B, C])
    s.ask(BOB, "task.depend", task_id=D, on=[C])
    s.ask(BOB, "task.transition", task_id=B, status="done")
    s.ask(BOB, "task.transition", task_id=C, status="canceled")
    s.ask(BOB, "task.depend", task_id=A, on=C)
    s.ask(BOB, "task.transition", task_id=C, status="todo")
    s.ask(BOB, "task.transition", task_id=C, status="in_progress")
    s.ask(BOB, "task.undepend", task_id=A, on=[C, D])
    s.ask(BOB, "task.undepend", task_id=A, on=C)
    s.ask(BOB, "task.depend", task_id=A, on=E, but="invalid")
    s.ask(BOB, "task.depend", task_id=A, on=[B, E], but="invalid")
    s.ask(BOB, "task.depend", task_id=A, on=[], but="invalid")
    s.ask(BOB, "task.depend", task_id=A, on=7, but="invalid")
    s.ask(BOB, "task.depend", task_id=A, on=[B, 7], but="invalid")
    s.ask(BOB, "task.depend", task_id=E, on=A, but="not_found")
    s.ask(BOB, "task.undepend", task_id=E, on=A, but="not_found")
    s.ask(ROB, "task.depend", task_id=A, on=C, but="forbidden")


@scene()
def circles(s: Script) -> None:
    """They are refused with a shortest one, in order; of several the one that is found first by ids."""
    make(s, A, B, C, D, E)
    s.ask(ALICE, "task.depend", task_id=A, on=A, but="cycle")
    s.ask(ALICE, "task.depend", task_id=A, on=B)
    s.ask(ALICE, "task.depend", task_id=B, on=A, but="cycle")
    s.ask(ALICE, "task.depend", task_id=B, on=C)
    s.ask(ALICE, "task.depend", task_id=C, on=[D, E])
    s.ask(ALICE, "task.depend", task_id=A, on=[E])
    s.ask(ALICE, "task.depend", task_id=E, on=[D, A], but="cycle")
    s.ask(ALICE, "task.depend", task_id=D, on=[B, A], but="cycle")
    s.ask(ALICE, "task.depend", task_id=D, on=[D, A], but="cycle")
    s.ask(ALICE, "task.undepend", task_id=A, on=B)
    s.ask(ALICE, "task.depend", task_id=D, on=A)
    s.ask(ALICE, "task.depend", task_id=E, on=A, but="cycle")


@scene()
def a_long_circle(s: Script) -> None:
    """More than five are not all named in words; their number is."""
    keys = [uid(0x410 + number) for number in range(9)]
    make(s, *keys)
    for task, on in pairwise(keys):
        s.ask(ALICE, "task.depend", task_id=task, on=on)
    s.ask(ALICE, "task.depend", task_id=keys[-1], on=keys[0], but="cycle")


@scene()
def too_many_to_wait_for(s: Script) -> None:
    """A hundred."""
    items = [{"external_id": str(number), "title": "x"} for number in range(102)]
    s.ask(ALICE, "task.import", project_id=ROOM, tasks=items)
    keys = [uid(0x10000 * 3 + number) for number in range(102)]
    s.ask(ALICE, "task.depend", task_id=keys[0], on=keys[1:101])
    s.ask(ALICE, "task.depend", task_id=keys[0], on=keys[101], but="limit_exceeded")
    s.ask(ALICE, "task.depend", task_id=keys[1], on=keys, but="invalid")
