"""Coding assistants at work over MCP, on a real server: what they do is there for people, and the reverse."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.nodes import until
from tests.sdk.agents.assistant import COMMAND, SECRET, Assistant, environment, over_http, over_stdio, serving
from tests.sdk.agents.office import PATIENCE, Office
from ymera_client import (
    AgentInfo,
    AgentRotateToken,
    Client,
    RunAnswer,
    RunCancel,
    RunCreate,
    RunOutput,
    RunState,
    TaskAssign,
    TaskComment,
    TaskCreate,
    TaskDepend,
    cli,
)

READ_ONLY = {
    "list_projects",
    "list_people",
    "list_tasks",
    "get_task",
    "my_runs",
    "read_attachment",
    "check_answer",
}


async def task(office: Office, title: str, **fields: Any) -> str:
    """The id of a new task of Alice's."""
    return (await office.alice.call(TaskCreate(project_id=office.room.id, title=title, **fields))).id


def agent(office: Office) -> AgentInfo:
    """The one agent there is."""
    assert office.alice.home
    (only,) = office.alice.home.all(AgentInfo)
    return only


async def another_token(office: Office) -> str:
    """A token of the one agent there is; the one before is dead."""
    return (await office.alice.call(AgentRotateToken(agent_id=agent(office).id))).token


@asynccontextmanager
async def either(kind: str, office: Office, token: str, log: Path) -> AsyncIterator[Assistant]:
    """An assistant, however it reaches its server."""
    if kind == "stdio":
        async with over_stdio(office, token, log) as assistant:
            yield assistant
    else:
        async with serving(office, token) as (url, _), over_http(url) as assistant:
            yield assistant


@pytest.mark.parametrize("transport", ["stdio", "http"])
async def test_a_working_day(office: Office, tmp_path: Path, transport: str) -> None:
    landing = await task(office, "Land on the Moon", description="Softly.", labels=["moon"])
    await office.alice.call(TaskComment(task_id=landing, text="Mind the boulders."))
    log = tmp_path / "log"
    async with either(transport, office, await office.hire("Robin"), log) as assistant:
        await shows_its_tools(assistant)
        await finds_work(office, assistant, landing)
        run_id = await begins(office, assistant, landing)
        await asks(office, assistant, run_id)
        await has_it_allowed(office, assistant)
        artifact_id = await leaves_things(assistant, landing)
        ended = await assistant.do("complete_task", summary="Landed on the plain.", result={"fuel": 5})
        assert ended == {"run_id": run_id, "state": "completed", "message": "Completed."}
        assert (await assistant.do("my_runs")) == {"held": [], "lost": [], "waiting": []}
        seen = await office.ended(run_id)
        assert (seen.run.summary, seen.result) == ("Landed on the plain.", {"fuel": 5})
        await reads_what_is_there(assistant, landing, artifact_id)
    if transport == "stdio":
        assert "Traceback" not in log.read_text()


async def shows_its_tools(assistant: Assistant) -> None:
    tools = (await assistant.client.list_tools()).tools
    assert all(each.description and each.output_schema and each.title for each in tools)
    hints = {each.name: each.annotations for each in tools if each.annotations}
    assert {name for name, hint in hints.items() if hint.read_only_hint} == READ_ONLY
    assert {name for name, hint in hints.items() if hint.destructive_hint} == {
        "use_approval",
        "complete_task",
        "fail_task",
        "release_task",
    }


async def finds_work(office: Office, assistant: Assistant, landing: str) -> None:
    project_id, alice = office.room.id, office.alice
    (found,) = (await assistant.do("list_projects"))["items"]
    assert (found["id"], found["name"], found["your_role"]) == (project_id, "Apollo", "editor")
    people = (await assistant.do("list_people", project_id=project_id))["items"]
    assert [(each["name"], each["kind"]) for each in people] == [("Alice", "person"), ("Robin", "agent")]

    blocked = await task(office, "Plant a flag")
    await alice.call(TaskDepend(task_id=blocked, on=landing))
    hers = await task(office, "Write a speech", assignees=[alice.me.id])
    free = await assistant.do("list_tasks", project_id=project_id)
    assert [(each["id"], each["assigned_to"]) for each in free["items"]] == [(landing, "nobody")]
    every: dict[str, Any] = {"project_id": project_id, "only_takeable": False, "limit": 2}
    first = await assistant.do("list_tasks", **every)
    assert [each["id"] for each in first["items"]] == [landing, blocked]
    rest = await assistant.do("list_tasks", **every, cursor=first["next"])
    assert [(each["id"], each["assigned_to"]) for each in rest["items"]] == [(hers, "others")]
    waiting = await assistant.do("get_task", task_id=blocked)
    assert waiting["depends_on"] == [{"id": landing, "title": "Land on the Moon", "status": "todo"}]


