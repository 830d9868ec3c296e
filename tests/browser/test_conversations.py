"""Talking: messages as they come, mentions, threads, reactions, and what is unread."""

from collections.abc import Awaitable, Callable

from playwright.async_api import Browser, expect

from tests.browser.console import Console, open_console, robot, set_up
from tests.nodes import RunningNode

Node = Callable[..., Awaitable[RunningNode]]


async def two_in_a_channel(running: RunningNode, browser: Browser) -> tuple[Console, Console, str]:
    """Ada and Bo, side by side in #general."""
    ada = await set_up(browser, running)
    async with robot(running) as client:
        invited = await client.do("invitation.create", role="member")
    bo = await open_console(browser, running)
    await bo.register(f"/invite#{invited['secret']}", "Bo")
    await ada.page.get_by_role("button", name="New channel").first.click()
    await ada.page.get_by_label("Name").fill("general")
    await ada.page.get_by_role("button", name="Create channel").click()
    await expect(ada.page.get_by_role("heading", name="general", exact=True)).to_be_visible()
    path = ada.page.url.removeprefix(running.url)
    await bo.go(path)
    await bo.page.get_by_role("button", name="Join channel").click()
    await expect(bo.page.get_by_label("Message #general")).to_be_visible()
    return ada, bo, path


async def test_two_people_talk_with_threads_and_reactions(node: Node, browser: Browser) -> None:
    ada, bo, _ = await two_in_a_channel(await node(), browser)
    await ada.page.get_by_label("Message #general").fill("Shall we **launch**?")
    await expect(bo.page.get_by_text("Ada is typing")).to_be_visible()
    await ada.page.keyboard.press("Enter")
    message = bo.page.locator("[data-message]", has_text="Shall we launch?")
    await expect(message.locator("strong")).to_have_text("launch")
    await message.hover()
    await message.get_by_role("button", name="Add a reaction").click()
    await bo.page.get_by_role("button", name="rocket").click()
    await expect(ada.page.get_by_role("button", name="🚀, 1")).to_be_visible()
    await message.hover()
    await message.get_by_role("button", name="Reply in a thread").click()
    await bo.page.get_by_label("Reply…").fill("Yes.")
    await bo.page.keyboard.press("Enter")
    await ada.page.get_by_role("button", name="1 reply").click()
    thread = ada.page.get_by_role("complementary", name="Thread")
    await expect(thread.get_by_text("Yes.")).to_be_visible()
    await ada.page.get_by_label("Message #general").press("ArrowUp")
    await ada.page.get_by_label("Edit the message").fill("Shall we land?")
    await ada.page.keyboard.press("Enter")
    await expect(bo.page.locator("[data-message]", has_text="Shall we land?").first).to_contain_text("edited")
    assert ada.faults + bo.faults == []


async def test_what_is_too_long_is_neither_cut_off_nor_sent(node: Node, browser: Browser) -> None:
    ada, bo, _ = await two_in_a_channel(await node(), browser)
    box = ada.page.get_by_label("Message #general")
    await box.fill("")
    await ada.page.keyboard.insert_text("x" * 20_005)
    await expect(ada.page.get_by_role("alert").filter(has_text="5 characters too many")).to_be_visible()
    await ada.page.keyboard.press("Enter")
    await expect(box).to_have_value("x" * 20_005)
    for _ in range(5):
        await ada.page.keyboard.press("Backspace")
    await expect(ada.page.get_by_text("too many")).to_have_count(0)
    await ada.page.keyboard.press("Enter")
    await expect(bo.page.locator("[data-message]", has_text="x" * 20_000)).to_be_visible()
    assert ada.faults + bo.faults == []


async def test_a_mention_is_completed_and_reaches_the_inbox(node: Node, browser: Browser) -> None:
    ada, bo, _ = await two_in_a_channel(await node(), browser)
    await bo.go("/projects")
    await ada.page.get_by_label("Message #general").press_sequentially("Look, @b")
    await expect(ada.page.get_by_role("option", name="Bo")).to_be_visible()
    await ada.page.keyboard.press("Enter")
    await ada.page.keyboard.type("the moon")
    await ada.page.keyboard.press("Enter")
    await expect(ada.page.locator("[data-message] .text-accent", has_text="@Bo")).to_be_visible()
    menu = bo.page.get_by_role("navigation", name="Main")
    await expect(menu.get_by_role("link", name="Inbox 1 unread")).to_be_visible()
    await expect(menu.get_by_role("link", name="general 1 unread")).to_be_visible()
    await menu.get_by_role("link", name="Inbox").click()
    await bo.page.get_by_role("button", name="Ada mentioned you").click()
    await expect(bo.page.locator("[data-message]", has_text="the moon")).to_be_visible()
    await expect(menu.get_by_text("unread")).to_have_count(0)


async def test_older_messages_come_in_when_one_scrolls_up(node: Node, browser: Browser) -> None:
    running = await node()
    ada, _, path = await two_in_a_channel(running, browser)
    room = path.split("/")[2].split("?")[0]
    _, token = await running.admit("Parrot")
    async with running.client(token) as client:
        await client.do("room.join", room=room)
        for number in range(130):
            await client.do("message.send", room=room, text=f"message {number:03}")
    log = ada.page.get_by_role("log")
    await expect(log.get_by_text("message 129")).to_be_visible()
    await expect(log.get_by_text("message 000")).to_have_count(0)
    await log.evaluate("(log) => log.scrollTo(0, 0)")
    await expect(log.get_by_text("message 000")).to_be_attached()
