"""What goes wrong in encrypted rooms where people are: a slip, no connection, a keyboard and nothing else."""

from collections.abc import Awaitable, Callable

from playwright.async_api import Browser, expect

from tests.browser.console import Console, open_console
from tests.browser.keyholders import KEYS, WAIT, make_room, two_with_keys
from tests.nodes import RunningNode

Node = Callable[..., Awaitable[RunningNode]]
LONG = "Antidisestablishmentarianism" * 3


async def confirm_over_the_page(console: Console) -> None:
    """Confirm the recovery code that a page shows where the reminder shows it too: no page shows it then."""
    page = console.page
    shown = page.locator("[data-recovery-code]")
    code = await shown.get_attribute("data-recovery-code") or ""
    await page.get_by_role("button", name="Show and confirm").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="I have kept it").click()
    await dialog.get_by_label("Type the code back").fill(code)
    await dialog.get_by_role("button", name="Confirm", exact=True).click()
    await expect(page.get_by_text("You have it. It cannot be shown again.")).to_be_visible(timeout=WAIT)
    await expect(shown).to_have_count(0)


async def test_a_slip_is_said_with_the_way_to_mend_it(node: Node, browser: Browser) -> None:
    ada, bo = await two_with_keys(await node(), browser)
    page = bo.page
    await page.get_by_role("button", name="I have kept it").press("Enter")
    await expect(page.get_by_label("Type the code back")).to_be_focused()
    await page.get_by_role("button", name="Show it again").press("Enter")
    await expect(page.get_by_role("button", name="I have kept it")).to_be_focused()
    await confirm_over_the_page(bo)

    await ada.go(KEYS)
    await ada.page.get_by_role("button", name="Add a device").click(timeout=WAIT)
    await ada.page.get_by_label("The code of the new device").fill("rubbish")
    await ada.page.get_by_role("button", name="Bring it in").click()
    await expect(ada.page.get_by_role("alert")).to_contain_text("Copy all of it there")
    await ada.page.keyboard.press("Escape")

    await make_room(ada, "New channel", "Plans", "Bo")
    await ada.page.get_by_role("button", name="members, and settings").click()
    await ada.page.get_by_role("button", name="Invite by link").click()
    await ada.page.get_by_role("button", name="Make the link").click()
    link = await ada.page.get_by_label("Invitation link").input_value(timeout=WAIT)
    await page.goto(link[:-5])
    await page.get_by_role("button", name="Ask to come in").click(timeout=WAIT)
    await expect(page.get_by_role("alert")).to_contain_text("Copy the whole link")
    await ada.page.get_by_role("button", name="Done", exact=True).click()
    await put_away(ada, "Plans")
    assert ada.faults + bo.faults == []


async def put_away(ada: Console, name: str) -> None:
    """Archive the encrypted conversation that is shown with its settings, find it again, and reopen it."""
    page = ada.page
    chip = page.locator("main header").get_by_text("Archived")
    menu = page.get_by_role("navigation", name="Main")
    shown = page.get_by_role("list", name="Encrypted conversations").get_by_role("link", name=name)
    await page.get_by_role("button", name="Archive", exact=True).click()
    await expect(chip).to_be_visible(timeout=WAIT)
    await expect(page.get_by_label(f"Message {name}")).to_have_count(0)
    await expect(menu.get_by_role("link", name=name)).to_have_count(0)
    await menu.get_by_role("link", name="Conversations").click()
    await expect(page.get_by_text("No open channels")).to_be_visible()
    await expect(shown).to_have_count(0)
    await page.get_by_role("button", name="Archived", exact=True).click()
    await shown.click()
    await page.get_by_role("button", name="members, and settings").click()
    await page.get_by_role("button", name="Reopen", exact=True).click()
    await expect(menu.get_by_role("link", name=name)).to_be_visible(timeout=WAIT)
    await expect(chip).to_have_count(0)