async def begins(office: Office, assistant: Assistant, landing: str) -> str:
    run = await assistant.do("claim_task", task_id=landing)
    assert (run["title"], run["description"], run["attempt"]) == ("Land on the Moon", "Softly.", 1)
    assert (await office.working(run["run_id"])).capability == "assist"
    # It has as many runs as it takes, and what it works on itself is no work to be found.
    other = await task(office, "Take a picture")
    assert "as many runs" in await assistant.refused("claim_task", task_id=other)
    left = await assistant.do("list_tasks", project_id=office.room.id)
    assert [each["id"] for each in left["items"]] == [other]

    said = await assistant.do("report_progress", note="Descending", share=0.25, tokens=70, money=5)
    assert (said["state"], said["tokens"], said["money"]) == ("working", 70, 5)
    await office.reaches(run["run_id"], lambda run: (run.note, run.progress) == ("Descending", 0.25))
    await assistant.do("add_output", text="1,000 feet\n")
    await assistant.do("add_output", text="500 feet\n")
    assert await office.output(run["run_id"]) == "1,000 feet\n500 feet\n"
    return str(run["run_id"])


async def asks(office: Office, assistant: Assistant, run_id: str) -> None:
    question: dict[str, Any] = {"prompt": "Where?", "choices": ["crater", "plain"]}
    asking = asyncio.create_task(assistant.do("ask_person", **question, wait_seconds=60))
    await assistant.until_it_waits()
    await office.answer(run_id, "plain")
    answer = await asking
    assert (answer["state"], answer["answer"]) == ("answered", "plain")
    again = await assistant.do("ask_person", **question)
    assert (again["question_id"], again["answer"]) == (answer["question_id"], "plain")


async def has_it_allowed(office: Office, assistant: Assistant) -> None:
    action: dict[str, Any] = {"action": "burn", "arguments": {"engine": 1, "seconds": 9}}
    wanted = await assistant.do("request_approval", **action)
    assert wanted["state"] == "open"
    question_id = wanted["question_id"]
    assert "The approval is open" in await assistant.refused(
        "use_approval", question_id=question_id, **action
    )
    await office.alice.call(RunAnswer(question_id=question_id, answer=True, comment="Go."))
    given = await assistant.do("check_answer", question_id=question_id, wait_seconds=60)
    assert (given["answer"], given["comment"], given["used"]) == (True, "Go.", False)
    assert "Something else was approved" in await assistant.refused(
        "use_approval", question_id=question_id, action="burn", arguments={"engine": 2, "seconds": 9}
    )
    assert (await assistant.do("use_approval", question_id=question_id, **action))["used"]
    assert "used already" in await assistant.refused("use_approval", question_id=question_id, **action)


async def leaves_things(assistant: Assistant, landing: str) -> str:
    text = "# Touchdown\n" * 10
    attached = await assistant.do("attach_text", name="log.md", text=text, media_type="text/markdown")
    artifact_id = str(attached["artifact_id"])
    part = await assistant.do("read_attachment", artifact_id=artifact_id, offset=2, limit=9)
    assert (part["text"], part["next_offset"], part["total_characters"]) == ("Touchdown", 11, 120)
    await assistant.do("comment_on_task", task_id=landing, text="Landed.")
    project_id = (await assistant.do("get_task", task_id=landing))["project_id"]
    added = await assistant.do("create_task", project_id=project_id, title="Come home", depends_on=[landing])
    assert added["blocked"]
    return artifact_id


