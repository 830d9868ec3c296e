"""The board: moves by pointer and keyboard, seen by others at once, and refusals in words."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Browser, expect

from tests.browser.console import Console, open_console, project, robot, set_up
from tests.nodes import RunningNode

Node = Callable[..., Awaitable[RunningNode]]

SEEN = """([title, column]) => new Promise((resolve) => {
  const look = () => {
    const cards = document.querySelectorAll(`[data-column=${column}] [data-task]`);
    if (![...cards].some((card) => card.textContent.includes(title))) return;
    observer.disconnect();
    resolve(Date.now());
  };
  const observer = new MutationObserver(look);
  observer.observe(document.body, { subtree: true, childList: true });
  look();
})"""


async def test_a_second_browser_sees_a_task_move(
    node: Node, browser: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    running = await node()
    ada = await set_up(browser, running)
    async with robot(running) as client:
        project_id, _ = await project(client, "Apollo", "Build the rocket", "Land")
    other = await open_console(browser, running)
    await other.sign_in("Ada")
    await other.live()
    for console in (ada, other):
        await console.go(f"/projects/{project_id}")
    seen = asyncio.create_task(other.page.evaluate(SEEN, ["Build the rocket", "in_progress"]))
    await ada.page.evaluate("() => addEventListener('keydown', () => (window.lastKeyAt = Date.now()), true)")
    await ada.card("Build the rocket").focus()
    for key in ("Space", "ArrowRight", "Space"):
        await ada.page.keyboard.press(key)
    async with asyncio.timeout(10):
        latency = await seen - await ada.page.evaluate("() => window.lastKeyAt")
    with capsys.disabled():
        print(f"\na second browser saw the move after {latency} ms")  # noqa: T201 -- a measurement to look at
    await expect(other.column("todo")).to_have_text(["Land"])
    assert ada.faults + other.faults == []


async def test_a_card_is_dragged_between_two_others(node: Node, browser: Browser) -> None:
    running = await node()
    ada = await set_up(browser, running)
    async with robot(running) as client:
        project_id, ids = await project(client, "Apollo", "One", "Two", "Three")
        await client.do("task.transition", task_id=ids[1], status="in_review")
        await client.do("task.transition", task_id=ids[2], status="in_review")
        await ada.go(f"/projects/{project_id}")
        await drag(ada, "One", "Three")
        await expect(ada.column("in_review")).to_have_text(["Two", "One", "Three"])
        await ada.live()
        listed = await client.do("task.list", project_id=project_id, status=["in_review"])
        assert [task["title"] for task in listed["items"]] == ["Two", "One", "Three"]
    await ada.page.reload()
    await expect(ada.column("in_review")).to_have_text(["Two", "One", "Three"])


async def drag(console: Console, title: str, onto: str) -> None:
    """Drag a card onto the upper half of another one, the way a hand does."""
    source = await console.card(title).bounding_box()
    target = await console.card(onto).bounding_box()
    assert source is not None
    assert target is not None
    mouse = console.page.mouse
    await mouse.move(source["x"] + 20, source["y"] + 8)
    await mouse.down()
    await mouse.move(source["x"] + 40, source["y"] + 20, steps=4)
    await mouse.move(target["x"] + 40, target["y"] + 2, steps=12)
    await mouse.up()


async def test_the_board_works_by_keyboard_alone(node: Node, browser: Browser) -> None:
    running = await node()
    ada = await set_up(browser, running)
    async with robot(running) as client:
        project_id, _ = await project(client, "Apollo", "One", "Two", "Three")
    await ada.go(f"/projects/{project_id}")
    keys = ada.page.keyboard
    said = ada.page.locator("[data-announcer]")
    await expect(ada.column("todo")).to_have_count(3)
    await keys.press("ArrowDown")
    await expect(ada.card("One")).to_be_focused()
    await keys.press("Space")
    await expect(said).to_contain_text("Picked up One, number 1 of 3 in To do")
    await keys.press("ArrowDown")
    await expect(said).to_contain_text("To do, number 2 of 3")
    await expect(ada.column("todo")).to_have_text(["Two", "One", "Three"])
    await keys.press("Space")
    await expect(said).to_contain_text("One is now number 2 in To do")
    await expect(ada.card("One")).to_be_focused()
    await keys.press("Space")
    await keys.press("ArrowRight")
    await keys.press("Escape")
    await expect(said).to_contain_text("One stays where it was")
    await expect(ada.column("todo")).to_have_text(["Two", "One", "Three"])
    await expect(ada.card("One")).to_be_focused()
    await keys.press("Enter")
    await expect(ada.page.get_by_role("complementary", name="Task")).to_be_visible()
    await keys.press("Escape")
    await expect(ada.card("One")).to_be_focused()
    await ada.live()
    await ada.page.reload()
    await expect(ada.column("todo")).to_have_text(["Two", "One", "Three"])


async def test_a_circle_of_dependencies_is_refused_by_name(node: Node, browser: Browser) -> None:
    running = await node()
    ada = await set_up(browser, running)
    async with robot(running) as client:
        project_id, (rocket, launch, land) = await project(client, "Apollo", "Build", "Launch", "Land")
        await client.do("task.depend", task_id=launch, on=rocket)
        await client.do("task.depend", task_id=land, on=launch)
    await ada.go(f"/projects/{project_id}?task={rocket}")
    panel = ada.page.get_by_role("complementary", name="Task")
    await panel.get_by_role("button", name="Add a dependency").click()
    await ada.page.keyboard.type("Land")
    await ada.page.keyboard.press("Enter")
    refusal = panel.get_by_role("alert")
    await expect(refusal).to_contain_text("circle")
    for title in ("Build", "Launch", "Land"):
        await expect(refusal.get_by_text(title).first).to_be_visible()
    await expect(ada.card("Build").locator("..").get_by_text("Blocked")).to_have_count(0)
    await expect(ada.card("Launch").locator("..").get_by_text("Blocked")).to_be_visible()


async def test_fields_change_and_the_history_tells_how(node: Node, browser: Browser) -> None:
    running = await node()
    ada = await set_up(browser, running)
    async with robot(running) as client:
        project_id, (task_id,) = await project(client, "Apollo", "Build")
        await ada.go(f"/projects/{project_id}/tasks/{task_id}")
        page = ada.page
        await page.get_by_role("button", name="Priority: No priority").click()
        await page.get_by_role("menuitemradio", name="Urgent").click()
        await page.get_by_label("Estimate in hours").fill("12.5")
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="Labels: none").click()
        await page.keyboard.type("hardware")
        await page.get_by_role("option", name="Add the label").click()
        await page.keyboard.press("Escape")
        await page.get_by_role("textbox", name="Title").fill("Build the rocket")
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="Add a description…").click()
        await page.keyboard.type("As **tall** as a house.")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator(".prose strong")).to_have_text("tall")
        await ada.live()
        task = await client.do("task.get", task_id=task_id)
    assert (task["priority"], task["estimate"], task["labels"]) == ("urgent", 12.5, ["hardware"])
    assert (task["title"], task["description"]) == ("Build the rocket", "As **tall** as a house.")
    await page.get_by_role("button", name="History").click()
    history = page.get_by_role("region", name="Activity")
    await expect(history.locator("del", has_text="No priority")).to_be_visible()
    await expect(history.locator("ins", has_text="Urgent")).to_be_visible()
    await expect(history.locator("ins", has_text="12.5 h")).to_be_visible()
    assert ada.faults == []


async def test_filters_narrow_the_board_and_live_in_the_address(node: Node, browser: Browser) -> None:
    running = await node()
    ada = await set_up(browser, running)
    async with robot(running) as client:
        project_id, (build, land) = await project(client, "Apollo", "Build", "Land")
        await client.do("task.depend", task_id=land, on=build)
    await ada.go(f"/projects/{project_id}")
    await ada.page.get_by_role("button", name="Blocked").click()
    await expect(ada.column("todo")).to_have_text(["Land"])
    await ada.page.reload()
    await expect(ada.column("todo")).to_have_text(["Land"])
    await ada.page.get_by_role("button", name="Clear").click()
    await ada.page.keyboard.press("/")
    await ada.page.keyboard.type("buil")
    await expect(ada.column("todo")).to_have_text(["Build"])
