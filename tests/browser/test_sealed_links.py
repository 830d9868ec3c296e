"""Links into encrypted rooms, opened where one is not yet: signed out, or on a device without keys."""

import re
from collections.abc import Awaitable, Callable

from playwright.async_api import Browser, expect

from tests.browser.console import PASSWORD, Console, address, open_console
from tests.browser.keyholders import WAIT, compare, make_room, two_with_keys
from tests.browser.test_accessibility import Inspection
from tests.browser.test_files import drop, open_file, row
from tests.nodes import RunningNode

Node = Callable[..., Awaitable[RunningNode]]


async def invite_by_link(console: Console) -> str:
    """Make a link into the room that is open."""
    page = console.page
    await page.get_by_role("button", name="members, and settings").click()
    await page.get_by_role("button", name="Invite by link").click()
    await page.get_by_role("button", name="Make the link").click()
    return await page.get_by_label("Invitation link").input_value(timeout=WAIT)


async def test_an_invitation_tells_the_server_nothing_of_its_secret(node: Node, browser: Browser) -> None:
    running = await node()
    ada, bo = await two_with_keys(running, browser)
    await make_room(ada, "New channel", "Plans")
    link = await invite_by_link(ada)
    secret = link.split("#")[1]
    await ada.page.context.set_offline(True)

    page = bo.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.split("#")[0] + (request.post_data or "")))
    await page.context.clear_cookies()
    await page.goto(link)
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await page.reload()
    await page.get_by_label("Email").fill(address("Bo"))
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("button", name="Ask to come in").click(timeout=WAIT)
    waiting = page.get_by_role("heading", name="You have asked to come in")
    await expect(waiting).to_be_visible(timeout=WAIT)
    assert secret not in page.url
    await page.reload()
    await expect(waiting).to_be_visible(timeout=WAIT)
    assert len(asked) > 2
    assert not [each for each in asked if secret in each]

    await ada.page.context.set_offline(False)
    await expect(page.get_by_role("heading", name="Plans", level=1)).to_be_visible(timeout=WAIT)
    assert bo.faults == []


async def test_a_file_of_an_encrypted_room_opens_once_its_device_may_read_it(
    node: Node, browser: Browser
) -> None:
    running = await node()
    inspection = Inspection()
    ada, bo = await two_with_keys(running, browser)
    path = await make_room(ada, "New channel", "Plans", "Bo")
    await ada.go(f"{path}/files")
    await drop(ada.page, ("rocks.csv", "rock,mass\nbasalt,3\n"))
    await expect(row(ada.page, "rocks.csv")).to_be_visible(timeout=WAIT)
    await ada.live()
    panel = await open_file(ada.page, "rocks.csv")
    await panel.get_by_role("button", name="Open as a page").click()
    await expect(ada.page).to_have_url(re.compile("/files/[^/]+$"))
    link = ada.page.url.removeprefix(ada.url)

    second = await open_console(browser, running)
    await second.sign_in("Bo")
    await second.live()
    await second.go(link)
    await expect(second.page.get_by_role("heading", name="Bring this device in")).to_be_visible(timeout=WAIT)
    await expect(second.page.get_by_text("If it lies in an encrypted room")).to_be_visible()
    await inspection.look(second, "a file that cannot be read yet")
    await second.page.get_by_role("button", name="Compare eight digits").click()
    await compare(second, bo)
    await expect(second.page.get_by_role("heading", name="rocks.csv", level=1)).to_be_visible(timeout=WAIT)

    await second.go(f"{link[:-4]}0000")
    await expect(second.page.get_by_role("heading", name="There is no such file")).to_be_visible(timeout=WAIT)
    assert not inspection.problems, "\n".join(inspection.problems)
    assert ada.faults + bo.faults + second.faults == []
