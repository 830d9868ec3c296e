"""Files in the console: dropped, paused, compared, restored, found, looked at, attached."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Locator, Page, Route, expect

from tests.browser.console import Console, project, robot, set_up
from tests.browser.test_accessibility import Inspection
from tests.nodes import RunningNode

Node = Callable[..., Awaitable[RunningNode]]

READ = 20_000
"""Milliseconds in which a file is read, with the start of the process that does it."""
DROP = """(target, files) => {
  const data = new DataTransfer();
  for (const [name, text] of files) data.items.add(new File([text], name));
  for (const type of ["dragenter", "dragover", "drop"])
    target.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
}"""
PASTE = """(target, [name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name));
  target.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


@asynccontextmanager
async def stage(running: RunningNode, browser: Browser, **context: Any) -> AsyncIterator[tuple[Console, str]]:
    """Ada, who manages a project, before its files; and the project's id."""
    ada = await set_up(browser, running, **context)
    async with robot(running) as client:
        project_id, _ = await project(client, "Apollo", "Land")
        me = (await client.do("member.list", query="Ada"))["items"][0]["id"]
        await client.do("project.set_member", project_id=project_id, member_id=me, role="manager")
    await ada.go(f"/projects/{project_id}/files")
    yield ada, project_id


async def drop(page: Page, *files: tuple[str, str]) -> None:
    """Drop files on the page's list."""
    await page.get_by_role("region", name="Files").evaluate(DROP, [list(file) for file in files])


def row(page: Page, name: str) -> Locator:
    """A file's or folder's row."""
    return page.locator(f"tr[data-file='{name}'], tr[data-folder='{name}']")


def upload(page: Page, name: str) -> Locator:
    """A file in the upload tray."""
    return page.locator(f"[data-upload='{name}']")


async def open_file(page: Page, name: str) -> Locator:
    """Open a file beside the list."""
    await row(page, name).get_by_role("button", name=name, exact=True).click()
    return page.get_by_role("complementary", name="File")


async def test_dropped_files_are_there_and_a_taken_name_makes_a_version(node: Node, browser: Browser) -> None:
    async with stage(await node(analysis_workers=1), browser) as (ada, _):
        page = ada.page
        await expect(page.get_by_role("heading", name="No files yet")).to_be_visible()
        await drop(page, ("plan.txt", "one\ntwo\nthree\n"), ("notes.md", "# Notes"))
        await expect(row(page, "plan.txt")).to_be_visible()
        await expect(page.get_by_role("heading", name="2 files uploaded")).to_be_visible()
        await drop(page, ("plan.txt", "one\n2\nthree\n"))
        await expect(upload(page, "plan.txt").last).to_contain_text("Version 2")

        panel = await open_file(page, "plan.txt")
        text = panel.get_by_role("group", name="Text of plan.txt")
        await expect(text).to_contain_text("one 2 three", timeout=READ)
        await panel.get_by_role("button", name="Versions 2").click()
        await panel.get_by_role("button", name="Compare versions").click()
        lines = page.get_by_role("dialog").get_by_role("group", name="Differences")
        await expect(lines).to_contain_text("Removed: two")
        await expect(lines).to_contain_text("Added: 2")
        await page.keyboard.press("Escape")
        await panel.get_by_role("button", name="Actions for version 1").click()
        await page.get_by_role("menuitem", name="Restore").click()
        await expect(panel.get_by_role("list", name="Versions")).to_contain_text("from version 1")
        await panel.get_by_role("button", name="Preview").click()
        await expect(text).to_contain_text("one two three", timeout=READ)
        assert ada.faults == []


async def test_a_paused_upload_waits_and_goes_on(node: Node, browser: Browser, tmp_path: Path) -> None:
    async with stage(await node(), browser) as (ada, _):
        page = ada.page
        large = tmp_path / "large.bin"
        with large.open("wb") as file:
            file.truncate(10 * 2**20)
        pieces, held, go_on = 0, asyncio.Event(), asyncio.Event()

        async def hold_second(route: Route) -> None:
            """Keep the second piece back until the upload has been paused."""
            nonlocal pieces
            pieces += route.request.method == "PATCH"
            if pieces == 2 and not held.is_set():
                held.set()
                await go_on.wait()
            await route.continue_()

        await page.route("**/api/files/uploads/*", hold_second)
        entry = upload(page, "large.bin")
        await page.locator("[data-pick=files]").first.set_input_files(large)
        await asyncio.wait_for(held.wait(), READ / 1000)
        await entry.get_by_role("button", name="Pause large.bin").click()
        await expect(entry).to_contain_text("Paused at 80 %")
        go_on.set()
        await page.get_by_role("link", name="Tasks", exact=True).click()
        await expect(entry).to_contain_text("Paused at 80 %")
        assert pieces == 2
        await entry.get_by_role("button", name="Resume large.bin").click()
        await expect(page.get_by_role("heading", name="1 file uploaded")).to_be_visible(timeout=READ)
        await page.get_by_role("link", name="Files", exact=True).click()
        await expect(row(page, "large.bin")).to_contain_text("10.0 MiB")
        assert ada.faults == []


async def test_files_are_found_by_what_they_say(node: Node, browser: Browser) -> None:
    async with stage(await node(analysis_workers=1), browser) as (ada, _):
        page = ada.page
        await drop(page, ("lunar.txt", "The <b>eagle</b> has landed."), ("solar.txt", "Nothing here."))
        await expect(row(page, "solar.txt")).to_be_visible()
        await expect(row(page, "lunar.txt").get_by_text("Reading")).to_have_count(0, timeout=READ)
        await page.get_by_label("Search files").fill("eagle")
        found = page.get_by_role("region", name="Found in texts")
        await expect(found.locator("mark")).to_have_text("eagle")
        await expect(found.locator("b")).to_have_count(0)
        await found.get_by_role("button", name="lunar.txt").click()
        await expect(page.get_by_role("complementary", name="File")).to_contain_text("has landed")
        await page.get_by_label("Search files").fill("sol")
        await expect(row(page, "solar.txt")).to_be_visible()
        await expect(row(page, "lunar.txt")).to_have_count(0)
        await page.reload()
        await expect(row(page, "solar.txt")).to_be_visible()
        assert ada.faults == []


