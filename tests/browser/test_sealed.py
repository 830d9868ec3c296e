"""Encrypted rooms as people use them: keys and codes, who is who, devices that come and go, and a board."""

import re
from collections.abc import Awaitable, Callable

from playwright.async_api import Browser, expect

from protocol.roles import WorkspaceRole
from tests.browser.console import Console, open_console
from tests.browser.keyholders import (
    KEYS,
    WAIT,
    compare,
    make_room,
    open_from_menu,
    said,
    show_digits,
    two_with_keys,
)
from tests.browser.test_accessibility import Inspection
from tests.browser.test_files import drop, open_file, row
from tests.nodes import RunningNode

Node = Callable[..., Awaitable[RunningNode]]


async def talk(ada: Console, bo: Console) -> None:
    """A message, an answer in its thread, and the message changed."""
    await ada.page.get_by_label("Message Plans").fill("Shall we **launch**?")
    await ada.page.keyboard.press("Enter")
    message = said(bo, "Shall we launch?")
    await expect(message.locator("strong")).to_have_text("launch", timeout=WAIT)
    await expect(message.locator("[data-trust=unverified]")).to_be_visible()
    await message.hover()
    await bo.page.get_by_role("button", name="Reply in a thread").click()
    await bo.page.get_by_label("Reply…").fill("Yes.")
    await bo.page.keyboard.press("Enter")
    await ada.page.get_by_role("button", name="1 reply").click(timeout=WAIT)
    thread = ada.page.get_by_role("complementary", name="Thread")
    await expect(thread.get_by_text("Yes.")).to_be_visible(timeout=WAIT)
    await ada.page.get_by_label("Message Plans").press("ArrowUp")
    await ada.page.get_by_label("Edit the message").fill("Shall we land?")
    await ada.page.keyboard.press("Enter")
    await expect(said(bo, "Shall we land?").first).to_contain_text("edited", timeout=WAIT)


async def ask(ada: Console) -> None:
    """Ask Bo to compare eight digits."""
    await ada.page.get_by_role("button", name="Eight digits, live").click()
    await ada.page.get_by_role("button", name="Ask Bo").click()


async def verify(ada: Console, bo: Console, inspection: Inspection) -> None:
    """Look at Bo's safety number, and then compare eight digits with him, who first says that they differ."""
    await ada.page.get_by_role("button", name="members, and settings").click()
    await inspection.look(ada, "conversation and members")
    member = ada.page.locator("[data-member=Bo]")
    await expect(member).to_contain_text("Not verified")
    await member.get_by_role("button", name="Change Bo").click()
    await ada.page.get_by_role("menuitem", name="Verify…").click()
    number = ada.page.locator("[data-safety-number]")
    await expect(number).to_contain_text(re.compile(r"^(\d{5}){12}$"), timeout=WAIT)
    await inspection.look(ada, "safety number")
    await ask(ada)
    await show_digits(ada, bo)
    await bo.page.get_by_role("button", name="They differ").click()
    for console, who in ((ada, "The other side says"), (bo, "You have said")):
        alert = console.page.get_by_role("alert").get_by_text(f"{who} that the digits differ.")
        await expect(alert).to_be_visible(timeout=WAIT)
        await console.page.get_by_role("button", name="Done", exact=True).click()
    await expect(member).to_contain_text("Not verified")
    await member.get_by_role("button", name="Change Bo").click()
    await ada.page.get_by_role("menuitem", name="Verify…").click()
    await ask(ada)
    await compare(ada, bo)
    await expect(member.get_by_text("Verified", exact=True)).to_be_visible(timeout=WAIT)


async def type_code(console: Console, code: str, inspection: Inspection) -> None:
    """Show on a device that was let in by another one that one has the recovery code."""
    await console.go(KEYS)
    unknown = console.page.get_by_text("it does not know whether you have kept the code")
    await expect(unknown).to_be_visible(timeout=WAIT)
    await console.page.get_by_role("button", name="Type the code").click()
    await console.page.get_by_role("textbox", name="Recovery code").fill(code)
    await inspection.look(console, "a code that another device has shown")
    await console.page.get_by_role("button", name="Confirm", exact=True).click()
    await expect(console.page.get_by_text("You have it. It cannot be shown again.")).to_be_visible(
        timeout=WAIT
    )


async def test_two_people_and_three_devices(node: Node, browser: Browser) -> None:
    running = await node()
    inspection = Inspection()
    ada, bo = await two_with_keys(running, browser)
    code = ada.code
    await inspection.look(bo, "keys and code")
    reminder = bo.page.get_by_role("region", name="Recovery code not confirmed")
    path = await make_room(ada, "New channel", "Plans", "Bo")
    await open_from_menu(bo, "Plans")
    await expect(reminder).to_be_visible()
    await reminder.get_by_role("button", name="Later").click()
    await expect(reminder).to_have_count(0)
    await talk(ada, bo)
    await verify(ada, bo, inspection)

    second = await open_console(browser, running)
    await second.sign_in("Ada")
    await second.live()
    await second.go(path)
    await expect(second.page.get_by_role("heading", name="Bring this device in")).to_be_visible(timeout=WAIT)
    await inspection.look(second, "a new device")
    await second.page.get_by_role("button", name="Compare eight digits").click()
    await compare(second, ada)
    await expect(said(second, "Shall we land?").first).to_be_visible(timeout=WAIT)
    await second.page.get_by_label("Message Plans").fill("From my other one")
    await second.page.keyboard.press("Enter")
    await expect(said(bo, "From my other one")).to_be_visible(timeout=WAIT)
    await type_code(second, code, inspection)

    await ada.go(KEYS)
    await ada.page.get_by_role("button", name="Put out…").click(timeout=WAIT)
    await ada.page.get_by_role("button", name="Put it out").click()
    await expect(ada.page.get_by_text("Put out", exact=True)).to_be_visible(timeout=WAIT)
    heading = second.page.get_by_role("heading", name="This device was put out")
    await expect(heading).to_be_visible(timeout=WAIT)
    assert not inspection.problems, "\n".join(inspection.problems)
    assert ada.faults + bo.faults + second.faults == []