async def reads_what_is_there(assistant: Assistant, landing: str, artifact_id: str) -> None:
    done = await assistant.do("get_task", task_id=landing)
    assert done["status"] == "done"
    assert [(each["author"], each["text"]) for each in done["comments"]] == [
        ("Alice", "Mind the boulders."),
        ("Robin", "Landed."),
    ]
    assert "status: in_progress → done" in done["history"][0]["what"]
    (run,) = done["runs"]
    assert (run["agent"], run["result"]) == ("Robin", '{"fuel":5}')
    assert [(each["artifact_id"], each["name"]) for each in run["attachments"]] == [(artifact_id, "log.md")]
    read = assistant.client.read_resource
    (text,) = (await read(f"ymera://tasks/{landing}")).contents
    assert json.loads(getattr(text, "text", ""))["title"] == "Land on the Moon"
    (text,) = (await read(f"ymera://attachments/{artifact_id}")).contents
    assert getattr(text, "text", "").startswith("# Touchdown")


async def test_refusals_say_what_to_do_and_stops_are_seen(office: Office, tmp_path: Path) -> None:
    async with over_stdio(office, await office.hire(), tmp_path / "log") as assistant:
        await is_refused(office, assistant)
        await is_stopped_at_work(office, assistant)
        await is_stopped_while_it_waits(office, assistant)
        await hears_of_a_stop_when_it_looks(office, assistant)
        await reports_once_more(office, assistant)


async def is_refused(office: Office, assistant: Assistant) -> None:
    refused, nothing = assistant.refused, office.alice.me.id
    theirs = await task(office, "Write a speech", assignees=[office.alice.me.id])
    assert "run_id: you hold no run; take one with claim_task" in await refused("add_output", text="x")
    assert "conflict: The task is assigned to others" in await refused("claim_task", task_id=theirs)
    assert "not_found: " in await refused("get_task", task_id=nothing)
    assert "not_found: " in await refused("report_progress", note="x", run_id=nothing)
    assert "task_id: name a task, or a run" in await refused("claim_task")
    assert "wait_seconds" in await refused("ask_person", prompt="?", wait_seconds=121)
    assert "at least 36 characters" in await refused("get_task", task_id="7")


async def is_stopped_at_work(office: Office, assistant: Assistant) -> None:
    run_id = (await assistant.do("claim_task", task_id=await task(office, "One")))["run_id"]
    await office.alice.call(RunCancel(run_id=run_id, reason="Not today."))
    told = await assistant.refused("report_progress", note="On it")
    assert "run_canceled: " in told
    assert "«One») was stopped. Not today. Stop working on it now" in told
    # Said so, it was handed back at once.
    assert (await office.ended(run_id)).run.state is RunState.CANCELED
    assert "was stopped" in await assistant.refused("add_output", text="x", run_id=run_id)
    assert (await assistant.do("my_runs"))["held"] == []


async def is_stopped_while_it_waits(office: Office, assistant: Assistant) -> None:
    run_id = (await assistant.do("claim_task", task_id=await task(office, "Two")))["run_id"]
    asking = asyncio.create_task(assistant.refused("ask_person", prompt="Go on?", wait_seconds=100))
    await office.asked(run_id)
    await office.alice.call(RunCancel(run_id=run_id, reason="No."))
    assert "was stopped. No. Stop" in await asking
    assert (await office.ended(run_id)).run.state is RunState.CANCELED


async def hears_of_a_stop_when_it_looks(office: Office, assistant: Assistant) -> None:
    run_id = (await assistant.do("claim_task", task_id=await task(office, "Three")))["run_id"]
    await office.alice.call(RunCancel(run_id=run_id, reason="Later."))
    told: list[str] = []

    async def look() -> bool:
        told.extend((await assistant.do("my_runs"))["lost"])
        return bool(told)

    # The stop is pushed to the assistant's server, which tells nobody until it is asked.
    await until(look)
    assert f"Run {run_id} («Three») was stopped. Later." in told[0]
    assert (await office.ended(run_id)).run.state is RunState.CANCELED


async def reports_once_more(office: Office, assistant: Assistant) -> None:
    run_id = (await assistant.do("claim_task", task_id=await task(office, "Four")))["run_id"]
    await office.alice.call(RunCancel(run_id=run_id))
    last = await assistant.do("complete_task", summary="As far as it goes.", result={"half": True})
    assert last["state"] == "canceled"
    assert "stopped by somebody" in last["message"]
    assert (await office.ended(run_id)).result == {"half": True}


