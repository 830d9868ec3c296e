"""Agents at work on a real server: what they say and ask is there for people, and what people say arrives."""

import asyncio
import threading
import time
from datetime import timedelta
from typing import Any

import pytest

from tests.nodes import PATIENCE, until
from tests.sdk.agents.office import Office
from ymera_client import (
    Agent,
    AgentGet,
    CallFailed,
    Denied,
    Fatal,
    MessageSend,
    QuestionExpired,
    Retry,
    Run,
    RunCancel,
    RunCreate,
    RunState,
    TaskCreate,
    TaskStatus,
)
from ymera_client.agent import execution


async def test_a_run_is_done_as_the_handler_says(office: Office) -> None:
    agent = Agent(office.server.url, token=await office.hire(), version="2.1")

    @agent.capability("summarise", concurrency=4, cost="low")
    async def summarise(run: Run, *, title: str, max_words: int = 2) -> dict[str, int]:
        """Make a text shorter."""
        assert run.task
        await run.progress(0.5, "reading")
        await run.output("one ")
        await run.output("two\n")
        run.log.info("read", words=3)
        await run.log("careful", level="warning")
        await run.cost(tokens=10, money=2_000, seconds=0.5)
        artifact = await run.attach("all.md", f"# {title}", "text/markdown")
        assert artifact.bytes == len(title) + 2
        run.summary = "Shorter."
        return {"words": max_words}

    async with agent.running():
        task = await office.alice.call(TaskCreate(project_id=office.room.id, title="Land on the Moon"))
        run_id = await office.order("summarise", task_id=task.id, max_words=1)
        seen = await office.ended(run_id)
    assert (seen.run.state, seen.result, seen.run.summary) == (RunState.COMPLETED, {"words": 1}, "Shorter.")
    assert (seen.run.progress, seen.run.note) == (0.5, "reading")
    assert (seen.run.costs.tokens, seen.run.costs.money, seen.run.costs.seconds) == (10, 2_000, 0.5)
    assert [(artifact.name, artifact.media_type) for artifact in seen.artifacts] == [
        ("all.md", "text/markdown")
    ]
    assert await office.output(run_id) == "one two\n"
    lines = [event.data for event in await office.history(run_id, "run.logged")]
    assert [(line["level"], line["message"], line["data"]) for line in lines] == [
        ("info", "read", {"words": 3}),
        ("warning", "careful", None),
    ]
    await office.room.wait_for(
        lambda room: room.state["tasks"][task.id]["status"] == TaskStatus.DONE, PATIENCE
    )
    known = await office.alice.call(AgentGet(agent_id=str(seen.run.agent_id)))
    assert known.agent.software == "2.1"
    (capability,) = known.capabilities
    assert (capability.description, capability.concurrency, capability.cost) == (
        "Make a text shorter.",
        4,
        "low",
    )
    assert capability.input["required"] == ["title"]


async def test_what_a_handler_raises_decides_whether_there_is_another_attempt(office: Office) -> None:
    agent = Agent(office.server.url, token=await office.hire())
    attempts: list[int] = []

    @agent.capability("fetch", attempts=2)
    async def fetch(run: Run) -> str:
        attempts.append(run.attempt)
        raise Retry("The service is away.")

    @agent.capability("check")
    async def check(run: Run, *, number: int) -> str:
        if number:
            raise Fatal("It is broken.")
        return number  # type: ignore[return-value]

    orders: list[tuple[str, dict[str, Any]]] = [
        ("fetch", {}),
        ("check", {"number": 1}),
        ("check", {"number": 0}),
    ]
    async with agent.running():
        fetched, broken, ill_typed = [
            await office.ended(await office.order(capability, **given)) for capability, given in orders
        ]
    assert attempts == [1, 2]
    for seen, cause, message in (
        (fetched, "transient", "The service is away."),
        (broken, "fatal", "It is broken."),
        (ill_typed, "fatal", "The result of check is not as declared: Expected `str`, got `int`"),
    ):
        assert seen.run.state is RunState.FAILED
        assert seen.run.error
        assert (seen.run.error.cause, seen.run.error.message) == (cause, message)