async def test_files_are_found_by_what_they_say(node: Node, browser: Browser) -> None:
    running = await node()
    inspection = Inspection()
    ada, bo = await two_with_keys(running, browser)
    path = await make_room(ada, "New project", "Apollo", "Bo")
    await ada.go(f"{path}/files")
    files = (
        ("landing.bin", "<html><p>Land at the <b>crater</b>.</p></html>"),
        ("rocks.csv", "rock,mass\nbasalt,3\n"),
    )
    await drop(ada.page, *files)
    for name, _ in files:
        await expect(row(ada.page, name)).to_be_visible(timeout=WAIT)
    await open_from_menu(bo, "Apollo")
    await bo.go(f"{path}/files")
    await expect(row(bo.page, "rocks.csv")).to_be_visible(timeout=WAIT)
    await bo.page.get_by_label("Search files").fill("CRATER")
    found = bo.page.get_by_role("region", name="Found in texts")
    await expect(found.locator("mark")).to_have_text("crater", timeout=WAIT)
    await inspection.look(bo, "files found by what they say")
    await found.get_by_role("button", name="landing.bin").click()
    panel = bo.page.get_by_role("complementary", name="File")
    await panel.get_by_role("button", name="Details").click()
    await expect(panel).to_contain_text("text/html", timeout=WAIT)
    await expect(panel).to_contain_text("Word count")
    await bo.page.get_by_label("Search files").fill("")
    panel = await open_file(bo.page, "rocks.csv")
    table = panel.get_by_role("group", name="Table of rocks.csv")
    await expect(table.get_by_role("cell", name="basalt")).to_be_visible(timeout=WAIT)
    await inspection.look(bo, "a table in an encrypted room")
    assert not inspection.problems, "\n".join(inspection.problems)
    assert ada.faults + bo.faults == []


async def put_away(ada: Console) -> None:
    """Archive the encrypted project that is shown, and find it by its state."""
    page = ada.page
    menu = page.get_by_role("navigation", name="Main")
    await page.get_by_role("link", name="Settings", exact=True).click()
    await page.get_by_role("button", name="Archive: Archived").click()
    await expect(menu.get_by_role("link", name="Apollo")).to_have_count(0, timeout=WAIT)
    await menu.get_by_role("link", name="Projects").click()
    listed = page.get_by_role("list", name="Encrypted projects").get_by_role("listitem")
    await expect(listed).to_have_text(re.compile("Apollo.*Archived"))
    for state, count in (("active", 0), ("archived", 1)):
        await page.get_by_label("State").select_option(state)
        await expect(listed).to_have_count(count)


async def test_a_board_that_the_server_cannot_read(node: Node, browser: Browser) -> None:
    running = await node()
    inspection = Inspection()
    ada, bo = await two_with_keys(running, browser)
    path = await make_room(ada, "New project", "Apollo", "Bo")
    for title in ("Build the rocket", "Land"):
        await ada.page.keyboard.press("n")
        await ada.page.get_by_label("New task in To do").fill(title)
        await ada.page.keyboard.press("Enter")
        await ada.page.keyboard.press("Escape")
    await open_from_menu(bo, "Apollo")
    await expect(bo.column("todo")).to_have_text(["Build the rocket", "Land"], timeout=WAIT)
    await ada.card("Build the rocket").focus()
    for key in ("Space", "ArrowRight", "Space"):
        await ada.page.keyboard.press(key)
    await expect(bo.card("Build the rocket", "in_progress")).to_be_visible(timeout=WAIT)
    await inspection.look(bo, "board")
    await bo.card("Land").click()
    await bo.page.get_by_role("button", name="Run with an agent…").click()
    await expect(bo.page.get_by_text("No agent has access to this project.")).to_be_visible(timeout=WAIT)
    await bo.go(f"{path}/queue")
    await expect(bo.page.get_by_role("heading", name="Not in an encrypted room")).to_be_visible(timeout=WAIT)
    await bo.go(f"{path}/settings")
    await expect(bo.page.get_by_role("heading", name="What is in the clear")).to_be_visible(timeout=WAIT)
    await inspection.look(bo, "settings")
    _, token = await running.admit("Warden", WorkspaceRole.ADMIN)
    async with running.client(token) as warden:
        assert (await warden.do("project.list"))["items"] == []
    await put_away(ada)
    assert not inspection.problems, "\n".join(inspection.problems)
    assert ada.faults + bo.faults == []
