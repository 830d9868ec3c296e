"""What somebody sees who opens the address of a server in a browser."""

from collections.abc import Awaitable, Callable

from playwright.async_api import Browser, ConsoleMessage

from tests.nodes import RunningNode


async def test_a_stranger_is_asked_to_sign_in_and_nothing_is_blocked(
    node: Callable[..., Awaitable[RunningNode]], browser: Browser
) -> None:
    running = await node()
    await running.admit("Ada")
    page = await browser.new_page()
    faults: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # The console asks whether there is a session; that there is none is its answer, not a fault.
        if message.type in {"error", "warning"} and "401" not in message.text:
            faults.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: faults.append(str(error)))
    await page.goto(running.url)
    await page.get_by_label("Password").wait_for()
    assert await page.get_by_role("button", name="Sign in").is_visible()
    assert faults == []