async def test_people_answer_questions(office: Office) -> None:
    agent = Agent(office.server.url, token=await office.hire())

    @agent.capability("travel")
    async def travel(run: Run) -> list[Any]:
        await run.output("Asking.")
        where = await run.ask("Where to?")
        how = await run.ask("How?", choices=["fast", "cheap"])
        when = await run.ask("When?", form={"type": "object", "required": ["day"]})
        return [where, how, when]

    async with agent.running():
        run_id = await office.order("travel")
        asked = await office.asked(run_id, "Where")
        await office.reaches(run_id, lambda run: run.state is RunState.INPUT_REQUIRED)
        assert await office.output(run_id) == "Asking."
        assert asked.asked == [office.alice.me.id]
        for prompt, answer in (("Where", "Rome"), ("How", "cheap"), ("When", {"day": "Monday"})):
            await office.answer(run_id, answer, prompt)
        assert (await office.ended(run_id)).result == ["Rome", "cheap", {"day": "Monday"}]


async def test_a_question_that_nobody_answers_in_time(office: Office) -> None:
    agent = Agent(office.server.url, token=await office.hire())

    @agent.capability("wonder")
    async def wonder(run: Run) -> str:
        try:
            return str(await run.ask("Really?", expires_in=timedelta(seconds=2)))
        except QuestionExpired as error:
            return error.message

    async with agent.running():
        seen = await office.ended(await office.order("wonder"))
    assert seen.result == "Nobody answered in time: Really?"


async def test_an_approval_is_checked_again_at_use_and_serves_once(office: Office) -> None:
    agent = Agent(office.server.url, token=await office.hire())

    @agent.capability("pay")
    async def pay(run: Run, *, to: str) -> list[str]:
        approval = await run.approve("pay", {"to": to}, ceiling=100)
        refusals = []
        for arguments, cost in (({"to": "me"}, 1), ({"to": to}, 101), ({"to": to}, 100), ({"to": to}, 100)):
            try:
                await approval.use(arguments, cost=cost)
                refusals.append("")
            except Denied as error:
                refusals.append(error.message)
        return refusals

    async with agent.running():
        run_id = await office.order("pay", to="Bo")
        asked = await office.answer(run_id, True)
        assert (asked.action, asked.arguments, asked.ceiling) == ("pay", {"to": "Bo"}, 100)
        ended = await office.ended(run_id)
        assert ended.result
        other, dear, used, again = ended.result
        assert "arguments differ" in other
        assert "at most 100" in dear
        assert used == ""
        assert "used already" in again
        refused = await office.order("pay", to="Eve")
        await office.answer(refused, False)
        seen = await office.ended(refused)
    assert seen.run.error
    assert (seen.run.error.cause, seen.run.error.message) == ("fatal", "pay was not allowed.")


async def test_agents_call_each_other_and_hand_over(office: Office) -> None:
    asker = Agent(office.server.url, token=await office.hire("Asker"))
    knower = Agent(office.server.url, token=await office.hire("Knower"))

    @asker.capability("ask_around", concurrency=1)
    async def ask_around(run: Run, *, things: list[str]) -> None:
        found = [await run.call("look_up", thing=thing) for thing in things]
        both = await asyncio.gather(*(run.call("look_up", thing=thing) for thing in reversed(things)))
        with pytest.raises(CallFailed, match="no such thing") as failure:
            await run.call("look_up", thing="nothing")
        assert failure.value.reply.state is RunState.FAILED
        await run.hand_off("write_up", note="All known.", result=found, first=both[-1])

    @knower.capability("look_up", concurrency=2)
    async def look_up(run: Run, *, thing: str) -> str:
        if thing == "nothing":
            raise Fatal("no such thing")
        return thing.upper()

    @knower.capability("write_up")
    async def write_up(run: Run, *, first: str) -> list[Any]:
        assert run.handed
        return [run.handed.note, run.handed.result, first]

    async with asker.running(), knower.running():
        run_id = await office.order("ask_around", things=["a", "b"])
        seen = await office.ended(run_id)
        assert (seen.run.state, seen.result) == (RunState.COMPLETED, ["A", "B"])
        assert [call.state for call in seen.calls] == [*([RunState.COMPLETED] * 4), RunState.FAILED]
        successor = await office.finds(lambda run: run.previous_id == run_id)
    assert successor.result == ["All known.", ["A", "B"], "A"]


async def test_a_canceled_coroutine_stops_within_two_seconds(office: Office) -> None:
    agent = Agent(office.server.url, token=await office.hire())
    stopped: list[float] = []

    @agent.capability("work")
    async def work(run: Run) -> None:
        try:
            await asyncio.sleep(600)
        finally:
            stopped.append(time.monotonic())

    async with agent.running():
        run_id = await office.order("work")
        await office.working(run_id)
        began = time.monotonic()
        await office.alice.call(RunCancel(run_id=run_id))
        seen = await office.ended(run_id)
    assert stopped[0] - began < 2
    assert seen.run.state is RunState.CANCELED
    assert seen.attempts[0].outcome == "canceled"


