"""Agents that do what they must not: each is contained, named, and seen by whoever looks at it."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import psutil
import pytest
import socketio

from persistence.ids import new_id
from protocol.fields import MAX_LOG_LINES, MAX_OUTPUT, MAX_OUTPUT_CHUNK, MAX_QUESTIONS
from server import faults
from tests.nodes import RunningNode, StockClient, until

NodeStarter = Callable[..., Awaitable[RunningNode]]
QUICK = 1.0
"""Seconds within which others are still served."""
MEGABYTE = 1024 * 1024
REFUSED = 110
"""Pieces of output of 900 kB each that come to a hundred megabytes."""
UNDER_WAY = 60
"""Commands of one connection that may wait for their turn."""


@dataclass
class Rogue:
    """An agent with one process, of which anything is to be expected."""

    client: StockClient
    id: str
    token: str
    instance_id: str

    async def offered(self, run_id: str) -> dict[str, Any]:
        """What names a run's attempt in reports, once it is offered."""
        said = await self.client.wait_for(
            "run.offers", lambda data: any(offer["run"]["id"] == run_id for offer in data["offers"])
        )
        (offer,) = [each for each in said["offers"] if each["run"]["id"] == run_id]
        return {"project_id": offer["run"]["project_id"], "run_id": run_id, "fence": offer["fence"]}

    async def started(self, run_id: str) -> dict[str, Any]:
        """The same, with the run accepted."""
        named = await self.offered(run_id)
        await self.client.do("run.accept", **named)
        return named

    async def refused(self, code: str, command: str, **payload: Any) -> dict[str, Any]:
        """The error of a command that must be refused so."""
        reply = await self.client.send(command, **payload)
        assert not reply["ok"], reply
        assert reply["error"]["code"] == code, reply
        error: dict[str, Any] = reply["error"]
        return error


@dataclass
class Plant:
    """A project of Alice's on a real node, where agents of all kinds come."""

    node: RunningNode
    alice: StockClient
    project_id: str
    stack: AsyncExitStack

    async def hire(self, name: str, *capabilities: dict[str, Any], capacity: int = 10) -> Rogue:
        """An agent with access to the project, and connected."""
        made = await self.alice.do("agent.register", name=name)
        agent_id, token = made["agent"]["id"], made["token"]
        await self.alice.do("project.set_member", project_id=self.project_id, member_id=agent_id)
        client = await self.stack.enter_async_context(self.node.client(token))
        rogue = Rogue(client, agent_id, token, new_id())
        await client.do(
            "agent.connect", instance_id=rogue.instance_id, capacity=capacity, capabilities=list(capabilities)
        )
        return rogue

    async def give(self, capability: str, **fields: Any) -> str:
        """The id of a new run."""
        run = await self.alice.do("run.create", project_id=self.project_id, capability=capability, **fields)
        run_id: str = run["id"]
        return run_id

    async def run(self, run_id: str) -> dict[str, Any]:
        details: dict[str, Any] = await self.alice.do("run.get", run_id=run_id)
        return details

    async def seen(self, rogue: Rogue, command: str, code: str, count: int = 1) -> None:
        """Wait until it is shown of an agent that it was refused so often with this."""

        async def shown() -> bool:
            agent = await self.alice.do("agent.get", agent_id=rogue.id)
            counts = {(each["command"], each["code"]): each["count"] for each in agent["faults"]}
            return bool(counts.get((command, code), 0) == count)

        await until(shown)

    async def assert_quick(self) -> None:
        """Others are served as always."""
        begun = time.monotonic()
        await self.alice.do("run.list", project_id=self.project_id)
        assert time.monotonic() - begun < QUICK


Opener = Callable[..., Awaitable[Plant]]


@pytest.fixture
async def open_plant(node: NodeStarter, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Opener]:
    monkeypatch.setattr(faults, "FLUSH_SECONDS", 0.1)
    async with AsyncExitStack() as stack:

        async def start(**settings: Any) -> Plant:
            server = await node(**settings)
            _, token = await server.admit("Alice")
            alice = await stack.enter_async_context(server.client(token))
            project = await alice.do("project.create", name="Plant")
            return Plant(server, alice, project["id"], stack)

        yield start


