"""The console as its users meet it: pages of a real browser, and ways in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, ConsoleMessage, Locator, Page, expect

from protocol.roles import WorkspaceRole
from tests.nodes import RunningNode, StockClient
from ymera_client import Agent

PASSWORD = "correct horse battery"


class Console:
    """One browser window with the console in it, and what went wrong there."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.faults: list[str] = []
        self.code = ""
        """The recovery code, once it was kept."""
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    def _note(self, message: ConsoleMessage) -> None:
        # A refused or lost request is the browser's news, not a fault of the page.
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            self.faults.append(message.text)

    async def go(self, path: str) -> None:
        """Open an address and wait until the page is current."""
        await self.page.goto(f"{self.url}{path}")
        await self.live()

    async def live(self) -> None:
        """Wait until everything shown is current and everything asked is sent."""
        badge = self.page.locator("[data-connection=live][data-queued='0']")
        await expect(badge).to_be_attached(timeout=15_000)

    async def register(self, path: str, name: str) -> None:
        """Make an account with a set-up link or an invitation, as a person would."""
        await self.page.goto(f"{self.url}{path}")
        await self.page.get_by_label("Your name").fill(name)
        await self.page.get_by_label("Email").fill(address(name))
        await self.page.get_by_label("Password").fill(PASSWORD)
        await self.page.locator("form button[type=submit]").click()
        await self.live()

    async def sign_in(self, name: str, password: str = PASSWORD) -> None:
        """Fill in the sign-in form and send it."""
        await self.page.goto(f"{self.url}/signin")
        await self.page.get_by_label("Email").fill(address(name))
        await self.page.get_by_label("Password").fill(password)
        await self.page.get_by_role("button", name="Sign in").click()

    def card(self, title: str, column: str | None = None) -> Locator:
        """A task on the board, in one column if it is named."""
        scope = f"[data-column={column}] " if column else ""
        return self.page.locator(f"{scope}[data-task]", has_text=title)

    def column(self, status: str) -> Locator:
        """The titles in a column, from top to bottom."""
        return self.page.locator(f"[data-column={status}] [data-task]")


def address(name: str) -> str:
    """The address under which the tests register somebody."""
    return f"{name.lower()}@example.org"


async def open_console(browser: Browser, running: RunningNode, **context: Any) -> Console:
    """A window of a browser that has never been here."""
    fresh = await browser.new_context(viewport={"width": 1440, "height": 900}, **context)
    return Console(await fresh.new_page(), running.url)


async def set_up(browser: Browser, running: RunningNode, **context: Any) -> Console:
    """The first account of a fresh server, Ada's, made with the link that the server prints."""
    console = await open_console(browser, running, **context)
    secret = await running.node.open_set_up()
    await console.register(f"/setup#{secret}", "Ada")
    return console


@asynccontextmanager
async def robot(running: RunningNode) -> AsyncIterator[StockClient]:
    """A program that may do everything, for what a test only needs to be there."""
    _, token = await running.admit("Robot", WorkspaceRole.ADMIN)
    async with running.client(token) as client:
        yield client


async def project(client: StockClient, name: str, *titles: str) -> tuple[str, list[str]]:
    """A project with tasks to do, in this order: its id, and theirs."""
    created = await client.do("project.create", name=name)
    ids = [(await client.do("task.create", project_id=created["id"], title=title))["id"] for title in titles]
    return created["id"], ids


async def hire(client: StockClient, running: RunningNode, project_id: str) -> Agent:
    """An agent with access to a project, which has yet to learn something and to connect."""
    made = await client.do("agent.register", name="Scribe")
    await client.do("project.set_member", project_id=project_id, member_id=made["member"]["id"])
    return Agent(running.url, token=made["token"])
