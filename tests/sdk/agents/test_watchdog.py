"""A loop that does not turn is noticed from outside, with who holds it up."""

import asyncio
import threading
from typing import Any

import pytest

from tests.nodes import PATIENCE
from ymera_client.agent.watchdog import LIMIT, Watchdog


async def test_a_task_that_blocks_its_loop_is_found(caplog: pytest.LogCaptureFixture) -> None:
    found: list[tuple[str, str]] = []
    watchdog = Watchdog(lambda task, place: found.append((task.get_name() if task else "", place)))
    watched, blocking, enough = threading.Event(), threading.Event(), threading.Event()
    changes: list[bool] = []

    def watch() -> None:
        blocking.wait(PATIENCE)
        changes.extend(watchdog.look(now) for now in (10.0, 10.0 + LIMIT, 10.1 + LIMIT, 10.2 + LIMIT))
        enough.set()
        watched.wait(PATIENCE)
        changes.append(watchdog.look(20.0))

    async def block() -> None:
        blocking.set()
        enough.wait(PATIENCE)

    watching = asyncio.create_task(asyncio.to_thread(watch))
    await asyncio.create_task(block(), name="the culprit")
    # The loop turns: what it was asked is answered.
    await asyncio.sleep(0)
    watched.set()
    await watching
    assert changes == [False, False, True, False, True]
    assert not watchdog.blocked
    ((name, place),) = found
    assert name == "the culprit"
    assert "in wait" in place
    assert "the culprit blocks the event loop" in caplog.text
    assert "enough.wait(PATIENCE)" in caplog.text
    assert "turns again" in caplog.text


async def test_a_callback_that_blocks_its_loop_is_no_task() -> None:
    found: list[Any] = []
    watchdog = Watchdog(lambda task, _: found.append(task))
    done = asyncio.Event()

    def block() -> None:
        def watch() -> None:
            watchdog.look(10.0)
            watchdog.look(20.0)

        watcher = threading.Thread(target=watch)
        watcher.start()
        watcher.join()
        done.set()

    asyncio.get_running_loop().call_soon(block)
    await done.wait()
    assert found == [None]
