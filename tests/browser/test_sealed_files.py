"""Pictures in encrypted rooms: made small and encrypted on one device, decrypted and shown on another."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Locator, Response, expect

from tests.browser.keyholders import WAIT, make_room, open_from_menu, two_with_keys
from tests.browser.test_accessibility import Inspection
from tests.nodes import RunningNode

WIDTH, HEIGHT = 1200, 600
COLOUR = (210, 40, 90)
SIZE = "image => image.decode().then(() => [image.naturalWidth, image.naturalHeight])"
MIDDLE = """image => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  return [...context.getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data.slice(0, 3)];
}"""


def picture(folder: Path) -> Path:
    """A picture of one colour, larger than any preview."""
    path = folder / "rocket.png"
    Image.new("RGB", (WIDTH, HEIGHT), COLOUR).save(path)
    return path


async def has_size(image: Locator, width: int, height: int) -> None:
    """The picture is one of the page's own, decoded, of this size, and shows what was put in."""
    await expect(image).to_have_attribute("src", re.compile("^blob:"), timeout=WAIT)
    assert await image.evaluate(SIZE) == [width, height]
    shown = await image.evaluate(MIDDLE)
    assert all(abs(one - other) < 12 for one, other in zip(shown, COLOUR, strict=True)), shown


async def test_a_picture_is_seen_by_another_and_not_by_the_server(
    node: Callable[..., Awaitable[RunningNode]], browser: Browser, tmp_path: Path
) -> None:
    running = await node()
    inspection = Inspection()
    ada, bo = await two_with_keys(running, browser)
    await make_room(ada, "New channel", "Plans", "Bo")
    fetched: list[Response] = []
    bo.page.on("response", lambda each: fetched.append(each) if "/api/files/" in each.url else None)
    await ada.page.locator("input[type=file]").first.set_input_files(picture(tmp_path))
    await expect(ada.page.locator("[data-attaching='rocket.png']")).to_contain_text("KiB", timeout=WAIT)
    await ada.page.get_by_label("Message Plans").fill("Our rocket")
    await ada.page.get_by_role("button", name="Send").click()

    await open_from_menu(bo, "Plans")
    message = bo.page.locator("[data-message]", has_text="Our rocket")
    await has_size(message.locator("img"), 320, 160)
    await inspection.look(bo, "a picture in a message")
    await bo.page.get_by_role("link", name="Files", exact=True).click()
    row = bo.page.locator("tr[data-file='rocket.png']")
    await bo.page.locator("tr[data-folder='Attachments']").get_by_role("button").first.click(timeout=WAIT)
    await has_size(row.locator("img"), 320, 160)
    await row.get_by_role("button", name="rocket.png", exact=True).click()
    panel = bo.page.get_by_role("complementary", name="File")
    await has_size(panel.get_by_role("img", name="Content of rocket.png"), WIDTH, HEIGHT)
    bodies = [await each.body() for each in fetched if each.ok]
    assert len(bodies) >= 2
    assert not any(b"PNG" in body or b"WEBP" in body for body in bodies)
    stored = [each.read_bytes() for each in tmp_path.rglob("*") if each.is_file() and each.suffix != ".png"]
    assert stored
    assert not any(b"IHDR" in each or b"WEBPVP8" in each for each in stored)
    assert not inspection.problems, "\n".join(inspection.problems)
    assert ada.faults + bo.faults == []
