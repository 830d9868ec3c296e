"""An agent's process: it keeps its leases over lost connections and blocked loops, drains, and ends well."""

import asyncio
import os
import re
import signal
import sys
import time
from collections.abc import Awaitable, Callable

import pytest

from handlers import instances, reports
from protocol.roles import WorkspaceRole
from tests.nodes import PATIENCE, RunningNode, until
from tests.sdk.agents.office import Office
from tests.sdk.network import Network
from tests.sdk.test_storage import PACKAGES
from ymera_client import (
    Agent,
    AgentGet,
    AgentRotateToken,
    Client,
    Forbidden,
    Run,
    RunCancel,
    RunState,
    Unauthenticated,
    Unavailable,
)
from ymera_client.agent.process import Process

pytestmark = pytest.mark.usefixtures("short_waits")

PROGRAM = """
import asyncio, sys, time
from ymera_client import Agent, Run

agent = Agent()

@agent.capability("wait", concurrency=3)
async def wait(run: Run, *, seconds: float) -> int:
    await run.output(f"attempt {run.attempt}")
    await asyncio.sleep(seconds)
    return run.attempt

@agent.capability("ask")
async def ask(run: Run) -> list:
    return [await run.ask(f"Question {number}?") for number in range(2)] + [run.attempt]

@agent.capability("block")
async def block(run: Run, *, seconds: float) -> int:
    await run.output("blocking")
    time.sleep(seconds)
    return run.attempt

agent.run(grace=float(sys.argv[1]))
"""


async def test_a_lost_connection_costs_no_lease(office: Office) -> None:
    async with Network(office.server.url) as network:
        agent = Agent(network.url, token=await office.hire())
        go = asyncio.Event()

        @agent.capability("work")
        async def work(run: Run) -> int:
            await run.output("before ")
            await go.wait()
            await run.output("after")
            return run.attempt

        async with agent.running():
            run_id = await office.order("work")
            await office.working(run_id)
            network.block()
            go.set()
            await asyncio.sleep(0)
            network.unblock()
            seen = await office.ended(run_id)
    assert seen.result == 1
    assert [attempt.outcome for attempt in seen.attempts] == ["completed"]
    assert await office.output(run_id) == "before after"


async def test_a_server_that_is_replaced_costs_no_lease(
    office: Office, node: Callable[..., Awaitable[RunningNode]]
) -> None:
    async with Network(office.server.url) as network:
        agent = Agent(network.url, token=await office.hire())
        go = asyncio.Event()

        @agent.capability("work")
        async def work(run: Run) -> int:
            await run.output("before ")
            await go.wait()
            await run.output("after")
            return run.attempt

        async with agent.running():
            run_id = await office.order("work")
            await office.working(run_id)
            await office.server.stop()
            successor = await node()
            network.target = successor.url
            go.set()
            _, token = await successor.admit("Olga", WorkspaceRole.OWNER)
            async with Client(successor.url, token=token) as olga, olga.room(office.room.id) as room:
                there = Office(successor, olga, room)
                seen = await there.ended(run_id)
                assert await there.output(run_id) == "before after"
    assert seen.result == 1
    assert [attempt.outcome for attempt in seen.attempts] == ["completed"]


async def test_a_report_whose_answer_was_lost_is_not_made_twice(office: Office) -> None:
    async with Network(office.server.url) as network:
        agent = Agent(network.url, token=await office.hire())

        @agent.capability("work")
        async def work(run: Run) -> int:
            network.mute = True
            await run.cost(money=5)
            return run.attempt

        async with agent.running():
            run_id = await office.order("work")
            await office.reaches(run_id, lambda run: run.costs.money)
            network.cut()
            network.unblock()
            seen = await office.ended(run_id)
    assert (seen.result, seen.run.costs.money) == (1, 5)


async def test_a_process_that_is_away_for_too_long_stops_what_it_has_lost(
    office: Office,
) -> None:
    began, stopped = asyncio.Event(), asyncio.Event()
    async with Network(office.server.url) as network:
        agent = Agent(network.url, token=await office.hire())

        @agent.capability("work")
        async def work(run: Run) -> int:
            if run.attempt > 1:
                return run.attempt
            began.set()
            try:
                await asyncio.sleep(600)
            finally:
                stopped.set()
            return 0

        async with agent.running() as running:
            run_id = await office.order("work")
            async with asyncio.timeout(PATIENCE):
                await began.wait()
            # As if so much time had passed.
            network.block()
            running.loop.post(running._leases.expire, time.monotonic() + 26)
            async with asyncio.timeout(PATIENCE):
                await stopped.wait()
            network.unblock()
            # The server has not noticed yet: the process gives back what it has lost track of.
            seen = await office.ended(run_id)
    assert seen.result == 2
    assert [attempt.outcome for attempt in seen.attempts] == ["released", "completed"]


