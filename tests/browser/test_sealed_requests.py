"""Those who have answered a link into an encrypted room that is made in no browser that is open."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from playwright.async_api import Browser, expect

from tests.browser.console import robot, set_up
from tests.browser.keyholders import WAIT, keep_code, make_keys, open_from_menu, program_with_keys
from tests.browser.test_accessibility import Inspection
from tests.nodes import RunningNode
from ymera_client.generated import Form

Node = Callable[..., Awaitable[RunningNode]]


async def test_who_has_answered_a_link_made_elsewhere_is_added_by_hand_or_dismissed(
    node: Node, browser: Browser, tmp_path: Path
) -> None:
    running = await node()
    inspection = Inspection()
    ada = await set_up(browser, running)
    await make_keys(ada)
    await keep_code(ada)
    async with robot(running) as client:
        me = (await client.do("member.list", query="Ada"))["items"][0]["id"]
    async with program_with_keys(running, "Cy", folder(tmp_path, "Cy")) as cy:
        room_id = await cy.sealed.create_room(form=Form.CONVERSATION, name="Guests", members={me: "admin"})
        link = await cy.sealed.invite(room_id, uses=2)
    for name in ("Di", "Ed"):
        async with program_with_keys(running, name, folder(tmp_path, name)) as guest:
            assert await guest.sealed.accept_invite(link) == room_id

    await open_from_menu(ada, "Guests")
    page = ada.page
    await page.get_by_role("button", name="members, and settings").click()
    waiting = page.get_by_role("list", name="Waiting to be added").get_by_role("listitem")
    await expect(waiting).to_have_count(2, timeout=WAIT)
    await expect(waiting.first).to_contain_text(
        "as soon as the browser is open in which its link was made", timeout=WAIT
    )
    await inspection.look(ada, "requests to be added")
    await page.get_by_role("button", name="Add Di as…").click()
    dialog = page.get_by_role("dialog", name="Add Di?")
    await dialog.get_by_label("Role").select_option("reader")
    await dialog.get_by_role("button", name="Add", exact=True).click()
    added = page.locator("[data-member=Di]")
    await expect(added).to_contain_text("Reader", timeout=WAIT)
    await expect(added).to_contain_text("Not verified")
    await expect(dialog).to_have_count(0, timeout=WAIT)
    await expect(waiting).to_have_count(1)
    await page.get_by_role("button", name="Dismiss the request of Ed").click()
    await expect(waiting).to_have_count(0, timeout=WAIT)
    await expect(page.locator("[data-member=Ed]")).to_have_count(0)
    assert not inspection.problems, "\n".join(inspection.problems)
    assert ada.faults == []


def folder(parent: Path, name: str) -> Path:
    """Where a program keeps its keys."""
    own = parent / name
    own.mkdir()
    return own