async def test_two_assistants_do_not_have_the_same_task(office: Office, tmp_path: Path) -> None:
    wanted = await task(office, "Land")
    tokens = [await office.hire(name) for name in ("Robin", "Sam")]
    async with (
        over_stdio(office, tokens[0], tmp_path / "robin") as robin,
        over_stdio(office, tokens[1], tmp_path / "sam", "--concurrency", "2") as sam,
    ):
        claims = [each.client.call_tool("claim_task", {"task_id": wanted}) for each in (robin, sam)]
        results = await asyncio.gather(*claims)
        (lost,) = [result for result in results if result.is_error]
        assert "conflict: Somebody works on the task" in str(lost.content)
        winner, loser = (sam, robin) if results[0].is_error else (robin, sam)
        assert (await loser.do("list_tasks", project_id=office.room.id))["items"] == []
        run_id = (await winner.do("my_runs"))["held"][0]["run_id"]
        assert "fenced: " in await loser.refused("add_output", text="x", run_id=run_id)

        assert (await winner.do("release_task", reason="Later."))["state"] == "submitted"
        assert (await winner.do("claim_task", task_id=wanted))["attempt"] == 2
        failed = await winner.do("fail_task", message="The engine is cold.")
        assert failed["state"] == "failed"
        assert (await winner.do("get_task", task_id=wanted))["runs"][0]["error"] == "The engine is cold."


async def test_work_that_was_given_waits_to_be_taken(office: Office, tmp_path: Path) -> None:
    async with over_stdio(office, await office.hire("Robin"), tmp_path / "log") as assistant:
        assigned = await task(office, "Land")
        await office.alice.call(TaskAssign(task_id=assigned, assignees=[agent(office).id]))
        given = {"instructions": "Look around."}
        loose = await office.alice.call(
            RunCreate(project_id=office.room.id, capability="assist", input=given)
        )
        waiting = (await assistant.do("my_runs"))["waiting"]
        assert {each["task_id"] for each in waiting} == {assigned, None}
        taken = await assistant.do("claim_task", run_id=loose.id)
        assert json.loads(taken["input"]) == given
        # Once it waits for a person it takes no place, and another can be taken.
        asked = await assistant.do("ask_person", prompt="Where?")
        other = await assistant.do("claim_task", task_id=assigned)
        assert "say which run; you hold" in await assistant.refused("report_progress", note="Both")
        await assistant.do("report_progress", note="This one", run_id=other["run_id"])
    # The client has gone, and with it the server. What it held is handed back; what waits goes on waiting.
    await office.reaches(other["run_id"], lambda run: run.state is RunState.SUBMITTED)
    parked = await office.reaches(loose.id, lambda run: run.instance_id is None)
    assert parked.state is RunState.INPUT_REQUIRED
    await office.alice.call(RunAnswer(question_id=asked["question_id"], answer="Everywhere"))
    async with over_stdio(office, await another_token(office), tmp_path / "log") as assistant:
        taken = await assistant.do("claim_task", run_id=loose.id)
        assert [(each["prompt"], each["answer"]) for each in taken["answers"]] == [("Where?", "Everywhere")]


async def writes_on(office: Office, token: str, assistant: Assistant, about: dict[str, Any]) -> None:
    """Output goes on where the server has it, also after a call whose answer nobody waited for."""
    async with Client(office.server.url, token=token) as same:
        await same.call(RunOutput(**about, text="One, ", offset=0))
    for text in ("two, ", "three."):
        await assistant.do("add_output", text=text)
    assert await office.output(about["run_id"]) == "One, two, three."