async def test_what_is_pushed_and_lost_comes_with_a_heartbeat(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instances, "HEARTBEAT_SECONDS", 1)
    monkeypatch.setattr(Process, "_on_message", lambda *_: None)
    agent = Agent(office.server.url, token=await office.hire())

    @agent.capability("work", concurrency=3)
    async def work(run: Run) -> str:
        answer = await run.ask("Go on?")
        if answer == "call":
            return str(await run.call("echo", text="far"))
        await asyncio.sleep(600)
        return ""

    @agent.capability("echo")
    async def echo(run: Run, *, text: str) -> str:
        return text

    async with agent.running():
        run_id = await office.order("work")
        await office.answer(run_id, "call")
        assert (await office.ended(run_id)).result == "far"
        run_id = await office.order("work")
        await office.answer(run_id, "sleep")
        await office.working(run_id)
        await office.alice.call(RunCancel(run_id=run_id))
        assert (await office.ended(run_id)).run.state is RunState.CANCELED


async def test_a_question_outlives_the_process(office: Office) -> None:
    token = await office.hire()
    async with office.program(token, "-c", PROGRAM, "30") as first:
        run_id = await office.order("ask")
        await office.answer(run_id, "one", "0")
        await office.asked(run_id, "1")
        first.running.send_signal(signal.SIGTERM)
        assert await first.end() == 0
    await office.reaches(run_id, lambda run: run.instance_id is None)
    await office.answer(run_id, "two", "1")
    async with office.program(token, "-c", PROGRAM, "30"):
        seen = await office.ended(run_id)
    assert seen.result == ["one", "two", 2]
    assert len(seen.questions) == 2


async def test_a_signal_lets_it_finish_what_it_has_and_take_no_more(office: Office) -> None:
    async with office.program(await office.hire(), "-c", PROGRAM, "30") as program:
        run_id = await office.order("wait", seconds=2)
        await office.working(run_id)
        program.running.send_signal(signal.SIGTERM)
        await program.says("Draining: 1 runs")
        late = await office.order("wait", seconds=0)
        assert await program.end() == 0
    seen = await office.ended(run_id)
    assert (seen.run.state, seen.result) == (RunState.COMPLETED, 1)
    await office.reaches(late, lambda run: run.state is RunState.SUBMITTED)


async def test_what_is_not_done_in_the_grace_period_is_handed_back(office: Office) -> None:
    token = await office.hire()
    async with office.program(token, "-c", PROGRAM, "0.1") as program:
        run_id = await office.order("wait", seconds=1)
        await office.working(run_id)
        program.running.send_signal(signal.SIGINT)
        await office.reaches(run_id, lambda run: run.state is RunState.SUBMITTED)
        assert await program.end() == 0
    async with office.program(token, "-c", PROGRAM, "30"):
        seen = await office.ended(run_id)
    assert seen.result == 2
    assert [attempt.outcome for attempt in seen.attempts] == ["released", "completed"]


async def test_a_second_signal_ends_it_at_once(office: Office) -> None:
    async with office.program(await office.hire(), "-c", PROGRAM, "30") as program:
        run_id = await office.order("wait", seconds=600)
        await office.working(run_id)
        program.running.send_signal(signal.SIGTERM)
        await program.says("Draining")
        program.running.send_signal(signal.SIGTERM)
        assert await program.end() == 128 + signal.SIGTERM
    assert "second signal" in program.said[-1]