async def test_a_canceled_thread_stops_and_its_result_is_kept(office: Office) -> None:
    agent = Agent(office.server.url, token=await office.hire())
    began = threading.Event()

    @agent.capability("count")
    def count(run: Run) -> int:
        counted = 0
        run.wait(run.output("counting"))
        began.set()
        while not run.canceled:
            counted += 1
        return min(counted, 1)

    async with agent.running():
        run_id = await office.order("count")
        await asyncio.to_thread(began.wait)

        async def said() -> bool:
            return await office.output(run_id) == "counting"

        # Output is gathered for a moment; what has not been sent when a run is stopped is not accepted.
        await until(said)
        await office.alice.call(RunCancel(run_id=run_id))
        seen = await office.ended(run_id)
    assert (seen.run.state, seen.result) == (RunState.CANCELED, 1)
    assert await said()


async def test_a_handler_that_does_not_stop_is_left_to_itself(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "STOP_SECONDS", 0.2)
    agent = Agent(office.server.url, token=await office.hire())
    began, end = threading.Event(), threading.Event()

    @agent.capability("resist")
    def resist(run: Run) -> None:
        began.set()
        end.wait()

    async with agent.running():
        run_id = await office.order("resist")
        await asyncio.to_thread(began.wait)
        await office.alice.call(RunCancel(run_id=run_id))
        seen = await office.ended(run_id)
        end.set()
    assert seen.run.error
    assert "may still be at work" in seen.run.error.message


async def test_what_a_run_asks_of_the_workspace_is_done_once_over_its_attempts(office: Office) -> None:
    agent = Agent(office.server.url, token=await office.hire())

    @agent.capability("tell", attempts=2)
    async def tell(run: Run) -> list[str]:
        first = await run.request(MessageSend(room=run.project_id, text="Hello"))
        second = await run.request(MessageSend(room=run.project_id, text="Hello"))
        if run.attempt == 1:
            raise Retry("again")
        return [first.id, second.id]

    async with agent.running():
        seen = await office.ended(await office.order("tell"))
    assert seen.result
    said = [each for each in office.room.state["messages"].values() if each["text"] == "Hello"]
    assert sorted(each["id"] for each in said) == sorted(seen.result)
    assert len(said) == 2


async def test_a_flood_of_output_is_whole_up_to_the_limit_and_comes_in_few_events(office: Office) -> None:
    agent = Agent(office.server.url, token=await office.hire())

    @agent.capability("flood")
    async def flood(run: Run) -> None:
        for number in range(3_000):
            await run.output(f"{number:<399}\n")

    async with agent.running():
        run_id = await office.order("flood")
        seen = await office.ended(run_id)
    assert seen.run.state is RunState.COMPLETED
    output = await office.output(run_id)
    assert output == "".join(f"{number:<399}\n" for number in range(2_500))
    pieces = await office.history(run_id, "run.outputted")
    seconds = (pieces[-1].at - pieces[0].at).total_seconds()
    assert len(pieces) <= 35 + 4 * seconds
    assert pieces[-1].data["truncated"]


async def test_a_spent_budget_ends_the_run_and_its_handler(office: Office) -> None:
    agent = Agent(office.server.url, token=await office.hire())
    stopped = asyncio.Event()

    @agent.capability("spend")
    async def spend(run: Run) -> None:
        try:
            while True:
                await run.cost(money=400)
        finally:
            stopped.set()

    async with agent.running():
        run = await office.alice.call(RunCreate(project_id=office.room.id, capability="spend", budget=1_000))
        seen = await office.ended(run.id)
        async with asyncio.timeout(PATIENCE):
            await stopped.wait()
    assert seen.run.error
    assert seen.run.error.cause == "budget_exhausted"
    assert seen.run.costs.money == 800


async def test_another_instruction_takes_the_place_of_the_first(office: Office) -> None:
    agent = Agent(office.server.url, token=await office.hire())
    seen: list[tuple[str, bool]] = []

    @agent.capability("paint", second="restart")
    async def paint(run: Run, *, colour: str) -> str:
        try:
            if colour == "red":
                await asyncio.sleep(600)
        finally:
            seen.append((colour, run.canceled))
        return colour

    async with agent.running():
        task = await office.alice.call(TaskCreate(project_id=office.room.id, title="Paint it"))
        first = await office.order("paint", task_id=task.id, colour="red")
        await office.working(first)
        second = await office.order("paint", task_id=task.id, colour="blue")
        assert (await office.ended(second)).result == "blue"
    assert seen == [("red", True), ("blue", False)]
