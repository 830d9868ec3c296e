"""What stands among the messages of an encrypted room, and how a search leads to one of them."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Browser, Locator, expect

from tests.browser.console import Console, set_up
from tests.browser.keyholders import (
    WAIT,
    keep_code,
    make_keys,
    make_room,
    open_from_menu,
    program_with_keys,
    said,
    two_with_keys,
)
from tests.browser.test_accessibility import Inspection
from tests.nodes import RunningNode
from tests.sdk.sealed.people import joins, says
from ymera_client import MessageSend

Node = Callable[..., Awaitable[RunningNode]]
FOCUSED = "document.activeElement.dataset.message"
MISSED = 510
TIME = re.compile(r"\s*\d+:\d\d.*$", re.DOTALL)


def changes(console: Console) -> Locator:
    """What commits did, as the timeline has it."""
    return console.page.locator("[data-change]")


async def say(console: Console, text: str) -> None:
    """Say something in the room Plans."""
    await console.page.get_by_label("Message Plans").fill(text)
    await console.page.keyboard.press("Enter")
    await expect(said(console, text)).to_be_visible(timeout=WAIT)


async def rows(console: Console) -> list[str]:
    """What messages and the lines among them say, in their order."""
    found = await console.page.locator("[data-change] p, [data-message] .prose").all_inner_texts()
    return [" ".join(TIME.sub("", each).split()) for each in found]


async def govern(ada: Console) -> None:
    """Give Bo another role, and the room other rules and keys."""
    page = ada.page
    await page.get_by_role("button", name="members, and settings").click()
    panel = page.get_by_role("complementary", name="Members and settings")
    change = panel.get_by_role("button", name="Change Bo")
    await change.click()
    await page.get_by_role("menuitem", name="Remove…").click()
    await page.keyboard.press("Escape")
    await expect(change).to_be_focused()
    await change.click()
    await page.get_by_role("menuitemradio", name="Admin").click()
    await expect(changes(ada)).to_have_count(3, timeout=WAIT)
    await panel.get_by_label("Who adds members").select_option("members")
    await panel.get_by_role("button", name="Save").click()
    await expect(changes(ada)).to_have_count(4, timeout=WAIT)
    await panel.get_by_role("button", name="Make a new key now").click()
    await expect(changes(ada)).to_have_count(5, timeout=WAIT)
    await panel.get_by_role("button", name="Close").click()


async def test_what_commits_did_stands_among_the_messages(node: Node, browser: Browser) -> None:
    running = await node()
    inspection = Inspection()
    ada, bo = await two_with_keys(running, browser)
    await make_room(ada, "New channel", "Plans", "Bo")
    await say(ada, "Before")
    await open_from_menu(bo, "Plans")
    await expect(said(bo, "Before")).to_be_visible(timeout=WAIT)
    await govern(ada)
    await say(ada, "After")
    await expect(said(bo, "After")).to_be_visible(timeout=WAIT)
    await expect(changes(bo).first.locator("[data-trust=unverified]")).to_be_visible()
    await inspection.look(bo, "changes")
    assert await rows(bo) == [
        "Ada made this room",
        "Ada added you as a member",
        "Before",
        "Ada made you an admin",
        "Ada changed the rules of the room",
        "Keys were renewed",
        "After",
    ]
    await bo.page.get_by_role("button", name="members, and settings").click()
    await bo.page.get_by_role("button", name="Leave…").click()
    await bo.page.get_by_role("button", name="Leave", exact=True).click()
    await expect(changes(ada).last).to_contain_text("Bo left", timeout=WAIT)
    await say(ada, "Alone")
    await expect(changes(ada).last).to_contain_text("Keys were renewed")
    assert not inspection.problems, "\n".join(inspection.problems)
    assert ada.faults + bo.faults == []


async def find(console: Console, button: str, text: str, shown: str) -> None:
    """Search for something, and open what was found."""
    page = console.page
    await page.get_by_role("button", name=button).click()
    await page.get_by_label("Look for").fill(text)
    await page.get_by_role("dialog").get_by_role("link", name=shown).click()
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_a_search_leads_to_the_message_itself(node: Node, browser: Browser, tmp_path: Path) -> None:
    running = await node()
    ada = await set_up(browser, running)
    await make_keys(ada)
    await keep_code(ada)
    async with program_with_keys(running, "Cy", tmp_path) as cy:
        path = await make_room(ada, "New channel", "Plans", "Cy")
        room_id = path.rsplit("/", 1)[1]
        await joins(cy, room_id)
        first = await cy.call(MessageSend(room=room_id, text="The eagle is ready."))
        reply = await cy.call(MessageSend(room=room_id, text="So is the falcon.", thread_id=first.id))
        # More than is there at first.
        last = [await says(cy, room_id, f"Line {number}") for number in range(120)][-1]
    page = ada.page
    await expect(page.locator(f"[data-message='{last}']")).to_be_in_viewport(timeout=WAIT)
    search = page.get_by_role("button", name="Search in this room")
    await search.click()
    await page.keyboard.press("Escape")
    await expect(search).to_be_focused()
    found = page.locator("[data-message][aria-current=true]")
    for _ in range(2):
        await find(ada, "Search in this room", "eagle", "The eagle is ready.")
        await expect(found).to_be_in_viewport(timeout=WAIT)
        await expect(found).to_contain_text("The eagle is ready.")
        await page.wait_for_function(f"{FOCUSED} === '{first.id}'")
        await page.get_by_role("button", name="To the newest").click()
        await expect(page.locator(f"[data-message='{last}']")).to_be_in_viewport()
    await find(ada, "Search in this room", "falcon", "So is the falcon.")
    await expect(page.get_by_role("complementary", name="Thread").locator(found)).to_be_in_viewport(
        timeout=WAIT
    )
    await page.wait_for_function(f"{FOCUSED} === '{reply.id}'")
    await page.keyboard.press("Escape")
    await expect(found).to_have_count(0)
    assert ada.faults == []


async def test_after_a_long_absence_a_second_thread_checks_signatures(
    node: Node, browser: Browser, tmp_path: Path
) -> None:
    running = await node()
    ada = await set_up(browser, running)
    await make_keys(ada)
    await keep_code(ada)
    context = ada.page.context
    async with program_with_keys(running, "Cy", tmp_path) as cy:
        path = await make_room(ada, "New channel", "Plans", "Cy")
        room_id = path.rsplit("/", 1)[1]
        await joins(cy, room_id)
        await says(cy, room_id, "Soon you are away.")
        await expect(said(ada, "Soon you are away.")).to_be_visible(timeout=WAIT)
        await ada.page.close()
        # More than a page of the log.
        missed = await asyncio.gather(*(says(cy, room_id, f"Line {number}") for number in range(MISSED)))
    back = Console(await context.new_page(), running.url)
    threads: list[str] = []
    back.page.on("worker", lambda worker: threads.append(urlsplit(worker.url).path))
    await back.go(path)
    await expect(back.page.locator(f"[data-message='{missed[-1]}']")).to_be_in_viewport(timeout=WAIT)
    keepers = [each for each in threads if each.startswith("/assets/worker-")]
    assert len(keepers) == 2, threads
    assert len(set(keepers)) == 1, threads
    assert back.faults == []
