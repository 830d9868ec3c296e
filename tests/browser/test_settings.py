"""Settings: the life of a project, members' roles, sessions and programs' tokens."""

from collections.abc import Awaitable, Callable

from playwright.async_api import Browser, expect

from protocol.roles import WorkspaceRole
from tests.browser.console import PASSWORD, open_console, project, robot, set_up
from tests.nodes import RunningNode

Node = Callable[..., Awaitable[RunningNode]]


async def test_a_project_is_archived_deleted_and_restored(node: Node, browser: Browser) -> None:
    running = await node()
    ada = await set_up(browser, running)
    async with robot(running) as client:
        project_id, _ = await project(client, "Apollo", "Land")
    page = ada.page
    await ada.go(f"/projects/{project_id}/settings")
    await page.get_by_role("button", name="Archive").click()
    await expect(page.get_by_text("An archived project can be read, not changed.")).to_be_visible()
    await page.get_by_role("link", name="Tasks").click()
    await expect(ada.column("todo")).to_have_text(["Land"])
    await expect(page.get_by_role("button", name="Add a task to To do")).to_have_count(0)
    await page.get_by_role("link", name="Settings", exact=True).click()
    await page.get_by_role("button", name="Delete project…").click()
    await page.get_by_role("button", name="Delete project", exact=True).click()
    await expect(page.get_by_text("No projects yet")).to_be_visible()
    await page.get_by_label("State").select_option("deleted")
    await page.get_by_role("button", name="Restore").click()
    await expect(page.get_by_text("Nothing is deleted")).to_be_visible()
    await page.get_by_label("State").select_option("archived")
    await expect(page.get_by_role("main").get_by_role("link", name="Apollo")).to_be_visible()
    assert ada.faults == []


async def test_a_role_is_changed_and_a_member_removed(node: Node, browser: Browser) -> None:
    running = await node()
    ada = await set_up(browser, running)
    grace, _ = await running.admit("Grace", WorkspaceRole.MEMBER)
    await ada.go("/members")
    row = ada.page.get_by_role("listitem").filter(has_text="Grace")
    await row.get_by_role("button", name="Manage Grace").click()
    await ada.page.get_by_role("menuitemradio", name="Admin").click()
    await expect(row.get_by_text("Admin")).to_be_visible()
    await ada.live()
    async with robot(running) as client:
        assert (await client.do("member.get", member_id=grace.id))["role"] == "admin"
    await row.get_by_role("button", name="Manage Grace").click()
    await ada.page.get_by_role("menuitem", name="Remove…").click()
    await ada.page.get_by_role("button", name="Remove member").click()
    await expect(row).to_have_count(0)


async def test_another_session_is_ended(node: Node, browser: Browser) -> None:
    running = await node()
    ada = await set_up(browser, running)
    elsewhere = await open_console(browser, running)
    await elsewhere.sign_in("Ada")
    await elsewhere.live()
    await ada.go("/settings")
    await ada.page.get_by_role("button", name="End", exact=True).click()
    await expect(ada.page.get_by_role("button", name="End", exact=True)).to_have_count(0)
    await expect(elsewhere.page.get_by_role("heading", name="Sign in")).to_be_visible()


async def test_a_changed_password_is_the_one_that_counts(node: Node, browser: Browser) -> None:
    running = await node()
    ada = await set_up(browser, running)
    elsewhere = await open_console(browser, running)
    await elsewhere.sign_in("Ada")
    await elsewhere.live()
    await ada.go("/settings")
    page = ada.page
    await page.get_by_label("Current password").fill("not the password")
    await page.get_by_label("New password").fill("another long one")
    await page.get_by_role("button", name="Change password").click()
    await expect(page.get_by_text("The current password is wrong.")).to_be_visible()
    await page.get_by_label("Current password").fill(PASSWORD)
    await page.get_by_role("button", name="Change password").click()
    await expect(page.get_by_text("Password changed", exact=True)).to_be_visible()
    await expect(elsewhere.page.get_by_role("heading", name="Sign in")).to_be_visible()
    await ada.live()


async def test_a_tokens_secret_is_shown_once_and_works(node: Node, browser: Browser) -> None:
    running = await node()
    ada = await set_up(browser, running)
    await ada.go("/settings")
    await ada.page.get_by_role("button", name="New token").click()
    await ada.page.get_by_role("dialog").get_by_label("Name").fill("Nightly")
    await ada.page.get_by_role("button", name="Make the token").click()
    secret = await ada.page.get_by_label("Token “Nightly”").input_value()
    async with running.client(secret) as client:
        assert (await client.do("workspace.get"))["me"]["name"] == "Ada"
    await ada.page.get_by_role("button", name="Done").click()
    await ada.page.reload()
    await expect(ada.page.get_by_text("Nightly")).to_be_visible()
    assert secret not in await ada.page.content()
    await ada.page.get_by_role("button", name="Revoke").click()
    await expect(ada.page.get_by_text("No tokens.")).to_be_visible()


async def test_a_phone_shows_the_whole_board_by_scrolling_it_alone(node: Node, browser: Browser) -> None:
    running = await node()
    ada = await set_up(browser, running)
    async with robot(running) as client:
        project_id, _ = await project(client, "Apollo", "Land")
    phone = await open_console(browser, running, is_mobile=True, has_touch=True)
    await phone.page.set_viewport_size({"width": 390, "height": 844})
    await phone.sign_in("Ada")
    await phone.live()
    await phone.go(f"/projects/{project_id}")
    await expect(phone.column("todo")).to_have_text(["Land"])
    assert await phone.page.evaluate("() => [innerWidth, document.documentElement.scrollWidth]") == [390, 390]
    await phone.page.get_by_role("button", name="Open the menu").click()
    await phone.page.get_by_role("link", name="Inbox").click()
    await expect(phone.page.get_by_role("heading", name="Inbox")).to_be_visible()
    assert ada.faults + phone.faults == []
