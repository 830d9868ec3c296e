"""Work that is given to an agent in an encrypted project, from the console, up to its answer."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from playwright.async_api import Browser, expect

from tests.browser.console import Console, robot, set_up
from tests.browser.keyholders import WAIT, keep_code, make_keys
from tests.browser.test_accessibility import Inspection
from tests.nodes import PATIENCE, RunningNode
from ymera_client import Agent, KeyStore, Run


def scribe(url: str, token: str, folder: Path) -> Agent:
    """An agent with keys that asks before it writes."""
    agent = Agent(url, token=token, keys=KeyStore(folder / "scribe.db", key_file=folder / "scribe.key"))

    @agent.capability()
    async def shorten(run: Run, *, title: str, words: int = 2) -> str:
        size = await run.ask("How loud?", choices=["quiet", "loud"])
        await run.output("so far")
        short = " ".join(title.split()[:words])
        return short.upper() if size == "loud" else short

    return agent


async def make_project(ada: Console) -> None:
    """An encrypted project of Ada's, alone, with two tasks."""
    page = ada.page
    await page.get_by_role("button", name="New project").first.click()
    await page.get_by_role("radio", name="Encrypted").check()
    await page.get_by_label("Name").fill("Apollo")
    await page.get_by_role("button", name="Create encrypted project").click()
    await expect(page.get_by_role("heading", name="Apollo", level=1)).to_be_visible(timeout=WAIT)
    await page.keyboard.press("n")
    for title in ("Land on the moon", "Come home again"):
        await page.get_by_label("New task in To do").fill(title)
        await page.keyboard.press("Enter")
    await page.keyboard.press("Escape")
    await expect(ada.card("Land on the moon")).to_be_visible()


async def admit(ada: Console) -> None:
    """Let the agent into the project, and vouch for it."""
    page = ada.page
    await page.get_by_role("link", name="Settings", exact=True).click()
    await page.get_by_role("button", name="Add", exact=True).click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("group", name="People and agents").get_by_role("button", name="Add").click()
    await page.get_by_role("option", name="Scribe").click()
    await page.keyboard.press("Escape")
    await dialog.get_by_role("button", name="Add", exact=True).last.click()
    member = page.locator("[data-member=Scribe]")
    await expect(member).to_contain_text("its owner has not vouched for it", timeout=WAIT)
    await member.get_by_role("button", name="Change Scribe").click()
    await page.get_by_role("menuitem", name="Vouch for it as your agent").click()
    await expect(member).to_contain_text("agent of Ada", timeout=WAIT)


async def look_up(ada: Console) -> None:
    """Find the project on the agent's page, add a task from there, and go to it."""
    page = ada.page
    await page.locator("[data-member=Scribe]").get_by_role("link", name="Scribe").click()
    access = page.get_by_role("region", name="Access")
    await expect(access).to_contain_text("Encrypted project, Member", timeout=WAIT)
    await expect(access.get_by_role("button")).to_have_count(0)
    await page.keyboard.press("c")
    dialog = page.get_by_role("dialog", name="New task")
    await dialog.get_by_label("Title").fill("Wave")
    await dialog.get_by_role("button", name="Add task").click()
    await access.get_by_role("link", name="Apollo").click()
    await expect(ada.card("Wave")).to_be_visible(timeout=WAIT)


async def assign(ada: Console, title: str) -> None:
    """Give the agent a task by assigning it, and answer what it asks in the inbox, which tells of it."""
    page = ada.page
    await page.get_by_role("link", name="Tasks", exact=True).click()
    await ada.card(title).click()
    await page.get_by_role("button", name="Assignees").click()
    await page.get_by_role("option", name="Scribe").click()
    await page.keyboard.press("Escape")
    inbox = page.get_by_role("navigation", name="Main").get_by_role("link", name="Inbox")
    await expect(inbox).to_contain_text("1 waiting for an answer", timeout=WAIT)
    await inbox.click()
    await expect(
        page.get_by_text("Of encrypted rooms, only questions of agents come in here.")
    ).to_be_visible()
    question = page.get_by_role("article", name="Question of Scribe")
    await expect(question).to_contain_text("in Apollo, see the run")
    await question.get_by_label("quiet").check()
    await question.get_by_role("button", name="Answer").click()
    await expect(question).to_have_count(0, timeout=WAIT)
    await expect(inbox).to_have_text("Inbox")
    await page.go_back()
    await page.get_by_role("region", name="Agents").get_by_role("link").first.click(timeout=WAIT)
    await expect(page.get_by_role("region", name="Result")).to_contain_text("Come home", timeout=WAIT)


async def test_an_agent_with_keys_is_given_work_and_answers(
    node: Callable[..., Awaitable[RunningNode]], browser: Browser, tmp_path: Path
) -> None:
    running = await node()
    inspection = Inspection()
    ada = await set_up(browser, running)
    page = ada.page
    await make_keys(ada)
    await keep_code(ada)
    async with robot(running) as client:
        me = (await client.do("member.list", query="Ada"))["items"][0]["id"]
        token = (await client.do("agent.register", name="Scribe", owner_id=me))["token"]
    async with scribe(running.url, token, tmp_path).running(grace=0) as process:
        await asyncio.wait_for(asyncio.wrap_future(process.settled), PATIENCE)
        await make_project(ada)
        await admit(ada)
        await look_up(ada)
        await ada.card("Land on the moon").click()
        await page.get_by_role("button", name="Run with an agent…").click()
        run = page.get_by_role("dialog").get_by_role("button", name="Run", exact=True)
        await run.click(timeout=WAIT)
        await page.get_by_role("region", name="Agents").get_by_role("link").first.click()
        question = page.get_by_role("article", name="Question of Scribe")
        await question.get_by_label("loud").check(timeout=WAIT)
        await inspection.look(ada, "a question of an agent")
        await question.get_by_role("button", name="Answer").click()
        await expect(page.get_by_text("Completed", exact=True)).to_be_visible(timeout=WAIT)
        await assign(ada, "Come home again")
        await page.get_by_role("link", name="Tasks", exact=True).click()
        await ada.card("Land on the moon", "done").click()
        await page.get_by_role("region", name="Agents").get_by_role("link").first.click()
    await expect(page.get_by_role("region", name="Result")).to_contain_text("LAND ON")
    await expect(page.get_by_role("log", name="Output")).to_have_text("so far")
    await inspection.look(ada, "a run")
    await page.get_by_role("link", name="Tasks", exact=True).click()
    await expect(ada.card("Land on the moon", "done")).to_be_visible()
    await page.get_by_role("link", name="Talk", exact=True).click()
    await expect(page.locator("[data-change=added]")).to_contain_text("added Scribe as a member")
    await page.get_by_role("navigation", name="Main").get_by_role("link", name="Agents").click()
    await page.get_by_role("link", name="Scribe").click()
    await expect(page.get_by_role("region", name="Runs")).to_contain_text("Come home again", timeout=WAIT)
    assert not inspection.problems, "\n".join(inspection.problems)
    assert ada.faults == []
