"""A Chromium for what runs in pages and their workers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from playwright.sync_api import Page, Route, sync_playwright

from bench import build, machine
from scripts import chromium

NOT_MEASURED = (
    # It takes a page put in a server's place for a stranger.
    "LocalNetworkAccessChecks",
    # These are pages of the browser's own, which would run beside the one that is measured.
    "SpareRendererForSitePerProcess",
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
)
"""What Chromium is to leave."""


UNSERVED = "http://localhost:9"
"""Where a page says that it is which no server has."""


@contextmanager
def page(profile: Path, site: str | None = None, core: int | None = None) -> Iterator[Page]:
    """An empty page of a server, or of none, with what was built below `/assets/`.

    What it keeps is in `profile`; it may use every core, or one.
    """
    mine = psutil.Process()
    before = mine.cpu_affinity()
    if core is not None:
        machine.pin(mine, core)
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=chromium.find(),
            # Chromium has no sandbox for root.
            args=["--no-sandbox", f"--disable-features={','.join(NOT_MEASURED)}"],
        )
        mine.cpu_affinity(before)
        if site is None:
            context.route(f"{UNSERVED}/**", _answer)
        [shown] = context.pages
        shown.goto(site or UNSERVED)
        yield shown
        context.close()


def renderers() -> list[psutil.Process]:
    """The processes in which pages and their workers run, without those of the browser's own."""
    return [each for each in psutil.Process().children(recursive=True) if _renders(each)]


def _renders(process: psutil.Process) -> bool:
    try:
        command = process.cmdline()
    except psutil.NoSuchProcess:
        # Chromium starts some that end at once.
        return False
    return "--type=renderer" in command and "--top-chrome-webui" not in command


def _answer(route: Route) -> None:
    folder, name = build.sealed_scripts(), urlsplit(route.request.url).path[1:]
    if name:
        route.fulfill(path=folder / name, content_type="text/javascript")
    else:
        route.fulfill(path=folder / "index.html", content_type="text/html")