async def test_a_blocked_loop_keeps_its_lease_and_is_named(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name, seconds in (
        (reports, "LEASE_SECONDS", 4),
        (instances, "LEASE_SECONDS", 4),
        (instances, "HEARTBEAT_SECONDS", 1),
    ):
        monkeypatch.setattr(module, name, seconds)
    async with office.program(await office.hire(), "-c", PROGRAM, "30") as program:
        run_id = await office.order("block", seconds=8)
        agent_id = str((await office.working(run_id)).agent_id)
        said = await program.says("blocks the event loop at")
        assert f"run {run_id} of block" in said.string
        await program.says('File "<string>", line 20, in block')

        async def blocked() -> bool:
            (instance,) = (await office.alice.call(AgentGet(agent_id=agent_id))).status.instances
            return instance.blocked and instance.connected

        await until(blocked)
        seen = await office.ended(run_id)
    assert seen.result == 1
    assert [attempt.outcome for attempt in seen.attempts] == ["completed"]
    (line,) = await office.history(run_id, "run.logged")
    assert line.data["level"] == "warning"
    assert "blocks its program at <string>:20 in block" in line.data["message"]
    assert await office.output(run_id) == "blocking"


@pytest.mark.parametrize(
    ("environ", "status", "message"),
    [
        ({"YMERA_TOKEN": "ymt_wrong"}, 77, "token"),
        ({"YMERA_URL": "http://127.0.0.1:9"}, 69, r"Not connected within 1 s: http://127.0.0.1:9 cannot be"),
        ({"YMERA_URL": "localhost:80"}, 78, "url: 'localhost:80' is not a server's address"),
        ({"YMERA_URL": ""}, 78, "YMERA_URL is not set"),
        ({"YMERA_TOKEN": ""}, 78, "YMERA_TOKEN is not set"),
    ],
)
async def test_wrong_settings_end_it_with_a_message(
    server: RunningNode, environ: dict[str, str], status: int, message: str
) -> None:
    program = PROGRAM.replace("agent.run(", "agent.run(connect_timeout=1, ")
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        "0",
        env={
            **os.environ,
            "PYTHONPATH": str(PACKAGES),
            "YMERA_URL": server.url,
            "YMERA_TOKEN": "x",
            **environ,
        },
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await running.communicate()
    *_, last = errors.decode().splitlines()
    assert running.returncode == status
    assert re.search(f"^-c: .*{message}", last)


async def test_a_person_is_no_agent(server: RunningNode, ada: str) -> None:
    agent = Agent(server.url, token=ada)

    @agent.capability("work")
    async def work(run: Run) -> None: ...

    with pytest.raises(Forbidden, match="does not take this agent: Only agents send this"):
        await agent.serve()


async def test_what_the_server_does_not_take_ends_it(office: Office) -> None:
    agent = Agent(office.server.url, token=await office.hire())

    @agent.capability("no name for it")
    async def work(run: Run) -> None: ...

    with pytest.raises(Forbidden, match=r"capabilities\[0\].name"):
        await agent.serve()


async def test_a_revoked_token_ends_it_and_its_handlers(office: Office) -> None:
    agent = Agent(office.server.url, token=await office.hire())
    stopped = asyncio.Event()

    @agent.capability("work")
    async def work(run: Run) -> None:
        try:
            await asyncio.sleep(600)
        finally:
            stopped.set()

    serving = asyncio.create_task(agent.serve())
    await office.staffed("work")
    run = await office.working(await office.order("work"))
    await office.alice.call(AgentRotateToken(agent_id=str(run.agent_id)))
    with pytest.raises(Unauthenticated):
        await serving
    assert stopped.is_set()


async def test_serving_ends_by_a_call_from_any_thread_or_by_cancellation(office: Office) -> None:
    agent = Agent(office.server.url, token=await office.hire())

    @agent.capability("wait", concurrency=2)
    async def wait(run: Run, *, seconds: float) -> int:
        await asyncio.sleep(seconds)
        return run.attempt

    serving = asyncio.create_task(agent.serve())
    await office.staffed("wait")
    finished, kept = await office.order("wait", seconds=1), await office.order("wait", seconds=2)
    await office.working(finished)
    await office.working(kept)
    with pytest.raises(RuntimeError, match="running already"):
        await agent.serve()
    await asyncio.to_thread(agent.stop, grace=1.5)
    await serving
    assert (await office.ended(finished)).result == 1
    await office.reaches(kept, lambda run: run.state is RunState.SUBMITTED)

    serving = asyncio.create_task(agent.serve())
    await office.reaches(kept, lambda run: run.state is RunState.WORKING and run.attempt == 2)
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving
    await office.reaches(kept, lambda run: run.state is RunState.SUBMITTED)
    agent.stop()


async def test_the_server_is_not_there(short_waits: None) -> None:
    agent = Agent("http://127.0.0.1:9", token="ymt_any")
    with pytest.raises(ValueError, match="no capability"):
        await agent.serve()

    @agent.capability("work")
    async def work(run: Run) -> None: ...

    with pytest.raises(Unavailable, match=r"Not connected within 0\.2 s"):
        await agent.serve(connect_timeout=0.2)


async def test_a_program_needs_the_main_thread() -> None:
    with pytest.raises(RuntimeError, match="main thread"):
        await asyncio.to_thread(Agent("http://127.0.0.1:9", token="ymt_any").run)
