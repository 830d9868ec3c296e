"""People with keys in consoles, and the encrypted rooms that they make."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Locator, expect

from protocol.roles import WorkspaceRole
from tests.browser.console import Console, open_console, robot, set_up
from tests.nodes import PATIENCE, RunningNode
from ymera_client import Client, KeyStore

KEYS = "/settings/encryption"
WAIT = PATIENCE * 1_000
"""Milliseconds for what takes two devices and the server between them."""


async def two_with_keys(running: RunningNode, browser: Browser) -> tuple[Console, Console]:
    """Ada, who has kept her recovery code, and Bo, who has put that off."""
    ada = await set_up(browser, running)
    async with robot(running) as client:
        invited = await client.do("invitation.create", role="member")
    bo = await open_console(browser, running)
    await bo.register(f"/invite#{invited['secret']}", "Bo")
    for console in (ada, bo):
        await make_keys(console)
    await keep_code(ada)
    return ada, bo


async def make_keys(console: Console) -> None:
    """Make an identity; its recovery code is in sight then."""
    await console.go(KEYS)
    await console.page.get_by_role("button", name="Make my keys").click()
    await expect(console.page.locator("[data-recovery-code]")).to_be_visible(timeout=WAIT)
    await expect(console.page.get_by_role("heading", name="Your recovery code")).to_be_focused()


async def keep_code(console: Console) -> str:
    """Type the recovery code back, once wrongly. Returns it."""
    page = console.page
    code = await page.locator("[data-recovery-code]").get_attribute("data-recovery-code") or ""
    console.code = code
    await page.get_by_role("button", name="I have kept it").click()
    typed = page.get_by_label("Type the code back")
    await typed.fill("0" * 32)
    await page.get_by_role("button", name="Confirm", exact=True).click()
    await expect(page.get_by_role("alert").first).to_be_visible(timeout=WAIT)
    await typed.fill(code.replace("-", " ").lower())
    await page.get_by_role("button", name="Confirm", exact=True).click()
    await expect(page.get_by_text("You have it. It cannot be shown again.")).to_be_visible(timeout=WAIT)
    return code


async def make_room(console: Console, button: str, name: str, *members: str) -> str:
    """Make an encrypted room with more members, who read all of it. Returns its path."""
    page = console.page
    await page.get_by_role("button", name=button).first.click()
    await page.get_by_role("radio", name="Encrypted").check()
    await page.get_by_label("Name").fill(name)
    for member in members:
        await page.get_by_role("group", name="Members").get_by_role("button", name="Add").click()
        await page.get_by_role("option", name=member).click()
        await page.keyboard.press("Escape")
    await page.get_by_label("Newcomers read").select_option("shared")
    await page.get_by_role("button", name=re.compile("^Create encrypted")).click()
    await expect(page.get_by_role("heading", name=name, level=1)).to_be_visible(timeout=WAIT)
    return page.url.removeprefix(console.url).split("?")[0]


async def open_from_menu(console: Console, name: str) -> None:
    """Go to a room by its name in the menu, which has to be decrypted first."""
    link = console.page.get_by_role("navigation", name="Main").get_by_role("link", name=name)
    await expect(link).to_be_visible(timeout=WAIT)
    await link.click()


async def show_digits(asking: Console, asked: Console) -> None:
    """Go on with a pairing where it is asked for, until both show the same eight digits."""
    await asked.page.get_by_role("button", name="Go on").click(timeout=WAIT)
    shown = [each.page.locator("[data-digits]") for each in (asking, asked)]
    for digits in shown:
        await expect(digits).to_be_visible(timeout=WAIT)
    one, other = [await digits.get_attribute("data-digits") for digits in shown]
    assert one == other


async def compare(asking: Console, asked: Console) -> None:
    """Go on with a pairing where it is asked for, and say at both that the eight digits are the same."""
    await show_digits(asking, asked)
    for each in (asking, asked):
        await each.page.get_by_role("button", name="They are the same").click()
    for each in (asking, asked):
        await each.page.get_by_role("button", name="Done", exact=True).click(timeout=WAIT)


def said(console: Console, text: str) -> Locator:
    """A message."""
    return console.page.locator("[data-message]", has_text=text)


@asynccontextmanager
async def program_with_keys(running: RunningNode, name: str, folder: Path) -> AsyncIterator[Client]:
    """A member with keys who is there by a program, for what a test only needs to be said."""
    _, token = await running.admit(name, WorkspaceRole.MEMBER)
    keys = KeyStore(folder / "keys.db", key_file=folder / "keys.key")
    async with Client(running.url, token=token, keys=keys) as client:
        await client.sealed.wait_for(lambda sealed: sealed.status.state == "none", PATIENCE)
        await client.sealed.begin()
        yield client
