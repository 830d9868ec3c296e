"""A Chromium for what runs in pages and their workers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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


@contextmanager
def page(site: str, profile: Path, core: int) -> Iterator[Page]:
    """An empty page of a site, with what was built below `/bench/`; what it keeps is in `profile`."""
    mine = psutil.Process()
    before = mine.cpu_affinity()
    machine.pin(mine, core)
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=chromium.find(),
            # Chromium has no sandbox for root.
            args=["--no-sandbox", f"--disable-features={','.join(NOT_MEASURED)}"],
        )
        mine.cpu_affinity(before)
        context.route(f"{site}/bench/*", _answer)
        [shown] = context.pages
        shown.goto(f"{site}/bench/page")
        yield shown
        context.close()


def renderers() -> list[psutil.Process]:
    """The processes in which pages and their workers run, without those of the browser's own."""
    children = psutil.Process().children(recursive=True)
    commands = [(each, each.cmdline()) for each in children]
    return [
        each
        for each, command in commands
        if "--type=renderer" in command and "--top-chrome-webui" not in command
    ]


def _answer(route: Route) -> None:
    script = build.sealed_scripts() / route.request.url.rpartition("/")[2]
    if script.suffix:
        route.fulfill(path=script, content_type="text/javascript")
    else:
        route.fulfill(content_type="text/html", body="<!doctype html>")
