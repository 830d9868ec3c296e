"""Files of encrypted rooms on their way down: seen, given up, and there whole and verified or not at all."""

import hashlib
import math
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from random import Random

from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.console import Console
from tests.browser.keyholders import WAIT, make_room, open_from_menu, two_with_keys
from tests.browser.test_accessibility import Inspection
from tests.nodes import RunningNode, until

MIB = 2**20
OBJECTS = re.compile("/api/files/objects/[^/]+/content$")
SMALL, LARGE = 8 * MIB, 33 * MIB
"""Files for which nobody is asked for the place, and for which one is."""
CHUNK, SEALED_MORE = 65_536, 17
"""Bytes of a chunk, and how many more it has once it is encrypted."""
SLOW = {"offline": False, "latency": 0, "uploadThroughput": -1, "downloadThroughput": MIB // 4}
"""A line of so many bytes a second that one can watch a file come down, also where the machine is busy."""
PICK = """() => {
  window.picked = [];
  window.dismissed = false;
  window.showSaveFilePicker = async ({ suggestedName }) => {
    if (!navigator.userActivation.isActive) throw new DOMException("Not in a click.", "SecurityError");
    if (window.dismissed) throw new DOMException("The person has dismissed it.", "AbortError");
    window.picked.push(suggestedName);
    const folder = await navigator.storage.getDirectory();
    return folder.getFileHandle(suggestedName, { create: true });
  };
}"""
"""In place of the dialog, which a headless browser has not: a real file of the page's own file system."""
STORED = """async () => {
  const found = {};
  for await (const [name, handle] of (await navigator.storage.getDirectory()).entries()) {
    const bytes = await (await handle.getFile()).arrayBuffer();
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    found[name] = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }
  return found;
}"""
"""What is in that file system: digests by names."""
NAMES = "async () => Array.fromAsync((await navigator.storage.getDirectory()).keys())"
LEAVING = """() => {
  const event = new Event("beforeunload", { cancelable: true });
  window.dispatchEvent(event);
  return event.defaultPrevented;
}"""
"""Whether a person who closes the tab is warned."""


def content(folder: Path, size: int) -> Path:
    """A file that cannot be made smaller."""
    path = folder / "moon.bin"
    path.write_bytes(Random(size).randbytes(size))
    return path


async def shared(running: RunningNode, browser: Browser, path: Path) -> Console:
    """Bo, who looks at the files of an encrypted room, to which Ada has brought one."""
    ada, bo = await two_with_keys(running, browser)
    await make_room(ada, "New channel", "Plans", "Bo")
    await ada.page.get_by_role("link", name="Files", exact=True).click()
    await ada.page.locator("[data-pick=files]").first.set_input_files(path)
    await expect(ada.page.get_by_role("heading", name="1 file uploaded")).to_be_visible(timeout=WAIT)
    await ada.page.context.close()
    await open_from_menu(bo, "Plans")
    await bo.page.get_by_role("link", name="Files", exact=True).click()
    await expect(bo.page.locator("tr[data-file='moon.bin']")).to_be_visible(timeout=WAIT)
    return bo


async def download(page: Page) -> Locator:
    """Ask for the file. Returns its place in the tray."""
    row = page.locator("tr[data-file='moon.bin']")
    await row.get_by_role("button", name="Actions for moon.bin").click()
    await page.get_by_role("menuitem", name="Download").click()
    return page.locator("[data-download='moon.bin']")


@asynccontextmanager
async def coming(page: Page) -> AsyncIterator[Locator]:
    """Its place in the tray while it is on its way: seen how far, how fast and for how long yet."""
    session = await page.context.new_cdp_session(page)
    await session.send("Network.enable")
    # Not changed while something is on its way: what was held back would come in at once.
    await session.send("Network.emulateNetworkConditions", SLOW)
    entry = await download(page)
    await expect(entry).to_contain_text(
        re.compile(r"[1-9][\d.]* MiB of [\d.]+ MiB, [\d.]+ [KM]iB/s, (\d+ min )?\d+ s left"), timeout=WAIT
    )
    meter = entry.get_by_role("progressbar", name="Download of moon.bin")
    await expect(meter).to_have_attribute("aria-valuenow", re.compile("^[1-9]"))
    yield entry
    await session.detach()


async def is_empty(page: Page) -> bool:
    """Whether nothing is in the page's file system."""
    names: list[str] = await page.evaluate(NAMES)
    return not names


@contextmanager
def spoilt(folder: Path, size: int) -> Iterator[None]:
    """Have the server keep one byte, near the end of a file of that size, otherwise than it was brought."""
    sealed = size + SEALED_MORE * math.ceil(size / CHUNK)
    found = (each for each in folder.rglob("*") if each.is_file() and each.stat().st_size == sealed)
    (kept,) = found
    flip(kept)
    yield
    flip(kept)


def flip(kept: Path) -> None:
    """Change one bit; twice, and nothing is changed."""
    with kept.open("r+b") as file:
        file.seek(-20, os.SEEK_END)
        (byte,) = file.read(1)
        file.seek(-20, os.SEEK_END)
        file.write(bytes([byte ^ 1]))


async def test_a_file_is_seen_to_come_down_and_can_be_given_up(
    node: Callable[..., Awaitable[RunningNode]], browser: Browser, tmp_path: Path
) -> None:
    path = content(tmp_path, SMALL)
    bo = await shared(await node(), browser, path)
    page = bo.page
    inspection = Inspection()
    await page.evaluate(PICK)
    assert not await page.evaluate(LEAVING)
    async with coming(page) as entry:
        assert await page.evaluate(LEAVING)
        await inspection.look(bo, "a file that comes down")
        ended = page.expect_event("requestfailed", lambda each: bool(OBJECTS.search(each.url)), timeout=WAIT)
        async with ended:
            await entry.get_by_role("button", name="Cancel moon.bin").press("Enter")
        await expect(entry).to_have_count(0)
        assert not await page.evaluate(LEAVING)

    with spoilt(tmp_path, SMALL):
        entry = await download(page)
        await expect(page.get_by_role("heading", name="1 download failed")).to_be_visible(timeout=WAIT)
        await expect(entry).to_contain_text("not what was sent")
    await inspection.look(bo, "a file that was spoilt")
    async with page.expect_download(timeout=WAIT) as waiting:
        await entry.get_by_role("button", name="Try moon.bin again").click()
    got = await waiting.value
    assert got.suggested_filename == "moon.bin"
    assert (await got.path()).read_bytes() == path.read_bytes()
    await expect(page.get_by_role("heading", name="1 file downloaded")).to_be_visible()
    assert await page.evaluate("window.picked") == []
    assert not inspection.problems, "\n".join(inspection.problems)
    assert bo.faults == []


async def test_a_large_file_goes_where_the_person_wants_it_once_it_is_verified(
    node: Callable[..., Awaitable[RunningNode]], browser: Browser, tmp_path: Path
) -> None:
    path = content(tmp_path, LARGE)
    bo = await shared(await node(), browser, path)
    page = bo.page
    await page.evaluate(PICK)
    await page.evaluate("window.dismissed = true")
    entry = await download(page)
    await expect(page.locator("[role=menu]")).to_have_count(0)
    await expect(entry).to_have_count(0)
    await page.evaluate("window.dismissed = false")

    async with coming(page) as entry:
        assert (await page.evaluate(STORED))["moon.bin"] == hashlib.sha256().hexdigest()
        await entry.get_by_role("button", name="Cancel moon.bin").click()
        await expect(entry).to_have_count(0)
        await until(lambda: is_empty(page))

    with spoilt(tmp_path, LARGE):
        entry = await download(page)
        await expect(entry).to_contain_text("not what was sent", timeout=2 * WAIT)
    assert await page.evaluate(STORED) == {}
    await entry.get_by_role("button", name="Try moon.bin again").click()
    await expect(page.get_by_role("heading", name="1 file downloaded")).to_be_visible(timeout=2 * WAIT)
    assert await page.evaluate(STORED) == {"moon.bin": hashlib.sha256(path.read_bytes()).hexdigest()}
    assert await page.evaluate("window.picked") == ["moon.bin"] * 3
    assert bo.faults == []
