"""A lease in odd moments, with a server that answers as each test says."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.nodes import PATIENCE
from ymera_client import Fenced, Forbidden, Invalid, RunCanceled
from ymera_client.agent.execution import Stop
from ymera_client.agent.lease import Lease
from ymera_client.agent.testing import new_offer
from ymera_client.generated import (
    Command,
    Costs,
    ErrorClass,
    RunAttach,
    RunComplete,
    RunFail,
    RunLog,
    RunOutput,
    RunProgress,
    RunStanding,
    RunState,
)

Answer = Callable[[Command[Any]], Any]


def standing(*, canceling: bool = False) -> RunStanding:
    """How a run stands."""
    return RunStanding(state=RunState.WORKING, canceling=canceling, costs=Costs())


class Server:
    """Keeps what it is told, and answers what the test says, by the command's class."""

    def __init__(self, **answers: Answer) -> None:
        self.told: list[Command[Any]] = []
        self.answers = answers
        self.stops: list[Stop] = []
        self.lease = Lease(new_offer("work"), self.take, 25.0, lambda _, why: self.stops.append(why))

    async def take(self, command: Command[Any]) -> Any:
        await asyncio.sleep(0)
        self.told.append(command)
        answer = self.answers.get(type(command).__name__)
        reply = (
            answer(command) if answer else RunStanding(state=RunState.WORKING, canceling=False, costs=Costs())
        )
        if isinstance(reply, Exception):
            raise reply
        return reply

    def kinds(self) -> list[str]:
        return [type(command).__name__ for command in self.told]


async def test_reports_leave_in_order_with_what_came_before_them() -> None:
    server = Server()
    lease = server.lease
    lease.write("one ")
    lease.write("two")
    lease.show(0.5, "half")
    lease.add(RunLog(**lease.about, message="line"))
    await asyncio.gather(
        lease.send(RunProgress(**lease.about, costs=Costs(tokens=1))),
        lease.send(RunAttach(**lease.about, name="a", text="a")),
    )
    await lease.finish(RunComplete(**lease.about))
    assert server.kinds() == ["RunProgress", "RunOutput", "RunProgress", "RunLog", "RunAttach", "RunComplete"]
    assert server.told[1] == RunOutput(**lease.about, text="one two", offset=0)


async def test_a_run_that_is_canceled_as_it_ends_still_gives_its_last_report() -> None:
    server = Server(RunOutput=lambda _: RunCanceled("stopped"))
    server.lease.write("late")
    await server.lease.finish(RunComplete(**server.lease.about, result=1))
    assert server.kinds() == ["RunOutput", "RunComplete"]
    assert server.stops == [Stop.CANCELED]


async def test_a_canceled_run_says_nothing_but_its_last_report() -> None:
    server = Server(RunProgress=lambda _: standing(canceling=True))
    lease = server.lease
    lease.write("never sent")
    await lease.send(RunProgress(**lease.about))
    assert server.stops == [Stop.CANCELED]
    assert lease.add(RunLog(**lease.about, message="ignored"))
    with pytest.raises(RunCanceled):
        lease.write("more")
    with pytest.raises(RunCanceled):
        await lease.send(RunAttach(**lease.about, name="a", text="a"))
    await lease.finish(RunFail(**lease.about, message="Stopped.", cause=ErrorClass.CANCELED))
    assert server.kinds() == ["RunProgress", "RunFail"]


async def test_a_refused_result_fails_the_run() -> None:
    server = Server(RunComplete=lambda _: Invalid("result: must be a number."))
    await server.lease.finish(RunComplete(**server.lease.about, result="one"))
    last = server.told[-1]
    assert isinstance(last, RunFail)
    assert (last.cause, last.message) == ("fatal", "The result was refused: result: must be a number.")


async def test_refused_output_keeps_nothing_else_from_being_said(caplog: pytest.LogCaptureFixture) -> None:
    server = Server(RunOutput=lambda _: Invalid("text: too long."))
    server.lease.write("bad")
    await server.lease.finish(RunComplete(**server.lease.about))
    assert server.kinds() == ["RunOutput", "RunComplete"]
    assert "run.output of run" in caplog.text


async def test_a_fenced_attempt_stops_for_good() -> None:
    server = Server(RunProgress=lambda _: Fenced("over"))
    lease = server.lease
    with pytest.raises(Fenced):
        await lease.send(RunProgress(**lease.about))
    await lease.finish(RunComplete(**lease.about))
    lease.stop(Stop.CANCELED)
    assert (server.kinds(), server.stops) == (["RunProgress"], [Stop.LOST])


async def test_what_is_under_way_ends_with_the_lease() -> None:
    never = asyncio.Event()

    async def silent(command: Command[Any]) -> Any:
        await never.wait()

    stops: list[Stop] = []
    lease = Lease(new_offer("work"), silent, 25.0, lambda _, why: stops.append(why))
    sending = asyncio.create_task(lease.send(RunProgress(**lease.about)))
    waiting = asyncio.create_task(lease.send(RunProgress(**lease.about)))
    await asyncio.sleep(0)
    lease.expire(time.monotonic() + 24.0)
    assert stops == []
    lease.expire(time.monotonic() + 26.0)
    async with asyncio.timeout(PATIENCE):
        for each in (sending, waiting):
            with pytest.raises(Fenced):
                await each
    assert stops == [Stop.LOST]


async def test_that_the_run_has_ended_does_not_break_off_its_last_report() -> None:
    server = Server(RunComplete=lambda _: server.lease.lose())
    await server.lease.finish(RunComplete(**server.lease.about))
    assert server.stops == []


async def test_an_error_that_ends_nothing_is_the_callers() -> None:
    server = Server(RunAttach=lambda _: Forbidden("not here"))
    with pytest.raises(Forbidden):
        await server.lease.send(RunAttach(**server.lease.about, name="a", text="a"))
    assert server.stops == []