async def test_without_a_connection_nobody_is_verified_unseen(node: Node, browser: Browser) -> None:
    ada, _ = await two_with_keys(await node(), browser)
    await make_room(ada, "New channel", "Plans", "Bo")
    page = ada.page
    await page.get_by_role("button", name="members, and settings").click()
    await page.context.set_offline(True)
    await expect(page.get_by_text("You are offline.")).to_be_visible(timeout=WAIT)
    await page.get_by_role("button", name="Change Bo").click()
    await page.get_by_role("menuitem", name="Verify…").click()
    same = page.get_by_role("button", name="They are the same")
    await expect(same).to_be_disabled()
    await expect(page.get_by_role("alert").filter(has_text="no connection")).to_be_visible(timeout=WAIT)
    await expect(same).to_be_disabled()
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Add", exact=True).click()
    group = page.get_by_role("group", name="People and agents")
    await group.get_by_role("button", name="Add").click()
    await expect(page.get_by_text("Offline. Who has keys is seen")).to_be_visible()


async def begin_anew(running: RunningNode, browser: Browser, name: str) -> Console:
    """Somebody with other keys than before, in a window of its own."""
    console = await open_console(browser, running)
    await console.sign_in(name)
    await console.live()
    await console.go(KEYS)
    await console.page.get_by_role("button", name="Begin anew").click(timeout=WAIT)
    await console.page.get_by_label("to go on").fill("begin anew")
    await console.page.get_by_role("dialog").get_by_role("button", name="Begin anew").click()
    await expect(console.page.locator("[data-recovery-code]")).to_be_visible(timeout=WAIT)
    return console


async def test_who_has_begun_anew_is_added_again_and_not_a_third_time(node: Node, browser: Browser) -> None:
    running = await node()
    ada, _ = await two_with_keys(running, browser)
    await make_room(ada, "New channel", "Plans", "Bo")
    await begin_anew(running, browser, "Bo")
    page = ada.page
    await page.get_by_role("button", name="members, and settings").click()
    await page.get_by_role("button", name="Change Bo").click()
    await page.get_by_role("menuitem", name="Remove…").click()
    await page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    await expect(page.locator("[data-member=Bo]")).to_have_count(0, timeout=WAIT)
    people = page.get_by_role("group", name="People and agents")
    await page.get_by_role("button", name="Add", exact=True).click()
    await people.get_by_role("button", name="Add").click()
    await page.get_by_role("option", name="Bo").click(timeout=WAIT)
    await page.keyboard.press("Escape")
    await page.get_by_role("dialog").get_by_role("button", name="Add", exact=True).last.click()
    changed = page.get_by_role("list", name="Changed keys")
    await expect(changed).to_contain_text("Compare a number with them.", timeout=WAIT)
    await expect(changed).to_contain_text("If this entry is of their old keys, remove it and add them again.")
    await page.get_by_role("button", name="Add", exact=True).click()
    await people.get_by_role("button", name="Add").click()
    await expect(page.get_by_text("Nobody else has keys yet.")).to_be_visible(timeout=WAIT)
    assert ada.faults == []


async def test_what_cannot_be_undone_is_asked_for_and_a_long_name_breaks(
    node: Node, browser: Browser
) -> None:
    ada, _ = await two_with_keys(await node(), browser)
    await make_room(ada, "New channel", LONG, "Bo")
    page = ada.page
    title = page.get_by_role("heading", name=LONG, level=2)
    await page.set_viewport_size({"width": 390, "height": 800})
    box = await title.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    await page.get_by_role("button", name="members, and settings").click()
    await page.get_by_label("Keys", exact=True).select_option("ephemeral")
    await expect(page.get_by_label("Newcomers read")).to_have_count(0)
    await page.get_by_role("button", name="Save").click()
    await page.get_by_role("dialog").get_by_role("button", name="Make it ephemeral").click()
    await expect(page.locator("[data-change=rules]")).to_be_attached(timeout=WAIT)
    assert ada.faults == []
