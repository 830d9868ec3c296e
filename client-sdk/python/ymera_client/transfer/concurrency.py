"""Work that is done at the same time and ends together, also when it is cancelled.

A task group that fails while it is cancelled reports the failure alone, and before Python 3.13 its task
counts as cancelled from then on: a transfer that nobody wants any more would be begun anew, or one that
failed look cancelled.
"""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


async def all_of(works: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """What all of them came to. The first failure ends the others, and is raised once they have ended."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        failures = [task.exception() for task in tasks if not task.cancelled()]
    for failure in filter(None, failures):
        raise failure
    return [task.result() for task in tasks]