async def test_a_deleted_file_comes_back_by_undo_and_from_the_trash(node: Node, browser: Browser) -> None:
    async with stage(await node(), browser) as (ada, _):
        page = ada.page
        await drop(page, ("plan.txt", "one"))
        for back in ("undo", "trash"):
            await row(page, "plan.txt").get_by_role("button", name="Actions for plan.txt").click()
            await page.get_by_role("menuitem", name="Delete").click()
            await expect(row(page, "plan.txt")).to_have_count(0)
            if back == "undo":
                await page.get_by_role("button", name="Undo", exact=True).click()
            else:
                await page.get_by_role("button", name="Trash").click()
                await expect(page.get_by_role("list", name="Trash")).to_contain_text("gone in 30 days")
                await page.get_by_role("button", name="Restore plan.txt").click()
                await expect(page.get_by_role("heading", name="The trash is empty")).to_be_visible()
                await page.get_by_role("button", name="Trash").click()
            await expect(row(page, "plan.txt")).to_be_visible()
        assert ada.faults == []


async def test_files_are_attached_to_messages_and_tasks(node: Node, browser: Browser) -> None:
    async with stage(await node(analysis_workers=1), browser) as (ada, project_id):
        page = ada.page
        await page.get_by_role("link", name="Talk").click()
        box = page.get_by_label("Message Apollo")
        await box.evaluate(PASTE, ["idea.txt", "An idea"])
        await expect(page.locator("[data-attaching='idea.txt']")).to_contain_text("7 B")
        await page.get_by_role("button", name="Send").click()
        message = page.locator("[data-message]")
        await expect(message.get_by_role("link", name="idea.txt")).to_be_visible()
        async with page.expect_download() as downloading:
            await message.get_by_role("button", name="Download idea.txt").click()
        downloaded = await (await downloading.value).path()
        assert downloaded.read_text() == "An idea"
        await message.get_by_role("link", name="idea.txt").click()
        await expect(page.get_by_role("heading", name="idea.txt")).to_be_visible()
        await expect(page.get_by_role("group", name="Text of idea.txt")).to_contain_text(
            "An idea", timeout=READ
        )

        await ada.go(f"/projects/{project_id}")
        await ada.card("Land").click()
        files = page.get_by_role("complementary", name="Task").get_by_role("region", name="Files")
        await files.evaluate(DROP, [["map.txt", "here"]])
        await expect(files.get_by_role("link", name="map.txt")).to_be_visible()
        assert ada.faults == []


async def test_folders_are_gone_through_by_keyboard(node: Node, browser: Browser, tmp_path: Path) -> None:
    async with stage(await node(analysis_workers=1), browser) as (ada, _):
        page = ada.page
        folder = tmp_path / "reports"
        (folder / "2026").mkdir(parents=True)
        (folder / "2026/may.txt").write_text("May")
        (folder / "all.txt").write_text("All")
        await page.locator("[data-pick=folder]").first.set_input_files(folder)
        await expect(row(page, "reports")).to_contain_text("2 files")
        await page.get_by_role("button", name="reports, folder").focus()
        await page.keyboard.press("Enter")
        await expect(row(page, "2026")).to_be_visible()
        await page.get_by_role("button", name="2026, folder").focus()
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        panel = page.get_by_role("complementary", name="File")
        await expect(panel).to_contain_text("All", timeout=READ)
        await page.keyboard.press("Escape")
        await expect(panel).to_have_count(0)
        await page.go_back()
        await page.get_by_role("navigation", name="Folder").get_by_role("button", name="Files").click()
        await expect(row(page, "reports")).to_be_visible()
        assert ada.faults == []


async def test_files_are_accessible(node: Node, browser: Browser) -> None:
    async with stage(await node(analysis_workers=1), browser) as (ada, _):
        page, inspection = ada.page, Inspection()
        await inspection.look(ada, "no files")
        await drop(
            page, ("plan.txt", "one two three\n" * 30), ("prices.csv", "what,price\nbread,3\nmilk,2\n")
        )
        await expect(row(page, "prices.csv")).to_be_visible()
        await expect(page.get_by_text("Reading", exact=True)).to_have_count(0, timeout=READ)
        await drop(page, ("plan.txt", "one two\n" * 30))
        await expect(upload(page, "plan.txt").last).to_contain_text("Version 2")
        panel = await open_file(page, "prices.csv")
        await expect(panel.get_by_role("columnheader", name="price")).to_be_visible()
        await inspection.look(ada, "table")
        await panel.get_by_role("button", name="Close the file").click()
        await open_file(page, "plan.txt")
        for tab in ("Details", "Versions 2", "Access"):
            await panel.get_by_role("button", name=tab).click()
            await inspection.look(ada, tab)
        await panel.get_by_role("button", name="Give access").click()
        await inspection.look(ada, "granting")
        await page.keyboard.press("Escape")
        await panel.get_by_role("button", name="Versions 2").click()
        await panel.get_by_role("button", name="Compare versions").click()
        await expect(page.get_by_role("group", name="Differences")).to_be_visible()
        await inspection.look(ada, "comparison")
        assert not inspection.problems, "\n".join(inspection.problems)
        assert ada.faults == []
