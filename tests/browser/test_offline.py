"""Losing the server: what is said, what is kept, and how it catches up."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from playwright.async_api import Browser, expect

from tests.browser.console import project, robot, set_up
from tests.nodes import RunningNode

Node = Callable[..., Awaitable[RunningNode]]


async def test_changes_made_offline_are_queued_and_sent_after_a_restart(node: Node, browser: Browser) -> None:
    running = await node()
    ada = await set_up(browser, running)
    async with robot(running) as client:
        project_id, _ = await project(client, "Apollo", "One", "Two")
    await ada.go(f"/projects/{project_id}")
    await expect(ada.column("todo")).to_have_text(["One", "Two"])
    await running.stop()
    status = ada.page.locator("[data-connection]").first
    await expect(status).to_have_attribute("data-connection", "offline")
    await expect(ada.page.get_by_text("You are offline")).to_be_visible()
    await ada.card("One").focus()
    for key in ("Space", "ArrowRight", "Space"):
        await ada.page.keyboard.press(key)
    await expect(ada.column("in_progress")).to_have_text(["One"])
    await ada.page.keyboard.press("n")
    await ada.page.keyboard.type("Three")
    await ada.page.keyboard.press("Enter")
    await ada.page.keyboard.press("Escape")
    await expect(ada.column("in_progress")).to_have_text(["One", "Three"])
    await expect(status).to_have_attribute("data-queued", "2")
    await expect(ada.page.get_by_text("2 changes are kept here")).to_be_visible()

    again = await node(port=urlsplit(running.url).port)
    await ada.live()
    await expect(ada.page.get_by_text("You are offline")).to_have_count(0)
    async with again.client((await again.admit("Witness"))[1]) as client:
        refused = await client.send("task.list", project_id=project_id)
        assert refused["error"]["code"] == "not_found"
    await ada.page.reload()
    await expect(ada.column("in_progress")).to_have_text(["One", "Three"])
    await expect(ada.column("todo")).to_have_text(["Two"])


async def test_a_refused_change_rolls_back_and_says_why(node: Node, browser: Browser) -> None:
    running = await node()
    ada = await set_up(browser, running)
    async with robot(running) as client:
        project_id, _ = await project(client, "Apollo", "One", "Two")
        await ada.go(f"/projects/{project_id}")
        await expect(ada.column("todo")).to_have_text(["One", "Two"])
        await ada.page.context.set_offline(True)
        await expect(ada.page.locator("[data-connection]").first).to_have_attribute(
            "data-connection", "offline", timeout=60_000
        )
        await ada.card("One").focus()
        for key in ("Space", "ArrowRight", "Space"):
            await ada.page.keyboard.press(key)
        await expect(ada.column("in_progress")).to_have_text(["One"])
        await client.do("project.transition", project_id=project_id, state="archived")
    await ada.page.context.set_offline(False)
    await expect(ada.page.get_by_text("The task could not be moved").first).to_be_visible()
    await expect(ada.column("todo")).to_have_text(["One", "Two"])


async def test_what_somebody_else_wrote_meanwhile_is_not_overwritten(node: Node, browser: Browser) -> None:
    running = await node()
    ada = await set_up(browser, running)
    page = ada.page
    title = page.get_by_role("textbox", name="Title")
    async with robot(running) as client:
        project_id, (one, two) = await project(client, "Apollo", "One", "Two")
        for task_id, theirs in ((one, {"priority": "urgent"}), (two, {"title": "Deux"})):
            await ada.go(f"/projects/{project_id}/tasks/{task_id}")
            await expect(title).to_be_visible()
            await page.context.set_offline(True)
            await expect(page.get_by_text("You are offline")).to_be_visible(timeout=60_000)
            await title.fill("Mine")
            await page.keyboard.press("Enter")
            await client.do("task.update", task_id=task_id, version=1, **theirs)
            await page.context.set_offline(False)
            await ada.live()
        clash = page.get_by_role("alert").filter(has_text="Someone changed this")
        await expect(clash).to_contain_text("Deux")
        await expect(title).to_have_value("Mine")
        await clash.get_by_role("button", name="Keep theirs").click()
        await expect(title).to_have_value("Deux")
        first = await client.do("task.get", task_id=one)
        assert (first["title"], first["priority"]) == ("Mine", "urgent")