@pytest.fixture
async def plant(open_plant: Opener) -> Plant:
    """One with the limits that servers are shipped with."""
    return await open_plant()


@pytest.fixture
async def patient(open_plant: Opener) -> Plant:
    """One that takes as many commands as come."""
    return await open_plant(command_rate=100_000, command_burst=1_000_000, member_command_rate=1_000_000)


WORK: dict[str, Any] = {"name": "work", "concurrency": 10, "attempts": 20}


async def test_a_flood_is_slowed_down_and_others_notice_nothing(plant: Plant) -> None:
    rogue, honest = await plant.hire("Flood", WORK), await plant.hire("Honest", WORK | {"name": "care"})
    named = await rogue.started(await plant.give("work"))
    flood = [rogue.client.send("run.progress", **named, progress=0.5) for _ in range(1_500)]
    sending = asyncio.gather(*flood)
    mine = await honest.started(await plant.give("care"))
    await honest.client.do("run.complete", **mine)
    await plant.assert_quick()
    replies = await sending
    codes = {reply["error"]["code"] for reply in replies if not reply["ok"]}
    assert codes == {"rate_limited"}
    refused = sum(not reply["ok"] for reply in replies)
    assert refused > 500
    await plant.seen(rogue, "run.progress", "rate_limited", refused)


async def test_lies_about_costs_are_refused_or_end_the_run(plant: Plant) -> None:
    rogue = await plant.hire("Liar", WORK)
    await plant.alice.do("budget.set", project_id=plant.project_id, limit=1_000)
    run_id = await plant.give("work")
    named = await rogue.started(run_id)
    for costs in ({"money": -1}, {"tokens": -1}, {"seconds": -1}, {"money": 10**17}, {"money": "much"}):
        await rogue.refused("invalid", "run.progress", **named, costs=costs)
    await rogue.client.do("run.progress", **named, costs={"money": 900})
    await rogue.refused("budget_exhausted", "run.complete", **named, costs={"money": 101})
    ended = (await plant.run(run_id))["run"]
    assert (ended["state"], ended["error"]["cause"]) == ("failed", "budget_exhausted")
    budgets = await plant.alice.do("budget.list", project_id=plant.project_id)
    assert [(each["spent"], each["reserved"]) for each in budgets["items"]] == [(900, 0)]
    # The answer to its report has said why: no news that says less may come before it.
    other = await plant.give("work")
    await rogue.started(other)
    await plant.alice.do("run.cancel", run_id=other)
    await rogue.client.wait_for("run.control", lambda control: control["run_id"] == other)
    told = [data["run_id"] for name, data in rogue.client.heard if name == "run.control"]
    assert set(told) == {other}
    await plant.seen(rogue, "run.progress", "invalid", 5)
    await plant.seen(rogue, "run.complete", "budget_exhausted")


async def test_reports_for_runs_of_others_change_nothing(plant: Plant) -> None:
    honest, rogue = await plant.hire("Honest", WORK), await plant.hire("Thief", WORK | {"name": "steal"})
    run_id = await plant.give("work")
    named = await honest.started(run_id)
    reports: dict[str, dict[str, Any]] = {
        "run.progress": {"progress": 1},
        "run.output": {"text": "mine", "offset": 0},
        "run.complete": {"result": "mine"},
        "run.fail": {"message": "mine"},
        "run.release": {},
    }
    for command, fields in reports.items():
        await rogue.refused("not_found", command, **named | fields)
    beat = await rogue.client.do(
        "agent.heartbeat",
        instance_id=rogue.instance_id,
        runs=[{"run_id": run_id, "fence": named["fence"]}],
    )
    assert beat["lost"] == [run_id]
    await rogue.refused("not_found", "agent.heartbeat", instance_id=honest.instance_id)
    assert (await plant.run(run_id))["run"]["state"] == "working"
    await honest.client.do("run.complete", **named, result="honest")
    assert (await plant.run(run_id))["result"] == "honest"
    await plant.seen(rogue, "run.complete", "not_found")


