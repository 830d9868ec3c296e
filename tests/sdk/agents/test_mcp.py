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

from tests.nodes import PATIENCE
from tests.sdk.agents.assistant import COMMAND, SECRET, Assistant, environment, over_http, over_stdio, serving
from tests.sdk.agents.office import Office
from ymera_client import (
    AgentInfo,
    AgentRotateToken,
    RunAnswer,
    RunCancel,
    RunCreate,
    RunState,
    TaskAssign,
    TaskComment,
    TaskCreate,
    TaskDepend,
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
    alice, project = office.alice, office.room.id
    groundwork = await task(office, "Groundwork")
    landing = await task(office, "Land on the Moon", description="Softly.", labels=["moon"])
    blocked = await task(office, "Plant a flag")
    await alice.call(TaskDepend(task_id=blocked, on=landing))
    hers = await task(office, "Write a speech", assignees=[alice.me.id])
    await alice.call(TaskComment(task_id=landing, text="Mind the boulders."))

    log = tmp_path / "log"
    async with either(transport, office, await office.hire("Robin"), log) as assistant:
        do = assistant.do
        tools = (await assistant.client.list_tools()).tools
        assert {
            each.name for each in tools if each.annotations and each.annotations.read_only_hint
        } == READ_ONLY
        assert all(each.description and each.output_schema and each.title for each in tools)

        (found,) = (await do("list_projects"))["items"]
        assert (found["id"], found["name"], found["your_role"]) == (project, "Apollo", "editor")
        free = (await do("list_tasks", project_id=project))["items"]
        assert [each["id"] for each in free] == [groundwork, landing]
        everything = await do("list_tasks", project_id=project, only_takeable=False, limit=3)
        assert [each["id"] for each in everything["items"]] == [groundwork, landing, blocked]
        rest = await do(
            "list_tasks", project_id=project, only_takeable=False, limit=3, cursor=everything["next"]
        )
        assert [(each["id"], each["assigned_to"]) for each in rest["items"]] == [(hers, "others")]
        known = await do("get_task", task_id=blocked)
        assert known["depends_on"] == [{"id": landing, "title": "Land on the Moon", "status": "todo"}]

        run = await do("claim_task", task_id=landing)
        assert (run["title"], run["description"], run["attempt"]) == ("Land on the Moon", "Softly.", 1)
        assert (await office.working(run["run_id"])).capability == "assist"
        assert "many runs" in await assistant.refused("claim_task", task_id=groundwork)
        assert [each["id"] for each in (await do("list_tasks", project_id=project))["items"]] == [groundwork]
        said = await do("report_progress", note="Descending", share=0.25, tokens=70, money=5)
        assert (said["state"], said["tokens"], said["money"]) == ("working", 70, 5)
        await office.reaches(run["run_id"], lambda run: run.note == "Descending")
        await do("add_output", text="1,000 feet\n")
        await do("add_output", text="500 feet\n")
        assert await office.output(run["run_id"]) == "1,000 feet\n500 feet\n"

        asking = asyncio.create_task(
            do("ask_person", prompt="Where?", choices=["crater", "plain"], wait_seconds=60)
        )
        await assistant.waited.wait()
        await office.answer(run["run_id"], "plain")
        answer = await asking
        assert (answer["state"], answer["answer"], answer["next_step"]) == (
            "answered",
            "plain",
            "Answered: go on.",
        )
        again = await do("ask_person", prompt="Where?", choices=["crater", "plain"])
        assert again["question_id"] == answer["question_id"]

        wanted: dict[str, Any] = {"action": "burn", "arguments": {"engine": 1, "seconds": 9}}
        approval = await do("request_approval", **wanted)
        assert approval["state"] == "open"
        assert "The approval is open" in await assistant.refused(
            "use_approval", question_id=approval["question_id"], **wanted
        )
        await alice.call(RunAnswer(question_id=approval["question_id"], answer=True, comment="Go."))
        given = await do("check_answer", question_id=approval["question_id"])
        assert (given["answer"], given["comment"], given["used"]) == (True, "Go.", False)
        assert "Something else was approved" in await assistant.refused(
            "use_approval", question_id=given["question_id"], action="burn", arguments={"engine": 2}
        )
        used = await do("use_approval", question_id=given["question_id"], **wanted)
        assert used["used"]
        assert "used already" in await assistant.refused(
            "use_approval", question_id=given["question_id"], **wanted
        )

        attached = await do(
            "attach_text", name="log.md", text="# Touchdown\n" * 10, media_type="text/markdown"
        )
        part = await do("read_attachment", artifact_id=attached["artifact_id"], offset=2, limit=9)
        assert (part["text"], part["next_offset"], part["total_characters"]) == ("Touchdown", 11, 120)
        await do("comment_on_task", task_id=landing, text="Landed.")
        added = await do("create_task", project_id=project, title="Come home", depends_on=[blocked])
        assert added["blocked"]
        ended = await do("complete_task", summary="Landed on the plain.", result={"fuel": 5})
        assert ended == {"run_id": run["run_id"], "state": "completed", "message": "Completed."}
        assert (await do("my_runs")) == {"held": [], "lost": [], "waiting": []}

        seen = await office.ended(run["run_id"])
        assert (seen.run.summary, seen.result) == ("Landed on the plain.", {"fuel": 5})
        done = await do("get_task", task_id=landing)
        assert done["status"] == "done"
        assert [(each["author"], each["text"]) for each in done["comments"]] == [
            ("Alice", "Mind the boulders."),
            ("Robin", "Landed."),
        ]
        assert "status: in_progress → done" in done["history"][0]["what"]
        (line,) = done["runs"]
        assert (line["agent"], line["result"], line["attachments"][0]["name"]) == (
            "Robin",
            '{"fuel":5}',
            "log.md",
        )
        templates = (await assistant.client.list_resource_templates()).resource_templates
        assert {each.uri_template for each in templates} == {
            "ymera://tasks/{task_id}",
            "ymera://attachments/{artifact_id}",
        }
        (text,) = (await assistant.client.read_resource(f"ymera://tasks/{landing}")).contents
        assert json.loads(getattr(text, "text", ""))["title"] == "Land on the Moon"
        (text,) = (
            await assistant.client.read_resource(f"ymera://attachments/{attached['artifact_id']}")
        ).contents
        assert getattr(text, "text", "").startswith("# Touchdown")
    if transport == "stdio":
        assert "Traceback" not in log.read_text()


async def test_refusals_say_what_to_do(office: Office, tmp_path: Path) -> None:
    theirs = await task(office, "Write a speech", assignees=[office.alice.me.id])
    async with over_stdio(office, await office.hire(), tmp_path / "log") as assistant:
        refused = assistant.refused
        assert "run_id: you hold no run; take one with claim_task" in await refused("add_output", text="x")
        assert "conflict: The task is assigned to others" in await refused("claim_task", task_id=theirs)
        assert "not_found: There is no such task" in await refused("get_task", task_id=office.alice.me.id)
        assert "task_id: name a task, or a run" in await refused("claim_task")
        assert "wait_seconds" in await refused("ask_person", prompt="?", wait_seconds=121)
        assert "at least 36 characters" in await refused("get_task", task_id="7")
        assert "not_found" in await refused("report_progress", note="x", run_id=office.alice.me.id)


async def test_a_stop_is_seen_at_the_next_call_and_while_waiting(office: Office, tmp_path: Path) -> None:
    first, second, third = [await task(office, title) for title in ("One", "Two", "Three")]
    async with over_stdio(office, await office.hire(), tmp_path / "log") as assistant:
        run_id = (await assistant.do("claim_task", task_id=first))["run_id"]
        await office.alice.call(RunCancel(run_id=run_id, reason="Not today."))
        told = await assistant.refused("report_progress", note="On it")
        assert told.startswith("Error executing tool report_progress: run_canceled: ")
        assert "«One») was stopped. Not today. Stop working on it now" in told
        assert (await office.ended(run_id)).run.state is RunState.CANCELED
        assert "run_canceled" in await assistant.refused("add_output", text="x", run_id=run_id)
        assert (await assistant.do("my_runs"))["held"] == []

        run_id = (await assistant.do("claim_task", task_id=second))["run_id"]
        asking = asyncio.create_task(assistant.refused("ask_person", prompt="Go on?", wait_seconds=100))
        await office.asked(run_id)
        await office.alice.call(RunCancel(run_id=run_id, reason="No."))
        assert "was stopped. No. Stop" in await asking
        assert (await office.ended(run_id)).run.state is RunState.CANCELED

        run_id = (await assistant.do("claim_task", task_id=third))["run_id"]
        await office.alice.call(RunCancel(run_id=run_id))
        last = await assistant.do("complete_task", summary="As far as it goes.", result={"half": True})
        assert (last["state"], "stopped by somebody" in last["message"]) == ("canceled", True)
        assert (await office.ended(run_id)).result == {"half": True}


async def test_two_assistants_do_not_have_the_same_task(office: Office, tmp_path: Path) -> None:
    wanted = await task(office, "Land")
    tokens = [await office.hire(name) for name in ("Robin", "Sam")]
    async with (
        over_stdio(office, tokens[0], tmp_path / "robin") as robin,
        over_stdio(office, tokens[1], tmp_path / "sam", "--concurrency", "2") as sam,
    ):
        results = await asyncio.gather(
            *(each.client.call_tool("claim_task", {"task_id": wanted}) for each in (robin, sam))
        )
        (lost,) = [result for result in results if result.is_error]
        assert "conflict: Somebody works on the task" in str(lost.content)
        robin_won = not results[0].is_error
        winner, loser = (robin, sam) if robin_won else (sam, robin)
        assert (await loser.do("list_tasks", project_id=office.room.id))["items"] == []
        run_id = (await winner.do("my_runs"))["held"][0]["run_id"]
        assert "fenced" in await loser.refused("add_output", text="x", run_id=run_id)

        released = await winner.do("release_task", reason="Somebody else had better.")
        assert released["state"] == "submitted"
        assert (await loser.do("claim_task", run_id=run_id))["attempt"] == 2
        failed = await loser.do("fail_task", message="The engine is cold.")
        assert failed["state"] == "failed"


async def test_work_that_was_given_waits_to_be_taken(office: Office, tmp_path: Path) -> None:
    async with over_stdio(office, await office.hire("Robin"), tmp_path / "log") as assistant:
        (robin,) = [each for each in office.alice.home.all(AgentInfo)] if office.alice.home else []
        assigned = await task(office, "Land")
        await office.alice.call(TaskAssign(task_id=assigned, assignees=[robin.id]))
        loose = await office.alice.call(
            RunCreate(project_id=office.room.id, capability="assist", input={"instructions": "Look around."})
        )
        waiting = (await assistant.do("my_runs"))["waiting"]
        assert {each["task_id"] for each in waiting} == {assigned, None}
        taken = await assistant.do("claim_task", run_id=loose.id)
        assert json.loads(taken["input"]) == {"instructions": "Look around."}
        # Once it waits for a person it takes no place, and another can be taken.
        question = await assistant.do("ask_person", prompt="Where?", run_id=loose.id)
        other = await assistant.do("claim_task", task_id=assigned)
        assert "say which run; you hold" in await assistant.refused("report_progress", note="Both")
        await assistant.do("report_progress", note="This one", run_id=other["run_id"])
    # The client has gone, and with it the server: what it held is handed back, what waits goes on waiting.
    back = await office.reaches(other["run_id"], lambda run: run.state is RunState.SUBMITTED)
    assert back.instance_id is None
    parked = await office.reaches(loose.id, lambda run: run.instance_id is None)
    assert parked.state is RunState.INPUT_REQUIRED
    await office.alice.call(RunAnswer(question_id=question["question_id"], answer="Everywhere"))
    async with over_stdio(office, await token_of(office, robin.id), tmp_path / "log") as assistant:
        taken = await assistant.do("claim_task", run_id=loose.id)
        assert [(each["prompt"], each["answer"]) for each in taken["answers"]] == [("Where?", "Everywhere")]


async def token_of(office: Office, agent_id: str) -> str:
    """Another token of an agent."""
    return (await office.alice.call(AgentRotateToken(agent_id=agent_id))).token


async def test_a_killed_server_loses_its_runs_to_others(office: Office) -> None:
    wanted = await task(office, "Land")
    pool = office.server.node.pool
    async with serving(office, await office.hire("Robin")) as (url, program), over_http(url) as assistant:
        run_id = (await assistant.do("claim_task", task_id=wanted))["run_id"]
        program.running.kill()
        await program.running.wait()
        left = await pool.fetchval(
            "SELECT extract(epoch FROM lease_until - now())::float FROM runs WHERE id = $1", run_id
        )
        assert 0 < left <= 25
        await pool.execute("UPDATE runs SET lease_until = now() WHERE id = $1", run_id)
        await office.reaches(run_id, lambda run: run.state is RunState.SUBMITTED)
    async with serving(office, await office.hire("Sam")) as (url, _), over_http(url) as assistant:
        assert (await assistant.do("claim_task", run_id=run_id))["attempt"] == 2


async def test_a_lease_that_was_lost_is_told(office: Office) -> None:
    wanted = await task(office, "Land")
    pool = office.server.node.pool
    async with serving(office, await office.hire()) as (url, program), over_http(url) as assistant:
        run_id = (await assistant.do("claim_task", task_id=wanted))["run_id"]
        # A process that stands still, as on a machine that sleeps.
        program.running.send_signal(signal.SIGSTOP)
        await pool.execute("UPDATE runs SET lease_until = now() WHERE id = $1", run_id)
        await office.reaches(run_id, lambda run: run.state is RunState.SUBMITTED)
        program.running.send_signal(signal.SIGCONT)
        told = await assistant.refused("report_progress", note="Where was I?")
        assert "fenced" in told
        assert f'claim_task(run_id="{run_id}") goes on with it' in told
        assert (await assistant.do("claim_task", run_id=run_id))["attempt"] == 2
        # At the end it hands back at once.
        program.running.send_signal(signal.SIGTERM)
        assert await program.end() == 0
        await office.reaches(run_id, lambda run: run.state is RunState.SUBMITTED and run.attempt == 2)


async def test_http_lets_in_who_knows_the_token(office: Office) -> None:
    async with serving(office, await office.hire(), "--allow-host", "mcp.example.org") as (url, _):
        async with httpx2.AsyncClient() as http:
            request = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
            headers = {"Accept": "application/json, text/event-stream", "Authorization": f"Bearer {SECRET}"}

            async def status(**more: str) -> int:
                return (await http.post(url, json=request, headers=headers | more)).status_code

            assert await status(Authorization="") == 401
            assert await status(Authorization="Bearer wrong") == 401
            assert await status(Authorization="Bearer ünknown".encode().decode("latin-1")) == 401
            assert await status(Host="evil.example.org") == 421
            assert await status(Origin="http://evil.example.org") == 403
            known = [await status(Host=host) for host in ("mcp.example.org", "localhost")]
            assert known == [await status()] * 2
            assert known[0] not in {401, 403, 421}


async def ended(office: Office, token: str, *options: str, **environ: str) -> tuple[int | None, str]:
    """How a server ends that nobody talks to, and what it says."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *COMMAND,
        *options,
        env=environment(office, token) | environ,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    assert output == b""
    return process.returncode, errors.decode().splitlines()[-1]


@pytest.mark.parametrize(
    ("options", "environ", "status", "said"),
    [
        ([], {"YMERA_TOKEN": "ymt_wrong"}, os.EX_NOPERM, "token"),
        ([], {"YMERA_TOKEN": ""}, os.EX_CONFIG, "YMERA_TOKEN is not set: the agent's token"),
        ([], {"YMERA_URL": "ymera"}, os.EX_CONFIG, "is not a server's address"),
        (["--http", "0"], {}, os.EX_CONFIG, "YMERA_MCP_TOKEN is not set: a secret of your own"),
        (["--http", "0"], {"YMERA_MCP_TOKEN": "short"}, os.EX_CONFIG, "at least 20 characters"),
        (["--http", "here"], {"YMERA_MCP_TOKEN": SECRET}, os.EX_CONFIG, "'here' is no address"),
        (["--capability", "no name"], {}, os.EX_NOPERM, "capabilities[0].name"),
    ],
)
async def test_a_server_that_cannot_work_says_why(
    office: Office, options: list[str], environ: dict[str, str], status: int, said: str
) -> None:
    found, line = await ended(office, await office.hire(), *options, **environ)
    assert found == status
    assert line.startswith("ymera-client mcp: ")
    assert said in line


async def test_people_are_no_agents(office: Office) -> None:
    _, token = await office.server.admit("Bo")
    status, line = await ended(office, token)
    assert (status, "Only agents send this" in line) == (os.EX_NOPERM, True)


async def test_a_token_that_is_withdrawn_ends_the_server(office: Office) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *COMMAND,
        env=environment(office, await office.hire("Robin")),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr
    async with asyncio.timeout(PATIENCE):
        assert b"At work" in await process.stderr.readline()
        assert office.alice.home
        (robin,) = office.alice.home.all(AgentInfo)
        await token_of(office, robin.id)
        # Its input is still open: it ends all the same.
        assert await process.wait() == os.EX_NOPERM
    assert b"ymera-client mcp: " in await process.stderr.read()
    process._transport.close()  # type: ignore[attr-defined]
