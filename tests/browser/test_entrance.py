"""Getting in: the set-up link, signing in, invitations, and being turned away."""

from collections.abc import Awaitable, Callable

from playwright.async_api import Browser, expect

from tests.browser.console import open_console, robot, set_up
from tests.nodes import RunningNode

Node = Callable[..., Awaitable[RunningNode]]


async def test_the_set_up_link_leads_to_a_first_board(node: Node, browser: Browser) -> None:
    ada = await set_up(browser, await node())
    await ada.page.get_by_role("button", name="Create your first project").click()
    await ada.page.get_by_label("Name").fill("Apollo")
    await ada.page.get_by_role("button", name="Create project").click()
    await ada.page.get_by_role("button", name="Add a task to To do").click()
    await ada.page.keyboard.type("Leave the atmosphere")
    await ada.page.keyboard.press("Enter")
    await ada.page.keyboard.type("Land")
    await ada.page.keyboard.press("Enter")
    await ada.page.keyboard.press("Escape")
    await expect(ada.column("todo")).to_have_text(["Leave the atmosphere", "Land"])
    await ada.live()
    await ada.page.reload()
    await expect(ada.column("todo")).to_have_text(["Leave the atmosphere", "Land"])
    assert ada.faults == []


async def test_the_set_up_link_works_once(node: Node, browser: Browser) -> None:
    running = await node()
    secret = await running.node.open_set_up()
    ada = await open_console(browser, running)
    await ada.register(f"/setup#{secret}", "Ada")
    mallory = await open_console(browser, running)
    await mallory.page.goto(f"{running.url}/setup#{secret}")
    await expect(mallory.page.get_by_role("heading", name="Already set up")).to_be_visible()


async def test_a_wrong_password_is_refused_in_words(node: Node, browser: Browser) -> None:
    running = await node()
    await set_up(browser, running)
    stranger = await open_console(browser, running)
    await stranger.sign_in("Ada", "wrong horse battery")
    await expect(stranger.page.get_by_role("alert")).to_contain_text("password")
    await expect(stranger.page.get_by_label("Password")).to_be_visible()
    await stranger.sign_in("Ada")
    await stranger.live()


async def test_signing_out_hides_the_pages_and_signing_in_returns_to_them(
    node: Node, browser: Browser
) -> None:
    ada = await set_up(browser, await node())
    await ada.go("/members")
    await ada.page.get_by_role("button", name="Ada").last.click()
    await ada.page.get_by_role("menuitem", name="Sign out").click()
    await expect(ada.page.get_by_role("heading", name="Sign in")).to_be_visible()
    await ada.page.goto(f"{ada.url}/settings")
    await expect(ada.page.get_by_role("heading", name="Sign in")).to_be_visible()
    await ada.page.get_by_label("Email").fill("ada@example.org")
    await ada.page.get_by_label("Password").fill("correct horse battery")
    await ada.page.get_by_role("button", name="Sign in").click()
    await expect(ada.page.get_by_role("heading", name="Settings")).to_be_visible()


async def test_an_invited_guest_sees_only_the_project(node: Node, browser: Browser) -> None:
    running = await node()
    ada = await set_up(browser, running)
    async with robot(running) as client:
        await client.do("project.create", name="Secret")
    await ada.go("/projects")
    await ada.page.get_by_role("button", name="New project").last.click()
    await ada.page.get_by_label("Name").fill("Apollo")
    await ada.page.get_by_role("button", name="Create project").click()
    await ada.page.get_by_role("link", name="Settings").click()
    await ada.page.get_by_role("button", name="Invite a guest").click()
    await ada.page.get_by_role("button", name="Make the link").click()
    link = await ada.page.get_by_label("Invitation link").input_value()
    guest = await open_console(browser, running)
    await guest.register(link[link.index("/invite#") :], "Gus")
    menu = guest.page.get_by_role("navigation", name="Main")
    await expect(menu.get_by_role("link", name="Apollo")).to_be_visible()
    await expect(guest.page.get_by_text("Secret")).to_have_count(0)
    await expect(guest.page.get_by_role("link", name="Members")).to_have_count(0)
