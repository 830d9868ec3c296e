"""Capabilities run without a server: by a script, held to the same schemas."""

import asyncio
import threading
from dataclasses import dataclass
from typing import Any

import pytest

from ymera_client import Agent, Denied, Fatal, MessageSend, QuestionExpired, Retry, Run
from ymera_client.agent import execution
from ymera_client.agent.testing import Harness
from ymera_client.generated import ErrorClass, Priority, Question, RunState, TaskBrief


async def test_a_run_is_shown_with_all_that_it_did() -> None:
    agent = Agent()

    @agent.capability("summarise", concurrency=4)
    async def summarise(run: Run, *, text: str, max_words: int = 3) -> dict[str, int]:
        await run.progress(0.5, "reading")
        for word in text.split()[:max_words]:
            await run.output(word + " ")
        run.log.info("read", words=len(text.split()))
        await run.log("careful", level="warning")
        await run.cost(tokens=10, money=2_000)
        await run.cost(tokens=1)
        await run.attach("all.txt", text)
        run.summary = "Shortened."
        return {"words": max_words}

    seen = await Harness(agent).run("summarise", text="one two three four")
    assert (seen.state, seen.result, seen.error) == (RunState.COMPLETED, {"words": 3}, None)
    assert seen.output == "one two three "
    assert seen.progress == [(0.5, "reading")]
    assert [(line.level, line.message, line.data) for line in seen.logs] == [
        ("info", "read", {"words": 4}),
        ("warning", "careful", None),
    ]
    assert (seen.costs.tokens, seen.costs.money) == (11, 2_000)
    assert seen.artifacts == {"all.txt": "one two three four"}
    assert seen.summary == "Shortened."


async def test_wrong_input_and_results_fail_as_they_would_on_the_server() -> None:
    agent = Agent()

    @agent.capability()
    async def measure(run: Run, *, text: str) -> int:
        return text  # type: ignore[return-value]

    seen = await Harness(agent).run("measure", text=1)
    assert seen.error
    assert seen.error.cause is ErrorClass.INVALID
    seen = await Harness(agent).run("measure", text="a")
    assert seen.error
    assert seen.error.cause is ErrorClass.FATAL
    assert "Expected `int`, got `str`" in seen.error.message
    with pytest.raises(KeyError):
        await Harness(agent).run("measured")


@pytest.mark.parametrize(
    ("raised", "cause", "message"),
    [
        (Retry("no network"), "transient", "no network"),
        (Retry("slow down", cause="rate_limited"), "rate_limited", "slow down"),
        (Fatal("no such file"), "fatal", "no such file"),
        (Fatal("no such unit", cause="invalid"), "invalid", "no such unit"),
        (ZeroDivisionError("division by zero"), "crashed", "ZeroDivisionError: division by zero"),
        (StopIteration(), "crashed", "RuntimeError: "),
        (asyncio.CancelledError(), "crashed", "CancelledError"),
        (TimeoutError(), "crashed", "TimeoutError"),
    ],
)
@pytest.mark.parametrize("threaded", [False, True])
async def test_what_handlers_raise_decides_whether_they_are_tried_again(
    raised: BaseException, cause: str, message: str, threaded: bool
) -> None:
    agent = Agent()

    @agent.capability("coroutine")
    async def coroutine(run: Run) -> None:
        raise raised

    @agent.capability("thread")
    def thread(run: Run) -> None:
        raise raised

    seen = await Harness(agent).run("thread" if threaded else "coroutine")
    assert seen.error
    assert seen.error.cause == cause
    assert seen.error.message.startswith(message)
    assert "Traceback" not in seen.error.message


@dataclass
class Address:
    street: str
    number: int = 1


async def test_people_answer_by_the_script() -> None:
    agent = Agent()

    @agent.capability()
    async def deliver(run: Run) -> list[Any]:
        address = await run.ask("Where to?", form=Address)
        assert address == Address("Elm Street", 1)
        return [await run.ask("Who for?"), await run.ask("How?", choices=["fast", "cheap"])]

    script = {"Where to?": {"street": "Elm Street"}, "Who for?": lambda asked: asked.kind, "How?": "cheap"}
    seen = await Harness(agent, answers=script).run("deliver")
    assert seen.result == ["text", "cheap"]
    assert [question.prompt for question in seen.questions] == ["Where to?", "Who for?", "How?"]
    form = seen.questions[0].form
    assert form
    assert form["properties"]["street"] == {"type": "string"}
    del script["How?"]
    with pytest.raises(AssertionError, match="nothing for 'How\\?'"):
        await Harness(agent, answers=script).run("deliver")


async def test_a_question_that_nobody_answers() -> None:
    agent = Agent()

    @agent.capability()
    async def wonder(run: Run) -> str:
        with pytest.raises(QuestionExpired):
            await run.ask("Really?")
        return str(await run.ask("Or?"))

    seen = await Harness(agent, answers={"Really?": None, "Or?": None}).run("wonder")
    assert seen.error
    assert (seen.error.cause, seen.error.message) == ("fatal", "Nobody answered in time: Or?")


