"""What a test that hung says: the lines in which each task of its loop waits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests import hung


async def for_ever() -> None:
    await asyncio.Event().wait()


@asynccontextmanager
async def slow_to_leave() -> AsyncIterator[None]:
    yield
    await for_ever()


async def leave() -> None:
    async with slow_to_leave():
        pass


async def test_where_each_task_waits_is_told() -> None:
    tasks = [asyncio.create_task(leave(), name="one that leaves")]
    await asyncio.sleep(0)
    told = hung.waiting()
    tasks[0].cancel()
    own, other = told.split("one that leaves waits at:\n")
    assert "hung.waiting()" in own
    lines = [line.strip() for line in other.splitlines()]
    ours = ["async with slow_to_leave():", "await for_ever()", "await asyncio.Event().wait()"]
    assert [line for line in lines if line in ours] == ours


def test_nothing_is_told_where_no_loop_runs() -> None:
    assert hung.waiting() == ""