async def test_a_hundred_megabytes_of_output_are_cut_off_and_cost_no_memory(patient: Plant) -> None:
    rogue = await patient.hire("Chatter", WORK)
    run_id = await patient.give("work")
    named = await rogue.started(run_id)
    process = psutil.Process()
    before = process.memory_info().rss
    pieces = -(-MAX_OUTPUT // MAX_OUTPUT_CHUNK)
    for number in range(pieces):
        text = "x" * MAX_OUTPUT_CHUNK
        await rogue.client.do("run.output", **named, text=text, offset=number * MAX_OUTPUT_CHUNK)
    for length, code in ((MAX_OUTPUT_CHUNK, "limit_exceeded"), (900_000, "invalid")):
        for _ in range(REFUSED):
            await rogue.refused(code, "run.output", **named, text="x" * length, offset=MAX_OUTPUT)
    assert process.memory_info().rss - before < 60 * MEGABYTE
    await patient.assert_quick()
    history = await patient.alice.do("run.history", run_id=run_id, limit=200)
    kept = [each["data"] for each in history["items"] if each["type"] == "run.outputted"]
    assert sum(len(each["text"]) for each in kept) == MAX_OUTPUT
    assert [each["truncated"] for each in kept] == [False] * (pieces - 1) + [True]
    await patient.seen(rogue, "run.output", "limit_exceeded", REFUSED)
    await patient.seen(rogue, "run.output", "invalid", REFUSED)
    await rogue.client.do("run.complete", **named)


async def test_a_hundred_megabytes_in_one_message_end_the_connection_alone(plant: Plant) -> None:
    rogue = await plant.hire("Whale", WORK)
    run_id = await plant.give("work")
    named = await rogue.started(run_id)
    await rogue.client.socket.emit("run.attach", {**named, "name": "all", "text": "x" * 100_000_000})
    await until(lambda: not rogue.client.socket.connected)
    await plant.assert_quick()

    async def gone() -> bool:
        agent = await plant.alice.do("agent.get", agent_id=rogue.id)
        return not any(each["connected"] for each in agent["status"]["instances"])

    await until(gone)
    assert (await plant.run(run_id))["artifacts"] == []


async def test_one_that_never_answers_is_given_nothing_more(plant: Plant) -> None:
    silent = await plant.hire("Silent", WORK, capacity=1)
    run_id = await plant.give("work")
    for fence in (1, 2, 3):

        async def offered(fence: int = fence) -> bool:
            run = (await plant.run(run_id))["run"]
            return bool(run["attempt"] == fence and run["instance_id"] is not None)

        await until(offered)
        await pass_by(plant, "UPDATE runs SET lease_until = now() - interval '1 second'")
    waiting: dict[str, Any] = {}

    async def explained() -> bool:
        shown = await plant.alice.do("queue.get", project_id=plant.project_id)
        waiting.update(shown["waiting"]["items"][0])
        return bool(waiting["reason"] == "unresponsive")

    await until(explained)
    assert "Silent" in waiting["note"]
    agent = await plant.alice.do("agent.get", agent_id=silent.id)
    assert [each["unresponsive"] for each in agent["status"]["instances"]] == [True]
    lively = await plant.hire("Lively", WORK)
    named = await lively.started(run_id)
    assert named["fence"] == 4
    await lively.client.do("run.complete", **named)


async def pass_by(plant: Plant, sql: str) -> None:
    """Have time or something else pass that would take long."""
    await plant.node.node.pool.execute(sql)


async def test_one_that_answers_twice_is_heard_once(plant: Plant) -> None:
    rogue = await plant.hire("Echo", WORK)
    run_id = await plant.give("work")
    named = await rogue.started(run_id)
    answers = [rogue.client.send("run.complete", **named, result=number) for number in range(5)]
    replies = await asyncio.gather(*answers)
    (accepted,) = [number for number, reply in enumerate(replies) if reply["ok"]]
    assert {reply["error"]["code"] for reply in replies if not reply["ok"]} == {"fenced"}
    await rogue.refused("fenced", "run.fail", **named, message="after all")
    details = await plant.run(run_id)
    assert (details["run"]["state"], details["result"]) == ("completed", accepted)
    history = await plant.alice.do("run.history", run_id=run_id)
    assert [each["type"] for each in history["items"]].count("run.ended") == 1
    await plant.seen(rogue, "run.complete", "fenced", 4)


async def test_results_that_do_not_satisfy_their_schema_are_no_results(plant: Plant) -> None:
    output = {"type": "object", "properties": {"words": {"type": "integer"}}, "required": ["words"]}
    rogue = await plant.hire("Sloppy", WORK | {"output": output})
    run_id = await plant.give("work")
    named = await rogue.started(run_id)
    for result in (None, "many", {}, {"words": "many"}):
        error = await rogue.refused("invalid", "run.complete", **named, result=result)
        assert error["data"]["path"].startswith("result")
    assert (await plant.run(run_id))["run"]["state"] == "working"
    await plant.seen(rogue, "run.complete", "invalid", 4)
    await rogue.client.do("run.complete", **named, result={"words": 1})


def doubling(levels: int) -> dict[str, Any]:
    """A small schema that is worth 2 ** levels of its size."""
    parts: dict[str, Any] = {
        f"p{level}": {"allOf": [{"$ref": f"#/$defs/p{level + 1}"}] * 2} for level in range(levels)
    }
    return {"$ref": "#/$defs/p0", "$defs": parts | {f"p{levels}": {}}}


async def test_schemas_that_are_bombs_are_not_taken(plant: Plant) -> None:
    rogue = await plant.hire("Bomber", WORK)
    bombs: list[dict[str, Any]] = [
        doubling(30),
        {"$ref": "http://127.0.0.1:1/schema.json"},
        {"type": "string", "pattern": "(?=a)" + "(a{1,9999}){1,9999}"},
        {"enum": ["x" * 20_000]},
    ]
    for bomb in bombs:
        begun = time.monotonic()
        capability = WORK | {"input": bomb}
        await rogue.refused(
            "invalid", "agent.connect", instance_id=rogue.instance_id, capabilities=[capability]
        )
        assert time.monotonic() - begun < QUICK
    await plant.seen(rogue, "agent.connect", "invalid", len(bombs))
    # What it can do is as it was.
    named = await rogue.started(await plant.give("work", input={"any": "thing"}))
    await rogue.client.do("run.complete", **named)


async def test_a_flood_of_questions_ends(patient: Plant) -> None:
    rogue = await patient.hire("Curious", WORK)
    run_id = await patient.give("work")
    named = await rogue.started(run_id)
    for number in range(MAX_QUESTIONS):
        await rogue.client.do("run.ask", **named, key=str(number), prompt="And this?")
    await rogue.refused("limit_exceeded", "run.ask", **named, key="more", prompt="And this?")
    assert len((await patient.run(run_id))["questions"]) == MAX_QUESTIONS
    await patient.seen(rogue, "run.ask", "limit_exceeded")
    await patient.alice.do("run.cancel", run_id=run_id)
    assert (await patient.alice.do("question.list", run_id=run_id))["items"] == []


async def test_a_flood_of_log_lines_ends(plant: Plant) -> None:
    rogue = await plant.hire("Verbose", WORK)
    named = await rogue.started(await plant.give("work"))
    # Most of what it may say it has said.
    await pass_by(plant, f"UPDATE runs SET reports = {MAX_LOG_LINES - UNDER_WAY}")
    replies: list[dict[str, Any]] = []
    for _ in range(3):
        lines = [rogue.client.send("run.log", **named, message="Still here.") for _ in range(UNDER_WAY)]
        replies += await asyncio.gather(*lines)
    assert [reply["ok"] for reply in replies] == [True] * UNDER_WAY + [False] * 2 * UNDER_WAY
    assert {reply["error"]["code"] for reply in replies if not reply["ok"]} == {"limit_exceeded"}
    await plant.seen(rogue, "run.log", "limit_exceeded", 2 * UNDER_WAY)
    await rogue.client.do("run.complete", **named)


async def test_calls_that_go_round_in_a_circle_end(plant: Plant) -> None:
    ping = await plant.hire("Ping", {"name": "ping", "concurrency": 20})
    pong = await plant.hire("Pong", {"name": "pong", "concurrency": 20})
    run_id, turn = await plant.give("ping"), 0
    while True:
        caller, called = ((ping, "pong"), (pong, "ping"))[turn % 2]
        named = await caller.started(run_id)
        reply = await caller.client.send("run.call", **named, key="on", capability=called)
        if not reply["ok"]:
            break
        run_id, turn = reply["result"]["id"], turn + 1
        assert turn < 10
    assert reply["error"]["code"] == "limit_exceeded"
    assert "circle" in reply["error"]["message"]
    await plant.seen(caller, "run.call", "limit_exceeded")
    await caller.client.do("run.fail", **named, message="A circle", cause="fatal")


async def test_more_than_it_may_do_at_once_cannot_be_claimed(plant: Plant) -> None:
    rogue = await plant.hire("Greedy", WORK | {"concurrency": 2}, capacity=0)
    tasks = [
        await plant.alice.do("task.create", project_id=plant.project_id, title=f"Task {number}")
        for number in range(5)
    ]
    claims = [
        rogue.client.send(
            "run.claim", project_id=plant.project_id, instance_id=rogue.instance_id, task_id=task["id"]
        )
        for task in tasks
    ]
    replies = await asyncio.gather(*claims)
    assert [reply["ok"] for reply in replies].count(True) == 2
    assert {reply["error"]["code"] for reply in replies if not reply["ok"]} == {"conflict"}
    await plant.seen(rogue, "run.claim", "conflict", 3)


async def test_the_approval_of_another_is_none(plant: Plant) -> None:
    honest, rogue = await plant.hire("Honest", WORK), await plant.hire("Thief", WORK | {"name": "steal"})
    theirs = await honest.started(await plant.give("work"))
    mine = await rogue.started(await plant.give("steal"))
    action: dict[str, Any] = {"action": "pay", "arguments": {"to": "Thief"}}
    question = await honest.client.do("run.ask", **theirs, key="a", prompt="Pay?", kind="approval", **action)
    await rogue.refused("not_found", "run.use_approval", **mine, question_id=question["id"], **action)
    await rogue.refused("forbidden", "run.answer", question_id=question["id"], answer=True)
    await plant.alice.do("run.answer", question_id=question["id"], answer=True)
    for named in (mine, theirs):
        await rogue.refused("not_found", "run.use_approval", **named, question_id=question["id"], **action)
    await honest.refused(
        "forbidden", "run.use_approval", **theirs, question_id=question["id"], action="pay", arguments={}
    )
    await honest.client.do("run.use_approval", **theirs, question_id=question["id"], **action)
    await honest.refused("forbidden", "run.use_approval", **theirs, question_id=question["id"], **action)
    await plant.seen(rogue, "run.use_approval", "not_found", 3)
    await plant.seen(rogue, "run.answer", "forbidden")
    await plant.seen(honest, "run.use_approval", "forbidden", 2)


async def test_a_retired_agent_is_not_let_in(plant: Plant) -> None:
    rogue = await plant.hire("Undead", WORK)
    run_id = await plant.give("work")
    await rogue.started(run_id)
    await plant.alice.do("agent.retire", agent_id=rogue.id)
    await until(lambda: not rogue.client.socket.connected)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await StockClient().connect(plant.node.url, rogue.token)
    run = (await plant.run(run_id))["run"]
    assert (run["state"], run["instance_id"]) == ("submitted", None)
    agent = await plant.alice.do("agent.get", agent_id=rogue.id)
    assert (agent["status"]["state"], agent["grants"]) == ("retired", [])