async def test_a_lease_outlives_no_process(office: Office) -> None:
    wanted = await task(office, "Land")
    pool = office.server.node.pool

    async def run_out(run_id: str) -> None:
        """Let the time of the run's lease pass, which is kept by signs alone."""
        lasts = "SELECT extract(epoch FROM lease_until - now())::float FROM runs WHERE id = $1"
        assert 0 < await pool.fetchval(lasts, run_id) <= 25
        await pool.execute("UPDATE runs SET lease_until = now() WHERE id = $1", run_id)
        await office.reaches(run_id, lambda run: run.state is RunState.SUBMITTED)

    token = await office.hire()
    async with serving(office, token) as (url, program), over_http(url) as assistant:
        run_id = (await assistant.do("claim_task", task_id=wanted))["run_id"]
        # A process that stands still, as on a machine that sleeps.
        program.running.send_signal(signal.SIGSTOP)
        await run_out(run_id)
        program.running.send_signal(signal.SIGCONT)
        told = await assistant.refused("report_progress", note="Where was I?")
        assert "fenced: " in told
        assert f'claim_task(run_id="{run_id}") goes on with it' in told
        assert (await assistant.do("claim_task", run_id=run_id))["attempt"] == 2
        about = {"project_id": office.room.id, "run_id": run_id, "fence": 2}
        await writes_on(office, token, assistant, about)
        program.running.kill()
        await program.running.wait()
        await run_out(run_id)
    async with serving(office, await another_token(office)) as (url, program), over_http(url) as assistant:
        assert (await assistant.do("claim_task", run_id=run_id))["attempt"] == 3
        # One that is told to end hands back at once.
        program.running.send_signal(signal.SIGTERM)
        assert await program.end() == 0
        await office.reaches(run_id, lambda run: run.state is RunState.SUBMITTED)


async def test_http_lets_in_who_knows_the_token(office: Office) -> None:
    token = await office.hire()
    async with (
        serving(office, token, "--allow-host", "mcp.example.org") as (url, _),
        httpx2.AsyncClient() as http,
    ):
        request = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        headers = {"Accept": "application/json, text/event-stream", "Authorization": f"Bearer {SECRET}"}

        async def status(**more: str) -> int:
            return (
                await http.post(url, json=request, headers=httpx2.Headers(headers | more, encoding="latin-1"))
            ).status_code

        assert await status(Authorization="") == 401
        assert await status(Authorization="Bearer wrong") == 401
        assert await status(Authorization="Bearer \xfcnknown") == 401
        assert await status(Host="evil.example.org") == 421
        assert await status(Origin="http://evil.example.org") == 403
        known = [await status(), await status(Host="localhost"), await status(Host="mcp.example.org")]
        assert len(set(known)) == 1
        assert known[0] not in {401, 403, 421}


@pytest.mark.parametrize(
    ("options", "environ", "said"),
    [
        ([], {"YMERA_TOKEN": ""}, "YMERA_TOKEN is not set: the agent's token"),
        ([], {"YMERA_URL": "ymera"}, "is not a server's address"),
        (["--http", "0"], {}, "YMERA_MCP_TOKEN is not set: a secret of your own"),
        (["--http", "0"], {"YMERA_MCP_TOKEN": "short"}, "at least 20 characters"),
        (["--http", "here"], {"YMERA_MCP_TOKEN": SECRET}, "'here' is no address"),
    ],
)
def test_settings_that_make_no_sense_end_the_program(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    environ: dict[str, str],
    said: str,
) -> None:
    for name, value in {"YMERA_URL": "http://127.0.0.1:8080", "YMERA_TOKEN": "ymt_x", **environ}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        cli.main(["mcp", *options])
    assert ended.value.code == os.EX_CONFIG
    output, errors = capsys.readouterr()
    assert output == ""
    assert errors.startswith("ymera-client mcp: ")
    assert said in errors


async def started(office: Office, token: str, *options: str) -> asyncio.subprocess.Process:
    """A server whose input stays open and says nothing."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *COMMAND,
        *options,
        env=environment(office, token),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_an_agent_that_is_refused_ends_the_program(office: Office) -> None:
    _, persons = await office.server.admit("Bo")
    for process, said in [
        (await started(office, "ymt_wrong"), "token"),
        (await started(office, persons), "Only agents send this"),
        (await started(office, await office.hire(), "--capability", "no name"), "capabilities[0].name"),
    ]:
        async with asyncio.timeout(PATIENCE):
            output, errors = await process.communicate()
        assert (process.returncode, output) == (os.EX_NOPERM, b"")
        line = errors.decode().splitlines()[-1]
        assert line.startswith("ymera-client mcp: ")
        assert said in line


async def test_a_token_that_is_withdrawn_ends_the_program(office: Office) -> None:
    process = await started(office, await office.hire())
    assert process.stderr
    async with asyncio.timeout(PATIENCE):
        while b"At work" not in await process.stderr.readline():
            pass
        await another_token(office)
        # Its input is still open, and it ends all the same.
        assert await process.wait() == os.EX_NOPERM
        _, errors = await process.communicate()
    assert b"ymera-client mcp: " in errors
