"""Agents in the console: registered, given work, watched, answered, stopped, queued and scheduled."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Locator, expect

from tests.browser.console import Console, hire, open_console, project, robot, set_up
from tests.nodes import RunningNode, StockClient, until
from ymera_client import Run

READING = 20.0
"""Seconds in which a file is read, with the start of the process that does it."""
SDK = Path(__file__).parents[2] / "client-sdk/python"

Node = Callable[..., Awaitable[RunningNode]]


@asynccontextmanager
async def stage(running: RunningNode, *titles: str) -> AsyncIterator[tuple[StockClient, str, list[str]]]:
    """A project that Ada manages: a program that may do all, the project's id, and its tasks'."""
    async with robot(running) as client:
        project_id, tasks = await project(client, "Apollo", *titles)
        ada = (await client.do("member.list", query="Ada"))["items"][0]["id"]
        await client.do("project.set_member", project_id=project_id, member_id=ada, role="manager")
        yield client, project_id, tasks


async def give(ada: Console, project_id: str, task_id: str) -> None:
    """Give a task to whichever agent can, where the task stands, and go to the run."""
    await ada.go(f"/projects/{project_id}/tasks/{task_id}")
    await ada.page.get_by_role("button", name="Run with an agent…").click()
    await ada.page.get_by_role("dialog").get_by_role("button", name="Run", exact=True).click()
    await ada.page.get_by_role("region", name="Agents").get_by_role("link").first.click()
    await expect(ada.page.get_by_role("region", name="Timeline")).to_be_visible()


def output(console: Console) -> Locator:
    """What the run on the page has written."""
    return console.page.get_by_role("log", name="Output")


async def test_a_registered_agent_gets_its_token_once_and_a_program_that_runs(
    node: Node, browser: Browser
) -> None:
    running = await node()
    ada = await set_up(browser, running)
    page = ada.page
    await ada.go("/agents")
    await page.get_by_role("button", name="Register the first one").click()
    await page.get_by_label("Name", exact=True).fill("Summariser")
    await page.get_by_role("button", name="Register").click()
    token = await page.get_by_label("Token of Summariser").input_value()
    program = await page.get_by_role("group", name="agent.py").inner_text()
    assert len([line for line in program.splitlines() if line.strip()]) <= 20
    await page.get_by_role("button", name="Done").click()
    await expect(page.get_by_role("heading", name="Summariser")).to_be_visible()
    assert token not in await page.content()

    environment = os.environ | {"PYTHONPATH": str(SDK), "YMERA_URL": running.url, "YMERA_TOKEN": token}
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, env=environment)
    try:
        await expect(page.get_by_role("main").get_by_text("Ready")).to_be_visible(timeout=15_000)
        await expect(page.get_by_role("region", name="Capabilities")).to_contain_text("summarise")
        await expect(page.get_by_role("region", name="Processes")).to_contain_text("0 of 4 runs")
        await page.get_by_role("button", name="Manage Summariser").click()
        await page.get_by_role("menuitem", name="Retire…").click()
        await page.get_by_role("button", name="Retire agent").click()
        await expect(page.get_by_role("main").get_by_text("Retired")).to_be_visible()
        assert await process.wait() == os.EX_NOPERM
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert ada.faults == []


async def test_what_a_run_writes_is_seen_by_all_also_after_a_reload(node: Node, browser: Browser) -> None:
    running = await node()
    ada = await set_up(browser, running)
    other = await open_console(browser, running)
    await other.sign_in("Ada")
    await other.live()
    async with stage(running, "Recite") as (client, project_id, (task,)):
        agent = await hire(client, running, project_id)
        go_on = asyncio.Event()

        @agent.capability("recite")
        async def recite(run: Run, *, title: str, times: int = 1) -> str:
            await run.output(f"{title} {times}: one, ")
            await go_on.wait()
            await run.output("two 👍.")
            await run.attach("poem.txt", "one\ntwo")
            return "recited"

        async with agent.running(grace=0):
            await give(ada, project_id, task)
            await expect(output(ada)).to_have_text("Recite 1: one, ")
            await other.go(ada.page.url.removeprefix(running.url))
            await expect(output(other)).to_have_text("Recite 1: one, ")
            go_on.set()
            await expect(output(other)).to_have_text("Recite 1: one, two 👍.")
            await expect(other.page.get_by_text("Completed", exact=True)).to_be_visible()
            await ada.page.reload()
            await expect(output(ada)).to_have_text("Recite 1: one, two 👍.")
    await ada.page.get_by_role("button", name="poem.txt", exact=True).click()
    await expect(ada.page.get_by_role("dialog").get_by_role("group")).to_have_text("one\ntwo")
    await ada.page.keyboard.press("Escape")
    await ada.page.get_by_role("button", name="Replay").click()
    await expect(output(ada)).to_have_count(0)
    step = ada.page.get_by_role("slider", name="Step")
    await step.focus()
    while await output(ada).count() == 0:
        await ada.page.keyboard.press("ArrowRight")
    await expect(output(ada)).to_have_text("Recite 1: one, ")
    await expect(ada.page.get_by_text("At work", exact=True)).to_be_visible()
    await ada.page.get_by_role("button", name="Back to now").click()
    await expect(ada.page.get_by_text("Completed", exact=True)).to_be_visible()
    assert ada.faults + other.faults == []


async def test_a_run_goes_on_with_what_is_answered_in_the_inbox(node: Node, browser: Browser) -> None:
    running = await node()
    ada = await set_up(browser, running)
    page = ada.page
    async with stage(running, "Publish") as (client, project_id, (task,)):
        agent = await hire(client, running, project_id)

        @agent.capability("publish")
        async def publish(run: Run, *, title: str) -> dict[str, Any]:
            where = await run.ask("Where to?", choices=["Earth", "Moon"])
            form = {"type": "object", "properties": {"copies": {"type": "integer"}}, "required": ["copies"]}
            copies = await run.ask("How many?", form=form)
            await run.approve("publish", {"where": where, **copies}, prompt="May I?")
            return {"where": where, **copies}

        async with agent.running(grace=0):
            await give(ada, project_id, task)
            badge = page.get_by_role("link", name="Inbox").get_by_text("waiting for an answer")
            await expect(badge).to_be_attached()
            await ada.go("/inbox")
            question = page.get_by_role("article")
            await question.get_by_label("Moon").check()
            await question.get_by_role("button", name="Answer").click()
            await question.get_by_label("Copies").fill("few")
            await question.get_by_role("button", name="Answer").click()
            await expect(question.get_by_text("Give a number.")).to_be_visible()
            await question.get_by_label("Copies").fill("3")
            await question.get_by_role("button", name="Answer").click()
            arguments = question.get_by_role("group", name="Arguments")
            await expect(arguments).to_contain_text('"where": "Moon"')
            await question.get_by_label("Comment").fill("Go ahead")
            await question.get_by_role("button", name="Approve").click()
            await expect(page.get_by_role("heading", name="Waiting")).to_have_count(0)
            await expect(badge).to_have_count(0)
            await page.get_by_role("button", name="asks you").first.click()
            await expect(page.get_by_text("Completed", exact=True)).to_be_visible()
            await expect(page.get_by_role("region", name="Result")).to_contain_text("Moon")
            await expect(page.get_by_role("region", name="Timeline")).to_contain_text("Ada approved it")
    assert ada.faults == []


async def test_an_assigned_agent_begins_by_itself_and_is_stopped(node: Node, browser: Browser) -> None:
    running = await node()
    ada = await set_up(browser, running)
    page = ada.page
    async with stage(running, "Wait") as (client, project_id, (task,)):
        agent = await hire(client, running, project_id)
        stopped = asyncio.Event()

        @agent.capability("wait")
        async def wait(run: Run, *, title: str) -> None:
            try:
                await asyncio.Event().wait()
            finally:
                stopped.set()

        async with agent.running(grace=0):
            await ada.go(f"/projects/{project_id}/tasks/{task}")
            await page.get_by_role("button", name="Assignees").click()
            await page.get_by_role("option", name="Scribe").click()
            await page.keyboard.press("Escape")
            await page.get_by_role("region", name="Agents").get_by_role("link").click()
            await expect(page.get_by_text("At work", exact=True)).to_be_visible()
            await page.get_by_role("button", name="Stop").click()
            await page.get_by_role("button", name="Stop the run").click()
            await expect(page.get_by_text("Stopped", exact=True)).to_be_visible()
            assert stopped.is_set()
            await page.get_by_role("button", name="Run again").click()
            await expect(page.get_by_text("At work", exact=True)).to_be_visible()
    assert ada.faults == []


async def test_the_queue_says_why_each_run_waits_and_what_failed(node: Node, browser: Browser) -> None:
    running = await node()
    ada = await set_up(browser, running)
    page = ada.page
    async with stage(running, "Build", "Land") as (client, project_id, (build, land)):
        await client.do("task.depend", task_id=land, on=build)
        agent = await hire(client, running, project_id)

        @agent.capability("crash")
        async def crash(run: Run, *, title: str) -> None:
            raise RuntimeError("Out of fuel")

        async with agent.running(grace=0):
            await ada.go(f"/projects/{project_id}/queue")
            await page.get_by_role("button", name="Pause").click()
            await expect(page.get_by_text("Paused: nothing new starts.")).to_be_visible()

            async def paused() -> bool:
                queue = (await client.do("queue.get", project_id=project_id))["queue"]
                return bool(queue["paused"])

            # The page says so before the server does.
            await until(paused)
            for task in (build, land):
                await client.do(
                    "run.create", project_id=project_id, task_id=task, capability="crash", attempts=1
                )
            waiting = page.get_by_role("region", name="Waiting").get_by_role("listitem")
            await expect(waiting.filter(has_text="Land")).to_contain_text("«Build»")
            await expect(waiting.filter(has_text="Paused")).to_contain_text("Build")
            await page.get_by_role("button", name="Resume").click()
            dead = page.get_by_role("region", name="Failed for good").get_by_role("listitem")
            await expect(dead).to_contain_text("Out of fuel")
            await page.get_by_label("Runs at once, at most").fill("2")
            await page.keyboard.press("Enter")
            await expect(page.get_by_text("of at most 2 at work")).to_be_visible()
            await page.get_by_role("button", name="Set a limit").click()
            await page.get_by_label("Limit", exact=True).fill("12.50")
            await page.get_by_role("button", name="Set limit").click()
            await expect(page.get_by_role("region", name="Budget")).to_contain_text("0.00 spent, of 12.50")
    assert ada.faults == []


async def test_schedules_and_webhooks_are_made_stopped_and_deleted(node: Node, browser: Browser) -> None:
    running = await node()
    ada = await set_up(browser, running)
    page = ada.page
    async with stage(running) as (client, project_id, _):
        capability = {"name": "report", "input": {"type": "object", "properties": {"of": {"type": "string"}}}}
        made = await client.do("agent.register", name="Scribe", capabilities=[capability])
        await client.do("project.set_member", project_id=project_id, member_id=made["member"]["id"])
        await ada.go(f"/projects/{project_id}/triggers")
        await page.get_by_role("button", name="New trigger").click()
        await page.get_by_label("Name", exact=True).fill("Morning report")
        await page.get_by_label("Times", exact=True).fill("61 8 * * *")
        await page.get_by_label("Time zone").fill("Europe/Berlin")
        await page.get_by_role("button", name="Create").click()
        await expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("cron")
        await page.get_by_label("Times", exact=True).fill("30 8 * * MON-FRI")
        await expect(page.get_by_role("status").filter(has_text="Next:")).to_contain_text("08:30 AM")
        await page.get_by_label("Of (optional)").fill("yesterday")
        await page.get_by_role("button", name="Create").click()
        row = page.get_by_role("main").get_by_role("listitem").filter(has_text="Morning report")
        await expect(row).to_contain_text("30 8 * * MON-FRI (Europe/Berlin)")
        await expect(row).to_contain_text("Next ")
        await row.get_by_role("button", name="Stop Morning report").click()
        await expect(row).to_contain_text("Stopped")

        await page.get_by_role("button", name="New trigger").click()
        await page.get_by_label("Name", exact=True).fill("From outside")
        await page.get_by_label("Fires").select_option("webhook")
        await page.get_by_role("button", name="Create").click()
        secret = await page.get_by_label("Secret").input_value()
        await page.get_by_role("button", name="Done").click()
        await page.reload()
        await expect(row).to_contain_text("Stopped")
        assert secret not in await page.content()
        await page.get_by_role("button", name="Manage Morning report").click()
        await page.get_by_role("menuitem", name="Delete…").click()
        await page.get_by_role("button", name="Delete trigger").click()
        await expect(row).to_have_count(0)
        (trigger,) = (await client.do("trigger.list", project_id=project_id))["items"]
        assert trigger["name"] == "From outside"
    assert ada.faults == []


async def test_how_good_an_agents_files_are_stands_on_its_page(node: Node, browser: Browser) -> None:
    running = await node(analysis_workers=1)
    ada = await set_up(browser, running)
    page = ada.page
    async with stage(running) as (client, project_id, _):
        agent = await hire(client, running, project_id)
        text = "# Landing\n\n" + "The lander comes down slowly, and the crew looks for a flat place.\n" * 3

        @agent.capability("write")
        async def write(run: Run, *, file: bool) -> str:
            return (await run.files.upload(text.encode(), name="landing.md")).id if file else ""

        async def ended(file: bool) -> dict[str, Any]:
            given = {"capability": "write", "input": {"file": file}}
            run = (await client.do("run.create", project_id=project_id, **given))["id"]

            async def has_ended() -> bool:
                return bool((await client.do("run.get", run_id=run))["run"]["state"] == "completed")

            await until(has_ended)
            details: dict[str, Any] = await client.do("run.get", run_id=run)
            return details

        async def has_score() -> bool:
            return (await client.do("file.get", file_id=done["result"]))["file"]["quality"] is not None

        files = page.get_by_role("region", name="Files", exact=True)
        async with agent.running(grace=0):
            done = await ended(file=False)
            agent_page = f"/agents/{done['run']['agent_id']}"
            await ada.go(agent_page)
            await expect(files).to_contain_text("Its runs made none in this time.")
            done = await ended(file=True)
            await until(has_score, patience=READING)
        score = (await client.do("file.get", file_id=done["result"]))["file"]["quality"]
        await page.reload()
        await expect(files).to_contain_text("Its runs made 1 file.")
        meter = files.get_by_role("progressbar", name="Quality of what write makes")
        await expect(meter).to_have_attribute("aria-valuenow", str(score))
        await expect(files.get_by_role("img", name=f"Quality, of 100, {score}.")).to_be_visible()
        await page.get_by_role("button", name="Show as a table").click()
        figures = page.get_by_role("table", name="Runs by day").get_by_role("cell")
        assert (await figures.all_inner_texts())[-2:] == ["1", str(score)]
    assert ada.faults == []
