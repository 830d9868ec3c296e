"""Where a test hung: what its event loop waits for, which no stack of a thread shows."""

import asyncio
import gc
import sys
import traceback
from collections.abc import Callable, Iterator
from types import AsyncGeneratorType, FrameType
from typing import Any


def waiting() -> str:
    """Tell of each task of the running event loop in which lines it waits; nothing where none runs."""
    try:
        tasks = asyncio.all_tasks()
    except RuntimeError:
        return ""
    described = (f"{task.get_name()} waits at:\n{''.join(_lines(task))}" for task in tasks)
    return "\n".join(sorted(described))


def told(give_up: Callable[[int, FrameType | None], Any]) -> Callable[[int, FrameType | None], Any]:
    """Return a handler of a signal that tells what is waited for before it does as `give_up`."""

    def handle(number: int, frame: FrameType | None) -> None:
        sys.stderr.write(waiting())
        give_up(number, frame)

    return handle


def _lines(task: asyncio.Task[Any]) -> list[str]:
    return traceback.StackSummary.extract(_frames(task.get_coro())).format()


def _frames(awaited: Any) -> Iterator[tuple[FrameType, int]]:
    """What a task awaits, from its own coroutine inwards: `Task.get_stack` knows only the first of them."""
    while awaited is not None:
        frame = _first(awaited, "cr_frame", "gi_frame", "ag_frame")
        if frame is not None:
            yield frame, frame.f_lineno
        awaited = _first(awaited, "cr_await", "gi_yieldfrom", "ag_await") or _generator(awaited)


def _first(awaited: Any, *names: str) -> Any:
    found = (getattr(awaited, name, None) for name in names)
    return next((each for each in found if each is not None), None)


def _generator(awaited: Any) -> AsyncGeneratorType[Any, Any] | None:
    """Where it is a step of an asynchronous generator, as fixtures are: that, which it does not name."""
    if not type(awaited).__name__.startswith("async_generator_"):
        return None
    return next((each for each in gc.get_referents(awaited) if isinstance(each, AsyncGeneratorType)), None)