async def test_approvals_are_of_exactly_one_thing_once() -> None:
    agent = Agent()

    @agent.capability()
    async def pay(run: Run, *, to: str) -> None:
        approval = await run.approve("pay", {"to": to}, ceiling=100)
        with pytest.raises(Denied, match="other arguments"):
            await approval.use({"to": "me"}, cost=1)
        with pytest.raises(Denied, match="cost"):
            await approval.use({"to": to}, cost=101)
        await approval.use({"to": to}, cost=100)
        with pytest.raises(Denied, match="before"):
            await approval.use({"to": to}, cost=1)

    seen = await Harness(agent, approvals={"pay": True}).run("pay", to="Bo")
    assert seen.state is RunState.COMPLETED
    assert len(seen.used) == 4
    seen = await Harness(agent, approvals={"pay": False}).run("pay", to="Bo")
    assert seen.error
    assert (seen.error.cause, seen.error.message) == ("fatal", "pay was not allowed.")


async def test_calls_and_hand_offs() -> None:
    agent = Agent()

    @agent.capability()
    async def research(run: Run, *, topic: str) -> None:
        facts = await run.call("look_up", {"key": "also an option's name"}, topic=topic)
        await run.hand_off("write", note="Three facts.", result=facts, topic=topic)

    task = TaskBrief(id="t", title="Moon", description="", priority=Priority.HIGH, labels=[])
    seen = await Harness(agent, calls={"look_up": ["round"]}).run("research", task=task, topic="Moon")
    assert seen.calls[0].input == {"key": "also an option's name", "topic": "Moon"}
    assert seen.handed_off
    assert (seen.handed_off.capability, seen.handed_off.note) == ("write", "Three facts.")
    assert (seen.state, seen.result) == (RunState.COMPLETED, ["round"])

    def gone(call: object) -> Exception:
        return Fatal("gone")

    seen = await Harness(agent, calls={"look_up": gone}).run("research", topic="Moon")
    assert seen.error
    assert seen.error.message == "gone"


async def test_other_commands_carry_ids_of_the_run() -> None:
    agent = Agent()

    @agent.capability()
    async def greet(run: Run) -> None:
        for _ in range(2):
            await run.request(MessageSend(room=run.project_id, text="Hello"))

    one = await Harness(agent, replies={MessageSend: None}).run("greet")
    first, second = (command.command_id for command in one.commands)
    assert first
    assert second
    assert first != second


async def test_a_budget_ends_the_run() -> None:
    agent = Agent()

    @agent.capability()
    async def spend(run: Run) -> None:
        for _ in range(3):
            await run.cost(money=400)

    seen = await Harness(agent, budget=1_000).run("spend")
    assert seen.error
    assert seen.error.cause is ErrorClass.BUDGET_EXHAUSTED
    assert seen.costs.money == 1_200


async def test_a_canceled_coroutine_is_canceled_and_may_clean_up() -> None:
    agent = Agent()
    cleaned = []

    @agent.capability()
    async def work(run: Run) -> str:
        await run.ask("Go on?")
        try:
            await asyncio.sleep(60)
        finally:
            cleaned.append(run.canceled)
        return "never"

    def stop(question: Question) -> str:
        script.cancel()
        return "yes"

    script = Harness(agent, answers={"Go on?": stop})
    seen = await script.run("work")
    assert (seen.state, cleaned) == (RunState.CANCELED, [True])


async def test_a_canceled_thread_is_told_and_what_it_waits_for_ends() -> None:
    agent, began = Agent(), threading.Event()

    @agent.capability()
    def work(run: Run) -> str:
        run.log.info("from a thread")
        run.wait(run.progress(0.5))
        began.set()
        run.wait(asyncio.sleep(60))
        return "never"

    script = Harness(agent)
    running = asyncio.create_task(script.run("work"))
    await asyncio.to_thread(began.wait)
    script.cancel()
    seen = await running
    assert (seen.state, seen.error and seen.error.message) == (RunState.CANCELED, "The run was stopped.")
    assert [line.message for line in seen.logs] == ["from a thread"]
    assert seen.progress == [(0.5, None)]


async def test_a_handler_that_does_not_stop_is_left_to_itself_and_named(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(execution, "STOP_SECONDS", 0.1)
    agent, began, end = Agent(), threading.Event(), threading.Event()

    @agent.capability()
    def stubborn(run: Run) -> None:
        began.set()
        end.wait()

    script = Harness(agent)
    running = asyncio.create_task(script.run("stubborn"))
    await asyncio.to_thread(began.wait)
    script.cancel()
    seen = await running
    end.set()
    assert seen.state is RunState.CANCELED
    assert seen.error
    assert "may still be at work" in seen.error.message
    assert "stubborn> did not stop" in caplog.text
